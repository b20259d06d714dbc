"""What can be wrong with the meaning of a scoring plan."""

from survey_app.questionnaire.catalogue.entry import Entry, error, warning

_NAME = "请改成已有的名称。", "Use a name that exists."

PLAN: dict[str, Entry] = {
    "unknown_questionnaire": error(
        "没有找到问卷“{name}”。{hint_zh}", "The questionnaire “{name}” was not found.{hint_en}", *_NAME
    ),
    "no_questionnaire": error(
        "没有找到人群为 {audience} 的问卷。",
        "No questionnaire with the audience {audience} was found.",
        "请把问卷放在同一文件夹，或用 --questionnaires 指出所在文件夹。",
        "Put it into the same folder, or name its folder with --questionnaires.",
    ),
    "audience_differs": error(
        "问卷“{name}”的人群是 {got}，指标的人群是 {expected}；三类人群不合并计算。",
        "The audience of “{name}” is {got}, that of the indicator {expected}; audiences are never pooled.",
        "请改成同一人群的问卷。",
        "Name a questionnaire of the same audience.",
    ),
    "duplicate_indicator": error(
        "指标“{name}”出现了两次。", "The indicator “{name}” stands twice.", "请改名。", "Rename one."
    ),
    "weights_not_one": error(
        "各部分权重之和是 {total}，应为 1。",
        "The weights of the parts sum to {total} instead of 1.",
        "请调整权重。",
        "Adjust the weights.",
    ),
    "full_marks_missing": error(
        "建议分指标“{name}”没有满分。",
        "The suggested indicator “{name}” has no full marks.",
        '请写 "full_marks"，或改为 "role": "reference"。',
        'Give "full_marks", or make it "role": "reference".',
    ),
    "levels_with_strata": error(
        "levels 与 strata 不能同时用。",
        "levels and strata cannot stand together.",
        "请只留一个。",
        "Keep one of them.",
    ),
    "levels_need_departments": error(
        "按部门分层平均只用于相关部门，这里的人群是 {audience}。",
        "Averaging by department is for related departments; the audience here is {audience}.",
        '请去掉 "levels"。',
        'Remove "levels".',
    ),
    "levels_order": error(
        "levels 应先 department 后 response。",
        "levels must be department, then response.",
        "请按这个顺序写两层。",
        "Write the two levels in this order.",
    ),
    "part_twice": error("“{name}”出现了两次。", "“{name}” stands twice among the parts.", "请合并。", "Merge them."),
    "item_counted_twice": warning(
        "题目“{name}”单独计一次，又在它的维度里计一次。",
        "The item “{name}” counts by itself and again in its dimension.",
        "请去掉一处，除非确有此意。",
        "Remove one of them, unless it is meant.",
    ),
    "dimension_not_in": error(
        "问卷“{other}”没有维度“{name}”。{hint_zh}",
        "The questionnaire “{other}” has no dimension “{name}”.{hint_en}",
        *_NAME,
    ),
    "dimension_without_items": error(
        "问卷“{other}”的维度“{name}”没有计分题。",
        "The dimension “{name}” of “{other}” has no scored items.",
        "请给它加题，或改用别的维度。",
        "Give it items, or use another dimension.",
    ),
    "item_not_in": error(
        "问卷“{other}”没有题目“{name}”。{hint_zh}",
        "The questionnaire “{other}” has no item “{name}”.{hint_en}",
        *_NAME,
    ),
    "part_not_scored": error(
        '题目“{name}”的用途是 "{use}"，不计分。',
        'The use of the item “{name}” is "{use}", so it does not score.',
        '请把它移到 "distributions"，或在问卷里改用途。',
        'Move it to "distributions", or change its use in the questionnaire.',
    ),
    "points_missing": error(
        "没有“{name}”的分值（题目“{item}”要用）。{hint_zh}",
        "There are no points for “{name}”, which the item “{item}” needs.{hint_en}",
        '请在 "points" 里补上。',
        'Add them to "points".',
    ),
    "points_incomplete": error(
        "“{key}”缺少这些选项的分值：{names}（见问卷“{other}”）。",
        "“{key}” has no points for: {names} (see the questionnaire “{other}”).",
        "请补上；不计分的选项写 null。",
        "Add them; write null for a choice that is not scored.",
    ),
    "points_for_nothing": error(
        "“{key}”在问卷“{other}”里没有选项“{name}”。{hint_zh}",
        "“{key}” has no choice “{name}” in the questionnaire “{other}”.{hint_en}",
        "请改成已有的代码，或删去。",
        "Use a code that exists, or remove it.",
    ),
    "points_not_in_order": warning(
        "“{key}”的分值没有随选项顺序升或降；反向题按选项顺序反转，结果可能出乎意料。",
        "The points of “{key}” neither rise nor fall with the order of the choices; reversing goes by that order "
        "and may surprise.",
        "请检查分值。",
        "Check the points.",
    ),
    "points_unused": warning(
        "没有问卷用到“{name}”的分值。",
        "No questionnaire uses the points of “{name}”.",
        "请删去或改名。",
        "Remove or rename.",
    ),
    "mixed_scales": error(
        "在问卷“{other}”里，这个指标的维度题用了不同的量表：{names}；信度无法合在一起计算。",
        "In “{other}” the dimensions of this indicator use different scales: {names}; "
        "no one reliability can be computed.",
        "请让各维度用同一量表，或把另一量表的题作为单独的 item。",
        "Use one scale for the dimensions, or name the item on the other scale as a part of its own.",
    ),
    "unknown_indicator": error("没有指标“{name}”。{hint_zh}", "No indicator “{name}”.{hint_en}", *_NAME),
    "moves_no_full_marks": error(
        "指标“{name}”没有满分，不能转出或转入。",
        "The indicator “{name}” has no full marks to give or take.",
        '请给它 "full_marks"，或换一个指标。',
        'Give it "full_marks", or name another.',
    ),
    "full_marks_in_a_circle": error(
        "“{name}”的满分最后转回自己。",
        "The full marks of “{name}” come back to itself.",
        "请改正转移的去向。",
        "Correct where they move.",
    ),
    "restricted_rule_missing": error(
        "没有限制规则“{name}”，问卷“{other}”的题目“{item}”要用。",
        "The restricted rule “{name}” is missing; the item “{item}” of “{other}” names it.",
        '请在 "restricted" 里写明谁能看、从多少起能看。',
        'Say in "restricted" who may see it and from which numbers.',
    ),
    "restricted_rule_unused": warning(
        "没有题目用到限制规则“{name}”。",
        "No item names the restricted rule “{name}”.",
        "请删去或改名。",
        "Remove or rename.",
    ),
    "departments_not_here": error(
        "人群 {audience} 没有部门数。",
        "The audience {audience} has no departments.",
        "请改用 responses。",
        "Use responses.",
    ),
    "caution_never_reached": warning(
        "“谨慎”的下限 {few} 低于“暂不计分”的下限 {none}，永远不会用到。",
        "The minimum {few} of caution is below the minimum {none} of withholding; it never acts.",
        "请把它改高。",
        "Raise it.",
    ),
    "grade_of_failure": error(
        "问卷得分的参考档次不能写“不合格”。",
        "A grade of a survey score is never a failure.",
        "请换一个说法，例如“待改进”。",
        "Choose another title, such as “to be improved”.",
    ),
    "grades_not_in_order": error(
        "档次要从高到低、互不相同，最低一档从 0 起。",
        "Grades go from high to low, all different, the last from 0.",
        '请调整 "at_least"。',
        'Adjust "at_least".',
    ),
    "distribution_not_closed": error(
        "题目“{name}”没有可数的选项，显示不出分布。",
        "The item “{name}” has no choices to count, so it has no distribution to show.",
        "请改用量表题、单选题、多选题或打分题。",
        "Name a likert, single, multiple or rating item.",
    ),
    "breakdown_not_closed": error(
        "题目“{name}”不是选择题，不能用来分组。",
        "The item “{name}” is not one to choose from, so it cannot group results.",
        "请改用选择题。",
        "Name an item with choices.",
    ),
}

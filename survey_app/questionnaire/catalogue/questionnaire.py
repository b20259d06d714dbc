"""What can be wrong with the meaning of a questionnaire."""

from survey_app.questionnaire.catalogue.entry import Entry, error, warning

_RENAME = "请改成不同的名称。", "Give it another name."
_NAME = "请改成已有的名称，或先定义它。", "Use a name that exists, or define it first."

QUESTIONNAIRE: dict[str, Entry] = {
    "too_many_items": error(
        "共有 {count} 题，超过 {limit} 题的上限。",
        "There are {count} items, more than the limit of {limit}.",
        "请拆成几份问卷。",
        "Split it into several questionnaires.",
    ),
    "duplicate_item": error("题目编号“{name}”用了两次。", "The item id “{name}” is used twice.", *_RENAME),
    "duplicate_section": error("部分编号“{name}”用了两次。", "The section id “{name}” is used twice.", *_RENAME),
    "duplicate_code": error(
        "代码“{name}”在同一题或同一量表里用了两次（不了解、不适用的代码也算在内）。",
        "The code “{name}” is used twice in one item or scale (codes of missing answers count too).",
        *_RENAME,
    ),
    "unknown_scale": error("没有量表“{name}”。{hint_zh}", "No response scale “{name}”.{hint_en}", *_NAME),
    "unknown_dimension": error("没有维度“{name}”。{hint_zh}", "No dimension “{name}”.{hint_en}", *_NAME),
    "unknown_missing": error(
        "没有缺失代码“{name}”。{hint_zh}",
        "No code “{name}” among the missing answers.{hint_en}",
        '请用 "missing" 里已有的代码。',
        'Use a code that stands in "missing".',
    ),
    "unknown_choice": error(
        "没有选项代码“{name}”。{hint_zh}",
        "No choice with the code “{name}”.{hint_en}",
        "请用这一题已有的代码。",
        "Use a code that the item has.",
    ),
    "unknown_item": error("没有题目“{name}”。{hint_zh}", "No item “{name}”.{hint_en}", *_NAME),
    "flag_not_here": error(
        '"{flag}" 不能用在这里。',
        '"{flag}" has no meaning here.',
        '"exclusive" 只用于多选题，"other" 只用于单选题和多选题。',
        '"exclusive" is for multiple, "other" for single and multiple.',
    ),
    "two_others": error(
        "一道题只能有一个“其他，请说明”。",
        'An item can have one choice with "other" only.',
        '请只留一个 "other"。',
        "Keep one of them.",
    ),
    "field_clash": error(
        "题目编号“{name}”与题目“{other}”在表单里的字段名相同。",
        "The id “{name}” is also a form field of the item “{other}”.",
        "请换一个编号，避免两个下划线。",
        "Choose another id, without a double underscore.",
    ),
    "unknown_placeholder": error(
        "不认识的替换名“{name}”。{hint_zh}可用：{known}。",
        "Unknown placeholder “{name}”.{hint_en} Known: {known}.",
        "请改成可用的名称，花括号内不留空格。",
        "Use a known name, without spaces inside the brackets.",
    ),
    "unit_outside_repeat": error(
        "这里写了 {{{{unit}}}}，但一次填答要评几个单位，此处没有“那一个单位”。",
        "{{{{unit}}}} stands here, but a sitting rates several units: there is no one unit in this place.",
        "请改成不带单位名的说法，或移到重复的部分里。",
        "Word it without the unit, or move it into the repeated section.",
    ),
    "nothing_to_answer": error(
        "问卷里没有可回答的题目。",
        "The questionnaire has nothing to answer.",
        "请至少加一道题。",
        "Add at least one item.",
    ),
    "not_scorable": error(
        "题型 {type} 不能计分。",
        "An item of the type {type} cannot be scored.",
        "请改用 likert、single 或 rating，或改用途。",
        "Use likert, single or rating, or another use.",
    ),
    "bounds_reversed": error(
        "下限 {low} 不小于上限 {high}。",
        "The lower bound {low} is not below the upper bound {high}.",
        "请对调或改正。",
        "Swap or correct them.",
    ),
    "too_much_text": error(
        "一次填答最多可能有{size} kB，超过{limit} kB的上限，写满的人会提交不了。",
        "One sitting could hold {size} kB, more than the limit of {limit} kB: who writes that much could not send it.",
        "请减少文字题，或把 max_length、repeat.max 改小。",
        "Ask fewer written questions, or make max_length or repeat.max smaller.",
    ),
    "rating_too_long": error(
        "从 {low} 到 {high} 有 {count} 档，超过 {limit} 档的上限。",
        "From {low} to {high} there are {count} steps, more than the limit of {limit}.",
        "请缩小范围，例如 0 到 10；要填具体的数，请改用 number 题。",
        "Use a smaller range, such as 0 to 10; for an exact figure use an item of the type number.",
    ),
    "no_number_between": error(
        "{low} 到 {high} 之间没有 {decimals} 位小数的数，谁也答不了。",
        "No number with {decimals} decimals lies between {low} and {high}; nobody could answer.",
        "请放宽上下限，或增加小数位数。",
        "Widen the bounds, or allow more decimals.",
    ),
    "max_choices_too_many": error(
        "最多选 {most} 项，但只有 {count} 个选项。",
        "At most {most} may be chosen, but there are only {count} choices.",
        "请改小，或去掉上限。",
        "Lower it, or remove the limit.",
    ),
    "min_choices_impossible": error(
        "至少选 {fewest} 项，但最多只能选 {most} 项，谁也答不了。",
        "At least {fewest} must be chosen, but at most {most} can be; nobody could answer.",
        "请改小下限。",
        "Lower the minimum.",
    ),
    "screening_in_random_section": error(
        "题目“{name}”会结束填答，却在题序随机的部分里，“之后”没有意义。",
        "The item “{name}” ends the answering, but its section is shuffled: “after it” has no meaning.",
        "请把它移到题序固定的部分。",
        "Move it to a section in fixed order.",
    ),
    "screens_everyone_out": error(
        "题目“{name}”的所有选项都会结束填答。",
        "Every choice of the item “{name}” ends the answering.",
        "请至少留一个可以继续的选项。",
        "Leave at least one choice that goes on.",
    ),
    "attention_beyond_staff": warning(
        "这份问卷的人群是 {audience}，用了指令题。",
        "The audience is {audience}, and an item is instructed.",
        "指令题一般只用于工作人员问卷；对办事群众和部门，它显得不信任人。请确认值得，否则清空 “attention”。",
        "They are meant for staff; to others they look like distrust. Be sure it is worth it, or empty “attention”.",
    ),
    "attention_not_closed": error(
        "指令题“{name}”不是选择题。",
        "The instructed item “{name}” is not one to choose from.",
        "请改用 likert 或 single。",
        "Use likert or single.",
    ),
    "attention_scored": error(
        "指令题“{name}”不能计分。",
        "The instructed item “{name}” must not be scored.",
        '请去掉维度，并写 "use": "none"。',
        'Remove its dimension and write "use": "none".',
    ),
    "pair_of_one": error(
        "一致性对的两题是同一题“{name}”。",
        "The two items of the pair are the same, “{name}”.",
        "请写两道不同的题。",
        "Name two different items.",
    ),
    "pair_without_order": error(
        "题目“{name}”没有高低之分，不能组成一致性对。",
        "The item “{name}” has no high and low, so it cannot be part of a pair.",
        "请改用 likert 或 rating 题。",
        "Use likert or rating items.",
    ),
    "two_repeats": error(
        "一份问卷只能有一个重复的部分。",
        "A questionnaire can have one repeated section only.",
        "请合并到一个部分。",
        "Put them into one section.",
    ),
    "repeat_for_staff": error(
        "工作人员只评自己的单位，不能一次评几个单位。",
        "Staff rate their own unit only; a sitting cannot rate several.",
        '请去掉 "repeat"。',
        'Remove "repeat".',
    ),
    "variant_of_itself": error(
        "问卷不能是自己的变体。",
        "A questionnaire cannot be a variant of itself.",
        '请改正 "variant_of"。',
        'Correct "variant_of".',
    ),
    "variant_base_unknown": error(
        "没有找到原问卷“{name}”。{hint_zh}",
        "The questionnaire “{name}” that this is a variant of was not found.{hint_en}",
        "请把原问卷放在同一文件夹，或改正编号。",
        "Put it into the same folder, or correct the id.",
    ),
    "variant_audience": error(
        "变体的人群是 {got}，原问卷“{name}”的人群是 {expected}。",
        "The variant's audience is {got}, that of “{name}” is {expected}.",
        "请改成一致。",
        "Make them the same.",
    ),
    "item_means_something_else": error(
        "题目“{name}”与问卷“{other}”里同编号的题题型、选项、方向或维度不同。",
        "The item “{name}” differs from the one of that id in “{other}” in type, choices, direction or dimension.",
        "意思不同的题请换编号。",
        "Give an item with another meaning another id.",
    ),
    "condition_forward": error(
        "条件看的是后面的题“{name}”（或本题）。",
        "The condition looks at “{name}”, which comes later or is the item itself.",
        "条件只能看前面的题，请调整顺序。",
        "Conditions look backwards only; change the order.",
    ),
    "condition_into_repeat": error(
        "条件看的题“{name}”每个单位各答一次，这里不知道看哪一次。",
        "The condition looks at “{name}”, which is answered once a unit; here it is not known which answer counts.",
        "请把本题移到重复的部分里，或换一个条件。",
        "Move this item into the repeated section, or use another condition.",
    ),
    "condition_in_random_section": error(
        "条件看的题“{name}”与本题在同一个题序随机的部分里，可能出现在后面。",
        "The condition looks at “{name}” in the same shuffled section, where it may come later.",
        "请把两题移到题序固定的部分。",
        "Move both to a section in fixed order.",
    ),
    "condition_on_note": error(
        "条件看的“{name}”只是说明文字，没有回答。",
        "The condition looks at “{name}”, a note without answers.",
        "请改成一道题。",
        "Name an item that is answered.",
    ),
    "condition_operator": error(
        '"{operator}" 不能用于题目“{name}”（题型 {type}）。',
        '"{operator}" cannot be used on the item “{name}” of the type {type}.',
        "选择题用 in、not_in，数字和打分题用 at_least、at_most，文字和日期用 answered。",
        "Use in and not_in for choices, at_least and at_most for numbers and ratings, answered for text and dates.",
    ),
    "unreachable_item": error(
        "没有任何回答能让题目“{name}”显示出来。",
        "No answers ever show the item “{name}”.",
        "请看条件里是否有互相矛盾的要求，或要求了会结束填答的选项。",
        "Look for parts of the condition that contradict each other, or for a choice that ends the answering.",
    ),
    "cell_too_small": error(
        "单位“{unit}”的 {audience} 有 {size} 个，按“{item}”的 {choices} 个选项分，"
        "平均每格不到 {min_cell} 个，能认出人。",
        "Unit “{unit}” has {size} in the audience {audience}; divided by the {choices} choices of “{item}”, a cell "
        "holds fewer than {min_cell} on average, and people could be recognised.",
        "请删去这道背景题、合并选项，或把几个小单位并为一个合并收集组后不问此题。",
        "Remove this background item, merge its choices, or do not put it to units this small.",
    ),
}

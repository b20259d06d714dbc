"""What can be wrong with the meaning of a campaign set-up."""

from survey_app.questionnaire.catalogue.entry import Entry, error, warning

SETUP: dict[str, Entry] = {
    "closes_before_opens": error(
        "结束日期 {closes} 早于开始日期 {opens}。",
        "It closes on {closes}, before it opens on {opens}.",
        "请改正日期。",
        "Correct the dates.",
    ),
    "unknown_timezone": error(
        "不认识的时区“{name}”。",
        "Unknown time zone “{name}”.",
        "请写 Asia/Shanghai 一类的名称。",
        "Write a name such as Asia/Shanghai.",
    ),
    "unknown_plan": error(
        "没有找到评分方案“{name}”。",
        "The scoring plan “{name}” was not found.",
        "请把方案放在同一文件夹或其 plans 子文件夹，或改正编号。",
        "Put it into the same folder or its subfolder plans, or correct the id.",
    ),
    "questionnaire_unused": warning(
        "没有单位面向{audience}，问卷“{name}”用不上。",
        "No unit takes the audience {audience}, so “{name}” is not used.",
        "请删去，或给单位加上这类人群。",
        "Remove it, or add the audience to a unit.",
    ),
    "audience_without_questionnaire": error(
        "有单位面向{audience}，但没有选这类人群的问卷。",
        "A unit takes the audience {audience}, but no questionnaire for it is chosen.",
        "请在“使用的问卷”（questionnaires）里加上。",
        "Add one under “Questionnaires” (questionnaires).",
    ),
    "indicator_without_questionnaire": warning(
        "指标“{name}”要用的问卷不在这次评估里，这个指标不会有分。",
        "The questionnaires of the indicator “{name}” are not part of this campaign; it will have no score.",
        "请加上问卷，或换一个方案。",
        "Add a questionnaire, or use another plan.",
    ),
    "stands_twice": error(
        "“{name}”出现了两次。", "“{name}” stands twice.", "请改名或删去一个。", "Rename or remove one."
    ),
    "unknown_unit": error(
        "没有单位“{name}”。{hint_zh}", "No unit “{name}”.{hint_en}", "请改正代码。", "Correct the code."
    ),
    "unit_takes_no_departments": error(
        "单位“{name}”不面向相关部门，不能由部门评价。",
        "The unit “{name}” does not take related departments, so none can rate it.",
        "请在“单位”里为它选上相关部门（audiences），或从评价关系里删去。",
        "Choose related departments for the unit (audiences), or remove it from the relation.",
    ),
    "frame_without_audience": error(
        "单位“{unit}”不面向{audience}，却写了人数。",
        "The unit “{unit}” does not take the audience {audience}, but its size is given.",
        "请加上这类人群，或删去这一行。",
        "Add the audience, or remove the entry.",
    ),
    "frame_twice": error(
        "{audience}的分层“{stratum}”写了两次。",
        "The stratum “{stratum}” of {audience} stands twice.",
        "请合并。",
        "Merge them.",
    ),
    "frame_mixes_strata": error(
        "{audience}既有分层人数，又有不分层的人数。",
        "{audience} has sizes both by stratum and undivided.",
        "请只用一种。",
        "Use one of the two.",
    ),
    "stratum_small": warning(
        "分层“{stratum}”只有 {size} 人，少于 {limit} 人，不会与答卷一起保存。",
        "The stratum “{stratum}” has {size}, fewer than {limit}; it is not stored with answers.",
        "请先与相近的分层合并。",
        "Merge it with a similar one beforehand.",
    ),
    "named_list_of_departments": error(
        "单位“{unit}”的相关部门不能按名单邀请。",
        "The related departments of the unit “{unit}” cannot be invited by named list.",
        "一个部门只有几个人，一把公钥就等于点名。请去掉 named_list，使用填答码卡片。",
        "A department has a few people, and its key would point at them. Remove named_list and use cards.",
    ),
    "named_list_small": error(
        "单位“{unit}”这里只有 {size} 人，少于 {limit} 人，不能按名单邀请。",
        "The unit “{unit}” has {size} people here, fewer than {limit}: too few for a named list.",
        "请与相近的分层合并，或去掉 named_list。",
        "Merge it with a similar stratum, or remove named_list.",
    ),
    "named_list_in_part": error(
        "单位“{unit}”{audience}的小分层合在一个投放里，有的按名单邀请，有的不按。",
        "The small strata of {audience} in the unit “{unit}” share one door; some are by named list and some not.",
        "请统一：都按名单邀请，或都不按。",
        "Make them alike.",
    ),
    "size_unknown": warning(
        "单位“{unit}”没有写{audience}的人数，算不出回收率，也激活不了填答码。",
        "The unit “{unit}” gives no size for {audience}: no response rate, and no codes can be activated.",
        "请在“分层人数”（frame）里写人数。",
        "Give the number of people in the sheet 分层人数 (frame).",
    ),
    "no_departments": error(
        "没有部门评价单位“{unit}”。",
        "No department rates the unit “{unit}”.",
        "请补评价关系，或去掉相关部门这类人群。",
        "Add departments, or remove the audience.",
    ),
    "few_departments": warning(
        "评价单位“{unit}”的有 {departments} 个部门、{raters} 人，建议至少 {enough} 个部门、{enough_raters} 人。",
        "Departments that rate the unit “{unit}”: {departments}, with raters: {raters}; at least {enough} and "
        "{enough_raters} are recommended.",
        "请增加部门或人数。",
        "Add departments or raters.",
    ),
    "fewer_than_rate": error(
        "相关部门总数写了 {size} 个，但有 {departments} 个部门评价它。",
        "The number of related departments is given as {size}, but {departments} rate it.",
        "相关部门的人数（size）填的是部门个数，请改正。",
        "The people (size) of this audience are departments; correct the number.",
    ),
    "raters_unusual": warning(
        "部门“{name}”有 {raters} 人参评，建议 2 到 5 人。",
        "Raters of the department “{name}”: {raters}; 2 to 5 are recommended.",
        "请调整人数。",
        "Adjust the number.",
    ),
    "too_many_to_rate": error(
        "部门“{name}”要评 {units} 个单位，但 {raters} 人每人最多评 {most} 个，评不完。",
        "The department “{name}” is to rate {units} units, but {raters} raters with at most {most} each cannot.",
        "请增加参评人数，或减少单位。",
        "Add raters, or name fewer units.",
    ),
    "beyond_the_orders": error(
        "部门“{name}”要评 {units} 个单位，八种分配最多能排下 {limit} 个，其余的不会有人评。",
        "The department “{name}” is to rate {units} units; the eight orders hold {limit}, the others would be rated by "
        "nobody.",
        "请减少它评的单位，或调大问卷中每人最多评的单位数（repeat.max）。",
        "Name fewer units, or let one sitting rate more (repeat.max).",
    ),
    "assigned_too_rarely": error(
        "每人只评一部分单位：即使全部填答，单位“{unit}”平均也只有 {departments} 个部门、{responses} 份答卷，"
        "少于方案要求的 {least} 个部门、{least_responses} 份。",
        "Each rater is asked about some units only: even if all answer, the unit “{unit}” gets {departments} "
        "departments and {responses} responses on average, fewer than the {least} and {least_responses} that the plan "
        "asks for.",
        "请增加评它的部门或参评人数，减少这些部门评的单位，或调大每人最多评的单位数（repeat.max）。",
        "Let more departments or raters rate it, shorten their lists, or let one sitting rate more (repeat.max).",
    ),
    "assigned_rarely": warning(
        "每人只评一部分单位：全部填答时，单位“{unit}”平均有 {departments} 个部门、{responses} 份答卷；"
        "回收六成时平均 {low_departments} 个部门、{low_responses} 份，二十次里有十九次不少于 {low_sure} 个部门。"
        "方案要求至少 {least} 个部门、{least_responses} 份，建议 8 个部门、20 份。",
        "Each rater is asked about some units only: if all answer, the unit “{unit}” gets {departments} departments "
        "and {responses} responses on average; with a return of 60 % {low_departments} and {low_responses}, and in 19 "
        "of 20 campaigns at least {low_sure} departments. The plan asks for {least} and {least_responses}; 8 and 20 "
        "are recommended.",
        "请增加部门或参评人数，或减少这些部门评的单位。",
        "Add departments or raters, or shorten their lists.",
    ),
    "group_small": warning(
        "单位“{unit}”的{audience}只有 {size} 人，少于 {limit} 人，用填答码无法保证匿名。",
        "The unit “{unit}” has {size} in the audience {audience}, fewer than {limit}: too few to be anonymous "
        "with cards.",
        "请与别的单位放进同一个合并收集组（report_group），或用开放链接。",
        "Put it into a collection group (report_group) with others, or use the open link.",
    ),
    "staff_group_small": warning(
        "单位“{unit}”的工作人员只有 {size} 人，少于 {limit} 人，用填答码无法保证匿名。",
        "The unit “{unit}” has a staff of {size}, fewer than {limit}: too few to be anonymous with cards.",
        "请与别的单位放进同一个合并收集组（report_group）。",
        "Put it into a collection group (report_group) with others.",
    ),
    "report_group_of_one": warning(
        "合并收集组“{name}”只有一个单位。",
        "The collection group “{name}” has one unit only.",
        "请加上别的单位，或去掉这个组。",
        "Add units, or remove the group.",
    ),
    "departments_group_small": warning(
        "各部门参评一共 {size} 人，少于 {limit} 人，无法保证匿名。",
        "Raters of all departments together: {size}, fewer than {limit}: too few to be anonymous.",
        "请增加参评人数。",
        "Add raters.",
    ),
}

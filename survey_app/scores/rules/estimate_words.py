"""Why a number is missing, or what to beware of with it, in Chinese and in English (`analysis.estimate.Status`).

Must stay true: every status has words here, for people who have never heard of the statistic; "ok" has none.
"""

_BEWARE = {
    "warn_item_variance_zero": (
        "有题目所有人答案相同，对信度没有贡献。",
        "Some items were answered alike by everybody; they add nothing.",
    ),
    "warn_negative_item_total": (
        "有题目与其余题目方向相反。",
        "Some items run against the others.",
    ),
    "warn_one_response": ("只有一份答卷，没有误差。", "One response only, so there is no error."),
    "warn_no_variation": ("所有答案相同，误差为 0 不说明准确。", "All answers are alike; an error of 0 says nothing."),
    "warn_correlation_at_border": (
        "有相关系数恰为 1 或 −1：两题的顺序从不矛盾。",
        "Some correlations are exactly 1 or −1: the two items never contradict each other's order.",
    ),
    "warn_stratum_empty": ("有分层没有人作答。", "Nobody answered in some strata."),
    "warn_no_variation_within": (
        "各单位内部答案没有差别，数值落在边界上，没有区间。",
        "Answers do not differ within any unit: the value lies at its border and has no interval.",
    ),
    "warn_no_variation_between": (
        "各单位平均值全部相同，数值落在边界上，没有区间。",
        "The means of all units are equal: the value lies at its border and has no interval.",
    ),
    "warn_negative_component": (
        "有一项差异估计为负（就是看不出有差异），照实使用，没有改为 0。",
        "One source of differences was estimated below 0, that is, none was found; it is used as it is.",
    ),
    "warn_disconnected": (
        "评分人没有把全部单位连在一起，只能在各组内部比较。",
        "Raters do not tie all units together: compare within groups only.",
    ),
    "warn_one_link": (
        "单位之间只靠一名评分人相连，没有标准误。",
        "Units hang together through a single rater, so there is no standard error.",
    ),
    "warn_no_between_variance": (
        "单位之间的差别不超过误差，看不出谁高谁低。",
        "Units differ no more than their errors: none can be told from another.",
    ),
    "warn_not_positive_definite": (
        "题目之间的关系不能同时成立（多因单位少而题目多，或漏答较多），只是粗略估计，请谨慎看待。",
        "Relations between items contradict each other (few units for so many items, or many gaps): read with care.",
    ),
    "warn_sampled": (
        "题目较多，只抽查了一部分分半方式；最小和最大值可能更极端。",
        "Only a sample of all ways to split was looked at; least and greatest may lie further out.",
    ),
    "warn_singular": (
        "有题目是其他题目的复制或总和，未用于计算。",
        "Items that are copies or sums of others were left out.",
    ),
    "warn_lonely_cluster": (
        "有分层只有一个群（例如一个部门），其偏差按全体平均计算。",
        "A stratum has a single cluster (one department, say); its deviation is taken from the mean of all.",
    ),
    "warn_rounded": (
        "人数较少，有一次的得分按发布规则取了整数、不给误差，所以没有区间，不能判断是不是偶然。",
        "Few answered, so publication rounded a score and gives no error: no interval, and chance cannot be judged.",
    ),
    "warn_open_link": (
        "有一次通过开放链接收集，不知道邀请了谁，所以没有区间，不能判断是不是偶然。",
        "One of the two came through an open link; nobody knows who was asked, so there is no interval.",
    ),
}

_TOO_LITTLE = {
    "undefined_no_responses": ("没有答卷。", "There are no responses."),
    "undefined_one_response": ("答卷不足两份。", "There are fewer than two responses."),
    "undefined_two_responses": ("这个区间至少需要三份答卷。", "This interval needs three responses."),
    "undefined_one_item": ("只有一道题，没有内部一致性可言。", "One item has no internal consistency."),
    "undefined_two_items": ("题目少于三道，这个系数无法计算。", "It takes three items or more."),
    "undefined_one_unit": ("可比的单位少于两个。", "There are fewer than two units to compare."),
    "undefined_one_rater": (
        "评分人少于两名，或没有对象被评两次。",
        "There are fewer than two raters, or nothing was rated twice.",
    ),
    "undefined_few_units": ("可比的其他单位太少。", "There are too few other units to compare with."),
    "undefined_few_responses": ("可比的答卷太少。", "There are too few responses to compare with."),
    "undefined_incomplete": ("需要没有缺失的评分。", "This needs every rating."),
    "undefined_no_denominator": (
        "不知道邀请了多少人，没有回收率。",
        "Nobody knows how many were asked, so there is no rate.",
    ),
    "undefined_stratum_size": ("分层人数未知。", "The size of a stratum is not known."),
    "undefined_stratum_empty": (
        "总体中有的类别没有人作答，请先合并再加权。",
        "Nobody answered in a category of the frame: merge it, then weight.",
    ),
    "undefined_coarse_times": (
        "作答时间记录得太粗，分不出快慢。",
        "Times are known too coarsely to tell fast from slow.",
    ),
    "undefined_not_measured": (
        "问卷不在已测范围，没有相应的模拟结果。",
        "The questionnaire lies outside of what was measured: no simulation speaks for it.",
    ),
    "undefined_null_not_tabulated": (
        "没有可用的对照：这样多的选项，文献中没有给出偏好评时的分布。",
        "Nothing to compare with: the literature gives no favourable distribution for so many choices.",
    ),
}

_NO_DIFFERENCES = {
    "undefined_item_variance_zero": ("这道题所有人答案相同。", "Everybody answered this item alike."),
    "undefined_total_variance_zero": ("所有人的总分相同。", "All totals are the same."),
    "undefined_no_variation": (
        "全部评分相同，看不出一致性是否高于偶然。",
        "All ratings are equal: agreement beyond chance cannot be seen.",
    ),
    "undefined_no_variation_between": (
        "各单位平均值全部相同，谈不上分得开分不开。",
        "The means of all units are equal, so there is nothing to tell apart.",
    ),
    "undefined_no_between_variance": (
        "单位之间的差别不超过个人差异造成的波动。",
        "Units differ no more than the people in them make them.",
    ),
    "undefined_no_correlation": ("题目之间完全不相关。", "The items are exactly unrelated."),
    "undefined_beyond_null": (
        "答案比随意作答还要分散，这个系数没有意义。",
        "Answers spread wider than chance, so the coefficient has no meaning.",
    ),
    "undefined_no_structure": (
        "题目之间的关系处处相近，无从比较。",
        "Items are related much alike everywhere; there is no structure to compare.",
    ),
}

_MODELS = {
    "undefined_singular": (
        "答卷不比题目多，或有题目是其他题目的重复或总和。",
        "There are no more responses than items, or items that copy or add up others.",
    ),
    "undefined_heywood": (
        "这个模型与数据不符：算下来有题目的误差不大于零（Heywood 情形），不给出数值。",
        "The model does not fit: some item's error would be nothing or less (a Heywood case), so no value is given.",
    ),
    "undefined_not_converged": (
        "没有算出稳定的结果，不给出数值。",
        "The computation found no stable result, so no value is given.",
    ),
    "undefined_not_identified": (
        "题目太少，许多解同样符合，不给出数值。",
        "There are too few items: many solutions fit equally well, so no value is given.",
    ),
    "undefined_just_identified": (
        "题目数刚好够估计模型，无法检验是否符合。",
        "There are just enough items for the model, so its fit cannot be judged.",
    ),
    "undefined_not_positive_definite": (
        "这些相关系数不可能同时成立，不给出数值。",
        "No people can have all of these correlations at once, so no value is given.",
    ),
    "undefined_below_zero": ("有小于 0 的数，比率没有意义。", "Ratios of values below 0 mean nothing."),
    "undefined_zero_error": (
        "有单位的误差为 0（例如答案全部相同），不能用它衡量差别。",
        "The error of some units is 0 (all answers alike, say), so differences cannot be measured by it.",
    ),
}

_DESIGN = {
    "undefined_frame_too_small": ("作答人数多于总体人数。", "More people answered than there are."),
    "undefined_margins_disagree": (
        "总体各项合计的人数不一致。",
        "The margins of the frame count different numbers of people.",
    ),
    "undefined_not_linked": (
        "评它的人没有评过其他单位，无法比较。",
        "Rated only by raters who rate no other unit.",
    ),
    "undefined_out_of_reach": (
        "再多的答卷也达不到目标。",
        "No number of answers reaches the target.",
    ),
    "undefined_items_changed": ("两次的题目不同，不能比较。", "The questions are not the same in both waves."),
    "undefined_method_changed": (
        "两次的计分方法不同，同样的答案会得出不同的分数，不能比较。",
        "Scores were defined otherwise: the same answers would have given another number, so nothing is compared.",
    ),
    "undefined_no_score": (
        "两次中至少有一次没有可以显示的得分。",
        "At least one of the two has no score that may be shown.",
    ),
    "undefined_not_before": (
        "上一轮没有这个单位，或没有就这项指标评过它。",
        "The earlier campaign did not have this unit, or did not ask this about it.",
    ),
}

ESTIMATES = {"ok": ("", "")} | _BEWARE | _TOO_LITTLE | _NO_DIFFERENCES | _MODELS | _DESIGN

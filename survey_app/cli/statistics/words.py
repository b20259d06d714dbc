"""Words for the cautions of the offline commands: code → Chinese, English.

Must stay true: whatever `document.Cautions` can be told has words here; those for statuses of numbers are the score
pages' own.
"""

from survey_app.scores.rules.estimate_words import ESTIMATES

STATUS_WORDS: dict[str, tuple[str, str]] = ESTIMATES

CAUTION_WORDS = {
    "read_as_gb18030": (
        "文件不是 UTF-8，按 GB18030 读取。若文字有误，请另存为“CSV UTF-8”。",
        "Not UTF-8, so read as GB18030. If words look wrong, save the file as “CSV UTF-8”.",
    ),
    "columns_ignored": ("有些列没有用到。", "Some columns were not used."),
    "incomplete_rows_left_out": (
        "共 {rows} 行，其中 {left_out} 行有缺失，未用于计算。",
        "{left_out} of {rows} rows have missing answers and were left out.",
    ),
    "pairwise_smallest_n": (
        "按成对删除计算；区间使用人数最少的一对题目（{n} 份答卷）。",
        "Computed from pairs; intervals use the smallest pair’s n ({n} responses).",
    ),
    "rows_without_unit": (
        "有 {rows} 行没有写单位，未用于计算。",
        "{rows} rows name no unit and were left out.",
    ),
    "interval_without_limits": (
        "评分的对象太少，或评分人分歧太大，公式给不出区间的上下限，只有数值。",
        "Subjects are so few, or raters so far apart, that the formula gives no limits: there is a value only.",
    ),
    "unit_without_score": (
        "有单位缺少分数或标准误，不参加排位。",
        "Some units lack a score or its standard error and take no part in the ranks.",
    ),
    "too_many_to_compare": (
        "共 {n} 个单位，两两比较最多 {most} 个，因此只有位次，没有位次区间。请按类别分成几个文件。",
        "There are {n} units, and at most {most} can be compared: places only, no sets. One file a category helps.",
    ),
    "rank_without_error": (
        "有单位的标准误为 0，其位次被当作确定的；除非是全员作答，否则不可信。",
        "Some standard errors are 0, so these places are taken as certain: right for a census only.",
    ),
    "indicators_left_out": (
        "有些指标没有给出问卷，未计算：{indicators}。",
        "Indicators without a questionnaire were not computed: {indicators}.",
    ),
    "questionnaires_not_given": (
        "方案还提到这些问卷，没有给出：{questionnaires}。",
        "The plan also names questionnaires that were not given: {questionnaires}.",
    ),
    "items_not_in_file": (
        "有些题目在文件中没有列，按未作答处理。",
        "Some items have no column in the file and count as not answered.",
    ),
    "rows_without_questionnaire": (
        "有 {rows} 行所属的人群没有给出问卷，未计算。",
        "{rows} rows belong to audiences for which no questionnaire was given; they were left out.",
    ),
    "hidden_answers_dropped": (
        "有 {answers} 个答案按问卷的显示条件本不该出现，按未作答处理。",
        "{answers} answers were given to items that were not shown; they count as not answered.",
    ),
    "exposed": (
        "仍有 {places} 处能从其他数字推出少数人的答案，请不要公布这份结果。",
        "In {places} places few people's answers still follow from other numbers: do not publish this.",
    ),
    "no_units": (
        "答卷和抽样框都没有任何单位，没有可以计算的。",
        "Neither the responses nor the frame name any unit: there is nothing to score.",
    ),
    "no_frame": (
        "没有给出抽样框：总体人数未知，不作有限总体修正，也不能按分层加权。",
        "Without a frame sizes are not known: no finite population correction, no weighting of strata.",
    ),
    "units_not_in_frame": (
        "有单位不在抽样框中，总体人数未知。",
        "Some units are not in the frame; their sizes are not known.",
    ),
    "flags_not_measured": (
        "有些信号无法判断：{flags}（例如没有反向题、作答时间或分量表）。",
        "Not measured: {flags} (no reversed items, times or subscales, for example).",
    ),
    "quality_not_assessable": (
        "能判断的信号不足两类，不足以据此剔除任何答卷。",
        "Fewer than two families of signals could be measured: exclude nobody on these flags.",
    ),
}

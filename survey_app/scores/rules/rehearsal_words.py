"""A rehearsal in words, Chinese and English beside each other: verdicts, conditions of the set-up, names of numbers.

Pure. Knows the document that `pingyi rehearse --json` prints. Must stay true: both languages say the same; a sentence
never promises more than the numbers: "about", and only what is the same for a typical unit.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Pair = tuple[str, str]
Json = Mapping[str, Any]

NO_ANSWERS_READ = (
    "演练不读取任何真实答卷；下面的数字全部来自模拟。",
    "No real answer is read; every number below comes from simulation.",
)
KIND_ASSUMPTIONS = (
    "假定：同一分层内谁来作答是随机的，不认真作答与单位无关。实际情况通常更差，请把结果看作上限。",
    (
        "Assumed: within a stratum who answers is chance, and carelessness has nothing to do with the unit. "
        "Life is usually less kind; read the results as the best case."
    ),
)

NOTES: Mapping[str, Pair] = {
    "open_link": (
        "开放链接（{subjects}）：不知道邀请了谁，因此没有区间、不作比较；作答份数按所需份数假定。",
        (
            "Open link ({subjects}): who is asked is not known, so there is no interval and no comparison; "
            "as many answers as are needed are assumed."
        ),
    ),
    "size_unknown": (
        "总体人数未填（{subjects}）：不能作有限总体校正，也不能按分层加权。",
        "Size not stated ({subjects}): no finite population correction and no weighting of strata.",
    ),
    "nobody_asked": (
        "工作人员人数未填（{subjects}）：不能制作卡片，模拟中没有人作答。",
        "Number of staff not stated ({subjects}): no cards can be made, so nobody answers in the rehearsal.",
    ),
    "audience_left_out": (
        "有单位不设某类人群（{subjects}）：相应指标为“不适用”，不参加演练。",
        "Some units leave an audience out ({subjects}): these indicators do not apply to them and are not rehearsed.",
    ),
    "sitting_limited": (
        "这些部门的评价对象多于一次填答的上限（{subjects}）：每个人只评其中一部分单位，模拟按平均分配。",
        (
            "Departments that rate more units than one sitting takes ({subjects}): each person rates some of them, "
            "shared out evenly in the rehearsal."
        ),
    ),
    "indicator_without_questionnaire": (
        "没有问卷的指标（{subjects}）：本轮次不对这一人群开展调查，不会有分数。",
        "Indicators without a questionnaire ({subjects}): this campaign does not ask their audience.",
    ),
    "no_door": (
        "没有发给任何人的问卷（{subjects}）：没有卡片或投放，不参加演练。",
        "Questionnaires given to nobody ({subjects}): without cards they are not rehearsed.",
    ),
    "part_not_asked": (
        "指标的某一部分没有问卷询问（{subjects}）：不能计分，不参加演练。",
        "Indicators of which a part is asked nowhere ({subjects}): they cannot be scored and are not rehearsed.",
    ),
    "one_unit": (
        "只有一个单位（{subjects}）：可以看精度，没有可比较的单位。",
        "There is one unit only ({subjects}): its precision can be seen, there is nothing to compare it with.",
    ),
    "cannot_open": (
        "按现在的设置轮次不能开放（{number} 处，{subjects}）：请看“开放前检查”。演练仍按设置进行。",
        (
            "As it is set up the campaign cannot open ({number} faults, {subjects}): see the checks before opening. "
            "The rehearsal goes on all the same."
        ),
    ),
    "draws_reduced": (
        "规模较大，只模拟 {number} 次；用 --draws 可以指定次数。",
        "The campaign is large: it is played {number} times only; --draws sets the number.",
    ),
}

# What a score is a mean of, by whether departments are: measured out in Chinese, one and several in English.
MEMBERS: Mapping[bool, tuple[str, str, str]] = {
    True: ("个部门", "department", "departments"),
    False: ("份有效答卷", "valid response", "valid responses"),
}

ROWS: Mapping[str, Pair] = {
    "answers": ("每个单位的部门数或有效答卷数", "departments or valid responses a unit"),
    "scored": ("可用", "usable"),
    "caution": ("谨慎", "caution"),
    "not_scored": ("暂不计分", "not scored"),
    "suppressed": ("不予显示", "not shown"),
    "half_width": ("抽样区间半宽（分）", "half width, sampling (points)"),
    "half_width_total": ("总区间半宽（分）", "half width, total, as shown (points)"),
    "coverage": ("抽样区间含真值的比例", "sampling intervals that hold the truth"),
    "coverage_total": ("总区间含真值的比例", "total intervals that hold the truth"),
    "coverage_process": ("换人区间含真值的比例", "process intervals that hold the truth"),
    "bias": ("平均偏差（分）", "bias (points)"),
    "withheld": ("因不认真作答而暂不计分", "withheld because of careless answers"),
    "cautioned": ("因不认真作答而标“谨慎”", "caution because of careless answers"),
}
COMPARISON_ROWS: Mapping[str, Pair] = {
    "groups": ("能分出的档次", "groups that can be separated"),
    "in_group": ("落在本档的单位", "units that land in their own group"),
    "strata": ("分层指数 H", "strata H"),
    "reliability": ("单位信度（对真值）", "unit reliability (against the truth)"),
    "reliability_estimated": ("单位信度（报告所示）", "unit reliability (as reported)"),
    "reliable": ("报告中信度达到要求的单位", "units reported to reach the reliability asked for"),
    "needed": ("达到要求的信度还需", "more for the reliability asked for"),
    "pairs_apart": ("能分出高低的单位对", "pairs found different"),
    "wrong_way": ("其中方向相反的", "of these the wrong way round"),
    "rank_width": ("位次区间宽度（名次）", "width of rank sets (places)"),
    "places_apart": ("相差几名才分得开", "places apart that are told apart"),
    "difference": ("能看出的差距（分，单独比较）", "difference found (points, one pair)"),
    "difference_of_all": ("能看出的差距（分，全部比较）", "difference found (points, all pairs)"),
    "compared": ("参加比较的单位数", "units in the comparison"),
}
QUALITY_ROWS: Mapping[str, Pair] = {
    "n": ("答卷数", "responses"),
    "excluded": ("未纳入计算的比例", "share left out"),
    "found": ("不认真答卷被剔除的比例", "careless responses left out"),
    "false_exclusions": ("误剔除的认真答卷（份/轮次）", "careful responses left out (a campaign)"),
    "false_rate": ("认真答卷被误剔除的比例", "careful responses left out (share)"),
}
ASSUMED: Mapping[str, Pair] = {
    "spread": ("各单位真实得分的标准差（分）", "standard deviation of true scores (points)"),
    "response_rates": ("回收率", "response rate"),
    "careless": ("不认真作答的比例", "careless respondents"),
    "draws": ("模拟次数", "campaigns played"),
    "seed": ("随机种子", "seed"),
}
ERRORS = (
    "± 为模拟误差（蒙特卡罗标准误）；没有 ± 的数由全部模拟合并得出。",
    "± is the Monte Carlo standard error; numbers without it are pooled over all campaigns.",
)
SMALLER_LARGER = (
    "如果真实差别较小/中等/较大（标准差 {spreads} 分），能分出 {groups} 个档次。",
    "If true differences are small / medium / large (standard deviation {spreads} points): {groups} groups.",
)


def note(found: Json) -> Pair:
    """A condition of the set-up, with whom it concerns."""
    zh, en = NOTES[found["code"]]
    chinese, english = (_listed(found["subjects"], mark) for mark in ("、", ", "))
    return zh.format(subjects=chinese, number=found["number"]), en.format(subjects=english, number=found["number"])


def sentences(indicator: Json) -> list[Pair]:
    """What was found of an indicator: for each category what can be told apart, then what would help."""
    return [*_verdicts(indicator), *_precision(indicator)]


def _verdicts(indicator: Json) -> Iterator[Pair]:
    several = len(indicator["comparisons"]) > 1
    for comparison in indicator["comparisons"]:
        name = comparison["category"]
        zh, en = (f"{name}：", f"{name}: ") if several and name else ("", "")
        for chinese, english in _of_comparison(indicator, comparison):
            yield zh + chinese, en + english
            if several and comparison["status"] == "ok":
                break


def _of_comparison(indicator: Json, comparison: Json) -> Iterator[Pair]:
    if comparison["status"] == "one_unit":
        yield "只有一个单位，没有可比较的。", "there is one unit only, nothing to compare it with."
        return
    if comparison["status"] != "ok":
        yield (
            "几乎没有单位能得到分数，无从比较。",
            "hardly any unit will have a score, so nothing can be compared.",
        )
        return
    chinese, english = verdict(comparison, by_department=indicator["by_department"])
    few = comparison["compared"]["value"]
    if few < comparison["units"] / 2:
        chinese += f"按发布规则和评分门槛，平均只有 {few:.1f} 个单位能参加比较。"
        english += (
            f" Under the rules of publication and the plan's gates {few:.1f} of them will be compared on average."
        )
    yield chinese, english
    if comparison["difference"] is not None:
        one, every = comparison["difference"], comparison["difference_of_all"]
        yield (
            f"两个普通单位的真实差距约 {one:.1f} 分时，有八成把握看出来；全部两两比较时要 {every:.1f} 分。",
            (
                f"a true difference of about {one:.1f} points between two typical units is found with 80 % power; "
                f"with all pairs looked at it takes {every:.1f}."
            ),
        )
    yield from _reliability(comparison, by_department=indicator["by_department"])


def verdict(comparison: Json, *, by_department: bool) -> Pair:
    """How many groups can be separated, in one sentence."""
    n, units, groups = round(comparison["n"] or 0), comparison["units"], comparison["groups"]
    who_zh, who_en = _members(n, by_department=by_department)
    zh, en = f"每个单位 {n} {who_zh}：", f"with {n} {who_en} a unit "
    if groups == 1:
        return (
            f"{zh}{units} 个单位分不出档次，得分谁高谁低多半是偶然。",
            f"{en}you will not separate groups among {units} units; which score is higher is mostly chance.",
        )
    if groups >= units:
        share = comparison["in_group"]["value"]
        return (
            f"{zh}{units} 个单位的先后大多排得对，约 {share:.0%} 排在自己真实的名次上。",
            f"{en}the order of {units} units will mostly be right: about {share:.0%} land in their true place.",
        )
    return (
        f"{zh}{units} 个单位能分出约 {groups} 个档次，不能排出 {units} 个名次。",
        f"{en}you will separate about {groups} groups, not {units} places.",
    )


def _reliability(comparison: Json, *, by_department: bool) -> Iterator[Pair]:
    needed, reliable = comparison["needed"], comparison["reliable"]["value"]
    if needed is None:
        return
    target, more = f"{needed['target']:.2f}", needed["more"]
    zh, en = f"单位信度要达到 {target}：", f"for a unit reliability of {target} "
    zh_end, en_end = (
        f"（按计划的数量，报告中预计 {reliable:.0%} 的单位达到）。",
        f" (as planned, {reliable:.0%} of the units are reported to reach it).",
    )
    if more == 0:
        yield f"{zh}普通单位的数量已够{zh_end}", f"{en}a typical unit has enough{en_end}"
    elif more is None:
        yield f"{zh}增加数量也达不到{zh_end}", f"{en}no number would be enough{en_end}"
    else:
        who_zh, who_en = _members(more, by_department=by_department)
        yield (
            f"{zh}普通单位约再要 {more} {who_zh}{zh_end}",
            f"{en}a typical unit needs about {more} more {who_en}{en_end}",
        )


def _precision(indicator: Json) -> Iterator[Pair]:
    needed = indicator["needed"]
    if needed is None or needed["more"] is None:
        return
    zh, en = f"抽样区间半宽要在 ±{needed['target']:g} 分以内：", f"for ±{needed['target']:g} points (sampling) "
    if needed["more"] == 0:
        yield f"{zh}普通单位的数量已够。", f"{en}a typical unit has enough."
    else:
        who_zh, who_en = _members(needed["more"], by_department=indicator["by_department"])
        yield (
            f"{zh}普通单位约再要 {needed['more']} {who_zh}。",
            f"{en}a typical unit needs about {needed['more']} more {who_en}.",
        )


def _members(n: int, *, by_department: bool) -> Pair:
    zh, one, several = MEMBERS[by_department]
    return zh, one if n == 1 else several


def _listed(subjects: Any, mark: str, most: int = 8) -> str:  # noqa: ANN401  # a list of codes out of JSON
    rest = len(subjects) - most
    return mark.join(subjects[:most]) + (f" …(+{rest})" if rest > 0 else "")

"""One plain sentence for each question that a statistic answers, for readers who know none of them.

Pure: numbers of a stored report in, a sentence in Chinese and in English out. Must stay true: a sentence says no more
than its number; where there is no number it says so; the lines drawn here are customs of the literature (`sources`) and
change no status.
"""

from collections.abc import Mapping
from typing import Any

from survey_app.scores.rules.estimate_words import ESTIMATES

Json = Mapping[str, Any]
Pair = tuple[str, str]

CUSTOM, LOW, TWICE = 0.70, 0.60, 0.95
ENOUGH_FOR_CONSEQUENCES = 0.80
MOST = 0.5


def consistency(block: Json) -> Pair:
    """Do these items go together?"""
    if not block["assessable"]:
        return (
            "完整作答太少（不到 30 份），还看不出题目之间是否一致。",
            "Too few complete responses (under 30) to see whether the items go together.",
        )
    found = block["alpha"] if block["coefficient"] is None else block["coefficient"]
    if found is None:
        zh, en = ESTIMATES[block["status"]] if block["status"] else ("", "")
        return f"题目之间是否一致无从判断。{zh}", f"Whether the items go together cannot be said. {en}".strip()
    lower = block["influence_lo"] if len(block["items"]) > 2 else None
    if found > TWICE:
        return (
            f"题目之间高度一致（信度 {found:.2f}），其中可能有重复的题。",
            f"The items go together very closely (reliability {found:.2f}); some may ask the same twice.",
        )
    if found >= CUSTOM and (lower is None or lower >= CUSTOM):
        return (
            f"一致，可以合成一个分数（信度 {found:.2f}）。",
            f"They go together well enough for one score (reliability {found:.2f}).",
        )
    if found >= CUSTOM:
        return (
            f"大体一致（信度 {found:.2f}），但区间下限不到 0.70，细小的分差不要解读。",
            f"By and large (reliability {found:.2f}), but its interval begins below 0.70; ignore small differences.",
        )
    if found >= LOW:
        return (
            f"不太一致（信度 {found:.2f}，常用参考 0.70），合成的分数要谨慎看。",
            f"Not very well (reliability {found:.2f}; 0.70 is the custom); read the combined score with care.",
        )
    return (
        f"不一致（信度 {found:.2f}，常用参考 0.70），平均分没有可靠的含义，请检查题目和收集过程。",
        f"No (reliability {found:.2f}; 0.70 is the custom): their mean has no reliable meaning. Look into the items.",
    )


def themes(validity: Json) -> Pair:
    """How many themes lie behind the items?"""
    found = validity["dimensions_found"]
    if found is None:
        zh, en = ESTIMATES[validity["dimensions_status"]]
        return f"看不出题目背后有几个主题。{zh}", f"How many themes lie behind the items cannot be seen. {en}".strip()
    if found == 1:
        return (
            "数据里看得出一个共同的主题，总分就是这个主题的高低。",
            "One common theme shows in the answers; the score stands for it.",
        )
    if not found:
        return (
            "数据里看不出共同的主题，总分的含义要谨慎看。",
            "No common theme shows in the answers; take care what the score stands for.",
        )
    return (
        f"数据里看得出 {found} 个主题，总分是它们的合计，请同时看各维度。",
        f"{found} themes show in the answers; the score adds them up, so read the dimensions, too.",
    )


def agreement(found: Json) -> Pair:
    """Do the people of this unit see it alike?"""
    even, skewed = found["r_wg_j"], found["r_wg_j_skewed"]
    if even is None:
        zh, en = ESTIMATES[found["status"]]
        return f"看法是否一致无从判断。{zh}", f"Whether people agree cannot be said. {en}".strip()
    if even < CUSTOM:
        return (
            "看法分散：平均分背后意见不一，请看各题的分布。",
            "Opinions differ: the mean hides it, so look at how each item was answered.",
        )
    if skewed is None or skewed >= CUSTOM:
        return "看法比较一致，平均分能代表大家。", "People largely agree; the mean speaks for them."
    return (
        "看法大体一致，但按较严的对照还不够，平均分只能大致代表大家。",
        "People agree by and large, though not by the stricter comparison; the mean speaks for them roughly.",
    )


def between_units(found: Json) -> Pair:
    """Do units differ in what their people say?"""
    share = found["icc1"]
    if share is None:
        zh, en = ESTIMATES[found["status"]]
        return f"单位之间有没有差别无从判断。{zh}", f"Whether units differ cannot be said. {en}".strip()
    if share <= 0:
        return (
            "看不出单位之间的差别：各单位的人答得一样分散。",
            "No differences between units show: answers spread as much within each.",
        )
    return (
        f"每个人回答的差别中，约 {share:.0%} 是单位之间的差别，其余是人与人之间的差别。",
        f"About {share:.0%} of the differences between persons' answers lie between units, the rest between persons.",
    )


def reliable(standing: Json) -> Pair:
    """Is the gap to the other units more than chance?"""
    found = standing["unit_reliability_process"]
    if found is None:
        return (
            "与同类的差别有多少是偶然，算不出来。",
            "How much of the gap to the others is chance cannot be said.",
        )
    tail = (
        ("分得清。", "That tells it from the others.")
        if found >= ENOUGH_FOR_CONSEQUENCES
        else ("大致分得清，有后果的决定还不够。", "Enough to tell it apart, not enough where consequences follow.")
        if found >= CUSTOM
        else ("分不清，不要据此比高低。", "That does not tell it from the others; do not compare by it.")
    )
    return (
        f"得分与同类的差别，约 {found:.0%} 是真实差别，其余是偶然。{tail[0]}",
        f"About {found:.0%} of the differences to other units are real, the rest is chance. {tail[1]}",
    )


def needed(standing: Json, target: float, *, departments: bool) -> Pair:
    """How many more answers would tell it apart?"""
    more, what = standing["answers_needed"], ("个部门", "departments") if departments else ("份答卷", "responses")
    if more is None:
        return (
            f"再多的答卷也难以使 λ 达到 {target:.2f}：同类单位本来就相近。",
            f"No number of answers would bring λ to {target:.2f}: the units are too close to each other.",
        )
    if more == 0:
        return f"答卷已够：λ 已达到 {target:.2f}。", f"There are enough answers: λ has reached {target:.2f}."
    return (
        f"λ 要达到 {target:.2f}，约还需 {more} {what[0]}。",
        f"About {more} more {what[1]} would bring λ to {target:.2f}.",
    )


def hits_most(flagged: int | None, n: int | None) -> bool:
    """Whether a family flags so many that it says more of the collection than of the people."""
    return bool(flagged and n and flagged > MOST * n)

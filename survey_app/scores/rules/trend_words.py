"""The change since an earlier campaign in words: a verdict on each unit, what changed in questions and scoring.

Must stay true: a verdict follows from the stored numbers alone; a change that the error covers is never called one.
"""

from collections.abc import Mapping
from typing import Any

Pair = tuple[str, str]

VERDICTS: dict[str, Pair] = {
    "up": (
        "比上一轮高 {points} 分，超出误差范围。",
        "Up by {points} points, beyond the error.",
    ),
    "down": (
        "比上一轮低 {points} 分，超出误差范围。",
        "Down by {points} points, beyond the error.",
    ),
    "alone": (
        "只看这个单位，变化超出误差；但同时比较了 {tested} 个单位，总会有几个碰巧如此，不足以说真有变化。",
        (
            "Alone, this change is beyond the error; but {tested} units were compared at once, and some will be by "
            "chance. It is not enough to speak of a change."
        ),
    ),
    "within": ("变化在误差范围内，不能说有变化。", "The change is within the error: nothing to speak of."),
    "no_interval": ("两次相差 {points} 分。", "The two differ by {points} points."),
}

# Why the score of an indicator is another one.
REFUSALS: dict[str, Pair] = {
    "audience": ("换了填答人群", "another audience answers"),
    "levels": ("部门内先平均还是逐份平均，改变了", "whether departments are averaged first has changed"),
    "parts": ("指标由哪些部分组成、各占多少权重，改变了", "the parts of the indicator or their weights have changed"),
}

# What another defensible way of scoring can do to a difference.
CAUTIONS: dict[str, Pair] = {
    "exclusion": ("剔除不认真答卷的规则不同", "careless responses are left out by another rule"),
    "gaps": ("缺答达到多少才计分的规则不同", "another share of items must be answered"),
    "strata": ("一次按分层人数加权，另一次没有", "strata are weighted in one of the two only"),
}
SCORING_CHANGED: Pair = (
    "计分方法有变化：{what}。变化里可能有一部分来自方法，请与总区间一起看。",
    "Scoring has changed: {what}. Part of a difference may come from that; read it with the total interval.",
)

# How items changed, in the order in which it is said.
ITEMS: dict[str, Pair] = {
    "added": ("新增的题目", "new items"),
    "removed": ("删去的题目", "items gone"),
    "reworded": ("措辞或选项改变的题目", "items worded otherwise"),
    "rescored": ("分值、方向或归属改变的题目", "items scored otherwise"),
}
ADVICE: Pair = (
    "题目变了，分差说不清是单位变了还是问题变了，因此不给变化。要比较，请用只含未变题目的方案把两轮重新计算。",
    (
        "With other questions nobody can say whether the unit changed or the question, so no difference is given. "
        "To compare, score both campaigns anew by a plan of the items that stayed."
    ),
)


def verdict(row: Mapping[str, Any], level: float) -> str | None:
    """Which verdict fits a stored row; None where there is no difference. level: of the interval, for Holm as well."""
    if row["difference"] is None:
        return None
    if row["lo"] is None or row["hi"] is None:
        return "no_interval"
    if row["p_holm"] is not None and row["p_holm"] < 1 - level:
        return "up" if row["difference"] > 0 else "down"
    return "within" if row["lo"] <= 0 <= row["hi"] else "alone"

"""Scores in words: statuses, audiences, and reasons with their numbers put in. Both languages side by side.

Must stay true: every code that a report can hold has words here, in Chinese and in English.
"""

from collections.abc import Callable, Mapping
from typing import Any

from survey_app.scores.rules.reason_words import REASON_WORDS, Form

Label = Callable[[str], str]

STATUSES = {
    "scored": ("可用", "usable"),
    "caution": ("谨慎", "caution"),
    "not_scored": ("暂不计分", "not scored"),
    "suppressed": ("不予显示", "not shown"),
    "not_applicable": ("不适用", "not applicable"),
}
SHAPES = {"scored": "●", "caution": "▲", "not_scored": "■", "suppressed": "▢", "not_applicable": "–"}

AUDIENCES = {
    "service_recipient": ("管理服务对象", "service recipients"),
    "related_department": ("相关部门", "related departments"),
    "staff": ("工作人员", "staff"),
}

RESTRICTED = (
    "只供{roles}在本页查看，不进入任何文件；作答满 {n} 份、选项满 {count} 人才给出人数。",
    "For {roles} on this page only, in no file; shown from {n} answers and {count} of a choice on.",
)
OPEN_LINK = ("{n}(开放链接参与份数)", "{n} (took part through the open link)")
# What a response rate is of.
ASKED = {
    "handed_out": ("发放", "Asked"),
    "activated": ("发放（按已启用的卡片数）", "Asked (activated cards)"),
    "either": ("发放（或已启用的卡片数）", "Asked (cards handed out or activated)"),
}
NO_ANSWER = ("未答这道题", "did not say")

ROLES = {"suggested": ("建议分", "suggested points"), "reference": ("参考", "for reference")}

FOOTER = (
    "问卷结果供评分参考，不等于评估结论",
    "Survey results serve as reference; they are not the evaluation's conclusion",
)

# Why a number of reliability is missing, or what to beware of with it (analysis.estimate.Status).
ESTIMATES = {
    "ok": ("", ""),
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
    "warn_stratum_empty": ("有分层没有人作答。", "Nobody answered in some strata."),
    "undefined_no_responses": ("没有答卷。", "There are no responses."),
    "undefined_one_response": ("答卷不足两份。", "There are fewer than two responses."),
    "undefined_one_item": ("只有一道题，没有内部一致性可言。", "One item has no internal consistency."),
    "undefined_two_items": ("题目少于三道，这个系数无法计算。", "It takes three items or more."),
    "undefined_item_variance_zero": ("这道题所有人答案相同。", "Everybody answered this item alike."),
    "undefined_total_variance_zero": ("所有人的总分相同。", "All totals are the same."),
    "undefined_singular": (
        "答卷少于题目，或有题目完全重复。",
        "There are fewer responses than items, or items that copy each other.",
    ),
    "undefined_heywood": (
        "单因子模型不成立（出现 Heywood 情形）。",
        "The one-factor model does not hold (Heywood case).",
    ),
    "undefined_not_converged": ("单因子模型没有收敛。", "The one-factor model did not converge."),
    "undefined_frame_too_small": ("作答人数多于总体人数。", "More people answered than there are."),
    "undefined_stratum_size": ("分层人数未知。", "The size of a stratum is not known."),
}


def one(pair: tuple[str, str], language: str) -> str:
    """The Chinese or the English of a pair."""
    return pair[0 if language == "zh" else 1]


def status(code: str, language: str) -> str:
    """The word for a status."""
    return one(STATUSES[code], language)


def sentence(reason: Mapping[str, Any], language: str, label: Label) -> str:
    """What a reason says, with its number and threshold. label: what a subject (part, item, stratum …) is called."""
    words = REASON_WORDS[reason["code"]]
    chinese, number, subject = language == "zh", reason["number"], reason["subject"]
    template = words.zh if chinese else words.en
    if number is None and words.bare_zh:
        template = words.bare_zh if chinese else words.bare_en
    said = template.format(number=written(number, words.form), threshold=written(reason["threshold"], words.form))
    if subject is None:
        return said
    return f"“{label(subject)}”：{said}" if chinese else f"“{label(subject)}”: {said}"


def reading(code: str, language: str) -> str:
    """How to read a reason, for people without statistics."""
    words = REASON_WORDS[code]
    return words.read_zh if language == "zh" else words.read_en


def written(number: float | None, form: Form) -> str:
    """A number of a sentence: counts whole, shares in per cent, points with one decimal, correlations with two."""
    if number is None:
        return "–"
    match form:
        case "count":
            return f"{number:.0f}"
        case "share":
            return f"{number:.0%}"
        case "points":
            return f"{number:.1f}"
        case "alpha":
            return f"{number:.2f}"

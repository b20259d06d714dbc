"""Scores in words: statuses, audiences, and reasons with their numbers put in. Both languages side by side.

Knows where the words of each kind of code are kept: reasons and their sources, statuses of numbers, signals of careless
answering. Must stay true: every code that a report can hold has words here, in Chinese and in English.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from survey_app.scores.rules.estimate_words import ESTIMATES
from survey_app.scores.rules.figure_words import OF_COMPARISONS, OF_PRIORITIES, OF_SCORES, OF_WAVES
from survey_app.scores.rules.quadrant_words import QUADRANTS
from survey_app.scores.rules.quality_words import FAMILIES
from survey_app.scores.rules.reason_words import REASON_WORDS, Form
from survey_app.scores.rules.sampling_words import OF_SAMPLING
from survey_app.scores.rules.scale_words import OF_AGREEMENT, OF_SCALES, OF_VALIDITY
from survey_app.scores.rules.sources import SOURCES, STATUS_SOURCES

Label = Callable[[str], str]

FIGURES = OF_SCORES | OF_SAMPLING | OF_COMPARISONS | OF_WAVES | OF_PRIORITIES | OF_SCALES | OF_AGREEMENT | OF_VALIDITY

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

# Why units of a category have no place, with how many.
REFUSED = {
    "rank_too_few_units": ("同类可比单位太少", "too few units of the category"),
    "rank_reliability_low": ("λ 偏低：{n} 个单位", "λ too low: {n}"),
    "rank_set_wide": ("允许的位次太宽：{n} 个单位", "too many places possible: {n}"),
}

ROLES = {"suggested": ("建议分", "suggested points"), "reference": ("参考", "for reference")}

FOOTER = (
    "问卷结果供评分参考，不等于评估结论",
    "Survey results serve as reference; they are not the evaluation's conclusion",
)


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


def source(code: str, language: str) -> str:
    """Where the threshold or the rule of a reason comes from."""
    return one(SOURCES[code], language)


def estimate(code: str | None, language: str) -> str:
    """Why a number is missing or what to beware of; nothing where there is nothing to say."""
    return one(ESTIMATES[code], language) if code else ""


def estimate_source(code: str, language: str) -> str:
    """What a status of a number rests on."""
    return one(STATUS_SOURCES[code], language)


def quadrant(code: str | None, language: str) -> str:
    """Where a dimension stands in importance and score; nothing where there is no such picture."""
    return one(QUADRANTS[code], language) if code else ""


def family(code: str, language: str) -> str:
    """A family of signals of careless answering."""
    return one(FAMILIES[code].name, language)


def refused(code: str, units: int, language: str) -> str:
    """How many units have no place for one reason; too few units is a reason for all of them."""
    zh, en = REFUSED[code]
    return zh.format(n=units) if language == "zh" else en.format(n=units)


@dataclass(frozen=True)
class Called:
    """A figure in one language."""

    name: str
    reading: str
    formula: str
    source: str


def figure(code: str, language: str) -> Called:
    """What a figure is called, how to read it, its formula and where it comes from."""
    found = FIGURES[code]
    return Called(one(found.name, language), one(found.reading, language), found.formula, found.source)


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
        case "places":
            return f"{number:g}"

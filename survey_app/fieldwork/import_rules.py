"""A row of somebody else's file as answers: what a column holds, which words mean which choice, how long it took.

Pure. Files speak in labels as often as in codes, join several choices by signs of their own and write words beside
"other" into brackets; after that every answer goes through `answers.read` like any other.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from survey_app.questionnaire.base import TextValue
from survey_app.questionnaire.items import AnsweredItem, MultipleItem, RankingItem
from survey_app.questionnaire.model import Questionnaire

# What a column can hold besides an item: number is the number of the sitting in the file.
SPECIAL = ("number", "unit", "department", "stratum", "seconds", "started")
_HEADINGS = {
    "序号": "number",
    "答卷编号": "number",
    "编号": "number",
    "id": "number",
    "number": "number",
    "sitting": "number",
    "所用时间": "seconds",
    "答题时长": "seconds",
    "seconds": "seconds",
    "duration": "seconds",
    "提交答卷时间": "started",
    "提交时间": "started",
    "开始时间": "started",
    "started": "started",
    "单位": "unit",
    "被评估单位": "unit",
    "unit": "unit",
    "部门": "department",
    "department": "department",
    "分层": "stratum",
    "stratum": "stratum",
}
_NOTHING = frozenset({"", "(空)", "(跳过)", "（空）", "（跳过）"})
_STRONG = re.compile(r"[┋;；|\n]+")
_WEAK = re.compile(r"[┋;；|\n、,，]+")
_ENUMERATED = re.compile(r"^(?:[a-z]|[0-9]{1,3})[.．、)）]\s*")
_WORDS = re.compile(r"^(.*?)\s*〖(.*)〗$", re.DOTALL)
_LENGTH = re.compile(
    r"(?:(\d{1,4})\s*(?:小时|时|h))?\s*(?:(\d{1,6})\s*(?:分钟|分|m(?:in)?))?\s*(?:(\d{1,9}(?:\.\d{1,9})?)\s*(?:秒|s)?)?"
)
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2})")
_MOMENTS = ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%dT%H:%M:%S")


Words = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Refusal:
    """One thing for which a row is not stored. kind: what stands in the cell, never the words themselves."""

    row: int
    column: str
    kind_zh: str
    kind_en: str
    zh: str
    en: str


def suggested(headings: Sequence[str], questionnaire: Questionnaire, remembered: Mapping[str, str]) -> dict[int, str]:
    """What each column most likely holds, by its place; columns that nothing speaks for are left out.

    remembered: what the same headings meant at the last import.
    """
    items = {item.id: item for item in questionnaire.answered_items()}
    by_text = {plain(words): item.id for item in items.values() for words in _every(item.text)}
    found: dict[int, str] = {}
    for place, heading in enumerate(headings):
        name = heading.strip()
        bare = plain(re.sub(r"^\s*[Qq]?\d+\s*[、.．:：]?", "", name))
        if name in remembered:
            holds = remembered[name]
        elif name in items:
            holds = f"item:{name}"
        elif name.endswith(".other") and name.removesuffix(".other") in items:
            holds = f"other:{name.removesuffix('.other')}"
        else:
            holds = _HEADINGS.get(name.lower(), "") or (f"item:{by_text[bare]}" if bare in by_text else "")
        if holds and holds not in found.values():
            found[place] = holds
    return found


def targets(questionnaire: Questionnaire) -> list[str]:
    """Everything that a column can hold."""
    items = list(questionnaire.answered_items())
    other = [item.id for item in items if any(choice.other for choice in item.choices_in(questionnaire))]
    return [*SPECIAL, *(f"item:{item.id}" for item in items), *(f"other:{name}" for name in other)]


def words_of(questionnaire: Questionnaire) -> Words:
    """For each item: label in any language, or code -> code."""
    return {item.id: _labels(questionnaire, item) for item in questionnaire.answered_items()}


def fields_of(questionnaire: Questionnaire, words_of_items: Words, cells: Mapping[str, str]) -> dict[str, list[str]]:
    """Form fields for the validator. cells: what the row says, by what its column holds."""
    fields: dict[str, list[str]] = {}
    for item in questionnaire.answered_items():
        cell = cells.get(f"item:{item.id}", "").strip()
        beside = cells.get(f"other:{item.id}", "").strip()
        codes, words = _codes(words_of_items[item.id], item, "" if cell in _NOTHING else cell)
        fields[item.id] = codes
        if beside or words:
            fields[f"{item.id}__other"] = [beside or words]
    return fields


def seconds_of(cell: str) -> float | None:
    """A length of time as files write it: 95, 95秒, 1分35秒, 00:01:35; None for anything else."""
    written = unicodedata.normalize("NFKC", cell).strip().lower()
    clock = _CLOCK.fullmatch(written)
    if clock is not None:
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return hours * 3600.0 + minutes * 60 + seconds
    found = _LENGTH.fullmatch(written)
    if not written or found is None or not any(found.groups()):
        return None
    hours_, minutes_, seconds_ = (float(part or 0) for part in found.groups())
    return hours_ * 3600 + minutes_ * 60 + seconds_


def moment_of(cell: str) -> float | None:
    """Seconds of a clock time, from any one origin; None where it is none. Never stored."""
    for form in _MOMENTS:
        try:
            at = datetime.strptime(cell.strip(), form)  # noqa: DTZ007  # only differences are looked at
        except ValueError:
            continue
        return (at - datetime(2000, 1, 1)).total_seconds()  # noqa: DTZ001  # the same for all
    return None


def kind_of(cell: str) -> tuple[str, str]:
    """What stands in a cell, without saying it: (zh, en)."""
    if not cell.strip():
        return "空白", "blank"
    try:
        float(cell)
    except ValueError:
        return f"文字（{len(cell)} 字）", f"text of {len(cell)} characters"
    return "数字", "a number"


def plain(words: str) -> str:
    """Words without case, width, spaces and punctuation, to compare labels by."""
    folded = unicodedata.normalize("NFKC", words).casefold()
    return "".join(sign for sign in folded if unicodedata.category(sign)[0] in "LNS")


def _codes(known: Mapping[str, str], item: AnsweredItem, cell: str) -> tuple[list[str], str]:
    """The codes that a cell stands for, and words beside "other". What is not understood is left for the validator."""
    if not cell or not known:
        return ([cell] if cell else []), ""
    found = _one(known, cell)
    if found is not None:
        return [found[0]], found[1]
    if not isinstance(item, MultipleItem | RankingItem):
        return [cell], ""
    for between in (_STRONG, _WEAK):
        parts = [part for part in between.split(cell) if part.strip()]
        read = [_one(known, part) for part in parts]
        if all(one is not None for one in read):
            return [one[0] for one in read if one], next((one[1] for one in read if one and one[1]), "")
    return _STRONG.split(cell), ""


def _one(known: Mapping[str, str], part: str) -> tuple[str, str] | None:
    beside = _WORDS.match(part.strip())
    label, words = (beside[1], beside[2].strip()) if beside else (part.strip(), "")
    for written in (label, _ENUMERATED.sub("", label.casefold())):
        code = known.get(written) or known.get(plain(written))
        if code is not None:
            return code, words
    return None


def _labels(questionnaire: Questionnaire, item: AnsweredItem) -> dict[str, str]:
    """Label in any language, or code -> code; codes win, and a label that stands for two choices stands for none."""
    pairs = [(choice.code, choice.label) for choice in item.choices_in(questionnaire)]
    pairs += [(code.code, code.label) for code in item.missing_in(questionnaire)]
    found: dict[str, str] = {}
    twice: set[str] = set()
    for code, label in pairs:
        for words in _every(label):
            name = plain(words)
            if found.setdefault(name, code) != code:
                twice.add(name)
    return {name: code for name, code in found.items() if name not in twice} | {code: code for code, _ in pairs}


def _every(value: TextValue) -> Iterable[str]:
    return (value,) if isinstance(value, str) else value.values()

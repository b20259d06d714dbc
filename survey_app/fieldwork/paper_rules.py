"""A paper sheet as keys on a keyboard: which key stands for which choice, and what was typed as the sitting that it is.

Pure. One line of typing an item: 1, 2, … (or a, b, …) for the choices in the printed order, "-" for blank or illegible.
What keys become is read by `answers.read` like every other answer. A sheet may leave a required item blank, a person
who types may not: blank is typed as "-", so that nothing is passed over.
"""

import re
import string
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from survey_app.questionnaire import answers
from survey_app.questionnaire.items import AnsweredItem, MultipleItem, NumberItem, RankingItem, RatingItem, TextItem
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.texts import substitute, text

Responses = list[tuple[int | None, dict[str, Any]]]

BLANK = "-"
MOST_SHEETS = 2000
_BLANKS = frozenset({"-", "－", "—", "–"})
_BETWEEN = re.compile(r"[\s,，、;；.。/]+")


@dataclass(frozen=True)
class Key:
    """What is typed for one choice."""

    key: str
    code: str
    label: str


@dataclass(frozen=True)
class Line:
    """One item as it is typed. kind: one, many, order, number, date or text. other: the field of its words, if any."""

    name: str
    item: str
    number: int
    text: str
    kind: str
    keys: tuple[Key, ...]
    required: bool
    other: str | None

    @property
    def single_stroke(self) -> bool:
        """Whether one key is a whole answer, so that typing can go on by itself."""
        return self.kind == "one" and all(len(key.key) == 1 for key in self.keys)

    @property
    def lookup(self) -> dict[str, str]:
        """Everything that may be typed for a choice -> its code."""
        found = {key.key: key.code for key in self.keys}
        if all(key.key.isdecimal() for key in self.keys) and self.kind != "rating" and len(self.keys) <= 26:
            found |= dict(zip(string.ascii_lowercase, found.values(), strict=False))
        return found


@dataclass(frozen=True)
class Part:
    """The lines of one page of the printed questionnaire; unit: which unit they rate."""

    title: str | None
    unit: str | None
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Page:
    """One page of a printed questionnaire: the ids of its sections, and which of its units it rates."""

    sections: tuple[str, ...]
    unit_at: int | None


@dataclass(frozen=True)
class Paper:
    """A printed questionnaire: its items, the units that it can be about, and the language it is read in."""

    questionnaire: Questionnaire
    unit_ids: tuple[int, ...]
    unit_codes: tuple[str, ...]
    unit_names: tuple[str, ...]
    language: str = "zh"

    @property
    def pages(self) -> tuple[Page, ...]:
        """What comes before the repeated section, one page a unit, what comes after it; else one page."""
        ids = [section.id for section in self.questionnaire.sections]
        repeated = self.questionnaire.repeated_section()
        if repeated is None:
            return (Page(tuple(ids), None),)
        at = ids.index(repeated.id)
        around = [Page(tuple(some), None) if some else None for some in (ids[:at], ids[at + 1 :])]
        units = [Page((repeated.id,), unit) for unit in range(len(self.unit_ids))]
        return tuple(page for page in (around[0], *units, around[1]) if page is not None)

    @property
    def most_units(self) -> int:
        """How many units one sitting may rate."""
        repeated = self.questionnaire.repeated_section()
        limit = repeated.repeat.max if repeated is not None and repeated.repeat is not None else len(self.unit_ids)
        return min(limit, len(self.unit_ids))

    def parts(self) -> list[Part]:
        """Every line to type, in the printed order."""
        found = []
        for at, page in enumerate(self.pages):
            unit = None if page.unit_at is None else self.unit_names[page.unit_at]
            names = {"unit": unit or "、".join(self.unit_names)}
            number = 0
            for section in self.questionnaire.sections:
                if section.id not in page.sections:
                    continue
                lines = []
                for item in section.items:
                    if isinstance(item, AnsweredItem):
                        number += 1
                        lines.append(self._line(at, item, number, names))
                title = None if section.title is None else substitute(text(section.title, self.language), names)
                found.append(Part(title, unit, tuple(lines)))
        return found

    def _line(self, at: int, item: Any, number: int, names: Mapping[str, str]) -> Line:  # noqa: ANN401  # a union of items
        name = f"p{at}__{item.id}"
        other = any(choice.other for choice in item.choices_in(self.questionnaire))
        return Line(
            name=name,
            item=item.id,
            number=number,
            text=substitute(text(item.text, self.language), names),
            kind=_kind(item),
            keys=keys_of(self.questionnaire, item, self.language),
            required=item.required,
            other=f"{name}__other" if other else None,
        )


@dataclass
class Sheet:
    """What was typed of one sheet: its responses, faults by field, how many answers the filters left out."""

    responses: Responses = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    dropped: int = 0


def keys_of(questionnaire: Questionnaire, item: Any, language: str) -> tuple[Key, ...]:  # noqa: ANN401  # a union of items
    """The keys of an item: 1, 2, … through its choices and then its typed missing answers.

    A rating is typed as its number, a number or a date as itself; their missing answers are a, b, …
    """
    choices = [(choice.code, text(choice.label, language)) for choice in item.choices_in(questionnaire)]
    missing = [(code.code, text(code.label, language)) for code in item.missing_in(questionnaire)]
    letters = [Key(string.ascii_lowercase[at], *both) for at, both in enumerate(missing)]
    if isinstance(item, RatingItem):
        return (*(Key(code, code, code) for code, _ in choices), *letters)
    if not choices:
        return tuple(letters)
    return tuple(Key(str(at), *both) for at, both in enumerate([*choices, *missing], start=1))


def read_sheet(paper: Paper, typed: Mapping[str, str], english: bool) -> Sheet:
    """The sheet in the typed fields. A page about a unit on which nothing was typed is a unit that was not rated."""
    sheet, finished = Sheet(), {}
    general: dict[str, Any] = {}
    lines = {line.name: line for part in paper.parts() for line in part.lines}
    for at, page in enumerate(paper.pages):
        of_page = [line for line in lines.values() if line.name.startswith(f"p{at}__")]
        given = {line.name: _tidy(typed.get(line.name, "")) for line in of_page}
        beside = any(typed.get(line.other, "").strip() for line in of_page if line.other)
        if page.unit_at is not None and not beside and not any(given.values()):
            continue
        fields, blank, wrong = _fields(of_page, given, typed, english)
        sheet.faults |= wrong
        unit = None if page.unit_at is None else paper.unit_codes[page.unit_at]
        reading = answers.read(paper.questionnaire, fields, unit=unit, sections=page.sections, earlier=general)
        for error in reading.errors:
            name = f"p{at}__{error.item}"
            if error.code == "required":
                if error.item in blank:
                    continue
                words = ("必答题没有录入。卷面空白或看不清，请录“-”。", "Required. Type “-” where the sheet is blank.")
                sheet.faults.setdefault(name, words[english])
            else:
                sheet.faults.setdefault(name, error.message("en" if english else "zh"))
        sheet.dropped += len(reading.dropped)
        finished[at] = reading.answers
        general |= reading.answers if page.unit_at is None else {}
        if reading.screened == "sitting":
            break
    rated = [at for at, given_there in finished.items() if paper.pages[at].unit_at is not None and given_there]
    if len(rated) > paper.most_units:
        words = (f"一份最多评 {paper.most_units} 个单位，录了 {len(rated)} 个。", f"{paper.most_units} units at most.")
        sheet.faults.setdefault(f"p{rated[-1]}__{_first_item(paper, rated[-1])}", words[english])
    if not sheet.faults and any(finished.values()):
        sheet.responses = _responses(paper, finished)
    return sheet


def typed_of(paper: Paper, responses: Sequence[tuple[int | None, Mapping[str, Any]]]) -> dict[str, str]:
    """What would have to be typed for these responses."""
    by_unit = dict(responses)
    only = paper.unit_ids[0] if len(paper.unit_ids) == 1 else None
    found: dict[str, str] = {}
    for part_lines in (part.lines for part in paper.parts()):
        for line in part_lines:
            page = paper.pages[int(line.name[1:].split("__")[0])]
            unit = only if page.unit_at is None else paper.unit_ids[page.unit_at]
            # What was said outside the units lies in a row of its own, or in that of the only unit.
            given = {**by_unit.get(None, {}), **by_unit.get(unit, {})}
            row = answers.as_row(paper.questionnaire, given)
            if line.item in row:
                found[line.name] = _keys_back(line, row[line.item])
            words = row.get(f"{line.item}.other")
            if words is not None and line.other is not None:
                found[line.other] = words
    return found


def in_words(line: Line, typed: str) -> str:
    """What was typed, as the sheet says it; "" for blank."""
    labels = {key.key: key.label for key in line.keys}
    if line.kind in {"text", "date"} or not labels:
        return typed
    return "、".join(labels.get(token, token) for token in typed.split())


def _responses(paper: Paper, finished: Mapping[int, dict[str, Any]]) -> Responses:
    """(unit id, answers) of each response; what was asked outside the units is a row without unit beside them."""
    general: dict[str, Any] = {}
    rated: Responses = []
    for at, given in finished.items():
        unit_at = paper.pages[at].unit_at
        if unit_at is None:
            general |= given
        elif given:
            rated.append((paper.unit_ids[unit_at], given))
    if not rated:
        return [(paper.unit_ids[0] if len(paper.unit_ids) == 1 else None, general)]
    return [(None, general), *rated] if general else rated


def _fields(
    lines: Sequence[Line], given: Mapping[str, str], typed: Mapping[str, str], english: bool
) -> tuple[dict[str, list[str]], set[str], dict[str, str]]:
    """Form fields for the validator, the items typed as blank, and keys that stand for nothing, by field."""
    fields: dict[str, list[str]] = {}
    blank, wrong = set(), {}
    for line in lines:
        written = given[line.name]
        if written in _BLANKS:
            blank.add(line.item)
            continue
        codes, unknown = _codes(line, written)
        if unknown is not None:
            known = "、".join(f"{key.key} {key.label}" for key in line.keys)
            words = (f"没有“{unknown[:20]}”这个键。可用：{known}。", f"“{unknown[:20]}” is no key here. Use: {known}.")
            wrong[line.name] = words[english]
            continue
        fields[line.item] = codes
        if line.other is not None:
            beside = typed.get(line.other, "")
            fields[f"{line.item}__other"] = ["" if beside.strip() in _BLANKS else beside]
    return fields, blank, wrong


def _codes(line: Line, written: str) -> tuple[list[str], str | None]:
    """The codes that keys stand for, and the first key that stands for none."""
    if not written:
        return [], None
    lookup = line.lookup
    if line.kind in {"text", "number", "date"}:
        return [lookup.get(written.lower(), written)], None
    lowered = unicodedata.normalize("NFKC", written).lower()
    tokens = [token for token in _BETWEEN.split(lowered) if token]
    if line.kind in {"many", "order"} and len(tokens) == 1 and tokens[0] not in lookup:
        # Keys of one sign need nothing between them: 134 is 1, 3 and 4.
        tokens = list(tokens[0])
    for token in tokens:
        if token not in lookup:
            return [], token
    return [lookup[token] for token in tokens], None


def _keys_back(line: Line, cell: str) -> str:
    if line.kind in {"text", "number", "date"}:
        return next((key.key for key in line.keys if key.code == cell), cell)
    by_code = {key.code: key.key for key in line.keys}
    return " ".join(by_code.get(code, code) for code in cell.split(";"))


def _first_item(paper: Paper, at: int) -> str:
    return next(line.item for part in paper.parts() for line in part.lines if line.name.startswith(f"p{at}__"))


def _kind(item: object) -> str:
    match item:
        case MultipleItem():
            return "many"
        case RankingItem():
            return "order"
        case RatingItem():
            return "rating"
        case NumberItem():
            return "number"
        case TextItem():
            return "text"
    return "one" if hasattr(item, "choices") or hasattr(item, "scale") else "date"


def _tidy(written: str) -> str:
    stripped = written.strip()
    return BLANK if stripped in _BLANKS else stripped

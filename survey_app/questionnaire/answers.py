"""Reading answers: the ONE validator behind the phone page, paper entry and file import.

Form fields are strings: `<item>` (several values for a multiple), `<item>__<choice>` = position for a ranking,
`<item>__other` for the words beside "other". Names that begin with "_" never collide: they are free for the page.
Stored answers are codes (a rating its number, multiple and ranking lists), numbers, ISO dates, tidied text; typed
missing by its code; words beside "other" under `<item>.other`. A blank item has no key. Hidden answers are dropped.
"""

from collections import ChainMap
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from survey_app.questionnaire.answer_readers import (
    Fault,
    Fields,
    OneChoiceReader,
    Reader,
    other_field,
    other_key,
    reader_of,
)
from survey_app.questionnaire.catalogue.answers import ANSWER_MESSAGES
from survey_app.questionnaire.items import AnsweredItem, AnyItem, MultipleItem, RankingItem
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.visibility import Answer, Answers, Test, compiled, screened_by

Screened = Literal["sitting", "section"]
# All that a response about a unit holds when the person said they do not know it; no item's id begins with "_".
NOT_KNOWN: Answers = {"_known": "no"}
_SEPARATORS = {0xFF1B: ";"}  # the semicolon of Chinese keyboards


@dataclass(frozen=True, slots=True)
class AnswerError:
    """An item whose answer cannot be taken, by code, with a sentence in both languages."""

    item: str
    code: str
    zh: str
    en: str

    def message(self, language: str) -> str:
        """The sentence in Chinese, or in English for any other language."""
        return self.zh if language == "zh" else self.en


@dataclass(slots=True)
class Reading:
    """What was read: stored answers in item order, errors, and what a screening answer ended.

    dropped: ids of hidden items that had been answered. The answers count only when there are no errors.
    """

    answers: dict[str, Answer] = field(default_factory=dict)
    errors: list[AnswerError] = field(default_factory=list)
    screened: Screened | None = None
    dropped: list[str] = field(default_factory=list)
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    """One item of a table. `hides_until` are the positions just after what a screening answer may end."""

    item: AnyItem
    reader: Reader
    condition: Test | None
    required: bool
    hides_until: dict[str, int]


# Per item: id, the table of a plain one-choice item (None for every other), everything else.
_Row = tuple[str, dict[str, Answer] | None, _Entry]


def read(
    questionnaire: Questionnaire,
    fields: Fields,
    *,
    unit: str | None = None,
    sections: Collection[str] | None = None,
    earlier: Answers | None = None,
) -> Reading:
    """Read one page, one unit or a whole form; unknown fields are ignored.

    unit: the unit that the page is about; without `sections` it stands for the repeated section alone.
    sections: the ids of the sections to read; None reads all of them.
    earlier: stored answers of pages before, for conditions that look back to them; they are not returned.
    Errors come back all at once, as values; KeyError only for a questionnaire with a missing response scale.
    """
    table = _table(questionnaire, None if sections is None else frozenset(sections), unit is not None)
    reading = Reading(unit=unit)
    answers = reading.answers
    known: Answers = answers if not earlier else ChainMap(answers, dict(earlier))
    get = fields.get
    hidden_until = 0
    for position, (item_id, closed, entry) in enumerate(table):
        if closed is not None and position >= hidden_until:
            given = get(item_id)
            if not given:
                continue
            if len(given) == 1:
                stored = closed.get(given[0])
                if stored is not None:
                    answers[item_id] = stored
                    continue
        if position < hidden_until or not (entry.condition is None or entry.condition(known)):
            if _is_given(entry.reader, fields):
                reading.dropped.append(item_id)
            continue
        _read_entry(entry, fields, reading)
        if entry.hides_until:
            ends = screened_by(entry.item, answers.get(item_id))
            if ends is not None:
                reading.screened = "sitting" if ends == "sitting" else "section"
                hidden_until = entry.hides_until[ends]
    return reading


def read_row(
    questionnaire: Questionnaire,
    row: Mapping[str, str],
    *,
    unit: str | None = None,
    sections: Collection[str] | None = None,
    earlier: Answers | None = None,
) -> Reading:
    """Read one row of a file or of paper entry: a column an item, `<item>.other` for the words beside "other".

    multiple and ranking hold codes joined by ";" (a ranking in order); an empty cell is skipped. What was answered
    although it is hidden is named in `dropped`.
    """
    fields: dict[str, list[str]] = {}
    for item in questionnaire.answered_items():
        cell = row.get(item.id, "")
        if isinstance(item, MultipleItem | RankingItem):
            fields[item.id] = cell.translate(_SEPARATORS).split(";")
        else:
            fields[item.id] = [cell]
        fields[other_field(item.id)] = [row.get(other_key(item.id), "")]
    return read(questionnaire, fields, unit=unit, sections=sections, earlier=earlier)


def as_fields(questionnaire: Questionnaire, answers: Answers) -> dict[str, list[str]]:
    """The form fields that read as these stored answers: to fill a form again."""
    fields: dict[str, list[str]] = {}
    for item_id, _, entry in _table(questionnaire, None, unit_only=False):
        if item_id in answers:
            fields |= entry.reader.fields_of(answers[item_id])
        words = answers.get(other_key(item_id))
        if words is not None:
            fields[other_field(item_id)] = [str(words)]
    return fields


def as_row(questionnaire: Questionnaire, answers: Answers) -> dict[str, str]:
    """The row that reads as these stored answers: lists joined by ";", blank items left out."""
    row: dict[str, str] = {}
    for item_id, _, entry in _table(questionnaire, None, unit_only=False):
        answer = answers.get(item_id)
        if isinstance(answer, list):
            row[item_id] = ";".join(answer)
        elif answer is not None:
            row[item_id] = entry.reader.fields_of(answer)[item_id][0]
        words = answers.get(other_key(item_id))
        if words is not None:
            row[other_key(item_id)] = str(words)
    return row


def answer_error(item: str, code: str, **values: object) -> AnswerError:
    """An error with its sentences filled in. KeyError for a code that has no message."""
    zh, en = ANSWER_MESSAGES[code]
    return AnswerError(item, code, zh.format(**values), en.format(**values))


@lru_cache(maxsize=256)
def _table(questionnaire: Questionnaire, sections: frozenset[str] | None, unit_only: bool) -> tuple[_Row, ...]:
    repeated = questionnaire.repeated_section()
    if sections is None and unit_only and repeated is not None:
        sections = frozenset({repeated.id})
    chosen = [section for section in questionnaire.sections if sections is None or section.id in sections]
    answered = [[item for item in section.items if isinstance(item, AnsweredItem)] for section in chosen]
    whole = sum(map(len, answered))
    rows: list[_Row] = []
    for items in answered:
        section_end = len(rows) + len(items)
        for item in items:
            reader = reader_of(item, questionnaire)
            condition = None if item.visible_if is None else compiled(item.visible_if)
            screens = getattr(item, "screens_out", None) is not None
            hides = {"section": section_end, "sitting": whole} if screens else {}
            plain = condition is None and not item.required and not screens and reader.other is None
            closed = reader.closed if plain and isinstance(reader, OneChoiceReader) else None
            rows.append((item.id, closed, _Entry(item, reader, condition, item.required, hides)))
    return tuple(rows)


def _is_given(reader: Reader, fields: Fields) -> bool:
    try:
        return bool(reader.given(fields))
    except Fault:
        # Something was typed, although it makes no answer.
        return True


def _read_entry(entry: _Entry, fields: Fields, reading: Reading) -> None:
    reader = entry.reader
    try:
        given = reader.given(fields)
        words = reader.other_text(fields)
        if words is not None and not given and reader.other is not None:
            # Words without a tick: the person plainly means "other".
            given = [reader.other]
        answer = reader.read(given) if given else None
    except Fault as fault:
        reading.errors.append(answer_error(reader.id, fault.code, **fault.values))
        return
    if answer is None:
        if entry.required:
            reading.errors.append(answer_error(reader.id, "required"))
        return
    reading.answers[reader.id] = answer
    if words is not None and (answer == reader.other or (isinstance(answer, list) and reader.other in answer)):
        reading.answers[other_key(reader.id)] = words

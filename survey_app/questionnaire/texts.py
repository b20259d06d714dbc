"""Texts for readers: choosing a language, putting names in, tidying typed words, and how long reading takes.

Substitution is one pass of plain replacement: what is put in is never looked at again, and nothing is escaped here
(the template engine escapes on output).
"""

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping

from survey_app.questionnaire.base import TextValue
from survey_app.questionnaire.items import (
    AnsweredItem,
    AnyItem,
    DateItem,
    LikertItem,
    MultipleItem,
    NumberItem,
    RankingItem,
    SingleItem,
    TextItem,
)
from survey_app.questionnaire.model import Questionnaire, Section

SUBSTITUTIONS = ("office", "agency", "unit", "campaign", "minutes", "retention", "contact")
PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")

# Silent reading of Chinese on a page: 255 ± 29 characters a minute (IReST, Trauzettel-Klosinski & Dietz 2012,
# doi:10.1167/iovs.11-8284). What follows reading: seconds to decide and touch, to type, to write a sentence.
CHARACTERS_PER_MINUTE = 255
SECONDS_PER_ANSWER = 2.0
SECONDS_PER_TYPED_ANSWER = 5.0
SECONDS_PER_OPEN_TEXT = 30.0
# A follow-up is seen by some only; half is the guess that errs little either way.
_SHARE_OF_FOLLOW_UPS = 0.5
_NAME_LENGTH = 6

# Controls, direction overrides, byte order marks and lone surrogates: they can hide or break what a text says.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029]")


def text(value: TextValue, language: str = "zh") -> str:
    """The text in a language; where that is missing, the Chinese one. A plain string is every language's."""
    return value if isinstance(value, str) else value.get(language, value["zh"])


def substitute(template: str, values: Mapping[str, str]) -> str:
    """Put `values` in the place of `{{name}}`, in one pass; unknown names and names without a value stay as written."""

    def put_in(found: re.Match[str]) -> str:
        name = found[1]
        return values[name] if name in SUBSTITUTIONS and name in values else found[0]

    return PLACEHOLDER.sub(put_in, template)


def tidy(typed: str, *, multiline: bool = True) -> str:
    """Words as they are kept: NFC, trimmed, without controls; line ends are line feeds, or spaces on one line."""
    whole = _LINE_ENDS.sub("\n", typed).replace("\t", " ")
    if not multiline:
        whole = whole.replace("\n", " ")
    return unicodedata.normalize("NFC", _UNWANTED.sub("", whole)).strip()


def minutes(questionnaire: Questionnaire, units: int = 1) -> int:
    """Minutes from the first item to sending, rounded up: what `{{minutes}}` says and the lint measures.

    Reading at 255 characters a minute (Chinese text: section titles, items, hints, choices; a response scale once),
    then 2 s an answer, 2 s a ranked choice, 5 s a number or date, 30 s an open text. Conditional items count half.
    units: how many units one sitting rates; the repeated section counts that often. The start page is not counted.
    """
    seconds = 0.0
    scales_read: set[str] = set()
    for section in questionnaire.sections:
        once = _section_seconds(section, questionnaire, scales_read)
        seconds += once * (units if section.repeat else 1)
    return max(1, math.ceil(seconds / 60))


def _section_seconds(section: Section, questionnaire: Questionnaire, scales_read: set[str]) -> float:
    seconds = sum(_reading_seconds(part) for part in (section.title, section.intro) if part is not None)
    for item in section.items:
        spent = sum(_reading_seconds(part) for part in _parts_read(item)) + _answering_seconds(item)
        if isinstance(item, LikertItem) and item.scale not in scales_read:
            scales_read.add(item.scale)
            scale = questionnaire.response_scales.get(item.scale)
            spent += sum(_reading_seconds(choice.label) for choice in scale.choices) if scale else 0.0
        seconds += spent * (_SHARE_OF_FOLLOW_UPS if item.visible_if is not None else 1.0)
    return seconds


def _parts_read(item: AnyItem) -> Iterator[TextValue]:
    yield item.text
    if item.hint is not None:
        yield item.hint
    if isinstance(item, SingleItem | MultipleItem | RankingItem):
        yield from (choice.label for choice in item.choices)


def _reading_seconds(value: TextValue) -> float:
    characters = "".join(PLACEHOLDER.sub("〇" * _NAME_LENGTH, text(value)).split())
    return len(characters) * 60.0 / CHARACTERS_PER_MINUTE


def _answering_seconds(item: AnyItem) -> float:
    if isinstance(item, TextItem):
        return SECONDS_PER_OPEN_TEXT
    if isinstance(item, NumberItem | DateItem):
        return SECONDS_PER_TYPED_ANSWER
    if isinstance(item, RankingItem):
        return SECONDS_PER_ANSWER * (item.max_choices or len(item.choices))
    return SECONDS_PER_ANSWER if isinstance(item, AnsweredItem) else 0.0

"""How large one sitting's answers can get, so that sealed answers can all be padded to one size.

The bound is over what `answers.read` accepts. It must hold for every sitting: an answer that did not fit could not be
parked, and a padding that followed the answer would tell something about it.
"""

from survey_app.questionnaire.answer_readers import other_key
from survey_app.questionnaire.items import (
    MAX_OTHER_TEXT,
    AnsweredItem,
    DateItem,
    MultipleItem,
    NumberItem,
    RankingItem,
    RatingItem,
    TextItem,
)
from survey_app.questionnaire.model import Questionnaire, Section

# What one sitting may need at most. As a form, where a Chinese character takes nine bytes instead of three, it is up to
# three times as much, and still what the respondent path takes in one go.
MOST_SITTING_BYTES = 80 * 1024

# UTF-8 needs at most four bytes a code point; canonical JSON escapes only quote, backslash and line feed, to two.
_BYTES_PER_CHARACTER = 4
# Sign, 17 digits, point, exponent: the longest number ECMAScript writes has 25 characters.
_LONGEST_NUMBER = 25
_DATE = len('"2026-01-05"')


def largest_sitting(questionnaire: Questionnaire, units: int = 1) -> int:
    """Upper bound in bytes of one sitting's answers, as canonical JSON of `[own, unit 1, …, unit n]`.

    own: the answers outside the repeated section; each unit: those of the repeated section. Without a repeated section
    the list holds one object. An envelope (unit codes, order number …) is the caller's to add.
    units: how many units one sitting rates. KeyError for a missing response scale.
    """
    repeated = questionnaire.repeated_section()
    own = sum(_section_bytes(section, questionnaire) for section in questionnaire.sections if section is not repeated)
    each = 0 if repeated is None else _section_bytes(repeated, questionnaire)
    objects = 1 if repeated is None else 1 + units
    # Two braces and a comma an object, two brackets around them all.
    return own + each * (objects - 1) + 3 * objects + 2


def _section_bytes(section: Section, questionnaire: Questionnaire) -> int:
    return sum(_member_bytes(item, questionnaire) for item in section.items if isinstance(item, AnsweredItem))


def _member_bytes(item: AnsweredItem, questionnaire: Questionnaire) -> int:
    size = _key(item.id) + max(_answer_bytes(item, questionnaire), _longest(_missing(item, questionnaire)))
    if any(choice.other for choice in item.choices_in(questionnaire)):
        size += _key(other_key(item.id)) + 2 + MAX_OTHER_TEXT * _BYTES_PER_CHARACTER
    return size


def _key(name: str) -> int:
    # Two quotes, a colon, and the comma to the next member.
    return len(name) + 4


def _missing(item: AnsweredItem, questionnaire: Questionnaire) -> list[str]:
    return [code.code for code in item.missing_in(questionnaire)]


def _longest(codes: list[str]) -> int:
    return max((len(code) + 2 for code in codes), default=0)


def _answer_bytes(item: AnsweredItem, questionnaire: Questionnaire) -> int:
    if isinstance(item, TextItem):
        return 2 + item.max_length * _BYTES_PER_CHARACTER
    if isinstance(item, NumberItem | RatingItem):
        return _LONGEST_NUMBER
    if isinstance(item, DateItem):
        return _DATE
    codes = [choice.code for choice in item.choices_in(questionnaire)]
    if isinstance(item, MultipleItem | RankingItem):
        longest_first = sorted((len(code) + 3 for code in codes), reverse=True)
        return 2 + sum(longest_first[: item.max_choices])
    return _longest(codes)

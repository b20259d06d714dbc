"""One reader for each item type: from the strings of a form or a row to the stored answer, or a named fault.

A reader knows one item only; what is shown, required or screened out is decided in `answers`.
Whatever a reader accepts, it accepts again unchanged when the answer is written back with `fields_of`.
"""

import datetime
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

from survey_app.questionnaire.items import (
    MAX_NUMBER,
    MAX_OTHER_TEXT,
    AnsweredItem,
    DateItem,
    LikertItem,
    MultipleItem,
    NumberItem,
    RankingItem,
    RatingItem,
    SingleItem,
    TextItem,
)
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.texts import tidy
from survey_app.questionnaire.visibility import Answer

Fields = Mapping[str, Sequence[str]]
V = TypeVar("V")

_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,20})?")
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
# The Chinese keyboard's own figures, point and signs.
_FULL_WIDTH = dict(zip(range(0xFF10, 0xFF1A), "0123456789", strict=True)) | {0xFF0E: ".", 0xFF0D: "-", 0xFF0B: "+"}
_QUOTED_LENGTH = 40


class Fault(Exception):
    """An answer that cannot be taken, by the code of its message and the values in it."""

    def __init__(self, code: str, **values: object) -> None:
        self.code = code
        self.values = values
        super().__init__(code)


def other_field(item_id: str) -> str:
    """The form field with the words of "other, please say"."""
    return f"{item_id}__other"


def other_key(item_id: str) -> str:
    """The key under which those words are stored."""
    return f"{item_id}.other"


class Reader:
    """What every item type shares: where its fields are, and its typed missing answers."""

    def __init__(self, item: AnsweredItem, questionnaire: Questionnaire) -> None:
        self.id = item.id
        self.missing = frozenset(code.code for code in item.missing_in(questionnaire))
        other = [choice.code for choice in item.choices_in(questionnaire) if choice.other]
        self.other = other[0] if other else None

    def given(self, fields: Fields) -> list[str]:
        """Everything that was filled in for the item, blanks left out."""
        return [value for raw in fields.get(self.id, ()) if (value := raw.strip())]

    def read(self, given: list[str]) -> Answer | None:
        """The stored answer; None where nothing is left of what was typed. Raises Fault."""
        chosen = [value for value in given if value in self.missing]
        if not chosen:
            return self.value(given)
        if len(set(given)) > 1:
            raise Fault("missing_beside_answer")
        return chosen[0]

    def value(self, given: list[str]) -> Answer | None:
        """The stored answer of an item that is really answered. Raises Fault."""
        raise NotImplementedError

    def fields_of(self, answer: Answer) -> dict[str, list[str]]:
        """The form fields that give this stored answer."""
        return {self.id: list(answer) if isinstance(answer, list) else [str(answer)]}

    def other_text(self, fields: Fields) -> str | None:
        """What was written beside "other", tidied; None without such a choice or without words."""
        if self.other is None:
            return None
        return _words(" ".join(fields.get(other_field(self.id), ())), MAX_OTHER_TEXT, multiline=False)


class OneChoiceReader(Reader):
    """likert, single and rating: one code; a rating is stored as its number."""

    def __init__(self, item: LikertItem | SingleItem | RatingItem, questionnaire: Questionnaire) -> None:
        super().__init__(item, questionnaire)
        self.stored: dict[str, Answer] = {
            choice.code: int(choice.code) if isinstance(item, RatingItem) else choice.code
            for choice in item.choices_in(questionnaire)
        }
        # The whole item as one table, for the path that reads almost every answer.
        self.closed = self.stored | {code: code for code in self.missing}

    def value(self, given: list[str]) -> Answer:
        """The one code that was chosen."""
        if len(set(given)) > 1:
            raise Fault("choose_one")
        return _known(given[0], self.stored)


class MultipleReader(Reader):
    """multiple: a list of codes in the order of the choices."""

    def __init__(self, item: MultipleItem, questionnaire: Questionnaire) -> None:
        super().__init__(item, questionnaire)
        self.position = {choice.code: at for at, choice in enumerate(item.choices)}
        self.exclusive = frozenset(choice.code for choice in item.choices if choice.exclusive)
        self.fewest, self.most = item.min_choices, item.max_choices

    def value(self, given: list[str]) -> Answer:
        """The chosen codes, each once."""
        codes = set(given)
        for code in given:
            _known(code, self.position)
        if codes & self.exclusive:
            if len(codes) > 1:
                raise Fault("exclusive_beside_others")
        else:
            _check_count(len(codes), self.fewest, self.most)
        return sorted(codes, key=self.position.__getitem__)


class RankingReader(Reader):
    """ranking: a list of codes, the first in rank first; from a position beside each choice, or codes in order."""

    def __init__(self, item: RankingItem, questionnaire: Questionnaire) -> None:
        super().__init__(item, questionnaire)
        self.fields = {f"{item.id}__{choice.code}": choice.code for choice in item.choices}
        self.codes = {choice.code: choice.code for choice in item.choices}
        self.fewest, self.most = item.min_choices, item.max_choices

    def given(self, fields: Fields) -> list[str]:
        """The codes in rank order. Raises Fault where the positions make no order."""
        listed = super().given(fields)
        positions: dict[int, str] = {}
        for field, code in self.fields.items():
            for raw in fields.get(field, ()):
                typed = raw.strip().translate(_FULL_WIDTH)
                if not typed:
                    continue
                if not (
                    typed.isascii() and typed.isdecimal() and len(typed) <= 3 and 1 <= int(typed) <= len(self.codes)
                ):
                    raise Fault("position_wrong", most=len(self.codes))
                if positions.setdefault(int(typed), code) != code:
                    raise Fault("position_twice", position=int(typed))
        ranked = [positions[at] for at in sorted(positions)]
        if len(set(ranked)) < len(ranked):
            raise Fault("ranked_twice")
        return listed if listed == ranked else listed + ranked

    def value(self, given: list[str]) -> Answer:
        """The codes, the first in rank first."""
        for code in given:
            _known(code, self.codes)
        if len(set(given)) < len(given):
            raise Fault("ranked_twice")
        _check_count(len(given), self.fewest, self.most)
        return given

    def fields_of(self, answer: Answer) -> dict[str, list[str]]:
        """A position beside each ranked choice."""
        if not isinstance(answer, list):
            return super().fields_of(answer)
        return {f"{self.id}__{code}": [str(at)] for at, code in enumerate(answer, start=1)}


class NumberReader(Reader):
    """number: whole where it is whole, otherwise decimal."""

    def __init__(self, item: NumberItem, questionnaire: Questionnaire) -> None:
        super().__init__(item, questionnaire)
        self.low = -MAX_NUMBER if item.min is None else item.min
        self.high = MAX_NUMBER if item.max is None else item.max
        self.decimals = item.decimals

    def value(self, given: list[str]) -> Answer:
        """The number, inside the item's bounds."""
        if len(set(given)) > 1:
            raise Fault("one_value")
        typed = given[0].translate(_FULL_WIDTH)
        if not _NUMBER.fullmatch(typed):
            raise Fault("not_a_number")
        number = Decimal(typed)
        if not self.low <= number <= self.high:
            raise Fault("out_of_range", low=plain_number(self.low), high=plain_number(self.high))
        if number != number.quantize(Decimal(1).scaleb(-self.decimals)):
            raise Fault("too_many_decimals" if self.decimals else "not_whole", most=self.decimals)
        return int(number) if number == number.to_integral_value() else float(number)

    def fields_of(self, answer: Answer) -> dict[str, list[str]]:
        """The number in figures, never with an exponent."""
        if isinstance(answer, int | float):
            return {self.id: [plain_number(answer)]}
        return super().fields_of(answer)


class DateReader(Reader):
    """date: ISO 8601, YYYY-MM-DD; 2026/1/5 and 2026年1月5日 are understood."""

    def __init__(self, item: DateItem, questionnaire: Questionnaire) -> None:
        super().__init__(item, questionnaire)
        self.first = item.min or datetime.date.min
        self.last = item.max or datetime.date.max

    def value(self, given: list[str]) -> Answer:
        """The day, inside the item's bounds."""
        if len(set(given)) > 1:
            raise Fault("one_value")
        found = _DATE.fullmatch(given[0].translate(_FULL_WIDTH))
        if found is None:
            raise Fault("not_a_date")
        try:
            day = datetime.date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            raise Fault("not_a_date") from None
        if not self.first <= day <= self.last:
            raise Fault("date_out_of_range", first=self.first.isoformat(), last=self.last.isoformat())
        return day.isoformat()


class TextReader(Reader):
    """text: tidied words."""

    def __init__(self, item: TextItem, questionnaire: Questionnaire) -> None:
        super().__init__(item, questionnaire)
        self.most = item.max_length
        self.multiline = item.multiline

    def value(self, given: list[str]) -> Answer | None:
        """The words; None where only blanks and controls were typed."""
        return _words("\n".join(given), self.most, multiline=self.multiline)


def reader_of(item: AnsweredItem, questionnaire: Questionnaire) -> Reader:
    """The reader of an item. KeyError when the item's response scale does not exist."""
    match item:
        case LikertItem() | SingleItem() | RatingItem():
            return OneChoiceReader(item, questionnaire)
        case MultipleItem():
            return MultipleReader(item, questionnaire)
        case RankingItem():
            return RankingReader(item, questionnaire)
        case NumberItem():
            return NumberReader(item, questionnaire)
        case DateItem():
            return DateReader(item, questionnaire)
        case TextItem():
            return TextReader(item, questionnaire)
    raise TypeError(f"no reader for {type(item).__name__}")


def plain_number(number: float) -> str:
    """A number in figures without an exponent: 0.000001, 1000000000000, 2.5."""
    written = format(Decimal(repr(number)), "f")
    return written.rstrip("0").rstrip(".") if "." in written else written


def _words(given: str, most: int, *, multiline: bool) -> str | None:
    typed = given.strip()
    # Composing makes one character of at most four, so longer words stay too long; and it takes the square of the
    # length when somebody sends nothing but accents.
    if len(typed) <= 4 * most:
        typed = tidy(typed, multiline=multiline)
    if len(typed) > most:
        raise Fault("too_long", length=len(typed), most=most)
    return typed or None


def _known(code: str, choices: Mapping[str, V]) -> V:
    if code not in choices:
        raise Fault("unknown_choice", given=code[:_QUOTED_LENGTH])
    return choices[code]


def _check_count(count: int, fewest: int | None, most: int | None) -> None:
    if most is not None and count > most:
        raise Fault("too_many_choices", count=count, most=most)
    if fewest is not None and count < fewest:
        raise Fault("too_few_choices", count=count, fewest=fewest)

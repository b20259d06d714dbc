"""From stored answers (JSON text) to small integers: the first step of the bridge to `analysis`.

Knows how an answer is stored and which items count. What must stay true: `AnswerCoder.codes` gives for every text
exactly what `AnswerCoder.code_one` gives for it; the second is the definition, the first only its speed. An answer that the
questionnaire does not know is an error, never a blank.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from analysis.frame import BLANK, DONT_KNOW, NOT_APPLICABLE, NOT_SHOWN
from analysis.spec import QuestionnaireSpec
from survey_app.questionnaire.items import RatingItem, ScoredItem
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.visibility import Answer, screened_by, visible
from survey_app.scores.rules.errors import UnreadableAnswer

_QUOTE, _COLON = ord('"'), ord(":")
_WORD = 8  # bytes compared at once
_MASKS = np.array([(1 << (8 * length)) - 1 for length in range(_WORD + 1)], dtype=np.uint64)
_MULTIPLIER = 0x9E3779B97F4A7C15  # odd, so that no word is lost when words are added up


@dataclass(frozen=True, eq=False)
class Coded:
    """codes: int8 (n, k) in the order of the specification's items. eligible: bool (n,), False where screened out."""

    codes: NDArray[np.int8]
    eligible: NDArray[np.bool_]


@dataclass(frozen=True)
class _Value:
    """One stored answer of an item as the bytes that follow its colon; a number may end in a comma or a brace."""

    code: int
    written: tuple[bytes, ...]


class AnswerCoder:
    """The tables of one questionnaire, made once and used for every page of answers."""

    def __init__(self, questionnaire: Questionnaire, spec: QuestionnaireSpec) -> None:
        self.questionnaire = questionnaire
        self.spec = spec
        items = [questionnaire.item(item.id) for item in spec.items]
        self._columns = {item.id: column for column, item in enumerate(items)}
        self._codes = tuple(_codes_of(item, questionnaire) for item in items if isinstance(item, ScoredItem))
        self._conditional = [column for column, item in enumerate(items) if item.visible_if is not None]
        self._screening = tuple(sorted(_screening_words(questionnaire)))
        self._names = _Names.of(self._columns)
        self._written = tuple(_written(codes) for codes in self._codes)

    @property
    def looks_outside(self) -> bool:
        """Whether a coded item of the repeated section may be hidden, so that the sitting's other answers count."""
        return self.questionnaire.repeated_section() is not None and bool(self._conditional)

    def codes(self, texts: Sequence[str], around: Sequence[Mapping[str, Answer]] | None = None) -> Coded:
        """The codes of many stored answers. around: for each, what its sitting said outside the repeated section.

        Raises UnreadableAnswer.
        """
        found = np.zeros((len(texts), len(self.spec.items)), dtype=np.int8)
        eligible = np.ones(len(texts), dtype=np.bool_)
        odd = np.array([_odd(text.encode(), self._screening) for text in texts], dtype=np.bool_)
        self._fill(found, odd, ["" if strange else text for strange, text in zip(odd.tolist(), texts, strict=True)])
        if self._conditional:
            odd |= (found[:, self._conditional] == BLANK).any(axis=1)
        for row in np.flatnonzero(odd).tolist():
            found[row], eligible[row] = self.code_one(orjson.loads(texts[row]), around[row] if around else {})
        return Coded(found, eligible)

    def code_one(self, answers: Mapping[str, Any], around: Mapping[str, Answer]) -> tuple[list[int], bool]:
        """The codes of one response and whether it counts; how it is defined. Raises UnreadableAnswer."""
        every = {**around, **answers}
        codes = [BLANK] * len(self.spec.items)
        for item_id, column in self._columns.items():
            answer = answers.get(item_id)
            if answer is None:
                continue
            code = self._codes[column].get(answer) if isinstance(answer, str | int | float) else None
            if code is None:
                raise UnreadableAnswer(questionnaire=self.questionnaire.id, item=item_id)
            codes[column] = code
        if any(codes[column] == BLANK for column in self._conditional):
            shown = visible(self.questionnaire, every)
            for item_id, column in self._columns.items():
                if codes[column] == BLANK and column in self._conditional and item_id not in shown:
                    codes[column] = NOT_SHOWN
        screened = any(screened_by(item, every.get(item.id)) for item in self.questionnaire.items())
        return codes, not screened

    def _fill(self, found: NDArray[np.int8], odd: NDArray[np.bool_], texts: list[str]) -> None:
        """Code plain rows all at once: find every `"name":` in the joined texts and compare what follows it.

        Rows whose value is none of the item's own turn odd. Texts hold no backslash, so a quote always begins or ends
        a string, and no line feed, so lines are rows.
        """
        joined = "\n".join(texts).encode()
        data = np.frombuffer(joined + bytes(_WORD), dtype=np.uint8)
        # Eight bytes from every place on, overlapping: a comparison of strings becomes one of integers.
        words = np.ndarray((len(joined) + 1,), np.dtype("<u8"), data, strides=(1,))
        quotes = np.flatnonzero(data == _QUOTE)
        opens, closes = quotes[0::2], quotes[1::2]
        is_name = data[closes + 1] == _COLON
        opens, closes = opens[is_name], closes[is_name]
        column = self._names.columns(words, opens + 1, closes - opens - 1)
        line_ends = np.flatnonzero(data[: len(joined)] == ord("\n"))
        row = np.repeat(np.arange(len(texts)), np.diff(np.searchsorted(opens, line_ends), prepend=0, append=len(opens)))
        for number, values in enumerate(self._written):
            here = np.flatnonzero(column == number)
            rows, starts = row[here], closes[here] + 2
            known = np.zeros(len(here), dtype=np.bool_)
            for value in values:
                for written in value.written:
                    same = _begins(words, starts, written)
                    found[rows[same], number] = value.code
                    known |= same
            odd[rows[~known]] = True


@dataclass(frozen=True, eq=False)
class _Names:
    """The ids of the coded items as words, to be found again in text. sums: sorted; order: columns in that order."""

    lengths: NDArray[np.int64]
    words: NDArray[np.uint64]
    sums: NDArray[np.uint64]
    order: NDArray[np.intp]

    @classmethod
    def of(cls, columns: Mapping[str, int]) -> "_Names":
        names = [name.encode() for name in columns]
        width = -(-max(map(len, names), default=1) // _WORD)
        padded = b"".join(name.ljust(width * _WORD, b"\0") for name in names)
        words = np.frombuffer(padded, dtype="<u8").reshape(len(names), width).astype(np.uint64)
        sums = _sum(words.T)
        order = np.argsort(sums)
        return cls(np.array([len(name) for name in names], dtype=np.int64), words, sums[order], order)

    def columns(
        self, words: NDArray[np.uint64], starts: NDArray[np.intp], lengths: NDArray[np.intp]
    ) -> NDArray[np.intp]:
        """The column of the item named at each place, -1 where it is none of these."""
        if not len(self.order):
            return np.full(len(starts), -1, dtype=np.intp)
        parts = []
        for offset in range(0, self.words.shape[1] * _WORD, _WORD):
            kept = _MASKS[np.clip(lengths - offset, 0, _WORD)]
            parts.append(words[np.minimum(starts + offset, len(words) - 1)] & kept)
        place = np.minimum(np.searchsorted(self.sums, _sum(parts)), len(self.sums) - 1)
        column = self.order[place]
        # The sum only proposes; every word and the length decide, so another name with the same sum is no match.
        same = self.lengths[column] == lengths
        for offset, part in enumerate(parts):
            same &= self.words[column, offset] == part
        return np.where(same, column, -1)


def _sum(parts: Sequence[NDArray[np.uint64]] | NDArray[np.uint64]) -> NDArray[np.uint64]:
    total = np.zeros(len(parts[0]), dtype=np.uint64)
    for part in parts:
        total = (total + part) * np.uint64(_MULTIPLIER)
    return total


def _begins(words: NDArray[np.uint64], starts: NDArray[np.intp], written: bytes) -> NDArray[np.bool_]:
    """Whether the text at each place begins with these bytes."""
    same = np.ones(len(starts), dtype=np.bool_)
    for offset in range(0, len(written), _WORD):
        piece = written[offset : offset + _WORD]
        expected = np.uint64(int.from_bytes(piece, "little"))
        same &= words[np.minimum(starts + offset, len(words) - 1)] & _MASKS[len(piece)] == expected
    return same


def _odd(text: bytes, screening: tuple[bytes, ...]) -> bool:
    """Whether a row must be read in full: it has escapes, or may hold an answer that screens out."""
    return b"\\" in text or any(word in text for word in screening)


def _codes_of(item: ScoredItem, questionnaire: Questionnaire) -> dict[Answer, int]:
    """Stored answer → code: 1..K in choice order, typed missing by kind. A rating is stored as its number."""
    choices = item.choices_in(questionnaire)
    stored: list[Answer] = [int(choice.code) if isinstance(item, RatingItem) else choice.code for choice in choices]
    codes = {answer: number for number, answer in enumerate(stored, start=1)}
    kinds = {"dont_know": DONT_KNOW, "not_applicable": NOT_APPLICABLE}
    return codes | {missing.code: kinds[missing.kind] for missing in item.missing_in(questionnaire)}


def _written(codes: Mapping[Answer, int]) -> tuple[_Value, ...]:
    return tuple(_Value(code, _endings(orjson.dumps(answer), answer)) for answer, code in codes.items())


def _endings(written: bytes, answer: Answer) -> tuple[bytes, ...]:
    return (written,) if isinstance(answer, str) else (written + b",", written + b"}")


def _screening_words(questionnaire: Questionnaire) -> set[bytes]:
    return {
        orjson.dumps(code)
        for item in questionnaire.items()
        if (screens := getattr(item, "screens_out", None)) is not None
        for code in screens.choices
    }

"""From stored answers (JSON text) to small integers: the first step of the bridge to `analysis`.

Knows how an answer is stored and which items count. What must stay true: an answer that the questionnaire does not know
is an error, never a blank; what was not shown is told from what was left blank.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import orjson
from numpy.typing import NDArray

from analysis.frame import BLANK, DONT_KNOW, NOT_APPLICABLE, NOT_SHOWN
from analysis.spec import QuestionnaireSpec
from survey_app.questionnaire.answers import NOT_KNOWN
from survey_app.questionnaire.conditions import leaves
from survey_app.questionnaire.items import LikertItem, MultipleItem, RatingItem, SingleItem
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.visibility import Answer, Answers, screened_by, visible
from survey_app.scores.operations.bridge import item_and_choice
from survey_app.scores.rules.errors import UnreadableAnswer

_MISSING = {"dont_know": DONT_KNOW, "not_applicable": NOT_APPLICABLE}
_BYTE = 256  # tables hold codes as unsigned bytes: bytes become an array at once, a list of numbers does not
_BLOCK = 500  # rows whose objects stay in the processor's cache while they are coded; 10,000 take twice as long
_CHOSEN, _NOT_CHOSEN = 1, 2  # the choices of a multiple's column, as `bridge.CHOSEN` has them


@dataclass(frozen=True, eq=False)
class Coded:
    """codes: int8 (n, k) in the order of the specification's items. eligible: bool (n,), False where screened out, and
    where the person said they do not know the unit.

    words: (row, key, what was written), of eligible rows only.
    """

    codes: NDArray[np.int8]
    eligible: NDArray[np.bool_]
    words: list[tuple[int, str, str]]


@dataclass(frozen=True)
class _Column:
    """One column. table: codes of answers that are no list, as unsigned bytes. choice: the one of a multiple."""

    item: str
    conditional: bool
    table: Mapping[Answer | None, int]
    choice: str | None = None
    choices: frozenset[str] = frozenset()

    def codes(self, answers: Sequence[Answers]) -> bytes:
        """One unsigned byte a row. KeyError or TypeError for an answer that the item does not know."""
        name, table = self.item, self.table
        if self.choice is None:
            return bytes([table[given.get(name)] for given in answers])
        return bytes([self._chosen(given.get(name)) for given in answers])

    def _chosen(self, answer: Answer | None) -> int:
        if not isinstance(answer, list):
            return self.table[answer]
        if not self.choices.issuperset(answer):
            raise KeyError(self.item)
        return _CHOSEN if self.choice in answer else _NOT_CHOSEN


class AnswerCoder:
    """The tables of one questionnaire, made once and used for every page of answers.

    open_keys: under which stored answers are words that are wanted as they were written.
    """

    def __init__(self, questionnaire: Questionnaire, spec: QuestionnaireSpec, open_keys: Collection[str] = ()) -> None:
        self.questionnaire = questionnaire
        self._open_keys = open_keys
        self.spec = spec
        items = questionnaire.items()
        self._columns = [_column(questionnaire, item.id) for item in spec.items]
        self._conditional = [place for place, column in enumerate(self._columns) if column.conditional]
        self._screening = [item for item in items if getattr(item, "screens_out", None) is not None]
        asked_about = {leaf.item for item in items if item.visible_if for _, leaf in leaves(item.visible_if)}
        self._deciding = sorted(asked_about | {item.id for item in self._screening})
        self._shown: dict[bytes, set[str]] = {}
        self._by_unit = questionnaire.repeated_section() is not None

    @property
    def looks_outside(self) -> bool:
        """Whether what a sitting said outside the repeated section decides what was shown inside it."""
        repeated = self.questionnaire.repeated_section()
        if repeated is None or not self._conditional:
            return False
        return any(self.questionnaire.section_of(item) is not repeated for item in self._deciding)

    def codes(self, texts: Sequence[str], around: Sequence[Answers] | None = None) -> Coded:
        """The codes of many stored answers. around: for each, what its sitting said outside the repeated section.

        Raises UnreadableAnswer.
        """
        found = np.empty((len(texts), len(self._columns)), dtype=np.int8)
        eligible = np.ones(len(texts), dtype=np.bool_)
        words: list[tuple[int, str, str]] = []
        for start in range(0, len(texts), _BLOCK):
            block = slice(start, start + _BLOCK)
            answers: list[Answers] = [orjson.loads(text) for text in texts[block]]
            stored = answers
            for place, column in enumerate(self._columns):
                try:
                    found[block, place] = np.frombuffer(column.codes(answers), dtype=np.int8)
                except (KeyError, TypeError):
                    # Not chained: the cause would carry the answer into a log.
                    raise UnreadableAnswer(questionnaire=self.questionnaire.id, item=column.item) from None
            words += ((start + row, key, said) for row, key, said in self._words(answers))
            if around is not None:
                answers = [{**outside, **own} for outside, own in zip(around[block], answers, strict=True)]
            self._hide(found[block], answers)
            if self._by_unit:
                eligible[block] &= [given != NOT_KNOWN for given in stored]
            for item in self._screening:
                eligible[block] &= [screened_by(item, given.get(item.id)) is None for given in answers]
        return Coded(found, eligible, [said for said in words if eligible[said[0]]])

    def _words(self, answers: Sequence[Answers]) -> Iterator[tuple[int, str, str]]:
        for key in self._open_keys:
            for row, given in enumerate(answers):
                if key in given:
                    said = given[key]
                    if not isinstance(said, str):
                        raise UnreadableAnswer(questionnaire=self.questionnaire.id, item=key)
                    yield row, key, said

    def _hide(self, found: NDArray[np.int8], answers: Sequence[Answers]) -> None:
        """A blank of a conditional item may mean that it was not shown."""
        for row in np.flatnonzero((found[:, self._conditional] == BLANK).any(axis=1)).tolist():
            shown = self._shown_to(answers[row])
            for place in self._conditional:
                if found[row, place] == BLANK and self._columns[place].item not in shown:
                    found[row, place] = NOT_SHOWN

    def _shown_to(self, answers: Answers) -> set[str]:
        """The items shown; few combinations of the answers that decide it occur, so each is looked at once."""
        deciding = {item: answers[item] for item in self._deciding if item in answers}
        key = orjson.dumps(deciding)
        if key not in self._shown:
            self._shown[key] = visible(self.questionnaire, deciding)
        return self._shown[key]


def _column(questionnaire: Questionnaire, name: str) -> _Column:
    """The column of an item of the specification: 1..K in choice order, typed missing by kind.

    A rating is stored as its number. TypeError for an item that has no choices.
    """
    item_id, choice = item_and_choice(name)
    item = questionnaire.item(item_id)
    if not isinstance(item, LikertItem | SingleItem | RatingItem | MultipleItem):
        raise TypeError(f"{questionnaire.id}: {item_id} has no choices to code")
    table: dict[Answer | None, int] = {None: BLANK}
    table |= {missing.code: _MISSING[missing.kind] % _BYTE for missing in item.missing_in(questionnaire)}
    written = [found.code for found in item.choices_in(questionnaire)]
    conditional = item.visible_if is not None
    if isinstance(item, MultipleItem):
        return _Column(item_id, conditional, table, choice, frozenset(written))
    for number, code in enumerate(written, start=1):
        table[int(code) if isinstance(item, RatingItem) else code] = number
    return _Column(item_id, conditional, table)

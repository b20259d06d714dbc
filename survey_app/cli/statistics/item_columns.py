"""The columns of one questionnaire's items: from cells to the codes that `analysis` counts, through the one validator.

Knows choice codes, typed missing answers, screening and conditions; works on the different cells of a column, so that a
million rows cost little more than a thousand. Must stay true: a cell means what `questionnaire.answers.read_row` says
it means, an answer to a hidden item counts as blank, and codes are those of `scores.operations.coding`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson
import pandas as pd
from numpy.typing import NDArray

from analysis.frame import BLANK, NOT_SHOWN
from analysis.spec import QuestionnaireSpec
from survey_app.cli.statistics.faults import MAX_FAULTS, Faults
from survey_app.cli.statistics.table import listed
from survey_app.questionnaire.answer_readers import Fault as AnswerFault
from survey_app.questionnaire.answer_readers import Reader, other_key, reader_of
from survey_app.questionnaire.answers import AnswerError, answer_error
from survey_app.questionnaire.conditions import leaves
from survey_app.questionnaire.items import AnyAnswered, MultipleItem, RankingItem, TextItem
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.visibility import Answer, screened_by, visible
from survey_app.scores.operations.bridge import item_and_choice
from survey_app.scores.operations.coding import AnswerCoder

_NOT_ANSWERED = 0  # the place of "blank" in every table
_SEMICOLON = {0xFF1B: ";"}
_SAID = "…"  # stands for any words

Codes = NDArray[np.int8]
Bools = NDArray[np.bool_]


@dataclass
class _ItemColumn:
    """One item's different cells. answers, faults and codes: in the order of `place`; first of all, blank."""

    item: AnyAnswered
    reader: Reader
    columns: tuple[int, ...]
    place: dict[str, int] = field(default_factory=dict)
    answers: list[Answer | None] = field(default_factory=lambda: [None])
    faults: list[AnswerError | None] = field(default_factory=lambda: [None])
    codes: list[list[int]] = field(default_factory=list)


class ItemColumns:
    """The items of one questionnaire that a file has columns for."""

    def __init__(self, questionnaire: Questionnaire, spec: QuestionnaireSpec, header: Sequence[str]) -> None:
        self.questionnaire = questionnaire
        self.spec = spec
        self._coder = AnswerCoder(questionnaire, spec)
        of_item: dict[str, list[int]] = {}
        for at, coded in enumerate(spec.items):
            of_item.setdefault(item_and_choice(coded.id)[0], []).append(at)
        here = set(header)
        items = questionnaire.answered_items()
        self.missing = [item.id for item in items if item.id not in here and not isinstance(item, TextItem)]
        self._columns = [
            _ItemColumn(item, reader_of(item, questionnaire), tuple(of_item.get(item.id, ())))
            for item in items
            if item.id in here
        ]
        for column in self._columns:
            column.codes.append([BLANK] * len(column.columns))
        self._others = {one.item.id for one in self._columns if one.reader.other and other_key(one.item.id) in here}
        asked_about = {leaf.item for item in items if item.visible_if for _, leaf in leaves(item.visible_if)}
        screening = {item.id for item in items if getattr(item, "screens_out", None) is not None}
        self._deciding = [at for at, one in enumerate(self._columns) if one.item.id in asked_about | screening]
        self._conditional = {item.id for item in items if item.visible_if is not None}
        self._decides = bool(asked_about | screening)
        self._seen: dict[tuple[int, ...], tuple[frozenset[str], bool]] = {}
        self.dropped: dict[str, int] = {}

    @property
    def names(self) -> list[str]:
        """The columns of the file that are read."""
        return [one.item.id for one in self._columns] + [other_key(name) for name in sorted(self._others)]

    @property
    def known(self) -> set[str]:
        """Every column that belongs to the questionnaire, read or not."""
        items = self.questionnaire.answered_items()
        return {item.id for item in items} | {other_key(item.id) for item in items}

    def code(
        self, cells: Mapping[str, "pd.Categorical"], rows: NDArray[np.int64], faults: Faults
    ) -> tuple[Codes, Bools]:
        """(codes (n, columns of the specification), eligible (n,)) of some rows.

        cells: by column, missing where empty. rows: their numbers in the file.
        """
        n = len(rows)
        places = np.zeros((n, len(self._columns)), dtype=np.int32)
        for at, column in enumerate(self._columns):
            places[:, at] = self._places(column, cells, rows, faults)
        shown, eligible = self._shown(places)
        codes = np.full((n, len(self.spec.items)), BLANK, dtype=np.int8)
        for at, column in enumerate(self._columns):
            hidden = None if shown is None else ~shown[column.item.id]
            if hidden is not None and hidden.any():
                answered = hidden & (places[:, at] != _NOT_ANSWERED)
                if answered.any():
                    count = int(np.count_nonzero(answered))
                    self.dropped[column.item.id] = self.dropped.get(column.item.id, 0) + count
                    places[answered, at] = _NOT_ANSWERED
            if column.columns:
                codes[:, column.columns] = np.asarray(column.codes, dtype=np.int8)[places[:, at]]
        if shown is not None:
            self._mark_not_shown(codes, shown)
        return codes, eligible

    def _mark_not_shown(self, codes: Codes, shown: Mapping[str, Bools]) -> None:
        """A blank of a conditional item may mean that it was not shown."""
        for at, column in enumerate(self.spec.items):
            name = item_and_choice(column.id)[0]
            if name in self._conditional:
                codes[(codes[:, at] == BLANK) & ~shown[name], at] = NOT_SHOWN

    def _places(
        self, column: _ItemColumn, cells: Mapping[str, "pd.Categorical"], rows: NDArray[np.int64], faults: Faults
    ) -> NDArray[np.int32]:
        """Where each row's cell stands among the column's different cells."""
        given = cells[column.item.id]
        table = [self._place(column, str(cell)) for cell in given.categories]
        found: NDArray[np.int32] = np.asarray([*table, _NOT_ANSWERED], dtype=np.int32)[given.codes]
        if column.item.id in self._others:
            words = np.asarray(cells[other_key(column.item.id)].codes) >= 0
            # Words without a tick: the person plainly means "other".
            found[words & (found == _NOT_ANSWERED)] = self._place(column, str(column.reader.other))
        wrong = [place for place in set(table) if column.faults[place] is not None]
        if wrong:
            self._refuse(column, found, wrong, rows, faults)
        return found

    def _refuse(
        self,
        column: _ItemColumn,
        found: NDArray[np.int32],
        wrong: Sequence[int],
        rows: NDArray[np.int64],
        faults: Faults,
    ) -> None:
        cells = {place: cell for cell, place in column.place.items()}
        at = np.flatnonzero(np.isin(found, wrong))
        faults.count += max(len(at) - MAX_FAULTS, 0)
        at = at[:MAX_FAULTS]
        for row, place in zip(rows[at].tolist(), found[at].tolist(), strict=True):
            error = column.faults[place]
            assert error is not None
            faults.add_answer(error, row=row, column=column.item.id, value=cells[place], choices=self._choices(column))

    def _choices(self, column: _ItemColumn) -> str:
        item, asked = column.item, self.questionnaire
        codes = [choice.code for choice in item.choices_in(asked)] + [one.code for one in item.missing_in(asked)]
        return listed(codes, most=20)

    def _place(self, column: _ItemColumn, cell: str) -> int:
        """The place of a cell, new ones read and coded."""
        known = column.place.get(cell)
        if known is not None:
            return known
        answer, error = self._read(column, cell)
        if answer is None and error is None:
            place = _NOT_ANSWERED
        else:
            place = len(column.answers)
            column.answers.append(answer)
            column.faults.append(error)
            column.codes.append(self._codes(column, answer))
        column.place[cell] = place
        return place

    def _read(self, column: _ItemColumn, cell: str) -> tuple[Answer | None, AnswerError | None]:
        if isinstance(column.item, TextItem):
            # No number comes from words; only that there are some can matter, for what is shown.
            return _SAID if cell.strip() else None, None
        several = isinstance(column.item, MultipleItem | RankingItem)
        raw = cell.translate(_SEMICOLON).split(";") if several else [cell]
        try:
            given = column.reader.given({column.item.id: raw})
            return (column.reader.read(given) if given else None), None
        except AnswerFault as fault:
            return None, answer_error(column.item.id, fault.code, **fault.values)

    def _codes(self, column: _ItemColumn, answer: Answer | None) -> list[int]:
        if not column.columns:
            return []
        if answer is None:
            return [BLANK] * len(column.columns)
        coded = self._coder.codes([orjson.dumps({column.item.id: answer}).decode()]).codes[0]
        return [int(coded[at]) for at in column.columns]

    def _shown(self, places: NDArray[np.int32]) -> tuple[dict[str, Bools] | None, Bools]:
        """(item → who was shown it, or None where everybody sees everything; who was not screened out)."""
        if not self._decides:
            return None, np.ones(len(places), dtype=np.bool_)
        different, which = np.unique(places[:, self._deciding], axis=0, return_inverse=True)
        which = which.reshape(-1)
        found = [self._seen_by(tuple(combination)) for combination in different.tolist()]
        eligible = np.asarray([stays for _, stays in found], dtype=np.bool_)[which]
        names = [item.id for item in self.questionnaire.answered_items()]
        table = {name: np.asarray([name in items for items, _ in found], dtype=np.bool_) for name in names}
        return {name: of_combination[which] for name, of_combination in table.items()}, eligible

    def _seen_by(self, combination: tuple[int, ...]) -> tuple[frozenset[str], bool]:
        """(items shown, whether nothing screened out), for one combination of deciding answers."""
        if combination not in self._seen:
            answers: dict[str, Any] = {}
            for at, place in zip(self._deciding, combination, strict=True):
                answer = self._columns[at].answers[place]
                if answer is not None:
                    answers[self._columns[at].item.id] = answer
            shown = frozenset(visible(self.questionnaire, answers))
            screened = [
                screened_by(self.questionnaire.item(name), answer) for name, answer in answers.items() if name in shown
            ]
            self._seen[combination] = shown, not any(screened)
        return self._seen[combination]

"""`responses.csv` and `frame.csv` as the frame that `analysis` scores: one row a response, one row a stratum.

Must stay true: every row is about one unit and answers one questionnaire; codes of units, strata and departments are
taken as written; the order of rows changes no result.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.frame import NO_DEPARTMENT, CodedAnswers, Frame, UnitSpec
from survey_app.cli.statistics.definitions import Definitions
from survey_app.cli.statistics.document import Cautions
from survey_app.cli.statistics.item_columns import ItemColumns
from survey_app.cli.statistics.source import Block, Source
from survey_app.cli.statistics.table import (
    NO_LABEL,
    Labels,
    categories_of,
    check_names,
    not_negative,
    numbers_of,
    whole,
    words_of,
)
from survey_app.questionnaire.base import AUDIENCES

REQUIRED = ("response", "unit", "audience", "stratum")
OPTIONAL = ("department", "sitting", "mode", "period", "seconds", "questionnaire")
FRAME = ("unit", "audience", "stratum", "size")

Ints = NDArray[np.int32]
Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True)
class FrameRow:
    """One stratum of one unit's audience, and how many people (or departments) it has."""

    unit: str
    audience: str
    stratum: str | None
    size: int


@dataclass
class _Rows:
    """What was read so far of one questionnaire, block by block."""

    columns: ItemColumns
    codes: list[NDArray[np.int8]] = field(default_factory=list)
    eligible: list[NDArray[np.bool_]] = field(default_factory=list)
    unit: list[Ints] = field(default_factory=list)
    stratum: list[Ints] = field(default_factory=list)
    department: list[Ints] = field(default_factory=list)
    sitting: list[NDArray[np.uint64]] = field(default_factory=list)
    alone: list[NDArray[np.bool_]] = field(default_factory=list)
    seconds: list[NDArray[np.float32]] = field(default_factory=list)


def frame_rows(path: Path, cautions: Cautions) -> list[FrameRow]:
    """Read `frame.csv`. Raises Refused."""
    source = Source(path)
    check_names(source, FRAME, "missing_column")
    source.faults.refuse()
    rows: list[FrameRow] = []
    seen: set[tuple[str, str, str | None]] = set()
    for block in source.blocks():
        size = numbers_of(source, block, ["size"])[0]
        not_negative(size)
        whole(size)
        names = [words_of(source, block, name).tolist() for name in FRAME[:3]]
        written = words_of(source, block, "size").notna().tolist()
        for at, (unit, audience, stratum) in enumerate(zip(*names, strict=True)):
            row = int(block.rows[at])
            if all(isinstance(word, float) for word in (unit, audience, stratum)) and not written[at]:
                continue
            place = (_text(unit), _text(audience), _text(stratum))
            for name, word in (("unit", place[0]), ("audience", place[1]), ("size", written[at] or None)):
                if word is None:
                    source.faults.add("empty_cell", row=row, column=name)
            if place[1] is not None and place[1] not in AUDIENCES:
                source.faults.add("unknown_audience", row=row, column="audience", value=place[1], near=AUDIENCES)
            if place[0] is None or place[1] is None:
                continue
            key = (place[0], place[1], place[2])
            if key in seen:
                source.faults.add("frame_twice", row=row, column="unit", value=key[0])
            seen.add(key)
            rows.append(FrameRow(*key, int(size.value[at])))
    source.faults.refuse()
    cautions.encoding(source)
    _note_ignored(source, set(FRAME), cautions)
    return rows


def look_at(path: Path) -> None:
    """What can be said of a file of responses while its questionnaires are not known. Raises Refused."""
    source = Source(path)
    check_names(source, REQUIRED, "missing_column")
    source.faults.refuse()


def read_responses(path: Path, found: Definitions, frame: Sequence[FrameRow] | None, cautions: Cautions) -> Frame:
    """Read `responses.csv` and put the frame around it. Raises Refused with every fault of the file."""
    source = Source(path)
    reading = _Reading(source, found, cautions)
    source.faults.refuse()
    for block in source.blocks():
        reading.add(block)
    reading.refuse_repeated()
    source.faults.refuse()
    cautions.encoding(source)
    return reading.frame(frame)


class _Reading:
    """One pass over the responses."""

    def __init__(self, source: Source, found: Definitions, cautions: Cautions) -> None:
        self.source, self.found, self.cautions = source, found, cautions
        check_names(source, REQUIRED, "missing_column")
        self.rows = [
            _Rows(ItemColumns(questionnaire, spec, source.header))
            for questionnaire, spec in zip(found.questionnaires, found.specs, strict=True)
        ]
        for rows in self.rows:
            columns = rows.columns
            for item in columns.questionnaire.answered_items():
                if item.id in (*REQUIRED, *OPTIONAL):
                    source.faults.add("reserved_item", value=item.id)
            if not columns.names:
                source.faults.add("no_item_in_file", value=columns.questionnaire.id)
            elif columns.missing:
                cautions.add("items_not_in_file", "caution", columns=columns.missing)
        known = {*REQUIRED, *OPTIONAL}.union(*(rows.columns.known for rows in self.rows))
        _note_ignored(source, known, cautions)
        self.units, self.strata, self.departments = Labels(), Labels(), Labels()
        self.left_out: dict[str, int] = {}
        self._ids: list[NDArray[np.uint64]] = []
        self._id_rows: list[NDArray[np.int64]] = []
        self._names = list(dict.fromkeys(name for rows in self.rows for name in rows.columns.names))
        self._about = [name for name in (*REQUIRED[1:], *OPTIONAL) if name in source.header and name != "seconds"]

    def add(self, block: Block) -> None:
        """Read one block."""
        source, faults = self.source, self.source.faults
        cells = categories_of(source, block, [*self._about, *self._names])
        ids = words_of(source, block, "response")
        seconds = None
        if "seconds" in source.header:
            column = numbers_of(source, block, ["seconds"])[0]
            not_negative(column)
            seconds = np.where(column.present, column.value, np.nan).astype(np.float32)
        blank = ids.isna().to_numpy() & np.all([cells[name].codes < 0 for name in cells], axis=0)
        written = ~blank
        self._ids.append(pd.util.hash_array(ids[written].fillna("").to_numpy(dtype=object)))
        self._id_rows.append(np.where(ids[written].isna().to_numpy(), 0, block.rows[written]))
        for name in ("unit", "audience"):
            faults.add_many("empty_cell", block.rows[written & (cells[name].codes < 0)], name, lambda _: None)
        which = self._questionnaire_of(cells, block, written)
        for number, rows in enumerate(self.rows):
            at = np.flatnonzero((which == number) & (cells["unit"].codes >= 0))
            if len(at):
                self._add_rows(rows, cells, block, at, seconds)

    def _add_rows(
        self,
        rows: _Rows,
        cells: dict[str, "pd.Categorical"],
        block: Block,
        at: NDArray[np.intp],
        seconds: NDArray[np.float32] | None,
    ) -> None:
        """The rows of a block that answer one questionnaire."""
        own = {name: cells[name][at] for name in rows.columns.names}
        codes, eligible = rows.columns.code(own, block.rows[at], self.source.faults)
        rows.codes.append(codes)
        rows.eligible.append(eligible)
        rows.unit.append(_numbers(cells["unit"][at], self.units))
        rows.stratum.append(_numbers(cells["stratum"][at], self.strata))
        if "department" in cells:
            rows.department.append(_numbers(cells["department"][at], self.departments))
        if seconds is not None:
            rows.seconds.append(seconds[at])
        if "sitting" in cells:
            hashes = np.append(_hashes(cells["sitting"].categories), np.uint64(0))
            rows.sitting.append(hashes[cells["sitting"].codes[at]])
            rows.alone.append(cells["sitting"].codes[at] < 0)

    def _questionnaire_of(
        self, cells: dict[str, "pd.Categorical"], block: Block, written: NDArray[np.bool_]
    ) -> NDArray[np.int64]:
        """For each row the place of its questionnaire, -1 for none."""
        audience = cells["audience"]
        named = cells.get("questionnaire")
        own = np.full(len(audience), -1) if named is None else np.asarray(named.codes, dtype=np.int64)
        key = np.asarray(audience.codes, dtype=np.int64) * (own.max(initial=-1) + 2) + own + 1
        different, first, which = np.unique(key, return_index=True, return_inverse=True)
        resolved = np.full(len(different), -1, dtype=np.int64)
        for at, example in enumerate(first.tolist()):
            if audience.codes[example] < 0:
                continue
            rows = np.flatnonzero((which == at) & written)
            wanted = None if named is None or own[example] < 0 else str(named.categories[own[example]])
            resolved[at] = self._resolve(str(audience.categories[audience.codes[example]]), wanted, block, rows)
        return resolved[which]

    def _resolve(self, audience: str, wanted: str | None, block: Block, rows: NDArray[np.intp]) -> int:
        questionnaires = self.found.questionnaires
        given = {one.id: at for at, one in enumerate(questionnaires)}
        if audience not in AUDIENCES:
            self._fault("unknown_audience", block, rows, "audience", audience)
        elif wanted is not None and wanted not in given:
            known = ", ".join(given)
            self._fault("unknown_questionnaire", block, rows, "questionnaire", wanted, known=known)
        elif wanted is not None:
            place = given[wanted]
            expected = questionnaires[place].audience
            if expected == audience:
                return place
            code = "questionnaire_of_other_audience"
            self._fault(code, block, rows, "questionnaire", wanted, expected=expected, got=audience)
        else:
            fitting = [at for at, one in enumerate(questionnaires) if one.audience == audience]
            if len(fitting) == 1:
                return fitting[0]
            if fitting:
                self._fault("questionnaire_unclear", block, rows, "audience", audience)
            else:
                self.left_out[audience] = self.left_out.get(audience, 0) + len(rows)
        return -1

    def _fault(
        self, code: str, block: Block, rows: NDArray[np.intp], column: str, value: str, **values: object
    ) -> None:
        self.source.faults.add_many(code, block.rows[rows], column, lambda _: value, **values)

    def refuse_repeated(self) -> None:
        """Note a fault for each response whose id stood in an earlier row."""
        if not self._ids:
            return
        ids, rows = np.concatenate(self._ids), np.concatenate(self._id_rows)
        ids, rows = ids[rows > 0], rows[rows > 0]
        first = np.zeros(len(ids), dtype=np.bool_)
        first[np.unique(ids, return_index=True)[1]] = True
        again = rows[~first]
        if not len(again):
            return
        for block in self.source.blocks():
            here = np.flatnonzero(np.isin(block.rows, again))
            if len(here):
                words = words_of(self.source, block, "response").iloc[here].tolist()
                self.source.faults.add_many("response_twice", block.rows[here], "response", words.__getitem__)

    def frame(self, frame: Sequence[FrameRow] | None) -> Frame:
        """Everything that was read, with units and strata in an order that rows do not decide."""
        if self.left_out:
            audiences, left_out = sorted(self.left_out), sum(self.left_out.values())
            self.cautions.add("rows_without_questionnaire", "caution", audiences=audiences, rows=left_out)
        dropped = {name: n for rows in self.rows for name, n in rows.columns.dropped.items()}
        if dropped:
            self.cautions.add("hidden_answers_dropped", columns=dropped, answers=sum(dropped.values()))
        known = frame or ()
        units = tuple(dict.fromkeys([*(row.unit for row in known), *sorted(self.units.number)]))
        new = [unit for unit in sorted(self.units.number) if unit not in {row.unit for row in known}]
        if frame is None:
            self.cautions.add("no_frame", "caution")
        elif new:
            self.cautions.add("units_not_in_frame", "caution", units=new)
        strata = tuple(dict.fromkeys([*(row.stratum for row in known), *sorted(self.strata.number), None]))
        departments = tuple(sorted(self.departments.number))
        answers = tuple(self._answers(rows, units, strata, departments) for rows in self.rows)
        asked: dict[str, set[str]] = {unit: set() for unit in units}
        for row in known:
            asked[row.unit].add(row.audience)
        for one in answers:
            for at in np.unique(one.unit).tolist():
                asked[units[at]].add(one.questionnaire.audience)
        return Frame(
            units=tuple(UnitSpec(unit, unit, "", tuple(sorted(asked[unit]))) for unit in units),
            answers=answers,
            strata=strata,
            departments=departments,
            population={(row.unit, row.audience, row.stratum): row.size for row in known},
        )

    def _answers(
        self, rows: _Rows, units: Sequence[str], strata: Sequence[str | None], departments: Sequence[str]
    ) -> CodedAnswers:
        spec = rows.columns.spec
        codes = _joined(rows.codes, (0, len(spec.items)), np.int8)
        n = len(codes)
        unknown = np.full(n, NO_DEPARTMENT, dtype=np.int32)
        return CodedAnswers(
            questionnaire=spec,
            codes=codes,
            unit=_renumbered(_joined(rows.unit, (0,), np.int32), self.units, units, NO_LABEL),
            stratum=_renumbered(_joined(rows.stratum, (0,), np.int32), self.strata, strata, strata.index(None)),
            department=_renumbered(
                _joined(rows.department, (0,), np.int32), self.departments, departments, NO_DEPARTMENT
            )
            if rows.department
            else unknown,
            sitting=_sittings(rows, n),
            eligible=_joined(rows.eligible, (0,), np.bool_),
            seconds=np.concatenate(rows.seconds) if rows.seconds else None,
        )


def _sittings(rows: _Rows, n: int) -> Ints:
    """Equal numbers for equal sittings; a row that names none is a sitting of its own."""
    if not rows.sitting:
        return np.arange(n, dtype=np.int32)
    different, numbers = np.unique(np.concatenate(rows.sitting), return_inverse=True)
    numbers = numbers.reshape(-1)
    alone = np.concatenate(rows.alone)
    numbers[alone] = len(different) + np.arange(int(np.count_nonzero(alone)))
    return numbers.astype(np.int32)


def _renumbered(numbers: Ints, labels: Labels, order: Sequence[str | None], missing: int) -> Ints:
    """Labels by their place in `order`."""
    place = {name: at for at, name in enumerate(order)}
    table = np.asarray([*(place[name] for name in labels.number), missing], dtype=np.int32)
    return table[numbers]


def _numbers(cells: "pd.Categorical", labels: Labels) -> Ints:
    """Labels of some cells; only those that occur are added."""
    used = np.unique(cells.codes)
    table: Ints = np.full(len(cells.categories) + 1, NO_LABEL, dtype=np.int32)
    occurring = used[used >= 0]
    table[occurring] = labels.of([str(cells.categories[at]) for at in occurring.tolist()])
    return np.asarray(table[cells.codes], dtype=np.int32)


def _hashes(words: "pd.Index[str]") -> NDArray[np.uint64]:
    return np.asarray(pd.util.hash_array(words.to_numpy(dtype=object)), dtype=np.uint64)


def _joined(parts: Sequence[NDArray[Scalar]], shape: tuple[int, ...], dtype: type[Scalar]) -> NDArray[Scalar]:
    return np.concatenate(parts) if parts else np.zeros(shape, dtype=dtype)


def _note_ignored(source: Source, known: set[str], cautions: Cautions) -> None:
    ignored = [name for name in source.header if name and name not in known]
    if ignored:
        cautions.add("columns_ignored", columns=ignored)


def _text(word: object) -> str | None:
    return word if isinstance(word, str) else None

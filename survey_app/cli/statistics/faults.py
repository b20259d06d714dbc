"""What is wrong with the input of an offline command: every fault with its place, in Chinese and English.

Must stay true: faults are collected before anything is computed; the first `MAX_FAULTS` are listed and all are counted.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from survey_app.cli.statistics.fault_words import FAULT_WORDS
from survey_app.questionnaire.answers import AnswerError
from survey_app.questionnaire.findings import Finding, suggestion

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_FAULTS = 1000
_HELD = 20 * MAX_FAULTS  # columns of one block are read one after the other, so more are held than are listed
_LONGEST_VALUE = 60


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. row: counted from 1 without the header; row, column and value are None where the fault has none."""

    code: str
    zh: str
    en: str
    file: str | None = None
    pointer: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The published form."""
        place = {"file": self.file, "row": self.row, "column": self.column, "value": self.value}
        pointer = {} if self.pointer is None else {"pointer": self.pointer}
        return {"code": self.code, **place, **pointer, "zh": self.zh, "en": self.en}

    def lines(self) -> Iterator[str]:
        """The fault for people."""
        place = f"{self.file} {self.pointer or ''}".rstrip() + ": " if self.file else ""
        yield f"{place}{self.zh}"
        yield f"  {self.en}"


class Refused(Exception):
    """The input cannot be used; `faults` says why, `count` how many there are."""

    def __init__(self, faults: list[Fault], count: int) -> None:
        self.faults = faults
        self.count = count
        super().__init__(f"{count} faults")

    def as_json(self) -> dict[str, Any]:
        """The document that is printed instead of results."""
        return {"errors": [fault.as_json() for fault in self.faults], "count": self.count}


class Faults:
    """The faults found so far in one file (or, without one, in what was typed)."""

    def __init__(self, file: str | None = None) -> None:
        self.file = file
        self.count = 0
        self._listed: list[Fault] = []
        self._last: float = math.inf

    def add(
        self,
        code: str,
        *,
        row: int | None = None,
        column: str | None = None,
        value: str | None = None,
        near: Iterable[str] | None = None,
        **values: object,
    ) -> None:
        """Note one fault. near: what exists, where `value` was not found among it."""
        self.count += 1
        if (row or 0) <= self._last:
            made = fault(code, row=row, column=column, value=value, near=near, **values)
            self._list(replace(made, file=self.file))

    def add_many(
        self,
        code: str,
        rows: "NDArray[np.int64]",
        column: str,
        values: Callable[[int], str | None],
        **more: Any,  # noqa: ANN401  # as `add` takes them
    ) -> None:
        """Note the same fault of many rows of a column. values: what the first, second ... of these cells holds."""
        self.count += max(len(rows) - MAX_FAULTS, 0)
        for at, row in enumerate(rows[:MAX_FAULTS].tolist()):
            self.add(code, row=row, column=column, value=values(at), **more)

    def add_answer(self, error: AnswerError, *, row: int, column: str, value: str, choices: str) -> None:
        """Note a cell that makes no answer to its item. choices: the codes that would, for a sentence."""
        self.count += 1
        if row <= self._last:
            code = error.code if error.code in FAULT_WORDS else "answer"
            said = {"why_zh": error.zh, "why_en": error.en, "choices": choices}
            made = fault(code, row=row, column=column, value=value, **said)
            self._list(replace(made, code=error.code, file=self.file))

    def add_finding(self, found: Finding, file: str) -> None:
        """Note a finding about a questionnaire or a plan."""
        self.count += 1
        zh, en = f"{found.zh}{found.remedy_zh}", f"{found.en} {found.remedy_en}".rstrip()
        self._list(Fault(found.code, zh, en, file=found.file or file, pointer=found.pointer))

    def join(self, other: "Faults | Refused") -> None:
        """Note everything that was found elsewhere too."""
        self.count += other.count
        for made in other.faults:
            self._list(made)

    @property
    def faults(self) -> list[Fault]:
        """Those that are listed, by row."""
        return self._first()

    def refuse(self) -> None:
        """Raise Refused where anything was found."""
        if self.count:
            raise Refused(self.faults, self.count)

    def _list(self, made: Fault) -> None:
        """Keep a fault, and of too many those of the first rows."""
        self._listed.append(made)
        if len(self._listed) > _HELD:
            self._listed = self._first()
            self._last = self._listed[-1].row or 0

    def _first(self) -> list[Fault]:
        return sorted(self._listed, key=lambda one: one.row or 0)[:MAX_FAULTS]


def fault(
    code: str,
    *,
    row: int | None = None,
    column: str | None = None,
    value: str | None = None,
    near: Iterable[str] | None = None,
    **values: object,
) -> Fault:
    """The fault with its sentences. KeyError for a code without words."""
    words_zh, words_en = FAULT_WORDS[code]
    short = None if value is None else value if len(value) <= _LONGEST_VALUE else value[:_LONGEST_VALUE] + "…"
    # A sentence about a column as a whole names it itself.
    place_zh, place_en = _place(row, None if row is None and column == value else column)
    hint_zh, hint_en = suggestion(value, near) if value is not None and near is not None else ("", "")
    filled = {"value": short, "column": column, "row": row} | values
    return Fault(
        code,
        f"{place_zh}{words_zh.format(**filled)}{hint_zh}",
        f"{place_en}{words_en.format(**filled)}{hint_en}",
        row=row,
        column=column,
        value=short,
    )


def refuse(code: str, file: str | None = None, **values: Any) -> Refused:  # noqa: ANN401  # as `fault` takes them
    """The refusal for a single fault, to be raised."""
    return Refused([replace(fault(code, **values), file=file)], 1)


def _place(row: int | None, column: str | None) -> tuple[str, str]:
    if row is not None and column is not None:
        return f"第 {row} 行“{column}”列：", f"Row {row}, column “{column}”: "
    if row is not None:
        return f"第 {row} 行：", f"Row {row}: "
    if column is not None:
        return f"“{column}”列：", f"Column “{column}”: "
    return "", ""

"""Cells as numbers or as words: what statistics read of a CSV file.

Must stay true: only an empty cell and `NA` are missing, anything else that is no number is a fault with its row and
column; numbers are read exactly and kept in the narrowest type that holds them all.
"""

import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey_app.cli.statistics.faults import Faults, refuse
from survey_app.cli.statistics.source import Block, Source

MISSING = ("", "NA")
NO_LABEL = -1
# Beyond it neighbouring whole numbers are no longer told apart, and powers of deviations overflow.
LARGEST = 1e15

Bools = NDArray[np.bool_]
Numbers = NDArray[np.int8] | NDArray[np.int32] | NDArray[np.float64]
Check = Callable[["Column"], None]

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WHOLE_TYPES: tuple[type[np.int8] | type[np.int32], ...] = (np.int8, np.int32)


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a block as numbers. value: (n,), 0 where absent; present: (n,); rows: (n,) their numbers."""

    name: str
    value: NDArray[np.float64]
    present: Bools
    rows: NDArray[np.int64]
    faults: Faults

    def refuse_where(self, wrong: Bools, code: str, **values: object) -> None:
        """Note a fault for each present cell where `wrong`."""
        at = np.flatnonzero(wrong & self.present)
        self.faults.add_many(code, self.rows[at], self.name, lambda one: f"{self.value[at[one]]:.15g}", **values)


@dataclass(frozen=True, eq=False)
class Answers:
    """The columns asked for, side by side. values: (n, k), 0 where absent; present: (n, k).

    labels: of each column of words (n,), a number per different word in `words`, NO_LABEL where missing.
    rows: (n,) numbers of the rows in the file.
    """

    names: tuple[str, ...]
    values: Numbers
    present: Bools
    labels: Mapping[str, NDArray[np.int32]]
    words: Mapping[str, tuple[str, ...]]
    rows: NDArray[np.int64]

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.values)

    def complete(self) -> Numbers:
        """The rows without a missing cell."""
        whole = self.present.all(axis=1)
        return self.values if bool(whole.all()) else self.values[whole]

    def column(self, name: str) -> tuple[NDArray[np.float64], Bools]:
        """(values, present) of one column of numbers."""
        at = self.names.index(name)
        return self.values[:, at].astype(np.float64), self.present[:, at]


@dataclass
class Labels:
    """Words as small numbers, in the order in which they were first met."""

    number: dict[str, int] = field(default_factory=dict)

    def of(self, words: Sequence[str | None]) -> NDArray[np.int32]:
        """The numbers of some words, new ones added; NO_LABEL for None."""
        number = self.number
        found = [NO_LABEL if word is None else number.setdefault(word, len(number)) for word in words]
        return np.asarray(found, dtype=np.int32)


def answers_of(
    source: Source, names: Sequence[str], *, words: Sequence[str] = (), check: Mapping[str, Check] | None = None
) -> Answers:
    """`read`, and refuse. Raises Refused, with every fault of the file."""
    found = read(source, names, words=words, check=check)
    source.faults.refuse()
    return found


def read(
    source: Source, names: Sequence[str], *, words: Sequence[str] = (), check: Mapping[str, Check] | None = None
) -> Answers:
    """Columns of numbers and of words; faults are noted in `source.faults` and count as missing.

    names, words: columns that exist. check: for each column of numbers, what else its cells must be.
    """
    checks = check or {}
    labels = {name: Labels() for name in words}
    values: list[NDArray[Any]] = []
    present: list[Bools] = []
    rows = [np.zeros(0, dtype=np.int64)]
    said: dict[str, list[NDArray[np.int32]]] = {name: [] for name in words}
    for block in source.blocks():
        rows.append(block.rows)
        columns = numbers_of(source, block, names)
        for column in columns:
            if column.name in checks:
                checks[column.name](column)
        if columns:
            present.append(np.stack([column.present for column in columns], axis=1))
            values.append(narrowed(np.stack([column.value for column in columns], axis=1)))
        for name in words:
            said[name].append(factorized(words_of(source, block, name), labels[name]))
    empty = np.zeros((0, len(names)), dtype=np.int8)
    return Answers(
        tuple(names),
        np.concatenate(values) if values else empty,
        np.concatenate(present) if present else empty.astype(np.bool_),
        {name: np.concatenate(found) if found else np.zeros(0, dtype=np.int32) for name, found in said.items()},
        {name: tuple(found.number) for name, found in labels.items()},
        np.concatenate(rows),
    )


def numbers_of(source: Source, block: Block, names: Sequence[str]) -> list[Column]:
    """Columns of a block as numbers; what is none is a fault and counts as missing."""
    if not names:
        return []
    places = [source.column(name) for name in names]
    frame = _parsed(source, block, places, None)
    columns = []
    for name, place in zip(names, places, strict=True):
        cells = frame[place]
        if cells.dtype.kind not in "iuf":
            value, present = _one_by_one(source, block, name)
        else:
            value = cells.to_numpy(dtype=np.float64)
            present = ~np.isnan(value)
            if not np.isfinite(value[present]).all():
                value, present = _one_by_one(source, block, name)
        column = Column(name, np.where(present, value, 0.0), present, block.rows, source.faults)
        column.refuse_where(np.abs(column.value) > LARGEST, "too_large", largest=f"{LARGEST:g}")
        columns.append(column)
    return columns


def words_of(source: Source, block: Block, name: str) -> "pd.Series[str]":
    """A column of a block as it was written, blanks around cells taken off, missing where empty or NA."""
    place = source.column(name)
    cells = _parsed(source, block, [place], "str")[place].str.strip()
    return cells.mask(cells.isin(MISSING))


def categories_of(source: Source, block: Block, names: Sequence[str]) -> dict[str, pd.Categorical]:
    """Columns of a block as their different cells and which one each row has; blanks taken off, -1 where missing."""
    if not names:
        return {}
    places = {name: source.column(name) for name in names}
    # Not as pandas' categories: it makes the number 1 of a code 01.
    frame = _parsed(source, block, list(places.values()), "str")
    found = {}
    for name, place in places.items():
        codes, cells = pd.factorize(frame[place])
        words = [str(cell).strip() for cell in cells]
        different = sorted({word for word in words if word not in MISSING})
        number = {word: at for at, word in enumerate(different)}
        table = np.asarray([*(number.get(word, NO_LABEL) for word in words), NO_LABEL], dtype=np.int32)
        found[name] = pd.Categorical.from_codes(table[codes], categories=pd.Index(different, dtype="object"))
    return found


def factorized(words: "pd.Series[str]", labels: Labels) -> NDArray[np.int32]:
    """The numbers of a column of words."""
    codes, different = pd.factorize(words)
    numbers = np.append(labels.of([str(word) for word in different]), np.int32(NO_LABEL))
    return numbers[codes]


def narrowed(values: NDArray[np.float64]) -> NDArray[Any]:
    """The same numbers in the narrowest of int8, int32, float64."""
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    for whole in _WHOLE_TYPES:
        limits = np.iinfo(whole)
        if limits.min <= low and high <= limits.max:
            cast = values.astype(whole)
            return cast if bool((cast == values).all()) else values
    return values


def within(low: float, high: float) -> Check:
    """Cells lie between two numbers, these included."""

    def check(column: Column) -> None:
        wrong = (column.value < low) | (column.value > high)
        column.refuse_where(wrong, "outside_range", low=f"{low:g}", high=f"{high:g}")

    return check


def whole(column: Column) -> None:
    """Cells are whole numbers."""
    column.refuse_where(column.value != np.rint(column.value), "not_whole")


def not_negative(column: Column) -> None:
    """Cells are 0 or more."""
    column.refuse_where(column.value < 0, "negative")


def check_names(source: Source, names: Iterable[str], code: str = "unknown_column") -> list[str]:
    """Those of the names that are columns of the file, each once; a fault for each other."""
    known = [name for name in source.header if name]
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        if name not in known:
            source.faults.add(code, column=name, value=name, near=known, known=listed(known))
    return [name for name in wanted if name in known]


def listed(names: Sequence[str], most: int = 12) -> str:
    """Some names for a sentence."""
    return ", ".join(names[:most]) + (f" …(+{len(names) - most})" if len(names) > most else "")


def _parsed(source: Source, block: Block, places: list[int], dtype: str | None) -> pd.DataFrame:
    try:
        frame = pd.read_csv(
            io.BytesIO(block.body),
            header=None,
            names=list(range(source.width)),
            usecols=places,
            dtype=dtype,
            na_values=list(MISSING),
            keep_default_na=False,
            skip_blank_lines=False,
            index_col=False,
            low_memory=False,
            encoding="utf-8",
        )
    except pd.errors.ParserError:
        frame = None
    if frame is None or len(frame) != len(block.rows):
        source.faults.refuse()
        raise refuse("stray_quotes", source.name)
    return frame


def _one_by_one(source: Source, block: Block, name: str) -> tuple[NDArray[np.float64], Bools]:
    """A column that is not all numbers: each cell looked at as it was written."""
    words = words_of(source, block, name)
    present = words.notna().to_numpy(dtype=np.bool_)
    value = np.zeros(len(words))
    numbers = words.str.fullmatch(_NUMBER.pattern).fillna(value=False).to_numpy(dtype=np.bool_)
    value[numbers] = words[numbers].astype(np.float64).to_numpy()
    bad = present & ~(numbers & np.isfinite(value))
    at = np.flatnonzero(bad)
    source.faults.add_many("not_a_number", block.rows[at], name, lambda one: str(words.iloc[at[one]]))
    return np.where(bad, 0.0, value), present & ~bad

"""Contingency tables of all pairs of items, exact and additive: what polychoric correlations are computed from.

Knows answers as integers from 1 to L; everything below 1 is no answer. Must stay true: a table is a count, so the same
answers give the same bits however they are cut into blocks, files or units; tables of disjoint sets of rows can be
added, and what is computed from them costs the same for a hundred responses as for a million.

How: items are taken in bunches, a response's answers to two bunches make one number, and one count of these numbers
holds the tables of all pairs across both. With three items a bunch, 21 counts do for the 190 pairs of 20 items.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Larger tables of two bunches no longer fit the processor's nearest caches and cost more than they save.
_MOST_CELLS = 2**16
_BLOCK_ROWS = 32768

Integers = NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class PairTables:
    """Counts of k items with L categories; each pair counts the responses that answered both of its items.

    answers: (k, L), how many gave each answer to each item. counts: (k(k-1)/2, L, L), pairs in the order of
    `first` and `second`, the first item's answers in rows. All int64.
    """

    answers: NDArray[np.int64]
    counts: NDArray[np.int64]

    def __add__(self, other: "PairTables") -> "PairTables":
        if self.answers.shape != other.answers.shape:
            raise ValueError(f"tables of {self.answers.shape} and {other.answers.shape} items and levels do not add up")
        return PairTables(self.answers + other.answers, self.counts + other.counts)

    @property
    def k(self) -> int:
        """Number of items."""
        return len(self.answers)

    @property
    def first(self) -> NDArray[np.intp]:
        """The lower item of each pair: 0, 0, ..., 1, ..."""
        return np.triu_indices(self.k, 1)[0]

    @property
    def second(self) -> NDArray[np.intp]:
        """The higher item of each pair: 1, 2, ..., 2, ..."""
        return np.triu_indices(self.k, 1)[1]

    @property
    def n(self) -> NDArray[np.int64]:
        """Responses that answered both items, for each pair."""
        return np.asarray(self.counts.sum(axis=(1, 2)), dtype=np.int64)

    def table(self, row: int, column: int) -> NDArray[np.int64]:
        """The (L, L) table of two different items, `row`'s answers in rows."""
        low, high = sorted((row, column))
        if low < 0 or high >= self.k or low == high:
            raise ValueError(f"items {row} and {column} are no pair of {self.k} items")
        found: NDArray[np.int64] = self.counts[low * (2 * self.k - low - 1) // 2 + high - low - 1]
        return found if row < column else found.T


def pair_tables(codes: Integers, levels: int) -> PairTables:
    """The tables of all pairs of columns.

    codes: (n, k) integers, 1 to `levels`; everything below 1 (not answered, not shown, does not know) leaves the
    response out of the pairs of that item only. R: table(x[, i], x[, j]).
    """
    if codes.ndim != 2 or not codes.shape[1] or not np.issubdtype(codes.dtype, np.integer):
        raise ValueError("codes must be integers, one row per response and one column per item")
    if levels < 1 or (codes.size and int(codes.max()) > levels):
        raise ValueError(f"codes reach {int(codes.max(initial=0))}, levels are {levels}")
    k, base = codes.shape[1], levels + 1
    bunches = _bunches(k, base, len(codes))
    sizes = [base ** len(bunch) for bunch in bunches]
    together = [(a, b) for b in range(len(bunches)) for a in range(b)]
    joint = {(a, b): np.zeros(sizes[a] * sizes[b], dtype=np.int64) for a, b in together}
    for start in range(0, len(codes), _BLOCK_ROWS):
        block = np.maximum(codes[start : start + _BLOCK_ROWS].T, 0)
        numbers = np.zeros((len(bunches), block.shape[1]), dtype=np.intp)
        for at, bunch in enumerate(bunches):
            for item in bunch:
                numbers[at] *= base
                numbers[at] += block[item]
        for a, b in together:
            joint[a, b] += np.bincount(numbers[a] * sizes[b] + numbers[b], minlength=sizes[a] * sizes[b])
    answers = np.zeros((k, levels), dtype=np.int64)
    full = np.zeros((k, k, levels, levels), dtype=np.int64)
    for a, b in together:
        table = joint[a, b].reshape(sizes[a], sizes[b])
        for at, item in enumerate(bunches[a]):
            of_item = _of_digit(table, base, at)
            for other_at, other in enumerate(bunches[b]):
                full[item, other] = _of_digit(of_item.T, base, other_at).T[1:, 1:]
        if b == a + 1:
            _inside(bunches[a], table.sum(axis=1), answers, full)
        if (a, b) == together[-1]:
            _inside(bunches[b], table.sum(axis=0), answers, full)
    return PairTables(answers, full[np.triu_indices(k, 1)])


def _bunches(k: int, base: int, n: int) -> list[range]:
    """Items in bunches of equal width, at least two bunches, the last one perhaps smaller (of a single item: empty).

    A few responses are not worth a large table: emptying it would take longer than counting them.
    """
    width = 1
    while base ** (2 * width + 2) <= min(_MOST_CELLS, 16 * n) and 2 * width < k:
        width += 1
    return [range(start, min(start + width, k)) for start in range(0, max(k, 2), width)]


def _of_digit(table: NDArray[np.int64], base: int, at: int) -> NDArray[np.int64]:
    """Rows of `table`, numbers of several digits, added up by the digit `at` (0 is the highest): (base, columns)."""
    high = base**at
    by_digit = table.reshape(high, base, len(table) // (high * base), -1)
    return np.asarray(by_digit.sum(axis=(0, 2)), dtype=np.int64)


def _inside(bunch: range, counts: NDArray[np.int64], answers: NDArray[np.int64], full: NDArray[np.int64]) -> None:
    """Fill in the answers to the items of one bunch and the tables of pairs within it, from counts of its numbers."""
    base = answers.shape[1] + 1
    digits = counts.reshape((base,) * len(bunch))
    for at, item in enumerate(bunch):
        answers[item] = digits.sum(axis=tuple(i for i in range(len(bunch)) if i != at))[1:]
        for other_at in range(at + 1, len(bunch)):
            others = tuple(i for i in range(len(bunch)) if i not in (at, other_at))
            full[item, bunch[other_at]] = digits.sum(axis=others)[1:, 1:]

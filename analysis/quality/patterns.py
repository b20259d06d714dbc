"""What a row of answers shows as it was given: runs of equal answers, spread, gaps. Unkeyed, in the order shown.

Knows any matrix of numbers and where its cells are present; what stands in an absent cell is ignored, NaN included.
Must stay true: an absent cell breaks a run and never counts; a row never changes another row's value.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Numbers = NDArray[np.number[Any]]

BLOCK_ROWS = 16_384


@dataclass(frozen=True, eq=False)
class Measured:
    """An index of each row. value: float64 (n,), 0 where there is none; defined: bool (n,), whether there is one."""

    value: Floats
    defined: Bools


def nothing_measured(n: int) -> Measured:
    """The index that no row has."""
    return Measured(np.zeros(n), np.zeros(n, dtype=np.bool_))


def longstring(values: Numbers, present: Bools) -> NDArray[np.int64]:
    """The longest run of equal consecutive answers of each row, (n,); 0 for a row without answers.

    values, present: (n, k) in the order shown. A long run is a matter of course in a short scale that all points the
    same way, so it says something only where it spans a reversed item: `longest_run`.
    R: careless::longstring(x), which counts a row of nothing but NA as 1. Costa & McCrae 2008; Curran 2016,
    doi:10.1016/j.jesp.2015.07.006.
    """
    return _longest(*_checked(values, present), np.zeros(values.shape[1], dtype=np.bool_), either=True)


def longest_run(
    values: Numbers, present: Bools, reversed_items: Bools, breaks: Bools | None = None
) -> NDArray[np.int64]:
    """The longest run of equal answers that contradicts itself, (n,): it holds a reversed item and one that is not.

    reversed_items: (k,) which columns point the other way. breaks: (k,) True where a new scale or page begins, so that
    a run cannot reach back over it. 0 where no run does. Agreeing and disagreeing at once is not satisfaction; half of
    the items in one such run is Curran's (2016) cut, doi:10.1016/j.jesp.2015.07.006.
    """
    values, present = _checked(values, present)
    return _longest(values, present, np.asarray(reversed_items, dtype=np.bool_), either=False, breaks=breaks)


def average_string(values: Numbers, present: Bools) -> Measured:
    """The mean length of the runs of equal answers: answers given over runs.

    R: careless::longstring(x, avg = TRUE)$avgstr on complete rows (there each NA is a run of its own).
    """
    values, present = _checked(values, present)
    answered, starts = np.zeros(len(values)), np.zeros(len(values))
    for rows in blocks(len(values)):
        block, here = values[rows], present[rows]
        continued = here[:, 1:] & here[:, :-1] & (block[:, 1:] == block[:, :-1])
        answered[rows] = here.sum(axis=1)
        starts[rows] = answered[rows] - continued.sum(axis=1)
    return ratio(answered, starts)


def irv(values: Numbers, present: Bools) -> Measured:
    """Intra-individual response variability: the standard deviation of a row's answers, ddof 1; needs two.

    Low: a straight line. High: random answers; a scale with reversed items has honest spread of its own, so read low
    values only where items are reversed. R: careless::irv(x). Dunn et al. 2018, doi:10.1007/s10869-016-9479-0.
    """
    values, present = _checked(values, present)
    spread, count = np.zeros(len(values)), np.zeros(len(values))
    for rows in blocks(len(values)):
        here = present[rows]
        block = np.where(here, values[rows], 0).astype(np.float64)
        spread[rows], count[rows] = row_sd(block, here)
    return Measured(spread, count > 1)


def missing_share(present: Bools, eligible: Bools) -> Measured:
    """Share of the eligible cells of a row that hold no answer; a row with nothing to answer has none.

    eligible: (n, k), False where an item was not shown or does not apply. More than half skipped is a break-off, not
    an interview (AAPOR Standard Definitions).
    """
    present, eligible = np.asarray(present, dtype=np.bool_), np.asarray(eligible, dtype=np.bool_)
    if present.shape != eligible.shape or present.ndim != 2:
        raise ValueError(f"present {present.shape} and eligible {eligible.shape} must be the same (n, k)")
    asked = eligible.sum(axis=1)
    return ratio((eligible & ~present).sum(axis=1).astype(np.float64), asked.astype(np.float64))


def row_sd(values: Floats, present: Bools) -> tuple[Floats, NDArray[np.int64]]:
    """(standard deviation of each row over its present cells, ddof 1, 0 under two; how many). Absent cells hold 0."""
    count = present.sum(axis=1)
    mean = values.sum(axis=1) / np.maximum(count, 1)
    deviation = np.where(present, values - mean[:, None], 0.0)
    return np.sqrt(np.einsum("ij,ij->i", deviation, deviation) / np.maximum(count - 1, 1)), count


def ratio(above: Floats, below: Floats) -> Measured:
    """Above / below, defined where below is not 0."""
    defined = below != 0
    return Measured(np.divide(above, below, out=np.zeros(len(above)), where=defined), defined)


def blocks(n: int) -> Iterator[slice]:
    """Row ranges small enough that what is made of them stays in the processor's cache."""
    for start in range(0, n, BLOCK_ROWS):
        yield slice(start, min(start + BLOCK_ROWS, n))


def _checked(values: Numbers, present: Bools) -> tuple[NDArray[Any], Bools]:
    values, present = np.asarray(values), np.asarray(present, dtype=np.bool_)
    if values.ndim != 2 or present.shape != values.shape:
        raise ValueError(f"values {values.shape} and present {present.shape} must be the same (n, k)")
    return values, present


def _longest(
    values: NDArray[Any], present: Bools, marked: Bools, *, either: bool, breaks: Bools | None = None
) -> NDArray[np.int64]:
    """Longest run of each row; unless `either`, only of runs with a marked and an unmarked column."""
    n, k = values.shape
    if marked.shape != (k,) or (breaks is not None and breaks.shape != (k,)):
        raise ValueError(f"one mark and one break a column: {marked.shape}, {k} columns")
    longest = np.zeros(n, dtype=np.int64)
    for rows in blocks(n):
        # By column, because a run is followed along the row for all rows at once.
        block, here = np.ascontiguousarray(values[rows].T), np.ascontiguousarray(present[rows].T)
        run = np.zeros(block.shape[1], dtype=np.int32)
        best = np.zeros_like(run)
        seen = np.zeros((2, len(run)), dtype=np.bool_)
        for j in range(k):
            goes_on = np.zeros(len(run), dtype=np.bool_)
            if j and (breaks is None or not breaks[j]):
                goes_on = here[j] & here[j - 1] & (block[j] == block[j - 1])
            run = np.where(goes_on, run, 0) + here[j]
            counts = run
            if not either:
                seen &= goes_on
                seen[int(marked[j])] |= here[j]
                counts = np.where(seen[0] & seen[1], run, 0)
            np.maximum(best, counts, out=best)
        longest[rows] = best
    return longest

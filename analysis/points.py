"""From coded answers to a person's points: keying, the half rule, counts of choices.

Knows how a code becomes points (0–100), an order rank or a count. Works column by column in blocks that stay in the
processor's cache; no Python per row.
What must stay true: reversing is by choice order, then the map; a code without points is eligible and missing;
not applicable and not shown are not eligible; ranks run so that more points mean a higher rank.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.frame import LOWEST_CODE, NOT_APPLICABLE, NOT_SHOWN, CodedAnswers
from analysis.spec import MAX_CHOICES, ItemSpec

BLOCK = 16_384
COUNTING_BLOCK = 65_536
BYTE = 256  # a code seen as an unsigned byte: 1..127 stay, -1 is 255, -2 is 254, -3 is 253
ELIGIBLE, ANSWERED = 256, 1  # two counters in one uint16, the eligible one in the high byte


@dataclass(frozen=True, eq=False)
class SortedAnswers:
    """The eligible rows of one questionnaire's answers, sorted by unit, within a unit by stratum."""

    source: CodedAnswers
    codes: NDArray[np.int8]
    unit: NDArray[np.int32]
    stratum: NDArray[np.int32]
    department: NDArray[np.int32]
    sitting: NDArray[np.int32]


def sorted_answers(answers: CodedAnswers, n_units: int, n_strata: int) -> SortedAnswers:
    """Leave out who was screened out, and sort; arrays that are in order already are not copied."""
    cell = answers.unit.astype(np.int64) * n_strata + answers.stratum
    if n_units * n_strata < 2**16:
        cell = cell.astype(np.uint16)  # numpy sorts 16 bits by radix, ten times faster
    everyone = bool(answers.eligible.all())
    if everyone and bool((cell[1:] >= cell[:-1]).all()):
        rows: NDArray[np.int64] | slice = slice(None)
    elif everyone:
        rows = np.argsort(cell, kind="stable")
    else:
        kept = np.flatnonzero(answers.eligible)
        rows = kept[np.argsort(cell[kept], kind="stable")]
    return SortedAnswers(
        source=answers,
        codes=answers.codes[rows] if isinstance(rows, slice) else np.take(answers.codes, rows, axis=0),
        unit=answers.unit[rows],
        stratum=answers.stratum[rows],
        department=answers.department[rows],
        sitting=answers.sitting[rows],
    )


def keyed_points(item: ItemSpec) -> tuple[float | None, ...]:
    """Points in choice order after reversing: first ↔ last choice, then the map.

    A reversed second choice of 100/80/60/30/0 gives what the fourth one has, 30; it is not 100 − 80.
    """
    points = item.points if item.points is not None else (None,) * len(item.codes)
    return points[::-1] if item.reverse else points


def point_table(item: ItemSpec) -> NDArray[np.float64]:
    """Points by code seen as an unsigned byte, (256,); NaN where the code has none."""
    table = np.full(BYTE, np.nan)
    for code, points in enumerate(keyed_points(item), start=1):
        if points is not None:
            table[code] = points
    return table


def rank_table(item: ItemSpec) -> NDArray[np.int8]:
    """Order ranks 1..K by code seen as an unsigned byte, (256,), keyed so that good is high; 0 where none.

    Ranks, not points: reliability must not depend on the map. The map's first and last points only say which end of
    the choice order is the good one.
    """
    count = len(item.codes)
    written = [points for points in item.points or () if points is not None]
    descending = bool(written) and written[0] > written[-1]
    table = np.zeros(BYTE, dtype=np.int8)
    for code, points in enumerate(keyed_points(item), start=1):
        if points is not None:
            table[code] = count + 1 - code if descending != item.reverse else code
    return table


def needed_answers(share: float) -> NDArray[np.int64]:
    """How many answers a part needs, by the number of its eligible items, (128,): the share, and at least one."""
    # The tolerance keeps a share such as 0.28 of 25 from asking for 8 because 0.28 * 25 > 7 in binary.
    return np.array([max(1, math.ceil(share * eligible - 1e-9)) for eligible in range(MAX_CHOICES + 1)])


def part_scores(
    codes: NDArray[np.int8], items: Sequence[ItemSpec], parts: Sequence[Sequence[int]], min_answered: float
) -> NDArray[np.float64]:
    """Each person's score of each part, float64 (n, parts) in 0–100, NaN where too little was answered.

    codes: int8 (n, k). parts: the columns of each part. min_answered: share of the eligible items that must have
    points. A score is the mean of the points that there are, so a part skipped by half still counts (half rule).
    """
    needed = needed_answers(min_answered)
    points = {column: np.nan_to_num(point_table(items[column])) for part in parts for column in part}
    counters = {column: _counters(items[column]) for part in parts for column in part}
    columns = np.full((len(parts), len(codes)), np.nan)  # by part, because that is how they are read
    for begin in range(0, len(codes), BLOCK):
        block = codes[begin : begin + BLOCK].view(np.uint8)
        for index, part in enumerate(parts):
            if len(part) > MAX_CHOICES:
                raise ValueError(f"a part of {len(part)} items; at most {MAX_CHOICES}")
            total = np.zeros(len(block))
            counts = np.zeros(len(block), dtype=np.uint16)
            for column in part:
                total += points[column].take(block[:, column])
                counts += counters[column].take(block[:, column])
            answered = counts % ELIGIBLE
            enough = answered >= needed.take(counts // ELIGIBLE)
            np.divide(total, answered, out=columns[index, begin : begin + BLOCK], where=enough)
    return columns.T


def _counters(item: ItemSpec) -> NDArray[np.uint16]:
    """By code: one eligible item, and one answered where the code has points."""
    table = np.full(BYTE, ELIGIBLE, dtype=np.uint16)
    table[~np.isnan(point_table(item))] += ANSWERED
    table[[NOT_APPLICABLE, NOT_SHOWN]] = 0  # negative codes index from the end, as their unsigned bytes do
    return table


def keyed_ranks(codes: NDArray[np.int8], items: Sequence[ItemSpec], columns: Sequence[int]) -> NDArray[np.int8]:
    """Order ranks of some items, int8 (n, len(columns)), 0 where the person gave none."""
    ranks = np.empty((len(codes), len(columns)), dtype=np.int8)
    tables = [rank_table(items[column]) for column in columns]
    for begin in range(0, len(codes), BLOCK):
        block = codes[begin : begin + BLOCK].view(np.uint8)
        for index, column in enumerate(columns):
            ranks[begin : begin + BLOCK, index] = tables[index].take(block[:, column])
    return ranks


def choice_counts(column: NDArray[np.int8], n_choices: int, cell: NDArray[np.int64], n_cells: int) -> NDArray[np.int64]:
    """How often each code of one item occurs in each cell, int64 (n_cells, 4 + n_choices).

    column: int8 (n,). cell: int64 (n,). Place j counts the code j + LOWEST_CODE: NOT_SHOWN, NOT_APPLICABLE,
    DONT_KNOW, BLANK, then the choices 1..K.
    """
    width = n_choices + 1 - LOWEST_CODE
    counts = np.zeros(n_cells * width, dtype=np.int64)
    step = COUNTING_BLOCK + n_cells * width  # so that adding up the blocks never costs more than counting them
    for begin in range(0, len(column), step):
        place = cell[begin : begin + step] * width + (column[begin : begin + step] - np.int64(LOWEST_CODE))
        counts += np.bincount(place, minlength=len(counts))
    return counts.reshape(n_cells, width)

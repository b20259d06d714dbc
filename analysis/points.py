"""From coded answers to a person's points: keying, the half rule, counts of choices.

Knows how a code becomes points (0–100; a mean of them as an exact integer over a common scale, so that sums of any
rows can be added without rounding), an order rank or a count. Works column by column in blocks that stay in the
processor's cache; no Python per row.
What must stay true: reversing is by choice order, then the map; a code without points is eligible and missing;
not applicable and not shown are not eligible; ranks run so that more points mean a higher rank.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from analysis.frame import LOWEST_CODE, NOT_APPLICABLE, NOT_SHOWN, CodedAnswers
from analysis.spec import MAX_CHOICES, ItemSpec

BLOCK = 16_384
COUNTING_BLOCK = 65_536
BYTE = 256  # a code seen as an unsigned byte: 1..127 stay, -1 is 255, -2 is 254, -3 is 253
ELIGIBLE, ANSWERED = 256, 1  # two counters in one uint16, the eligible one in the high byte
ABSENT = -1  # instead of an integer score, which is never negative
_LARGEST_DENOMINATOR = 1_000_000
_ROUNDED = 2**46
_WIDEST = 2**57


@dataclass(frozen=True, eq=False)
class SortedAnswers:
    """The eligible rows of one questionnaire's answers, sorted by unit, within a unit by stratum.

    families: uint8 (n,), the quality families that flagged a response, a bit each. excluded: bool (n,), those that the
    plan's rule leaves out.
    """

    source: CodedAnswers
    codes: NDArray[np.int8]
    families: NDArray[np.uint8]
    excluded: NDArray[np.bool_]
    unit: NDArray[np.int32]
    stratum: NDArray[np.int32]
    department: NDArray[np.int32]
    sitting: NDArray[np.int32]


def sorted_answers(
    answers: CodedAnswers,
    n_units: int,
    n_strata: int,
    stays: NDArray[np.bool_],
) -> SortedAnswers:
    """Leave out who was screened out, and sort; arrays that are in order already are not copied.

    stays: (256,) by the families that flagged a response, whether the plan's rule lets it count.
    """
    families = np.zeros(len(answers.codes), dtype=np.uint8) if answers.families is None else answers.families
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
        families=families[rows],
        excluded=~stays[families[rows]],
        unit=answers.unit[rows],
        stratum=answers.stratum[rows],
        department=answers.department[rows],
        sitting=answers.sitting[rows],
    )


def without(answers: SortedAnswers, out: NDArray[np.bool_]) -> SortedAnswers:
    """The other rows, in the same order; the same object where none is out."""
    if not out.any():
        return answers
    rows = ~out
    return SortedAnswers(
        source=answers.source,
        codes=answers.codes[rows],
        families=answers.families[rows],
        excluded=answers.excluded[rows],
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


@dataclass(frozen=True)
class PointScale:
    """How points become integers: a person's score of a part is an integer over `scale`, exactly where it can be.

    scale: the least common multiple of all that a mean of points can be divided by. unit: the part of it that points
    themselves need; a mean of c answers is their sum in units, times scale / unit / c. exact: False where that would
    pass 57 bits (a part of some forty items); a score is then rounded to the nearest 2^-46 of a point.
    """

    scale: int
    unit: int
    exact: bool = True


def point_scale(parts: Sequence[Sequence[ItemSpec]]) -> PointScale:
    """The scale on which the scores of some parts (items of each) are integers, whatever is left unanswered."""
    unit = scale = 1
    for items in parts:
        for item in items:
            unit = math.lcm(
                unit, *(_fraction(points).denominator for points in item.points or () if points is not None)
            )
        # With some not applicable, any number of the items may be what a person's mean is divided by.
        scale = math.lcm(scale, *range(1, len(items) + 1))
    if unit * scale * 100 >= _WIDEST:
        return PointScale(_ROUNDED, _ROUNDED, exact=False)
    return PointScale(unit * scale, unit)


def part_values(
    codes: NDArray[np.int8],
    items: Sequence[ItemSpec],
    parts: Sequence[Sequence[int]],
    min_answered: float,
    scale: PointScale,
) -> NDArray[np.int64]:
    """Each person's score of each part as an integer, int64 (n, parts): points times `scale.scale`, ABSENT for none.

    codes: int8 (n, k). parts: the columns of each part. min_answered: share of the eligible items that must have
    points. A score is the mean of the points that there are, so a part skipped by half still counts (half rule).
    """
    needed = needed_answers(min_answered)
    points = {column: _point_integers(items[column], scale) for part in parts for column in part}
    counters = {column: _counters(items[column]) for part in parts for column in part}
    columns = np.full((len(parts), len(codes)), ABSENT, dtype=np.int64)  # by part, because that is how they are read
    for begin in range(0, len(codes), BLOCK):
        block = codes[begin : begin + BLOCK].view(np.uint8)
        for index, part in enumerate(parts):
            if len(part) > MAX_CHOICES:
                raise ValueError(f"a part of {len(part)} items; at most {MAX_CHOICES}")
            total = np.zeros(len(block), dtype=np.int64)
            counts = np.zeros(len(block), dtype=np.uint16)
            for column in part:
                total += points[column].take(block[:, column])
                counts += counters[column].take(block[:, column])
            answered = counts % ELIGIBLE
            enough = answered >= needed.take(counts // ELIGIBLE)
            mean = _means(total, answered, len(part), scale)
            np.copyto(columns[index, begin : begin + BLOCK], mean, where=enough)
    return columns.T


def part_scores(
    codes: NDArray[np.int8], items: Sequence[ItemSpec], parts: Sequence[Sequence[int]], min_answered: float
) -> NDArray[np.float64]:
    """`part_values` as points: float64 (n, parts) in 0–100, NaN where too little was answered."""
    scale = point_scale([[items[column] for column in part] for part in parts])
    values = part_values(codes, items, parts, min_answered, scale)
    return np.where(values == ABSENT, np.nan, values / scale.scale)


def _fraction(points: float) -> Fraction:
    """Points as they were meant: 33.3 is 333/10, and the 11.1 recurring of a ten-step rating is 100/9."""
    return Fraction(points).limit_denominator(_LARGEST_DENOMINATOR)


def _point_integers(item: ItemSpec, scale: PointScale) -> NDArray[np.int64]:
    """Points in units of `scale.unit` by code seen as an unsigned byte, (256,); 0 where the code has none."""
    table = np.zeros(BYTE, dtype=np.int64)
    for code, points in enumerate(keyed_points(item), start=1):
        if points is not None:
            table[code] = round(_fraction(points) * scale.unit)
    return table


def _means(
    total: NDArray[np.int64], answered: NDArray[np.uint16], n_items: int, scale: PointScale
) -> NDArray[np.int64]:
    if not scale.exact:
        divisor = np.maximum(answered, 1).astype(np.int64)
        return np.asarray((total + divisor // 2) // divisor)
    factors = np.array([0, *(scale.scale // (scale.unit * n) for n in range(1, n_items + 1))], dtype=np.int64)
    return np.asarray(total * factors.take(answered))


def _counters(item: ItemSpec) -> NDArray[np.uint16]:
    """By code: one eligible item, and one answered where the code has points."""
    table = np.full(BYTE, ELIGIBLE, dtype=np.uint16)
    for code, points in enumerate(keyed_points(item), start=1):
        if points is not None:
            table[code] += ANSWERED
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

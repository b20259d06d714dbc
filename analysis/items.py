"""How single items were answered, unit by unit: counts of choices and what follows from them.

Knows counts. Must stay true: these are statistics of the answers received, every response counting the same; estimates
for a population are in `analysis.scores`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.comparison.shares import top_box_share
from analysis.estimate import Estimate
from analysis.frame import BLANK, DONT_KNOW, LOWEST_CODE, NOT_APPLICABLE
from analysis.points import SortedAnswers, choice_counts, keyed_points, rank_table
from analysis.results import ItemStatistics
from analysis.scores import Cells
from analysis.spec import ItemSpec

FEWEST_FOR_TOP = 4  # choices; with fewer the two best are nearly all


def item_statistics(
    source: SortedAnswers,
    columns: Sequence[tuple[int, str | None]],
    cells: Cells,
    people: NDArray[np.float64] | None,
) -> tuple[tuple[ItemStatistics, ...], ...]:
    """Statistics of some items for every unit, one tuple a unit.

    columns: column and the part of the indicator that it belongs to, if any. cells: of the same rows as `source`.
    people: (J,) members of the units, NaN unknown; None where answers are not a sample of them.
    """
    n_units = cells.n_units
    unit = source.unit.astype(np.int64)
    members = np.full(n_units, np.nan) if people is None else people
    by_item = [_of_column(source, column, part, unit=unit, cells=cells, members=members) for column, part in columns]
    return tuple(tuple(found[u] for found in by_item) for u in range(n_units))


def _of_column(
    source: SortedAnswers,
    column: int,
    part: str | None,
    *,
    unit: NDArray[np.int64],
    cells: Cells,
    members: NDArray[np.float64],
) -> list[ItemStatistics]:
    questionnaire = source.source.questionnaire
    item = questionnaire.items[column]
    codes = source.codes[:, column]
    counts = choice_counts(codes, len(item.codes), unit, cells.n_units)
    chosen = counts[:, 1 - LOWEST_CODE :]
    n_cell = chosen.sum(axis=1) if cells.pair is None else cells.count(codes > BLANK)
    return [
        _of_unit(questionnaire.id, item, part, row=row, n_cell=int(n), size=float(size))
        for row, n, size in zip(counts, n_cell, members, strict=True)
    ]


def _of_unit(
    questionnaire: str, item: ItemSpec, part: str | None, *, row: NDArray[np.int64], n_cell: int, size: float
) -> ItemStatistics:
    """row: counts of NOT_SHOWN, NOT_APPLICABLE, DONT_KNOW, BLANK and the choices. size: of the unit, NaN unknown."""
    chosen = row[1 - LOWEST_CODE :]
    not_applicable, dont_know, blank = (int(row[code - LOWEST_CODE]) for code in (NOT_APPLICABLE, DONT_KNOW, BLANK))
    n = int(chosen.sum())
    eligible = n + dont_know + blank
    top = _top_two(item, chosen, size)
    return ItemStatistics(
        questionnaire=questionnaire,
        item=item.id,
        scale=item.scale,
        part=part,
        shown=True,
        n=n,
        mean=_mean_points(item, chosen),
        choices=item.codes,
        counts=tuple(chosen.tolist()),
        share_dont_know=_share(dont_know, eligible),
        share_blank=_share(blank, eligible),
        share_not_applicable=_share(not_applicable, eligible + not_applicable),
        top_two=None if top is None else top.value,
        top_two_lo=None if top is None else top.lo,
        top_two_hi=None if top is None else top.hi,
        n_cell=n_cell,
    )


def _mean_points(item: ItemSpec, chosen: NDArray[np.int64]) -> float | None:
    """Mean of the keyed points of the choices that have any; None where none was given."""
    total, n = 0.0, 0
    for points, count in zip(keyed_points(item), chosen.tolist(), strict=True):
        if points is not None:
            total += points * count
            n += count
    return total / n if n else None


def _top_two(item: ItemSpec, chosen: NDArray[np.int64], size: float) -> Estimate | None:
    """Share of those who gave one of the two best choices; None for other items than scored ones of four or more."""
    ranks = rank_table(item)[1 : len(chosen) + 1]
    if not item.scored or len(chosen) < FEWEST_FOR_TOP or not bool((ranks > 0).all()):
        return None
    n, best = int(chosen.sum()), int(chosen[ranks > len(chosen) - 2].sum())
    return top_box_share(best, n, None if math.isnan(size) or size < n else size)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None

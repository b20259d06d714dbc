"""How single items were answered, unit by unit: counts of choices and what follows from them.

Knows counts. Must stay true: these are statistics of the answers received, every response counting the same; estimates
for a population are in `analysis.scores`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.frame import BLANK, DONT_KNOW, LOWEST_CODE, NOT_APPLICABLE
from analysis.points import SortedAnswers, choice_counts, keyed_points
from analysis.results import ItemStatistics
from analysis.scores import Cells
from analysis.spec import ItemSpec


def item_statistics(
    source: SortedAnswers, columns: Sequence[tuple[int, str | None]], cells: Cells
) -> tuple[tuple[ItemStatistics, ...], ...]:
    """Statistics of some items for every unit, one tuple a unit.

    columns: column and the part of the indicator that it belongs to, if any. cells: of the same rows as `source`.
    """
    n_units = cells.n_units
    unit = source.unit.astype(np.int64)
    by_item = [_of_column(source, column, part, unit, cells) for column, part in columns]
    return tuple(tuple(found[u] for found in by_item) for u in range(n_units))


def _of_column(
    source: SortedAnswers, column: int, part: str | None, unit: NDArray[np.int64], cells: Cells
) -> list[ItemStatistics]:
    questionnaire = source.source.questionnaire
    item = questionnaire.items[column]
    codes = source.codes[:, column]
    counts = choice_counts(codes, len(item.codes), unit, cells.n_units)
    chosen = counts[:, 1 - LOWEST_CODE :]
    n_cell = chosen.sum(axis=1) if cells.pair is None else cells.count(codes > BLANK)
    return [_of_unit(questionnaire.id, item, part, row, int(n)) for row, n in zip(counts, n_cell, strict=True)]


def _of_unit(
    questionnaire: str, item: ItemSpec, part: str | None, row: NDArray[np.int64], n_cell: int
) -> ItemStatistics:
    """row: counts of NOT_SHOWN, NOT_APPLICABLE, DONT_KNOW, BLANK and the choices."""
    chosen = row[1 - LOWEST_CODE :]
    not_applicable, dont_know, blank = (int(row[code - LOWEST_CODE]) for code in (NOT_APPLICABLE, DONT_KNOW, BLANK))
    n = int(chosen.sum())
    eligible = n + dont_know + blank
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


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None

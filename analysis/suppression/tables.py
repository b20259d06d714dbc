"""Tables of counts with their totals, as systems: which further cells go when a small one is hidden.

Knows counts. Must stay true: a total that is published is a statement about its cells; a cell that is not small is a
publication that may be hidden and costs the people in it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.suppression.secondary import Suppression, suppress
from analysis.suppression.system import Secret, Statement, System, Unknown

Cell = tuple[int, ...]


def count_table(
    counts: NDArray[np.integer[Any]], min_cell: int, *, totals: Collection[int] | None = None, values: int = 2
) -> System:
    """A table of counts of any dimension whose small cells (1 to min_cell - 1) are hidden and whose totals are shown.

    totals: axes over which totals are published (and the grand total with them); None: over every axis.
    values: how many different counts must remain possible for a hidden cell; 2: it is not known.
    Each cell is an unknown whole number from 0 to the grand total; the publication of a shown cell is its `cell_name`.
    """
    cells = [tuple(int(place) for place in cell) for cell in np.ndindex(counts.shape)]
    number = {cell: place for place, cell in enumerate(cells)}
    grand = int(counts.sum())
    statements = [_sum("total", cells, number, counts)]
    for axis in range(counts.ndim) if totals is None else sorted(totals):
        for rest in np.ndindex(*(size for other, size in enumerate(counts.shape) if other != axis)):
            line = [cell for cell in cells if (*cell[:axis], *cell[axis + 1 :]) == rest]
            statements.append(_sum(f"total over {axis} at {rest}", line, number, counts))
    secrets = []
    for cell in cells:
        count = int(counts[cell])
        if 0 < count < min_cell:
            secrets.append(Secret(cell_name(cell), ((number[cell], 1.0),), count, float(values - 1)))
        else:
            statements.append(
                Statement(cell_name(cell), ((number[cell], 1.0),), float(count), float(count), cell_name(cell))
            )
    unknowns = tuple(Unknown(cell_name(cell), 0.0, float(grand), whole=True) for cell in cells)
    return System(unknowns, tuple(statements), tuple(secrets))


def suppressed_cells(
    counts: NDArray[np.integer[Any]], min_cell: int, *, totals: Collection[int] | None = None
) -> tuple[tuple[Cell, ...], Suppression]:
    """Cells to hide beside the small ones, in order, with what stays exposed."""
    found = suppress(
        count_table(counts, min_cell, totals=totals),
        {cell_name(cell): float(counts[cell]) for cell in np.ndindex(counts.shape)},
    )
    named = {cell_name(cell): tuple(int(place) for place in cell) for cell in np.ndindex(counts.shape)}
    return tuple(sorted(named[name] for name in found.hidden)), found


def cell_name(cell: Cell) -> str:
    """The name of a cell and of its publication."""
    return ",".join(str(int(place)) for place in cell)


def _sum(name: str, line: list[Cell], number: dict[Cell, int], counts: NDArray[np.integer[Any]]) -> Statement:
    total = float(sum(int(counts[cell]) for cell in line))
    return Statement(name, tuple((number[cell], 1.0) for cell in line), total, total)

"""Ratio means of many units in a few passes over the rows, and their variance by linearisation.

Knows rows, cells (unit x stratum) and sums; the estimator is written down in `analysis.means`, which turns these arrays
into results. Arrays here are internal and may hold NaN; nothing leaves the package without a status.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Integers = NDArray[np.integer[Any]]

# Below this share of the mean, a standard deviation is the floating-point dust of equal answers.
_DUST = 1e-12


@dataclass(frozen=True, eq=False)
class Layout:
    """Which cell a row belongs to, and what the frame says of the cells, single answers already merged.

    cell: (n,) unit * H + stratum; rows without points stand in one more cell behind the last.
    n, share, fraction: (J, H) rows, W_h over the strata with answers, f_h. population, coverage: (J,), NaN unknown.
    merged: (J,) strata given to a neighbour. too_small: n > N somewhere. unweightable: a size is missing.
    """

    cell: NDArray[np.intp]
    n: Floats
    share: Floats
    fraction: Floats
    population: Floats
    coverage: Floats
    merged: NDArray[np.intp]
    too_small: Bools
    unweightable: Bools


@dataclass(frozen=True, eq=False)
class Linearised:
    """Columns are the D dimensions and then the score, rows the units: all (J, D + 1) but inverse_share (J, D).

    mean NaN where nobody has the dimension. variance: for the people of the frame; process: without correction.
    n: rows that have it (for the score: any of them); strata: cells with such rows.
    """

    mean: Floats
    variance: Floats
    process: Floats
    n: Floats
    strata: Floats
    inverse_share: Floats


def lay_out(
    usable: Bools,
    unit: Integers,
    n_units: int,
    *,
    stratum: Integers,
    sizes: Floats,
    shares: Floats | None,
    finite: bool | Bools,
) -> Layout:
    """Count the rows of each cell, merge lone strata, weight the cells; arguments as in `means.linear_scores`."""
    sizes = np.asarray(sizes, dtype=np.float64)
    if sizes.ndim != 2 or len(sizes) != n_units or (shares is not None and shares.shape != sizes.shape):
        raise ValueError(f"sizes and shares need one row per unit and one column per stratum, not {sizes.shape}")
    n_strata = sizes.shape[1]
    for name, numbers, limit in (("unit", unit, n_units), ("stratum", stratum, n_strata)):
        if numbers.shape != usable.shape:
            raise ValueError(f"{name} has shape {numbers.shape}, there are {len(usable)} responses")
        if len(numbers) and not 0 <= int(numbers.min()) <= int(numbers.max()) < limit:
            raise ValueError(f"{name} numbers must lie between 0 and {limit - 1}")
    cells = n_units * n_strata
    cell = np.where(usable, unit.astype(np.intp) * n_strata + stratum, cells)
    n = np.bincount(cell, minlength=cells)[:cells].reshape(sizes.shape).astype(np.float64)

    frame = np.where(np.isnan(sizes) & (n == 0), 0.0, sizes)
    alone = np.count_nonzero((n > 0) | (frame > 0), axis=1) == 1
    raw = np.where(np.isnan(frame) & alone[:, None], 1.0, frame) if shares is None else np.asarray(shares, np.float64)
    too_small = np.any(n > frame, axis=1)

    target = _merge_targets(n)
    n, frame, raw = (_moved(part, target) for part in (n, frame, raw))
    covered = np.where(n > 0, raw, 0.0).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):  # units without answers or sizes; they are flagged below
        share = np.where(n > 0, raw / covered[:, None], 0.0)
        coverage = covered / raw.sum(axis=1)
        fraction = np.where((n > 0) & np.reshape(finite, (-1, 1)), np.clip(np.nan_to_num(n / frame), 0.0, 1.0), 0.0)
    moved_cell = np.append(np.arange(n_units)[:, None] * n_strata + target, cells)
    return Layout(
        cell=cell if bool((target == np.arange(n_strata)).all()) else moved_cell[cell],
        n=n,
        share=share,
        fraction=fraction,
        population=frame.sum(axis=1),
        coverage=coverage,
        merged=np.count_nonzero(target != np.arange(n_strata), axis=1),
        too_small=np.asarray(too_small),
        unweightable=~np.isfinite(share).all(axis=1) | ~(covered > 0),
    )


def linearise(y: Floats, weights: Floats, layout: Layout) -> Linearised:
    """Means and variances of all units: two passes over the rows, one column at a time.

    y: (n, D) points with NaN for missing; weights: (D,).
    """
    (n_units, n_strata), n_dimensions = layout.n.shape, len(weights)
    n_cell = np.maximum(layout.n, 1)
    counts = np.zeros((n_dimensions + 1, n_units, n_strata))
    counts[-1] = layout.n
    mean = np.full((n_units, n_dimensions + 1), np.nan)
    inverse_share = np.zeros((n_units, n_dimensions))
    squares = np.zeros_like(counts)
    z_score = np.zeros(len(y))
    for d, weight in enumerate(weights):
        column = np.ascontiguousarray(y[:, d])
        has = ~np.isnan(column)
        filled = np.where(has, column, 0.0)
        counts[d] = _per_cell(layout, has)
        sums = _per_cell(layout, filled)
        share = (layout.share * counts[d] / n_cell).sum(axis=1)
        having = share > 0
        np.divide(1.0, share, out=inverse_share[:, d], where=having)
        mean[having, d] = ((layout.share * sums / n_cell).sum(axis=1) * inverse_share[:, d])[having]
        # z is centred on its cell at once: a stratum of equal answers then has no variance, to the last bit or nearly.
        centre = np.nan_to_num(mean[:, d, None])
        z_cell = (sums - centre * counts[d]) / n_cell * inverse_share[:, d, None]
        absent = np.append(-z_cell, 0.0)
        present = np.append(-z_cell - centre * inverse_share[:, d, None], 0.0)
        slope = np.append(np.repeat(inverse_share[:, d], n_strata), 0.0)
        z = np.where(has, filled * slope[layout.cell] + present[layout.cell], absent[layout.cell])
        squares[d] = _per_cell(layout, z * z)
        if weight:
            z_score += weight * z
    squares[-1] = _per_cell(layout, z_score * z_score)
    mean[:, -1] = mean[:, :-1][:, weights != 0] @ weights[weights != 0]

    spread = layout.share**2 * squares / np.maximum(layout.n - 1, 1) / n_cell
    process = spread.sum(axis=2).T
    variance = (spread * (1 - layout.fraction)).sum(axis=2).T
    dust = process <= (_DUST * np.abs(np.nan_to_num(mean))) ** 2
    return Linearised(
        mean=mean,
        variance=np.where(dust, 0.0, variance),
        process=np.where(dust, 0.0, process),
        n=counts.sum(axis=2).T,
        strata=np.count_nonzero(counts, axis=2).T.astype(np.float64),
        inverse_share=inverse_share,
    )


def _per_cell(layout: Layout, values: NDArray[Any]) -> Floats:
    cells = layout.n.size
    sums = np.bincount(layout.cell, weights=values, minlength=cells + 1).astype(np.float64, copy=False)
    return sums[:cells].reshape(layout.n.shape)


def _merge_targets(n: Floats) -> NDArray[np.intp]:
    """(J, H): the stratum that takes a stratum's rows: itself, or for a single row the first one with more.

    Where a unit has single rows only, all go to the first of them.
    """
    target = np.broadcast_to(np.arange(n.shape[1]), n.shape).copy()
    if n.shape[1] > 1:
        lone, large = n == 1, n >= 2
        home = np.where(large.any(axis=1), np.argmax(large, axis=1), np.argmax(lone, axis=1))
        np.copyto(target, home[:, None], where=lone)
    return target


def _moved(values: Floats, target: NDArray[np.intp]) -> Floats:
    moved = np.zeros_like(values)
    np.add.at(moved, (np.arange(len(values))[:, None], target), values)
    return moved

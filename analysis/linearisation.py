"""Ratio means of many units from sums over cells (unit x stratum), and their variance by linearisation.

Knows cells and sums; the estimator is written down in `analysis.means`, which turns these arrays into results. Arrays
here are internal and may hold NaN; nothing leaves the package without a status.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.degrees_of_freedom import satterthwaite_df
from analysis.moments import GroupedMoments

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Integers = NDArray[np.integer[Any]]

# Below this share of the terms that it is the difference of, a variance is the floating-point dust of equal answers.
_DUST = 1e-13
_INT64_SAFE = 2**62


@dataclass(frozen=True, eq=False)
class CellMoments:
    """First and second moments of each row's 2D numbers: points of D dimensions (0 where missing), and who has them.

    n: (J, H) rows with any dimension. total: (J, H, 2D) sums. cov: (J, H, 2D, 2D) covariances, divisor n - 1; 0 in
    cells of fewer than two rows.
    """

    n: Floats
    total: Floats
    cov: Floats


@dataclass(frozen=True, eq=False)
class Layout:
    """What the frame says of the cells, single answers already merged.

    target: (J, H) the stratum that a stratum's rows count in. n, share, fraction: (J, H) rows, W_h over the strata with
    answers, f_h. population, coverage: (J,), NaN unknown. merged: (J,) strata given to a neighbour. too_small: n > N
    somewhere. unweightable: a size is missing.
    """

    target: NDArray[np.intp]
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
    n: rows that have it (for the score: any of them); strata: cells with such rows. effective_df: Satterthwaite's
    degrees of freedom of `variance`. element: (J,) variance S^2 of the linearised score over all people of the strata
    with answers, n/(n - 1) sum_h W_h mean_h(z^2), for comparison with a simple random sample.
    """

    mean: Floats
    variance: Floats
    process: Floats
    n: Floats
    strata: Floats
    effective_df: Floats
    inverse_share: Floats
    element: Floats


def lay_out(counts: Integers, *, sizes: Floats, shares: Floats | None, finite: bool | Bools) -> Layout:
    """Merge lone strata and weight the cells; arguments as in `means.linear_scores`. counts: (J, H) rows."""
    sizes = np.asarray(sizes, dtype=np.float64)
    if sizes.shape != counts.shape or (shares is not None and shares.shape != sizes.shape):
        raise ValueError(f"sizes and shares need one row per unit and one column per stratum, not {sizes.shape}")
    n = np.asarray(counts, dtype=np.float64)
    frame = np.where(np.isnan(sizes) & (n == 0), 0.0, sizes)
    alone = np.count_nonzero((n > 0) | (frame > 0), axis=1) == 1
    raw = np.where(np.isnan(frame) & alone[:, None], 1.0, frame) if shares is None else np.asarray(shares, np.float64)
    too_small = np.any(n > frame, axis=1)

    target = _merge_targets(n)
    n, frame, raw = (moved(part, target) for part in (n, frame, raw))
    covered = np.where(n > 0, raw, 0.0).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):  # units without answers or sizes; they are flagged below
        share = np.where(n > 0, raw / covered[:, None], 0.0)
        coverage = covered / raw.sum(axis=1)
        fraction = np.where((n > 0) & np.reshape(finite, (-1, 1)), np.clip(np.nan_to_num(n / frame), 0.0, 1.0), 0.0)
    return Layout(
        target=target,
        n=n,
        share=share,
        fraction=fraction,
        population=frame.sum(axis=1),
        coverage=coverage,
        merged=np.count_nonzero(target != np.arange(n.shape[1]), axis=1),
        too_small=np.asarray(too_small),
        unweightable=~np.isfinite(share).all(axis=1) | ~(covered > 0),
    )


def moments_of_rows(y: Floats, cell: NDArray[np.intp], shape: tuple[int, int]) -> CellMoments:
    """Moments of real-valued rows. y: (n, D) with NaN for missing; cell: (n,) into (J, H) flattened, all in use."""
    has = ~np.isnan(y)
    rows = np.concatenate([np.where(has, y, 0.0), has], axis=1)
    cells, width = shape[0] * shape[1], rows.shape[1]
    n = np.bincount(cell, minlength=cells).astype(np.float64)
    total = np.stack([np.bincount(cell, column, minlength=cells) for column in rows.T], axis=1)
    centred = rows - (total / np.maximum(n, 1)[:, None])[cell]
    cov = np.zeros((cells, width, width))
    for i in range(width):
        for j in range(i + 1):
            products = np.bincount(cell, centred[:, i] * centred[:, j], minlength=cells)
            cov[:, i, j] = cov[:, j, i] = products / np.maximum(n - 1, 1)
    return CellMoments(
        n.reshape(shape), np.asarray(total.reshape(*shape, width), dtype=np.float64), cov.reshape(*shape, width, width)
    )


def moments_of_sums(sums: GroupedMoments, scale: int, target: NDArray[np.intp]) -> CellMoments:
    """Moments from exact sums, each number rounded once. sums: of the cells (J, H) flattened; points = integer / scale.

    target: (J, H) as in `Layout`: the sums of a merged cell count where they were put.
    """
    n_parts = sums.s.shape[1] // 2
    n = moved(sums.n.reshape(target.shape), target).reshape(-1)
    s = moved(sums.s.reshape(*target.shape, -1), target).reshape(len(n), -1)
    q = moved(sums.q.reshape(*target.shape, *sums.q.shape[1:]), target).reshape(len(n), *sums.q.shape[1:])
    points = np.repeat([float(scale), 1.0], n_parts)
    numerator = _exact_scatter(n, s, q)
    divisor = np.maximum(n * (n - 1), 1)[:, None, None]
    shape = target.shape
    return CellMoments(
        n=n.reshape(shape).astype(np.float64),
        total=(s.astype(np.float64) / points).reshape(*shape, -1),
        cov=(numerator / divisor / np.outer(points, points)).reshape(*shape, 2 * n_parts, 2 * n_parts),
    )


def _exact_scatter(n: NDArray[Any], s: NDArray[Any], q: NDArray[Any]) -> Floats:
    """(C, 2D, 2D) n q - s s', exact and then rounded; which integers hold it depends on the sums alone."""
    largest = max((int(part.max(initial=0)) for part in (s, q)), default=0)
    if int(n.max(initial=0)) * largest < _INT64_SAFE and largest**2 < _INT64_SAFE:
        s, q = s.astype(np.int64), q.astype(np.int64)
    else:
        n, s, q = n.astype(object), s.astype(object), q.astype(object)
    return np.asarray(n[:, None, None] * q - s[:, :, None] * s[:, None, :]).astype(np.float64)


def linearise(cells: CellMoments, weights: Floats, layout: Layout) -> Linearised:
    """Means and variances of all units. weights: (D,)."""
    n_dimensions, n_cell = len(weights), np.maximum(layout.n, 1)
    sums, counts = cells.total[..., :n_dimensions], cells.total[..., n_dimensions:]
    means_in_cell = layout.share[..., None] / n_cell[..., None]
    share = (means_in_cell * counts).sum(axis=1)
    having = share > 0
    inverse_share = np.zeros_like(share)
    np.divide(1.0, share, out=inverse_share, where=having)
    mean = np.where(having, (means_in_cell * sums).sum(axis=1) * inverse_share, np.nan)
    centre = np.nan_to_num(mean)
    # z of dimension d is (points - mean * mark) / share: two of a row's 2D numbers, so z's variance is a form in cov.
    alone = np.eye(n_dimensions)
    combined = np.concatenate([alone, weights[None, :]])
    slope = combined[None] * inverse_share[:, None, :]
    form = np.concatenate([slope, -slope * centre[:, None, :]], axis=2)
    variance_in_cell = np.einsum("jdp,jhpq,jdq->jhd", form, cells.cov, form, optimize=True)
    terms = np.einsum("jdp,jhpq,jdq->jhd", np.abs(form), np.abs(cells.cov), np.abs(form), optimize=True)
    variance_in_cell = np.where(variance_in_cell <= _DUST * terms, 0.0, variance_in_cell)
    spread = layout.share[..., None] ** 2 * variance_in_cell / n_cell[..., None]
    score = centre[:, weights != 0] @ weights[weights != 0]
    missing = ~having[:, weights != 0].all(axis=1)
    all_counts = np.concatenate([counts, layout.n[..., None]], axis=2)
    n, strata = all_counts.sum(axis=1), np.count_nonzero(all_counts, axis=1).astype(np.float64)
    corrected = spread * (1 - layout.fraction[..., None])
    variance = corrected.sum(axis=1)
    within_strata = np.maximum(layout.n - 1, 0)[:, None, :]
    effective_df = np.maximum(satterthwaite_df(np.moveaxis(corrected, 1, 2), within_strata), 1)
    return Linearised(
        mean=np.column_stack([mean, np.where(missing, np.nan, score)]),
        variance=variance,
        process=spread.sum(axis=1),
        n=n,
        strata=strata,
        effective_df=effective_df,
        inverse_share=inverse_share,
        element=_element_variance(cells, layout, form[:, -1], variance_in_cell[..., -1]),
    )


def _element_variance(cells: CellMoments, layout: Layout, form: Floats, in_cell: Floats) -> Floats:
    """(J,) S^2 of z over the people of a unit; z has the weighted mean 0. form: (J, 2D) of z; in_cell: (J, H) s_h^2."""
    n_cell, n = np.maximum(layout.n, 1), layout.n.sum(axis=1)
    mean = np.einsum("jp,jhp->jh", form, cells.total) / n_cell
    squares = (layout.share * (in_cell * (n_cell - 1) / n_cell + mean**2)).sum(axis=1)
    return np.asarray(n / np.maximum(n - 1, 1) * squares)


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


def moved(values: NDArray[Any], target: NDArray[np.intp]) -> NDArray[Any]:
    """(J, H, ...) with each stratum's numbers added to the stratum that takes them."""
    if bool((target == np.arange(target.shape[1])).all()):
        return values
    found = np.zeros_like(values)
    np.add.at(found, (np.arange(len(values))[:, None], target), values)
    return found

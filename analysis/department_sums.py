"""What departments say of units: the mean of each department's responses, and how far those lie apart.

Knows departments, not what their mean is worth; `analysis.means` averages them. A department that rates several units
is another one in each. Must stay true: a response that names no department is one of its own.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.score_sums import N_MASKS, ScoreSums

Floats = NDArray[np.float64]
Integers = NDArray[np.integer[Any]]

_INT64_SAFE = 2**62


@dataclass(frozen=True, eq=False)
class DepartmentMoments:
    """G departments of units: unit (G,), members (G,) responses, and over the responses that have a dimension:

    count (G, D) how many; mean (G, D), NaN for none; scatter (G, D, D): sums of products of deviations from the means,
    over those who have both.
    """

    unit: NDArray[np.intp]
    members: NDArray[np.int64]
    count: Floats
    mean: Floats
    scatter: Floats


def departments_of_rows(y: Floats, unit: Integers, department: Integers) -> DepartmentMoments:
    """From real-valued rows. y: (n, D), NaN for missing; unit, department: (n,), department below 0 for none."""
    usable = ~np.isnan(y).all(axis=1)
    y, unit, department = y[usable], unit[usable].astype(np.int64), department[usable].astype(np.int64)
    own = department.max(initial=-1) + 1 + np.arange(len(y))
    width = int(own.max(initial=0)) + 1
    keys, group = np.unique(unit * width + np.where(department < 0, own, department), return_inverse=True)
    n_groups, n_parts = len(keys), y.shape[1]
    mean, count = np.full((n_groups, n_parts), np.nan), np.zeros((n_groups, n_parts))
    has = ~np.isnan(y)
    for d in range(n_parts):
        count[:, d] = np.bincount(group[has[:, d]], minlength=n_groups)
        sums = np.bincount(group[has[:, d]], y[has[:, d], d], minlength=n_groups)
        np.divide(sums, count[:, d], out=mean[:, d], where=count[:, d] > 0)
    residual = np.where(has, y - mean[group], 0.0)
    scatter = np.zeros((n_groups, n_parts, n_parts))
    for d in range(n_parts):
        for e in range(d + 1):
            scatter[:, d, e] = scatter[:, e, d] = np.bincount(
                group, residual[:, d] * residual[:, e], minlength=n_groups
            )
    return DepartmentMoments(
        (keys // width).astype(np.intp), np.bincount(group, minlength=n_groups), count, mean, scatter
    )


def departments_of_sums(sums: ScoreSums) -> DepartmentMoments:
    """From exact sums whose groups are departments, masks forgotten; each number is rounded once."""
    sums = sums.where(np.ones(N_MASKS, dtype=np.bool_))
    k, s, q = sums.n_parts, sums.sums.s, sums.sums.q
    total, count = s[:, :k], s[:, k:]
    products, both = q[:, :k, :k], q[:, k:, k:]
    over_both = q[:, :k, k:]  # [d, e]: sum of d over those who have e as well
    if 4 * int(count.max(initial=0)) ** 2 * int(products.max(initial=0)) >= _INT64_SAFE:
        total, count, products, both, over_both = (
            part.astype(object) for part in (total, count, products, both, over_both)
        )
    exact = (
        count[:, :, None] * count[:, None, :] * products
        - total[:, :, None] * count[:, None, :] * over_both.transpose(0, 2, 1)
        - count[:, :, None] * total[:, None, :] * over_both
        + total[:, :, None] * total[:, None, :] * both
    )
    n = s[:, k:].astype(np.float64)
    divisor = np.maximum(n[:, :, None] * n[:, None, :], 1) * float(sums.scale) ** 2
    mean = np.full(n.shape, np.nan)
    np.divide(s[:, :k].astype(np.float64), n * sums.scale, out=mean, where=n > 0)
    return DepartmentMoments(
        sums.unit.astype(np.intp), sums.sums.n, n, mean, np.asarray(exact).astype(np.float64) / divisor
    )


def within_departments(found: DepartmentMoments, weights: Floats, inverse_share: Floats) -> Floats:
    """(J, D + 1) sum over a unit's departments of s_w^2/m of the linearised points, the pooled s_w^2 where m is 1.

    The last column is the score's. NaN where no department has two responses. inverse_share: (J, D).
    """
    per_unit, n_parts = inverse_share[found.unit], len(weights)
    spread = np.empty((len(found.unit), n_parts + 1))
    spread[:, :n_parts] = np.diagonal(found.scatter, axis1=1, axis2=2) * per_unit**2
    # A department's mean of a dimension is over fewer responses where some skipped it; each of them weighs more.
    slope = weights * per_unit * found.members[:, None] / np.maximum(found.count, 1)
    spread[:, n_parts] = np.einsum("gd,gde,ge->g", slope, found.scatter, slope)
    answered = np.column_stack([found.count, found.members])
    return np.column_stack(
        [
            _second_stage(squares, m, found.unit, len(inverse_share))
            for squares, m in zip(spread.T, answered.T, strict=True)
        ]
    )


def _second_stage(squares: Floats, m: NDArray[Any], unit: NDArray[np.intp], n_units: int) -> Floats:
    df = np.maximum(m - 1, 0)
    pooled_df = np.bincount(unit, df, minlength=n_units)
    pooled = np.full(n_units, np.nan)
    np.divide(
        np.bincount(unit, np.where(df > 0, squares, 0.0), minlength=n_units), pooled_df, out=pooled, where=pooled_df > 0
    )
    own = np.where(df > 0, squares / np.maximum(df, 1), pooled[unit])
    total = np.bincount(unit, np.where(m > 0, own / np.maximum(m, 1), 0.0), minlength=n_units)
    return total.astype(np.float64, copy=False)

"""How far a row lies from the others, seen along the ways in which the others differ.

Knows any matrix of numbers and where its cells are present. Must stay true: the distance of a row uses its present
cells only and has as many degrees of freedom as independent items stand behind it; items that nobody varies on, copies
and sums of others add nothing; too few rows give no distance instead of a wild one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpstrf

from analysis.estimate import Status
from analysis.quality.patterns import Bools, Floats, Numbers, blocks

# An item of which the others explain all but this share of the variance is a copy or a sum of them.
_EXPLAINED = 1e-10
_NO_SPREAD = {0: Status.UNDEFINED_NO_RESPONSES, 1: Status.UNDEFINED_ONE_RESPONSE}  # by answers to one item, at most


@dataclass(frozen=True, eq=False)
class Distances:
    """d2: (n,) squared distances, 0 where there is none. df: (n,) their degrees of freedom, 0 where there is none.

    columns: the items used. status: OK; WARN_SINGULAR, some items are copies or sums of others and were left out;
    undefined, and then no row has a distance.
    """

    d2: Floats
    df: NDArray[np.int64]
    columns: NDArray[np.intp]
    status: Status


@dataclass(frozen=True, eq=False)
class Ellipsoid:
    """Where the rows lie: centre (k,), scale (k,), columns (r,) of the items used, precision (r, r) of those scaled."""

    centre: Floats
    scale: Floats
    columns: NDArray[np.intp]
    precision: Floats
    status: Status


def mahalanobis_d2(values: Numbers, present: Bools) -> Distances:
    """Squared Mahalanobis distance of each row, (x - m)' C^-1 (x - m), over the cells that it has.

    values, present: (n, k). m and C (ddof 1) from all pairs of present cells; a row with missing cells takes the block
    of C of the others, so read d2 against the chi-square with the row's own df. Items on any scale:
    only distances along the joint distribution count. Cut: chi-square .999, or .99 where two families are asked for.
    Answers on few choices are not normal, and where more than 30 % of the rows are careless they hide one another
    (Meade & Craig 2012, doi:10.1037/a0028085); a covariance without the far rows raised hits and false alarms together,
    at 8 to 45 % careless in simulation, so C is the plain one. Undefined with no more rows than items
    (UNDEFINED_SINGULAR), or where nothing varies (UNDEFINED_TOTAL_VARIANCE_ZERO; with less than two answers to every
    item, UNDEFINED_NO_RESPONSES or UNDEFINED_ONE_RESPONSE); items that too few answered are left out first.
    R: mahalanobis(x, colMeans(x), cov(x)); careless::mahad(x).
    """
    values, present = np.asarray(values), np.asarray(present, dtype=np.bool_)
    if values.ndim != 2 or present.shape != values.shape:
        raise ValueError(f"values {values.shape} and present {present.shape} must be the same (n, k)")
    return distances(values, present, ellipsoid(*pair_sums(values, present)))


def pair_sums(values: Numbers, present: Bools) -> tuple[NDArray[np.int64], Floats, Floats]:
    """(n, mean, cov) over the rows that have both items of a pair: n (k, k), mean (k,), cov (k, k), 0 where unknown."""
    k = values.shape[1]
    total, count = np.zeros(k), present.sum(axis=0)
    for rows in blocks(len(values)):
        total += np.where(present[rows], values[rows], 0).sum(axis=0, dtype=np.float64)
    mean = total / np.maximum(count, 1)
    sums = np.zeros((2 * k, 2 * k))
    for rows in blocks(len(values)):
        here = present[rows]
        both = np.hstack((np.where(here, values[rows] - mean, 0.0), here))
        sums += both.T @ both
    n, s, q = sums[k:, k:], sums[:k, k:], sums[:k, :k]
    cov = (q - s * s.T / np.maximum(n, 1)) / np.maximum(n - 1, 1)
    return np.rint(n).astype(np.int64), mean, np.where(n > 1, cov, 0.0)


def ellipsoid(n: NDArray[np.int64], mean: Floats, cov: Floats) -> Ellipsoid:
    """The centre and inverse covariance of the items that can be used together.

    n: (k, k) rows behind each pair; mean: (k,); cov: (k, k), as `analysis.moments.PairwiseMoments` has them.
    """
    variance = np.diagonal(cov)
    # Compared with the square of the mean: the variance of equal numbers is the rounding error of their squares.
    varies = variance > np.finfo(np.float64).eps * np.maximum(mean * mean, np.finfo(np.float64).tiny)
    columns = _together(n, np.flatnonzero(varies))
    scale = np.sqrt(np.where(varies, variance, 1.0))
    if not varies.any():
        status = _NO_SPREAD.get(int(np.diagonal(n).max(initial=0)), Status.UNDEFINED_TOTAL_VARIANCE_ZERO)
        return Ellipsoid(mean, scale, columns[:0], np.zeros((0, 0)), status)
    if not len(columns):
        return Ellipsoid(mean, scale, columns, np.zeros((0, 0)), Status.UNDEFINED_SINGULAR)
    correlation = (cov / np.outer(scale, scale))[np.ix_(columns, columns)]
    # Complete pivoting leaves out what the others explain: a basis gives the distance of the pseudo-inverse.
    _, pivots, rank, _ = dpstrf(correlation, tol=_EXPLAINED)
    kept = np.sort(pivots[:rank] - 1)
    status = Status.OK if rank == len(columns) else Status.WARN_SINGULAR
    return Ellipsoid(mean, scale, columns[kept], np.linalg.inv(correlation[np.ix_(kept, kept)]), status)


def distances(values: Numbers, present: Bools, where: Ellipsoid) -> Distances:
    """The distances of some rows from an ellipsoid, theirs or another."""
    n, columns = len(values), where.columns
    d2, df = np.zeros(n), np.zeros(n, dtype=np.int64)
    if where.status.defined:
        for rows in blocks(n):
            here = present[rows][:, columns]
            scaled = (values[rows][:, columns] - where.centre[columns]) / where.scale[columns]
            d2[rows] = _partial_forms(np.where(here, scaled, 0.0), here, where.precision)
            df[rows] = here.sum(axis=1)
    return Distances(np.maximum(d2, 0.0), df, columns, where.status)


def _together(n: NDArray[np.int64], columns: NDArray[np.intp]) -> NDArray[np.intp]:
    """Leave out the items that the fewest answered until every pair has more rows than there are items.

    Few people are no reason to leave items out: then there is no distance.
    """
    if int(np.diagonal(n).max(initial=0)) <= len(columns):
        return columns[:0]
    while len(columns):
        pairs = n[np.ix_(columns, columns)]
        if int(pairs.min()) > len(columns):
            return columns
        columns = np.delete(columns, int(pairs.sum(axis=1).argmin()))
    return columns


def _partial_forms(z: Floats, present: Bools, precision: Floats) -> Floats:
    """z_o' (C_oo)^-1 z_o of each row over its present cells o; absent cells of z hold 0.

    With P = C^-1 and w = P z, the absent cells m take w_m' (P_mm)^-1 w_m off z' P z: rows are worked by how many cells
    they lack, not by which, so a million rows with a thousand patterns are a dozen batches of small systems.
    """
    projected = z @ precision
    form = np.einsum("ij,ij->i", z, projected)
    lacking = (~present).sum(axis=1)
    for count in np.unique(lacking[lacking > 0]).tolist():
        rows = np.flatnonzero(lacking == count)
        absent = np.nonzero(~present[rows])[1].reshape(len(rows), count)
        part = np.take_along_axis(projected[rows], absent, axis=1)
        blocks_of = precision[absent[:, :, None], absent[:, None, :]]
        solved = part / blocks_of[:, :, 0] if count == 1 else np.linalg.solve(blocks_of, part[:, :, None])[:, :, 0]
        form[rows] -= np.einsum("ij,ij->i", part, solved)
    return np.asarray(form, dtype=np.float64)

"""Correlations of the normal variables that ordered answers may be a coarse picture of, and alpha computed from them.

Knows contingency tables of pairs (`analysis.pair_tables`), never answers, so the cost does not depend on their number.
Must stay true: all pairs move together, each to where its own score is zero; what lies on the border (rho = +-1) is
found by counting, not by an optimiser that ran into it. A matrix that is not positive definite is said to be so and
not repaired; `nearest_correlation` offers a repair.

A diagnostic, never a gate: ordinal alpha is the reliability of the sum of variables that nobody observed (Chalmers
2018, doi:10.1177/0013164417727036), and all of it rests on their normality (Foldnes & Gronneberg 2020,
doi:10.1080/10705511.2019.1673168).
"""

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from analysis.estimate import Estimate, Status, undefined
from analysis.pair_tables import PairTables
from analysis.reliability.alpha import cronbach_alpha
from analysis.reliability.bivariate_normal import rectangles

Floats = NDArray[np.float64]
Integers = NDArray[np.integer[Any]]

_STEP = 1e-6
_BRACKET = 1e-12
_CERTAIN = 1e-10
_MOST_ITERATIONS = 200
_FAREST_START = 0.95


@dataclass(frozen=True, eq=False)
class Polychoric:
    """Polychoric correlations of k items: all arrays (k, k), empty where the status is `undefined_*`.

    se: 0 on the diagonal and on the border. n: responses that answered both items. items: those that the status is
    about. at_border: pairs with a correlation of exactly +-1. corrected: pairs in which empty cells were filled.
    smallest_eigenvalue: negative where no variables can have these correlations.
    """

    correlations: Floats
    se: Floats
    n: NDArray[np.int64]
    status: Status = Status.OK
    items: tuple[int, ...] = ()
    at_border: tuple[tuple[int, int], ...] = ()
    corrected: tuple[tuple[int, int], ...] = ()
    smallest_eigenvalue: float = field(default=1.0)


def thresholds(answers: Integers) -> tuple[Floats, ...]:
    """Where the normal variable of each item passes from one category to the next, Phi^-1 of cumulative shares.

    answers: (k, L) counts (`PairTables.answers`). Categories that nobody chose are left out: an item with m of them
    has L - m - 1 thresholds, one of a single category or without answers has none.
    R: psych::polychoric(x)$tau.
    """
    used = (counts[counts > 0] for counts in answers)
    return tuple(np.asarray(ndtri(np.cumsum(counts[:-1]) / max(counts.sum(), 1)), dtype=np.float64) for counts in used)


def polychoric(tables: PairTables, zero_cells: float = 0.0) -> Polychoric:
    """All pairs' correlations by two-step maximum likelihood: thresholds from the pair's margins, then rho.

    Maximises sum n_ab log P_ab(rho) with rho alone free (Olsson 1979, doi:10.1007/BF02296207); standard errors count
    the uncertainty of the thresholds (the delta method on the table; Joreskog 1994, doi:10.1007/BF02296131).
    zero_cells: put into the empty cells of used rows and columns; psych does so with .5 by default, which pulls sparse
    tables towards 0, so here it must be asked for. Categories that nobody chose drop out. Undefined where an item has a
    single category in a pair (`items`) or a pair fewer than two responses; warns of +-1 and of a matrix that is not
    positive definite.
    R: polycor::polychor (with a finer optimiser), psych::polychoric(x, correct = 0, global = FALSE).
    """
    if zero_cells < 0:
        raise ValueError(f"empty cells cannot be filled with {zero_cells}")
    k, first, second, n = tables.k, tables.first, tables.second, tables.n
    if k < 2:
        return _none(Status.UNDEFINED_ONE_ITEM)
    if (n < 2).any():
        few = np.union1d(first[n == n.min()], second[n == n.min()])
        return _none(Status.UNDEFINED_ONE_RESPONSE if n.min() else Status.UNDEFINED_NO_RESPONSES, few)
    constant = [items[(tables.counts.sum(axis=axis) > 0).sum(axis=1) < 2] for items, axis in ((first, 2), (second, 1))]
    if len(constant[0]) or len(constant[1]):
        return _none(Status.UNDEFINED_ITEM_VARIANCE_ZERO, np.union1d(*constant))
    rho, se, filled = _two_step(tables.counts, zero_cells)
    correlations, errors, counts = np.eye(k), np.zeros((k, k)), np.diag(tables.answers.sum(axis=1))
    for square, values in ((correlations, rho), (errors, se), (counts, n)):
        square[first, second] = square[second, first] = values
    smallest = float(np.linalg.eigvalsh(correlations)[0])
    border = np.abs(rho) == 1
    status = Status.WARN_CORRELATION_AT_BORDER if border.any() else Status.OK
    return Polychoric(
        correlations,
        errors,
        counts,
        status=Status.WARN_NOT_POSITIVE_DEFINITE if smallest < -1e-12 * k else status,
        at_border=_pairs(first, second, border),
        corrected=_pairs(first, second, filled),
        smallest_eigenvalue=smallest,
    )


def polychoric_correlation(table: Integers, zero_cells: float = 0.0) -> Estimate:
    """The correlation of one (rows, columns) table of counts, two-step, with its standard error.

    Interval on the scale of atanh, where it is nearer to normal. As `polychoric` otherwise.
    """
    method = "polychoric_two_step"
    reason = _too_little(table, method)
    if reason:
        return reason
    rho, se, _ = (float(values[0]) for values in _two_step(_square(table)[None], zero_cells))
    return _with_interval(rho, se, int(table.sum()), method)


def polychoric_ml(table: Integers) -> Estimate:
    """The correlation of one (rows, columns) table with all thresholds free, by Fisher's scoring.

    Standard error from the observed information, so it believes in normality, where `polychoric_correlation` does not.
    Differs from two-step in the third digit and costs a hundred times as much: to compare with other software.
    R: the likelihood of polycor::polychor(x, y, ML = TRUE, std.err = TRUE) maximised by optim(method = "BFGS");
    polychor itself stops after 500 steps of Nelder and Mead, short of the maximum. Olsson 1979, doi:10.1007/BF02296207.
    """
    method = "polychoric_ml"
    reason = _too_little(table, method)
    if reason:
        return reason
    used = table[np.ix_(table.sum(axis=1) > 0, table.sum(axis=0) > 0)].astype(np.float64)
    n, start = float(used.sum()), polychoric_correlation(table)
    if start.value is None or abs(start.value) == 1:
        return replace(start, method=method)
    rows, columns = (ndtri(np.cumsum(used.sum(axis=axis))[:-1] / n) for axis in (1, 0))
    at = np.concatenate(([start.value], rows, columns))
    loss, slopes, information = _joint(used, at)
    for _ in range(_MOST_ITERATIONS):
        step = np.linalg.solve(information, slopes)
        if float(slopes @ step) < _CERTAIN**2:
            break
        for _ in range(40):
            there = _joint(used, at + step)
            if there[0] < loss:
                break
            step = step / 2
        else:
            break
        at, (loss, slopes, information) = at + step, there
    else:
        return undefined(Status.UNDEFINED_NOT_CONVERGED, n=int(n), method=method)
    shifts = 1e-5 * np.eye(len(at))
    observed = np.array([(_joint(used, at - shift)[1] - _joint(used, at + shift)[1]) / 2e-5 for shift in shifts])
    return _with_interval(float(at[0]), math.sqrt(float(np.linalg.inv(observed)[0, 0])), int(n), method)


def ordinal_alpha(found: Polychoric) -> Estimate:
    """Cronbach's alpha of the polychoric correlations, value only: a diagnostic, never for gates (see the module).

    Higher than alpha of the answers where they are skewed or few: it forgives what the categories lost. n is the
    smallest pair's. Undefined as `polychoric`.
    R: the formula of alpha on polycor::polychor of each pair. Zumbo, Gadermann & Zeisser 2007,
    doi:10.22237/jmasm/1177992180.
    """
    method = "ordinal_alpha"
    items = {"items": ",".join(map(str, found.items))} if found.items else None
    if not found.status.defined:
        return undefined(found.status, n=int(found.n.min(initial=0)), method=method, detail=items)
    alpha = replace(cronbach_alpha(found.correlations, int(found.n.min())), method=method)
    return alpha if found.status is Status.OK or alpha.value is None else replace(alpha, status=found.status)


def _two_step(counts: NDArray[np.int64], zero_cells: float) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """(rho, se, whether cells were filled), each (m,), of tables (m, L, L) with two used rows and columns each."""
    n = counts.sum(axis=(1, 2))[:, None]
    rows, columns = (ndtri(np.cumsum(counts.sum(axis=axis), axis=1)[:, :-1] / n) for axis in (2, 1))
    empty = (counts == 0) & (counts.sum(axis=2)[:, :, None] > 0) & (counts.sum(axis=1)[:, None, :] > 0)
    weights = counts + zero_cells * empty
    rho = np.zeros(len(counts))
    # A table in which no two responses are discordant is exactly what rho = 1 gives; any other has P = 0 somewhere.
    rho[~_any_order(weights, falling=True)] = 1.0
    rho[~_any_order(weights, falling=False)] = -1.0
    inside = np.flatnonzero(rho == 0)
    se = np.zeros(len(counts))
    if len(inside):
        parts = weights[inside], rows[inside], columns[inside]
        rho[inside], probability, slope = _maximum(*parts)
        se[inside] = _standard_error(*parts, rho[inside], probability=probability, u=slope)
    return rho, se, empty.any(axis=(1, 2)) & (zero_cells > 0)


def _maximum(weights: Floats, rows: Floats, columns: Floats) -> tuple[Floats, Floats, Floats]:
    """Newton's method on all pairs, each within what its scores so far allow: rho, and P and slope of its cells.

    The cells are those of the last step but one: what is left to go, at most _STEP (1 - |rho|), is nothing to a
    standard error, and squared by the last step nothing to rho.
    """
    rho = _start(weights, rows, columns)
    low, high = np.full_like(rho, -1.0), np.full_like(rho, 1.0)
    probability, slope = np.zeros_like(weights), np.zeros_like(weights)
    moving = np.arange(len(rho))
    for _ in range(_MOST_ITERATIONS):
        w, at = weights[moving], rho[moving]
        cells = rectangles(rows[moving], columns[moving], at, w > 0)
        probability[moving], slope[moving] = cells.probability, cells.slope
        score, curvature = (w * cells.slope).sum(axis=(1, 2)), (w * cells.bend).sum(axis=(1, 2))
        low[moving], high[moving] = np.where(score > 0, at, low[moving]), np.where(score > 0, high[moving], at)
        step = np.divide(-score, curvature, out=np.full_like(score, np.inf), where=curvature < 0)
        close = np.abs(step) < _STEP * (1 - np.abs(at))
        newton = close | ((at + step > low[moving]) & (at + step < high[moving]))
        rho[moving] = np.where(newton, at + step, (low[moving] + high[moving]) / 2)
        moving = moving[~close & (high[moving] - low[moving] > _BRACKET)]
        if not len(moving):
            break
    return rho, probability, slope


def _start(weights: Floats, rows: Floats, columns: Floats) -> Floats:
    """Covariance of category numbers by their covariances with the normal variables behind, sum phi(tau): (m,)."""
    at = np.arange(weights.shape[1], dtype=np.float64)
    n = weights.sum(axis=(1, 2))
    cov = np.einsum("mab,a,b->m", weights, at, at) / n
    cov -= (weights.sum(axis=2) @ at) * (weights.sum(axis=1) @ at) / n**2
    with_x, with_y = (np.exp(-(limits**2) / 2).sum(axis=1) / math.sqrt(2 * math.pi) for limits in (rows, columns))
    return np.asarray(np.clip(cov / (with_x * with_y), -_FAREST_START, _FAREST_START), dtype=np.float64)


def _standard_error(
    weights: Floats, rows: Floats, columns: Floats, rho: Floats, *, probability: Floats, u: Floats
) -> Floats:
    """Standard deviation of the influence of a response on rho, by sqrt(n), (m,).

    With u = d log P/d rho, the influence in cell (a, b) is [u_ab - sum_i G_i (1{a <= i} - F_i) - the same for columns]
    / sum P u^2, where G_i is the change of the score with the i-th cumulative share F_i.
    """
    n = weights.sum(axis=(1, 2))[:, None, None]
    influence = u.copy()
    for axis, own, other in ((1, rows, columns), (2, columns, rows)):
        along = np.moveaxis(u, axis, 1)
        pull = (_conditional(own, other, rho) * -np.diff(along, axis=1)).sum(axis=2)
        # sum_i G_i (1{a <= i} - F_i), for every a
        tail = np.zeros(along.shape[:2])
        tail[:, :-1] = np.cumsum(pull[:, ::-1], axis=1)[:, ::-1]
        tail -= (pull * ndtr(own)).sum(axis=1, keepdims=True)
        influence -= np.expand_dims(tail, 3 - axis)
    information = (np.maximum(probability, 0) * u**2).sum(axis=(1, 2))
    return np.asarray(np.sqrt((weights / n * influence**2).sum(axis=(1, 2)) / n[:, 0, 0]) / information)


def _conditional(own: Floats, other: Floats, rho: Floats) -> Floats:
    """P(the other variable in each category | this one at each threshold), (m, thresholds, categories)."""
    r = rho[:, None, None]
    own, other = np.clip(own, -40, 40)[:, :, None], other[:, None, :]
    reached = ndtr((other - r * own) / np.sqrt((1 - r) * (1 + r)))
    edge = np.zeros((*reached.shape[:2], 1))
    return np.diff(np.concatenate((edge, reached, edge + 1), axis=2), axis=2)


def _joint(counts: Floats, at: Floats) -> tuple[float, Floats, Floats]:
    """(-log likelihood, its negative gradient, expected information) by rho, row and column thresholds."""
    rho, (rows, columns) = at[:1], np.split(at[None, 1:], [counts.shape[0] - 1], axis=1)
    if abs(rho[0]) >= 1 or (np.diff(rows) <= 0).any() or (np.diff(columns) <= 0).any():
        return math.inf, at, np.eye(len(at))
    cells = rectangles(rows, columns, rho, counts[None] > 0)
    p = np.maximum(cells.probability[0], np.finfo(np.float64).tiny)
    by = np.zeros((len(at), *counts.shape))
    by[0] = cells.slope[0] * p
    for i, tau in enumerate(rows[0]):
        share = _conditional(rows, columns, rho)[0, i] * math.exp(-tau * tau / 2) / math.sqrt(2 * math.pi)
        by[1 + i, i], by[1 + i, i + 1] = share, -share
    for j, tau in enumerate(columns[0]):
        share = _conditional(columns, rows, rho)[0, j] * math.exp(-tau * tau / 2) / math.sqrt(2 * math.pi)
        by[len(rows[0]) + 1 + j, :, j], by[len(rows[0]) + 1 + j, :, j + 1] = share, -share
    flat, q = by.reshape(len(at), -1), p.ravel()
    return -float((counts * np.log(p)).sum()), flat @ (counts.ravel() / q), counts.sum() * (flat / q) @ flat.T


def _any_order(weights: Floats, *, falling: bool) -> NDArray[np.bool_]:
    """Whether two responses stand in this order: one has the higher answer to both items, or (falling) to one."""
    there = (weights[:, :, ::-1] if falling else weights) > 0
    above_left = np.cumsum(np.cumsum(there, axis=1), axis=2)[:, :-1, :-1]
    return np.asarray((there[:, 1:, 1:] & (above_left > 0)).any(axis=(1, 2)))


def _square(table: Integers) -> NDArray[np.int64]:
    side = max(table.shape)
    square = np.zeros((side, side), dtype=np.int64)
    square[: table.shape[0], : table.shape[1]] = table
    return square


def _too_little(table: Integers, method: str) -> Estimate | None:
    if table.ndim != 2 or not np.issubdtype(table.dtype, np.integer) or (table < 0).any():
        raise ValueError("a contingency table holds counts in rows and columns")
    n = int(table.sum())
    if n < 2:
        return undefined(Status.UNDEFINED_ONE_RESPONSE if n else Status.UNDEFINED_NO_RESPONSES, n=n, method=method)
    constant = [str(at) for at, axis in enumerate((1, 0)) if np.count_nonzero(table.sum(axis=axis)) < 2]
    if constant:
        detail = {"items": ",".join(constant)}
        return undefined(Status.UNDEFINED_ITEM_VARIANCE_ZERO, n=n, method=method, detail=detail)
    return None


def _with_interval(rho: float, se: float, n: int, method: str) -> Estimate:
    if abs(rho) == 1:
        return Estimate(value=rho, n=n, method=method, status=Status.WARN_CORRELATION_AT_BORDER)
    half = 1.959963984540054 * se / (1 - rho * rho)
    lo, hi = math.tanh(math.atanh(rho) - half), math.tanh(math.atanh(rho) + half)
    return Estimate(value=rho, se=se, lo=lo, hi=hi, n=n, method=method)


def _pairs(first: NDArray[np.intp], second: NDArray[np.intp], where: NDArray[np.bool_]) -> tuple[tuple[int, int], ...]:
    return tuple(zip(first[where].tolist(), second[where].tolist(), strict=True))


def _none(status: Status, items: NDArray[np.intp] | None = None) -> Polychoric:
    nothing = np.empty((0, 0))
    named = () if items is None else tuple(items.tolist())
    return Polychoric(nothing, nothing, nothing.astype(np.int64), status=status, items=named)

"""Omega total: the reliability of a sum score when one factor stands behind the items.

Knows covariance matrices. Must stay true: starting values are fixed, so the same matrix gives the same bits; failure is
a status. The optimiser is our own because Newton's steps need five small eigenvalue problems, where general optimisers
make dozens of calls to threaded LAPACK, each of which waits for its threads on a busy machine.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from analysis.estimate import Estimate, Status, undefined
from analysis.reliability.covariances import constant_items, correlations, positive_definite

Floats = NDArray[np.float64]

# A unique variance at this share of the item's variance is a Heywood case; R's factanal stops at the same value.
_LEAST_UNIQUENESS = 0.005
_GRADIENT = 1e-9
_DUST = 1e-12  # rounding in the loss
_FLAT = 1e-9  # a curvature below this is the ridge alone: no correlations, or those of two items only
_MOST_ITERATIONS = 200
_MOST_HALVINGS = 40


@dataclass(frozen=True, eq=False)
class OneFactor:
    """A one-factor solution in correlations: loadings and uniquenesses, both (k,), empty unless the status is OK.

    The sign of the factor is free; it is set so that the loadings have a positive sum.
    """

    loadings: Floats
    uniquenesses: Floats
    status: Status = Status.OK
    items: tuple[int, ...] = field(default=())


def one_factor(cov: Floats, n: int) -> OneFactor:
    """Maximum likelihood solution with one common factor.

    cov: (k, k) covariances or correlations of n responses. Named, not hidden: fewer than three items (not identified),
    n <= k, copied items or covariances that are not positive definite (singular), a constant item, a Heywood case
    (`items`), no convergence.
    R: factanal(x, 1). Lawley & Maxwell 1971, Factor Analysis as a Statistical Method.
    """
    if cov.ndim != 2 or cov.shape[0] != cov.shape[1] or not len(cov):
        raise ValueError(f"a covariance matrix is square, not {cov.shape}")
    k = len(cov)
    if k < 3:
        return _none(Status.UNDEFINED_ONE_ITEM if k == 1 else Status.UNDEFINED_TWO_ITEMS)
    if n < 2:
        return _none(Status.UNDEFINED_ONE_RESPONSE if n else Status.UNDEFINED_NO_RESPONSES)
    if not np.isfinite(cov).all():
        raise ValueError(f"covariances of {n} responses must be finite")
    constant = np.flatnonzero(constant_items(cov))
    if len(constant):
        return _none(Status.UNDEFINED_ITEM_VARIANCE_ZERO, constant)
    if n <= k or not positive_definite(cov):
        return _none(Status.UNDEFINED_SINGULAR)
    return _maximum(correlations(cov))


def omega_total(cov: Floats, n: int) -> Estimate:
    """McDonald's omega, (sum l)^2 / ((sum l)^2 + sum psi), of a one-factor model, value only.

    cov: (k, k) covariances of n responses; the solution in correlations is scaled back by the standard deviations, so
    this is the reliability of the sum of raw items (of standardised items where `cov` holds correlations).
    Read like alpha, which it equals where all loadings are equal; undefined as `one_factor` says.
    R: factanal, lavaan::cfa. McDonald 1999, Test Theory; Flora 2020, doi:10.1177/2515245920951747.
    """
    solution = one_factor(cov, n)
    if solution.status is not Status.OK:
        items = ",".join(map(str, solution.items))
        return undefined(solution.status, n=n, method="omega_total", detail={"items": items} if items else None)
    common = float(solution.loadings @ np.sqrt(np.diagonal(cov))) ** 2
    unique = float(solution.uniquenesses @ np.diagonal(cov))
    return Estimate(value=common / (common + unique), n=n, method="omega_total")


def _none(status: Status, items: NDArray[np.intp] | None = None) -> OneFactor:
    return OneFactor(np.empty(0), np.empty(0), status, () if items is None else tuple(items.tolist()))


def _maximum(correlations: Floats) -> OneFactor:
    """Newton's method on the logarithms of the uniquenesses, from where R's factanal starts."""
    lowest, k = math.log(_LEAST_UNIQUENESS), len(correlations)
    logs = np.clip(np.log((1 - 0.5 / k) / np.diagonal(np.linalg.inv(correlations))), lowest, 0.0)
    at = _likelihood(correlations, logs)
    for _ in range(_MOST_ITERATIONS):
        free = np.where(at.gradient > 0, logs > lowest, logs < 0)
        if np.abs(at.gradient[free]).max(initial=0.0) < _GRADIENT:
            break
        step = np.zeros(k)
        step[free] = -np.linalg.solve(at.curvature[np.ix_(free, free)], at.gradient[free])
        for _ in range(_MOST_HALVINGS):
            moved = np.clip(logs + step, lowest, 0.0)
            there = _likelihood(correlations, moved)
            if there.loss <= at.loss + 1e-4 * float(at.gradient @ (moved - logs)) + _DUST:
                break
            step /= 2
        logs, at = moved, there
    else:
        return _none(Status.UNDEFINED_NOT_CONVERGED)
    improper = np.flatnonzero(logs <= lowest)
    if len(improper):
        return _none(Status.UNDEFINED_HEYWOOD, improper)
    if np.linalg.eigvalsh(at.curvature)[0] < _FLAT:
        return _none(Status.UNDEFINED_NOT_CONVERGED)
    return OneFactor(at.loadings * np.sign(at.loadings.sum() or 1.0), np.exp(logs))


@dataclass(frozen=True, eq=False)
class _Likelihood:
    """The loss (-2/n log likelihood, up to a constant), its derivatives by log psi, and the best loadings given psi."""

    loss: float
    gradient: Floats
    curvature: Floats
    loadings: Floats


def _likelihood(correlations: Floats, logs: Floats) -> _Likelihood:
    """With t_1 >= t_2 >= ... and w the eigenvalues and -vectors of psi^-1/2 R psi^-1/2, and m > 1:

    loss sum_m (t_m - log t_m - 1), gradient sum_m (1 - t_m) w_m^2, loadings sqrt(psi (t_1 - 1)) w_1. The second
    derivatives are exact where they make a minimum, else the part of them that always does.
    Joreskog 1967, doi:10.1007/BF02289658; Clarke 1970, Br. J. Math. Stat. Psychol. 23.
    """
    scale = np.exp(-logs / 2)
    values, vectors = np.linalg.eigh(correlations * np.outer(scale, scale))
    rest, others, first, factor = values[:-1], vectors[:, :-1], values[-1], vectors[:, -1]
    certain = (others @ others.T) * ((others * rest) @ others.T) + 1e-12 * np.eye(len(logs))
    mixed = (1 - rest) * (first + rest) / np.maximum(first - rest, 1e-12)
    exact = certain + np.outer(factor, factor) * ((others * mixed) @ others.T)
    return _Likelihood(
        loss=float((rest - np.log(rest) - 1).sum()),
        gradient=others**2 @ (1 - rest),
        curvature=exact if np.linalg.eigvalsh(exact)[0] > 0 else certain,
        loadings=factor * math.sqrt(max(float(first) - 1, 0.0)) / scale,
    )

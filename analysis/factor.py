"""Omega total: the reliability of a sum score when one factor stands behind the items.

Knows covariance matrices. The likelihood and its gradient are statsmodels'; the optimiser is driven from here, so that
starting values are fixed, and failure is a status instead of a warning.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, minimize
from statsmodels.multivariate.factor import Factor

from analysis.estimate import Estimate, Status, undefined

Floats = NDArray[np.float64]

# A unique variance at this share of the item's variance is a Heywood case; R's factanal stops at the same value.
_LEAST_UNIQUENESS = 0.005
_GRADIENT = 1e-6
_MOST_ITERATIONS = 5000


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
    n <= k or copied items (singular), a constant item, a Heywood case (`items`), no convergence.
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
    variances = np.diagonal(cov)
    constant = np.flatnonzero(variances <= 4 * k * np.finfo(np.float64).eps * variances.sum())
    if len(constant):
        return _none(Status.UNDEFINED_ITEM_VARIANCE_ZERO, constant)
    deviations = np.sqrt(variances)
    correlations = cov / np.outer(deviations, deviations)
    if n <= k or np.linalg.matrix_rank(correlations, hermitian=True) < k:
        return _none(Status.UNDEFINED_SINGULAR)
    return _maximum(correlations)


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
    k = len(correlations)
    model = Factor(corr=correlations, n_factor=1, method="ml")
    values, vectors = np.linalg.eigh(correlations)
    loadings = vectors[:, -1] * np.sqrt(values[-1])
    loadings = loadings * np.sign(loadings.sum() or 1.0)
    uniquenesses = np.clip(1 - loadings**2, 0.1, 0.9)
    # statsmodels parametrises by the square roots of the uniquenesses, followed by the loadings.
    start: Floats = np.concatenate((np.sqrt(uniquenesses), loadings))

    def loss(parameters: Floats) -> float:
        return -float(model.loglike(parameters))

    def gradient(parameters: Floats) -> Floats:
        return -np.asarray(model.score(parameters), dtype=np.float64)

    found = minimize(
        loss,
        start,
        jac=gradient,
        method="L-BFGS-B",
        bounds=Bounds(lb=np.repeat((_LEAST_UNIQUENESS**0.5, -np.inf), k), ub=np.full(2 * k, np.inf)),
        options={"maxiter": _MOST_ITERATIONS, "maxfun": 4 * _MOST_ITERATIONS, "ftol": 1e-16, "gtol": 1e-10},
    )
    uniquenesses, loadings = found.x[:k] ** 2, found.x[k:]
    improper = np.flatnonzero(uniquenesses <= _LEAST_UNIQUENESS * (1 + 1e-6))
    if len(improper):
        return _none(Status.UNDEFINED_HEYWOOD, improper)
    if not np.abs(gradient(found.x)).max() < _GRADIENT:
        return _none(Status.UNDEFINED_NOT_CONVERGED)
    return OneFactor(loadings * np.sign(loadings.sum() or 1.0), uniquenesses)

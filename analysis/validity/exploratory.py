"""Exploratory factors: how items load on common factors, by maximum likelihood, rotated so that people can read it.

Knows covariance matrices and n. Must stay true: the same matrix gives the same solution (starts are fixed, factors are
ordered and signed); a solution that does not exist is a status, with the items named; no warning is printed.

Rotations are statsmodels' (slow to import, hence a leaf). Its `Factor` is not used: it searches k(f + 1) numbers
without bounds, starts at random, and warns where a Heywood case should be named; tests compare the likelihoods.
The search is scipy's truncated Newton method because it calls no threaded LAPACK, which a busy machine keeps waiting.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import chdtrc
from statsmodels.multivariate.factor_rotation import rotate_factors

from analysis.estimate import Estimate, Status, undefined
from analysis.reliability.covariances import correlations
from analysis.validity.dependence import refusal

Floats = NDArray[np.float64]
Rotation = Literal["none", "varimax", "promax", "oblimin"]

# R's factanal stops at the same share of an item's variance.
_LEAST_UNIQUENESS = 0.005
_GRADIENT = 1e-6
_MOST_CALLS = 20_000
_MOST_TURNS = 1000
_TURNED = 1e-7
_PROMAX_POWER = 4
_FLAT = 1e-9


@dataclass(frozen=True, eq=False)
class FactorSolution:
    """k items on f factors; arrays are empty where the status is `undefined_*`.

    loadings: (k, f), the pattern (weights of factors in items); with correlated factors not the correlations, which are
    `structure`. communalities, uniquenesses: (k,), sum 1. factor_correlations: (f, f). fit: chi-squared that f factors
    are enough, with df and detail `p` (undefined where df is 0). items: what the status is about.
    """

    loadings: Floats
    communalities: Floats
    uniquenesses: Floats
    factor_correlations: Floats
    rotation: Rotation
    fit: Estimate
    status: Status = Status.OK
    items: tuple[int, ...] = ()

    @property
    def structure(self) -> Floats:
        """Correlations of items with factors (k, f)."""
        return np.asarray(self.loadings @ self.factor_correlations)


def exploratory_factors(cov: Floats, n: int, factors: int, rotation: Rotation = "oblimin") -> FactorSolution:
    """Maximum likelihood factors, rotated.

    cov: (k, k) covariances or correlations of n responses. rotation: oblimin (direct quartimin, factors may correlate,
    the default because parts of one service do), promax (varimax, then power 4), varimax (uncorrelated), none.
    Read loadings from .40 or .50 with .20 to the next factor; the number of responses needed depends on communalities
    (MacCallum et al. 1999, doi:10.1037/1082-989X.4.1.84), not on 5 or 10 per item. `parallel_analysis` says how many
    factors. Treats answers as continuous: from five categories on and with little skew (Rhemtulla, Brosseau-Liard &
    Savalei 2012, doi:10.1037/a0029315).
    One start, as in R: small samples with weak factors may have a second maximum.
    Named, not hidden: singular or constant items, n <= k, more factors than k items identify or than there are, a
    Heywood case, no convergence of the search or of the rotation.
    R: factanal(x, f, rotation = "none" / "varimax" / "promax"). Joreskog 1967, doi:10.1007/BF02289658; Jennrich &
    Sampson 1966, doi:10.1007/BF02289465; Hendrickson & White 1964, doi:10.1111/j.2044-8317.1964.tb00244.x.
    """
    if factors < 1 or rotation not in ("none", "varimax", "promax", "oblimin"):
        raise ValueError(f"{factors} factors cannot be rotated by {rotation}")
    reason, k = refusal(cov, n), len(cov)
    if reason:
        return _none(*reason, n, rotation)
    df = ((k - factors) ** 2 - k - factors) // 2
    if df < 0 or factors >= k:
        status = Status.UNDEFINED_TWO_ITEMS if k == 2 else Status.UNDEFINED_NOT_IDENTIFIED
        return _none(status, (), n, rotation)
    standard = correlations(cov)
    found = _maximum(standard, factors)
    if found is None:
        return _none(Status.UNDEFINED_NOT_CONVERGED, (), n, rotation)
    loadings, uniquenesses = found
    improper = np.flatnonzero(uniquenesses <= _LEAST_UNIQUENESS * (1 + 1e-9))
    if len(improper):
        return _none(Status.UNDEFINED_HEYWOOD, tuple(improper.tolist()), n, rotation)
    if not _single(loadings, uniquenesses):
        return _none(Status.UNDEFINED_NOT_IDENTIFIED, (), n, rotation)
    turned = _rotated(loadings, rotation) if factors > 1 else (loadings, np.eye(1))
    if turned is None:
        return _none(Status.UNDEFINED_NOT_CONVERGED, (), n, rotation)
    pattern, between = _in_order(*turned)
    return FactorSolution(
        pattern, 1 - uniquenesses, uniquenesses, between, rotation, _fit(standard, loadings, uniquenesses, n, df)
    )


def _maximum(standard: Floats, factors: int) -> tuple[Floats, Floats] | None:
    """(loadings, uniquenesses) with L' Psi^-1 L diagonal, from where R's factanal starts; None without a maximum.

    With the loadings at their best for given Psi, t the eigenvalues and w the eigenvectors of Psi^-1/2 R Psi^-1/2, and
    m beyond the factors: loss sum_m (t_m - log t_m - 1), gradient by log psi sum_m (1 - t_m) w_m^2.
    """
    k = len(standard)

    def loss(logs: Floats) -> tuple[float, Floats]:
        root = np.exp(logs / 2)
        values, vectors = np.linalg.eigh(standard / np.outer(root, root))
        rest = values[: k - factors]
        return float((rest - np.log(rest) - 1).sum()), vectors[:, : k - factors] ** 2 @ (1 - rest)

    lowest = float(np.log(_LEAST_UNIQUENESS))
    start = np.log((1 - 0.5 * factors / k) / np.diagonal(np.linalg.inv(standard)))
    search = minimize(
        loss,
        np.clip(start, lowest, 0.0),
        jac=True,
        method="TNC",
        bounds=[(lowest, 0.0)] * k,
        options={"maxfun": _MOST_CALLS, "ftol": 1e-16, "gtol": 1e-10, "xtol": 1e-12},
    )
    logs, slope = np.clip(search.x, lowest, 0.0), loss(search.x)[1]
    free = ~((logs <= lowest) & (slope > 0) | (logs >= 0) & (slope < 0))
    if np.abs(slope[free]).max(initial=0.0) > _GRADIENT:
        return None
    return _given(standard, np.exp(logs), factors), np.exp(logs)


def _single(loadings: Floats, unique: Floats) -> bool:
    """Whether other uniquenesses do worse: the squared I - F F' is regular, F an orthonormal base of Psi^-1/2 L.

    It is not where a factor is made for one item, or is not there. Anderson & Rubin 1956, Proc. 3rd Berkeley Symp. 5.
    """
    lengths, base = np.linalg.norm(loadings, axis=0), np.linalg.qr(loadings / np.sqrt(unique)[:, None])[0]
    beside = np.eye(len(unique)) - base @ base.T
    return bool(lengths.min() > _FLAT and np.linalg.eigvalsh(beside**2)[0] > _FLAT)


def _given(standard: Floats, unique: Floats, factors: int) -> Floats:
    """The most likely loadings once the uniquenesses are known."""
    root = np.sqrt(unique)
    values, vectors = np.linalg.eigh(standard / np.outer(root, root))
    most = slice(-1, -factors - 1, -1)
    return np.asarray(root[:, None] * vectors[:, most] * np.sqrt(np.maximum(values[most] - 1, 0.0)))


def _rotated(loadings: Floats, rotation: Rotation) -> tuple[Floats, Floats] | None:
    """(pattern, factor correlations); None where the rotation has not come to rest."""
    factors = loadings.shape[1]
    if rotation == "none":
        return loadings, np.eye(factors)
    if rotation == "oblimin":
        turned = _at_rest(loadings, "quartimin")
        return None if turned is None else (turned[0], turned[1].T @ turned[1])
    length = np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    turned = _at_rest(loadings / np.where(length > 0, length, 1.0), "varimax")
    if turned is None:
        return None
    simple = turned[0] * length
    if rotation == "varimax":
        return simple, np.eye(factors)
    # Not statsmodels' promax, which takes the power 2 and, as it says itself, differs from other software.
    towards = simple * np.abs(simple) ** (_PROMAX_POWER - 1)
    turn = np.linalg.lstsq(simple, towards, rcond=None)[0]
    turn = turn * np.sqrt(np.diagonal(np.linalg.inv(turn.T @ turn)))
    return simple @ turn, np.linalg.inv(turn.T @ turn)


def _at_rest(loadings: Floats, method: str) -> tuple[Floats, Floats] | None:
    # statsmodels does not say whether it stopped by itself, so it is asked whether more turns would change anything.
    # It also logs the length of its gradient, which is 0 where the structure is simple to begin with.
    with np.errstate(divide="ignore"):
        found, again = (
            rotate_factors(loadings, method, max_tries=turns, tol=_TURNED) for turns in (_MOST_TURNS, 2 * _MOST_TURNS)
        )
    return found if np.abs(found[0] - again[0]).max() < _GRADIENT else None


def _in_order(pattern: Floats, between: Floats) -> tuple[Floats, Floats]:
    """Factors by their sum of squared loadings, each with loadings of a positive sum."""
    order = np.argsort(-(pattern**2).sum(axis=0), kind="stable")
    signs = np.where(pattern[:, order].sum(axis=0) < 0, -1.0, 1.0)
    return pattern[:, order] * signs, between[np.ix_(order, order)] * np.outer(signs, signs)


def _fit(standard: Floats, loadings: Floats, uniquenesses: Floats, n: int, df: int) -> Estimate:
    """Bartlett's corrected likelihood ratio, (n - 1 - (2k + 5)/6 - 2f/3) F."""
    method, (k, factors) = "factors_are_enough", loadings.shape
    if df == 0:
        return undefined(Status.UNDEFINED_JUST_IDENTIFIED, n=n, method=method)
    left = np.linalg.solve(loadings @ loadings.T + np.diag(uniquenesses), standard)
    loss = float(np.trace(left) - np.linalg.slogdet(left)[1] - k)
    value = (n - 1 - (2 * k + 5) / 6 - 2 * factors / 3) * loss
    return Estimate(value=value, n=n, df=df, method=method, detail={"p": float(chdtrc(df, max(value, 0.0)))})


def _none(status: Status, items: tuple[int, ...], n: int, rotation: Rotation) -> FactorSolution:
    nothing = np.empty((0, 0))
    fit = undefined(status, n=n, method="factors_are_enough")
    return FactorSolution(nothing, np.empty(0), np.empty(0), nothing, rotation, fit, status=status, items=items)

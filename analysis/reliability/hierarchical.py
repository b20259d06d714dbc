"""Omega hierarchical: how much of a scale's variance one general factor makes, beside factors of groups of items.

Knows one matrix of correlations. Must stay true: what the data cannot tell apart has no value. Three factors on five
items have more parameters than correlations: any number of solutions reproduce them exactly, and omega is whichever of
them the optimiser met first (psych prints it nevertheless). The factors and their rotation are statsmodels', which is
slow to import: import this module where it is needed.
"""

import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from statsmodels.multivariate.factor import Factor
from statsmodels.multivariate.factor_rotation import rotate_factors

from analysis.estimate import Estimate, Status, undefined
from analysis.reliability.covariances import constant_items, correlations, joined, positive_definite, too_little
from analysis.reliability.omega import one_factor

Floats = NDArray[np.float64]
Rotation = Literal["oblimin", "promax"]

ITEMS_PER_FACTOR = 3
_LEAST_UNIQUENESS = 0.005  # as in `analysis.reliability.omega`
_PROMAX_POWER = 4
_SLOPE = 1e-4


@dataclass(frozen=True, eq=False)
class HierarchicalOmega:
    """Omega hierarchical and total of standardised items, and the Schmid-Leiman solution behind them.

    general: (k,) loadings on the general factor; group: (k, f) on the factors of groups, what is left of them beside
    it; uniquenesses: (k,); factor_correlations: (f, f) before. All empty where there is no solution; where one was
    found but its factors have too few items, the solution is there to look at and the omegas are not.
    """

    hierarchical: Estimate
    total: Estimate
    general: Floats
    group: Floats
    uniquenesses: Floats
    factor_correlations: Floats


def hierarchical_omega(cov: Floats, n: int, n_factors: int = 3, rotation: Rotation = "oblimin") -> HierarchicalOmega:
    """Omega hierarchical, (sum g)^2 / 1'R1, and total, 1 - sum u / 1'R1, after Schmid & Leiman.

    f factors by maximum likelihood, rotated obliquely (quartimin, which is oblimin with weight 0; or promax with power
    4 after Kaiser's varimax), one factor of second order on their correlations: g = L gamma, group loadings
    L sqrt(1 - gamma^2), u the uniquenesses. cov: (k, k) covariances or correlations of n responses.
    Read it as the reliability of the sum as a measure of one thing: at least .50, better .75 (Reise, Bonifay &
    Haviland 2013, doi:10.1080/00223891.2012.725437) - a convention; the number of factors is a choice, so take one from
    theory or `parallel`. How to rotate matters as well: .41 or .51 on the same 15 items of bfi.
    Undefined (`UNDEFINED_NOT_IDENTIFIED`) with fewer than three factors, fewer than three items a factor, or where a
    factor has the greatest group loading of fewer than three items; with n <= k or copied items; with Heywood cases
    (`items`; of the factors, `factors`); and where no maximum is found.
    R: factanal(x, f, rotation = "none"), promax and GPA's quartimin, then the formulas above. Zinbarg, Revelle, Yovel &
    Li 2005, doi:10.1007/s11336-003-0974-7; Schmid & Leiman 1957, doi:10.1007/BF02289209.
    """
    reason, items = _reason(cov, n, n_factors)
    if reason:
        return _none(reason, n, {"items": items} if items else {})
    r = correlations(cov)
    loadings, uniquenesses = _factors(r, n_factors)
    if loadings is None:
        return _none(Status.UNDEFINED_NOT_CONVERGED, n)
    improper = joined(uniquenesses <= _LEAST_UNIQUENESS)
    if improper:
        return _none(Status.UNDEFINED_HEYWOOD, n, {"items": improper})
    turned = _oblimin(loadings) if rotation == "oblimin" else _promax(loadings)
    if turned is None:
        return _none(Status.UNDEFINED_NOT_CONVERGED, n)
    pattern, between = turned
    second = one_factor(between, n)
    if second.status is not Status.OK:
        factors = ",".join(map(str, second.items))
        return _none(second.status, n, {"factors": factors} if factors else {})
    general = pattern @ second.loadings
    group = pattern * np.sqrt(second.uniquenesses)
    general = general * np.sign(general.sum() or 1.0)
    owned = np.bincount(np.abs(group).argmax(axis=1), minlength=n_factors)
    whole = float(r.sum())
    if owned.min() < ITEMS_PER_FACTOR:
        detail = {"items_per_factor": ",".join(map(str, owned.tolist()))}
        found = _none(Status.UNDEFINED_NOT_IDENTIFIED, n, detail)
        return HierarchicalOmega(found.hierarchical, found.total, general, group, uniquenesses, between)
    detail_h: dict[str, float | str] = {"factors": float(n_factors), "rotation": rotation}
    common = float((general**2).sum())
    detail_h["explained_common_variance"] = common / (common + float((group**2).sum()))
    return HierarchicalOmega(
        hierarchical=Estimate(
            value=float(general.sum()) ** 2 / whole, n=n, method="omega_hierarchical", detail=detail_h
        ),
        total=Estimate(value=1 - float(uniquenesses.sum()) / whole, n=n, method="omega_total_schmid_leiman"),
        general=general,
        group=group,
        uniquenesses=uniquenesses,
        factor_correlations=between,
    )


def _reason(cov: Floats, n: int, n_factors: int) -> tuple[Status | None, str]:
    reason = too_little(cov, n)
    if reason:
        return reason, ""
    if n_factors < 3 or len(cov) < ITEMS_PER_FACTOR * n_factors:
        return Status.UNDEFINED_NOT_IDENTIFIED, ""
    constant = joined(constant_items(cov))
    if constant:
        return Status.UNDEFINED_ITEM_VARIANCE_ZERO, constant
    if n <= len(cov) or not positive_definite(cov):
        return Status.UNDEFINED_SINGULAR, ""
    return None, ""


def _none(status: Status, n: int, detail: dict[str, str] | None = None) -> HierarchicalOmega:
    hierarchical, total = (
        undefined(status, n=n, method=method, detail=dict(detail or {}))
        for method in ("omega_hierarchical", "omega_total_schmid_leiman")
    )
    nothing = np.empty(0)
    return HierarchicalOmega(hierarchical, total, nothing, nothing, nothing, nothing)


def _factors(r: Floats, n_factors: int) -> tuple[Floats | None, Floats]:
    """Unrotated maximum likelihood loadings (k, f) and uniquenesses (k,), from the principal factors."""
    start = np.clip(1 / np.diagonal(np.linalg.inv(r)), _LEAST_UNIQUENESS, 1.0)
    values, vectors = np.linalg.eigh(r - np.diag(start))
    first = vectors[:, -n_factors:] * np.sqrt(np.maximum(values[-n_factors:], 1e-4))
    with warnings.catch_warnings():  # it warns of what becomes a status here
        warnings.simplefilter("ignore")
        try:
            fitted = Factor(corr=r, n_factor=n_factors, method="ml").fit(start=(first, start), opt={"gtol": 1e-7})
        except np.linalg.LinAlgError:
            return None, start
    loadings, uniquenesses = np.asarray(fitted.loadings), np.asarray(fitted.uniqueness)
    if not (np.isfinite(loadings).all() and np.isfinite(uniquenesses).all()):
        return None, start
    # At a maximum the model has the items' variances, and what the factors leave is uncorrelated with them.
    implied = loadings @ loadings.T + np.diag(uniquenesses)
    stationary = np.abs((r - implied) @ (loadings / uniquenesses[:, None])).max() < 1e-3
    proper = uniquenesses.min() > _LEAST_UNIQUENESS
    return (loadings if stationary or not proper else None), uniquenesses


def _oblimin(loadings: Floats) -> tuple[Floats, Floats] | None:
    """Pattern (k, f) and factor correlations (f, f) of the quartimin rotation; None if it did not settle.

    Symmetric structures have saddle points, so it starts from the loadings as they are and from their varimax, turned a
    little off every symmetry, and the lower criterion counts.
    """
    best: tuple[float, Floats, Floats] | None = None
    factors = loadings.shape[1]
    off = np.linalg.qr(np.eye(factors) + 0.1 * np.tri(factors))[0]
    for start in (loadings, _varimax(loadings) @ off):
        with warnings.catch_warnings(), np.errstate(divide="ignore"):  # the logarithm of a gradient of 0 is only logged
            warnings.simplefilter("ignore")
            found, turn = rotate_factors(start, "oblimin", 0.0, "oblique", max_tries=500, tol=1e-5)
        pattern, between = np.asarray(found), np.asarray(turn.T @ turn)
        if not np.isfinite(pattern).all() or _quartimin_slope(pattern, between) > _SLOPE:
            continue
        squares = pattern**2
        criterion = float((squares.sum(axis=1) ** 2).sum() - (squares**2).sum())
        if best is None or criterion < best[0] - _SLOPE:
            best = criterion, pattern, between
    return None if best is None else best[1:]


def _quartimin_slope(pattern: Floats, between: Floats) -> float:
    """How far from a stationary point of sum_{p<q} sum_i l_ip^2 l_iq^2: L'(dQ/dL) must be diagonal times phi."""
    squares = pattern**2
    gradient = pattern * (squares.sum(axis=1, keepdims=True) - squares)
    slope = (pattern.T @ gradient) @ np.linalg.inv(between)
    return float(np.abs(slope - np.diag(np.diagonal(slope))).max())


def _varimax(loadings: Floats) -> Floats:
    """Kaiser's varimax: rows are brought to length 1 meanwhile."""
    lengths = np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    with warnings.catch_warnings(), np.errstate(divide="ignore"):
        warnings.simplefilter("ignore")
        straight, _ = rotate_factors(loadings / lengths, "varimax", max_tries=500, tol=1e-5)
    return np.asarray(straight * lengths)


def _promax(loadings: Floats) -> tuple[Floats, Floats]:
    """Pattern and factor correlations of promax: the fourth powers of the varimax loadings are the target."""
    straight = _varimax(loadings)
    target = straight * np.abs(straight) ** (_PROMAX_POWER - 1)
    turn = np.linalg.lstsq(straight, target, rcond=None)[0]
    turn = turn * np.sqrt(np.diagonal(np.linalg.inv(turn.T @ turn)))
    inverse = np.linalg.inv(turn)
    return straight @ turn, inverse @ inverse.T

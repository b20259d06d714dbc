"""Empirical Bayes: how much units truly differ, and their scores drawn towards the mean of all by what is chance.

Knows scores and their variances. Must stay true: a shrunken score stands beside the official one and never replaces
it; units that cannot be told apart all get the grand mean, and a status says so.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from analysis.estimate import Estimate, Status, undefined

Floats = NDArray[np.float64]
Method = Literal["PM", "DL", "REML"]

# Morris' correction matters below so many units, and needs more than three.
MORRIS_BELOW = 20
_MORRIS_LEAST = 4


def between_variance(y: Floats, variance: Floats, *, method: Method = "PM") -> Estimate:
    """Variance tau^2 of true scores between units, in squared points; never below 0 by definition.

    PM (Paule & Mandel 1982): the tau^2 with sum_j (y_j - mu)^2/(v_j + tau^2) = J - 1; DL (DerSimonian & Laird 1986,
    doi:10.1016/0197-2456(86)90046-2): from Cochran's Q in one step; REML: maximum restricted likelihood. PM is the
    default: no normality, and DL is low where units differ much (Veroniki et al. 2016, doi:10.1002/jrsm.1164).
    y: (J,) scores; variance: (J,) squared standard errors above 0, of the process. detail: q (Cochran's Q), i2 (share
    of the spread of scores that is true, 0 to 1). 0 with a warning where scores spread no more than their errors.
    Undefined with a single unit, and where a variance is 0 (detail `units`: give those a pooled one).
    R: metafor::rma(y, v, method = "PM")$tau2, $I2.
    """
    y, v, refused = _checked(y, variance)
    if refused:
        return undefined(refused[0], n=len(y), method=method, detail=refused[1])
    w = 1 / v
    total = float(w.sum())
    q = float(np.sum(w * (y - float(w @ y) / total) ** 2))
    tau2 = _dersimonian_laird(v, q) if method == "DL" else (_reml(y, v) if method == "REML" else _paule_mandel(y, v, q))
    if tau2 is None:
        return undefined(Status.UNDEFINED_NOT_CONVERGED, n=len(y), method=method, detail={"q": q})
    typical = (len(y) - 1) / (total - float(w @ w) / total)
    status = Status.OK if tau2 > 0 else Status.WARN_NO_BETWEEN_VARIANCE
    detail = {"q": q, "i2": tau2 / (tau2 + typical)}
    return Estimate(value=tau2, n=len(y), method=method, status=status, detail=detail)


@dataclass(frozen=True, eq=False)
class ShrunkenScores:
    """Scores of J units after shrinkage; arrays are None where tau^2 is undefined.

    mu: the mean of true scores with its error, undefined as tau2 is. tau2: as `between_variance`. reliability: (J,)
    lambda. theta, se, lo, hi: (J,). morris: whether the correction was applied. status: that of tau2.
    """

    mu: Estimate
    tau2: Estimate
    reliability: Floats | None
    theta: Floats | None
    se: Floats | None
    lo: Floats | None
    hi: Floats | None
    morris: bool
    status: Status


def shrink(
    y: Floats, variance: Floats, *, method: Method = "PM", morris: bool | None = None, level: float = 0.95
) -> ShrunkenScores:
    """Empirical Bayes scores theta_j = mu + lambda_j (y_j - mu), lambda_j = tau^2/(tau^2 + v_j).

    mu weighs units by 1/(v_j + tau^2); se^2 = lambda_j v_j + (1 - lambda_j)^2 se(mu)^2. lambda_j is the reliability of
    the unit's score: .70 to rank. Shrunken scores miss the truth by less on average, and extreme units by more.
    tau^2 is an estimate too, so with few units these intervals are short. morris (default: under 20 units) takes that
    in: B_j = (J-3)/(J-1) (1 - lambda_j) in place of 1 - lambda_j, and
    se^2 = v_j (1 - (1 - w_j/sum w) B_j) + 2/(J-3) B_j^2 (v + tau^2) w_j (y_j - mu)^2, w_j = 1/(v_j + tau^2), v the mean
    of v_j weighted by w_j (Morris 1983, doi:10.1080/01621459.1983.10477920). Not with fewer than 4 units; with
    tau^2 = 0 the scores are mu all the same. For 12 units, .95 intervals cover .84 to .91 without, .94 to .97 with it.
    y, variance, method: as in `between_variance`; normal intervals of `level`.
    R: metafor::rma(y, v, method = "PM"), blup() (without Morris' correction); with it the formulas above, tau^2 by
    uniroot().
    """
    tau = between_variance(y, variance, method=method)
    if tau.value is None:
        nothing = undefined(tau.status, n=tau.n, method="grand_mean", detail=tau.detail)
        return ShrunkenScores(nothing, tau, None, None, None, None, None, morris=False, status=tau.status)
    y, v = np.asarray(y, dtype=np.float64), np.asarray(variance, dtype=np.float64)
    n_units, tau2, z = len(y), tau.value, float(ndtri((1 + level) / 2))
    w = 1 / (v + tau2)
    total = float(w.sum())
    mu, mu_se = float(w @ y) / total, 1 / math.sqrt(total)
    corrected = (n_units < MORRIS_BELOW if morris is None else morris) and n_units >= _MORRIS_LEAST
    reliability = tau2 * w
    if corrected:
        b = (n_units - 3) / (n_units - 1) * (1 - reliability)
        typical = float(w @ v) / total
        c = 2 / (n_units - 3) * b**2 * (typical + tau2) * w
        squared = v * (1 - (1 - w / total) * b) + c * (y - mu) ** 2
        theta = y - b * (y - mu) if tau2 > 0 else np.full(n_units, mu)
    else:
        squared = reliability * v + (1 - reliability) ** 2 * mu_se**2
        theta = mu + reliability * (y - mu)
    se = np.sqrt(squared)
    return ShrunkenScores(
        mu=Estimate(
            value=mu, se=mu_se, lo=mu - z * mu_se, hi=mu + z * mu_se, n=n_units, method="grand_mean", status=tau.status
        ),
        tau2=tau,
        reliability=reliability,
        theta=theta,
        se=se,
        lo=theta - z * se,
        hi=theta + z * se,
        morris=corrected,
        status=tau.status,
    )


def expected_ranks(theta: Floats, se: Floats) -> Floats:
    """Mean of each unit's rank given the data, 1 + sum_k P(theta_k > theta_j), (J,), 1 is the highest.

    theta, se: (J,) shrunken scores and errors, taken as independent and normal. Chance draws all of them towards
    (J + 1)/2. A check whether an order is robust, not a place to print.
    R: .5 + rowSums(pnorm(outer(-theta, theta, "+")/sqrt(outer(se^2, se^2, "+")))).
    Laird & Louis 1989, doi:10.3102/10769986014001029.
    """
    theta, squared = np.asarray(theta, dtype=np.float64), np.asarray(se, dtype=np.float64) ** 2
    spread = np.sqrt(squared[:, None] + squared[None, :])
    gap = theta[None, :] - theta[:, None]
    certain = np.where(gap > 0, 1.0, np.where(gap < 0, 0.0, 0.5))
    above = np.where(spread > 0, ndtr(np.divide(gap, spread, out=np.zeros(gap.shape), where=spread > 0)), certain)
    return np.asarray(0.5 + above.sum(axis=1))


def _checked(y: Floats, variance: Floats) -> tuple[Floats, Floats, tuple[Status, dict[str, float | str]] | None]:
    y, v = np.asarray(y, dtype=np.float64), np.asarray(variance, dtype=np.float64)
    if y.ndim != 1 or y.shape != v.shape or not (np.isfinite(y).all() and np.isfinite(v).all()) or (v < 0).any():
        raise ValueError("each unit needs a finite score and a variance of at least 0")
    if len(y) < 2:
        return y, v, (Status.UNDEFINED_ONE_UNIT, {})
    if not v.all():
        units = ",".join(str(unit) for unit in np.flatnonzero(v == 0))
        return y, v, (Status.UNDEFINED_ZERO_ERROR, {"units": units})
    return y, v, None


def _dersimonian_laird(v: Floats, q: float) -> float:
    w = 1 / v
    return max(0.0, (q - (len(v) - 1)) / (float(w.sum()) - float(w @ w) / float(w.sum())))


def _paule_mandel(y: Floats, v: Floats, q: float, max_iterations: int = 200) -> float | None:
    """Newton's iteration from 0, where Q is convex and falls: it comes from below and stops at the first step back.

    statsmodels' `combine_effects` returns 0 if its last step ends a rounding error beyond the root.
    """
    if q <= len(y) - 1:
        return 0.0
    tau2 = 0.0
    for _ in range(max_iterations):
        w = 1 / (v + tau2)
        squares = (y - float(w @ y) / float(w.sum())) ** 2
        step = (float(w @ squares) - (len(y) - 1)) / float((w * w) @ squares)
        if step <= 1e-15 * (tau2 + float(v.min())):
            return tau2
        tau2 += step
    return None


def _reml(y: Floats, v: Floats, max_iterations: int = 1000) -> float | None:
    """Fisher scoring from the variance of the scores; ends at 0 where the likelihood falls from there."""
    tau2 = max(float(np.var(y, ddof=1)) - float(v.mean()), float(v.mean()))
    for _ in range(max_iterations):
        w = 1 / (v + tau2)
        s1, s2, s3 = float(w.sum()), float(w @ w), float(w @ (w * w))
        residual = y - float(w @ y) / s1
        score = float((w * residual) @ (w * residual)) - (s1 - s2 / s1)
        step = score / (s2 - 2 * s3 / s1 + (s2 / s1) ** 2)
        found = max(tau2 + step, 0.0)
        if abs(found - tau2) <= 1e-12 * (found + float(v.mean())):
            return found
        tau2 = found
    return None

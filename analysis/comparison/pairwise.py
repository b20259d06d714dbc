"""Differences between units, two at a time, with the price of looking at all pairs.

Knows unit scores, variances and degrees of freedom, or means, variances and counts of persons. Must stay true: p-values
of all pairs are corrected for their number; standard errors are those of the process unless a census is compared.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import fdtrc, ndtr, ndtri, stdtr, stdtrit
from statsmodels.stats.multitest import multipletests

from analysis.comparison.studentized_range import StudentizedRange
from analysis.degrees_of_freedom import satterthwaite_df
from analysis.estimate import Status

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Adjust = Literal["holm", "fdr_bh", "bonferroni", "none"]


@dataclass(frozen=True, eq=False)
class Contrasts:
    """All P = J (J - 1)/2 differences first - second, in the order (0, 1), (0, 2) ... (J - 2, J - 1); all (P,).

    p: of each pair by itself; p_adjusted: for all of them. lo, hi: hold for all pairs at once. status: ok;
    warn_no_variation where pairs have no error (p is 0 if they differ, else 1); undefined_one_unit: no pairs.
    """

    first: Integers
    second: Integers
    difference: Floats
    se: Floats
    df: Floats
    p: Floats
    p_adjusted: Floats
    lo: Floats
    hi: Floats
    method: str
    status: Status


def welch_contrasts(
    y: Floats,
    variance: Floats,
    df: Floats,
    *,
    covariance: Floats | None = None,
    adjust: Adjust = "holm",
    level: float = 0.95,
) -> Contrasts:
    """Welch's t of every pair, se^2 = V_j + V_k - 2 C_jk, Holm's correction: the default for tables of units.

    df of a pair (V_j + V_k)^2/(V_j^2/df_j + V_k^2/df_k); where the errors of two units go together (C_jk not 0) the
    smaller of the two. Intervals are Bonferroni's. y: (J,); variance: (J,) of the scores; df: (J,) above 0 (inf: known
    variance); covariance: (J, J) of the scores, its diagonal not looked at, as when departments rate several units.
    adjust "fdr_bh" lets one in twenty of the differences found be false: for screening, not for publishing.
    R: pairwise.t.test(y, g, pool.sd = FALSE, p.adjust.method = "holm" | "BH").
    Welch 1947, doi:10.1093/biomet/34.1-2.28; Holm 1979, Scandinavian J. of Statistics 6, 65-70.
    """
    y, v, nu = (np.asarray(part, dtype=np.float64) for part in (y, variance, df))
    if (
        y.ndim != 1
        or not y.shape == v.shape == nu.shape
        or not np.isfinite(y).all()
        or (v < 0).any()
        or (nu <= 0).any()
    ):
        raise ValueError("each unit needs a finite score, a variance of at least 0 and degrees of freedom")
    shared = np.zeros((len(y), len(y))) if covariance is None else np.asarray(covariance, dtype=np.float64)
    if shared.shape != (len(y), len(y)):
        raise ValueError(f"covariances of {len(y)} units, not of shape {shared.shape}")
    j, k = np.triu_indices(len(y), 1)
    squared, together = v[j] + v[k] - 2 * shared[j, k], shared[j, k] != 0
    if (squared < -1e-9 * (v[j] + v[k])).any():
        raise ValueError("covariances larger than the variances allow")
    se = np.sqrt(np.maximum(squared, 0.0))
    pair_df = np.where(together, np.minimum(nu[j], nu[k]), _welch_df(v, nu, j, k))
    return _contrasts(y, j, k, se=se, df=pair_df, method=f"welch_{adjust}", adjust=adjust, level=level)


def tukey_hsd(mean: Floats, variance: Floats, n: Integers, *, level: float = 0.95) -> Contrasts:
    """Tukey's honest differences with one standard deviation for all: only where units have the same spread.

    p = P(q > |d| sqrt(2)/se), se^2 = s_p^2 (1/n_j + 1/n_k), studentized range of J means with sum (n - 1) df.
    mean, variance, n: (J,) of persons within units (variance with ddof 1), every n at least 2.
    R: TukeyHSD(aov(y ~ g)). Tukey 1949, doi:10.2307/3001913; Kramer 1956, doi:10.2307/3001469.
    """
    mean, v, count = _persons(mean, variance, n)
    df = float(np.sum(count - 1))
    pooled = float(np.sum((count - 1) * v)) / df if df else 0.0
    j, k = np.triu_indices(len(mean), 1)
    se = np.sqrt(pooled * (1 / count[j] + 1 / count[k]))
    return _contrasts(mean, j, k, se=se, df=np.full(len(j), df), method="tukey_hsd", range_of=len(mean), level=level)


def games_howell(mean: Floats, variance: Floats, n: Integers, *, level: float = 0.95) -> Contrasts:
    """`tukey_hsd` with each unit's own variance and Welch's df: for units of unequal size and spread.

    se^2 = s_j^2/n_j + s_k^2/n_k. Somewhat liberal with units under six answers.
    R: ptukey(sqrt(2) * |d|/se, J, df, lower.tail = FALSE). Games & Howell 1976, doi:10.3102/10769986001002113.
    """
    mean, v, count = _persons(mean, variance, n)
    j, k = np.triu_indices(len(mean), 1)
    squared = v / count
    se = np.sqrt(squared[j] + squared[k])
    df = _welch_df(squared, count - 1, j, k)
    return _contrasts(mean, j, k, se=se, df=df, method="games_howell", range_of=len(mean), level=level)


@dataclass(frozen=True)
class Omnibus:
    """One test of whether any units differ: F, its degrees of freedom and p; None where undefined."""

    f: float | None
    df1: float | None
    df2: float | None
    p: float | None
    status: Status


def welch_anova(mean: Floats, variance: Floats, n: Integers) -> Omnibus:
    """Whether units differ at all, their spreads allowed to: Welch's F.

    w = n/s^2, F = [sum w (mean - m)^2/(J-1)]/[1 + 2 (J-2) L/3], L = 3/(J^2-1) sum (1 - w/W)^2/(n-1), df J-1 and 1/L.
    mean, variance, n: (J,) of persons within units, n at least 2. Not significant does not mean equal. Undefined with
    one unit and where a unit's answers are all alike. R: oneway.test(y ~ g). Welch 1951, doi:10.2307/2332579.
    """
    mean, v, count = _persons(mean, variance, n)
    n_units = len(mean)
    if n_units < 2 or not v.all():
        status = Status.UNDEFINED_ONE_UNIT if n_units < 2 else Status.UNDEFINED_ZERO_ERROR
        return Omnibus(None, None, None, None, status)
    w = count / v
    total = float(w.sum())
    left = 3 / (n_units**2 - 1) * float(np.sum((1 - w / total) ** 2 / (count - 1)))
    between = float(np.sum(w * (mean - float(w @ mean) / total) ** 2)) / (n_units - 1)
    f, df2 = between / (1 + 2 * (n_units - 2) * left / 3), 1 / left
    return Omnibus(f, float(n_units - 1), df2, float(fdtrc(n_units - 1, df2, f)), Status.OK)


def goldstein_healy_factor(se: Floats, *, level: float = 0.95) -> float:
    """The z for bars y +- z SE, so that two units without a difference keep apart with probability 1 - level.

    On average over pairs: solves mean of 2 (1 - Phi(z (s_j + s_k)/sqrt(s_j^2 + s_k^2))) = 1 - level; 1.39 for equal
    errors, towards 1.96 for very unequal ones. For drawings only: it corrects for no number of pairs. se: (J,); errors
    of 0 count for nothing, and without any pair the answer is that for equal errors.
    R: uniroot(function(z) mean(2 * pnorm(-z * ratio)) - .05, c(1, 3)). Goldstein & Healy 1995, doi:10.2307/2983411.
    """
    s = np.asarray(se, dtype=np.float64)
    s = s[s > 0]
    j, k = np.triu_indices(len(s), 1)
    ratio = (s[j] + s[k]) / np.hypot(s[j], s[k]) if len(j) else np.array([math.sqrt(2)])
    widest = float(ndtri((1 + level) / 2))
    return float(brentq(lambda z: float(np.mean(2 * ndtr(-z * ratio))) - (1 - level), widest / 2, widest, xtol=1e-13))


def _persons(mean: Floats, variance: Floats, n: Integers) -> tuple[Floats, Floats, Floats]:
    mean, v, counts = (np.asarray(part, dtype=np.float64) for part in (mean, variance, n))
    if mean.ndim != 1 or not mean.shape == v.shape == counts.shape or not np.isfinite(mean).all() or (v < 0).any():
        raise ValueError("each unit needs a finite mean, a variance of at least 0 and a count")
    if (counts < 2).any():
        raise ValueError("units of fewer than two answers have no variance; leave them out")
    return mean, v, counts


def _welch_df(variance: Floats, df: Floats, j: Integers, k: Integers) -> Floats:
    return satterthwaite_df(np.stack([variance[j], variance[k]], axis=-1), np.stack([df[j], df[k]], axis=-1))


def _contrasts(
    y: Floats,
    j: Integers,
    k: Integers,
    *,
    se: Floats,
    df: Floats,
    method: str,
    adjust: Adjust = "none",
    range_of: int = 0,
    level: float,
) -> Contrasts:
    """range_of: J of a studentized range, whose p needs no other correction; 0: t with `adjust`."""
    difference = y[j] - y[k]
    sure = se > 0
    t = np.divide(np.abs(difference), se, out=np.where(difference == 0, 0.0, np.inf), where=sure)
    p = np.where(sure, 2 * stdtr(df, -np.where(sure, t, 0.0)), np.where(difference == 0, 1.0, 0.0))
    if range_of > 1:
        distribution = StudentizedRange(range_of)
        adjusted = np.where(sure, distribution.sf(np.where(sure, t, 0.0) * math.sqrt(2), df), p)
        quantile = distribution.isf(1 - level, df) / math.sqrt(2)
    else:
        adjusted = multipletests(p, method=adjust)[1] if adjust != "none" and len(p) else p.copy()
        pairs = 1 if adjust == "none" else max(len(p), 1)
        quantile = np.asarray(stdtrit(df, 1 - (1 - level) / (2 * pairs)))
    status = Status.OK if sure.all() else Status.WARN_NO_VARIATION
    return Contrasts(
        first=j,
        second=k,
        difference=difference,
        se=se,
        df=df,
        p=p,
        p_adjusted=np.asarray(adjusted, dtype=np.float64),
        lo=difference - quantile * se,
        hi=difference + quantile * se,
        method=method,
        status=status if len(p) else Status.UNDEFINED_ONE_UNIT,
    )

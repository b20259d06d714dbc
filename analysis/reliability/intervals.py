"""Intervals of alpha from alpha, n and k, or from covariances: the ones that other software prints.

Knows no answers. All of them assume normal items; on ordered categories they are up to a sixth too narrow, so gates use
the influence function (`analysis.reliability.alpha.influence_interval`, `analysis.reliability.designs`).
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtri, ndtri

from analysis.estimate import Estimate, Status, undefined

Floats = NDArray[np.float64]


def feldt_interval(alpha: Estimate, n: int, k: int, level: float = 0.95) -> Estimate:
    """Feldt's interval of alpha, 1 - (1 - alpha) F at (1 + level)/2 and (1 - level)/2, df n - 1 and (n - 1)(k - 1).

    alpha: as `cronbach_alpha` returned it, undefined comes back undefined; n: responses after deletion; k: items.
    Assumes normal items with equal covariances: up to a sixth too narrow on ordered categories, so gates use
    `influence_interval`. R: psych::alpha.ci. Feldt 1965, doi:10.1007/BF02289499.
    """
    if alpha.value is None:
        return undefined(alpha.status, n=n, method="feldt", detail=alpha.detail)
    _check(n, k)
    upper_tail = (1 + level) / 2
    lo, hi = (1 - (1 - alpha.value) * float(fdtri(n - 1, (n - 1) * (k - 1), q)) for q in (upper_tail, 1 - upper_tail))
    return Estimate(
        value=alpha.value, lo=lo, hi=hi, n=n, df=n - 1, method="feldt", status=alpha.status, detail=alpha.detail
    )


def bonett_interval(alpha: Estimate, n: int, k: int, level: float = 0.95) -> Estimate:
    """Bonett's interval of alpha, 1 - exp(ln(1 - alpha) +- z sqrt(2k/((k - 1)(n - 2)))), and its standard error.

    alpha: as `cronbach_alpha` returned it, undefined comes back undefined; n: responses after deletion; k: items.
    se: (1 - alpha) sqrt(2k/((k - 1)(n - 2))). Assumes what Feldt's does and is wider on the left. With two responses
    there is an alpha but no such interval; an alpha of 1 has the interval 1 to 1, which says nothing about precision.
    R: 1 - exp(log(1 - a) - c(1, -1) * qnorm(.025) * sqrt(2 * k/((k - 1) * (n - 2)))). Bonett 2002,
    doi:10.3102/10769986027004335.
    """
    method = "bonett"
    if alpha.value is None:
        return undefined(alpha.status, n=n, method=method, detail=alpha.detail)
    _check(n, k)
    if n == 2:
        return undefined(Status.UNDEFINED_TWO_RESPONSES, n=n, method=method, detail=alpha.detail)
    spread = math.sqrt(2 * k / ((k - 1) * (n - 2)))
    half = float(ndtri((1 + level) / 2)) * spread
    left = 1 - alpha.value
    return Estimate(
        value=alpha.value,
        se=max(left, 0.0) * spread,
        lo=1 - left * math.exp(half),
        hi=1 - left * math.exp(-half),
        n=n,
        method=method,
        status=alpha.status,
        detail=alpha.detail,
    )


def asymptotic_interval(alpha: Estimate, cov: Floats, n: int, level: float = 0.95) -> Estimate:
    """Alpha with the standard error that normal items of any covariances have, to compare with psych's `ase`.

    With A = tr C, B = 1'C1: se^2 = 2 k^2 (B (tr C^2 + A^2) - 2 A 1'C^2 1) / ((k - 1)^2 B^3 n); alpha +- z se.
    alpha: as `cronbach_alpha` returned it for cov (k, k); n: what psych divides by, all rows, also where pairs have
    fewer. Too narrow on ordered categories, as every interval that assumes normal items.
    R: psych::alpha(x)$total$ase. van Zyl, Neudecker & Nel 2000, doi:10.1007/BF02296146;
    Duhachek & Iacobucci 2004, doi:10.1037/0021-9010.89.5.792.
    """
    method = "asymptotic"
    if alpha.value is None:
        return undefined(alpha.status, n=n, method=method, detail=alpha.detail)
    k = len(cov)
    _check(n, k)
    trace, total, squared = float(np.trace(cov)), float(cov.sum()), cov @ cov
    inner = total * (float(np.trace(squared)) + trace**2) - 2 * trace * float(squared.sum())
    se = k / (k - 1) * math.sqrt(max(2 * inner / total**3 / n, 0.0))
    half = float(ndtri((1 + level) / 2)) * se
    return Estimate(
        value=alpha.value,
        se=se,
        lo=alpha.value - half,
        hi=min(alpha.value + half, 1.0),
        n=n,
        method=method,
        status=alpha.status,
        detail=alpha.detail,
    )


def _check(n: int, k: int) -> None:
    if n < 2 or k < 2:
        raise ValueError(f"an alpha of {k} items and {n} responses cannot have a value")

"""Whether the items of a dimension measure it, and whether two dimensions are two: CR, AVE, Fornell-Larcker, HTMT.

Knows standardised loadings and covariance matrices. Must stay true: a loading beyond 1 is a Heywood case and named; a
dimension of one item has no consistency and is said to have none.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.estimate import Estimate, Status, undefined
from analysis.reliability.covariances import constant_items, correlations, too_little

Floats = NDArray[np.float64]


def composite_reliability(loadings: Floats, n: int) -> Estimate:
    """Reliability of the sum of standardised items, (sum l)^2 / ((sum l)^2 + sum(1 - l^2)).

    loadings: (k,), standardised, of one factor (`one_factor_fit(...).standardized`); n: responses behind them. The same
    as omega total of the correlations; .70 is the custom. Undefined for a loading beyond 1 (`items`).
    R: lavaan::standardizedSolution. Fornell & Larcker 1981, doi:10.1177/002224378101800104.
    """
    method = "composite_reliability"
    reason = _improper(loadings, n, method)
    if reason:
        return reason
    common, unique = float(loadings.sum()) ** 2, float((1 - loadings**2).sum())
    return Estimate(value=common / (common + unique), n=n, method=method)


def average_variance_extracted(loadings: Floats, n: int) -> Estimate:
    """Mean share of the items' variance that the factor explains, mean of l^2; .50 is the custom.

    loadings, n and when undefined: as `composite_reliability`. R: lavaan::standardizedSolution. Fornell & Larcker 1981,
    doi:10.1177/002224378101800104.
    """
    method = "average_variance_extracted"
    reason = _improper(loadings, n, method)
    return reason or Estimate(value=float((loadings**2).mean()), n=n, method=method)


def fornell_larcker(extracted: Sequence[Estimate], between: Floats) -> tuple[Estimate, ...]:
    """How far the root of each dimension's AVE exceeds its highest correlation with another; below 0: not distinct.

    extracted: AVE of f dimensions; between: (f, f) correlations of the dimensions. detail `dimensions`: the nearest
    other one. Misses dimensions that are the same more often than `htmt` (Henseler et al. 2015). Fornell & Larcker
    1981, doi:10.1177/002224378101800104.
    """
    if between.shape != (len(extracted), len(extracted)) or len(extracted) < 2:
        raise ValueError(f"{len(extracted)} dimensions and correlations of {between.shape} do not fit")
    found = []
    for at, ave in enumerate(extracted):
        others = np.where(np.arange(len(between)) == at, -1.0, np.abs(between[at]))
        nearest = int(np.argmax(others))
        detail, method = {"dimensions": str(nearest)}, "fornell_larcker"
        if ave.value is None:
            found.append(undefined(ave.status, n=ave.n, method=method, detail=ave.detail))
        else:
            margin = math.sqrt(ave.value) - float(others[nearest])
            found.append(Estimate(value=margin, n=ave.n, method=method, detail=detail))
    return tuple(found)


def htmt(cov: Floats, n: int, dimensions: Sequence[Sequence[int]]) -> tuple[Estimate, ...]:
    """Heterotrait-monotrait ratio of each two dimensions: mean |r| across / root of the product of mean |r| within.

    cov: (k, k) of all items, n responses; dimensions: item numbers of each, at least two dimensions, no item in two.
    One Estimate per pair, in the order 0-1, 0-2, ..., 1-2; detail `dimensions`. An estimate of the correlation of the
    two freed from measurement error: from .85 (.90 for related ones) on, they are hardly two (Henseler, Ringle &
    Sarstedt 2015, doi:10.1007/s11747-014-0403-8). May exceed 1. Assumes equal loadings within a dimension; absolute
    values keep a wrongly keyed item from hiding, and bias ratios of unrelated dimensions upwards.
    Undefined for a dimension of one item, a constant item (`items`), items of a dimension that are all unrelated.
    R: R <- abs(cor(x)); mean(R[a, b])/sqrt(w(a) * w(b)), w <- function(i) mean(R[i, i][upper.tri(R[i, i])]).
    """
    items = [item for dimension in dimensions for item in dimension]
    if len(dimensions) < 2 or len(set(items)) < len(items) or not all(dimensions):
        raise ValueError("HTMT compares two dimensions or more, each with items of its own")
    if min(items) < 0 or max(items) >= len(cov):
        raise ValueError(f"items {min(items)} to {max(items)} are not among {len(cov)}")
    reason = too_little(cov, n)
    if reason:
        return tuple(
            undefined(reason, n=n, method="htmt", detail={"dimensions": f"{a},{b}"}) for a, b in _pairs(len(dimensions))
        )
    return tuple(_ratio(cov, n, dimensions, a, b) for a, b in _pairs(len(dimensions)))


def _ratio(cov: Floats, n: int, dimensions: Sequence[Sequence[int]], a: int, b: int) -> Estimate:
    method, detail = "htmt", {"dimensions": f"{a},{b}"}
    first, second = np.asarray(dimensions[a]), np.asarray(dimensions[b])
    if min(len(first), len(second)) < 2:
        return undefined(Status.UNDEFINED_ONE_ITEM, n=n, method=method, detail=detail)
    both = np.concatenate((first, second))
    constant = both[constant_items(cov)[both]]
    if len(constant):
        detail["items"] = ",".join(map(str, sorted(constant.tolist())))
        return undefined(Status.UNDEFINED_ITEM_VARIANCE_ZERO, n=n, method=method, detail=detail)
    size, absolute = len(first), np.abs(correlations(cov[np.ix_(both, both)]))
    within = [_mean_off_diagonal(absolute[:size, :size]), _mean_off_diagonal(absolute[size:, size:])]
    if min(within) <= 0:
        return undefined(Status.UNDEFINED_NO_CORRELATION, n=n, method=method, detail=detail)
    value = float(absolute[:size, size:].mean()) / math.sqrt(within[0] * within[1])
    return Estimate(value=value, n=n, method=method, detail=detail)


def _mean_off_diagonal(square: Floats) -> float:
    k = len(square)
    return float(square.sum() - np.trace(square)) / (k * (k - 1))


def _pairs(f: int) -> list[tuple[int, int]]:
    return [(a, b) for a in range(f) for b in range(a + 1, f)]


def _improper(loadings: Floats, n: int, method: str) -> Estimate | None:
    if loadings.ndim != 1 or not len(loadings) or not np.isfinite(loadings).all():
        raise ValueError("loadings are one finite number for each item of a dimension")
    if len(loadings) == 1:
        return undefined(Status.UNDEFINED_ONE_ITEM, n=n, method=method)
    beyond = np.flatnonzero(np.abs(loadings) > 1)
    if len(beyond):
        detail = {"items": ",".join(map(str, beyond.tolist()))}
        return undefined(Status.UNDEFINED_HEYWOOD, n=n, method=method, detail=detail)
    return None

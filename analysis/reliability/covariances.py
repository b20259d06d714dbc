"""When a covariance matrix says nothing about a scale: too few items or responses, no variance, only rounding error.

Knows matrices. Must stay true: every statistic of this package asks here, so that the same data have the same reason.
"""

import numpy as np
from numpy.typing import NDArray

from analysis.estimate import Status

Floats = NDArray[np.float64]


def too_little(cov: Floats, n: int) -> Status | None:
    """Why no consistency exists whatever the numbers; ValueError where `cov` is no covariance matrix.

    cov: (k, k); n: responses behind it. NaN is allowed where fewer than two responses cannot have covariances.
    """
    if cov.ndim != 2 or cov.shape[0] != cov.shape[1] or not len(cov):
        raise ValueError(f"a covariance matrix is square, not {cov.shape}")
    if len(cov) == 1:
        return Status.UNDEFINED_ONE_ITEM
    if n < 2:
        return Status.UNDEFINED_ONE_RESPONSE if n else Status.UNDEFINED_NO_RESPONSES
    if not np.isfinite(cov).all():
        raise ValueError(f"covariances of {n} responses must be finite")
    return None


def dust(cov: Floats) -> float:
    """Below this, a sum of covariances is rounding error of one that is zero."""
    return 4 * len(cov) * float(np.finfo(np.float64).eps) * float(np.trace(cov))


def constant_items(cov: Floats) -> NDArray[np.bool_]:
    """(k,): items that everybody answered alike."""
    return np.asarray(np.diagonal(cov) <= dust(cov))


def joined(where: NDArray[np.bool_]) -> str:
    """The numbers of items from 0, as `Estimate.detail` holds them."""
    return ",".join(str(j) for j in np.flatnonzero(where))


def correlations(cov: Floats) -> Floats:
    """(k, k) correlations, ones on the diagonal; the caller has seen to it that no item is constant. R: cov2cor(C)."""
    deviations = np.sqrt(np.diagonal(cov))
    found = np.asarray(cov / np.outer(deviations, deviations))
    np.fill_diagonal(found, 1.0)
    return found


def positive_definite(cov: Floats) -> bool:
    """Whether people could have these covariances and none of the items is a sum of others.

    Covariances of pairs, and those between few units, may have eigenvalues of 0 or less.
    """
    if constant_items(cov).any():
        return False
    values = np.linalg.eigvalsh(correlations(cov))
    return bool(values[0] > len(cov) * np.finfo(np.float64).eps * values[-1])

"""Whether items can be factored at all, and which stand in the way: constant ones, copies, sums of others.

Knows covariance matrices. Must stay true: whatever makes the matrix singular is named by item, so that people know what
to take out; nothing is dropped here.
"""

import numpy as np
from numpy.typing import NDArray

from analysis.estimate import Estimate, Status, undefined
from analysis.reliability.covariances import constant_items, correlations, too_little

Floats = NDArray[np.float64]

_ZERO_EIGENVALUE = 1e-10
_ZERO_WEIGHT = 1e-5


def dependent_items(cov: Floats) -> tuple[int, ...]:
    """Items that are an exact weighted sum of others, and those others: two copies, a total and its parts.

    cov: (k, k) without constant items. Empty where no such sum exists. They are the items with a weight in some
    combination of items that does not vary, an eigenvector of R whose eigenvalue is 0.
    """
    values, vectors = np.linalg.eigh(correlations(cov))
    still = vectors[:, np.abs(values) < _ZERO_EIGENVALUE * len(cov)]
    return tuple(np.flatnonzero((np.abs(still) > _ZERO_WEIGHT).any(axis=1)).tolist())


def refusal(cov: Floats, n: int) -> tuple[Status, tuple[int, ...]] | None:
    """Why these covariances (k, k) of n responses cannot be inverted, and the items behind it; None where they can.

    n <= k leaves every item dependent, so none is named. Covariances of pairs that no people can have are refused, too.
    """
    reason = too_little(cov, n)
    if reason:
        return reason, ()
    constant = np.flatnonzero(constant_items(cov))
    if len(constant):
        return Status.UNDEFINED_ITEM_VARIANCE_ZERO, tuple(constant.tolist())
    if n <= len(cov):
        return Status.UNDEFINED_SINGULAR, ()
    named = dependent_items(cov)
    if named:
        return Status.UNDEFINED_SINGULAR, named
    if np.linalg.eigvalsh(correlations(cov))[0] < 0:
        return Status.UNDEFINED_NOT_POSITIVE_DEFINITE, ()
    return None


def refused(cov: Floats, n: int, method: str) -> Estimate | None:
    """`refusal` as an Estimate without value, the items in `items`."""
    reason = refusal(cov, n)
    if reason is None:
        return None
    items = ",".join(map(str, reason[1]))
    return undefined(reason[0], n=n, method=method, detail={"items": items} if items else None)

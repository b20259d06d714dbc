"""Whether items share enough for factors to be looked for: Kaiser-Meyer-Olkin and Bartlett's sphericity.

Knows covariance matrices and n. Must stay true: what cannot be inverted is refused with the items named (see
`dependence`). Both ask for correlation, not for meaning: items with the same wording pass best.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from analysis.estimate import Estimate, Status, undefined
from analysis.reliability.covariances import correlations
from analysis.validity.dependence import refused

Floats = NDArray[np.float64]


def kmo(cov: Floats, n: int) -> Estimate:
    """Kaiser-Meyer-Olkin measure, sum r^2 / (sum r^2 + sum q^2), q the partial correlation of two items given the rest.

    cov: (k, k). Lies in 0 to 1; under .50 unacceptable, .60, .70, .80, .90 are Kaiser's steps and mean no more than
    that correlations are not due to pairs. Two items always give .50.
    R: psych::KMO(x)$MSA. Kaiser 1974, doi:10.1007/BF02291575.
    """
    method = "kmo"
    reason = refused(cov, n, method)
    if reason:
        return reason
    r, q = _squares(cov)
    return _share(float(r.sum()), float(q.sum()), n, method)


def item_adequacies(cov: Floats, n: int) -> tuple[Estimate, ...]:
    """The same of each item alone (MSA), sums over its pairs only; under .50 look at the item before any factor.

    cov: (k, k); one Estimate per item. R: psych::KMO(x)$MSAi.
    """
    method = "item_adequacy"
    reason = refused(cov, n, method)
    if reason:
        return (reason,) * len(cov)
    r, q = _squares(cov)
    return tuple(_share(float(r[j].sum()), float(q[j].sum()), n, method) for j in range(len(cov)))


def bartlett_sphericity(cov: Floats, n: int) -> Estimate:
    """Bartlett's test that all correlations are 0: -(n - 1 - (2k + 5)/6) log|R|, chi-squared with k(k - 1)/2.

    cov: (k, k). detail `p`. Above 200 responses it rejects practically always, so it is necessary and never enough.
    R: psych::cortest.bartlett(cor(x), n). Bartlett 1951, doi:10.1093/biomet/38.3-4.337.
    """
    method = "bartlett_sphericity"
    reason = refused(cov, n, method)
    if reason:
        return reason
    k = len(cov)
    value = -(n - 1 - (2 * k + 5) / 6) * float(np.log(np.linalg.eigvalsh(correlations(cov))).sum())
    df = k * (k - 1) / 2
    return Estimate(value=value, n=n, df=df, method=method, detail={"p": float(chdtrc(df, max(value, 0.0)))})


def _squares(cov: Floats) -> tuple[Floats, Floats]:
    """Squared correlations and squared partial correlations, zeros on the diagonals."""
    r = correlations(cov)
    q = correlations(np.asarray(np.linalg.inv(r), dtype=np.float64))
    np.fill_diagonal(r, 0.0)
    np.fill_diagonal(q, 0.0)
    return r**2, q**2


def _share(r: float, q: float, n: int, method: str) -> Estimate:
    if math.isclose(r + q, 0.0, abs_tol=1e-24):
        return undefined(Status.UNDEFINED_NO_CORRELATION, n=n, method=method)
    return Estimate(value=r / (r + q), n=n, method=method)

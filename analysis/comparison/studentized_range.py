"""The studentized range of J means, for many pairs at once: tail probabilities and quantiles.

Knows the normal and chi-squared distributions. Must stay true: agrees with t for two means (1e-11), with scipy's
`studentized_range` below 100,000 degrees of freedom (1e-8; above, scipy and R take infinitely many) and with R's ptukey
and qtukey (1e-6, their own accuracy). scipy finds one number in 6 to 110 ms: minutes for the pairs of fifty units.

With R_J the range of J normal variables and s an independent standard deviation with v degrees of freedom,
    P(R_J/s > q) = int g_v(s) T(q s) ds,   T(x) = P(R_J > x) = int J phi(z) Phi(z)^(J-1) [1 - (1 - r)^(J-1)] dz,
r = Phi(z - x)/Phi(z). T is tabulated once for J and the integrals are sums at Gauss-Legendre nodes.
"""

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.special import chdtri, gammaln, log_ndtr

Floats = NDArray[np.float64]

# Beyond this a range of normal variables has no probability that could be seen (300 means: 1e-24).
_WIDEST = 16.0
_TABLE = 1025
_ROOT = 4
# From here on s is 1 to the last digit that counts.
_MANY = 1e9


class StudentizedRange:
    """The distribution for J = `means` (at least 2); build once, ask for arrays."""

    def __init__(self, means: int) -> None:
        if means < 2:
            raise ValueError(f"a range needs two means, not {means}")
        nodes, weights = leggauss(128)
        z, dz = 9.0 * nodes, 9.0 * weights
        x = np.linspace(0.0, _WIDEST, _TABLE)
        log_phi = -0.5 * z**2 - 0.5 * np.log(2 * np.pi)
        density = means * np.exp(log_phi + (means - 1) * log_ndtr(z)) * dz
        log_ratio = np.minimum(log_ndtr(z[:, None] - x) - log_ndtr(z)[:, None], -1e-300)
        with np.errstate(divide="ignore"):  # at x = 0 the whole range lies above
            inside = (means - 1) * np.log1p(-np.exp(log_ratio))
        self._tail = CubicSpline(x, density @ -np.expm1(inside))
        self._nodes = leggauss(96)

    def sf(self, q: Floats, df: Floats) -> Floats:
        """P(range/s > q), (P,). q: (P,) at least 0; df: (P,) at least 1, inf for a known standard deviation."""
        q, df = np.broadcast_arrays(np.asarray(q, dtype=np.float64), np.asarray(df, dtype=np.float64))
        v = np.minimum(df, _MANY)[..., None]
        lo, hi = (np.sqrt(chdtri(v, tail) / v) for tail in (1 - 1e-15, 1e-15))
        # Equal steps of a root of s, which spread out the steep start of the density near 0 where v is small.
        root_lo, root_hi = lo ** (1 / _ROOT), hi ** (1 / _ROOT)
        root = (root_lo + root_hi) / 2 + (root_hi - root_lo) / 2 * self._nodes[0]
        s = root**_ROOT
        log_density = np.log(2.0) + v / 2 * np.log(v / 2) - gammaln(v / 2) + (v - 1) * np.log(s) - v * s**2 / 2
        mass = np.exp(log_density) * root ** (_ROOT - 1) * self._nodes[1] * (root_hi - root_lo)
        # Where v is large the terms of the density cancel to few digits; its sum must be one.
        mass /= mass.sum(axis=-1, keepdims=True)
        x = q[..., None] * s
        tail = np.where(x < _WIDEST, self._tail(np.minimum(x, _WIDEST)), 0.0)
        return np.asarray(np.clip((mass * tail).sum(axis=-1), 0.0, 1.0))

    def isf(self, p: float, df: Floats) -> Floats:
        """The q with P(range/s > q) = p, (P,). p: above 0, below 1; df: as in `sf`."""
        if not 0 < p < 1:
            raise ValueError(f"no quantile of {p}")
        each, back = np.unique(np.asarray(df, dtype=np.float64), return_inverse=True)
        lo, hi = np.zeros(len(each)), np.full(len(each), 16.0)
        while (above := self.sf(hi, each) > p).any():
            hi = np.where(above, 2 * hi, hi)
        for _ in range(60):
            middle = (lo + hi) / 2
            above = self.sf(middle, each) > p
            lo, hi = np.where(above, middle, lo), np.where(above, hi, middle)
        return np.asarray(((lo + hi) / 2)[back])

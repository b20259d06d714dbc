"""Probabilities of rectangles under two correlated standard normals, and how they change with the correlation.

Knows arrays of limits and correlations, many pairs at once. Must stay true: |rho| < 1; the derivatives of log P stay
right where P itself is too small to be a difference of distribution functions, because among a million answers some
are that improbable, and they decide how close to 1 a correlation may come.

How: the distribution function by Owen's T; its derivative by rho is the density (Plackett), so the derivatives of P
are differences of densities. Where the difference of four distribution functions would be rounding error, P is the
integral of that derivative from the correlation of +1 or -1, at which the rectangle is empty.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, owens_t

Floats = NDArray[np.float64]

# Distribution functions are good to 1e-16: below this, their differences lose the seventh digit, and
# below the second number all of them.
_CANCELS = 1e-9
_ROUNDING = 1e-15
# In place of infinity: the normal density and distribution underflow before.
_FAR = 40.0
# The exponent from which Gauss-Laguerre has eight digits.
_FAR_ENOUGH = 4.0
_NODES = np.polynomial.laguerre.laggauss(24)[0]
_WEIGHTS = np.polynomial.laguerre.laggauss(24)[1] * np.exp(_NODES)


@dataclass(frozen=True, eq=False)
class Rectangles:
    """For each pair and cell (pairs, rows, columns): P and the first two derivatives of log P by rho.

    The derivatives are 0 for cells not asked for where P is too small to tell.
    """

    probability: Floats
    slope: Floats
    bend: Floats


def cumulative(h: Floats, k: Floats, rho: Floats) -> Floats:
    """P(X <= h, Y <= k) of standard normals with correlation rho; arrays that broadcast, |rho| < 1.

    (Phi(h) + Phi(k))/2 - T(h, (k - rho h)/(h s)) - T(k, (h - rho k)/(k s)) - [h and k differ in sign]/2,
    s = sqrt(1 - rho^2). Owen 1956, doi:10.1214/aoms/1177728074.
    R: integrate(function(z) dnorm(z) * pnorm((k - rho * z)/sqrt(1 - rho^2)), -Inf, h).
    """
    s = np.sqrt((1 - rho) * (1 + rho))
    # T has a limit where h or k is 0; a number too small to matter finds it.
    h, k = (np.where(limit == 0, 1e-300, np.clip(limit, -_FAR, _FAR)) for limit in (h, k))
    found = (ndtr(h) + ndtr(k)) / 2 - owens_t(h, (k - rho * h) / (h * s)) - owens_t(k, (h - rho * k) / (k * s))
    return np.asarray(found - ((h < 0) != (k < 0)) / 2, dtype=np.float64)


def rectangles(rows: Floats, columns: Floats, rho: Floats, needed: NDArray[np.bool_]) -> Rectangles:
    """The rectangles between neighbouring limits.

    rows: (m, a), columns: (m, b), ascending inner limits, may be infinite; rho: (m,); needed: (m, a + 1, b + 1), the
    cells whose derivatives must hold however small P is.
    """
    x, y = np.clip(rows, -_FAR, _FAR), np.clip(columns, -_FAR, _FAR)
    r = rho[:, None, None]
    grid = np.zeros((len(rho), x.shape[1] + 2, y.shape[1] + 2))
    grid[:, 1:-1, 1:-1] = cumulative(x[:, :, None], y[:, None, :], r)
    grid[:, 1:-1, -1], grid[:, -1, 1:-1], grid[:, -1, -1] = ndtr(x), ndtr(y), 1.0
    p = _cells(grid)
    density, leaning = np.zeros_like(grid), np.zeros_like(grid)
    density[:, 1:-1, 1:-1], leaning[:, 1:-1, 1:-1] = _density(x[:, :, None], y[:, None, :], r)
    first, second = _cells(density), _cells(leaning)
    told = p > _ROUNDING
    slope = np.divide(first, p, out=np.zeros_like(p), where=told)
    bend = np.divide(second, p, out=np.zeros_like(p), where=told) - slope**2
    small = np.nonzero(needed & (p < _CANCELS))
    if len(small[0]):
        pair, a, b = small
        edge = np.full((len(rho), 1), _FAR)
        x, y = np.hstack((-edge, x, edge)), np.hstack((-edge, y, edge))
        corners = _Corners(x[pair, a], x[pair, a + 1], y[pair, b], y[pair, b + 1])
        better, far_slope, far_bend = _improbable(corners, rho[pair])
        slope[small], bend[small] = np.where(better, (far_slope, far_bend), (slope[small], bend[small]))
    return Rectangles(p, slope, bend)


def _cells(grid: Floats) -> Floats:
    return np.asarray(np.diff(np.diff(grid, axis=1), axis=2), dtype=np.float64)


def _exponent(h: Floats, k: Floats, rho: Floats) -> Floats:
    return np.asarray((h * h + k * k - 2 * rho * h * k) / (2 * (1 - rho) * (1 + rho)), dtype=np.float64)


def _density(h: Floats, k: Floats, rho: Floats, lift: Floats | float = 0.0) -> tuple[Floats, Floats]:
    """The bivariate density times exp(lift), and its derivative by rho."""
    rest, square, product = (1 - rho) * (1 + rho), h * h + k * k, h * k
    density = np.exp(lift - _exponent(h, k, rho)) / (2 * math.pi * np.sqrt(rest))
    return density, density * (rho / rest + (product * (1 + rho * rho) - rho * square) / rest**2)


@dataclass(frozen=True, eq=False)
class _Corners:
    """Rectangles, all limits (c,) and finite."""

    x0: Floats
    x1: Floats
    y0: Floats
    y1: Floats

    def mirrored(self, where: NDArray[np.bool_]) -> "_Corners":
        """With Y's sign changed where asked."""
        return _Corners(self.x0, self.x1, np.where(where, -self.y1, self.y0), np.where(where, -self.y0, self.y1))

    def gap(self) -> Floats:
        """Distance along one axis from the line y = x; 0 where the rectangle meets it."""
        return np.asarray(np.maximum(np.maximum(self.y0 - self.x1, self.x0 - self.y1), 0.0), dtype=np.float64)

    def derivatives(self, rho: Floats, lift: Floats) -> tuple[Floats, Floats]:
        """P' and P'' by rho, both times exp(lift)."""
        signed = ((self.x1, self.y1, 1), (self.x0, self.y1, -1), (self.x1, self.y0, -1), (self.x0, self.y0, 1))
        found = [(sign, *_density(x, y, rho, lift)) for x, y, sign in signed]
        return (
            np.sum([sign * density for sign, density, _ in found], axis=0),
            np.sum([sign * leaning for sign, _, leaning in found], axis=0),
        )


def _improbable(at: _Corners, rho: Floats) -> tuple[NDArray[np.bool_], Floats, Floats]:
    """Slope and bend of log P of rectangles far from a line on which X and Y would be at rho = +-1; and which are far.

    Mirrored so that the line is y = x and P(1) = 0: P = -integral from rho to 1 of P'(r) dr. With
    t = 1/(1 - r) - 1/(1 - rho) the corner nearest to the line, a gap of d away, decays as exp(-t d^2/4), which
    Gauss-Laguerre integrates. The common factor exp(lift), without which all would underflow, cancels.
    """
    other = at.mirrored(np.ones(len(rho), dtype=np.bool_))
    flip = other.gap() ** 2 / (1 + rho) > at.gap() ** 2 / (1 - rho)
    at, r = at.mirrored(flip), np.where(flip, -rho, rho)
    decay = at.gap() ** 2 / 4
    far = decay / (1 - r) > _FAR_ENOUGH
    decay = np.where(far, decay, 1.0)
    lift = np.min([_exponent(x, y, r) for x in (at.x0, at.x1) for y in (at.y0, at.y1)], axis=0)
    first, second = at.derivatives(r, lift)
    later = 1 - 1 / (1 / (1 - r) + _NODES[:, None] / decay)
    probability = -_WEIGHTS @ (at.derivatives(later, lift)[0] * (1 - later) ** 2) / decay
    slope = first / np.where(far, probability, 1.0)
    bend = second / np.where(far, probability, 1.0) - slope**2
    return far, np.where(flip, -slope, slope), bend

"""Probabilities of rectangles by plain integration: what the fast formulas are compared with."""

import math
from itertools import pairwise

import numpy as np
from scipy.integrate import quad
from scipy.special import log_ndtr


def log_probability(x: tuple[float, float], y: tuple[float, float], rho: float) -> float:
    """Log of the rectangle's probability, by integrating the conditional one: slow, and right however small it is."""
    s = math.sqrt(1 - rho * rho)

    def log_integrand(at: float) -> float:
        lower, upper = (x[0] - rho * at) / s, (x[1] - rho * at) / s
        if lower > 0:
            lower, upper = -upper, -lower
        inside = log_ndtr(upper) + math.log1p(-math.exp(min(log_ndtr(lower) - log_ndtr(upper), -1e-300)))
        return float(inside - at * at / 2 - math.log(2 * math.pi) / 2)

    grid = np.linspace(max(y[0], -12), min(y[1], 12), 2001)
    logs = np.array([log_integrand(at) for at in grid])
    top, matters = logs.max(), np.flatnonzero(logs > logs.max() - 45)
    edges = np.linspace(grid[max(matters[0] - 1, 0)], grid[min(matters[-1] + 1, 2000)], 21)
    pieces = [
        quad(lambda at: math.exp(log_integrand(at) - top), a, b, epsabs=0, epsrel=1e-11)[0] for a, b in pairwise(edges)
    ]
    return float(top + math.log(sum(pieces)))

"""How far those who answered may differ from those who did not, as far as the frame's strata can show it.

Knows counts by stratum. Must stay true: an R-indicator sees only what the strata see; strata that have nothing to do
with the answers make it look good.
"""

import math

import numpy as np
from numpy.typing import NDArray

from analysis.estimate import Estimate, Status, undefined

Floats = NDArray[np.float64]


def r_indicator(responses: Floats, invited: Floats, sizes: Floats | None = None) -> Estimate:
    """Representativity R = 1 - 2 S(rho), S the standard deviation of response propensities over the population.

    rho_h = n_h/m_h, W_h = N_h/N, S^2 = N/(N - 1) sum_h W_h (rho_h - rho)^2, rho = sum_h W_h rho_h. responses: (H,)
    n_h; invited: (H,) m_h; sizes: (H,) N_h, None: everybody was invited. 1: all strata answered alike; 0: as different
    as can be. No threshold is agreed on; compare waves with the same strata.
    Chance alone makes the rho_h differ, so R is too low in small strata. `detail["adjusted"]` takes the binomial part
    out, N/(N - 1) sum_h (W_h - W_h^2) rho_h (1 - rho_h)/(m_h - 1) from S^2, which is without bias if people answer
    independently; it is 1 where nothing is left, absent where a stratum invited one person. `detail["rho"]`: rate.
    Undefined with a single stratum, nobody invited or nobody answering, and n_h > m_h.
    Schouten, Cobben & Bethlehem 2009, Survey Methodology 35, 101-113; adjustment: Shlomo, Skinner & Schouten 2012,
    doi:10.1016/j.jspi.2011.07.008.
    """
    method = "r_indicator"
    frame = np.asarray(invited if sizes is None else sizes, dtype=np.float64)
    n, m = np.asarray(responses, dtype=np.float64), np.asarray(invited, dtype=np.float64)
    if not n.shape == m.shape == frame.shape or n.ndim != 1:
        raise ValueError("responses, invited and sizes need one number per stratum")
    answers = int(n.sum())
    if bool((n > m).any()) or bool((m > frame).any()):
        return undefined(Status.UNDEFINED_FRAME_TOO_SMALL, n=answers, method=method)
    if bool(((m == 0) & (frame > 0)).any()):
        return undefined(Status.UNDEFINED_STRATUM_EMPTY, n=answers, method=method)
    asked = m > 0
    if not answers:
        return undefined(Status.UNDEFINED_NO_RESPONSES, n=0, method=method)
    if np.count_nonzero(asked) < 2:
        return undefined(Status.UNDEFINED_ONE_UNIT, n=answers, method=method)
    n, m, frame = n[asked], m[asked], frame[asked]
    population, share, rho = float(frame.sum()), frame / frame.sum(), n / m
    mean = float(share @ rho)
    squared = population / (population - 1) * float(share @ np.square(rho - mean))
    detail: dict[str, float | str] = {"rho": mean, "s": math.sqrt(squared)}
    if float(m.min()) >= 2:
        chance = population / (population - 1) * float(np.sum((share - share**2) * rho * (1 - rho) / (m - 1)))
        detail["adjusted"] = 1 - 2 * math.sqrt(max(squared - chance, 0.0))
    return Estimate(value=1 - 2 * math.sqrt(squared), n=answers, method=method, detail=detail)


def largest_bias(sd: float, r: float, response_rate: float) -> float:
    """The most by which nonresponse can bias an unadjusted mean, S(y) (1 - R)/(2 rho), in the unit of y.

    sd: S(y) of persons; r: R-indicator; response_rate: rho, above 0. A bound for the part that the strata explain, with
    answers as much in line with the propensities as possible: the true bias is usually far smaller.
    Schouten, Cobben & Bethlehem 2009, Survey Methodology 35, 101-113.
    """
    if not 0 < response_rate <= 1 or sd < 0:
        raise ValueError(f"no bound for a response rate of {response_rate} and a standard deviation of {sd}")
    return sd * (1 - r) / (2 * response_rate)

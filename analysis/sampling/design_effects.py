"""Design effects: how many times the variance of a simple random sample a design or its weights cost.

Knows weights, variances and cluster sizes. Must stay true: a design effect is always against a named simple random
sample, with or without its finite population correction; mixing the two is the usual mistake.
"""

import numpy as np
from numpy.typing import NDArray

from analysis.estimate import Estimate, Status, undefined

Floats = NDArray[np.float64]


def kish(weights: Floats) -> Estimate:
    """Kish's design effect of unequal weights, n sum w^2/(sum w)^2 = 1 + CV^2; `detail["n_eff"]` = n/deff.

    weights: (n,), at least 0, up to a factor. 1 for equal weights; over 1.5 the weights cost a third of the answers.
    Right where weights have nothing to do with the answers; post-stratification that explains the answers costs less
    than this says. Undefined without answers, or if all weights are 0.
    R: length(w) * sum(w^2)/sum(w)^2. Kish 1992, Weighting for unequal Pi, J. Official Statistics 8, 183-200.
    """
    method, n = "kish", len(weights)
    if n and float(np.min(weights)) < 0:
        raise ValueError("weights cannot be negative")
    total = float(np.sum(weights))
    if not total:
        return undefined(Status.UNDEFINED_NO_RESPONSES, n=n, method=method)
    squares = float(np.sum(np.square(weights / total)))
    return Estimate(value=n * squares, n=n, method=method, detail={"n_eff": 1 / squares})


def design_effect(
    variance: float, y: Floats, weights: Floats | None = None, population: float | None = None
) -> Estimate:
    """Variance of a mean under the design over that of a simple random sample of as many people.

    deff = V/((1 - n/N) s^2/n), s^2 = n/(n-1) sum w (y - mean)^2/sum w. variance: V of the mean, in squared units of y.
    y: (n,). weights: (n,), None for equal ones. population: N of the simple random sample without replacement; None
    compares with one with replacement. V must have been computed in the same sense: a V without correction over an s^2
    with it is 1/(1 - n/N) too large, also for a simple random sample (R's deff of a design without fpc: 1.0334).
    Undefined for fewer than two answers, equal answers, a census, n > N.
    R: svymean(~y, d, deff = TRUE) (N = sum of the weights), deff = "replace" for None. Kish 1965, Survey Sampling, 8.2.
    """
    method, n = "design_effect", len(y)
    w = np.ones(n) if weights is None else np.asarray(weights, dtype=np.float64)
    if w.shape != np.shape(y) or not np.isfinite(y).all():
        raise ValueError("each finite y needs a weight")
    if n < 2:
        return undefined(Status.UNDEFINED_ONE_RESPONSE if n else Status.UNDEFINED_NO_RESPONSES, n=n, method=method)
    if population is not None and n > population:
        return undefined(Status.UNDEFINED_FRAME_TOO_SMALL, n=n, method=method)
    share = w / w.sum()
    mean = float(share @ y)
    spread = n / (n - 1) * float(share @ np.square(y - mean))
    if spread <= (1e-12 * abs(mean)) ** 2:
        return undefined(Status.UNDEFINED_TOTAL_VARIANCE_ZERO, n=n, method=method)
    simple = spread / n * (1.0 if population is None else 1 - n / population)
    if not simple:
        return undefined(Status.UNDEFINED_ZERO_ERROR, n=n, method=method)
    return Estimate(
        value=variance / simple, n=n, method=method, detail={"n_eff": n * simple / variance} if variance else {}
    )


def cluster_design_effect(sizes: Floats, icc: float) -> float:
    """What asking whole groups costs, 1 + (b - 1) ICC, b = sum m^2/sum m.

    sizes: (C,) answers of each group (window, department, day), above 0; with equal ones b is their size. icc:
    intraclass correlation of the answers, ICC(1); .05 with 20 answers a group doubles the variance.
    Kish 1965, Survey Sampling, 5.4; unequal sizes: Eldridge, Ashby & Kerry 2006, doi:10.1093/ije/dyl129.
    """
    if not len(sizes) or float(np.min(sizes)) <= 0:
        raise ValueError("groups have at least one answer each")
    b = float(np.sum(np.square(sizes, dtype=np.float64)) / np.sum(sizes))
    return 1 + (b - 1) * icc

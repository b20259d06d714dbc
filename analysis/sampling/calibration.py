"""Means with raked (calibrated) weights, and their variance by the residuals of the calibration.

Knows points, weights and margins. Must stay true: what the margins explain of the answers is no error any more, so the
variance is that of the residuals; taking the weights as given overstates it, forgetting them may do either.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from analysis.estimate import Status
from analysis.means import PopulationMean
from analysis.sampling.raking import Margin

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


def calibrated_mean(
    y: Floats,
    weights: Floats,
    margins: Sequence[Margin],
    *,
    design_weights: Floats | None = None,
    cluster: Integers | None = None,
    population: float | None = None,
    level: float = 0.95,
) -> PopulationMean:
    """Mean sum w y/sum w of answers whose weights meet margins, t with C - 1 over C clusters (people, by default).

    e: residuals of y on the indicators of all margins, by least squares with the design weights d; z_i = w_i e_i/sum w,
    summed to clusters; V = (1 - C/N) C/(C - 1) sum_c (z_c - mean z)^2, `se_process` without the first factor.
    y: (n,) finite points. weights: (n,) w, as raked. design_weights: (n,) d before raking, None for equal ones.
    cluster: (n,) numbers from 0, of people who were drawn (or came) together. population: N people, or clusters where
    there are some; None: no correction. Undefined without answers and for C > N; a single person or cluster gives no
    standard error, equal answers within all margins a warning.
    R: svymean(~y, rake(d, …)) for equal d; with unequal ones R's rake() regresses without weights, and its
    calibrate(calfun = "raking") with them, as here. Deville & Saerndal 1992, doi:10.1080/01621459.1992.10475217.
    """
    method, n = "calibrated_mean", len(y)
    w = np.asarray(weights, dtype=np.float64)
    d = np.ones(n) if design_weights is None else np.asarray(design_weights, dtype=np.float64)
    if w.shape != np.shape(y) or d.shape != w.shape or any(m.group.shape != w.shape for m in margins):
        raise ValueError("each y needs a weight, a design weight and a group in each margin")
    if (
        not np.isfinite(y).all()
        or not (np.isfinite(w).all() and np.isfinite(d).all())
        or (n and min(w.min(), d.min()) <= 0)
    ):
        raise ValueError("points must be finite, weights finite and above 0")
    members = np.arange(n) if cluster is None else np.unique(cluster, return_inverse=True)[1]
    clusters = int(members.max(initial=-1)) + 1
    if not n or (population is not None and clusters > population):
        status = Status.UNDEFINED_FRAME_TOO_SMALL if n else Status.UNDEFINED_NO_RESPONSES
        return PopulationMean(value=None, n=n, method=method, status=status)
    share = w / w.sum()
    mean = float(share @ y)
    if clusters < 2:
        status = Status.WARN_ONE_RESPONSE
        return PopulationMean(value=mean, n=n, method=method, status=status, population=population, coverage=1.0)
    z = np.bincount(members, share * _residuals(y - mean, d, margins), minlength=clusters)
    process = clusters / (clusters - 1) * float(np.sum(np.square(z - z.mean())))
    scale = float(np.max(np.abs(y)))
    process = 0.0 if process <= (1e-12 * scale) ** 2 else process
    se = math.sqrt(process * (1.0 if population is None else 1 - clusters / population))
    half = float(stdtrit(clusters - 1, (1 + level) / 2)) * se
    return PopulationMean(
        value=mean,
        se=se,
        lo=mean - half,
        hi=mean + half,
        n=n,
        df=clusters - 1,
        method=method,
        status=Status.OK if process else Status.WARN_NO_VARIATION,
        se_process=math.sqrt(process),
        population=population,
        coverage=1.0,
    )


def _residuals(y: Floats, d: Floats, margins: Sequence[Margin]) -> Floats:
    """What is left of y after its regression on the indicators of all margins, or on a constant without any."""
    columns = [np.equal.outer(m.group, np.arange(len(m.sizes))) for m in margins] or [np.ones((len(y), 1))]
    x = np.concatenate(columns, axis=1).astype(np.float64)
    root = np.sqrt(d)
    # The indicators of each margin add up to one, so the columns depend on each other; the fitted values are unique.
    slopes = np.linalg.lstsq(x * root[:, None], y * root, rcond=None)[0]
    return np.asarray(y - x @ slopes)

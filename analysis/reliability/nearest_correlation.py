"""The correlation matrix nearest to one that no variables can have: a repair that is asked for and says what it moved.

Kept apart because statsmodels is slow to import. Polychoric and pairwise correlations come from different respondents
or tables, so that together they may contradict each other.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from statsmodels.stats.correlation_tools import corr_nearest
from statsmodels.tools.sm_exceptions import IterationLimitWarning

from analysis.estimate import Status

Floats = NDArray[np.float64]

_ROUNDING = 1e-8


@dataclass(frozen=True, eq=False)
class NearestCorrelation:
    """correlations: (k, k), with a diagonal of ones and no eigenvalue below 0 (but for rounding).

    distance: root of the sum of squared changes; largest: the largest change of one correlation. Status
    OK where nothing had to be moved, WARN_NOT_POSITIVE_DEFINITE where something was.
    """

    correlations: Floats
    distance: float
    largest: float
    status: Status


def nearest_correlation(correlations: Floats) -> NearestCorrelation:
    """The positive semidefinite matrix with ones on the diagonal that is nearest in the sum of squared changes.

    correlations: (k, k), symmetric with ones on the diagonal. Read `largest` first: a change beyond the correlations'
    standard errors means that the answers contradict each other, and then no repair helps.
    R: Matrix::nearPD(C, corr = TRUE, do2eigen = FALSE). Higham 2002, doi:10.1093/imanum/22.3.329.
    """
    if correlations.ndim != 2 or not np.array_equal(correlations, correlations.T):
        raise ValueError("a correlation matrix is square and symmetric")
    if not np.isfinite(correlations).all() or (np.abs(np.diagonal(correlations) - 1) > _ROUNDING).any():
        raise ValueError("a correlation matrix is finite, with ones on its diagonal")
    if np.linalg.eigvalsh(correlations)[0] >= -_ROUNDING:
        return NearestCorrelation(correlations, 0.0, 0.0, Status.OK)
    with warnings.catch_warnings():
        # Its alternating projections approach the limit and always end by their number, even when they stand still.
        warnings.simplefilter("ignore", IterationLimitWarning)
        found = corr_nearest(correlations)
    found = (found + found.T) / 2
    if np.linalg.eigvalsh(found)[0] < -_ROUNDING:
        return NearestCorrelation(np.empty((0, 0)), 0.0, 0.0, Status.UNDEFINED_NOT_CONVERGED)
    moved = np.abs(found - correlations)
    largest = float(moved.max())
    return NearestCorrelation(found, float(np.linalg.norm(moved)), largest, Status.WARN_NOT_POSITIVE_DEFINITE)

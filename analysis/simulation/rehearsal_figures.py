"""Numbers over played campaigns with their Monte Carlo errors.

Knows sums by campaign. Must stay true: campaigns are what was drawn, so units of one campaign never count as
independent; without campaigns there is no number, with one no error.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Figure:
    """A mean or share over campaigns, and its Monte Carlo standard error; None where there is nothing to go by."""

    value: float | None
    error: float | None = None


NOTHING = Figure(None)


def ratio(above: Sequence[float] | Floats, below: Sequence[float] | Floats) -> Figure:
    """The ratio sum a / sum b over campaigns, its error by linearisation: sqrt(B/(B-1) sum (a - r b)^2) / sum b.

    above, below: (B,). Cochran 1977, Sampling Techniques, 6.4, without correction, as campaigns are without end.
    """
    a, b = np.asarray(above, dtype=np.float64), np.asarray(below, dtype=np.float64)
    total, draws = float(b.sum()), len(b)
    if total <= 0:
        return NOTHING
    value = float(a.sum()) / total
    if draws < 2:
        return Figure(value)
    return Figure(value, math.sqrt(draws / (draws - 1) * float(((a - value * b) ** 2).sum())) / total)


def mean_of(numbers: Floats, there: NDArray[np.bool_]) -> Figure:
    """Mean over units and campaigns of the numbers that are there; both (B, units)."""
    return ratio(np.where(there, numbers, 0.0).sum(axis=1), there.sum(axis=1))


def student(probability: float, df: Floats) -> Floats:
    """(…) the t quantile; without degrees of freedom NaN."""
    return np.asarray(np.where(df > 0, stdtrit(np.where(df > 0, df, 1.0), probability), np.nan), dtype=np.float64)

"""What an exact number may have been, seen what was shown of it; and how wide a secret must stay.

Knows how `analysis.disclosure` rounds. Must stay true: the exact number lies in the interval given here.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from analysis.results import UnitScore

WIDTH = 20.0  # points that the mean of hidden people must be open by
Interval = tuple[float, float]
Floats = NDArray[np.float64]


def rounded(value: float) -> Interval:
    """What a number may have been that is shown as this whole number, a half upwards."""
    return max(0.0, value - 0.5), min(100.0, value + 0.5)


def shown_interval(score: float | None, lo: float | None, hi: float | None, *, exact: bool) -> Interval | None:
    """What a mean may have been that is shown with this interval; None where it is not shown.

    exact: it was shown with every digit. Otherwise its interval was rounded outwards by less than a point at either end
    and, unless it was cut at 0 or 100, was symmetrical, so that its middle is known to half a point as well.
    """
    if score is None:
        return None
    if exact:
        return score, score
    least, most = rounded(score)
    if lo is not None and hi is not None and lo > 0 and hi < 100:
        least, most = max(least, (lo + hi - 1) / 2), min(most, (lo + hi + 1) / 2)
    return least, most


def spread_of_rules(score: UnitScore, min_cell: int, n_cell: int) -> Interval | None:
    """Between what lies the distance of the highest and the lowest score under other rules, told by the total interval.

    Its half width is sqrt(h^2 + (distance / 2)^2), h that of the sampling interval; both may be rounded outwards, by a
    point or by the step of the total. None where either interval is not shown or both ends of one are cut at 0 and 100.
    """
    exact = score.se_process is not None
    step = max(1.0, math.ceil(WIDTH * (min_cell - 1) / max(n_cell, 1)))
    half = _half(score.score, score.lo, score.hi, 0.0 if exact else 1.0)
    total = _half(score.score, score.total_lo, score.total_hi, step)
    if half is None or total is None:
        return None
    low, high = max(total[0] ** 2 - half[1] ** 2, 0.0), max(total[1] ** 2 - half[0] ** 2, 0.0)
    return 2 * math.sqrt(low), 2 * math.sqrt(high)


def _half(score: float | None, lo: float | None, hi: float | None, step: float) -> Interval | None:
    """Between what lies the half width of an interval whose ends were rounded outwards by less than a step."""
    if score is None or lo is None or hi is None:
        return None
    off = 0.5 if step else 0.0  # a score beside a rounded interval may be a whole number itself
    found = [distance for distance, cut in ((score - lo, lo <= 0), (hi - score, hi >= 100)) if not cut]
    if not found:
        return None
    least = max(max(distance - step - off, 0.0) for distance in found)
    most = min(distance + off for distance in found)
    return (least, most) if least <= most else (0.0, 100.0)


def needed_width(few: Floats, shown: Floats, interval: Interval, room: Floats, width: float = WIDTH) -> float:
    """The least width to ask for the mean of a few people, seen one published mean of more.

    few, shown: weights (m,) of the two means, none below 0; room: (m,) the most that each sum can be; interval: what
    the published one was shown to lie in.
    Where nearly all points are given, the mean of all alone bounds every few: of 12 people at 98, any 3 have 92 or
    more. That was decided when the 12 were shown. What must not happen is that more was published than that mean and
    that this narrows the interval, so asked is the smaller of `width` and half of what the mean alone leaves: two
    knapsacks whose things can be cut (Dantzig 1957, doi:10.1287/opre.5.2.266), filled by the ratio of the weights.
    """
    free = shown <= 0
    base, some = float(few[free] @ room[free]), ~free & (room > 0)
    ratio, weight = few[some] / shown[some], shown[some] * room[some]
    most = base + _filled(np.argsort(-ratio, kind="stable"), ratio, weight, interval[1])
    least = _filled(np.argsort(ratio, kind="stable"), ratio, weight, interval[0])
    return min(width, max(most - least, 0.0) / 2)


def _filled(order: NDArray[np.intp], ratio: Floats, weight: Floats, budget: float) -> float:
    """What is gained by spending a budget on things in an order, each up to its weight."""
    sorted_weight = weight[order]
    before = np.cumsum(sorted_weight) - sorted_weight
    return float(ratio[order] @ np.clip(budget - before, 0.0, sorted_weight))

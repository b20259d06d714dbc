"""What the score would have been under other defensible rules, and the interval that takes both kinds of doubt in.

Knows scores of units in declared universes (exclusion rule, missing rule, weights, points) and the official score. Must
stay true: universes are declared before looking; their numbers differ by single persons and are for the analysis, not
for publishing cell by cell (`disclosure`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.estimate import Estimate, Status, undefined

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Envelope:
    """One unit over all universes.

    universes: those in which it has a score. median, least, most: of its scores there; width: most - least;
    None without any. best_third, worst_third: share of universes in which it is among the best or worst third of those
    scored there, None with fewer than three units in every one. 0 and 1 are stable.
    total: the official score with its total interval: half width sqrt((t SE)^2 + (width/2)^2), ends cut at the scale.
    """

    universes: int
    median: float | None
    least: float | None
    most: float | None
    width: float | None
    best_third: float | None
    worst_third: float | None
    total: Estimate


def multiverse(
    scores: Floats, official: tuple[Estimate, ...] | list[Estimate], *, scale: tuple[float, float] = (0.0, 100.0)
) -> tuple[Envelope, ...]:
    """Envelope and total interval of each unit.

    scores: (U, J) of unit u in each universe, NaN where it has none there; the official rule is one of the universes.
    official: J published scores with their sampling interval (lo, hi). scale: ends of the points.
    The width grows with the number of universes and is no standard error: halved and added in squares it is a bias of
    unknown sign within the envelope. Over 5 points, or over the margin of error, the rule decides more than the people
    do. `total.detail["envelope"]`: the width; `total.se` stays that of sampling.
    Without any universe the unit's total is undefined; a score without interval keeps no interval.
    Steegen, Tuerlinckx, Gelman & Vanpaemel 2016, doi:10.1177/1745691616658637; Simonsohn, Simmons & Nelson 2020,
    doi:10.1038/s41562-020-0912-z.
    """
    grid = np.asarray(scores, dtype=np.float64)
    if grid.ndim != 2 or grid.shape[1] != len(official) or np.isinf(grid).any():
        raise ValueError(f"scores of {len(official)} units in each universe, not {grid.shape}")
    best, worst, counted = _thirds(grid)
    found = []
    for unit, score in enumerate(official):
        values = grid[:, unit][~np.isnan(grid[:, unit])]
        if not len(values):
            total = undefined(Status.UNDEFINED_NO_RESPONSES, n=score.n, method="total")
            found.append(Envelope(0, None, None, None, None, None, None, total))
            continue
        least, most = float(values.min()), float(values.max())
        ranked = int(counted[unit])
        found.append(
            Envelope(
                universes=len(values),
                median=float(np.median(values)),
                least=least,
                most=most,
                width=most - least,
                best_third=float(best[unit]) / ranked if ranked else None,
                worst_third=float(worst[unit]) / ranked if ranked else None,
                total=total_interval(score, most - least, scale=scale),
            )
        )
    return tuple(found)


def total_interval(score: Estimate, envelope: float, *, scale: tuple[float, float] = (0.0, 100.0)) -> Estimate:
    """The score with half width sqrt((t SE)^2 + (envelope/2)^2), ends cut at the scale.

    score: with lo and hi symmetric about the value, (hi - lo)/2 = t SE; without them (one answer) none is made up.
    """
    if envelope < 0:
        raise ValueError(f"an envelope cannot be {envelope} wide")
    if score.value is None:
        return undefined(score.status, n=score.n, method="total", detail=score.detail)
    detail = {**score.detail, "envelope": envelope}
    if score.lo is None or score.hi is None:
        return Estimate(value=score.value, n=score.n, method="total", status=score.status, detail=detail)
    half = float(np.hypot((score.hi - score.lo) / 2, envelope / 2))
    return Estimate(
        value=score.value,
        se=score.se,
        lo=max(score.value - half, scale[0]),
        hi=min(score.value + half, scale[1]),
        n=score.n,
        df=score.df,
        method="total",
        status=score.status,
        detail=detail,
    )


def _thirds(grid: Floats) -> tuple[Floats, Floats, Floats]:
    """(J,) universes in which a unit is in the best third, in the worst, and in which there are thirds for it.

    A third of J' units is J'/3 rounded down; units tied at its border are all in it.
    """
    best, worst, counted = (np.zeros(grid.shape[1]) for _ in range(3))
    for row in grid:
        has = ~np.isnan(row)
        third = int(np.count_nonzero(has)) // 3
        if not third:
            continue
        values = np.sort(row[has])
        counted += has
        best += has & (np.where(has, row, -np.inf) >= values[-third])
        worst += has & (np.where(has, row, np.inf) <= values[third - 1])
    return best, worst, counted

"""Importance and performance of dimensions side by side: where to act first, and where the data cannot tell.

Knows importances (from `drivers`) and mean scores. Must stay true: a dimension is put into a quadrant only where both
of its intervals keep off the borders.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from analysis.estimate import Estimate


class Quadrant(StrEnum):
    """Where a dimension lies: importance above or below the mean of all, performance likewise.

    ACT_FIRST     important, weak: act here first
    KEEP_UP       important, strong: keep it up
    LOW_PRIORITY  unimportant, weak
    OVERSUPPLIED  unimportant, strong: possibly more than is needed
    CANNOT_TELL   an interval crosses a border, or a number is missing
    """

    ACT_FIRST = "act_first"
    KEEP_UP = "keep_up"
    LOW_PRIORITY = "low_priority"
    OVERSUPPLIED = "oversupplied"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True)
class Priority:
    """One dimension. important, strong: None where its interval crosses the border."""

    quadrant: Quadrant
    important: bool | None
    strong: bool | None


@dataclass(frozen=True)
class Priorities:
    """All dimensions, and the borders: the means of the importances and performances that are defined, else None."""

    dimensions: tuple[Priority, ...]
    importance_border: float | None
    performance_border: float | None


def priorities(importance: Sequence[Estimate], performance: Sequence[Estimate]) -> Priorities:
    """Quadrants of importance and performance, borders at the means over dimensions.

    importance, performance: one Estimate with lo and hi per dimension, in the same order: relative weights or slopes
    (`drivers`), and mean scores. An estimate without interval cannot be told. The borders are taken as known, so a
    dimension close to one is told a little too easily; with two dimensions they are mirror images of each other.
    Where all are about equally important the picture has nothing to say, and says so by "cannot tell".
    Martilla & James 1977, doi:10.1177/002224297704100112; derived importance and its limits: Azzopardi & Nash 2013,
    doi:10.1016/j.tourman.2012.07.007.
    """
    if len(importance) != len(performance):
        raise ValueError(
            f"{len(importance)} importances and {len(performance)} performances are not the same dimensions"
        )
    borders = (_mean(importance), _mean(performance))
    found = []
    for weight, score in zip(importance, performance, strict=True):
        important, strong = _above(weight, borders[0]), _above(score, borders[1])
        if important is None or strong is None:
            quadrant = Quadrant.CANNOT_TELL
        elif important:
            quadrant = Quadrant.KEEP_UP if strong else Quadrant.ACT_FIRST
        else:
            quadrant = Quadrant.OVERSUPPLIED if strong else Quadrant.LOW_PRIORITY
        found.append(Priority(quadrant, important, strong))
    return Priorities(tuple(found), *borders)


def _mean(estimates: Sequence[Estimate]) -> float | None:
    values = [estimate.value for estimate in estimates if estimate.value is not None]
    return sum(values) / len(values) if values else None


def _above(estimate: Estimate, border: float | None) -> bool | None:
    if border is None or estimate.lo is None or estimate.hi is None or estimate.lo <= border <= estimate.hi:
        return None
    return estimate.lo > border

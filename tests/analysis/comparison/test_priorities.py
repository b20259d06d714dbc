"""Importance and performance: quadrants only where both intervals keep off the borders."""

import pytest

from analysis.comparison.priorities import Priorities, Quadrant, priorities
from analysis.estimate import Estimate, Status, undefined


def estimate(value: float, half: float | None) -> Estimate:
    lo, hi = (None, None) if half is None else (value - half, value + half)
    return Estimate(value=value, lo=lo, hi=hi, n=50, method="m")


def quadrants(found: Priorities) -> list[Quadrant]:
    return [dimension.quadrant for dimension in found.dimensions]


def test_priorities__four_clear_dimensions__fill_the_four_quadrants() -> None:
    importance = [estimate(v, 0.02) for v in (0.30, 0.30, 0.10, 0.10)]
    performance = [estimate(v, 3) for v in (60, 80, 60, 80)]
    found = priorities(importance, performance)
    assert quadrants(found) == [Quadrant.ACT_FIRST, Quadrant.KEEP_UP, Quadrant.LOW_PRIORITY, Quadrant.OVERSUPPLIED]
    assert (found.importance_border, found.performance_border) == (pytest.approx(0.2), 70)


def test_priorities__an_interval_over_a_border__cannot_be_told_but_the_other_side_can() -> None:
    importance = [estimate(0.30, 0.15), estimate(0.10, 0.02), estimate(0.20, 0.001)]
    performance = [estimate(60, 3), estimate(80, 11), estimate(70, 0)]
    found = priorities(importance, performance)
    assert quadrants(found) == [Quadrant.CANNOT_TELL] * 3
    assert [(d.important, d.strong) for d in found.dimensions] == [(None, False), (False, None), (None, None)]


def test_priorities__numbers_that_are_missing__are_left_out_of_the_borders_and_not_told() -> None:
    none = undefined(Status.UNDEFINED_SINGULAR, n=3, method="m")
    found = priorities([none, estimate(0.3, 0.01), estimate(0.1, None)], [estimate(60, 1), estimate(80, 1), none])
    assert quadrants(found) == [Quadrant.CANNOT_TELL, Quadrant.KEEP_UP, Quadrant.CANNOT_TELL]
    assert (found.importance_border, found.performance_border) == (pytest.approx(0.2), 70)
    nothing = priorities([none], [none])
    assert (nothing.importance_border, quadrants(nothing)) == (None, [Quadrant.CANNOT_TELL])
    assert priorities([], []).dimensions == ()
    with pytest.raises(ValueError, match="not the same dimensions"):
        priorities([none], [])

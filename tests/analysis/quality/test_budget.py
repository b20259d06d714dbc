"""What a rule costs in careful people: counted cases, and counted again on fresh draws."""

import numpy as np
import pytest
from scipy.stats import beta, binom

from analysis.estimate import Status
from analysis.quality.budget import error_budget
from analysis.quality.budget_counted import ATTENTIVE, MEASURED_WITH
from analysis.quality.budget_shapes import Shape, grid
from analysis.quality.families import DEFAULT_CUTS, Family
from analysis.simulation.audiences import any_shape, staff
from analysis.simulation.false_flags import attentive_families

ALL = frozenset(Family)
TWELVE = Shape(items=12, reversed_items=2, choices=5)
SIX = Shape(items=6, reversed_items=1, choices=3)


def counted(shape: Shape, needed: int = 2) -> tuple[int, int]:
    """(attentive responses, those of them with so many families) as the table has them."""
    counts = ATTENTIVE[shape.key]
    return sum(counts), sum(count for bits, count in enumerate(counts) if bits.bit_count() >= needed)


def test_table__has_every_shape_of_the_grid_and_the_cuts_in_force():
    assert list(ATTENTIVE) == [shape.key for shape in grid()]
    assert len(ATTENTIVE) == 630
    assert DEFAULT_CUTS.version == MEASURED_WITH
    assert {sum(counts) > 50_000 for counts in ATTENTIVE.values()} == {True}


def test_rate__two_of_all_families__is_the_share_of_counted_cases():
    draws, two = counted(TWELVE)
    found = error_budget(10_000, 700, ALL, shapes=(TWELVE,))
    assert (found.status, found.shape, found.draws) == (Status.OK, TWELVE, draws)
    assert found.rate == pytest.approx(two / draws)
    assert found.expected == pytest.approx(10_000 * two / draws)
    assert found.share_of_excluded == pytest.approx(10_000 * two / draws / 700)


def test_rate__between_shapes__is_that_of_the_worst():
    for shapes in ((TWELVE, SIX), (SIX, TWELVE)):
        found = error_budget(1000, 40, ALL, shapes=shapes)
        assert found.shape == SIX
        assert found.rate == error_budget(1000, 40, ALL, shapes=(SIX,)).rate
    assert counted(SIX)[1] / counted(SIX)[0] > 10 * counted(TWELVE)[1] / counted(TWELVE)[0]


def test_rate__no_measured_shape__is_said_to_be_none():
    found = error_budget(1000, 40, ALL, shapes=())
    assert found.status is Status.UNDEFINED_NOT_MEASURED
    assert (found.rate, found.rate_upper, found.expected, found.upper, found.shape) == (None,) * 5
    assert (found.share_of_excluded, found.draws) == (None, None)


def test_upper__of_rate_and_count__are_clopper_pearson_and_binomial():
    draws, two = counted(TWELVE)
    found = error_budget(5_000, 300, ALL, shapes=(TWELVE,))
    assert found.rate_upper == pytest.approx(beta.ppf(0.95, two + 1, draws - two), rel=1e-9)
    assert found.upper == binom.ppf(0.95, 5_000, beta.ppf(0.95, two + 1, draws - two))
    assert found.upper is not None
    assert found.expected is not None
    assert found.upper > found.expected


def test_budget__fewer_families__costs_fewer_careful_people():
    def rate(available: frozenset[Family], needed: int) -> float:
        return error_budget(1000, 50, available, needed, shapes=(TWELVE,)).rate or 0.0

    assert 0 < rate(ALL - {Family.TIME}, 2) < rate(ALL, 2)
    assert rate(ALL, 3) < rate(ALL, 2) < rate(ALL, 1)


@pytest.mark.parametrize("shapes", [(), (TWELVE,)])
def test_budget__nobody_can_be_excluded__is_zero_whatever_the_shape(shapes: tuple[Shape, ...]):
    for available, needed in ((set(), 2), ({Family.TIME}, 1), (ALL, 0)):
        found = error_budget(1000, 0, available, needed, shapes=shapes)
        assert (found.status, found.rate, found.rate_upper, found.expected, found.upper) == (
            Status.OK,
            0.0,
            0.0,
            0.0,
            0,
        )
        assert (found.share_of_excluded, found.shape) == (None, None)


def test_budget__of_nobody__expects_nobody():
    found = error_budget(0, 0, ALL, shapes=(TWELVE,))
    assert (found.expected, found.upper) == (0.0, 0)


def test_budget__numbers_that_cannot_be__are_refused():
    for n, out, available, needed in ((10, 11, ALL, 2), (10, -1, ALL, 2), (10, 1, ALL, -1), (10, 1, {Family.TIME}, 2)):
        with pytest.raises(ValueError, match="excluded"):
            error_budget(n, out, available, needed, shapes=(TWELVE,))


@pytest.mark.parametrize("shape", [TWELVE, SIX])
def test_counted_cases__fresh_draws__are_as_many_as_in_the_table(shape: Shape):
    counts = attentive_families(any_shape(shape), range(501, 511))
    fresh = counts[np.bitwise_count(np.arange(len(counts))) >= 2].sum()
    n, (draws, two) = int(counts.sum()), counted(shape)
    assert binom.ppf(1e-6, n, two / draws) <= fresh <= binom.ppf(1 - 1e-6, n, two / draws)


def test_counted_cases__the_same_seed__are_the_same():
    seeds = range(7, 8)
    assert attentive_families(staff(), seeds).tolist() == attentive_families(staff(), seeds).tolist()

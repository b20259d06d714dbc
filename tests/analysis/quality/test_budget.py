"""What a rule costs in careful people: counted cases, and counted again on fresh draws."""

import numpy as np
import pytest
from scipy.stats import beta, binom

from analysis.quality.budget import ATTENTIVE, MEASURED_WITH, error_budget
from analysis.quality.families import DEFAULT_CUTS, Family
from analysis.simulation.audiences import staff
from analysis.simulation.false_flags import attentive_families

ALL = frozenset(Family)


def test_rate__two_of_all_families__is_the_share_of_counted_cases():
    cases = [(bits, count) for counts in ATTENTIVE.values() for bits, count in counts.items()]
    two = sum(count for bits, count in cases if bits in (3, 5, 6, 9, 10, 11, 12, 13))
    found = error_budget(10_000, 700, ALL)
    assert found.draws == sum(count for _, count in cases) == 775_301
    assert found.rate == pytest.approx(two / 775_301)
    assert found.expected == pytest.approx(10_000 * found.rate)
    assert found.share_of_excluded == pytest.approx(found.expected / 700)


def test_upper__of_rate_and_count__are_clopper_pearson_and_binomial():
    found = error_budget(5_000, 300, ALL)
    bounds = []
    for counts in ATTENTIVE.values():
        n, some = sum(counts.values()), sum(count for bits, count in counts.items() if bits.bit_count() >= 2)
        bounds.append(beta.ppf(0.95, some + 1, n - some))
    assert found.rate_upper == pytest.approx(max(bounds), rel=1e-9)
    assert found.upper == binom.ppf(0.95, 5_000, found.rate_upper)
    assert found.upper > found.expected


def test_budget__fewer_families__costs_fewer_careful_people():
    three = error_budget(1000, 50, {Family.TIME, Family.INCONSISTENCY, Family.INTEGRITY})
    assert 0 < three.rate < error_budget(1000, 50, ALL).rate
    assert (
        error_budget(1000, 50, ALL, 3).rate < error_budget(1000, 50, ALL, 2).rate < error_budget(1000, 50, ALL, 1).rate
    )


def test_budget__nobody_can_be_excluded__is_zero():
    for available, needed in ((set(), 2), ({Family.TIME}, 1), (ALL, 0)):
        found = error_budget(1000, 0, available, needed)
        assert (found.rate, found.rate_upper, found.expected, found.upper) == (0.0, 0.0, 0.0, 0)
        assert found.share_of_excluded is None
    assert error_budget(0, 0, ALL).upper == 0


def test_budget__numbers_that_cannot_be__are_refused():
    for n, out, available, needed in ((10, 11, ALL, 2), (10, -1, ALL, 2), (10, 1, ALL, -1), (10, 1, {Family.TIME}, 2)):
        with pytest.raises(ValueError, match="excluded"):
            error_budget(n, out, available, needed)


def test_counted_cases__fresh_draws_of_staff__are_as_many_as_in_the_table():
    counts = attentive_families(staff(), range(501, 507))
    bits = np.arange(len(counts))
    fresh = counts[np.bitwise_count(bits) >= 2].sum()
    n, kept = int(counts.sum()), ATTENTIVE["staff"]
    rate = sum(count for mask, count in kept.items() if mask.bit_count() >= 2) / sum(kept.values())
    assert binom.ppf(1e-6, n, rate) <= fresh <= binom.ppf(1 - 1e-6, n, rate)
    assert DEFAULT_CUTS.version == MEASURED_WITH


def test_counted_cases__the_same_seed__are_the_same():
    seeds = range(7, 8)
    assert attentive_families(staff(), seeds).tolist() == attentive_families(staff(), seeds).tolist()

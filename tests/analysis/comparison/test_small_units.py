"""Pooled standard deviations and Satterthwaite's degrees of freedom: limits, coverage by simulation, statuses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import stdtrit

from analysis.comparison.small_units import pooled_scores, pooled_variance
from analysis.degrees_of_freedom import satterthwaite_df
from analysis.estimate import Status
from analysis.means import mean_srs


@given(st.lists(st.tuples(st.floats(1e-9, 100), st.integers(1, 50)), min_size=1, max_size=8))
def test_satterthwaite__any_strata__lies_between_the_smallest_and_the_sum(strata: list) -> None:
    parts, df = (np.array(column, dtype=float) for column in zip(*strata, strict=True))
    found = float(satterthwaite_df(parts, df))
    assert df.min() * (1 - 1e-12) <= found <= df.sum() * (1 + 1e-12)


def test_satterthwaite__worked_values__are_welchs_and_the_sum_for_equal_strata() -> None:
    assert satterthwaite_df(np.array([2.0, 2.0]), np.array([9, 9])) == pytest.approx(18)
    # Welch's df of two groups, a = s^2/n
    a, b = 4.0, 1.0
    assert satterthwaite_df(np.array([a, b]), np.array([4, 19])) == pytest.approx((a + b) ** 2 / (a**2 / 4 + b**2 / 19))
    rows = satterthwaite_df(np.array([[1.0, 0.0], [0.0, 0.0]]), np.array([5, 7]))
    assert rows.tolist() == [5.0, 12.0]
    assert satterthwaite_df(np.array([1e-200, 1e-200]), np.array([9, 9])) == pytest.approx(18)
    with pytest.raises(ValueError, match="degrees of freedom"):
        satterthwaite_df(np.array([1.0]), np.array([0]))


def test_pooled__one_unit__is_its_own_interval() -> None:
    y = np.random.default_rng(1).normal(70, 12, 9)
    found = pooled_scores(np.array([y.mean()]), np.array([9]), np.array([y.var(ddof=1)]), np.array([30.0]))[0]
    wanted = mean_srs(y, 30)
    for part in ("value", "se", "se_process", "lo", "hi", "df"):
        assert getattr(found, part) == pytest.approx(getattr(wanted, part), rel=1e-12)


def test_pooled__several_units__share_the_spread_and_the_degrees_of_freedom() -> None:
    n, variance = np.array([5, 1, 15]), np.array([100.0, np.nan, 300.0])
    pooled = pooled_variance(n, variance)
    assert (pooled.variance, pooled.df) == (pytest.approx((4 * 100 + 14 * 300) / 18), 18)
    found = pooled_scores(np.array([60.0, 70.0, 80.0]), n, variance)
    assert [f.df for f in found] == [18, 18, 18]
    assert found[1].se == pytest.approx(np.sqrt(pooled.variance))
    assert found[2].se == pytest.approx(np.sqrt(pooled.variance / 15))


def test_pooled__census_and_degenerate_units__say_what_they_are() -> None:
    mean, n = np.array([60.0, 70.0, 80.0, 90.0]), np.array([4, 0, 9, 3])
    found = pooled_scores(mean, n, np.full(4, 50.0), np.array([4.0, 10.0, 8.0, np.nan]))
    assert (found[0].se, found[0].hi) == (0.0, 60.0)
    assert found[0].se_process > 0
    statuses = [f.status for f in found]
    assert statuses == [Status.OK, Status.UNDEFINED_NO_RESPONSES, Status.UNDEFINED_FRAME_TOO_SMALL, Status.OK]
    single = pooled_scores(np.array([60.0]), np.array([1]), np.array([0.0]))[0]
    assert (single.value, single.status) == (None, Status.UNDEFINED_ONE_RESPONSE)
    alike = pooled_scores(np.array([60.0]), np.array([4]), np.array([0.0]))[0]
    assert (alike.se, alike.status) == (0.0, Status.WARN_NO_VARIATION)


def test_pooled__skewed_answers_of_small_units__covers_more_often_with_shorter_intervals() -> None:
    rng = np.random.default_rng(7)
    own, pooled, widths = [], [], []
    for _ in range(300):
        sizes = rng.integers(12, 41, 12)
        n = np.minimum(rng.integers(5, 16, 12), sizes)
        mean, variance, truth = np.zeros(12), np.zeros(12), np.zeros(12)
        for unit, centre in enumerate(rng.normal(78, 5, 12)):
            people = centre - 16 * (rng.gamma(1.5, 1, sizes[unit]) - 1.5) / np.sqrt(1.5)
            people = np.clip(np.round(people / 100 * 9), 0, 9) / 9 * 100
            y = rng.choice(people, n[unit], replace=False)
            mean[unit], variance[unit], truth[unit] = y.mean(), y.var(ddof=1), people.mean()
        half = stdtrit(n - 1, 0.975) * np.sqrt((1 - n / sizes) * variance / n)
        together = pooled_scores(mean, n, variance, sizes.astype(float))
        half_pooled = np.array([f.hi - f.value for f in together])
        own.append(np.abs(mean - truth) <= half)
        pooled.append(np.abs(mean - truth) <= half_pooled)
        widths.append(half_pooled.mean() / half.mean())
    # 3,600 intervals each, standard error .004
    assert np.mean(pooled) > 0.935
    assert np.mean(pooled) - np.mean(own) > 0.01
    assert np.mean(widths) < 0.95

"""Pairs of units: against scipy's and statsmodels' own tests, correlated errors, statuses. R: goldens/comparison.py."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multicomp import pairwise_tukeyhsd

from analysis.comparison.pairwise import (
    Contrasts,
    games_howell,
    goldstein_healy_factor,
    tukey_hsd,
    welch_anova,
    welch_contrasts,
)
from analysis.estimate import Status


def people(seed: int = 1, sizes: tuple[int, ...] = (8, 12, 20, 6)) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.normal(70 + 4 * unit, 6 + 3 * unit, size) for unit, size in enumerate(sizes)]


def summaries(units: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return (
        np.array([y.mean() for y in units]), np.array([y.var(ddof=1) for y in units]), np.array([len(y) for y in units])
    )  # fmt: skip


def welch(units: list[np.ndarray], **asked: object) -> Contrasts:
    mean, variance, n = summaries(units)
    return welch_contrasts(mean, variance / n, n - 1.0, **asked)


def test_welch__each_pair__is_the_t_test_of_two_samples_and_holm_multiplies_in_steps() -> None:
    units = people()
    found = welch(units)
    assert list(zip(found.first.tolist(), found.second.tolist(), strict=True)) == [
        (0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3),
    ]  # fmt: skip
    for at, (j, k) in enumerate(zip(found.first, found.second, strict=True)):
        wanted = stats.ttest_ind(units[j], units[k], equal_var=False)
        assert [found.p[at], found.df[at]] == pytest.approx([wanted.pvalue, wanted.df], rel=1e-10)
        interval = wanted.confidence_interval(1 - 0.05 / 6)
        assert [found.lo[at], found.hi[at]] == pytest.approx([interval.low, interval.high], rel=1e-9)
    order = np.argsort(found.p)
    steps = np.maximum.accumulate(found.p[order] * np.arange(6, 0, -1))
    np.testing.assert_allclose(found.p_adjusted[order], np.minimum(steps, 1))
    plain = welch(units, adjust="none")
    np.testing.assert_array_equal(plain.p_adjusted, plain.p)
    assert (plain.hi - plain.lo < found.hi - found.lo).all()


def test_welch__raters_of_both_units__count_as_pairs_not_as_two_samples() -> None:
    rng = np.random.default_rng(4)
    severity = rng.normal(0, 12, 15)
    units = [70 + severity + rng.normal(0, 3, 15), 73 + severity + rng.normal(0, 3, 15)]
    mean, variance, n = summaries(units)
    shared = np.cov(units) / 15
    found = welch_contrasts(mean, variance / n, n - 1.0, covariance=shared)
    wanted = stats.ttest_rel(*units)
    assert [found.p[0], found.df[0]] == pytest.approx([wanted.pvalue, 14], rel=1e-9)
    assert found.p[0] < 0.05 < welch(units).p[0]


def test_tukey_and_games_howell__any_units__are_scipys_and_statsmodels() -> None:
    units = people()
    y, group = np.concatenate(units), np.repeat(np.arange(4), [len(part) for part in units])
    for function, equal in ((tukey_hsd, True), (games_howell, False)):
        found = function(*summaries(units))
        wanted = stats.tukey_hsd(*units, equal_var=equal)
        limits = wanted.confidence_interval()
        j, k = found.first, found.second
        np.testing.assert_allclose(found.p_adjusted, wanted.pvalue[j, k], rtol=1e-6)
        np.testing.assert_allclose(found.lo, limits.low[j, k], rtol=1e-6)
        np.testing.assert_allclose(found.hi, limits.high[j, k], rtol=1e-6)
        table = pairwise_tukeyhsd(y, group, use_var="equal" if equal else "unequal")
        np.testing.assert_allclose(found.p_adjusted, table.pvalues, atol=2e-3)
        np.testing.assert_allclose(-found.difference, table.meandiffs)


def test_welch_anova__two_units__is_the_square_of_welchs_t() -> None:
    units = people(sizes=(9, 14))
    found, wanted = welch_anova(*summaries(units)), stats.ttest_ind(*units, equal_var=False)
    assert [found.f, found.df2, found.p] == pytest.approx([wanted.statistic**2, wanted.df, wanted.pvalue], rel=1e-10)


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 10**6))
def test_contrasts__units_in_another_order__are_the_same_differences(seed: int) -> None:
    units, order = people(seed), np.random.default_rng(seed).permutation(4)
    for function in (welch, lambda u: games_howell(*summaries(u))):
        one, other = function(units), function([units[unit] for unit in order])
        place = {(j, k): at for at, (j, k) in enumerate(zip(one.first.tolist(), one.second.tolist(), strict=True))}
        for at, (j, k) in enumerate(zip(order[other.first], order[other.second], strict=True)):
            straight = (int(j), int(k)) in place
            pair = place[(int(j), int(k)) if straight else (int(k), int(j))]
            assert other.difference[at] == pytest.approx((1 if straight else -1) * one.difference[pair])
            assert other.p_adjusted[at] == pytest.approx(one.p_adjusted[pair], rel=1e-6)


def test_contrasts__no_error_or_one_unit__say_so() -> None:
    found = welch_contrasts(np.array([70.0, 70.0, 60.0]), np.zeros(3), np.full(3, 4.0))
    assert (found.p.tolist(), found.status) == ([1.0, 0.0, 0.0], Status.WARN_NO_VARIATION)
    assert found.lo.tolist() == found.hi.tolist() == found.difference.tolist()
    flat = games_howell(np.array([70.0, 60.0, 65.0]), np.array([0.0, 0.0, 4.0]), np.array([5, 5, 5]))
    assert (flat.p_adjusted[0], flat.status) == (0.0, Status.WARN_NO_VARIATION)
    assert np.isfinite(np.concatenate([flat.lo, flat.hi, flat.df, flat.p])).all()
    one = np.array([70.0]), np.array([4.0]), np.array([5])
    for alone in (welch_contrasts(*one), tukey_hsd(*one), games_howell(*one)):
        assert (len(alone.p), alone.status) == (0, Status.UNDEFINED_ONE_UNIT)
    assert (welch_anova(*one).f, welch_anova(*one).status) == (None, Status.UNDEFINED_ONE_UNIT)
    zero = welch_anova(np.array([70.0, 60.0]), np.array([0.0, 4.0]), np.array([5, 5]))
    assert (zero.p, zero.status) == (None, Status.UNDEFINED_ZERO_ERROR)


def test_contrasts__known_variances__use_the_normal_distribution() -> None:
    found = welch_contrasts(np.array([70.0, 65.0]), np.array([2.0, 2.0]), np.full(2, np.inf))
    assert found.p[0] == pytest.approx(2 * stats.norm.sf(2.5))


def test_goldstein_healy__equal_errors__is_139_and_unequal_ones_lie_between() -> None:
    assert goldstein_healy_factor(np.full(7, 2.0)) == pytest.approx(1.959963984540054 / np.sqrt(2))
    assert goldstein_healy_factor(np.array([3.0])) == pytest.approx(1.3859038)
    found = goldstein_healy_factor(np.array([1.0, 4.0, 9.0, 0.0]))
    assert 1.386 < found < 1.96
    s = np.array([1.0, 4.0, 9.0])
    j, k = np.triu_indices(3, 1)
    chance = 2 * stats.norm.sf(found * (s[j] + s[k]) / np.hypot(s[j], s[k]))
    assert chance.mean() == pytest.approx(0.05, abs=1e-10)


def test_contrasts__what_does_not_fit__is_refused() -> None:
    y, v, df = np.array([70.0, 60.0]), np.ones(2), np.full(2, 4.0)
    for call in (
        lambda: welch_contrasts(y, v, np.zeros(2)),
        lambda: welch_contrasts(y, v[:1], df),
        lambda: welch_contrasts(y, v, df, covariance=np.ones((3, 3))),
        lambda: welch_contrasts(y, v, df, covariance=np.full((2, 2), 2.0)),
        lambda: tukey_hsd(y, v, np.array([5, 1])),
        lambda: games_howell(y, -v, np.array([5, 5])),
    ):
        with pytest.raises(ValueError, match=r"."):
            call()

"""Reliability: textbook identities, the influence function against its definition and against simulation, statuses."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.estimate import Estimate, Status, undefined
from analysis.moments import grouped_moments, moments
from analysis.reliability.alpha import (
    alpha_if_deleted,
    cronbach_alpha,
    influence_interval,
    item_rest_correlations,
    item_total_correlations,
    spearman_brown,
    standardized_alpha,
)
from analysis.reliability.intervals import feldt_interval


def scale(n: int = 300, k: int = 5, seed: int = 1) -> np.ndarray:
    """Answers 1 to 5 of n people to k items with one factor."""
    rng = np.random.default_rng(seed)
    return np.clip(np.round(3.3 + 0.7 * rng.normal(size=(n, 1)) + 0.8 * rng.normal(size=(n, k))), 1, 5).astype(np.int8)


def alpha_of(codes: np.ndarray) -> Estimate:
    return cronbach_alpha(moments(codes).covariance(), len(codes))


seeds = st.integers(0, 10**6)


@settings(deadline=None)
@given(seeds, st.integers(2, 8), st.randoms(use_true_random=False))
def test_alpha__items_in_another_order__is_the_same(seed: int, k: int, random: Any) -> None:
    codes, order = scale(60, k, seed), list(range(k))
    random.shuffle(order)
    for statistic in (alpha_of, influence_interval):
        a, b = statistic(codes), statistic(codes[:, order])
        assert (b.value, b.se) == (pytest.approx(a.value, abs=1e-12), a.se and pytest.approx(a.se, abs=1e-12))
    cov = moments(codes).covariance()
    moved = item_rest_correlations(cov[np.ix_(order, order)], 60)
    assert [r.value for r in moved] == pytest.approx([item_rest_correlations(cov, 60)[j].value for j in order])


@settings(deadline=None)
@given(seeds, st.integers(2, 8), st.sampled_from([-3, -1, 2, 7]), st.integers(-50, 50))
def test_alpha__all_items_on_another_scale__is_the_same(seed: int, k: int, factor: int, shift: int) -> None:
    codes = scale(60, k, seed)
    other = codes.astype(np.int32) * factor + shift
    for statistic in (alpha_of, influence_interval):
        a, b = statistic(codes), statistic(other)
        assert b.value == pytest.approx(a.value, abs=1e-10)
        assert (a.se is None) == (b.se is None)
        assert a.se is None or b.se == pytest.approx(a.se, abs=1e-10)


@settings(deadline=None)
@given(seeds)
def test_alpha__respondents_in_another_order__has_the_same_bits(seed: int) -> None:
    codes = scale(100, 5, seed)
    assert alpha_of(np.random.default_rng(seed).permutation(codes)) == alpha_of(codes)


def test_alpha__two_items__is_rulons_split_half() -> None:
    codes = scale(80, 2)
    variances, total = codes.var(axis=0, ddof=1), codes.sum(axis=1).var(ddof=1)
    assert alpha_of(codes).value == pytest.approx(2 * (1 - variances.sum() / total), abs=1e-12)


def test_alpha__opposite_items__has_no_total_variance() -> None:
    x = scale(50, 1)
    found = alpha_of(np.hstack((x, 6 - x)))
    assert (found.value, found.status) == (None, Status.UNDEFINED_TOTAL_VARIANCE_ZERO)
    rest = item_rest_correlations(moments(np.hstack((x, 6 - x, np.full_like(x, 3)))).covariance(), 50)
    assert rest[2].status is Status.UNDEFINED_ITEM_VARIANCE_ZERO
    assert rest[0].value == pytest.approx(-1)


def test_alpha__constant_and_reversed_item_together__names_both() -> None:
    codes = scale(100, 7)
    codes[:, 1], codes[:, 3] = 6 - codes[:, 1], 2
    found = alpha_of(codes)
    assert found.status is Status.WARN_NEGATIVE_ITEM_TOTAL
    assert found.detail == {"items": "1", "items_variance_zero": "3"}


def test_item_rest__of_each_item__is_its_correlation_with_the_sum_of_the_others() -> None:
    codes = scale(120, 6)
    found = item_rest_correlations(moments(codes).covariance(), 120)
    rest = codes.sum(axis=1, dtype=np.int64)[:, None] - codes
    wanted = [np.corrcoef(codes[:, j], rest[:, j])[0, 1] for j in range(6)]
    assert [estimate.value for estimate in found] == pytest.approx(wanted, abs=1e-12)


def test_item_rest__rest_of_opposite_items__is_undefined() -> None:
    x = scale(50, 1)
    third = scale(50, 1, seed=2)
    found = item_rest_correlations(moments(np.hstack((x, 6 - x, third))).covariance(), 50)
    assert (found[2].value, found[2].status) == (None, Status.UNDEFINED_TOTAL_VARIANCE_ZERO)


def test_item_total__of_each_item__is_its_correlation_with_the_sum_it_is_part_of() -> None:
    codes = scale(120, 6)
    found = item_total_correlations(moments(codes).covariance(), 120)
    total = codes.sum(axis=1, dtype=np.int64)
    wanted = [np.corrcoef(codes[:, j], total)[0, 1] for j in range(6)]
    assert [estimate.value for estimate in found] == pytest.approx(wanted, abs=1e-12)


def test_item_total__corrected_for_overlap__replaces_each_items_variance_by_what_the_others_explain() -> None:
    codes = scale(200, 4)
    standard = (codes - codes.mean(axis=0)) / codes.std(axis=0, ddof=1)
    explained = []
    for j in range(4):
        others = np.delete(standard, j, axis=1)
        fitted = others @ np.linalg.lstsq(others, standard[:, j], rcond=None)[0]
        explained.append(float(fitted.var(ddof=1)))
    correlations = np.corrcoef(codes.T)
    np.fill_diagonal(correlations, explained)
    found = item_total_correlations(moments(codes).covariance(), 200, corrected=True)
    wanted = correlations.sum(axis=1) / np.sqrt(correlations.sum())
    assert [estimate.value for estimate in found] == pytest.approx(wanted, abs=1e-12)


def test_item_total__constant_copied_or_opposite_items__say_why_there_is_none() -> None:
    x, constant = scale(50, 1), np.full((50, 1), 3, dtype=np.int8)
    for items, corrected, status in (
        ((x, constant), False, Status.UNDEFINED_ITEM_VARIANCE_ZERO),
        ((x, 6 - x), False, Status.UNDEFINED_TOTAL_VARIANCE_ZERO),
        ((x, x), True, Status.UNDEFINED_SINGULAR),
    ):
        found = item_total_correlations(moments(np.hstack(items)).covariance(), 50, corrected=corrected)
        assert [(estimate.value, estimate.status) for estimate in found] == [(None, status)] * 2


def test_alpha_if_deleted__of_each_item__is_alpha_of_the_others() -> None:
    codes = scale(120, 4)
    found = alpha_if_deleted(moments(codes).covariance(), 120)
    assert [estimate.value for estimate in found] == pytest.approx(
        [alpha_of(np.delete(codes, j, axis=1)).value for j in range(4)], abs=1e-12
    )


def test_alpha_if_deleted__of_two_items__needs_a_third() -> None:
    found = alpha_if_deleted(moments(scale(30, 2)).covariance(), 30)
    assert [estimate.status for estimate in found] == [Status.UNDEFINED_TWO_ITEMS] * 2


def test_standardized_alpha__two_items__is_spearman_brown_of_their_correlation() -> None:
    codes = scale(90, 2)
    r = float(np.corrcoef(codes.T)[0, 1])
    found = standardized_alpha(moments(codes).covariance(), 90)
    assert found.value == pytest.approx(spearman_brown(r), abs=1e-12)
    assert found.detail["mean_r"] == pytest.approx(r, abs=1e-12)


def test_standardized_alpha__opposite_items__is_undefined() -> None:
    x = scale(50, 1)
    found = standardized_alpha(moments(np.hstack((x, 6 - x))).covariance(), 50)
    assert (found.value, found.status) == (None, Status.UNDEFINED_TOTAL_VARIANCE_ZERO)


def test_spearman_brown__there_and_back__is_where_it_began() -> None:
    assert spearman_brown(spearman_brown(0.6, 3), 1 / 3) == pytest.approx(0.6)
    assert spearman_brown(0.5) == pytest.approx(2 / 3)
    assert spearman_brown(-1.0) is None


@pytest.mark.parametrize(("n", "status"), [(0, Status.UNDEFINED_NO_RESPONSES), (1, Status.UNDEFINED_ONE_RESPONSE)])
def test_every_statistic__too_few_responses__says_how_few(n: int, status: Status) -> None:
    codes = scale(n, 3)
    cov = moments(codes).covariance()
    found = (
        cronbach_alpha(cov, n),
        standardized_alpha(cov, n),
        influence_interval(codes),
        feldt_interval(cronbach_alpha(cov, n), n, 3),
        *item_rest_correlations(cov, n),
        *item_total_correlations(cov, n),
        *alpha_if_deleted(cov, n),
    )
    assert {estimate.status for estimate in found} == {status}
    assert len(found) == 13


@pytest.mark.parametrize("cov", [np.ones((2, 3)), np.ones(3), np.empty((0, 0)), np.full((2, 2), np.nan)])
def test_every_statistic__no_covariance_matrix__is_a_wrong_call(cov: np.ndarray) -> None:
    for statistic in (
        cronbach_alpha,
        standardized_alpha,
        item_rest_correlations,
        item_total_correlations,
        alpha_if_deleted,
    ):
        with pytest.raises(ValueError, match="covariance"):
            statistic(cov, 10)


def test_feldt__undefined_alpha__stays_undefined_with_its_reason() -> None:
    found = feldt_interval(undefined(Status.UNDEFINED_ONE_ITEM, n=9, method="cronbach_alpha"), 9, 1)
    assert (found.value, found.lo, found.status, found.method) == (None, None, Status.UNDEFINED_ONE_ITEM, "feldt")
    with pytest.raises(ValueError, match="cannot have a value"):
        feldt_interval(Estimate(value=0.5, n=9, method="cronbach_alpha"), 9, 1)


def test_feldt__higher_level__is_wider_and_holds_alpha() -> None:
    alpha = alpha_of(scale(50, 4))
    narrow, wide = feldt_interval(alpha, 50, 4, level=0.8), feldt_interval(alpha, 50, 4, level=0.99)
    assert wide.lo < narrow.lo < alpha.value < narrow.hi < wide.hi < 1


def influence_by_definition(codes: np.ndarray) -> float:
    """SE of alpha, written down as in the docstring, row by row."""
    k, cov, mean = codes.shape[1], np.cov(codes.T), codes.mean(axis=0)
    a = ((codes - mean) ** 2).sum(axis=1)
    b = (codes.sum(axis=1) - mean.sum()) ** 2
    trace, total = np.trace(cov), cov.sum()
    influence = -k / (k - 1) * ((a - trace) / total - trace * (b - total) / total**2)
    return float(influence.std(ddof=1) / np.sqrt(len(codes)))


@pytest.mark.parametrize("n", [3, 30, 9000])
def test_influence__single_group__is_the_definition(n: int) -> None:
    codes = scale(n, 4, seed=7)
    found = influence_interval(codes)
    assert found.se == pytest.approx(influence_by_definition(codes), rel=1e-9)
    assert found.value == alpha_of(codes).value
    assert (found.n, found.df) == (n, n - 1)
    one_group = influence_interval(codes, group=np.zeros(n, dtype=np.int32), n_groups=1)
    assert one_group == found


def test_influence__of_ten_responses__spans_the_t_distribution_with_nine_degrees_of_freedom() -> None:
    found = influence_interval(scale(10, 4, seed=7), level=0.9)
    assert found.hi < 1
    assert [found.value - found.lo, found.hi - found.value] == pytest.approx([stats.t.ppf(0.95, 9) * found.se] * 2)


def test_influence__real_answers__agrees_with_the_bootstrap_where_feldt_does_not() -> None:
    # Agreeableness of bfi: influence function .01064, bootstrap .01069, Feldt .00900
    items = np.genfromtxt(Path(__file__).parent / "golden/bfi25.csv", delimiter=",", skip_header=1)[:, :5]
    items[:, 0] = 7 - items[:, 0]
    found = influence_interval(items[~np.isnan(items).any(axis=1)].astype(np.int8))
    assert found.n == 2709
    assert found.se == pytest.approx(0.01064, abs=5e-6)


def test_influence__within_units__uses_the_pooled_covariance_and_ignores_the_units_levels() -> None:
    codes, group = scale(400, 5), np.random.default_rng(2).integers(0, 4, 400).astype(np.int32)
    lifted = codes.astype(np.int16) + 100 * group[:, None].astype(np.int16)
    sums = grouped_moments(codes, group, 4)
    found = influence_interval(codes, group=group, n_groups=4)
    assert found.value == cronbach_alpha(sums.within_covariance(), sums.within_df + 1).value
    assert influence_interval(lifted, group=group).value == pytest.approx(found.value, abs=1e-12)
    assert influence_interval(lifted, group=group).se == pytest.approx(found.se, abs=1e-12)
    assert (found.n, found.df) == (400, 396)
    by_unit = np.argsort(group, kind="stable")
    assert influence_interval(codes[by_unit], group=group[by_unit], n_groups=4) == found


def test_influence__units_of_one__add_nothing() -> None:
    codes, group = scale(60, 4), np.repeat([0, 1], 30)
    found = influence_interval(codes, group=group)
    with_strays = influence_interval(
        np.vstack((codes, scale(3, 4, seed=9))), group=np.concatenate((group, [2, 3, 5])), n_groups=7
    )
    assert with_strays == found


def test_influence__every_unit_of_one__is_undefined() -> None:
    found = influence_interval(scale(5, 3), group=np.arange(5))
    assert (found.value, found.status) == (None, Status.UNDEFINED_ONE_RESPONSE)


def test_influence__many_units_of_three__is_as_uncertain_as_simulation_says() -> None:
    group = np.repeat(np.arange(40), 3)
    found = [influence_interval(scale(120, 4, seed=seed), group=group) for seed in range(200)]
    spread = np.std([estimate.value for estimate in found], ddof=1)
    # 200 draws know a standard deviation to 5 %; without the enlargement the mean se would be a third too small
    assert np.mean([estimate.se for estimate in found]) == pytest.approx(spread, rel=0.15)


def test_influence__near_one__ends_at_one() -> None:
    x = scale(12, 1, seed=3)
    codes = np.hstack([x] * 5)
    codes[0, 0] = 6 - codes[0, 0]
    found = influence_interval(codes)
    assert found.hi == 1.0
    assert found.lo < found.value < 1.0


def test_influence__perfect_copies__have_no_uncertainty() -> None:
    found = influence_interval(np.hstack([scale(30, 1)] * 3))
    assert (found.value, found.hi) == (pytest.approx(1.0), 1.0)
    assert found.se == pytest.approx(0.0, abs=1e-9)

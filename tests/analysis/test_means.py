"""Means of finite populations: cases by hand, identities, and simulation from known populations."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.estimate import Status
from analysis.means import (
    linear_score,
    linear_scores,
    mean_srs,
    poststratification_weights,
    poststratified_mean,
    stratified_mean,
)

NAN = math.nan
points = st.lists(st.integers(0, 20).map(lambda step: step * 5.0), min_size=2, max_size=30)


def numbers(found: Any) -> list[float | None]:
    return [found.value, found.se, found.lo, found.hi, found.df, found.se_process]


# -- one kind of points ------------------------------------------------------------------------------------------------


def test_mean__three_of_ten__by_hand() -> None:
    found = mean_srs(np.array([50.0, 60.0, 100.0]), 10)
    # mean 70, s^2 = (400 + 100 + 900)/2 = 700, V = (1 - 3/10) 700/3
    assert found.value == pytest.approx(70)
    assert found.se == pytest.approx(math.sqrt(0.7 * 700 / 3))
    assert found.se_process == pytest.approx(math.sqrt(700 / 3))
    assert found.hi - found.value == pytest.approx(stats.t.ppf(0.975, 2) * found.se)
    assert found.value - found.lo == pytest.approx(found.hi - found.value)
    assert (found.n, found.df, found.population, found.coverage, found.status) == (3, 2, 10, 1, Status.OK)


def test_mean__nobody__has_a_status() -> None:
    found = mean_srs(np.empty(0), 10)
    assert (found.n, found.status, *numbers(found)) == (0, Status.UNDEFINED_NO_RESPONSES, *[None] * 6)


def test_mean__population_unknown__has_no_correction() -> None:
    found = mean_srs(np.array([50.0, 60.0, 100.0]))
    assert found.se == found.se_process == pytest.approx(math.sqrt(700 / 3))
    assert (found.population, found.coverage) == (None, 1)


@settings(deadline=None)
@given(points)
def test_mean__census__has_no_sampling_error_and_approaches_it_from_above(y: list[float]) -> None:
    values, n = np.array(y), len(y)
    census = mean_srs(values, n)
    assert census.se == 0
    assert census.lo == census.hi == census.value == pytest.approx(np.mean(y))
    errors = [mean_srs(values, n + more).se for more in (1, 2, 10, 10**9)]
    assert errors == sorted(errors)
    assert errors[-1] == pytest.approx(census.se_process, rel=1e-6)


@settings(deadline=None)
@given(points, st.integers(0, 100))
def test_stratified_mean__one_stratum__is_the_plain_mean(y: list[float], unanswered: int) -> None:
    values, size = np.array(y), float(len(y) + unanswered)
    plain = mean_srs(values, size)
    found = stratified_mean(values, np.zeros(len(y), dtype=np.int32), np.array([size]))
    assert found == plain
    assert plain.value == pytest.approx(np.mean(y))
    wanted = math.sqrt((1 - len(y) / size) * np.var(y, ddof=1) / len(y))
    assert plain.se == pytest.approx(wanted, abs=1e-9)


@settings(deadline=None)
@given(points, st.randoms(use_true_random=False))
def test_stratified_mean__respondents_in_another_order__is_the_same(y: list[float], random: Any) -> None:
    rows = [(value, i % 2) for i, value in enumerate(y)]
    shuffled = random.sample(rows, len(rows))
    sizes = np.array([40.0, 90.0])
    before, after = (
        stratified_mean(np.array([value for value, _ in order]), np.array([h for _, h in order]), sizes)
        for order in (rows, shuffled)
    )
    for a, b in zip(numbers(before), numbers(after), strict=True):
        assert (a is None) == (b is None)
        assert a is None or b == pytest.approx(a, abs=1e-9)
    assert before.status == after.status


def test_stratified_mean__two_strata__by_hand() -> None:
    y, h = np.array([40.0, 60.0, 70.0, 80.0, 90.0]), np.array([0, 0, 1, 1, 1])
    found = stratified_mean(y, h, np.array([20.0, 60.0]))
    # W = .25, .75; means 50, 80; s^2 = 200, 100
    variance = 0.25**2 * (1 - 2 / 20) * 200 / 2 + 0.75**2 * (1 - 3 / 60) * 100 / 3
    assert found.value == pytest.approx(0.25 * 50 + 0.75 * 80)
    assert found.se == pytest.approx(math.sqrt(variance))
    assert found.se_process == pytest.approx(math.sqrt(0.25**2 * 200 / 2 + 0.75**2 * 100 / 3))
    assert (found.df, found.strata, found.population) == (3, 2, 80)


def test_stratified_mean__lonely_stratum__is_merged_into_the_first_with_more() -> None:
    y, h = np.array([10.0, 40.0, 60.0, 70.0, 90.0, 95.0]), np.array([0, 1, 1, 2, 2, 2])
    found = stratified_mean(y, h, np.array([10.0, 20.0, 70.0]))
    merged = stratified_mean(y, np.array([0, 0, 0, 1, 1, 1]), np.array([30.0, 70.0]))
    assert numbers(found) == pytest.approx(numbers(merged))
    assert (found.strata, found.strata_merged, found.df, found.status) == (2, 1, 4, Status.OK)


def test_stratified_mean__only_lonely_strata__become_one() -> None:
    y = np.array([10.0, 40.0, 70.0])
    found = stratified_mean(y, np.array([0, 1, 2]), np.array([10.0, 20.0, 70.0]))
    assert numbers(found) == pytest.approx(numbers(mean_srs(y, 100)))
    assert (found.strata, found.strata_merged) == (1, 2)


def test_stratified_mean__equal_answers_within_different_strata__have_no_variation() -> None:
    y, h = np.repeat([100 / 3, 200 / 3], 7), np.repeat([0, 1], 7)
    found = stratified_mean(y, h, np.array([30.0, 70.0]))
    assert (found.se, found.se_process, found.status) == (0.0, 0.0, Status.WARN_NO_VARIATION)


def test_stratified_mean__size_of_one_of_two_strata_unknown__cannot_be_weighted() -> None:
    y, h = np.array([40.0, 60.0, 70.0, 80.0]), np.array([0, 0, 1, 1])
    found = stratified_mean(y, h, np.array([20.0, NAN]))
    assert (found.value, found.status) == (None, Status.UNDEFINED_STRATUM_SIZE)
    assert stratified_mean(y[:2], h[:2], np.array([20.0, NAN])).status is Status.OK


def test_stratified_mean__shares_from_elsewhere__weigh_and_sizes_correct() -> None:
    y, h = np.array([40.0, 60.0, 70.0, 90.0]), np.array([0, 0, 1, 1])
    found = stratified_mean(y, h, np.array([4.0, 4.0]), shares=np.array([3.0, 1.0]))
    assert found.value == pytest.approx(0.75 * 50 + 0.25 * 80)
    assert found.se == pytest.approx(math.sqrt(0.5) * found.se_process)


def test_poststratified_mean__against_the_conditional_one__same_mean_other_variance() -> None:
    rng = np.random.default_rng(1)
    h = np.repeat([0, 1], [60, 40])
    y, sizes = 50 + 20 * h + rng.normal(0, 5, 100), np.array([300.0, 700.0])
    conditional, found = stratified_mean(y, h, sizes), poststratified_mean(y, h, sizes)
    weights = poststratification_weights(h, sizes)
    assert weights.tolist() == [5.0] * 60 + [17.5] * 40
    residual = y - np.where(h, y[60:].mean(), y[:60].mean())
    wanted = (1 - 100 / 1000) * 100 / 99 * np.sum((weights * residual / 1000) ** 2)
    assert (found.value, found.df) == (pytest.approx(conditional.value), 99)
    assert found.se == pytest.approx(math.sqrt(wanted))
    assert found.se_process == pytest.approx(math.sqrt(wanted / 0.9))
    assert poststratified_mean(y, h, np.array([3.0, 700.0])).status is Status.UNDEFINED_FRAME_TOO_SMALL
    with pytest.raises(ValueError, match="missing"):
        poststratified_mean(np.append(y, NAN), np.append(h, 0), sizes)


# -- scores of several dimensions --------------------------------------------------------------------------------------


def test_linear_score__complete_answers__is_the_mean_of_the_persons_scores() -> None:
    rng = np.random.default_rng(2)
    y, h, weights = rng.uniform(0, 100, (40, 3)), np.repeat([0, 1], 20), np.array([0.5, 0.3, 0.2])
    sizes = np.array([100.0, 50.0])
    found = linear_score(y, weights, h, sizes)
    person = stratified_mean(y @ weights, h, sizes)
    assert numbers(found.score) == pytest.approx(numbers(person))
    for d in range(3):
        assert numbers(found.dimensions[d]) == pytest.approx(numbers(stratified_mean(y[:, d], h, sizes)))


def test_linear_score__missing_dimension__averages_dimensions_first() -> None:
    # dimension means 50 (three persons) and 80 (two); person means would give (60 + 75 + 40)/3 = 58.3
    y = np.array([[50.0, 70.0], [60.0, 90.0], [40.0, NAN]])
    found = linear_score(y, np.array([0.5, 0.5]), np.zeros(3, int), np.array([NAN]))
    assert found.score.value == pytest.approx(65)
    assert [mean.value for mean in found.dimensions] == pytest.approx([50, 80])
    assert [mean.n for mean in found.dimensions] == [3, 2]
    # z_1 = 0, 10, -10; z_2 = (-10, 10, 0)/(2/3) = -15, 15, 0; z = -7.5, 12.5, -5, of mean 0
    assert found.score.se == pytest.approx(math.sqrt((7.5**2 + 12.5**2 + 5**2) / 2 / 3))
    assert found.dimensions[1].se == pytest.approx(math.sqrt((15**2 + 15**2) / 2 / 3))


def test_linear_score__missing_by_stratum__is_the_ratio_of_weighted_sums() -> None:
    y, h = np.array([[40.0], [60.0], [70.0], [NAN], [NAN], [90.0]]), np.array([0, 0, 0, 1, 1, 1])
    found = linear_score(y, np.ones(1), h, np.array([30.0, 60.0])).dimensions[0]
    # persons without any dimension are left out, so two strata remain, the second with one answer: merged
    assert found.value == pytest.approx(np.mean([40, 60, 70, 90]))
    both = linear_score(np.hstack((y, np.full((6, 1), 50.0))), np.array([1.0, 0.0]), h, np.array([30.0, 60.0]))
    # kept by the second dimension: shares of those who have the first are 1 and 1/3 of strata that weigh 1/3 and 2/3
    assert both.dimensions[0].value == pytest.approx((170 / 3 / 3 + 2 / 3 * 90 / 3) / (1 / 3 + 2 / 3 / 3))
    assert both.score.value == both.dimensions[0].value


def test_linear_score__nobody_has_a_weighted_dimension__has_no_value_and_no_renormalising() -> None:
    y = np.array([[50.0, NAN], [60.0, NAN], [40.0, NAN]])
    found = linear_score(y, np.array([0.9, 0.1]), np.zeros(3, int), np.array([30.0]))
    assert (found.score.value, found.score.status) == (None, Status.UNDEFINED_NO_RESPONSES)
    assert found.score.detail == {"dimensions": "1"}
    assert found.dimensions[0].value == pytest.approx(50)
    unweighted = linear_score(y, np.array([1.0, 0.0]), np.zeros(3, int), np.array([30.0]))
    assert unweighted.score.value == pytest.approx(50)


def test_linear_score__one_person_has_a_dimension__has_a_value_without_error() -> None:
    y = np.array([[50.0, NAN], [60.0, 80.0], [40.0, NAN]])
    found = linear_score(y, np.array([0.5, 0.5]), np.zeros(3, int), np.array([30.0]))
    assert (found.score.value, found.score.se, found.score.status) == (65, None, Status.WARN_ONE_RESPONSE)
    assert found.score.detail == {"dimensions": "1"}
    assert (found.dimensions[1].value, found.dimensions[1].se, found.dimensions[1].lo) == (80, None, None)


def test_linear_score__row_without_any_points__changes_nothing() -> None:
    y, h = np.array([[50.0, 70.0], [60.0, NAN], [40.0, 30.0]]), np.zeros(3, int)
    before = linear_score(y, np.array([0.5, 0.5]), h, np.array([30.0]))
    after = linear_score(np.vstack((y, [[NAN, NAN]])), np.array([0.5, 0.5]), np.zeros(4, int), np.array([30.0]))
    assert after == before


def test_linear_score__samples_of_a_known_population__is_unbiased_with_honest_errors() -> None:
    rng = np.random.default_rng(3)
    sizes, taken, weights = np.array([120, 60, 30]), [40, 30, 12], np.array([0.5, 0.3, 0.2])
    people = []
    for h, size in enumerate(sizes):
        y = 50 + rng.normal(5 * h, 10, (size, 1)) + rng.normal(0, 10, (size, 3))
        y[rng.random(size) < 0.3, 2] = NAN
        people.append(y)
    truth = float(np.nanmean(np.vstack(people), axis=0) @ weights)
    stratum = np.repeat([0, 1, 2], taken)
    found = []
    for _ in range(400):
        sample = [y[rng.choice(len(y), n, replace=False)] for y, n in zip(people, taken, strict=True)]
        found.append(linear_score(np.vstack(sample), weights, stratum, sizes.astype(float)).score)
    spread = np.std([score.value for score in found])
    assert np.mean([score.value for score in found]) == pytest.approx(truth, abs=4 * spread / 20)
    assert np.mean([score.se for score in found]) == pytest.approx(spread, rel=0.12)
    assert np.mean([score.lo <= truth <= score.hi for score in found]) == pytest.approx(0.95, abs=0.04)


def many_units() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    y = rng.uniform(0, 100, (600, 2))
    y[rng.random(y.shape) < 0.1] = NAN
    unit, stratum = rng.integers(0, 5, 600), rng.integers(0, 3, 600)
    unit[unit == 3] = 4
    sizes = rng.integers(100, 300, (5, 3)).astype(float)
    return y, np.array([0.6, 0.4]), unit, stratum, sizes


def test_linear_scores__all_units_at_once__are_those_of_each_unit() -> None:
    y, weights, unit, stratum, sizes = many_units()
    together = linear_scores(y, weights, unit, 5, stratum=stratum, sizes=sizes)
    for u in range(5):
        alone = linear_score(y[unit == u], weights, stratum[unit == u], sizes[u])
        assert numbers(together[u].score) == pytest.approx(numbers(alone.score))
        assert [mean.n for mean in together[u].dimensions] == [mean.n for mean in alone.dimensions]
    assert together[3].score.status is Status.UNDEFINED_NO_RESPONSES


def test_linear_scores__one_unit_in_trouble__leaves_the_others_alone() -> None:
    y, weights, unit, stratum, sizes = many_units()
    good = linear_scores(y, weights, unit, 5, stratum=stratum, sizes=sizes)
    sizes[1, 2] = 3
    found = linear_scores(y, weights, unit, 5, stratum=stratum, sizes=sizes)
    assert found[1].score.status is Status.UNDEFINED_FRAME_TOO_SMALL
    assert [found[u] for u in (0, 2, 4)] == [good[u] for u in (0, 2, 4)]


def test_linear_scores__not_finite_for_one_unit__has_the_error_of_the_process_there() -> None:
    y, weights, unit, stratum, sizes = many_units()
    finite = np.array([True, False, True, True, True])
    found = linear_scores(y, weights, unit, 5, stratum=stratum, sizes=sizes, finite=finite)
    assert found[1].score.se == found[1].score.se_process
    assert found[0].score.se < found[0].score.se_process


@pytest.mark.parametrize(
    "wrong",
    [
        {"weights": np.ones(3)},
        {"unit": np.zeros(599, int)},
        {"unit": np.full(600, 5)},
        {"stratum": np.full(600, -1)},
        {"sizes": np.ones((4, 3))},
        {"sizes": np.ones(5)},
        {"shares": np.ones((5, 2))},
        {"y": np.ones(600)},
    ],
)
def test_linear_scores__shapes_that_do_not_fit__are_a_wrong_call(wrong: dict[str, np.ndarray]) -> None:
    y, weights, unit, stratum, sizes = many_units()
    call = {"y": y, "weights": weights, "unit": unit, "stratum": stratum, "sizes": sizes, "n_units": 5} | wrong
    with pytest.raises(ValueError, match=r"sizes|unit|stratum|weight"):
        linear_scores(**call)

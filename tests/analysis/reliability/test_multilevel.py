"""Alpha between units: planted truth, additivity, and every way in which there is none."""

import numpy as np
import pytest
from scipy.special import stdtrit

from analysis.estimate import Status
from analysis.moments import grouped_moments
from analysis.reliability.multilevel import between_covariance, multilevel_alpha


def two_levels(units: int, size: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Units with one strong trait and persons with mostly noise: alpha between .94, within .31 (four items)."""
    rng = np.random.default_rng(seed)
    between = rng.normal(size=(units, 1)) + 0.5 * rng.normal(size=(units, 4))
    group = np.repeat(np.arange(units), size)
    within = 0.5 * rng.normal(size=(len(group), 1)) + 1.5 * rng.normal(size=(len(group), 4))
    return np.round(100 * (between[group] + within)).astype(np.int64), group


def test_multilevel__planted_levels__are_told_apart() -> None:
    codes, group = two_levels(1500, 8)
    found = multilevel_alpha(grouped_moments(codes, group, 1500))
    assert found.between.value == pytest.approx(4 / 3 * (1 - 5 / 17), abs=0.01)
    assert found.within.value == pytest.approx(4 / 3 * (1 - 10 / 13), abs=0.02)
    assert found.within.value < found.total.value < found.between.value
    assert (found.units, found.n0, found.between.n, found.between.status) == (1500, 8.0, 1500, Status.OK)


def test_between_covariance__balanced_units__is_the_covariance_of_their_means_less_the_noise() -> None:
    codes, group = two_levels(30, 5)
    sums = grouped_moments(codes, group, 30)
    found, n0 = between_covariance(sums)
    means = codes.reshape(30, 5, 4).mean(axis=1)
    assert n0 == pytest.approx(5.0)
    assert found == pytest.approx(np.cov(means.T) - sums.within_covariance() / 5, rel=1e-9)


def test_multilevel__empty_units_and_items_lifted__change_nothing() -> None:
    codes, group = two_levels(30, 5)
    plain = multilevel_alpha(grouped_moments(codes, group, 30))
    lifted = multilevel_alpha(grouped_moments(codes + np.array([0, 5, 1000, -70]), 2 * group, 60))
    assert lifted.between.value == pytest.approx(plain.between.value, abs=1e-10)
    assert (lifted.units, lifted.n0) == (30, pytest.approx(plain.n0))


def test_multilevel__fewer_units_than_items__is_no_proper_matrix_and_says_so() -> None:
    codes, group = two_levels(4, 40)
    found = multilevel_alpha(grouped_moments(codes, group, 4)).between
    assert found.status is Status.WARN_NOT_POSITIVE_DEFINITE
    assert found.value is not None
    assert found.detail["least_eigenvalue"] < 0


def test_multilevel__units_alike_but_for_chance__have_nothing_between() -> None:
    codes = np.tile(two_levels(1, 12)[0], (5, 1))
    found = multilevel_alpha(grouped_moments(codes, np.repeat(np.arange(5), 12), 5))
    assert (found.between.value, found.between.status) == (None, Status.UNDEFINED_NO_BETWEEN_VARIANCE)
    assert found.within.value is not None


@pytest.mark.parametrize(
    ("rows", "group", "items", "status"),
    [
        (0, [], 3, Status.UNDEFINED_NO_RESPONSES),
        (6, [0] * 6, 3, Status.UNDEFINED_ONE_UNIT),
        (4, [0, 1, 2, 3], 3, Status.UNDEFINED_ONE_RESPONSE),
        (6, [0, 0, 0, 1, 1, 1], 1, Status.UNDEFINED_ONE_ITEM),
    ],
)
def test_multilevel__too_little__says_what(rows: int, group: list[int], items: int, status: Status) -> None:
    codes = np.random.default_rng(1).integers(1, 6, (rows, items)).astype(np.int8)
    found = multilevel_alpha(grouped_moments(codes, np.array(group, dtype=np.int64), 4))
    assert (found.between.value, found.between.status) == (None, status)


def test_interval__of_alpha_between__is_that_of_units_left_out_one_at_a_time() -> None:
    codes, group = two_levels(14, 9)
    sums = grouped_moments(codes, 2 * group, 30)
    found = multilevel_alpha(sums, level=0.9).between
    kept = [group != left_out for left_out in range(14)]
    others = [multilevel_alpha(grouped_moments(codes[rows], group[rows], 14)).between.value for rows in kept]
    se = np.sqrt(13 / 14 * ((np.array(others) - np.mean(others)) ** 2).sum())
    assert found.se == pytest.approx(se, rel=1e-9)
    assert found.lo == pytest.approx(found.value - stdtrit(13, 0.95) * se, rel=1e-9)
    assert found.hi == min(found.value + stdtrit(13, 0.95) * se, 1.0)
    assert (found.n, found.df) == (14, 13)


def test_interval__of_alpha_between__covers_a_planted_truth_nine_times_in_ten() -> None:
    truth = 4 / 3 * (1 - 5 / 17)
    found = [multilevel_alpha(grouped_moments(*two_levels(12, 30, seed), 12)).between for seed in range(200)]
    inside = [one.lo <= truth <= one.hi for one in found if one.lo is not None and one.hi is not None]
    assert len(inside) > 190
    assert sum(inside) / len(inside) > 0.9


def test_interval__of_alpha_between__two_units_or_one_that_makes_all_the_difference__there_is_none() -> None:
    codes, group = two_levels(2, 40, 3)
    assert multilevel_alpha(grouped_moments(codes, group, 2)).between.lo is None
    lone = np.tile(np.array([[0, 1, 2, 1], [1, 2, 0, 2], [2, 0, 1, 0]]), (9, 1))
    unit = np.repeat(np.arange(9), 3)
    lone[unit == 8] += 40
    found = multilevel_alpha(grouped_moments(lone, unit, 9)).between
    assert found.value is not None
    assert (found.lo, found.hi, found.se) == (None, None, None)

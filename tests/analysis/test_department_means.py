"""Departments count once: cases by hand, missing dimensions, several units, and simulation from a known frame."""

import math

import numpy as np
import pytest

from analysis.estimate import Status
from analysis.means import LinearScore, PopulationMean, department_mean, department_scores

NAN = math.nan


def numbers(found: PopulationMean) -> list[float | None]:
    return [found.value, found.se, found.lo, found.hi, found.df, found.se_process]


RATED = np.array([60.0, 80.0, 50.0, 90.0, 40.0, 60.0])
RATER = np.array([7, 7, 3, 3, 3, 9])


def test_department_mean__three_of_ten_departments__by_hand() -> None:
    found = department_mean(RATED, RATER, 10)
    # means 70, 60, 60; s_b^2 = 100/3; s_w^2 = 200 (m = 2), 700 (m = 3), pooled (200 + 1400)/(1 + 2) (m = 1)
    within = 200 / 2 + 700 / 3 + 1600 / 3
    variance = (1 - 3 / 10) * (100 / 3) / 3 + (3 / 10) * within / 3**2
    assert found.value == pytest.approx(190 / 3)
    assert found.se == pytest.approx(math.sqrt(variance))
    assert found.se_process == pytest.approx(math.sqrt(100 / 9))
    assert (found.n, found.df, found.population, found.method) == (3, 2, 10, "department_mean")


def test_department_mean__all_departments__keeps_the_error_of_the_raters() -> None:
    found = department_mean(RATED, RATER, 3)
    assert found.se == pytest.approx(math.sqrt((200 / 2 + 700 / 3 + 1600 / 3) / 9))


def test_department_mean__one_response_each__has_no_correction() -> None:
    found = department_mean(np.array([70.0, 60.0, 50.0]), np.array([1, 2, 3]), 4)
    assert found.se == found.se_process == pytest.approx(math.sqrt(100 / 3))


def test_department_mean__population_unknown__is_the_error_between_departments() -> None:
    found = department_mean(RATED, RATER)
    assert found.se == found.se_process == pytest.approx(math.sqrt(100 / 9))


def test_department_mean__responses_without_department__are_departments_of_their_own() -> None:
    found = department_mean(RATED, np.array([7, 7, -1, -1, -1, 9]), 10)
    named = department_mean(RATED, np.array([7, 7, 20, 21, 22, 9]), 10)
    assert found == named
    assert found.n == 5


def test_department_mean__more_than_the_frame_or_only_one__have_statuses() -> None:
    assert department_mean(RATED, RATER, 2).status is Status.UNDEFINED_FRAME_TOO_SMALL
    one = department_mean(RATED[:2], RATER[:2], 10)
    assert (one.value, one.se, one.status) == (70, None, Status.WARN_ONE_RESPONSE)
    assert department_mean(RATED[:0], RATER[:0], 10).status is Status.UNDEFINED_NO_RESPONSES


def test_department_scores__two_dimensions_complete__are_those_of_the_persons_scores() -> None:
    rng = np.random.default_rng(5)
    y, weights, department = rng.uniform(0, 100, (30, 2)), np.array([0.7, 0.3]), rng.integers(0, 9, 30)
    found = department_scores(y, weights, np.zeros(30, int), 1, department=department, sizes=np.array([12.0]))[0]
    assert numbers(found.score) == pytest.approx(numbers(department_mean(y @ weights, department, 12)))
    for d in range(2):
        assert numbers(found.dimensions[d]) == pytest.approx(numbers(department_mean(y[:, d], department, 12)))


def test_department_scores__dimension_missing_for_a_department__leaves_it_out_of_that_mean() -> None:
    y = np.array([[60.0, 50.0], [80.0, NAN], [40.0, NAN], [50.0, 90.0]])
    department = np.array([0, 0, 1, 2])
    found = department_scores(
        y, np.array([0.5, 0.5]), np.zeros(4, int), 1, department=department, sizes=np.array([NAN])
    )[0]
    assert [mean.value for mean in found.dimensions] == pytest.approx([(70 + 40 + 50) / 3, (50 + 90) / 2])
    assert [mean.n for mean in found.dimensions] == [3, 2]
    assert found.score.value == pytest.approx((160 / 3 + 70) / 2)


def test_department_scores__dimension_missing_for_a_response__spreads_over_the_answers_that_there_are() -> None:
    y = np.array([[60.0, 50.0], [80.0, NAN], [70.0, 70.0], [40.0, 70.0], [50.0, 90.0], [70.0, 80.0], [90.0, 30.0]])
    found = department_scores(
        y, np.array([0.5, 0.5]), np.zeros(7, int), 1, department=np.array([0, 0, 0, 1, 1, 2, 2]), sizes=np.array([6.0])
    )[0]
    # Department 0, less its means 70 and 60: -10, 10, 0 and -10, –, 10, the latter worth 3/2: z -12.5, 5, 7.5.
    # Department 1: z -7.5, 7.5; department 2: 7.5, -7.5. Their means 65, 62.5, 67.5 have s_b^2 = 6.25.
    within = (12.5**2 + 5**2 + 7.5**2) / 2 / 3 + 2 * (7.5**2 + 7.5**2) / 1 / 2
    assert found.score.value == pytest.approx(65)
    assert found.score.se == pytest.approx(math.sqrt(0.5 * 6.25 / 3 + 0.5 * within / 9))


def test_department_scores__several_units_rated_by_the_same_departments__are_kept_apart() -> None:
    rng = np.random.default_rng(6)
    y, unit, department = rng.uniform(0, 100, (80, 2)), rng.integers(0, 3, 80), rng.integers(0, 6, 80)
    weights, sizes = np.array([0.5, 0.5]), np.array([8.0, 9.0, NAN])
    together = department_scores(y, weights, unit, 3, department=department, sizes=sizes)
    for u in range(3):
        mine = unit == u
        alone = department_scores(
            y[mine], weights, np.zeros(mine.sum(), int), 1, department=department[mine], sizes=sizes[u : u + 1]
        )[0]
        assert numbers(together[u].score) == pytest.approx(numbers(alone.score))


def test_department_scores__samples_of_a_known_frame__have_honest_errors() -> None:
    rng = np.random.default_rng(7)
    level = rng.normal(60, 8, 30)
    truth = level.mean()
    found: list[LinearScore] = []
    for _ in range(400):
        department = np.repeat(rng.choice(30, 12, replace=False), rng.integers(1, 4, 12))
        y = level[department][:, None] + rng.normal(0, 12, (len(department), 2))
        unit = np.zeros(len(y), int)
        found += department_scores(y, np.array([0.6, 0.4]), unit, 1, department=department, sizes=np.array([30.0]))
    spread = np.std([score.score.value for score in found])
    assert np.mean([score.score.se for score in found]) == pytest.approx(spread, rel=0.12)
    assert np.mean([score.score.lo <= truth <= score.score.hi for score in found]) == pytest.approx(0.95, abs=0.04)

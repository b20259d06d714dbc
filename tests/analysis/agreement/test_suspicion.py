"""Suspicious patterns: planted ones are found, chance is counted, the public part names no units or raters."""

from dataclasses import fields

import numpy as np
import pytest
from scipy import stats

from analysis.agreement.severity import RaterModel, rater_model
from analysis.agreement.suspicion import PatternCounts, _both_above, all_the_same, mutual_ratings
from analysis.estimate import Status


def ratings(seed: int, favours: float = 0.0, units: int = 8) -> tuple[RaterModel, np.ndarray]:
    """One department per unit that rates all other units; 0 and 1 favour each other."""
    rng = np.random.default_rng(seed)
    rater, unit = np.nonzero(~np.eye(units, dtype=bool))
    y = 70 + rng.normal(0, 5, units)[unit] - rng.normal(0, 5, units)[rater] + rng.normal(0, 4, len(unit))
    y += favours * ((rater + unit == 1) & (rater < 2))
    return rater_model(y, unit, rater, n_units=units, n_raters=units), np.arange(units)


def test_mutual_ratings__two_units_that_favour_each_other__are_found_with_what_chance_gives_beside() -> None:
    counts, pairs = mutual_ratings(*ratings(3, favours=25.0))
    assert [(pair.unit_a, pair.unit_b) for pair in pairs] == [(0, 1)]
    assert min(pairs[0].a_of_b, pairs[0].b_of_a) > 2
    assert (counts.checked, counts.found, counts.status) == (28, 1, Status.OK)
    assert 0 < counts.expected < 1
    assert counts.p == pytest.approx(1 - (1 - counts.expected / 28) ** 28, abs=1e-12)  # one or more of 28


def test_mutual_ratings__independent_departments__are_found_as_often_as_expected() -> None:
    every = [mutual_ratings(*ratings(seed))[0] for seed in range(300)]
    found, expected = (np.mean([getattr(counts, name) for counts in every]) for name in ("found", "expected"))
    # 300 evaluations know the mean found to .045
    assert expected == pytest.approx(0.65, abs=0.05)
    assert found == pytest.approx(expected, abs=0.13)


def test_both_above__many_directions__is_the_bivariate_normal_distribution() -> None:
    t = float(stats.norm.isf(0.2))
    for r in (-0.9, -0.3, 0.0, 0.5):
        wanted = stats.multivariate_normal.cdf([-t, -t], cov=[[1, r], [r, 1]])
        assert _both_above(20_000, 100_000, np.array([r]))[0] == pytest.approx(wanted, abs=1e-5)
    assert _both_above(2, 4, np.zeros(1))[0] == pytest.approx(1 / 6)
    assert [_both_above(above, 4, np.array([-0.5]))[0] for above in (0, 1, 4)] == [0.0, 0.0, 1.0]


def test_mutual_ratings__strict_department_and_good_unit__are_no_favour() -> None:
    model, home = ratings(3)
    y, rater, unit = model.cells.value.copy(), model.cells.rater, model.cells.unit
    moved = rater_model(y - 30 * (rater == 0) + 30 * (unit == 1), unit, rater, n_units=8, n_raters=8)
    assert mutual_ratings(moved, home)[0] == mutual_ratings(model, home)[0]


def test_mutual_ratings__departments_of_no_unit_or_own_unit__are_not_compared() -> None:
    model, home = ratings(3)
    nobody = mutual_ratings(model, np.full(8, -1))
    assert (nobody[0].checked, nobody[0].expected, nobody[0].status) == (0, None, Status.UNDEFINED_NOT_LINKED)
    half = np.where(home < 3, home, -1)
    assert mutual_ratings(model, half)[0].checked == 3
    at_home = np.zeros(8, dtype=int)
    assert mutual_ratings(model, at_home)[0].checked == 0
    two_each = np.array([0, 0, 1, 1, 2, 2, 3, 3])
    assert mutual_ratings(model, two_each)[0].checked == 6
    with pytest.raises(ValueError, match="home"):
        mutual_ratings(model, home[:3])


def test_mutual_ratings__departments_that_praise_their_own_unit__are_no_yardstick() -> None:
    unit, rater = (part.ravel() for part in np.indices((6, 6)))
    y = 70 + 30.0 * (unit == rater) + np.random.default_rng(1).normal(0, 1, 36)
    counts, _ = mutual_ratings(rater_model(y, unit, rater, n_units=6, n_raters=6), np.arange(6))
    assert (counts.checked, counts.found, counts.expected) == (15, 0, 0.0)


def test_mutual_ratings__no_residual__has_no_pattern() -> None:
    unit, rater = (part.ravel() for part in np.indices((3, 3)))
    flat = rater_model(np.full(9, 80.0), unit, rater, n_units=3, n_raters=3)
    assert mutual_ratings(flat, np.arange(3))[0].status is Status.UNDEFINED_NO_VARIATION
    empty = rater_model(np.zeros(0), np.zeros(0, int), np.zeros(0, int), n_units=2, n_raters=2)
    assert mutual_ratings(empty, np.arange(2))[0].status is Status.UNDEFINED_NO_RESPONSES


def answers() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Rater 0 gives 5 to everybody; 1 gives 5 to one unit and 4 to the other; 2 differs; 3 rates one unit."""
    codes = np.array([[5, 5, 5], [5, 5, 5], [5, 5, 5], [5, 5, 5], [4, 4, 4], [1, 2, 3], [5, 4, 5], [3, 3, 3]])
    unit, rater = np.array([0, 1, 2, 0, 1, 0, 2, 1]), np.array([0, 0, 0, 1, 1, 2, 2, 3])
    return codes, np.ones(codes.shape, dtype=bool), unit, rater


def test_all_the_same__one_answer_to_every_unit_and_item__is_found_beside_what_chance_gives() -> None:
    counts, raters = all_the_same(*answers(), 5)
    assert raters.tolist() == [0]
    assert (counts.checked, counts.found, counts.p, counts.status) == (3, 1, None, Status.OK)
    # of 8 responses 4 are all 5, one all 4, one all 3; raters of 3, 2 and 2 responses
    share = np.array([4, 1, 1]) / 8
    assert counts.expected == pytest.approx((share**3).sum() + 2 * (share**2).sum())


def test_all_the_same__missing_answers__are_ignored_and_single_answers_do_not_count() -> None:
    codes, present, unit, rater = answers()
    codes[1, 1], present[1, 1] = 1, False
    assert all_the_same(codes, present, unit, rater, 5)[1].tolist() == [0]
    present[:, 1:] = False
    counts, raters = all_the_same(codes, present, unit, rater, 5)
    assert (counts.checked, counts.status, len(raters)) == (0, Status.UNDEFINED_NO_RESPONSES, 0)
    single, _ = all_the_same(codes[:, :1], present[:, :1], unit, rater, 5)
    assert (single.checked, single.found) == (3, 1)


def test_all_the_same__nobody_rates_two_units__is_a_status() -> None:
    codes, present, unit, _ = answers()
    counts, raters = all_the_same(codes, present, unit, np.arange(8), 8)
    assert (counts.checked, counts.expected, counts.status, len(raters)) == (0, None, Status.UNDEFINED_ONE_UNIT, 0)
    with pytest.raises(ValueError, match="codes"):
        all_the_same(codes, present[:2], unit, unit, 8)


def test_public_counts__have_no_field_for_a_unit_or_rater() -> None:
    assert {field.name for field in fields(PatternCounts)} == {"checked", "found", "expected", "p", "status"}

"""Omega of one factor: planted structures, scale invariance, and every way in which a solution can fail to exist."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.multivariate.factor import Factor

from analysis.estimate import Status
from analysis.reliability.alpha import cronbach_alpha
from analysis.reliability.omega import omega_total, one_factor


def structure(loadings: Sequence[float], uniquenesses: Sequence[float]) -> np.ndarray:
    return np.outer(loadings, loadings) + np.diag(uniquenesses)


def test_omega__planted_one_factor_covariance__is_recovered() -> None:
    loadings, unique = [0.9, 1.4, 0.6, 0.8], [0.5, 1.0, 0.7, 0.2]
    found = omega_total(structure(loadings, unique), 500)
    assert found.status is Status.OK
    assert found.value == pytest.approx(sum(loadings) ** 2 / (sum(loadings) ** 2 + sum(unique)), abs=1e-7)


def test_omega__equal_loadings__is_alpha() -> None:
    cov = structure([0.8] * 5, [0.3, 0.5, 0.7, 0.4, 0.6])
    assert omega_total(cov, 200).value == pytest.approx(cronbach_alpha(cov, 200).value, abs=1e-7)


def test_omega__three_items__is_just_identified_and_fits_exactly() -> None:
    solution = one_factor(structure([0.7, 0.8, 0.6], [0.51, 0.36, 0.64]), 50)
    assert solution.loadings == pytest.approx([0.7, 0.8, 0.6], abs=1e-6)
    assert solution.uniquenesses == pytest.approx([0.51, 0.36, 0.64], abs=1e-6)


def test_one_factor__one_item_reversed__has_one_negative_loading() -> None:
    solution = one_factor(structure([0.7, 0.8, -0.6, 0.5], [0.5] * 4), 100)
    assert (np.sign(solution.loadings) == [1, 1, -1, 1]).all()


def test_one_factor__units_of_items_changed__has_the_same_solution() -> None:
    cov, units = structure([0.7, 0.8, 0.6, 0.5], [0.5] * 4), np.array([1.0, 10.0, 0.1, 3.0])
    before, after = one_factor(cov, 100), one_factor(cov * np.outer(units, units), 100)
    assert after.loadings == pytest.approx(before.loadings, abs=1e-7)


def test_one_factor__real_answers__is_at_least_as_likely_as_statsmodels_own_fit() -> None:
    rng = np.random.default_rng(4)
    answers = np.round(0.7 * rng.normal(size=(150, 1)) + rng.normal(size=(150, 6)))
    correlations = np.corrcoef(answers.T)
    solution, model = one_factor(np.cov(answers.T), 150), Factor(corr=correlations, n_factor=1, method="ml")
    fitted = model.fit(rng=1)
    theirs = model.loglike((fitted.loadings, fitted.uniqueness))
    assert model.loglike((solution.loadings[:, None], solution.uniquenesses)) >= theirs - 1e-10


@pytest.mark.parametrize(
    ("k", "n", "status"),
    [
        (1, 50, Status.UNDEFINED_ONE_ITEM),
        (2, 50, Status.UNDEFINED_TWO_ITEMS),
        (4, 0, Status.UNDEFINED_NO_RESPONSES),
        (4, 1, Status.UNDEFINED_ONE_RESPONSE),
        (4, 4, Status.UNDEFINED_SINGULAR),
    ],
)
def test_omega__too_few_items_or_responses__says_which(k: int, n: int, status: Status) -> None:
    cov = structure([0.7] * k, [0.5] * k)
    found = omega_total(cov if n > 1 else cov * np.nan, n)
    assert (found.value, found.status) == (None, status)


def test_omega__copied_item__is_singular() -> None:
    x = np.random.default_rng(1).normal(size=(40, 3))
    found = omega_total(np.cov(np.hstack((x, x[:, :1])).T), 40)
    assert (found.value, found.status) == (None, Status.UNDEFINED_SINGULAR)


def test_omega__constant_item__is_named() -> None:
    cov = structure([0.7] * 4, [0.5] * 4)
    cov[3] = cov[:, 3] = 0
    found = omega_total(cov, 40)
    assert (found.status, found.detail) == (Status.UNDEFINED_ITEM_VARIANCE_ZERO, {"items": "3"})


def test_omega__item_that_is_the_factor__is_a_heywood_case() -> None:
    # r12 r13 / r23 = .81 / .7 > 1: one factor explains item 0 by more than its whole variance
    cov = np.array([[1, 0.9, 0.9], [0.9, 1, 0.7], [0.9, 0.7, 1]])
    found = omega_total(cov, 60)
    assert (found.value, found.status, found.detail) == (None, Status.UNDEFINED_HEYWOOD, {"items": "0"})


def test_one_factor__unique_variance_on_either_side_of_a_two_hundredth__is_a_value_or_a_heywood_case() -> None:
    others = [0.6, 0.7, 0.5]
    for unique, status in ((0.006, Status.OK), (0.004, Status.UNDEFINED_HEYWOOD)):
        loadings = [(1 - unique) ** 0.5, *others]
        found = one_factor(structure(loadings, [unique, *(1 - loading**2 for loading in others)]), 100)
        assert found.status is status
        assert found.loadings == pytest.approx(loadings if status is Status.OK else [], abs=1e-6)


def test_omega__optimiser_stopped_early__says_that_it_did_not_converge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.reliability.omega._MOST_ITERATIONS", 1)
    found = omega_total(structure([0.9, 0.2, 0.6, 0.8], [0.5, 1.0, 0.7, 0.2]), 500)
    assert (found.value, found.status) == (None, Status.UNDEFINED_NOT_CONVERGED)


@pytest.mark.parametrize("correlation_of_two", [0.0, 0.5])
def test_omega__no_correlations_or_of_two_items_only__has_no_common_factor(correlation_of_two: float) -> None:
    cov = np.diag([1.0, 2.0, 3.0, 1.0])
    cov[0, 1] = cov[1, 0] = correlation_of_two
    found = omega_total(cov, 60)
    assert (found.value, found.status) == (None, Status.UNDEFINED_NOT_CONVERGED)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(3, 20), st.sampled_from([(0.4, 0.9), (0.0, 0.6), (-0.5, 0.9)]))
def test_one_factor__any_answers__is_stationary_or_says_why_not(
    seed: int, k: int, strength: tuple[float, float]
) -> None:
    rng = np.random.default_rng(seed)
    x = np.round(rng.normal(size=(80, 1)) * rng.uniform(*strength, k) + 0.8 * rng.normal(size=(80, k)))
    solution = one_factor(np.cov(x.T), 80)
    if solution.status is not Status.OK:
        assert solution.status is Status.UNDEFINED_HEYWOOD
        assert solution.items
        return
    # At a maximum R - Sigma has a diagonal of zeros, and the factor explains nothing more of what is left.
    implied = structure(solution.loadings, solution.uniquenesses)
    left = np.corrcoef(x.T) - implied
    assert np.diagonal(left) == pytest.approx(np.zeros(k), abs=1e-7)
    assert left @ np.linalg.solve(implied, solution.loadings) == pytest.approx(np.zeros(k), abs=1e-7)


@pytest.mark.parametrize("cov", [np.ones((2, 3)), np.ones(3), np.full((3, 3), np.nan), np.empty((0, 0))])
def test_omega__no_covariance_matrix__is_a_wrong_call(cov: np.ndarray) -> None:
    with pytest.raises(ValueError, match="covariance"):
        omega_total(cov, 10)

"""Intervals that other software prints: their formulas at other numbers, their edges, and which is wider."""

import math

import numpy as np
import pytest

from analysis.estimate import Estimate, Status, undefined
from analysis.reliability.alpha import cronbach_alpha
from analysis.reliability.intervals import asymptotic_interval, bonett_interval, feldt_interval


def compound(k: int, r: float) -> np.ndarray:
    return np.full((k, k), r) + (1 - r) * np.eye(k)


def alpha_at(value: float) -> Estimate:
    return Estimate(value=value, n=50, method="cronbach_alpha")


def test_bonett__hand_computed_alpha__has_those_limits_and_that_error() -> None:
    found = bonett_interval(alpha_at(0.8), 52, 6)
    spread = math.sqrt(12 / (5 * 50))
    assert found.se == pytest.approx(0.2 * spread, abs=1e-15)
    assert [found.lo, found.hi] == pytest.approx(
        [1 - 0.2 * math.exp(1.959963984540054 * spread), 1 - 0.2 * math.exp(-1.959963984540054 * spread)], abs=1e-12
    )


def test_bonett__two_responses__has_no_interval_although_there_is_an_alpha() -> None:
    found = bonett_interval(alpha_at(0.8), 2, 6)
    assert (found.value, found.lo, found.status) == (None, None, Status.UNDEFINED_TWO_RESPONSES)


def test_bonett__perfect_alpha__is_a_point() -> None:
    found = bonett_interval(alpha_at(1.0), 30, 3)
    assert (found.se, found.lo, found.hi) == (0.0, 1.0, 1.0)


def test_asymptotic__equal_covariances__has_the_error_that_bonett_approximates() -> None:
    # under compound symmetry the variance of alpha is 2k/((k - 1) n) (1 - alpha)^2 (van Zyl et al. 2000)
    cov, n = compound(6, 0.4), 400
    alpha = cronbach_alpha(cov, n)
    found = asymptotic_interval(alpha, cov, n)
    assert found.se == pytest.approx((1 - alpha.value) * math.sqrt(12 / (5 * n)), abs=1e-14)
    assert found.hi - found.value == pytest.approx(1.959963984540054 * found.se)


def test_asymptotic__normal_items_of_unequal_covariances__has_the_spread_of_simulated_alphas() -> None:
    cov = np.outer([0.9, 0.5, 0.2, 0.7], [0.9, 0.5, 0.2, 0.7]) + np.diag([0.2, 1.0, 0.6, 2.0])
    rng = np.random.default_rng(5)
    draws = rng.multivariate_normal(np.zeros(4), cov, size=(600, 200))
    alphas = [cronbach_alpha(np.cov(x.T), 200).value for x in draws]
    wanted = asymptotic_interval(cronbach_alpha(cov, 200), cov, 200).se
    assert np.std(alphas) == pytest.approx(wanted, rel=0.1)


def test_intervals__undefined_alpha__stays_undefined_with_its_reason() -> None:
    gone = undefined(Status.UNDEFINED_ONE_ITEM, n=9, method="cronbach_alpha")
    for found in (feldt_interval(gone, 9, 1), bonett_interval(gone, 9, 1), asymptotic_interval(gone, np.eye(1), 9)):
        assert (found.value, found.se, found.status) == (None, None, Status.UNDEFINED_ONE_ITEM)


def test_intervals__of_a_single_item__is_a_wrong_call() -> None:
    for interval in (feldt_interval, bonett_interval):
        with pytest.raises(ValueError, match="cannot have a value"):
            interval(alpha_at(0.5), 9, 1)
    with pytest.raises(ValueError, match="cannot have a value"):
        asymptotic_interval(alpha_at(0.5), np.eye(1), 9)

"""Empirical Bayes: definitions of the three variances, an independent oracle, coverage, statuses."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from statsmodels.stats.meta_analysis import combine_effects

from analysis.comparison.shrinkage import between_variance, expected_ranks, shrink
from analysis.estimate import Status
from tests.analysis.goldens.data import HERE

CASES = {case["id"]: case for case in json.loads((HERE / "edge_cases.json").read_text("utf-8"))}
METHODS = ("PM", "DL", "REML")


def units(seed: int, n_units: int = 15, tau: float = 5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    v = rng.uniform(2, 20, n_units)
    return 70 + tau * rng.normal(size=n_units) + np.sqrt(v) * rng.normal(size=n_units), v


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 40))
def test_between_variance__any_units__solves_its_own_equation(seed: int, n_units: int) -> None:
    y, v = units(seed, n_units)
    pm, dl = between_variance(y, v), between_variance(y, v, method="DL")
    if dl.value:  # statsmodels gives a negative one, with a warning, where there is none
        assert dl.value == pytest.approx(float(combine_effects(y, v, method_re="dl").tau2), abs=1e-9)
    w = 1 / (v + pm.value)
    q = np.sum(w * (y - w @ y / w.sum()) ** 2)
    assert q == pytest.approx(n_units - 1, abs=1e-9) if pm.value else q <= n_units - 1 + 1e-9
    assert (pm.status is Status.OK) == (pm.value > 0)


def minus_restricted_likelihood(tau2: float, y: np.ndarray, v: np.ndarray) -> float:
    w = 1 / (v + tau2)
    return 0.5 * (np.sum(np.log(v + tau2)) + np.log(w.sum()) + np.sum(w * (y - w @ y / w.sum()) ** 2))


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.sampled_from([0.0, 2.0, 5.0]))
def test_reml__any_units__is_where_the_restricted_likelihood_is_highest(seed: int, tau: float) -> None:
    y, v = units(seed, tau=tau)
    found = between_variance(y, v, method="REML").value
    best = minimize_scalar(
        minus_restricted_likelihood, bounds=(0, 500), args=(y, v), method="bounded", options={"xatol": 1e-10}
    )
    reached = minus_restricted_likelihood(found, y, v)
    assert reached <= min(best.fun, minus_restricted_likelihood(0.0, y, v)) + 1e-9


@pytest.mark.parametrize("method", METHODS)
def test_shrink__units_that_do_not_differ__all_get_the_grand_mean_and_a_status(method: str) -> None:
    data = np.array(CASES["between_variance_negative"]["data"])
    y, v = data.mean(axis=1), data.var(axis=1, ddof=1) / data.shape[1]
    for morris in (None, False):
        found = shrink(y, v, method=method, morris=morris)
        assert (found.tau2.value, found.status) == (0.0, Status.WARN_NO_BETWEEN_VARIANCE)
        np.testing.assert_array_equal(found.theta, found.mu.value)
        np.testing.assert_array_equal(found.reliability, 0.0)
    assert (shrink(y, v).se >= shrink(y, v, morris=False).se).all()


@settings(deadline=None)
@given(
    st.integers(0, 10**6), st.sampled_from(METHODS), st.sampled_from([True, False]), st.floats(-3, 3), st.floats(0.1, 9)
)
def test_shrink__scores_on_another_scale_in_another_order__move_along(
    seed: int, method: str, morris: bool, shift: float, factor: float
) -> None:
    y, v = units(seed)
    order = np.random.default_rng(seed).permutation(15)
    one = shrink(y, v, method=method, morris=morris)
    other = shrink(shift + factor * y[order], factor**2 * v[order], method=method, morris=morris)
    np.testing.assert_allclose(other.theta, shift + factor * one.theta[order], rtol=1e-6)
    np.testing.assert_allclose(other.se, factor * one.se[order], rtol=1e-6)
    np.testing.assert_allclose(other.reliability, one.reliability[order], atol=1e-7)
    assert ((one.theta - one.mu.value) * (y - one.mu.value) >= -1e-9).all()
    assert (np.abs(one.theta - one.mu.value) <= np.abs(y - one.mu.value) + 1e-9).all()


def test_shrink__twelve_units__covers_with_morris_correction_and_not_without() -> None:
    rng, truths = np.random.default_rng(3), {True: [], False: []}
    for _ in range(400):
        v = rng.uniform(4, 25, 12)
        theta = 70 + 4 * rng.normal(size=12)
        y = theta + np.sqrt(v) * rng.normal(size=12)
        for morris, covered in truths.items():
            found = shrink(y, v, morris=morris)
            covered.append((found.lo <= theta) & (theta <= found.hi))
    assert np.mean(truths[True]) > 0.935
    assert np.mean(truths[False]) < 0.91


def test_shrink__number_of_units__decides_about_the_correction() -> None:
    assert [shrink(*units(1, n)).morris for n in (3, 4, 19, 20)] == [False, True, True, False]
    assert shrink(*units(1, 30), morris=True).morris


@pytest.mark.parametrize(
    ("y", "v", "status", "detail"),
    [([70.0], [4.0], Status.UNDEFINED_ONE_UNIT, {}), ([], [], Status.UNDEFINED_ONE_UNIT, {}),
     ([70.0, 60.0, 50.0], [4.0, 0.0, 0.0], Status.UNDEFINED_ZERO_ERROR, {"units": "1,2"})],
)  # fmt: skip
def test_shrink__one_unit_or_no_error__is_undefined(y: list, v: list, status: Status, detail: dict) -> None:
    found = shrink(np.array(y), np.array(v))
    assert (found.status, found.theta, found.mu.value, found.tau2.value) == (status, None, None, None)
    assert found.tau2.detail == detail
    with pytest.raises(ValueError, match="finite score"):
        shrink(np.array([1.0, np.nan]), np.ones(2))


def test_expected_ranks__any_units__add_up_and_are_ranks_where_nothing_is_doubtful() -> None:
    theta, se = np.array([70.0, 60.0, 65.0, 65.0]), np.array([3.0, 2.0, 4.0, 4.0])
    found = expected_ranks(theta, se)
    assert found.sum() == pytest.approx(10)
    assert found[2] == pytest.approx(found[3])
    assert expected_ranks(theta, np.zeros(4)).tolist() == [1, 4, 2.5, 2.5]

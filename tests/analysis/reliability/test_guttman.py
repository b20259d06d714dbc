"""Guttman's bounds and squared multiple correlations: definitions, order of the bounds, singular matrices."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.estimate import Status
from analysis.reliability.alpha import cronbach_alpha
from analysis.reliability.guttman import guttman_lambdas, squared_multiple_correlations

LAMBDAS = ("l1", "l2", "l3", "l4", "l5", "l6")


def answers(n: int = 200, k: int = 5, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.round(rng.normal(size=(n, 1)) * rng.uniform(0.2, 1, k) + rng.normal(size=(n, k)), 1)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(2, 9))
def test_guttman__any_answers__keep_the_order_of_the_bounds(seed: int, k: int) -> None:
    cov = np.cov(answers(60, k, seed).T)
    found = {name: getattr(guttman_lambdas(cov, 60), name).value for name in LAMBDAS}
    assert found["l3"] == pytest.approx(cronbach_alpha(cov, 60).value, abs=1e-12)
    assert found["l1"] <= found["l3"] * (1 + 1e-12) or found["l3"] < 0
    assert found["l2"] >= found["l3"] - 1e-12
    assert found["l2"] >= found["l5"] - 1e-12 or k > 2  # of two items both are the same formula
    assert found["l6"] >= found["l1"] - 1e-12


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.randoms(use_true_random=False))
def test_guttman__items_in_another_order__is_the_same(seed: int, random: object) -> None:
    cov = np.cov(answers(80, 6, seed).T)
    order = list(range(6))
    random.shuffle(order)  # type: ignore[attr-defined]
    before, after = guttman_lambdas(cov, 80), guttman_lambdas(cov[np.ix_(order, order)], 80)
    for name in LAMBDAS:
        assert getattr(after, name).value == pytest.approx(getattr(before, name).value, abs=1e-12)


def test_guttman__parallel_items__are_all_alpha_but_the_first_and_the_sixth() -> None:
    cov = np.full((6, 6), 0.4) + 0.6 * np.eye(6)
    found = guttman_lambdas(cov, 100)
    assert [found.l2.value, found.l3.value, found.l4.value] == pytest.approx([0.8] * 3, abs=1e-12)
    assert found.l1.value == pytest.approx(0.8 * 5 / 6)
    assert found.l6.value < 0.8


def test_smc__of_each_item__is_what_a_regression_on_the_others_explains() -> None:
    x = answers()
    centred = x - x.mean(axis=0)
    wanted = []
    for j in range(5):
        others = np.delete(centred, j, axis=1)
        left = centred[:, j] - others @ np.linalg.lstsq(others, centred[:, j], rcond=None)[0]
        wanted.append(1 - (left @ left) / (centred[:, j] @ centred[:, j]))
    found = squared_multiple_correlations(np.cov(x.T), 200)
    assert [estimate.value for estimate in found] == pytest.approx(wanted, abs=1e-12)
    units = np.array([1, 10, 0.1, 3, 7])
    scaled = squared_multiple_correlations(np.cov(x.T) * np.outer(units, units), 200)
    assert [estimate.value for estimate in scaled] == pytest.approx(wanted, abs=1e-12)


def test_guttman__copied_item_or_too_few_responses__has_all_but_the_sixth() -> None:
    x = answers()
    copied = np.cov(np.hstack((x, x[:, :1])).T)
    for cov, n in ((copied, 200), (np.cov(answers(5).T), 5)):
        found = guttman_lambdas(cov, n)
        assert (found.l6.value, found.l6.status) == (None, Status.UNDEFINED_SINGULAR)
        assert all(getattr(found, name).value is not None for name in LAMBDAS[:5])
        assert {estimate.status for estimate in squared_multiple_correlations(cov, n)} == {Status.UNDEFINED_SINGULAR}


def test_guttman__covariances_that_nobody_can_have__has_no_sixth() -> None:
    cov = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]])
    assert np.linalg.eigvalsh(cov)[0] < 0
    assert guttman_lambdas(cov, 50).l6.status is Status.UNDEFINED_SINGULAR


def test_smc__constant_item__is_named() -> None:
    cov = np.cov(answers().T)
    cov[2] = cov[:, 2] = 0
    found = squared_multiple_correlations(cov, 200)
    assert {estimate.status for estimate in found} == {Status.UNDEFINED_ITEM_VARIANCE_ZERO}
    assert found[0].detail == {"items": "2"}


@pytest.mark.parametrize(
    ("k", "n", "status"),
    [
        (1, 50, Status.UNDEFINED_ONE_ITEM),
        (4, 0, Status.UNDEFINED_NO_RESPONSES),
        (4, 1, Status.UNDEFINED_ONE_RESPONSE),
    ],
)
def test_guttman__too_little__says_what(k: int, n: int, status: Status) -> None:
    cov = np.eye(k) if n > 1 else np.full((k, k), np.nan)
    assert {getattr(guttman_lambdas(cov, n), name).status for name in LAMBDAS} == {status}
    assert {estimate.status for estimate in squared_multiple_correlations(cov, n)} == {status}


def test_guttman__opposite_items__have_no_total_variance() -> None:
    cov = np.array([[1.0, -1.0], [-1.0, 1.0]])
    assert guttman_lambdas(cov, 20).l2.status is Status.UNDEFINED_TOTAL_VARIANCE_ZERO

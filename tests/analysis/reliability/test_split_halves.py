"""Split halves: every split once, the closed mean, halves of unequal length, and what psych does instead."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.estimate import Status
from analysis.reliability.alpha import cronbach_alpha, spearman_brown
from analysis.reliability.split_halves import all_splits, horst, odd_even, split_coefficients, split_half, split_halves
from tests.analysis.goldens.data import correlation, golden, table


def answers(n: int = 200, k: int = 6, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.round(rng.normal(size=(n, 1)) * rng.uniform(0.2, 1, k) + rng.normal(size=(n, k)), 1)


@pytest.mark.parametrize(("k", "count"), [(2, 1), (3, 3), (4, 3), (5, 10), (7, 35), (8, 35), (15, 6435), (16, 6435)])
def test_all_splits__of_k_items__are_each_there_once(k: int, count: int) -> None:
    halves = all_splits(k)
    assert halves.shape == (count, k)
    assert (halves.sum(axis=1) == k // 2).all()
    named = {min(tuple(row), tuple(~row)) for row in halves}
    assert len(named) == count


def test_split_coefficients__of_each_split__are_rulons_formula_on_the_sums() -> None:
    x = answers(80, 5)
    found = split_coefficients(np.cov(x.T), all_splits(5))
    for half, value in zip(all_splits(5), found, strict=True):
        first, second = x[:, half].sum(axis=1), x[:, ~half].sum(axis=1)
        wanted = 2 * (1 - (first.var(ddof=1) + second.var(ddof=1)) / (first + second).var(ddof=1))
        assert value == pytest.approx(wanted, abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(2, 11))
def test_split_halves__any_answers__average_to_alpha_or_just_below(seed: int, k: int) -> None:
    cov = np.cov(answers(60, k, seed).T)
    found, alpha = split_halves(cov, 60), cronbach_alpha(cov, 60).value
    assert found.mean.value == pytest.approx(float(found.coefficients.mean()), abs=1e-10)
    assert found.mean.value == pytest.approx(alpha * (1 if k % 2 == 0 else (k**2 - 1) / k**2), abs=1e-10)
    assert found.least.value == found.coefficients[0]
    assert found.greatest.value == found.coefficients[-1]
    assert found.least.detail == {"splits": float(len(found.coefficients))}


def test_split_halves__two_groups_of_items__have_their_beta_at_the_split_between_them() -> None:
    cov = np.full((6, 6), 0.1) + np.kron(np.eye(2), np.full((3, 3), 0.5)) + 0.4 * np.eye(6)
    found = split_halves(cov, 100)
    assert found.least.value == pytest.approx(4 * 9 * 0.1 / cov.sum(), abs=1e-12)
    assert found.least.value < 0.5 < found.mean.value < found.greatest.value


def test_split_halves__seventeen_items__are_sampled_and_say_so() -> None:
    cov = np.cov(answers(300, 17).T)
    found, again, other = split_halves(cov, 300), split_halves(cov, 300), split_halves(cov, 300, seed=1, draws=50)
    assert np.array_equal(found.coefficients, again.coefficients)
    assert (found.least.status, found.greatest.status, found.mean.status) == (
        Status.WARN_SAMPLED, Status.WARN_SAMPLED, Status.OK,
    )  # fmt: skip
    assert len(found.coefficients) == 10_000
    assert found.mean.value == pytest.approx(float(found.coefficients.mean()), abs=1e-3)
    assert len(other.coefficients) == 50
    assert found.least.value < other.least.value < found.mean.value < other.greatest.value < found.greatest.value


def test_split_halves__seven_items_in_psych__are_eighteen_of_thirtyfive() -> None:
    r = correlation(np.cov(table("attitude").to_numpy().T))
    visited = split_coefficients(r, all_splits(7)[:18])
    assert np.sort(visited) == pytest.approx(golden("attitude", "splithalf.raw_all_sorted"), abs=1e-8)
    assert visited.min() == pytest.approx(golden("attitude", "splithalf.min_beta"), abs=1e-8)
    assert visited.sum() / (math.comb(7, 3) / 2) == pytest.approx(golden("attitude", "splithalf.mean"), abs=1e-8)
    found = split_halves(r, 30)
    assert found.least.value == pytest.approx(0.675017, abs=1e-6)
    assert found.mean.value == pytest.approx(0.821960, abs=1e-6)


def test_split_half__parallel_items_in_unequal_halves__horst_gives_the_reliability_of_the_whole() -> None:
    cov = np.full((5, 5), 0.4) + 0.6 * np.eye(5)
    found, alpha = odd_even(cov, 100), cronbach_alpha(cov, 100).value
    assert found.horst.value == pytest.approx(alpha, abs=1e-12)
    assert found.spearman_brown.value < alpha
    assert found.rulon.value < alpha


@given(st.floats(-0.999, 1.0), st.floats(0.05, 0.95))
def test_horst__any_correlation__is_horsts_formula_and_spearman_brown_at_a_half(r: float, p: float) -> None:
    q = 1 - p
    if abs(r) < 0.99:
        root = math.sqrt(r * r + 4 * p * q * (1 - r * r))
        assert horst(r, p) == pytest.approx((r * root - r * r) / (2 * p * q * (1 - r * r)), abs=1e-9)
    assert horst(r, 0.5) == pytest.approx(spearman_brown(r), rel=1e-9, abs=1e-12)
    assert horst(1.0, p) == pytest.approx(1.0)
    assert horst(-1.0, p) is None


def test_split_half__two_items__is_spearman_brown_of_their_correlation() -> None:
    x = answers(90, 2)
    r = float(np.corrcoef(x.T)[0, 1])
    found = odd_even(np.cov(x.T), 90)
    assert (found.correlation.value, found.spearman_brown.value) == (
        pytest.approx(r, abs=1e-12), pytest.approx(2 * r / (1 + r), abs=1e-12),
    )  # fmt: skip


def test_split_half__negative_correlation__falls_below_minus_one() -> None:
    cov = np.array([[1.0, -0.6], [-0.6, 1.0]])
    assert odd_even(cov, 20).spearman_brown.value == pytest.approx(-3.0)


def test_split_half__constant_half__has_no_correlation_but_a_rulon() -> None:
    cov = np.zeros((3, 3))
    cov[0, 0] = cov[2, 2] = 1.0
    cov[0, 2] = cov[2, 0] = 0.5
    found = odd_even(cov, 20)
    assert {found.correlation.status, found.spearman_brown.status, found.horst.status} == {
        Status.UNDEFINED_TOTAL_VARIANCE_ZERO
    }
    assert found.rulon.value == 0.0


def test_split_half__opposite_halves__have_a_correlation_and_nothing_else() -> None:
    found = odd_even(np.array([[1.0, -1.0], [-1.0, 1.0]]), 20)
    assert found.correlation.value == pytest.approx(-1.0)
    for estimate in (found.spearman_brown, found.horst, found.rulon):
        assert estimate.status is Status.UNDEFINED_TOTAL_VARIANCE_ZERO


@pytest.mark.parametrize(
    ("k", "n", "status"),
    [
        (1, 50, Status.UNDEFINED_ONE_ITEM),
        (4, 0, Status.UNDEFINED_NO_RESPONSES),
        (4, 1, Status.UNDEFINED_ONE_RESPONSE),
        (4, 9, Status.UNDEFINED_TOTAL_VARIANCE_ZERO),
    ],
)
def test_split_halves__too_little__says_what(k: int, n: int, status: Status) -> None:
    cov = np.full((k, k), np.nan) if n < 2 else np.zeros((k, k))
    found = split_halves(cov, n)
    assert {found.least.status, found.mean.status, found.greatest.status} == {status}
    assert len(found.coefficients) == 0
    assert odd_even(cov, n).rulon.status is status


@pytest.mark.parametrize("first", [[], [0, 1, 2, 3], [4], [-1]])
def test_split_half__no_half__is_a_wrong_call(first: list[int]) -> None:
    with pytest.raises(ValueError, match="half"):
        split_half(np.eye(4), 20, first)

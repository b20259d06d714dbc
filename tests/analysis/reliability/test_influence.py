"""Sums of the influence function: exact, additive, the same by one pass over integers and by two over any numbers."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from analysis.estimate import Status
from analysis.moments import grouped_moments
from analysis.reliability.alpha import influence_interval, influence_of_sums
from analysis.reliability.influence import InfluenceSums, fits, influence_of_rows, influence_sums


def scale(n: int = 300, k: int = 5, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.clip(np.round(3.3 + 0.7 * rng.normal(size=(n, 1)) + 0.8 * rng.normal(size=(n, k))), 1, 5).astype(np.int8)


def direct(codes: np.ndarray) -> np.ndarray:
    """Products of (x, 1, sum x^2, T^2) in integers without a bound."""
    wide = codes.astype(object)
    squares, totals = (wide**2).sum(axis=1), wide.sum(axis=1) ** 2
    z = np.column_stack((wide, np.ones(len(wide), dtype=object), squares, totals))
    return z.T @ z


def assert_same(left: InfluenceSums, right: InfluenceSums) -> None:
    assert np.array_equal(left.n, right.n)
    assert np.array_equal(left.z, right.z)
    assert left.z.dtype == right.z.dtype == np.int64


@pytest.mark.parametrize("group", [None, np.array([0, 0, 1])])
def test_influence_interval__two_responses__has_none(group: np.ndarray | None) -> None:
    answers = np.array([[1, 2, 3], [2, 3, 5], [4, 4, 4]], dtype=np.int8)[: 2 if group is None else 3]
    for numbers in (answers, answers / 3):
        found = influence_interval(numbers, group=group)
        assert (found.value, found.se, found.status) == (None, None, Status.UNDEFINED_TWO_RESPONSES)


@settings(deadline=None)
@given(arrays(np.int8, array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.integers(-128, 127)))
def test_influence_sums__any_codes__are_the_integer_sums(codes: np.ndarray) -> None:
    assert np.array_equal(influence_sums(codes).z[0], direct(codes))


@pytest.mark.parametrize(("low", "high", "k"), [(1, 5, 20), (1, 7, 20), (1, 10, 20), (0, 100, 7), (990, 1010, 3)])
def test_influence_sums__several_blocks_in_either_precision__are_the_integer_sums(low: int, high: int, k: int) -> None:
    codes = np.random.default_rng(3).integers(low, high + 1, (5000, k)).astype(np.int16)
    codes[:2000] = high  # one extreme after the other: the largest sums that these codes can make
    assert np.array_equal(influence_sums(codes).z[0], direct(codes))


def test_influence_sums__parts_added__are_those_of_the_whole() -> None:
    codes, group = scale(700), np.random.default_rng(2).integers(0, 4, 700)
    whole = influence_sums(codes, group, 4)
    assert_same(influence_sums(codes[:300], group[:300], 4) + influence_sums(codes[300:], group[300:], 4), whole)
    assert_same(whole.total(), influence_sums(codes))
    assert_same(whole.unit(2), influence_sums(codes[group == 2]))


def test_influence_sums__of_groups__hold_their_moments() -> None:
    codes, group = scale(200), np.repeat([0, 2], 100)
    held, wanted = influence_sums(codes, group, 3).grouped(), grouped_moments(codes, group, 3)
    for name in ("n", "s", "q"):
        assert np.array_equal(getattr(held, name), getattr(wanted, name))


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 7), st.sampled_from([0, 100, -30]))
def test_of_influence__against_the_rows__has_their_sums(seed: int, k: int, lift: int) -> None:
    codes = scale(90, k, seed).astype(np.int64) + lift
    group = np.random.default_rng(seed).integers(0, 4, 90)
    sums = influence_sums(codes, group, 5)
    means = sums.grouped().s / np.maximum(sums.n, 1)[:, None]
    first, second = sums.of_influence(0.3)
    by_rows = influence_of_rows(codes, means, group, 5, 0.3)
    assert first == pytest.approx(by_rows[0], abs=1e-9)
    assert second == pytest.approx(by_rows[1], rel=1e-9)


def test_influence_interval__numbers_that_are_no_codes__has_the_same_answer_as_for_codes() -> None:
    codes, group = scale(300), np.random.default_rng(2).integers(0, 4, 300)
    for units in (None, group):
        exact, rows = influence_interval(codes, group=units), influence_interval(codes / 2, group=units)
        assert rows.value == pytest.approx(exact.value, abs=1e-12)
        assert rows.se == pytest.approx(exact.se, abs=1e-12)
        assert (rows.n, rows.df) == (exact.n, exact.df)


def test_influence_interval__integers_beyond_exact_fourth_powers__is_computed_from_the_rows() -> None:
    far = scale(100).astype(np.int64) * 10**6
    assert not fits(far)
    with pytest.raises(ValueError, match="too far"):
        influence_sums(far)
    assert influence_interval(far).se == pytest.approx(influence_interval(scale(100)).se, rel=1e-9)


def test_influence_of_sums__of_two_files__is_the_interval_of_both_together() -> None:
    codes = scale(500)
    parts = influence_sums(codes[:123]) + influence_sums(codes[123:])
    assert influence_of_sums(parts) == influence_interval(codes)


@pytest.mark.parametrize("codes", [np.ones(3, dtype=np.int8), np.ones((3, 2)), np.ones((3, 2), dtype=bool)])
def test_influence_sums__no_matrix_of_integers__is_a_wrong_call(codes: Any) -> None:
    with pytest.raises(ValueError, match="integers"):
        influence_sums(codes)

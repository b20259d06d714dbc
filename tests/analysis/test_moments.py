"""Moments: exact integers, additive, the same bits under any chunking; covariances as numpy and pandas compute them."""

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from analysis.moments import BLOCK_ROWS, Moments, grouped_moments, moments, pairwise_moments, rows_by_group


def random_codes(n: int, k: int, high: int = 5, dtype: Any = np.int8, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, high + 1, (n, k)).astype(dtype)


def assert_same(left: Any, right: Any) -> None:
    for name in ("n", "s", "q"):
        assert np.array_equal(getattr(left, name), getattr(right, name))
        assert np.asarray(getattr(left, name)).dtype == np.asarray(getattr(right, name)).dtype


def direct(codes: np.ndarray) -> Moments:
    wide = codes.astype(np.int64)
    return Moments(len(codes), wide.sum(axis=0), wide.T @ wide)


code_matrices = arrays(np.int8, array_shapes(min_dims=2, max_dims=2, max_side=30), elements=st.integers(-128, 127))


@settings(deadline=None)
@given(code_matrices, st.integers(-200, 200))
def test_moments__any_codes_and_shift__are_the_integer_sums(codes: np.ndarray, shift: int) -> None:
    assert_same(moments(codes, shift), direct(codes))
    assert_same(moments(codes), direct(codes))


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.int64])
def test_moments__several_blocks_of_any_width__are_the_integer_sums(dtype: Any) -> None:
    codes = random_codes(3 * BLOCK_ROWS + 5, 7, 10, dtype)
    assert_same(moments(codes), direct(codes))
    assert_same(moments(np.asfortranarray(codes)[:, ::2]), direct(codes[:, ::2]))


def test_moments__codes_beyond_float32__stay_exact() -> None:
    codes = np.random.default_rng(2).integers(-(10**5), 10**5, (5000, 3)) + 10**6
    assert_same(moments(codes), direct(codes))


@pytest.mark.parametrize(("rows", "low", "high"), [(2, 0, 2**60), (2, 2**31, 2**31), (2**15, 2**24 - 2, 2**24 - 1)])
def test_moments__sums_beyond_int64__are_refused(rows: int, low: int, high: int) -> None:
    with pytest.raises(ValueError, match="too far"):
        moments(np.tile([low, high], (rows, 1)))


@pytest.mark.parametrize("codes", [np.ones((3, 2)), np.ones(3, dtype=np.int8), np.ones((3, 2), dtype=bool)])
def test_moments__no_matrix_of_integers__are_refused(codes: np.ndarray) -> None:
    with pytest.raises(ValueError, match="integers"):
        moments(codes)


@settings(deadline=None)
@given(code_matrices, st.lists(st.integers(0, 30), max_size=4))
def test_moments__cut_anywhere_and_added_in_any_order__have_the_same_bits(codes: np.ndarray, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(codes)) for cut in cuts), len(codes)]
    pieces = [moments(codes[a:b]) for a, b in pairwise(edges)]
    forwards, backwards = pieces[0], pieces[-1]
    for piece in pieces[1:]:
        forwards = forwards + piece
    for piece in reversed(pieces[:-1]):
        backwards = piece + backwards
    whole = moments(codes)
    assert_same(forwards, whole)
    assert_same(backwards, whole)
    assert forwards.covariance().tobytes() == whole.covariance().tobytes()


@settings(deadline=None)
@given(code_matrices, code_matrices, code_matrices)
def test_moments__added__are_associative(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> None:
    k = min(a.shape[1], b.shape[1], c.shape[1])
    x, y, z = (moments(part[:, :k]) for part in (a, b, c))
    assert_same((x + y) + z, x + (y + z))


@settings(deadline=None)
@given(code_matrices, st.data())
def test_grouped_moments__any_groups__are_the_moments_of_each_and_sum_to_all(codes: np.ndarray, data: Any) -> None:
    group = np.array(data.draw(st.lists(st.integers(0, 4), min_size=len(codes), max_size=len(codes))), dtype=np.int32)
    sums = grouped_moments(codes, group, 5)
    for unit in range(5):
        assert_same(sums.unit(unit), direct(codes[group == unit]))
    assert_same(sums.total(), moments(codes))
    half = len(codes) // 2
    assert_same(grouped_moments(codes[:half], group[:half], 5) + grouped_moments(codes[half:], group[half:], 5), sums)


@pytest.mark.parametrize("ordered", [True, False])
def test_grouped_moments__large_groups__take_several_blocks(ordered: bool) -> None:
    codes = random_codes(3 * BLOCK_ROWS, 4)
    group = np.random.default_rng(3).integers(0, 2, len(codes)).astype(np.int32)
    group = np.sort(group) if ordered else group
    sums = grouped_moments(codes, group, 2)
    assert_same(sums.unit(1), direct(codes[group == 1]))


def test_within_covariance__three_units_one_empty__pools_deviations_from_unit_means() -> None:
    codes, group = random_codes(200, 5), np.repeat([0, 2], [80, 120])
    sums = grouped_moments(codes, group, 3)
    deviations = codes - np.where(group[:, None] == 0, codes[:80].mean(axis=0), codes[80:].mean(axis=0))
    assert sums.within_df == 198
    np.testing.assert_allclose(sums.within_covariance(), deviations.T @ deviations / 198, atol=1e-12)


def test_within_covariance__scatter_beyond_int64__does_not_overflow() -> None:
    codes = np.random.default_rng(4).choice([-(10**5), 10**5], (60_000, 2))
    group = np.zeros(len(codes), dtype=np.int8)
    np.testing.assert_allclose(grouped_moments(codes, group, 1).within_covariance(), np.cov(codes.T), rtol=1e-9)


def test_within_covariance__every_unit_of_one__does_not_exist() -> None:
    sums = grouped_moments(random_codes(4, 3), np.arange(4), 4)
    assert sums.within_df == 0
    assert np.isnan(sums.within_covariance()).all()


def test_covariance__of_codes__is_numpys() -> None:
    codes = random_codes(500, 6)
    np.testing.assert_allclose(moments(codes).covariance(), np.cov(codes.T), atol=1e-13)
    np.testing.assert_allclose(moments(codes).means(), codes.mean(axis=0), atol=1e-15)


@pytest.mark.parametrize("n", [0, 1])
def test_covariance__fewer_than_two_responses__does_not_exist(n: int) -> None:
    assert np.isnan(moments(random_codes(n, 3)).covariance()).all()


def test_pairwise_moments__missing_cells__give_pandas_covariance_whatever_stands_there() -> None:
    codes = random_codes(3 * BLOCK_ROWS, 4)
    present = np.random.default_rng(5).random(codes.shape) > 0.2
    sums = pairwise_moments(np.where(present, codes, -3).astype(np.int8), present)
    frame = pd.DataFrame(np.where(present, codes, np.nan))
    np.testing.assert_allclose(sums.covariance(), frame.cov().to_numpy(), atol=1e-12)
    np.testing.assert_allclose(sums.means(), frame.mean().to_numpy(), atol=1e-12)
    assert np.array_equal(np.diagonal(sums.n), present.sum(axis=0))
    assert_same(pairwise_moments(codes[:99], present[:99]) + pairwise_moments(codes[99:], present[99:]), sums)


def test_pairwise_moments__all_there__agree_with_moments() -> None:
    codes = random_codes(50, 3)
    pairs, whole = pairwise_moments(codes, np.ones(codes.shape, dtype=bool)), moments(codes)
    assert np.array_equal(pairs.q, whole.q)
    np.testing.assert_array_equal(pairs.covariance(), whole.covariance())


def test_pairwise_moments__a_pair_that_nobody_answered__has_no_covariance() -> None:
    present = np.array([[True, False], [True, False], [False, True]])
    sums = pairwise_moments(random_codes(3, 2), present)
    assert np.isnan(sums.covariance()[0, 1])
    assert not np.isnan(sums.covariance()[0, 0])
    nobody = pairwise_moments(random_codes(3, 2), np.zeros((3, 2), dtype=bool))
    assert np.isnan(nobody.means()).all()


def test_pairwise_moments__present_of_another_shape__is_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        pairwise_moments(random_codes(3, 2), np.ones((3, 3), dtype=bool))


@pytest.mark.parametrize("group", [[0, 1, 3], [0, -1, 2], [0, 1]])
def test_rows_by_group__numbers_out_of_range_or_too_few__are_refused(group: list[int]) -> None:
    with pytest.raises(ValueError, match="group"):
        rows_by_group(np.array(group), 3, 3)


@pytest.mark.parametrize("n_groups", [3, 70_000])
def test_rows_by_group__unordered__lists_each_groups_rows(n_groups: int) -> None:
    group = np.array([2, 0, 1, 2, 0]) * (n_groups // 3)
    order, bounds = rows_by_group(group, n_groups, 5)
    assert order is not None
    for unit in np.unique(group):
        assert order[bounds[unit] : bounds[unit + 1]].tolist() == np.flatnonzero(group == unit).tolist()

"""Tables of pairs: against counting one pair at a time, under every cut into blocks, and against sums of products."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import pair_tables as module
from analysis.moments import pairwise_moments
from analysis.pair_tables import PairTables, pair_tables


def answers(seed: int, n: int, k: int, levels: int) -> np.ndarray:
    """1 to `levels`, with one in ten missing under the codes of a frame, 0 to -3."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(1, levels + 1, (n, k))
    return np.where(rng.random((n, k)) < 0.1, -rng.integers(0, 4, (n, k)), codes).astype(np.int8)


def counted(codes: np.ndarray, row: int, column: int, levels: int) -> np.ndarray:
    table = np.zeros((levels + 1, levels + 1), dtype=np.int64)
    np.add.at(table, (np.maximum(codes[:, row], 0), np.maximum(codes[:, column], 0)), 1)
    return table[1:, 1:]


shapes = st.tuples(st.integers(0, 10**6), st.integers(0, 300), st.integers(1, 9), st.integers(1, 7))


@settings(deadline=None, max_examples=60)
@given(shapes)
def test_pair_tables__any_answers__are_those_counted_one_pair_at_a_time(shape: tuple[int, int, int, int]) -> None:
    codes, levels = answers(*shape), shape[3]
    found = pair_tables(codes, levels)
    assert (found.k, found.counts.dtype, found.answers.dtype) == (shape[2], np.int64, np.int64)
    for a in range(found.k):
        assert found.answers[a].tolist() == [int((codes[:, a] == level).sum()) for level in range(1, levels + 1)]
        for b in range(found.k):
            if a != b:
                np.testing.assert_array_equal(found.table(a, b), counted(codes, a, b, levels))


@settings(deadline=None, max_examples=40)
@given(shapes, st.integers(0, 300), st.sampled_from([1, 7, 64, 10**6]))
def test_pair_tables__cut_anywhere_and_counted_in_any_blocks__have_the_same_bits(
    shape: tuple[int, int, int, int], cut: int, block: int
) -> None:
    codes, levels = answers(*shape), shape[3]
    whole = pair_tables(codes, levels)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BLOCK_ROWS", block)
        parts = pair_tables(codes[:cut], levels) + pair_tables(codes[cut:][::-1], levels)
    np.testing.assert_array_equal(parts.counts, whole.counts)
    np.testing.assert_array_equal(parts.answers, whole.answers)


@pytest.mark.parametrize(("n", "width"), [(3, 1), (1000, 2), (40_000, 3)])
def test_pair_tables__more_responses__are_counted_in_wider_bunches_with_the_same_result(n: int, width: int) -> None:
    codes = answers(1, n, 7, 5)
    assert max(map(len, module._bunches(7, 6, n))) == width
    np.testing.assert_array_equal(pair_tables(codes, 5).table(6, 0), counted(codes, 6, 0, 5))
    np.testing.assert_array_equal(pair_tables(codes, 5).table(0, 1), counted(codes, 0, 1, 5))


def test_pair_tables__with_missing__have_the_same_sums_as_pairwise_moments() -> None:
    codes = answers(3, 500, 6, 5)
    tables, sums = pair_tables(codes, 5), pairwise_moments(codes, codes > 0)
    level = np.arange(1, 6)
    at = tables.first, tables.second
    np.testing.assert_array_equal(tables.n, sums.n[at])
    np.testing.assert_array_equal(tables.counts.sum(axis=2) @ level, sums.s[at])
    np.testing.assert_array_equal(np.einsum("pab,a,b->p", tables.counts, level, level), sums.q[at])


def test_table__rows_and_columns_changed__is_transposed() -> None:
    tables = pair_tables(answers(4, 100, 4, 3), 3)
    np.testing.assert_array_equal(tables.table(3, 1), tables.table(1, 3).T)


@pytest.mark.parametrize("pair", [(1, 1), (-1, 0), (0, 4)])
def test_table__no_pair_of_items__is_a_wrong_call(pair: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no pair"):
        pair_tables(answers(4, 100, 4, 3), 3).table(*pair)


@pytest.mark.parametrize(
    ("codes", "levels"),
    [
        (np.ones((5, 2)), 3),
        (np.ones(5, dtype=int), 3),
        (np.ones((5, 0), dtype=int), 3),
        (np.full((5, 2), 4), 3),
        (np.zeros((5, 2), dtype=int), 0),
    ],
)
def test_pair_tables__no_codes_of_that_scale__is_a_wrong_call(codes: np.ndarray, levels: int) -> None:
    with pytest.raises(ValueError, match="codes"):
        pair_tables(codes, levels)


def test_pair_tables__of_other_items__do_not_add_up() -> None:
    with pytest.raises(ValueError, match="do not add up"):
        _ = pair_tables(answers(1, 9, 3, 5), 5) + PairTables(np.zeros((3, 4), int), np.zeros((3, 4, 4), int))

"""Runs, spread and missing cells of single rows: by hand, by definition, and what must not change them."""

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.quality.patterns import average_string, irv, longest_run, longstring, missing_share

seeds = st.integers(0, 10**6)


def rows(seed: int, n: int = 40, k: int = 9, missing: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.integers(1, 4, (n, k)), rng.random((n, k)) >= missing


def by_hand(row: np.ndarray, here: np.ndarray) -> int:
    cells = [
        (value if known else f"gap {at}") for at, (value, known) in enumerate(zip(row.tolist(), here, strict=True))
    ]
    return max((len(list(same)) for value, same in groupby(cells) if not isinstance(value, str)), default=0)


@settings(deadline=None)
@given(seeds)
def test_longstring__any_rows__is_the_longest_group(seed):
    values, present = rows(seed)
    assert longstring(values, present).tolist() == [by_hand(*row) for row in zip(values, present, strict=True)]


def test_longstring__absent_cell_inside__breaks_the_run():
    values = np.array([[5, 5, 5, 5, 5], [5, 5, 5, 5, 5], [5, 5, 5, 5, 5]])
    present = np.array([[1, 1, 1, 1, 1], [1, 1, 0, 1, 1], [0, 0, 0, 0, 0]], dtype=bool)
    assert longstring(values, present).tolist() == [5, 2, 0]
    assert average_string(values, present).value.tolist() == [5.0, 2.0, 0.0]
    assert average_string(values, present).defined.tolist() == [True, True, False]


def test_longstring__numbers_with_fractions_and_nan__compares_exactly():
    values = np.array([[0.1, 0.1, np.nan, np.nan, 0.3]])
    assert longstring(values, ~np.isnan(values)).tolist() == [2]


def test_longest_run__of_one_direction__is_none():
    values, present = np.array([[3, 3, 3, 3, 2, 2, 1]]), np.ones((1, 7), dtype=bool)
    turned = np.array([0, 0, 0, 0, 0, 1, 0], dtype=bool)
    assert longest_run(values, present, turned).tolist() == [2]
    assert longest_run(values, present, np.zeros(7, dtype=bool)).tolist() == [0]
    assert longest_run(values, present, np.ones(7, dtype=bool)).tolist() == [0]


def test_longest_run__reversed_item_at_the_start_middle_or_end__counts_the_whole_run():
    values, present = np.full((1, 6), 4), np.ones((1, 6), dtype=bool)
    for at in range(6):
        assert longest_run(values, present, np.arange(6) == at).tolist() == [6]


def test_longest_run__border_of_a_page__is_not_crossed():
    values, present = np.full((1, 6), 4), np.ones((1, 6), dtype=bool)
    turned, breaks = np.arange(6) == 4, np.arange(6) == 3
    assert longest_run(values, present, turned, breaks).tolist() == [3]
    assert longest_run(values, present, turned, np.arange(6) == 5).tolist() == [5]


@settings(deadline=None)
@given(seeds)
def test_longest_run__any_rows__is_the_longest_group_with_both_directions(seed):
    values, present = rows(seed)
    turned = np.random.default_rng(seed).random(9) < 0.4
    wanted = []
    for row, here in zip(values, present, strict=True):
        best = 0
        for start in range(9):
            for end in range(start + 1, 10):
                some = slice(start, end)
                same = here[some].all() and len(set(row[some].tolist())) == 1
                if same and turned[some].any() and not turned[some].all():
                    best = max(best, end - start)
        wanted.append(best)
    assert longest_run(values, present, turned).tolist() == wanted


def test_irv__rows__is_the_standard_deviation_of_what_is_there():
    values, present = rows(3)
    found = irv(values, present)
    for at, (row, here) in enumerate(zip(values, present, strict=True)):
        assert found.value[at] == pytest.approx(row[here].std(ddof=1), abs=1e-12)


def test_irv__fewer_than_two_answers__is_not_defined():
    values = np.array([[1.0, np.nan], [np.nan, np.nan], [2.0, 4.0]])
    found = irv(values, ~np.isnan(values))
    assert found.defined.tolist() == [False, False, True]
    assert found.value.tolist() == [0.0, 0.0, pytest.approx(2**0.5)]


@settings(deadline=None)
@given(seeds, st.sampled_from([-2.5, 0.5, 3.0]), st.integers(-9, 9))
def test_irv__another_scale__is_stretched_with_it(seed, factor, shift):
    values, present = rows(seed)
    moved = irv(values * factor + shift, present)
    assert moved.value == pytest.approx(abs(factor) * irv(values, present).value, abs=1e-12)


@settings(deadline=None)
@given(seeds)
def test_patterns__respondents_in_another_order__go_with_them(seed):
    values, present = rows(seed)
    order = np.random.default_rng(seed).permutation(len(values))
    assert longstring(values[order], present[order]).tolist() == longstring(values, present)[order].tolist()
    assert irv(values[order], present[order]).value.tolist() == irv(values, present).value[order].tolist()


def test_patterns__more_rows_than_a_block__are_the_same_as_one_by_one():
    values, present = rows(5, n=40_000, k=4)
    some = np.array([0, 16_383, 16_384, 32_768, 39_999])
    assert longstring(values, present)[some].tolist() == longstring(values[some], present[some]).tolist()
    assert irv(values, present).value[some].tolist() == irv(values[some], present[some]).value.tolist()


def test_missing_share__not_eligible__is_not_missing():
    present = np.array([[1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]], dtype=bool)
    eligible = np.array([[1, 1, 0, 0], [1, 1, 1, 0], [0, 0, 0, 0]], dtype=bool)
    found = missing_share(present, eligible)
    assert found.value.tolist() == [0.0, pytest.approx(2 / 3), 0.0]
    assert found.defined.tolist() == [True, True, False]


def test_patterns__no_rows_or_no_columns__have_nothing():
    for shape in ((0, 3), (3, 0)):
        values, present = np.zeros(shape), np.ones(shape, dtype=bool)
        assert longstring(values, present).tolist() == [0] * shape[0]
        assert not irv(values, present).defined.any()
        assert not average_string(values, present).defined.any()


def test_patterns__shapes_that_do_not_fit__are_refused():
    values, present = np.zeros((3, 4)), np.ones((3, 3), dtype=bool)
    for kernel in (longstring, average_string, irv, missing_share):
        with pytest.raises(ValueError, match="same"):
            kernel(values, present)
    with pytest.raises(ValueError, match="one mark"):
        longest_run(values, np.ones((3, 4), dtype=bool), np.ones(3, dtype=bool))

"""Misfit, reversed gap and even-odd of single rows, against their definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.quality.consistency import column_means, even_odd, misfit, reversed_gap

seeds = st.integers(0, 10**6)


def answers(seed: int, n: int = 30, k: int = 10, missing: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    level = rng.normal(size=(n, 1)) + np.linspace(-1, 1, k)
    values = np.clip(np.round(3 + level + rng.normal(size=(n, k))), 1, 5)
    return values, rng.random((n, k)) >= missing


@settings(deadline=None)
@given(seeds)
def test_misfit__complete_rows__is_the_spread_of_the_doubly_centred_residual(seed):
    values, present = answers(seed)
    residual = values - values.mean(axis=1, keepdims=True) - values.mean(axis=0) + values.mean()
    found = misfit(values, present)
    assert found.defined.all()
    assert found.value == pytest.approx(residual.std(axis=1, ddof=1), abs=1e-12)


def test_misfit__row_that_follows_the_items_exactly__is_zero_at_any_level():
    values, present = answers(2)
    centre = column_means(values, present)
    follows = np.vstack((centre + 0.5, centre - 1.0))
    assert misfit(follows, np.ones_like(follows, dtype=bool), centre).value == pytest.approx(0.0, abs=1e-12)


def test_misfit__missing_cells__takes_the_items_that_are_there():
    values, present = answers(4, missing=0.2)
    found, centre = misfit(values, present), column_means(values, present)
    for at in range(len(values)):
        some = present[at]
        assert found.value[at] == pytest.approx((values[at, some] - centre[some]).std(ddof=1), abs=1e-12)


@settings(deadline=None)
@given(seeds, st.integers(0, 9), st.integers(-3, 3))
def test_misfit__one_item_shifted_for_everybody__is_the_same(seed, item, shift):
    values, present = answers(seed)
    moved = values.copy()
    moved[:, item] += shift
    assert misfit(moved, present).value == pytest.approx(misfit(values, present).value, abs=1e-12)


def test_misfit__one_item_or_nobody__is_not_defined_or_empty():
    assert not misfit(np.ones((5, 1)), np.ones((5, 1), dtype=bool)).defined.any()
    assert len(misfit(np.ones((0, 4)), np.ones((0, 4), dtype=bool)).value) == 0
    assert not misfit(np.ones((3, 4)), np.zeros((3, 4), dtype=bool)).defined.any()


def test_reversed_gap__straight_line_and_careful_person__are_far_and_near():
    keyed = np.array([[5.0, 5, 1, 5, 1], [5.0, 5, 5, 5, 4], [1.0, 1, 5, 1, 5]])
    found = reversed_gap(keyed, np.ones((3, 5), dtype=bool), np.array([0, 0, 1, 0, 1], dtype=bool))
    assert found.value.tolist() == [4.0, 0.5, -4.0]


def test_reversed_gap__one_sort_without_answers__is_not_defined():
    keyed, turned = np.full((2, 3), 3.0), np.array([False, False, True])
    present = np.array([[1, 1, 0], [0, 0, 1]], dtype=bool)
    assert not reversed_gap(keyed, present, turned).defined.any()
    assert not reversed_gap(keyed, np.ones((2, 3), dtype=bool), np.zeros(3, dtype=bool)).defined.any()
    with pytest.raises(ValueError, match="3 columns"):
        reversed_gap(keyed, present, np.zeros(2, dtype=bool))


def test_even_odd__halves_that_agree_and_halves_that_do_not__is_low_and_high():
    agree = np.repeat([1.0, 5, 2, 4, 3], 4)
    against = agree.copy()
    against[1::2] = 6 - against[1::2]
    found = even_odd(
        np.vstack((agree, against)), np.ones((2, 20), dtype=bool), [range(4 * f, 4 * f + 4) for f in range(5)]
    )
    assert found.value == pytest.approx([-1.0, 1.0])


@settings(deadline=None)
@given(seeds)
def test_even_odd__any_row__is_minus_the_stepped_up_correlation(seed):
    values, present = answers(seed, k=24, missing=0.05)
    scales = [range(4 * f, 4 * f + 4) for f in range(6)]
    found = even_odd(values, present, scales)
    for row, here, value, defined in zip(values, present, found.value, found.defined, strict=True):
        halves = [
            [
                row[list(half)][here[list(half)]].mean() if here[list(half)].any() else np.nan
                for half in (s[1::2], s[::2])
            ]
            for s in scales
        ]
        even, odd = np.array([pair for pair in halves if not np.isnan(pair).any()]).T
        if not defined:
            assert np.ptp(even) == 0 or np.ptp(odd) == 0 or len(even) < 3
            continue
        r = np.corrcoef(even, odd)[0, 1]
        stepped = 2 * r / (1 + r) if 1 + r > 1e-9 else -np.inf
        assert value == pytest.approx(-max(stepped, -1), abs=1e-9)


def test_even_odd__no_variance_or_two_subscales__is_not_defined():
    flat, present = np.full((2, 12), 4.0), np.ones((2, 12), dtype=bool)
    assert not even_odd(flat, present, [range(4), range(4, 8), range(8, 12)]).defined.any()
    values, present = answers(1, k=8)
    assert not even_odd(values, present, [range(4), range(4, 8)]).defined.any()
    assert not even_odd(values, present, [[0], [1], [2], [3]]).defined.any()
    assert not even_odd(values, present, []).defined.any()


def test_even_odd__subscales_in_another_order__is_the_same():
    values, present = answers(7, k=24)
    scales = [range(4 * f, 4 * f + 4) for f in range(6)]
    assert even_odd(values, present, scales[::-1]).value == pytest.approx(even_odd(values, present, scales).value)

"""Identical answers: counting against brute force, chance against what is known, and who is left out of matching."""

import json
from dataclasses import astuple
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.estimate import Status
from analysis.quality.duplicates import Duplicates, comparable_rows, identical_answers
from analysis.simulation.forgers import Forger, World, forge, honest_campaign

SYNTHETIC = Path(__file__).parents[1] / "golden" / "synthetic"


def duplicates(codes: np.ndarray, unit: np.ndarray, n_units: int = 12, categories: int = 5) -> Duplicates:
    return identical_answers(codes, unit, n_units, (categories,) * codes.shape[1], seed=1)


def synthetic(audience: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Keyed codes, units, reversed items and number of categories of one audience of the golden evaluation."""
    spec = json.loads((SYNTHETIC / "instrument.json").read_text("utf-8"))[audience]
    rows = pd.read_csv(SYNTHETIC / "responses.csv").query("audience == @audience")
    codes = rows[spec["items"]].fillna(0).to_numpy().astype(np.int8)
    reverse = np.array([item in spec["reverse"] for item in spec["items"]])
    codes[:, reverse] = np.where(codes[:, reverse] > 0, spec["points"] + 1 - codes[:, reverse], 0)
    return codes, rows["unit"].str[1:].astype(int).to_numpy() - 1, reverse, spec["points"]


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6))
def test_pairs__any_answers__are_those_that_comparing_all_rows_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes, unit = rng.integers(0, 4, (60, 3)).astype(np.int8), rng.integers(0, 4, 60).astype(np.int32)
    found = identical_answers(codes, unit, 4, (3, 3, 3), seed=0)
    rows = comparable_rows(codes, unit, 4, (3, 3, 3))
    pairs = [(a, b) for a, b in combinations(range(len(rows.codes)), 2) if (rows.codes[a] == rows.codes[b]).all()]
    for u in range(4):
        assert found.units[u].pairs == sum(rows.unit[a] == rows.unit[b] == u for a, b in pairs)
    assert found.whole.pairs == sum(of_unit.pairs for of_unit in found.units)
    assert found.across == len(pairs) - found.whole.pairs
    assert len(rows.codes) + found.n_flat + found.n_incomplete == 60


def test_expected__two_units_with_the_same_answers__is_half_a_pair_within_for_each_pair_across() -> None:
    codes = np.unique(honest_campaign(World.THREE_DIMENSIONS, (40,), 1)[0], axis=0)
    rows = len(comparable_rows(codes, np.zeros(len(codes), dtype=np.int32), 1, (5,) * 12).codes)
    found = duplicates(np.vstack((codes, codes)), np.repeat([0, 1], len(codes)), n_units=2)
    assert (found.across, found.whole.pairs) == (rows, 0)
    # q = 1/2 for every pattern: q^2 / (1 - 2 q^2) = 1/2
    assert [of_unit.expected for of_unit in found.units] == pytest.approx([rows / 2] * 2, rel=1e-9)


@pytest.mark.parametrize("world", list(World))
def test_expected__honest_answers__is_what_is_found_also_where_people_agree(world: World) -> None:
    found = [duplicates(*honest_campaign(world, (400,) * 12, seed)) for seed in range(3)]
    pairs, expected = (sum(getattr(one.whole, name) for one in found) for name in ("pairs", "expected"))
    assert expected == pytest.approx(pairs, rel=0.35, abs=6)
    assert not any(one.whole.unusual or any(of_unit.unusual for of_unit in one.units) for one in found)
    assert all(one.whole.lo <= one.whole.pairs <= one.whole.hi for one in found)


def test_expected__correlated_items__is_far_from_what_independent_items_would_make() -> None:
    codes, unit = honest_campaign(World.HOMOGENEOUS, (300,) * 12, 5)
    rows, found = comparable_rows(codes, unit, 12, (5,) * 12), duplicates(codes, unit)
    shares = [np.bincount(rows.codes[:, j]) / len(rows.codes) for j in range(12)]
    independent = float(np.prod([share @ share for share in shares])) * sum(n * (n - 1) / 2 for n in [300] * 12)
    assert found.whole.pairs > 100
    assert independent < found.whole.pairs / 100
    assert found.whole.expected == pytest.approx(found.whole.pairs, rel=0.15)


def test_repeats__in_one_unit__are_unusual_there_and_leave_the_expectation_where_it_was() -> None:
    codes, unit = honest_campaign(World.THREE_DIMENSIONS, (100,) * 12, 2)
    before = duplicates(codes, unit)
    codes[unit == 3] = forge(codes[unit == 3], Forger.REPEATS, 0.2, 7)
    after = duplicates(codes, unit)
    assert [of_unit.unit for of_unit in after.units if of_unit.unusual] == [3]
    assert after.whole.unusual
    assert after.units[3].pairs >= 15
    assert after.whole.expected == pytest.approx(before.whole.expected, abs=0.3)
    assert after.units[3].hi < after.units[3].pairs


def test_same_answers__by_people_of_different_units__are_no_suspicion() -> None:
    codes, unit = honest_campaign(World.THREE_DIMENSIONS, (60,) * 12, 4)
    codes[::60] = np.resize([5, 1, 4, 2, 5], 12)
    found = duplicates(codes, unit)
    assert found.across >= 66
    assert not found.whole.unusual
    assert not any(of_unit.unusual for of_unit in found.units)


def test_golden_evaluation__planted_repeats__are_found_as_a_suspicion_and_counted_right() -> None:
    codes, unit, reverse, points = synthetic("service_recipient")
    found = identical_answers(codes, unit, 12, (points,) * 12, reverse=reverse, seed=1)
    # 77 rows were planted as repeats; flat ones are not matched. Honest people made about ten pairs.
    assert (found.whole.pairs, found.across, found.n_flat, found.n_incomplete) == (73, 28, 1830, 0)
    assert found.whole.expected == pytest.approx(7.6, abs=0.5)
    assert found.whole.unusual
    codes, unit, reverse, points = synthetic("staff")
    found = identical_answers(codes, unit, 12, (points,) * 12, reverse=reverse, seed=1)
    assert (found.whole.pairs, found.whole.unusual) == (0, False)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10**6), st.randoms(use_true_random=False))
def test_duplicates__rows_items_or_units_in_another_order__are_the_same(seed: int, random: Any) -> None:
    codes, unit = honest_campaign(World.HOMOGENEOUS, (30, 20, 40), seed)
    before = duplicates(codes, unit, n_units=3)
    rows, items, units = (random.sample(range(size), size) for size in (90, 12, 3))
    after = duplicates(codes[rows][:, items], np.array(units)[unit[rows]], n_units=3)
    assert (after.whole.pairs, after.across, after.n_flat) == (before.whole.pairs, before.across, before.n_flat)
    assert after.whole.expected == pytest.approx(before.whole.expected, rel=1e-6, abs=1e-9)
    for u in range(3):
        moved = after.units[units[u]]
        assert moved.pairs == before.units[u].pairs
        assert moved.p == pytest.approx(before.units[u].p, rel=1e-5)


def test_rows__flat_as_keyed_or_as_shown__are_not_matched() -> None:
    reverse = np.array([False] * 10 + [True] * 2)
    all_good = np.full(12, 5)  # shown: ten times 5, twice 1
    straight = np.where(reverse, 1, 5)  # shown: twelve times 5
    one_less = np.where(np.arange(12) == 3, 4, 5)  # spread .29
    differs = np.where(np.arange(12) < 2, 3, 5)  # spread .78
    codes = np.array([all_good, straight, one_less, differs], dtype=np.int8)
    unit = np.zeros(4, dtype=np.int32)
    shown = comparable_rows(codes, unit, 1, (5,) * 12, reverse)
    assert (shown.codes.tolist(), shown.n_flat) == ([differs.tolist()], 3)
    assert comparable_rows(codes, unit, 1, (5,) * 12).n_flat == 2


def test_flatness__of_other_scales__is_judged_on_the_range_of_five() -> None:
    steps = np.array([[5, 6, 5, 6, 5, 6], [4, 7, 4, 7, 4, 7], [1, 5, 1, 5, 1, 5]], dtype=np.int8)
    unit = np.zeros(3, dtype=np.int32)
    assert comparable_rows(steps, unit, 1, (10,) * 6).codes.tolist() == steps[1:].tolist()
    mixed = np.array([[5, 10, 2], [1, 10, 2]], dtype=np.int8)  # all at the top; one of three at the bottom
    assert comparable_rows(mixed, unit[:2], 1, (5, 10, 2)).codes.tolist() == mixed[1:].tolist()


def test_rows__with_missing_answers__are_matched_from_half_answered_on_and_by_the_same_gaps() -> None:
    full = [5, 1, 4, 2, 5, 3]
    gap = [5, 1, 0, 2, 5, 3]
    codes = np.array([full, gap, [5, 1, -1, 2, 5, 3], [5, 1, 4, 0, -2, -3], [5, 1, 0, 0, 0, 0]], dtype=np.int8)
    unit = np.array([0, 0, 0, 1, 1], dtype=np.int32)
    found = identical_answers(codes, unit, 2, (5,) * 6, seed=0)
    assert (found.units[0].pairs, found.n_incomplete, found.whole.n) == (1, 1, 4)


def test_duplicates__wide_questionnaire__tells_patterns_apart_beyond_64_bits() -> None:
    codes = np.random.default_rng(0).integers(1, 11, (50, 40)).astype(np.int8)
    codes[10], codes[20] = codes[0], codes[0]
    codes[20, 0] = 11 - codes[20, 0]
    found = identical_answers(codes, np.repeat([0, 1], 25).astype(np.int32), 2, (10,) * 40, seed=0)
    assert (found.units[0].pairs, found.across) == (1, 0)


def test_duplicates__one_unit__counts_pairs_and_says_that_nothing_tells_chance() -> None:
    codes, unit = honest_campaign(World.HOMOGENEOUS, (200,), 3)
    found = duplicates(codes, unit, n_units=1)
    assert found.whole.status is Status.UNDEFINED_ONE_UNIT
    assert found.whole.pairs > 0
    assert (found.whole.expected, found.whole.p, found.whole.unusual) == (None, None, False)


def test_duplicates__no_and_single_answers__say_so() -> None:
    nothing = duplicates(np.empty((0, 4), dtype=np.int8), np.empty(0, dtype=np.int32), n_units=2)
    assert (nothing.whole.pairs, nothing.whole.status) == (0, Status.UNDEFINED_NO_RESPONSES)
    codes = np.array([[1, 5, 1, 5]] * 3, dtype=np.int8)
    found = duplicates(codes, np.array([0, 0, 2], dtype=np.int32), n_units=3)
    statuses = [of_unit.status for of_unit in found.units]
    assert statuses == [Status.OK, Status.UNDEFINED_NO_RESPONSES, Status.UNDEFINED_ONE_RESPONSE]
    assert (found.whole.pairs, found.across) == (1, 2)


def test_duplicates__units_that_have_nothing_in_common__stay_finite() -> None:
    low, high = np.tile([1, 1, 1, 3], (30, 1)), np.tile([5, 5, 5, 3], (30, 1))
    low[0] = [5, 5, 5, 3]
    found = duplicates(np.vstack((low, high)).astype(np.int8), np.repeat([0, 1], 30), n_units=2)
    assert np.isfinite([of_unit.expected for of_unit in found.units]).all()


def test_result__of_any_campaign__holds_counts_and_no_rows() -> None:
    found = duplicates(*honest_campaign(World.HOMOGENEOUS, (50,) * 12, 3))
    numbers = [number for of_unit in found.units for number in astuple(of_unit)]
    assert all(isinstance(number, int | float | bool | Status) for number in numbers)
    assert len(numbers) == 12 * 9


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"unit": np.zeros(3, dtype=np.int32)}, "units"),
        ({"scale_sizes": (5, 5)}, "scales"),
        ({"scale_sizes": (5, 5, 1)}, "two categories"),
        ({"scale_sizes": (5, 5, 4)}, "beyond"),
        ({"n_units": 1}, "allowed 0 to 0"),
        ({"reverse": np.zeros(2, dtype=np.bool_)}, "reverse"),
    ],
)
def test_duplicates__shapes_that_do_not_fit__are_a_wrong_call(change: dict[str, Any], match: str) -> None:
    right = {
        "codes": np.array([[1, 2, 5], [3, 4, 5]], dtype=np.int8),
        "unit": np.array([0, 1], dtype=np.int32),
        "n_units": 2,
        "scale_sizes": (5, 5, 5),
    }
    with pytest.raises(ValueError, match=match):
        identical_answers(**(right | change), seed=0)

"""Near twins: what counts as one, what chance makes, and what copies look like beside it."""

import numpy as np
import pytest

from analysis.estimate import Status
from analysis.quality.signatures import Signature, SignatureKind
from analysis.quality.signatures_answers import MOST_ROWS, near_identical_answers
from analysis.simulation.forgers import Forger, World, forge, honest_campaign


def near(codes: np.ndarray, unit: np.ndarray, n_units: int = 12, categories: int = 5) -> tuple[Signature, ...]:
    return near_identical_answers(codes, unit, n_units, (categories,) * codes.shape[1], seed=1)


def spread_out(k: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Units of 60 and 300 rows, drawn from 10 categories so that nobody has a twin by chance."""
    codes = np.random.default_rng(seed).integers(1, 11, (360, k)).astype(np.int8)
    return codes, np.repeat([0, 1], [60, 300])


@pytest.mark.parametrize(
    ("k", "moved", "twins"), [(12, 1, 2), (12, 2, 0), (20, 2, 2), (20, 3, 0), (6, 0, 2), (6, 1, 0)]
)
def test_twin__of_a_row__agrees_on_more_than_85_percent_of_the_items(k: int, moved: int, twins: int) -> None:
    codes, unit = spread_out(k)
    codes[7] = codes[3]
    codes[7, :moved] = 11 - codes[3, :moved]
    assert near(codes, unit, n_units=2, categories=10)[0].statistic == twins


def test_twin__missing_answers__agree_with_nothing() -> None:
    codes, unit = spread_out(12)
    codes[7] = codes[3]
    codes[[3, 7], 0] = 0
    assert near(codes, unit, 2, 10)[0].statistic == 2
    codes[[3, 7], 1] = -1
    assert near(codes, unit, 2, 10)[0].statistic == 0


@pytest.mark.parametrize("world", list(World))
def test_expected__honest_answers__is_what_is_found_also_where_most_people_have_twins(world: World) -> None:
    found = [one for seed in range(3) for one in near(*honest_campaign(world, (300,) * 12, seed))]
    statistic, expected = sum(one.statistic for one in found), sum(one.expected for one in found)
    # 30 draws: .97 to 1.05; three draws know it to a fifth or a sixth
    assert expected == pytest.approx(statistic, rel=0.4)
    assert not any(one.unusual for one in found)


def test_twins__of_honest_people_who_agree__are_expected_where_a_fixed_limit_would_flag_them() -> None:
    found = near(*honest_campaign(World.HOMOGENEOUS, (300,) * 12, 1))
    # Kuriakose & Robbins doubt a survey with more than 5 % of such rows
    assert min(one.statistic / one.n for one in found) > 0.05
    assert all(one.p > 0.01 for one in found)


def test_copies__of_a_fifth_of_the_answers__are_unusual_in_their_unit_only() -> None:
    codes, unit = honest_campaign(World.THREE_DIMENSIONS, (100,) * 12, 6)
    codes[unit == 5] = forge(codes[unit == 5], Forger.COPIES, 0.2, 1)
    found = near(codes, unit)
    assert [one.unit for one in found if one.unusual] == [5]
    assert found[5].statistic > found[5].threshold > found[5].expected
    assert found[5].kind is SignatureKind.NEAR_IDENTICAL_ANSWERS


def test_copies__across_units__are_nobodys_suspicion() -> None:
    codes, unit = honest_campaign(World.THREE_DIMENSIONS, (100,) * 12, 6)
    codes[unit == 1] = codes[unit == 0]
    assert not any(one.unusual for one in near(codes, unit))


def test_near__rows_in_another_order__are_the_same_where_none_are_drawn() -> None:
    codes, unit = honest_campaign(World.HOMOGENEOUS, (60,) * 6, 6)
    order = np.random.default_rng(3).permutation(360)
    for before, after in zip(near(codes, unit, 6), near(codes[order], unit[order], 6), strict=True):
        assert after.statistic == before.statistic
        assert after.p == pytest.approx(before.p, rel=1e-6)


def test_near__more_rows_than_the_bound__are_drawn_by_the_seed() -> None:
    codes, unit = honest_campaign(World.THREE_DIMENSIONS, (900,) * 6, 2)
    scales = (5,) * 12
    one, same, other = (near_identical_answers(codes, unit, 6, scales, seed=seed) for seed in (1, 1, 2))
    assert {found.n for found in one} == {MOST_ROWS}
    assert one == same
    assert one != other


def test_near__too_little_to_compare__says_what() -> None:
    codes, unit = honest_campaign(World.THREE_DIMENSIONS, (9, 40, 40), 2)
    statuses = [found.status for found in near(codes, unit, 4)]
    few, empty = Status.UNDEFINED_FEW_RESPONSES, Status.UNDEFINED_NO_RESPONSES
    assert statuses == [few, Status.OK, Status.OK, empty]
    alone = near(codes[unit == 1], np.zeros(40, dtype=np.int32), 2)
    assert [found.status for found in alone] == [Status.UNDEFINED_ONE_UNIT, empty]
    large = near(*honest_campaign(World.THREE_DIMENSIONS, (500, 12), 2), n_units=2)
    assert [found.status for found in large] == [few, Status.OK]
    assert large[0].detail["others"] < 12
    nothing = near(np.empty((0, 5), dtype=np.int8), np.empty(0, dtype=np.int32), 2)
    assert {found.status for found in nothing} == {empty}

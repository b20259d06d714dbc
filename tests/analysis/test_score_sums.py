"""Exact sums of part scores: however rows are cut, ordered or flagged, the same integers and the same bits."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.means import department_scores, department_scores_of_sums, linear_scores, scores_of_sums
from analysis.points import ABSENT, part_values, point_scale
from analysis.score_sums import NO_GROUP, ScoreSums, joined, score_sums
from tests.factories.frames import item

WEIGHTS = np.array([0.3, 0.7])


def rows(n: int, seed: int = 1, highest: int = 1200) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    values = rng.integers(0, highest + 1, (n, 2))
    values[rng.random((n, 2)) < 0.15] = ABSENT
    return {
        "values": values,
        "unit": rng.integers(0, 3, n),
        "group": rng.integers(0, 2, n),
        "mask": rng.integers(0, 4, n).astype(np.uint8),
    }


def sums(made: dict[str, np.ndarray], part: np.ndarray | slice = slice(None), scale: int = 12) -> ScoreSums:
    return score_sums(made["values"][part], made["unit"][part], made["group"][part], made["mask"][part], scale)


def same(one: ScoreSums, other: ScoreSums) -> bool:
    arrays = [(one.unit, other.unit), (one.group, other.group), (one.mask, other.mask)]
    arrays += [(getattr(one.sums, name), getattr(other.sums, name)) for name in ("n", "s", "q")]
    return all(np.array_equal(a, b) for a, b in arrays)


@settings(max_examples=30, deadline=None)
@given(
    st.permutations(range(40)), st.lists(st.integers(1, 39), unique=True, max_size=5), st.sampled_from([1200, 2**40])
)
def test_sums__rows_in_any_order_and_any_cut__are_the_same_integers(order, cuts, highest):
    made = rows(40, highest=highest)
    whole = sums(made)
    pieces = [sums(made, np.array(piece)) for piece in np.split(np.array(order), sorted(cuts))]
    assert same(joined(pieces), whole)
    assert same(pieces[0] + joined([*pieces[1:], sums(made, slice(0, 0))]), whole)


def test_sums__responses_without_a_group__stay_apart_in_an_order_of_their_own():
    made = rows(30) | {"group": np.full(30, NO_GROUP)}
    whole, turned = sums(made), sums(made, np.arange(30)[::-1])
    assert len(whole.unit) == int((made["values"] != ABSENT).any(axis=1).sum())
    assert same(whole, turned)
    assert same(sums(made, slice(0, 11)) + sums(made, slice(11, 30)), whole)


def test_sums__numbers_beyond_64_bits__are_those_of_python():
    made = rows(50, highest=2**56)
    found = sums(made)
    total = sum(int(value) ** 2 for value in made["values"][:, 0] if value != ABSENT)
    assert sum(int(value) for value in found.sums.q[:, 0, 0]) == total
    both = (made["values"] != ABSENT).all(axis=1)
    product = sum(int(a) * int(b) for a, b in made["values"][both])
    assert sum(int(value) for value in found.sums.q[:, 0, 1]) == product


def test_sums__more_rows_than_the_widest_limbs_can_hold__are_exact():
    n, highest = 4_400_000, 2**20 - 1
    values = np.full((n, 1), highest)
    values[: n // 2] -= 7
    nothing = np.zeros(n, dtype=np.int64)
    found = score_sums(values, nothing, nothing, nothing.astype(np.uint8), 12).sums
    assert [int(one.item()) for one in (found.n, found.s[:, 0], found.q[:, 0, 0])] == [
        n,
        n * highest - n // 2 * 7,
        n // 2 * (highest**2 + (highest - 7) ** 2),
    ]


def test_where__masks_left_out__are_the_sums_of_the_other_rows():
    made = rows(60)
    keep = np.zeros(256, dtype=bool)
    keep[[0, 2]] = True
    kept = np.isin(made["mask"], [0, 2])
    of_kept = {name: array[kept] for name, array in made.items()} | {"mask": np.zeros(int(kept.sum()), np.uint8)}
    assert same(sums(made).where(keep), sums(of_kept))


def test_add__different_scales__is_refused():
    with pytest.raises(ValueError, match="scale"):
        sums(rows(5)) + sums(rows(5), scale=24)


@pytest.mark.parametrize("highest", [1200, 2**45])
def test_scores_of_sums__strata__are_those_of_the_points_themselves(highest):
    made, sizes, scale = rows(80, highest=highest), np.array([[60.0, 40.0], [30.0, 50.0], [80.0, 90.0]]), highest // 100
    points = np.where(made["values"] == ABSENT, np.nan, made["values"] / scale)
    wanted = linear_scores(points, WEIGHTS, made["unit"], 3, stratum=made["group"], sizes=sizes)
    found = scores_of_sums(sums(made, scale=scale), WEIGHTS, 3, sizes=sizes)
    for one, other in zip(found, wanted, strict=True):
        assert one.score.value == pytest.approx(other.score.value, abs=1e-10)
        assert one.score.se == pytest.approx(other.score.se, abs=1e-10)
        assert [part.se for part in one.dimensions] == pytest.approx([part.se for part in other.dimensions], abs=1e-10)


def test_scores_of_sums__pooled_units__count_all_strata_as_one():
    made = rows(80)
    sizes = np.array([[100.0, 0.0]] * 3)
    one_stratum = made | {"group": np.zeros(80, dtype=int)}
    pooled = scores_of_sums(sums(made), WEIGHTS, 3, sizes=sizes, pooled=np.ones(3, dtype=bool))
    assert pooled == scores_of_sums(sums(one_stratum), WEIGHTS, 3, sizes=sizes)


@pytest.mark.parametrize("highest", [1200, 2**45])
def test_department_scores_of_sums__departments_and_responses_without__are_those_of_the_points(highest):
    made = rows(60, highest=highest)
    made["group"] = np.random.default_rng(5).integers(-1, 6, 60)
    scale, sizes = highest // 100, np.array([40.0, 35.0, np.nan])
    points = np.where(made["values"] == ABSENT, np.nan, made["values"] / scale)
    wanted = department_scores(points, WEIGHTS, made["unit"], 3, department=made["group"], sizes=sizes)
    found = department_scores_of_sums(sums(made, scale=scale), WEIGHTS, 3, sizes=sizes)
    for one, other in zip(found, wanted, strict=True):
        assert (one.score.n, one.score.status) == (other.score.n, other.score.status)
        assert one.score.value == pytest.approx(other.score.value, abs=1e-10)
        assert one.score.se == pytest.approx(other.score.se, abs=1e-10)


def test_point_scale__uneven_points_and_any_number_of_answers__is_exact():
    thirds = item("q1", codes=tuple("abcd"), points=(100.0, 100 / 3 * 2, 100 / 3, 0.0))
    odd = item("q2", points=(100.0, 33.3, 12.5, 5.0, 0.0))
    scale = point_scale([[thirds, odd]])
    assert scale.exact
    values = part_values(np.array([[2, 2], [3, 0], [0, 3]], dtype=np.int8), [thirds, odd], [(0, 1)], 0.5, scale)
    assert [Fraction(int(value), scale.scale) for value in values[:, 0]] == [
        (Fraction(200, 3) + Fraction(333, 10)) / 2,
        Fraction(100, 3),
        Fraction(25, 2),
    ]


def test_point_scale__part_of_sixty_items__is_rounded_far_below_what_can_be_told():
    items = [item(f"q{number}", points=(100.0, 77.7, 50.1, 25.0, 0.0)) for number in range(60)]
    scale = point_scale([items])
    assert not scale.exact
    codes = np.random.default_rng(3).integers(1, 6, (20, 60)).astype(np.int8)
    found = part_values(codes, items, [range(60)], 0.5, scale)[:, 0] / scale.scale
    wanted = np.array([100.0, 77.7, 50.1, 25.0, 0.0])[codes - 1].mean(axis=1)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12)

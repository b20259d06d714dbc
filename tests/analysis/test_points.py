"""Keying, the half rule and counting, by hand and against a slow reading of the same sentences."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.frame import BLANK, DONT_KNOW, NOT_APPLICABLE, NOT_SHOWN
from analysis.points import (
    BLOCK,
    COUNTING_BLOCK,
    choice_counts,
    keyed_points,
    keyed_ranks,
    needed_answers,
    part_scores,
    rank_table,
    sorted_answers,
)
from tests.factories.frames import UNEVEN, Row, answers, item, questionnaire

NAN = math.nan
EVERYBODY = np.ones(256, dtype=bool)


def scores(rows, items, parts, min_answered=0.5):
    return part_scores(np.array(rows, dtype=np.int8), items, parts, min_answered).tolist()


def test_reversed_item__second_choice_of_an_uneven_map__gives_what_the_fourth_has():
    # 100/80/60/30/0, first and last change places: the second choice now stands where the fourth stood. 30, not 20.
    turned = item("q1", points=UNEVEN, reverse=True)
    assert keyed_points(turned) == (0, 30, 60, 80, 100)


def test_part_scores__choice_without_points__is_eligible_and_missing():
    items = [item("q1", points=(100.0, None, 0.0), codes=("a", "b", "c"))]
    found = scores([[1], [2], [3], [BLANK], [DONT_KNOW], [NOT_SHOWN]], items, [(0,)])
    assert found[0] == [100.0]
    assert found[2] == [0.0]
    assert np.isnan(np.array(found)[[1, 3, 4, 5]]).all()


def test_rank_table__good_end_first__ranks_fall_with_choice_order():
    assert rank_table(item("q1"))[1:6].tolist() == [5, 4, 3, 2, 1]
    assert rank_table(item("q1", reverse=True))[1:6].tolist() == [1, 2, 3, 4, 5]


def test_rank_table__rating_with_the_good_end_last__ranks_rise():
    rating = item("q1", codes=("0", "1", "2"), points=(0.0, 50.0, 100.0))
    assert rank_table(rating)[1:4].tolist() == [1, 2, 3]
    assert rank_table(item("q1", codes=("0", "1", "2"), points=(0.0, 50.0, 100.0), reverse=True))[1:4].tolist() == [
        3,
        2,
        1,
    ]


def test_rank_table__uneven_map__ranks_are_those_of_the_even_one():
    assert rank_table(item("q1", points=UNEVEN)).tolist() == rank_table(item("q1")).tolist()


def test_rank_table__choice_without_points_and_missing_codes__have_no_rank():
    table = rank_table(item("q1", codes=("a", "b", "c"), points=(100.0, None, 0.0)))
    assert table[1:4].tolist() == [3, 0, 1]
    assert table[[BLANK, 255, 254, 253]].tolist() == [0, 0, 0, 0]


def test_half_rule__half_of_the_eligible_items__is_enough():
    items = [item(f"q{number}") for number in range(4)]
    part = [(0, 1, 2, 3)]
    # two of four answered: (100 + 50) / 2
    assert scores([[1, 3, BLANK, DONT_KNOW]], items, part) == [[75.0]]
    # one of four: too little
    assert np.isnan(scores([[1, BLANK, BLANK, DONT_KNOW]], items, part)).all()


def test_half_rule__not_applicable_and_not_shown__are_not_eligible():
    items = [item(f"q{number}") for number in range(4)]
    # of two eligible items one is answered: half, 25 points
    assert scores([[4, BLANK, NOT_APPLICABLE, NOT_SHOWN]], items, [(0, 1, 2, 3)]) == [[25.0]]
    # nothing is eligible: nothing to score, although nothing is missing either
    assert np.isnan(scores([[NOT_APPLICABLE, NOT_SHOWN, NOT_SHOWN, NOT_APPLICABLE]], items, [(0, 1, 2, 3)])).all()


def test_half_rule__of_three_eligible_items__asks_for_two():
    items = [item(f"q{number}") for number in range(3)]
    assert np.isnan(scores([[1, DONT_KNOW, BLANK]], items, [(0, 1, 2)])).all()
    assert scores([[1, 2, BLANK]], items, [(0, 1, 2)]) == [[87.5]]


def test_half_rule__share_of_zero__still_asks_for_one_answer():
    assert np.isnan(scores([[BLANK]], [item("q0")], [(0,)], min_answered=0.0)).all()
    assert scores([[5]], [item("q0")], [(0,)], min_answered=0.0) == [[0.0]]


def test_choice_without_points__is_eligible_and_missing():
    items = [item("q0", codes=("a", "b"), points=(100.0, None)), item("q1"), item("q2")]
    # one of three eligible
    assert np.isnan(scores([[2, 1, BLANK]], items, [(0, 1, 2)])).all()


def test_needed_answers__share_that_binary_numbers_miss__is_not_rounded_up():
    assert 0.28 * 25 > 7
    assert needed_answers(0.28)[25] == 7
    assert needed_answers(0.5)[:6].tolist() == [1, 1, 1, 2, 2, 3]
    assert needed_answers(1.0)[7] == 7


def test_part_scores__several_parts_sharing_an_item__are_scored_apart():
    items = [item("q0"), item("q1", reverse=True), item("q2")]
    # q1 reversed: the second choice gives 25
    assert scores([[1, 2, BLANK]], items, [(0, 1), (1,), (0,)]) == [[62.5, 25.0, 100.0]]


def test_part_scores__part_that_is_not_asked__is_missing():
    assert np.isnan(scores([[1]], [item("q0")], [()])).all()


def test_part_scores__golden_persons__have_the_means_that_r_gave():
    case = next(
        case
        for case in json.loads((Path(__file__).parent / "golden" / "edge_cases.json").read_text())
        if case["id"] == "missing_cells"
    )
    rating = [item(f"q{j}", codes=tuple("12345"), points=(0.0, 25.0, 50.0, 75.0, 100.0)) for j in range(4)]
    codes = [[0 if answer is None else int(answer) for answer in row] for row in case["data"]]
    found = [row[0] for row in scores(codes, rating, [(0, 1, 2, 3)])]
    assert found == pytest.approx(case["expect"]["person_mean_score_0_100"], abs=1e-12)


def test_keyed_ranks__missing_answers__are_zero():
    items = [item("q0"), item("q1", reverse=True)]
    codes = np.array([[1, 1], [BLANK, 5], [DONT_KNOW, NOT_APPLICABLE]], dtype=np.int8)
    assert keyed_ranks(codes, items, (1, 0)).tolist() == [[1, 5], [5, 0], [0, 0]]


def test_choice_counts__by_cell__count_every_code():
    column = np.array([1, 2, 2, BLANK, DONT_KNOW, NOT_SHOWN, NOT_APPLICABLE], dtype=np.int8)
    cell = np.array([0, 0, 1, 1, 1, 1, 1])
    # not shown, not applicable, don't know, blank, first choice, second choice
    assert choice_counts(column, 2, cell, 3).tolist() == [[0, 0, 0, 0, 1, 1], [1, 1, 1, 1, 0, 1], [0] * 6]


def test_choice_counts__more_rows_than_a_block__are_all_counted():
    column = np.random.default_rng(2).integers(-3, 3, 2 * COUNTING_BLOCK + 7).astype(np.int8)
    cell = np.arange(len(column)) % 3
    found = choice_counts(column, 2, cell, 3)
    expected = [[int(((column == code) & (cell == of)).sum()) for code in range(-3, 3)] for of in range(3)]
    assert found.tolist() == expected


def test_sorted_answers__screened_out_people__are_left_out_and_the_rest_stays_in_order():
    asked = questionnaire(item("q1"))
    rows = [Row([1], 1, 1), Row([2], 0, 1), Row([3], 1, 0), Row([4], 0, 0, eligible=False), Row([5], 0, 1)]
    found = sorted_answers(answers(asked, rows), 3, 2, EVERYBODY)
    assert found.codes[:, 0].tolist() == [2, 5, 3, 1]
    assert found.unit.tolist() == [0, 0, 1, 1]
    assert found.stratum.tolist() == [1, 1, 0, 1]
    assert found.sitting.tolist() == [1, 4, 2, 0]


def test_sorted_answers__more_cells_than_sixteen_bits__sort_alike():
    asked = questionnaire(item("q1"))
    few = answers(asked, [Row([1], 2), Row([2], 0), Row([3], 1)])
    assert (
        sorted_answers(few, 70_000, 2, EVERYBODY).unit.tolist()
        == sorted_answers(few, 3, 1, EVERYBODY).unit.tolist()
        == [0, 1, 2]
    )


def test_sorted_answers__nothing_to_sort_or_leave_out__copies_nothing():
    few = answers(questionnaire(item("q1")), [Row([1], 0), Row([2], 1)])
    assert np.shares_memory(sorted_answers(few, 2, 1, EVERYBODY).codes, few.codes)


CODES = st.sampled_from([NOT_SHOWN, NOT_APPLICABLE, DONT_KNOW, BLANK, 1, 2, 3, 4, 5])


def slow_score(codes, items, min_answered):
    """The sentence of the format, read word by word."""
    eligible = [code for code in codes if code not in (NOT_APPLICABLE, NOT_SHOWN)]
    given = []
    for code, of in zip(codes, items, strict=True):
        if code >= 1:
            given.append(of.points[len(of.codes) - code] if of.reverse else of.points[code - 1])
    if not given or len(given) < min_answered * len(eligible):
        return NAN
    return sum(given) / len(given)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(CODES, min_size=5, max_size=5), max_size=12), st.sampled_from([0.25, 0.5, 0.75]))
def test_part_scores__any_answers__are_what_the_format_says(rows, share):
    items = [item(f"q{j}", points=UNEVEN, reverse=j % 2 == 1) for j in range(5)]
    found = part_scores(np.array(rows, dtype=np.int8).reshape(len(rows), 5), items, [(0, 1, 2, 3, 4)], share)
    expected = [slow_score(row, items, share) for row in rows]
    np.testing.assert_allclose(found[:, 0], expected, rtol=1e-12)


def test_part_scores__more_rows_than_a_block__are_scored_as_the_same_rows_alone():
    items = [item("q0"), item("q1", reverse=True)]
    codes = np.random.default_rng(1).integers(-3, 6, (BLOCK + 3, 2)).astype(np.int8)
    whole = part_scores(codes, items, [(0, 1)], 0.5)
    np.testing.assert_array_equal(whole[-5:], part_scores(codes[-5:], items, [(0, 1)], 0.5))
    np.testing.assert_array_equal(keyed_ranks(codes, items, (0, 1))[-5:], keyed_ranks(codes[-5:].copy(), items, (0, 1)))

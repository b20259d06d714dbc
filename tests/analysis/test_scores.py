"""Means of units by hand: dimensions first, strata, departments, open links; and who counts as one."""

import math

import numpy as np
import pytest
from scipy.stats import t as student

from analysis.cautions import Code
from analysis.frame import BLANK, Fieldwork
from analysis.points import sorted_answers
from analysis.report import build
from analysis.scores import cells_of, department_cells, sitting_cells
from analysis.spec import BY_DEPARTMENT, Part
from tests.factories.frames import Row, answers, frame, indicator, item, plan, questionnaire

ONE = questionnaire(item("q1", "a"))
TWO = questionnaire(item("q1", "a"), item("q2", "b"))


def score_of(of_frame, of_indicator, **changes):
    return build(of_frame, plan(of_indicator, **changes)).scores[0]


def test_score__dimensions_with_different_people__are_averaged_to_the_unit_first():
    # a: 100, 0, 50 → 50; b: only the first person, 100 → 100; 0.5 * 50 + 0.5 * 100 = 75.
    # Persons first would give (100 + 0 + 50) / 3 = 50.
    rows = [Row([1, 1]), Row([5, BLANK]), Row([3, BLANK])]
    found = score_of(frame(answers(TWO, rows)), indicator(Part(0.5, dimension="a"), Part(0.5, dimension="b")))
    assert found.score == pytest.approx(75)
    assert [part.score for part in found.parts] == pytest.approx([50, 100])
    assert [part.n for part in found.parts] == [3, 1]
    assert found.points == pytest.approx(75 / 100 * 9)


def test_standard_error__two_dimensions__is_linearised_over_the_same_persons():
    # a: 100, 75, 25, 0 → 50. b: 75, 100, –, 50 → 75; three of four have b, so z_b is enlarged by 4/3.
    # z = 0.4 (a - 50) + 0.6 (4/3) (b - 75), the last term 0 for the third person:
    # 20 + 0 = 20; 10 + 20 = 30; -10 + 0 = -10; -20 - 20 = -40. Sum 0. s² = (400 + 900 + 100 + 1600) / 3 = 1000.
    # N = 40: V = (1 - 4/40) * 1000 / 4 = 225, se 15; process: 250.
    rows = [Row([1, 2]), Row([2, 1]), Row([4, BLANK]), Row([5, 3])]
    weights = indicator(Part(0.4, dimension="a"), Part(0.6, dimension="b"))
    found = score_of(frame(answers(TWO, rows), sizes={("u1", None): 40}), weights)
    assert found.score == pytest.approx(0.4 * 50 + 0.6 * 75)
    assert found.se == pytest.approx(15)
    assert found.se_process == pytest.approx(math.sqrt(250))
    assert found.df == 3
    # t with 3 degrees of freedom: 3.182; 65 - 47.7 = 17.3; 65 + 47.7 is beyond the scale.
    assert found.lo == pytest.approx(65 - student.ppf(0.975, 3) * 15)
    assert found.hi == 100


def test_poststratified_score__by_hand():
    # window, N 80: 100, 50 → 75, s² = 1250. online, N 20: 25, 75, 50 → 50, s² = 625.
    # score 0.8 * 75 + 0.2 * 50 = 70. V = 0.64 (1 - 2/80) 1250/2 + 0.04 (1 - 3/20) 625/3 = 390 + 7.0833.
    rows = [Row([1]), Row([3]), Row([4], stratum=1), Row([2], stratum=1), Row([3], stratum=1)]
    sizes = {("u1", "window"): 80, ("u1", "online"): 20}
    of_frame = frame(answers(ONE, rows), strata=("window", "online"), sizes=sizes)
    found = score_of(of_frame, indicator(strata="poststratify"))
    assert found.score == pytest.approx(70)
    assert found.se == pytest.approx(math.sqrt(390 + 0.04 * 0.85 * 625 / 3))
    assert found.se_process == pytest.approx(math.sqrt(0.64 * 625 + 0.04 * 625 / 3))
    # Satterthwaite: two answers from the window make nearly all of V, so it has hardly more than their one degree.
    v = (390, 0.04 * 0.85 * 625 / 3)
    assert found.df == pytest.approx(sum(v) ** 2 / (v[0] ** 2 / 1 + v[1] ** 2 / 2))
    assert found.population == 100


def test_score_without_poststratification__strata_in_the_frame__counts_every_response_alike():
    rows = [Row([1]), Row([3]), Row([4], stratum=1), Row([2], stratum=1), Row([3], stratum=1)]
    sizes = {("u1", "window"): 80, ("u1", "online"): 20}
    found = score_of(frame(answers(ONE, rows), strata=("window", "online"), sizes=sizes), indicator())
    # (100 + 50 + 25 + 75 + 50) / 5 = 60; deviations 40, -10, -35, 15, -10: s² = 3250 / 4; N = 100.
    assert found.score == pytest.approx(60)
    assert found.se == pytest.approx(math.sqrt(0.95 * 812.5 / 5))


def test_department_score__by_hand():
    # d1: 100, 50 → 75, s_w² = 1250. d2: 25, 75 → 50, s_w² = 1250. d3: 25 → 25, takes the pooled 1250.
    # mean of means 50; s_b² = (625 + 0 + 625) / 2 = 625; n = 3 of N = 6.
    # V = (1 - 3/6) 625/3 + (3/6) (1250/2 + 1250/2 + 1250/1) / 9.
    rows = [
        Row([1], department=0),
        Row([3], department=0),
        Row([4], department=1),
        Row([2], department=1),
        Row([4], department=2),
    ]
    of_frame = frame(answers(ONE, rows), departments=3, sizes={("u1", None): 6})
    found = score_of(of_frame, indicator(levels=BY_DEPARTMENT))
    assert found.score == pytest.approx(50)
    assert found.se == pytest.approx(math.sqrt(0.5 * 625 / 3 + 0.5 * 2500 / 9))
    assert found.se_process == pytest.approx(math.sqrt(625 / 3))
    assert (found.df, found.n_departments, found.n_valid) == (2, 3, 5)


def test_department_score__responses_without_department__are_departments_of_their_own():
    rows = [Row([1], department=0), Row([3], department=0), Row([5]), Row([4])]
    found = score_of(frame(answers(ONE, rows), departments=1), indicator(levels=BY_DEPARTMENT))
    assert found.score == pytest.approx((75 + 0 + 25) / 3)
    assert found.n_departments == 3


def test_open_link__sizes_known__has_neither_correction_nor_interval():
    rows = [Row([1]), Row([3]), Row([5])]
    drawn = frame(answers(ONE, rows), sizes={("u1", None): 4})
    opened = frame(answers(ONE, rows), sizes={("u1", None): 4}, fieldwork={"u1": Fieldwork(open_link=True)})
    by_card, by_link = score_of(drawn, indicator()), score_of(opened, indicator())
    assert by_link.score == by_card.score
    assert by_link.se_process == by_card.se_process == pytest.approx(50 / math.sqrt(3))
    assert by_card.se == pytest.approx(25 / math.sqrt(3))
    assert (by_link.se, by_link.lo, by_link.hi, by_link.df) == (None, None, None, None)
    assert by_link.parts[0].lo is None


def test_open_link__poststratified__weighs_strata_even_where_more_answered_than_live_there():
    rows = [Row([1]), Row([1]), Row([3]), Row([5], stratum=1), Row([5], stratum=1)]
    of_frame = frame(
        answers(ONE, rows),
        strata=("window", "online"),
        sizes={("u1", "window"): 2, ("u1", "online"): 8},
        fieldwork={"u1": Fieldwork(open_link=True)},
    )
    found = score_of(of_frame, indicator(strata="poststratify"))
    # a fifth of the frame at 250/3, the rest at 0
    assert found.score == pytest.approx(0.2 * 250 / 3)


def test_open_link__more_departments_than_the_frame_has__are_averaged_without_correction():
    rows = [Row([1], department=0), Row([3], department=0), Row([5], department=1), Row([5], department=2)]
    of_frame = frame(
        answers(ONE, rows), departments=3, sizes={("u1", None): 2}, fieldwork={"u1": Fieldwork(open_link=True)}
    )
    found = score_of(of_frame, indicator(levels=BY_DEPARTMENT))
    assert found.score == pytest.approx(25)  # (75 + 0 + 0) / 3
    assert found.se_process == pytest.approx(25)  # s_b² = (2500 + 625 + 625) / 2 = 1875, over 3 departments 625


def test_plan_about_the_process__sizes_known__has_no_finite_correction():
    of_frame = frame(answers(ONE, [Row([1]), Row([3]), Row([5])]), sizes={("u1", None): 4})
    found = score_of(of_frame, indicator(), population="process")
    assert found.se == found.se_process == pytest.approx(50 / math.sqrt(3))


def test_stratum_of_unknown_size__that_answered__leaves_every_response_equal():
    rows = [Row([1]), Row([1]), Row([5], stratum=1)]
    of_frame = frame(answers(ONE, rows), strata=("window", "online"), sizes={("u1", "window"): 80})
    found = score_of(of_frame, indicator(strata="poststratify"))
    assert found.score == pytest.approx(200 / 3)


def test_units__one_weighted_and_one_not__do_not_disturb_each_other():
    rows = [Row([1]), Row([3]), Row([5], stratum=1), Row([5], stratum=1), Row([2], unit=1), Row([4], 1, 1)]
    sizes = {("u1", "window"): 75, ("u1", "online"): 25, ("u2", "window"): 10}
    of_frame = frame(answers(ONE, rows), units=2, strata=("window", "online"), sizes=sizes)
    found = build(of_frame, plan(indicator(strata="poststratify"))).scores
    assert [score.score for score in found] == pytest.approx([0.75 * 75 + 0.25 * 0, 50])


def test_open_link__stratum_of_nobody_that_answered__leaves_every_response_equal_and_says_so():
    rows = [Row([1]), Row([3]), Row([5], stratum=1)]
    sizes = {("u1", "window"): 0, ("u1", "online"): 8}
    strata = ("window", "online")
    opened = frame(answers(ONE, rows), strata=strata, sizes=sizes, fieldwork={"u1": Fieldwork(open_link=True)})
    found = score_of(opened, indicator(strata="poststratify"))
    assert found.score == pytest.approx(50)
    assert Code.POPULATION_UNKNOWN in {reason.code for reason in found.cautions}
    by_card = score_of(frame(answers(ONE, rows), strata=strata, sizes=sizes), indicator(strata="poststratify"))
    assert (by_card.score, by_card.reasons[0].code) == (None, Code.MORE_ANSWERS_THAN_POPULATION)


def population_of(*rows, **sizes):
    names = {"window": "window", "online": "online", "none": None}
    of_frame = frame(
        answers(ONE, rows),
        strata=tuple(names.values()),
        sizes={("u1", names[name]): size for name, size in sizes.items()},
    )
    return score_of(of_frame, indicator()).population


def test_population__stratum_that_answered_without_a_size__is_unknown():
    at_window, online, anywhere = Row([1]), Row([2], stratum=1), Row([3], stratum=2)
    assert population_of(at_window, window=80) == 80
    assert population_of(at_window, online, window=80) is None
    assert population_of(at_window, online, window=80, none=20) == 100
    assert population_of(at_window, anywhere, window=80) == 80
    assert population_of(at_window) is None


def test_population__two_answers_of_a_stratum_without_size__are_no_sign_of_too_many():
    rows = [Row([1]), Row([3]), Row([5], stratum=1), Row([4], stratum=1)]
    found = score_of(frame(answers(ONE, rows), strata=("window", "online"), sizes={("u1", "window"): 3}), indicator())
    assert found.score == pytest.approx(43.75)
    assert found.se == found.se_process
    assert [reason.code for reason in found.cautions if reason.code is Code.NO_POPULATION_SIZE]


def test_sittings__one_person_answering_twice_about_a_unit__counts_once():
    unit, sitting = np.array([0, 0, 0, 1], np.int32), np.array([7, 7, 8, 7], np.int32)
    cells = sitting_cells(unit, sitting, 2)
    assert cells.count(np.ones(4, bool)).tolist() == [2, 1]
    assert cells.count(np.array([True, True, False, False])).tolist() == [1, 0]


def test_sittings__every_row_its_own__are_counted_without_pairs():
    cells = sitting_cells(np.array([0, 1, 1], np.int32), np.array([2, 0, 1], np.int32), 3)
    assert cells.pair is None
    assert cells.count(np.array([True, True, False])).tolist() == [1, 1, 0]


def test_sittings__numbers_far_above_the_count__are_counted_all_the_same():
    cells = sitting_cells(np.array([0, 0], np.int32), np.array([2_000_000_000, 5], np.int32), 1)
    assert cells.count(np.ones(2, bool)).tolist() == [2]


def test_departments__same_department_in_two_units__counts_in_each():
    unit, department = np.array([0, 0, 1, 1, 1], np.int32), np.array([3, 3, 3, -1, -1], np.int32)
    assert department_cells(unit, department, 2).count(np.ones(5, bool)).tolist() == [1, 3]


def test_cells__of_related_departments__are_departments():
    asked = questionnaire(item("q1", "a"), audience="related_department")
    rows = [Row([1], department=0), Row([1], department=0), Row([1], department=1)]
    source = sorted_answers(answers(asked, rows), 1, 1, np.ones(256, dtype=bool))
    assert cells_of("related_department", source, 1).count(np.ones(3, bool)).tolist() == [2]
    assert cells_of("staff", source, 1).count(np.ones(3, bool)).tolist() == [3]

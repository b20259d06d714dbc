"""The whole report: statuses, and what stands beside a score."""

import math
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import pytest

from analysis.cautions import Code, Reason, ScoreStatus, Severity
from analysis.estimate import Status
from analysis.frame import BLANK, DONT_KNOW, NOT_APPLICABLE, NOT_SHOWN, Fieldwork
from analysis.moments import grouped_moments
from analysis.publishing import publish
from analysis.reliability.alpha import cronbach_alpha, influence_interval
from analysis.reliability.intervals import feldt_interval
from analysis.report import build
from analysis.spec import BY_DEPARTMENT, GateSpec, IndicatorSpec, MinValid, Part, WithholdGates
from tests.factories.evaluations import FULL, WHOLE, evaluation, people
from tests.factories.frames import AUDIENCE, UNEVEN, Row, answers, frame, indicator, item, plan, questionnaire

DEPARTMENT = "related_department"


def numbers_in(value: Any, where: str = "") -> list[tuple[str, float]]:
    """Every number in a nested structure, with the path to it."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return []
    if isinstance(value, int | float):
        return [(where, value)]
    if is_dataclass(value):
        return [found for of in fields(value) for found in numbers_in(getattr(value, of.name), f"{where}.{of.name}")]
    assert isinstance(value, tuple), f"{where} is a {type(value)}"
    return [found for place, inner in enumerate(value) for found in numbers_in(inner, f"{where}[{place}]")]


def test_report__of_an_ordinary_evaluation__is_complete_and_finite():
    report = build(evaluation(people(300)), plan(WHOLE))
    assert [(score.unit, score.indicator) for score in report.scores] == [(f"u{n}", "satisfaction") for n in (1, 2, 3)]
    assert (report.plan, report.plan_version, report.plan_hash) == ("default", "2026.1", "hash of the plan")
    assert report.questionnaires == (("recipients", "hash of recipients"),)
    assert report.released is False
    found = numbers_in(report)
    assert len(found) > 300
    assert [where for where, number in found if not math.isfinite(number)] == []
    assert {type(number) for _, number in found} == {int, float}


def test_report__counts__add_up_to_what_was_returned():
    rows = [
        Row([1] * 7),
        Row([2] * 7),
        Row([BLANK] * 7),
        Row([NOT_APPLICABLE] * 7),
        Row([1] * 7, eligible=False),
        Row([1] * 7, eligible=False),
    ]
    found = build(frame(answers(FULL, rows)), plan(indicator())).scores[0]
    assert (found.n_responses, found.n_valid, found.n_excluded, found.n_ineligible, found.n_unscored) == (6, 2, 0, 2, 2)
    assert found.n_cell == 2
    assert found.n_departments is None


def test_score_of__unit_and_indicator__is_found_or_refused():
    report = build(evaluation(people(60)), plan(WHOLE))
    assert report.score_of("u2", "satisfaction") is report.scores[1]
    with pytest.raises(KeyError):
        report.score_of("u2", "nothing")


def test_report__audience_left_out__is_not_applicable_and_has_no_number():
    of_frame = evaluation(people(60))
    silent = replace(of_frame, units=(replace(of_frame.units[0], audiences=("staff",)), *of_frame.units[1:]))
    found = build(silent, plan(WHOLE)).scores[0]
    assert found.status is ScoreStatus.NOT_APPLICABLE
    assert found.reasons == (Reason(Code.AUDIENCE_LEFT_OUT, Severity.NOTE, subject=AUDIENCE),)
    assert numbers_in(found) == []


def three_indicators(**marks: float | None) -> tuple[IndicatorSpec, ...]:
    one = (Part(1.0, dimension="a"),)
    audiences = {"public": AUDIENCE, "peers": DEPARTMENT, "inside": "staff"}
    return tuple(IndicatorSpec(code, audiences[code], one, full_marks=mark) for code, mark in marks.items())


def test_full_marks__of_an_indicator_that_does_not_apply__move_and_say_so():
    asked = questionnaire(item("q1", "a"), id="peers", audience=DEPARTMENT)
    of_frame = frame(answers(asked, [Row([1]), Row([3])]), audiences=(DEPARTMENT,))
    report = build(of_frame, plan(*three_indicators(public=9, peers=6), moves={"public": "peers"}))
    absent, peers = report.scores
    assert absent.status is ScoreStatus.NOT_APPLICABLE
    assert peers.full_marks == 15
    assert peers.points == pytest.approx(75 / 100 * 15)
    assert Reason(Code.FULL_MARKS_MOVED, Severity.NOTE, 9, None, "public") in peers.cautions


def test_full_marks__next_indicator_does_not_apply_either__move_on():
    asked = questionnaire(item("q1", "a"), id="inside", audience="staff")
    of_frame = frame(answers(asked, [Row([1]), Row([3])]), audiences=("staff",))
    moves = {"public": "peers", "peers": "inside"}
    inside = build(of_frame, plan(*three_indicators(public=9, peers=6, inside=None), moves=moves)).scores[2]
    assert inside.full_marks == 15
    assert [reason.subject for reason in inside.cautions if reason.code is Code.FULL_MARKS_MOVED] == ["public", "peers"]


def test_full_marks__everything_applies__stay_where_they_are():
    asked = questionnaire(item("q1", "a"))
    both = frame(answers(asked, [Row([1]), Row([3])]), audiences=(AUDIENCE, DEPARTMENT))
    report = build(both, plan(*three_indicators(public=9, peers=6), moves={"public": "peers"}))
    assert [score.full_marks for score in report.scores] == [9, 6]


def test_indicator__without_full_marks__has_a_score_and_no_points():
    found = build(evaluation(people(60)), plan(replace(WHOLE, full_marks=None))).scores[0]
    assert found.score is not None
    assert found.points is None


def test_unit__nobody_answered__is_not_scored_and_never_zero():
    rows = [row for row in people(60) if row.unit != 1]
    found = build(evaluation(rows), plan(WHOLE)).scores[1]
    assert found.status is ScoreStatus.NOT_SCORED
    assert found.reasons == (Reason(Code.NO_ANSWERS, Severity.WITHHOLD, 0, 1),)
    assert (found.score, found.points, found.lo, found.n_valid) == (None, None, None, 0)
    assert all(part.score is None and part.status is ScoreStatus.NOT_SCORED for part in found.parts)


def test_frame__without_any_answers_of_the_audience__is_not_scored():
    for wanted in (WHOLE, indicator(levels=BY_DEPARTMENT)):
        found = build(frame(), plan(wanted)).scores[0]
        assert found.status is ScoreStatus.NOT_SCORED
        assert found.items == ()


def test_indicator__part_that_no_questionnaire_asks__is_a_wrong_call():
    with pytest.raises(ValueError, match="satisfaction: no questionnaire asks a scored item of nowhere"):
        build(evaluation(people(9)), plan(indicator(Part(1.0, dimension="nowhere"))))


def test_part__below_the_minimum__withholds_the_indicator_and_leaves_the_other_parts():
    # Forty people answer both dimensions of u1 but for the last 20, who leave b blank: b has 20 of the 30 asked for.
    rows = [Row([1 + n % 5] * 7) for n in range(20)] + [Row([1 + n % 5] * 3 + [BLANK] * 2 + [1, 1]) for n in range(20)]
    gates = GateSpec(withhold=WithholdGates(min_valid={AUDIENCE: MinValid(responses=30)}))
    wanted = indicator(Part(0.5, dimension="a"), Part(0.5, dimension="b"))
    found = build(frame(answers(FULL, rows), sizes={("u1", None): 90}), plan(wanted, gates=gates)).scores[0]
    assert found.status is ScoreStatus.NOT_SCORED
    assert found.reasons == (Reason(Code.TOO_FEW_RESPONSES, Severity.WITHHOLD, 20, 30, "b"),)
    assert (found.score, found.points, found.se, found.lo) == (None, None, None, None)
    first, second = found.parts
    assert (first.status, second.status) == (ScoreStatus.SCORED, ScoreStatus.NOT_SCORED)
    # u1's answers 100 … 0 turned in q2 alone: (x + x + (100 - x)) / 3 on average (50 + 50 + 50) / 3
    assert first.score == pytest.approx(50)
    assert (second.score, second.n) == (None, 20)


def test_unit__withheld_as_a_whole__keeps_no_part_from_which_the_score_could_be_had():
    gates = GateSpec(withhold=WithholdGates(hold=True))
    held = frame(answers(FULL, people(40, units=1, strata=1)), fieldwork={"u1": Fieldwork(held=True)})
    found = build(held, plan(replace(WHOLE, strata=None), gates=gates)).scores[0]
    assert found.status is ScoreStatus.NOT_SCORED
    assert [(part.score, part.se_process, part.lo) for part in found.parts] == [(None, None, None)] * 3
    assert found.n_valid


def test_variants__of_one_questionnaire__are_pooled_and_keep_their_own_alpha():
    variant = questionnaire(item("i1", "a"), item("i2", "a"), id="inspected")
    plain = questionnaire(item("q1", "a"), item("q2", "a"))
    first = answers(plain, [Row([1, 2])] * 20 + [Row([3, 3])] * 20)
    second = answers(variant, [Row([5, 4])] * 20 + [Row([4, 4])] * 20, first_sitting=100)
    report = build(frame(first, second), plan())
    # (87.5 + 50) / 2 = 68.75 of the one, (12.5 + 25) / 2 = 18.75 of the other, as many people in each
    assert report.scores[0].score == pytest.approx((68.75 + 18.75) / 2)
    assert [(block.questionnaire, block.n) for block in report.reliability] == [("recipients", 40), ("inspected", 40)]
    assert {(found.questionnaire, found.item) for found in report.scores[0].items} == {
        ("recipients", "q1"),
        ("recipients", "q2"),
        ("inspected", "i1"),
        ("inspected", "i2"),
    }


def test_questionnaires_of_the_indicator__others_of_the_audience__are_left_out_but_count_as_returned():
    other = questionnaire(item("i1", "a"), id="other")
    both = frame(
        answers(questionnaire(item("q1", "a")), [Row([1])] * 2),
        answers(other, [Row([5])] * 6, first_sitting=9),
        fieldwork={"u1": Fieldwork(handed_out=10)},
    )
    found = build(both, plan(indicator(questionnaires=("recipients",)))).scores[0]
    assert (found.score, found.n_responses, found.response_rate) == (100, 2, 0.8)


def test_items__by_hand__say_how_they_were_answered():
    codes = [1, 1, 2, 5, DONT_KNOW, BLANK, NOT_APPLICABLE, NOT_SHOWN]
    asked = questionnaire(item("q1", "a", points=UNEVEN), item("load", points=None))
    rows = [Row([code, 3]) for code in codes]
    found = build(frame(answers(asked, rows)), plan(indicator(distributions=("load", "absent")))).scores[0]
    (of_item,), (beside,) = found.items, found.distributions
    assert of_item.counts == (2, 1, 0, 0, 1)
    assert (of_item.n, of_item.n_cell) == (4, 4)
    assert of_item.mean == pytest.approx((100 + 100 + 80 + 0) / 4)
    # six were eligible (four answered, one did not know, one left it blank), seven saw it
    assert (of_item.share_dont_know, of_item.share_blank) == (1 / 6, 1 / 6)
    assert of_item.share_not_applicable == 1 / 7
    assert (beside.item, beside.mean, beside.counts, beside.part) == ("load", None, (0, 0, 8, 0, 0), None)


def test_items__reversed__have_the_mean_of_their_keyed_points():
    asked = questionnaire(item("q1", "a", points=UNEVEN, reverse=True))
    found = build(frame(answers(asked, [Row([2]), Row([5])])), plan()).scores[0].items[0]
    assert found.mean == pytest.approx((30 + 100) / 2)
    assert found.counts == (0, 1, 0, 0, 1)


def test_items__nobody_answered__have_no_mean_and_no_shares():
    found = build(frame(answers(questionnaire(item("q1", "a"), item("q2", "a")), [Row([1, NOT_SHOWN])])), plan())
    silent = found.scores[0].items[1]
    assert (silent.n, silent.mean, silent.share_dont_know, silent.share_not_applicable) == (0, None, None, None)


def test_item__in_a_dimension_and_named_by_itself__is_listed_once():
    asked = questionnaire(item("q1", "a"), item("q2", "a"))
    wanted = indicator(Part(0.5, dimension="a"), Part(0.5, item="q2"))
    found = build(frame(answers(asked, [Row([1, 5])])), plan(wanted)).scores[0]
    assert [(of.item, of.part) for of in found.items] == [("q1", "a"), ("q2", "a")]
    assert found.score == pytest.approx(0.5 * 50 + 0.5 * 0)


def keyed(rows: list[Row]) -> tuple[np.ndarray, np.ndarray]:
    """Ranks of q1, q2 (reversed), q3, q4, q5 of complete eligible rows, and their units."""
    complete = [row for row in rows if row.eligible and min(row.codes[:5]) > 0]
    ranks = 6 - np.array([row.codes[:5] for row in complete])
    ranks[:, 1] = 6 - ranks[:, 1]
    return ranks.astype(np.int8), np.array([row.unit for row in complete])


def test_reliability__over_units__is_alpha_of_the_largest_scale_pooled_within_units():
    rows = people(400)
    report = build(evaluation(rows), plan(WHOLE))
    (block,) = report.reliability
    assert (block.unit, block.scale, block.items) == (None, "agree5", ("q1", "q2", "q3", "q4", "q5"))
    assert block.other_items == ("overall",)
    ranks, unit = keyed(rows)
    sums = grouped_moments(ranks, unit, 3)
    alpha = cronbach_alpha(sums.within_covariance(), sums.within_df + 1)
    influence = influence_interval(ranks, 0.95, unit, 3)
    feldt = feldt_interval(alpha, sums.within_df + 1, 5)
    assert block.n == len(ranks)
    assert (block.alpha, block.feldt_lo, block.feldt_hi) == pytest.approx((alpha.value, feldt.lo, feldt.hi), abs=1e-12)
    assert (block.influence_lo, block.influence_hi, block.influence_se) == pytest.approx(
        (influence.lo, influence.hi, influence.se), abs=1e-12
    )
    assert block.omega is not None
    assert 0.5 < block.omega < 1
    assert len(block.item_rest) == len(block.alpha_if_deleted) == 5


def test_reliability__in_one_unit__is_alpha_of_its_own_answers():
    rows = people(400)
    found = build(evaluation(rows), plan(WHOLE)).scores[1]
    ranks, unit = keyed(rows)
    own = cronbach_alpha(np.cov(ranks[unit == 1].T), int((unit == 1).sum()))
    (block,) = found.reliability
    assert (block.unit, block.n) == ("u2", int((unit == 1).sum()))
    assert block.alpha == pytest.approx(own.value, abs=1e-12)


def test_reliability__fewer_than_thirty_complete_in_a_unit__is_not_given_there():
    report = build(evaluation(people(81)), plan(WHOLE))
    assert [score.reliability for score in report.scores] == [(), (), ()]
    assert report.reliability[0].assessable


def test_reliability__fewer_than_thirty_in_all__has_a_count_and_no_number():
    (block,) = build(evaluation(people(30)), plan(WHOLE)).reliability
    assert not block.assessable
    assert block.n is not None
    assert [where for where, _ in numbers_in(block)] == [".n"]


def test_reliability__thirty_units_of_one_response__has_no_alpha_and_calls_no_item_constant():
    asked = questionnaire(item("q1", "a"), item("q2", "a"))
    rows = [Row([1 + number % 5, 1 + number % 4], unit=number) for number in range(30)]
    report = build(frame(answers(asked, rows), units=30), plan())
    (block,) = report.reliability
    assert (block.alpha, block.status, block.constant_items) == (None, Status.UNDEFINED_ONE_RESPONSE, ())
    assert Code.ALPHA_NOT_DEFINED in {reason.code for reason in report.scores[0].cautions}


def test_interval__beyond_the_scale__is_clipped():
    found = build(frame(answers(questionnaire(item("q1", "a")), [Row([1])] * 9 + [Row([5])])), plan()).scores[0]
    assert found.score == 90
    assert found.hi == found.parts[0].hi == 100
    assert found.lo is not None
    assert 0 < found.lo < 90


def test_interval__below_the_scale__is_clipped():
    found = build(frame(answers(questionnaire(item("q1", "a")), [Row([5])] * 9 + [Row([1])])), plan()).scores[0]
    assert (found.score, found.lo, found.parts[0].lo) == (10, 0, 0)


def test_census__of_a_unit__has_no_sampling_error_and_says_what_another_year_would():
    rows = [Row([1]), Row([3]), Row([5])]
    found = build(frame(answers(questionnaire(item("q1", "a")), rows), sizes={("u1", None): 3}), plan()).scores[0]
    assert (found.se, found.lo, found.hi) == (0, 50, 50)
    assert found.se_process == pytest.approx(50 / math.sqrt(3))
    assert Reason(Code.CENSUS, Severity.NOTE, 3, 3) in found.cautions


def test_related_departments__without_levels__count_responses_alike_and_cells_by_department():
    asked = questionnaire(item("q1", "a"), id="peers", audience=DEPARTMENT)
    rows = [Row([1], department=0), Row([1], department=0), Row([5], department=1)]
    wanted = IndicatorSpec("peers", DEPARTMENT, (Part(1.0, dimension="a"),))
    found = build(frame(answers(asked, rows), departments=2, audiences=(DEPARTMENT,)), plan(wanted)).scores[0]
    assert found.score == pytest.approx(200 / 3)
    assert (found.n_valid, found.n_departments, found.n_cell) == (3, 2, 2)
    assert found.parts[0].n_departments == 2


def test_report__of_no_units__is_empty_and_can_be_published():
    nobody = frame(answers(FULL, []), units=0)
    report = build(nobody, plan(indicator()))
    assert (report.scores, report.reliability, report.agreement, report.validity, report.drivers) == ((),) * 5
    published = publish(nobody, plan(indicator()), report)
    assert (published.report.scores, published.report.released) == ((), True)


def test_report__not_described__has_the_same_scores_and_reasons():
    whole, of_plan = evaluation(people(300)), plan(WHOLE)
    full, bare = build(whole, of_plan), build(whole, of_plan, describe=False)
    assert full.scores[0].items
    assert full.validity
    assert (bare.validity, bare.severities, bare.drivers) == ((), (), ())
    # What hangs on no score, and nothing else, is missing.
    undescribed = {"items": (), "distributions": (), "reliability": ()}
    for score, other in zip(full.scores, bare.scores, strict=True):
        parts = tuple(replace(part, quadrant=None) for part in score.parts)
        assert replace(score, parts=parts, **undescribed) == other
    alpha = ("alpha", "influence_lo", "item_rest", "constant_items", "status")
    assert [getattr(full.reliability[0], name) for name in alpha] == [
        getattr(bare.reliability[0], name) for name in alpha
    ]

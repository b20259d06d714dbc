"""Counts of people that follow from other counts, from a reason's number, or from a reason being there at all."""

from dataclasses import replace

import numpy as np

from analysis.cautions import Code
from analysis.disclosure import release
from analysis.estimate import Status
from analysis.frame import BLANK, Fieldwork
from analysis.report import build
from analysis.results import Report, ResponseQuality
from analysis.spec import Part, PlanSpec
from analysis.suppression.audit import Finding, Verdict, audit
from analysis.suppression.counts import count_system
from analysis.suppression.reports import suppress_report
from tests.factories.frames import Row, answers, frame, indicator, item, plan, questionnaire

TWO = questionnaire(item("q1", "a"), item("q2", "b"))
MIXED = [1, 2, 3, 4, 5, 2, 3, 4, 1, 5] * 2
HALVES = indicator(Part(0.5, dimension="a"), Part(0.5, dimension="b"))
ONLY_A, ONLY_B = indicator(), replace(indicator(Part(1.0, dimension="b")), code="second")


def found_in(of_frame, of_plan: PlanSpec) -> tuple[dict[str, Finding], Report]:
    """Counts that leak after the primary rules, and the report in which they no longer do."""
    truth = build(of_frame, of_plan)
    released = release(truth, of_plan.disclosure)
    safe = suppress_report(of_frame, of_plan, truth, released)
    assert safe.exposed == ()
    assert all(one.safe for one in audit(count_system(safe.report, truth, of_plan)))
    return {one.secret: one for one in audit(count_system(released, truth, of_plan))}, safe.report


def of(rows: list[Row], **changes):
    return frame(answers(TWO, rows), sizes={("u1", None): 500}, **changes)


def test_unscored__of_one_indicator__follows_from_what_another_says_was_returned():
    # Two skipped b altogether: `second` hides how many, but `satisfaction` says that 20 came back and 0 were unscored.
    rows = [*(Row([code, code]) for code in MIXED[:18]), Row([1, BLANK]), Row([5, BLANK])]
    found, safe = found_in(of(rows), plan(ONLY_A, ONLY_B))
    leaked = found["u1/second n_unscored"]
    assert (leaked.verdict, leaked.lo, leaked.people) == (Verdict.RECOVERED, 2.0, 2)
    assert safe.score_of("u1", "second").n_valid == 18


def test_screened_out__fewer_than_five__follow_from_a_reason_that_names_the_used_cards():
    rows = [*(Row([code, code]) for code in MIXED * 2), Row([1, 1], eligible=False), Row([1, 1], eligible=False)]
    of_frame = of(rows, fieldwork={"u1": Fieldwork(handed_out=41)})
    found, safe = found_in(of_frame, plan(HALVES))
    leaked = found["u1/satisfaction n_ineligible"]
    assert (leaked.verdict, leaked.lo) == (Verdict.RECOVERED, 2.0)
    (reason,) = [one for one in safe.scores[0].reasons if one.code is Code.MORE_USED_THAN_HANDED_OUT]
    assert reason.number is None


def test_part__of_one_person__would_be_told_by_the_reason_that_it_has_no_interval():
    rows = [*(Row([code, BLANK]) for code in MIXED[:19]), Row([5, 1])]
    found, safe = found_in(of(rows), plan(HALVES))
    assert found["u1/satisfaction/b n"].safe
    assert Code.INTERVAL_NOT_ASSESSABLE not in {one.code for one in safe.scores[0].cautions}
    # The primary rules take it out; were it there, the audit would find the one person.
    truth = build(of(rows), plan(HALVES))
    told = replace(
        release(truth, plan().disclosure), scores=(replace(safe.scores[0], cautions=truth.scores[0].cautions),)
    )
    leaked = {one.secret: one for one in audit(count_system(told, truth, plan(HALVES)))}["u1/satisfaction/b n"]
    assert (leaked.verdict, leaked.lo) == (Verdict.RECOVERED, 1.0)


def test_small_counts__that_nothing_adds_up_to__stay_between_one_and_four():
    rows = [*(Row([code, code]) for code in MIXED), Row([1, 1], eligible=False), Row([BLANK, BLANK])]
    found, _ = found_in(of(rows), plan(HALVES))
    assert {(one.lo, one.hi) for one in found.values()} == {(1.0, 4.0)}
    assert all(one.safe for one in found.values())


def test_agreement__of_a_few_complete_responses__is_taken_out():
    # Twenty in the unit, but three answered both items: their agreement is a spread of three.
    rows = [Row([code, BLANK if place > 2 else code]) for place, code in enumerate(MIXED)]
    both = indicator(Part(0.6, dimension="a"), Part(0.4, dimension="b"))
    truth = build(of(rows), plan(both))
    released = release(truth, plan(both).disclosure)
    few = {(one.questionnaire, one.n) for one in truth.scores[0].agreement}
    assert few == {("recipients", 3)}
    safe = suppress_report(of(rows), plan(both), truth, released)
    assert safe.report.scores[0].agreement == ()


def test_excluded__four_in_each_of_two_units__follow_from_the_eight_of_all():
    # Both hide how many: one to four. Eight in all leave only four and four.
    rows = [Row([code, code], unit=unit) for unit in (0, 1) for code in [*MIXED, 1, 2, 3, 4]]
    coded = answers(TWO, rows)
    flagged = np.array([3 if number % 24 >= 20 else 0 for number in range(48)], dtype=np.uint8)
    of_frame = frame(replace(coded, families=flagged), units=2, sizes={("u1", None): 500, ("u2", None): 500})
    of_plan = plan(HALVES, exclude_when_families=2)
    quality = ResponseQuality(
        questionnaire="recipients", audience="service_recipient", version="1", exclude_when=2,
        available=("time", "invariability"), unavailable=(), flagged=(8, 8), assessable=True,
        n=48, n_flagged=8, n_excluded=8, false_status=Status.OK, false_shape=None, false_rate=0.001,
        expected_false=0.05, false_upper=1,
    )  # fmt: skip
    truth = build(of_frame, of_plan, (quality,))
    assert [score.n_excluded for score in truth.scores] == [4, 4]
    released = release(truth, of_plan.disclosure)
    assert [score.n_excluded for score in released.scores] == [None, None]
    leaked = {one.secret: one.verdict for one in audit(count_system(released, truth, of_plan))}
    assert leaked["u1/satisfaction n_excluded"] is leaked["u2/satisfaction n_excluded"] is Verdict.RECOVERED
    safe = suppress_report(of_frame, of_plan, truth, released)
    assert safe.exposed == ()
    assert (safe.report.quality[0].n_excluded, safe.report.quality[0].flagged) == (None, (None, None))

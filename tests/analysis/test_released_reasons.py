"""What the presence of a reason tells: nothing of how many people a small stratum or part has. All codes are walked."""

from dataclasses import replace

import pytest

from analysis.cautions import Code, Reason, ScoreStatus, Severity
from analysis.disclosure import release
from analysis.frame import BLANK, Fieldwork
from analysis.released_reasons import has_few_beside_full_stratum, telling_nothing, without_numbers
from analysis.report import build
from analysis.spec import (
    BY_DEPARTMENT,
    RELATED_DEPARTMENT,
    CautionGates,
    GateSpec,
    MinValid,
    MultiverseSpec,
    Part,
    WithholdGates,
)
from tests.factories.frames import AUDIENCE, Row, answers, frame, indicator, item, plan, questionnaire
from tests.factories.released import RULES

ASKED = questionnaire(item("q1", "a"), item("q2", "b"))
HALVES = (Part(0.5, dimension="a"), Part(0.5, dimension="b"))
GATES = GateSpec(
    withhold=WithholdGates(alpha_below=0.1),
    caution=CautionGates(
        min_valid={AUDIENCE: MinValid(responses=60)},
        response_rate_below=0.9,
        excluded_share_above=0.01,
        exclusion_shift_above=0.1,
        moe_above=1.0,
    ),
)

# What a reader learns from a code being there, with no number beside it, in a released report.
THRESHOLD = "a count, rate or size of the whole unit is on one side of the plan's threshold"
PLAN = "something of the plan, the set-up or the whole campaign"
NOTHING_LEFT = "that nothing may be shown"
GONE = "never there once released"
WHAT_PRESENCE_TELLS = {
    Code.NO_ANSWERS: "nobody answered; zeros are shown",
    Code.PART_WITHOUT_ANSWERS: "nobody answered a part; zeros are shown",
    Code.TOO_FEW_RESPONSES: THRESHOLD,
    Code.TOO_FEW_DEPARTMENTS: THRESHOLD,
    Code.ALPHA_BELOW: PLAN,
    Code.EXCLUSION_SHIFT_WITHHOLDS: THRESHOLD,
    Code.HELD: PLAN,
    Code.MORE_ANSWERS_THAN_POPULATION: "a stratum has more than its size; no exact count where that leaves few others",
    Code.MORE_USED_THAN_HANDED_OUT: THRESHOLD,
    Code.DOOR_OVERUSED: "at one door, which one is not said, more cards were used than the register and a count allow",
    Code.FEW_RESPONSES: THRESHOLD,
    Code.FEW_DEPARTMENTS: THRESHOLD,
    Code.RESPONSE_RATE_LOW: THRESHOLD,
    Code.ALPHA_LOWER_LOW: PLAN,
    Code.ALPHA_NOT_ASSESSABLE: PLAN,
    Code.WIDE_INTERVAL: THRESHOLD,
    Code.INTERVAL_NOT_ASSESSABLE: "one answer or department; gone where that is a hidden part",
    Code.EXCLUDED_SHARE_HIGH: THRESHOLD,
    Code.EXCLUSION_SHIFT_HIGH: THRESHOLD,
    Code.NEGATIVE_ITEM_REST: PLAN,
    Code.STRATUM_WITHOUT_ANSWERS: "a stratum has no answers; which one only where people are not few",
    Code.POPULATION_UNKNOWN: "somebody answered from a stratum of no known size",
    Code.QUALITY_NOT_ASSESSABLE: PLAN,
    Code.NON_PROBABILITY: PLAN,
    Code.UNUSED_NOT_COUNTED: PLAN,
    Code.CENSUS: "everybody answered, so every stratum (of 10 or more) in full",
    Code.NO_POPULATION_SIZE: PLAN,
    Code.NO_FINITE_CORRECTION: "as many responses as departments; only where both are shown",
    Code.STRATA_MERGED: GONE,
    Code.NO_VARIATION: "all answered alike; only of 10 and more",
    Code.CONSTANT_ITEM: PLAN,
    Code.ALPHA_NOT_DEFINED: PLAN,
    Code.QUESTIONNAIRES_POOLED: PLAN,
    Code.FULL_MARKS_MOVED: PLAN,
    Code.UNKNOWN_DEPARTMENT: "at least one response named no department",
    Code.RANK_TOO_FEW_UNITS: PLAN,
    Code.RANK_RELIABILITY_LOW: PLAN,
    Code.RANK_SET_WIDE: PLAN,
    Code.AUDIENCE_LEFT_OUT: PLAN,
    Code.TOO_FEW_TO_SHOW: NOTHING_LEFT,
    Code.ROUNDED: THRESHOLD,
    Code.PART_TOO_SMALL: NOTHING_LEFT,
}


def test_every_code__has_been_judged():
    assert set(WHAT_PRESENCE_TELLS) == set(Code)


def with_stratum(few: int, *, sizes: tuple[int | None, int | None] = (300, 200), known: Fieldwork | None = None):
    """The reasons of a unit of 44 responses, `few` of them from the second stratum; released, and before."""
    rows = [
        Row([1 + number % 5, 1 + number % 5], stratum=int(number < few), families=3 if number > 41 else 0)
        for number in range(44)
    ]
    of_frame = frame(
        answers(ASKED, rows),
        strata=("window", "online"),
        sizes={("u1", name): size for name, size in zip(("window", "online"), sizes, strict=True) if size is not None},
        fieldwork={"u1": known or Fieldwork(handed_out=400)},
    )
    of_plan = plan(
        indicator(*HALVES, strata="poststratify"), gates=GATES, exclude_when_families=2, multiverse=MultiverseSpec()
    )
    truth = build(of_frame, of_plan)
    shown = release(truth, RULES).scores[0]
    return (shown.status, shown.reasons, shown.cautions), truth.scores[0]


def without_values(told) -> tuple[ScoreStatus, list[tuple[Code, str | None]]]:
    """Which reasons are there."""
    status, reasons, cautions = told
    return status, [(reason.code, reason.subject) for reason in (*reasons, *cautions)]


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"sizes": (300, 4)},
        {"sizes": (None, 200)},
        {"sizes": (None, None)},
        {"sizes": (30, 200)},
        {"known": Fieldwork(open_link=True)},
        {"known": Fieldwork(handed_out=20)},
    ],
    ids=["plain", "small", "one_unknown", "unknown", "overfull", "open_link", "more_used"],
)
def test_presence_of_reasons__is_the_same_however_many_a_small_stratum_has(how):
    seen = [without_values(with_stratum(few, **how)[0]) for few in (1, 2, 3, 4)]
    assert seen[0] == seen[1] == seen[2] == seen[3]


def test_control__before_release_the_reasons_do_tell_a_single_answer():
    codes = [[reason.code for reason in with_stratum(few)[1].cautions] for few in (1, 2)]
    assert Code.STRATA_MERGED in codes[0]
    assert Code.STRATA_MERGED not in codes[1]


def test_full_stratum__that_leaves_few_others__takes_the_exact_counts_with_it():
    (_, reasons, _), truth = with_stratum(3, sizes=(30, 200))
    assert Reason(Code.MORE_ANSWERS_THAN_POPULATION, Severity.WITHHOLD, 39, 30, "window") in truth.reasons
    assert has_few_beside_full_stratum(truth, 5)
    assert Reason(Code.MORE_ANSWERS_THAN_POPULATION, Severity.WITHHOLD, None, 30, "window") in reasons
    (_, reasons, _), truth = with_stratum(12, sizes=(25, 200))
    assert not has_few_beside_full_stratum(truth, 5)
    assert Reason(Code.MORE_ANSWERS_THAN_POPULATION, Severity.WITHHOLD, 30, 25, "window") in reasons


def test_full_stratum__that_leaves_few_others__shows_no_count_from_which_they_follow():
    rows = [Row([1 + number % 5, 2], stratum=int(number < 3)) for number in range(44)]
    sizes = {("u1", "window"): 30, ("u1", "online"): 200}
    of_frame = frame(answers(ASKED, rows), strata=("window", "online"), sizes=sizes)
    shown = release(build(of_frame, plan(indicator(*HALVES, strata="poststratify"))), RULES).scores[0]
    assert shown.status is ScoreStatus.NOT_SCORED
    assert (shown.n_valid, shown.n_responses) == (None, None)
    assert {part.n for part in shown.parts} == {None}
    assert {one.n for one in shown.items} == {None}


def test_part_of_one_answer__is_not_told_apart_from_one_of_two_or_four():
    def told(n: int):
        rows = [Row([1 + number % 5, 2 if number < n else BLANK]) for number in range(30)]
        of_frame = frame(answers(ASKED, rows), sizes={("u1", None): 300})
        shown = release(build(of_frame, plan(indicator(*HALVES), gates=GATES)), RULES).scores[0]
        return without_values((shown.status, shown.reasons, shown.cautions))

    assert told(1) == told(2) == told(4)


def test_empty_stratum__of_few_people__is_not_named_and_of_many_is():
    found = Reason(Code.STRATUM_WITHOUT_ANSWERS, Severity.CAUTION, 0.4, subject="online")
    twice = (found, replace(found, subject="home"))
    truth = with_stratum(3)[1]
    assert tuple(telling_nothing(truth, twice, (), few_people=False)) == twice
    (bare,) = telling_nothing(truth, twice, (), few_people=True)
    assert (bare.code, bare.number, bare.subject) == (found.code, None, None)


def test_departments_that_all_answered_once__is_said_only_beside_both_counts():
    note = Reason(Code.NO_FINITE_CORRECTION, Severity.NOTE)
    asked = questionnaire(item("q1", "a"), audience=RELATED_DEPARTMENT)
    rows = [Row([1 + number % 5], department=number) for number in range(14)]
    of_frame = frame(answers(asked, rows), departments=14, audiences=(RELATED_DEPARTMENT,), sizes={("u1", None): 30})
    truth = build(of_frame, plan(indicator(audience=RELATED_DEPARTMENT, levels=BY_DEPARTMENT)))
    assert note in truth.scores[0].cautions
    assert note in release(truth, RULES).scores[0].cautions
    without = replace(truth.scores[0], n_valid=None)
    assert note not in tuple(telling_nothing(without, without.cautions, (), few_people=False))


def test_numbers_of_reasons__that_count_few__are_taken_out():
    few = Reason(Code.UNKNOWN_DEPARTMENT, Severity.NOTE, 4)
    assert without_numbers(with_stratum(3)[1], (few,), (), 5, coarse=False) == (replace(few, number=None),)
    assert without_numbers(with_stratum(3)[1], (few,), (), 4, coarse=False) == (few,)

"""What leaves: nothing about fewer people than the plan allows, nothing exact about a few more."""

from dataclasses import replace
from typing import Any

import pytest

from analysis.cautions import Code, Reason, ScoreStatus, Severity
from analysis.disclosure import SMALL_POPULATION, release
from analysis.frame import BLANK, Fieldwork
from analysis.report import build
from analysis.results import UnitScore
from analysis.spec import (
    BY_DEPARTMENT,
    CautionGates,
    DisclosureSpec,
    GateSpec,
    IndicatorSpec,
    MinValid,
    Part,
    WithholdGates,
)
from tests.factories.frames import AUDIENCE, Row, answers, frame, indicator, item, plan, questionnaire
from tests.factories.released import RULES, numbers_in, released

ONE = questionnaire(item("q1", "a"))
TWO = questionnaire(item("q1", "a"), item("q2", "b"), item("load", points=None))
HALVES = indicator(Part(0.5, dimension="a"), Part(0.5, dimension="b"), distributions=("load",))


def unit(rows: list[Row], *indicators: IndicatorSpec, size: int | None = 100, asked=ONE, **changes: Any) -> UnitScore:
    sizes = None if size is None else {("u1", None): size}
    return released(frame(answers(asked, rows), sizes=sizes), *indicators, **changes).scores[0]


def mixed(n: int) -> list[Row]:
    return [Row([1 + number % 5]) for number in range(n)]


def codes_of(reasons: tuple[Reason, ...]) -> list[Code]:
    return [reason.code for reason in reasons]


@pytest.mark.parametrize("n", [0, 1, 4])
def test_unit__fewer_sittings_than_min_cell__is_suppressed_with_every_number(n):
    found = unit(mixed(n))
    assert found.status is ScoreStatus.SUPPRESSED
    assert found.reasons == (Reason(Code.TOO_FEW_TO_SHOW, Severity.WITHHOLD, None, 5),)
    assert list(numbers_in(found)) == []
    assert (found.parts, found.items, found.cautions, found.full_marks) == ((), (), (), 9)


def test_unit__between_once_and_twice_min_cell__is_shown_in_whole_numbers():
    # 100, 75, 50, 25, 0, 100, 75 → 425/7 = 60.71, s² = 8571.4/6; N 100: 60.71 ± 2.447 * sqrt(0.93 * 1428.6/7)
    before = build(frame(answers(ONE, mixed(7)), sizes={("u1", None): 100}), plan()).scores[0]
    assert before.score == pytest.approx(425 / 7)
    assert (before.lo, before.hi) == pytest.approx((27.004, 94.425), abs=0.001)
    found = unit(mixed(7))
    assert (found.score, found.lo, found.hi) == (61.0, 27.0, 95.0)
    assert found.points == pytest.approx(0.61 * 9)
    assert (found.se, found.se_process, found.df) == (None, None, None)
    assert (found.n_valid, found.n_responses) == (7, 7)
    assert Code.ROUNDED in codes_of(found.cautions)
    assert found.parts[0].score == 61.0
    assert (found.parts[0].se, found.parts[0].df, found.parts[0].n_cell) == (None, None, None)
    (shown,) = found.items
    assert (shown.shown, shown.mean, shown.n) == (True, 61.0, 7)
    assert (shown.counts, shown.share_dont_know, shown.share_blank, shown.share_not_applicable) == (None,) * 4


def test_unit__exactly_min_cell__is_shown():
    assert unit(mixed(5)).score == 50


def test_unit__half_point__is_rounded_upwards():
    assert unit([*mixed(5), Row([1]), Row([4]), Row([3])], size=200).score == 53.0  # 425 / 8 = 53.125
    assert unit([Row([1])] * 3 + [Row([2])] * 3, size=200).score == 88.0  # 525 / 6 = 87.5


def test_unit__twice_min_cell__is_shown_in_full():
    found = unit(mixed(10))
    assert found.score == 50
    assert found.se is not None
    assert found.items[0].counts == (2, 2, 2, 2, 2)
    assert Code.ROUNDED not in codes_of(found.cautions)
    assert found.n_cell is None


def test_unit__small_and_unanimous__is_suppressed_as_if_it_were_smaller():
    found = unit([Row([4])] * 9)
    assert found.status is ScoreStatus.SUPPRESSED
    assert codes_of(found.reasons) == [Code.TOO_FEW_TO_SHOW]
    assert list(numbers_in(found)) == []


def test_unit__unanimous_in_one_part_only__is_suppressed_too():
    rows = [Row([1 + number % 5, 2, 3]) for number in range(9)]
    found = unit(rows, HALVES, asked=TWO)
    assert found.status is ScoreStatus.SUPPRESSED
    assert list(numbers_in(found)) == []


def test_unit__large_and_unanimous__is_shown():
    assert unit([Row([4])] * 10).score == 25


def test_item__small_and_unanimous_in_a_larger_unit__is_hidden():
    rows = [Row([1 + number % 5, 1 + number % 5, 3 if number < 7 else BLANK]) for number in range(20)]
    (found,) = unit(rows, HALVES, asked=TWO).distributions
    assert found.shown is False
    assert list(numbers_in(found)) == []
    assert found.choices == ("sa", "a", "n", "d", "sd")


def test_part__fewer_people_than_min_cell__takes_the_score_with_it():
    rows = [Row([1 + number % 5, BLANK if number > 3 else 2, 3]) for number in range(20)]
    found = unit(rows, HALVES, asked=TWO)
    assert found.status is ScoreStatus.SUPPRESSED
    assert found.reasons == (Reason(Code.PART_TOO_SMALL, Severity.WITHHOLD, None, 5, "b"),)
    assert (found.score, found.points, found.lo, found.se_process) == (None, None, None, None)
    first, second = found.parts
    assert (first.score, first.n) == (50, 20)
    assert second.status is ScoreStatus.SUPPRESSED
    assert list(numbers_in(second)) == []
    assert [of.shown for of in found.items] == [True, False]
    assert found.n_valid == 20


def test_part__too_small_without_weight__does_not_give_the_score_away():
    rows = [Row([1 + number % 5, BLANK if number > 3 else 2, 3]) for number in range(20)]
    found = unit(rows, indicator(Part(1.0, dimension="a"), Part(0.0, dimension="b")), asked=TWO)
    assert found.score is not None
    assert found.parts[1].score is None


def test_part__between_once_and_twice_min_cell__makes_the_score_whole():
    rows = [Row([1 + number % 5, BLANK if number > 6 else 1 + number % 2, 3]) for number in range(20)]
    found = unit(rows, HALVES, asked=TWO)
    assert found.score is not None
    assert found.score == round(found.score)
    assert found.se is None
    # Part a stands on 20 people; its own number hides nothing of part b once the score is rounded.
    assert found.parts[0].se is not None
    assert (found.parts[1].se, found.parts[1].score) == (None, 89.0)  # (4 * 100 + 3 * 75) / 7 = 89.29


def test_sittings__one_person_answering_often__is_one():
    rows = [Row([1 + number % 5], sitting=number % 4) for number in range(20)]
    assert unit(rows).status is ScoreStatus.SUPPRESSED


def test_related_departments__cells__count_departments():
    asked = questionnaire(item("q1", "a"), id="peers", audience="related_department")
    wanted = IndicatorSpec("peers", "related_department", (Part(1.0, dimension="a"),), levels=BY_DEPARTMENT)

    def of_departments(n: int) -> UnitScore:
        rows = [Row([1 + number % 5], department=number % n) for number in range(40)]
        return released(frame(answers(asked, rows), departments=n, audiences=("related_department",)), wanted).scores[0]

    assert of_departments(4).status is ScoreStatus.SUPPRESSED
    some = of_departments(9)
    assert (some.n_departments, some.se, some.items[0].counts) == (9, None, None)
    many = of_departments(12)
    assert many.se is not None
    assert many.items[0].counts == (8, 8, 8, 8, 8)


def test_related_departments__few_in_the_frame__are_not_coarsened_because_offices_are_not_people():
    asked = questionnaire(item("q1", "a"), id="peers", audience="related_department")
    wanted = IndicatorSpec("peers", "related_department", (Part(1.0, dimension="a"),), levels=BY_DEPARTMENT)
    rows = [Row([1 + number % 5], department=number % 12) for number in range(40)]
    of_frame = frame(answers(asked, rows), departments=12, audiences=("related_department",), sizes={("u1", None): 13})
    found = released(of_frame, wanted).scores[0]
    assert (found.n_departments, found.n_valid) == (12, 40)
    assert found.se is not None


def test_small_population__counts_and_rate__are_bands_and_nothing_gives_the_count_away():
    few = frame(
        answers(ONE, mixed(13)), sizes={("u1", None): SMALL_POPULATION - 1}, fieldwork={"u1": Fieldwork(handed_out=19)}
    )
    gates = GateSpec(
        withhold=WithholdGates(),
        caution=CautionGates(min_valid={AUDIENCE: MinValid(responses=30)}, response_rate_below=0.9),
    )
    found = released(few, gates=gates).scores[0]
    assert (found.n_valid, found.n_responses, found.n_ineligible, found.n_asked) == (None,) * 4
    assert found.valid_band == (10, 14)
    assert found.response_rate is None
    assert found.response_rate_band == (0.5, 0.75)  # 13 of 19
    assert (found.se, found.se_process, found.df, found.parts[0].n) == (None,) * 4
    assert (found.items[0].n, found.items[0].counts) == (None, None)
    assert found.score == round(found.score or 0)
    assert found.reasons == (
        Reason(Code.FEW_RESPONSES, Severity.CAUTION, None, 30),
        Reason(Code.RESPONSE_RATE_LOW, Severity.CAUTION, None, 0.9),
    )


def test_population_of_twenty__is_not_small():
    found = unit(mixed(13), size=SMALL_POPULATION)
    assert (found.n_valid, found.valid_band) == (13, None)


@pytest.mark.parametrize("sizes", [None, {("u1", None): 100}])
def test_few_cards__in_a_large_or_unknown_population__leave_no_counts_that_the_rate_follows_from(sizes):
    few = frame(answers(ONE, mixed(12)), sizes=sizes, fieldwork={"u1": Fieldwork(handed_out=16)})
    found = released(few).scores[0]
    assert (found.response_rate, found.response_rate_band, found.valid_band) == (None, (0.75, 1.0), (10, 14))
    # 12 of 16, or either number of the two: a card register is no secret.
    assert not [where for where, number in numbers_in(found) if number in {12, 16}]


def test_few_cards__of_related_departments__leave_no_counts_either():
    asked = questionnaire(item("q1", "a"), id="peers", audience="related_department")
    wanted = IndicatorSpec("peers", "related_department", (Part(1.0, dimension="a"),), levels=BY_DEPARTMENT)
    rows = [Row([1 + number % 5], department=number % 12) for number in range(17)]
    of_departments = frame(
        answers(asked, rows),
        departments=12,
        audiences=("related_department",),
        fieldwork={"u1": Fieldwork(handed_out=18)},
    )
    found = released(of_departments, wanted).scores[0]
    assert (found.n_departments, found.valid_band, found.response_rate_band) == (12, (15, 19), (0.75, 1.0))
    assert not [where for where, number in numbers_in(found) if number in {17, 18}]


def test_response_rate__of_all_cards__lies_in_the_last_band():
    found = released(frame(answers(ONE, mixed(12)), fieldwork={"u1": Fieldwork(handed_out=12)})).scores[0]
    assert found.response_rate_band == (0.75, 1.0)


def test_response_rate__nothing_to_hide__is_exact():
    found = released(frame(answers(ONE, mixed(30)), fieldwork={"u1": Fieldwork(handed_out=40)})).scores[0]
    assert (found.response_rate, found.response_rate_band, found.n_asked) == (0.75, None, 40)


@pytest.mark.parametrize("kept_out", [[Row([1], eligible=False)] * 3, [Row([BLANK])] * 3])
def test_counts__few_screened_out_or_silent__go_with_what_they_could_be_had_from(kept_out):
    of_frame = frame(answers(ONE, [*mixed(40), *kept_out]), fieldwork={"u1": Fieldwork(handed_out=60)})
    found = released(of_frame).scores[0]
    assert found.n_valid == 40
    assert found.n_responses is None
    assert None in (found.n_ineligible, found.n_unscored)
    assert (found.response_rate, found.n_asked) == (None, None)
    assert found.response_rate_band == (pytest.approx(0.7), pytest.approx(0.8))  # 40 of 57, or 43 of 60


def test_counts__enough_screened_out__are_shown():
    found = unit([*mixed(40), *[Row([1], eligible=False)] * 5])
    assert (found.n_responses, found.n_ineligible, found.n_unscored, found.n_excluded) == (45, 5, 0, 0)


def test_reasons__number_of_few__is_taken_out_and_the_threshold_stays():
    # Five people, three without a department: the two counts speak of fewer than five.
    asked = questionnaire(item("q1", "a"), id="peers", audience="related_department")
    wanted = IndicatorSpec("peers", "related_department", (Part(1.0, dimension="a"),), levels=BY_DEPARTMENT)
    rows = [Row([1 + number % 5], department=number if number < 9 else -1) for number in range(12)]
    before = build(frame(answers(asked, rows), departments=9, audiences=("related_department",)), plan(wanted))
    assert Reason(Code.UNKNOWN_DEPARTMENT, Severity.NOTE, 3) in before.scores[0].cautions
    after = release(before, RULES)
    assert Reason(Code.UNKNOWN_DEPARTMENT, Severity.NOTE, None) in after.scores[0].cautions


def test_reasons__of_a_part_that_is_not_shown_exactly__lose_their_number():
    rows = [Row([1 + number % 5, BLANK if number > 6 else 1 + number % 2, 3]) for number in range(20)]
    gates = GateSpec(caution=CautionGates(min_valid={AUDIENCE: MinValid(responses=15)}))
    found = unit(rows, HALVES, asked=TWO, gates=gates)
    assert found.reasons == (Reason(Code.FEW_RESPONSES, Severity.CAUTION, None, 15, "b"),)


def test_reasons__of_a_large_unit__keep_their_numbers():
    gates = GateSpec(withhold=WithholdGates(min_valid={AUDIENCE: MinValid(responses=30)}))
    found = unit(mixed(12), gates=gates)
    assert found.status is ScoreStatus.NOT_SCORED
    assert found.reasons == (Reason(Code.TOO_FEW_RESPONSES, Severity.WITHHOLD, 12, 30),)
    assert found.score is None


def test_reasons__width_of_a_coarse_interval__is_taken_out():
    found = unit(mixed(7), gates=GateSpec(caution=CautionGates(moe_above=5.0)))
    assert Reason(Code.WIDE_INTERVAL, Severity.CAUTION, None, 5.0) in found.reasons


def test_reasons__strata_that_were_merged__are_not_spoken_of():
    rows = [*mixed(12), Row([1], stratum=1)]
    sizes = {("u1", "window"): 80, ("u1", "online"): 20}
    of_frame = frame(answers(ONE, rows), strata=("window", "online"), sizes=sizes)
    found = released(of_frame, indicator(strata="poststratify")).scores[0]
    assert Code.STRATA_MERGED not in codes_of(found.cautions)


def test_alpha__of_a_unit_that_is_shown_coarsely__is_not_shown():
    three = questionnaire(*(item(f"q{number}", "a") for number in (1, 2, 3)))
    rows = [Row([1 + number % 5] * 3) for number in range(40)]
    assert unit(rows, asked=three).reliability[0].n == 40
    # Forty responses of eight people only.
    crowded = [replace(row, sitting=number % 8) for number, row in enumerate(rows)]
    assert unit(crowded, asked=three).reliability == ()


def test_alpha__not_assessable_with_hardly_any_answers__does_not_say_how_many():
    three = questionnaire(*(item(f"q{number}", "a") for number in (1, 2, 3)))
    few = released(frame(answers(three, [Row([1, 2, 3])] * 4)))
    assert few.reliability[0].n is None
    some = released(frame(answers(three, [Row([1 + number, 2, 3]) for number in range(5)])))
    assert some.reliability[0].n == 5


@pytest.mark.parametrize(("of_the_other", "said"), [(4, None), (6, 26)])
def test_alpha__not_assessable__is_said_without_the_count_that_a_hidden_unit_follows_from(of_the_other, said):
    three = questionnaire(*(item(f"q{number}", "a") for number in (1, 2, 3)))
    rows = [Row([1 + number % 5, 2, 1 + number % 3], unit=number >= 20) for number in range(20 + of_the_other)]
    gates = GateSpec(caution=CautionGates(alpha_lower_below=0.7))
    report = released(frame(answers(three, rows), units=2), gates=gates)
    first, other = report.scores
    assert (other.status is ScoreStatus.SUPPRESSED) == (said is None)
    assert Reason(Code.ALPHA_NOT_ASSESSABLE, Severity.CAUTION, said, 30, "recipients") in first.cautions
    assert Reason(Code.ALPHA_NOT_ASSESSABLE, Severity.CAUTION, said, 30, "recipients") in first.reasons
    assert report.reliability[0].n == said


def test_release__of_a_released_report__is_refused():
    report = released(frame(answers(ONE, mixed(12))))
    assert report.released
    with pytest.raises(ValueError, match="released already"):
        release(report, RULES)


def test_not_applicable__passes_as_it_is():
    of_frame = frame(answers(ONE, mixed(12)), audiences=("staff",))
    assert released(of_frame).scores == build(of_frame, plan()).scores


def test_rules__larger_min_cell__hides_more():
    report = build(frame(answers(ONE, mixed(12)), sizes={("u1", None): 100}), plan())
    assert release(report, DisclosureSpec(min_cell=13, min_cell_text=13)).scores[0].status is ScoreStatus.SUPPRESSED
    assert release(report, DisclosureSpec(min_cell=7)).scores[0].se is None

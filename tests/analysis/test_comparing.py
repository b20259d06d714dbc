"""Units beside each other: only what scores can tell apart is said, and only from what is shown."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.cautions import Code
from analysis.comparing import compare
from analysis.disclosure import release
from analysis.frame import Fieldwork
from analysis.overall import Comparison
from analysis.report import build
from analysis.results import Report
from analysis.spec import DisclosureSpec, GateSpec, PlanSpec, RankGates, RankingSpec
from tests.factories.frames import Row, answers, frame, indicator, item, plan, questionnaire

ONE = questionnaire(item("q1", "a"))
RANKED = plan(gates=GateSpec(rank=RankGates(0.7)), ranking=RankingSpec(publish=True, min_units=3))


def unit(number: int, good: int, bad: int) -> list[Row]:
    return [Row([1], unit=number)] * good + [Row([5], unit=number)] * bad


def compared(*units: tuple[int, int], by: PlanSpec = RANKED, released: bool = False, categories: str = "") -> Report:
    """Units by how many gave 100 points and how many 0; sizes of 10,000."""
    rows = [row for number, (good, bad) in enumerate(units) for row in unit(number, good, bad)]
    sizes = {(f"u{number}", None): 10_000 for number in range(1, len(units) + 1)}
    report = build(frame(answers(ONE, rows), units=len(units), sizes=sizes), by)
    report = release(report, DisclosureSpec()) if released else report
    of = categories or "x" * len(units)
    return compare(report, by, {f"u{number + 1}": of[number] for number in range(len(units))})


def one(report: Report) -> Comparison:
    (found,) = report.comparisons
    return found


def test_units_far_apart__have_places_of_their_own():
    found = one(compared((95, 5), (60, 40), (20, 80)))
    assert [(standing.rank_lo, standing.rank, standing.rank_hi) for standing in found.standings] == [
        (1, 1, 1), (2, 2, 2), (3, 3, 3)
    ]  # fmt: skip
    assert all(standing.rankable and standing.refusals == () for standing in found.standings)
    assert (found.pairs, found.pairs_apart, found.n_units) == (3, 3, 3)
    assert all(standing.answers_needed == 0 for standing in found.standings)


def test_units_alike__are_refused_places_and_told_why():
    found = one(compared((50, 50), (52, 48), (49, 51), (51, 49)))
    assert found.pairs_apart == 0
    for standing in found.standings:
        assert (standing.rankable, standing.rank) == (False, None)
        assert {reason.code for reason in standing.refusals} == {Code.RANK_RELIABILITY_LOW, Code.RANK_SET_WIDE}
        assert standing.answers_needed is None  # there is no difference for more answers to find


def test_two_units__under_the_plans_minimum__have_no_places_however_far_apart():
    found = one(compared((95, 5), (20, 80)))
    assert [reason.code for reason in found.standings[0].refusals] == [Code.RANK_TOO_FEW_UNITS]
    assert (found.standings[0].refusals[0].number, found.standings[0].refusals[0].threshold) == (2, 3)


def test_places__not_published_by_the_plan__are_not_given_but_may_be_refused():
    silent = replace(RANKED, ranking=RankingSpec(publish=False, min_units=3))
    found = one(compared((95, 5), (60, 40), (20, 80), by=silent))
    assert [(standing.rank, standing.rankable) for standing in found.standings] == [(None, True)] * 3


def test_unit_without_spread_or_score__is_not_compared():
    report = compared((95, 5), (60, 40), (20, 80), (30, 0), (0, 0))
    assert [standing.unit for standing in one(report).standings] == ["u1", "u2", "u3"]


def test_open_link__nobody_was_drawn__is_compared_with_nobody():
    rows = [
        row
        for number, (good, bad) in enumerate([(95, 5), (60, 40), (20, 80), (50, 50)])
        for row in unit(number, good, bad)
    ]
    of_frame = frame(answers(ONE, rows), units=4, fieldwork={"u4": Fieldwork(open_link=True)})
    report = compare(build(of_frame, RANKED), RANKED, {f"u{number}": "x" for number in range(1, 5)})
    assert report.scores[3].score == 50
    assert [standing.unit for standing in one(report).standings] == ["u1", "u2", "u3"]


def test_categories__are_never_compared_with_each_other():
    report = compared((95, 5), (60, 40), (20, 80), (90, 10), (50, 50), (10, 90), categories="aaabbb")
    assert [(found.category, found.n_units) for found in report.comparisons] == [("a", 3), ("b", 3)]
    assert [standing.rank for found in report.comparisons for standing in found.standings] == [1, 2, 3, 1, 2, 3]


def test_released_report__hidden_and_rounded_units__leave_no_trace_in_the_places_of_others():
    report = compared((95, 5), (60, 40), (20, 80), (2, 1), (4, 3), released=True)
    without = compared((95, 5), (60, 40), (20, 80), released=True)
    assert report.scores[3].score is None
    assert one(report) == one(without)


def test_reliability__more_answers__rises_and_needs_fewer_more():
    few, many = (one(compared((11 * k, 9 * k), (9 * k, 11 * k), (10 * k, 10 * k), (12 * k, 8 * k))) for k in (4, 40))
    low, high = ([standing.unit_reliability_process or 0.0 for standing in found.standings] for found in (few, many))
    assert all(a < b for a, b in zip(low, high, strict=True))
    assert many.standings[0].answers_needed is not None


def test_shrunken_scores__of_unsure_units__lie_between_the_score_and_the_mean():
    report = compared((30, 70), (300, 200), (350, 150), (320, 180))
    found = one(report)
    own = report.scores[0].score
    assert own < found.standings[0].shrunken < found.mean
    assert found.standings[0].shrunken_lo < found.standings[0].shrunken < found.standings[0].shrunken_hi


def test_units_in_another_order__have_the_same_places():
    units = [(95, 5), (60, 40), (20, 80), (70, 30)]
    turned = one(compared(*units[::-1]))
    straight = one(compared(*units))
    assert [standing.rank for standing in straight.standings] == [standing.rank for standing in turned.standings[::-1]]


def test_indicator_that_applies_to_no_unit__has_no_comparison():
    others = plan(indicator(audience="staff"))
    report = build(frame(answers(ONE, unit(0, 30, 20)), units=1), others)
    assert compare(report, others, {"u1": "x"}).comparisons == ()


@pytest.mark.parametrize("n_units", [1, 2])
def test_one_unit_or_none_with_a_score__has_a_status_and_no_exception(n_units: int):
    found = one(compared(*[(30, 20), (0, 0)][:n_units]))
    assert (found.n_units, found.sd, found.status.defined) == (1, None, False)
    assert found.standings[0].shrunken is None
    assert Code.RANK_SET_WIDE not in {reason.code for reason in found.standings[0].refusals}
    assert np.isfinite(found.standings[0].unit_reliability or 0)

"""Few people of one mind: that they are does not follow from two indicators that both are about them."""

from dataclasses import replace

import pytest

from analysis.cautions import ScoreStatus
from analysis.disclosure import release
from analysis.report import build
from analysis.spec import IndicatorSpec, Part
from analysis.suppression.audit import Finding, Verdict
from analysis.suppression.reports import audit_report, suppress_report
from tests.factories.frames import Row, answers, frame, indicator, item, plan, questionnaire

TWO = questionnaire(item("q1", "a"), item("q2", "b"))
# Seven people whose two answers make up for each other: all have 50 in the half of both.
EVEN = [Row([1, 5])] * 3 + [Row([5, 1])] * 2 + [Row([2, 4])] * 2


def found_in(rows: list[Row], *indicators: IndicatorSpec, asked=(TWO,)) -> tuple[dict[str, Finding], list[ScoreStatus]]:
    """What the primary rules leave, and what becomes of the scores; what is left is safe."""
    given = [answers(of, [row for row in rows if len(row.codes) == len(of.items)]) for of in asked]
    of_frame = frame(*given, sizes={("u1", None): 500})
    return _audited(of_frame, indicators)


def _audited(of_frame, indicators) -> tuple[dict[str, Finding], list[ScoreStatus]]:
    of_plan = plan(*indicators)
    truth = build(of_frame, of_plan)
    released = release(truth, of_plan.disclosure)
    safe = suppress_report(of_frame, of_plan, truth, released)
    assert safe.exposed == ()
    assert all(one.safe for one in audit_report(of_frame, of_plan, truth, safe.report))
    found = {one.secret: one for one in audit_report(of_frame, of_plan, truth, released)}
    return found, [score.status for score in safe.report.scores]


def halves(code: str, first: float) -> IndicatorSpec:
    return replace(indicator(Part(first, dimension="a"), Part(1 - first, dimension="b")), code=code)


def test_score_of_few_of_one_mind__alone__is_hidden_by_the_primary_rules():
    found, statuses = found_in(EVEN, halves("even", 0.5))
    assert statuses == [ScoreStatus.SUPPRESSED]
    assert found["u1: even"].verdict is Verdict.SAFE


def test_score_of_few_of_one_mind__follows_from_the_parts_of_another_indicator():
    found, statuses = found_in(EVEN, halves("even", 0.5), halves("uneven", 0.6))
    hidden = found["u1: even"]
    assert (hidden.people, hidden.verdict) == (7, Verdict.NARROW)
    assert hidden.lo <= 50 <= hidden.hi
    assert statuses == [ScoreStatus.SUPPRESSED, ScoreStatus.SUPPRESSED]


@pytest.mark.parametrize(
    ("rows", "is_secret"),
    [(EVEN, True), ([*EVEN[:6], Row([2, 5])], False), (EVEN + EVEN[:3], False)],
    ids=["seven_alike", "not_alike", "ten"],
)
def test_score__is_a_secret_of_its_own_only_where_few_agree(rows, is_secret):
    found, _ = found_in(rows, halves("even", 0.5), halves("uneven", 0.6))
    assert ("u1: even" in found) == is_secret


def test_questionnaire_of_few_of_one_mind__follows_from_an_indicator_with_and_one_without_it():
    large, small = questionnaire(item("a1", "a"), id="large"), questionnaire(item("b1", "a"), id="small")
    of_frame = frame(
        answers(large, [Row([1 + number % 5]) for number in range(20)]),
        answers(small, [Row([4])] * 6, first_sitting=20),
        sizes={("u1", None): 500},
    )
    both = replace(indicator(), code="both")
    alone = replace(indicator(), code="alone", questionnaires=("large",))
    found, statuses = _audited(of_frame, (both, alone))
    assert (found["u1: item small/b1"].people, found["u1: item small/b1"].lo) == (6, pytest.approx(25))
    assert ScoreStatus.SUPPRESSED in statuses


def test_part_of_few_of_one_mind_in_a_questionnaire__is_a_secret_though_its_items_differ():
    # Nobody's items agree, everybody's mean of them is 50: only the part as a whole is unanimous.
    large = questionnaire(item("a1", "a"), id="large")
    small = questionnaire(item("b1", "a"), item("b2", "a"), id="small")
    of_frame = frame(
        answers(large, [Row([1 + number % 5]) for number in range(20)]),
        answers(small, [Row([1, 5])] * 3 + [Row([4, 2])] * 3, first_sitting=20),
        sizes={("u1", None): 500},
    )
    found, _ = _audited(of_frame, (replace(indicator(), code="both"),))
    hidden = found["u1: both/a, questionnaire 1"]
    assert (hidden.people, hidden.verdict) == (6, Verdict.RECOVERED)
    assert hidden.lo == pytest.approx(50)

"""One report against the answers behind it: the leaks that the primary rules leave, each with the least example."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.cautions import ScoreStatus
from analysis.disclosure import release
from analysis.frame import BLANK, NOT_APPLICABLE, Frame
from analysis.points import keyed_points
from analysis.report import build
from analysis.results import Report
from analysis.spec import BY_DEPARTMENT, RELATED_DEPARTMENT, PlanSpec
from analysis.suppression import answers as module
from analysis.suppression.answers import Edition, answer_systems
from analysis.suppression.audit import Finding, Verdict
from analysis.suppression.people import crowds, everybody, own_rule, weights_in_part
from analysis.suppression.reports import audit_report, suppress_report
from tests.analysis.suppression.campaigns import OFFICES, RECIPIENTS, STAFF, campaign
from tests.factories.frames import Row, answers, frame, indicator, item, plan, questionnaire

ONE = questionnaire(item("q1", "a"))
TWO = questionnaire(item("q1", "a"), item("q2", "a"))
MIXED = [1, 2, 3, 4, 5, 2, 3, 4, 1, 5]


def leaks(of_frame: Frame, of_plan: PlanSpec) -> dict[str, Finding]:
    """What the primary rules leave open, with the proof that the complementary suppression closes it."""
    truth = build(of_frame, of_plan)
    released = release(truth, of_plan.disclosure)
    safe = suppress_report(of_frame, of_plan, truth, released)
    assert safe.exposed == ()
    assert all(one.safe for one in audit_report(of_frame, of_plan, truth, safe.report))
    found = {one.secret: one for one in audit_report(of_frame, of_plan, truth, released)}
    assert bool(safe.hidden) == any(not one.safe for one in found.values())
    return found


def test_item__of_one_person_in_a_shown_dimension__follows_from_the_other_item():
    # q2 was asked of one person only, who chose its worst after the best of q1: the part is (q1 + q2)/2 for that
    # one and q1 for the others, so part and item q1 differ by (q2 - q1)/2 over 20.
    rows = [*(Row([MIXED[n % 10], NOT_APPLICABLE]) for n in range(19)), Row([1, 5])]
    found = leaks(frame(answers(TWO, rows), sizes={("u1", None): 500}), plan())["u1: item recipients/q2"]
    assert (found.people, found.verdict, found.lo) == (1, Verdict.RECOVERED, pytest.approx(0.0, abs=1e-6))


def test_questionnaire__of_three_pooled_with_a_large_one__follows_from_the_items_of_the_large():
    large, small = questionnaire(item("a1", "a"), id="large"), questionnaire(item("b1", "a"), id="small")
    of_frame = frame(
        answers(large, [Row([code]) for code in MIXED * 2]),
        answers(small, [Row([5]), Row([4]), Row([5])], first_sitting=20),
        sizes={("u1", None): 500},
    )
    found = leaks(of_frame, plan())["u1: item small/b1"]
    assert found.equations
    assert (found.verdict, found.lo) == (Verdict.RECOVERED, pytest.approx(25 / 3))


def test_questionnaire__of_one_indicator_but_not_of_another__follows_from_the_two():
    large, small = questionnaire(item("a1", "a"), id="large"), questionnaire(item("b1", "a"), id="small")
    rows = [
        Row(
            [
                code,
            ]
        )
        for code in MIXED * 2
    ]
    of_frame = frame(
        answers(large, rows), answers(small, [Row([5]), Row([4])], first_sitting=20), sizes={("u1", None): 500}
    )
    alone = replace(indicator(), code="alone", questionnaires=("large",))
    truth = build(of_frame, plan(indicator(), alone))
    shown = release(truth, plan().disclosure)
    without_items = replace(shown, scores=tuple(replace(score, items=()) for score in shown.scores))
    (system,) = answer_systems(of_frame, plan(indicator(), alone), without_items)
    assert {secret.name for secret in system.secrets} >= {"u1: item small/b1"}
    found = {one.secret: one for one in audit_report(of_frame, plan(indicator(), alone), truth, without_items)}
    assert found["u1: item small/b1"].verdict is Verdict.RECOVERED


def test_stratum__of_two_people__follows_from_the_weighted_score_beside_the_unweighted_item():
    rows = [*(Row([code], stratum=0) for code in MIXED * 2), Row([5], stratum=1), Row([4], stratum=1)]
    of_frame = frame(
        answers(ONE, rows), strata=("window", "online"), sizes={("u1", "window"): 300, ("u1", "online"): 200}
    )
    found = leaks(of_frame, plan(indicator(strata="poststratify")))["u1: satisfaction/a, stratum 1"]
    assert (found.people, found.verdict, found.lo) == (2, Verdict.RECOVERED, pytest.approx(12.5))
    assert found.equations
    # Without weights nothing of a stratum is published.
    assert leaks(of_frame, plan()) == {}


def test_department__that_answered_twice_among_ten__follows_from_items_beside_the_mean_of_departments():
    asked = questionnaire(item("q1", "a"), audience=RELATED_DEPARTMENT)
    rows = [*(Row([code], department=number) for number, code in enumerate(MIXED)), Row([4], department=0)]
    of_frame = frame(answers(asked, rows), departments=12, audiences=(RELATED_DEPARTMENT,), sizes={("u1", None): 12})
    of_plan = plan(indicator(audience=RELATED_DEPARTMENT, levels=BY_DEPARTMENT))
    found = leaks(of_frame, of_plan)
    # The department gave 100 and 25.
    assert found["u1: satisfaction/a, department 0"].lo == pytest.approx(62.5)
    assert found["u1: satisfaction/a, department 0"].verdict is Verdict.RECOVERED
    assert found["u1: satisfaction/a, department 1"].verdict is Verdict.SAFE


def test_unit__with_nothing_to_hide__has_no_system():
    of_frame = frame(answers(ONE, [Row([code]) for code in MIXED * 2]), sizes={("u1", None): 500})
    truth = build(of_frame, plan())
    assert answer_systems(of_frame, plan(), release(truth, plan().disclosure)) == ()
    assert audit_report(of_frame, plan(), truth, release(truth, plan().disclosure)) == ()


def test_hidden_unit__of_four__is_as_open_as_answers_are():
    of_frame = frame(answers(ONE, [Row([code]) for code in (1, 1, 2, 3)]), sizes={("u1", None): 500})
    found = leaks(of_frame, plan())
    assert {(one.lo, one.hi) for name, one in found.items() if "n_" not in name} == {(0.0, 100.0)}


def test_small_unanimous_item__in_a_larger_unit__stays_open():
    asked = questionnaire(item("q1", "a"), item("q2", "a"), item("q3", "a"))
    rows = [Row([MIXED[n % 10], MIXED[(n + 3) % 10], 1 if n < 7 else BLANK]) for n in range(20)]
    found = leaks(frame(answers(asked, rows), sizes={("u1", None): 500}), plan())["u1: item recipients/q3"]
    assert found.people == 7


def test_one_more_answer__to_a_report_released_before__is_recovered_and_then_hidden():
    rows = [Row([code, 6 - code]) for code in MIXED * 2] + [Row([1, 5])]
    of_frame = frame(answers(TWO, rows), sizes={("u1", None): 500})
    first = of_frame.answers[0].only(np.arange(21) < 20)
    before = release(build(replace(of_frame, answers=(first,)), plan()), plan().disclosure)
    earlier = [Edition(before, {"recipients": np.arange(21) < 20})]
    truth = build(of_frame, plan())
    released = release(truth, plan().disclosure)
    found = audit_report(of_frame, plan(), truth, released, earlier=earlier)
    assert {(one.secret, one.verdict, one.people) for one in found} == {
        ("u1: item recipients/q1 @1 less @0", Verdict.RECOVERED, 1),
        ("u1: item recipients/q2 @1 less @0", Verdict.RECOVERED, 1),
        ("u1: satisfaction/a @1 less @0", Verdict.RECOVERED, 1),
    }
    safe = suppress_report(of_frame, plan(), truth, released, earlier=earlier)
    assert safe.exposed == ()
    assert safe.report.scores[0].status is ScoreStatus.SUPPRESSED
    assert all(one.safe for one in audit_report(of_frame, plan(), truth, safe.report, earlier=earlier))


CAMPAIGNS = [(audience, seed) for audience in (RECIPIENTS, STAFF, OFFICES) for seed in range(6)]


@pytest.mark.parametrize(("audience", "seed"), CAMPAIGNS)
def test_weights__of_single_answers__give_the_numbers_of_the_report(audience, seed):
    of = campaign(seed, audience=audience, units=4)
    truth, compared = build(of.frame, of.plan), 0
    for crowd in crowds(of.frame, of.plan, audience):
        for one in of.plan.indicators:
            score = truth.score_of(crowd.unit, one.code)
            own = everybody_mean = 0.0
            for spec, part in zip(one.parts, score.parts, strict=True):
                means = [
                    float(np.nansum(crowd.spread((one.code, spec.name), rows) * crowd.points))
                    for rows in (
                        weights_in_part(crowd, one, spec.name, of.frame, own_rule(of.plan)),
                        weights_in_part(crowd, one, spec.name, of.frame, everybody(of.plan)),
                    )
                ]
                own, everybody_mean = own + spec.weight * means[0], everybody_mean + spec.weight * means[1]
                if part.score is not None:
                    assert means[0] == pytest.approx(part.score, abs=1e-9)
                    compared += 1
            if score.score is not None:
                assert own == pytest.approx(score.score, abs=1e-9)
                assert score.score_all is None or everybody_mean == pytest.approx(score.score_all, abs=1e-9)
    assert compared > 3


def truth_of(book: module._Book, size: int) -> np.ndarray:
    """The unknowns of a system as they are."""
    x = np.zeros(size)
    for (number, column), terms in book.points_of.items():
        given = book.crowd.points[book.of_class == number, column]
        chosen = book.choices_of.get((number, column))
        if chosen is None:
            x[terms[0][0]] = given.sum()
            continue
        of, place = book.crowd.columns[column]
        points = keyed_points(book.crowd.asked[of].questionnaire.items[place])
        for code, where in chosen.items():
            x[where] = (given == points[code]).sum()
    return x


@pytest.mark.parametrize("audience", [RECIPIENTS, STAFF, OFFICES])
def test_statements__about_a_released_report__are_all_true(audience, monkeypatch):
    books = []
    original = module._Book.system

    def remembered(book, hidden, width):
        books.append((book, original(book, hidden, width)))
        return books[-1][1]

    monkeypatch.setattr(module._Book, "system", remembered)
    for seed in range(6):
        of = campaign(seed, audience=audience, units=4, gaps=0.05 if seed % 2 else 0.25)
        released: Report = release(build(of.frame, of.plan), of.plan.disclosure)
        answer_systems(of.frame, of.plan, released)
    assert sum(len(system.statements) for _, system in books) > 100
    for book, system in books:
        x = truth_of(book, len(system.unknowns))
        for statement in system.statements:
            value = sum(coefficient * x[place] for place, coefficient in statement.terms)
            assert statement.lo - 1e-7 <= value <= statement.hi + 1e-7, statement.name
        assert all(one.lower <= value <= one.upper for one, value in zip(system.unknowns, x, strict=True))

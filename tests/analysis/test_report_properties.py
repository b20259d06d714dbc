"""What holds of any report, and what may not change when the same answers only look different."""

import math
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.cautions import Code, ScoreStatus
from analysis.disclosure import release
from analysis.frame import BLANK, DONT_KNOW, NOT_APPLICABLE, NOT_SHOWN, Fieldwork
from analysis.report import build
from analysis.spec import BY_DEPARTMENT, DisclosureSpec, Part, PlanSpec
from tests.factories.evaluations import FULL, WHOLE, evaluation, people
from tests.factories.frames import Row, answers, frame, indicator, plan


def flattened(report) -> list[tuple[str, Any]]:
    """Everything in a report by path, for comparisons up to rounding."""
    found = []

    def walk(value: Any, where: str) -> None:
        if is_dataclass(value):
            for of in fields(value):
                walk(getattr(value, of.name), f"{where}.{of.name}")
        elif isinstance(value, tuple):
            for place, inner in enumerate(value):
                walk(inner, f"{where}[{place}]")
        else:
            found.append((where, pytest.approx(value, rel=1e-9, abs=1e-9) if isinstance(value, float) else value))

    walk(report, "")
    return found


def values(report) -> list[tuple[str, Any]]:
    return [(where, getattr(value, "expected", value)) for where, value in flattened(report)]


STRATA = ("window", "online", None)
SOME = st.one_of(st.none(), st.integers(0, 30))
PERSONS = st.tuples(
    st.integers(0, 2),  # unit, stratum and department
    st.integers(0, 2),
    st.integers(-1, 3),
    st.lists(st.sampled_from([BLANK, DONT_KNOW, NOT_APPLICABLE, NOT_SHOWN, 1, 1, 2, 5]), min_size=7, max_size=7),
)
DESIGNS = (
    replace(WHOLE, strata=None),
    WHOLE,
    replace(WHOLE, strata=None, levels=BY_DEPARTMENT),
    replace(WHOLE, parts=(Part(1.0, dimension="a"), Part(0.0, dimension="b"))),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(PERSONS, max_size=40),
    st.lists(SOME, min_size=9, max_size=9),
    st.lists(st.builds(Fieldwork, SOME, SOME, SOME, st.booleans(), st.booleans()), min_size=3, max_size=3),
    st.sampled_from(DESIGNS),
    st.sampled_from(["finite", "process"]),
)
def test_report__any_frame_however_broken__has_a_finite_number_or_a_reason(crowd, sizes, fieldwork, wanted, population):
    rows = [Row(codes, unit, stratum, department) for unit, stratum, department, codes in crowd]
    of_frame = frame(
        answers(FULL, rows),
        units=3,
        strata=STRATA,
        departments=4,
        sizes={(f"u{1 + place // 3}", STRATA[place % 3]): size for place, size in enumerate(sizes) if size is not None},
        fieldwork={f"u{unit}": known for unit, known in enumerate(fieldwork, start=1)},
    )
    report = build(of_frame, plan(wanted, population=population))
    assert [where for where, number in values(report) if isinstance(number, float) and not math.isfinite(number)] == []
    assert values(release(report, DisclosureSpec()))
    for score in report.scores:
        given_a_score = score.status in (ScoreStatus.SCORED, ScoreStatus.CAUTION)
        assert (score.score is not None) == given_a_score
        assert given_a_score or score.reasons
        said = {reason.code for reason in score.cautions}
        assert score.score is None or 0 <= score.score <= 100
        assert (
            score.score is None or score.lo is not None or said & {Code.NON_PROBABILITY, Code.INTERVAL_NOT_ASSESSABLE}
        )


def test_report__built_twice__is_the_same_bit_for_bit():
    of_frame = evaluation(people(200))
    assert build(of_frame, plan(WHOLE)) == build(of_frame, plan(WHOLE))


@settings(max_examples=8, deadline=None)
@given(st.permutations(range(150)))
def test_respondents__in_any_order__give_the_same_report(order):
    rows = people(150)
    shuffled = [replace(rows[place], sitting=place) for place in order]
    assert values(build(evaluation(shuffled), plan(WHOLE))) == flattened(build(evaluation(rows), plan(WHOLE)))


@settings(max_examples=6, deadline=None)
@given(st.permutations(range(3)))
def test_units__in_any_order__keep_their_scores(order):
    rows = people(150)
    of_frame = evaluation(rows)
    turned = replace(
        evaluation([replace(row, unit=order.index(row.unit)) for row in rows]),
        units=tuple(of_frame.units[place] for place in order),
    )
    before, after = build(of_frame, plan(WHOLE)), build(turned, plan(WHOLE))
    assert [score.unit for score in after.scores] == [of_frame.units[place].code for place in order]
    for score in before.scores:
        assert values(after.score_of(score.unit, score.indicator)) == flattened(score)


COUNTS_OF_A_SILENT_RESPONSE = (
    ".n_responses",
    ".n_unscored",
    ".share_blank",
    ".share_dont_know",
    ".share_not_applicable",
)


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.sampled_from([BLANK, DONT_KNOW, NOT_APPLICABLE, NOT_SHOWN]), min_size=7, max_size=7), st.integers(0, 2)
)
def test_response__without_a_single_choice__changes_nothing_but_counts(codes, unit):
    rows = people(120)
    before = build(evaluation(rows), plan(WHOLE))
    after = build(evaluation([*rows, Row(codes, unit=unit)]), plan(WHOLE))
    changed = [
        where
        for (where, old), (_, new) in zip(flattened(before), values(after), strict=True)
        if old != new and not where.endswith(COUNTS_OF_A_SILENT_RESPONSE)
    ]
    assert changed == []
    assert after.scores[unit].n_unscored == before.scores[unit].n_unscored + 1


def test_response__screened_out__changes_only_its_own_counts():
    rows = people(120)
    before = build(evaluation(rows), plan(WHOLE))
    after = build(evaluation([*rows, Row([1] * 7, eligible=False)]), plan(WHOLE))
    changed = [where for (where, old), (_, new) in zip(flattened(before), values(after), strict=True) if old != new]
    assert changed == [".scores[0].n_responses", ".scores[0].n_ineligible"]


def test_units__answers_cut_into_two_questionnaires_alike__give_the_scores_of_one():
    rows = people(200)
    twin = replace(FULL, id="twin")
    halves = [answers(FULL, rows[:90]), answers(twin, rows[90:], first_sitting=90)]
    whole, cut = (
        build(evaluation(rows), plan(WHOLE)),
        build(replace(evaluation([]), answers=tuple(halves)), plan(WHOLE)),
    )
    for one, two in zip(whole.scores, cut.scores, strict=True):
        assert (two.score, two.se, two.lo, two.n_valid, two.df) == pytest.approx(
            (one.score, one.se, one.lo, one.n_valid, one.df), rel=1e-12
        )


def test_points__turned_around_with_the_keying__turn_the_score_around():
    # Points p(c) and 100 - p(c) on the same answers: scores add up to 100, errors are equal.
    rows = people(150)
    upside_down = replace(
        FULL,
        items=tuple(
            of
            if of.points is None
            else replace(of, points=tuple(100 - point for point in of.points if point is not None))
            for of in FULL.items
        ),
    )
    mirrored = replace(evaluation(rows).answers[0], questionnaire=upside_down)
    one = build(evaluation(rows), plan(WHOLE)).scores[0]
    two = build(replace(evaluation(rows), answers=(mirrored,)), plan(WHOLE)).scores[0]
    assert one.score is not None
    assert two.score is not None
    assert one.score + two.score == pytest.approx(100)
    assert one.se == pytest.approx(two.se)


def test_plan__several_indicators_of_one_audience__are_measured_apart():
    first, second = indicator(Part(1.0, dimension="a")), replace(indicator(Part(1.0, dimension="b")), code="second")
    both = build(evaluation(people(90)), plan(first, second))
    alone = [build(evaluation(people(90)), PlanSpec("p", "1", "h", (one,))).scores for one in (first, second)]
    assert [score.score for score in both.scores] == [
        score.score for pair in zip(*alone, strict=True) for score in pair
    ]

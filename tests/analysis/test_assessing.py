"""Careless responses are told on the whole frame, once, and their exclusion is said with what it costs."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.assessing import assess
from analysis.cautions import Code, Severity
from analysis.disclosure import release
from analysis.frame import CodedAnswers, Frame, UnitSpec
from analysis.report import build
from analysis.spec import DisclosureSpec, Part, PlanSpec, QualitySpec, QuestionnaireSpec
from tests.factories.frames import AUDIENCE, Row, answers, frame, indicator, item, plan, questionnaire

RULE = plan(exclude_when_families=2)
ITEMS = tuple(item(f"q{number}", "a", reverse=number in (3, 8)) for number in range(12))


def hundred_and_careless(careless: int, seconds: float = 60.0) -> Frame:
    """A hundred careful people, and some who take the same place in every line within ten seconds."""
    rng = np.random.default_rng(8)
    n = 100 + careless
    liking = np.clip(rng.normal(2.2, 0.9, (n, 1)) + rng.normal(0, 0.7, (n, 12)), 1, 5)
    codes = np.rint(liking).astype(np.int8)
    codes[:, [3, 8]] = 6 - codes[:, [3, 8]]
    codes[100:] = 2
    time = rng.lognormal(np.log(seconds), 0.3, n).astype(np.float32)
    time[100:] = 10.0
    coded = CodedAnswers(
        QuestionnaireSpec("recipients", "hash", AUDIENCE, ITEMS, QualitySpec()),
        codes,
        (np.arange(n) % 3).astype(np.int32),
        np.zeros(n, np.int32),
        np.full(n, -1, np.int32),
        np.arange(n, dtype=np.int32),
        np.ones(n, dtype=bool),
        seconds=time,
    )
    units = tuple(UnitSpec(f"u{number}", "name", "bureau", (AUDIENCE,)) for number in range(3))
    return Frame(units, (coded,))


def test_assess__straight_lines_in_ten_seconds__are_excluded_and_nobody_else():
    assessed, (found,) = assess(hundred_and_careless(15), RULE)
    families = assessed.answers[0].families
    assert families is not None
    assert (np.bitwise_count(families) >= 2).nonzero()[0].tolist() == list(range(100, 115))
    assert (found.n, found.n_excluded, found.assessable) == (115, 15, True)
    assert found.available == ("time", "invariability", "inconsistency", "integrity")
    assert found.unavailable == ("instructed",)
    assert found.expected_false == pytest.approx(115 * found.false_rate)
    assert 0 < found.expected_false < found.false_upper


def test_assess__plan_that_excludes_nobody__leaves_the_frame_alone():
    of_frame = hundred_and_careless(15)
    assert assess(of_frame, plan()) == (of_frame, ())


def test_build__subset_of_an_assessed_frame__keeps_who_was_left_out_of_the_whole():
    assessed, quality = assess(hundred_and_careless(15), RULE)
    whole = build(assessed, RULE, quality)
    assert whole.quality == quality
    rows = np.zeros(115, dtype=bool)
    rows[90:] = True
    alone = build(replace(assessed, answers=(assessed.answers[0].only(rows),)), RULE)
    # Among twenty-five people with fifteen alike, a fresh look would take the fifteen for what is usual.
    assert sum(score.n_excluded or 0 for score in alone.scores) == 15
    assert alone.quality == ()


def test_build__report__counts_the_same_rows_as_its_quality():
    report = build(hundred_and_careless(15), RULE)
    assert [score.n_excluded for score in report.scores] == [5, 5, 5]
    assert report.quality[0].n_excluded == 15


def test_one_item_without_times__nobody_is_left_out_and_every_score_says_so():
    of = questionnaire(item("q1", "a"))
    coded = replace(answers(of, [Row([1 + number % 4]) for number in range(40)]), families=None)
    report = build(frame(coded), RULE)
    assert report.quality[0].assessable is False
    assert report.quality[0].available == ("integrity",)
    said = [reason for reason in report.scores[0].cautions if reason.code is Code.QUALITY_NOT_ASSESSABLE]
    assert [(reason.severity, reason.number, reason.threshold, reason.subject) for reason in said] == [
        (Severity.CAUTION, 1, 2, "recipients")
    ]
    assert report.scores[0].n_excluded == 0


def test_release__few_flagged__are_not_counted():
    few, many = hundred_and_careless(3), hundred_and_careless(15)
    released = release(build(few, RULE), DisclosureSpec()).quality[0]
    assert (released.n_excluded, released.n) == (None, 103)
    assert release(build(many, RULE), DisclosureSpec()).quality[0].n_excluded == 15


def test_release__one_unit_too_small_to_show__takes_all_totals_along():
    of_frame = hundred_and_careless(15)
    unit = of_frame.answers[0].unit.copy()
    unit[:] = np.where(np.arange(115) < 3, 0, 1 + np.arange(115) % 2)
    small = replace(of_frame, answers=(replace(of_frame.answers[0], unit=unit),))
    found = release(build(small, RULE), DisclosureSpec()).quality[0]
    assert (found.n, found.n_excluded, found.expected_false) == (None, None, None)


@pytest.mark.parametrize("by", [RULE, plan(indicator(Part(1.0, item="q3")), exclude_when_families=2)])
def test_items_of_other_indicators__count_for_quality_all_the_same(by: PlanSpec):
    assert build(hundred_and_careless(15), by).quality[0].n_excluded == 15

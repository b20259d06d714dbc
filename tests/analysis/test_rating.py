"""Departments that rate several units: severity taken out, patterns counted, single departments never shown."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.disclosure import release
from analysis.estimate import Status
from analysis.frame import Frame, UnitSpec
from analysis.report import build
from analysis.results import Report
from analysis.spec import BY_DEPARTMENT, RELATED_DEPARTMENT, DisclosureSpec, IndicatorSpec, Part, PlanSpec
from analysis.suspecting import ALL_THE_SAME, MUTUAL_RATINGS, suspicions
from tests.factories.frames import Row, answers, item, questionnaire

OF = questionnaire(item("q1", "a"), item("q2", "a"), id="departments", audience=RELATED_DEPARTMENT)
PLAN = PlanSpec(
    "p", "1", "h", (IndicatorSpec("r", RELATED_DEPARTMENT, (Part(1.0, dimension="a"),), levels=BY_DEPARTMENT),)
)


def rated(rows: list[Row], units: int, departments: int, homes: tuple[int, ...] = ()) -> Frame:
    return Frame(
        units=tuple(UnitSpec(f"u{number}", f"u{number}", "", (RELATED_DEPARTMENT,)) for number in range(units)),
        answers=(answers(OF, rows),),
        departments=tuple(f"d{number}" for number in range(departments)),
        homes=homes,
    )


def two_halves() -> Frame:
    """Two equally good units: 12 strict departments rate the first, 12 mild ones the second, 12 of each kind both."""
    rows = []
    for department in range(48):
        strict = department % 2
        codes = [3 + strict - (department % 3 == 0), 3 + strict]
        units = [0, 1] if department >= 24 else [1 - strict]
        rows += [Row(codes, unit=unit, department=department) for unit in units]
    return rated(rows, 2, 48)


def test_units_rated_by_departments_of_unequal_severity__are_equal_once_it_is_taken_out():
    report = build(two_halves(), PLAN)
    mild, strict = report.scores
    assert abs(strict.score - mild.score) > 5
    assert strict.adjusted == pytest.approx(mild.adjusted, abs=1e-9)
    assert strict.adjusted_lo < strict.adjusted < strict.adjusted_hi
    (severity,) = report.severities
    assert (severity.raters, severity.crossing, severity.groups, severity.status) == (48, 24, 1, Status.OK)
    assert severity.severity_sd > 5


def test_departments_of_one_unit_each__give_no_adjusted_score_and_say_why():
    rows = [Row([1 + number % 4, 2], unit=number % 2, department=number) for number in range(40)]
    report = build(rated(rows, 2, 40), PLAN)
    assert [score.adjusted for score in report.scores] == [None, None]
    assert {score.adjusted_status for score in report.scores} == {Status.UNDEFINED_NOT_LINKED}
    assert report.severities[0].severity_sd is None


def test_indicator_that_counts_responses__has_no_severity():
    plain = replace(PLAN, indicators=(IndicatorSpec("r", RELATED_DEPARTMENT, (Part(1.0, dimension="a"),)),))
    report = build(two_halves(), plain)
    assert report.severities == ()
    assert [score.adjusted_status for score in report.scores] == [None, None]


def released(departments: int) -> Report:
    rows = [
        Row([1 + (number + unit) % 4, 2 + number % 2], unit=unit, department=number)
        for number in range(departments)
        for unit in range(2)
    ]
    return release(build(rated(rows, 2, departments), PLAN), DisclosureSpec())


def test_release__few_departments__keep_their_severity_to_themselves():
    many, some, few = released(12), released(7), released(4)
    assert many.scores[0].adjusted is not None
    assert many.severities[0].severity_sd is not None
    assert (some.scores[0].score is None, some.scores[0].adjusted) == (False, None)  # rounded, so nothing beside it
    assert (few.severities[0].raters, few.severities[0].severity_sd) == (None, None)


def pattern(frame: Frame, kind: str):
    return next(one for one in suspicions(frame, DisclosureSpec()) if one.kind == kind)


def noisy(seed: int, favours: tuple[tuple[int, int], ...] = ()) -> Frame:
    """Ten units that are departments of the same name and rate each other; some pairs favour each other."""
    rng = np.random.default_rng(seed)
    level = rng.normal(3.2, 0.3, 10)
    rows = []
    for department in range(10):
        for unit in range(10):
            if unit == department:
                continue
            lift = 2.0 if (min(department, unit), max(department, unit)) in favours else 0.0
            codes = np.clip(np.rint(level[unit] - lift + rng.normal(0, 0.7, 2)), 1, 5).astype(int)
            rows.append(Row(codes.tolist(), unit=unit, department=department))
    return rated(rows, 10, 10, homes=tuple(range(10)))


def test_mutual_ratings__pairs_that_favour_each_other__are_counted_beyond_chance():
    honest = pattern(noisy(5), MUTUAL_RATINGS)
    favoured = pattern(noisy(5, favours=((0, 1), (2, 3), (4, 5))), MUTUAL_RATINGS)
    assert (honest.n_units, favoured.n_units) == (45, 45)
    assert favoured.pairs >= 3
    assert favoured.p < 0.05 < honest.p
    assert favoured.units == ()


def test_mutual_ratings__departments_that_are_no_units__cannot_be_judged():
    found = pattern(replace(noisy(3), homes=()), MUTUAL_RATINGS)
    assert (found.pairs, found.p, found.status.defined) == (None, None, False)


def test_all_the_same__department_that_gives_every_unit_the_same__is_counted():
    of = noisy(5)
    coded = of.answers[0]
    codes = coded.codes.copy()
    codes[coded.department == 4] = 1
    found = pattern(replace(of, answers=(replace(coded, codes=codes),)), ALL_THE_SAME)
    assert (found.pairs, found.n_units) == (1, 10)
    assert found.expected < 0.5
    assert pattern(of, ALL_THE_SAME).pairs == 0


def test_frame__homes_for_some_departments_only__is_a_wrong_call():
    with pytest.raises(ValueError, match="homes"):
        replace(noisy(3), homes=(1, 2))

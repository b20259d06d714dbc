"""Drivers of the overall item, quadrants of a unit's parts, and shares of the two best choices."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.comparison.priorities import Quadrant
from analysis.disclosure import release
from analysis.frame import CodedAnswers, Frame, UnitSpec
from analysis.report import build
from analysis.results import Report
from analysis.spec import DisclosureSpec, IndicatorSpec, Part, PlanSpec, QuestionnaireSpec
from tests.factories.frames import AUDIENCE, Row, answers, frame, indicator, item, plan, questionnaire

ITEMS = (item("a1", "a"), item("b1", "b"), item("c1", "c"), item("all"))
PARTS = (Part(0.25, dimension="a"), Part(0.25, dimension="b"), Part(0.25, dimension="c"), Part(0.25, item="all"))
PLAN = PlanSpec("p", "1", "h", (IndicatorSpec("s", AUDIENCE, PARTS),))


def campaign(n: int, seed: int = 2, parts: tuple[Part, ...] = PARTS) -> Report:
    """Three units; what people think of the whole hangs on `a` alone, `c` is where everybody is content."""
    rng = np.random.default_rng(seed)
    unit = np.arange(n) % 3
    trait = rng.normal(0, 1, (n, 3)) + np.array([0.9, 0.0, -0.9]) + 0.3 * rng.normal(0, 1, (n, 1))
    whole = trait[:, 0] + rng.normal(0, 0.4, n)
    codes = np.clip(np.rint(3 + np.column_stack([trait, whole])), 1, 5).astype(np.int8)
    coded = CodedAnswers(
        QuestionnaireSpec("recipients", "hash", AUDIENCE, ITEMS),
        codes,
        unit.astype(np.int32),
        np.zeros(n, np.int32),
        np.full(n, -1, np.int32),
        np.arange(n, dtype=np.int32),
        np.ones(n, dtype=bool),
    )
    units = tuple(UnitSpec(f"u{number}", "name", "bureau", (AUDIENCE,)) for number in range(3))
    by = replace(PLAN, indicators=(IndicatorSpec("s", AUDIENCE, parts),))
    return build(Frame(units, (coded,), population={(one.code, AUDIENCE, None): 9000 for one in units}), by)


def test_drivers__dimension_that_the_whole_hangs_on__has_nearly_all_the_weight():
    found = {driver.part: driver for driver in campaign(900).drivers}
    assert set(found) == {"a", "b", "c"}
    assert found["a"].weight > 5 * max(found["b"].weight, found["c"].weight)
    assert sum(driver.weight for driver in found.values()) == pytest.approx(found["a"].r_squared)
    assert found["a"].lo < found["a"].weight < found["a"].hi


def test_quadrants__important_and_weak__is_where_to_begin():
    # Unit means of the parts: a high, b in the middle, c low; only a has weight for the whole.
    parts = {part.part: part for part in campaign(900).scores[0].parts}
    assert (parts["a"].score < parts["b"].score < parts["c"].score) is True
    assert [parts[name].quadrant for name in ("a", "c", "all")] == [Quadrant.ACT_FIRST, Quadrant.OVERSUPPLIED, None]


def test_drivers__no_item_about_the_whole__are_none():
    report = campaign(300, parts=(Part(0.5, dimension="a"), Part(0.5, dimension="b")))
    assert report.drivers == ()
    assert [part.quadrant for part in report.scores[0].parts] == [None, None]


def test_drivers__too_few_people__have_a_status_and_no_number():
    found = campaign(6).drivers
    assert [driver.weight for driver in found] == [None] * 3
    assert all(not driver.status.defined for driver in found)


def test_release__small_unit__has_no_quadrants():
    report = release(campaign(24), DisclosureSpec())
    assert report.scores[0].score is not None
    assert [part.quadrant for part in report.scores[0].parts] == [None] * 4


def of_item(rows: list[Row], size: int | None = None, **changes):
    of = questionnaire(item("q1", "a", **changes))
    sizes = None if size is None else {("u1", None): size}
    return build(frame(answers(of, rows), sizes=sizes), plan(indicator())).scores[0].items[0]


def test_top_two__two_best_choices__by_wilson_with_the_units_size():
    rows = [Row([1])] * 4 + [Row([2])] * 3 + [Row([5])] * 5
    endless, finite = of_item(rows), of_item(rows, size=20)
    assert endless.top_two == finite.top_two == pytest.approx(7 / 12)
    # golden/edge_cases.json: Wilson of 7/12.
    assert (endless.top_two_lo, endless.top_two_hi) == (pytest.approx(0.31951131), pytest.approx(0.80673968))
    assert endless.top_two_lo < finite.top_two_lo < finite.top_two_hi < endless.top_two_hi


def test_top_two__reversed_item__counts_the_other_end():
    assert of_item([Row([1])] * 3 + [Row([5])] * 9, reverse=True).top_two == pytest.approx(0.75)


@pytest.mark.parametrize(
    "changes", [{"codes": ("a", "b", "c"), "points": (100.0, 50.0, 0.0)}, {"points": (100.0, 75.0, None, 25.0, 0.0)}]
)
def test_top_two__few_choices_or_one_without_points__is_none(changes):
    assert of_item([Row([1])] * 12, **changes).top_two is None

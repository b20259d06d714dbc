"""Sizes of a set-up, the answers it needs, and the refusal to publish what would single people out."""

import json
from typing import Any

import pytest

from survey_app.questionnaire.check import publishing_findings
from survey_app.questionnaire.checks.publishing import background_items
from survey_app.questionnaire.loading import parse
from survey_app.questionnaire.setup import CampaignSetup, answers_needed
from tests.questionnaire.documents import choices, item, likert, load, questionnaire

CAMPAIGN = {
    "code": "c", "title": "评估", "office": "编办", "agency": "机构", "opens": "2026-12-01", "closes": "2026-12-20",
    "retention": "两年", "contact": "办公室",
}  # fmt: skip


def unit(code: str, *frame: tuple[str, str | None, int], **more: Any) -> dict[str, Any]:
    audiences = sorted({audience for audience, _, _ in frame}) or ["staff"]
    cells = [{"audience": audience, "stratum": stratum, "size": size} for audience, stratum, size in frame]
    return {"code": code, "name": code, "audiences": audiences, "frame": cells} | more


def setup(*units: dict[str, Any], departments: list[dict[str, Any]] | None = None) -> CampaignSetup:
    document = {"campaign": CAMPAIGN, "questionnaires": ["q"], "plan": "p", "units": list(units)}
    loaded = parse(json.dumps(document | {"departments": departments or []}).encode(), "setup")
    assert loaded.document is not None, [str(finding) for finding in loaded.findings]
    return loaded.document


def department(code: str, raters: int, *rates: str) -> dict[str, Any]:
    return {"code": code, "name": code, "raters": raters, "rates": list(rates)}


@pytest.mark.parametrize(
    ("size", "needed"), [(100, 80), (200, 132), (500, 218), (1000, 278), (2000, 323), (None, 385), (1, 1), (10, 10)]
)
def test_answers_needed__for_five_points_at_95_percent__follow_the_table(size: int | None, needed: int) -> None:
    assert answers_needed(size) == needed


def test_sizes__of_people__are_summed_over_strata_and_unknown_where_not_given() -> None:
    made = setup(
        unit("u1", ("service_recipient", "window", 30), ("service_recipient", "online", 70), ("staff", None, 12))
    )
    one = made.unit("u1")
    assert one.size("service_recipient") == 100
    assert [cell.stratum for cell in one.strata("service_recipient")] == ["window", "online"]
    assert made.people(one, "staff") == made.population(one, "staff") == made.cells(one, "staff") == 12
    assert one.size("related_department") is None
    assert made.people(one, "related_department") is None
    assert made.population(one, "related_department") is None
    assert made.cells(one, "related_department") == 0
    with pytest.raises(KeyError):
        made.unit("u2")


def test_sizes__of_related_departments__count_departments_for_the_population_and_people_for_the_cards() -> None:
    departments = [department("d1", 3, "u1", "u2"), department("d2", 2, "u1", "u1")]
    made = setup(unit("u1", ("staff", None, 40)), unit("u2", ("related_department", None, 9)), departments=departments)
    first, second = made.units
    assert [one.code for one in made.departments_rating("u1")] == ["d1", "d2"]
    assert made.departments_rating("nobody") == ()
    assert (made.people(first, "related_department"), made.population(first, "related_department")) == (5, 2)
    assert (made.people(second, "related_department"), made.population(second, "related_department")) == (3, 9)
    assert made.cells(first, "related_department") == 2


def background(**more: Any) -> dict[str, Any]:
    return item("years", "single", choices=choices("a", "b", "c", "d"), use="fact") | more


def test_background_items__among_others__are_the_counted_facts_asked_of_everybody() -> None:
    made = load(
        questionnaire(
            likert("x"),
            background(),
            background(id="plain", use=None),
            background(id="shown", use="distribution"),
            background(id="secret", restricted="rule"),
            background(id="screen", screens_out={"choices": ["a"], "ends": "sitting"}),
            background(id="after", visible_if={"item": "x", "in": ["a"]}),
            item("several", "multiple", choices=choices("a", "b"), use="fact"),
        )
    )
    assert [one.id for one in background_items(made)] == ["years", "plain"]


@pytest.mark.parametrize(("size", "refused"), [(20, False), (19, True)])
def test_unit__with_fewer_people_than_choices_times_min_cell__is_refused(size: int, refused: bool) -> None:
    made = load(questionnaire(likert("x"), background(), audience="staff"))
    found = publishing_findings(made, setup(unit("u1", ("staff", None, size))), 5)
    assert [(one.code, one.severity, one.pointer) for one in found] == (
        [("cell_too_small", "error", "/sections/0/items/1")] if refused else []
    )
    if refused:
        assert "u1" in found[0].zh
        assert "19" in found[0].en


def test_min_cell__raised_by_the_plan__refuses_more() -> None:
    made = load(questionnaire(background(), audience="staff"))
    assert publishing_findings(made, setup(unit("u1", ("staff", None, 39))), 10)
    assert not publishing_findings(made, setup(unit("u1", ("staff", None, 40))), 10)


def test_units_of_a_report_group__count_together() -> None:
    made = load(questionnaire(background(), audience="staff"))
    alone = [unit("u1", ("staff", None, 12)), unit("u2", ("staff", None, 8))]
    assert len(publishing_findings(made, setup(*alone), 5)) == 2
    assert publishing_findings(made, setup(*(one | {"report_group": "g"} for one in alone)), 5) == []


def test_unit_of_another_audience_or_of_unknown_size__is_not_judged() -> None:
    made = load(questionnaire(background(), audience="staff"))
    open_link = unit("u2") | {"audiences": ["staff"]}
    assert publishing_findings(made, setup(unit("u1", ("service_recipient", None, 3)), open_link), 5) == []


def test_related_departments__count_as_departments_however_many_people_they_have() -> None:
    made = load(questionnaire(background(), audience="related_department"))
    departments = [department(f"d{number}", 50, "u1") for number in range(19)]
    rated = unit("u1") | {"audiences": ["related_department"]}
    assert len(publishing_findings(made, setup(rated, departments=departments), 5)) == 1
    departments.append(department("d20", 1, "u1"))
    assert publishing_findings(made, setup(rated, departments=departments), 5) == []

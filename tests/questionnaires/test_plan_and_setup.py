"""The default plan and the example set-up: the numbers of the domain, and a campaign that can be run with them."""

from functools import cache
from pathlib import Path

import pytest

from survey_app.questionnaire.check import check_plan, check_setup, publishing_findings
from survey_app.questionnaire.findings import Finding
from survey_app.questionnaire.loading import parse
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.plan import ScoringPlan
from survey_app.questionnaire.setup import CampaignSetup

FOLDER = Path(__file__).resolve().parents[2] / "questionnaires"
NAMES = ("staff", "service_recipient", "service_recipient_inspected", "related_department")
RECIPIENTS = ("service_recipient", "service_recipient_inspected")


@cache
def questionnaire(name: str) -> Questionnaire:
    loaded = parse((FOLDER / f"{name}.json").read_bytes(), "questionnaire")
    assert isinstance(loaded.document, Questionnaire), [str(finding) for finding in loaded.findings]
    return loaded.document


@cache
def plan() -> ScoringPlan:
    loaded = parse((FOLDER / "plans" / "default.json").read_bytes(), "plan")
    assert isinstance(loaded.document, ScoringPlan), [str(finding) for finding in loaded.findings]
    return loaded.document


@cache
def setup() -> CampaignSetup:
    loaded = parse((FOLDER / "setups" / "demo.json").read_bytes(), "setup")
    assert isinstance(loaded.document, CampaignSetup), [str(finding) for finding in loaded.findings]
    return loaded.document


def said(findings: list[Finding]) -> list[str]:
    return [str(finding) for finding in findings]


def test_plan__checked_against_the_questionnaires__has_neither_errors_nor_warnings() -> None:
    assert said(check_plan(plan(), [questionnaire(name) for name in NAMES])) == []


def test_setup__checked__has_neither_errors_nor_warnings() -> None:
    assert said(check_setup(setup(), [questionnaire(name) for name in NAMES], plan())) == []


@pytest.mark.parametrize("name", NAMES)
def test_questionnaire__published_in_the_example_set_up__makes_no_cell_too_small(name: str) -> None:
    assert said(publishing_findings(questionnaire(name), setup(), plan().disclosure.min_cell)) == []


def test_weights__of_every_indicator__sum_to_one_and_are_those_of_the_domain() -> None:
    weights = {one.code: {part.dimension or part.item: part.weight for part in one.parts} for one in plan().indicators}
    assert weights == {
        "public_satisfaction": {"access": 0.2, "efficiency": 0.2, "conduct": 0.2, "result": 0.2, "sr_overall": 0.2},
        "related_department_evaluation": {
            "duty": 0.25,
            "coordination": 0.30,
            "boundary": 0.15,
            "burden": 0.15,
            "rd_overall": 0.15,
        },
        "internal_coordination": {"operation": 1},
        "workload_staffing": {"staffing": 1},
    }
    assert [sum(parts.values()) for parts in weights.values()] == [pytest.approx(1)] * 4


def test_indicators__of_the_plan__have_the_marks_and_roles_of_the_indicator_tree() -> None:
    assert [(one.code, one.audience, one.role, one.full_marks) for one in plan().indicators] == [
        ("public_satisfaction", "service_recipient", "suggested", 9),
        ("related_department_evaluation", "related_department", "suggested", 6),
        ("internal_coordination", "staff", "suggested", 3),
        ("workload_staffing", "staff", "reference", None),
    ]
    assert plan().indicator("public_satisfaction").questionnaires == RECIPIENTS
    assert plan().indicator("workload_staffing").distributions == ("st_wl_load",)
    assert plan().if_not_applicable["public_satisfaction"].move_full_marks_to == "related_department_evaluation"


def test_points__of_both_scales__are_those_of_the_domain() -> None:
    assert plan().points == {
        "agree5": {"sa": 100, "a": 75, "n": 50, "d": 25, "sd": 0},
        "sat5": {"vs": 100, "s": 80, "b": 60, "d": 30, "vd": 0},
    }


def test_example__of_twelve_units__has_three_categories_and_the_sizes_of_real_ones() -> None:
    units = setup().units
    assert [unit.code for unit in units] == [f"u{number:02d}" for number in range(1, 13)]
    assert len({unit.name for unit in units}) == 12
    assert len({unit.category for unit in units}) == 3
    assert all(set(unit.audiences) == {"staff", "service_recipient", "related_department"} for unit in units)
    recipients = [unit.size("service_recipient") or 0 for unit in units]
    staff = [unit.size("staff") or 0 for unit in units]
    assert (min(recipients), max(recipients)) == (160, 9000)
    assert (min(staff), max(staff)) == (24, 400)
    strata = [cell for unit in units for cell in unit.strata("service_recipient")]
    assert {cell.stratum for cell in strata} == {"窗口", "网上", "上门"}
    assert len(strata) == 36
    assert min(cell.size for cell in strata) >= 10


def test_example__of_thirty_departments__rates_every_unit_often_enough_and_tires_nobody() -> None:
    departments = setup().departments
    assert len({department.name for department in departments}) == len(departments) == 30
    assert all(len(set(one.rates)) == len(one.rates) <= 5 for one in departments)
    assert all(2 <= one.raters <= 5 for one in departments)
    for unit in setup().units:
        rating = setup().departments_rating(unit.code)
        assert len(rating) >= 8
        assert sum(one.raters for one in rating) >= 20


def test_example__naming_its_parts__uses_the_three_questionnaires_and_the_default_plan() -> None:
    assert setup().questionnaires == ("staff", "service_recipient", "related_department")
    assert setup().plan == plan().id
    assert "演示" in setup().campaign.title

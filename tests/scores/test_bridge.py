"""From the documents to the values that the analysis computes by."""

import json
from typing import Any

import pytest

from analysis.spec import BY_DEPARTMENT
from survey_app.library.queries import builtin
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.plan import ScoringPlan
from survey_app.scores.operations.bridge import plan_spec, questionnaire_spec

BUILTIN = ("staff", "service_recipient", "service_recipient_inspected", "related_department")


def default_plan(**changes: Any) -> ScoringPlan:
    document = builtin("plan", "default")[0] | changes
    return ScoringPlan.model_validate_json(json.dumps(document))


def asked(name: str) -> Questionnaire:
    return Questionnaire.model_validate_json(builtin("questionnaire", name)[1])


def test_points__are_passed_on_as_written_also_for_reversed_items() -> None:
    spec = questionnaire_spec(asked("service_recipient"), "h", default_plan())
    by_id = {item.id: item for item in spec.items}
    assert by_id["sr_acc_info"].points == (100, 75, 50, 25, 0)
    assert by_id["sr_eff_shirk"].points == (100, 75, 50, 25, 0)
    assert by_id["sr_eff_shirk"].reverse
    assert by_id["sr_overall"].points == (100, 80, 60, 30, 0)
    assert by_id["sr_overall"].scale == "sat5"


def test_items_without_score__have_no_points_and_a_multiple_is_one_item_a_choice() -> None:
    spec = questionnaire_spec(asked("service_recipient"), "h", default_plan())
    by_id = {item.id: item for item in spec.items}
    for name in ("sr_change", "sr_integrity", "sr_reason.slow", "sr_contact.none"):
        assert by_id[name].points is None
    assert by_id["sr_reason.slow"].codes == ("chosen", "not_chosen")
    assert not {"sr_contact", "sr_reason", "sr_open"} & by_id.keys()


def test_facts_and_distributions_that_no_indicator_names__stand_beside_the_first_of_their_questionnaire() -> None:
    spec = plan_spec(default_plan(), "hash", [asked(name) for name in BUILTIN])
    beside = {indicator.code: indicator.distributions for indicator in spec.indicators}
    assert {"sr_change", "sr_integrity", "sr_contact.handle"} <= set(beside["public_satisfaction"])
    assert len(beside["public_satisfaction"]) == len(set(beside["public_satisfaction"]))
    assert "st_tenure" in beside["internal_coordination"]
    assert "st_wl_load" not in beside["internal_coordination"]
    assert beside["workload_staffing"] == ("st_wl_load",)


@pytest.mark.parametrize("name", BUILTIN)
def test_every_builtin_questionnaire__asks_every_part_of_its_indicators(name: str) -> None:
    plan = default_plan()
    spec = questionnaire_spec(asked(name), "h", plan)
    for indicator in plan_spec(plan, "h", ()).indicators:
        if indicator.audience == spec.audience:
            assert all(spec.columns_of(part) for part in indicator.parts), indicator.code


def test_rating_without_map__is_linear_from_its_lowest_to_its_highest() -> None:
    document = {
        "format": 1,
        "id": "q",
        "version": "1",
        "audience": "staff",
        "title": "t",
        "dimensions": {"d": {"title": "d"}},
        "sections": [
            {
                "id": "s",
                "items": [{"id": "stars", "type": "rating", "min": 1, "max": 5, "dimension": "d", "text": "x"}],
            }
        ],
    }
    found = questionnaire_spec(Questionnaire.model_validate_json(json.dumps(document)), "h", default_plan())
    assert found.items[0].codes == ("1", "2", "3", "4", "5")
    assert found.items[0].points == (0, 25, 50, 75, 100)


def test_map_under_the_item__wins_over_the_one_of_its_scale() -> None:
    points = builtin("plan", "default")[0]["points"] | {"sr_acc_info": {"sa": 90, "a": None, "n": 10}}
    spec = questionnaire_spec(asked("service_recipient"), "h", default_plan(points=points))
    assert next(item.points for item in spec.items if item.id == "sr_acc_info") == (90, None, 10, None, None)


def test_default_plan__keeps_gates_levels_and_moves() -> None:
    spec = plan_spec(default_plan(), "hash", [asked(name) for name in BUILTIN])
    by_code = {indicator.code: indicator for indicator in spec.indicators}
    assert by_code["related_department_evaluation"].levels == BY_DEPARTMENT
    assert by_code["public_satisfaction"].strata == "poststratify"
    assert by_code["workload_staffing"].distributions == ("st_wl_load",)
    assert by_code["workload_staffing"].full_marks is None
    assert spec.gates.withhold.min_valid["related_department"].departments == 5
    assert spec.gates.withhold.hold
    assert spec.gates.caution.moe_above == 5.0
    assert spec.moves == {"public_satisfaction": "related_department_evaluation"}
    assert (spec.disclosure.min_cell, spec.population, spec.confidence) == (5, "finite", 0.95)


def test_silent_plan__has_no_gates_and_the_default_disclosure() -> None:
    document = builtin("plan", "default")[0]
    kept = {name: document[name] for name in ("format", "id", "version", "points", "indicators")}
    spec = plan_spec(ScoringPlan.model_validate_json(json.dumps(kept)), "hash", ())
    assert spec.gates.withhold.alpha_below is None
    assert spec.gates.caution.min_valid == {}
    assert not spec.gates.withhold.hold
    assert spec.disclosure.min_cell == 5


def test_plan_about_the_process__has_no_finite_population() -> None:
    plan = default_plan(interval={"confidence": 0.9, "population": "infinite"})
    assert plan_spec(plan, "hash", ()).population == "process"

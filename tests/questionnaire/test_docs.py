"""docs/format.md: its examples are real documents, and it names every field that there is."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from survey_app.questionnaire.base import FormatModel
from survey_app.questionnaire.check import check_questionnaire, check_setup
from survey_app.questionnaire.conditions import Condition
from survey_app.questionnaire.findings import Finding, has_errors
from survey_app.questionnaire.items import ITEM_TYPES, Item
from survey_app.questionnaire.loading import Kind, parse
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.plan import ScoringPlan
from survey_app.questionnaire.setup import CampaignSetup
from survey_app.questionnaire.shape import field_names
from survey_app.questionnaire.texts import SUBSTITUTIONS

GUIDE = (Path(__file__).parents[2] / "docs" / "format.md").read_text(encoding="utf-8")


def example(kind: str) -> str:
    [found] = re.findall(rf"^```json {kind}\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
    return str(found)


def document(kind: Kind) -> Any:
    loaded = parse(example(kind).encode(), kind)
    assert loaded.findings == []
    return loaded.document


def test_example_questionnaire__checked__has_nothing_wrong() -> None:
    assert check_questionnaire(document("questionnaire")) == []


def test_example_plan__read__has_the_right_shape() -> None:
    assert isinstance(document("plan"), ScoringPlan)


def test_example_setup__checked_without_its_questionnaires__only_misses_those() -> None:
    found: list[Finding] = check_setup(document("setup"), [], None)
    assert {one.code for one in found if one.is_error} == {"unknown_questionnaire", "unknown_plan"}
    assert has_errors(found)


def test_example_items__read__show_every_type_once_or_more() -> None:
    items = TypeAdapter(tuple[Item, ...]).validate_json(example("items"), strict=True)
    assert {item.type for item in items} == set(ITEM_TYPES)


def test_example_condition__read__is_a_condition() -> None:
    assert TypeAdapter(Condition).validate_json(example("condition"), strict=True)


@pytest.mark.parametrize("model", [Questionnaire, ScoringPlan, CampaignSetup])
def test_guide__read_for_fields__names_every_one(model: type[FormatModel]) -> None:
    named = set(re.findall(r"[`\"]([$\w]+)[`\"]", GUIDE))
    assert field_names(model) - named == set()


def test_guide__read_for_placeholders__names_every_one() -> None:
    assert all(f"{{{{{name}}}}}" in GUIDE for name in SUBSTITUTIONS)


def test_examples__as_json__are_written_without_duplicate_keys() -> None:
    for kind in ("questionnaire", "plan", "setup", "items", "condition"):
        assert json.loads(example(kind))

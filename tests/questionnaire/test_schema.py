"""The published JSON Schemas: up to date, valid themselves, and of one mind with the models about the tiny files."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from survey_app.config import data_folder
from survey_app.questionnaire.base import FormatModel
from survey_app.questionnaire.loading import Kind, parse, read_json
from survey_app.questionnaire.schema import SCHEMAS, json_schema, written
from tests.questionnaire.documents import RULES

INDEX: dict[str, dict[str, Any]] = json.loads((RULES / "index.json").read_text(encoding="utf-8"))
MODELS: dict[str, type[FormatModel]] = {name.split(".")[0]: model for name, model in SCHEMAS.items()}
READABLE = sorted(name for name in INDEX if read_json((RULES / name).read_bytes())[0] is not None)
# What JSON Schema does not see: rules of pydantic validators, and a date's days.
UNSEEN = {"blank_text", "text_needs_zh", "condition_without_operator", "part_needs_one_source", "date_parsing"}


def validator(kind: Kind) -> Draft202012Validator:
    return Draft202012Validator(json_schema(MODELS[kind]))


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_schema_file__compared_with_the_models__has_not_drifted(name: str) -> None:
    """When this fails: python -m survey_app.questionnaire.schema."""
    path = data_folder("questionnaires") / "schema" / name
    assert path.read_text(encoding="utf-8") == written(SCHEMAS[name])


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_schema__as_a_document__is_a_json_schema_of_2020_12(name: str) -> None:
    schema = json_schema(SCHEMAS[name])
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", READABLE)
def test_tiny_file__validated_by_the_schema__is_judged_as_by_the_model(name: str) -> None:
    kind: Kind = INDEX[name]["kind"]
    data = (RULES / name).read_bytes()
    loaded = parse(data, kind)
    valid = validator(kind).is_valid(json.loads(data))
    if loaded.document is not None:
        assert valid
    elif not {finding.code for finding in loaded.findings} & UNSEEN:
        assert not valid

"""The JSON Schemas (2020-12) of the three formats, generated from the models for editors to complete from.

The files in questionnaires/schema/ are written by `python -m survey_app.questionnaire.schema`; a test fails when they
drift. A schema knows the shape only; what a document means is checked by `check`.
"""

import json
from pathlib import Path
from typing import Any

from survey_app.questionnaire.base import FormatModel
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.plan import ScoringPlan
from survey_app.questionnaire.setup import CampaignSetup

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMAS: dict[str, type[FormatModel]] = {
    "questionnaire.schema.json": Questionnaire,
    "plan.schema.json": ScoringPlan,
    "setup.schema.json": CampaignSetup,
}


def json_schema(model: type[FormatModel]) -> dict[str, Any]:
    """The JSON Schema of a document, with its dialect named."""
    schema = model.model_json_schema(by_alias=True)
    _close_maps(schema)
    return {"$schema": DIALECT, **schema}


def _close_maps(node: object) -> None:
    # pydantic says which names of a map have which values, but not that there are no others.
    if isinstance(node, dict):
        if "patternProperties" in node:
            node.setdefault("additionalProperties", False)
        for member in node.values():
            _close_maps(member)
    elif isinstance(node, list):
        for member in node:
            _close_maps(member)


def written(model: type[FormatModel]) -> str:
    """The schema as it stands in its file."""
    return json.dumps(json_schema(model), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    # A maintainer's command for a checkout; an installed package has no use for it.
    folder = Path(__file__).parents[2] / "questionnaires" / "schema"
    folder.mkdir(exist_ok=True)
    for name, described in SCHEMAS.items():
        (folder / name).write_text(written(described), encoding="utf-8")

"""Small documents to test with: every function gives plain JSON data, `load` makes the model of it."""

import json
from pathlib import Path
from typing import Any

from survey_app.questionnaire.loading import Kind, parse
from survey_app.questionnaire.model import Questionnaire

DATA = Path(__file__).parent / "data"
RULES = DATA / "rules"
MISSING = [
    {"code": "dk", "kind": "dont_know", "label": "不了解"},
    {"code": "na", "kind": "not_applicable", "label": "没遇到过"},
]


def choices(*codes: str, **flags: list[str]) -> list[dict[str, Any]]:
    """One choice a code; `exclusive=["none"]` and `other=["else"]` set the flags."""
    return [
        {"code": code, "label": f"选{code}"} | {flag: True for flag, flagged in flags.items() if code in flagged}
        for code in codes
    ]


def item(item_id: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"id": item_id, "type": kind, "text": f"题{item_id}"} | more


def likert(item_id: str, **more: Any) -> dict[str, Any]:
    return item(item_id, "likert", **({"scale": "agree"} | more))


def questionnaire(*items: dict[str, Any], **top: Any) -> dict[str, Any]:
    """A questionnaire of one section with these items, on the scale `agree` (codes a, b, c; dk, na)."""
    return {
        "format": 1,
        "id": "q",
        "version": "1",
        "audience": "service_recipient",
        "title": "问卷",
        "response_scales": {"agree": {"choices": choices("a", "b", "c"), "missing": MISSING}},
        "sections": [{"id": "s", "items": list(items)}],
    } | top


def every_type() -> dict[str, Any]:
    """One questionnaire with every item type, screening, conditions, "other" and a repeated section."""
    own = [
        item(
            "m", "multiple", choices=choices("a", "b", "o", "none", exclusive=["none"], other=["o"]),
            screens_out={"choices": ["none"], "ends": "sitting"}, missing=MISSING,
        ),
        item("s", "single", choices=choices("a", "b", "o", other=["o"]), required=True),
        item("hello", "note"),
    ]  # fmt: skip
    each = [
        likert("l", offer_missing=["dk"], screens_out={"choices": ["c"], "ends": "section"}),
        item("r", "rating", min=-2, max=7, missing=MISSING),
        item("k", "ranking", choices=choices("a", "b", "c"), max_choices=2, missing=MISSING),
        item("n", "number", min=-1000, max=1000000, decimals=3, missing=MISSING),
        item("d", "date", missing=MISSING),
        item(
            "t", "text", max_length=12, visible_if={"any": [{"item": "r", "at_least": 3}, {"item": "m", "in": ["a"]}]}
        ),
        item("u", "text", max_length=30, multiline=False),
    ]
    return questionnaire(
        sections=[
            {"id": "own", "items": own},
            {"id": "each", "items": each, "repeat": {"over": "units", "max": 3}},
        ]
    )


def load(document: dict[str, Any]) -> Questionnaire:
    """The model of a questionnaire; fails the test when the shape is wrong."""
    loaded = parse(json.dumps(document).encode(), "questionnaire")
    assert loaded.document is not None, [str(finding) for finding in loaded.findings]
    return loaded.document


def load_rule(name: str, kind: Kind) -> Any:
    """The model in one of the tiny files under data/rules."""
    return parse((RULES / name).read_bytes(), kind).document

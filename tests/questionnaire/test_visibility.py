"""What is shown: the JSON cases that the browser's copy passes too, and conditions in words."""

import json
from typing import Any

import pytest

from survey_app.questionnaire.conditions import leaves
from survey_app.questionnaire.texts import text
from survey_app.questionnaire.visibility import describe, visible
from tests.questionnaire.documents import DATA, choices, item, likert, load, questionnaire

GROUPS: list[dict[str, Any]] = json.loads((DATA / "visibility_cases.json").read_text(encoding="utf-8"))
CASES = [
    pytest.param(group["questionnaire"], case, id=f"{group['name']}-{number}")
    for group in GROUPS
    for number, case in enumerate(group["cases"])
]


@pytest.mark.parametrize(("document", "case"), CASES)
def test_conformance_case__answers_given__shows_exactly_these_items(
    document: dict[str, Any], case: dict[str, Any]
) -> None:
    assert visible(load(document), case["answers"]) == set(case["visible"])


def described(condition: dict[str, Any], language: str) -> str:
    asked = [
        likert("x", text={"zh": "您满意吗？", "en": "Are you satisfied?"}, offer_missing=["dk"]),
        item("m", "multiple", text={"zh": "原因？", "en": "Why?"}, choices=choices("a", "b")),
        item("r", "rating", text={"zh": "打分", "en": "Rate"}),
    ]
    made = load(questionnaire(*asked, item("t", "text", visible_if=condition)))
    shown_if = made.item("t").visible_if
    assert shown_if is not None
    return describe(shown_if, made, language)


NESTED = {
    "any": [{"item": "x", "answered": True}, {"all": [{"item": "r", "at_least": 1}, {"item": "m", "answered": True}]}]
}


@pytest.mark.parametrize(
    ("condition", "zh", "en"),
    [
        (
            {"item": "x", "in": ["a", "dk"]},
            "“您满意吗？”选了“选a”或“不了解”",
            "“Are you satisfied?” is answered “选a” or “不了解”",
        ),
        ({"item": "m", "not_in": ["b"]}, "“原因？”选的不是“选b”", "“Why?” is answered, but not “选b”"),
        ({"item": "x", "answered": True}, "“您满意吗？”已回答", "“Are you satisfied?” is answered"),
        ({"item": "x", "answered": False}, "“您满意吗？”没有回答", "“Are you satisfied?” is not answered"),
        (
            {"item": "r", "at_least": 3, "at_most": 7},
            "“打分”不低于3，并且“打分”不高于7",
            "“Rate” is at least 3, and “Rate” is at most 7",
        ),
        ({"not": {"item": "r", "at_most": 2.5}}, "不是这样：“打分”不高于2.5", "this is not so: “Rate” is at most 2.5"),
        (
            NESTED,
            "“您满意吗？”已回答，或者（“打分”不低于1，并且“原因？”已回答）",
            "“Are you satisfied?” is answered, or (“Rate” is at least 1, and “Why?” is answered)",
        ),
    ],
)
def test_condition__in_words__says_what_must_be_answered(condition: dict[str, Any], zh: str, en: str) -> None:
    assert described(condition, "zh") == zh
    assert described(condition, "en") == en
    assert described(condition, "fr").startswith("this is not so" if "not" in condition else "“")


def test_condition_on_an_item_about_the_unit__in_words__keeps_the_placeholder_for_the_page_to_fill() -> None:
    asked = likert("x", text="{{unit}}好吗？")
    made = load(questionnaire(asked, item("t", "text", visible_if={"item": "x", "answered": True})))
    shown_if = made.item("t").visible_if
    assert shown_if is not None
    assert "{{unit}}" in describe(shown_if, made)


def test_leaves_of_a_condition__walked__come_with_their_pointers() -> None:
    condition = {"all": [{"item": "x", "in": ["a"]}, {"not": {"any": [{"item": "y", "answered": True}]}}]}
    made = load(questionnaire(likert("x"), likert("y"), item("t", "text", visible_if=condition)))
    shown_if = made.item("t").visible_if
    assert shown_if is not None
    assert [(at, leaf.item) for at, leaf in leaves(shown_if, "/v")] == [("/v/all/0", "x"), ("/v/all/1/not/any/0", "y")]


def test_text_in_a_language_that_is_not_there__falls_back_to_chinese() -> None:
    assert text({"zh": "中", "en": "E"}, "en") == "E"
    assert text({"zh": "中", "en": "E"}, "fr") == "中"
    assert text("甲", "en") == "甲"

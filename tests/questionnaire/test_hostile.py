"""Documents made to cost time: each grew with the square of its size, or worse, before it was bounded.

Nothing is timed here. Without its bound each of them takes minutes, which nobody overlooks.
"""

import json
from typing import Any

from survey_app.questionnaire.check import check_plan, check_questionnaire
from survey_app.questionnaire.loading import Kind, parse
from tests.questionnaire.documents import choices, item, likert, load, questionnaire


def sections(*items: dict[str, Any]) -> list[dict[str, Any]]:
    """The items over sections of a hundred."""
    return [{"id": f"s{at}", "items": list(items[at : at + 100])} for at in range(0, len(items), 100)]


def codes(document: dict[str, Any], kind: Kind = "questionnaire") -> set[str]:
    return {finding.code for finding in parse(json.dumps(document).encode(), kind).findings}


def any_of(names: list[str]) -> dict[str, Any]:
    return {"any": [{"item": name, "in": ["a"]} for name in names]}


def test_long_names_that_nearly_exist__hundreds_against_hundreds__are_all_found() -> None:
    scales = {"scale_of_answers_" * 3 + f"{at:03d}": {"choices": choices("a", "b")} for at in range(100)}
    items = [likert(f"x{at}", scale="scale_of_answer_s" * 3 + f"{at:03d}") for at in range(600)]
    found = check_questionnaire(load(questionnaire(sections=sections(*items), response_scales=scales)))
    assert {finding.code for finding in found} == {"unknown_scale", "more_findings"}
    assert codes(questionnaire() | {"response_scale" * 5 + f"{at:05d}": 1 for at in range(5000)}) >= {"extra_forbidden"}


def test_condition_of_thousands_of_parts_that_contradict_each_other__searched__is_given_up() -> None:
    asked = [likert(f"x{at}") for at in range(100)]
    parts = {"all": [any_of([f"x{(at * 50 + place) % 100}" for place in range(49)]) for at in range(49)]}
    impossible = item("t", "text", visible_if={"all": [parts, {"not": parts}]})
    assert "unreachable_item" not in {one.code for one in check_questionnaire(load(questionnaire(*asked, impossible)))}
    simple = item("t", "text", visible_if={"all": [any_of(["x1"]), {"not": any_of(["x1"])}]})
    assert "unreachable_item" in {one.code for one in check_questionnaire(load(questionnaire(*asked, simple)))}


def test_thousand_items_that_each_depend_on_thirty_before__searched__are_given_up() -> None:
    items = [
        likert(
            f"x{at}", **({"visible_if": any_of([f"x{at - back}" for back in range(1, min(at, 30) + 1)])} if at else {})
        )
        for at in range(1000)
    ]
    assert {one.code for one in check_questionnaire(load(questionnaire(sections=sections(*items))))} == {
        "takes_too_long"
    }


def test_plan_of_twenty_thousand_parts__checked__is_read_through() -> None:
    drawn = load(questionnaire(sections=sections(*(likert(f"x{at}") for at in range(1000)))))
    indicators = [
        {
            "code": f"i{at}",
            "audience": "service_recipient",
            "role": "reference",
            "parts": [{"item": f"x{(at * 7 + place) % 1000}", "weight": 0.01} for place in range(100)],
        }
        for at in range(200)
    ]
    plan = {
        "format": 1,
        "id": "p",
        "version": "1",
        "points": {"agree": {"a": 2, "b": 1, "c": 0}},
        "indicators": indicators,
    }
    document = parse(json.dumps(plan).encode(), "plan").document
    assert document is not None
    assert check_plan(document, [drawn]) == []


def test_thousands_of_invented_languages__checked__are_missing_translations() -> None:
    items = [
        likert(f"x{at}", text={"zh": "题"} | {f"xx-{at:04d}{place:03d}": "x" for place in range(150)})
        for at in range(1000)
    ]
    found = check_questionnaire(load(questionnaire(sections=sections(*items))))
    assert {finding.code for finding in found} == {"missing_translation", "takes_too_long", "more_findings"}


def test_hundreds_of_ratings__searched__are_given_up() -> None:
    items = [item(f"x{at}", "rating", min=-60, max=60) for at in range(200)]
    high = {"any": [{"item": f"x{at}", "at_least": 50} for at in range(50)]}
    impossible = item("t", "text", visible_if={"all": [high, {"not": high}]})
    assert {one.code for one in check_questionnaire(load(questionnaire(*items, impossible)))} == {"takes_too_long"}

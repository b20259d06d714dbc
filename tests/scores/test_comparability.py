"""What makes an indicator another one, and what only seems to: definitions of two waves held against each other."""

import json
from typing import Any

import pytest

from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.plan import ScoringPlan
from survey_app.scores.operations.comparability import Comparability, Definitions, compared, definitions
from survey_app.scores.rules import trend_words, words
from tests.scores.waves import own_plan, own_questionnaire


def of(questionnaire: dict[str, Any], plan: dict[str, Any], *, cuts: str = "2026.1", asked: bool = True) -> Definitions:
    """As a document names them. asked: whether anything was."""
    document = {
        "plan": {"hash": "p"},
        "questionnaires": [{"id": "own", "hash": "q"}] if asked else [],
        "quality": [{"questionnaire": "own", "version": cuts}],
    }
    by_hash = {"q": Questionnaire.model_validate_json(json.dumps(questionnaire))}
    return definitions(document, ScoringPlan.model_validate_json(json.dumps(plan)), by_hash)


def held(then: Definitions, now: Definitions) -> Comparability:
    found = compared(then, now, "public_satisfaction")
    assert found is not None
    return found


BEFORE = of(own_questionnaire(), own_plan())
ITEM = next(
    item for section in own_questionnaire()["sections"] for item in section["items"] if item["id"] == "sr_acc_info"
)


def with_scale(label: str) -> dict[str, Any]:
    """The first choice of every response scale called otherwise."""
    found = own_questionnaire()
    for scale in found["response_scales"].values():
        scale["choices"][0] |= {"label": {"zh": label}}
    return found


@pytest.mark.parametrize(
    "questionnaire",
    [
        own_questionnaire(sr_reason={"text": {"zh": "另一种问法"}}),
        own_questionnaire(sr_acc_info={"required": True}),
        own_questionnaire() | {"version": "2027", "title": {"zh": "新标题"}},
    ],
)
def test_what_no_score_hangs_on__changes_nothing(questionnaire: dict[str, Any]) -> None:
    found = held(BEFORE, of(questionnaire, own_plan()))
    assert not found.changes.any
    assert (found.refusals, found.cautions) == ((), ())
    assert len(found.before) > 5


def test_translation_that_one_wave_lacks__changes_nothing_but_another_in_both_does() -> None:
    both = own_questionnaire() | {"title": {"zh": "甲", "en": "A"}}
    chinese = own_questionnaire(sr_acc_info={"text": {"zh": ITEM["text"]["zh"]}}) | {"title": {"zh": "甲"}}
    assert not held(of(chinese, own_plan()), of(both, own_plan())).changes.any
    other = own_questionnaire(sr_acc_info={"text": {"zh": ITEM["text"]["zh"], "en": "Quite another question."}})
    other |= {"title": both["title"]}
    assert held(of(both, own_plan()), of(other, own_plan())).changes.reworded == ("own/sr_acc_info",)


@pytest.mark.parametrize(
    "questionnaire",
    [
        own_questionnaire(sr_acc_info={"hint": {"zh": "想想最近一次"}}),
        own_questionnaire(sr_acc_info={"visible_if": {"item": "sr_contact", "answered": True}}),
    ],
)
def test_what_is_read_or_who_is_asked__is_wording(questionnaire: dict[str, Any]) -> None:
    assert held(BEFORE, of(questionnaire, own_plan())).changes.reworded == ("own/sr_acc_info",)


def test_label_of_a_shared_scale__rewords_every_item_on_it() -> None:
    found = held(BEFORE, of(with_scale("完全同意"), own_plan()))
    assert {identity.id for identity in found.before} == set(found.changes.reworded)


def test_item_that_moved_to_another_dimension__is_scored_otherwise() -> None:
    moved = own_questionnaire(sr_acc_info={"dimension": "efficiency"})
    assert ITEM["dimension"] == "access"
    assert held(BEFORE, of(moved, own_plan())).changes.rescored == ("own/sr_acc_info",)


def test_departments_averaged_first__is_another_score() -> None:
    levels = [{"by": "department"}, {"by": "response"}]
    now = of(own_questionnaire(), own_plan(indicator={"levels": levels, "strata": None}))
    assert held(BEFORE, now).refusals == ("levels",)


def test_other_cuts_of_quality__are_a_caution() -> None:
    assert held(BEFORE, of(own_questionnaire(), own_plan(), cuts="2027.1")).cautions == ("exclusion",)


def test_wave_in_which_nothing_was_asked__is_not_one_whose_items_are_all_gone() -> None:
    found = held(BEFORE, of(own_questionnaire(), own_plan(), asked=False))
    assert not found.changes.any


def test_indicator_that_one_plan_lacks__is_not_compared() -> None:
    assert compared(BEFORE, of(own_questionnaire(), own_plan(indicator={"code": "other"})), "other") is None


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        ({"difference": None, "lo": None, "hi": None, "p_holm": None}, None),
        ({"difference": 3.0, "lo": None, "hi": None, "p_holm": None}, "no_interval"),
        ({"difference": 3.0, "lo": 1.0, "hi": 5.0, "p_holm": 0.01}, "up"),
        ({"difference": -3.0, "lo": -5.0, "hi": -1.0, "p_holm": 0.01}, "down"),
        ({"difference": 3.0, "lo": 1.0, "hi": 5.0, "p_holm": 0.06}, "alone"),
        ({"difference": 3.0, "lo": -1.0, "hi": 7.0, "p_holm": 0.3}, "within"),
    ],
)
def test_verdict__follows_from_the_interval_and_from_holm(row: dict[str, Any], verdict: str | None) -> None:
    assert trend_words.verdict(row, 0.95) == verdict


@pytest.mark.parametrize("language", ["zh", "en"])
def test_words__leave_no_hole_and_no_chinese_in_english(language: str) -> None:
    pairs = [*trend_words.VERDICTS.values(), *trend_words.REFUSALS.values(), *trend_words.CAUTIONS.values()]
    pairs += [*trend_words.ITEMS.values(), trend_words.ADVICE, trend_words.SCORING_CHANGED]
    for pair in pairs:
        said = words.one(pair, language).format(points="3.0", tested=3, what="x")
        assert said
        assert "{" not in said
        assert any("\u4e00" <= sign <= "\u9fff" for sign in said) == (language == "zh")

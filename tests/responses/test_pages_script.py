"""The browser's copy of the visibility rules, in Chromium, on the very cases that Python's passes."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from survey_app.questionnaire.answers import as_fields
from survey_app.responses.pages.building import Filled, Sealed, filled
from survey_app.web.language import set_language
from tests.factories.respondents import every_item_type, model_of
from tests.responses.test_pages_cards import course

ROOT = Path(__file__).parent.parent.parent
CASES = json.loads((ROOT / "tests/questionnaire/data/visibility_cases.json").read_text(encoding="utf-8"))
SCRIPT = (ROOT / "survey_app/web/static/r.js").read_text(encoding="utf-8")
SHEET = (ROOT / "survey_app/web/static/r.css").read_text(encoding="utf-8")

pytestmark = pytest.mark.browser


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    yield page
    context.close()
    assert failures == []


def show(
    app: Flask, tab: Page, document: dict[str, Any], fields: dict[str, list[str]], at: int = 0, **earlier: Any
) -> None:
    """A page of a questionnaire as it is drawn, with the script that belongs to it."""
    with app.test_request_context():
        set_language("zh")
        html = filled(course(document), at, Sealed("cap"), earlier, Filled(fields, {}))
    tab.set_content(re.sub("<script.*?</script>|<link[^>]*>", "", html))
    tab.add_style_tag(content=SHEET)
    tab.evaluate(SCRIPT)


def shown(tab: Page) -> list[str]:
    found: list[str] = tab.eval_on_selector_all(
        "[data-item]", "cards => cards.filter(card => !card.hidden).map(card => card.dataset.item)"
    )
    return found


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_visibility_case__is_shown_the_same_in_the_browser(app: Flask, tab: Page, case: dict[str, Any]) -> None:
    document = case["questionnaire"]
    questionnaire = model_of(document)
    pages = len(course(document).leaves)
    for given in case["cases"]:
        fields = as_fields(questionnaire, given["answers"])
        visible: list[str] = []
        for at in range(pages):
            # What a page before said reaches this one as data, not as inputs.
            earlier = given["answers"] if at else {}
            show(app, tab, document, fields, at, **earlier)
            visible += shown(tab)
        assert visible == given["visible"], given


def test_hidden_card__hides_its_words_and_leaves_the_count(app: Flask, tab: Page) -> None:
    show(app, tab, every_item_type(), {"rating": ["7"]})
    assert "text" not in shown(tab)
    assert tab.locator("#bar span").text_content() == "已答 1 / 10 题"
    tab.locator("#i-rating").get_by_label("2", exact=True).check()
    assert "text" in shown(tab)
    assert not tab.locator("#i-text .when").is_visible()
    assert tab.locator("#bar span").text_content() == "已答 1 / 11 题"


def test_section_without_a_visible_item__is_hidden_with_its_title(app: Flask, tab: Page) -> None:
    case = next(case for case in CASES if case["name"] == "screening ends the sitting")
    show(app, tab, case["questionnaire"], {"x": ["none"]})
    assert tab.locator("[data-section]").count() == 2
    assert tab.locator("[data-section]:not([hidden])").count() == 1


def test_choice_that_stands_alone__clears_the_others_and_they_clear_it(app: Flask, tab: Page) -> None:
    show(app, tab, every_item_type(), {})
    card = tab.locator("#i-multiple")
    ticked = "inputs => inputs.filter(input => input.checked).map(input => input.value)"
    card.get_by_label("选项a").check()
    card.get_by_label("选项b").check()
    card.get_by_label("都没有").check()
    assert card.locator("input[type=checkbox]").evaluate_all(ticked) == ["none"]
    card.get_by_label("不了解").check()
    assert card.locator("input[type=checkbox]").evaluate_all(ticked) == ["dk"]
    card.get_by_label("选项b").check()
    assert card.locator("input[type=checkbox]").evaluate_all(ticked) == ["b"]


def test_words_beside_other__tick_it(app: Flask, tab: Page) -> None:
    show(app, tab, every_item_type(), {})
    tab.locator("[name=single__other]").fill("写明")
    assert tab.locator("#i-single input[value=other]").is_checked()


def test_items_named_like_properties_of_a_form__do_no_harm(app: Flask, tab: Page) -> None:
    document = every_item_type()
    names = ("action", "elements", "submit", "closest", "hidden", "dataset", "id", "body", "length", "title")
    document["sections"][0]["items"] = [
        {"id": name, "type": "text", "text": name, "visible_if": {"item": "action", "answered": True}} | extra
        for name in names
        for extra in [{"visible_if": None} if name == "action" else {}]
    ]
    show(app, tab, document, {})
    assert shown(tab) == ["action"]
    tab.locator("[name=action]").fill("x")
    assert shown(tab) == list(names)

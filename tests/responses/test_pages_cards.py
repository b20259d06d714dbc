"""Items as cards: what is shown, with what is typed in them, without any script."""

import re
from datetime import date
from typing import Any

import pytest
from flask import Flask

from survey_app.campaigns.queries.doors import Door, RatedUnit
from survey_app.responses.pages.building import Course, Filled, Sealed, filled
from survey_app.web.language import set_language
from tests.factories.respondents import document_of, every_item_type, model_of

EVERY_FIELD: dict[str, list[str]] = {
    "likert": ["dk"],
    "single": ["other"],
    "single__other": ["写<明>"],
    "multiple": ["a", "c"],
    "ranking__b": ["1"],
    "ranking__a": ["2"],
    "rating": ["3"],
    "stars": ["4"],
    "number": ["七", "dk"],
    "decimal": ["1,5"],
    "date": ["2026-02-30"],
    "text": ["第一行\n第二行"],
    "line": ['引号"和&'],
}


def course(document: dict[str, Any], language: str = "zh", **door: Any) -> Course:
    unit = RatedUnit(1, "u01", door.pop("unit", "某局"))
    made = Door(
        collector_id=1,
        campaign_id=1,
        campaign_code="c1",
        campaign_title="评估",
        office="某办",
        agency_name="某机构",
        opens=date(2020, 1, 1),
        closes=date(2099, 1, 1),
        timezone="Asia/Shanghai",
        retention="一年",
        contact="电话",
        demo=False,
        audience="service_recipient",
        tier="T1",
        questionnaire="q",
        questionnaire_hash="q" * 64,
        units=(unit,),
        department_name=None,
        box_group_id=1,
        padded_size=1,
        campaign_state="open",
        collector_state="open",
    )
    return Course(made, model_of(document), language, 0, False)


def page(app: Flask, document: dict[str, Any], content: Filled | None = None, language: str = "zh", **door: Any) -> str:
    with app.test_request_context():
        set_language(language)
        return filled(course(document, language, **door), 0, Sealed("cap"), {}, content or Filled({}, {}))


def card_of(text: str, item: str) -> str:
    return text.split(f'id="i-{item}"')[1].split('class="item', maxsplit=1)[0]


def test_every_item_type__asks_with_native_inputs_inside_labels(app: Flask) -> None:
    text = page(app, every_item_type())
    assert card_of(text, "likert").count('type="radio" name="likert"') == 4
    assert card_of(text, "multiple").count('type="checkbox" name="multiple"') == 6
    assert card_of(text, "ranking").count("<select") == 3
    assert "第2位" in card_of(text, "ranking")
    assert "第3位" not in card_of(text, "ranking")
    assert card_of(text, "rating").count('type="radio" name="rating"') == 12
    assert card_of(text, "stars").count('type="radio"') == 5
    assert 'inputmode="numeric"' in card_of(text, "number")
    assert 'inputmode="decimal"' in card_of(text, "decimal")
    assert 'type="date"' in card_of(text, "date")
    assert 'min="2020-01-01" max="2030-12-31"' in card_of(text, "date")
    assert '<textarea name="text"' in card_of(text, "text")
    assert "<input" not in card_of(text, "note")
    ticks = re.findall(r"<input type=\"(?:radio|checkbox)\"", text)
    assert len(ticks) == len(re.findall(r"<label><input type=\"(?:radio|checkbox)\"", text)) > 30


def test_choices_and_typed_missing__stand_apart(app: Flask) -> None:
    text = page(app, every_item_type())
    for item in ("likert", "single", "multiple", "ranking", "rating", "number"):
        before, apart = card_of(text, item).split('<div class="apart">')
        assert "不了解" not in before
        assert apart.count("data-missing") == 1
    assert 'type="checkbox" name="number" value="dk"' in card_of(text, "number")


def test_numbers__go_through_the_page_and_follow_ups_have_none(app: Flask) -> None:
    text = page(app, every_item_type())
    assert re.findall(r"<b>(\d+)\.</b>", text) == [str(number) for number in range(1, 11)]
    assert "<b>" not in card_of(text, "text")
    assert "<b>" not in card_of(text, "note")


def test_required_item__says_so(app: Flask) -> None:
    text = page(app, every_item_type())
    assert "<small>必答</small>" in card_of(text, "likert")
    assert text.count("必答") == 1


def test_text_boxes__carry_the_warning_about_state_secrets(app: Flask) -> None:
    text = page(app, every_item_type())
    for item in ("text", "line"):
        assert "本系统不得存储、处理国家秘密。" in card_of(text, item)
    assert text.count("国家秘密") == 2


def test_conditional_item__says_its_condition_in_words_and_as_data(app: Flask) -> None:
    card = card_of(page(app, every_item_type()), "text")
    assert "只在这种情况下回答：“题目rating的问题？”不高于3。" in card
    assert 'data-if="{&#34;item&#34;:&#34;rating&#34;,&#34;at_most&#34;:3.0}"' in card


def test_screening_item__says_what_need_not_be_answered(app: Flask) -> None:
    sitting = card_of(page(app, document_of("service_recipient")), "sr_contact")
    assert "选“没有打过交道”的，不用回答后面的题，可以直接提交。" in sitting
    assert 'data-out="none" data-ends="sitting"' in sitting
    section = card_of(page(app, document_of("related_department")), "rd_contact")
    assert "选“没有”的，不用回答这一部分其余的题。" in section


def test_questions_about_wrongdoing__name_the_channels_for_reports(app: Flask) -> None:
    notice = "如需举报，请通过纪检监察或12345渠道，本问卷不受理举报。"
    assert notice in card_of(page(app, document_of("service_recipient")), "sr_integrity")
    assert notice in card_of(page(app, document_of("related_department")), "rd_line")


def test_typed_values__come_back_as_they_were_typed(app: Flask) -> None:
    text = page(app, every_item_type(), Filled(EVERY_FIELD, {}))
    assert 'value="dk" data-missing checked' in card_of(text, "likert") or 'value="dk" checked' in card_of(
        text, "likert"
    )
    assert 'value="other" checked' in card_of(text, "single")
    assert 'name="single__other" value="写&lt;明&gt;"' in card_of(text, "single")
    assert card_of(text, "multiple").count(" checked") == 2
    assert re.findall(r'value="(\d)" selected', card_of(text, "ranking")) == ["2", "1"]
    assert 'value="3" checked' in card_of(text, "rating")
    assert 'value="七"' in card_of(text, "number")
    assert 'value="dk" checked' in card_of(text, "number")
    assert 'value="1,5"' in card_of(text, "decimal")
    assert 'value="2026-02-30"' in card_of(text, "date")
    assert ">\n第一行\n第二行</textarea>" in card_of(text, "text")
    assert 'value="引号&#34;和&amp;"' in card_of(text, "line")


def test_wrong_item__has_its_sentence_tied_to_it_and_the_first_takes_the_focus(app: Flask) -> None:
    errors = {"number": "请用数字填写。", "likert": "请回答这一题。"}
    text = page(app, every_item_type(), Filled(EVERY_FIELD, errors))
    assert '<p class="err" id="e-likert">请回答这一题。</p>' in card_of(text, "likert")
    assert 'aria-describedby="h-likert e-likert"' in card_of(text, "likert")
    assert 'aria-invalid="true"' in card_of(text, "number")
    assert 'aria-describedby="e-number"' in card_of(text, "number")
    assert text.count("autofocus") == card_of(text, "likert").count("autofocus") == 1
    assert '<a href="#f-likert">1. 题目likert的问题？</a> 请回答这一题。' in text
    for target in re.findall(r'href="#(f-\w+)"', text):
        assert f'id="{target}"' in text


def test_names_put_in__are_escaped_and_never_looked_at_again(app: Flask) -> None:
    text = page(app, document_of("service_recipient"), unit="<b>{{agency}}</b>")
    assert "&lt;b&gt;{{agency}}&lt;/b&gt;" in text
    assert "<b>{{" not in text
    assert "{{unit}}" not in text


def test_english_page__is_english_throughout(app: Flask) -> None:
    text = page(app, every_item_type(), language="en")
    for chinese in ("必答", "第1位", "不排", "请写明", "只在这种", "提交", "草稿", "大字版"):
        assert chinese not in text, chinese
    assert '<html lang="en">' in text


@pytest.mark.parametrize("name", ["staff", "service_recipient", "service_recipient_inspected", "related_department"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_built_in_questionnaires__have_distinct_ids_and_every_item(app: Flask, name: str, language: str) -> None:
    text = page(app, document_of(name), language=language)
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    for section in document_of(name)["sections"]:
        for item in section["items"]:
            assert f'data-item="{item["id"]}"' in text
    for name_of_place in ("{{unit}}", "{{office}}", "{{minutes}}"):
        assert name_of_place not in text

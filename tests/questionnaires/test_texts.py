"""The words of the built-in questionnaires and of the default plan: two languages, what people must be told, no more
than is kept.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from survey_app.questionnaire.loading import parse
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.texts import PLACEHOLDER, text

FOLDER = Path(__file__).resolve().parents[2] / "questionnaires"
NAMES = ("staff", "service_recipient", "service_recipient_inspected", "related_department")
LANGUAGES = ("zh", "en")


def raw(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@cache
def questionnaire(name: str) -> Questionnaire:
    loaded = parse((FOLDER / f"{name}.json").read_bytes(), "questionnaire")
    assert isinstance(loaded.document, Questionnaire), [str(finding) for finding in loaded.findings]
    return loaded.document


def texts(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every text for readers in a document, with its place."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key in {"title", "intro", "thanks", "text", "hint", "label", "description"}:
                yield f"{pointer}/{key}", part
            else:
                yield from texts(part, f"{pointer}/{key}")
    elif isinstance(value, list):
        for position, part in enumerate(value):
            yield from texts(part, f"{pointer}/{position}")


@pytest.mark.parametrize("name", [*NAMES, "plans/default"])
def test_every_text__in_both_languages__is_written_in_that_language(name: str) -> None:
    found = list(texts(raw(name)))
    assert len(found) >= 4
    for place, value in found:
        assert set(value) == set(LANGUAGES), place
        assert re.search("[\u4e00-\u9fff]", value["zh"]), place
        assert not re.search("[\u2e80-\u9fff\uff00-\uffef]", value["en"]), place
        assert re.search("[A-Za-z]", PLACEHOLDER.sub("", value["en"])), place


@pytest.mark.parametrize("name", NAMES)
def test_every_text__with_substitutions__has_the_same_ones_in_both_languages(name: str) -> None:
    for place, value in texts(raw(name)):
        in_chinese, in_english = (set(PLACEHOLDER.findall(value[language])) for language in LANGUAGES)
        # A short Chinese sentence may leave the unit out where English needs a name for it.
        assert in_chinese == in_english or (place.endswith("/text") and in_english - in_chinese == {"unit"}), place


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("language", "duties"),
    [
        ("zh", ["自己决定", "跳过", "退出", "姓名", "保存", "不能撤回", "自己的手机", "流量", "投诉", "只做汇总"]),
        (
            "en",
            ["up to you", "skip", "stop", "name", "kept", "withdrawn", "your own phone", "mobile data", "complaints"],
        ),
    ],
)
def test_intro__read_before_the_first_item__says_what_people_must_know(
    name: str, language: str, duties: list[str]
) -> None:
    intro = questionnaire(name).intro
    assert intro is not None
    said_there = text(intro, language)
    assert {"office", "agency", "minutes", "retention", "contact"} <= set(PLACEHOLDER.findall(said_there))
    assert [words for words in duties if words not in said_there] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_text__promising_anonymity__promises_no_more_than_is_kept(name: str) -> None:
    for place, value in texts(raw(name)):
        assert not re.search("绝对|无法追踪|完全匿名|百分之百", value["zh"]), place
        assert not re.search("absolute|untraceable|fully anonymous|100 ?%", value["en"], re.IGNORECASE), place


@pytest.mark.parametrize("name", NAMES)
def test_items_and_choices__in_either_language__are_told_apart(name: str) -> None:
    q = questionnaire(name)
    for language in LANGUAGES:
        wordings = [text(item.text, language) for item in q.items()]
        assert len(set(wordings)) == len(wordings)
        for item in q.answered_items():
            labels = [text(one.label, language) for one in (*item.choices_in(q), *item.missing_in(q))]
            assert len(set(labels)) == len(labels), item.id


def test_unit__in_the_department_questionnaire__is_named_wherever_it_is_rated_and_never_outside_the_repetition() -> (
    None
):
    q = questionnaire("related_department")
    # They speak of the matter between both sides, or only follow up what was just said of the unit.
    unnamed = {"rd_co_shirk": {"en"}, "rd_bd_settle": {"zh", "en"}, "rd_reason": {"zh", "en"}}
    for item in q.items():
        for language in LANGUAGES:
            named = "{{unit}}" in text(item.text, language)
            assert named or language in unnamed.get(item.id, set()), (item.id, language)
    assert "{{unit}}" not in json.dumps([raw("related_department")[key] for key in ("title", "intro", "thanks")])

"""Putting names into texts, tidying typed words, and the minutes an answer takes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_app.questionnaire.texts import SUBSTITUTIONS, minutes, substitute, tidy
from tests.questionnaire.documents import choices, item, likert, load, questionnaire


def test_placeholders__with_values__are_replaced_everywhere() -> None:
    template = "{{office}}委托{{agency}}评价{{unit}}，{{unit}}约{{minutes}}分钟"
    values = {"office": "甲办", "agency": "乙所", "unit": "丙局", "minutes": "3"}
    assert substitute(template, values) == "甲办委托乙所评价丙局，丙局约3分钟"


def test_value__that_looks_like_a_placeholder__is_not_replaced_again() -> None:
    assert substitute("{{unit}}{{office}}", {"unit": "{{office}}", "office": "{{unit}}"}) == "{{office}}{{unit}}"


def test_name__unknown_or_without_value__stays_as_written() -> None:
    assert (
        substitute("{{secret}} {{unit}} {{ unit }} {unit}", {"secret": "x"}) == "{{secret}} {{unit}} {{ unit }} {unit}"
    )


def test_value__with_markup__is_left_to_the_template_engine_to_escape() -> None:
    assert substitute("<b>{{unit}}</b>", {"unit": "<i>&"}) == "<b><i>&</b>"


@settings(deadline=None)
@given(st.text(), st.dictionaries(st.sampled_from(SUBSTITUTIONS), st.text()))
def test_any_template__substituted__grows_by_its_values_only(template: str, values: dict[str, str]) -> None:
    assert substitute(template, {}) == template
    for name, value in values.items():
        assert substitute(f"{{{{{name}}}}}", values) == value


@settings(max_examples=300, deadline=None)
@given(st.text() | st.text("a\r\n\t\x00\x85\u2028\u202e\ufeff\u0301e \u3000"), st.booleans())
def test_any_words__tidied__stay_as_they_are_when_tidied_again(typed: str, multiline: bool) -> None:
    once = tidy(typed, multiline=multiline)
    assert tidy(once, multiline=multiline) == once
    assert not {character for character in once if ord(character) < 32} - ({"\n"} if multiline else set())
    assert not any("\ud800" <= character <= "\udfff" for character in once)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  a  b ", "a  b"),
        ("a\r\n\r\nb", "a\n\nb"),
        ("e\u0301", "é"),
        ("x\u2028y", "x\ny"),
        ("\ufeff字\u202e", "字"),
        ("👨\u200d👩", "👨\u200d👩"),
        ("\ud800a", "a"),
    ],
)
def test_typed_words__tidied__keep_what_was_meant(typed: str, kept: str) -> None:
    assert tidy(typed) == kept


def test_minutes__of_twenty_five_characters_and_an_answer__are_rounded_up_from_seconds() -> None:
    # 17 characters at 255 a minute are 4 s; with 2 s to answer 6 s an item. Labels of the scale: 6 characters, once.
    ten = [likert(f"x{number}", text="一" * 17) for number in range(10)]
    # 60 s + 6 · 60/255 = 61.4 s
    assert minutes(load(questionnaire(*ten))) == 2
    assert minutes(load(questionnaire(*ten[:9]))) == 1


def test_minutes__of_other_item_types__count_typing_ranking_and_half_of_follow_ups() -> None:
    def spent(*items: dict[str, object]) -> int:
        # Twenty of a kind, so that a rounded minute tells seconds apart.
        return minutes(load(questionnaire(*items)))

    # 2 characters "题x" each; text: 20 · 30 s = 10 min and 40 characters = 9.4 s.
    texts = [item(f"{letter}", "text") for letter in "abcdefghijklmnopqrst"]
    assert spent(*texts) == 11
    followed = [one | {"visible_if": {"item": "a", "answered": True}} for one in texts[1:]]
    # 30 s + 19 · 15 s = 5.25 min
    assert spent(texts[0], *followed) == 6
    # 20 · 5 s = 1.67 min
    assert spent(*(item(letter, "number") for letter in "abcdefghijklmnopqrst")) == 2
    ranking = [item(f"x{n}", "ranking", choices=choices("a", "b", "c")) for n in range(20)]
    # 20 · (3 · 2 s) = 2 min, and 20 · 9 characters = 42 s
    assert spent(*ranking) == 3
    assert spent(*(one | {"max_choices": 1} for one in ranking)) == 2


def test_minutes__over_several_units__count_the_repeated_section_that_often() -> None:
    items = [item(f"x{n}", "text") for n in range(4)]
    once = questionnaire(sections=[{"id": "s", "items": items, "repeat": {"over": "units", "max": 5}}])
    assert [minutes(load(once), units) for units in (1, 2, 3)] == [3, 5, 7]
    assert minutes(load(questionnaire(*items)), 3) == 3


def test_minutes__of_next_to_nothing__are_one() -> None:
    assert minutes(load(questionnaire(likert("x")))) == 1

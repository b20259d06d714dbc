"""The one reader of answers: the JSON cases, pages and units, rows of files, and what holds for any form at all."""

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_app.questionnaire.answer_readers import plain_number
from survey_app.questionnaire.answers import as_fields, as_row, read, read_row
from survey_app.questionnaire.identity import canonical
from survey_app.questionnaire.items import AnsweredItem
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.size import largest_sitting
from survey_app.questionnaire.visibility import visible
from tests.questionnaire.documents import DATA, choices, every_type, item, likert, load, questionnaire

GROUPS: list[dict[str, Any]] = json.loads((DATA / "answers_cases.json").read_text(encoding="utf-8"))
CASES = [
    pytest.param(group["questionnaire"], case, id=f"{group['name']}-{number}")
    for group in GROUPS
    for number, case in enumerate(group["cases"])
]
EVERY = load(every_type())


@pytest.mark.parametrize(("document", "case"), CASES)
def test_conformance_case__form_sent__gives_these_answers_and_errors(
    document: dict[str, Any], case: dict[str, Any]
) -> None:
    reading = read(load(document), case["fields"])
    assert reading.answers == case["answers"]
    assert [[error.item, error.code] for error in reading.errors] == case["errors"]
    assert reading.screened == case["screened"]
    assert reading.dropped == case["dropped"]


@pytest.mark.parametrize(("document", "case"), CASES)
def test_conformance_case__read_without_errors__reads_again_the_same(
    document: dict[str, Any], case: dict[str, Any]
) -> None:
    made = load(document)
    reading = read(made, case["fields"])
    if not reading.errors:
        assert read(made, as_fields(made, reading.answers)).answers == reading.answers
        assert read_row(made, as_row(made, reading.answers)).answers == reading.answers


def test_error__in_both_languages__says_what_to_do() -> None:
    made = load(questionnaire(item("m", "multiple", choices=choices("a", "b", "c"), max_choices=2)))
    [error] = read(made, {"m": ["a", "b", "c"]}).errors
    assert error.message("zh") == error.zh
    assert "最多选2项" in error.zh
    assert error.message("en") == "Please choose at most 2; 3 are chosen."


def test_answers__of_a_form_in_any_order__come_in_the_order_of_the_items() -> None:
    made = load(questionnaire(likert("z"), likert("a"), item("m", "multiple", choices=choices("x", "y", "w"))))
    reading = read(made, {"m": ["w", "x"], "a": ["b"], "z": ["c"]})
    assert list(reading.answers) == ["z", "a", "m"]
    assert reading.answers["m"] == ["x", "w"]


def test_one_unit__read__takes_the_repeated_section_only() -> None:
    reading = read(EVERY, {"l": ["a"], "s": ["a"], "u": ["好"]}, unit="u01")
    assert reading.answers == {"l": "a", "u": "好"}
    assert reading.unit == "u01"
    assert reading.errors == []


def test_sections_named__read__leaves_the_others_alone_even_where_something_is_required() -> None:
    assert read(EVERY, {"l": ["a"], "m": ["b"]}, sections=["each"]).answers == {"l": "a"}
    assert [error.item for error in read(EVERY, {"l": ["a"]}, sections=["own"]).errors] == ["s"]
    assert read(EVERY, {"l": ["a"]}, sections=[]).answers == {}


def test_conditions_over_pages__with_earlier_answers__look_back_to_them() -> None:
    typed = {"t": ["因为慢"]}
    assert read(EVERY, typed, unit="u01").dropped == ["t"]
    assert read(EVERY, typed, unit="u01", earlier={"m": ["b"]}).dropped == ["t"]
    reading = read(EVERY, typed, unit="u01", earlier={"m": ["a", "b"]})
    assert reading.answers == {"t": "因为慢"}


def test_unit_without_a_repeated_section__read__takes_the_whole_questionnaire() -> None:
    assert read(load(questionnaire(likert("x"))), {"x": ["a"]}, unit="u01").answers == {"x": "a"}


def test_row__of_a_file__is_read_like_a_form() -> None:
    row = {
        "m": "o; a",
        "m.other": "别的",
        "s": " b ",
        "l": "dk",
        "r": "-2",
        "k": "c\uff1ba",
        "n": "0.125",
        "d": "2026-01-05",
        "t": "x",
        "u": "",
        "unknown": "?",
    }
    reading = read_row(EVERY, row)
    assert reading.errors == []
    assert reading.answers == {
        "m": ["a", "o"],
        "m.other": "别的",
        "s": "b",
        "l": "dk",
        "r": -2,
        "k": ["c", "a"],
        "n": 0.125,
        "d": "2026-01-05",
        "t": "x",
    }
    assert reading.dropped == []
    assert as_row(EVERY, reading.answers)["k"] == "c;a"


def test_row__with_answers_to_hidden_items__names_what_was_dropped() -> None:
    reading = read_row(EVERY, {"m": "b", "s": "a", "t": "x", "r": "1"})
    assert reading.dropped == ["t"]
    assert "t" not in reading.answers


def test_row__with_codes_that_do_not_exist__names_them() -> None:
    errors = read_row(EVERY, {"s": "a", "k": "c;x", "m": "a;q", "l": "yes"}).errors
    assert [(error.item, error.code) for error in errors] == [
        ("m", "unknown_choice"),
        ("l", "unknown_choice"),
        ("k", "unknown_choice"),
    ]
    assert "“q”" in errors[0].zh


@pytest.mark.parametrize(
    ("number", "written"),
    [(0.000001, "0.000001"), (1e12, "1000000000000"), (-2.5, "-2.5"), (100, "100"), (0, "0"), (120.0, "120")],
)
def test_number__written_back__has_no_exponent(number: float, written: str) -> None:
    assert plain_number(number) == written


def test_other_words_of_a_single_item_screened_by_choice__do_not_count_as_an_answer_elsewhere() -> None:
    made = load(questionnaire(item("x", "single", choices=choices("a", "o", other=["o"]), required=True)))
    assert read(made, {"x__other": [" "]}).errors[0].code == "required"
    assert read(made, {"x__other": ["words"]}).answers == {"x": "o", "x.other": "words"}


def test_words__composed_of_several_characters_each__are_counted_composed() -> None:
    made = load(questionnaire(item("t", "text", max_length=200)))
    typed = unicodedata.normalize("NFD", "ᾂ" * 200)
    assert len(typed) == 800
    assert read(made, {"t": [typed]}).answers == {"t": "ᾂ" * 200}


def test_words__too_long_however_they_are_composed__are_refused_before_composing() -> None:
    # Composing takes the square of the length: nothing but accents, as many as a form may hold, would take a minute.
    made = load(
        questionnaire(item("t", "text", max_length=200), item("s", "single", choices=choices("a", "o", other=["o"])))
    )
    errors = read(made, {"t": ["e\u0301" * 500], "s__other": ["\u0316\u0301" * 60_000]}).errors
    assert [(error.item, error.code) for error in errors] == [("t", "too_long"), ("s", "too_long")]
    assert "1000" in errors[0].en
    assert "120000" in errors[1].en


def form_fields(made: Questionnaire) -> st.SearchStrategy[dict[str, list[str]]]:
    """Any form: the questionnaire's own fields and others, with codes, likely numbers and any text."""
    names, codes = ["zzz", "_page"], ["", "1", "2", "3", "-1", "4.5", "0.001", "2026-01-05", "2026-13-05"]
    for one in made.answered_items():
        names += [one.id, f"{one.id}__other"]
        for choice in one.choices_in(made):
            names.append(f"{one.id}__{choice.code}")
            codes.append(choice.code)
        codes += [code.code for code in one.missing_in(made)]
    anything = st.text(max_size=15) | st.text('😀é\u0301\u200d\n\r\t\x00\u202e字 "\\', max_size=14)
    values = st.sampled_from(codes) | anything
    return st.dictionaries(st.sampled_from(names), st.lists(values, max_size=3), max_size=len(names))


@settings(max_examples=150, deadline=None)
@given(form_fields(EVERY))
def test_any_form__read__never_crashes_and_what_is_accepted_reads_again_the_same(fields: dict[str, list[str]]) -> None:
    reading = read(EVERY, fields)
    named = {key.removesuffix(".other") for key in reading.answers} | set(reading.dropped)
    assert named <= {one.id for one in EVERY.answered_items()}
    assert not {error.item for error in reading.errors} & set(reading.answers)
    if reading.errors:
        return
    again = read(EVERY, as_fields(EVERY, reading.answers))
    assert (again.answers, again.errors, again.screened, again.dropped) == (reading.answers, [], reading.screened, [])
    assert list(again.answers) == list(reading.answers)
    assert read_row(EVERY, as_row(EVERY, reading.answers)).answers == reading.answers


@settings(max_examples=150, deadline=None)
@given(form_fields(EVERY))
def test_any_form__read__keeps_answers_of_visible_items_only(fields: dict[str, list[str]]) -> None:
    reading = read(EVERY, fields)
    shown = visible(EVERY, reading.answers)
    assert {key.removesuffix(".other") for key in reading.answers} <= shown
    if not reading.errors:
        assert not set(reading.dropped) & shown
        required = {one.id for one in EVERY.items() if isinstance(one, AnsweredItem) and one.required}
        assert required & shown <= set(reading.answers)


@settings(max_examples=150, deadline=None)
@given(st.lists(form_fields(EVERY), min_size=1, max_size=4))
def test_any_sitting__as_canonical_json__fits_the_largest_sitting(forms: list[dict[str, list[str]]]) -> None:
    own, *units = forms
    sitting = [read(EVERY, own, sections=["own"]).answers]
    sitting += [read(EVERY, form, unit="u", earlier=sitting[0]).answers for form in units]
    assert len(canonical({"s": sitting})) - len('{"s":}') <= largest_sitting(EVERY, len(units))

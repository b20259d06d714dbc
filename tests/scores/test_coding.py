"""Reading stored answers into codes: in choice order, typed missing by kind, hidden apart from blank."""

import json
from collections.abc import Mapping

import numpy as np
import orjson
import pytest

from analysis.frame import BLANK, DONT_KNOW, NOT_APPLICABLE, NOT_SHOWN
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.plan import ScoringPlan
from survey_app.scores.operations import coding
from survey_app.scores.operations.bridge import questionnaire_spec
from survey_app.scores.operations.coding import AnswerCoder
from survey_app.scores.rules.errors import UnreadableAnswer

AGREE = {
    "choices": [{"code": code, "label": code} for code in ("sa", "a", "n", "d", "sd")],
    "missing": [
        {"code": "dk", "kind": "dont_know", "label": "?"},
        {"code": "na", "kind": "not_applicable", "label": "-"},
    ],
}
ITEMS = [
    {
        "id": "contact", "type": "multiple", "text": "x", "screens_out": {"choices": ["none"], "ends": "sitting"},
        "choices": [{"code": "visit", "label": "v"}, {"code": "other", "label": "o", "other": True},
                    {"code": "none", "label": "n", "exclusive": True}],
    },
    {"id": "open_first", "type": "text", "text": "x"},
    {"id": "clear", "type": "likert", "scale": "agree5", "dimension": "d", "offer_missing": ["dk", "na"], "text": "x"},
    {"id": "how_often", "type": "number", "text": "x", "decimals": 2},
    {"id": "stars_for_everything", "type": "rating", "min": 0, "max": 10, "dimension": "d", "text": "x",
     "missing": [{"code": "dk", "kind": "dont_know", "label": "?"}]},
    {"id": "why", "type": "single", "text": "x", "dimension": "d", "choices": [{"code": "x" * 20, "label": "a"},
     {"code": "y" * 20, "label": "b"}], "visible_if": {"item": "clear", "in": ["d", "sd"]}},
    {"id": "how", "type": "single", "text": "x", "use": "fact",
     "choices": [{"code": "phone", "label": "a"}, {"code": "else", "label": "b", "other": True}]},
    {"id": "day", "type": "date", "text": "x"},
    {"id": "open_last", "type": "text", "text": "x"},
]  # fmt: skip


def questionnaire(items: list[dict[str, object]] | None = None, **section: object) -> Questionnaire:
    return Questionnaire.model_validate_json(
        json.dumps(
            {
                "format": 1,
                "id": "q",
                "version": "1",
                "audience": "service_recipient",
                "title": "t",
                "dimensions": {"d": {"title": "d"}},
                "response_scales": {"agree5": AGREE},
                "sections": [{"id": "main", "items": items or ITEMS, **section}],
            }
        )
    )


PLAN = ScoringPlan.model_validate_json(
    json.dumps(
        {
            "format": 1,
            "id": "p",
            "version": "1",
            "points": {
                "agree5": {"sa": 100, "a": 75, "n": 50, "d": 25, "sd": 0},
                "why": {"x" * 20: 100, "y" * 20: 0},
            },
            "indicators": [
                {
                    "code": "i",
                    "audience": "service_recipient",
                    "role": "suggested",
                    "parts": [{"dimension": "d", "weight": 1}],
                }
            ],
        }
    )
)


def coder(asked: Questionnaire | None = None) -> AnswerCoder:
    found = asked or questionnaire()
    return AnswerCoder(found, questionnaire_spec(found, "h", PLAN))


def stored(answers: Mapping[str, object]) -> str:
    """As the box writes it."""
    return orjson.dumps(answers).decode()


def columns(made: AnswerCoder, texts: list[str], *names: str) -> list[list[int]]:
    """The codes of some items, a row a text."""
    places = [[item.id for item in made.spec.items].index(name) for name in names]
    rows: list[list[int]] = made.codes(texts).codes[:, places].tolist()
    return rows


def test_coded_items__are_those_that_the_plan_can_use() -> None:
    contact = ["contact.visit", "contact.other", "contact.none"]
    assert [item.id for item in coder().spec.items] == [*contact, "clear", "stars_for_everything", "why", "how"]


def test_answers__become_codes_in_choice_order() -> None:
    texts = [
        stored({"contact": ["visit"], "clear": "sa", "stars_for_everything": 0}),
        stored({"contact": ["visit"], "clear": "sd", "stars_for_everything": 10, "why": "y" * 20}),
        stored({"clear": "dk", "stars_for_everything": "dk"}),
        stored({"clear": "na", "stars_for_everything": 1}),
        stored({}),
    ]
    assert columns(coder(), texts, "clear", "stars_for_everything", "why") == [
        [1, 1, NOT_SHOWN],
        [5, 11, 2],
        [DONT_KNOW, DONT_KNOW, NOT_SHOWN],
        [NOT_APPLICABLE, 2, NOT_SHOWN],
        [BLANK, BLANK, NOT_SHOWN],
    ]
    assert coder().codes(texts).eligible.all()


def test_multiple__is_chosen_or_not_by_choice_and_blank_where_skipped() -> None:
    texts = [stored({"contact": ["visit", "other"]}), stored({"contact": ["other"]}), stored({})]
    assert columns(coder(), texts, "contact.visit", "contact.other") == [[1, 1], [2, 1], [BLANK, BLANK]]


def test_conditional_item__shown_and_skipped__is_blank_and_not_hidden() -> None:
    assert columns(coder(), [stored({"clear": "d"})], "clear", "why") == [[4, BLANK]]


def test_conditional_items__are_told_apart_row_by_row_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coding, "_BLOCK", 2)
    texts = [stored({"clear": code}) for code in ("d", "a", "sd", "sa", "d")]
    expected = [[BLANK], [NOT_SHOWN], [BLANK], [NOT_SHOWN], [BLANK]]
    assert columns(coder(), texts, "why") == expected


def test_screened_out__by_one_code_of_a_multiple__is_not_eligible() -> None:
    found = coder().codes([stored({"contact": ["none"]}), stored({"contact": ["visit", "other"]})])
    assert found.eligible.tolist() == [False, True]


@pytest.mark.parametrize("kind", ["single", "likert"])
def test_screened_out__by_a_choice__is_not_eligible(kind: str) -> None:
    choices = {"choices": [{"code": "sa", "label": "x"}, {"code": "sd", "label": "y"}]}
    first: dict[str, object] = {
        "id": "contact",
        "type": kind,
        "text": "x",
        "screens_out": {"choices": ["sd"], "ends": "section"},
        **(choices if kind == "single" else {"scale": "agree5", "dimension": "d"}),
    }
    found = coder(questionnaire([first, ITEMS[2]])).codes(
        [stored({"contact": "sa", "clear": "a"}), stored({"contact": "sd"})]
    )
    assert found.eligible.tolist() == [True, False]
    assert columns(coder(questionnaire([first, ITEMS[2]])), [stored({"contact": "sa", "clear": "a"})], "clear") == [[2]]


def test_unit_that_the_person_does_not_know__is_not_eligible_and_nothing_of_it_was_left_blank_by_anybody() -> None:
    made = coder(questionnaire(repeat={"over": "units", "max": 2}))
    coded = made.codes(['{"clear":"a"}', '{"_known":"no"}', "{}"])
    assert coded.eligible.tolist() == [True, False, True]


def test_number_that_begins_like_another__is_told_apart() -> None:
    texts = [stored({"stars_for_everything": number, "day": "2026-01-01"}) for number in (1, 10)]
    assert columns(coder(), texts, "stars_for_everything") == [[2], [11]]


@pytest.mark.parametrize(
    "text",
    [
        '{"open_first": "spaced", "clear": "a"}',
        '{"clear":"a","contact":["visit"]}',
        '{"open_first":"quote \\" comma \\",\\" brace }","clear":"a"}',
        '{"open_first":"line\\nfeed","clear":"a"}',
        '{"open_first":",","clear":"a","open_last":"}"}',
        '{"contact":["other"],"contact.other":"说明","clear":"a"}',
        '{"how_often":2.25,"clear":"a","how":"else","how.other":"x","day":"2026-02-01"}',
        '{"never_asked":"x","clear":"a"}',
    ],
)
def test_unusual_text__is_read_as_json_reads_it(text: str) -> None:
    assert columns(coder(), [text, stored({"clear": "sa"}), text], "clear") == [[2], [1], [2]]


def test_answer_that_the_questionnaire_does_not_know__is_an_error_and_names_no_answer() -> None:
    with pytest.raises(UnreadableAnswer) as refused:
        coder().codes([stored({"clear": "maybe"})])
    assert "clear" in str(refused.value)
    assert "maybe" not in str(refused.value)


@pytest.mark.parametrize("answer", [["sa"], 3, True])
def test_answer_of_another_kind__is_an_error(answer: object) -> None:
    with pytest.raises(UnreadableAnswer):
        coder().codes([stored({"clear": answer})])


@pytest.mark.parametrize("answer", [["visit", "never"], "visit", 3])
def test_multiple_that_the_questionnaire_does_not_know__is_an_error(answer: object) -> None:
    with pytest.raises(UnreadableAnswer):
        coder().codes([stored({"contact": answer})])


def test_repeated_section__what_was_said_outside_decides_what_was_shown() -> None:
    outside = {
        "id": "who",
        "type": "single",
        "text": "x",
        "choices": [{"code": "y", "label": "y"}, {"code": "z", "label": "z"}],
    }
    inside = {"id": "clear", "type": "likert", "scale": "agree5", "dimension": "d", "text": "x",
              "visible_if": {"item": "who", "in": ["y"]}}  # fmt: skip
    asked = Questionnaire.model_validate_json(
        json.dumps(
            {
                "format": 1,
                "id": "q",
                "version": "2",
                "audience": "related_department",
                "title": "t",
                "dimensions": {"d": {"title": "d"}},
                "response_scales": {"agree5": AGREE},
                "sections": [
                    {"id": "one", "items": [outside]},
                    {"id": "two", "items": [inside], "repeat": {"over": "units", "max": 3}},
                ],
            }
        )
    )
    found = coder(asked)
    assert found.looks_outside
    codes = found.codes(["{}", "{}"], [{"who": "y"}, {"who": "z"}]).codes
    assert [item.id for item in found.spec.items] == ["who", "clear"]
    assert codes[:, 1].tolist() == [BLANK, NOT_SHOWN]


def test_no_rows__is_no_codes() -> None:
    found = coder().codes([])
    assert found.codes.shape == (0, 7)
    assert found.codes.dtype == np.int8

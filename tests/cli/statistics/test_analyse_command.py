"""`pingyi analyse`: what cells, frames and definitions mean, and everything that can be wrong with them."""

import json
from pathlib import Path
from typing import Any

import pytest

from survey_app.cli.statistics.definitions import definitions
from survey_app.cli.statistics.document import Cautions
from survey_app.cli.statistics.responses import read_responses
from survey_app.config import data_folder
from tests.cli.statistics.typed import errors, file, said

# A small questionnaire with a bit of everything.
LIKERT = {"type": "likert", "scale": "agree", "dimension": "ease"}
ASKED = {
    "format": 1,
    "id": "visit",
    "version": "1",
    "audience": "service_recipient",
    "title": "办事问卷",
    "response_scales": {
        "agree": {
            "choices": [{"code": code, "label": code} for code in ("sa", "a", "n", "d", "sd")],
            "missing": [{"code": "dk", "kind": "dont_know", "label": "不了解"}],
        }
    },
    "dimensions": {"ease": {"title": "便利"}},
    "sections": [
        {
            "id": "main",
            "items": [
                {
                    "id": "came",
                    "type": "multiple",
                    "text": "为什么来？",
                    "choices": [
                        {"code": "visit", "label": "办事"},
                        {"code": "ask", "label": "咨询"},
                        {"code": "else", "label": "其他", "other": True},
                        {"code": "no", "label": "没来过", "exclusive": True},
                    ],
                    "screens_out": {"choices": ["no"], "ends": "sitting"},
                },
                {**LIKERT, "id": "q1", "text": "一", "offer_missing": ["dk"]},
                {**LIKERT, "id": "q2", "text": "二", "offer_missing": ["dk"]},
                {
                    **LIKERT,
                    "id": "q3",
                    "text": "三",
                    "visible_if": {"item": "came", "in": ["visit"]},
                },
                {"id": "times", "type": "number", "min": 0, "max": 99, "text": "几次？"},
                {"id": "words", "type": "text", "text": "想说的", "max_length": 5},
            ],
        }
    ],
}
PLAN = {
    "format": 1,
    "id": "small",
    "version": "1",
    "points": {"agree": {"sa": 100, "a": 75, "n": 50, "d": 25, "sd": 0}},
    "indicators": [
        {
            "code": "ease",
            "title": "便利度",
            "audience": "service_recipient",
            "role": "suggested",
            "full_marks": 10,
            "parts": [{"dimension": "ease", "weight": 1}],
        }
    ],
}
HEADER = "response,unit,audience,stratum,came,q1,q2,q3,times,words"
ROW = "{id},{unit},service_recipient,,{answers}"


def small(
    folder: Path,
    responses: str,
    frame: str | None = None,
    questionnaires: tuple[dict[str, Any], ...] = (ASKED,),
    plan: dict[str, Any] = PLAN,
) -> list[str]:
    typed = ["analyse"]
    for one in questionnaires:
        typed += ["--questionnaire", str(file(folder, json.dumps(one), f"{one.get('id')}.json"))]
    typed += ["--plan", str(file(folder, json.dumps(plan), "plan.json"))]
    typed += ["--responses", str(file(folder, responses, "responses.csv"))]
    return typed if frame is None else [*typed, "--frame", str(file(folder, frame, "frame.csv"))]


def rows(*answers: str, unit: str = "u1", header: str = HEADER) -> str:
    lines = [ROW.format(id=at, unit=unit, answers=answer) for at, answer in enumerate(answers, start=1)]
    return "\n".join([header, *lines]) + "\n"


def score(found: dict[str, Any], unit: str = "u1") -> dict[str, Any]:
    return next(one for one in found["scores"] if one["unit"] == unit)


def caution(found: dict[str, Any], code: str) -> dict[str, Any]:
    return next(one["detail"] for one in found["cautions"] if one["code"] == code)


def test_answers__typed_missing_screened_and_hidden__count_as_the_questionnaire_says(tmp_path: Path) -> None:
    found = said(
        *small(
            tmp_path,
            rows(
                "visit;ask,sa,a,n,3,非常长的一段话",  # (100 + 75 + 50) / 3
                "ask,a,dk,,,",  # q3 is not shown; one of two eligible answered: 75
                "no,sa,sa,,,",  # screened out, although answers follow
                "ask,d,d,sa,,",  # q3 was answered although it was not shown
                " NA ,NA,, NA,,",  # nothing answered
            ),
        )
    )
    one = score(found)
    assert one["score"] == pytest.approx((75 + 75 + 25) / 3)
    assert (one["n_responses"], one["n_valid"], one["n_ineligible"], one["n_unscored"]) == (5, 3, 1, 1)
    assert one["points"] == pytest.approx(one["score"] / 10)
    # The screened-out person's two answers were hidden as well.
    assert caution(found, "hidden_answers_dropped") == {"columns": ["q1", "q2", "q3"], "answers": 3}
    assert caution(found, "no_frame") == {}


def test_words_beside_other__without_a_tick__mean_other(tmp_path: Path) -> None:
    header = HEADER.replace("came,", "came,came.other,")
    asked = json.loads(json.dumps(ASKED))
    asked["sections"][0]["items"][0]["screens_out"]["choices"] = ["else"]
    answered = rows(",来送材料,sa,a,,,", "visit,换证,sa,a,n,,", ",,sa,a,,,", header=header)
    assert score(said(*small(tmp_path, answered, questionnaires=(asked,))))["n_ineligible"] == 1


def test_frame__gives_sizes_order_and_units_without_answers(tmp_path: Path) -> None:
    frame = "unit,audience,stratum,size\nu9,service_recipient,,50\nu1,service_recipient,,10\n"
    found = said(*small(tmp_path, rows("visit,sa,a,n,,", "ask,a,a,,,", "ask,n,n,,,"), frame))
    assert [one["unit"] for one in found["scores"]] == ["u9", "u1"]
    assert (score(found)["population"], score(found, "u9")["population"]) == (10, 50)
    assert (score(found, "u9")["status"], score(found, "u9")["score"]) == ("not_scored", None)
    assert [one["code"] for one in score(found, "u9")["reasons"]] == ["no_answers"]
    assert found["cautions"] == []


@pytest.mark.parametrize("size", [0, 2])
def test_unit_with_more_answers_than_people__has_no_score_but_the_mean_of_what_came(tmp_path: Path, size: int) -> None:
    frame = f"unit,audience,stratum,size\nu1,service_recipient,,{size}\n"
    answers = rows("visit,sa,a,n,,", "ask,a,a,,,", "ask,n,n,,,")
    found, unsized = score(said(*small(tmp_path, answers, frame))), score(said(*small(tmp_path, answers)))
    assert (found["score"], found["se_unweighted"]) == (None, None)
    assert found["score_all"] == found["score_unweighted"] == unsized["score_unweighted"] is not None


def test_unit_that_is_not_in_the_frame__is_scored_and_named(tmp_path: Path) -> None:
    frame = "unit,audience,stratum,size\nu9,service_recipient,,50\n"
    found = said(*small(tmp_path, rows("visit,sa,a,n,,", "ask,a,a,,,"), frame))
    assert score(found)["score"] is not None
    assert caution(found, "units_not_in_frame") == {"units": ["u1"]}


def test_columns_that_nobody_knows__are_ignored_with_a_caution(tmp_path: Path) -> None:
    content = rows("visit,sa,a,n,,", "ask,a,a,,,").replace("times,words", "colour,weather")
    found = said(*small(tmp_path, content))
    assert caution(found, "columns_ignored") == {"columns": ["colour", "weather"]}
    assert caution(found, "items_not_in_file") == {"columns": ["times"]}


def test_two_questionnaires_of_one_audience__need_the_column_that_tells_them_apart(tmp_path: Path) -> None:
    other = {**ASKED, "id": "other"}
    plain = rows("visit,sa,a,n,,", "ask,a,a,,,")
    found = errors(*small(tmp_path, plain, questionnaires=(ASKED, other)))
    assert [(one["code"], one["row"]) for one in found] == [("questionnaire_unclear", 1), ("questionnaire_unclear", 2)]
    lines = plain.splitlines()
    told = "\n".join([f"{lines[0]},questionnaire", f"{lines[1]},visit", f"{lines[2]},other"])
    made = said(*small(tmp_path, told, questionnaires=(ASKED, other)))
    assert score(made)["n_valid"] == 2
    assert "questionnaires_pooled" in [one["code"] for one in score(made)["cautions"]]


def test_rows_of_an_audience_without_a_questionnaire__are_left_out_and_counted(tmp_path: Path) -> None:
    content = rows("visit,sa,a,n,,", "ask,a,a,,,") + "7,u1,staff,,,,,,,\n"
    found = said(*small(tmp_path, content))
    assert caution(found, "rows_without_questionnaire") == {"audiences": ["staff"], "rows": 1}
    assert score(found)["n_responses"] == 2


def test_empty_rows_at_the_end__are_no_responses(tmp_path: Path) -> None:
    found = said(*small(tmp_path, rows("visit,sa,a,n,,", "ask,a,a,,,") + ",,,,,,,,,\n,,,,,,,,,\n"))
    assert score(found)["n_responses"] == 2


def test_codes_that_look_like_numbers__stay_as_written(tmp_path: Path) -> None:
    coded = json.loads(json.dumps(ASKED).replace('"sa"', '"01"').replace('"sd"', '"1"'))
    planned = {**PLAN, "points": {"agree": {"01": 100, "a": 75, "n": 50, "d": 25, "1": 0}}}
    found = said(
        *small(
            tmp_path, rows("ask,01,01,,,", unit="007") + "9,7,service_recipient,,ask,1,1,,,\n", None, (coded,), planned
        )
    )
    assert {one["unit"]: one["score"] for one in found["scores"]} == {"007": 100, "7": 0}
    refused = errors(*small(tmp_path, rows("ask,1.0,001,,,"), None, (coded,), planned))
    assert [(one["code"], one["value"]) for one in refused] == [("unknown_choice", "1.0"), ("unknown_choice", "001")]


def test_responses__none_at_all__is_a_condition_of_the_data(tmp_path: Path) -> None:
    frame = "unit,audience,stratum,size\nu1,service_recipient,,10\n"
    found, empty = said(*small(tmp_path, HEADER + "\n", frame)), said(*small(tmp_path, HEADER + "\n"))
    assert score(found)["status"] == "not_scored"
    assert empty["scores"] == []
    assert set(empty) == set(found)
    assert (empty["confidence"], empty["drivers"]) == (0.95, [])


def test_faults_of_both_files__are_named_all_at_once(tmp_path: Path) -> None:
    content = (
        HEADER
        + "\n1,u1,service_recipient,,visit,yes,a,n,,\n"
        + "1,,service_recipient,,visit;no,a,a,n,120,\n"
        + "3,u1,everybody,,visit,a,a,n,,\n"
        + "4,u1,,,visit,a,a,n,some,\n"
    )
    frame = "unit,audience,stratum,size\nu1,service_recipient,,ten\nu1,service_recipient,,-1\n,staff,,1.5\n"
    found = errors(*small(tmp_path, content, frame))
    assert {(Path(one["file"]).name, one["code"], one["row"], one["column"]) for one in found} == {
        ("frame.csv", "not_a_number", 1, "size"),
        ("frame.csv", "negative", 2, "size"),
        ("frame.csv", "frame_twice", 2, "unit"),
        ("frame.csv", "not_whole", 3, "size"),
        ("frame.csv", "empty_cell", 3, "unit"),
        ("responses.csv", "unknown_choice", 1, "q1"),
        ("responses.csv", "response_twice", 2, "response"),
        ("responses.csv", "empty_cell", 2, "unit"),
        ("responses.csv", "unknown_audience", 3, "audience"),
        ("responses.csv", "empty_cell", 4, "audience"),
    }


def test_answers_that_the_questionnaire_refuses__are_named_with_row_and_column(tmp_path: Path) -> None:
    found = errors(*small(tmp_path, rows("visit;no,SA,a,5,120,", "x,,,dk,some,", "ask,a,a,,1.5,")))
    assert [(one["code"], one["row"], one["column"]) for one in found] == [
        ("exclusive_beside_others", 1, "came"),
        ("unknown_choice", 1, "q1"),
        ("unknown_choice", 1, "q3"),
        ("out_of_range", 1, "times"),
        ("unknown_choice", 2, "came"),
        ("unknown_choice", 2, "q3"),
        ("not_a_number", 2, "times"),
        ("not_whole", 3, "times"),
    ]
    assert "sa, a, n, d, sd, dk" in found[1]["zh"]


@pytest.mark.parametrize("column", ["response", "unit", "audience", "stratum"])
def test_column_that_every_file_of_responses_has__is_missed(tmp_path: Path, column: str) -> None:
    found = errors(*small(tmp_path, rows("visit,sa,a,n,,").replace(f"{column},", f"{column}x,", 1)))
    assert [(one["code"], one["value"]) for one in found] == [("missing_column", column)]


def test_file_without_any_item__is_refused(tmp_path: Path) -> None:
    found = errors(*small(tmp_path, "response,unit,audience,stratum\n1,u1,service_recipient,\n"))
    assert [one["code"] for one in found] == ["no_item_in_file"]


def test_definitions_with_errors__are_refused_with_a_pointer(tmp_path: Path) -> None:
    broken = json.loads(json.dumps(ASKED))
    broken["sections"][0]["items"][1]["scale"] = "agre"
    found = errors(*small(tmp_path, rows("visit,sa,a,n,,"), questionnaires=(broken,)))
    assert ("unknown_scale", "/sections/0/items/1/scale") in [(one["code"], one["pointer"]) for one in found]
    assert found[0]["file"].endswith("visit.json")
    wrong = {**PLAN, "points": {"agree": {"sa": 100}}}
    assert all(one["file"].endswith("plan.json") for one in errors(*small(tmp_path, rows(), plan=wrong)))
    twice = errors(*small(tmp_path, rows(), questionnaires=(ASKED, ASKED)))
    assert [one["code"] for one in twice] == ["questionnaire_twice"]
    typed = small(tmp_path, rows())
    (tmp_path / "plan.json").write_text("{")
    assert [one["code"] for one in errors(*typed)] == ["invalid_json"]
    typed[typed.index("--plan") + 1] = str(tmp_path / "nowhere.json")
    assert [one["code"] for one in errors(*typed)] == ["unreadable"]


def test_item_with_the_name_of_a_fixed_column__is_refused(tmp_path: Path) -> None:
    clash = json.loads(json.dumps(ASKED).replace('"times"', '"period"'))
    found = errors(*small(tmp_path, rows("visit,sa,a,n,,"), questionnaires=(clash,)))
    assert [(one["code"], one["value"]) for one in found] == [("reserved_item", "period")]


def test_sittings__are_those_of_the_file_and_a_row_without_one_is_its_own(tmp_path: Path) -> None:
    lines = rows("ask,a,a,,,", "ask,a,a,,,", "ask,a,a,,,", "ask,a,a,,,", "ask,a,a,,,").splitlines()
    told = [
        lines[0] + ",sitting",
        *(line + "," + name for line, name in zip(lines[1:], ("x", "", "y", "x", ""), strict=True)),
    ]
    small(tmp_path, "\n".join(told))
    found = definitions([tmp_path / "visit.json"], tmp_path / "plan.json", Cautions())
    answers = read_responses(tmp_path / "responses.csv", found, None, Cautions()).answers[0]
    one, two, three, four, five = answers.sitting.tolist()
    assert one == four
    assert len({one, two, three, five}) == 4


def test_departments__count_the_same_and_sittings_tie_rows_together(tmp_path: Path) -> None:
    asked = json.loads(json.dumps(ASKED).replace("service_recipient", "related_department"))
    planned = json.loads(json.dumps(PLAN).replace("service_recipient", "related_department"))
    planned["indicators"][0]["levels"] = [{"by": "department"}, {"by": "response"}]
    lines = [
        "response,unit,audience,stratum,department,sitting,seconds,came,q1,q2,q3",
        "1,01,related_department,,d1,s1,60,ask,sa,sa,",
        "2,01,related_department,,d1,s2,NA,ask,n,n,",
        "3,01,related_department,,d2,s3,45.5,ask,sd,sd,",
        "4,02,related_department,,d1,s1,60,ask,a,a,",
        "5,02,related_department,,,,30,ask,a,a,",
    ]
    frame = "unit,audience,stratum,size\n01,related_department,,3\n02,related_department,,3\n"
    found = said(*small(tmp_path, "\n".join(lines), frame, (asked,), planned))
    # Departments, not responses: the mean of 75 and 0.
    assert score(found, "01")["score"] == pytest.approx(37.5)
    assert (score(found, "01")["n_departments"], score(found, "01")["population"]) == (2, 3)
    assert (score(found, "02")["score"], score(found, "02")["n_departments"]) == (75, 2)
    wrong = "\n".join(lines).replace(",60,", ",-60,").replace("45.5", "soon")
    refused = errors(*small(tmp_path, wrong, frame, (asked,), planned))
    assert [(one["code"], one["row"], one["column"]) for one in refused] == [
        ("negative", 1, "seconds"),
        ("not_a_number", 3, "seconds"),
        ("negative", 4, "seconds"),
    ]


def test_release__says_nothing_of_how_many_rows_a_caution_is_about(tmp_path: Path) -> None:
    content = rows("ask,sa,a,a,,", "ask,a,a,,,", "no,sa,,,,") + "7,u1,staff,,,,,,,\n"
    plain, released = said(*small(tmp_path, content)), said(*small(tmp_path, content), "--release")
    assert caution(plain, "rows_without_questionnaire")["rows"] == 1
    assert caution(plain, "hidden_answers_dropped")["answers"] == 2
    for one in released["cautions"]:
        assert not [value for value in one["detail"].values() if isinstance(value, int)]
        assert not any(figure in one["zh"] + one["en"] for figure in "0123456789" if "questionnaire" in one["code"])
    assert score(released)["status"] == "suppressed"


def test_built_in_plan__with_one_of_its_questionnaires__computes_what_that_one_answers(tmp_path: Path) -> None:
    folder = data_folder("questionnaires")
    definitions = [folder / "service_recipient.json", folder / "plans" / "default.json"]
    likert = "sr_acc_info,sr_acc_once,sr_acc_steps"
    content = f"response,unit,audience,stratum,sr_contact,{likert}\n"
    content += "".join(f"{at},局{at % 2},service_recipient,,handle,sa,a,n\n" for at in range(8))
    typed = ("--questionnaire", definitions[0], "--plan", definitions[1], "--responses", file(tmp_path, content))
    found = said("analyse", *typed)
    assert [one["unit"] for one in found["scores"]] == ["局0", "局1"]
    assert {one["indicator"] for one in found["scores"]} == {"public_satisfaction"}
    assert caution(found, "questionnaires_not_given") == {"questionnaires": ["service_recipient_inspected"]}
    assert "workload_staffing" in caution(found, "indicators_left_out")["indicators"]
    assert "sr_con_manner" in caution(found, "items_not_in_file")["columns"]
    # Four of five dimensions were not asked, and nothing is stretched over them.
    assert {one["status"] for one in found["scores"]} == {"not_scored"}


def test_variant__before_or_without_its_base__is_checked_against_it(tmp_path: Path) -> None:
    variant = {**json.loads(json.dumps(ASKED)), "id": "other", "variant_of": "visit"}
    lines = rows("ask,sa,a,,,", "ask,a,a,,,").splitlines()
    told = "\n".join([f"{lines[0]},questionnaire", f"{lines[1]},other", f"{lines[2]},visit"])
    assert score(said(*small(tmp_path, told, questionnaires=(variant, ASKED))))["n_valid"] == 2
    nowhere = {**variant, "variant_of": "unheard_of"}
    assert "variant_base_unknown" in {one["code"] for one in errors(*small(tmp_path, told, questionnaires=(nowhere,)))}


def test_plan_of_which_nothing_can_be_computed__has_no_scores_and_says_so(tmp_path: Path) -> None:
    about_others = json.loads(json.dumps(PLAN).replace("service_recipient", "related_department"))
    found = said(*small(tmp_path, rows("ask,sa,a,,,"), plan=about_others))
    assert found["scores"] == []
    assert caution(found, "indicators_left_out") == {"indicators": ["ease"]}


def test_plan__is_checked_as_far_as_it_is_computed_with_places_as_written(tmp_path: Path) -> None:
    other = {**PLAN["indicators"][0], "code": "other", "audience": "staff", "parts": [{"dimension": "x", "weight": 1}]}
    wrong = {**PLAN["indicators"][0], "code": "wrong", "parts": [{"dimension": "nothing", "weight": 1}]}
    found = errors(*small(tmp_path, rows("ask,sa,a,,,"), plan={**PLAN, "indicators": [other, wrong]}))
    assert [one["pointer"] for one in found] == ["/indicators/1/parts/0/dimension"]
    half = {**PLAN["indicators"][0], "questionnaires": ["visit", "not_given"]}
    made = said(*small(tmp_path, rows("ask,sa,a,,,"), plan={**PLAN, "indicators": [half]}))
    assert caution(made, "questionnaires_not_given") == {"questionnaires": ["not_given"]}
    assert score(made)["n_valid"] == 1

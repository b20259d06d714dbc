"""`pingyi questionnaire check`, `plan check` and `campaign check` on files and folders."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from click import Command
from click.testing import CliRunner

from survey_app.campaigns.export.workbook import workbook
from survey_app.cli.main import main
from survey_app.cli.questionnaire import check_setup
from survey_app.config import data_folder
from survey_app.questionnaire.loading import MAX_BYTES
from tests.questionnaire.documents import RULES, item, load_rule

PUBLISHED = ["file", "severity", "code", "pointer", "message", "remedy"]


def run(*arguments: object, command: Command = main) -> tuple[int, str]:
    result = CliRunner().invoke(command, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def findings(*arguments: object, command: Command = main) -> tuple[int, list[dict[str, str]]]:
    code, output = run(*arguments, "--json", command=command)
    published: dict[str, list[dict[str, str]]] = json.loads(output)
    assert list(published) == ["findings"]
    assert all(list(finding) == PUBLISHED for finding in published["findings"])
    return code, published["findings"]


def write(path: Path, document: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def copy(name: str, to: Path) -> Path:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(RULES / name, to)
    return to


def test_valid_file__checked__exits_0_and_says_so(tmp_path: Path) -> None:
    path = copy("valid_questionnaire.json", tmp_path / "q.json")
    assert findings("questionnaire", "check", path) == (0, [])
    code, output = run("questionnaire", "check", path)
    assert code == 0
    assert "errors: 0, warnings: 0" in output


def test_warning_alone__checked__exits_0(tmp_path: Path) -> None:
    path = copy("no_reversed_item.json", tmp_path / "q.json")
    code, found = findings("questionnaire", "check", path)
    assert code == 0
    assert [(one["severity"], one["code"], one["file"]) for one in found] == [
        ("warning", "no_reversed_item", str(path))
    ]


def test_error__checked__exits_1_with_place_and_remedy_in_both_languages(tmp_path: Path) -> None:
    path = copy("unknown_scale.json", tmp_path / "q.json")
    code, [finding] = findings("questionnaire", "check", path)
    assert code == 1
    assert finding["pointer"] == "/sections/0/items/1/scale"
    assert finding["message"].endswith("No response scale “agre”. Did you mean “agree”?")
    assert "没有量表“agre”" in finding["message"].split(" / ")[0]
    assert " / " in finding["remedy"]
    code, output = run("questionnaire", "check", path)
    assert code == 1
    assert f"{path} /sections/0/items/1/scale" in output
    assert "errors: 1, warnings: 0" in output


def test_path__that_cannot_be_read__is_a_finding(tmp_path: Path) -> None:
    code, [finding] = findings("questionnaire", "check", tmp_path / "absent.json")
    assert (code, finding["code"], finding["file"]) == (1, "unreadable", str(tmp_path / "absent.json"))
    for group in ("questionnaire", "plan"):
        assert findings(group, "check", tmp_path / "absent")[0] == 1
    assert findings(tmp_path / "absent", command=check_setup)[0] == 1


def test_folder_without_documents__checked__is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing", encoding="utf-8")
    code, [finding] = findings("questionnaire", "check", tmp_path)
    assert (code, finding["code"], finding["file"]) == (1, "no_files", str(tmp_path))


def test_file_over_ten_megabytes__checked__is_refused_with_its_real_size(tmp_path: Path) -> None:
    path = tmp_path / "big.json"
    path.write_bytes(b" " * (MAX_BYTES + 1000))
    code, [finding] = findings("questionnaire", "check", path)
    assert (code, finding["code"]) == (1, "too_large")
    assert str(MAX_BYTES + 1000) in finding["message"]


def test_folder__checked__is_walked_for_documents_of_its_kind(tmp_path: Path) -> None:
    bad = copy("unknown_scale.json", tmp_path / "deep" / "q.json")
    broken = copy("invalid_json.json", tmp_path / "broken.json")
    copy("valid_plan.json", tmp_path / "plans" / "p.json")
    copy("valid_setup.json", tmp_path / "setups" / "s.json")
    write(tmp_path / "schema" / "questionnaire.schema.json", {"type": "object"})
    code, found = findings("questionnaire", "check", tmp_path)
    assert code == 1
    assert {(one["file"], one["code"]) for one in found} == {
        (str(bad), "unknown_scale"),
        (str(broken), "invalid_json"),
    }


def test_file_with_a_name_in_another_encoding__checked__is_named_as_well_as_can_be(tmp_path: Path) -> None:
    path = copy("missing.json", Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.json")))
    code, [finding] = findings("questionnaire", "check", path)
    assert (code, finding["file"]) == (1, f"{tmp_path}/??.json")
    assert run("questionnaire", "check", tmp_path)[0] == 1


def test_several_paths__checked__report_each(tmp_path: Path) -> None:
    good = copy("valid_questionnaire.json", tmp_path / "good.json")
    bad = copy("missing.json", tmp_path / "bad.json")
    code, found = findings("questionnaire", "check", good, bad, tmp_path / "absent.json")
    assert code == 1
    assert [one["code"] for one in found] == ["missing", "unreadable"]


def test_variant__with_its_base_beside__is_checked_against_it(tmp_path: Path) -> None:
    path = copy("item_means_something_else.json", tmp_path / "v.json")
    assert [one["code"] for one in findings("questionnaire", "check", path)[1]] == ["variant_base_unknown"]
    copy("valid_questionnaire.json", tmp_path / "q.json")
    assert [one["code"] for one in findings("questionnaire", "check", path)[1]] == ["item_means_something_else"]


def test_plan__with_questionnaires_beside_above_or_named__is_checked_against_them(tmp_path: Path) -> None:
    alone = copy("valid_plan.json", tmp_path / "a" / "p.json")
    # The built-in staff questionnaire has no dimension "d".
    code, found = findings("plan", "check", alone)
    assert code == 1
    assert "dimension_not_in" in {one["code"] for one in found}
    copy("valid_questionnaire.json", tmp_path / "b" / "staff" / "q.json")
    named = tmp_path / "b" / "staff"
    assert findings("plan", "check", alone, "--questionnaires", named) == (0, [])


def test_plan__that_names_no_questionnaires__takes_those_beside_it_and_not_the_built_in_ones(tmp_path: Path) -> None:
    path = copy("valid_plan.json", tmp_path / "p.json")
    copy("valid_questionnaire.json", tmp_path / "q.json")
    assert findings("plan", "check", path) == (0, [])


def test_built_in_documents__checked__have_no_errors() -> None:
    folder = data_folder("questionnaires")
    for group in ("questionnaire", "plan"):
        code, found = findings(group, "check", folder)
        assert code == 0
        assert [one for one in found if one["severity"] == "error"] == []
    assert findings(folder / "setups" / "demo.json", command=check_setup)[0] == 0


def test_setup__naming_what_lies_beside_it__is_checked_with_it(tmp_path: Path) -> None:
    path = copy("valid_setup.json", tmp_path / "setup.json")
    assert {one["code"] for one in findings(path, command=check_setup)[1]} == {"unknown_questionnaire", "unknown_plan"}
    copy("valid_questionnaire.json", tmp_path / "questionnaires" / "q.json")
    copy("valid_plan.json", tmp_path / "plans" / "p.json")
    assert findings(path, command=check_setup) == (0, [])


def test_setup_in_a_subfolder__finds_questionnaires_one_folder_up(tmp_path: Path) -> None:
    path = copy("valid_setup.json", tmp_path / "setups" / "s.json")
    copy("valid_questionnaire.json", tmp_path / "q.json")
    copy("valid_plan.json", tmp_path / "plans" / "p.json")
    assert "unknown_questionnaire" not in {one["code"] for one in findings(path, command=check_setup)[1]}


def test_setup__whose_questionnaire_cannot_be_read__says_why(tmp_path: Path) -> None:
    path = copy("valid_setup.json", tmp_path / "s.json")
    copy("valid_plan.json", tmp_path / "p.json")
    broken = copy("string_type.json", tmp_path / "broken.json")
    code, found = findings(path, command=check_setup)
    assert code == 1
    assert {("unknown_questionnaire", str(path)), ("string_type", str(broken))} <= {
        (one["code"], one["file"]) for one in found
    }


def test_setup__too_small_for_a_background_item__is_refused_at_the_item(tmp_path: Path) -> None:
    path = copy("valid_setup.json", tmp_path / "s.json")
    copy("valid_plan.json", tmp_path / "p.json")
    document = json.loads((RULES / "valid_questionnaire.json").read_bytes())
    years = item("years", "single", choices=[{"code": f"c{n}", "label": "年"} for n in range(9)])
    document["sections"][0]["items"].append(years)
    asked = write(tmp_path / "q.json", document)
    code, found = findings(path, command=check_setup)
    assert code == 1
    assert ("cell_too_small", str(asked), "/sections/0/items/3") in {
        (one["code"], one["file"], one["pointer"]) for one in found
    }


def test_setup_in_excel__checked__is_judged_like_json_and_names_the_cell(tmp_path: Path) -> None:
    path = tmp_path / "s.xlsx"
    path.write_bytes(workbook(load_rule("valid_setup.json", "setup")))
    code, found = findings(path, command=check_setup)
    assert (code, {one["code"] for one in found}) == (1, {"unknown_questionnaire", "unknown_plan"})
    cells = {one["file"].partition(".xlsx ")[2] for one in found}
    assert len(cells) == 2
    assert all(cell.startswith("评估轮次!B") for cell in cells)
    copy("valid_questionnaire.json", tmp_path / "q.json")
    copy("valid_plan.json", tmp_path / "p.json")
    assert findings(path, command=check_setup) == (0, [])


def test_broken_excel_file__checked__is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "s.xlsx"
    path.write_bytes(b"PK\x03\x04 no workbook")
    code, found = findings(path, command=check_setup)
    assert code == 1
    assert [one["file"] for one in found] == [str(path)]


@pytest.mark.parametrize("name", ["invalid_utf8.json", "lone_surrogate.json", "too_deep.json"])
def test_hostile_file__checked__prints_json_all_the_same(tmp_path: Path, name: str) -> None:
    path = copy(name, tmp_path / "x.json")
    code, found = findings("questionnaire", "check", path)
    assert (code, [one["code"] for one in found]) == (1, [name.removesuffix(".json")])

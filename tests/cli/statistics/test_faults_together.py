"""Everything that is wrong with the input of an offline command is said at once, whatever kind of thing it is."""

import json
from pathlib import Path

import pytest

from tests.cli.statistics import synthetic
from tests.cli.statistics.typed import errors, file

DATA = "u,a,b\nX,1,x\nY,7,2\nZ,3\n"


def places(found: list[dict[str, object]]) -> list[tuple[object, object, object]]:
    return [(one["code"], one["row"], one["column"]) for one in found]


@pytest.mark.parametrize(
    ("command", "more"),
    [
        ("reliability", ("--reverse", "c")),
        ("quality", ("--reverse", "c")),
        ("agreement", ("--unit", "u")),
    ],
)
def test_command_names_and_cells__all_wrong__are_all_named(tmp_path: Path, command: str, more: tuple[str, ...]) -> None:
    path = file(tmp_path, DATA)
    found = places(errors(command, path, "--items", "a,zz,b", "--range", "1,5", *more))
    assert [place for place in found if place[0] != "reverse_not_an_item"] == [
        ("unknown_item", None, "zz"),
        ("not_a_number", 1, "b"),
        ("outside_range", 2, "a"),
        ("row_width", 3, None),
    ]
    assert (("reverse_not_an_item", None, None) in found) == ("--reverse" in more)


def test_columns_of_times_and_units__unknown_beside_bad_cells__are_named_too(tmp_path: Path) -> None:
    path = file(tmp_path, DATA)
    typed = ("--items", "a,b", "--range", "1,5")
    assert ("unknown_column", None, "took") in places(errors("quality", path, *typed, "--seconds", "took"))
    found = places(errors("agreement", path, *typed, "--unit", "unit"))
    assert found[0] == ("unknown_column", None, "unit")
    assert ("outside_range", 2, "a") in found


def test_range_that_is_none__beside_bad_cells__is_named_too(tmp_path: Path) -> None:
    path = file(tmp_path, DATA)
    found = places(errors("agreement", path, "--unit", "u", "--items", "a,b,a", "--range", "5,1"))
    assert found == [
        ("item_twice", None, None),
        ("range_wrong", None, None),
        ("not_a_number", 1, "b"),
        ("row_width", 3, None),
    ]


def test_file_that_cannot_be_opened__beside_a_wrong_option__is_named_too(tmp_path: Path) -> None:
    found = errors("reliability", tmp_path / "none.csv", "--items", "a,a", "--polychoric")
    assert [one["code"] for one in found] == ["item_twice", "range_needed", "unreadable"]


def test_column_that_is_not_there__is_said_once_in_the_sentence(tmp_path: Path) -> None:
    one = errors("ranks", file(tmp_path, "unit,score\nA,1\n"))[0]
    assert (one["code"], one["column"], one["value"]) == ("missing_column", "se", "se")
    assert one["en"] == "The column “se” is missing. Columns: unit, score."


def test_files_of_analyse__none_can_be_used__are_all_named(tmp_path: Path) -> None:
    typed = ["analyse"]
    for option in ("--questionnaire", "--questionnaire", "--plan", "--responses", "--frame"):
        typed += [option, str(tmp_path / f"{len(typed)}{option}")]
    found = errors(*typed)
    assert [one["code"] for one in found] == ["unreadable"] * 5
    assert len({one["file"] for one in found}) == 5


def test_definitions_with_errors__columns_missed_in_the_data__are_named_too(tmp_path: Path) -> None:
    plan = file(tmp_path, "{", "plan.json")
    asked = file(tmp_path, json.dumps(synthetic.questionnaire("staff")), "staff.json")
    data = file(tmp_path, "response,unit,stratum\n1,u1,\n")
    frame = file(tmp_path, "unit,audience,stratum,size\nu1,staff,,ten\nu2,staff,,\n", "frame.csv")
    found = errors("analyse", "--questionnaire", asked, "--plan", plan, "--responses", data, "--frame", frame)
    assert places(found) == [
        ("invalid_json", None, None),
        ("not_a_number", 1, "size"),
        ("empty_cell", 2, "size"),
        ("missing_column", None, "audience"),
    ]

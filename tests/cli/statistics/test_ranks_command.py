"""`pingyi ranks`: sets through CSV and JSON, and units without one."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from survey_app.cli.statistics import ranks
from tests.cli.statistics.typed import errors, file, golden, run, said

CARELESS = ",".join(f"q{at}" for at in range(1, 25))
LEAD = ",".join(f"LEAD{at:02}" for at in range(1, 12))
EXACT = 1e-9


def reasons(found: dict[str, Any]) -> dict[str, list[str]]:
    return {one["code"]: one["detail"].get("of", []) for one in found["cautions"]}


def scores(folder: Path, more: str = "") -> Path:
    rows = "".join(f"u{at},{50 + 3 * at},{1 + at % 3}\n" for at in range(10))
    return file(folder, f"unit,score,se{more and ',note'}\n{rows.replace(chr(10), more + chr(10))}")


def test_ranks__the_highest_score_is_first_and_the_seed_decides(tmp_path: Path) -> None:
    path = scores(tmp_path)
    found = said("ranks", path)
    assert [one["rank"] for one in found["units"]] == list(range(10, 0, -1))
    assert all(one["lower"] <= one["rank"] <= one["upper"] for one in found["units"])
    assert any(one["upper"] > one["lower"] for one in found["units"])
    assert said("ranks", path) == found
    assert said("ranks", path, "--seed", "7")["units"] != [] and said("ranks", path, "--seed", "7")["seed"] == 7


def test_lq2002__sets__are_those_of_csranks_within_a_place(tmp_path: Path) -> None:
    means, errors_of = golden("lq2002_lead", "unit.mean"), golden("lq2002_lead", "unit.se")
    rows = "".join(f"{unit},{means[unit]!r},{errors_of[unit]!r}\n" for unit in means)
    found = said("ranks", file(tmp_path, f"unit,score,se\n{rows}"), "--seed", "1")["units"]
    r = golden("lq2002_lead", "csranks.simul.seed1.R10000")
    for name, bounds in (("lower", r["L"]), ("upper", r["U"])):
        apart = np.abs(np.array([one[name] for one in found]) - np.array(bounds))
        assert apart.max() <= 1
        assert np.count_nonzero(apart) <= 5


def test_rows__in_another_order__give_the_same_sets(tmp_path: Path) -> None:
    lines = scores(tmp_path).read_text().splitlines()
    moved = file(tmp_path, "\n".join([lines[0], *reversed(lines[1:])]), "moved.csv")
    by_unit = [{one["unit"]: one for one in said("ranks", path)["units"]} for path in (tmp_path / "data.csv", moved)]
    assert by_unit[0] == by_unit[1]


def test_unit_without_a_score__has_no_place_and_a_caution(tmp_path: Path) -> None:
    found = said("ranks", file(tmp_path, "unit,score,se\nx,70,1\ny,,1\nz,60,NA\nw,50,1\n"))
    assert [one["rank"] for one in found["units"]] == [1, None, None, 2]
    caution = next(one for one in found["cautions"] if one["code"] == "unit_without_score")
    assert caution["detail"]["units"] == ["y", "z"]


@pytest.mark.parametrize("content", ["unit,score,se\n", "unit,score,se\nx,1,1\n"])
def test_one_unit_or_none__has_no_set(tmp_path: Path, content: str) -> None:
    found = said("ranks", file(tmp_path, content))
    assert "undefined_one_unit" in reasons(found)
    assert all(one["lower"] is None for one in found["units"])


def test_standard_error_of_zero__is_a_caution(tmp_path: Path) -> None:
    found = said("ranks", file(tmp_path, "unit,score,se\nx,1,0\ny,2,1\nz,3,0\n"))
    assert next(one for one in found["cautions"] if one["code"] == "rank_without_error")["detail"]["units"] == [
        "x",
        "z",
    ]


def test_columns_that_are_not_used__are_named(tmp_path: Path) -> None:
    found = said("ranks", scores(tmp_path, ",x"))
    assert next(one for one in found["cautions"] if one["code"] == "columns_ignored")["detail"]["columns"] == ["note"]


def test_bad_input__is_named_all_at_once(tmp_path: Path) -> None:
    found = errors("ranks", file(tmp_path, "unit,score,se\nx,1,-1\ny,b,1\n,2,1\nx,2,1\n"))
    assert [(one["code"], one["row"], one["column"]) for one in found] == [
        ("negative", 1, "se"),
        ("not_a_number", 2, "score"),
        ("empty_cell", 3, "unit"),
        ("unit_twice", 4, "unit"),
    ]
    missing = errors("ranks", file(tmp_path, "unit,points\nx,1\n"))
    assert [(one["code"], one["value"]) for one in missing] == [
        ("missing_column", "score"),
        ("missing_column", "se"),
    ]


def test_units__too_many_to_compare__have_places_and_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file(tmp_path, "unit,score,se\nA,70,1\nB,80,1\nC,80,2\nD,,1\nE,60,1\n")
    sets = said("ranks", path)
    monkeypatch.setattr(ranks, "MOST_UNITS", 3)
    found = said("ranks", path)
    assert [one["rank"] for one in found["units"]] == [one["rank"] for one in sets["units"]] == [3, 1, 1, None, 4]
    assert {one[name] for one in found["units"] for name in ("lower", "upper")} == {None}
    caution = next(one for one in found["cautions"] if one["code"] == "too_many_to_compare")
    assert (caution["severity"], caution["detail"]) == ("undefined", {"n": 4, "most": 3})
    assert run("ranks", path).exit_code == 0

"""`pingyi agreement`: R's numbers through CSV and JSON, and data that have none."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cli.statistics.typed import GOLDEN, errors, file, golden, run, said

CARELESS = ",".join(f"q{at}" for at in range(1, 25))
LEAD = ",".join(f"LEAD{at:02}" for at in range(1, 12))
EXACT = 1e-9


def reasons(found: dict[str, Any]) -> dict[str, list[str]]:
    return {one["code"]: one["detail"].get("of", []) for one in found["cautions"]}


def test_lq2002__icc_and_r_wg__are_those_of_r() -> None:
    path = GOLDEN / "lq2002_lead.csv"
    found = said("agreement", path, "--unit", "COMPID", "--items", LEAD, "--range", "1,5")
    assert found["n_units"] == 49
    assert found["scale"]["icc2"] == pytest.approx(golden("lq2002_lead", "multilevel.ICC2"), abs=EXACT)
    anova = golden("lq2002_lead", "icc_anova")
    between, within, n0 = anova["MSB"], anova["MSW"], anova["n0"]
    assert found["scale"]["icc1"] == pytest.approx((between - within) / (between + (n0 - 1) * within), abs=1e-8)
    assert found["items"]["LEAD01"]["n0"] == pytest.approx(n0, abs=1e-8)
    single = golden("lq2002_lead", "rwg.single.LEAD01")
    assert {unit: max(value, 0) for unit, value in found["items"]["LEAD01"]["r_wg"].items()} == pytest.approx(
        single, abs=EXACT
    )
    assert found["scale"]["r_wg_j"] == pytest.approx(golden("lq2002_lead", "rwgj.uniform"), abs=EXACT)
    tau2, errors_of = golden("lq2002_lead", "eb.PM")["tau2"], golden("lq2002_lead", "unit.se")
    expected = {unit: tau2 / (tau2 + se**2) for unit, se in errors_of.items()}
    assert found["scale"]["unit_reliability"] == pytest.approx(expected, abs=1e-5)


def test_r_wg__below_zero__stays_below_zero(tmp_path: Path) -> None:
    path = file(tmp_path, "u,a\nx,1\nx,5\nx,1\nx,5\ny,3\ny,4\n")
    found = said("agreement", path, "--unit", "u", "--items", "a", "--range", "1,5")
    assert found["items"]["a"]["r_wg"]["x"] == pytest.approx(1 - (16 / 3) / 2, abs=EXACT)


@given(order=st.permutations(range(40)))
@settings(max_examples=10, deadline=None)
def test_rows__in_another_order__change_nothing(tmp_path_factory: pytest.TempPathFactory, order: list[int]) -> None:
    rows = [f"u{at % 7},{at * 7 % 5 + 1},{at * 3 % 4 + 2}\n" for at in range(40)]
    folder = tmp_path_factory.mktemp("order")
    typed = ("--unit", "u", "--items", "a,b", "--range", "1,5")
    first = said("agreement", file(folder, "u,a,b\n" + "".join(rows)), *typed)
    moved = file(folder, "u,a,b\n" + "".join(rows[at] for at in order), "moved.csv")
    assert said("agreement", moved, *typed) == first


@pytest.mark.parametrize(
    "content",
    [
        "u,a,b\n",
        "u,a,b\nx,1,2\n",
        "u,a,b\nx,1,2\nx,2,3\nx,3,3\n",
        "u,a,b\nx,1,2\ny,2,3\nz,3,3\n",
        "u,a,b\nx,3,3\nx,3,3\ny,3,3\ny,3,3\n",
        "u,a,b\nx,,\nx,,\ny,,\ny,1,\n",
        "u,a,b\n,1,2\n,2,3\n",
    ],
)
def test_data_without_some_numbers__give_null_with_a_reason(tmp_path: Path, content: str) -> None:
    path = file(tmp_path, content)
    found = said("agreement", path, "--unit", "u", "--items", "a,b", "--range", "1,5")
    undefined = {
        of for one in found["cautions"] if one["severity"] == "undefined" for of in one["detail"].get("of", [])
    }
    for name in ("icc1", "icc2"):
        assert (found["scale"][name] is None) == (f"scale {name}" in undefined)
        assert (found["items"]["b"][name] is None) == (f"b {name}" in undefined)
    assert (None in found["scale"]["r_wg_j"].values()) == ("scale r_wg_j" in undefined)
    assert run("agreement", path, "--unit", "u", "--items", "a,b", "--range", "1,5").exit_code == 0


def test_rows_without_a_unit__are_left_out_and_counted(tmp_path: Path) -> None:
    path = file(tmp_path, "u,a\nx,1\n,2\nNA,5\nx,3\ny,3\ny,5\n")
    found = said("agreement", path, "--unit", "u", "--items", "a", "--range", "1,5")
    assert (found["n"], found["n_units"]) == (4, 2)
    assert next(one["detail"] for one in found["cautions"] if one["code"] == "rows_without_unit") == {"rows": 2}


def test_answer_outside_the_range__is_bad_input(tmp_path: Path) -> None:
    found = errors("agreement", file(tmp_path, "u,a\nx,0\ny,6\n"), "--unit", "u", "--items", "a", "--range", "1,5")
    assert [(one["code"], one["row"], one["value"]) for one in found] == [
        ("outside_range", 1, "0"),
        ("outside_range", 2, "6"),
    ]

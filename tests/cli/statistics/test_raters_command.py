"""`pingyi raters`: R's numbers through CSV and JSON, and ratings that have none."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.statistics.typed import GOLDEN, errors, file, golden, run, said

CARELESS = ",".join(f"q{at}" for at in range(1, 25))
LEAD = ",".join(f"LEAD{at:02}" for at in range(1, 12))
EXACT = 1e-9


def reasons(found: dict[str, Any]) -> dict[str, list[str]]:
    return {one["code"]: one["detail"].get("of", []) for one in found["cautions"]}


R_NAMES = {
    "ICC(1,1)": "icc.oneway.consistency.single",
    "ICC(1,k)": "icc.oneway.consistency.average",
    "ICC(C,1)": "icc.twoway.consistency.single",
    "ICC(C,k)": "icc.twoway.consistency.average",
    "ICC(A,1)": "icc.twoway.agreement.single",
}


def test_raters__complete__are_those_of_r() -> None:
    found = said("raters", GOLDEN / "raters.csv")
    for name, id_ in R_NAMES.items():
        expected = golden("raters_careless", id_)
        assert found["icc"][name] == pytest.approx({key: expected[key] for key in ("value", "lo", "hi")}, abs=EXACT)
    # irr's interval of the mean rests on other degrees of freedom, see analysis.agreement.raters.
    average = golden("raters_careless", "icc.twoway.agreement.average")
    assert found["icc"]["ICC(A,k)"]["value"] == pytest.approx(average["value"], abs=EXACT)
    for level, value in found["krippendorff"].items():
        assert value == pytest.approx(golden("raters_careless", f"kripp.{level}"), abs=EXACT)
    assert found["fleiss"] == pytest.approx(golden("raters_careless", "fleiss"), abs=EXACT)
    assert found["kendall_w"] == pytest.approx(golden("raters_careless", "kendall_W"), abs=EXACT)
    assert found["cautions"] == []


def test_raters__with_missing_ratings__leave_krippendorff_and_a_caution() -> None:
    found = said("raters", GOLDEN / "raters_missing.csv")
    for level, value in found["krippendorff"].items():
        assert value == pytest.approx(golden("raters_careless", f"kripp_missing.{level}"), abs=EXACT)
    assert {one["value"] for one in found["icc"].values()} == {None}
    assert (found["fleiss"], found["kendall_w"]) == (None, None)
    assert set(reasons(found)["undefined_incomplete"]) == {*found["icc"], "fleiss", "kendall_w"}


@pytest.mark.parametrize("content", ["r1,r2\n", "r1,r2\n1,2\n", "r1\n1\n2\n", "r1,r2\n3,3\n3,3\n", "r1,r2\n,\n,\n"])
def test_ratings_without_some_numbers__give_null_with_a_reason(tmp_path: Path, content: str) -> None:
    path = file(tmp_path, content)
    found = said("raters", path)
    named = {of for listed in reasons(found).values() for of in listed}
    assert found["icc"]["ICC(A,1)"]["value"] is None
    assert "ICC(A,1)" in named
    assert run("raters", path).exit_code == 0


def test_interval_that_the_formula_cannot_give__is_null_with_a_reason_beside_its_value(tmp_path: Path) -> None:
    found = said("raters", file(tmp_path, "r1,r2\n1,1\n1,2\n3,1\n"))
    assert found["icc"]["ICC(A,k)"]["value"] == pytest.approx(-4.0)
    assert found["icc"]["ICC(A,k)"]["lo"] is None
    assert reasons(found)["interval_without_limits"] == ["ICC(A,k)"]


def test_row_names__without_a_column_name__are_refused(tmp_path: Path) -> None:
    found = errors("raters", file(tmp_path, '"","r1","r2"\n"1",3,4\n"2",4,4\n'))
    assert [one["code"] for one in found] == ["unnamed_column"]

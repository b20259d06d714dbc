"""`pingyi quality`: R's indices through CSV and JSON, flags, and data that have none."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.cli.statistics.typed import ATTITUDE, GOLDEN, errors, file, golden, run, said

CARELESS = ",".join(f"q{at}" for at in range(1, 25))
LEAD = ",".join(f"LEAD{at:02}" for at in range(1, 12))
EXACT = 1e-9


def reasons(found: dict[str, Any]) -> dict[str, list[str]]:
    return {one["code"]: one["detail"].get("of", []) for one in found["cautions"]}


def test_careless__indices__are_those_of_r() -> None:
    found = said("quality", GOLDEN / "careless.csv", "--items", CARELESS, "--range", "1,5")
    assert [row["row"] for row in found["rows"]] == list(range(1, 301))
    assert [row["longstring"] for row in found["rows"]] == golden("raters_careless", "longstring")
    assert [row["irv"] for row in found["rows"]] == pytest.approx(golden("raters_careless", "irv"), abs=EXACT)
    mahad = golden("raters_careless", "mahad")
    assert [row["mahalanobis_d2"] for row in found["rows"]] == pytest.approx(mahad, abs=1e-7)
    known = {
        "speed",
        "longstring",
        "low_irv",
        "mahalanobis",
        "misfit",
        "reversed_gap",
        "even_odd",
        "attention",
        "missing",
    }
    assert {flag for row in found["rows"] for flag in row["flags"]} <= known
    assert set(found["measured"]) <= known


def test_lowest_answer__is_an_answer(tmp_path: Path) -> None:
    path = file(tmp_path, "a,b,c\n" + "1,1,1\n2,1,3\n3,2,5\n" * 20)
    for typed in (("--range", "1,5"), ("--range", "0,5"), ()):
        found = said("quality", path, "--items", "a,b,c", *typed)
        assert not any("missing" in row["flags"] for row in found["rows"])


def test_bfi__rows_with_missing_answers__are_those_of_r() -> None:
    names = ",".join(pd.read_csv(GOLDEN / "bfi25.csv", nrows=0).columns)
    rows = said("quality", GOLDEN / "bfi25.csv", "--items", names)["rows"][:50]
    assert [row["longstring"] for row in rows] == golden("bfi25", "longstring.first50")
    expected = list(golden("bfi25", "irv.first50").values())
    assert [row["irv"] for row in rows] == pytest.approx(expected, abs=EXACT)


def test_attitude__any_numbers__have_distances_without_a_range() -> None:
    data = pd.read_csv(GOLDEN / "attitude.csv")
    path = GOLDEN / "attitude.csv"
    found = said("quality", path, "--items", ",".join(ATTITUDE))["rows"]
    centred = data - data.mean()
    expected = np.einsum("ij,jk,ik->i", centred, np.linalg.inv(data.cov()), centred)
    assert [row["mahalanobis_d2"] for row in found] == pytest.approx(expected, abs=1e-7)


def test_fractions__have_indices_too(tmp_path: Path) -> None:
    data = pd.read_csv(GOLDEN / "attitude.csv")
    path = file(tmp_path, (data / 7).to_csv(index=False))
    whole, parts = (said("quality", one, "--items", ",".join(ATTITUDE)) for one in (GOLDEN / "attitude.csv", path))
    for row, part in zip(whole["rows"], parts["rows"], strict=True):
        assert part["mahalanobis_d2"] == pytest.approx(row["mahalanobis_d2"], abs=1e-7)
        assert part["irv"] == pytest.approx(row["irv"] / 7, abs=EXACT)
        assert part["longstring"] == row["longstring"]


def test_straight_line__over_a_reversed_item__is_flagged_and_a_hurried_one_too(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    level = rng.integers(2, 5, (60, 1))
    answers = np.clip(level + rng.integers(-1, 2, (60, 8)), 1, 5)
    answers[:, 3] = 6 - answers[:, 3]
    answers[7] = 5
    data = pd.DataFrame(answers, columns=list("abcdefgh"))
    data["took"] = np.where(np.arange(60) == 7, 3.5, rng.uniform(50, 90, 60).round(1))
    data.loc[9, list("abcde")] = np.nan
    path = file(tmp_path, data.to_csv(index=False))
    typed = ("--items", "a,b,c,d,e,f,g,h", "--reverse", "d", "--seconds", "took", "--range", "1,5")
    found = said("quality", path, *typed)
    assert {"speed", "longstring", "low_irv"} <= set(found["rows"][7]["flags"])
    assert "missing" in found["rows"][9]["flags"]
    assert sum("speed" in row["flags"] for row in found["rows"]) == 1
    readable = run("quality", path, *typed)
    assert readable.exit_code == 0
    assert "speed" in readable.stdout


@pytest.mark.parametrize(
    "content", ["a,b\n", "a,b\n1,2\n", "a,b\n,\n,\n", "a,b\n3,3\n3,3\n3,3\n", "a,b\n1,1\n2,2\n3,3\n4,4\n"]
)
def test_data_without_distances__give_null_with_a_reason(tmp_path: Path, content: str) -> None:
    path = file(tmp_path, content)
    found = said("quality", path, "--items", "a,b", "--range", "1,5")
    assert len(found["rows"]) == content.count("\n") - 1
    without = [row for row in found["rows"] if row["mahalanobis_d2"] is None]
    if without or not found["rows"]:
        assert any("mahalanobis_d2" in of for of in reasons(found).values())
    assert run("quality", path, "--items", "a,b").exit_code == 0


def test_seconds__below_zero__are_bad_input(tmp_path: Path) -> None:
    path = file(tmp_path, "a,b,took\n1,2,5\n2,3,-1\n")
    found = errors("quality", path, "--items", "a,b", "--seconds", "took")
    assert [(one["code"], one["row"], one["column"]) for one in found] == [("negative", 2, "took")]

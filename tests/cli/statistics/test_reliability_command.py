"""`pingyi reliability`: R's numbers through CSV and JSON, and data that have no such numbers."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cli.statistics.typed import ATTITUDE, GOLDEN, file, golden, run, said

FIVE = ("--items", "A1,A2,A3,A4,A5", "--reverse", "A1", "--range", "1,6")
EXACT = 1e-9


def attitude() -> dict[str, Any]:
    return said("reliability", GOLDEN / "attitude.csv", "--items", ",".join(ATTITUDE))


def numbers_in(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [number for one in value.values() for number in numbers_in(one)]
    if isinstance(value, list):
        return [number for one in value for number in numbers_in(one)]
    return [value] if isinstance(value, int | float) else []


def without_cautions(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "cautions"}


def against(document: dict[str, Any]) -> dict[str, Any]:
    """What the warning of items that run against the others is about."""
    return next(one["detail"] for one in document["cautions"] if one["code"] == "warn_negative_item_total")


def test_attitude__alpha_with_its_intervals__is_that_of_r() -> None:
    found = attitude()
    assert (found["n"], found["k"]) == (30, 7)
    total = golden("attitude", "alpha.total")
    assert found["alpha"]["value"] == pytest.approx(total["raw_alpha"], abs=EXACT)
    assert found["standardized_alpha"] == pytest.approx(total["std.alpha"], abs=EXACT)
    for method in ("feldt", "bonett"):
        limits = golden("attitude", f"alpha.{method}")
        assert found["alpha"][method] == pytest.approx([limits["lower"], limits["upper"]], abs=EXACT)
    influence = found["alpha"]["influence"]
    assert influence["lo"] < found["alpha"]["value"] < influence["hi"]
    assert found["alpha"]["value"] - influence["lo"] == pytest.approx(2.0452296 * influence["se"], rel=1e-6)


def test_attitude__items__are_those_of_r() -> None:
    found = attitude()
    stats, dropped = golden("attitude", "alpha.item_stats"), golden("attitude", "alpha.drop")
    assert list(found["item_rest"]) == list(ATTITUDE)
    assert list(found["item_rest"].values()) == pytest.approx(stats["r.drop"], abs=EXACT)
    assert list(found["alpha_if_deleted"].values()) == pytest.approx(dropped["raw_alpha"], abs=EXACT)
    assert found["kmo_items"] == pytest.approx(golden("attitude", "KMO.items"), abs=EXACT)


def test_attitude__structure__is_that_of_r() -> None:
    found = attitude()
    assert found["kmo"] == pytest.approx(golden("attitude", "KMO.overall"), abs=EXACT)
    bartlett = golden("attitude", "bartlett")
    assert found["bartlett"]["chi2"] == pytest.approx(bartlett["chisq"], abs=EXACT)
    assert (found["bartlett"]["df"], found["bartlett"]["p"]) == (21, pytest.approx(bartlett["p"], abs=EXACT))
    lambdas = golden("attitude", "guttman.lambda1to6")
    assert {name: found["guttman"][name] for name in lambdas} == pytest.approx(lambdas, abs=1e-8)
    assert found["guttman"]["l4"] == found["split_half"]["max"]
    assert found["split_half"]["max"] == pytest.approx(golden("attitude", "splithalf.max_l4"), abs=1e-8)
    assert found["polychoric"] is None
    assert found["ordinal_alpha"] is None


def test_lambda2__is_of_covariances_while_guttman_is_of_correlations() -> None:
    found = said("reliability", GOLDEN / "bfi25.csv", *FIVE)
    assert found["lambda2"] == pytest.approx(golden("bfi25", "A.lambda2_raw_cov"), abs=EXACT)
    guttman = golden("bfi25", "A.guttman")
    assert {name: found["guttman"][name] for name in guttman} == pytest.approx(guttman, abs=1e-7)


def test_bfi__listwise__leaves_incomplete_rows_out_and_says_how_many() -> None:
    found = said("reliability", GOLDEN / "bfi25.csv", *FIVE)
    assert found["n"] == golden("bfi25", "A.alpha.listwise.n") == 2709
    feldt = golden("bfi25", "A.feldt.listwise")
    assert found["alpha"]["feldt"] == pytest.approx([feldt["lower"], feldt["upper"]], abs=EXACT)
    assert found["omega_total"] == pytest.approx(golden("bfi25", "A.omega_total_1factor_ML_cov"), abs=1e-4)
    left_out = next(one for one in found["cautions"] if one["code"] == "incomplete_rows_left_out")
    assert left_out["detail"] == {"rows": 2800, "left_out": 91}


def test_bfi__pairwise__is_r_with_missing_and_takes_the_smallest_pairs_n() -> None:
    found = said("reliability", GOLDEN / "bfi25.csv", *FIVE, "--missing", "pairwise")
    data = pd.read_csv(GOLDEN / "bfi25.csv")[["A1", "A2", "A3", "A4", "A5"]]
    data["A1"] = 7 - data["A1"]
    cov = data.cov()
    assert found["alpha"]["value"] == pytest.approx(5 / 4 * (1 - np.trace(cov) / cov.to_numpy().sum()), abs=EXACT)
    there = data.notna().astype(int)
    assert found["n"] == int((there.T @ there).to_numpy().min()) < 2800
    assert found["missing"] == "pairwise"
    assert "pairwise_smallest_n" in [one["code"] for one in found["cautions"]]


def test_bfi__without_reversing__has_the_alpha_of_the_wrong_key_and_a_warning() -> None:
    found = said("reliability", GOLDEN / "bfi25.csv", "--items", "A1,A2,A3,A4,A5", "--missing", "pairwise")
    assert found["alpha"]["value"] == pytest.approx(golden("bfi25", "A.alpha.wrong_key"), abs=EXACT)
    assert found["item_rest"]["A1"] < 0
    assert against(found) == {"of": ["item_rest"], "items": ["A1"]}


def test_two_items__against_each_other__have_a_negative_alpha_and_a_warning(tmp_path: Path) -> None:
    found = said("reliability", file(tmp_path, "a,b\n1,5\n2,4\n3,3\n4,1\n5,2\n"), "--items", "a,b")
    assert found["alpha"]["value"] == pytest.approx(-18.0)
    assert against(found)["items"] == ["a", "b"]


def test_two_responses__whose_influences_are_0_by_construction__have_no_interval_of_0(tmp_path: Path) -> None:
    path = file(tmp_path, "a,b,c\n1,2,3\n2,3,5\n")
    for missing in ("listwise", "pairwise"):
        found = said("reliability", path, "--items", "a,b,c", "--missing", missing)
        assert found["alpha"]["value"] is not None
        assert set(found["alpha"]["influence"].values()) == {None}
        reasons = next(one for one in found["cautions"] if one["code"] == "undefined_two_responses")
        assert "alpha influence" in reasons["detail"]["of"]


def test_bfi__polychoric__is_that_of_r() -> None:
    found = said("reliability", GOLDEN / "bfi25.csv", *FIVE, "--polychoric")
    expected = golden("bfi25", "A.polychor.twostep.matrix")["values"]
    assert np.array(found["polychoric"]) == pytest.approx(np.array(expected, dtype=float), abs=1e-5)
    assert found["ordinal_alpha"] == pytest.approx(golden("bfi25", "A.ordinal_alpha"), abs=1e-5)


def test_bfi__all_items__have_the_kmo_of_r(tmp_path: Path) -> None:
    names = pd.read_csv(GOLDEN / "bfi25.csv", nrows=0).columns
    found = said("reliability", GOLDEN / "bfi25.csv", "--items", ",".join(names))
    assert found["kmo"] == pytest.approx(golden("bfi25", "all25.KMO"), abs=EXACT)
    assert found["kmo_items"] == pytest.approx(golden("bfi25", "all25.KMO.items"), abs=EXACT)
    assert found["bartlett"]["chi2"] == pytest.approx(golden("bfi25", "all25.bartlett")["chisq"], abs=1e-6)
    assert found["omega_hierarchical"] is not None


@given(order=st.permutations(range(30)), columns=st.permutations(ATTITUDE))
@settings(max_examples=15, deadline=None)
def test_rows_and_items__in_another_order__change_nothing(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], columns: list[str]
) -> None:
    data = pd.read_csv(GOLDEN / "attitude.csv").iloc[order]
    path = file(tmp_path_factory.mktemp("order"), data[columns].to_csv(index=False))
    found = said("reliability", path, "--items", ",".join(ATTITUDE))
    assert numbers_in(without_cautions(found)) == pytest.approx(numbers_in(without_cautions(attitude())), abs=1e-12)


CONDITIONS = {
    "nobody": "a,b,c\n",
    "one response": "a,b,c\n1,2,3\n",
    "two responses": "a,b,c\n1,2,3\n3,3,1\n",
    "fewer responses than items": "a,b,c\n1,2,3\n3,3,1\n4,1,1\n",
    "all missing": "a,b,c\n,,\nNA,NA,NA\n",
    "one item all missing": "a,b,c\n1,2,\n3,3,\n4,5,\n2,2,\n",
    "nobody complete": "a,b,c\n1,2,\n3,,3\n,5,4\n2,2,\n1,,1\n,3,4\n",
    "constant item": "a,b,c\n1,2,3\n3,3,3\n4,5,3\n2,1,3\n5,4,3\n",
    "all alike": "a,b,c\n4,4,4\n4,4,4\n4,4,4\n4,4,4\n",
    "copied items": "a,b,c\n1,1,1\n2,2,2\n5,5,5\n4,4,4\n3,3,3\n",
    "against each other": "a,b,c\n5,1,4\n4,2,4\n5,1,4\n3,3,4\n4,2,3\n2,4,1\n1,5,2\n2,4,3\n",
}


@pytest.mark.parametrize("missing", ["listwise", "pairwise"])
@pytest.mark.parametrize("content", CONDITIONS.values(), ids=CONDITIONS)
@pytest.mark.parametrize("items", ["a,b,c", "a,b", "a"])
def test_data_without_some_numbers__give_null_a_reason_and_exit_code_0(
    tmp_path: Path, content: str, missing: str, items: str
) -> None:
    path = file(tmp_path, content)
    typed = ("reliability", path, "--items", items, "--range", "1,5", "--polychoric", "--missing", missing)
    found = said(*typed)
    reasons = {of for one in found["cautions"] if one["severity"] == "undefined" for of in one["detail"].get("of", ())}
    plain = ("standardized_alpha", "omega_total", "omega_hierarchical", "lambda2", "kmo", "ordinal_alpha")
    for name in plain:
        assert (found[name] is None) == (name in reasons), name
    assert (found["alpha"]["value"] is None) == ("alpha" in reasons)
    for name in ("item_rest", "alpha_if_deleted", "kmo_items"):
        assert (None in found[name].values()) == (name in reasons), name
    for name, value in found["guttman"].items():
        assert (value is None) == (f"guttman {name}" in reasons)
    assert (found["bartlett"]["chi2"] is None) == ("bartlett" in reasons)
    assert (None in np.ravel(found["polychoric"]).tolist()) == ("polychoric" in reasons)
    readable = run(*typed)
    assert readable.exit_code == 0
    assert "nan" not in readable.output


def test_alpha_below_zero__is_neither_clamped_nor_reversed(tmp_path: Path) -> None:
    data = next(one for one in json.loads((GOLDEN / "edge_cases.json").read_text()) if one["id"].startswith("negative"))
    rows = "\n".join(",".join(map(str, row)) for row in data["data"])
    path = file(tmp_path, f"a,b,c\n{rows}\n")
    found = said("reliability", path, "--items", "a,b,c")
    assert found["alpha"]["value"] == pytest.approx(data["expect"]["alpha"], abs=EXACT)
    assert against(found)["items"] == ["b"]
    turned = said("reliability", path, "--items", "a,b,c", "--reverse", "b", "--range", "1,5")
    assert turned["alpha"]["value"] == pytest.approx(data["expect"]["alpha_after_reversing_item_1"], abs=EXACT)


def test_readable_output__has_both_languages_and_rounded_numbers() -> None:
    result = run("reliability", GOLDEN / "attitude.csv", "--items", ",".join(ATTITUDE))
    assert result.exit_code == 0
    assert "30 份答卷，7 道题 / responses and items" in result.stdout
    assert "[0.739, 0.916]" in result.stdout
    assert "0.84314" not in result.stdout
    assert "complaints" in result.stdout

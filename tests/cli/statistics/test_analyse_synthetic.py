"""`pingyi analyse`: the simulated evaluation, from files to scores, is that of R."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.cli.statistics import synthetic
from tests.cli.statistics.synthetic import AUDIENCES
from tests.cli.statistics.typed import file, run, said

POINTS = json.loads((synthetic.GOLDEN / "point_estimates.json").read_text())
CONTRACT = {
    *("unit", "indicator", "status", "reasons", "score", "points", "se", "se_process", "lo", "hi"),
    *("total_lo", "total_hi", "n_responses", "n_departments", "n_valid", "n_excluded", "n_ineligible"),
    *("score_all", "score_unweighted", "se_unweighted", "rankable", "cautions"),
}


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return said(*synthetic.command(tmp_path_factory.mktemp("synthetic")))


def by_unit(found: dict[str, Any], variant: str, value: str, error: str | None) -> dict[str, Any]:
    return {
        f"{variant}|{one['indicator']}|{one['unit']}": [one[value], None if error is None else one[error]]
        for one in found["scores"]
    }


def test_simulated_evaluation__scores_and_errors__are_those_of_r(analysed: dict[str, Any]) -> None:
    assert len(analysed["scores"]) == 36
    for variant, value, error in (
        ("fpc", "score_unweighted", "se_unweighted"),
        ("ps", "score_all", "se"),
        ("ps", "score", "se"),
        ("naive", "score_unweighted", None),
    ):
        for place, (score, se) in by_unit(analysed, variant, value, error).items():
            assert score == pytest.approx(POINTS[place][0], abs=1e-6)
            if se is not None:
                assert se == pytest.approx(POINTS[place][1], abs=1e-6)


def test_document__has_every_name_of_the_contract(analysed: dict[str, Any]) -> None:
    assert analysed["disclosure"] == "none"
    assert set(analysed["scores"][0]) >= CONTRACT
    assert {"format", "plan", "questionnaires", "versions", "reliability", "quality", "cautions"} <= set(analysed)
    assert analysed["cautions"] == []
    assert {one["indicator"]: one["n"] for one in analysed["reliability"]}["staff"] > 1000


def test_rows__in_another_order__change_nothing(tmp_path: Path, analysed: dict[str, Any]) -> None:
    shuffled = pd.read_csv(synthetic.GOLDEN / "responses.csv", dtype=str).sample(frac=1, random_state=3)
    path = file(tmp_path, shuffled.to_csv(index=False), "responses.csv")
    typed = synthetic.command(tmp_path)
    typed[typed.index("--responses") + 1] = str(path)
    assert said(*typed) == analysed


def test_plan_that_excludes__leaves_out_the_careless_and_still_gives_the_scores_before(tmp_path: Path) -> None:
    found = said(*synthetic.command(tmp_path, synthetic.plan(quality={"exclude_when_families": 2})))
    left_out = {one["indicator"]: 0 for one in found["scores"]}
    for one in found["scores"]:
        left_out[one["indicator"]] += one["n_excluded"]
        assert one["score_all"] == pytest.approx(POINTS[f"ps|{one['indicator']}|{one['unit']}"][0], abs=1e-6)
        assert one["total_hi"] - one["total_lo"] >= one["hi"] - one["lo"] - 1e-9
    assert left_out == {one["audience"]: one["n_excluded"] for one in found["quality"]}
    # 8 % were planted as careless; of the instructed item only staff can be judged.
    assert 0.04 < left_out["service_recipient"] / 10_318 < 0.08
    assert "instructed" in next(one["available"] for one in found["quality"] if one["audience"] == "staff")


def test_units_that_can_be_told_apart__are_rankable(analysed: dict[str, Any]) -> None:
    told = {name: [one["rankable"] for one in analysed["scores"] if one["indicator"] == name] for name in AUDIENCES}
    # Thousands of recipients tell 12 units apart; a dozen departments each do not.
    assert sum(told["service_recipient"]) > sum(told["related_department"])
    assert {type(one) for listed in told.values() for one in listed} == {bool}


def test_release__hides_small_cells_by_the_plans_rules(tmp_path: Path, analysed: dict[str, Any]) -> None:
    small = synthetic.plan(disclosure={"min_cell": 10, "min_cell_text": 10})
    found = said(*synthetic.command(tmp_path, small), "--release")
    assert found["disclosure"] == "plan"
    hidden = {(one["unit"], one["indicator"]) for one in found["scores"] if one["status"] == "suppressed"}
    # 7 and 8 departments answered for these two; 10 is enough.
    assert {("U08", "related_department"), ("U10", "related_department")} <= hidden
    for one in found["scores"]:
        if (one["unit"], one["indicator"]) in hidden:
            assert {one[name] for name in ("score", "se", "lo", "hi", "score_all", "score_unweighted")} == {None}
        assert "items" not in one
    assert all(one["score"] is not None for one in analysed["scores"])


def test_readable_output__names_units_scores_and_statuses_in_both_languages(tmp_path: Path) -> None:
    result = run(*synthetic.command(tmp_path))
    assert result.exit_code == 0
    assert "可用 usable" in result.stdout
    assert "U01" in result.stdout
    assert "--release" in result.stdout

"""Snapshots of earlier versions: their documents lack what came later, and still every page and file opens."""

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey_app.scores.operations.document import carry
from survey_app.scores.queries import snapshots
from survey_app.scores.queries.earlier import completed
from tests.factories.accounts import send, sign_in
from tests.scores import evaluation as ev
from tests.scores.test_export import cells, rows_of
from tests.scores.test_pages import BASE, UNIT, act, database_of, said

LATER_LISTS = ("agreement", "validity", "quality", "comparisons", "severities", "drivers", "suspicions")
# The fields of a score and of a block of reliability as the first issue had them.
SCORE = {
    "unit", "indicator", "audience", "role", "status", "reasons", "full_marks", "score", "points", "se", "se_process",
    "lo", "hi", "df", "n_responses", "n_departments", "n_valid", "n_excluded", "n_ineligible", "n_unscored", "n_cell",
    "population", "n_asked", "response_rate", "valid_band", "response_rate_band", "parts", "items", "distributions",
    "facts", "breakdowns", "reliability", "cautions",
}  # fmt: skip
RELIABILITY = {
    "indicator", "questionnaire", "unit", "scale", "items", "other_items", "n", "assessable", "status", "alpha",
    "feldt_lo", "feldt_hi", "influence_lo", "influence_hi", "omega", "omega_status", "item_rest", "alpha_if_deleted",
    "constant_items",
}  # fmt: skip
PART = {"quadrant"}
ITEM = {"top_two", "top_two_lo", "top_two_hi"}


def as_first_issue(document: dict[str, Any]) -> dict[str, Any]:
    """The document without anything that came later."""
    old = {name: value for name, value in document.items() if name not in LATER_LISTS}
    old["scores"] = [_old_score(score) for score in document["scores"]]
    old["reliability"] = [_only(block, RELIABILITY) for block in document["reliability"]]
    return old


def _only(found: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name in names}


def _old_score(score: dict[str, Any]) -> dict[str, Any]:
    old = _only(score, SCORE)
    for name in ("items", "distributions", "facts"):
        old[name] = [{key: value for key, value in item.items() if key not in ITEM} for item in score[name]]
    old["parts"] = [{key: value for key, value in part.items() if key not in PART} for part in score["parts"]]
    old["reliability"] = [_only(block, RELIABILITY) for block in score["reliability"]]
    return old


def stored_as_first_issue(session: Session, made: ev.Evaluation) -> None:
    stored = snapshots.stored(session, made.campaign, 1)
    stored.report = json.dumps(as_first_issue(json.loads(stored.report)))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_snapshot_of_the_first_issue__opens_on_every_page_and_says_which_interval_it_shows(
    computed: ev.Evaluation, app: Flask, client: FlaskClient, language: str
) -> None:
    act(app, lambda session: stored_as_first_issue(session, computed))
    sign_in(client, "lead_evaluator")
    send(client, "/office/me/language", language=language, next="/office/me")
    overview, unit = said(client.get(BASE).text), said(client.get(UNIT).text)
    score = act(app, lambda session: snapshots.snapshot(session, computed.campaign)).document["scores"][0]
    assert f"{score['lo']:.1f}–{score['hi']:.1f}" in unit
    wordings = {
        "zh": ("这次计算没有总区间，显示的是抽样区间。", "没有总区间，页面上显示的是抽样区间", "这次计算没有这个数。"),
        "en": ("no total intervals; sampling intervals are shown", "There is no total interval", "does not hold it"),
    }[language]
    assert wordings[0] in overview
    assert wordings[1] in unit
    assert wordings[2] in unit
    for absent in ("单位之间分得清吗", "Can units be told apart", "需人工核查"):
        assert absent not in overview


def test_snapshot_of_the_first_issue__comes_as_every_file(
    computed: ev.Evaluation, app: Flask, client: FlaskClient
) -> None:
    act(app, lambda session: stored_as_first_issue(session, computed))
    sign_in(client, "evaluator")
    rows = rows_of(client.get(f"{BASE}/1/scores.csv").data)
    assert rows[0]["得分 score"]
    assert rows[0]["总区间下限 total_lo"] == rows[0]["单位信度（换人） unit_reliability_process"] == ""
    sheets = cells(client.get(f"{BASE}/1/scores.xlsx").data)
    summary, first = sheets["总表"][5], sheets["总表"][6]
    assert first[summary.index("区间下限")] == pytest.approx(float(rows[0]["抽样区间下限 lo"]))
    assert len(sheets["单位比较"]) == len(sheets["答卷质量"]) == 5  # the head alone
    assert client.get(f"{BASE}/1/scores.json").json["scores"][0]["total_lo"] is None


def test_score_carried_from_an_earlier_version__stands_in_a_new_snapshot(
    computed: ev.Evaluation, app: Flask, client: FlaskClient
) -> None:
    def carried(session: Session) -> None:
        stored = snapshots.stored(session, computed.campaign, 1)
        report = json.loads(stored.report)
        report["scores"][0] = carry(_old_score(report["scores"][0]), 1)
        stored.report = json.dumps(report)

    act(app, carried)
    sign_in(client, "evaluator")
    assert "沿用第 1 次计算的结果" in said(client.get(UNIT).text)
    assert client.get(f"{BASE}/1/scores.xlsx").status_code == 200


def test_completed__keeps_what_a_document_has(computed: ev.Evaluation, app: Flask) -> None:
    with database_of(app).reading() as session:
        document = json.loads(snapshots.stored(session, computed.campaign, 1).report)
    assert completed(document) == document
    assert completed(as_first_issue(document)).keys() == document.keys()
    old = completed(as_first_issue(document))["scores"][0]
    assert old.keys() == document["scores"][0].keys()
    assert old["reliability"][0].keys() == document["scores"][0]["reliability"][0].keys()


def test_completed__quality_before_rates_were_by_shape__has_the_rate_of_one_questionnaire_for_all(
    computed: ev.Evaluation, app: Flask
) -> None:
    with database_of(app).reading() as session:
        document = json.loads(snapshots.stored(session, computed.campaign, 1).report)
    old = [{key: value for key, value in found.items() if "shape" not in key} for found in document["quality"]]
    for found in old:
        del found["false_status"]
    read = completed({**document, "quality": old})["quality"]
    assert [(found["false_status"], found["false_shape"]) for found in read] == [("ok", None)] * len(old)
    assert [found["false_rate"] for found in read] == [found["false_rate"] for found in document["quality"]]

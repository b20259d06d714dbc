"""How precise a score is and how many answers are still needed, on pages and in files."""

from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from analysis.sampling.representativity import r_indicator
from survey_app import clock
from survey_app.campaigns.models import Campaign
from survey_app.db import Database
from survey_app.scores.operations import compute
from survey_app.scores.operations.verifying import verify
from survey_app.scores.queries.snapshots import named
from survey_app.scores.rules import sampling_words
from tests.factories.accounts import add_person, send, sign_in
from tests.factories.campaign import count_unused
from tests.scores import evaluation as ev
from tests.scores.test_circumstances import cards, door
from tests.scores.test_export import cells, rows_of
from tests.scores.test_findings import first, rewrite, section
from tests.scores.test_pages import BASE, UNIT

Json = dict[str, Any]


def sampling(**values: Any) -> Json:
    made: Json = {
        "target": 5.0, "of_departments": False, "answers_more": 14, "answers_more_status": "ok", "design_effect": 1.246,
        "n_effective": 64.2, "design_effect_status": "ok", "rate": "RR2", "rate_status": "ok", "coverage": 0.4,
        "coverage_status": "ok", "r_indicator": 0.812, "r_adjusted": 0.871, "r_base": "asked", "r_status": "ok",
        "weighted": True, "fewest_in_stratum": None, "smallest_stratum": None,
    }  # fmt: skip
    return made | values


def page(app: Flask, client: FlaskClient, made: ev.Evaluation, found: Json, **changes: Any) -> str:
    rewrite(app, made, lambda report: first(report).update(sampling=found, **changes))
    sign_in(client, "evaluator")
    return section(client.get(UNIT).text)


def test_unit__says_how_many_are_still_needed_and_the_figures_behind(
    computed: ev.Evaluation, app: Flask, client: FlaskClient
) -> None:
    shown = page(app, client, computed, sampling())
    assert "还差多少份？ 还差约 14 份有效答卷，误差才到约 ±5 分。" in shown
    assert "收集时的“还差”按最保守的情形估算" in shown
    for words in ("设计效应 deff 1.25", "有效样本量 64", "覆盖率 40%", "代表性指标 R 0.81", "（去掉偶然） 0.87"):
        assert words in shown
    assert "注意：按各层发放（或启用）的卡片数计算。" in shown
    assert "Kish 1965" in shown


def test_unit__in_english(computed: ev.Evaluation, app: Flask, client: FlaskClient) -> None:
    rewrite(app, computed, lambda report: first(report).update(sampling=sampling()))
    sign_in(client, "evaluator")
    send(client, "/office/me/language", language="en", next="/office/me")
    shown = section(client.get(UNIT).text)
    assert "How precise this score is" in shown
    assert "Still needed: about 14 more valid answers for an error of about ±5 points." in shown


def test_hidden_figures__are_said_to_be_hidden(computed: ev.Evaluation, app: Flask, client: FlaskClient) -> None:
    gone = dict.fromkeys(("design_effect", "n_effective", "design_effect_status"))
    shown = page(app, client, computed, sampling(**gone, r_indicator=None, r_adjusted=None, r_base=None, r_status=None))
    assert "设计效应 deff –" in shown
    assert shown.count(sampling_words.HIDDEN[0]) == 3
    assert "去掉偶然" not in shown


def test_snapshot_without_it__says_nothing_of_it(computed: ev.Evaluation, app: Flask, client: FlaskClient) -> None:
    rewrite(app, computed, lambda report: first(report).pop("sampling"))
    sign_in(client, "evaluator")
    assert "这个分数有多准" not in section(client.get(UNIT).text)


@pytest.mark.parametrize(
    ("changes", "zh", "en"),
    [
        ({"answers_more": 0}, "够了：误差不超过约 ±5 分", "Enough: the error"),
        ({"of_departments": True}, "还差约 14 个部门", "about 14 more departments"),
        ({"target": 3.5}, "误差才到约 ±3.5 分", "about ±3.5 points"),
        ({"answers_more": None, "answers_more_status": "undefined_out_of_reach"}, "全部人员都请到", "All people"),
        (
            {"answers_more": None, "answers_more_status": "undefined_out_of_reach", "of_departments": True},
            "全部部门都请到",
            "All departments",
        ),
        ({"answers_more_status": "warn_stratum_empty"}, "但有分层没有人作答", "But nobody answered in some stratum"),
        ({"answers_more": None, "answers_more_status": "undefined_no_denominator"}, "开放链接", "open link"),
        ({"answers_more": None, "answers_more_status": "undefined_one_response"}, "答卷不足两份", "fewer than two"),
        ({"answers_more": None, "answers_more_status": None}, "为保护填答人不给出", "to protect them"),
        ({"answers_more": 0, "answers_more_status": "warn_no_variation"}, "误差为 0 不说明准确", "says nothing"),
    ],
)
def test_still_needed__every_case__has_a_sentence(changes: Json, zh: str, en: str) -> None:
    said = sampling_words.still_needed({"sampling": sampling(**changes), "se": 2.0})
    assert zh in said[0]
    assert en in said[1]


def test_census__is_enough_without_plus_minus_zero() -> None:
    said = sampling_words.still_needed({"sampling": sampling(answers_more=0), "se": 0.0})
    assert said[0] == "够了：能作答的都答了，没有抽样误差。"
    assert "±" not in "".join(said)


def test_files__have_the_figures_in_columns_and_explain_them(
    computed: ev.Evaluation, app: Flask, client: FlaskClient
) -> None:
    rewrite(app, computed, lambda report: first(report).update(sampling=sampling()))
    sign_in(client, "evaluator")
    row = rows_of(client.get(f"{BASE}/1/scores.csv").data)[0]
    found = {heading.split()[-1]: value for heading, value in row.items()}
    names = ("answers_more", "target", "design_effect", "n_effective", "coverage", "rate", "r_indicator", "r_adjusted")
    assert [found[name] for name in names] == ["14", "5.0", "1.246", "64.2", "0.4", "RR2", "0.812", "0.871"]
    sheets = cells(client.get(f"{BASE}/1/scores.xlsx").data)
    assert any("还差答卷或部门 answers_more" in line for line in sheets["明细"])
    assert {"设计效应 deff", "代表性指标 R", "还差"} <= {str(line[0]) for line in sheets["指标解释"][5:]}


def answered(session: Session) -> ev.Evaluation:
    """A campaign with one unit whose strata answered unevenly."""
    made = ev.make(session, ev.setup_document(units=1))
    ev.recipients(session, made, "u01", 30)
    ev.recipients(session, made, "u01", 15, stratum="online", seed=2, quality=0.4)
    return made


def test_campaign_that_is_open__counts_of_strata_wait_for_its_end(database: Database) -> None:
    with database.writing() as session:
        made = answered(session)
        during = compute.compute(session, made.campaign)
        ev.close(session, made)
        after = compute.compute(session, made.campaign)
    found, final = first(during.document)["sampling"], first(after.document)["sampling"]
    assert (found["design_effect"], found["r_status"]) == (None, None)
    assert final["design_effect"] > 0
    assert (final["r_base"], final["r_status"]) == ("frame", "ok")
    assert found["answers_more"] == final["answers_more"] is not None


def test_cards_by_stratum__are_those_of_the_snapshot_when_it_is_verified(database: Database) -> None:
    with database.writing() as session:
        made = answered(session)
        doors = {stratum: door(session, unit_id=made.units["u01"], stratum=stratum) for stratum in ev.STRATA}
        cards(session, doors["window"], 50, active=50, moved={"handed_out": 50})
        cards(session, doors["online"], 35, active=35, moved={"handed_out": 35})
        ev.close(session, made)
        count_unused(session, session.get_one(Campaign, made.campaign), add_person(session, "counter"))
        session.commit()
    with database.reading() as session:
        computed_now = compute.compute(session, made.campaign)
    found = first(computed_now.document)["sampling"]
    expected = r_indicator(np.array([30, 15]), np.array([50, 35]), np.array([60, 40]))
    assert (found["r_indicator"], found["r_base"]) == (expected.value, "asked")
    with database.writing() as session:
        compute.keep(session, computed_now, clock.now(), None)
        cards(session, doors["online"], 4, active=4, moved={"handed_out": 4})
        session.commit()
    with database.reading() as session:
        assert verify(session, named(session, "pg2026/1")).differences == ()


def test_provenance__remembers_cards_by_stratum(computed: ev.Evaluation, app: Flask, client: FlaskClient) -> None:
    sign_in(client, "evaluator")
    known = client.get(f"{BASE}/1/scores.json").json["provenance"]["circumstances"]
    assert [one["asked"] for one in known]

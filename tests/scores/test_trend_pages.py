"""The change between two campaigns where people read it: pages, workbook, command line; and who may not read it."""

import io
import json
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from playwright.sync_api import Browser
from sqlalchemy import update

from survey_app import clock
from survey_app.accounts.operations.agencies import engage
from survey_app.accounts.rules import Role
from survey_app.campaigns.models import Campaign
from survey_app.cli.main import main
from survey_app.config import Config
from survey_app.db import Database
from survey_app.scores.queries import snapshots
from survey_app.scores.queries import trends as shown
from survey_app.scores.queries.names import names
from tests.campaigns.test_look import violations
from tests.factories.accounts import PASSWORD, add_mandate, add_person, csrf_token, declare, send, sign_in
from tests.scores import evaluation as ev
from tests.scores import waves as wv
from tests.scores.test_export import cells
from tests.scores.test_pages import act, said
from tests.scores.waves import People

BASE = f"/office/campaigns/{wv.NOW}/scores"
UNIT = f"{BASE}/1/units/u01"
THEN = {"u01": People(60, 0.5), "u02": People(60), "u03": People(7), "u04": People(60), "u06": People(60)}
NOW = {"u01": People(80, 0.9, 7), "u02": People(80, 0.7, 7), "u03": People(60), "u04": People(3), "u05": People(60)}
Waves = tuple[ev.Evaluation, ev.Evaluation]


def people(session: Any) -> None:
    add_person(session, "both", (Role.EVALUATOR, wv.NOW), (Role.EVALUATOR, wv.THEN))
    add_person(session, "auditor", (Role.AUDITOR, None))
    add_person(session, "new_only", (Role.EVALUATOR, wv.NOW))
    add_person(session, "designs_then", (Role.EVALUATOR, wv.NOW), (Role.DESIGNER, wv.THEN))


@pytest.fixture(scope="module")
def waves_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Waves]:
    """Two files: the later campaign not computed yet, and computed against the earlier one."""
    folder = tmp_path_factory.mktemp("waves")
    closed, compared = folder / "closed.sqlite3", folder / "compared.sqlite3"
    shutil.copy(sqlite_template, closed)
    database = Database(f"sqlite:///{closed}")
    made = wv.two(database, THEN, NOW, renamed={"u02": "原第二单位"})
    with database.writing() as session:
        people(session)
        session.commit()
    database.engine.dispose()
    shutil.copy(closed, compared)
    database = Database(f"sqlite:///{compared}")
    wv.snapshot(database, made[1], made[0])
    database.engine.dispose()
    return closed, compared, made


@pytest.fixture
def closed(config: Config, waves_template: tuple[Path, Path, Waves]) -> Waves:
    """Ask for it before `app` or `database`."""
    shutil.copy(waves_template[0], config.home / "pingyi.sqlite3")
    return waves_template[2]


@pytest.fixture
def compared(config: Config, waves_template: tuple[Path, Path, Waves]) -> Waves:
    """Ask for it before `app` or `database`."""
    shutil.copy(waves_template[1], config.home / "pingyi.sqlite3")
    return waves_template[2]


def choices(page: str) -> list[str]:
    found = re.search(r'<select id="against".*?</select>', page, re.S)
    return re.findall(r'value="([^"]*)"', found[0]) if found else []


def test_evaluator_of_both__chooses_the_earlier_campaign_and_reads_what_changed(
    closed: Waves, app: Flask, client: FlaskClient
) -> None:
    sign_in(client, "both")
    page = client.get(BASE)
    assert choices(page.text) == ["", wv.THEN]
    assert client.post(BASE, data={"csrf_token": csrf_token(page), "against": wv.THEN}).status_code == 303
    text = client.get(BASE).text
    section = said("<main>" + text.split('id="trends"')[1].split("</section>")[0] + "</main>")
    assert "与“pg2025 年度评估”第 1 次计算相比" in section
    assert "2 个单位可以比较，其中 1 个的变化超出误差。" in section
    assert re.search(
        r"第1单位 \+\d+\.\d \+\d+\.\d … \+\d+\.\d 比上一轮高 \d+\.\d 分，超出误差范围。 \d+\.\d \d+\.\d", section
    )
    assert "相关部门评价" not in section  # nobody was asked
    beside = text.split('id="trends"')[0].split("</table>", 1)[1] + text.split('id="trends"')[1]
    assert "相关部门评价" not in beside
    assert "coordination" not in beside  # a dimension of a questionnaire that nobody has has no name, only an id
    assert "变化在误差范围内，不能说有变化。" in section
    assert "至少有一次没有可以显示的得分" in section
    assert "上一轮没有这个单位" in section
    assert "上一轮评过、这一轮没有的单位：第6单位 (u06)。" in section
    assert "u02 原第二单位 → 第2单位" in section
    assert "Welch 1947, doi:10.1093/biomet/34.1-2.28; Holm 1979" in section
    # The next computation proposes the same comparison.
    assert re.search(rf'value="{wv.THEN}" selected', text)
    unit = said(client.get(UNIT).text)
    assert "真有变化吗？ 比上一轮高" in unit
    assert "“pg2025 年度评估”得分" in unit
    renamed = said(client.get(f"{BASE}/1/units/u02").text)
    assert "上一轮这个代码的单位名为“原第二单位”，请先确认是同一个单位。" in renamed
    assert f"{wv.THEN}/1" in said(client.get(f"{BASE}/1/provenance").text)


def test_pages__in_english(compared: Waves, app: Flask, client: FlaskClient) -> None:
    sign_in(client, "both")
    send(client, "/office/me/language", language="en", next="/office/me")
    section = client.get(BASE).text.split('id="trends"')[1].split("</section>")[0]
    words = re.sub(r"<[^>]*>", " ", section)
    assert "2 units can be compared; 1 of them changed beyond the error." in words
    assert "points, beyond the error." in words
    assert "Units that are no longer evaluated: 第6单位 (u06)." in words
    unit = said(client.get(UNIT).text)
    assert "Is it a change?" in unit
    assert "Interval +" in unit


@pytest.mark.parametrize("login", ["new_only", "designs_then"])
def test_reader_without_a_role_for_the_earlier_scores__is_told_nothing_of_it_anywhere(
    compared: Waves, app: Flask, client: FlaskClient, login: str
) -> None:
    sign_in(client, login)
    assert choices(client.get(BASE).text) == []
    for path in (BASE, UNIT, f"{BASE}/1/provenance", f"{BASE}/1/scores.csv", f"{BASE}/1/scores.json"):
        assert wv.THEN not in client.get(path).text, path
    document = client.get(f"{BASE}/1/scores.json").get_json()
    assert (document["trends"], document["provenance"]["against"]) == (None, None)
    assert "轮次比较" not in cells(client.get(f"{BASE}/1/scores.xlsx").data)
    # What is refused does not tell a campaign that is there from one that is not.
    refused = [send(client, BASE, against=code) for code in (wv.THEN, "nowhere")]
    assert [answer.status_code for answer in refused] == [409, 409]
    first, second = (
        said(answer.text).replace(code, "X") for answer, code in zip(refused, (wv.THEN, "nowhere"), strict=True)
    )
    assert first == second


def test_agency__compares_with_its_own_campaigns_only(compared: Waves, app: Flask, client: FlaskClient) -> None:
    def filled(session: Any) -> None:
        agency, mandate = add_mandate(session, "某评估中心", wv.NOW)
        other, _ = add_mandate(session, "另一评估中心", wv.THEN)
        # Engaged for both, so that its roles hold in both; the earlier campaign is another agency's all the same.
        also = engage(
            session, clock.now(), None, agency, campaign_code=wv.THEN, starts=date(2020, 1, 1), ends=date(2099, 12, 31)
        )
        for code, whose in ((wv.NOW, agency), (wv.THEN, other)):
            session.execute(update(Campaign).where(Campaign.code == code).values(agency_id=whose))
        roles = [(Role.LEAD_EVALUATOR, wv.NOW), (Role.LEAD_EVALUATOR, wv.THEN)]
        agent = add_person(session, "agent", *roles, agency_id=agency)
        declare(session, agent, agency, mandate)
        declare(session, agent, agency, also.id)

    act(app, filled)
    sign_in(client, "agent")
    page = client.get(BASE)
    assert page.status_code == 200
    assert choices(page.text) == []
    for path in (BASE, UNIT, f"{BASE}/1/provenance", f"{BASE}/1/scores.json"):
        assert wv.THEN not in client.get(path).text, path
    assert send(client, BASE, against=wv.THEN).status_code == 409


def test_auditor__reads_the_trend_and_computes_nothing(compared: Waves, app: Flask, client: FlaskClient) -> None:
    sign_in(client, "auditor")
    page = client.get(BASE).text
    assert 'id="trends"' in page
    assert 'name="against"' not in page


def test_workbook__has_a_sheet_of_its_own_with_the_stored_numbers(
    compared: Waves, app: Flask, client: FlaskClient
) -> None:
    sign_in(client, "both")
    stored = client.get(f"{BASE}/1/scores.json").get_json()["trends"]
    book = client.get(f"{BASE}/1/scores.xlsx").data
    sheet = cells(book)["轮次比较"]
    # Printed over several pages, each says whose the rows are.
    assert load_workbook(io.BytesIO(book))["轮次比较"].print_title_cols == "$A:$C"
    assert sheet[4][:3] == ["指标", "单位代码", "单位"]
    rows = [dict(zip(sheet[4], row, strict=True)) for row in sheet[5:]]
    assert [row["单位代码"] for row in rows] == [one["unit"] for one in stored["rows"]]
    columns = {"变化": "difference", "变化下限": "lo", "标准误": "se", "自由度": "df", "p（Holm）": "p_holm"}
    for heading, name in columns.items():
        wanted = [one[name] if one[name] is None else pytest.approx(one[name]) for one in stored["rows"]]
        assert [row[heading] for row in rows] == wanted, heading
    assert rows[0]["上一轮快照"] == f"{wv.THEN}/1"
    assert rows[0]["上一轮报告哈希"] == stored["against"]["report_hash"]
    assert rows[0]["怎么看"].startswith("比上一轮高")
    assert "Holm 1979" in rows[0]["依据"]
    assert "原第二单位" in rows[1]["注意"]


def test_command_line__compares_and_says_it_in_json(
    closed: Waves, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PINGYI_HOME", str(config.home))
    result = CliRunner().invoke(main, ["score", wv.NOW, "--against", wv.THEN, "--json"])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["trends"]["against"]["campaign"] == wv.THEN
    assert document["provenance"]["against"] == {
        name: document["trends"]["against"][name] for name in ("campaign", "number", "report_hash")
    }
    # Printing again computes nothing and loses nothing.
    again = CliRunner().invoke(main, ["score", wv.NOW, "--json"])
    assert json.loads(again.stdout)["trends"] == document["trends"]
    assert CliRunner().invoke(main, ["verify", f"{wv.NOW}/1"]).exit_code == 0
    for code in (wv.NOW, "nowhere"):
        refused = CliRunner().invoke(main, ["score", wv.NOW, "--against", code])
        assert refused.exit_code == 1
        assert "Error:" in refused.stderr


def test_indicator_whose_items_changed__is_shown_with_them_and_without_the_two_scores_side_by_side(
    app: Flask, client: FlaskClient
) -> None:
    database: Database = app.extensions["pingyi"].database
    changed = wv.own_questionnaire(sr_acc_info={"text": {"zh": "办事指南写得清楚。"}}, sr_eff_shirk={"use": "none"})
    own = ([wv.own_questionnaire(), wv.own_plan()], [changed, wv.own_plan(missing={"dimension_min_answered": 1.0})])
    first, second = wv.two(database, {"u01": People(60)}, {"u01": People(60)}, own=own)
    document = wv.snapshot(database, second, first)
    assert document["trends"]["rows"][0]["before"] is not None
    act(app, people)
    sign_in(client, "both")
    section = client.get(BASE).text.split('id="trends"')[1].split("</section>")[0]
    words = re.sub(r"<[^>]*>", " ", section)
    for sentence in (
        "办事指南写得清楚。",
        "删去的题目",
        "题目变了，分差说不清",
        "计分方法有变化：缺答达到多少才计分的规则不同",
    ):
        assert sentence in words, sentence
    assert "<table" not in section
    unit = said(client.get(UNIT).text)
    assert "两次的题目不同，不能比较。" in unit
    assert "“pg2025 年度评估”得分" not in unit
    book = client.get(f"{BASE}/1/scores.xlsx").data
    sheet = cells(book)["轮次比较"]
    # Printed over several pages, each says whose the rows are.
    assert load_workbook(io.BytesIO(book))["轮次比较"].print_title_cols == "$A:$C"
    assert sheet[4][:3] == ["指标", "单位代码", "单位"]
    row = dict(zip(sheet[4], sheet[5], strict=True))
    assert row["上一轮得分"] is None
    with database.reading() as session:
        found = snapshots.snapshot(session, second.campaign, may_see=snapshots.everywhere)
        given = shown.trends(found, names(session, found.document, "zh"))
    assert given is not None
    assert (given.indicators[0].rows[0].before, given.indicators[0].rows[0].difference) == ("–", "–")
    assert "办事指南写得清楚。" in row["注意"]


@pytest.mark.parametrize(
    ("number", "text"), [(None, "–"), (0.04, "0.0"), (-0.04, "0.0"), (3.25, "+3.2"), (-3.26, "−3.3")]
)
def test_difference__is_written_with_its_sign(number: float | None, text: str) -> None:
    assert shown.signed(number) == text


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
def test_pages__are_accessible_and_fit_the_screen(
    compared: Waves, app: Flask, browser: Browser, server: str, width: int
) -> None:
    page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
    page.goto(f"{server}/office/sign-in")
    page.fill("[name=login]", "both")
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    for path in (BASE, UNIT, f"{BASE}/1/units/u02"):
        page.goto(f"{server}{path}")
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.context.close()

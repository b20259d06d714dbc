"""`pingyi campaign`, as it is typed: real files, a real database, exit codes and words."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from survey_app.accounts.models import AuditEntry
from survey_app.campaigns.queries import campaigns as queries
from survey_app.cli.main import main
from survey_app.config import Config
from survey_app.db import Database
from survey_app.library import queries as library
from tests.factories.campaign import doors, setup_document


@pytest.fixture
def pingyi(config: Config, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PINGYI_HOME", str(config.home))
    monkeypatch.delenv("PINGYI_DATABASE_URL", raising=False)

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(main, ["campaign", *map(str, arguments)])

    return run


def written(folder: Path, document: object, name: str = "setup.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def test_life_of_a_campaign__on_the_command_line(pingyi, tmp_path: Path, database: Database) -> None:
    created = pingyi("create", written(tmp_path, setup_document(2)))
    assert created.exit_code == 0, created.output
    assert "已创建草稿 / draft created: c2026" in created.output
    # u01: 1400 of 4300 recipients at the window; n(4300) = 353, of which 353 · 1400 / 4300 = 114.9
    row = next(line for line in created.output.splitlines() if line.startswith("u01") and "窗口" in line)
    assert row.split()[-3:] == ["1400", "115", "230"]
    opened = pingyi("open", "c2026")
    assert opened.exit_code == 0, opened.output
    assert "service_recipient" in opened.output
    for command, words in (("pause", "已暂停"), ("resume", "已恢复"), ("close", "已关闭")):
        result = pingyi(command, "c2026")
        assert result.exit_code == 0, result.output
        assert words in result.output
    assert "关闭时从票箱入库" in result.output
    assert "c2026\t关闭 closed\t2020-01-01 – 2099-12-31" in pingyi("list").output
    with database.reading() as session:
        entries = session.query(AuditEntry).all()
        assert [entry.action for entry in entries] == [
            "campaign.create",
            "campaign.open",
            "campaign.pause",
            "campaign.resume",
            "campaign.stop",
            "campaign.close",
        ]
        assert {entry.person_id for entry in entries} == {None}


def test_template__is_a_workbook_that_creates_a_campaign(pingyi, tmp_path: Path) -> None:
    path = tmp_path / "模板.xlsx"
    assert pingyi("template", path).exit_code == 0
    assert "单位" in load_workbook(path).sheetnames
    created = pingyi("create", path)
    assert created.exit_code == 0, created.output
    assert "pg2026" in created.output


def test_open_links__are_chosen_by_unit(pingyi, tmp_path: Path, database: Database) -> None:
    assert pingyi("create", written(tmp_path, setup_document(2)), "--open-link", "u02", "--demo").exit_code == 0
    with database.reading() as session:
        campaign = queries.campaign(session, "c2026", None)
        tiers = {(row.unit_code, row.tier) for row in doors(session, campaign, "service_recipient")}
        assert tiers == {("u01", "T1"), ("u02", "T0")}
        assert campaign.demo


def test_open_link__for_a_unit_that_is_not_there__is_refused(pingyi, tmp_path: Path, database: Database) -> None:
    result = pingyi("create", written(tmp_path, setup_document(1)), "--open-link", "u77")
    assert result.exit_code == 1
    assert "u77" in result.output
    with database.reading() as session:
        assert queries.campaigns(session, None) == []


def test_faults__are_all_printed_and_nothing_is_created(pingyi, tmp_path: Path, database: Database) -> None:
    document = setup_document(2)
    document["units"][0]["frame"][0]["size"] = 0
    del document["units"][1]["name"]
    result = pingyi("create", written(tmp_path, document))
    assert result.exit_code == 1
    for place in ("setup.json /units/0/frame/0/size", "setup.json /units/1/name"):
        assert place in result.output, place
    with database.reading() as session:
        assert queries.campaigns(session, None) == []


@pytest.mark.parametrize("named", [{"questionnaires": [{}]}, {"questionnaires": [["staff"]]}, {"plan": {}}])
def test_names_that_are_no_names__are_findings(pingyi, tmp_path: Path, named: dict[str, object]) -> None:
    written(tmp_path, library.builtin("questionnaire", "staff")[0], "beside.json")
    refused = pingyi("create", written(tmp_path, setup_document(2) | named))
    assert refused.exit_code == 1
    assert "string_type" in refused.output


@pytest.mark.parametrize("command", ["open", "pause", "resume", "close"])
def test_unknown_campaign__is_said_in_both_languages(pingyi, command: str) -> None:
    result = pingyi(command, "nobody")
    assert result.exit_code == 1
    assert "没有这一项" in result.output
    assert "There is no such thing" in result.output


def test_file_that_is_not_there__is_said(pingyi, tmp_path: Path) -> None:
    result = pingyi("create", tmp_path / "nothing.json")
    assert result.exit_code == 1
    assert "nothing.json" in result.output


def test_questionnaire_beside_the_set_up__is_used(pingyi, tmp_path: Path, database: Database) -> None:
    document = setup_document(1)
    document["questionnaires"] = ["own_staff", "service_recipient", "related_department"]
    own, _ = library.builtin("questionnaire", "staff")
    written(tmp_path, own | {"id": "own_staff", "version": "5"}, "own.json")
    written(tmp_path, {"unrelated": True}, "other.json")
    result = pingyi("create", written(tmp_path, document))
    assert result.exit_code == 0, result.output
    with database.reading() as session:
        campaign = queries.campaign(session, "c2026", None)
        assert queries.questionnaires_of(session, campaign)["own_staff"].version == "5"


def test_check__is_the_one_of_the_format(pingyi, tmp_path: Path) -> None:
    good = pingyi("check", written(tmp_path, setup_document(1)), "--json")
    assert good.exit_code == 0, good.output
    assert list(json.loads(good.output)) == ["findings"]
    bad = pingyi("check", written(tmp_path, {}), "--json")
    assert bad.exit_code == 1
    assert {"file", "severity", "code", "pointer", "message", "remedy"} == set(json.loads(bad.output)["findings"][0])

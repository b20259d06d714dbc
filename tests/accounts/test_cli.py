"""`pingyi account` and `pingyi audit`, as typed."""

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select, text

from survey_app import clock
from survey_app.accounts.models import AuditEntry, Person
from survey_app.accounts.operations.audit import record
from survey_app.cli.main import main
from survey_app.config import Config
from survey_app.db import Database
from tests.factories.accounts import PASSWORD, add_campaign, add_mandate, sign_in


@pytest.fixture
def home(config: Config, monkeypatch: pytest.MonkeyPatch) -> Config:
    """The environment of the command, with an administrator in it."""
    monkeypatch.setenv("PINGYI_HOME", str(config.home))
    monkeypatch.setenv("PINGYI_SECRET_KEY", "k" * 32)
    monkeypatch.delenv("PINGYI_DATABASE_URL", raising=False)
    return config


def run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, list(arguments), input=typed)


def test_first_administrator__is_made_and_can_sign_in(home: Config, app: Flask) -> None:
    made = run(
        "account", "create", "Boss", "--name", "张三", "--role", "administrator", "--password-stdin", typed=PASSWORD
    )
    assert made.exit_code == 0, made.output
    assert PASSWORD not in made.output
    client = app.test_client()
    assert sign_in(client, "boss").status_code == 303
    assert client.get("/office/people").status_code == 200
    listed = run("account", "list")
    assert "boss\t张三\t管理员/administrator" in listed.output


def test_generated_password__is_shown_once_and_must_be_changed(home: Config, app: Flask) -> None:
    made = run("account", "create", "boss", "--name", "张三", "--role", "administrator")
    password = made.output.rsplit(": ", 1)[1].strip()
    client = app.test_client()
    assert sign_in(client, "boss", password).status_code == 303
    assert client.get("/office/people").location == "/office/me"


def test_role_in_a_campaign_for_an_agency__is_given(home: Config, database: Database) -> None:
    with database.writing() as session:
        add_campaign(session, "a")
        add_mandate(session, "评估中心", "a")
        session.commit()
    arguments = ["account", "create", "wang", "--name", "王", "--agency", "评估中心", "--campaign", "a"]
    made = run(*arguments, "--role", "evaluator", "--role", "designer")
    assert made.exit_code == 0, made.output
    assert "评估人/evaluator @a" in run("account", "list").output
    assert "问卷设计人/designer @a" in run("account", "list").output


@pytest.mark.parametrize(
    ("arguments", "typed", "said"),
    [
        (["--role", "evaluator"], None, "须指定评估轮次"),
        (["--role", "evaluator", "--campaign", "nowhere"], None, "没有这一项"),
        (["--agency", "无此机构"], None, "请管理员先在网页的“机构”中登记"),
        (["--password-stdin"], "short", "密码至少 12 个字符"),
        (["--role", "emperor"], None, "emperor"),
    ],
)
def test_bad_create__says_why_and_makes_nothing(
    home: Config, database: Database, arguments: list[str], typed: str | None, said: str
) -> None:
    refused = run("account", "create", "boss", "--name", "张三", *arguments, typed=typed)
    assert refused.exit_code != 0
    assert said in refused.output
    with database.reading() as session:
        assert session.scalars(select(Person)).first() is None


def test_reset_and_ended_sessions__work_from_the_command_line(home: Config, app: Flask) -> None:
    run("account", "create", "boss", "--name", "张三", "--role", "administrator", "--password-stdin", typed=PASSWORD)
    client = app.test_client()
    sign_in(client, "boss")
    ended = run("account", "sessions", "end", "boss")
    assert "已结束 1 个会话" in ended.output
    assert client.get("/office/me").status_code == 303
    reset = run("account", "password", "boss")
    assert sign_in(client, "boss").status_code == 403
    assert sign_in(client, "boss", reset.output.rsplit(": ", 1)[1].strip()).status_code == 303
    assert run("account", "password", "nobody.here").exit_code == 1
    assert run("account", "sessions", "end", "nobody.here").exit_code == 1


def test_audit_verify__is_0_for_a_sound_log_and_1_with_the_entry_for_a_broken_one(
    home: Config, database: Database
) -> None:
    empty = run("audit", "verify")
    assert (empty.exit_code, "0 条记录" in empty.output) == (0, True)
    for login in ("first", "second", "third"):
        run("account", "create", login, "--name", "张三")
    sound = run("audit", "verify")
    assert (sound.exit_code, "3 条记录依次相连" in sound.output) == (0, True)
    noted = sound.output.split("last sound entry ")[1].strip()
    assert noted.startswith("3:")
    assert run("audit", "verify", "--noted", noted.replace(":", "：").upper()).exit_code == 0
    for unlike in (f"3:{'0' * 64}", noted.replace("3:", "4:")):
        compared = run("audit", "verify", "--noted", unlike)
        assert (compared.exit_code, f"抄存的第 {unlike[0]} 条已不在或已不同" in compared.output) == (1, True)
    for unreadable in ("3", "3:" + "g" * 64, f"0:{noted[2:]}"):
        assert run("audit", "verify", "--noted", unreadable).exit_code == 2, unreadable
    with database.writing() as session:
        session.execute(text("DROP TRIGGER IF EXISTS audit_entry_is_not_changed"))
        session.get_one(AuditEntry, 2).subject = "person:somebody-else"
        session.commit()
    broken = run("audit", "verify")
    assert broken.exit_code == 1
    assert "第 2 条处断开" in broken.output
    assert "breaks at entry 2" in broken.output
    assert "last sound entry 1:" in broken.output


def test_audit_list__shows_the_last_entries_newest_last(home: Config, database: Database) -> None:
    with database.writing() as session:
        for number in range(60):
            record(session, clock.now(), None, "campaign.open" if number else "person.create", f"campaign:c{number}")
        session.commit()
    lines = run("audit", "list", "--last", "55").output.splitlines()
    assert len(lines) == 55
    assert [lines[0].split("\t")[0], lines[-1].split("\t")[0]] == ["6", "60"]
    assert "campaign:c59" in lines[-1]
    assert len(run("audit", "list", "--subject", "C59").output.splitlines()) == 1
    assert len(run("audit", "list", "--action", "person.").output.splitlines()) == 1

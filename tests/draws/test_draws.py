"""Draws from announcing to certificate: what is recorded, what is refused, by operations, pages and command line."""

import hashlib
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey_app.accounts.models import AuditEntry
from survey_app.accounts.rules import Role
from survey_app.cli.main import main
from survey_app.config import Config
from survey_app.db import Database
from survey_app.draws import operations, queries, rules
from survey_app.draws.models import SampleDraw
from survey_app.errors import BadInput, NotFound
from tests.draws.test_rules import DIGEST, LIST
from tests.factories.accounts import add_person, csrf_token, database_of, sign_in
from tests.factories.campaign import NOON, draft, setup_document

C = "/office/campaigns/c2026/draws"
DRAWN = [3, 5, 6, 11, 15, 18, 19]


def announce(session: Session, campaign: object, **how: object) -> SampleDraw:
    values: dict[str, object] = {"wanted": 7, "stratum_column": "窗口", "purpose": "发卡", "seed_hash": ""}
    values |= {"seed_source": "某月某日开奖号码", "now": NOON, "person_id": None}
    listed = operations.read_draw_list("l.csv", LIST.encode(), "窗口")
    return operations.announce(session, campaign, listed, **values | how)  # type: ignore[arg-type]


def perform(session: Session, campaign: object, data: str = LIST, seed: str = " 3 7 1 ", number: int = 1) -> SampleDraw:
    return operations.perform(
        session,
        campaign,  # type: ignore[arg-type]
        number,
        "l.csv",
        data.encode(),
        seed=seed,
        now=NOON,
        person_id=None,
    )


def test_draw__is_announced_then_done_once_and_the_list_is_not_kept(each_database: Database) -> None:
    with each_database.writing() as session:
        campaign = draft(session, setup_document(1))
        made = announce(session, campaign)
        assert (made.number, made.list_hash, made.people, made.algorithm) == (1, DIGEST, 20, "pingyi-draw/1")
        assert [(share.stratum, share.people, share.wanted) for share in queries.shares_of(made)] == [
            ("甲", 12, 4),
            ("乙", 8, 3),
        ]
        assert queries.drawn_rows(made) == []
        done = perform(session, campaign)
        assert (done.seed, queries.drawn_rows(done)) == ("3 7 1", DRAWN)
        with pytest.raises(rules.DrawnBefore):
            perform(session, campaign)
        kept = session.execute(text("SELECT * FROM sample_draw")).all()
        assert "p1" not in repr(kept)
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action.like("draw.%"))).all()
        details = [json.loads(entry.detail) for entry in entries]
        assert [entry.action for entry in entries] == ["draw.announce", "draw.perform"]
        assert details[0]["list"] == DIGEST
        assert details[1]["drawn"] == hashlib.sha256(json.dumps(DRAWN).encode()).hexdigest()


def test_draw__with_another_list_or_seed__is_refused(database: Database) -> None:
    with database.writing() as session:
        campaign = draft(session, setup_document(1))
        announce(session, campaign)
        announce(session, campaign, seed_source="", seed_hash=rules.seed_digest("秘密").upper())
        with pytest.raises(rules.OtherList):
            perform(session, campaign, LIST + "\n")
        with pytest.raises(rules.SeedNeeded):
            perform(session, campaign, seed="  ")
        with pytest.raises(rules.OtherSeed):
            perform(session, campaign, number=2)
        perform(session, campaign, seed="秘密", number=2)
        with pytest.raises(NotFound):
            perform(session, campaign, number=3)


@pytest.mark.parametrize(
    "how",
    [
        {"seed_source": "", "seed_hash": ""},
        {"seed_source": "开奖", "seed_hash": "a" * 64},
        {"seed_source": "", "seed_hash": "xyz"},
        {"seed_source": "", "seed_hash": "g" * 64},
    ],
)
def test_announcement__names_one_origin_of_the_seed(database: Database, how: dict[str, object]) -> None:
    with database.writing() as session:
        campaign = draft(session, setup_document(1))
        with pytest.raises(rules.SeedNotAnnounced):
            announce(session, campaign, **how)


@pytest.mark.parametrize("wanted", [0, 21])
def test_announcement__of_nobody_or_too_many__is_refused(database: Database, wanted: int) -> None:
    with database.writing() as session:
        campaign = draft(session, setup_document(1))
        with pytest.raises(rules.SampleSize):
            announce(session, campaign, wanted=wanted)


def test_table__itself_refuses_a_seed_that_nobody_announced(each_database: Database) -> None:
    with each_database.writing() as session:
        made = announce(session, draft(session, setup_document(1)))
        made.seed_source = None
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()


def test_lists__are_read_by_row_numbers_with_blank_rows_left_out() -> None:
    listed = operations.read_draw_list("l.csv", "姓名\n甲\n\n乙\n , \n丙\n".encode("gb18030"), None)
    assert [row.number for row in listed.rows] == [2, 4, 6]
    book = Workbook()
    for row in (("姓名", "窗口"), ("甲", "一"), (None, None), ("乙", "一")):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    listed = operations.read_draw_list("l.xlsx", stream.getvalue(), "窗口")
    assert [(row.number, row.stratum) for row in listed.rows] == [(2, "一"), (4, "一")]
    assert listed.digest == hashlib.sha256(stream.getvalue()).hexdigest()


def test_lists__that_cannot_be_drawn_from__are_refused() -> None:
    with pytest.raises(rules.NobodyListed):
        operations.read_draw_list("l.csv", b"name\n", None)
    with pytest.raises(rules.RowTwice):
        operations.read_draw_list("l.csv", "姓名\n甲\n乙\n甲 \n".encode(), None)
    with pytest.raises(rules.NoSuchColumn):
        operations.read_draw_list("l.csv", LIST.encode(), "分层")
    # A column of names would leave the names in the record.
    with pytest.raises(rules.NotAStratum):
        operations.read_draw_list("l.csv", LIST.encode(), "姓名")
    with pytest.raises(BadInput):
        operations.read_draw_list("l.csv", b"\xff\xfe\x00", None)


@pytest.fixture
def desk(app: Flask, client: FlaskClient) -> FlaskClient:
    with database_of(app).writing() as session:
        draft(session, setup_document(1))
        add_person(session, "anna", (Role.DESIGNER, "c2026"))
        session.commit()
    sign_in(client, "anna")
    return client


def post(client: FlaskClient, url: str, data: str | None = LIST, **values: str) -> TestResponse:
    files = {} if data is None else {"file": (io.BytesIO(data.encode()), "l.csv")}
    token = csrf_token(client.get(url))
    return client.post(url, data={"csrf_token": token, **values, **files}, content_type="multipart/form-data")


def test_pages__from_announcement_to_certificate(desk: FlaskClient) -> None:
    typed = {"purpose": "窗口发卡名单", "wanted": "7", "stratum_column": "窗口", "seed_source": "开奖号码"}
    for wrong, said in (
        ({"wanted": "0"}, "开奖号码"),
        ({"wanted": "99"}, "抽取人数须在 1 到 20 之间"),
        ({"seed_hash": "abc"}, "请二选一"),
        ({"stratum_column": "无"}, "没有“无”这一列"),
    ):
        refused = post(desk, C, **typed | wrong)
        assert refused.status_code == 422
        assert said in refused.text
        assert "窗口发卡名单" in refused.text
    assert post(desk, C, None, **typed).status_code == 422
    assert post(desk, C, '姓名\n"甲', **typed).status_code == 422
    made = post(desk, C, **typed)
    assert (made.status_code, made.location) == (303, f"{C}/1")
    assert "已公告，待抽取" in desk.get(C).text
    assert post(desk, f"{C}/1", LIST + "\n", seed="3 7 1").status_code == 409
    assert post(desk, f"{C}/1", seed="").status_code == 422
    assert post(desk, f"{C}/1", seed="3 7 1").status_code == 303
    certificate = desk.get(f"{C}/1").text
    assert "3 5 6 11 15 18 19" in certificate
    assert DIGEST in certificate
    assert 'name="seed"' not in certificate
    again = {"csrf_token": csrf_token(desk.get("/office/me")), "seed": "3 7 1", "file": (io.BytesIO(b"x"), "l.csv")}
    assert desk.post(f"{C}/1", data=again, content_type="multipart/form-data").status_code == 409
    assert desk.get(f"{C}/2").status_code == 404


def test_command__announces_draws_and_checks(
    database: Database, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing() as session:
        draft(session, setup_document(1))
        session.commit()
    monkeypatch.setenv("PINGYI_HOME", str(config.home))
    path = tmp_path / "l.csv"
    path.write_text(LIST)

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["draw", *arguments])
        return done.exit_code, done.output

    code, said = run(str(path), "--n", "7", "--strata", "窗口", "--campaign", "c2026", "--source", "开奖")
    assert code == 0, said
    assert "c2026/1" in said
    code, said = run(str(path), "--campaign", "c2026", "--announced", "1", "--seed", "3 7 1")
    assert code == 0, said
    assert said.split()[-7:] == [str(row) for row in DRAWN]
    code, said = run(str(path), "--n", "7", "--seed", "3 7 1", "--strata", "窗口")
    assert (code, said.split()[-7:]) == (0, [str(row) for row in DRAWN])
    assert run(str(path), "--campaign", "c2026", "--announced", "1", "--seed", "3 7 1")[0] == 1
    assert run(str(path), "--n", "7")[0] == 2
    assert run(str(path), "--n", "7", "--announced", "1", "--seed", "3")[0] == 2
    assert run(str(path), "--n", "70", "--seed", "3")[0] == 1
    assert run(str(tmp_path / "none.csv"), "--n", "7", "--seed", "3")[0] == 1

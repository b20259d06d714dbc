"""Named lists on the office's side: pages, invitations, cards instead, opening checks, closing with a certificate."""

import csv
import hashlib
import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, insert, select, update

from survey_app.accounts.models import AuditEntry
from survey_app.accounts.rules import Role
from survey_app.admission.rules import code_hash
from survey_app.app import create_app
from survey_app.campaigns import rules as campaign_rules
from survey_app.campaigns.operations import creating
from survey_app.campaigns.operations.cards import set_tier
from survey_app.campaigns.queries import campaigns as queries
from survey_app.config import Config
from survey_app.db import Database
from survey_app.errors import BadInput
from survey_app.fieldwork.operations import closing, named_lists, opening
from survey_app.fieldwork.queries import progress
from survey_app.invitations.models import Invitee, NamedList, Spent
from survey_app.invitations.operations.keys import SigningKeys
from survey_app.invitations.queries import discrepant, published
from survey_app.invitations.rules.lists import CountsDoNotFit, ListCounts, ListFixed, NoList
from survey_app.responses.boxes import Boxes
from survey_app.responses.keys import KeyFiles
from tests.factories.accounts import add_person, csrf_token, send, sign_in
from tests.factories.campaign import NOON, doors, read, setup_document
from tests.factories.invited import fetch
from tests.factories.named_lists import csv_file, list_campaign, with_list


def token_name(page: str) -> str:
    """Under which a phone keeps what it fetched."""
    found = re.search(r'data-token="([0-9a-f]+)"', page)
    assert found
    return found[1]


BY = {"now": NOON, "person_id": None}
C = "/office/campaigns/c2026"


@pytest.fixture
def database(app: Flask) -> Database:
    found: Database = app.extensions["pingyi"].database
    return found


@pytest.fixture
def desk(app: Flask, database: Database) -> FlaskClient:
    """An administrator's browser, and a draft campaign with one door by named list."""
    with database.writing() as session:
        list_campaign(session)
        add_person(session, "anna", (Role.ADMINISTRATOR, None))
        session.commit()
    client = app.test_client()
    assert sign_in(client, "anna").status_code == 303
    return client


def door_of(database: Database) -> int:
    with database.reading() as session:
        return doors(session, queries.campaign(session, "c2026", None), "staff")[0].id


def upload(desk: FlaskClient, url: str, data: bytes, name: str = "名单.csv") -> object:
    token = csrf_token(desk.get(url))
    form = {"csrf_token": token, "file": (io.BytesIO(data), name)}
    return desk.post(url, data=form, content_type="multipart/form-data")


def test_list__is_imported_shown_and_replaced_until_opening(desk: FlaskClient, database: Database) -> None:
    url = f"{C}/collectors/{door_of(database)}/list"
    assert upload(desk, url, csv_file(12)).status_code == 303  # type: ignore[attr-defined]
    page = desk.get(url).text
    assert "受邀人012" in page
    assert "13800000001" in page
    refused = upload(desk, url, "姓名\n张三\n张三\n".encode())
    assert refused.status_code == 422  # type: ignore[attr-defined]
    assert "与第 2 行完全相同" in refused.text  # type: ignore[attr-defined]
    assert "受邀人012" in desk.get(url).text
    assert upload(desk, url, csv_file(15)).status_code == 303  # type: ignore[attr-defined]
    assert send(desk, f"{C}/open", f"{C}/open").status_code == 303
    assert upload(desk, f"{C}/collectors", csv_file(16)).status_code == 405  # type: ignore[attr-defined]
    late = desk.post(
        url,
        data={"csrf_token": csrf_token(desk.get(url)), "file": (io.BytesIO(csv_file(16)), "a.csv")},
        content_type="multipart/form-data",
    )
    assert late.status_code == 409
    with database.reading() as session:
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("list%"))).all()
        details = session.scalars(select(AuditEntry.detail).where(AuditEntry.action.like("list%"))).all()
    assert actions == ["list.import", "list.import"]
    assert "受邀人" not in str(details)


def test_letters_and_file__show_each_link_once_and_store_its_hash_only(
    desk: FlaskClient, database: Database, app: Flask
) -> None:
    door = door_of(database)
    url = f"{C}/collectors/{door}/list"
    upload(desk, url, csv_file(12))
    send(desk, f"{C}/open", f"{C}/open")
    letters = send(desk, f"{url}/links", url, kind="letters").text
    secrets = [
        "".join(re.findall(r">([0-9A-Z]{4})<", code)) for code in re.findall(r'<p class="code">(.*?)</p>', letters)
    ]
    assert len(set(secrets)) == 12
    assert all(len(secret) == 16 for secret in secrets)
    assert "公钥指纹" in letters
    with database.reading() as session:
        stored = session.scalars(select(Invitee.link_hash).order_by(Invitee.position)).all()
    assert stored == [code_hash(secret) for secret in secrets]
    again = send(desk, f"{url}/links", url, kind="file")
    assert again.status_code == 409
    assert "重新制作" in again.text
    names_before = token_name(app.test_client().get(f"/i/{secrets[0]}").text)
    fetch(app.test_client(), secrets[0], door)
    merged = send(desk, f"{url}/links", url, kind="file", renew="y")
    assert merged.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(merged.text.removeprefix("\ufeff"))))
    assert rows[0] == ["姓名", "联系方式", "备注", "个人链接", "个人码", "公钥指纹"]
    # Whoever has a credential gets a letter too: the names that are missing would be those who fetched one.
    assert [row[0] for row in rows[1:]] == [f"受邀人{number:03}" for number in range(1, 13)]
    assert token_name(app.test_client().get(f"/i/{rows[1][4]}").text) == names_before
    assert rows[1][3].endswith("/i/" + rows[1][4].replace("-", ""))
    assert app.test_client().get(f"/i/{secrets[1]}").status_code == 404
    assert app.test_client().get(f"/i/{rows[1][4]}").status_code == 200


def test_card__is_marked_on_the_list_and_bars_the_link(desk: FlaskClient, database: Database, app: Flask) -> None:
    door = door_of(database)
    url = f"{C}/collectors/{door}/list"
    upload(desk, url, csv_file(12))
    send(desk, f"{C}/open", f"{C}/open")
    rows = list(csv.reader(io.StringIO(send(desk, f"{url}/links", url, kind="file").text)))[1:]
    assert send(desk, f"{url}/card", url, position="3").status_code == 303
    assert "您已经领取了填答卡片" in app.test_client().get(f"/i/{rows[2][4]}").text
    fetch(app.test_client(), rows[0][4], door)
    for position, words in (
        ("3", "已经登记领卡"),
        ("1", "已经用手机领取过"),
        ("99", "名单中没有这一行"),
        ("", "请填写"),
    ):
        refused = send(desk, f"{url}/card", url, position=position)
        assert refused.status_code in {404, 409, 422}, position
        assert words in refused.text, position
    page = desk.get(url).text
    # One has fetched a credential: the page does not say so before ten have.
    assert "至少 0" in page


def test_formulas_in_a_list__are_harmless_in_the_file_and_telephone_numbers_stay(
    desk: FlaskClient, database: Database
) -> None:
    url = f"{C}/collectors/{door_of(database)}/list"
    upload(
        desk, url, "姓名,联系方式\n=1+1,+86 138\n".encode() + csv_file(12).split(b"\r\n", 1)[1].replace(b"\r\n", b"\n")
    )
    rows = list(csv.reader(io.StringIO(send(desk, f"{url}/links", url, kind="file").text)))
    assert rows[1][:2] == ["'=1+1", "+86 138"]


def test_door__may_work_by_list_only_where_nobody_is_pointed_at(database: Database) -> None:
    with database.writing() as session:
        campaign, door = list_campaign(session)
        department = doors(session, campaign, "related_department")[0]
        with pytest.raises(campaign_rules.NotByNamedList):
            set_tier(session, campaign, department.id, "T2", **BY)
        named_lists.import_list(session, campaign, door.id, "a.csv", csv_file(12), **BY)
        with pytest.raises(campaign_rules.ListExists):
            set_tier(session, campaign, door.id, "T1", **BY)
        with pytest.raises(campaign_rules.ListExists):
            creating.replace(session, campaign, read(setup_document(1)), agency_id=None, **BY)
        named_lists.discard_list(session, campaign, door.id, **BY)
        with pytest.raises(NoList):
            named_lists.discard_list(session, campaign, door.id, **BY)
        set_tier(session, campaign, door.id, "T1", **BY)


@pytest.mark.parametrize(
    ("people", "code"), [(0, "list_missing"), (9, "list_too_short"), (500, "list_beyond_headcount")]
)
def test_opening__needs_a_list_that_hides_and_fits(database: Database, config: Config, people: int, code: str) -> None:
    with database.writing() as session:
        campaign, _door = with_list(session, people) if people else list_campaign(session)
        found = opening.opening_faults(session, campaign, config=config, now=NOON)
    assert code in [fault.code for fault in found]


def test_opening__makes_one_key_for_each_list_and_fixes_it(each_database: Database, each_config: Config) -> None:
    with each_database.writing() as session:
        campaign, door = with_list(session)
        opening.open_campaign(session, campaign, config=each_config, agency_id=None, **BY)
        session.commit()
        public = session.scalars(select(NamedList.public_key)).one()
        key = SigningKeys(each_config.key_directory).read(door.id)
        assert key is not None
        assert public
        with pytest.raises(ListFixed):
            named_lists.import_list(session, campaign, door.id, "a.csv", csv_file(12), **BY)
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "campaign.open")).one()
        assert hashlib.sha256(public).hexdigest()[:8] in str(entry.detail)


def test_rows_put_in_beside_the_sums__forbid_opening_and_going_on(each_database: Database, each_config: Config) -> None:
    with each_database.writing() as session:
        campaign, door = with_list(session)
        opening.open_campaign(session, campaign, config=each_config, agency_id=None, **BY)
        closing.pause_campaign(session, campaign, **BY)
        session.execute(insert(Spent).values(hash=b"x" * 32, collector_id=door.id, receipt=b"y" * 32))
        assert [one.collector_id for one in discrepant(session, [door.id])] == [door.id]
        with pytest.raises(CountsDoNotFit):
            closing.resume_campaign(session, campaign, **BY)
        session.execute(delete(Spent))
        session.execute(update(Invitee).where(Invitee.position == 1).values(card_taken=True))
        with pytest.raises(CountsDoNotFit):
            closing.resume_campaign(session, campaign, **BY)
    with each_database.writing() as session:
        campaign, door = with_list(session)
        session.execute(delete(Invitee).where(Invitee.position == 1))
        faults = opening.opening_faults(session, campaign, config=each_config, now=NOON)
        assert "list_counts_do_not_fit" in [fault.code for fault in faults]
        with pytest.raises(BadInput):
            opening.open_campaign(session, campaign, config=each_config, agency_id=None, **BY)


def test_closing__destroys_list_and_key_and_leaves_a_certificate(
    desk: FlaskClient, database: Database, app: Flask
) -> None:
    door = door_of(database)
    url = f"{C}/collectors/{door}/list"
    assert desk.get(f"{url}/certificate").status_code == 404
    upload(desk, url, csv_file(12))
    send(desk, f"{C}/open", f"{C}/open")
    send(desk, f"{url}/links", url, kind="file")
    keys = SigningKeys(app.extensions["pingyi"].config.key_directory)
    assert keys.read(door) is not None
    assert send(desk, f"{C}/close", f"{C}/close").status_code == 200
    assert keys.read(door) is None
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Invitee)) == 0
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "campaign.close")).one()
    digest = hashlib.sha256(csv_file(12)).hexdigest()
    assert digest in str(entry.detail)
    page = desk.get(f"{url}/certificate").text
    assert digest in page
    assert "销毁行数" in page
    assert "anna" in page.lower() or "经办人" in page
    assert send(desk, f"{url}/links", url, kind="file").status_code == 409
    # The names are gone from the file itself, not only from its tables.
    assert database.is_sqlite
    path = app.extensions["pingyi"].config.home / "pingyi.sqlite3"
    assert "受邀人012".encode() not in path.read_bytes()


def test_closing__leaves_no_page_of_the_list_in_the_database(each_database: Database, each_config: Config) -> None:
    with each_database.writing() as session:
        campaign, _door = with_list(session, 100)
        opening.open_campaign(session, campaign, config=each_config, agency_id=None, **BY)
        session.commit()
        closing.close_campaign(session, Boxes(each_database, KeyFiles(each_config.key_directory)), campaign, **BY)
        session.commit()
    closing.after_closing(each_database)
    if each_database.is_sqlite:
        assert "受邀人100".encode() not in (each_config.home / "pingyi.sqlite3").read_bytes()
    else:
        with each_database.engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT pg_relation_size('invitee')").scalar_one() == 0


def test_key_that_an_interrupted_closing_left__is_destroyed_at_the_next_start(
    database: Database, config: Config
) -> None:
    keys = SigningKeys(config.key_directory)
    with database.writing() as session:
        campaign, door = with_list(session)
        opening.open_campaign(session, campaign, config=config, agency_id=None, **BY)
        session.commit()
        closing.close_campaign(session, Boxes(database, KeyFiles(config.key_directory)), campaign, **BY)
        session.commit()
    keys.create(door.id)
    create_app(config).extensions["pingyi"].database.engine.dispose()
    assert keys.read(door.id) is None


def test_published__are_keys_and_sums_in_steps_that_become_exact_at_close(database: Database, config: Config) -> None:
    with database.writing() as session:
        campaign, door = with_list(session, 40)
        assert published(session, [door.id]) == []
        opening.open_campaign(session, campaign, config=config, agency_id=None, **BY)
        session.execute(update(NamedList).values(card_taken=11, issued=19))
        (shown,) = published(session, [door.id])
        assert (shown.counts, shown.final) == (ListCounts(40, 10, 10, 0), False)
        closing.close_campaign(session, Boxes(database, KeyFiles(config.key_directory)), campaign, **BY)
        (shown,) = published(session, [door.id])
        assert (shown.counts, shown.final) == (ListCounts(40, 11, 19, 0), True)
        assert shown.fingerprint.replace(" ", "") == hashlib.sha256(shown.public_key).hexdigest()


def test_progress__of_a_named_list_is_of_those_who_are_invited(database: Database, config: Config) -> None:
    with database.writing() as session:
        campaign, _door = with_list(session, 12)
        opening.open_campaign(session, campaign, config=config, agency_id=None, **BY)
        row = next(row for row in progress(session, campaign) if row.tiers == ("T2",))
    assert row.people == 12


def test_sums__are_shown_in_steps() -> None:
    assert ListCounts(25, 9, 19, 10).in_steps() == ListCounts(25, 0, 10, 10)

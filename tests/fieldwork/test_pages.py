"""Office pages of a running campaign: opening and closing, the card register, progress."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from survey_app.accounts.models import AuditEntry
from survey_app.accounts.rules import Role
from survey_app.admission.models import AccessCode
from survey_app.campaigns.queries import campaigns as queries
from survey_app.db import Database
from survey_app.fieldwork.models import SpareRequest
from tests.factories.accounts import add_person, send, sign_in
from tests.factories.campaign import draft, make_cards, setup_document

C = "/office/campaigns/c2026"


@pytest.fixture
def database(app: Flask) -> Database:
    found: Database = app.extensions["pingyi"].database
    return found


@pytest.fixture
def desk(app: Flask, database: Database) -> FlaskClient:
    """An administrator's browser, and a draft campaign."""
    with database.writing() as session:
        draft(session, setup_document(2))
        add_person(session, "anna", (Role.ADMINISTRATOR, None))
        session.commit()
    client = app.test_client()
    assert sign_in(client, "anna").status_code == 303
    return client


def test_campaign__opens_pauses_resumes_and_closes(desk: FlaskClient, database: Database, app: Flask) -> None:
    assert "检查通过" in desk.get(f"{C}/open").text
    assert send(desk, f"{C}/open", f"{C}/open").location == C
    page = desk.get(C).text
    assert "开放中" in page
    assert 'title="' in page
    assert send(desk, f"{C}/pause", C).status_code == 303
    assert "已暂停" in desk.get(C).text
    assert send(desk, f"{C}/resume", C).status_code == 303
    assert send(desk, f"{C}/collectors/1/pause", C).status_code == 303
    assert send(desk, f"{C}/collectors/1/resume", C).status_code == 303
    closed = send(desk, f"{C}/close", f"{C}/close")
    assert closed.status_code == 200
    assert "已关闭" in closed.text
    assert send(desk, f"{C}/open", C).status_code == 409
    with database.reading() as session:
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == "campaign:c2026")).all()
    assert actions == [
        "campaign.create",
        "campaign.open",
        "campaign.pause",
        "campaign.resume",
        "collector.pause",
        "collector.resume",
        "campaign.stop",
        "campaign.close",
    ]
    kept = [path.read_bytes() for path in Path(app.extensions["pingyi"].config.key_directory).iterdir()]
    assert not any(map(any, kept))


def test_opening_that_is_forbidden__says_why_before_and_after_the_button(desk: FlaskClient, database: Database) -> None:
    with database.writing() as session:
        make_cards(session, queries.campaign(session, "c2026", None), 1, 4)
        session.commit()
    assert "少于 10 张" in desk.get(f"{C}/open").text
    refused = send(desk, f"{C}/open", C)
    assert refused.status_code == 422
    assert "少于 10 张" in refused.text
    with database.reading() as session:
        assert queries.campaign(session, "c2026", None).state == "draft"


def test_group_that_is_too_small__is_named_where_cards_are_made_and_before_closing(
    desk: FlaskClient, database: Database
) -> None:
    assert "未读取即销毁" not in desk.get(f"{C}/collectors").text
    send(desk, f"{C}/open", f"{C}/open")
    with database.writing() as session:
        make_cards(session, queries.campaign(session, "c2026", None), 1, 4)
        session.commit()
    for path in ("/collectors", "/close"):
        assert "只启用了 4 张卡片" in desk.get(C + path).text, path


def test_register__is_kept_on_its_page(desk: FlaskClient, database: Database) -> None:
    with database.writing() as session:
        make_cards(session, queries.campaign(session, "c2026", None), 1, 20)
        session.commit()
    page, url = f"{C}/collectors/1/register", f"{C}/batches/1/movements"
    day = "2024-05-04"
    assert send(desk, url, page, kind="handed_out", cards="15", on_day=day, note="人事科").location == page
    assert send(desk, url, page, kind="returned_unused", cards="2", on_day=day, note="").status_code == 303
    shown = desk.get(page).text
    assert "人事科" in shown
    assert send(desk, url, page, kind="handed_out", cards="6", on_day=day, note="").status_code == 422
    assert send(desk, url, page, kind="handed_out", cards="", on_day="", note="").status_code == 422
    assert send(desk, url, page, kind="burnt", cards="1", on_day=day, note="").status_code == 422
    assert send(desk, f"{C}/batches/1/void", page).status_code == 409
    assert send(desk, f"{C}/batches/9/void", page).status_code == 404


def test_void_and_reprint__by_page(desk: FlaskClient, database: Database) -> None:
    with database.writing() as session:
        make_cards(session, queries.campaign(session, "c2026", None), 1, 20)
        session.commit()
    page = f"{C}/collectors/1/register"
    assert send(desk, f"{C}/batches/1/void", page).status_code == 303
    assert "已作废" in desk.get(page).text


def test_spares__are_approved_by_another_person_only(desk: FlaskClient, database: Database, app: Flask) -> None:
    with database.writing() as session:
        make_cards(session, queries.campaign(session, "c2026", None), 1, 112)
        add_person(session, "bert", (Role.LEAD_EVALUATOR, "c2026"))
        session.commit()
    page = f"{C}/collectors/1/register"
    for kind, cards in (("handed_out", "110"), ("returned_unused", "1")):
        send(desk, f"{C}/batches/1/movements", page, kind=kind, cards=cards, on_day="2024-05-04", note="人事科")
    assert send(desk, f"{C}/batches/1/spares", page, cards="1", reason="").status_code == 422
    assert send(desk, f"{C}/batches/1/spares", page, cards="1", reason="破损").status_code == 303
    assert "待另一人批准" in desk.get(page).text
    assert send(desk, f"{C}/batches/1/spares/1/approve", page).status_code == 409
    other = app.test_client()
    sign_in(other, "bert")
    assert "批准并启用" in other.get(page).text
    assert send(other, f"{C}/batches/1/spares/1/approve", page).status_code == 303
    with database.reading() as session:
        assert session.scalars(select(SpareRequest.approved_by)).one() is not None
        assert session.scalar(select(func.count()).where(AccessCode.active)) == 111


def test_progress__of_an_open_campaign__shows_bands_and_no_departments(desk: FlaskClient, database: Database) -> None:
    send(desk, f"{C}/open", f"{C}/open")
    page = desk.get(f"{C}/progress").text
    assert "少于 5" in page
    with database.reading() as session:
        campaign = queries.campaign(session, "c2026", None)
        assert not [department.name for department in campaign.departments if department.name in page]


@pytest.mark.parametrize(
    ("cards", "day", "words"), [("21", "2024-05-04", "最多还可登记 20 张"), ("3", "2099-01-01", "还没有到")]
)
def test_register_entry_that_is_refused__is_shown_again_with_what_was_typed(
    desk: FlaskClient, database: Database, cards: str, day: str, words: str
) -> None:
    with database.writing() as session:
        make_cards(session, queries.campaign(session, "c2026", None), 1, 20)
        session.commit()
    page = f"{C}/collectors/1/register"
    refused = send(desk, f"{C}/batches/1/movements", page, kind="handed_out", cards=cards, on_day=day, note="人事科")
    assert refused.status_code == 422
    for shown in (words, f'value="{cards}"', f'value="{day}"', 'value="人事科"', "登记发放或收回"):
        assert shown in refused.text, shown


@pytest.mark.parametrize(("role", "may_read"), [(Role.ADMINISTRATOR, False), (Role.LEAD_EVALUATOR, True)])
def test_ways_to_the_scores__are_shown_to_those_who_may_read_them(
    app: Flask, database: Database, role: Role, may_read: bool
) -> None:
    with database.writing() as session:
        draft(session, setup_document(2))
        add_person(session, "anna", (role, None if role is Role.ADMINISTRATOR else "c2026"))
        session.commit()
    client = app.test_client()
    sign_in(client, "anna")
    assert (client.get(f"{C}/scores").status_code == 200) is may_read
    assert (f'href="{C}/scores"' in client.get(C).text) is may_read
    send(client, f"{C}/open", f"{C}/open")
    closed = send(client, f"{C}/close", f"{C}/close").text
    assert ("去评分" in closed, f'href="{C}/scores"' in closed) == (may_read, may_read)


def test_opening_page__while_doors_have_no_cards__reminds_of_them_and_still_opens(
    desk: FlaskClient, database: Database
) -> None:
    page = desk.get(f"{C}/open").text
    assert "还没有制作卡片" in page
    assert "检查通过" in page
    with database.writing() as session:
        campaign = queries.campaign(session, "c2026", None)
        for row in queries.collectors(session, campaign.id):
            make_cards(session, campaign, row.id, 12)
        session.commit()
    assert "还没有制作卡片" not in desk.get(f"{C}/open").text


def test_wrong_entry__is_corrected_on_its_sheet(desk: FlaskClient, database: Database) -> None:
    with database.writing() as session:
        make_cards(session, queries.campaign(session, "c2026", None), 1, 20)
        session.commit()
    page = f"{C}/collectors/1/register"
    entry = {"kind": "handed_out", "cards": "15", "on_day": "2024-05-04"}
    refused = send(desk, f"{C}/batches/1/movements", page, **entry, note=" ")
    assert refused.status_code == 422
    assert "请填写接收卡片的部门或岗位" in refused.text
    send(desk, f"{C}/batches/1/movements", page, **entry, note="人事科")
    sheet = f"{C}/movements/2"
    assert all(words in desk.get(sheet).text for words in ("交接单", "人事科", "接收人"))
    assert send(desk, f"{sheet}/correct", sheet, reason="").status_code == 422
    assert send(desk, f"{sheet}/correct", sheet, reason="张数看错").location == page
    shown = desk.get(page).text
    assert "-15" in shown
    assert "张数看错" in shown
    again = send(desk, f"{sheet}/correct", sheet, reason="再来")
    assert again.status_code == 409
    assert "这条登记已更正" in again.text
    assert desk.get(f"{C}/movements/99").status_code == 404


def test_reminders__go_to_everybody_and_to_no_others(desk: FlaskClient) -> None:
    shown = desk.get(f"{C}/reminders").text
    # Staff, service recipients and departments with cards: three texts each.
    assert shown.count("不分是否填过；已经填过的请不必理会") == shown.count("<textarea") == 9
    assert "还没有填的" not in shown
    assert 'src="/static/copy.js' in shown

"""Office pages of campaigns: from a file to a draft, its doors, cards and posters."""

import io
import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from PIL import Image
from pyzbar.pyzbar import decode
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from survey_app.accounts.models import AuditEntry, Membership
from survey_app.accounts.rules import Role
from survey_app.admission.models import AccessCode
from survey_app.admission.rules import code_hash
from survey_app.campaigns.export.workbook import example, workbook
from survey_app.campaigns.models import Campaign, Collector
from survey_app.campaigns.queries import campaigns as queries
from survey_app.db import Database
from tests.factories.accounts import add_mandate, add_person, csrf_token, declare, send, sign_in
from tests.factories.campaign import doors, draft, make_cards, setup_document

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


def upload(client: FlaskClient, url: str, page: str, **fields: object) -> TestResponse:
    """Post a form with files as a browser would."""
    token = csrf_token(client.get(page))
    prefix = {"/office/campaigns/new/file": "upload-", "/office/campaigns/new/form": "basics-"}.get(url, "")
    data = {f"{prefix}{name}": value for name, value in fields.items()} | {f"{prefix}csrf_token": token}
    return client.post(url, data=data, content_type="multipart/form-data")


def file_of(document: object, name: str = "setup.json") -> tuple[io.BytesIO, str]:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return io.BytesIO(data), name


def test_upload_of_a_workbook__creates_a_draft(desk: FlaskClient, database: Database) -> None:
    answer = upload(
        desk, "/office/campaigns/new/file", "/office/campaigns/new", file=file_of(workbook(example()), "轮次.xlsx")
    )
    assert (answer.status_code, answer.location) == (303, "/office/campaigns/pg2026")
    page = desk.get("/office/campaigns/pg2026").text
    assert "草稿" in page
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Campaign)) == 2
        entry = session.scalars(select(AuditEntry).where(AuditEntry.subject == "campaign:pg2026")).one()
        assert entry.person_id is not None


def test_upload_with_faults__lists_them_all_and_creates_nothing(desk: FlaskClient, database: Database) -> None:
    book = load_workbook(io.BytesIO(workbook(example())))
    book["分层人数"]["D2"] = -4
    book["单位"]["B3"] = None
    target = io.BytesIO()
    book.save(target)
    answer = upload(
        desk, "/office/campaigns/new/file", "/office/campaigns/new", file=file_of(target.getvalue(), "轮次.xlsx")
    )
    assert answer.status_code == 422
    for place in ("轮次.xlsx 分层人数!D2", "轮次.xlsx 单位!B3", "/units/1/name"):
        assert place in answer.text, place
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Campaign)) == 1


def test_upload_without_a_file__says_so(desk: FlaskClient) -> None:
    answer = upload(desk, "/office/campaigns/new/file", "/office/campaigns/new")
    assert answer.status_code == 422
    assert "请选择文件" in answer.text


def test_form_with_a_workbook__creates_a_draft(desk: FlaskClient, database: Database) -> None:
    fields = {
        "code": "by-form",
        "title": "表单创建的轮次",
        "office": "某市委编办",
        "agency": "某市委编办",
        "opens": "2026-06-01",
        "closes": "2026-06-20",
        "timezone": "Asia/Shanghai",
        "retention": "两年",
        "contact": "监督检查科",
        "questionnaires": ["staff", "service_recipient", "related_department"],
        "plan": "default",
    }
    page, url = "/office/campaigns/new", "/office/campaigns/new/form"
    bad = upload(
        desk, url, page, **(fields | {"title": "", "opens": "明天"}), file=file_of(workbook(example()), "a.xlsx")
    )
    assert bad.status_code == 422
    assert "by-form" in bad.text
    wrong = upload(desk, url, page, **(fields | {"closes": "2026-05-01"}), file=file_of(workbook(example()), "a.xlsx"))
    assert wrong.status_code == 422
    assert "表单 form 截止日期 Last day /campaign/closes" in wrong.text
    good = upload(desk, url, page, **fields, file=file_of(workbook(example()), "a.xlsx"))
    assert (good.status_code, good.location) == (303, "/office/campaigns/by-form")
    with database.reading() as session:
        campaign = queries.campaign(session, "by-form", None)
        assert (campaign.title, len(campaign.units), campaign.contact) == ("表单创建的轮次", 3, "监督检查科")


def test_designer__may_manage_what_they_created(app: Flask, database: Database) -> None:
    with database.writing() as session:
        draft(session, setup_document(1))
        who = add_person(session, "anna", (Role.DESIGNER, "c2026"))
        session.commit()
    client = app.test_client()
    sign_in(client, "anna")
    made = upload(
        client, "/office/campaigns/new/file", "/office/campaigns/new", file=file_of(setup_document(1, code="second"))
    )
    assert made.status_code == 303
    assert client.get("/office/campaigns/second/open").status_code == 200
    with database.reading() as session:
        held = session.scalars(select(Membership.role).where(Membership.person_id == who)).all()
        assert held == ["designer", "designer"]


def test_agency_that_creates__sees_its_draft_named_until_the_office_engages_it(app: Flask, database: Database) -> None:
    with database.writing() as session:
        draft(session, setup_document(1))
        agency, mandate = add_mandate(session, "甲评估中心", "c2026")
        who = add_person(session, "anna", (Role.DESIGNER, "c2026"), agency_id=agency)
        declare(session, who, agency, mandate)
        session.commit()
    client = app.test_client()
    sign_in(client, "anna")
    url, page = "/office/campaigns/new/file", "/office/campaigns/new"
    refused = upload(client, url, page, file=file_of(setup_document(1, code="second")))
    assert refused.status_code == 403
    made = upload(client, url, page, file=file_of(setup_document(1, code="second", agency="甲评估中心")))
    assert (made.status_code, made.location) == (303, "/office/campaigns")
    listed = client.get("/office/campaigns").text
    assert ">second<" in listed
    assert "/office/campaigns/second" not in listed
    assert client.get("/office/campaigns/second").status_code == 403


def test_template_and_set_up__come_as_workbooks(desk: FlaskClient) -> None:
    for path in ("/office/campaigns/template.xlsx", f"{C}/setup.xlsx"):
        answer = desk.get(path)
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert load_workbook(io.BytesIO(answer.data)).sheetnames[1] == "评估轮次"


def test_set_up__can_be_replaced_by_upload(desk: FlaskClient, database: Database) -> None:
    assert upload(desk, f"{C}/setup", f"{C}/setup", file=file_of(b"{")).status_code == 422
    assert upload(desk, f"{C}/setup", f"{C}/setup", file=file_of(setup_document(1))).status_code == 303
    with database.reading() as session:
        assert len(queries.campaign(session, "c2026", None).units) == 1


def test_cards__are_answered_once_with_their_codes_and_only_hashes_stay(desk: FlaskClient, database: Database) -> None:
    answer = send(desk, f"{C}/collectors/1/cards", f"{C}/collectors/1/cards", cards="13")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    codes = re.findall(r'<span class="group">(\w{4})</span>' * 4, answer.text)
    assert len(codes) == 13
    with database.reading() as session:
        stored = set(session.scalars(select(AccessCode.hash)))
    assert stored == {code_hash("".join(code)) for code in codes}
    for path in (C, f"{C}/collectors", f"{C}/register", f"{C}/collectors/1/register", f"{C}/progress", "/office/audit"):
        page = desk.get(path).text
        assert not ["".join(code) for code in codes if "".join(code) in page or "-".join(code) in page], path


@pytest.mark.parametrize("cards", ["", "0", "-3", "many", "20001"])
def test_cards__in_an_impossible_number__are_refused_on_the_page(
    desk: FlaskClient, database: Database, cards: str
) -> None:
    assert send(desk, f"{C}/collectors/1/cards", f"{C}/collectors/1/cards", cards=cards).status_code == 422
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(AccessCode)) == 0


def test_cards_for_all_departments__are_made_in_one_go(desk: FlaskClient, database: Database) -> None:
    answer = send(desk, f"{C}/cards", f"{C}/collectors", audience="related_department", spares="1")
    with database.reading() as session:
        campaign = queries.campaign(session, "c2026", None)
        rows = doors(session, campaign, "related_department")
        assert all(row.cards.activated == row.headcount and row.cards.spare == 1 for row in rows)
        assert doors(session, campaign, "staff")[0].cards.made == 0
    assert answer.text.count('<article class="card">') == sum(row.headcount + 1 for row in rows)
    again = send(desk, f"{C}/cards", f"{C}/collectors", audience="related_department", spares="0")
    assert again.status_code == 409
    assert "相关部门" in again.text and "没有再制作" in again.text
    refused = send(desk, f"{C}/cards", f"{C}/collectors", audience="staff", spares="500")
    assert refused.status_code == 422
    assert "spares" in refused.text and "100" in refused.text
    with database.reading() as session:
        assert doors(session, queries.campaign(session, "c2026", None), "staff")[0].cards.made == 0


def test_button_for_many_doors__stands_below_the_same_notice_as_that_for_one(desk: FlaskClient) -> None:
    page = desk.get(f"{C}/collectors").text
    notice = page.index("填答码只在下一页显示一次")
    assert notice < page.index("一次制作")
    assert "填答码只在下一页显示一次" in desk.get(f"{C}/collectors/1/cards").text
    send(desk, f"{C}/open", f"{C}/open")
    send(desk, f"{C}/close", f"{C}/close")
    assert "填答码只在下一页显示一次" not in desk.get(f"{C}/collectors").text


def test_button_pressed_twice__makes_cards_once_and_says_so(desk: FlaskClient, database: Database) -> None:
    page = f"{C}/collectors/1/cards"
    before = re.search(r'name="made_before"[^>]*value="(\d+)"', desk.get(page).text)
    assert before is not None and before[1] == "0"
    assert send(desk, page, page, cards="20", made_before="0").status_code == 200
    again = send(desk, page, page, cards="20", made_before="0")
    assert again.status_code == 409
    assert "卡片登记" in again.text
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(AccessCode)) == 20


def test_links_on_paper__come_from_the_public_url_and_never_from_the_host_header(desk: FlaskClient) -> None:
    shown = desk.get(f"{C}/collectors/1/cards")
    send(desk, f"{C}/collectors/2/tier", f"{C}/collectors", tier="T0")
    # A client with a jar of its own keeps its cookie from another host.
    bare = desk.application.test_client(use_cookies=False)
    cookie = desk.get(C).request.headers["Cookie"]
    elsewhere = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Cookie": cookie}
    made = bare.post(f"{C}/collectors/1/cards", data={"cards": "1", "csrf_token": csrf_token(shown)}, headers=elsewhere)
    poster, picture = (bare.get(f"{C}/collectors/2/{name}", headers=elsewhere) for name in ("poster", "poster.png"))
    assert [answer.status_code for answer in (made, poster, picture)] == [200, 200, 200]
    (found,) = decode(Image.open(io.BytesIO(picture.data)))
    assert found.data.decode().startswith("HTTP://127.0.0.1:8000/Q/")
    for page in (made.text, poster.text):
        assert "127.<wbr>0.<wbr>0.<wbr>" in page
        assert "evil.example" not in page


def test_code_that_is_taken__is_said_on_the_form_and_nothing_typed_is_lost(
    desk: FlaskClient, database: Database
) -> None:
    fields = {
        "code": "c2026",
        "title": "表单创建的轮次",
        "office": "某市委编办",
        "agency": "某市委编办",
        "opens": "2026-06-01",
        "closes": "2026-06-20",
        "timezone": "Asia/Shanghai",
        "retention": "两年",
        "contact": "监督检查科",
        "questionnaires": ["staff", "service_recipient", "related_department"],
        "plan": "default",
    }
    answer = upload(
        desk,
        "/office/campaigns/new/form",
        "/office/campaigns/new",
        **fields,
        file=file_of(workbook(example()), "a.xlsx"),
    )
    assert answer.status_code == 409
    for words in ("已被使用", "表单创建的轮次", "监督检查科", "请重新选择文件"):
        assert words in answer.text, words
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Campaign)) == 1


def test_open_link__has_a_poster_and_a_picture(desk: FlaskClient, database: Database) -> None:
    assert desk.get(f"{C}/collectors/2/poster").status_code == 404
    assert send(desk, f"{C}/collectors/2/tier", f"{C}/collectors", tier="T0").status_code == 303
    with database.reading() as session:
        code = session.get_one(Collector, 2).open_code
    poster = desk.get(f"{C}/collectors/2/poster").text
    # To be typed by hand, in four groups of four.
    assert "".join(re.findall(r'<span class="group">(\w{4})</span>', poster)) == code
    picture = desk.get(f"{C}/collectors/2/poster.png")
    (found,) = decode(Image.open(io.BytesIO(picture.data)))
    assert found.data.decode() == f"HTTP://127.0.0.1:8000/Q/{code}"
    assert send(desk, f"{C}/collectors/2/tier", f"{C}/collectors", tier="T7").status_code == 404


def test_pages__of_a_demonstration__are_marked(app: Flask, database: Database) -> None:
    with database.writing() as session:
        draft(session, setup_document(1), demo=True)
        add_person(session, "anna", (Role.ADMINISTRATOR, None))
        session.commit()
    client = app.test_client()
    sign_in(client, "anna")
    for path in (
        "",
        "/units",
        "/collectors",
        "/register",
        "/progress",
        "/open",
        "/close",
        "/setup",
        "/collectors/1/cards",
    ):
        assert "demo-banner" in client.get(C + path).text, path


def test_pages__are_complete_in_english(desk: FlaskClient, database: Database) -> None:
    with database.writing() as session:
        make_cards(session, queries.campaign(session, "c2026", None), 1, 20)
        session.commit()
    send(desk, "/office/me/language", "/office/me", language="en")
    assert "Campaigns" in desk.get("/office/campaigns").text
    own_words = re.compile("[一-鿿]")
    setup = setup_document(2)
    names = {str(setup["campaign"][name]) for name in ("title", "office", "agency", "contact", "retention")}
    names |= {unit[name] for unit in setup["units"] for name in ("name", "category")}
    names |= {department["name"] for department in setup["departments"]} | {"窗口", "网上", "上门", "评议", "中文"}
    names |= {"anna 甲"}
    for path in (
        "",
        "/units",
        "/collectors",
        "/register",
        "/progress",
        "/open",
        "/close",
        "/setup",
        "/collectors/1/register",
    ):
        text = re.sub(r"<[^>]+>", " ", desk.get(C + path).text)
        for name in sorted(names, key=len, reverse=True):
            text = text.replace(name, "")
        assert not own_words.findall(text), (path, own_words.findall(text)[:40])


def test_set_up_page__of_an_open_campaign__says_that_it_is_frozen(desk: FlaskClient) -> None:
    send(desk, f"{C}/open", f"{C}/open")
    assert "设置已经锁定" in desk.get(f"{C}/setup").text

"""Accounts, roles, agencies: the operations, and the pages of administrators upon them."""

import re
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from survey_app.accounts.models import AgencyEngagement, AuditEntry, Membership, Person
from survey_app.accounts.operations.agencies import create_agency, engage
from survey_app.accounts.operations.people import create_person, grant, revoke, set_active
from survey_app.accounts.rules import AgencyNameTaken, EndsBeforeItStarts, LastAdministrator, LoginTaken, Role
from survey_app.db import Database
from survey_app.errors import BadInput, NotFound
from tests.factories.accounts import add_administrator, add_campaign, add_person, database_of, send, sign_in

NOON = datetime(2026, 5, 4, 4, tzinfo=UTC)


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    """A browser in which the administrator `boss` is signed in; there is a campaign `a`."""
    with database_of(app).writing() as session:
        add_campaign(session, "a")
        add_person(session, "boss", (Role.ADMINISTRATOR, None))
        session.commit()
    client = app.test_client()
    sign_in(client, "boss")
    return client


def actions(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.number)))


def make(database: Database, login: str, name: str = "李明") -> Person:
    with database.writing() as session:
        person = create_person(
            session, NOON, None, login=login, name=name, password_hash="x", password_is_initial=False
        )
        session.commit()
        return person


def test_login__is_kept_in_small_letters_and_taken_only_once(each_database: Database) -> None:
    assert make(each_database, " Li.Ming ").login == "li.ming"
    with pytest.raises(LoginTaken):
        make(each_database, "LI.MING")


def test_bad_person__names_every_fault_and_stores_nothing(database: Database) -> None:
    with pytest.raises(BadInput) as refused:
        make(database, "?", " ")
    assert len(refused.value.findings) == 2
    assert actions(database) == []


def test_last_administrator__cannot_be_switched_off_or_lose_the_role(each_database: Database) -> None:
    with each_database.writing() as session:
        first = add_person(session, "first", (Role.ADMINISTRATOR, None))
        second = add_person(session, "second", (Role.ADMINISTRATOR, None))
        set_active(session, NOON, first, second, active=False)
        held = session.scalars(select(Membership).where(Membership.person_id == first)).one()
        with pytest.raises(LastAdministrator):
            set_active(session, NOON, second, first, active=False)
        with pytest.raises(LastAdministrator):
            revoke(session, NOON, second, first, held.id)
        set_active(session, NOON, first, second, active=True)
        revoke(session, NOON, second, first, held.id)


def test_two_administrators__who_switch_each_other_off_at_once__leave_one(each_database: Database) -> None:
    with each_database.writing() as session:
        first = add_person(session, "first", (Role.ADMINISTRATOR, None))
        second = add_person(session, "second", (Role.ADMINISTRATOR, None))
        session.commit()

    def switch_off_second() -> None:
        with each_database.writing() as other:
            set_active(other, NOON, first, second, active=False)
            other.commit()

    with ThreadPoolExecutor(1) as pool:
        with each_database.writing() as session:
            set_active(session, NOON, second, first, active=False)
            meanwhile = pool.submit(switch_off_second)
            wait([meanwhile], timeout=1)
            session.commit()
        with pytest.raises(LastAdministrator):
            meanwhile.result(20)


def test_same_role_again__changes_nothing(each_database: Database) -> None:
    with each_database.writing() as session:
        add_campaign(session, "a")
        person = add_person(session, "li", (Role.EVALUATOR, "a"), (Role.AUDITOR, None))
        grant(session, NOON, None, person, role=Role.EVALUATOR, campaign_code="a")
        grant(session, NOON, None, person, role=Role.AUDITOR, campaign_code=None)
        session.commit()
        assert len(session.scalars(select(Membership)).all()) == 2
    assert actions(each_database).count("role.grant") == 2


def test_role__in_a_campaign_that_does_not_exist__is_not_found(database: Database) -> None:
    with database.writing() as session:
        person = add_person(session, "li")
        with pytest.raises(NotFound):
            grant(session, NOON, None, person, role=Role.EVALUATOR, campaign_code="nowhere")


def test_role_of_somebody_else__is_not_taken_away(database: Database) -> None:
    with database.writing() as session:
        li = add_person(session, "li", (Role.AUDITOR, None))
        wu = add_person(session, "wu")
        held = session.scalars(select(Membership).where(Membership.person_id == li)).one()
        with pytest.raises(NotFound):
            revoke(session, NOON, None, wu, held.id)


def test_new_dates__keep_the_mandate_and_its_declaration(each_database: Database) -> None:
    with each_database.writing() as session:
        add_campaign(session, "a")
        agency = create_agency(session, NOON, None, " 评估中心 ").id
        first = engage(session, NOON, None, agency, campaign_code="a", starts=date(2026, 5, 1), ends=date(2026, 5, 2))
        first.declared_at = NOON
        again = engage(session, NOON, None, agency, campaign_code="a", starts=date(2026, 5, 1), ends=date(2026, 6, 2))
        assert (again.id, again.ends, again.declared_at) == (first.id, date(2026, 6, 2), NOON)
        assert len(session.scalars(select(AgencyEngagement)).all()) == 1
        with pytest.raises(EndsBeforeItStarts):
            engage(session, NOON, None, agency, campaign_code="a", starts=date(2026, 5, 2), ends=date(2026, 5, 1))
        with pytest.raises(AgencyNameTaken):
            create_agency(session, NOON, None, "评估中心")


def test_new_account__shows_its_password_once_and_opens_with_it(app: Flask, admin: FlaskClient) -> None:
    values = {"name": "李明", "login": "li.ming", "agency": "0", "role": "auditor"}
    answer = send(admin, "/office/people/new", **values)
    found = re.search(r'class="code once">([^<]+)<', answer.text)
    assert found, answer.text
    password = found.group(1)
    client = app.test_client()
    assert sign_in(client, "li.ming", password).status_code == 303
    assert client.get("/office/").location == "/office/me"
    assert password not in admin.get("/office/people/2").text
    with database_of(app).reading() as session:
        entries = session.scalars(select(AuditEntry)).all()
        person = session.scalars(select(Person).where(Person.login == "li.ming")).one()
    assert all(password not in entry.detail for entry in entries)
    assert person.password_hash.startswith("$argon2id$")
    assert [entry.action for entry in entries if entry.subject == "person:li.ming"] == [
        "person.create",
        "role.grant",
        "sign_in",
    ]


BAD_ACCOUNTS = [
    ({"name": "李明", "login": "Li Ming", "agency": "0", "role": ""}, 422, "登录名须为 2 至 64 个小写字母"),
    ({"name": "李明", "login": "boss", "agency": "0", "role": ""}, 409, "已被使用"),
    ({"name": " ", "login": "li.ming", "agency": "0", "role": ""}, 422, "请填写这一项"),
    ({"name": "李明", "login": "li.ming", "agency": "77", "role": ""}, 422, "所属</a>"),
    ({"name": "李明", "login": "li.ming", "agency": "0", "role": "evaluator"}, 422, "全系统角色</a>"),
]


def test_bad_new_account__is_refused_with_the_reason(app: Flask, admin: FlaskClient) -> None:
    for values, status, said in BAD_ACCOUNTS:
        answer = send(admin, "/office/people/new", **values)
        assert (answer.status_code, said in answer.text) == (status, True), values
    with database_of(app).reading() as session:
        assert len(session.scalars(select(Person)).all()) == 1


def test_account_of_an_agency__that_cannot_hold_the_role__is_not_made(app: Flask, admin: FlaskClient) -> None:
    with database_of(app).writing() as session:
        agency = create_agency(session, NOON, None, "评估中心").id
        session.commit()
    values = {"name": "王", "login": "wang", "agency": str(agency), "role": "administrator"}
    answer = send(admin, "/office/people/new", **values)
    assert answer.status_code == 409
    assert "只能由编办人员担任" in answer.text
    with database_of(app).reading() as session:
        assert session.scalars(select(Person).where(Person.login == "wang")).first() is None


def test_roles__are_given_and_taken_on_the_page_of_the_account(app: Flask, admin: FlaskClient) -> None:
    with database_of(app).writing() as session:
        person = add_person(session, "li")
        session.commit()
    page = f"/office/people/{person}"
    assert send(admin, f"{page}/roles", role="evaluator", campaign="a").status_code == 303
    assert "评估轮次 a" in admin.get(page).text
    wrong = send(admin, f"{page}/roles", role="evaluator", campaign="")
    assert (wrong.status_code, "须指定评估轮次" in wrong.text) == (422, True)
    assert send(admin, f"{page}/roles", role="emperor", campaign="a").status_code == 422
    with database_of(app).reading() as session:
        held = session.scalars(select(Membership).where(Membership.person_id == person)).one()
    assert send(admin, f"{page}/roles/end", membership=str(held.id)).status_code == 303
    for membership in (str(held.id), "", "9" * 30, "-1"):
        assert send(admin, f"{page}/roles/end", membership=membership).status_code == 404
    with database_of(app).reading() as session:
        assert session.scalars(select(Membership).where(Membership.person_id == person)).first() is None


def test_switching_off_the_only_administrator__says_why_not(app: Flask, admin: FlaskClient) -> None:
    answer = send(admin, "/office/people/1/active", active="0")
    assert answer.status_code == 409
    assert "唯一在用的管理员" in answer.text
    assert admin.get("/office/people").status_code == 200


def test_switching_off_and_on__shows_on_the_page(app: Flask, admin: FlaskClient) -> None:
    with database_of(app).writing() as session:
        person = add_person(session, "li")
        session.commit()
    page = f"/office/people/{person}"
    client = app.test_client()
    sign_in(client, "li")
    send(admin, f"{page}/active", active="0")
    assert "停用" in admin.get(page).text
    assert client.get("/office/me").status_code == 303
    send(admin, f"{page}/active", active="1")
    assert sign_in(client, "li").status_code == 303


def test_reset__shows_a_new_password_once_and_ends_the_sign_ins(app: Flask, admin: FlaskClient) -> None:
    with database_of(app).writing() as session:
        person = add_person(session, "li")
        session.commit()
    client = app.test_client()
    sign_in(client, "li")
    answer = send(admin, f"/office/people/{person}/password")
    found = re.search(r'class="code once">([^<]+)<', answer.text)
    assert found
    assert client.get("/office/me").status_code == 303
    assert sign_in(client, "li").status_code == 403
    assert sign_in(client, "li", found.group(1)).status_code == 303


def test_nobody__is_not_found(admin: FlaskClient) -> None:
    for person in ("999", "2147483648", "x"):
        assert admin.get(f"/office/people/{person}").status_code == 404, person
        for act in ("roles", "roles/end", "active", "password", "sessions/end"):
            assert send(admin, f"/office/people/{person}/{act}", active="1").status_code == 404, (person, act)


def test_agency_and_mandate__are_made_on_their_pages(app: Flask, admin: FlaskClient) -> None:
    made = send(admin, "/office/agencies", name="评估中心")
    assert made.status_code == 303
    page = str(made.location)
    assert send(admin, "/office/agencies", name="评估中心").status_code == 409
    assert send(admin, "/office/agencies", name=" ").status_code == 422
    bad = send(admin, f"{page}/engagements", campaign="a", starts="2026-05-02", ends="2026-05-01")
    assert (bad.status_code, "结束日期早于开始日期" in bad.text) == (422, True)
    unread = send(admin, f"{page}/engagements", campaign="a", starts="2026-13-01", ends="")
    assert (unread.status_code, "请填写这一项" in unread.text) == (422, True)
    assert send(admin, f"{page}/engagements", campaign="a", starts="2026-05-01", ends="2026-05-31").status_code == 303
    assert "2026-05-01 至 2026-05-31" in admin.get(page).text
    assert "评估中心" in admin.get("/office/campaigns/a/people").text


def test_log__can_be_searched_and_survives_an_entry_that_was_tampered_with(app: Flask, admin: FlaskClient) -> None:
    assert "新建账号" in admin.get("/office/audit?action=person.create").text
    assert "没有符合条件的记录" in admin.get("/office/audit?subject=nothing-like-it").text
    for query in ("since=0001-01-01", "until=9999-12-31", "since=tomorrow", "person=77", "action=no.such"):
        assert admin.get(f"/office/audit?{query}").status_code == 422, query
    for query in ("before=99999999999999999999", "before=x", "since=2026-01-01&until=2026-12-31", "before=2"):
        assert admin.get(f"/office/audit?{query}").status_code == 200, query
    assert "依次相连" in admin.get("/office/audit/check").text
    with database_of(app).writing() as session:
        session.execute(text("DROP TRIGGER IF EXISTS audit_entry_is_not_changed"))
        session.get_one(AuditEntry, 2).detail = "<b>not JSON"
        session.commit()
    assert "?: &lt;b&gt;not JSON" in admin.get("/office/audit").text
    assert "第 2 条处断开" in admin.get("/office/audit/check").text


def test_names_with_markup__are_shown_as_text(app: Flask, admin: FlaskClient) -> None:
    send(admin, "/office/people/new", name="<script>alert(1)</script>", login="li.ming", agency="0", role="")
    for page in ("/office/people", "/office/people/2", "/office/audit"):
        assert "<script>alert" not in admin.get(page).text


def test_null_byte__in_a_form_or_a_search__is_refused_in_words(each_app: Flask) -> None:
    add_administrator(each_app, "boss")
    client = each_app.test_client()
    assert sign_in(client, "bo\0ss").status_code == 400
    sign_in(client, "boss")
    for answer in (
        send(client, "/office/agencies", name="评估\0中心"),
        send(client, "/office/people/new", name="李\0明", login="li.ming", agency="0", role=""),
        client.get("/office/audit?subject=%00"),
    ):
        assert (answer.status_code, "控制字符" in answer.text) == (400, True)
    assert client.get("/office/campaigns/a%00b/people").status_code == 404
    assert actions(database_of(each_app)) == ["person.create", "role.grant", "sign_in"]

"""Who may open which page of accounts, tried both ways for every role; agencies and their mandates."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from survey_app import clock
from survey_app.accounts.models import AgencyEngagement, AuditEntry, Person
from survey_app.accounts.operations.agencies import create_agency, engage
from survey_app.accounts.operations.people import grant
from survey_app.accounts.operations.sign_in import start_session, tried_name
from survey_app.accounts.queries import actor_for_token, may_open_campaign
from survey_app.accounts.rules import NoDeclaration, NoEngagement, Role, SignedIn
from survey_app.db import Database
from tests.factories.accounts import (
    add_campaign,
    add_mandate,
    add_person,
    csrf_token,
    database_of,
    declare,
    send,
    sign_in,
)

OFFICE = [Role.ADMINISTRATOR]
LOG = [Role.ADMINISTRATOR, Role.AUDITOR]
STAFF = [Role.ADMINISTRATOR, Role.LEAD_EVALUATOR, Role.AUDITOR]
EVERYBODY = list(Role)

# endpoint -> the roles that may call it; `public` is for people who have not signed in
TABLE: dict[str, list[Role] | str] = {
    "sign_in": "public",
    "sign_out": EVERYBODY,
    "home": EVERYBODY,
    "me": EVERYBODY,
    "change_password": EVERYBODY,
    "end_my_session": EVERYBODY,
    "choose_language": EVERYBODY,
    "people": OFFICE,
    "new_person_page": OFFICE,
    "new_person": OFFICE,
    "person": OFFICE,
    "give_role": OFFICE,
    "take_role": OFFICE,
    "set_active": OFFICE,
    "reset_password": OFFICE,
    "end_sessions_of": OFFICE,
    "people_of_campaign": STAFF,
    "agencies": OFFICE,
    "new_agency": OFFICE,
    "agency": OFFICE,
    "engage": OFFICE,
    "declarations": EVERYBODY,
    "declaration": EVERYBODY,
    "sign_declaration": EVERYBODY,
    "audit": LOG,
    "audit_check": LOG,
}
_ARGUMENTS = {"person_id": 999, "agency_id": 999, "engagement_id": 999, "campaign_code": "a"}
NOON = datetime(2026, 5, 4, 4, tzinfo=UTC)


def routes(app: Flask) -> dict[str, tuple[str, str]]:
    """Endpoint (without `accounts.`) -> method and address, with ids of things that do not exist."""
    found = {}
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("accounts."):
            method = "GET" if "GET" in (rule.methods or set()) else "POST"
            values = {name: _ARGUMENTS[name] for name in rule.arguments}
            found[rule.endpoint.removeprefix("accounts.")] = (method, adapter.build(rule.endpoint, values, method))
    return found


def test_table__names_every_route_and_no_other(app: Flask) -> None:
    assert set(routes(app)) == set(TABLE)


def client_of(app: Flask, role: Role, campaign: str) -> FlaskClient:
    """A browser in which somebody with exactly this role is signed in."""
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    with database_of(app).writing() as session:
        found = session.scalars(select(Person).where(Person.login == f"the.{role}")).first()
        person_id = found.id if found else None
        if person_id is None:
            scope = None if role in {Role.ADMINISTRATOR, Role.AUDITOR} else campaign
            person_id = add_person(session, f"the.{role}", (role, scope))
        token = start_session(session, person_id, tried_name(b"k", "x"), clock.now())
        session.commit()
    with client.session_transaction("/office/") as cookie:
        cookie["token"] = token
    return client


@pytest.mark.parametrize("role", list(Role))
def test_every_route__lets_in_whom_the_table_names_and_nobody_else(app: Flask, role: Role) -> None:
    with database_of(app).writing() as session:
        add_campaign(session, "a")
        session.commit()
    for endpoint, (method, address) in routes(app).items():
        allowed = TABLE[endpoint]
        answer = client_of(app, role, "a").open(address, method=method)
        refused = answer.status_code == 403 and "forbidden" in answer.text
        assert refused is (allowed != "public" and role not in allowed), (endpoint, answer.status)
        assert not (answer.location or "").startswith("/office/sign-in?"), endpoint


def test_every_route__but_the_sign_in__asks_strangers_to_sign_in(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    for endpoint, (method, address) in routes(app).items():
        answer = app.test_client().open(address, method=method)
        asked = answer.status_code == 303 and str(answer.location).startswith("/office/sign-in?next=")
        assert asked is (TABLE[endpoint] != "public"), endpoint


def test_role_in_one_campaign__opens_its_pages_and_not_those_of_another(each_app: Flask) -> None:
    with database_of(each_app).writing() as session:
        add_campaign(session, "a")
        add_campaign(session, "b")
        session.commit()
    client = client_of(each_app, Role.LEAD_EVALUATOR, "a")
    assert client.get("/office/campaigns/a/people").status_code == 200
    assert client.get("/office/campaigns/b/people").status_code == 403
    assert client.get("/office/campaigns/nowhere/people").status_code == 403
    assert client_of(each_app, Role.AUDITOR, "a").get("/office/campaigns/b/people").status_code == 200


def test_refusal__stands_in_the_log(each_app: Flask) -> None:
    with database_of(each_app).writing() as session:
        add_campaign(session, "a")
        session.commit()
    client_of(each_app, Role.EVALUATOR, "a").get("/office/campaigns/a/people")
    with database_of(each_app).reading() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
        assert entry is not None
        person = session.get_one(Person, entry.person_id)
    assert (entry.action, entry.subject) == ("access.refused", "page:accounts.people_of_campaign")
    assert (person.login, entry.detail) == ("the.evaluator", '{"campaign_code":"a"}')


# ---- Agencies


def mandate_app(app: Flask, starts: date, ends: date, *, signed: bool, timezone: str = "Asia/Shanghai") -> int:
    """An agency's evaluator `wang` in campaign `a`; gives the id of the mandate."""
    with database_of(app).writing() as session:
        add_campaign(session, "a", timezone)
        agency, mandate = add_mandate(session, "评估中心", "a", starts=starts, ends=ends)
        person = add_person(session, "wang", (Role.LEAD_EVALUATOR, "a"), agency_id=agency)
        if signed:
            declare(session, person, agency, mandate)
        session.commit()
    return mandate


def hidden(page: TestResponse, name: str) -> str:
    """The value of a hidden input."""
    found = re.search(rf'name="{name}" type="hidden" value="([^"]*)"', page.text)
    assert found, page.text
    return found.group(1)


def read_text(client: FlaskClient, page: str) -> str:
    """What the form of a declaration remembers of the text above it."""
    return hidden(client.get(page), "read")


def today() -> date:
    return clock.today("Asia/Shanghai")


@pytest.mark.parametrize(
    ("first", "last", "signed", "opens"),
    [(0, 0, True, True), (-5, 5, True, True), (1, 5, True, False), (-5, -1, True, False), (-5, 5, False, False)],
)
def test_person_of_an_agency__is_in_within_the_mandate_and_after_the_declaration(
    each_app: Flask, first: int, last: int, signed: bool, opens: bool
) -> None:
    mandate_app(each_app, today() + timedelta(days=first), today() + timedelta(days=last), signed=signed)
    client = each_app.test_client()
    sign_in(client, "wang")
    assert client.get("/office/campaigns/a/people").status_code == (200 if opens else 403)


def test_unsigned_declaration__is_the_start_page_and_signing_it_opens_the_campaign(each_app: Flask) -> None:
    mandate = mandate_app(each_app, today(), today(), signed=False)
    client = each_app.test_client()
    sign_in(client, "wang")
    assert client.get("/office/").location == "/office/declarations"
    page = f"/office/declarations/{mandate}"
    assert "本机构不试图识别填答人的身份" in client.get(page).text
    read = read_text(client, page)
    for values in ({}, {"agree": "y"}, {"signature": "wang 甲"}, {"agree": "y", "signature": "别人"}):
        assert send(client, page, read=read, **values).status_code == 422
        assert client.get("/office/campaigns/a/people").status_code == 403
    assert send(client, page, read=read, agree="y", signature=" wang 甲 ").status_code == 303
    assert client.get("/office/campaigns/a/people").status_code == 200
    assert client.get("/office/").location == "/office/campaigns"
    assert "已签署" in client.get(page).text
    with database_of(each_app).reading() as session:
        kept = session.get_one(AgencyEngagement, mandate)
        assert kept.declaration is not None
        assert "签署人：wang 甲（代表评估中心）" in kept.declaration
        assert kept.declared_at is not None
        signer = session.get_one(Person, kept.declared_by)
        assert signer.login == "wang"
    assert send(client, page, read=read, agree="y", signature="wang 甲").status_code == 409


def test_declaration__whose_dates_change_between_reading_and_signing__is_read_again(app: Flask) -> None:
    mandate = mandate_app(app, today(), today(), signed=False)
    client, page = app.test_client(), f"/office/declarations/{mandate}"
    sign_in(client, "wang")
    read = read_text(client, page)
    with database_of(app).writing() as session:
        later = today() + timedelta(days=30)
        engage(session, clock.now(), None, 1, campaign_code="a", starts=today(), ends=later)
        session.commit()
    refused = send(client, page, read=read, agree="y", signature="wang 甲")
    assert (refused.status_code, "请重新阅读后再签署" in refused.text) == (422, True)
    assert later.isoformat() in refused.text
    assert send(client, page, read=hidden(refused, "read"), agree="y", signature="wang 甲").status_code == 303


def test_declaration__of_another_agency_is_not_found(app: Flask) -> None:
    mandate = mandate_app(app, today(), today(), signed=False)
    with database_of(app).writing() as session:
        other, _ = add_mandate(session, "另一中心", "a")
        add_person(session, "zhao", (Role.EVALUATOR, "a"), agency_id=other)
        add_person(session, "office.person", (Role.AUDITOR, None))
        session.commit()
    for login in ("zhao", "office.person"):
        client = app.test_client()
        sign_in(client, login)
        page = f"/office/declarations/{mandate}"
        assert client.get(page).status_code == 404
        data = {"csrf_token": csrf_token(client.get("/office/me")), "agree": "y", "signature": f"{login} 甲"}
        assert client.post(page, data=data).status_code == 404


def actor(database: Database, login: str, now: datetime) -> SignedIn:
    with database.writing() as session:
        person = session.scalars(select(Person).where(Person.login == login)).one()
        token = start_session(session, person.id, b"name", now)
        session.commit()
        found = actor_for_token(session, token, now, timedelta(hours=1))
        assert found is not None
        return found


def test_last_day_of_a_mandate__ends_on_the_calendar_of_the_campaign(each_database: Database) -> None:
    with each_database.writing() as session:
        add_campaign(session, "east", "Asia/Shanghai")
        add_campaign(session, "west", "Asia/Urumqi")
        agency, east = add_mandate(session, "评估中心", "east", starts=date(2026, 5, 1), ends=date(2026, 5, 4))
        person = add_person(session, "wang", (Role.EVALUATOR, "east"), (Role.EVALUATOR, "west"), agency_id=agency)
        days = {"starts": date(2026, 5, 1), "ends": date(2026, 5, 4)}
        west = engage(session, NOON, None, agency, campaign_code="west", **days).id
        declare(session, person, agency, east)
        declare(session, person, agency, west)
        session.commit()
    evaluator = frozenset({"evaluator"})
    # 16:30 UTC is half past midnight in Shanghai and half past ten in the evening in Urumqi (UTC+6).
    midnight = actor(each_database, "wang", datetime(2026, 5, 4, 16, 30, tzinfo=UTC))
    assert not midnight.holds(evaluator, "east")
    assert midnight.holds(evaluator, "west")
    before = actor(each_database, "wang", datetime(2026, 5, 4, 15, 59, tzinfo=UTC))
    assert before.holds(evaluator, "east")


def test_person_of_an_agency__has_no_role_in_a_campaign_of_another_agency(each_database: Database) -> None:
    with each_database.writing() as session:
        add_campaign(session, "a")
        add_campaign(session, "b")
        agency, mandate = add_mandate(session, "评估中心", "a")
        other, theirs = add_mandate(session, "另一中心", "b")
        person = add_person(session, "wang", (Role.EVALUATOR, "a"), agency_id=agency)
        rival = add_person(session, "zhao", (Role.EVALUATOR, "b"), agency_id=other)
        declare(session, person, agency, mandate)
        declare(session, rival, other, theirs)
        grant(session, NOON, None, person, role=Role.EVALUATOR, campaign_code="b")
        session.commit()
    found = actor(each_database, "wang", NOON)
    assert found.holds(frozenset({"evaluator"}), "a")
    assert not found.holds(frozenset({"evaluator"}), "b")


def test_lead_of_an_agency__sees_the_people_and_mandates_of_no_other_agency(app: Flask) -> None:
    with database_of(app).writing() as session:
        add_campaign(session, "a")
        agency, mandate = add_mandate(session, "甲中心", "a")
        other, _mandate = add_mandate(session, "乙中心", "a")
        lead = add_person(session, "wang", (Role.LEAD_EVALUATOR, "a"), agency_id=agency)
        add_person(session, "rival", (Role.EVALUATOR, "a"), agency_id=other)
        add_person(session, "office.lead", (Role.LEAD_EVALUATOR, "a"))
        declare(session, lead, agency, mandate)
        session.commit()
    pages = {}
    for login in ("wang", "office.lead"):
        client = app.test_client()
        sign_in(client, login)
        pages[login] = client.get("/office/campaigns/a/people").text
    assert all(named in pages["office.lead"] for named in ("甲中心", "乙中心", "wang 甲", "rival 甲"))
    assert all(named in pages["wang"] for named in ("甲中心", "wang 甲", "office.lead 甲"))
    assert all(named not in pages["wang"] for named in ("乙中心", "rival 甲"))


def test_agency__is_engaged_for_no_campaign_that_names_another(app: Flask) -> None:
    with database_of(app).writing() as session:
        add_person(session, "boss", (Role.ADMINISTRATOR, None))
        agency = create_agency(session, NOON, None, "甲中心").id
        add_campaign(session, "a").agency_id = create_agency(session, NOON, None, "乙中心").id
        session.commit()
    client = app.test_client()
    sign_in(client, "boss")
    page = f"/office/agencies/{agency}"
    assert "评估轮次 a" not in client.get(page).text
    values = {"campaign": "a", "starts": "2026-05-01", "ends": "2026-05-31"}
    assert send(client, f"{page}/engagements", **values).status_code == 422


def test_may_open_campaign__lets_the_office_pass_and_names_what_an_agency_lacks(each_database: Database) -> None:
    with each_database.writing() as session:
        campaign = add_campaign(session, "a").id
        other = add_campaign(session, "b").id
        agency, mandate = add_mandate(session, "评估中心", "a", starts=date(2026, 5, 1), ends=date(2026, 5, 31))
        person = add_person(session, "wang", agency_id=agency)
        inside, outside = date(2026, 5, 31), date(2026, 6, 1)
        may_open_campaign(session, None, campaign, outside)
        with pytest.raises(NoDeclaration):
            may_open_campaign(session, agency, campaign, inside)
        declare(session, person, agency, mandate)
        may_open_campaign(session, agency, campaign, inside)
        with pytest.raises(NoEngagement):
            may_open_campaign(session, agency, campaign, outside)
        with pytest.raises(NoEngagement):
            may_open_campaign(session, agency, other, inside)

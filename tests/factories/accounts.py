"""People, campaigns and mandates for tests of the office, through the real operations wherever there is one."""

import re
from datetime import date

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey_app import clock
from survey_app.accounts.operations.agencies import create_agency, engage, sign_declaration
from survey_app.accounts.operations.passwords import Passwords
from survey_app.accounts.operations.people import create_person, grant
from survey_app.accounts.rules import Role
from survey_app.campaigns.models import Campaign
from survey_app.db import Database

PASSWORD = "纸上得来终觉浅 0417"
CHEAP = Passwords(time_cost=1, memory_kib=8)


def add_campaign(session: Session, code: str, timezone: str = "Asia/Shanghai") -> Campaign:
    """A campaign that is not open yet."""
    campaign = Campaign(
        code=code,
        title=f"评估轮次 {code}",
        office="某市委编办",
        agency_name="某评估中心",
        opens=date(2020, 1, 1),
        closes=date(2099, 12, 31),
        timezone=timezone,
        retention="一年",
        contact="电话",
        plan_name="default",
        setup="{}",
        digest_key=b"k" * 32,
    )
    session.add(campaign)
    session.flush()
    return campaign


def add_person(
    session: Session, login: str, *roles: tuple[Role, str | None], agency_id: int | None = None, initial: bool = False
) -> int:
    """Somebody whose password is PASSWORD, with roles as (role, campaign code or none)."""
    person = create_person(
        session,
        clock.now(),
        None,
        login=login,
        name=f"{login} 甲",
        password_hash=CHEAP.hash(PASSWORD),
        password_is_initial=initial,
        agency_id=agency_id,
    )
    for role, campaign in roles:
        grant(session, clock.now(), None, person.id, role=role, campaign_code=campaign)
    return person.id


def add_mandate(
    session: Session,
    name: str,
    campaign_code: str,
    *,
    starts: date = date(2020, 1, 1),
    ends: date = date(2099, 12, 31),
) -> tuple[int, int]:
    """An agency with a mandate for a campaign, not declared yet: its id and the mandate's."""
    agency = create_agency(session, clock.now(), None, name)
    mandate = engage(session, clock.now(), None, agency.id, campaign_code=campaign_code, starts=starts, ends=ends)
    return agency.id, mandate.id


def declare(session: Session, by: int, agency_id: int, mandate_id: int) -> None:
    """Sign the declaration of a mandate."""
    sign_declaration(session, clock.now(), by, agency_id=agency_id, engagement_id=mandate_id, text="声明全文")


def database_of(app: Flask) -> Database:
    """The database that an application stands on."""
    found: Database = app.extensions["pingyi"].database
    return found


def add_administrator(app: Flask, login: str = "li.ming", *, initial: bool = False) -> int:
    """An administrator whose password is PASSWORD, stored."""
    with database_of(app).writing() as session:
        made = add_person(session, login, (Role.ADMINISTRATOR, None), initial=initial)
        session.commit()
        return made


def is_in(client: FlaskClient) -> bool:
    """Whether a page that needs a sign-in opens."""
    return client.get("/office/me").status_code == 200


def csrf_token(page: TestResponse) -> str:
    """The token of the forms of a page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found, page.text
    return found.group(1)


def sign_in(client: FlaskClient, login: str, password: str = PASSWORD) -> TestResponse:
    """Send the sign-in form as a browser would."""
    token = csrf_token(client.get("/office/sign-in"))
    return client.post("/office/sign-in", data={"csrf_token": token, "login": login, "password": password})


def send(client: FlaskClient, url: str, page: str = "/office/me", **values: str) -> TestResponse:
    """Post a form with the token of `page`, which the signed-in person can open."""
    return client.post(url, data={"csrf_token": csrf_token(client.get(page)), **values})

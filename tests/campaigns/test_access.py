"""Who may call which page of campaigns and fieldwork, tried both ways for every role; agencies and their scope."""

import re
from datetime import date

import pytest
from flask import Flask

from survey_app.accounts.operations.agencies import create_agency, engage
from survey_app.accounts.rules import Role
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.queries import campaigns as queries
from survey_app.db import Database
from survey_app.errors import NotFound
from tests.factories.accounts import add_mandate, add_person, csrf_token, declare, sign_in
from tests.factories.campaign import NOON, draft, setup_document

MANAGE = {Role.ADMINISTRATOR, Role.DESIGNER, Role.LEAD_EVALUATOR}
ENTER = MANAGE | {Role.EVALUATOR}
READ = MANAGE | {Role.EVALUATOR, Role.APPROVER, Role.AUDITOR}
C = "/office/campaigns/c2026"

# (method, path) -> the roles that may call it
TABLE: dict[tuple[str, str], set[Role]] = {
    ("GET", "/office/campaigns"): READ,
    ("GET", "/office/campaigns/new"): MANAGE,
    ("POST", "/office/campaigns/new/file"): MANAGE,
    ("POST", "/office/campaigns/new/form"): MANAGE,
    ("GET", "/office/campaigns/template.xlsx"): MANAGE,
    ("GET", C): READ,
    ("GET", f"{C}/units"): READ,
    ("GET", f"{C}/setup.xlsx"): READ,
    ("GET", f"{C}/setup"): MANAGE,
    ("POST", f"{C}/setup"): MANAGE,
    ("GET", f"{C}/collectors"): READ,
    ("POST", f"{C}/collectors/2/tier"): MANAGE,
    ("GET", f"{C}/collectors/1/cards"): MANAGE,
    ("POST", f"{C}/collectors/1/cards"): MANAGE,
    ("POST", f"{C}/cards"): MANAGE,
    ("GET", f"{C}/collectors/1/poster"): READ,
    ("GET", f"{C}/collectors/1/poster.png"): READ,
    ("GET", f"{C}/collectors/1/share.png"): READ,
    ("GET", f"{C}/posters.zip"): READ,
    ("GET", f"{C}/offline-cards"): MANAGE,
    ("POST", f"{C}/offline-cards"): MANAGE,
    ("GET", f"{C}/offline-cards/order.json"): MANAGE,
    ("GET", f"{C}/jobs"): READ,
    ("GET", f"{C}/open"): MANAGE,
    ("POST", f"{C}/open"): MANAGE,
    ("POST", f"{C}/pause"): MANAGE,
    ("POST", f"{C}/resume"): MANAGE,
    ("POST", f"{C}/collectors/1/pause"): MANAGE,
    ("POST", f"{C}/collectors/1/resume"): MANAGE,
    ("GET", f"{C}/close"): MANAGE,
    ("POST", f"{C}/close"): MANAGE,
    ("GET", f"{C}/register"): READ,
    ("GET", f"{C}/collectors/1/register"): READ,
    ("POST", f"{C}/batches/1/movements"): MANAGE,
    ("POST", f"{C}/batches/1/void"): MANAGE,
    ("POST", f"{C}/batches/1/spares"): MANAGE,
    ("POST", f"{C}/batches/1/spares/1/approve"): MANAGE,
    ("GET", f"{C}/progress"): READ,
    ("GET", f"{C}/movements/1"): READ,
    ("POST", f"{C}/movements/1/correct"): MANAGE,
    ("GET", f"{C}/counts"): READ,
    ("GET", f"{C}/counts/protocol"): READ,
    ("POST", f"{C}/collectors/1/count"): MANAGE | {Role.EVALUATOR},
    ("POST", f"{C}/counts/1/witness"): READ,
    ("POST", f"{C}/counts/waive"): {Role.LEAD_EVALUATOR},
    ("GET", f"{C}/collectors/1/quota"): MANAGE,
    ("POST", f"{C}/collectors/1/quota"): MANAGE,
    ("GET", f"{C}/reminders"): READ,
    ("GET", f"{C}/collectors/1/list"): MANAGE,
    ("POST", f"{C}/collectors/1/list"): MANAGE,
    ("POST", f"{C}/collectors/1/list/discard"): MANAGE,
    ("POST", f"{C}/collectors/1/list/links"): MANAGE,
    ("POST", f"{C}/collectors/1/list/card"): MANAGE,
    ("GET", f"{C}/collectors/1/list/certificate"): READ,
    ("GET", f"{C}/paper"): READ,
    ("GET", f"{C}/collectors/1/paper"): READ,
    ("POST", f"{C}/collectors/1/paper/movements"): MANAGE,
    ("POST", f"{C}/collectors/1/paper/batches"): ENTER,
    ("GET", f"{C}/paper/1"): ENTER,
    ("POST", f"{C}/paper/1"): ENTER,
    ("POST", f"{C}/paper/1/undo"): ENTER,
    ("GET", f"{C}/paper/1/compare"): ENTER,
    ("POST", f"{C}/paper/1/compare"): ENTER,
    ("POST", f"{C}/paper/1/hand-in"): ENTER,
    ("POST", f"{C}/paper/1/discard"): ENTER,
    ("GET", f"{C}/import"): MANAGE,
    ("POST", f"{C}/import"): MANAGE,
    ("POST", f"{C}/import/columns"): MANAGE,
    ("POST", f"{C}/import/check"): MANAGE,
    ("POST", f"{C}/import/report"): MANAGE,
    ("POST", f"{C}/import/store"): MANAGE,
}


@pytest.fixture
def database(app: Flask) -> Database:
    found: Database = app.extensions["pingyi"].database
    return found


@pytest.mark.parametrize("role", list(Role))
def test_every_route__opens_to_its_roles_and_to_no_other(app: Flask, database: Database, role: Role) -> None:
    everywhere = role in {Role.ADMINISTRATOR, Role.AUDITOR}
    with database.writing() as session:
        draft(session, setup_document(2))
        add_person(session, "anna", (role, None if everywhere else "c2026"))
        session.commit()
    client = app.test_client()
    sign_in(client, "anna")
    token = csrf_token(client.get("/office/me"))
    for (method, path), roles in TABLE.items():
        answer = client.open(path, method=method, data={"csrf_token": token} if method == "POST" else None)
        assert (answer.status_code == 403) == (role not in roles), (role, method, path, answer.status_code)
        assert answer.status_code != 500, (role, method, path)


def test_table__names_every_route_of_campaigns_and_fieldwork(app: Flask) -> None:
    def shape(path: str) -> str:
        return re.sub(r"<[^>]*>|\b\d+\b|c2026", "*", path)

    declared = {
        (method, shape(rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.split(".")[0] in {"campaigns", "fieldwork", "jobs", "offline_cards"}
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert declared == {(method, shape(path)) for method, path in TABLE}


def test_person_with_a_role_elsewhere__may_not_see_this_campaign(app: Flask, database: Database) -> None:
    with database.writing() as session:
        draft(session, setup_document(1))
        draft(session, setup_document(1, code="other"))
        add_person(session, "anna", (Role.DESIGNER, "other"))
        session.commit()
    client = app.test_client()
    sign_in(client, "anna")
    assert client.get(C).status_code == 403
    listed = client.get("/office/campaigns").text
    assert "/office/campaigns/other" in listed
    assert "/office/campaigns/c2026" not in listed


def test_agency__sees_its_own_campaigns_and_those_it_is_engaged_for_and_no_other(
    each_database: Database,
) -> None:
    with each_database.writing() as session:
        own = create_agency(session, NOON, None, "甲评估中心").id
        rival = create_agency(session, NOON, None, "乙评估中心").id
        for code, named in (("own", "甲评估中心"), ("theirs", "乙评估中心"), ("engaged", "未登记"), ("open", "未登记")):
            draft(session, setup_document(1, code=code, agency=named))
        days = {"starts": date(2026, 1, 1), "ends": date(2026, 12, 31)}
        engage(session, NOON, None, own, campaign_code="engaged", **days)
        engage(session, NOON, None, rival, campaign_code="open", **days)
        engage(session, NOON, None, own, campaign_code="theirs", **days)

        def seen(agency_id: int | None) -> set[str]:
            return {found.code for found in queries.campaigns(session, agency_id)}

        assert seen(own) == {"own", "engaged"}
        assert seen(rival) == {"theirs", "open"}
        assert seen(None) == {"own", "theirs", "engaged", "open"}
        with pytest.raises(NotFound):
            queries.campaign(session, "open", own)


def test_campaign_of_another_agency__is_not_found_even_with_a_role(app: Flask, database: Database) -> None:
    with database.writing() as session:
        draft(session, setup_document(1, agency="尚未登记的机构"))
        agency, mandate = add_mandate(session, "甲评估中心", "c2026")
        other, _ = add_mandate(session, "乙评估中心", "c2026")
        session.execute(Campaign.__table__.update().values(agency_id=other))  # type: ignore[attr-defined]
        who = add_person(session, "anna", (Role.DESIGNER, "c2026"), agency_id=agency)
        declare(session, who, agency, mandate)
        session.commit()
    client = app.test_client()
    sign_in(client, "anna")
    for (method, path), roles in TABLE.items():
        if path.startswith(C) and Role.DESIGNER in roles:
            answer = client.open(path, method=method, data={"csrf_token": csrf_token(client.get("/office/me"))})
            assert answer.status_code == 404, (method, path)
    assert "c2026" not in client.get("/office/campaigns").text

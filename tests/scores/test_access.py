"""Who may call which page of scores, tried both ways for every role."""

import re

import pytest
from flask import Flask

from survey_app.accounts.rules import INSTALLATION_ROLES, Role
from tests.factories.accounts import add_person, csrf_token, database_of, sign_in
from tests.factories.campaign import draft, setup_document

DECIDE = {Role.EVALUATOR, Role.LEAD_EVALUATOR}
READ = DECIDE | {Role.APPROVER, Role.AUDITOR}
S = "/office/campaigns/c2026/scores"

# (method, path) -> the roles that may call it
TABLE: dict[tuple[str, str], set[Role]] = {
    ("GET", S): READ,
    ("POST", S): DECIDE,
    ("GET", f"{S}/1/units/u01"): READ,
    ("POST", f"{S}/1/units/u01/confirm"): DECIDE,
    ("POST", f"{S}/1/units/u01/hold"): {Role.LEAD_EVALUATOR},
    ("POST", f"{S}/1/units/u01/lift"): {Role.LEAD_EVALUATOR},
    ("GET", f"{S}/1/provenance"): READ,
    ("GET", f"{S}/1/scores.xlsx"): READ,
    ("GET", f"{S}/1/scores.csv"): READ,
    ("GET", f"{S}/1/scores.json"): READ,
}


@pytest.mark.parametrize("role", list(Role))
def test_every_route__opens_to_its_roles_and_to_no_other(app: Flask, role: Role) -> None:
    with database_of(app).writing() as session:
        draft(session, setup_document(2))
        add_person(session, "anna", (role, None if role in INSTALLATION_ROLES else "c2026"))
        session.commit()
    client = app.test_client()
    sign_in(client, "anna")
    token = csrf_token(client.get("/office/me"))
    for (method, path), roles in TABLE.items():
        answer = client.open(path, method=method, data={"csrf_token": token} if method == "POST" else None)
        # Whoever is let in is told that nothing can be computed yet, or nothing is there; nobody gets a failure.
        assert (answer.status_code == 403) == (role not in roles), (role, method, path, answer.status_code)
        assert answer.status_code < 500, (role, method, path)


def test_table__names_every_route_of_scores(app: Flask) -> None:
    def shape(path: str) -> str:
        return re.sub(r"<[^>]*>|\b1\b|u01|c2026", "*", path)

    declared = {
        (method, shape(rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("scores.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert declared == {(method, shape(path)) for method, path in TABLE}

"""Who may call which page of draws, tried both ways for every role."""

import re

import pytest
from flask import Flask

from survey_app.accounts.rules import Role
from tests.draws.test_draws import announce
from tests.factories.accounts import add_person, csrf_token, database_of, sign_in
from tests.factories.campaign import draft, setup_document

MANAGE = {Role.ADMINISTRATOR, Role.DESIGNER, Role.LEAD_EVALUATOR}
READ = MANAGE | {Role.EVALUATOR, Role.APPROVER, Role.AUDITOR}
C = "/office/campaigns/c2026/draws"
TABLE = {("GET", C): READ, ("POST", C): MANAGE, ("GET", f"{C}/1"): READ, ("POST", f"{C}/1"): MANAGE}


@pytest.mark.parametrize("role", list(Role))
def test_every_route__opens_to_its_roles_and_to_no_other(app: Flask, role: Role) -> None:
    everywhere = role in {Role.ADMINISTRATOR, Role.AUDITOR}
    with database_of(app).writing() as session:
        announce(session, draft(session, setup_document(1)))
        add_person(session, "anna", (role, None if everywhere else "c2026"))
        session.commit()
    client = app.test_client()
    sign_in(client, "anna")
    token = csrf_token(client.get("/office/me"))
    for (method, path), roles in TABLE.items():
        answer = client.open(path, method=method, data={"csrf_token": token} if method == "POST" else None)
        assert (answer.status_code == 403) == (role not in roles), (role, method, path, answer.status_code)
        assert answer.status_code != 500, (role, method, path)


def test_table__names_every_route_of_draws(app: Flask) -> None:
    def shape(path: str) -> str:
        return re.sub(r"<[^>]*>|\b\d+\b|c2026", "*", path)

    declared = {
        (method, shape(rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("draws.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert declared == {(method, shape(path)) for method, path in TABLE}

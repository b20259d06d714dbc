"""What the code promises about its routes, read from the running application."""

import ast
import inspect
import textwrap
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Engine
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import IntegerConverter

from survey_app.accounts.rules import INSTALLATION_ROLES, Role
from survey_app.campaigns.operations.cards import set_tier
from survey_app.web.access import access_of
from tests.factories.accounts import add_mandate, add_person, database_of, sign_in
from tests.factories.campaign import NOON, doors, draft, make_cards, setup_document

# Each of these has a table of routes and roles that is tried both ways, in tests/<name>/test_access.py.
WITH_TABLES = {"accounts", "campaigns", "draws", "jobs", "offline_cards", "fieldwork", "scores"}


def test_every_route__declares_who_may_call_it(app: Flask) -> None:
    declared = {rule.endpoint: access_of(app, rule.endpoint) for rule in app.url_map.iter_rules()}
    assert declared
    assert [name for name, access in declared.items() if access is None] == []


def test_respondent_routes__are_exactly_those_of_the_respondent_path(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        access = access_of(app, rule.endpoint)
        assert access is not None
        assert (access.kind == "respondent") == rule.endpoint.startswith("responses."), rule.endpoint


def test_office_routes__need_somebody_who_signed_in(app: Flask) -> None:
    open_office = {"accounts.sign_in"}
    for rule in app.url_map.iter_rules():
        access = access_of(app, rule.endpoint)
        assert access is not None
        if rule.rule.startswith("/office") and rule.endpoint not in open_office:
            assert access.kind in {"signed_in", "roles"}, rule.endpoint


def test_office_routes__stand_in_a_table_of_roles(app: Flask) -> None:
    office = {rule.endpoint.split(".")[0] for rule in app.url_map.iter_rules() if rule.rule.startswith("/office")}
    assert office == WITH_TABLES


def test_number_in_an_address__that_no_column_holds__opens_nothing(app: Flask) -> None:
    adapter = app.url_map.bind("")
    numbered = [
        (rule, name)
        for rule in app.url_map.iter_rules()
        for name, converter in rule._converters.items()
        if isinstance(converter, IntegerConverter)
    ]
    assert len(numbered) > 20
    for rule, name in numbered:
        method = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})[0]
        values: dict[str, Any] = dict.fromkeys(rule.arguments, 1)
        assert adapter.match(adapter.build(rule.endpoint, values, method), method), rule
        with pytest.raises((NotFound, MethodNotAllowed)):
            adapter.match(adapter.build(rule.endpoint, values | {name: 2**31}, method), method)


def test_get__writes_nothing(app: Flask) -> None:
    with database_of(app).writing() as session:
        campaign = draft(session, setup_document(2))
        link = doors(session, campaign, "service_recipient")[0]
        set_tier(session, campaign, link.id, "T0", now=NOON, person_id=None)
        made = make_cards(session, campaign, doors(session, campaign, "staff")[0].id, 40)
        add_person(session, "anna", *[(role, None if role in INSTALLATION_ROLES else "c2026") for role in Role])
        add_mandate(session, "评估中心", "c2026")
        session.commit()
    client = app.test_client()
    sign_in(client, "anna")
    known = {"campaign_code": "c2026", "unit_code": "u01", "collector_id": link.id, "code": made.codes[0]}
    known |= {"person_id": 1, "agency_id": 1, "engagement_id": 1, "number": 1, "filename": "office.css"}
    written: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.split(maxsplit=1)[0].upper() in {"INSERT", "UPDATE", "DELETE"}:
            written.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    opened = set()
    try:
        adapter = app.url_map.bind("")
        for rule in app.url_map.iter_rules():
            if "GET" in (rule.methods or set()):
                numbers = {name for name, kind in rule._converters.items() if isinstance(kind, IntegerConverter)}
                values = {name: known.get(name, 1 if name in numbers else "x") for name in rule.arguments}
                with client.get(adapter.build(rule.endpoint, values, "GET")) as answer:
                    if answer.status_code == 200:
                        opened.add(rule.endpoint)
                assert written == [], rule
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len(opened) > 25, opened


def test_a_route_that_answers_get__never_commits(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if "GET" in (rule.methods or set()):
            assert not getattr(view, "commits", False), rule.endpoint


def test_only_declared_views__commit_by_hand(app: Flask) -> None:
    for name, view in app.view_functions.items():
        tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(view))))
        calls = [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
        assert "commit" not in calls, name

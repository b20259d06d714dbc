"""What the code promises about its routes, read from the running application."""

import ast
import inspect
import textwrap

from flask import Flask

from survey_app.web.access import access_of


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

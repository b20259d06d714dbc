"""Forms that another site, another browser or an earlier sign-in would like to send."""

import time as wall
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from survey_app.accounts.models import Person
from survey_app.app import create_app
from survey_app.config import Config
from tests.factories.accounts import PASSWORD, add_administrator, csrf_token, database_of, is_in, sign_in


def test_form_without_its_token__is_refused_and_changes_nothing(app: Flask) -> None:
    add_administrator(app)
    client = app.test_client()
    sign_in(client, "li.ming")
    adapter = app.url_map.bind("")
    forms = [
        adapter.build(rule.endpoint, dict.fromkeys(rule.arguments, 1), "POST")
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/office") and "POST" in (rule.methods or set())
    ]
    assert len(forms) > 30
    for path in forms:
        for data in ({}, {"csrf_token": "forged"}):
            answer = client.post(path, data={**data, "login": "li.ming", "password": PASSWORD, "language": "en"})
            assert (answer.status_code, "表单已经失效" in answer.text) == (400, True), path
    assert is_in(client)
    with database_of(app).reading() as session:
        assert session.scalars(select(Person.language)).one() == "zh"


def test_form_token__of_another_browser__is_refused(app: Flask) -> None:
    add_administrator(app)
    client, other = app.test_client(), app.test_client()
    sign_in(client, "li.ming")
    sign_in(other, "li.ming")
    foreign = csrf_token(other.get("/office/me"))
    assert client.post("/office/sign-out", data={"csrf_token": foreign}).status_code == 400
    assert is_in(client)


def test_sign_in_over_https__works_although_browsers_send_no_referrer(config: Config) -> None:
    app = create_app(replace(config, public_url="https://pj.example.cn"))
    add_administrator(app)
    client, base = app.test_client(), "https://pj.example.cn"
    token = csrf_token(client.get("/office/sign-in", base_url=base))
    data = {"csrf_token": token, "login": "li.ming", "password": PASSWORD}
    answer = client.post("/office/sign-in", data=data, base_url=base)
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    database_of(app).engine.dispose()
    assert answer.status_code == 303
    assert "Secure" in answer.headers["Set-Cookie"]


def test_form_that_was_open_for_hours__is_still_accepted(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    client = app.test_client()
    add_administrator(app)
    token = csrf_token(client.get("/office/sign-in"))

    later = wall.time() + 11 * 3600
    monkeypatch.setattr(wall, "time", lambda: later)
    data = {"csrf_token": token, "login": "li.ming", "password": PASSWORD}
    assert client.post("/office/sign-in", data=data).status_code == 303

"""Headers, cookies, limits and errors, on the running application."""

import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from survey_app.app import NotUpgraded, create_app
from survey_app.config import BadSetting, Config
from survey_app.db import Database
from survey_app.responses.spending import Outcome
from survey_app.web.headers import CONTENT_SECURITY_POLICY
from survey_app.web.limits import Limits, TooOften
from tests.factories.doors import open_door, sitting


def test_every_answer__carries_the_security_headers(client: FlaskClient) -> None:
    for path in ("/q", "/office/sign-in", "/nowhere", "/static/office.css"):
        with client.get(path) as answer:
            headers = answer.headers
        assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY, path
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"


def test_policy__allows_nothing_from_elsewhere_and_nothing_inline() -> None:
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY
    for word in ("unsafe", "http:", "https:", "*"):
        assert word not in CONTENT_SECURITY_POLICY


def test_static_file__with_its_hash__may_be_kept(client: FlaskClient, app: Flask) -> None:
    asset = app.jinja_env.globals["asset"]
    with client.get(asset("office.css")) as answer:  # type: ignore[operator]
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]


def test_cookies__exist_under_office_only(client: FlaskClient) -> None:
    for path in ("/", "/q", "/nowhere", "/static/office.css", "/favicon.ico"):
        with client.get(path) as answer:
            assert "Set-Cookie" not in answer.headers, path
    cookie = client.get("/office/sign-in").headers["Set-Cookie"]
    assert "Path=/office" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_limits__count_by_address_and_keep_none() -> None:
    app = Flask("limits")
    limits = Limits(trusted_proxies=1)
    for number in range(3):
        headers = {"X-Forwarded-For": f"10.0.0.{number}, 192.0.2.1"}
        with app.test_request_context(headers=headers) as context:
            if number < 2:
                limits.hit(context.request, "send", "2/minute")
                continue
            with pytest.raises(TooOften):
                limits.hit(context.request, "send", "2/minute")
    with app.test_request_context(headers={"X-Forwarded-For": "192.0.2.2"}) as context:
        limits.hit(context.request, "send", "2/minute")
    assert "192.0.2.1" not in repr(vars(limits))


def test_limits__after_the_clock_was_put_back__still_end_with_their_window(monkeypatch: pytest.MonkeyPatch) -> None:
    app, limits = Flask("limits"), Limits(trusted_proxies=0)
    day, forward = time.time(), time.monotonic()
    monkeypatch.setattr(time, "time", lambda: day + 86_400)
    with app.test_request_context() as context:
        limits.hit(context.request, "send", "1/minute")
        monkeypatch.setattr(time, "time", lambda: day)
        with pytest.raises(TooOften):
            limits.hit(context.request, "send", "1/minute")
        monkeypatch.setattr(time, "monotonic", lambda: forward + 61)
        limits.hit(context.request, "send", "1/minute")
        assert len(limits._windows) == 1


def test_limits__from_many_threads_at_once__count_every_one() -> None:
    app, before = Flask("limits"), sys.getswitchinterval()
    limits, refused, broken = Limits(trusted_proxies=0), [], []
    ready = threading.Barrier(16)

    def visitor() -> None:
        with app.test_request_context() as context:
            for _ in range(40):
                ready.wait(20)
                try:
                    limits.hit(context.request, "send", "600/minute")
                except TooOften:
                    refused.append(1)
                except RuntimeError as error:
                    broken.append(error)

    sys.setswitchinterval(1e-6)
    try:
        visitors = [threading.Thread(target=visitor) for _ in range(16)]
        for each in visitors:
            each.start()
        for each in visitors:
            each.join()
    finally:
        sys.setswitchinterval(before)
    assert broken == []
    assert len(refused) == 16 * 40 - 600


def test_failure_outside_a_view__never_logs_the_path(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    def fails(_answer: object) -> None:
        raise ValueError("a canary")

    app.after_request_funcs.setdefault(None, []).append(fails)  # type: ignore[arg-type]
    app.testing = False
    assert app.test_client().get("/q/ABCDEFGHJKMNPQRS").status_code == 500
    assert "failure_outside_views ValueError" in caplog.text
    assert "ABCDEFGHJKMNPQRS" not in caplog.text
    caplog.clear()
    app.test_client().get("/office/sign-in")
    assert "Exception on /office/sign-in" in caplog.text


def test_unknown_page__says_so_in_words(client: FlaskClient) -> None:
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    # Nobody has chosen a language yet.
    assert "没有这个页面" in answer.text
    assert "There is no such page" in answer.text


def test_redirects__stay_on_the_address_that_the_browser_has(client: FlaskClient) -> None:
    for path in ("/office", "/office//people", "/q/", "/office/people"):
        answer = client.get(path, base_url="https://elsewhere.example:8443")
        assert "elsewhere" not in str(answer.headers), path


def test_address__that_is_not_utf_8_or_holds_a_null_byte__opens_nothing(client: FlaskClient) -> None:
    assert client.get("/office/sign-in", environ_overrides={"QUERY_STRING": "lang=\xff"}).status_code == 400
    for path in ("/q/a%00b", "/thanks/a%00b/x", "/static/a%00b", "/office/a%00b"):
        assert client.get(path).status_code == 404, path


def test_settings__with_a_bad_value__name_it(tmp_path: object) -> None:
    for name, value in (
        ("PINGYI_PUBLIC_URL", "pj.example.cn"),
        ("PINGYI_WRITER_QUEUE", "many"),
        ("PINGYI_SIGN_IN_RATE", "often"),
    ):
        with pytest.raises(BadSetting, match=name):
            Config.from_environment({"PINGYI_HOME": str(tmp_path), name: value})


def test_start__without_tables__says_what_to_run(config: Config, tmp_path: Path) -> None:
    with pytest.raises(NotUpgraded, match="pingyi database upgrade"):
        create_app(replace(config, database_url=f"sqlite:///{tmp_path / 'empty.sqlite3'}"))


def test_start__with_an_older_schema__says_what_to_run(each_database: Database, each_config: Config) -> None:
    with each_database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(NotUpgraded, match="pingyi database upgrade"):
        create_app(each_config)


def test_start__with_sittings_whose_key_is_gone__stops_their_collector(config: Config) -> None:
    app = create_app(config)
    boxes, writer = app.extensions["pingyi.boxes"], app.extensions["pingyi"].writer
    with boxes.database.writing() as session:
        door = open_door(session)
    assert writer.submit(sitting(door, 0)) is Outcome.STORED
    boxes.keys.destroy(door.group, [1])
    again = create_app(config)
    assert again.extensions["pingyi"].writer.submit(sitting(door, 1)) is Outcome.PAUSED
    for each in (app, again):
        each.extensions["pingyi"].database.engine.dispose()

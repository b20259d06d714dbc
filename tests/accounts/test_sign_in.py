"""Signing in on both databases: who gets in, who is slowed down, where it leads."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from survey_app.accounts.models import AuditEntry, SignInFailure
from survey_app.app import create_app
from survey_app.config import Config
from tests.accounts.conftest import Clock
from tests.factories.accounts import (
    PASSWORD,
    add_administrator,
    add_person,
    csrf_token,
    database_of,
    is_in,
    send,
    sign_in,
)


def test_right_password__opens_the_office(each_app: Flask) -> None:
    add_administrator(each_app)
    client = each_app.test_client()
    assert not is_in(client)
    answer = sign_in(client, " Li.Ming ")
    assert (answer.status_code, answer.location) == (303, "/office/")
    assert is_in(client)


def test_wrong_password_and_unknown_name__look_alike(each_app: Flask) -> None:
    add_administrator(each_app)
    client = each_app.test_client()
    wrong, unknown = sign_in(client, "li.ming", "not the password"), sign_in(client, "nobody.here", "not the password")
    assert wrong.status_code == unknown.status_code == 403
    assert "登录名或密码不正确" in wrong.text
    assert wrong.text.replace(csrf_token(wrong), "").replace("li.ming", "") == unknown.text.replace(
        csrf_token(unknown), ""
    ).replace("nobody.here", "")
    assert not is_in(client)


def test_fifth_failure__blocks_the_name_for_a_minute_then_twice_as_long(each_app: Flask, time: Clock) -> None:
    add_administrator(each_app)
    client = each_app.test_client()
    for _ in range(5):
        assert sign_in(client, "li.ming", "wrong").status_code == 403
        time.forward(seconds=1)
    blocked = sign_in(client, "li.ming")
    assert blocked.status_code == 429
    assert blocked.headers["Retry-After"] == "60"
    assert "1 分钟" in blocked.text
    time.forward(seconds=57)
    assert sign_in(client, "li.ming").status_code == 429
    time.forward(seconds=2)
    assert sign_in(client, "li.ming", "wrong").status_code == 403
    time.forward(seconds=61)
    assert sign_in(client, "li.ming").status_code == 429
    time.forward(seconds=60)
    assert sign_in(client, "li.ming").status_code == 303


def test_unknown_name__is_blocked_like_a_known_one(app: Flask, time: Clock) -> None:
    client = app.test_client()
    assert [sign_in(client, "nobody.here", "wrong").status_code for _ in range(6)] == [403] * 5 + [429]


def test_block__is_for_one_name_and_stands_in_the_log_without_it(app: Flask, time: Clock) -> None:
    add_administrator(app)
    client = app.test_client()
    for _ in range(6):
        sign_in(client, "hunter2 typed into the wrong box", "wrong")
    assert sign_in(client, "li.ming").status_code == 303
    with database_of(app).reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "sign_in.blocked")).all()
        failures = session.scalars(select(SignInFailure)).all()
    assert len(entries) == 1
    assert all("hunter2" not in f"{entry.subject}{entry.detail}" for entry in entries)
    assert all(b"hunter2" not in failure.login_hash and len(failure.login_hash) == 32 for failure in failures)


def test_success__forgets_the_failures(app: Flask, time: Clock) -> None:
    add_administrator(app)
    client = app.test_client()
    for _ in range(3):
        for _ in range(4):
            assert sign_in(client, "li.ming", "wrong").status_code == 403
        assert sign_in(client, "li.ming").status_code == 303


def test_failures__are_forgotten_after_a_day(app: Flask, time: Clock) -> None:
    add_administrator(app)
    for _ in range(4):
        sign_in(app.test_client(), "li.ming", "wrong")
    time.forward(hours=25)
    assert sign_in(app.test_client(), "li.ming", "wrong").status_code == 403
    with database_of(app).reading() as session:
        assert [row.failures for row in session.scalars(select(SignInFailure))] == [1]


def test_guesses_sent_at_once__count_each(each_app: Flask, time: Clock) -> None:
    add_administrator(each_app)

    def guess(_number: int) -> int:
        return sign_in(each_app.test_client(), "li.ming", "wrong").status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, range(16)))
    assert sorted(answers) == [403] * 5 + [429] * 11


def test_one_address__is_limited_whatever_names_it_tries(config: Config) -> None:
    app = create_app(replace(config, sign_in_rate="3/minute"))
    answers = [sign_in(app.test_client(), f"name.{number}", "wrong") for number in range(4)]
    database_of(app).engine.dispose()
    assert [answer.status_code for answer in answers] == [403, 403, 403, 429]
    assert "Retry-After" in answers[-1].headers


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("/office/audit?person=1", "/office/audit?person=1"),
        ("https://elsewhere.example/", "/office/"),
        ("//x", "/office/"),
    ],
)
def test_signing_in__leads_back_to_own_pages_only(app: Flask, wanted: str, leads_to: str) -> None:
    add_administrator(app)
    client = app.test_client()
    token = csrf_token(client.get("/office/sign-in", query_string={"next": wanted}))
    data = {"csrf_token": token, "login": "li.ming", "password": PASSWORD, "next": wanted}
    assert client.post("/office/sign-in", data=data).location == leads_to


def test_language__is_kept_with_the_person(app: Flask) -> None:
    add_administrator(app)
    client = app.test_client()
    assert "Sign in to Pingyi" in client.get("/office/sign-in?lang=en").text
    sign_in(client, "li.ming")
    assert send(client, "/office/me/language", language="en", next="/office/me").location == "/office/me"
    assert "My roles" in client.get("/office/me").text
    again = app.test_client()
    sign_in(again, "li.ming")
    assert 'lang="en"' in again.get("/office/me").text
    send(client, "/office/me/language", language="zh", next="//elsewhere.example")
    assert "我的角色" in client.get("/office/me").text


def test_office_pages__carry_the_sentence_about_state_secrets(app: Flask) -> None:
    assert app.test_client().get("/office/sign-in").text.count("本系统不得存储、处理国家秘密") == 2


def test_page_that_needs_a_sign_in__asks_for_it_and_comes_back(app: Flask) -> None:
    answer = app.test_client().get("/office/audit")
    assert (answer.status_code, answer.location) == (303, "/office/sign-in?next=/office/audit")


def test_page_that_was_asked_for__comes_back_with_its_search(app: Flask) -> None:
    answer = app.test_client().get("/office/audit?person=1&before=9")
    assert answer.location == "/office/sign-in?next=/office/audit%3Fperson%3D1%26before%3D9"
    other_language = app.test_client().get(answer.location).text
    assert "/office/sign-in?lang=en&amp;next=/office/audit?person%3D1%26before%3D9" in other_language


def test_form_sent_after_the_sign_in_had_ended__is_said_to_be_lost(app: Flask, time: Clock) -> None:
    add_administrator(app)
    client = app.test_client()
    sign_in(client, "li.ming")
    token = csrf_token(client.get("/office/me"))
    time.forward(hours=13)
    asked = client.post("/office/people/1/roles", data={"csrf_token": token})
    page = client.get(str(asked.location))
    assert "刚才提交的内容没有保存" in page.text
    assert "刚才提交的内容没有保存" not in client.get("/office/sign-in?next=/office/audit").text
    data = {"csrf_token": csrf_token(page), "login": "li.ming", "password": PASSWORD, "next": "/office/people/1/roles"}
    assert client.post("/office/sign-in", data=data).location == "/office/people/1"


def test_language__chosen_on_a_form_that_was_refused__leads_to_the_page_above_it(app: Flask) -> None:
    add_administrator(app)
    client = app.test_client()
    sign_in(client, "li.ming")
    for refused, above in (("/office/me/password", "/office/me"), ("/office/people/1/roles", "/office/people/1")):
        assert send(client, "/office/me/language", language="en", next=refused).location == above


def test_person_without_a_role__starts_at_their_own_account(app: Flask) -> None:
    with database_of(app).writing() as session:
        add_person(session, "li.ming")
        session.commit()
    client = app.test_client()
    sign_in(client, "li.ming")
    assert client.get("/office/").location == "/office/me"
    page = client.get("/office/me").text
    assert "没有角色的人可以登录" in page
    assert "/office/campaigns" not in page


def test_forwarded_addresses__count_only_where_a_proxy_is_trusted(config: Config) -> None:
    for proxies, answers in ((0, [403, 403, 429]), (1, [403, 403, 403])):
        app = create_app(replace(config, sign_in_rate="2/minute", trusted_proxies=proxies))
        client = app.test_client()
        token = csrf_token(client.get("/office/sign-in"))
        data = {"csrf_token": token, "login": "nobody.here", "password": "wrong"}
        found = [
            client.post("/office/sign-in", data=data, headers={"X-Forwarded-For": f"192.0.2.{number}"}).status_code
            for number in range(3)
        ]
        database_of(app).engine.dispose()
        assert found == answers


def test_reset_password__ends_the_block(app: Flask, time: Clock) -> None:
    add_administrator(app)
    with database_of(app).writing() as session:
        person = add_person(session, "wu")
        session.commit()
    for _ in range(5):
        sign_in(app.test_client(), "wu", "wrong")
    assert sign_in(app.test_client(), "wu").status_code == 429
    admin = app.test_client()
    sign_in(admin, "li.ming")
    assert "暂停登录" in admin.get(f"/office/people/{person}").text
    shown = send(admin, f"/office/people/{person}/password").text
    assert "暂停登录" not in admin.get(f"/office/people/{person}").text
    password = shown.split('class="code once">')[1].split("<")[0]
    assert sign_in(app.test_client(), "wu", password).status_code == 303

"""Signing in and out on both databases: who gets in, who is slowed down, when a sign-in ends, what is stored."""

import time as wall
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app import clock
from survey_app.accounts.models import AuditEntry, Person, SignInFailure, StaffSession
from survey_app.accounts.operations.passwords import Passwords
from survey_app.accounts.operations.people import set_active
from survey_app.accounts.operations.sign_in import end_sessions
from survey_app.accounts.queries import token_hash
from survey_app.accounts.rules import Role
from survey_app.app import create_app
from survey_app.config import Config
from survey_app.db import Database
from tests.factories.accounts import PASSWORD, add_person, csrf_token, send, sign_in

NOON = datetime(2026, 5, 4, 4, tzinfo=UTC)
NEW = "山重水复疑无路 1186 x"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **step: float) -> None:
        self.at += timedelta(**step)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    still = Clock()
    monkeypatch.setattr(clock, "now", still)
    return still


def database_of(app: Flask) -> Database:
    found: Database = app.extensions["pingyi"].database
    return found


def add(app: Flask, login: str = "li.ming", *, initial: bool = False) -> int:
    with database_of(app).writing() as session:
        made = add_person(session, login, (Role.ADMINISTRATOR, None), initial=initial)
        session.commit()
        return made


def is_in(client: FlaskClient) -> bool:
    """Whether a page that needs a sign-in opens."""
    return client.get("/office/me").status_code == 200


def test_right_password__opens_the_office(each_app: Flask) -> None:
    add(each_app)
    client = each_app.test_client()
    assert not is_in(client)
    answer = sign_in(client, " Li.Ming ")
    assert (answer.status_code, answer.location) == (303, "/office/")
    assert is_in(client)


def test_wrong_password_and_unknown_name__look_alike(each_app: Flask) -> None:
    add(each_app)
    client = each_app.test_client()
    wrong, unknown = sign_in(client, "li.ming", "not the password"), sign_in(client, "nobody.here", "not the password")
    assert wrong.status_code == unknown.status_code == 403
    assert "登录名或密码不正确" in wrong.text
    assert wrong.text.replace(csrf_token(wrong), "").replace("li.ming", "") == unknown.text.replace(
        csrf_token(unknown), ""
    ).replace("nobody.here", "")
    assert not is_in(client)


def test_unknown_and_inactive_names__cost_one_real_verification_each(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = add(app)
    add(app, "second.admin")
    with database_of(app).writing() as session:
        set_active(session, NOON, None, person, active=False)
        session.commit()
    checked: list[bool] = []
    genuine = Passwords.verify

    def counting(self: Passwords, stored: str | None, password: str) -> bool:
        found = genuine(self, stored, password)
        checked.append(found)
        return found

    monkeypatch.setattr(Passwords, "verify", counting)
    assert sign_in(app.test_client(), "nobody.here").status_code == 403
    assert sign_in(app.test_client(), "li.ming").status_code == 403
    assert sign_in(app.test_client(), "second.admin").status_code == 303
    assert checked == [False, False, True]


def test_verification_for_nobody__does_the_same_work_as_a_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    hashing = Passwords(time_cost=1, memory_kib=8)
    stored = hashing.hash("somebody's password")
    worked: list[str] = []
    genuine = PasswordHasher.verify

    def watching(self: PasswordHasher, digest: str, password: str) -> bool:
        worked.append(digest.rsplit("$", 2)[0])
        return genuine(self, digest, password)

    monkeypatch.setattr(PasswordHasher, "verify", watching)
    assert not hashing.verify(None, "guess")
    assert not hashing.verify(stored, "guess")
    assert len(worked) == 2
    assert worked[0] == worked[1]
    assert not hashing.verify(None, "nobody has this password")


def test_password__is_the_same_from_a_full_width_keyboard() -> None:
    hashing = Passwords(time_cost=1, memory_kib=8)
    assert hashing.verify(hashing.hash("\uff30assword\u30002026 长"), "Password 2026 长")


def test_fifth_failure__blocks_the_name_for_a_minute_then_twice_as_long(each_app: Flask, time: Clock) -> None:
    add(each_app)
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
    add(app)
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
    add(app)
    client = app.test_client()
    for _ in range(3):
        for _ in range(4):
            assert sign_in(client, "li.ming", "wrong").status_code == 403
        assert sign_in(client, "li.ming").status_code == 303


def test_failures__are_forgotten_after_a_day(app: Flask, time: Clock) -> None:
    add(app)
    for _ in range(4):
        sign_in(app.test_client(), "li.ming", "wrong")
    time.forward(hours=25)
    assert sign_in(app.test_client(), "li.ming", "wrong").status_code == 403
    with database_of(app).reading() as session:
        assert [row.failures for row in session.scalars(select(SignInFailure))] == [1]


def test_guesses_sent_at_once__count_each(each_app: Flask, time: Clock) -> None:
    add(each_app)

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


def test_signing_in__rotates_the_cookie_and_its_form_token(app: Flask) -> None:
    add(app)
    client = app.test_client()
    before = csrf_token(client.get("/office/sign-in"))
    with client.session_transaction("/office/sign-in") as cookie:
        planted = cookie["csrf_token"]
    sign_in(client, "li.ming")
    client.get("/office/me")
    with client.session_transaction("/office/me") as cookie:
        assert cookie["csrf_token"] != planted
    answer = client.post("/office/sign-out", data={"csrf_token": before})
    assert answer.status_code == 400
    assert is_in(client)


def test_token__is_stored_nowhere_as_it_is(app: Flask) -> None:
    add(app)
    client = app.test_client()
    sign_in(client, "li.ming")
    with client.session_transaction("/office/me") as cookie:
        token = cookie["token"]
    assert len(token) >= 43
    with database_of(app).reading() as session:
        stored = session.scalars(select(StaffSession)).one()
        entries = session.scalars(select(AuditEntry)).all()
    assert len(stored.token_hash) == 32
    assert token.encode() not in stored.token_hash
    assert all(token not in f"{entry.subject}{entry.detail}" for entry in entries)


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("/office/audit?person=1", "/office/audit?person=1"),
        ("https://elsewhere.example/", "/office/"),
        ("//x", "/office/"),
    ],
)
def test_signing_in__leads_back_to_own_pages_only(app: Flask, wanted: str, leads_to: str) -> None:
    add(app)
    client = app.test_client()
    token = csrf_token(client.get("/office/sign-in", query_string={"next": wanted}))
    data = {"csrf_token": token, "login": "li.ming", "password": PASSWORD, "next": wanted}
    assert client.post("/office/sign-in", data=data).location == leads_to


def test_idle_sign_in__ends_and_use_keeps_it(each_app: Flask, time: Clock) -> None:
    add(each_app)
    client = each_app.test_client()
    sign_in(client, "li.ming")
    for _ in range(3):
        time.forward(minutes=59)
        assert is_in(client)
    time.forward(minutes=60)
    assert not is_in(client)


def test_sign_in__ends_after_twelve_hours_even_in_use(app: Flask, time: Clock) -> None:
    add(app)
    client = app.test_client()
    sign_in(client, "li.ming")
    for _ in range(23):
        time.forward(minutes=30)
        assert is_in(client)
    time.forward(minutes=30)
    assert not is_in(client)


def test_use__is_noted_at_most_once_a_minute(app: Flask, time: Clock) -> None:
    add(app)
    client = app.test_client()
    sign_in(client, "li.ming")

    def last_seen() -> datetime:
        with database_of(app).reading() as session:
            return session.scalars(select(StaffSession.last_seen)).one()

    time.forward(seconds=59)
    client.get("/office/me")
    assert last_seen() == NOON
    time.forward(seconds=1)
    client.get("/office/me")
    assert last_seen() == NOON + timedelta(minutes=1)


def test_signing_out__ends_it_on_the_server_too(each_app: Flask) -> None:
    add(each_app)
    client, thief = each_app.test_client(), each_app.test_client()
    sign_in(client, "li.ming")
    stolen = client.get_cookie("pingyi_office", path="/office")
    assert stolen is not None
    assert send(client, "/office/sign-out").location == "/office/sign-in"
    assert not is_in(client)
    thief.set_cookie("pingyi_office", stolen.value, path="/office")
    assert not is_in(thief)


def test_forged_cookie__opens_nothing(app: Flask) -> None:
    add(app)
    client = app.test_client()
    with client.session_transaction("/office/me") as cookie:
        cookie["token"] = "x" * 43
    assert not is_in(client)


def test_switched_off_account__is_out_at_once(each_app: Flask) -> None:
    person = add(each_app)
    add(each_app, "second.admin")
    client = each_app.test_client()
    sign_in(client, "li.ming")
    with database_of(each_app).writing() as session:
        session.get_one(Person, person).active = False  # without the operation, which also ends the sign-ins
        session.commit()
    assert not is_in(client)
    assert sign_in(each_app.test_client(), "li.ming").status_code == 403


def test_administrator__can_end_somebody_elses_sign_ins(each_app: Flask) -> None:
    person = add(each_app)
    clients = [each_app.test_client() for _ in range(3)]
    for client in clients:
        sign_in(client, "li.ming")
    with database_of(each_app).writing() as session:
        assert end_sessions(session, clock.now(), None, person) == 3
        session.commit()
    assert [is_in(client) for client in clients] == [False] * 3


def test_own_sign_ins__can_be_ended_one_by_one_or_all_others(app: Flask) -> None:
    add(app)
    clients = [app.test_client() for _ in range(4)]
    for client in clients:
        sign_in(client, "li.ming")
    with clients[1].session_transaction("/office/me") as cookie:
        token = cookie["token"]
    assert send(clients[0], "/office/me/sessions/end", session=token_hash(token).hex()).status_code == 303
    assert [is_in(client) for client in clients] == [True, False, True, True]
    send(clients[0], "/office/me/sessions/end", session="others")
    assert [is_in(client) for client in clients] == [True, False, False, False]


def test_ending_a_sign_in_that_does_not_exist__is_not_found(app: Flask) -> None:
    add(app)
    client = app.test_client()
    sign_in(client, "li.ming")
    for wanted in ("", "zz", "00" * 32, "٣" * 64):
        assert send(client, "/office/me/sessions/end", session=wanted).status_code == 404, wanted


def test_ending_somebody_elses_sign_in__is_not_found(app: Flask) -> None:
    add(app)
    add(app, "other.person")
    client, other = app.test_client(), app.test_client()
    sign_in(client, "li.ming")
    sign_in(other, "other.person")
    with other.session_transaction("/office/me") as cookie:
        theirs = token_hash(cookie["token"]).hex()
    assert send(client, "/office/me/sessions/end", session=theirs).status_code == 404
    assert is_in(other)


def test_changed_password__ends_all_other_sign_ins(each_app: Flask) -> None:
    add(each_app)
    client, other = each_app.test_client(), each_app.test_client()
    sign_in(client, "li.ming")
    sign_in(other, "li.ming")
    assert send(client, "/office/me/password", present=PASSWORD, new=NEW, again=NEW).status_code == 303
    assert is_in(client)
    assert not is_in(other)
    assert sign_in(each_app.test_client(), "li.ming").status_code == 403
    assert sign_in(each_app.test_client(), "li.ming", NEW).status_code == 303


BAD_PASSWORDS = [
    ({"present": "wrong", "new": NEW, "again": NEW}, "现在的密码不正确"),
    ({"present": PASSWORD, "new": NEW, "again": NEW + "!"}, "不一致"),
    ({"present": PASSWORD, "new": "short", "again": "short"}, "至少 12 个字符"),
    ({"present": PASSWORD, "new": "li.ming2026", "again": "li.ming2026"}, "不能是登录名"),
    ({"present": PASSWORD, "new": PASSWORD, "again": PASSWORD}, "与现在的密码相同"),
    ({"present": PASSWORD}, "请填写这一项"),
]


def test_bad_new_password__is_refused_with_the_reason(app: Flask) -> None:
    add(app)
    client = app.test_client()
    sign_in(client, "li.ming")
    for values, said in BAD_PASSWORDS:
        answer = send(client, "/office/me/password", **values)
        assert (answer.status_code, said in answer.text) == (422, True), values
    assert sign_in(app.test_client(), "li.ming").status_code == 303


def test_initial_password__opens_only_the_page_that_changes_it(app: Flask) -> None:
    add(app, initial=True)
    client = app.test_client()
    sign_in(client, "li.ming")
    for path in ("/office/", "/office/people", "/office/audit", "/office/nowhere"):
        answer = client.get(path)
        assert (answer.status_code, answer.location) == (303, "/office/me"), path
    assert "请先设置自己的密码" in client.get("/office/me").text
    assert send(client, "/office/people/1/password").location == "/office/me"
    send(client, "/office/me/password", present=PASSWORD, new=NEW, again=NEW)
    assert client.get("/office/people").status_code == 200


def test_outdated_hash__is_made_again_at_the_next_sign_in(config: Config) -> None:
    dear = create_app(replace(config, argon2_time_cost=2))
    person = add(dear)
    sign_in(dear.test_client(), "li.ming")
    with database_of(dear).reading() as session:
        assert ",t=2," in session.get_one(Person, person).password_hash
    assert sign_in(dear.test_client(), "li.ming").status_code == 303
    database_of(dear).engine.dispose()


FORMS = ["/office/sign-in", "/office/sign-out", "/office/me/password", "/office/me/language", "/office/people/new"]


def test_form_without_its_token__is_refused_and_changes_nothing(app: Flask) -> None:
    add(app)
    client = app.test_client()
    sign_in(client, "li.ming")
    for path in FORMS:
        for data in ({}, {"csrf_token": "forged"}):
            answer = client.post(path, data={**data, "login": "li.ming", "password": PASSWORD, "language": "en"})
            assert (answer.status_code, "过期" in answer.text) == (400, True), path
    assert is_in(client)
    with database_of(app).reading() as session:
        assert session.scalars(select(Person.language)).one() == "zh"


def test_form_token__of_another_browser__is_refused(app: Flask) -> None:
    add(app)
    client, other = app.test_client(), app.test_client()
    sign_in(client, "li.ming")
    sign_in(other, "li.ming")
    foreign = csrf_token(other.get("/office/me"))
    assert client.post("/office/sign-out", data={"csrf_token": foreign}).status_code == 400
    assert is_in(client)


def test_sign_in_over_https__works_although_browsers_send_no_referrer(config: Config) -> None:
    app = create_app(replace(config, public_url="https://pj.example.cn"))
    add(app)
    client, base = app.test_client(), "https://pj.example.cn"
    token = csrf_token(client.get("/office/sign-in", base_url=base))
    data = {"csrf_token": token, "login": "li.ming", "password": PASSWORD}
    answer = client.post("/office/sign-in", data=data, base_url=base)
    database_of(app).engine.dispose()
    assert answer.status_code == 303
    assert "Secure" in answer.headers["Set-Cookie"]


def test_form_that_was_open_for_hours__is_still_accepted(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    client = app.test_client()
    add(app)
    token = csrf_token(client.get("/office/sign-in"))

    later = wall.time() + 11 * 3600
    monkeypatch.setattr(wall, "time", lambda: later)
    data = {"csrf_token": token, "login": "li.ming", "password": PASSWORD}
    assert client.post("/office/sign-in", data=data).status_code == 303


def test_language__is_kept_with_the_person(app: Flask) -> None:
    add(app)
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

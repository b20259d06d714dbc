"""Sign-ins on the server: how they begin, when they end and who can end them, what is stored of them."""

from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import select

from survey_app import clock
from survey_app.accounts.models import AuditEntry, Person, StaffSession
from survey_app.accounts.operations.sign_in import end_sessions
from survey_app.accounts.queries import token_hash
from tests.accounts.conftest import NOON, Clock
from tests.factories.accounts import add_administrator, csrf_token, database_of, is_in, send, sign_in


def test_signing_in__rotates_the_cookie_and_its_form_token(app: Flask) -> None:
    add_administrator(app)
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
    add_administrator(app)
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


def test_idle_sign_in__ends_and_use_keeps_it(each_app: Flask, time: Clock) -> None:
    add_administrator(each_app)
    client = each_app.test_client()
    sign_in(client, "li.ming")
    for _ in range(3):
        time.forward(minutes=59)
        assert is_in(client)
    time.forward(minutes=60)
    assert not is_in(client)


def test_sign_in__ends_after_twelve_hours_even_in_use(app: Flask, time: Clock) -> None:
    add_administrator(app)
    client = app.test_client()
    sign_in(client, "li.ming")
    for _ in range(23):
        time.forward(minutes=30)
        assert is_in(client)
    time.forward(minutes=30)
    assert not is_in(client)


def test_use__is_noted_at_most_once_a_minute(app: Flask, time: Clock) -> None:
    add_administrator(app)
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
    add_administrator(each_app)
    client, thief = each_app.test_client(), each_app.test_client()
    sign_in(client, "li.ming")
    stolen = client.get_cookie("pingyi_office", path="/office")
    assert stolen is not None
    assert send(client, "/office/sign-out").location == "/office/sign-in"
    assert not is_in(client)
    thief.set_cookie("pingyi_office", stolen.value, path="/office")
    assert not is_in(thief)


def test_forged_cookie__opens_nothing(app: Flask) -> None:
    add_administrator(app)
    client = app.test_client()
    with client.session_transaction("/office/me") as cookie:
        cookie["token"] = "x" * 43
    assert not is_in(client)


def test_switched_off_account__is_out_at_once(each_app: Flask) -> None:
    person = add_administrator(each_app)
    add_administrator(each_app, "second.admin")
    client = each_app.test_client()
    sign_in(client, "li.ming")
    with database_of(each_app).writing() as session:
        session.get_one(Person, person).active = False  # without the operation, which also ends the sign-ins
        session.commit()
    assert not is_in(client)
    assert sign_in(each_app.test_client(), "li.ming").status_code == 403


def test_administrator__can_end_somebody_elses_sign_ins(each_app: Flask) -> None:
    person = add_administrator(each_app)
    clients = [each_app.test_client() for _ in range(3)]
    for client in clients:
        sign_in(client, "li.ming")
    with database_of(each_app).writing() as session:
        assert end_sessions(session, clock.now(), None, person) == 3
        session.commit()
    assert [is_in(client) for client in clients] == [False] * 3


def test_own_sign_ins__can_be_ended_one_by_one_or_all_others(app: Flask) -> None:
    add_administrator(app)
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
    add_administrator(app)
    client = app.test_client()
    sign_in(client, "li.ming")
    for wanted in ("", "zz", "00" * 32, "٣" * 64):
        assert send(client, "/office/me/sessions/end", session=wanted).status_code == 404, wanted


def test_ending_somebody_elses_sign_in__is_not_found(app: Flask) -> None:
    add_administrator(app)
    add_administrator(app, "other.person")
    client, other = app.test_client(), app.test_client()
    sign_in(client, "li.ming")
    sign_in(other, "other.person")
    with other.session_transaction("/office/me") as cookie:
        theirs = token_hash(cookie["token"]).hex()
    assert send(client, "/office/me/sessions/end", session=theirs).status_code == 404
    assert is_in(other)

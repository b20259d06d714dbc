"""Passwords: what checking one costs, changing one's own, the initial one."""

from dataclasses import replace

import pytest
from argon2 import PasswordHasher
from flask import Flask

from survey_app import clock
from survey_app.accounts.models import Person
from survey_app.accounts.operations.passwords import Passwords
from survey_app.accounts.operations.people import set_active
from survey_app.app import create_app
from survey_app.config import Config
from tests.factories.accounts import PASSWORD, add_administrator, database_of, is_in, send, sign_in

NEW = "山重水复疑无路 1186 x"


def test_unknown_and_inactive_names__cost_one_real_verification_each(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = add_administrator(app)
    add_administrator(app, "second.admin")
    with database_of(app).writing() as session:
        set_active(session, clock.now(), None, person, active=False)
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


def test_changed_password__ends_all_other_sign_ins(each_app: Flask) -> None:
    add_administrator(each_app)
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
    add_administrator(app)
    client = app.test_client()
    sign_in(client, "li.ming")
    for values, said in BAD_PASSWORDS:
        answer = send(client, "/office/me/password", **values)
        assert (answer.status_code, said in answer.text) == (422, True), values
    assert sign_in(app.test_client(), "li.ming").status_code == 303


def test_initial_password__opens_only_the_page_that_changes_it(app: Flask) -> None:
    add_administrator(app, initial=True)
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
    person = add_administrator(dear)
    sign_in(dear.test_client(), "li.ming")
    with database_of(dear).reading() as session:
        assert ",t=2," in session.get_one(Person, person).password_hash
    assert sign_in(dear.test_client(), "li.ming").status_code == 303
    database_of(dear).engine.dispose()

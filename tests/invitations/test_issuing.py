"""Issuing one blind signature for one person: again, twice at once, too late, malformed, on both databases."""

import gzip
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, update

import survey_app
from survey_app.campaigns.models import Campaign, Collector
from survey_app.invitations.models import Invitee, NamedList
from survey_app.invitations.operations import lists
from survey_app.invitations.operations.keys import SigningKeys
from survey_app.invitations.queries import discrepant
from survey_app.invitations.rules import blind_rsa
from tests.factories.invited import ListDoor, encoded, fetch, key_on, list_door, request_signature
from tests.factories.phone import SAME_SITE, rows_of_everything, said


def change(app: Flask, statement: Any) -> None:
    with app.extensions["pingyi"].database.writing() as session:
        session.execute(statement)
        session.commit()


def issued(app: Flask) -> tuple[int, int]:
    """The sum, and the rows that it counts."""
    with app.extensions["pingyi"].database.reading() as session:
        rows = session.scalars(select(Invitee.issued)).all()
        return session.scalars(select(NamedList.issued)).one(), sum(rows)


def blinded(app: Flask, made: ListDoor) -> bytes:
    public = blind_rsa.public_key(key_on(app.test_client().get(f"/i/{made.secrets[0]}")))
    return blind_rsa.blind(public, blind_rsa.new_message()).message


def test_page_of_a_link__writes_nothing_and_sets_no_cookie(each_app: Flask) -> None:
    made = list_door(each_app)
    before = rows_of_everything(each_app)
    client = each_app.test_client()
    for path in (f"/i/{made.secrets[0]}", f"/I/{made.secrets[0].lower()}", "/i", "/t", f"/i/{made.secrets[0]}?lang=en"):
        page = client.get(path)
        assert page.status_code == 200, path
        assert "Set-Cookie" not in page.headers
        assert page.headers["Cache-Control"] == "no-store"
    typed = client.post("/i", data={"code": "-".join(made.secrets[0])}, headers=SAME_SITE)
    assert "系统知道谁领取过填答凭证，不知道谁交了哪份答卷" in said(typed)
    assert rows_of_everything(each_app) == before


def test_page_of_a_link__with_all_that_it_loads_weighs_at_most_14_kb(app: Flask) -> None:
    made = list_door(app)
    page = app.test_client().get(f"/i/{made.secrets[0]}")
    static = Path(survey_app.__file__).parent / "web" / "static"
    loaded = re.findall(r"/static/([a-z]+\.(?:js|css))", page.text)
    assert sorted(loaded) == ["blind.js", "invited.js", "r.css", "r.js"]
    parts = [page.data, *((static / name).read_bytes() for name in loaded)]
    assert sum(len(gzip.compress(part)) for part in parts) <= 14 * 1024


def test_signature__is_issued_once_and_given_again_for_the_same_blinded_message_only(each_app: Flask) -> None:
    made, client = list_door(each_app), each_app.test_client()
    mine, other = blinded(each_app, made), blinded(each_app, made)
    first = request_signature(client, made.secrets[0], mine)
    assert first.status_code == 200
    assert first.mimetype == "text/plain"
    assert request_signature(client, made.secrets[0], mine).text == first.text
    refused = request_signature(client, made.secrets[0], other)
    assert refused.status_code == 409
    assert "填答凭证已经领取过" in said(refused)
    assert issued(each_app) == (1, 1)
    fetch(client, made.secrets[1], made.door.collector_id)
    assert issued(each_app) == (2, 2)


def test_one_person__in_fifty_parallel_tries__gets_exactly_one_signature(each_app: Flask) -> None:
    made = list_door(each_app)
    tries = [blinded(each_app, made) for _ in range(50)]

    def ask(message: bytes) -> tuple[int, str]:
        answer = request_signature(each_app.test_client(), made.secrets[0], message)
        return answer.status_code, answer.text

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, tries))
    assert Counter(status for status, _ in answers) == {200: 1, 409: 49}
    assert issued(each_app) == (1, 1)


def test_lost_reply__in_twenty_parallel_repeats__is_the_same_signature_every_time(each_app: Flask) -> None:
    made = list_door(each_app)
    message = blinded(each_app, made)
    with ThreadPoolExecutor(10) as pool:
        answers = list(
            pool.map(lambda _: request_signature(each_app.test_client(), made.secrets[0], message).text, range(20))
        )
    assert len(set(answers)) == 1
    assert issued(each_app) == (1, 1)


def test_card_taken__bars_the_signature_and_a_signature_bars_the_card(each_app: Flask) -> None:
    made, client = list_door(each_app), each_app.test_client()
    database, door = each_app.extensions["pingyi"].database, made.door.collector_id
    message = blinded(each_app, made)
    with database.writing() as session:
        lists.take_card(session, door, 1)
        session.commit()
    refused = request_signature(client, made.secrets[0], message)
    assert refused.status_code == 409
    assert "您已经领取了填答卡片" in said(refused)
    assert "您已经领取了填答卡片" in said(client.get(f"/i/{made.secrets[0]}"))
    fetch(client, made.secrets[1], door)
    with database.writing() as session, pytest.raises(lists.HasCredential):
        lists.take_card(session, door, 2)
    with database.writing() as session, pytest.raises(lists.CardTakenAlready):
        lists.take_card(session, door, 1)
    with database.writing() as session, pytest.raises(lists.NotFound):
        lists.take_card(session, door, 99)
    assert issued(each_app) == (1, 1)


def test_card_and_signature_at_the_same_moment__are_never_both_given(each_app: Flask) -> None:
    made = list_door(each_app, invited=24)
    database, door = each_app.extensions["pingyi"].database, made.door.collector_id
    message = blinded(each_app, made)

    def card(position: int) -> bool:
        with database.writing() as session:
            try:
                lists.take_card(session, door, position)
            except lists.HasCredential:
                return False
            session.commit()
            return True

    def signature(position: int) -> bool:
        answer = request_signature(each_app.test_client(), made.secrets[position - 1], message)
        return answer.status_code == 200

    with ThreadPoolExecutor(8) as pool:
        cards = [pool.submit(card, position) for position in range(1, 13)]
        signatures = [pool.submit(signature, position) for position in range(1, 13)]
        both = list(zip([one.result() for one in cards], [one.result() for one in signatures], strict=True))
    assert all(one != other for one, other in both)
    with database.reading() as session:
        assert discrepant(session, [door]) == []


def test_blinded_message_that_is_none__is_refused_and_the_link_stays_good(app: Flask) -> None:
    made, client = list_door(app), app.test_client()
    wrong = ["", "!!!", "é", "A" * 5000, encoded(bytes(255)), encoded(bytes(257)), encoded(b"\xff" * 256)]
    for what in wrong:
        answer = client.post("/s", data={"code": made.secrets[0], "blinded": what}, headers=SAME_SITE)
        assert answer.status_code == 400, what
        assert "凭证请求不完整" in said(answer)
    assert issued(app) == (0, 0)
    fetch(client, made.secrets[0], made.door.collector_id)


def test_unknown_link__has_its_own_page_with_what_was_typed(app: Flask) -> None:
    list_door(app)
    client = app.test_client()
    for unknown in ("0000000000000000", "x", "0" * 5000, "%00"):
        page = client.get(f"/i/{unknown}")
        assert page.status_code == 404
    typed = client.post("/i", data={"code": "ABCD-EFGH-JKMN-PQRS"}, headers=SAME_SITE)
    assert typed.status_code == 404
    assert "没有找到这个个人链接" in typed.text
    assert 'value="ABCD-EFGH-JKMN-PQRS"' in typed.text
    assert 'action="/i"' in typed.text
    answer = request_signature(client, "0000000000000000", bytes(256))
    assert answer.status_code == 404


def test_code_of_a_card__is_no_personal_link_and_the_other_way_round(app: Flask) -> None:
    made, client = list_door(app), app.test_client()
    assert client.get(f"/q/{made.secrets[0]}").status_code == 404
    assert client.get(f"/i/{made.door.codes[0]}").status_code == 404


def test_form_from_another_site__gets_no_signature(app: Flask) -> None:
    made, client = list_door(app), app.test_client()
    data = {"code": made.secrets[0], "blinded": encoded(blinded(app, made))}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://other.example"}, {"Origin": "null"}):
        assert client.post("/s", data=data, headers=headers).status_code == 403
    assert issued(app) == (0, 0)


def test_door_that_is_not_open__issues_nothing(app: Flask) -> None:
    made, client = list_door(app), app.test_client()
    message = blinded(app, made)
    states: list[tuple[Any, Any, str]] = [
        (Campaign, {"state": "closed"}, "问卷已经结束"),
        (Campaign, {"state": "paused"}, "问卷暂停收集"),
        (Collector, {"state": "paused"}, "问卷暂停收集"),
        (Campaign, {"opens": date(2098, 1, 1)}, "问卷还没有开始"),
        (Campaign, {"closes": date(2021, 1, 1)}, "问卷已经结束"),
    ]
    for table, values, title in states:
        with app.extensions["pingyi"].database.reading() as session:
            before = {name: getattr(session.scalars(select(table)).one(), name) for name in values}
        change(app, update(table).values(**values))
        assert title in said(client.get(f"/i/{made.secrets[0]}"))
        refused = request_signature(client, made.secrets[0], message)
        assert refused.status_code == 409
        assert title in said(refused)
        change(app, update(table).values(**before))
    assert issued(app) == (0, 0)
    assert request_signature(client, made.secrets[0], message).status_code == 200


def test_pause_between_looking_and_keeping__issues_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    made, client = list_door(app), app.test_client()
    message = blinded(app, made)
    writer = app.extensions["pingyi"].writer
    exclusively = writer.exclusively

    def after_a_pause(work: Any) -> Any:
        exclusively(lambda session: session.execute(update(Campaign).values(state="paused")))
        return exclusively(work)

    monkeypatch.setattr(writer, "exclusively", after_a_pause)
    refused = request_signature(client, made.secrets[0], message)
    assert refused.status_code == 409
    assert "问卷暂停收集" in said(refused)
    assert issued(app) == (0, 0)


def test_key_that_is_gone__is_said_and_nothing_is_issued(app: Flask) -> None:
    made, client = list_door(app), app.test_client()
    message = blinded(app, made)
    SigningKeys(app.extensions["pingyi"].config.key_directory).destroy(made.door.collector_id)
    answer = request_signature(client, made.secrets[0], message)
    assert answer.status_code == 409
    assert "暂时不能发放凭证" in said(answer)
    assert issued(app) == (0, 0)


def test_database_that_fails__issues_nothing_and_the_link_stays_good(app: Flask) -> None:
    made, client = list_door(app), app.test_client()
    message = blinded(app, made)
    engine = app.extensions["pingyi"].database.engine

    def fail(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("UPDATE invitee"):
            raise OSError("disk full")

    event.listen(engine, "before_cursor_execute", fail)
    answer = request_signature(client, made.secrets[0], message)
    event.remove(engine, "before_cursor_execute", fail)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "暂时没有领取成功" in said(answer)
    assert issued(app) == (0, 0)
    assert request_signature(client, made.secrets[0], message).status_code == 200

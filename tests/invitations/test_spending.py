"""Spending a token: once, whoever sends it how often at once; forged, foreign and malformed ones never."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from survey_app.admission.models import AccessCode, CardBatch
from survey_app.admission.rules import code_hash
from survey_app.campaigns.models import Campaign, Collector
from survey_app.invitations.models import Invitee, NamedList, Spent
from survey_app.invitations.operations.keys import SigningKeys
from survey_app.invitations.rules import blind_rsa
from tests.factories.invited import ListDoor, Token, begin, encoded, fetch, list_door
from tests.factories.phone import SAME_SITE, Phone, hidden, parked, rows_of_everything, said

ANSWERS = {"sr_overall": "d"}


def token_of(app: Flask, made: ListDoor, person: int = 0) -> Token:
    return fetch(app.test_client(), made.secrets[person], made.door.collector_id)


def sums(app: Flask) -> tuple[int, int, int]:
    """(issued, spent, rows of spent)."""
    with app.extensions["pingyi"].database.reading() as session:
        found = session.scalars(select(NamedList)).first()
        assert found is not None
        return found.issued, found.spent, len(session.scalars(select(Spent.hash)).all())


def test_token__opens_the_questionnaire_writes_nothing_and_is_spent_with_the_answers(each_app: Flask) -> None:
    made = list_door(each_app)
    token = token_of(each_app, made)
    before = rows_of_everything(each_app)
    phone = Phone(each_app.test_client())
    page = begin(phone.client, token)
    assert page.status_code == 200
    assert "data-apart=" in page.text
    assert encoded(token.message) not in page.text
    assert rows_of_everything(each_app) == before
    sent = phone.send(page, ANSWERS)
    assert sent.status_code == 303
    assert "Set-Cookie" not in sent.headers
    (sitting,) = parked(each_app)
    assert sitting.responses == [[made.door.unit_ids[0], ANSWERS]]
    assert sums(each_app) == (1, 1, 1)
    with each_app.extensions["pingyi"].database.reading() as session:
        assert session.scalars(select(Spent.hash)).one() == blind_rsa.spent_hash(token.message)


def test_same_page__sent_twice_is_thanked_twice_and_stored_once(each_app: Flask) -> None:
    made, phone = list_door(each_app), Phone(each_app.test_client())
    page = begin(phone.client, token_of(each_app, made))
    assert phone.send(page, ANSWERS).headers["Location"] == phone.send(page, ANSWERS).headers["Location"]
    assert len(parked(each_app)) == 1
    assert sums(each_app) == (1, 1, 1)


def test_one_token__in_fifty_parallel_posts__gives_exactly_one_sitting(each_app: Flask) -> None:
    made, phone = list_door(each_app), Phone(each_app.test_client())
    token = token_of(each_app, made)
    pages = [begin(phone.client, token) for _ in range(50)]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda page: Phone(each_app.test_client()).send(page, ANSWERS), pages))
    assert Counter(answer.status_code for answer in answers) == {303: 1, 409: 49}
    assert all("这份填答凭证已经用过" in said(answer) for answer in answers if answer.status_code == 409)
    assert len(parked(each_app)) == 1
    assert sums(each_app) == (1, 1, 1)


def test_spent_token__opens_nothing_again(app: Flask) -> None:
    made, phone = list_door(app), Phone(app.test_client())
    token = token_of(app, made)
    phone.send(begin(phone.client, token), ANSWERS)
    again = begin(phone.client, token)
    assert again.status_code == 409
    assert "这份填答凭证已经用过" in said(again)


def test_token_that_is_none__has_its_own_page_and_stores_nothing(app: Flask) -> None:
    made = list_door(app)
    token = token_of(app, made)
    before = rows_of_everything(app)
    wrong = {
        "signature": ["", encoded(bytes(256)), encoded(b"\xff" * 256), encoded(bytes(255)), "A" * 9999],
        "token": ["", "!", encoded(bytes(63)), encoded(bytes(64)), encoded(bytes(65))],
        "collector": ["", "999", "-1", "²", "9" * 30],
    }
    for field, values in wrong.items():
        for value in values:
            answer = app.test_client().post("/t", data=token.form() | {field: value}, headers=SAME_SITE)
            assert answer.status_code == 400, (field, value)
            assert "填答凭证无效" in said(answer)
    assert rows_of_everything(app) == before


def test_quota__counts_tokens_too(each_app: Flask) -> None:
    made, phone = list_door(each_app), Phone(each_app.test_client())
    pages = [begin(phone.client, token_of(each_app, made, person)) for person in range(11)]
    with each_app.extensions["pingyi"].database.writing() as session:
        session.execute(update(Collector).values(quota=10))
        session.commit()
    answers = [phone.send(page, ANSWERS).status_code for page in pages]
    assert answers == [303] * 10 + [409]
    assert sums(each_app) == (11, 10, 10)


def test_token_in_another_spelling__is_the_same_token(app: Flask) -> None:
    # The last sign of 64 bytes in base64 has four bits that decode to nothing.
    made, phone = list_door(app), Phone(app.test_client())
    token = token_of(app, made)
    phone.send(begin(phone.client, token), ANSWERS)
    spelled = token.form()["token"]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = spelled[:-1] + letters[letters.index(spelled[-1]) | 3]
    again = phone.client.post("/t", data=token.form() | {"token": other}, headers=SAME_SITE)
    assert again.status_code in {400, 409}
    assert sums(app) == (1, 1, 1)


def test_token_of_another_collector__is_not_taken(app: Flask) -> None:
    made, other = list_door(app), list_door(app)
    token = token_of(app, made)
    answer = begin(app.test_client(), replace(token, collector_id=other.door.collector_id))
    assert answer.status_code == 400


def test_forged_tokens__under_a_stolen_key__stop_where_more_come_back_than_were_issued(each_app: Flask) -> None:
    made, phone = list_door(each_app), Phone(each_app.test_client())
    token = token_of(each_app, made)
    key = SigningKeys(each_app.extensions["pingyi"].config.key_directory).read(made.door.collector_id)
    assert key is not None
    forged = blind_rsa.new_message()
    hidden_message = blind_rsa.blind(key.public_key(), forged)
    signature = blind_rsa.finalize(
        key.public_key(), forged, blind_rsa.blind_sign(key, hidden_message.message), hidden_message.inverse
    )
    phone.send(begin(phone.client, Token(forged, signature, made.door.collector_id)), ANSWERS)
    refused = phone.send(begin(phone.client, token), ANSWERS)
    assert refused.status_code == 409
    assert "凭证数对不上" in said(refused)
    assert sums(each_app) == (1, 1, 1)


def test_database__refuses_sums_out_of_order_and_another_key(each_app: Flask) -> None:
    made = list_door(each_app)
    token_of(each_app, made)
    database = each_app.extensions["pingyi"].database
    wrong: list[dict[str, Any]] = [
        {"spent": 2},
        {"spent": -1},
        {"issued": 13},
        {"issued": 3, "card_taken": 10},
        {"public_key": b"another"},
        {"public_key": None},
    ]
    for values in wrong:
        with database.writing() as session, pytest.raises(Exception, match=r"(?i)check constraint|never changed"):
            session.execute(update(NamedList).values(**values))
    for values in ({"card_taken": True}, {"blinded": None}, {"blind_signature": None}, {"link_hash": None}):
        with database.writing() as session, pytest.raises(IntegrityError):
            session.execute(update(Invitee).where(Invitee.issued).values(**values))


def test_campaign_that_closes_in_between__takes_nothing_and_says_so(app: Flask) -> None:
    made, phone = list_door(app), Phone(app.test_client())
    token = token_of(app, made)
    page = begin(phone.client, token)
    with app.extensions["pingyi"].database.writing() as session:
        session.execute(update(Campaign).values(state="closed"))
        session.commit()
    sent = phone.send(page, ANSWERS)
    assert "问卷已经结束" in said(sent)
    assert "问卷已经结束" in said(begin(phone.client, token))
    assert sums(app) == (1, 0, 0)


def test_pause_in_between__keeps_the_page_and_the_token(app: Flask) -> None:
    made, phone = list_door(app), Phone(app.test_client())
    page = begin(phone.client, token_of(app, made))
    database = app.extensions["pingyi"].database
    for state, status in (("paused", 409), ("open", 303)):
        with database.writing() as session:
            session.execute(update(Campaign).values(state=state))
            session.commit()
        assert phone.send(page, ANSWERS).status_code == status
    assert sums(app) == (1, 1, 1)


def test_card_of_the_same_collector__is_spent_as_ever_and_says_what_the_system_knows(app: Flask) -> None:
    made, phone = list_door(app), Phone(app.test_client())
    code = "ABCDEFGHJKMNPQRS"
    with app.extensions["pingyi"].database.writing() as session:
        batch = CardBatch(collector_id=made.door.collector_id, state="handed_out")
        session.add(batch)
        session.flush()
        session.add(
            AccessCode(hash=code_hash(code), collector_id=made.door.collector_id, batch_id=batch.id, active=True)
        )
        session.commit()
    assert "系统知道谁领取过卡片" in said(phone.client.get(f"/q/{code}"))
    page = phone.begin(code)
    assert "data-apart=" not in page.text
    assert phone.send(page, ANSWERS).status_code == 303
    assert sums(app) == (0, 0, 0)
    assert len(parked(app)) == 1


def test_capability_of_a_token__cannot_be_sent_as_that_of_a_code(app: Flask) -> None:
    made, phone = list_door(app), Phone(app.test_client())
    page = begin(phone.client, token_of(app, made))
    fields = hidden(page) | ANSWERS
    sealed = bytearray(fields["_cap"].encode())
    sealed[40] = ord("A") if sealed[40] != ord("A") else ord("B")
    answer = phone.client.post("/a", data=fields | {"_cap": sealed.decode()}, headers=SAME_SITE)
    assert answer.status_code == 400
    assert sums(app) == (1, 0, 0)

"""Sending: what is stored, what comes back to be corrected or sent again, and what is refused, on both databases."""

import copy
import gzip
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from survey_app import clock
from survey_app.admission.models import AccessCode, CardBatch, Receipt
from survey_app.admission.rules import code_hash
from survey_app.campaigns.models import Campaign, Collector
from survey_app.db import Database
from survey_app.responses.sitting import Sitting, duration_step
from survey_app.responses.spending import Outcome
from survey_app.web.writer import Writer
from tests.factories.phone import SAME_SITE, Phone, hidden, parked, rows_of_everything, said
from tests.factories.respondents import Door, document_of, open_door

ANSWERS = {"sr_contact": ["handle", "ask"], "sr_acc_info": "na", "sr_overall": "d", "sr_reason": "slow"}
STORED = {"sr_contact": ["handle", "ask"], "sr_acc_info": "na", "sr_overall": "d", "sr_reason": ["slow"]}


def database_of(app: Flask) -> Database:
    found: Database = app.extensions["pingyi"].database
    return found


def door(app: Flask, **given: object) -> Door:
    with database_of(app).writing() as session:
        return open_door(session, **given)  # type: ignore[arg-type]


def used(app: Flask, code: str) -> bool:
    with database_of(app).reading() as session:
        return session.scalars(select(AccessCode.used).where(AccessCode.hash == code_hash(code))).one()


def change(app: Flask, statement: Any) -> None:
    with database_of(app).writing() as session:
        session.execute(statement)
        session.commit()


def with_writer(app: Flask, store: Callable[[Session, Any], Any], **settings: Any) -> None:
    """The application with another way of storing: to make the database fail or stand still for real."""
    installation = app.extensions["pingyi"]
    writer = Writer(installation.database, store, lock_file=None, **settings)
    app.extensions["pingyi"] = replace(installation, writer=writer)


def test_card__is_spent_and_its_answers_parked(each_app: Flask) -> None:
    made, phone = door(each_app), Phone(each_app.test_client())
    sent = phone.send(phone.begin(made.codes[0]), ANSWERS)
    assert sent.status_code == 303
    assert sent.headers["Location"] == f"/thanks/{made.campaign_code}/service_recipient"
    assert "Set-Cookie" not in sent.headers
    (sitting,) = parked(each_app)
    assert sitting.responses == [[made.unit_ids[0], STORED]]
    assert (sitting.collector_id, sitting.language, sitting.mode) == (made.collector_id, "zh", "web")
    assert sitting.duration == duration_step(0)
    assert sitting.order_number in range(8)
    assert used(each_app, made.codes[0])
    assert not used(each_app, made.codes[1])


def test_same_page__sent_twice_is_thanked_twice_and_stored_once(each_app: Flask) -> None:
    made, phone = door(each_app), Phone(each_app.test_client())
    page = phone.begin(made.codes[0])
    assert phone.send(page, ANSWERS).headers["Location"] == phone.send(page, {"sr_overall": "vs"}).headers["Location"]
    assert [sitting.responses[0][1] for sitting in parked(each_app)] == [STORED]


def test_used_code__sent_again_with_another_nonce__shows_the_used_page_and_stores_nothing(each_app: Flask) -> None:
    made, phone = door(each_app), Phone(each_app.test_client())
    first, second = phone.begin(made.codes[0]), phone.begin(made.codes[0])
    assert phone.send(first, ANSWERS).status_code == 303
    late = phone.send(second, {"sr_overall": "vs"})
    assert late.status_code == 409
    assert "这张卡已经用过" in said(late)
    assert [sitting.responses[0][1] for sitting in parked(each_app)] == [STORED]


@pytest.mark.parametrize("tier", ["T1", "T0"])
def test_fifty_tries_at_once__give_one_sitting(each_app: Flask, tier: str) -> None:
    made = door(each_app, tier=tier)
    each_app.extensions["pingyi"] = replace(
        each_app.extensions["pingyi"],
        config=replace(each_app.extensions["pingyi"].config, open_link_rate="1000/minute"),
    )
    page = Phone(each_app.test_client()).begin(made.codes[0])
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda _: Phone(each_app.test_client()).send(page, ANSWERS).status_code, range(50)))
    assert statuses == [303] * 50
    assert len(parked(each_app)) == 1


def test_fifty_phones_with_one_code__give_one_sitting(each_app: Flask) -> None:
    made = door(each_app)
    pages = [Phone(each_app.test_client()).begin(made.codes[0]) for _ in range(50)]
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda page: Phone(each_app.test_client()).send(page, ANSWERS).status_code, pages))
    assert sorted(statuses) == [303] + [409] * 49
    assert len(parked(each_app)) == 1


def test_open_link__takes_several_people_and_keeps_receipts_only(app: Flask, client: FlaskClient) -> None:
    made, phone = door(app, tier="T0"), Phone(client)
    for _person in range(3):
        assert phone.send(phone.begin(made.codes[0]), ANSWERS).status_code == 303
    assert len(parked(app)) == 3
    with database_of(app).reading() as session:
        assert len(list(session.scalars(select(Receipt.hash)))) == 3


def test_open_link_sent_too_often__keeps_everything_and_says_when_to_try_again(app: Flask, client: FlaskClient) -> None:
    installation = app.extensions["pingyi"]
    made, phone = door(app, tier="T0"), Phone(client)
    pages = [phone.begin(made.codes[0]) for _ in range(3)]
    app.extensions["pingyi"] = replace(installation, config=replace(installation.config, open_link_rate="2/minute"))
    statuses = [phone.send(page, ANSWERS) for page in pages]
    assert [answer.status_code for answer in statuses] == [303, 303, 429]
    assert statuses[2].headers["Retry-After"] == "20"
    assert "操作太频繁" in said(statuses[2])
    assert 'value="slow" checked' in statuses[2].text


def test_answers_to_hidden_items__are_dropped(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), door(app)
    phone.send(phone.begin(made.codes[0]), {"sr_overall": "vs", "sr_reason": ["slow"]})
    assert parked(app)[0].responses == [[made.unit_ids[0], {"sr_overall": "vs"}]]


def test_somebody_screened_out__is_stored_as_such(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), door(app)
    assert phone.send(phone.begin(made.codes[0]), {"sr_contact": "none", "sr_overall": "vs"}).status_code == 303
    assert parked(app)[0].responses == [[made.unit_ids[0], {"sr_contact": ["none"]}]]


def test_wrong_answers__come_back_with_everything_typed_and_the_first_in_focus(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), door(app)
    typed = "窗口太少<script>&amp;\n第二行"
    values = {
        "sr_contact": ["handle", "none"],
        "sr_acc_info": "na",
        "sr_overall": "d",
        "sr_reason": ["papers", "slow", "manner", "fee"],
        "sr_open": typed,
    }
    before = rows_of_everything(app)
    page = phone.send(phone.begin(made.codes[0]), values)
    assert page.status_code == 422
    words = said(page)
    assert "有 2 题需要修改，您填写的内容都还在。" in words
    assert '<a href="#f-sr_contact">1. 过去12个月' in page.text
    assert "最多选3项，现在选了4项。" in words
    assert page.text.count(" autofocus") == 1
    assert 'id="f-sr_contact" checked autofocus' in page.text
    for kept in ('value="none" checked', 'value="na" checked', 'value="d" checked', 'value="fee" checked'):
        assert kept in page.text
    assert "窗口太少&lt;script&gt;&amp;amp;\n第二行</textarea>" in page.text
    assert rows_of_everything(app) == before
    fixed = {**values, "sr_contact": ["handle"], "sr_reason": ["papers"]}
    assert phone.send(page, fixed).status_code == 303
    assert parked(app)[0].responses[0][1]["sr_open"] == "窗口太少<script>&amp;\n第二行"


def test_wrong_answers_in_english__are_explained_in_english(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), door(app)
    page = phone.send(phone.begin(made.codes[0], "en"), {"sr_contact": ["handle", "none"]})
    assert "Items to correct: 1. Everything you filled in is still here." in said(page)


def test_nothing_answered__does_not_spend_the_card(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), door(app)
    page = phone.send(phone.begin(made.codes[0]), {})
    assert page.status_code == 422
    assert "您还没有作答任何题目，所以没有提交。" in said(page)
    assert not used(app, made.codes[0])
    assert phone.send(page, ANSWERS).status_code == 303


def test_full_writer__keeps_everything_and_asks_to_try_again(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), door(app)
    real = app.extensions["pingyi"]
    page = phone.begin(made.codes[0])
    with_writer(app, lambda session, rows: [Outcome.STORED] * len(rows), queue_size=1, patience=0.0)
    busy = phone.send(page, ANSWERS)
    assert busy.status_code == 503
    assert busy.headers["Retry-After"] == "2"
    assert "系统暂时没能保存，您填写的内容都还在。" in said(busy)
    assert 'value="slow" checked' in busy.text
    assert ">再次提交</button>" in busy.text
    app.extensions["pingyi"] = real
    assert phone.send(busy, ANSWERS).status_code == 303
    assert len(parked(app)) == 1


@pytest.mark.parametrize(
    "failure",
    [lambda said: OperationalError(said, {}, Exception("disk full")), OSError, RuntimeError],
    ids=["database", "disk", "defect"],
)
def test_failure_to_store__keeps_everything_and_logs_the_class_only(
    app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture, failure: Callable[[str], Exception]
) -> None:
    phone, made = Phone(client), door(app)
    page = phone.begin(made.codes[0])

    def broken(_session: Session, rows: list[Sitting]) -> list[Outcome]:
        raise failure(f"disk full {rows[0].responses}")

    with_writer(app, broken, queue_size=8)
    answer = phone.send(page, ANSWERS)
    assert answer.status_code == 503
    assert 'value="slow" checked' in answer.text
    assert f"sitting_not_stored {type(failure('')).__name__}" in caplog.text
    for secret in ("slow", "disk full", made.codes[0], "127.0.0.1"):
        assert secret not in caplog.text


@pytest.mark.parametrize(
    ("statement", "status", "words"),
    [
        (update(Campaign).values(state="paused"), 409, "问卷暂停收集，这份答卷还没有提交。您填写的内容都还在"),
        (update(Collector).values(state="closed"), 409, "问卷已经结束"),
        (update(CardBatch).values(state="voided"), 409, "这批卡片已作废"),
    ],
)
def test_what_changed_while_answering__is_said_on_sending(
    app: Flask, client: FlaskClient, statement: Any, status: int, words: str
) -> None:
    phone, made = Phone(client), door(app)
    page = phone.begin(made.codes[0])
    change(app, statement)
    answer = phone.send(page, ANSWERS)
    assert (answer.status_code, words in said(answer)) == (status, True)
    assert ('value="slow" checked' in answer.text) == ("暂停" in words)
    assert not used(app, made.codes[0])
    assert parked(app) == []


def test_page_sent_after_the_end__is_told_so(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    phone, made = Phone(client), door(app)
    page = phone.begin(made.codes[0])
    late = clock.now().replace(year=2101)
    monkeypatch.setattr("survey_app.responses.views.clock.now", lambda: late)
    answer = phone.send(page, ANSWERS)
    assert (answer.status_code, "问卷已经截止" in said(answer)) == (410, True)


def test_last_day_far_away__is_a_day_like_any_other(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), door(app, closes=date(2206, 12, 31))
    assert phone.send(phone.begin(made.codes[0]), ANSWERS).status_code == 303


def test_draft_taken_up_again__comes_back_filled_in_and_has_no_duration(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), door(app)
    page = phone.send(phone.begin(made.codes[0]), {**ANSWERS, "sr_open": "还没写完", "_show": "1"})
    assert page.status_code == 200
    assert "还没写完</textarea>" in page.text
    assert "需要修改" not in said(page)
    assert not used(app, made.codes[0])
    assert hidden(page)["_restored"] == "1"
    assert phone.send(page, ANSWERS).status_code == 303
    assert parked(app)[0].duration is None


def test_time_taken__is_stored_as_a_step(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    phone, made = Phone(client), door(app)
    page = phone.begin(made.codes[0])
    later = clock.now().timestamp() + 180
    monkeypatch.setattr("survey_app.responses.views.clock.now", lambda: clock.datetime.fromtimestamp(later, clock.UTC))
    phone.send(page, ANSWERS)
    assert parked(app)[0].duration in {duration_step(180), duration_step(185)}


def test_order_and_flip__are_drawn_for_every_sitting(app: Flask, client: FlaskClient) -> None:
    document = copy.deepcopy(document_of("service_recipient"))
    document["response_scales"]["agree5"]["flip_scale"] = True
    document["sections"][1]["randomize"] = True
    phone, made = Phone(client), door(app, questionnaire=document, cards=40)
    first_items, flips = set(), set()
    for code in made.codes:
        page = phone.begin(code)
        first_items.add(page.text.split('data-section="access"')[1].split('data-item="')[1].split('"')[0])
        flips.add(page.text.index("非常同意") < page.text.index("很不同意"))
        phone.send(page, {"sr_acc_info": "sa"})
    assert len(first_items) > 1
    assert flips == {True, False}
    stored = parked(app)
    assert len({sitting.order_number for sitting in stored}) > 3
    assert {sitting.flip for sitting in stored} == {True, False}
    assert {sitting.responses[0][1]["sr_acc_info"] for sitting in stored} == {"sa"}


def test_restarted_process__takes_pages_given_out_before(app: Flask, client: FlaskClient) -> None:
    from survey_app.app import create_app

    made = door(app)
    page = Phone(client).begin(made.codes[0])
    other = create_app(app.extensions["pingyi"].config)
    assert Phone(other.test_client()).send(page, ANSWERS).status_code == 303
    other.extensions["pingyi"].database.engine.dispose()


def test_answer__asks_the_database_for_nothing_but_to_store_it(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, made = Phone(client), door(app)
    page = phone.begin(made.codes[0])

    def asked(_self: Database) -> Session:
        raise AssertionError("the way of most answers reads nothing")

    with monkeypatch.context() as patched:
        patched.setattr(Database, "reading", asked)
        assert phone.send(page, ANSWERS).status_code == 303
    assert len(parked(app)) == 1


def test_thanks_of_no_campaign__is_not_found(app: Flask, client: FlaskClient) -> None:
    made = door(app)
    assert client.get(f"/thanks/{made.campaign_code}/staff").status_code == 404
    assert "没有这个页面" in said(client.get("/thanks/nowhere/service_recipient"))


def test_compressed_page__is_the_same_page(app: Flask, client: FlaskClient) -> None:
    made = door(app)
    headers = {**SAME_SITE, "Accept-Encoding": "gzip"}
    page = client.post("/q", data={"code": made.codes[0], "begin": "1"}, headers=headers)
    assert page.headers["Content-Encoding"] == "gzip"
    assert "sr_overall" in gzip.decompress(page.data).decode()

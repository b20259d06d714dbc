"""Unused cards are counted before a witness, and what a count does to scores."""

import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from survey_app.accounts.models import AuditEntry
from survey_app.accounts.rules import Role
from survey_app.admission.models import AccessCode
from survey_app.campaigns.models import Campaign, UnusedCount
from survey_app.campaigns.queries import counting as reading
from survey_app.config import Config
from survey_app.db import Database
from survey_app.fieldwork import rules
from survey_app.fieldwork.operations import counting
from survey_app.scores.operations import circumstances
from survey_app.scores.operations.compute import compute
from survey_app.scores.rules.errors import UnusedNotCounted
from tests.factories.accounts import add_person, database_of, send, sign_in
from tests.factories.campaign import NOON, count_unused, doors, make_cards, opened, setup_document
from tests.fieldwork.test_register import move

C = "/office/campaigns/c2026"


def closed_with_cards(session: Session, config: Config, *, used: int = 0, units: int = 1) -> tuple[Campaign, int]:
    """A closed campaign with 113 staff cards, 100 of them handed out and 7 returned; the door's id."""
    campaign = opened(session, config, setup_document(units))
    door = doors(session, campaign, "staff")[0]
    batch = make_cards(session, campaign, door.id, door.headcount + 3)
    move(session, campaign, batch, "handed_out", 100)
    move(session, campaign, batch, "returned_unused", 7)
    spent = select(AccessCode.hash).where(AccessCode.active).order_by(AccessCode.hash).limit(used)
    hashes = session.scalars(spent).all()
    session.execute(update(AccessCode).where(AccessCode.hash.in_(hashes)).values(used=True, receipt=b"r" * 32))
    campaign.state = "closed"
    session.flush()
    return campaign, door.id


def record(session: Session, campaign: Campaign, door: int, unused: int, by: int, office: str = "") -> UnusedCount:
    return counting.record_count(
        session, campaign, door, unused, witness_office=office, remark="", now=NOON, person_id=by
    )


def test_count__holds_once_another_person_confirms(each_database: Database, config: Config) -> None:
    with each_database.writing() as session:
        campaign, door = closed_with_cards(session, config)
        anna, bert = add_person(session, "anna"), add_person(session, "bert")
        made = record(session, campaign, door, 20, anna)
        assert reading.uncounted_doors(session, campaign.id) == [door]
        with pytest.raises(rules.WitnessCounted):
            counting.witness_count(session, campaign, made.id, now=NOON, person_id=anna)
        counting.witness_count(session, campaign, made.id, now=NOON, person_id=bert)
        assert reading.uncounted_doors(session, campaign.id) == []
        with pytest.raises(rules.WitnessedBefore):
            counting.witness_count(session, campaign, made.id, now=NOON, person_id=bert)
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.number.desc()).limit(2)).all()
        assert list(actions) == ["cards.witness", "cards.count"]


def test_counts__later_ones_stand_beside_earlier_ones(database: Database, config: Config) -> None:
    with database.writing() as session:
        campaign, door = closed_with_cards(session, config)
        anna = add_person(session, "anna")
        record(session, campaign, door, 19, anna, "某市委编办 处长")
        record(session, campaign, door, 20, anna, "某市委编办 处长")
        assert [count.unused for count in reading.recorded(session, [door])[door]] == [20, 19]
        # One that waits for its witness does not put the earlier one aside.
        record(session, campaign, door, 1, anna)
        assert reading.standing(session, [door])[door].unused == 20


def test_counting__before_the_end_or_beyond_what_there_is__is_refused(database: Database, config: Config) -> None:
    with database.writing() as session:
        campaign, door = closed_with_cards(session, config)
        anna = add_person(session, "anna")
        for unused in (-1, 114):
            with pytest.raises(rules.MoreThanThereAre):
                record(session, campaign, door, unused, anna, "编办")
        other = doors(session, campaign, "service_recipient")[0].id
        with pytest.raises(rules.NothingToCount):
            record(session, campaign, other, 0, anna, "编办")
        campaign.state = "open"
        session.flush()
        with pytest.raises(rules.NotClosedYet):
            record(session, campaign, door, 1, anna, "编办")
        with pytest.raises(rules.NotClosedYet):
            counting.waive_counts(session, campaign, "原因", now=NOON, person_id=anna)


def test_table__itself_refuses_one_person_as_both(each_database: Database, config: Config) -> None:
    with each_database.writing() as session:
        campaign, door = closed_with_cards(session, config)
        made = record(session, campaign, door, 20, add_person(session, "anna"))
        made.witness_id, made.witnessed_at = made.counted_by, NOON
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()


def test_scores__are_not_computed_without_a_count_or_a_reason(database: Database, config: Config) -> None:
    with database.writing() as session:
        campaign, door = closed_with_cards(session, config)
        anna = add_person(session, "anna")
        session.commit()
    with database.reading() as session, pytest.raises(UnusedNotCounted, match="1 doors"):
        compute(session, campaign.id)
    with database.writing() as session:
        counting.waive_counts(
            session, session.get_one(Campaign, campaign.id), "卡片已按规定销毁", now=NOON, person_id=anna
        )
        session.commit()
    with database.reading() as session:
        computed = compute(session, campaign.id)
    known = [one for one in computed.provenance["circumstances"] if one["audience"] == "staff"]
    assert [one["uncounted"] for one in known] == [True]
    with database.writing() as session:
        record(session, session.get_one(Campaign, campaign.id), door, 20, anna, "编办")
        session.commit()
    with database.reading() as session:
        known = [one for one in compute(session, campaign.id).provenance["circumstances"] if one["uncounted"]]
    assert known == []


@pytest.mark.parametrize(
    ("used", "unused", "handed_out", "overused"),
    [(93, 20, 93, False), (94, 20, 93, True), (88, 25, 88, False), (89, 25, 88, True), (93, 15, 93, False)],
)
def test_cards_out__are_the_fewer_of_register_and_count(
    database: Database, config: Config, used: int, unused: int, handed_out: int, overused: bool
) -> None:
    with database.writing() as session:
        campaign, door = closed_with_cards(session, config, used=used)
        record(session, campaign, door, unused, add_person(session, "anna"), "编办")
        around = circumstances.fieldwork(session, circumstances.scope_of(session, campaign.id))
        (known,) = (found for (_, audience), found in around.items() if audience == "staff")
        assert (known.used, known.handed_out, known.overused) == (used, handed_out, overused)


def test_one_department__that_used_more_than_it_got__withholds_the_units_that_it_rates(
    database: Database, config: Config
) -> None:
    with database.writing() as session:
        campaign = opened(session, config, setup_document(3))
        rows = doors(session, campaign, "related_department")
        for row in rows:
            make_cards(session, campaign, row.id, row.headcount)
        campaign.state = "closed"
        spent = select(AccessCode.hash).where(AccessCode.collector_id == rows[0].id).limit(1)
        hashes = session.scalars(spent).all()
        session.execute(update(AccessCode).where(AccessCode.hash.in_(hashes)).values(used=True, receipt=b"r" * 32))
        who = add_person(session, "anna")
        # All that was made lies there unused, says the count; yet one card was used.
        every = {f"door_{row.id}": row.headcount for row in rows[:1]}
        count_unused(session, campaign, who, **every)
        scope = circumstances.scope_of(session, campaign.id)
        around = circumstances.fieldwork(session, scope)
        rated = {unit for (unit, audience), known in around.items() if known.overused}
        setup = next(one for one in scope.setup.departments if one.code == rows[0].department_code)
        assert rated == set(setup.rates)


def test_pages__from_closing_to_counts_and_protocol(app: Flask, config: Config) -> None:
    database = database_of(app)
    with database.writing() as session:
        _campaign, door = closed_with_cards(session, config)
        add_person(session, "anna", (Role.DESIGNER, "c2026"))
        add_person(session, "bert", (Role.LEAD_EVALUATOR, "c2026"))
        session.commit()
    anna, bert = app.test_client(), app.test_client()
    sign_in(anna, "anna")
    sign_in(bert, "bert")
    assert "还有 1 处没有清点" in anna.get(f"{C}/counts").text
    post = f"{C}/collectors/{door}/count"
    refused = send(anna, post, f"{C}/counts", unused="200", witness_office="见证处", remark="盒装")
    assert refused.status_code == 422
    assert "请重新清点" in refused.text
    assert 'value="见证处"' in refused.text
    assert 'value="200"' in refused.text
    assert send(anna, post, f"{C}/counts", unused="", remark="").status_code == 422
    assert send(anna, post, f"{C}/counts", unused="18", remark="两张找不到").status_code == 303
    shown = anna.get(f"{C}/counts").text
    assert "待见证" in shown
    assert "我在场" not in shown
    assert "我在场" in bert.get(f"{C}/counts").text
    assert send(bert, f"{C}/counts/1/witness", f"{C}/counts").status_code == 303
    shown = bert.get(f"{C}/counts").text
    assert "都已清点" in shown
    assert "相差 2 张" in shown
    # Beside the exact cards the register has the 18 in steps.
    register = bert.get(f"{C}/register").text
    assert ">15+<" in register
    assert ">18<" not in register
    protocol = bert.get(f"{C}/counts/protocol").text
    assert "两张找不到" in protocol
    assert "见证人" in protocol
    assert send(anna, f"{C}/counts/9/witness", f"{C}/counts").status_code == 404


def test_department__once_counted__shows_its_number_to_nobody_again(app: Flask, config: Config) -> None:
    database = database_of(app)
    with database.writing() as session:
        campaign = opened(session, config, setup_document(3))
        door = doors(session, campaign, "related_department")[0]
        batch = make_cards(session, campaign, door.id, door.headcount + 43)
        move(session, campaign, batch, "handed_out", 1)
        campaign.state = "closed"
        add_person(session, "anna", (Role.DESIGNER, "c2026"))
        add_person(session, "bert", (Role.AUDITOR, None))
        add_person(session, "carl", (Role.ADMINISTRATOR, None))
        session.commit()
    clients = [app.test_client() for _ in range(3)]
    for client, login in zip(clients, ("anna", "bert", "carl"), strict=True):
        sign_in(client, login)
    anna, bert, carl = clients
    post = f"{C}/collectors/{door.id}/count"
    assert send(anna, post, f"{C}/counts", unused="41", witness_office="").status_code == 303
    assert send(bert, f"{C}/counts/1/witness", f"{C}/counts").status_code == 303
    for client in clients:
        for page in ("counts", "counts/protocol", "register"):
            shown = client.get(f"{C}/{page}").text
            assert re.search(r">\s*41\s*<", shown) is None
            assert "已清点" in shown or page == "counts/protocol"
            assert "相差" not in shown
    assert '<td class="number"></td><td>anna' in bert.get(f"{C}/counts/protocol").text
    progress = bert.get(f"{C}/progress").text
    assert "最多还差 77" in progress
    send(carl, "/office/me/language", language="en", next="/office/me")
    assert "at most 77" in carl.get(f"{C}/progress").text
    with database.reading() as session:
        written = session.scalars(
            select(AuditEntry.detail).where(AuditEntry.action.in_(("cards.count", "cards.witness")))
        ).all()
        assert [{"unused", "cards"} & json.loads(detail).keys() for detail in written] == [set(), set()]
        assert reading.standing(session, [door.id])[door.id].unused == 41


def test_waiver__is_the_lead_evaluators_with_a_reason(app: Flask, client: FlaskClient, config: Config) -> None:
    database = database_of(app)
    with database.writing() as session:
        closed_with_cards(session, config)
        add_person(session, "bert", (Role.LEAD_EVALUATOR, "c2026"))
        session.commit()
    sign_in(client, "bert")
    assert send(client, f"{C}/counts/waive", f"{C}/counts", reason=" ").status_code == 422
    assert send(client, f"{C}/counts/waive", f"{C}/counts", reason="卡片已销毁").status_code == 303
    assert "卡片已销毁" in client.get(f"{C}/counts").text
    with database.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "cards.waive_counts")).one()
        assert json.loads(entry.detail)["reason"] == "卡片已销毁"

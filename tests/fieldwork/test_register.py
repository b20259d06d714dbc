"""The card register: sums, voiding, and spare cards that need two people."""

import json
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from survey_app.accounts.models import AuditEntry
from survey_app.admission import queries as admission
from survey_app.admission.models import CardMovement
from survey_app.admission.operations import Batch
from survey_app.admission.rules import (
    BatchIssued,
    CorrectedBefore,
    CorrectionDoesNotAddUp,
    NoRoomForSpares,
    SamePerson,
    code_hash,
)
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.config import Config
from survey_app.db import Database
from survey_app.errors import NotFound
from survey_app.fieldwork import queries, rules
from survey_app.fieldwork.models import SpareRequest
from survey_app.fieldwork.operations import register
from survey_app.fieldwork.rules import Shown
from survey_app.library.operations import freeze
from tests.factories.accounts import add_person
from tests.factories.campaign import NOON, count_unused, doors, draft, make_cards, opened, setup_document
from tests.fieldwork.test_progress import store

TODAY = NOON.date()


def with_cards(session: Session, spares: int = 3) -> tuple[Campaign, CollectorRow, Batch]:
    """A draft whose first staff door has a card for everybody and some spares."""
    campaign = draft(session, setup_document(1))
    door = doors(session, campaign, "staff")[0]
    return campaign, door, make_cards(session, campaign, door.id, door.headcount + spares)


def move(session: Session, campaign: Campaign, batch: Batch, kind: str, cards: int) -> None:
    register.register_movement(
        session,
        campaign,
        batch.id,
        kind,  # type: ignore[arg-type]
        cards,
        on_day=TODAY,
        note="综合科",
        now=NOON,
        person_id=None,
    )


def test_movements__are_listed_and_audited(each_database: Database) -> None:
    with each_database.writing() as session:
        campaign, door, batch = with_cards(session)
        move(session, campaign, batch, "handed_out", 100)
        move(session, campaign, batch, "returned_unused", 7)
        (row,) = queries.batches(session, door.id)
        assert [(entry.kind, entry.cards, entry.note) for entry in row.movements] == [
            ("printed", 113, ""),
            ("handed_out", 100, "综合科"),
            ("returned_unused", 7, "综合科"),
        ]
        assert (row.state, row.cards.handed_out, row.cards.returned_unused) == ("handed_out", 100, 7)
        details = [
            json.loads(entry.detail)
            for entry in session.scalars(select(AuditEntry).where(AuditEntry.action == "cards.register"))
        ]
        assert [(detail["kind"], detail["cards"], detail["day"]) for detail in details] == [
            ("handed_out", 100, "2026-05-04"),
            ("returned_unused", 7, "2026-05-04"),
        ]


@pytest.mark.parametrize(("hour", "accepted"), [(15, False), (16, True)])
def test_movement__on_a_day_to_come_where_the_campaign_is__is_refused(
    database: Database, hour: int, accepted: bool
) -> None:
    with database.writing() as session:
        campaign, _door, batch = with_cards(session)
        # 16:00 UTC is midnight in Shanghai: the next day begins there.
        entry = {"on_day": date(2026, 5, 5), "note": "人事科", "now": datetime(2026, 5, 4, hour, tzinfo=UTC)}
        if accepted:
            register.register_movement(session, campaign, batch.id, "handed_out", 1, person_id=None, **entry)  # type: ignore[arg-type]
        else:
            with pytest.raises(rules.DayToCome):
                register.register_movement(session, campaign, batch.id, "handed_out", 1, person_id=None, **entry)  # type: ignore[arg-type]


def test_hand_out__to_nobody__is_refused(database: Database) -> None:
    with database.writing() as session:
        campaign, _door, batch = with_cards(session)
        entry = {"on_day": TODAY, "note": "  ", "now": NOON, "person_id": None}
        with pytest.raises(rules.ReceiverNeeded):
            register.register_movement(session, campaign, batch.id, "handed_out", 1, **entry)  # type: ignore[arg-type]
        register.register_movement(session, campaign, batch.id, "handed_out", 1, **entry | {"note": "人事科"})  # type: ignore[arg-type]
        register.register_movement(session, campaign, batch.id, "returned_unused", 1, **entry)  # type: ignore[arg-type]


def test_wrong_entry__is_taken_back_by_another_and_stays(each_database: Database) -> None:
    with each_database.writing() as session:
        campaign, door, batch = with_cards(session)
        move(session, campaign, batch, "handed_out", 100)
        move(session, campaign, batch, "returned_unused", 7)
        _printed, out, back = queries.batches(session, door.id)[0].movements
        by = {"now": NOON, "person_id": None}
        with pytest.raises(rules.CorrectionReasonNeeded):
            register.correct_movement(session, campaign, out.id, " ", **by)  # type: ignore[arg-type]
        with pytest.raises(CorrectionDoesNotAddUp):
            register.correct_movement(session, campaign, out.id, "张数看错", **by)  # type: ignore[arg-type]
        register.correct_movement(session, campaign, back.id, "张数看错", **by)  # type: ignore[arg-type]
        register.correct_movement(session, campaign, out.id, "张数看错", **by)  # type: ignore[arg-type]
        (row,) = queries.batches(session, door.id)
        assert [entry.cards for entry in row.movements] == [113, 100, 7, -7, -100]
        assert [entry.corrects_id for entry in row.movements] == [None, None, None, back.id, out.id]
        # A batch that left the house once is never voided, whatever is taken back.
        assert (row.state, row.cards.handed_out, row.cards.returned_unused) == ("handed_out", 0, 0)
        for entry in row.movements:
            with pytest.raises(CorrectedBefore):
                register.correct_movement(session, campaign, entry.id, "再来", **by)  # type: ignore[arg-type]
        other = draft(session, setup_document(1, code="other"))
        with pytest.raises(NotFound):
            register.correct_movement(session, other, out.id, "再来", **by)  # type: ignore[arg-type]


def test_table__itself_refuses_fewer_than_no_cards_without_an_entry_that_they_take_back(
    each_database: Database,
) -> None:
    with each_database.writing() as session:
        _campaign, _door, batch = with_cards(session)
        session.add(CardMovement(batch_id=batch.id, kind="handed_out", cards=-1, on_day=TODAY))
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()


def test_accounts__add_up_and_give_no_part_away(database: Database, config: Config) -> None:
    with database.writing() as session:
        campaign = opened(session, config, setup_document(2))
        staff = doors(session, campaign, "staff")[0]
        batch = make_cards(session, campaign, staff.id, 113)
        move(session, campaign, batch, "handed_out", 100)
        store(session, campaign, staff, 77)
        strata = [row for row in doors(session, campaign, "service_recipient") if row.unit_code == staff.unit_code]
        store(session, campaign, strata[0], 3)
        for row in strata[1:]:
            store(session, campaign, row, 40)
        found = {(row.unit_code, row.audience): row for row in queries.accounts_of(session, campaign)}
        row = found[staff.unit_code, "staff"]
        assert (row.cards.printed, row.cards.activated, row.cards.handed_out) == (113, 110, 100)
        assert (row.returned, row.counted, row.unused, row.valid) == (Shown("at_least", 75), False, None, None)
        # One stratum is too small to be shown: the sum beside the others would show it.
        assert found[staff.unit_code, "service_recipient"].returned is None
        departments = [row for row in found.values() if row.audience == "related_department"]
        assert [(one.unit_code, one.returned) for one in departments] == [(None, Shown("fewer", 5))]


def test_accounts__unused_cards__are_in_steps_and_of_departments_a_word(database: Database, config: Config) -> None:
    with database.writing() as session:
        campaign = opened(session, config, setup_document(3))
        staff, department = (doors(session, campaign, name)[0] for name in ("staff", "related_department"))
        make_cards(session, campaign, staff.id, 113)
        make_cards(session, campaign, department.id, department.headcount)
        campaign.state = "closed"
        counted = {f"door_{staff.id}": 18, f"door_{department.id}": 0}
        count_unused(session, campaign, add_person(session, "anna"), **counted)
        found = {(row.unit_code, row.audience): row for row in queries.accounts_of(session, campaign)}
        one = found[staff.unit_code, "staff"]
        assert (one.counted, one.unused) == (True, Shown("at_least", 15))
        one = found[None, "related_department"]
        assert (one.counted, one.unused) == (True, None)
        one = found[staff.unit_code, "service_recipient"]
        assert (one.counted, one.unused) == (None, None)


def test_batch_of_another_campaign__cannot_be_touched(database: Database) -> None:
    with database.writing() as session:
        _campaign, _door, batch = with_cards(session)
        other = draft(session, setup_document(1, code="other"))
        with pytest.raises(NotFound):
            move(session, other, batch, "handed_out", 1)
        with pytest.raises(NotFound):
            register.void_batch(session, other, batch.id, now=NOON, person_id=None)
        with pytest.raises(NotFound):
            register.request_spares(session, other, batch.id, 1, "破损", now=NOON, person_id=1)
        assert queries.collector_of_batch(session, other.id, batch.id) is None


def test_void__is_audited_and_refused_once_cards_are_out(each_database: Database) -> None:
    with each_database.writing() as session:
        campaign, door, batch = with_cards(session)
        register.void_batch(session, campaign, batch.id, now=NOON, person_id=None)
        assert queries.batches(session, door.id)[0].state == "voided"
        assert session.scalars(select(AuditEntry).where(AuditEntry.action == "cards.void")).one()
        reprint = make_cards(session, campaign, door.id, 110)
        assert reprint.activated == 110
        move(session, campaign, reprint, "handed_out", 1)
        with pytest.raises(BatchIssued):
            register.void_batch(session, campaign, reprint.id, now=NOON, person_id=None)


def test_spares__asked_by_one_and_approved_by_another__become_active(each_database: Database) -> None:
    with each_database.writing() as session:
        campaign, door, batch = with_cards(session)
        asker, approver = add_person(session, "anna"), add_person(session, "bert")
        move(session, campaign, batch, "handed_out", 110)
        move(session, campaign, batch, "returned_unused", 2)
        asked = register.request_spares(session, campaign, batch.id, 2, " 2 张破损 ", now=NOON, person_id=asker)
        assert asked.reason == "2 张破损"
        with pytest.raises(SamePerson):
            register.approve_spares(session, campaign, asked.id, now=NOON, person_id=asker)
        standing = [admission.code_standing(session, code_hash(code)) for code in batch.codes[110:]]
        assert [found.active for found in standing if found] == [False, False, False]
        register.approve_spares(session, campaign, asked.id, now=NOON, person_id=approver)
        standing = [admission.code_standing(session, code_hash(code)) for code in batch.codes[110:]]
        assert [found.active for found in standing if found] == [True, True, False]
        with pytest.raises(rules.AlreadyApproved):
            register.approve_spares(session, campaign, asked.id, now=NOON, person_id=approver)
        (row,) = queries.batches(session, door.id)
        assert [(request.requested_by, request.approved_by) for request in row.requests] == [(asker, approver)]
        actions = list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.number)))
        assert actions[-2:] == ["cards.request_spares", "cards.activate_spares"]


def test_spares__without_a_reason__are_refused(database: Database) -> None:
    with database.writing() as session:
        campaign, _door, batch = with_cards(session)
        who = add_person(session, "anna")
        with pytest.raises(rules.SpareReasonNeeded):
            register.request_spares(session, campaign, batch.id, 1, "  ", now=NOON, person_id=who)


def test_spares__while_every_card_is_in_play__are_refused(database: Database) -> None:
    with database.writing() as session:
        campaign, _door, batch = with_cards(session)
        asker, approver = add_person(session, "anna"), add_person(session, "bert")
        asked = register.request_spares(session, campaign, batch.id, 1, "想多发一张", now=NOON, person_id=asker)
        with pytest.raises(NoRoomForSpares):
            register.approve_spares(session, campaign, asked.id, now=NOON, person_id=approver)
        assert asked.approved_by is None


def test_spares__count_the_cards_of_the_other_questionnaire_too(database: Database) -> None:
    document = setup_document(1)
    document["questionnaires"] = ["service_recipient", "service_recipient_inspected", "staff", "related_department"]
    with database.writing() as session:
        campaign = draft(session, document)
        plain, variant = (row for row in doors(session, campaign, "service_recipient") if row.stratum == "上门")
        make_cards(session, campaign, plain.id, 200)
        batch = make_cards(session, campaign, variant.id, 105)
        asker, approver = add_person(session, "anna"), add_person(session, "bert")
        move(session, campaign, batch, "handed_out", 100)
        move(session, campaign, batch, "returned_unused", 1)
        asked = register.request_spares(session, campaign, batch.id, 2, "破损", now=NOON, person_id=asker)
        with pytest.raises(NoRoomForSpares):
            register.approve_spares(session, campaign, asked.id, now=NOON, person_id=approver)
        fewer = register.request_spares(session, campaign, batch.id, 1, "破损", now=NOON, person_id=asker)
        register.approve_spares(session, campaign, fewer.id, now=NOON, person_id=approver)
        assert admission.counts(session, [variant.id])[variant.id].activated == 101


def test_after_closing__paper_comes_back_but_no_code_changes(database: Database) -> None:
    with database.writing() as session:
        campaign, door, batch = with_cards(session)
        asker, approver = add_person(session, "anna"), add_person(session, "bert")
        move(session, campaign, batch, "handed_out", 110)
        asked = register.request_spares(session, campaign, batch.id, 1, "破损", now=NOON, person_id=asker)
        fresh = make_cards(session, campaign, door.id, 2)
        campaign.plan_hash = campaign.setup_hash = freeze(session, "setup", campaign.setup, None, NOON)
        campaign.state = "closed"
        move(session, campaign, batch, "returned_unused", 1)
        with pytest.raises(rules.WrongState):
            register.void_batch(session, campaign, fresh.id, now=NOON, person_id=None)
        with pytest.raises(rules.WrongState):
            register.request_spares(session, campaign, batch.id, 1, "破损", now=NOON, person_id=asker)
        with pytest.raises(rules.WrongState):
            register.approve_spares(session, campaign, asked.id, now=NOON, person_id=approver)


def test_table__itself_refuses_one_person_as_both(each_database: Database) -> None:
    with each_database.writing() as session:
        campaign, _door, batch = with_cards(session)
        who = add_person(session, "anna")
        asked = register.request_spares(session, campaign, batch.id, 1, "破损", now=NOON, person_id=who)
        asked.approved_by, asked.approved_at = who, NOON
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()
        assert session.scalars(select(SpareRequest)).all() == []

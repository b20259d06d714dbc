"""What stands around the answers: sizes, cards, open links, proven cases."""

import secrets
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from analysis.frame import Fieldwork
from survey_app.admission.models import AccessCode, CardBatch, CardMovement
from survey_app.campaigns.models import Campaign, Collector
from survey_app.db import Database
from survey_app.invitations.models import NamedList
from survey_app.scores.operations import circumstances
from survey_app.scores.operations.circumstances import Scope
from survey_app.scores.rules.errors import NothingToCompute
from tests.scores import evaluation as ev


def scope(session: Session, **how: Any) -> Scope:
    made = ev.make(session, ev.setup_document(**how))
    return circumstances.scope_of(session, made.campaign)


def door(session: Session, **which: object) -> Collector:
    return session.scalars(select(Collector).filter_by(**which)).first() or Collector()


def cards(
    session: Session, at: Collector, made: int, *, active: int, used: int = 0, moved: dict[str, int] | None = None
) -> None:
    batch = CardBatch(collector_id=at.id)
    session.add(batch)
    session.flush()
    for number in range(made):
        spent = number < used
        session.add(
            AccessCode(
                hash=secrets.token_bytes(32),
                collector_id=at.id,
                batch_id=batch.id,
                active=number < active,
                used=spent,
                receipt=b"r" * 32 if spent else None,
            )
        )
    for kind, number in (moved or {}).items():
        session.add(CardMovement(batch_id=batch.id, kind=kind, cards=number, on_day=date(2026, 1, 1)))
    session.flush()


def test_draft__has_nothing_to_compute(database: Database) -> None:
    with database.writing() as session:
        made = ev.make(session, ev.setup_document())
        draft = {"state": "draft", "plan_hash": None, "setup_hash": None}
        session.execute(update(Campaign).where(Campaign.id == made.campaign).values(**draft))
        with pytest.raises(NothingToCompute):
            circumstances.scope_of(session, made.campaign)


def test_population__is_people_but_departments_for_related_departments(database: Database) -> None:
    with database.writing() as session:
        sizes = circumstances.population(scope(session, units=1, departments=9))
    assert sizes == {
        ("u01", "staff", None): 40,
        ("u01", "service_recipient", "window"): 60,
        ("u01", "service_recipient", "online"): 40,
        ("u01", "related_department", None): 9,
    }


def test_population__joins_small_strata_as_their_answers_are_stored(database: Database) -> None:
    with database.writing() as session:
        sizes = circumstances.population(scope(session, units=1, sizes={"window": 50, "home": 9, "post": 4}))
    of_recipients = {stratum: size for (_, audience, stratum), size in sizes.items() if audience == "service_recipient"}
    assert of_recipients == {"window": 50, None: 13}


def test_unit__names_only_audiences_that_somebody_is_asked_in(database: Database) -> None:
    with database.writing() as session:
        found = scope(session, questionnaires=("service_recipient",), without={"u02": "service_recipient"}, units=1)
    assert [unit.audiences for unit in circumstances.unit_specs(found)] == [("service_recipient",)]


def test_cards__are_counted_over_the_strata_of_a_unit(each_database: Database) -> None:
    with each_database.writing() as session:
        found = scope(session, units=1)
        register = {"handed_out": 8, "returned_unused": 2}
        cards(session, door(session, stratum="window"), 10, active=9, used=4, moved=register)
        cards(session, door(session, stratum="online"), 5, active=5, used=1, moved={"handed_out": 5})
        known = circumstances.fieldwork(session, found)
    assert known["u01", "service_recipient"] == Fieldwork(
        activated=14, handed_out=11, used=5, asked=(("window", 6), ("online", 5))
    )


def test_register_that_was_not_kept__is_not_known_rather_than_zero(database: Database) -> None:
    with database.writing() as session:
        found = scope(session, units=1)
        cards(session, door(session, stratum="window"), 10, active=9, moved={"handed_out": 8})
        cards(session, door(session, stratum="online"), 5, active=5)
        known = circumstances.fieldwork(session, found)
    assert known["u01", "service_recipient"].handed_out is None
    assert known["u01", "service_recipient"].activated == 14
    # No stratum's register is read where another's was not kept.
    assert known["u01", "service_recipient"].asked == (("window", 9), ("online", 5))
    assert known["u01", "staff"] == Fieldwork()


def test_cards_of_a_department__count_for_every_unit_that_it_rates(database: Database) -> None:
    with database.writing() as session:
        found = scope(session, units=2, departments=8)
        for at in session.scalars(select(Collector).where(Collector.department_id.is_not(None))).all():
            cards(session, at, 3, active=3, used=2)
        known = circumstances.fieldwork(session, found)
    assert known["u01", "related_department"] == Fieldwork(activated=24, handed_out=None, used=16)
    assert known["u02", "related_department"] == known["u01", "related_department"]


def test_departments_that_rate_more_units_than_a_sitting_holds__leave_cards_unknown(database: Database) -> None:
    document = ev.setup_document(units=6, departments=8)
    for department in document["departments"]:
        department["rates"] = [unit["code"] for unit in document["units"]]
    with database.writing() as session:
        made = ev.make(session, document)
        found = circumstances.scope_of(session, made.campaign)
        for at in session.scalars(select(Collector).where(Collector.department_id.is_not(None))).all():
            cards(session, at, 3, active=3)
        known = circumstances.fieldwork(session, found)
    assert known["u01", "related_department"] == Fieldwork()


def test_open_link__is_said_of_its_unit_only(database: Database) -> None:
    with database.writing() as session:
        found = scope(session, units=2)
        one = door(session, stratum="window")
        one.tier, one.open_code = "T0", "0" * 16
        session.flush()
        known = circumstances.fieldwork(session, found)
    assert known["u01", "service_recipient"].open_link
    assert not known["u02", "service_recipient"].open_link


def test_named_list__was_asked_whole_and_more_used_than_given_shows(database: Database) -> None:
    with database.writing() as session:
        found = scope(session, units=1)
        by_list = door(session, audience="staff")
        by_list.tier = "T2"
        listed = NamedList(collector_id=by_list.id, invited=30, card_taken=2, issued=12, spent=9, file_digest=b"f" * 32)
        session.add(listed)
        cards(session, by_list, 5, active=5, used=2)
        known = circumstances.fieldwork(session, found)["u01", "staff"]
        assert known == Fieldwork(activated=30, handed_out=30, used=11)
        # Cards went out that nobody marked on the list.
        cards(session, by_list, 5, active=5, used=4)
        known = circumstances.fieldwork(session, found)["u01", "staff"]
        assert known == Fieldwork(activated=30, handed_out=14, used=15)

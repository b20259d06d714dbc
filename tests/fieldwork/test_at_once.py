"""Two people press at the same moment: one after the other is served, and no rule gives way."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.accounts.models import AuditEntry
from survey_app.admission.models import AccessCode
from survey_app.admission.rules import BatchIssued, NoRoomForSpares
from survey_app.campaigns import rules as campaign_rules
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.operations import cards, creating
from survey_app.campaigns.queries import campaigns as queries
from survey_app.config import Config
from survey_app.db import Database
from survey_app.errors import AppError
from survey_app.fieldwork import rules
from survey_app.fieldwork.operations import closing, register
from survey_app.fieldwork.operations.opening import open_campaign
from survey_app.questionnaire.identity import content_hash
from survey_app.responses.boxes import Boxes
from survey_app.responses.keys import KeyFiles
from survey_app.responses.spending import Outcome
from tests.factories.accounts import add_person
from tests.factories.campaign import NOON, doors, draft, make_cards, opened, read, setup_document
from tests.fieldwork.test_closing import answer

Act = Callable[[Session, Campaign], object]
BY = {"now": NOON, "person_id": None}


def at_once(database: Database, *acts: Act) -> list[object]:
    """Every act in a transaction of its own, begun before any other has ended; what each returned or was told."""
    start = threading.Barrier(len(acts))

    def run(act: Act) -> object:
        with database.writing() as session:
            campaign = queries.campaign(session, "c2026", None)
            queries.collectors(session, campaign.id)
            if not database.is_sqlite:
                # SQLite has one writer at a time from the first statement on; PostgreSQL lets all of them look.
                start.wait(10)
            try:
                returned = act(session, campaign)
            except AppError as refused:
                session.rollback()
                return type(refused)
            session.commit()
            return returned

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def actions(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.number)))


def make_draft(database: Database, document: dict[str, Any] | None = None) -> None:
    with database.writing() as session:
        draft(session, document or setup_document(1))
        session.commit()


def door_of(session: Session, campaign: Campaign, audience: str) -> int:
    return doors(session, campaign, audience)[0].id


def opening(config: Config) -> Act:
    return lambda session, campaign: open_campaign(session, campaign, config=config, agency_id=None, **BY)


def test_opening_twice__happens_once(each_database: Database, config: Config) -> None:
    make_draft(each_database)
    results = at_once(each_database, opening(config), opening(config))
    assert set(results) == {None, rules.WrongState}
    assert actions(each_database).count("campaign.open") == 1


def test_opening_and_replacing__freeze_what_stands(each_database: Database, config: Config) -> None:
    make_draft(each_database)
    other = read(setup_document(3))
    at_once(
        each_database,
        opening(config),
        lambda session, campaign: creating.replace(session, campaign, other, agency_id=None, **BY),
    )
    with each_database.reading() as session:
        campaign = queries.campaign(session, "c2026", None)
        assert campaign.state == "open"
        assert campaign.setup_hash == content_hash(json.loads(campaign.setup))
        assert {unit.code for unit in campaign.units} == {unit.code for unit in queries.setup_of(campaign).units}
        assert {row.state for row in queries.collectors(session, campaign.id)} == {"open"}
    assert actions(each_database)[-1] == "campaign.open"


def test_cards_and_an_open_link__never_at_one_door(each_database: Database) -> None:
    make_draft(each_database)
    at_once(
        each_database,
        lambda session, campaign: cards.make_cards(
            session, campaign, door_of(session, campaign, "service_recipient"), 20, **BY
        ),
        lambda session, campaign: cards.set_tier(
            session, campaign, door_of(session, campaign, "service_recipient"), "T0", **BY
        ),
    )
    with each_database.reading() as session:
        door = doors(session, queries.campaign(session, "c2026", None), "service_recipient")[0]
        assert (door.tier, door.cards.made) in {("T1", 20), ("T0", 0)}


def test_button_pressed_twice__makes_cards_once(each_database: Database) -> None:
    make_draft(each_database)

    def one(session: Session, campaign: Campaign) -> None:
        cards.make_cards(session, campaign, door_of(session, campaign, "staff"), 12, made_before=0, **BY)

    def every(session: Session, campaign: Campaign) -> None:
        cards.make_lacking_cards(session, campaign, "related_department", 0, **BY)

    assert set(at_once(each_database, one, one)) == {None, campaign_rules.CardsMadeMeanwhile}
    assert set(at_once(each_database, every, every)) == {None, campaign_rules.CardsMadeMeanwhile}
    with each_database.reading() as session:
        campaign = queries.campaign(session, "c2026", None)
        raters = sum(row.headcount for row in doors(session, campaign, "related_department"))
        assert session.scalar(select(func.count()).select_from(AccessCode)) == 12 + raters


def test_cards_of_two_questionnaires_for_the_same_people__stay_within_the_headcount(each_database: Database) -> None:
    document = setup_document(1)
    document["questionnaires"] = ["service_recipient", "service_recipient_inspected", "staff", "related_department"]
    make_draft(each_database, document)

    def make(number: int) -> Act:
        def act(session: Session, campaign: Campaign) -> int:
            # 300 people came to the door; each questionnaire wants 200 cards.
            row = [row for row in doors(session, campaign, "service_recipient") if row.stratum == "上门"][number]
            return make_cards(session, campaign, row.id, 200).activated

        return act

    assert sorted(at_once(each_database, make(0), make(1))) == [100, 200]  # type: ignore[type-var]


def test_spares_of_two_doors_for_the_same_people__stay_within_the_headcount(each_database: Database) -> None:
    document = setup_document(1)
    document["questionnaires"] = ["service_recipient", "service_recipient_inspected", "staff", "related_department"]
    with each_database.writing() as session:
        campaign = draft(session, document)
        asker, approver = add_person(session, "anna"), add_person(session, "bert")
        requests = []
        plain, variant = (row for row in doors(session, campaign, "service_recipient") if row.stratum == "上门")
        made = [make_cards(session, campaign, plain.id, 290), make_cards(session, campaign, variant.id, 15)]
        spare = make_cards(session, campaign, plain.id, 5)
        for kind, count in (("handed_out", 290), ("returned_unused", 1)):
            register.register_movement(session, campaign, made[0].id, kind, count, on_day=NOON.date(), note="科", **BY)  # type: ignore[arg-type]
        for batch in (made[1].id, spare.id):
            asked = register.request_spares(session, campaign, batch, 1, "破损", now=NOON, person_id=asker)
            requests.append(asked.id)
        session.commit()

    def approve(number: int) -> Act:
        return lambda session, campaign: register.approve_spares(
            session, campaign, requests[number], now=NOON, person_id=approver
        )

    assert set(at_once(each_database, approve(0), approve(1))) == {None, NoRoomForSpares}


def test_request_approved_twice__counts_once(each_database: Database) -> None:
    with each_database.writing() as session:
        campaign = draft(session, setup_document(1))
        asker, approver = add_person(session, "anna"), add_person(session, "bert")
        door = door_of(session, campaign, "staff")
        batch = make_cards(session, campaign, door, 115)
        for kind, count in (("handed_out", 110), ("returned_unused", 4)):
            register.register_movement(session, campaign, batch.id, kind, count, on_day=NOON.date(), note="科", **BY)  # type: ignore[arg-type]
        request = register.request_spares(session, campaign, batch.id, 2, "破损", now=NOON, person_id=asker).id
        session.commit()

    def approve(session: Session, campaign: Campaign) -> None:
        register.approve_spares(session, campaign, request, now=NOON, person_id=approver)

    assert set(at_once(each_database, approve, approve)) == {None, rules.AlreadyApproved}
    with each_database.reading() as session:
        assert session.scalar(select(func.count()).where(AccessCode.active)) == 112


@pytest.mark.parametrize("attempt", range(3))
def test_batch_voided_while_one_of_its_codes_is_used__is_one_or_the_other(
    each_database: Database, config: Config, tmp_path: Path, attempt: int
) -> None:
    boxes = Boxes(each_database, KeyFiles(tmp_path / "keys"))
    with each_database.writing() as session:
        campaign = opened(session, config, setup_document(1))
        staff = doors(session, campaign, "staff")[0]
        batch = make_cards(session, campaign, staff.id, 20)
        sitting = answer(staff, campaign, batch.codes[attempt])
        session.commit()

    def use(session: Session, _campaign: Campaign) -> object:
        try:
            return boxes.park(session, [sitting])[0]
        except RuntimeError:
            # The code was voided between looking and spending; the writer tries such a row once more.
            session.rollback()
            return boxes.park(session, [sitting])[0]

    outcome, voided = at_once(
        each_database, use, lambda session, campaign: register.void_batch(session, campaign, batch.id, **BY)
    )
    assert (outcome, voided) in {(Outcome.STORED, BatchIssued), (Outcome.VOIDED, None)}
    with each_database.reading() as session:
        used, active = (
            session.scalar(select(func.count()).where(column)) for column in (AccessCode.used, AccessCode.active)
        )
        assert (used, active) == ((1, 20) if outcome is Outcome.STORED else (0, 0))


def test_closing_twice__counts_once(each_database: Database, config: Config, tmp_path: Path) -> None:
    boxes = Boxes(each_database, KeyFiles(tmp_path / "keys"))
    with each_database.writing() as session:
        campaign = opened(session, config, setup_document(1))
        staff = doors(session, campaign, "staff")[0]
        sittings = [answer(staff, campaign, code) for code in make_cards(session, campaign, staff.id, 12).codes]
        boxes.park(session, sittings)
        session.commit()

    def close(session: Session, campaign: Campaign) -> int:
        return closing.close_campaign(session, boxes, campaign, **BY).flushed

    assert sorted(at_once(each_database, close, close)) == [0, 12]  # type: ignore[type-var]
    assert actions(each_database).count("campaign.close") == 1


def test_one_code_for_two_campaigns__is_given_once(each_database: Database) -> None:
    make_draft(each_database)
    second = read(setup_document(1, code="second"))

    def create(session: Session, _campaign: Campaign) -> None:
        creating.create(session, second, agency_id=None, **BY)

    assert set(at_once(each_database, create, create)) == {None, campaign_rules.CodeTaken}

"""Quotas: exactly as many as were wanted, whatever comes at once; and what setting one gives away."""

from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from survey_app.admission.models import AccessCode, Receipt
from survey_app.campaigns.models import Collector
from survey_app.campaigns.operations.cards import set_tier
from survey_app.campaigns.queries import campaigns
from survey_app.config import Config
from survey_app.db import Database
from survey_app.fieldwork import rules
from survey_app.fieldwork.operations.opening import open_campaign
from survey_app.fieldwork.operations.quotas import set_quota
from survey_app.responses.boxes import Boxes
from survey_app.responses.keys import KeyFiles
from survey_app.responses.models import Parked
from survey_app.responses.spending import Outcome
from survey_app.web.writer import Writer
from tests.factories.accounts import database_of
from tests.factories.campaign import NOON, doors, draft, make_cards, opened, setup_document
from tests.factories.doors import TestDoor, open_door, sitting
from tests.factories.phone import Phone, said
from tests.fieldwork.test_progress import store

QUOTA, CLIENTS = 23, 50


def send_many(url: str, folder: Path, door: TestDoor, numbers: range) -> list[str]:
    """One process of a server: many people send at once."""
    database = Database(url)
    lock = folder / "writer.lock" if database.is_sqlite else None
    writer = Writer(database, Boxes(database, KeyFiles(folder / "keys")).park, queue_size=256, lock_file=lock)
    with ThreadPoolExecutor(len(numbers)) as pool:
        code = None if not door.codes else 0
        sent = [sitting(door, None if code is None else number, nonce=f"phone {number}") for number in numbers]
        return [str(outcome) for outcome in pool.map(writer.submit, sent)]


def test_quota__fifty_at_once_through_two_processes__lets_in_exactly_as_many(
    each_config: Config, each_database: Database, tmp_path: Path
) -> None:
    with each_database.writing() as session:
        door = open_door(session, tier="T0")
        session.execute(update(Collector).values(audience="service_recipient", quota=QUOTA))
        session.commit()
    halves = (range(CLIENTS // 2), range(CLIENTS // 2, CLIENTS))
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        work = [pool.submit(send_many, each_config.database_url, tmp_path, door, half) for half in halves]
        outcomes = Counter(outcome for half in work for outcome in half.result())
    assert outcomes == {"stored": QUOTA, "full": CLIENTS - QUOTA}
    # Full for those who come later; whoever was let in may send the same again and is thanked.
    later = send_many(each_config.database_url, tmp_path, door, range(CLIENTS))
    assert Counter(later) == {Outcome.AGAIN: QUOTA, Outcome.FULL: CLIENTS - QUOTA}


def test_quota_of_cards__fifty_at_once__leaves_the_other_cards_unused(
    config: Config, database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        door = open_door(session, codes=CLIENTS)
        session.execute(update(Collector).values(audience="service_recipient", quota=QUOTA))
        session.commit()
    outcomes = Counter(send_many(config.database_url, tmp_path, door, range(CLIENTS)))
    assert outcomes == {"stored": QUOTA, "full": CLIENTS - QUOTA}
    with database.reading() as session:
        assert session.scalar(select(func.count()).where(AccessCode.used)) == QUOTA


def test_full_door__says_so_before_anything_is_filled_in_and_after(app: Flask, config: Config) -> None:
    database = database_of(app)
    with database.writing() as session:
        campaign = draft(session, setup_document(1))
        link = doors(session, campaign, "service_recipient")[0]
        set_tier(session, campaign, link.id, "T0", now=NOON, person_id=None)
        set_quota(session, campaign, link.id, 10, now=NOON, person_id=None)
        session.commit()
    with database.writing() as session:
        found = campaigns.campaign(session, "c2026", None)
        open_campaign(session, found, config=config, now=NOON, person_id=None, agency_id=None)
        code = doors(session, found, "service_recipient")[0].open_code or ""
        session.commit()
    phone = Phone(app.test_client())
    page = phone.begin(code)
    assert page.status_code == 200
    with database.writing() as session:
        session.add_all(Receipt(hash=bytes([number]) * 32, collector_id=link.id) for number in range(10))
        session.commit()
    refused = phone.send(page, {"sr_contact": "handle"})
    assert refused.status_code == 409
    assert "名额已满" in said(refused)
    for answer in (phone.client.get(f"/q/{code}"), phone.begin(code)):
        assert answer.status_code == 409
        assert "名额已满" in said(answer)
    assert "No places left" in said(phone.client.get(f"/q/{code}?lang=en"))
    with database.writing() as session:
        assert session.scalar(select(func.count()).select_from(Parked)) == 0
        found = campaigns.campaign(session, "c2026", None)
        set_quota(session, found, link.id, 11, now=NOON, person_id=None)
        session.commit()
    assert phone.client.get(f"/q/{code}").status_code == 200


def test_quota__is_for_service_recipients_only(database: Database) -> None:
    with database.writing() as session:
        campaign = draft(session, setup_document(1))
        for audience in ("staff", "related_department"):
            with pytest.raises(rules.NoQuotaHere):
                set_quota(session, campaign, doors(session, campaign, audience)[0].id, 50, now=NOON, person_id=None)
        named = doors(session, campaign, "service_recipient")[0]
        set_quota(session, campaign, named.id, 50, now=NOON, person_id=None)
        set_tier(session, campaign, named.id, "T2", now=NOON, person_id=None)
        assert doors(session, campaign, "service_recipient")[0].quota is None
        with pytest.raises(rules.NoQuotaHere):
            set_quota(session, campaign, named.id, 50, now=NOON, person_id=None)


@pytest.mark.parametrize("values", [{"quota": 9}, {"quota": 20, "audience": "staff"}])
def test_table__itself_refuses_a_quota_that_hides_nobody(each_database: Database, values: dict[str, object]) -> None:
    with each_database.writing() as session:
        open_door(session)
        with pytest.raises(IntegrityError):
            session.execute(update(Collector).values({"audience": "service_recipient"} | values))
        session.rollback()


def test_lowering__tells_of_stored_sittings_in_steps_and_of_parked_ones_nothing(
    database: Database, config: Config
) -> None:
    with database.writing() as session:
        campaign = opened(session, config, setup_document(1))
        door = doors(session, campaign, "service_recipient")[0]
        make_cards(session, campaign, door.id, 100)
        store(session, campaign, door, 24)
        session.add_all(Receipt(hash=bytes([number]) * 32, collector_id=door.id) for number in range(60))
        session.flush()
        set_quota(session, campaign, door.id, 20, now=NOON, person_id=None)
        with pytest.raises(rules.QuotaTooSmall) as refused:
            set_quota(session, campaign, door.id, 19, now=NOON, person_id=None)
        assert refused.value.values["least"] == 20


def test_closed_campaign__has_its_quotas_for_good(database: Database, config: Config) -> None:
    with database.writing() as session:
        campaign = opened(session, config, setup_document(1))
        campaign.state = "closed"
        door = doors(session, campaign, "service_recipient")[0]
        with pytest.raises(rules.WrongState):
            set_quota(session, campaign, door.id, 20, now=NOON, person_id=None)

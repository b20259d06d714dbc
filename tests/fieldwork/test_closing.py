"""Pausing, resuming and closing, with answers in real boxes."""

import hashlib
import json
import sqlite3
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select

from survey_app.accounts.models import AuditEntry
from survey_app.admission.models import AccessCode, Receipt
from survey_app.admission.rules import code_hash
from survey_app.campaigns.models import Campaign, Collector
from survey_app.campaigns.operations.cards import set_tier
from survey_app.campaigns.queries import campaigns as queries
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.config import Config
from survey_app.db import Database
from survey_app.errors import NotFound
from survey_app.fieldwork import rules
from survey_app.fieldwork.operations import closing, paper
from survey_app.fieldwork.operations.opening import open_campaign
from survey_app.responses import boxes as boxes_module
from survey_app.responses.boxes import Boxes, NotCollecting
from survey_app.responses.keys import KeyFiles
from survey_app.responses.models import Box, Parked, Response
from survey_app.responses.sitting import OpenedSitting, Sitting
from survey_app.responses.spending import Outcome
from survey_app.web.writer import Writer
from tests.factories.campaign import NOON, doors, draft, make_cards, opened, setup_document


@pytest.fixture
def boxes(each_database: Database, tmp_path: Path) -> Boxes:
    return Boxes(each_database, KeyFiles(tmp_path / "keys"))


def answer(row: CollectorRow, campaign: Campaign, code: str | None, number: int = 0) -> Sitting:
    """A sitting as the respondent path hands it to the writer."""
    hashes = {used.name: used.hash for used in campaign.questionnaires}
    return Sitting(
        collector_id=row.id,
        box_group_id=row.box_group_id,
        code_hash=None if code is None else code_hash(code),
        receipt=hashlib.sha256(f"{row.id} {code} {number}".encode()).digest(),
        questionnaire_hash=hashes[row.questionnaire] or "",
        language="zh",
        mode="web",
        duration=7,
        order_number=1,
        flip=False,
        responses=[(campaign.units[0].id, {"st_duty_clear": "sa"})],
    )


def key_files(home: Path) -> list[bytes]:
    """What every key file holds; nothing but zeros once its keys are destroyed."""
    held = [path.read_bytes() for path in (home / "keys").iterdir()]
    assert held
    return held


def send(database: Database, boxes: Boxes, sittings: list[Sitting]) -> list[Outcome]:
    """What the writer does, one batch."""
    with database.writing() as session:
        outcomes = boxes.park(session, sittings)
        session.commit()
    return outcomes


def close(database: Database, boxes: Boxes, code: str = "c2026") -> closing.Closed:
    with database.writing() as session:
        campaign = queries.campaign(session, code, None)
        closed = closing.close_campaign(session, boxes, campaign, now=NOON, person_id=None)
        session.commit()
    closing.after_closing(database)
    return closed


def raising(error: Exception) -> Callable[..., None]:
    """Something that fails."""

    def fail(*_arguments: object) -> None:
        raise error

    return fail


def opened_sitting(sitting: Sitting) -> OpenedSitting:
    """The same as it comes from paper."""
    kept = {field.name: getattr(sitting, field.name) for field in fields(OpenedSitting)}
    return OpenedSitting(**kept | {"mode": "paper"})


def count(database: Database, table: type) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_close__empties_the_boxes_and_leaves_nothing_waiting(
    each_database: Database, config: Config, boxes: Boxes, tmp_path: Path
) -> None:
    with each_database.writing() as session:
        campaign = opened(session, config, setup_document(1))
        staff = doors(session, campaign, "staff")[0]
        batch = make_cards(session, campaign, staff.id, 20)
        sittings = [answer(staff, campaign, code) for code in batch.codes[:17]]
        session.commit()
    assert set(send(each_database, boxes, sittings)) == {Outcome.STORED}
    assert count(each_database, Parked) > 0
    closed = close(each_database, boxes)
    assert (closed.flushed, closed.destroyed, closed.lost) == (17, 0, 0)
    assert count(each_database, Parked) == 0
    assert count(each_database, Response) == 17
    assert not any(map(any, key_files(tmp_path)))
    with each_database.reading() as session:
        campaign = queries.campaign(session, "c2026", None)
        assert campaign.state == "closed"
        assert campaign.closed_at == NOON
        assert {row.state for row in queries.collectors(session, campaign.id)} == {"closed"}
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "campaign.close")).one()
        assert json.loads(entry.detail) == {"flushed": 17, "destroyed": 0, "lost": 0}


def test_close__destroys_the_answers_of_a_group_that_stayed_too_small(
    each_database: Database, config: Config, boxes: Boxes, tmp_path: Path
) -> None:
    with each_database.writing() as session:
        campaign = opened(session, config, setup_document(1))
        staff = doors(session, campaign, "staff")[0]
        batch = make_cards(session, campaign, staff.id, 20)
        sittings = [answer(staff, campaign, code) for code in batch.codes[:4]]
        session.commit()
    send(each_database, boxes, sittings)
    closed = close(each_database, boxes)
    assert (closed.flushed, closed.destroyed) == (0, 4)
    assert count(each_database, Response) == count(each_database, Parked) == 0
    assert not any(map(any, key_files(tmp_path)))


def test_close__forgets_the_receipts_of_open_links_of_this_campaign_only(
    each_database: Database, config: Config, boxes: Boxes
) -> None:
    with each_database.writing() as session:
        for code in ("c2026", "other"):
            campaign = draft(session, setup_document(1, code=code))
            door = doors(session, campaign, "service_recipient")[0]
            set_tier(session, campaign, door.id, "T0", now=NOON, person_id=None)
            open_campaign(session, campaign, config=config, now=NOON, person_id=None, agency_id=None)
        session.commit()
        rows = {
            code: doors(session, queries.campaign(session, code, None), "service_recipient")[0]
            for code in ("c2026", "other")
        }
        sittings = [
            answer(row, queries.campaign(session, code, None), None, number)
            for code, row in rows.items()
            for number in range(6)
        ]
        session.rollback()
    send(each_database, boxes, sittings)
    assert count(each_database, Receipt) == 12
    close(each_database, boxes)
    with each_database.reading() as session:
        assert set(session.scalars(select(Receipt.collector_id))) == {rows["other"].id}


def test_answers__after_close_or_in_a_pause__stay_outside(
    each_database: Database, config: Config, boxes: Boxes
) -> None:
    with each_database.writing() as session:
        campaign = opened(session, config, setup_document(1))
        staff = doors(session, campaign, "staff")[0]
        batch = make_cards(session, campaign, staff.id, 20)
        sittings = [answer(staff, campaign, code) for code in batch.codes]
        closing.pause_campaign(session, campaign, now=NOON, person_id=None)
        session.commit()
    assert send(each_database, boxes, sittings[:1]) == [Outcome.PAUSED]
    with each_database.writing() as session:
        campaign = queries.campaign(session, "c2026", None)
        closing.resume_campaign(session, campaign, now=NOON, person_id=None)
        closing.move_collector(session, campaign, staff.id, "pause", now=NOON, person_id=None)
        session.commit()
    assert send(each_database, boxes, sittings[:1]) == [Outcome.PAUSED]
    with each_database.writing() as session:
        campaign = queries.campaign(session, "c2026", None)
        closing.move_collector(session, campaign, staff.id, "resume", now=NOON, person_id=None)
        session.commit()
    assert send(each_database, boxes, sittings[:1]) == [Outcome.STORED]
    close(each_database, boxes)
    assert send(each_database, boxes, sittings[1:2]) == [Outcome.CLOSED]
    with each_database.reading() as session:
        used = select(func.count()).where(AccessCode.used)
        assert session.scalar(used) == 1


def test_close__again__changes_nothing_more(each_database: Database, config: Config, boxes: Boxes) -> None:
    with each_database.writing() as session:
        campaign = opened(session, config, setup_document(1))
        staff = doors(session, campaign, "staff")[0]
        sittings = [answer(staff, campaign, code) for code in make_cards(session, campaign, staff.id, 12).codes]
        session.commit()
    send(each_database, boxes, sittings)
    close(each_database, boxes)
    again = close(each_database, boxes)
    assert (again.flushed, again.destroyed, again.lost) == (0, 0, 0)
    assert count(each_database, Response) == 12
    with each_database.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "campaign.close")).all()
        assert len(entries) == 1


@pytest.mark.parametrize("paused", [False, True])
def test_close__that_failed_at_the_boxes__lets_nobody_in_and_is_finished_by_the_next(
    each_database: Database, config: Config, boxes: Boxes, monkeypatch: pytest.MonkeyPatch, *, paused: bool
) -> None:
    with each_database.writing() as session:
        campaign = opened(session, config, setup_document(1))
        staff = doors(session, campaign, "staff")[0]
        sittings = [answer(staff, campaign, code) for code in make_cards(session, campaign, staff.id, 12).codes]
        session.commit()
        send(each_database, boxes, sittings[:11])
        if paused:
            closing.pause_campaign(session, campaign, now=NOON, person_id=None)
            session.commit()
    writer = Writer(each_database, boxes.park, queue_size=1, lock_file=config.home / "writer.lock")

    def closed() -> closing.Closed:
        find = partial(queries.campaign, code="c2026", agency_id=None)
        return closing.close(writer.exclusively, boxes, find, now=NOON, person_id=None)

    with monkeypatch.context() as broken, pytest.raises(OSError, match="no room"):
        broken.setattr(boxes_module, "_responses", raising(OSError("no room")))
        closed()
    assert writer.submit(sittings[11]) is Outcome.CLOSED
    assert (count(each_database, Parked), count(each_database, Response)) == (11, 0)
    with each_database.reading() as session:
        campaign = queries.campaign(session, "c2026", None)
        # Not closed yet: nothing may be computed of it; and whoever looks for campaigns to close finds it.
        assert campaign.state == ("paused" if paused else "open")
        assert closing.due_campaigns(session, NOON) == ["c2026"]
    assert closed().flushed == 11
    assert closed().flushed == 0
    assert count(each_database, Response) == 11
    with each_database.reading() as session:
        assert closing.due_campaigns(session, NOON) == []
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.number)).all()
    assert actions[-2:] == ["campaign.stop", "campaign.close"]


def test_doors_that_are_shut_for_good__take_no_paper_and_no_file_either(
    each_database: Database, config: Config, boxes: Boxes
) -> None:
    with each_database.writing() as session:
        campaign = opened(session, config, setup_document(1))
        staff = doors(session, campaign, "staff")[0]
        closing.pause_campaign(session, campaign, now=NOON, person_id=None)
        closing.stop_answers(session, campaign, now=NOON, person_id=None)
        with pytest.raises(NotCollecting):
            boxes.pool(session, [opened_sitting(answer(staff, campaign, None, number)) for number in range(6)])
        with pytest.raises(rules.WrongState):
            paper.open_batch(
                session, boxes, campaign, staff.id, 6, twice=False, same_person=False, now=NOON, person_id=1
            )


def test_after_closing__nothing_of_a_parked_answer_is_left_in_the_file(
    database: Database, config: Config, tmp_path: Path
) -> None:
    boxes = Boxes(database, KeyFiles(tmp_path / "keys"))
    with database.writing() as session:
        campaign = opened(session, config, setup_document(1))
        staff = doors(session, campaign, "staff")[0]
        sittings = [answer(staff, campaign, code) for code in make_cards(session, campaign, staff.id, 12).codes]
        session.commit()
    send(database, boxes, sittings)
    with database.reading() as session:
        parked = list(session.scalars(select(Parked.ciphertext)))
    path = Path(config.home / "pingyi.sqlite3")
    assert parked[0][:64] in path.read_bytes()
    close(database, boxes)
    content = path.read_bytes()
    assert not [ciphertext for ciphertext in parked if ciphertext[:64] in content]
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA freelist_count").fetchone() == (0,)
    connection.close()


@pytest.mark.parametrize(
    ("state", "act", "then"),
    [
        ("draft", "open", "open"),
        ("open", "pause", "paused"),
        ("paused", "resume", "open"),
        ("open", "close", "closed"),
        ("paused", "close", "closed"),
        ("closed", "close", "closed"),
    ],
)
def test_act__that_fits__leads_on(state: rules.State, act: rules.Act, then: rules.State) -> None:
    assert rules.after(act, state, "轮次") == then


@pytest.mark.parametrize(
    ("state", "act"),
    [
        ("open", "open"),
        ("closed", "open"),
        ("draft", "pause"),
        ("closed", "pause"),
        ("open", "resume"),
        ("closed", "resume"),
        ("draft", "close"),
        ("planned", "pause"),
    ],
)
def test_act__that_does_not_fit__is_refused_in_words(state: rules.State, act: rules.Act) -> None:
    with pytest.raises(rules.WrongState) as refused:
        rules.after(act, state, "某轮次")
    assert "某轮次" in refused.value.message("zh")
    assert state in refused.value.message("en")


def test_door_of_another_campaign__cannot_be_paused(database: Database, config: Config) -> None:
    with database.writing() as session:
        campaign = opened(session, config, setup_document(1))
        other = opened(session, config, setup_document(1, code="other"))
        with pytest.raises(NotFound):
            closing.move_collector(
                session, campaign, doors(session, other, "staff")[0].id, "pause", now=NOON, person_id=None
            )


def test_box_states__after_close__are_final(each_database: Database, config: Config, boxes: Boxes) -> None:
    with each_database.writing() as session:
        campaign = opened(session, config, setup_document(1))
        staff = doors(session, campaign, "staff")[0]
        sittings = [answer(staff, campaign, code) for code in make_cards(session, campaign, staff.id, 25).codes]
        session.commit()
    for sitting in sittings:
        send(each_database, boxes, [sitting])
    close(each_database, boxes)
    with each_database.reading() as session:
        assert set(session.scalars(select(Box.state))) == {"flushed"}
        assert session.scalar(select(func.count()).where(Collector.state != "closed")) == 0

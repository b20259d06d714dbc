"""Designs that leak, built from ours by taking one thing away: the adversary must catch each of them.

They run inside the real application, so that what is caught is the missing precaution and not another program.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from secrets import token_bytes
from typing import Any

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.orm import Session

import survey_app.app as application
from survey_app import clock, db
from survey_app.invitations.models import Invitee
from survey_app.invitations.operations.issuing import Issue, keep_signature
from survey_app.invitations.rules import blind_rsa
from survey_app.responses import boxes, invited, views
from survey_app.responses.boxes import Boxes
from survey_app.responses.models import Response
from survey_app.responses.sitting import OpenedSitting, Sitting
from survey_app.responses.spending import ParkingDoor
from survey_app.upkeep.operations import backup

_NUMBERED = "id INTEGER PRIMARY KEY AUTOINCREMENT"
_NAIVE_TABLES = (
    f"CREATE TABLE IF NOT EXISTS naive_use ({_NUMBERED}, hash BLOB, collector_id INT, at TEXT)",
    f"CREATE TABLE IF NOT EXISTS naive_response ({_NUMBERED}, collector_id INT, answers TEXT, at TEXT)",
)


class NoBox(Boxes):
    """Random ids, no times, no order: but a response is inserted with the use of its code, in one transaction."""

    def _park_in_group(self, session: Session, sittings: list[Sitting], door: ParkingDoor) -> None:
        session.connection().execute(insert(Response), boxes._responses(session, [_opened(one) for one in sittings]))


class NaiveSchema(Boxes):
    """Two tables with running numbers and times: uses of codes, and responses."""

    def _park_in_group(self, session: Session, sittings: list[Sitting], door: ParkingDoor) -> None:
        for statement in _NAIVE_TABLES:
            session.execute(text(statement))
        for one in sittings:
            facts = {"hash": one.code_hash or one.receipt, "door": one.collector_id, "at": clock.now().isoformat()}
            answers = {"answers": str([dict(given) for _unit, given in one.responses])}
            use = "INSERT INTO naive_use (hash, collector_id, at) VALUES (:hash, :door, :at)"
            session.execute(text(use), facts)
            response = "INSERT INTO naive_response (collector_id, answers, at) VALUES (:door, :answers, :at)"
            session.execute(text(response), facts | answers)


def no_box(patched: pytest.MonkeyPatch) -> None:
    """Every answer lies open at once."""
    patched.setattr(application, "Boxes", NoBox)


def naive_schema(patched: pytest.MonkeyPatch) -> None:
    """Running numbers and times."""
    patched.setattr(application, "Boxes", NaiveSchema)


def wal_mode(patched: pytest.MonkeyPatch) -> None:
    """No box, and SQLite keeps a write-ahead log."""
    no_box(patched)
    after_preparing(patched, lambda connection: connection.execute("PRAGMA journal_mode=WAL"))


def id_is_nonce(patched: pytest.MonkeyPatch) -> None:
    """Everything as it should be, but the response's id is the nonce whose hash is the receipt beside the code."""
    real_sitting, real_rows = views._sitting, boxes._rows
    nonces: dict[str, bytes] = {}

    def sitting(sending: Any, finished: Any, now: int) -> Sitting:
        made = real_sitting(sending, finished, now)
        handle = token_bytes(8).hex()
        nonces[handle] = sending.capability.nonce
        return replace(made, responses=[(unit, {**given, "_handle": handle}) for unit, given in made.responses])

    def rows(opened: OpenedSitting, *facts: Any) -> list[dict[str, Any]]:
        handles = [given.pop("_handle") for _unit, given in opened.responses]
        return [row | {"id": nonces[handle]} for row, handle in zip(real_rows(opened, *facts), handles, strict=True)]

    patched.setattr(views, "_sitting", sitting)
    patched.setattr(boxes, "_rows", rows)


def not_blinded(patched: pytest.MonkeyPatch) -> None:
    """Phones leave the factor out: what is signed is what the token says."""
    patched.setattr(blind_rsa, "blind", partial(blind_rsa.blind, factor=1))


def message_on_the_list(patched: pytest.MonkeyPatch) -> None:
    """Everything as it should be, but the row of the list also keeps the token's message."""
    real_blind, real_keep = blind_rsa.blind, keep_signature
    messages: dict[bytes, bytes] = {}

    def blind(key: Any, message: bytes) -> blind_rsa.Blinded:
        made = real_blind(key, message)
        messages[made.message] = message
        return made

    def keep(session: Session, collector_id: int, link_hash: bytes, blinded: bytes, signature: bytes) -> Issue:
        kept = real_keep(session, collector_id, link_hash, blinded, signature)
        session.execute(update(Invitee).where(Invitee.link_hash == link_hash).values(note=messages[blinded].hex()))
        return kept

    patched.setattr(blind_rsa, "blind", blind)
    patched.setattr(invited, "keep_signature", keep)


def backups_without_a_rule(patched: pytest.MonkeyPatch) -> None:
    """No box, and a backup whenever somebody wants one."""
    no_box(patched)
    patched.setattr(backup, "too_few", lambda _counts: None)


def after_preparing(patched: pytest.MonkeyPatch, then: Callable[[sqlite3.Connection], object]) -> None:
    """Do something to every SQLite connection once the product has prepared it."""
    real = db._prepare_sqlite

    def prepare(connection: sqlite3.Connection, record: Any) -> None:
        real(connection, record)
        then(connection)

    patched.setattr(db, "_prepare_sqlite", prepare)


def _opened(sitting: Sitting) -> OpenedSitting:
    return OpenedSitting(
        sitting.collector_id,
        sitting.questionnaire_hash,
        sitting.language,
        sitting.mode,
        sitting.duration,
        sitting.order_number,
        sitting.flip,
        sitting.pilot,
        [(unit, dict(given)) for unit, given in sitting.responses],
    )

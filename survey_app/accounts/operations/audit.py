"""The audit log (审计日志): entries are only added, each under the hash of the one before it.

Never write a code, an answer, a password or a session token into an entry. Call `record` last in a transaction: on
PostgreSQL it holds the turn of the log until the commit.
What the chain cannot show by itself: that the newest entries were cut off, or that somebody with the rights of the
schema rewrote it from some entry on. Both show against a head (number and hash) that was written down elsewhere.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum

import rfc8785
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.accounts.models import AuditEntry
from survey_app.accounts.operations.turns import Turn, wait_for_turn

ORIGIN = "0" * 64
_PAGE = 1000


@dataclass(frozen=True)
class Head:
    """Number and hash of an entry, as somebody wrote it down."""

    number: int
    hash: str


@dataclass(frozen=True)
class AuditCheck:
    """Whether every entry follows from the one before; `first_bad` is the number where the chain breaks.

    unlike_noted: the chain holds in itself, but the noted head is gone or another entry now; `first_bad` is the first
    entry that is missing, or the head.
    head: the last sound entry.
    """

    ok: bool
    entries: int
    first_bad: int | None
    head: Head | None
    unlike_noted: bool = False


def record(  # noqa: PLR0917  # one order that every capability uses
    session: Session,
    now: datetime,
    person_id: int | None,
    action: str,
    subject: str,
    detail: Mapping[str, object] | None = None,
) -> AuditEntry:
    """Add one entry: who (none for the command line) did what (`campaign.open`) to what (`campaign:2026-a`).

    `detail` holds what JSON can hold, dates and enumerations; anything else raises TypeError.
    """
    session.flush()
    wait_for_turn(session, Turn.AUDIT)
    last = session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc()).limit(1)).first()
    entry = AuditEntry(
        number=last.number + 1 if last else 1,
        at=now.astimezone(UTC),
        person_id=person_id,
        action=action,
        subject=subject,
        detail=_canonical(_plain(detail or {})).decode(),
        previous_hash=last.hash if last else ORIGIN,
        hash="",
    )
    entry.hash = entry_hash(entry)
    session.add(entry)
    session.flush()
    return entry


def entry_hash(entry: AuditEntry) -> str:
    """SHA-256 (hex) over the canonical JSON (RFC 8785) of every other column."""
    content = {
        "number": entry.number,
        "at": entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "person_id": entry.person_id,
        "action": entry.action,
        "subject": entry.subject,
        # The text as stored, not what it means: a changed blank is a change.
        "detail": entry.detail,
        "previous_hash": entry.previous_hash,
    }
    return hashlib.sha256(_canonical(content)).hexdigest()


def verify(session: Session, noted: Head | None = None) -> AuditCheck:
    """Follow the chain from the first entry; with `noted`, that head must still be in it.

    Reads by pages of 1,000, so that a long log neither fills the memory nor holds one statement open.
    """
    entries, last, noted_is_there = 0, None, noted is None
    for entry in _all(session):
        entries += 1
        expected = Head(last.number + 1, last.hash) if last else Head(1, ORIGIN)
        if Head(entry.number, entry.previous_hash) != expected or entry.hash != entry_hash(entry):
            # A missing entry is named by its own number, one in front of the first by that.
            return AuditCheck(False, entries, min(entry.number, expected.number), last)
        last = Head(entry.number, entry.hash)
        noted_is_there = noted_is_there or last == noted
    if noted and not noted_is_there:
        first_bad = min(noted.number, last.number + 1 if last else 1)
        return AuditCheck(False, entries, first_bad, last, unlike_noted=True)
    return AuditCheck(True, entries, None, last)


def _all(session: Session) -> Iterator[AuditEntry]:
    """Every entry by number, also those in front of the first that the program ever writes."""
    query = select(AuditEntry).order_by(AuditEntry.number).limit(_PAGE)
    page = session.scalars(query).all()
    while page:
        yield from page
        after = page[-1].number
        session.expunge_all()
        page = session.scalars(query.where(AuditEntry.number > after)).all()


def _canonical(content: object) -> bytes:
    return rfc8785.dumps(content)  # type: ignore[arg-type]  # its own recursive type; `_plain` made the value fit


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return _plain(value.value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): _plain(found) for name, found in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(found) for found in value]
    raise TypeError(f"an audit entry cannot hold a {type(value).__name__}")

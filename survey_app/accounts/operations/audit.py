"""The audit log (审计日志): entries are only added, each under the hash of the one before it.

Never write a code, an answer, a password or a session token into an entry. Call `record` last in a transaction: on
PostgreSQL it holds the turn of the log until the commit.
What the chain cannot show by itself: that the newest entries were cut off, or that somebody with the rights of the
schema rewrote it from some entry on. Both show against a head (number and hash) that was written down elsewhere.
"""

import hashlib
from collections.abc import Mapping
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
    """Whether every entry follows from the one before; `first_bad` is the number where the chain breaks."""

    ok: bool
    entries: int
    first_bad: int | None
    head: Head | None


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
    entries, previous = 0, Head(0, ORIGIN)
    while True:
        query = select(AuditEntry).where(AuditEntry.number > previous.number).order_by(AuditEntry.number).limit(_PAGE)
        page = session.scalars(query).all()
        for entry in page:
            entries += 1
            follows = entry.number == previous.number + 1 and entry.previous_hash == previous.hash
            if not follows or entry.hash != entry_hash(entry):
                return AuditCheck(False, entries, previous.number + 1, previous if previous.number else None)
            if noted and entry.number == noted.number and entry.hash != noted.hash:
                return AuditCheck(False, entries, entry.number, previous if previous.number else None)
            previous = Head(entry.number, entry.hash)
        session.expunge_all()
        if len(page) < _PAGE:
            break
    head = previous if previous.number else None
    if noted and noted.number > previous.number:
        return AuditCheck(False, entries, previous.number + 1, head)
    return AuditCheck(True, entries, None, head)


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

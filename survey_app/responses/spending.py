"""Who may come in: doors, access codes and receipts, as the writer sees them inside its transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from survey_app.admission.models import AccessCode, CardBatch, Receipt
from survey_app.campaigns.models import BoxGroup, Campaign, Collector
from survey_app.responses.sitting import Sitting


class Outcome(StrEnum):
    """What became of a sitting that was sent."""

    STORED = "stored"
    AGAIN = "again"
    USED = "used"
    UNKNOWN = "unknown"
    VOIDED = "voided"
    PAUSED = "paused"
    CLOSED = "closed"


@dataclass(frozen=True)
class ParkingDoor:
    """What parking needs of a collector; `state` is the campaign's unless that is open."""

    box_group_id: int
    box_size: int
    min_cell: int
    padded_size: int
    state: str


# Statements are built once: building them costs more than SQLite takes to run them.
_DOORS = (
    select(
        Collector.id,
        Collector.state,
        Campaign.state,
        BoxGroup.id,
        BoxGroup.box_size,
        BoxGroup.min_cell,
        BoxGroup.padded_size,
    )
    .join(Campaign, Campaign.id == Collector.campaign_id)
    .join(BoxGroup, BoxGroup.id == Collector.box_group_id)
    .where(Collector.id.in_(bindparam("collectors", expanding=True)))
)
_RECEIPTS = select(Receipt.hash).where(Receipt.hash.in_(bindparam("receipts", expanding=True)))
_CODES = (
    select(
        AccessCode.hash,
        AccessCode.collector_id,
        AccessCode.active,
        CardBatch.state,
        AccessCode.used,
        AccessCode.receipt,
    )
    .join(CardBatch, CardBatch.id == AccessCode.batch_id)
    .where(AccessCode.hash.in_(bindparam("hashes", expanding=True)))
)
_SPEND = (
    update(AccessCode)
    .where(AccessCode.hash == bindparam("spent"), AccessCode.used.is_(False), AccessCode.active.is_(True))
    .values(used=True, receipt=bindparam("given"))
)
_RECEIVE = insert(Receipt)


def parking_doors(session: Session, collectors: set[int]) -> dict[int, ParkingDoor]:
    """The doors of a batch, read inside its transaction so that a pause or a close counts at once."""
    doors = {}
    for collector, state, campaign_state, group, box_size, min_cell, padded_size in session.connection().execute(
        _DOORS, {"collectors": sorted(collectors)}
    ):
        standing = state if campaign_state == "open" else campaign_state
        doors[collector] = ParkingDoor(group, box_size, min_cell, padded_size, standing)
    return doors


def admit(session: Session, rows: Sequence[Sitting], doors: dict[int, ParkingDoor]) -> list[Outcome]:
    """Who may come in. Rows of one batch see each other: of fifty tries with one code, the first wins."""
    codes = _codes(session, [row.code_hash for row in rows if row.code_hash is not None])
    receipts = _receipts(session, [row.receipt for row in rows if row.code_hash is None])
    outcomes = []
    for row in rows:
        door = doors.get(row.collector_id)
        code = codes.get(row.code_hash) if row.code_hash is not None else None
        if row.receipt in receipts or (code is not None and code.receipt == row.receipt):
            outcome = Outcome.AGAIN
        elif door is None or (row.code_hash is not None and (code is None or code.collector_id != row.collector_id)):
            outcome = Outcome.UNKNOWN
        elif code is not None and code.used:
            outcome = Outcome.USED
        elif code is not None and (code.voided or not code.active):
            outcome = Outcome.VOIDED
        elif door.state != "open":
            outcome = Outcome.CLOSED if door.state == "closed" else Outcome.PAUSED
        else:
            outcome = Outcome.STORED
            if code is not None:
                code.used, code.receipt = True, row.receipt
            else:
                receipts.add(row.receipt)
        outcomes.append(outcome)
    return outcomes


def _receipts(session: Session, of_open_links: list[bytes]) -> set[bytes]:
    if not of_open_links:
        return set()
    return set(session.connection().execute(_RECEIPTS, {"receipts": sorted(of_open_links)}).scalars())


@dataclass
class _Code:
    collector_id: int
    active: bool
    voided: bool
    used: bool
    receipt: bytes | None


def _codes(session: Session, hashes: list[bytes]) -> dict[bytes, _Code]:
    if not hashes:
        return {}
    found = session.connection().execute(_CODES, {"hashes": sorted(set(hashes))})
    return {
        code_hash: _Code(collector, active, state == "voided", used, receipt)
        for code_hash, collector, active, state, used, receipt in found
    }


def spend(session: Session, rows: list[Sitting]) -> None:
    """Mark the codes used, with their receipts; open links get a receipt only."""
    spent = [{"spent": row.code_hash, "given": row.receipt} for row in rows if row.code_hash is not None]
    if spent:
        changed = session.connection().execute(_SPEND, spent).rowcount
        if changed != len(spent):
            raise RuntimeError(f"{len(spent)} codes to spend, {changed} changed")
    received = [{"hash": row.receipt, "collector_id": row.collector_id} for row in rows if row.code_hash is None]
    if received:
        session.connection().execute(_RECEIVE, received)

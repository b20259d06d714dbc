"""Who may come in: doors, access codes, tokens and receipts, as the writer sees them inside its transaction."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from survey_app.admission.models import AccessCode, CardBatch, Receipt
from survey_app.campaigns.models import BoxGroup, Campaign, Collector
from survey_app.invitations.models import NamedList, Spent
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
    BEYOND = "beyond"
    FULL = "full"


@dataclass(frozen=True)
class ParkingDoor:
    """The box group's rules of a collector, and its quota: the most sittings.

    `state` is the campaign's unless that is open or the door is closed for good.
    """

    box_group_id: int
    box_size: int
    min_cell: int
    padded_size: int
    state: str
    quota: int | None = None


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
        Collector.quota,
    )
    .join(Campaign, Campaign.id == Collector.campaign_id)
    .join(BoxGroup, BoxGroup.id == Collector.box_group_id)
    .where(Collector.id.in_(bindparam("collectors", expanding=True)))
)
# Every sitting that came in left one of these: counting them needs no counter, which would tell of each arrival.
_CAME = (
    select(AccessCode.collector_id, func.count()).where(AccessCode.used.is_(True)),
    select(Receipt.collector_id, func.count()),
    select(Spent.collector_id, func.count()),
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
_SPENT = select(Spent.hash, Spent.receipt).where(Spent.hash.in_(bindparam("hashes", expanding=True)))
_UNSPENT = select(NamedList.collector_id, NamedList.issued - NamedList.spent).where(
    NamedList.collector_id.in_(bindparam("collectors", expanding=True))
)
_SPEND_TOKEN = insert(Spent)
_COUNT_SPENT = (
    update(NamedList)
    .where(NamedList.collector_id == bindparam("of_collector"))
    .values(spent=NamedList.spent + bindparam("more"))
)


def parking_doors(session: Session, collectors: set[int]) -> dict[int, ParkingDoor]:
    """The doors of a batch, read inside its transaction so that a pause or a close counts at once."""
    doors = {}
    for collector, state, campaign_state, group, box_size, min_cell, padded_size, quota in session.connection().execute(
        _DOORS, {"collectors": sorted(collectors)}
    ):
        # A closing that was interrupted leaves doors shut for good in a campaign that is paused.
        standing = state if campaign_state == "open" or state == "closed" else campaign_state
        doors[collector] = ParkingDoor(group, box_size, min_cell, padded_size, standing, quota)
    return doors


def room(session: Session, quotas: Mapping[int, int]) -> dict[int, int]:
    """How many more sittings each of these collectors lets in; parked ones count. quotas: by collector."""
    left = dict(quotas)
    for came in _CAME if quotas else ():
        by_collector = came.where(came.selected_columns[0].in_(sorted(quotas))).group_by(came.selected_columns[0])
        for collector, count in session.connection().execute(by_collector):
            left[collector] -= count
    return left


def admit(session: Session, rows: Sequence[Sitting], doors: dict[int, ParkingDoor]) -> list[Outcome]:
    """Who may come in. Rows of one batch see each other: of fifty tries with one code, the first wins.

    The lock of the box group is held, so that nobody else takes the last places of a quota at the same time.
    """
    codes = _codes(session, [row.code_hash for row in rows if row.code_hash is not None and not row.by_token])
    tokens = _tokens(session, [row for row in rows if row.by_token])
    receipts = _receipts(session, [row.receipt for row in rows if row.code_hash is None])
    left = room(session, {id: door.quota for id, door in doors.items() if door.quota is not None})
    outcomes = []
    for row in rows:
        door = doors.get(row.collector_id)
        if row.by_token:
            outcome = tokens.admit(row, door, full=left.get(row.collector_id, 1) < 1)
            if outcome is Outcome.STORED and row.collector_id in left:
                left[row.collector_id] -= 1
            outcomes.append(outcome)
            continue
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
            outcome = _not_open(door)
        elif left.get(row.collector_id, 1) < 1:
            outcome = Outcome.FULL
        else:
            outcome = Outcome.STORED
            if row.collector_id in left:
                left[row.collector_id] -= 1
            if code is not None:
                code.used, code.receipt = True, row.receipt
            else:
                receipts.add(row.receipt)
        outcomes.append(outcome)
    return outcomes


def _not_open(door: ParkingDoor) -> Outcome:
    return Outcome.CLOSED if door.state == "closed" else Outcome.PAUSED


@dataclass
class _Tokens:
    """Receipts of tokens that were spent, and how many of each collector's signatures are still out."""

    receipts: dict[bytes, bytes]
    unspent: dict[int, int]

    def admit(self, row: Sitting, door: ParkingDoor | None, *, full: bool) -> Outcome:
        assert row.code_hash is not None  # a token has its hash
        receipt = self.receipts.get(row.code_hash)
        if receipt is not None:
            return Outcome.AGAIN if receipt == row.receipt else Outcome.USED
        if door is None or row.collector_id not in self.unspent:
            return Outcome.UNKNOWN
        if door.state != "open":
            return _not_open(door)
        if full:
            return Outcome.FULL
        if self.unspent[row.collector_id] < 1:
            # More tokens than signatures were issued: somebody else has the key. Nothing is believed any more.
            return Outcome.BEYOND
        self.unspent[row.collector_id] -= 1
        self.receipts[row.code_hash] = row.receipt
        return Outcome.STORED


def _tokens(session: Session, rows: list[Sitting]) -> _Tokens:
    if not rows:
        return _Tokens({}, {})
    hashes = sorted({row.code_hash for row in rows if row.code_hash is not None})
    collectors = sorted({row.collector_id for row in rows})
    receipts = session.connection().execute(_SPENT, {"hashes": hashes})
    unspent = session.connection().execute(_UNSPENT, {"collectors": collectors})
    return _Tokens(dict(receipts.all()), dict(unspent.all()))


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
    """Mark codes used and tokens spent, with their receipts; open links get a receipt only."""
    by_code = [row for row in rows if row.code_hash is not None and not row.by_token]
    spent = [{"spent": row.code_hash, "given": row.receipt} for row in by_code]
    if spent:
        changed = session.connection().execute(_SPEND, spent).rowcount
        if changed != len(spent):
            raise RuntimeError(f"{len(spent)} codes to spend, {changed} changed")
    tokens = [row for row in rows if row.by_token]
    if tokens:
        named = ("hash", "collector_id", "receipt")
        given = [dict(zip(named, (row.code_hash, row.collector_id, row.receipt), strict=True)) for row in tokens]
        session.connection().execute(_SPEND_TOKEN, given)
        # The database refuses the sum where it would pass what was issued.
        counted = Counter(row.collector_id for row in tokens)
        more = [{"of_collector": collector, "more": count} for collector, count in sorted(counted.items())]
        session.connection().execute(_COUNT_SPENT, more)
    received = [{"hash": row.receipt, "collector_id": row.collector_id} for row in rows if row.code_hash is None]
    if received:
        session.connection().execute(_RECEIVE, received)

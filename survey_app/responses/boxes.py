"""The sealed box (票箱): spending a code and parking its answer in one commit, and emptying full boxes.

What must stay true, on both databases and with several processes:
- a code is spent and its sitting parked in the same transaction, or neither happens;
- a row of `response` appears only together with at least `box_size` sittings of its box group, and at close with
  all that is left, at least `min_cell`; in random order, under fresh random ids;
- a group of several doors is emptied at close only: each response keeps its department or unit, and of the ten in one
  box a small department may have sent one, who would be known to whoever sees when cards are used;
- the key of a box exists on disk before anything is parked under it, and is destroyed after the commit that empties it;
- whoever reads which box is open holds the lock that a flush takes too (SQLite: the write transaction itself;
  PostgreSQL: an advisory lock for each group, taken in the order of ids).
"""

import logging
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from secrets import SystemRandom, token_bytes
from typing import Any

import orjson
from sqlalchemy import bindparam, case, delete, event, func, insert, select, text, update
from sqlalchemy.orm import Session

from survey_app import clock
from survey_app.campaigns.models import BoxGroup, Campaign, Collector
from survey_app.db import Database
from survey_app.errors import AppError
from survey_app.responses.keys import KeyFiles
from survey_app.responses.models import Box, Parked, Response
from survey_app.responses.sitting import OpenedSitting, Sitting, open_sitting, seal_sitting
from survey_app.responses.spending import Outcome, ParkingDoor, admit, parking_doors, room, spend

log = logging.getLogger("pingyi.boxes")

# Statements are built once: building them costs more than SQLite takes to run them.
_HIGHEST = select(func.max(Box.number)).where(Box.box_group_id == bindparam("of_group"))
_THIS_BOX = (Parked.box_group_id == bindparam("of_group"), Parked.box_number == bindparam("of_box"))
_WAITING = (
    select(Box.number, Box.state, func.count(Parked.id))
    .outerjoin(Parked, (Parked.box_group_id == Box.box_group_id) & (Parked.box_number == Box.number))
    .where(Box.box_group_id == bindparam("of_group"), Box.state.in_(("open", "full", "lost")))
    .group_by(Box.number, Box.state)
    .order_by(Box.number)
)
# Counted in the open box only: a group of several doors may have many full ones.
_STANDING = (
    select(
        Box.number,
        case(
            (
                Box.state == "open",
                select(func.count())
                .where(Parked.box_group_id == Box.box_group_id, Parked.box_number == Box.number)
                .scalar_subquery(),
            ),
        ),
    )
    .where(Box.box_group_id == bindparam("of_group"), Box.state.in_(("open", "full")))
    .order_by(Box.number)
)
_DOORS_OF_GROUP = select(func.count()).where(Collector.box_group_id == bindparam("of_group"))
_PARK = insert(Parked)
_PARKED = select(Parked.id, Parked.ciphertext).where(*_THIS_BOX)
_EMPTY = delete(Parked).where(*_THIS_BOX)
_SET_STATE = (
    update(Box)
    .where(Box.box_group_id == bindparam("of_group"), Box.number == bindparam("of_box"))
    .values(state=bindparam("new_state"))
)
_NEW_BOX = insert(Box)
_STORE = insert(Response)
_FACTS = (
    select(Collector.id, Collector.department_id, Collector.stratum, Campaign.timezone, BoxGroup.min_cell)
    .join(Campaign, Campaign.id == Collector.campaign_id)
    .join(BoxGroup, BoxGroup.id == Collector.box_group_id)
    .where(Collector.id.in_(bindparam("collectors", expanding=True)))
)

LOCK_SPACE = 0x70696E67  # PostgreSQL advisory locks of ours: (this number, box group)


@dataclass(frozen=True)
class ClosedBoxes:
    """What closing did: sittings stored, sittings destroyed unread, sittings whose key is lost."""

    flushed: int = 0
    destroyed: int = 0
    lost: int = 0


@dataclass(frozen=True)
class Boxes:
    """The boxes of one installation. `park` is what the writer runs."""

    database: Database
    keys: KeyFiles

    def park(self, session: Session, rows: Sequence[Sitting]) -> list[Outcome]:
        """Spend the codes, park the sittings, empty the boxes that this makes due; one outcome a row.

        Nothing is committed here; the keys of emptied boxes are destroyed once it is.
        """
        groups = sorted({row.box_group_id for row in rows})
        self._lock(session, groups)
        doors = parking_doors(session, {row.collector_id for row in rows})
        outcomes = admit(session, rows, doors)
        stored = [row for row, outcome in zip(rows, outcomes, strict=True) if outcome is Outcome.STORED]
        spend(session, stored)
        for group in sorted({row.box_group_id for row in stored}):
            sittings = [row for row in stored if row.box_group_id == group]
            self._park_in_group(session, sittings, doors[sittings[0].collector_id])
        return outcomes

    def pool(self, session: Session, sittings: Sequence[OpenedSitting]) -> None:
        """Store sittings of paper or of an imported file: all at once, like a box that is full and emptied in one go.

        Never beside waiting sittings: their mode is stored, and would tell the few of one mode in a box from the rest.
        Nothing is committed here. Raises TooFewToPool, NotCollecting, BeyondQuota.
        """
        doors = parking_doors(session, {sitting.collector_id for sitting in sittings})
        groups = Counter(doors[sitting.collector_id].box_group_id for sitting in sittings)
        self._lock(session, sorted(groups))
        for door in doors.values():
            if door.state not in {"open", "paused"}:
                raise NotCollecting
            if groups[door.box_group_id] < door.min_cell:
                raise TooFewToPool(sittings=groups[door.box_group_id], least=door.min_cell)
        coming = Counter(sitting.collector_id for sitting in sittings)
        left = room(session, {number: door.quota for number, door in doors.items() if door.quota is not None})
        for number, places in left.items():
            if coming[number] > places:
                raise BeyondQuota(sittings=coming[number], places=max(0, places))
        session.connection().execute(_STORE, _responses(session, list(sittings)))

    def close(self, session: Session, group: int) -> ClosedBoxes:
        """Empty a whole box group at close; its keys are destroyed after the commit.

        Fewer than `min_cell` waiting sittings are destroyed unread: storing them would single people out, also beside
        those that were stored before. Boxes leave by themselves only while enough come after them, so such a rest is
        that of a group too small in all, or of one whose earlier boxes were lost.
        """
        self._lock(session, [group])
        boxes = _waiting(session, group)
        lost = sum(count for _, state, count in boxes if state == "lost")
        waiting = [(number, count) for number, state, count in boxes if state != "lost"]
        numbers = [number for number, _ in waiting]
        sittings = sum(count for _, count in waiting)
        # Also those that an earlier closing, interrupted after its commit, left behind.
        unreadable = {number for number, state, _ in boxes if state == "lost"}
        self._destroy_after_commit(session, group, self.keys.of_group(group).keys() - unreadable)
        if not sittings:
            _set_state(session, group, numbers, "flushed")
            return ClosedBoxes(lost=lost)
        min_cell = session.scalars(select(BoxGroup.min_cell).where(BoxGroup.id == group)).one()
        if sittings < min_cell:
            session.execute(delete(Parked).where(Parked.box_group_id == group, Parked.box_number.in_(numbers)))
            _set_state(session, group, numbers, "destroyed")
            return ClosedBoxes(destroyed=sittings, lost=lost)
        self._flush(session, group, numbers)
        return ClosedBoxes(flushed=sittings, lost=lost)

    def reconcile(self, session: Session) -> int:
        """At start: keys without rows are destroyed; rows without a key stop their collectors.

        Returns how many sittings cannot be read. Run while no writer is storing.
        """
        groups = list(session.scalars(select(BoxGroup.id).order_by(BoxGroup.id)))
        self._lock(session, groups)
        unreadable = 0
        # Keys of groups that this database does not know are not ours to destroy.
        for group in groups:
            keys = self.keys.of_group(group)
            held = set()
            for number, state, count in _waiting(session, group):
                if count and number in keys:
                    held.add(number)
                    if state == "lost":
                        _set_state(session, group, [number], "full")
                elif count:
                    unreadable += count
                    _set_state(session, group, [number], "lost")
                    session.execute(
                        update(Collector)
                        .where(Collector.box_group_id == group, Collector.state == "open")
                        .values(state="paused")
                    )
                    log.error("box_key_missing group=%d box=%d sittings=%d", group, number, count)
            self.keys.destroy(group, keys.keys() - held)
        return unreadable

    def _park_in_group(self, session: Session, sittings: list[Sitting], door: ParkingDoor) -> None:
        group = door.box_group_id
        full, number, waiting = [], 0, 0
        for standing, parked_there in session.connection().execute(_STANDING, {"of_group": group}):
            if parked_there is None:
                full.append(standing)
            else:
                number, waiting = standing, parked_there
        if waiting >= door.box_size:
            _set_state(session, group, [number], "full")
            full.append(number)
            number, waiting = 0, 0
        if not number:
            self._check_held(group, full)
            # At most one new key for a group and batch: its synchronisation costs more than the cipher.
            number = (session.connection().execute(_HIGHEST, {"of_group": group}).scalar() or 0) + 1
            key = self.keys.create(group, number)
            session.connection().execute(_NEW_BOX, {"box_group_id": group, "number": number, "state": "open"})
        else:
            key = self._key(group, number)
        parked = []
        for sitting in sittings:
            row_id = token_bytes(16)
            ciphertext = seal_sitting(key, sitting.payload(), door.padded_size, row_id)
            parked.append({"box_group_id": group, "box_number": number, "id": row_id, "ciphertext": ciphertext})
        session.connection().execute(_PARK, parked)
        if full and waiting + len(sittings) >= door.min_cell and _has_one_door(session, group):
            self._flush(session, group, full)
            self._destroy_after_commit(session, group, full)

    def _check_held(self, group: int, numbers: Collection[int]) -> None:
        """Raises KeyGone. A file begun while another is missing would be overwritten when that one is brought back."""
        gone = set(numbers) - self.keys.of_group(group).keys()
        if gone:
            raise KeyGone(group, min(gone))

    def _key(self, group: int, number: int) -> bytes:
        key = self.keys.read(group, number)
        if key is None:
            raise KeyGone(group, number)
        return key

    def _destroy_after_commit(self, session: Session, group: int, numbers: Collection[int]) -> None:
        """The keys go only after the commit: a crash in between leaves keys without rows, never the reverse."""
        event.listen(session, "after_commit", lambda _session: self.keys.destroy(group, numbers), once=True)

    def _flush(self, session: Session, group: int, numbers: list[int]) -> None:
        opened = []
        for number in numbers:
            key, box = self._key(group, number), {"of_group": group, "of_box": number}
            # Read to the end first: a statement that a failing cipher leaves half read keeps SQLite's file locked.
            found = session.connection().execute(_PARKED, box).all()
            opened += [open_sitting(key, ciphertext, row_id) for row_id, ciphertext in found]
            session.connection().execute(_EMPTY, box)
        rows = _responses(session, opened)
        if rows:
            session.connection().execute(_STORE, rows)
        _set_state(session, group, numbers, "flushed")

    def _lock(self, session: Session, groups: Sequence[int]) -> None:
        if not self.database.is_sqlite:
            for group in groups:
                session.execute(text("SELECT pg_advisory_xact_lock(:space, :id)"), {"space": LOCK_SPACE, "id": group})


class KeyGone(RuntimeError):
    """A box that holds sittings has lost its key file; `reconcile` at the next start stops its collectors."""

    def __init__(self, group: int, number: int) -> None:
        super().__init__(f"key of box {group}-{number} is gone")


class TooFewToPool(AppError):
    """A few sittings of paper or of a file would stand out among all others by how they came in."""

    code, status = "too_few_to_pool", 409
    zh = "只有 {sittings} 份可以入库，少于 {least} 份：这几个人会因填答方式不同而被认出。请收齐 {least} 份再交。"
    en = (
        "Only {sittings} can be stored, fewer than {least}: these few would be known by the way they answered. "
        "Wait until there are {least}."
    )


class BeyondQuota(AppError):
    """More than the quota of a collector still lets in."""

    code, status = "beyond_quota", 409
    zh = "这个投放的名额还剩 {places} 个，要入库的有 {sittings} 份。请先调高名额。"
    en = "The quota of this collector lets {places} more in, but there are {sittings}. Raise the quota first."


class NotCollecting(AppError):
    """Paper or a file came for a collector that has not opened or has closed."""

    code, status = "not_collecting", 409
    zh = "这个投放还没有开放，或者已经关闭，不能再收答卷。"
    en = "This collector has not opened yet or has closed; it takes no more answers."


def _waiting(session: Session, group: int) -> list[tuple[int, str, int]]:
    """(number, state, sittings) of every box of the group that is not emptied."""
    found = session.connection().execute(_WAITING, {"of_group": group})
    return [(number, state, count) for number, state, count in found]


def _has_one_door(session: Session, group: int) -> bool:
    return session.connection().execute(_DOORS_OF_GROUP, {"of_group": group}).scalar_one() == 1


def _set_state(session: Session, group: int, numbers: list[int], state: str) -> None:
    for number in numbers:
        session.connection().execute(_SET_STATE, {"of_group": group, "of_box": number, "new_state": state})


def _responses(session: Session, opened: list[OpenedSitting]) -> list[dict[str, Any]]:
    """Rows for `response`, in random order, under fresh ids; nothing of the order of arrival survives."""
    sittings = Counter(sitting.collector_id for sitting in opened)
    found = session.connection().execute(_FACTS, {"collectors": sorted(sittings)})
    facts = {row[0]: row[1:] for row in found}
    rows = []
    for sitting in opened:
        department, stratum, timezone, min_cell = facts[sitting.collector_id]
        enough = sittings[sitting.collector_id] >= min_cell
        rows += _rows(sitting, department, stratum, clock.today(timezone) if enough else None)
    SystemRandom().shuffle(rows)
    return rows


def _rows(
    sitting: OpenedSitting, department: int | None, stratum: str | None, period: date | None
) -> list[dict[str, Any]]:
    sitting_id = token_bytes(16)
    return [
        {
            "id": token_bytes(16),
            "collector_id": sitting.collector_id,
            "unit_id": unit,
            "department_id": department,
            "stratum": stratum,
            "mode": sitting.mode,
            "language": sitting.language,
            "pilot": sitting.pilot,
            "questionnaire_hash": sitting.questionnaire_hash,
            "answers": orjson.dumps(answers).decode(),
            "period": period,
            "duration": sitting.duration,
            "order_number": sitting.order_number,
            "flip": sitting.flip,
            "sitting": sitting_id,
        }
        for unit, answers in sitting.responses
    ]

"""Making cards, activating and voiding them, and keeping the card register. Spending a code is the writer's work.

What must stay true: codes leave this module in clear once, in the answer of `make_batch`, and are stored nowhere;
cards in play (activated and not registered as returned) never exceed the headcount.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from survey_app.admission import queries, rules
from survey_app.admission.models import AccessCode, CardBatch, CardMovement, PaperMovement
from survey_app.admission.rules import MovementKind, PaperKind
from survey_app.errors import NotFound

MOST_CARDS = 20_000
_ROWS = 1000
# The first half of an advisory lock's key on PostgreSQL; the second is the collector. Boxes use other numbers.
_CARDS_LOCK = 0x43415244


@dataclass(frozen=True)
class Batch:
    """A batch just made. `codes` in clear, as `rules.draw` orders them: those in play, then the spares."""

    id: int
    codes: tuple[str, ...]
    activated: int


def make_batch(session: Session, collector_id: int, cards: int, headcount: int) -> Batch:
    """Make `cards` new codes for a collector and activate as many as the headcount still allows.

    headcount: people who may answer at this collector. Codes are returned in clear this once. Raises TooManyCards.
    """
    if not 1 <= cards <= MOST_CARDS:
        raise rules.TooManyCards(cards=cards, most=MOST_CARDS)
    _lock_cards_of(session, collector_id)
    in_play = queries.counts(session, [collector_id])[collector_id].activated
    activated = min(cards, max(0, headcount - in_play))
    codes = rules.draw(cards, activated)
    hashes = [rules.code_hash(code) for code in codes]
    return Batch(_store(session, collector_id, hashes[:activated], hashes[activated:]), codes, activated)


def import_batch(
    session: Session, collector_id: int, active: Sequence[bytes], spare: Sequence[bytes], headcount: int
) -> int:
    """Store a batch whose codes were made elsewhere, by their hashes; returns its number.

    active: at most what the headcount still allows. Raises TooManyCards, MoreActiveThanPeople, CodesKnown.
    """
    cards = len(active) + len(spare)
    if not 1 <= cards <= MOST_CARDS:
        raise rules.TooManyCards(cards=cards, most=MOST_CARDS)
    _lock_cards_of(session, collector_id)
    room = max(0, headcount - queries.counts(session, [collector_id])[collector_id].activated)
    if len(active) > room:
        raise rules.MoreActiveThanPeople(cards=len(active), room=room)
    known = sum(queries.known(session, [*active, *spare]).values())
    if known:
        raise rules.CodesKnown(cards=known)
    return _store(session, collector_id, active, spare)


def _store(session: Session, collector_id: int, active: Sequence[bytes], spare: Sequence[bytes]) -> int:
    batch = CardBatch(collector_id=collector_id)
    session.add(batch)
    session.flush()
    in_play = set(active)
    # Stored in order of their hashes: the order of insertion must not say which card of the sheet a code stands on.
    hashes = sorted([*active, *spare])
    for start in range(0, len(hashes), _ROWS):
        session.execute(
            insert(AccessCode),
            [
                {"hash": code_hash, "collector_id": collector_id, "batch_id": batch.id, "used": False}
                | {"active": code_hash in in_play}
                for code_hash in hashes[start : start + _ROWS]
            ],
        )
    return batch.id


def activate_spares(
    session: Session, batch_id: int, cards: int, headcount: int, *, requested_by: int, approved_by: int
) -> None:
    """Activate `cards` spares of a batch; asked for by one person and approved by another.

    A spare comes into play only where a card went out of it: activated − returned unused + cards ≤ headcount.
    Raises SamePerson, BatchVoided, NoRoomForSpares.
    """
    if requested_by == approved_by:
        raise rules.SamePerson
    batch = _standing_batch(session, batch_id)
    collector = queries.counts(session, [batch.collector_id])[batch.collector_id]
    in_play = collector.activated - collector.returned_unused
    room = min(headcount - in_play, queries.batch_counts(session, [batch_id])[batch_id].spare)
    if not 1 <= cards <= room:
        raise rules.NoRoomForSpares(room=max(0, room), cards=cards)
    spares = session.scalars(
        select(AccessCode.hash)
        .where(AccessCode.batch_id == batch_id, AccessCode.active.is_(False))
        .order_by(AccessCode.hash)
        .limit(cards)
    ).all()
    for start in range(0, cards, _ROWS):
        some = spares[start : start + _ROWS]
        session.execute(update(AccessCode).where(AccessCode.hash.in_(some)).values(active=True))


def void_batch(session: Session, batch_id: int) -> None:
    """Make every code of a batch worthless. Only whole batches of which nothing was handed out or used.

    Raises BatchVoided, BatchIssued.
    """
    batch = _standing_batch(session, batch_id)
    if batch.state == "handed_out":
        raise rules.BatchIssued(batch=batch_id)
    session.execute(
        update(AccessCode).where(AccessCode.batch_id == batch_id, AccessCode.used.is_(False)).values(active=False)
    )
    # Counted after the update: a sitting that came in between has either used its code or finds it inactive.
    if queries.batch_counts(session, [batch_id])[batch_id].used:
        raise rules.BatchIssued(batch=batch_id)
    batch.state = "voided"
    session.flush()


def register(
    session: Session, batch_id: int, kind: MovementKind, cards: int, *, on_day: date, note: str
) -> CardMovement:
    """Write into the card register (卡片登记) what happened to paper cards of a batch.

    printed ≤ made, handed out ≤ printed, returned unused ≤ handed out. Raises BatchVoided, RegisterDoesNotAddUp.
    """
    batch = _standing_batch(session, batch_id)
    so_far = queries.batch_counts(session, [batch_id])[batch_id]
    most = {
        "printed": so_far.made - so_far.printed,
        "handed_out": so_far.printed - so_far.handed_out,
        "returned_unused": so_far.handed_out - so_far.returned_unused,
    }[kind]
    if not 1 <= cards <= most:
        raise rules.RegisterDoesNotAddUp(batch=batch_id, most=most, cards=cards)
    entry = CardMovement(batch_id=batch_id, kind=kind, cards=cards, on_day=on_day, note=note.strip())
    session.add(entry)
    if kind == "handed_out":
        batch.state = "handed_out"
    session.flush()
    return entry


def correct(session: Session, entry: CardMovement, *, on_day: date, note: str) -> CardMovement:
    """Take a wrong entry back by another one beside it; the batch stays one that left the house.

    Raises BatchVoided, CorrectedBefore, CorrectionDoesNotAddUp.
    """
    _standing_batch(session, entry.batch_id)
    corrected = session.scalar(select(CardMovement.id).where(CardMovement.corrects_id == entry.id))
    if corrected is not None or entry.corrects_id is not None or entry.kind == "printed":
        raise rules.CorrectedBefore
    so_far = queries.batch_counts(session, [entry.batch_id])[entry.batch_id]
    if entry.kind == "handed_out" and so_far.handed_out - entry.cards < so_far.returned_unused:
        raise rules.CorrectionDoesNotAddUp(batch=entry.batch_id)
    taken_back = CardMovement(
        batch_id=entry.batch_id,
        kind=entry.kind,
        cards=-entry.cards,
        on_day=on_day,
        note=note.strip(),
        corrects_id=entry.id,
    )
    session.add(taken_back)
    session.flush()
    return taken_back


def register_paper(
    session: Session,
    collector_id: int,
    kind: PaperKind,
    sheets: int,
    *,
    on_day: date,
    note: str,
    most: int | None = None,
) -> None:
    """Write into the register what happened to paper questionnaires of a collector.

    returned unused + entered ≤ handed out. most: how many more may go out, None where nobody knows how many people
    there are. Raises PaperDoesNotAddUp.
    """
    _lock_cards_of(session, collector_id)
    so_far = queries.paper_counts(session, [collector_id])[collector_id]
    left = most if kind == "handed_out" else so_far.out - so_far.entered
    if sheets < 1 or (left is not None and sheets > left):
        raise rules.PaperDoesNotAddUp(most=max(0, left or 0), sheets=sheets)
    session.add(PaperMovement(collector_id=collector_id, kind=kind, sheets=sheets, on_day=on_day, note=note.strip()))
    session.flush()


def _standing_batch(session: Session, batch_id: int) -> CardBatch:
    """The batch, read after every other act on the cards of its collector is done."""
    collector_id = session.scalar(select(CardBatch.collector_id).where(CardBatch.id == batch_id))
    if collector_id is None:
        raise NotFound(what=f"card batch {batch_id}")
    _lock_cards_of(session, collector_id)
    batch = session.get_one(CardBatch, batch_id, populate_existing=True)
    if batch.state == "voided":
        raise rules.BatchVoided(batch=batch_id)
    return batch


def _lock_cards_of(session: Session, collector_id: int) -> None:
    """Let one act on the cards of a collector finish before the next counts them. On SQLite writers queue anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_CARDS_LOCK, collector_id)))

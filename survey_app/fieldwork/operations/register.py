"""The card register of a campaign: hand-outs, returns, corrections, voiding, and spares that two people activate.

`admission` knows cards and codes; here people sign for what they do with them, and every act is recorded.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.accounts.operations.audit import record
from survey_app.admission import operations as admission
from survey_app.admission.models import CardBatch, CardMovement
from survey_app.admission.rules import MovementKind, SamePerson
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.queries import campaigns as queries
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.errors import NotFound
from survey_app.fieldwork import rules
from survey_app.fieldwork.models import SpareRequest
from survey_app.fieldwork.operations.people import cards_left
from survey_app.fieldwork.paper_errors import CardsBesidePaper

_LONGEST_NOTE = 200


def register_movement(
    session: Session,
    campaign: Campaign,
    batch_id: int,
    kind: MovementKind,
    cards: int,
    *,
    on_day: date,
    note: str,
    now: datetime,
    person_id: int | None,
) -> CardMovement:
    """Write down that cards were handed out or came back unused. note: to or from which office, never which person.

    on_day: not later than today where the campaign is. Raises NotFound, DayToCome, ReceiverNeeded, BatchVoided,
    RegisterDoesNotAddUp, CardsBesidePaper.
    """
    today = now.astimezone(ZoneInfo(campaign.timezone)).date()
    if on_day > today:
        raise rules.DayToCome(day=on_day.isoformat(), today=today.isoformat())
    if kind == "handed_out" and not note.strip():
        raise rules.ReceiverNeeded
    queries.hold(session, campaign)
    row = _door_of(session, campaign, batch_id)
    if kind == "handed_out":
        _check_people(session, row, cards)
    entry = admission.register(session, batch_id, kind, cards, on_day=on_day, note=note[:_LONGEST_NOTE])
    detail = {"batch": batch_id, "door": row.label, "kind": kind, "cards": cards, "day": on_day, "entry": entry.id}
    record(session, now, person_id, "cards.register", f"campaign:{campaign.code}", detail)
    return entry


def correct_movement(
    session: Session, campaign: Campaign, entry_id: int, reason: str, *, now: datetime, person_id: int | None
) -> None:
    """Take a wrong entry back, for a reason; both stay in the register. A right one is then written anew.

    Raises NotFound, CorrectionReasonNeeded, BatchVoided, CorrectedBefore, CorrectionDoesNotAddUp,
    CardsBesidePaper.
    """
    queries.hold(session, campaign)
    entry = session.get(CardMovement, entry_id)
    if entry is None:
        raise NotFound(what=f"entry {entry_id}")
    row = _door_of(session, campaign, entry.batch_id)
    if not reason.strip():
        raise rules.CorrectionReasonNeeded
    if entry.kind == "returned_unused":
        # Cards that did not come back are out again.
        _check_people(session, row, entry.cards)
    today = now.astimezone(ZoneInfo(campaign.timezone)).date()
    admission.correct(session, entry, on_day=today, note=reason.strip()[:_LONGEST_NOTE])
    detail = {"batch": entry.batch_id, "door": row.label, "entry": entry.id, "kind": entry.kind, "cards": -entry.cards}
    record(session, now, person_id, "cards.correct", f"campaign:{campaign.code}", detail)


def void_batch(session: Session, campaign: Campaign, batch_id: int, *, now: datetime, person_id: int | None) -> None:
    """Void a whole batch that never left the house. Raises NotFound, WrongState, BatchIssued, BatchVoided."""
    _hold_until_closed(session, campaign)
    row = _door_of(session, campaign, batch_id)
    admission.void_batch(session, batch_id)
    detail = {"batch": batch_id, "door": row.label}
    record(session, now, person_id, "cards.void", f"campaign:{campaign.code}", detail)


def request_spares(
    session: Session, campaign: Campaign, batch_id: int, cards: int, reason: str, *, now: datetime, person_id: int
) -> SpareRequest:
    """Ask for spare cards of a batch to be activated; a second person decides.

    Raises NotFound, WrongState, SpareReasonNeeded.
    """
    _hold_until_closed(session, campaign)
    row = _door_of(session, campaign, batch_id)
    if not reason.strip():
        raise rules.SpareReasonNeeded
    asked = SpareRequest(
        batch_id=batch_id,
        cards=cards,
        reason=reason.strip()[:_LONGEST_NOTE],
        requested_by=person_id,
        requested_at=now,
    )
    session.add(asked)
    session.flush()
    detail = {"batch": batch_id, "door": row.label, "cards": cards, "request": asked.id}
    record(session, now, person_id, "cards.request_spares", f"campaign:{campaign.code}", detail)
    return asked


def approve_spares(session: Session, campaign: Campaign, request_id: int, *, now: datetime, person_id: int) -> None:
    """Approve a request of somebody else; the spares become active at once.

    Raises NotFound, WrongState, SamePerson, AlreadyApproved, NoRoomForSpares, BatchVoided.
    """
    _hold_until_closed(session, campaign)
    asked = session.get(SpareRequest, request_id)
    if asked is None:
        raise NotFound(what=f"request {request_id}")
    row = _door_of(session, campaign, asked.batch_id)
    if asked.requested_by == person_id:
        raise SamePerson
    if asked.approved_by is not None:
        raise rules.AlreadyApproved
    returned = sum(other.cards.returned_unused for other in queries.sharing_headcount(session, row))
    admission.activate_spares(
        session,
        asked.batch_id,
        asked.cards,
        queries.people_for_cards(session, row) + returned,
        requested_by=asked.requested_by,
        approved_by=person_id,
    )
    asked.approved_by, asked.approved_at = person_id, now
    session.flush()
    detail = {"batch": asked.batch_id, "door": row.label, "cards": asked.cards, "request": asked.id}
    record(session, now, person_id, "cards.activate_spares", f"campaign:{campaign.code}", detail)


def _check_people(session: Session, row: CollectorRow, cards: int) -> None:
    left = cards_left(session, row)
    if left is not None and cards > left:
        raise CardsBesidePaper(most=max(0, left), cards=cards)


def _hold_until_closed(session: Session, campaign: Campaign) -> None:
    """Which codes were in play is settled at close: scores are computed against it. Paper may still come back."""
    queries.hold(session, campaign)
    if campaign.state == "closed":
        raise rules.wrong_state(campaign.title, "closed")


def _door_of(session: Session, campaign: Campaign, batch_id: int) -> CollectorRow:
    collector_id = session.scalar(select(CardBatch.collector_id).where(CardBatch.id == batch_id))
    if collector_id is None:
        raise NotFound(what=f"batch {batch_id}")
    return queries.collector(session, campaign.id, collector_id)

"""Pausing, resuming and closing. Closing empties the boxes and leaves no trace of the order in which answers came.

Closing has two halves: `close_campaign` inside the writer's exclusive transaction, `after_closing` once that is
committed. Doing it again is safe and finishes what was interrupted.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey_app.accounts.operations.audit import record
from survey_app.admission.models import Receipt
from survey_app.campaigns.models import BoxGroup, Campaign, Collector
from survey_app.campaigns.queries import campaigns as queries
from survey_app.db import Database
from survey_app.fieldwork import rules
from survey_app.fieldwork.rules import Act
from survey_app.responses.boxes import Boxes


@dataclass(frozen=True)
class Closed:
    """What closing did. Sittings stored from the boxes, destroyed unread (their group was too small), unreadable."""

    flushed: int
    destroyed: int
    lost: int


def pause_campaign(session: Session, campaign: Campaign, *, now: datetime, person_id: int | None) -> None:
    """Let no more answers in for a while. Raises WrongState."""
    _move(session, campaign, "pause", now, person_id)


def resume_campaign(session: Session, campaign: Campaign, *, now: datetime, person_id: int | None) -> None:
    """Let answers in again. Raises WrongState."""
    _move(session, campaign, "resume", now, person_id)


def move_collector(
    session: Session, campaign: Campaign, collector_id: int, act: Act, *, now: datetime, person_id: int | None
) -> None:
    """Pause or resume one door of an open campaign. Raises WrongState, NotFound."""
    queries.hold(session, campaign)
    row = queries.collector(session, campaign.id, collector_id)
    collector = session.get_one(Collector, collector_id)
    if campaign.state == "closed":
        raise rules.wrong_state(campaign.title, "closed")
    collector.state = rules.after(act, collector.state, row.label)  # type: ignore[arg-type]  # a CHECK says so
    detail = {"collector": collector_id, "door": row.label}
    record(session, now, person_id, f"collector.{act}", f"campaign:{campaign.code}", detail)


def close_campaign(
    session: Session, boxes: Boxes, campaign: Campaign, *, now: datetime, person_id: int | None
) -> Closed:
    """Close for good: no more answers, receipts of open links forgotten, boxes emptied.

    Run it while no writer is storing and commit; then call `after_closing`. Raises WrongState.
    """
    queries.hold(session, campaign)
    before = campaign.state
    campaign.state = rules.after("close", before, campaign.title)  # type: ignore[arg-type]  # a CHECK constraint says so
    campaign.closed_at = campaign.closed_at or now
    collectors = session.scalars(select(Collector).where(Collector.campaign_id == campaign.id)).all()
    for collector in collectors:
        collector.state = "closed"
    session.flush()
    groups = session.scalars(select(BoxGroup.id).where(BoxGroup.campaign_id == campaign.id).order_by(BoxGroup.id))
    emptied = [boxes.close(session, group) for group in groups]
    # After the boxes: whoever sends the same answer again until now must still be recognised.
    session.execute(delete(Receipt).where(Receipt.collector_id.in_([collector.id for collector in collectors])))
    closed = Closed(
        flushed=sum(one.flushed for one in emptied),
        destroyed=sum(one.destroyed for one in emptied),
        lost=sum(one.lost for one in emptied),
    )
    if before != "closed":
        detail = {"flushed": closed.flushed, "destroyed": closed.destroyed, "lost": closed.lost}
        record(session, now, person_id, "campaign.close", f"campaign:{campaign.code}", detail)
    return closed


def after_closing(database: Database) -> None:
    """Once the close is committed: on SQLite rewrite the file, so that no old page is left."""
    if database.is_sqlite:
        connection = database.engine.raw_connection()
        try:
            connection.cursor().execute("VACUUM")
        finally:
            connection.close()


def _move(session: Session, campaign: Campaign, act: Act, now: datetime, person_id: int | None) -> None:
    queries.hold(session, campaign)
    campaign.state = rules.after(act, campaign.state, campaign.title)  # type: ignore[arg-type]  # a CHECK says so
    record(session, now, person_id, f"campaign.{act}", f"campaign:{campaign.code}", {})

"""Pausing, resuming and closing. Closing empties the boxes and leaves no trace of the order in which answers came.

Closing has three parts, each committed before the next: `stop_answers` (from then on nobody can store anything),
`close_campaign` (boxes emptied, lists destroyed), `after_closing` (the file rewritten). `close` does the first two.
What must stay true: nothing is stored between a flush at close that failed and the one that succeeds. Rows of a failed
transaction stay in PostgreSQL's files for a while, and would be compared. A campaign counts as closed only when its
boxes are empty; doing all of it again is safe and finishes what was interrupted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import delete, event, select
from sqlalchemy.orm import Session

from survey_app.accounts.operations.audit import record
from survey_app.admission.models import Receipt
from survey_app.campaigns.models import BoxGroup, Campaign, Collector
from survey_app.campaigns.queries import campaigns as queries
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.db import Database
from survey_app.fieldwork import rules
from survey_app.fieldwork.operations.paper import waiting_batches
from survey_app.fieldwork.paper_errors import PaperWaiting
from survey_app.fieldwork.paper_models import ImportedRow
from survey_app.fieldwork.rules import Act
from survey_app.invitations import queries as invitations
from survey_app.invitations.operations.keys import SigningKeys
from survey_app.invitations.operations.lists import destroy_list
from survey_app.invitations.rules.lists import CountsDoNotFit
from survey_app.responses.boxes import Boxes

T = TypeVar("T")


class Exclusively(Protocol):
    """The writer's: run work in a transaction of its own while nobody is storing, and commit it."""

    def __call__(self, work: Callable[[Session], T], /) -> T:
        """What the work returned."""


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
    """Let answers in again. Raises WrongState, CountsDoNotFit."""
    _move(session, campaign, "resume", now, person_id)


def move_collector(
    session: Session, campaign: Campaign, collector_id: int, act: Act, *, now: datetime, person_id: int | None
) -> None:
    """Pause or resume one door of an open campaign. Raises WrongState, NotFound, CountsDoNotFit."""
    queries.hold(session, campaign)
    row = queries.collector(session, campaign.id, collector_id)
    collector = session.get_one(Collector, collector_id)
    if campaign.state == "closed":
        raise rules.wrong_state(campaign.title, "closed")
    then = rules.after(act, collector.state, row.label)  # type: ignore[arg-type]  # a CHECK says so
    if act == "resume":
        _check_lists(session, [row])
    collector.state = then
    detail = {"collector": collector_id, "door": row.label}
    record(session, now, person_id, f"collector.{act}", f"campaign:{campaign.code}", detail)


def due_campaigns(session: Session, now: datetime) -> list[str]:
    """Codes of campaigns whose last day has passed where they are, or whose closing was begun and is not finished."""
    running = select(Campaign).where(Campaign.state.in_(("open", "paused"))).order_by(Campaign.id)
    return [
        campaign.code
        for campaign in session.scalars(running)
        if now.astimezone(ZoneInfo(campaign.timezone)).date() > campaign.closes or _stopped(session, campaign)
    ]


def close(
    exclusively: Exclusively,
    boxes: Boxes,
    find: Callable[[Session], Campaign],
    *,
    now: datetime,
    person_id: int | None,
) -> Closed:
    """Close for good, in two commits; then call `after_closing`. find: the campaign, in each of the transactions.

    Raises WrongState, PaperWaiting; then nothing has changed.
    """
    exclusively(lambda session: stop_answers(session, find(session), now=now, person_id=person_id))
    return exclusively(lambda session: close_campaign(session, boxes, find(session), now=now, person_id=person_id))


def stop_answers(session: Session, campaign: Campaign, *, now: datetime, person_id: int | None) -> None:
    """Shut every door of a campaign for good; whoever is still answering is told that it is over.

    The campaign itself is closed only once its boxes are empty: nothing may be computed before. Raises WrongState,
    PaperWaiting.
    """
    queries.hold(session, campaign)
    waiting = waiting_batches(session, campaign.id)
    if waiting:
        raise PaperWaiting(batches=waiting)
    rules.after("close", campaign.state, campaign.title)  # type: ignore[arg-type]  # a CHECK constraint says so
    if campaign.state == "closed" or _stopped(session, campaign):
        return
    for collector in session.scalars(select(Collector).where(Collector.campaign_id == campaign.id)):
        collector.state = "closed"
    record(session, now, person_id, "campaign.stop", f"campaign:{campaign.code}", {})
    session.flush()


def close_campaign(
    session: Session, boxes: Boxes, campaign: Campaign, *, now: datetime, person_id: int | None
) -> Closed:
    """Empty the boxes, forget receipts of open links, destroy named lists; from now on the campaign is closed.

    Run it while no writer is storing, after `stop_answers` is committed, and commit; `close` does both.
    Raises WrongState, PaperWaiting.
    """
    stop_answers(session, campaign, now=now, person_id=person_id)
    before = campaign.state
    campaign.state = rules.after("close", before, campaign.title)  # type: ignore[arg-type]  # a CHECK constraint says so
    campaign.closed_at = campaign.closed_at or now
    session.flush()
    collectors = session.scalars(select(Collector).where(Collector.campaign_id == campaign.id)).all()
    groups = session.scalars(select(BoxGroup.id).where(BoxGroup.campaign_id == campaign.id).order_by(BoxGroup.id))
    emptied = [boxes.close(session, group) for group in groups]
    # After the boxes: whoever sends the same answer again until now must still be recognised.
    session.execute(delete(Receipt).where(Receipt.collector_id.in_([collector.id for collector in collectors])))
    session.execute(delete(ImportedRow).where(ImportedRow.campaign_id == campaign.id))
    destroyed = _destroy_lists(session, boxes, [collector.id for collector in collectors], now, person_id)
    closed = Closed(
        flushed=sum(one.flushed for one in emptied),
        destroyed=sum(one.destroyed for one in emptied),
        lost=sum(one.lost for one in emptied),
    )
    if before != "closed":
        detail: dict[str, object] = {"flushed": closed.flushed, "destroyed": closed.destroyed, "lost": closed.lost}
        detail |= {"lists": destroyed} if destroyed else {}
        record(session, now, person_id, "campaign.close", f"campaign:{campaign.code}", detail)
    return closed


def _stopped(session: Session, campaign: Campaign) -> bool:
    """Whether every door is shut for good."""
    states = set(session.scalars(select(Collector.state).where(Collector.campaign_id == campaign.id).distinct()))
    return states == {"closed"}


def _destroy_lists(
    session: Session, boxes: Boxes, collector_ids: list[int], now: datetime, person_id: int | None
) -> dict[str, object]:
    """Delete the rows of every named list; the signing keys go after the commit. What the audit log says of each."""
    kept = invitations.lists(session, collector_ids)
    keys = SigningKeys(boxes.keys.directory)
    # Also those that an earlier closing, interrupted after its commit, left behind.
    for door in kept:
        event.listen(session, "after_commit", partial(_destroy_key, keys, door), once=True)
    gone = {door: destroy_list(session, door, now=now, person_id=person_id) for door in kept}
    return {
        str(door): {
            "rows": rows,
            "file_sha256": kept[door].file_digest.hex(),
            "card_taken": kept[door].counts.card_taken,
            "issued": kept[door].counts.issued,
            "spent": kept[door].counts.spent,
        }
        for door, rows in gone.items()
        if rows is not None
    }


def _destroy_key(keys: SigningKeys, collector_id: int, _session: Session) -> None:
    keys.destroy(collector_id)


def after_closing(database: Database) -> None:
    """Once the close is committed: rewrite the file on SQLite, the table of named lists on PostgreSQL.

    No old page with a name or a code is left then, as far as the database goes; docs/named-lists.md says what may be
    left beside it (archived logs, snapshots of the machine).
    """
    if database.is_sqlite:
        connection = database.engine.raw_connection()
        try:
            connection.cursor().execute("VACUUM")
        finally:
            connection.close()
        return
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connected:
        connected.exec_driver_sql("VACUUM (FULL) invitee")


def _check_lists(session: Session, rows: list[CollectorRow]) -> None:
    """Nothing goes on while spent ≤ issued ≤ invited, row by row, does not hold."""
    wrong = invitations.discrepant(session, [row.id for row in rows])
    if wrong:
        label = next(row.label for row in rows if row.id == wrong[0].collector_id)
        counts = wrong[0].counts
        raise CountsDoNotFit(door=label, invited=counts.invited, issued=counts.issued, spent=counts.spent)


def _move(session: Session, campaign: Campaign, act: Act, now: datetime, person_id: int | None) -> None:
    queries.hold(session, campaign)
    then = rules.after(act, campaign.state, campaign.title)  # type: ignore[arg-type]  # a CHECK says so
    if act == "resume":
        _check_lists(session, queries.collectors(session, campaign.id))
    campaign.state = then
    record(session, now, person_id, f"campaign.{act}", f"campaign:{campaign.code}", {})

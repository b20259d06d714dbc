"""Paper batches (纸质批次): opened with a count, entered sheet by sheet, handed in whole, gone.

What must stay true: handing in stores every sheet of a batch in one transaction, in random order, under fresh ids, and
destroys entries and key with it; fewer than `min_cell` sheets are never stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import delete, event, func, select
from sqlalchemy.orm import Session

from survey_app.accounts.operations.audit import record
from survey_app.admission import operations as admission
from survey_app.admission import queries as register
from survey_app.admission.rules import PaperDoesNotAddUp, PaperKind
from survey_app.campaigns.models import BoxGroup, Campaign, Collector
from survey_app.campaigns.queries import campaigns as queries
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.errors import NotFound
from survey_app.fieldwork import paper_errors, rules
from survey_app.fieldwork.operations.paper_entries import (
    batch_keys,
    entered,
    hold_batch,
    opened_entries,
    replace_both,
    sheets_of,
)
from survey_app.fieldwork.operations.people import people_left
from survey_app.fieldwork.paper_models import PaperBatch, PaperEntry
from survey_app.fieldwork.paper_rules import Sheet
from survey_app.responses.boxes import Boxes, TooFewToPool
from survey_app.responses.keys import KeyFiles

_LONGEST_NOTE = 200


@dataclass(frozen=True)
class HandedIn:
    """What became of a batch: sittings stored, sheets that were blank as a whole."""

    stored: int
    blank: int


def register_paper(
    session: Session,
    campaign: Campaign,
    collector_id: int,
    kind: PaperKind,
    sheets: int,
    *,
    on_day: date,
    note: str,
    now: datetime,
    person_id: int | None,
) -> None:
    """Write down that paper questionnaires were handed out or came back unused.

    Cards and paper that are out and imported sittings never exceed the people.
    Raises NotFound, DayToCome, NoPaperHere, PaperDoesNotAddUp.
    """
    queries.hold(session, campaign)
    row = _door(session, campaign, collector_id)
    today = now.astimezone(ZoneInfo(campaign.timezone)).date()
    if on_day > today:
        raise rules.DayToCome(day=on_day.isoformat(), today=today.isoformat())
    admission.register_paper(
        session, row.id, kind, sheets, on_day=on_day, note=note[:_LONGEST_NOTE], most=people_left(session, row)
    )
    detail = {"door": row.label, "collector": row.id, "kind": kind, "sheets": sheets, "day": on_day}
    record(session, now, person_id, "paper.register", f"campaign:{campaign.code}", detail)


def open_batch(
    session: Session,
    boxes: Boxes,
    campaign: Campaign,
    collector_id: int,
    sheets: int,
    *,
    twice: bool,
    same_person: bool,
    now: datetime,
    person_id: int,
) -> PaperBatch:
    """Begin to enter a batch of counted sheets; its key is on disk when this returns.

    Raises NotFound, WrongState, NoPaperHere, TooFewForPaper, TooFewToPool, PaperDoesNotAddUp.
    """
    queries.hold(session, campaign)
    row = _door(session, campaign, collector_id)
    if campaign.state not in {"open", "paused"}:
        raise rules.wrong_state(campaign.title, campaign.state)  # type: ignore[arg-type]  # a CHECK says so
    if row.state == "closed":
        raise rules.wrong_state(row.label, "closed")
    least = session.get_one(BoxGroup, row.box_group_id).min_cell
    if row.headcount and row.headcount < least:
        raise paper_errors.TooFewForPaper(door=row.label, people=row.headcount, least=least)
    if sheets < least:
        raise TooFewToPool(sittings=sheets, least=least)
    _check_register(session, row.id, sheets)
    batch = PaperBatch(
        collector_id=row.id, sheets=sheets, twice=twice, same_person=twice and same_person, first_by=person_id
    )
    session.add(batch)
    session.flush()
    # Before the commit: a key without a batch harms nobody, a batch without a key loses what is typed.
    batch_keys(boxes.keys.directory).create(row.id, batch.id)
    _audit(session, campaign, row, batch, "paper.open_batch", now, person_id)
    return batch


def hand_in(
    session: Session, boxes: Boxes, campaign: Campaign, batch_id: int, *, now: datetime, person_id: int
) -> HandedIn:
    """Store every sheet of a batch, in random order and under fresh ids; entries and key are gone with it.

    Run it while no writer is storing and commit. Raises NotFound, BatchDone, SheetsLeft, StillDifferent, TooFewToPool,
    PaperDoesNotAddUp, WrongState, KeyOfBatchGone.
    """
    queries.hold(session, campaign)
    batch = hold_batch(session, batch_of(session, campaign, batch_id))
    row = queries.collector(session, campaign.id, batch.collector_id)
    for pass_number in (1, 2) if batch.twice else (1,):
        left = batch.sheets - entered(session, batch.id, pass_number)
        if left:
            raise paper_errors.SheetsLeft(sheets=batch.sheets, left=left)
    if batch.twice:
        different = sum(not sheet.agrees for sheet in sheets_of(session, boxes, batch))
        if different:
            raise paper_errors.StillDifferent(sheets=different)
    entries = opened_entries(session, boxes, batch, 1)
    filled = [opened for _, opened in entries if opened.responses]
    if not filled:
        raise TooFewToPool(sittings=0, least=session.get_one(BoxGroup, row.box_group_id).min_cell)
    today = now.astimezone(ZoneInfo(campaign.timezone)).date()
    boxes.pool(session, filled)
    admission.register_paper(session, row.id, "entered", batch.sheets, on_day=today, note="")
    _end(session, boxes, batch, "handed_in")
    done = HandedIn(stored=len(filled), blank=batch.sheets - len(filled))
    detail = {"stored": done.stored, "blank": done.blank, "twice": batch.twice}
    _audit(session, campaign, row, batch, "paper.hand_in", now, person_id, detail)
    return done


def discard(
    session: Session,
    boxes: Boxes,
    campaign: Campaign,
    batch_id: int,
    *,
    now: datetime,
    person_id: int,
    leads: bool = False,
) -> None:
    """Destroy a batch unread, with everything that was typed. leads: it may be somebody else's batch.

    Raises NotFound, BatchDone, NotYoursToDiscard.
    """
    queries.hold(session, campaign)
    batch = hold_batch(session, batch_of(session, campaign, batch_id))
    if batch.first_by != person_id and not leads:
        raise paper_errors.NotYoursToDiscard
    row = queries.collector(session, campaign.id, batch.collector_id)
    _end(session, boxes, batch, "discarded")
    _audit(session, campaign, row, batch, "paper.discard", now, person_id)


def settle(  # noqa: PLR0917  # what, where and what the paper says
    session: Session,
    boxes: Boxes,
    campaign: Campaign,
    batch_id: int,
    number: int,
    sheet: Sheet,
    *,
    language: str,
    now: datetime,
    person_id: int,
) -> None:
    """Replace both passes of a sheet by what a look at the paper says; the log says that it was done, never of which.

    Raises BatchDone, NotFound, KeyOfBatchGone.
    """
    batch = batch_of(session, campaign, batch_id)
    replace_both(session, boxes, batch, number, sheet, language=language)
    row = queries.collector(session, campaign.id, batch.collector_id)
    _audit(session, campaign, row, batch, "paper.settle", now, person_id)


def batch_of(session: Session, campaign: Campaign, batch_id: int) -> PaperBatch:
    """A batch of this campaign. Raises NotFound for any other."""
    found = session.scalars(
        select(PaperBatch)
        .join(Collector, Collector.id == PaperBatch.collector_id)
        .where(PaperBatch.id == batch_id, Collector.campaign_id == campaign.id)
    ).one_or_none()
    if found is None:
        raise NotFound(what=f"batch {batch_id}")
    return found


def waiting_batches(session: Session, campaign_id: int) -> int:
    """How many batches of a campaign are neither handed in nor discarded."""
    return (
        session.scalar(
            select(func.count())
            .select_from(PaperBatch)
            .join(Collector, Collector.id == PaperBatch.collector_id)
            .where(Collector.campaign_id == campaign_id, PaperBatch.state == "entering")
        )
        or 0
    )


def _end(session: Session, boxes: Boxes, batch: PaperBatch, state: str) -> None:
    session.execute(delete(PaperEntry).where(PaperEntry.batch_id == batch.id))
    batch.state, batch.last_entry = state, None
    session.flush()
    keys, collector_id, number = batch_keys(boxes.keys.directory), batch.collector_id, batch.id
    event.listen(session, "after_commit", partial(_destroy_key, keys, collector_id, number), once=True)


def _destroy_key(keys: KeyFiles, collector_id: int, number: int, _session: Session) -> None:
    keys.destroy(collector_id, {number})


def _door(session: Session, campaign: Campaign, collector_id: int) -> CollectorRow:
    row = queries.collector(session, campaign.id, collector_id)
    if row.tier == "T2":
        raise paper_errors.NoPaperHere(door=row.label)
    return row


def _check_register(session: Session, collector_id: int, sheets: int) -> None:
    so_far = register.paper_counts(session, [collector_id])[collector_id]
    waiting = session.scalar(
        select(func.coalesce(func.sum(PaperBatch.sheets), 0)).where(
            PaperBatch.collector_id == collector_id, PaperBatch.state == "entering"
        )
    )
    left = so_far.out - so_far.entered - int(waiting or 0)
    if sheets > left:
        raise PaperDoesNotAddUp(most=max(0, left), sheets=sheets)


def _audit(  # noqa: PLR0917  # an entry of the log says all of this
    session: Session,
    campaign: Campaign,
    row: CollectorRow,
    batch: PaperBatch,
    act: str,
    now: datetime,
    person_id: int | None,
    more: Mapping[str, object] | None = None,
) -> None:
    detail: dict[str, object] = {"batch": batch.id, "door": row.label, "collector": row.id, "sheets": batch.sheets}
    record(session, now, person_id, act, f"campaign:{campaign.code}", detail | dict(more or {}))


def batches(session: Session, collector_id: int) -> list[PaperBatch]:
    """The batches of a collector, oldest first."""
    query = select(PaperBatch).where(PaperBatch.collector_id == collector_id).order_by(PaperBatch.id)
    return list(session.scalars(query))

"""Counting unused cards after close, before a witness; or a lead evaluator's reason for not counting.

What must stay true: whoever counts is never the witness; nothing that was recorded is changed or removed, a later count
stands beside the earlier one; a count says nothing of used cards, which nobody is shown.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.accounts.operations.audit import record
from survey_app.campaigns.models import Campaign, CountWaiver, UnusedCount
from survey_app.campaigns.queries import campaigns as queries
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.errors import NotFound
from survey_app.fieldwork import rules

LONGEST_REASON = 500
_LONGEST = 200


def record_count(
    session: Session,
    campaign: Campaign,
    collector_id: int,
    unused: int,
    *,
    witness_office: str,
    remark: str,
    now: datetime,
    person_id: int,
) -> UnusedCount:
    """Write down how many unused cards of a door there are.

    witness_office: the office and its representative who watched and sign on paper; blank: somebody else with an
    account confirms it (`witness_count`). Raises NotFound, NotClosedYet, NothingToCount, MoreThanThereAre.
    """
    row = _closed_door(session, campaign, collector_id)
    if not row.cards.standing:
        raise rules.NothingToCount(door=row.label)
    if not 0 <= unused <= row.cards.standing:
        raise rules.MoreThanThereAre(most=row.cards.standing, unused=unused)
    office = witness_office.strip()[:_LONGEST] or None
    count = UnusedCount(
        collector_id=collector_id,
        cards=row.cards.standing,
        unused=unused,
        remark=remark.strip()[:_LONGEST],
        counted_by=person_id,
        counted_at=now,
        witness_office=office,
        witnessed_at=now if office else None,
    )
    session.add(count)
    session.flush()
    detail = {"count": count.id, "door": row.label, **_counted(row, count), "witness": office}
    record(session, now, person_id, "cards.count", f"campaign:{campaign.code}", detail)
    return count


def witness_count(session: Session, campaign: Campaign, count_id: int, *, now: datetime, person_id: int) -> None:
    """Confirm that one was there when somebody else counted.

    Raises NotFound, NotClosedYet, WitnessCounted, WitnessedBefore.
    """
    found = session.scalar(select(UnusedCount.collector_id).where(UnusedCount.id == count_id))
    if found is None:
        raise NotFound(what=f"count {count_id}")
    row = _closed_door(session, campaign, found)
    count = session.get_one(UnusedCount, count_id, populate_existing=True)
    if count.counted_by == person_id:
        raise rules.WitnessCounted
    if count.witnessed_at is not None:
        raise rules.WitnessedBefore
    count.witness_id, count.witnessed_at = person_id, now
    session.flush()
    detail = {"count": count.id, "door": row.label, **_counted(row, count)}
    record(session, now, person_id, "cards.witness", f"campaign:{campaign.code}", detail)


def waive_counts(session: Session, campaign: Campaign, reason: str, *, now: datetime, person_id: int) -> CountWaiver:
    """Let scores be computed without counts, for a reason that stands with them.

    Raises NotClosedYet, WaiverReasonNeeded.
    """
    queries.hold(session, campaign)
    _check_closed(campaign)
    if not reason.strip():
        raise rules.WaiverReasonNeeded
    waiver = CountWaiver(
        campaign_id=campaign.id, reason=reason.strip()[:LONGEST_REASON], recorded_by=person_id, recorded_at=now
    )
    session.add(waiver)
    session.flush()
    detail = {"waiver": waiver.id, "reason": waiver.reason}
    record(session, now, person_id, "cards.waive_counts", f"campaign:{campaign.code}", detail)
    return waiver


def _counted(row: CollectorRow, count: UnusedCount) -> dict[str, int]:
    """What the audit log keeps of a count. Nothing of a department: none unused would say that all of it answered."""
    return {} if row.department_code else {"cards": count.cards, "unused": count.unused}


def _closed_door(session: Session, campaign: Campaign, collector_id: int) -> CollectorRow:
    queries.hold(session, campaign)
    row = queries.collector(session, campaign.id, collector_id)
    _check_closed(campaign)
    return row


def _check_closed(campaign: Campaign) -> None:
    """Until then a card that lies here unused may still be used."""
    if campaign.state != "closed":
        raise rules.NotClosedYet(campaign=campaign.title)

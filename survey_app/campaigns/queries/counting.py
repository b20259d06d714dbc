"""Reading the counts of unused cards: which doors have one with a witness, which still need one, what was waived.

A count holds once a witness stands by it; of several the newest such one counts.
"""

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.admission import queries as admission
from survey_app.admission.rules import CardCounts
from survey_app.campaigns.models import Collector, CountWaiver, UnusedCount


def recorded(session: Session, collector_ids: Collection[int]) -> dict[int, list[UnusedCount]]:
    """Every count of these doors, newest first; doors without one are left out."""
    query = select(UnusedCount).where(UnusedCount.collector_id.in_(collector_ids)).order_by(UnusedCount.id.desc())
    found: dict[int, list[UnusedCount]] = {}
    for count in session.scalars(query):
        found.setdefault(count.collector_id, []).append(count)
    return found


def standing(session: Session, collector_ids: Collection[int]) -> dict[int, UnusedCount]:
    """The count that holds, by door."""
    return {
        door: holds
        for door, counts in recorded(session, collector_ids).items()
        if (holds := next((count for count in counts if count.witnessed_at is not None), None)) is not None
    }


def uncounted(cards: Mapping[int, CardCounts], counted: Collection[int]) -> list[int]:
    """Doors that have paper cards and no count that holds, in their own order."""
    return [door for door, found in cards.items() if found.standing and door not in counted]


def uncounted_doors(session: Session, campaign_id: int) -> list[int]:
    """The same for a whole campaign."""
    doors = session.scalars(select(Collector.id).where(Collector.campaign_id == campaign_id).order_by(Collector.id))
    ids = list(doors)
    return uncounted(admission.counts(session, ids), standing(session, ids))


def waivers(session: Session, campaign_id: int) -> list[CountWaiver]:
    """Why a lead evaluator let scores be computed without counts, newest first."""
    query = select(CountWaiver).where(CountWaiver.campaign_id == campaign_id).order_by(CountWaiver.id.desc())
    return list(session.scalars(query))

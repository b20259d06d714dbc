"""How a running campaign stands: cards and returns for each kind of door, the register of one door.

Returns are stored sittings, never used codes, and are shown through `rules.shown` only. Related departments appear as
one sum: nothing is ever shown by department.
"""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.admission import queries as admission
from survey_app.admission.models import CardBatch, CardMovement
from survey_app.admission.rules import CardCounts
from survey_app.campaigns import rules as campaign_rules
from survey_app.campaigns.models import Campaign, Collector
from survey_app.campaigns.queries import campaigns as queries
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.fieldwork.models import SpareRequest
from survey_app.fieldwork.rules import Shown, shown
from survey_app.responses.models import Response


@dataclass(frozen=True)
class ProgressRow:
    """One unit × audience × stratum, or (unit empty) all related departments together."""

    unit_code: str | None
    unit_name: str | None
    audience: str
    stratum: str | None
    people: int | None
    answers_needed: int | None
    tiers: tuple[str, ...]
    cards: CardCounts
    returned: Shown
    still_needed: int | None


@dataclass(frozen=True)
class BatchRow:
    """One batch of cards with its sums and the entries of the register."""

    id: int
    state: str
    cards: CardCounts
    movements: tuple[CardMovement, ...]
    requests: tuple[SpareRequest, ...]


def progress(session: Session, campaign: Campaign) -> list[ProgressRow]:
    """Cards and returns of a campaign, units in the office's order, departments last."""
    min_cell = queries.plan_of(session, campaign).disclosure.min_cell
    sittings = _sittings(session, campaign.id)
    needs = {
        (need.unit, need.audience, need.stratum): need for need in campaign_rules.needs(queries.setup_of(campaign))
    }
    groups: dict[tuple[str | None, str, str | None], list[CollectorRow]] = {}
    for row in queries.collectors(session, campaign.id):
        key = (None, row.audience, None) if row.department_code else (row.unit_code, row.audience, row.stratum)
        groups.setdefault(key, []).append(row)
    found = []
    for (unit_code, audience, stratum), rows in groups.items():
        need = next((need for key, need in needs.items() if key == (unit_code, audience, stratum)), None)
        returned = sum(sittings.get(row.id, 0) for row in rows)
        people = _people(rows)
        as_shown = shown(returned, people, min_cell)
        exact = need is not None and as_shown.kind == "number"
        found.append(
            ProgressRow(
                unit_code,
                rows[0].unit_name,
                audience,
                stratum,
                people,
                need.answers if need else None,
                tuple(sorted({row.tier for row in rows})),
                sum((row.cards for row in rows), CardCounts()),
                as_shown,
                max(0, need.answers - returned) if need and exact else None,
            )
        )
    return found


def batches(session: Session, collector_id: int) -> list[BatchRow]:
    """The batches of one door, oldest first."""
    made = admission.batches(session, [collector_id])
    ids = [batch.id for batch in made]
    counts = admission.batch_counts(session, ids)
    moved = admission.movements(session, ids)
    asked = session.scalars(select(SpareRequest).where(SpareRequest.batch_id.in_(ids)).order_by(SpareRequest.id)).all()
    return [
        BatchRow(
            batch.id,
            batch.state,
            counts[batch.id],
            tuple(entry for entry in moved if entry.batch_id == batch.id),
            tuple(request for request in asked if request.batch_id == batch.id),
        )
        for batch in made
    ]


def collector_of_batch(session: Session, campaign_id: int, batch_id: int) -> int | None:
    """The door of a batch of this campaign; None for any other batch."""
    return session.scalar(
        select(CardBatch.collector_id)
        .join(Collector, Collector.id == CardBatch.collector_id)
        .where(CardBatch.id == batch_id, Collector.campaign_id == campaign_id)
    )


def _people(rows: list[CollectorRow]) -> int | None:
    """The people behind doors that lead to the same place; doors of two questionnaires share their people."""
    if any(row.headcount == 0 for row in rows):
        return None
    if rows[0].department_code:
        return sum(row.headcount for row in rows)
    return max(row.headcount for row in rows)


def _sittings(session: Session, campaign_id: int) -> dict[int, int]:
    query = (
        select(Response.collector_id, func.count(func.distinct(Response.sitting)))
        .join(Collector, Collector.id == Response.collector_id)
        .where(Collector.campaign_id == campaign_id, Response.pilot.is_(False))
        .group_by(Response.collector_id)
    )
    return {collector_id: sittings for collector_id, sittings in session.execute(query)}  # noqa: C416  # rows are tuples

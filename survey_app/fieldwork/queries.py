"""How a running campaign stands: cards and returns for each kind of door, the register of one door.

Returns are stored sittings, never used codes, and are shown through `rules.shown` only. Related departments appear as
one sum: nothing is ever shown by department.
"""

import json
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.admission import queries as admission
from survey_app.admission.models import CardBatch, CardMovement
from survey_app.admission.rules import CardCounts
from survey_app.campaigns import rules as campaign_rules
from survey_app.campaigns.models import Campaign, Collector, UnusedCount
from survey_app.campaigns.queries import campaigns as queries
from survey_app.campaigns.queries import counting
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.errors import NotFound
from survey_app.fieldwork.models import SpareRequest
from survey_app.fieldwork.rules import Shown, least_behind, shown
from survey_app.responses.models import Response
from survey_app.scores.queries import snapshots


@dataclass(frozen=True)
class ProgressRow:
    """One unit × audience × stratum, or (unit empty) all related departments together.

    still_needed: at most; None where no number was worked out.
    """

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
                # From what is shown, so that it says no more than that.
                max(0, need.answers - least_behind(as_shown, min_cell)) if need else None,
            )
        )
    return found


@dataclass(frozen=True)
class AccountRow:
    """One unit × audience, or (unit empty) all related departments: where its cards went, what came back.

    counted: whether every door with cards has a count that holds, None where there are no cards. unused: as counted, in
    steps; None while a door is not counted, and always for departments. returned: None where a part of it is too small
    to be added up. valid: of the newest snapshot, None where that shows no exact number.

    Printed − unused − valid would tell how many people were left out, so unused is not exact. Acts of staff are: handed
    out − returned unused − valid is a bound only, as nobody knows how many people kept a card that they did not use.
    """

    unit_code: str | None
    unit_name: str | None
    audience: str
    cards: CardCounts
    counted: bool | None
    unused: Shown | None
    returned: Shown | None
    valid: int | None


def accounts_of(session: Session, campaign: Campaign) -> list[AccountRow]:
    """Printed, activated, handed out, returned unused, answered and valid, side by side."""
    min_cell = queries.plan_of(session, campaign).disclosure.min_cell
    rows = queries.collectors(session, campaign.id)
    counts = counting.standing(session, [row.id for row in rows])
    sittings, valid = _sittings(session, campaign.id), _valid(session, campaign)
    small = {(row.unit_code, row.audience) for row in progress(session, campaign) if row.returned.kind == "fewer"}
    groups: dict[tuple[str | None, str], list[CollectorRow]] = {}
    for row in rows:
        groups.setdefault((row.unit_code, row.audience), []).append(row)
    found = []
    for (unit_code, audience), members in groups.items():
        alone = len({row.stratum for row in members}) == 1 or unit_code is None
        # A sum beside all but one of its parts would be that part.
        summed = alone or (unit_code, audience) not in small
        came = sum(sittings.get(row.id, 0) for row in members)
        returned = shown(came, _people(members) if alone else None, min_cell) if summed else None
        with_cards = [row for row in members if row.cards.standing]
        counted = all(row.id in counts for row in with_cards) if with_cards else None
        unused = None
        if counted and unit_code is not None:
            left, there = (sum(getattr(counts[row.id], name) for row in with_cards) for name in ("unused", "cards"))
            unused = shown(left, there, min_cell)
        found.append(
            AccountRow(
                unit_code,
                members[0].unit_name,
                audience,
                sum((row.cards for row in members), CardCounts()),
                counted,
                unused,
                returned,
                valid.get((unit_code or "", audience)),
            )
        )
    return found


def _valid(session: Session, campaign: Campaign) -> dict[tuple[str, str], int]:
    """Valid responses of each unit and audience where the newest snapshot shows one exact number for them."""
    rows = snapshots.rows(session, campaign.id)
    if not rows:
        return {}
    found: dict[tuple[str, str], set[int | None]] = {}
    for score in json.loads(snapshots.stored(session, campaign.id, rows[0].number).report)["scores"]:
        if score["audience"] != "related_department":
            found.setdefault((score["unit"], score["audience"]), set()).add(score["n_valid"])
    return {key: max(n for n in numbers if n is not None) for key, numbers in found.items() if numbers - {None}}


def stored_at_least(session: Session, campaign: Campaign, collector_id: int) -> int:
    """Stored sittings of one door, rounded down to a step; 0 below the first one."""
    least = queries.plan_of(session, campaign).disclosure.min_cell
    stored = _sittings(session, campaign.id).get(collector_id, 0)
    return stored - stored % least


@dataclass(frozen=True)
class Movement:
    """One entry of the register with its door, the entry that it takes back, and whether it was taken back itself."""

    entry: CardMovement
    door: CollectorRow
    corrected: bool


def movement(session: Session, campaign_id: int, entry_id: int) -> Movement:
    """One entry of the register of this campaign. Raises NotFound."""
    entry = session.get(CardMovement, entry_id)
    door = None if entry is None else collector_of_batch(session, campaign_id, entry.batch_id)
    if entry is None or door is None:
        raise NotFound(what=f"entry {entry_id}")
    corrected = session.scalar(select(CardMovement.id).where(CardMovement.corrects_id == entry_id)) is not None
    return Movement(entry, queries.collector(session, campaign_id, door), corrected)


def door_of_count(session: Session, campaign_id: int, count_id: int) -> int:
    """The door of a count of this campaign. Raises NotFound."""
    found = session.scalar(
        select(UnusedCount.collector_id)
        .join(Collector, Collector.id == UnusedCount.collector_id)
        .where(UnusedCount.id == count_id, Collector.campaign_id == campaign_id)
    )
    if found is None:
        raise NotFound(what=f"count {count_id}")
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
    # Of a named list those on it, not all who might have been.
    return max(row.listed.invited if row.tier == "T2" and row.listed else row.headcount for row in rows)


def _sittings(session: Session, campaign_id: int) -> dict[int, int]:
    query = (
        select(Response.collector_id, func.count(func.distinct(Response.sitting)))
        .join(Collector, Collector.id == Response.collector_id)
        .where(Collector.campaign_id == campaign_id, Response.pilot.is_(False))
        .group_by(Response.collector_id)
    )
    return {collector_id: sittings for collector_id, sittings in session.execute(query)}  # noqa: C416  # rows are tuples

"""What the trust page reads: the live schema, published keys, and counts that say nothing of any one person.

What must stay true: no count tells of one person. Cards made, activated or handed out are acts of staff; sittings are
counted once stored, which happens by whole boxes, and are rounded down to steps; used cards are counted after the
close only, in steps too, because beside the published numbers an exact count would tell that one person was left out;
sums of named lists move in steps until their list is destroyed. Nothing is counted by department.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, inspect, select, text
from sqlalchemy.orm import Session, joinedload

from survey_app.admission import queries as admission
from survey_app.admission.rules import CardCounts
from survey_app.campaigns.models import BoxGroup, Campaign, Collector
from survey_app.campaigns.queries import counting
from survey_app.invitations import queries as invitations
from survey_app.invitations.queries import PublishedList
from survey_app.invitations.rules.lists import STEP, ListCounts
from survey_app.responses.models import Box, Response

_TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
    "postgresql": "SELECT DISTINCT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname",
}


@dataclass(frozen=True)
class Schema:
    """The database as it describes itself: columns by table, in their order, and what it does on its own."""

    tables: Mapping[str, tuple[str, ...]]
    triggers: tuple[str, ...]


@dataclass(frozen=True)
class WayIn:
    """One tier of a campaign with its sums. used: None while a card may still be used."""

    tier: str
    doors: int
    cards: CardCounts
    used: int | None
    stored: int


@dataclass(frozen=True)
class DoorKey:
    """The key of one named list. counts: None where they would be those of one department."""

    published: PublishedList
    place: str
    audience: str
    stratum: str | None
    counts: ListCounts | None


@dataclass(frozen=True)
class Standing:
    """A campaign that has opened, as anybody may see it."""

    campaign: Campaign
    ways: tuple[WayIn, ...]
    keys: tuple[DoorKey, ...]
    lists_fit: bool
    destroyed_groups: int
    lost_boxes: int
    doors_to_count: int
    doors_counted: int
    min_cell: int
    box_size: int


def schema(session: Session) -> Schema:
    """Read from the connected database at this moment, never from what the program thinks it has."""
    inspector = inspect(session.connection())
    columns = inspector.get_multi_columns()
    return Schema(
        {table: tuple(column["name"] for column in found) for (_schema, table), found in sorted(columns.items())},
        tuple(session.scalars(text(_TRIGGERS[session.get_bind().dialect.name]))),
    )


def campaign(session: Session, code: str) -> Campaign | None:
    """The campaign with this code, once it has opened."""
    return session.scalars(select(Campaign).where(Campaign.code == code, Campaign.state != "draft")).one_or_none()


def standing(session: Session, found: Campaign) -> Standing:
    """How it stands: keys and counts."""
    doors = session.scalars(
        select(Collector)
        .where(Collector.campaign_id == found.id)
        .options(joinedload(Collector.unit), joinedload(Collector.department))
        .order_by(Collector.id)
    ).all()
    ids = [door.id for door in doors]
    sizes = session.execute(
        select(func.min(BoxGroup.min_cell), func.min(BoxGroup.box_size)).where(BoxGroup.campaign_id == found.id)
    ).one()
    boxes = _boxes(session, found.id)
    cards = admission.counts(session, ids)
    with_cards = {door for door, counts in cards.items() if counts.standing}
    return Standing(
        campaign=found,
        ways=_ways(session, found, doors, cards),
        keys=door_keys(session, doors),
        lists_fit=not invitations.discrepant(session, ids),
        destroyed_groups=len({group for group, state in boxes if state == "destroyed"}),
        lost_boxes=sum(state == "lost" for _group, state in boxes),
        doors_to_count=len(with_cards),
        doors_counted=len(with_cards & counting.standing(session, ids).keys()),
        min_cell=sizes[0],
        box_size=sizes[1],
    )


def keys_of(session: Session, found: Campaign) -> tuple[DoorKey, ...]:
    """The published keys of a campaign, door by door."""
    doors = session.scalars(select(Collector).where(Collector.campaign_id == found.id).order_by(Collector.id)).all()
    return door_keys(session, doors)


def door_keys(session: Session, doors: Sequence[Collector]) -> tuple[DoorKey, ...]:
    """Those of these doors that have a key."""
    by_id = {door.id: door for door in doors}
    return tuple(
        DoorKey(
            published=one,
            place=_place(by_id[one.collector_id]),
            audience=by_id[one.collector_id].audience,
            stratum=by_id[one.collector_id].stratum,
            counts=None if by_id[one.collector_id].department_id else one.counts,
        )
        for one in invitations.published(session, list(by_id))
    )


def in_steps(count: int) -> int:
    """Rounded down, so that no single person moves it."""
    return count // STEP * STEP


def _place(door: Collector) -> str:
    owner = door.unit or door.department
    return owner.name if owner else ""


def _ways(
    session: Session, found: Campaign, doors: Collection[Collector], cards: Mapping[int, CardCounts]
) -> tuple[WayIn, ...]:
    rows = session.execute(
        select(Collector.tier, func.count(func.distinct(Response.sitting)))
        .join(Collector, Collector.id == Response.collector_id)
        .where(Collector.campaign_id == found.id, Response.pilot.is_(False))
        .group_by(Collector.tier)
    )
    stored = {tier: count for tier, count in rows}  # noqa: C416  # rows are not pairs to a type checker
    ways = []
    for tier in sorted({door.tier for door in doors}):
        members = [door.id for door in doors if door.tier == tier]
        counts = sum((cards[door] for door in members), CardCounts())
        used = in_steps(counts.used) if found.state == "closed" else None
        ways.append(WayIn(tier, len(members), counts, used, in_steps(stored.get(tier, 0))))
    return tuple(ways)


def _boxes(session: Session, campaign_id: int) -> list[tuple[int, str]]:
    """(group, state) of every box that came to a bad end."""
    query = (
        select(Box.box_group_id, Box.state)
        .join(BoxGroup, BoxGroup.id == Box.box_group_id)
        .where(BoxGroup.campaign_id == campaign_id, Box.state.in_(("destroyed", "lost")))
    )
    return [(group, state) for group, state in session.execute(query)]

"""A collector as the respondent path sees it: everything a start page says and a sitting needs, nothing about staff.

A Door is a frozen value: the respondent path may keep it for a while, but must ask again for states before it
promises anything; the transaction that stores an answer checks the states itself.
"""

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from survey_app.campaigns.models import CampaignQuestionnaire, Collector, DrawnOrders, Rating, Unit

Standing = Literal["open", "not_yet", "paused", "closed"]


@dataclass(frozen=True)
class RatedUnit:
    """One unit that answers at this door are about."""

    id: int
    code: str
    name: str


@dataclass(frozen=True)
class Door:
    """One collector (投放). `units` has one entry, or for a department all that it rates, in the office's order.

    drawn: places in `units`, in the eight orders that were fixed at opening; empty where a door has one unit.
    """

    collector_id: int
    campaign_id: int
    campaign_code: str
    campaign_title: str
    office: str
    agency_name: str
    opens: date
    closes: date
    timezone: str
    retention: str
    contact: str
    demo: bool
    audience: str
    tier: str
    questionnaire: str
    questionnaire_hash: str | None
    units: tuple[RatedUnit, ...]
    department_name: str | None
    box_group_id: int
    padded_size: int
    campaign_state: str
    collector_state: str
    # A door is a key of pages kept ready; its units tell it from another well enough.
    drawn: tuple[tuple[int, ...], ...] = field(default=(), hash=False)
    quota: int | None = None


def door(session: Session, collector_id: int) -> Door | None:
    """The door of a collector; None where there is none."""
    return _door(session, Collector.id == collector_id)


def door_by_open_code(session: Session, code: str) -> Door | None:
    """The door of an open link, by its normalised code; None where no open link has it."""
    return _door(session, Collector.open_code == code)


def standing(door: Door, today: date) -> Standing:
    """What somebody who comes today finds; `today` in the campaign's own time zone. Both end days are included."""
    states = {door.campaign_state, door.collector_state}
    if "closed" in states or today > door.closes:
        return "closed"
    if "draft" in states or "planned" in states or today < door.opens:
        return "not_yet"
    return "paused" if "paused" in states else "open"


def _door(session: Session, condition: object) -> Door | None:
    collector = session.scalars(
        select(Collector)
        .where(condition)  # type: ignore[arg-type]
        .options(
            joinedload(Collector.campaign),
            joinedload(Collector.unit),
            joinedload(Collector.department),
            joinedload(Collector.box_group),
        )
    ).one_or_none()
    if collector is None:
        return None
    campaign = collector.campaign
    questionnaire_hash = session.scalar(
        select(CampaignQuestionnaire.hash).where(
            CampaignQuestionnaire.campaign_id == campaign.id, CampaignQuestionnaire.name == collector.questionnaire
        )
    )
    units = _rated_units(session, collector)
    return Door(
        collector_id=collector.id,
        campaign_id=campaign.id,
        campaign_code=campaign.code,
        campaign_title=campaign.title,
        office=campaign.office,
        agency_name=campaign.agency_name,
        opens=campaign.opens,
        closes=campaign.closes,
        timezone=campaign.timezone,
        retention=campaign.retention,
        contact=campaign.contact,
        demo=campaign.demo,
        audience=collector.audience,
        tier=collector.tier,
        questionnaire=collector.questionnaire,
        questionnaire_hash=questionnaire_hash,
        units=units,
        department_name=collector.department.name if collector.department else None,
        box_group_id=collector.box_group_id,
        padded_size=collector.box_group.padded_size,
        campaign_state=campaign.state,
        collector_state=collector.state,
        drawn=_drawn(session, collector, units),
        quota=collector.quota,
    )


def _rated_units(session: Session, collector: Collector) -> tuple[RatedUnit, ...]:
    if collector.unit is not None:
        return (RatedUnit(collector.unit.id, collector.unit.code, collector.unit.name),)
    rated = session.scalars(
        select(Unit)
        .join(Rating, Rating.unit_id == Unit.id)
        .where(Rating.department_id == collector.department_id)
        .order_by(Unit.position)
    )
    return tuple(RatedUnit(unit.id, unit.code, unit.name) for unit in rated)


def _drawn(session: Session, collector: Collector, units: tuple[RatedUnit, ...]) -> tuple[tuple[int, ...], ...]:
    if collector.department_id is None:
        return ()
    orders = session.scalar(select(DrawnOrders.orders).where(DrawnOrders.collector_id == collector.id))
    if orders is None:
        return ()
    places = {unit.id: place for place, unit in enumerate(units)}
    return tuple(tuple(places[unit] for unit in order) for order in json.loads(orders))

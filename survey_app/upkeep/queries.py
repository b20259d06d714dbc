"""Sums over box groups that a backup is judged by, and what waits in boxes."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.campaigns.models import BoxGroup, Campaign, Collector
from survey_app.responses.models import Box, Parked, Response
from survey_app.upkeep.models import BackupMark
from survey_app.upkeep.rules.backups import GroupCount


def flushed(session: Session) -> dict[int, int]:
    """Distinct sittings that left their box, by box group; never responses, of which one person sends several."""
    found = session.execute(
        select(Collector.box_group_id, func.count(func.distinct(Response.sitting)))
        .join(Collector, Collector.id == Response.collector_id)
        .group_by(Collector.box_group_id)
    )
    return {group: count for group, count in found}  # noqa: C416  # rows are not pairs to a type checker


def group_counts(session: Session) -> dict[int, GroupCount]:
    """Now and at the last backup, for every box group."""
    now = flushed(session)
    rows = session.execute(
        select(BoxGroup.id, Campaign.code, BoxGroup.name, BoxGroup.min_cell, func.coalesce(BackupMark.sittings, 0))
        .join(Campaign, Campaign.id == BoxGroup.campaign_id)
        .outerjoin(BackupMark, BackupMark.box_group_id == BoxGroup.id)
        .order_by(BoxGroup.id)
    )
    return {
        group: GroupCount(campaign, name, min_cell, now.get(group, 0), before)
        for group, campaign, name, min_cell, before in rows
    }


def waiting(session: Session) -> dict[str, int]:
    """Parked sittings by campaign code."""
    found = session.execute(
        select(Campaign.code, func.count(Parked.id))
        .join(BoxGroup, BoxGroup.id == Parked.box_group_id)
        .join(Campaign, Campaign.id == BoxGroup.campaign_id)
        .group_by(Campaign.code)
        .order_by(Campaign.code)
    )
    return {code: count for code, count in found}  # noqa: C416  # rows are not pairs to a type checker


def full_boxes(session: Session) -> list[tuple[int, int, str]]:
    """(group, number, campaign code) of every box that waits and takes no more sittings."""
    found = session.execute(
        select(Box.box_group_id, Box.number, Campaign.code)
        .join(Parked, (Parked.box_group_id == Box.box_group_id) & (Parked.box_number == Box.number))
        .join(BoxGroup, BoxGroup.id == Box.box_group_id)
        .join(Campaign, Campaign.id == BoxGroup.campaign_id)
        .where(Box.state.in_(("open", "full")))
        .group_by(Box.box_group_id, Box.number, Campaign.code, BoxGroup.box_size)
        .having(func.count(Parked.id) >= BoxGroup.box_size)
        .order_by(Box.box_group_id, Box.number)
    )
    return [(group, number, code) for group, number, code in found]

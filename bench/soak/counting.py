"""Afterwards: every acknowledged sitting must be in the database once."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

import orjson
from sqlalchemy import func, select

from bench.campaign import Doors
from bench.soak.sending import number_of
from survey_app.admission.models import AccessCode
from survey_app.app import storage
from survey_app.campaigns.models import Collector
from survey_app.config import Config
from survey_app.db import Database
from survey_app.responses.models import Response


@dataclass(frozen=True)
class Counted:
    """What became of the sittings of one door."""

    acknowledged: int
    lost: int
    doubled: int
    unannounced: int
    stored: int
    spent: int
    unreadable: int

    def __str__(self) -> str:
        return (
            f"{self.acknowledged} acknowledged, {self.lost} lost, {self.doubled} doubled,"
            f" {self.unannounced} stored without being acknowledged, {self.spent} codes spent"
        )

    def check(self) -> None:
        """Raises SystemExit where one was lost, doubled, or stored without spending its code."""
        if self.lost or self.doubled or self.unannounced or self.unreadable or self.stored != self.spent:
            raise SystemExit(f"MISSED: {self}, {self.stored} stored, {self.unreadable} unreadable")


def count(environment: dict[str, str], doors: Doors, acknowledged: Collection[int]) -> Counted:
    """Empty the boxes of the card collector as at close and look for each sitting. No server may be running."""
    config = Config.from_environment(environment)
    database = Database(config.database_url)
    boxes, writer = storage(config, database)
    unreadable = writer.exclusively(boxes.reconcile)
    with database.reading() as session:
        group = session.scalars(select(Collector.box_group_id).where(Collector.id == doors.t1)).one()
    writer.exclusively(lambda session: boxes.close(session, group))
    with database.reading() as session:
        rows = session.scalars(select(Response.answers).where(Response.collector_id == doors.t1))
        found = Counter(number_of(orjson.loads(answers)) for answers in rows)
        spent = session.scalar(select(func.count()).where(AccessCode.used.is_(True))) or 0
    database.engine.dispose()
    wanted = set(acknowledged)
    return Counted(
        acknowledged=len(wanted),
        lost=len(wanted - found.keys()),
        doubled=sum(times - 1 for times in found.values()),
        unannounced=len(found.keys() - wanted),
        stored=found.total(),
        spent=spent,
        unreadable=unreadable,
    )

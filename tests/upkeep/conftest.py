"""An installation with a campaign, and what an operator does to it."""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, update

from survey_app.app import storage
from survey_app.campaigns.models import Campaign
from survey_app.config import Config
from survey_app.db import Database
from survey_app.responses.boxes import Boxes
from survey_app.responses.models import Parked, Response
from survey_app.upkeep.operations.backup import Backup, back_up
from survey_app.upkeep.operations.recovery import PublicHalf
from survey_app.web.writer import AnyWriter
from tests.factories.campaign import NOON
from tests.factories.doors import TestDoor, open_door, sitting


@dataclass
class Installed:
    """A database with one open door, and the writer of a running server."""

    config: Config
    database: Database
    boxes: Boxes
    writer: AnyWriter
    door: TestDoor
    sent: int = 0
    folder: Path = field(default_factory=Path)

    def send(self, count: int) -> None:
        """So many people answer, one after the other."""
        for number in range(self.sent, self.sent + count):
            self.writer.submit(sitting(self.door, number, answer=f"canary {number}"))
        self.sent += count

    def store(self, count: int, collector: int | None = None) -> None:
        """So many sittings that left their box, two responses each."""
        rows = []
        for _ in range(count):
            own = secrets.token_bytes(16)
            rows += [self._row(collector or self.door.collector, own) for _ in range(2)]
        with self.database.writing() as session:
            if rows:
                session.execute(insert(Response), rows)
            session.commit()

    def back_up(self, name: str = "a.backup", recovery: PublicHalf | None = None) -> Backup:
        """What `pingyi backup` does."""
        return back_up(
            self.database, self.writer.exclusively, self.boxes.keys, self.folder / name, now=NOON, recovery=recovery
        )

    def count(self, table: type) -> int:
        """Rows of a table."""
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    def parked(self) -> list[bytes]:
        """What waits in boxes, sealed."""
        with self.database.reading() as session:
            return list(session.scalars(select(Parked.ciphertext)))

    def close_door(self) -> None:
        """Let no answers in, without emptying anything."""
        with self.database.writing() as session:
            session.execute(update(Campaign).values(state="paused"))
            session.commit()

    def _row(self, collector: int, sitting_id: bytes) -> dict[str, object]:
        return {
            "id": secrets.token_bytes(16),
            "collector_id": collector,
            "answers": "{}",
            "mode": "web",
            "language": "zh",
            "pilot": False,
            "questionnaire_hash": "q" * 64,
            "order_number": 0,
            "flip": False,
            "sitting": sitting_id,
        }


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Callable[[Config], Installed]]:
    made = []

    def build(config: Config) -> Installed:
        database = Database(config.database_url)
        with database.writing() as session:
            door = open_door(session, codes=80)
        boxes, writer = storage(config, database)
        folder = tmp_path / "backups"
        folder.mkdir()
        made.append(database)
        return Installed(config, database, boxes, writer, door, folder=folder)

    yield build
    for database in made:
        database.engine.dispose()


@pytest.fixture
def installed(each_config: Config, install: Callable[[Config], Installed]) -> Installed:
    """On SQLite, then on PostgreSQL."""
    return install(each_config)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

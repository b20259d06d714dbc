"""Restoring: the same installation in an empty place, on either database; what did not travel is lost and said so."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import delete, func, select, text
from sqlalchemy.engine import Connection

from survey_app.accounts.models import Agency, AuditEntry, Person
from survey_app.accounts.operations.audit import ORIGIN, verify
from survey_app.app import storage
from survey_app.campaigns.models import Campaign, Collector
from survey_app.cli.database import alembic_config
from survey_app.config import Config
from survey_app.db import Base, Database, newest_revision
from survey_app.responses.models import Box, Parked, Response
from survey_app.upkeep.operations import recovery
from survey_app.upkeep.operations.archive import RECOVERY, ArchiveReader, ArchiveWriter, Manifest, Part, line
from survey_app.upkeep.operations.restore import Restored, restore
from survey_app.upkeep.rules.backups import (
    LEFT_OUT,
    BackupNotSound,
    NewerBackup,
    NotEmpty,
    NothingToRecover,
    TooFewSinceLastBackup,
    WrongRecoveryKey,
    about,
)
from tests.factories.accounts import add_person
from tests.factories.campaign import NOON
from tests.upkeep.conftest import Installed


def upgrade(connection: Connection, revision: str) -> None:
    settings = alembic_config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, revision)


@dataclass
class Place:
    """Where nothing is yet."""

    config: Config
    database: Database

    def restore(self, path: Path, sha256: str | None = None) -> Restored:
        return restore(
            self.database,
            self.config.key_directory,
            path,
            upgrade,
            newest_revision(),
            now=NOON,
            sha256=sha256,
        )


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Another host with SQLite: no tables, no keys."""
    config = elsewhere(tmp_path)
    database = Database(config.database_url)
    yield Place(config, database)
    database.engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def each_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """The same, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("place")
        return
    cluster = request.getfixturevalue("postgres")
    config = replace(elsewhere(tmp_path), database_url=cluster.fresh())
    database = Database(config.database_url)
    with database.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    yield Place(config, database)
    database.engine.dispose()
    cluster.drop(config.database_url)


@pytest.fixture
def on_sqlite(config: Config, install: Callable[[Config], Installed]) -> Installed:
    return install(config)


def elsewhere(tmp_path: Path) -> Config:
    return Config.from_environment({"PINGYI_HOME": str(tmp_path / "other"), "PINGYI_SECRET_KEY": "k" * 32})


def contents(database: Database) -> dict[str, list[str]]:
    """Every row that travels, but what restoring itself changes or adds."""
    apart = LEFT_OUT | {"audit_entry", "box", "campaign"}
    with database.engine.connect() as connection:
        return {
            # Moments come with a zone of another class from each database.
            table.name: sorted(str([str(value) for value in row]) for row in connection.execute(select(table)))
            for table in Base.metadata.sorted_tables
            if table.name not in apart
        }


def test_restore__brings_back_everything__on_either_database(installed: Installed, each_place: Place) -> None:
    with installed.database.writing() as session:
        add_person(session, "anna")
        session.commit()
    installed.send(23)
    installed.store(30)
    made = installed.back_up()
    restored = each_place.restore(made.path, made.sha256.upper())
    assert contents(each_place.database) == contents(installed.database)
    assert restored.check.ok
    assert restored.paused == ("c1",)
    with each_place.database.reading() as session:
        assert session.scalars(select(Campaign.state)).all() == ["paused"]
        assert set(session.scalars(select(Box.state))) == {"flushed", "lost"}
        assert session.scalar(select(func.count()).select_from(Parked)) == 0
        entries = session.scalars(select(AuditEntry.action).order_by(AuditEntry.number)).all()
        assert entries[-1] == "backup.restore"
        assert verify(session).ok


def test_restored_place__numbers_new_rows_after_the_old_and_goes_on_collecting(
    on_sqlite: Installed, each_place: Place
) -> None:
    with on_sqlite.database.writing() as session:
        for login in ("anna", "bert", "cora"):
            add_person(session, login)
        session.commit()
    on_sqlite.send(17)
    each_place.restore(on_sqlite.back_up().path)
    with each_place.database.writing() as session:
        add_person(session, "dora")
        session.execute(text("UPDATE campaign SET state = 'open'"))
        session.commit()
        assert sorted(session.scalars(select(Person.id))) == [1, 2, 3, 4]
    boxes, writer = storage(each_place.config, each_place.database)
    assert writer.exclusively(boxes.reconcile) == 0
    there = Installed(each_place.config, each_place.database, boxes, writer, on_sqlite.door, sent=17)
    there.send(20)
    assert there.count(Response) == 10 + 10
    with each_place.database.reading() as session:
        assert session.scalars(select(Collector.state)).all() == ["open"]


def test_restored_place__is_what_the_next_backup_is_compared_with(on_sqlite: Installed, place: Place) -> None:
    on_sqlite.store(30)
    place.restore(on_sqlite.back_up().path)
    boxes, writer = storage(place.config, place.database)
    there = Installed(place.config, place.database, boxes, writer, on_sqlite.door, folder=on_sqlite.folder)
    there.back_up("same.backup")
    there.store(2)
    with pytest.raises(TooFewSinceLastBackup):
        there.back_up("more.backup")


def test_restore__over_anything__is_refused_and_changes_nothing(on_sqlite: Installed) -> None:
    on_sqlite.store(6)
    made = on_sqlite.back_up()
    before = contents(on_sqlite.database)
    with pytest.raises(NotEmpty):
        Place(on_sqlite.config, on_sqlite.database).restore(made.path)
    assert contents(on_sqlite.database) == before


def test_restore__into_migrated_but_empty_tables__works(on_sqlite: Installed, place: Place) -> None:
    with place.database.engine.begin() as connection:
        upgrade(connection, newest_revision())
    on_sqlite.store(6)
    place.restore(on_sqlite.back_up().path)
    assert contents(place.database) == contents(on_sqlite.database)


def test_restore__where_other_box_keys_lie__is_refused(on_sqlite: Installed, place: Place) -> None:
    made = on_sqlite.back_up()
    boxes, _ = storage(place.config, place.database)
    boxes.keys.create(1, 1)
    with pytest.raises(NotEmpty, match=r"\.keys"):
        place.restore(made.path)


def test_restore__of_a_file_that_was_not_noted__is_refused(on_sqlite: Installed, place: Place) -> None:
    path = on_sqlite.back_up().path
    with pytest.raises(BackupNotSound):
        place.restore(path, "0" * 64)
    assert place.database.revision() is None


def test_restore__of_a_later_version__is_refused(on_sqlite: Installed, place: Place) -> None:
    path = on_sqlite.back_up().path
    with pytest.raises(NewerBackup):
        restore(place.database, place.config.key_directory, path, upgrade, "0004", now=NOON)


def test_restore__of_a_backup_made_under_an_earlier_schema__upgrades_it(each_place: Place, tmp_path: Path) -> None:
    path = tmp_path / "of-0002.backup"
    writer = ArchiveWriter(path)
    name, row = "00-agency.jsonl", line([7, "示例评估机构"])
    part = Part(name, writer.add(name, iter([row])), about(1), ("id", "name"))
    writer.close(Manifest("0.0.1", "0002", 0, ORIGIN, (part,)))
    writer.finish()
    each_place.restore(path)
    assert each_place.database.is_upgraded()
    with each_place.database.reading() as session:
        assert [(one.id, one.name) for one in session.scalars(select(Agency))] == [(7, "示例评估机构")]


def test_restore__with_a_broken_audit_log__brings_it_back_and_says_where(on_sqlite: Installed, place: Place) -> None:
    on_sqlite.back_up("a.backup")
    on_sqlite.back_up("b.backup")
    with on_sqlite.database.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER audit_entry_is_not_removed"))
        connection.execute(delete(AuditEntry).where(AuditEntry.number == 1))
    restored = place.restore(on_sqlite.back_up("c.backup").path)
    assert not restored.check.ok
    assert restored.check.first_bad == 1


def test_recovery_key__brings_back_full_boxes_and_those_only(installed: Installed, place: Place) -> None:
    private, public = installed.folder / "private.pem", installed.folder / "public.pem"
    recovery.make_key_pair(private, public)
    installed.send(13)
    made = installed.back_up(recovery=recovery.read_public(public))
    assert made.manifest.waiting == {"c1": "10–14"}
    assert made.manifest.recoverable == {"c1": "10–14"}
    place.restore(made.path)
    boxes, writer = storage(place.config, place.database)
    sealed = ArchiveReader(made.path).read(RECOVERY)
    found = recovery.unseal(sealed, recovery.read_private(private), private)
    put = writer.exclusively(lambda session: recovery.recover(session, boxes.keys, found, now=NOON))
    assert put == {"c1": 10}
    # The next start keeps them, and closing stores them like any other.
    assert writer.exclusively(boxes.reconcile) == 0
    closed = writer.exclusively(lambda session: boxes.close(session, installed.door.group))
    assert (closed.flushed, closed.lost) == (10, 0)
    with place.database.reading() as session:
        answers = set(session.scalars(select(Response.answers)))
    assert answers == {f'{{"item":"canary {number}"}}' for number in range(10)}
    with pytest.raises(NothingToRecover):
        writer.exclusively(lambda session: recovery.recover(session, boxes.keys, found, now=NOON))


def test_recovery_part__says_nothing_without_the_private_half(on_sqlite: Installed) -> None:
    private, public, other = (on_sqlite.folder / name for name in ("private.pem", "public.pem", "other.pem"))
    recovery.make_key_pair(private, public)
    recovery.make_key_pair(other, on_sqlite.folder / "other.pub")
    on_sqlite.send(13)
    made = on_sqlite.back_up(recovery=recovery.read_public(public))
    sealed = ArchiveReader(made.path).read(RECOVERY)
    for secret in (*on_sqlite.boxes.keys.of_group(on_sqlite.door.group).values(), *on_sqlite.parked()):
        assert secret[:24] not in sealed
    with pytest.raises(WrongRecoveryKey):
        recovery.unseal(sealed, recovery.read_private(other), other)
    assert len(recovery.unseal(sealed, recovery.read_private(private), private)[0].rows) == 10


def test_recovery_part__of_an_open_box__is_not_there(on_sqlite: Installed) -> None:
    private, public = on_sqlite.folder / "private.pem", on_sqlite.folder / "public.pem"
    recovery.make_key_pair(private, public)
    on_sqlite.send(9)
    made = on_sqlite.back_up(recovery=recovery.read_public(public))
    assert made.manifest.part(RECOVERY) is None
    assert made.manifest.recoverable == {}
    assert private.stat().st_mode & 0o077 == 0

"""Restoring a backup (恢复) into an empty place, in one transaction: the tables as they were, then later migrations.

What must stay true: nothing is mixed with what is there; boxes whose sittings did not travel are `lost`, never open;
campaigns that were open are paused, so that a person looks before answers come in; the audit log is followed from its
first entry to the one that the manifest names.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import MetaData, Table, func, insert, inspect, select, text, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from survey_app.accounts.operations.audit import AuditCheck, Head, record, verify
from survey_app.campaigns.models import BoxGroup, Campaign
from survey_app.db import Database
from survey_app.responses.models import Box
from survey_app.upkeep import queries
from survey_app.upkeep.models import BackupMark
from survey_app.upkeep.operations.archive import RECOVERY, ArchiveReader, Manifest, digest_of
from survey_app.upkeep.rules.backups import BackupNotSound, NewerBackup, NotEmpty

Upgrade = Callable[[Connection, str], None]

_ROWS_AT_A_TIME = 1000


@dataclass(frozen=True)
class Restored:
    """What came back. check: of the audit log; paused: campaigns that were open."""

    manifest: Manifest
    check: AuditCheck
    paused: tuple[str, ...]


def restore(
    database: Database,
    key_directory: Path,
    path: Path,
    upgrade: Upgrade,
    newest: str,
    *,
    now: datetime,
    sha256: str | None = None,
) -> Restored:
    """Bring the backup at `path` back. upgrade(connection, revision) applies migrations up to a revision.

    sha256: what was noted when it was made. Raises BackupNotSound, NotEmpty, NewerBackup; then nothing was changed.
    """
    archive = ArchiveReader(path)
    found = digest_of(path)
    if sha256 is not None and sha256.lower() != found:
        raise BackupNotSound(path=path, why_zh=f"SHA-256 为 {found}，与抄存的不同", why_en=f"its SHA-256 is {found}")
    manifest = archive.manifest
    if manifest.head > newest:
        raise NewerBackup(head=manifest.head, newest=newest)
    if any(any(file.read_bytes()) for file in key_directory.glob("*.keys")):
        raise NotEmpty(what=f"{key_directory}/*.keys")
    with database.writing() as session:
        connection = session.connection()
        _check_empty(connection, manifest.head)
        upgrade(connection, manifest.head)
        _fill(connection, archive)
        upgrade(connection, newest)
        paused = _settle(session)
        check = verify(session, Head(manifest.audit_number, manifest.audit_hash) if manifest.audit_number else None)
        detail = {"sha256": found, "head": manifest.head, "waiting": manifest.waiting, "paused": list(paused)}
        record(session, now, None, "backup.restore", "installation", detail)
        session.commit()
    return Restored(manifest, check, paused)


def _check_empty(connection: Connection, head: str) -> None:
    tables = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
    for name in tables:
        if connection.scalar(select(func.count()).select_from(Table(name, MetaData()))):
            raise NotEmpty(what=name)
    if tables and connection.scalar(text("SELECT version_num FROM alembic_version")) != head:
        raise NotEmpty(what="alembic_version")


def _fill(connection: Connection, archive: ArchiveReader) -> None:
    """Tables in the order of the file, which is that of their references, as the schema of that time describes them."""
    metadata = MetaData()
    metadata.reflect(connection)
    for part in archive.manifest.parts:
        if part.name == RECOVERY:
            continue
        table = metadata.tables[part.name.partition("-")[2].removesuffix(".jsonl")]
        batch = []
        for row in archive.rows(part):
            batch.append(row)
            if len(batch) == _ROWS_AT_A_TIME:
                connection.execute(insert(table), batch)
                batch = []
        if batch:
            connection.execute(insert(table), batch)
        _continue_numbers(connection, table)


def _continue_numbers(connection: Connection, table: Table) -> None:
    """Rows that come later are numbered after those that were brought in with their numbers."""
    if connection.dialect.name != "postgresql":
        return
    for column in table.primary_key.columns:
        sequence = connection.scalar(
            text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": f'"{table.name}"', "column": column.name}
        )
        if sequence:
            highest = connection.scalar(select(func.max(column)))
            if highest is not None:
                connection.execute(
                    text("SELECT setval(:sequence, :highest)"), {"sequence": sequence, "highest": highest}
                )


def _settle(session: Session) -> tuple[str, ...]:
    session.execute(update(Box).where(Box.state.in_(("open", "full"))).values(state="lost"))
    paused = tuple(session.scalars(select(Campaign.code).where(Campaign.state == "open").order_by(Campaign.code)))
    session.execute(update(Campaign).where(Campaign.state == "open").values(state="paused"))
    sums = queries.flushed(session)
    # The file is the last backup of what lives here now.
    groups = session.scalars(select(BoxGroup.id).order_by(BoxGroup.id))
    session.add_all(BackupMark(box_group_id=group, sittings=sums.get(group, 0)) for group in groups)
    session.flush()
    return paused

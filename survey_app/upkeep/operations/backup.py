"""Making a backup (备份): every table but those that must not travel, as it was at one moment, beside a running server.

What must stay true: box keys and parked sittings are in no backup (where a recovery key is set, full boxes are, sealed
to a key that is not on this host); two backups differ, in every box group, by no sitting or by at least `min_cell`;
what is counted as backed up never lags behind what a file holds.
"""

import importlib.metadata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Table, inspect, select, text
from sqlalchemy.orm import Session

from survey_app.accounts.models import AuditEntry
from survey_app.accounts.operations.audit import ORIGIN, record
from survey_app.campaigns.models import BoxGroup
from survey_app.db import Base, Database
from survey_app.responses.boxes import LOCK_SPACE
from survey_app.responses.keys import KeyFiles
from survey_app.upkeep import queries
from survey_app.upkeep.models import BackupMark
from survey_app.upkeep.operations.archive import RECOVERY, ArchiveReader, ArchiveWriter, Manifest, Part, line
from survey_app.upkeep.operations.recovery import PublicHalf, full_boxes, seal
from survey_app.upkeep.rules.backups import LEFT_OUT, BackupNotSound, BadBackupPlace, about, too_few

T = TypeVar("T")
Exclusively = Callable[[Callable[[Session], T]], T]

_ROWS_AT_A_TIME = 2000
_ONE_BACKUP = 0x50590010  # advisory lock on PostgreSQL: one backup at a time


@dataclass(frozen=True)
class Backup:
    """What was made. unknown: tables in the database that are not ours and are not in the file."""

    path: Path
    sha256: str
    manifest: Manifest
    unknown: tuple[str, ...]


def back_up(
    database: Database,
    exclusively: Exclusively[tuple["Backup", ArchiveWriter]],
    keys: KeyFiles,
    path: Path,
    *,
    now: datetime,
    recovery: PublicHalf | None = None,
) -> Backup:
    """Write a backup to `path` and note it. exclusively: the writer's, so that no box is emptied meanwhile.

    Raises TooFewSinceLastBackup, BadBackupPlace, BackupNotSound; then there is no file and nothing was noted.
    """
    _check_place(path, keys.directory)
    archive = ArchiveWriter(path)
    try:
        if database.is_sqlite:
            made, archive = exclusively(lambda session: (_all_in_one(session, archive, keys, recovery, now), archive))
        else:
            made = _beside_writers(database, archive, keys, recovery, now)
        # Named last: a crash before leaves a part of a file, and sums that are ahead of every file, never behind.
        archive.finish()
    except BaseException:
        archive.discard()
        raise
    return made


def _check_place(path: Path, key_directory: Path) -> None:
    if path.exists():
        raise BadBackupPlace(
            path=path, why_zh="已有同名文件，备份不覆盖任何文件", why_en="a file of this name is there"
        )
    if not path.parent.is_dir():
        raise BadBackupPlace(
            path=path, why_zh="文件夹不存在，请先建立", why_en="the folder does not exist; make it first"
        )
    if path.resolve().is_relative_to(key_directory.resolve()):
        raise BadBackupPlace(
            path=path, why_zh="密钥文件夹里不能放备份", why_en="backups and box keys must lie in different places"
        )


def _all_in_one(
    session: Session, archive: ArchiveWriter, keys: KeyFiles, recovery: PublicHalf | None, now: datetime
) -> Backup:
    """SQLite: the writer's own transaction is a snapshot, and holds every other writer off."""
    sealed = _sealed_boxes(session, keys, recovery)
    made = _write(session, archive, sealed)
    _note(session, queries.flushed(session), made, now)
    return made


def _beside_writers(
    database: Database, archive: ArchiveWriter, keys: KeyFiles, recovery: PublicHalf | None, now: datetime
) -> Backup:
    """PostgreSQL: a snapshot and the keys that belong to it are taken under every group's lock; writing needs none."""
    autocommit = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    repeatable = database.engine.execution_options(isolation_level="REPEATABLE READ")
    with autocommit.connect() as holder:
        holder.execute(text("SELECT pg_advisory_lock(:turn)"), {"turn": _ONE_BACKUP})
        try:
            with Session(repeatable) as session:
                groups = list(holder.scalars(select(BoxGroup.id).order_by(BoxGroup.id)))
                for group in groups:
                    holder.execute(text("SELECT pg_advisory_lock(:space, :id)"), {"space": LOCK_SPACE, "id": group})
                try:
                    sealed = _sealed_boxes(session, keys, recovery)
                finally:
                    for group in groups:
                        holder.execute(
                            text("SELECT pg_advisory_unlock(:space, :id)"), {"space": LOCK_SPACE, "id": group}
                        )
                made = _write(session, archive, sealed)
                sums = queries.flushed(session)
            # Not in the snapshot: the audit log must see the entries that came meanwhile.
            with database.writing() as writing:
                _note(writing, sums, made, now)
                writing.commit()
        finally:
            holder.execute(text("SELECT pg_advisory_unlock(:turn)"), {"turn": _ONE_BACKUP})
    return made


@dataclass(frozen=True)
class _Sealed:
    """Full boxes for the recovery key: how many sittings by campaign, and their content once more sealed."""

    sittings: dict[str, int]
    content: bytes | None


def _sealed_boxes(session: Session, keys: KeyFiles, recovery: PublicHalf | None) -> _Sealed:
    if recovery is None:
        # The first read of the transaction all the same: it makes the snapshot.
        session.execute(select(1))
        return _Sealed({}, None)
    boxes = full_boxes(session, keys)
    sittings: dict[str, int] = {}
    for box in boxes:
        sittings[box.campaign] = sittings.get(box.campaign, 0) + len(box.rows)
    return _Sealed(sittings, seal(boxes, recovery) if boxes else None)


def _write(session: Session, archive: ArchiveWriter, sealed: _Sealed) -> Backup:
    refused = too_few(queries.group_counts(session).values())
    if refused:
        raise refused
    tables = [table for table in Base.metadata.sorted_tables if table.name not in LEFT_OUT]
    parts = [_add_table(session, archive, number, table) for number, table in enumerate(tables)]
    if sealed.content is not None:
        digest = archive.add(RECOVERY, iter([sealed.content]))
        parts.append(Part(RECOVERY, digest, about(sum(sealed.sittings.values()))))
    last = session.execute(
        select(AuditEntry.number, AuditEntry.hash).order_by(AuditEntry.number.desc()).limit(1)
    ).one_or_none()
    manifest = Manifest(
        version=importlib.metadata.version("pingyi"),
        head=session.scalars(text("SELECT version_num FROM alembic_version")).one(),
        audit_number=last[0] if last else 0,
        audit_hash=last[1] if last else ORIGIN,
        parts=tuple(parts),
        waiting={code: about(count) for code, count in queries.waiting(session).items()},
        recoverable={code: about(count) for code, count in sealed.sittings.items()},
    )
    whole = archive.close(manifest)
    if ArchiveReader(archive.partial).manifest != manifest:
        raise BackupNotSound(
            path=archive.path, why_zh="写入后读出的内容不同", why_en="what was read is not what was written"
        )
    return Backup(archive.path, whole, manifest, _unknown(session))


def _add_table(session: Session, archive: ArchiveWriter, number: int, table: Table) -> Part:
    rows = 0

    def lines() -> Iterator[bytes]:
        nonlocal rows
        ordered = select(table).order_by(*table.primary_key.columns)
        for found in session.execute(ordered, execution_options={"yield_per": _ROWS_AT_A_TIME}):
            rows += 1
            yield line(found)

    name = f"{number:02d}-{table.name}.jsonl"
    digest = archive.add(name, lines())
    return Part(name, digest, about(rows), tuple(column.name for column in table.columns))


def _note(session: Session, sums: dict[int, int], made: Backup, now: datetime) -> None:
    for group in session.scalars(select(BoxGroup.id).order_by(BoxGroup.id)):
        session.merge(BackupMark(box_group_id=group, sittings=sums.get(group, 0)))
    detail = {"file": made.path.name, "sha256": made.sha256, "recovery": made.manifest.part(RECOVERY) is not None}
    record(session, now, None, "backup.make", "installation", detail)


def _unknown(session: Session) -> tuple[str, ...]:
    ours = {table.name for table in Base.metadata.sorted_tables} | {"alembic_version"}
    return tuple(sorted(set(inspect(session.connection()).get_table_names()) - ours))

"""Before anybody is served (启动检查): what would break a promise of ours is refused here, by every server and worker.

Nothing is changed by looking: the file of an SQLite database is judged before a connection of ours sets its journal.
"""

import fcntl
import os
import sqlite3
import stat
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, make_url, select, text
from sqlalchemy.orm import Session

from survey_app.accounts.models import AuditEntry
from survey_app.campaigns.models import Campaign, Collector
from survey_app.config import Config
from survey_app.db import Database, newest_revision
from survey_app.responses.models import Parked
from survey_app.upkeep.rules.starting import (
    BadKeyFolder,
    ClockWentBack,
    DatabaseLogsStatements,
    KeepsReplayableLog,
    KeysMissing,
    NewerDatabase,
    NoFileLocks,
    NotHttps,
    OpenToOthers,
)

_STEP_OF_A_CLOCK = timedelta(minutes=5)  # what a time server may put right while the program runs
_WAL = b"\x02"
_HELD_CODES = ("access_code", "invitee")

# What PostgreSQL may write into its log of statements that fail or take long: nothing.
QUIET: Mapping[str, frozenset[str]] = {
    "log_min_error_statement": frozenset({"panic", "fatal"}),
    "log_error_verbosity": frozenset({"terse"}),
    "log_statement": frozenset({"none", "ddl"}),
    "log_min_duration_statement": frozenset({"-1"}),
    "log_min_duration_sample": frozenset({"-1"}),
    "log_transaction_sample_rate": frozenset({"0"}),
    "log_parameter_max_length_on_error": frozenset({"0"}),
}


def check_files(config: Config) -> None:
    """What can be judged before the database is opened.

    Raises KeepsReplayableLog, BadKeyFolder, OpenToOthers, NoFileLocks.
    """
    path = database_file(config)
    if path is not None:
        _check_journal(path)
    _check_secret(config.home / "secret.key")
    _check_key_folder(config, path)
    _check_locks(config.home)


def check_database(database: Database, config: Config, now: datetime) -> None:
    """What the database says. Raises NewerDatabase, KeysMissing, NotHttps, DatabaseLogsStatements, ClockWentBack."""
    applied, newest = database.revision(), newest_revision()
    if applied is not None and applied > newest:
        raise NewerDatabase(found=applied, newest=newest)
    if applied != newest:
        return
    with database.reading() as session:
        if not config.key_directory.is_dir() and session.scalar(select(func.count()).select_from(Parked)):
            raise KeysMissing(path=config.key_directory)
        _check_collecting(session, config)
        last = session.scalar(select(func.max(AuditEntry.at)))
        if last is not None and now < last - _STEP_OF_A_CLOCK:
            raise ClockWentBack(now=now.isoformat(timespec="seconds"), last=last.isoformat(timespec="seconds"))


def database_file(config: Config) -> Path | None:
    """Where an SQLite database lies; None for another database, and for one in memory."""
    url = make_url(config.database_url)
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return Path(url.database)


def loud_settings(session: Session) -> list[str]:
    """`name=value` of every setting of PostgreSQL that could bring answers or hashes into its log."""
    if session.get_bind().dialect.name != "postgresql":
        return []
    rows = session.execute(text("SELECT name, setting FROM pg_settings WHERE name = ANY(:names)"), {"names": [*QUIET]})
    return sorted(f"{name}={setting}" for name, setting in rows if setting not in QUIET[name])


def _check_journal(path: Path) -> None:
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except FileNotFoundError:
        return
    beside = [Path(f"{path}{ending}") for ending in ("-wal", "-shm")]
    in_wal_mode = header[18:19] == _WAL or header[19:20] == _WAL
    if (in_wal_mode or any(one.exists() for one in beside)) and _holds_codes(path):
        raise KeepsReplayableLog(path=path)


def _holds_codes(path: Path) -> bool:
    """Read through a connection of its own, so that the journal stays as it was found."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        known = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return any(
            connection.execute(f"SELECT EXISTS (SELECT 1 FROM {name})").fetchone()[0]  # noqa: S608  # names of ours
            for name in _HELD_CODES
            if name in known
        )
    finally:
        connection.close()


def _check_secret(path: Path) -> None:
    # A key that comes from the environment leaves no file.
    if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise OpenToOthers(path=path, mode="600")


def _check_key_folder(config: Config, database: Path | None) -> None:
    folder = config.key_directory.resolve()
    holders = [config.home.resolve(), *([database.resolve().parent] if database else [])]
    if any(holder.is_relative_to(folder) for holder in holders):
        raise BadKeyFolder(
            path=folder,
            why_zh="它就是数据所在的文件夹或其上级，复制数据时会连密钥一起带走。请另设 PINGYI_KEY_DIR",
            why_en="it is the folder of the data or above it, so that whoever copies the data takes the keys along. "
            "Give another PINGYI_KEY_DIR",
        )
    if not folder.exists():
        # Made where nothing waits for a key; whether anything does is for the database to say.
        return
    if stat.S_IMODE(folder.stat().st_mode) & 0o077:
        raise OpenToOthers(path=folder, mode="700")
    # Tried, not asked: the superuser is told "writable" also where the disk is mounted read-only.
    probe = folder / f".probe-{os.getpid()}"
    try:
        os.close(os.open(probe, os.O_CREAT | os.O_WRONLY, 0o600))
        probe.unlink()
    except OSError as error:
        raise BadKeyFolder(
            path=folder,
            why_zh=f"不能写入（{error.strerror}）。请核对它的属主和挂载方式",
            why_en=f"it cannot be written to ({error.strerror}). Check its owner and how it is mounted",
        ) from None


def _check_locks(home: Path) -> None:
    path = home / f".lock-probe-{os.getpid()}"
    first = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    second = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(first, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        raise NoFileLocks(path=home, why="two holders")
    except OSError as error:
        raise NoFileLocks(path=home, why=error.strerror) from None
    finally:
        os.close(second)
        os.close(first)
        path.unlink(missing_ok=True)


def _check_collecting(session: Session, config: Config) -> None:
    """Open doors by code or list, other than those of demonstrations, and not on a machine that is its own network."""
    if config.is_loopback:
        return
    campaigns = session.scalars(
        select(Campaign.code)
        .join(Collector, Collector.campaign_id == Campaign.id)
        .where(Campaign.state == "open", Collector.state == "open", Collector.tier != "T0", ~Campaign.demo)
        .distinct()
        .order_by(Campaign.code)
    ).all()
    if not campaigns:
        return
    if not config.is_https:
        raise NotHttps(campaigns="、".join(campaigns), url=config.public_url)
    loud = loud_settings(session)
    if loud:
        raise DatabaseLogsStatements(settings=", ".join(loud))

"""The database without Flask: the declarative base, the engine with its SQLite settings, reading and writing sessions.

What must stay true on SQLite: rollback journal (a WAL file can be replayed commit by commit and links answers to
codes), full synchronisation, deleted content overwritten; readers begin deferred, writers IMMEDIATE.
"""

import sqlite3
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Engine, MetaData, create_engine, event, inspect, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from survey_app.config import data_folder

_WRITING = "pingyi_writing"


class Base(DeclarativeBase):
    """Every table; constraint names are fixed so that migrations read the same on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Moment(TypeDecorator[datetime]):
    """A UTC moment; SQLite forgets the zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # its signature
        """Refuse naive times: they would mean another moment on another host."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # its signature
        """Give the zone back."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Database:
    """One engine, two ways to begin: `reading()` and `writing()`. Sessions are closed by whoever opened them."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._reading = sessionmaker(self.engine, expire_on_commit=False)
        writer = self.engine.execution_options(**{_WRITING: True})
        self._writing = sessionmaker(writer, expire_on_commit=False)

    def reading(self) -> Session:
        """A session that is not meant to change anything."""
        return self._reading()

    def writing(self) -> Session:
        """A session that takes SQLite's write lock at once, so that it never has to upgrade and fail."""
        return self._writing()

    def revision(self) -> str | None:
        """The newest migration that was applied; None where there is none."""
        with self.engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            applied: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return applied

    def is_upgraded(self) -> bool:
        """Whether the newest migration, and so every earlier one, has been applied."""
        return self.revision() == newest_revision()


def newest_revision() -> str:
    """The last migration that this program brings."""
    return max(path.name[:4] for path in (data_folder("migrations") / "versions").glob("[0-9]*.py"))


def _engine(url: str) -> Engine:
    # hide_parameters: an error message must never carry an answer or a code into a log.
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        event.listen(engine, "checkin", _end_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:  # noqa: ANN401  # SQLAlchemy's own type
    connection.isolation_level = None
    for pragma in ("busy_timeout=15000", "journal_mode=TRUNCATE", "synchronous=FULL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get(_WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _end_sqlite(connection: sqlite3.Connection | None, _record: Any) -> None:  # noqa: ANN401  # SQLAlchemy's own type
    # A COMMIT that SQLite refuses leaves the transaction open, and SQLAlchemy believes that it has ended.
    if connection is not None and connection.in_transaction:
        connection.rollback()

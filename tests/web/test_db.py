"""The engine: what SQLite refuses leaves nothing behind; errors never show values; moments keep their zone."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, StatementError

from survey_app.accounts.models import AuditEntry
from survey_app.db import Database


def test_commit__that_sqlite_refuses__leaves_the_connection_usable(database: Database) -> None:
    with database.reading() as reader:
        reader.execute(text("SELECT count(*) FROM agency")).all()
        with database.writing() as writer:
            writer.execute(text("PRAGMA busy_timeout = 1"))
            writer.execute(text("INSERT INTO agency (name) VALUES ('a')"))
            with pytest.raises(OperationalError, match="locked"):
                writer.commit()
    with database.writing() as writer:
        writer.execute(text("INSERT INTO agency (name) VALUES ('b')"))
        writer.commit()
    with database.reading() as reader:
        assert reader.execute(text("SELECT name FROM agency")).scalars().all() == ["b"]


def test_error__never_carries_the_values(database: Database) -> None:
    with database.writing() as session, pytest.raises(OperationalError) as raised:
        session.execute(text("INSERT INTO nowhere VALUES (:secret)"), {"secret": "CANARY"})
    assert "CANARY" not in str(raised.value)


def test_moment__without_a_zone__is_refused(each_database: Database) -> None:
    entry = {"number": 1, "action": "a", "subject": "s", "detail": "{}", "previous_hash": "0", "hash": "1"}
    with each_database.writing() as session:
        session.add(AuditEntry(at=datetime(2026, 1, 1), **entry))  # noqa: DTZ001  # the point of the test
        with pytest.raises(StatementError, match="time zone"):
            session.flush()
    with each_database.writing() as session:
        session.add(AuditEntry(at=datetime(2026, 1, 1, tzinfo=UTC), **entry))
        session.commit()
    with each_database.reading() as session:
        assert session.get_one(AuditEntry, 1).at == datetime(2026, 1, 1, tzinfo=UTC)

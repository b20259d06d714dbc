"""A database of an earlier version keeps everything when it is upgraded."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import MetaData, Table, insert, inspect, select, text

from survey_app.cli.database import alembic_config, upgrade
from survey_app.db import Database
from survey_app.library.models import FrozenDefinition
from tests.factories.doors import open_door


@pytest.fixture
def empty_database(each_database: Database, tmp_path: Path) -> Iterator[Database]:
    """Without a single table, on SQLite and on PostgreSQL."""
    if each_database.is_sqlite:
        opened = Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
        yield opened
        opened.engine.dispose()
        return
    with each_database.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    yield each_database


def upgrade_to(database: Database, revision: str) -> None:
    settings = alembic_config()
    with database.engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, revision)


def test_responses__of_an_earlier_version__are_kept_and_lie_by_collector(empty_database: Database) -> None:
    upgrade_to(empty_database, "0002")
    with empty_database.writing() as session:
        door = open_door(session)
        session.commit()
        questionnaire = session.scalars(select(FrozenDefinition.hash)).first()
    stored = [
        {
            "id": bytes([number]) * 16,
            "collector_id": door.collector,
            "answers": f'{{"q": "{number}"}}',
            "mode": "web",
            "language": "zh",
            "pilot": False,
            "questionnaire_hash": questionnaire,
            "order_number": 0,
            "flip": False,
            "sitting": b"s" * 16,
        }
        for number in range(40)
    ]
    with empty_database.engine.begin() as connection:
        connection.execute(insert(Table("response", MetaData(), autoload_with=connection)), stored)
    upgrade(empty_database)
    with empty_database.engine.connect() as connection:
        response = Table("response", MetaData(), autoload_with=connection)
        columns = [response.c[name] for name in stored[0]]
        assert sorted(map(tuple, connection.execute(select(*columns)))) == [tuple(row.values()) for row in stored]
        assert inspect(connection).get_pk_constraint("response")["constrained_columns"] == ["collector_id", "id"]
        assert inspect(connection).get_indexes("response") == []

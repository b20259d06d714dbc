"""A database of an earlier version keeps everything when it is upgraded."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, MetaData, Table, insert, inspect, select, text

from survey_app.cli.database import alembic_config, upgrade
from survey_app.db import Database


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


def early_door(connection: Connection) -> tuple[int, str]:
    """A collector written through the tables as they are in this database; today's models have more columns."""

    def add(table_name: str, **values: object) -> int:
        table = Table(table_name, MetaData(), autoload_with=connection)
        made = connection.execute(insert(table).values(values)).inserted_primary_key
        found: int = made[0] if made else 0
        return found

    definition = {"name": "q", "version": "1", "document": "{}", "frozen_at": datetime(2026, 1, 1, tzinfo=UTC)}
    for kind, digest in (("plan", "p"), ("setup", "s"), ("questionnaire", "q")):
        add("frozen_definition", hash=digest * 64, kind=kind, **definition)
    facts = dict.fromkeys(("code", "title", "office", "agency_name", "retention", "contact", "plan_name"), "c")
    days = {"opens": date(2020, 1, 1), "closes": date(2099, 12, 31), "timezone": "Asia/Shanghai"}
    hashes = {"plan_hash": "p" * 64, "setup_hash": "s" * 64, "setup": "{}", "digest_key": b"k" * 32}
    campaign = add("campaign", **facts, **days, **hashes, state="open", demo=False)
    about = {"code": "u", "name": "u", "category": "u", "audiences": "staff"}
    unit = add("unit", campaign_id=campaign, position=0, **about)
    group = add("box_group", campaign_id=campaign, name="g", box_size=10, min_cell=5, padded_size=1024)
    door = {"questionnaire": "staff", "audience": "staff", "tier": "T1", "headcount": 40, "state": "open"}
    return add("collector", campaign_id=campaign, box_group_id=group, unit_id=unit, **door), "q" * 64


def test_responses__of_an_earlier_version__are_kept_and_lie_by_collector(empty_database: Database) -> None:
    upgrade_to(empty_database, "0002")
    with empty_database.engine.begin() as connection:
        collector, questionnaire = early_door(connection)
    stored = [
        {
            "id": bytes([number]) * 16,
            "collector_id": collector,
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

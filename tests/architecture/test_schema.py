"""Migrations and models tell the same story on both databases; tables of answers hold what they may and no more."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from survey_app.cli.database import import_every_model
from survey_app.db import Base, Database

PINNED = {
    "card_batch": {"id", "collector_id", "state"},
    "access_code": {"hash", "collector_id", "batch_id", "active", "used", "receipt"},
    "receipt": {"hash", "collector_id"},
    "named_list": {
        "collector_id",
        "invited",
        "card_taken",
        "issued",
        "spent",
        "file_digest",
        "public_key",
        "destroyed_at",
        "destroyed_by",
    },
    "invitee": {
        "collector_id",
        "position",
        "name",
        "contact",
        "note",
        "link_hash",
        "card_taken",
        "issued",
        "blinded",
        "blind_signature",
    },
    "spent": {"hash", "collector_id", "receipt"},
    "paper_movement": {"id", "collector_id", "kind", "sheets", "on_day", "note"},
    "paper_batch": {
        "id",
        "collector_id",
        "sheets",
        "twice",
        "same_person",
        "state",
        "first_by",
        "second_by",
        "last_entry",
    },
    "paper_entry": {"batch_id", "id", "pass_number", "sheet", "ciphertext"},
    "answer_import": {"id", "campaign_id", "questionnaire", "file_digest", "sittings", "refused", "suspicious"},
    "imported_row": {"campaign_id", "hash"},
    "box": {"box_group_id", "number", "state"},
    "parked": {"box_group_id", "box_number", "id", "ciphertext"},
    "response": {
        "id",
        "collector_id",
        "unit_id",
        "department_id",
        "stratum",
        "mode",
        "language",
        "pilot",
        "questionnaire_hash",
        "answers",
        "period",
        "duration",
        "order_number",
        "flip",
        "sitting",
    },
}


TRIGGERS = {
    "sqlite": {
        "audit_entry_is_not_changed",
        "audit_entry_is_not_removed",
        "audit_entry_is_not_replaced",
        "named_list_key_is_not_changed",
    },
    "postgresql": {"audit_entry_is_not_changed", "audit_entry_is_not_emptied", "named_list_key_is_not_changed"},
}


def described(connection: Connection, schema: str | None = None) -> dict[str, dict[str, Any]]:
    """Every table of a schema as the database itself describes it: columns, keys, constraints in full, indexes."""
    inspector = inspect(connection)

    def sorted_rows(rows: Sequence[Any]) -> list[str]:
        # The schema's own name, which stands in foreign keys and the defaults of row numbers, is no difference.
        plain = [
            {key: str(row[key]).replace(f"{schema}.", "") for key in row if key != "referred_schema"} for row in rows
        ]
        return sorted(str(row) for row in plain)

    return {
        table: {
            "columns": sorted_rows(inspector.get_columns(table, schema)),
            "primary key": str(inspector.get_pk_constraint(table, schema)),
            "foreign keys": sorted_rows(inspector.get_foreign_keys(table, schema)),
            "unique": sorted_rows(inspector.get_unique_constraints(table, schema)),
            "checks": sorted_rows(inspector.get_check_constraints(table, schema)),
            "indexes": sorted_rows(inspector.get_indexes(table, schema)),
            "options": inspector.get_table_options(table, schema),
        }
        for table in inspector.get_table_names(schema)
        if table != "alembic_version"
    }


def from_the_models(database: Database, tmp_path: Path) -> dict[str, dict[str, Any]]:
    """The same description of a schema that the models made, beside the migrated one."""
    import_every_model()
    if database.is_sqlite:
        database = Database(f"sqlite:///{tmp_path / 'models.sqlite3'}")
        with database.engine.begin() as connection:
            Base.metadata.create_all(connection)
            return described(connection)
    with database.engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA from_the_models"))
        beside = connection.execution_options(schema_translate_map={None: "from_the_models"})
        Base.metadata.create_all(beside)
        return described(connection, "from_the_models")


def test_migrated_schema__equals_the_models(each_database: Database, tmp_path: Path) -> None:
    with each_database.engine.connect() as connection:
        migrated = described(connection)
    models = from_the_models(each_database, tmp_path)
    assert migrated.keys() == models.keys()
    for table, description in models.items():
        assert migrated[table] == description, table


def test_description__sees_what_can_differ(each_database: Database) -> None:
    with each_database.engine.connect() as connection:
        tables = described(connection)
    assert len(tables) > 20
    assert any("lead_evaluator" in check for check in tables["membership"]["checks"])
    assert any("ix_membership_campaign_id" in index for index in tables["membership"]["indexes"])
    assert any("uq_person_login" in unique for unique in tables["person"]["unique"])


def test_triggers__are_exactly_those_that_guard_the_audit_log_and_published_keys(each_database: Database) -> None:
    dialect = each_database.engine.dialect.name
    names = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    with each_database.engine.connect() as connection:
        assert set(connection.scalars(text(names[dialect]))) == TRIGGERS[dialect]


def test_tables_of_answers__have_exactly_these_columns(each_database: Database) -> None:
    inspector = inspect(each_database.engine)
    for table, columns in PINNED.items():
        assert {column["name"] for column in inspector.get_columns(table)} == columns, table


def test_sqlite_tables_of_answers__have_no_row_numbers(database: Database) -> None:
    waiting = ("paper_entry", "imported_row")
    with database.engine.connect() as connection:
        for table in ("access_code", "receipt", "invitee", "spent", "box", "parked", "response", *waiting):
            found = connection.execute(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": table})
            assert "WITHOUT ROWID" in found.scalar_one(), table


def test_sqlite__keeps_no_log_that_can_be_replayed(database: Database) -> None:
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "truncate"
        assert connection.exec_driver_sql("PRAGMA secure_delete").scalar_one() == 1
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2

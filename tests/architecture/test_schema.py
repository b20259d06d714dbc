"""Migrations and models tell the same story on both databases; tables of answers hold what they may and no more."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, inspect, text

from survey_app.cli.database import import_every_model
from survey_app.db import Base, Database

PINNED = {
    "card_batch": {"id", "collector_id", "state"},
    "access_code": {"hash", "collector_id", "batch_id", "active", "used", "receipt"},
    "receipt": {"hash", "collector_id"},
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


def test_migrated_schema__equals_the_models(each_database: Database) -> None:
    import_every_model()
    with each_database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_check_constraints__are_in_the_migrated_schema(each_database: Database) -> None:
    import_every_model()
    inspector = inspect(each_database.engine)
    for table in Base.metadata.sorted_tables:
        wanted = {str(found.name) for found in table.constraints if isinstance(found, CheckConstraint)}
        assert wanted == {found["name"] for found in inspector.get_check_constraints(table.name)}, table.name


def test_tables_of_answers__have_exactly_these_columns(each_database: Database) -> None:
    inspector = inspect(each_database.engine)
    for table, columns in PINNED.items():
        assert {column["name"] for column in inspector.get_columns(table)} == columns, table


def test_sqlite_tables_of_answers__have_no_row_numbers(database: Database) -> None:
    with database.engine.connect() as connection:
        for table in ("access_code", "receipt", "box", "parked", "response"):
            found = connection.execute(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": table})
            assert "WITHOUT ROWID" in found.scalar_one(), table


def test_sqlite__keeps_no_log_that_can_be_replayed(database: Database) -> None:
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "truncate"
        assert connection.exec_driver_sql("PRAGMA secure_delete").scalar_one() == 1
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2

"""Named lists: who is invited, what was signed blindly, which tokens were spent; collectors of tier T2.

The rule of the tiers is changed where it stands: nothing that is stored changes by it, and to make the table anew
SQLite would have to forget for a while what refers to it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_OLD, _NEW = "tier IN ('T0', 'T1')", "tier IN ('T0', 'T1', 'T2')"
_SQLITE = (
    "CREATE TRIGGER named_list_key_is_not_changed BEFORE UPDATE OF public_key ON named_list "
    "WHEN OLD.public_key IS NOT NULL AND NEW.public_key IS NOT OLD.public_key "
    "BEGIN SELECT RAISE(ABORT, 'published keys are never changed'); END",
)
_POSTGRESQL = (
    "CREATE FUNCTION named_list_key_stays() RETURNS trigger LANGUAGE plpgsql AS $$ "
    "BEGIN RAISE EXCEPTION 'published keys are never changed'; END $$",
    "CREATE TRIGGER named_list_key_is_not_changed BEFORE UPDATE OF public_key ON named_list FOR EACH ROW "
    "WHEN (OLD.public_key IS NOT NULL AND NEW.public_key IS DISTINCT FROM OLD.public_key) "
    "EXECUTE FUNCTION named_list_key_stays()",
)


def upgrade() -> None:
    _let_tier_2_in()
    op.create_table(
        "named_list",
        sa.Column("collector_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("invited", sa.Integer(), nullable=False),
        sa.Column("card_taken", sa.Integer(), nullable=False),
        sa.Column("issued", sa.Integer(), nullable=False),
        sa.Column("spent", sa.Integer(), nullable=False),
        sa.Column("file_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("destroyed_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "destroyed_by IS NULL OR destroyed_at IS NOT NULL",
            name=op.f("ck_named_list_destroyed_by_somebody_at_some_time"),
        ),
        sa.CheckConstraint(
            "issued >= 0 AND card_taken >= 0 AND issued + card_taken <= invited",
            name=op.f("ck_named_list_issued_at_most_invited"),
        ),
        sa.CheckConstraint("spent >= 0 AND spent <= issued", name=op.f("ck_named_list_spent_at_most_issued")),
        sa.ForeignKeyConstraint(["collector_id"], ["collector.id"], name=op.f("fk_named_list_collector_id")),
        sa.ForeignKeyConstraint(["destroyed_by"], ["person.id"], name=op.f("fk_named_list_destroyed_by")),
        sa.PrimaryKeyConstraint("collector_id", name=op.f("pk_named_list")),
    )
    op.create_table(
        "invitee",
        sa.Column("collector_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("link_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("card_taken", sa.Boolean(), nullable=False),
        sa.Column("issued", sa.Boolean(), nullable=False),
        sa.Column("blinded", sa.LargeBinary(), nullable=True),
        sa.Column("blind_signature", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("NOT (issued AND card_taken)", name=op.f("ck_invitee_a_card_or_a_signature")),
        sa.CheckConstraint("issued = (blinded IS NOT NULL)", name=op.f("ck_invitee_issued_for_a_blinded_message")),
        sa.CheckConstraint("link_hash IS NOT NULL OR NOT issued", name=op.f("ck_invitee_issued_through_a_link")),
        sa.CheckConstraint(
            "(blinded IS NULL) = (blind_signature IS NULL)", name=op.f("ck_invitee_signed_what_was_blinded")
        ),
        sa.ForeignKeyConstraint(["collector_id"], ["named_list.collector_id"], name=op.f("fk_invitee_collector_id")),
        sa.PrimaryKeyConstraint("collector_id", "position", name=op.f("pk_invitee")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_invitee_link_hash")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "spent",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("collector_id", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["collector_id"], ["named_list.collector_id"], name=op.f("fk_spent_collector_id")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_spent")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("spent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_spent_collector_id"), ["collector_id"], unique=False)
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)


def _let_tier_2_in() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        op.drop_constraint(op.f("ck_collector_known_tier"), "collector", type_="check")
        op.create_check_constraint(op.f("ck_collector_known_tier"), "collector", _NEW)
        return
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    changed = connection.execute(
        sa.text("UPDATE sqlite_master SET sql = replace(sql, :old, :new) WHERE type = 'table' AND name = 'collector'"),
        {"old": _OLD, "new": _NEW},
    ).rowcount
    connection.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")
    if changed != 1:
        raise RuntimeError("the rule of the tiers was not found")

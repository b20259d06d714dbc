"""Fieldwork: corrections in the card register, quotas, counts of unused cards with a witness, seeded draws.

The quota of a collector is added where the table stands: to make it anew SQLite would have to forget for a while what
refers to it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_QUOTA = "quota IS NULL OR (quota >= 10 AND audience = 'service_recipient')"


def upgrade() -> None:
    _let_collectors_be_full()
    with op.batch_alter_table("card_movement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("corrects_id", sa.Integer(), nullable=True))
        batch_op.drop_constraint(op.f("ck_card_movement_some_cards"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_card_movement_some_cards"), "cards <> 0 AND (corrects_id IS NULL) = (cards > 0)"
        )
        batch_op.create_unique_constraint(op.f("uq_card_movement_corrects_id"), ["corrects_id"])
        batch_op.create_foreign_key(op.f("fk_card_movement_corrects_id"), "card_movement", ["corrects_id"], ["id"])
    op.create_table(
        "unused_count",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("collector_id", sa.Integer(), nullable=False),
        sa.Column("cards", sa.Integer(), nullable=False),
        sa.Column("unused", sa.Integer(), nullable=False),
        sa.Column("remark", sa.String(length=200), nullable=False),
        sa.Column("counted_by", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("witness_id", sa.Integer(), nullable=True),
        sa.Column("witness_office", sa.String(length=200), nullable=True),
        sa.Column("witnessed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("unused >= 0 AND unused <= cards", name=op.f("ck_unused_count_no_more_than_there_are")),
        sa.CheckConstraint("witness_id IS NULL OR witness_office IS NULL", name=op.f("ck_unused_count_one_witness")),
        sa.CheckConstraint("witness_id IS NULL OR witness_id <> counted_by", name=op.f("ck_unused_count_two_people")),
        sa.CheckConstraint(
            "(witnessed_at IS NULL) = (witness_id IS NULL AND witness_office IS NULL)",
            name=op.f("ck_unused_count_witnessed_by_somebody_at_some_time"),
        ),
        sa.ForeignKeyConstraint(["collector_id"], ["collector.id"], name=op.f("fk_unused_count_collector_id")),
        sa.ForeignKeyConstraint(["counted_by"], ["person.id"], name=op.f("fk_unused_count_counted_by")),
        sa.ForeignKeyConstraint(["witness_id"], ["person.id"], name=op.f("fk_unused_count_witness_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unused_count")),
    )
    with op.batch_alter_table("unused_count", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unused_count_collector_id"), ["collector_id"], unique=False)
    op.create_table(
        "count_waiver",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_count_waiver_a_waiver_has_a_reason")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_count_waiver_campaign_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_count_waiver_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count_waiver")),
    )
    with op.batch_alter_table("count_waiver", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_count_waiver_campaign_id"), ["campaign_id"], unique=False)
    op.create_table(
        "sample_draw",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("algorithm", sa.String(length=32), nullable=False),
        sa.Column("list_hash", sa.String(length=64), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("stratum_column", sa.String(length=200), nullable=True),
        sa.Column("strata", sa.Text(), nullable=False),
        sa.Column("seed_hash", sa.String(length=64), nullable=True),
        sa.Column("seed_source", sa.String(length=200), nullable=True),
        sa.Column("announced_by", sa.Integer(), nullable=True),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seed", sa.String(length=200), nullable=True),
        sa.Column("drawn", sa.Text(), nullable=True),
        sa.Column("drawn_by", sa.Integer(), nullable=True),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("wanted > 0 AND wanted <= people", name=op.f("ck_sample_draw_some_of_the_people")),
        sa.CheckConstraint(
            "(seed_hash IS NULL) <> (seed_source IS NULL)", name=op.f("ck_sample_draw_seed_is_announced")
        ),
        sa.CheckConstraint(
            "(seed IS NULL) = (drawn IS NULL) AND (seed IS NULL) = (drawn_at IS NULL)",
            name=op.f("ck_sample_draw_drawn_by_a_seed_at_some_time"),
        ),
        sa.ForeignKeyConstraint(["announced_by"], ["person.id"], name=op.f("fk_sample_draw_announced_by")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_sample_draw_campaign_id")),
        sa.ForeignKeyConstraint(["drawn_by"], ["person.id"], name=op.f("fk_sample_draw_drawn_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_draw")),
        sa.UniqueConstraint("campaign_id", "number", name=op.f("uq_sample_draw_campaign_id_number")),
    )


def _let_collectors_be_full() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "ALTER TABLE collector ADD COLUMN quota INTEGER "
            f"CONSTRAINT ck_collector_a_quota_hides_who_came CHECK ({_QUOTA})"
        )
        return
    op.add_column("collector", sa.Column("quota", sa.Integer(), nullable=True))
    op.create_check_constraint(op.f("ck_collector_a_quota_hides_who_came"), "collector", _QUOTA)

"""Backups: how many sittings of each box group the last one held."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "backup_mark",
        sa.Column("box_group_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sittings", sa.Integer(), nullable=False),
        sa.CheckConstraint("sittings >= 0", name=op.f("ck_backup_mark_counted")),
        sa.ForeignKeyConstraint(["box_group_id"], ["box_group.id"], name=op.f("fk_backup_mark_box_group_id")),
        sa.PrimaryKeyConstraint("box_group_id", name=op.f("pk_backup_mark")),
    )

"""Which units each sitting of a related department is asked about: eight orders a collector, fixed at opening."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "drawn_orders",
        sa.Column("collector_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("orders", sa.Text(), nullable=False),
        sa.CheckConstraint("length(orders) > 0", name=op.f("ck_drawn_orders_orders_are_there")),
        sa.ForeignKeyConstraint(["collector_id"], ["collector.id"], name=op.f("fk_drawn_orders_collector_id")),
        sa.PrimaryKeyConstraint("collector_id", name=op.f("pk_drawn_orders")),
    )

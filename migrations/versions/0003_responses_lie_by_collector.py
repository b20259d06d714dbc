"""Responses are keyed by collector and random id: one tree instead of two, read and written a collector at a time.

Within a collector they still lie in the order of random numbers; nothing of the order of arrival is kept.
"""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("response", recreate="auto", table_kwargs={"sqlite_with_rowid": False}) as batch_op:
        batch_op.drop_index("ix_response_collector_id")
        batch_op.drop_constraint("pk_response", type_="primary")
        batch_op.create_primary_key("pk_response", ["collector_id", "id"])

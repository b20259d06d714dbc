"""On SQLite `INSERT OR REPLACE` removes a row without asking the trigger that forbids removal; it is refused too."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER audit_entry_is_not_replaced BEFORE INSERT ON audit_entry "
            "WHEN EXISTS (SELECT 1 FROM audit_entry WHERE number = NEW.number) "
            "BEGIN SELECT RAISE(ABORT, 'audit entries are never replaced'); END"
        )

"""One at a time: what must see the last row before it adds the next."""

from enum import IntEnum

from sqlalchemy import text
from sqlalchemy.orm import Session


class Turn(IntEnum):
    """Numbers of the advisory locks of accounts on PostgreSQL; other capabilities use other numbers."""

    AUDIT = 0x50590001
    SIGN_IN = 0x50590002
    ADMINISTRATORS = 0x50590003


def wait_for_turn(session: Session, turn: Turn) -> None:
    """Wait until no other transaction holds this turn; it is given back at commit or rollback.

    On SQLite a writing session holds the only write lock already (BEGIN IMMEDIATE).
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": int(turn)})

"""Tables of named lists. They say who got a credential, and which credentials were spent, never which is whose.

No clock times of phones and no running numbers: `issued` has no moment, `spent` no link to a person. The list is
destroyed at close; the sums and the public key in `named_list` stay, as they were published.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.db import Base, Moment


class NamedList(Base):
    """受邀人名单 of one collector: its sums, which the database itself keeps in order, and its public key.

    The key is made when the campaign opens and never changes: a trigger refuses it.
    """

    __tablename__ = "named_list"
    __table_args__ = (
        CheckConstraint("spent >= 0 AND spent <= issued", name="spent_at_most_issued"),
        CheckConstraint(
            "issued >= 0 AND card_taken >= 0 AND issued + card_taken <= invited", name="issued_at_most_invited"
        ),
        CheckConstraint("destroyed_by IS NULL OR destroyed_at IS NOT NULL", name="destroyed_by_somebody_at_some_time"),
    )

    collector_id: Mapped[int] = mapped_column(ForeignKey("collector.id"), primary_key=True, autoincrement=False)
    invited: Mapped[int]
    card_taken: Mapped[int] = mapped_column(default=0)
    issued: Mapped[int] = mapped_column(default=0)
    spent: Mapped[int] = mapped_column(default=0)
    file_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    public_key: Mapped[bytes | None]
    destroyed_at: Mapped[datetime | None] = mapped_column(Moment)
    destroyed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Invitee(Base):
    """受邀人: one row of the list. One person, one credential: a card or a blind signature, never both.

    blinded, blind_signature: kept so that a reply lost on its way can be given again; they say nothing of the token.
    """

    __tablename__ = "invitee"
    __table_args__ = (
        CheckConstraint("issued = (blinded IS NOT NULL)", name="issued_for_a_blinded_message"),
        CheckConstraint("(blinded IS NULL) = (blind_signature IS NULL)", name="signed_what_was_blinded"),
        CheckConstraint("NOT (issued AND card_taken)", name="a_card_or_a_signature"),
        CheckConstraint("link_hash IS NOT NULL OR NOT issued", name="issued_through_a_link"),
        {"sqlite_with_rowid": False},
    )

    collector_id: Mapped[int] = mapped_column(
        ForeignKey("named_list.collector_id"), primary_key=True, autoincrement=False
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    contact: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(String(200), default="")
    link_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    card_taken: Mapped[bool] = mapped_column(default=False)
    issued: Mapped[bool] = mapped_column(default=False)
    blinded: Mapped[bytes | None]
    blind_signature: Mapped[bytes | None]


class Spent(Base):
    """A token that was spent (已用凭证): SHA-256 of its 64 bytes. `receipt` lets a phone send the same answer twice."""

    __tablename__ = "spent"
    __table_args__ = ({"sqlite_with_rowid": False},)

    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    collector_id: Mapped[int] = mapped_column(ForeignKey("named_list.collector_id"), index=True)
    receipt: Mapped[bytes] = mapped_column(LargeBinary(32))

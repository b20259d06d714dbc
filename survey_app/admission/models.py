"""Tables of access codes. They say that a code was used, never by whom, never when, never for which answer."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.db import Base


class CardBatch(Base):
    """Cards made in one go. Voided as a whole or not at all."""

    __tablename__ = "card_batch"
    __table_args__ = (CheckConstraint("state IN ('made', 'handed_out', 'voided')", name="known_state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    collector_id: Mapped[int] = mapped_column(ForeignKey("collector.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="made")


class AccessCode(Base):
    """填答码: the SHA-256 of a one-time code. `receipt` lets the same phone send the same answer twice."""

    __tablename__ = "access_code"
    __table_args__ = (
        CheckConstraint("used = (receipt IS NOT NULL)", name="a_used_code_has_its_receipt"),
        CheckConstraint("active OR NOT used", name="only_active_codes_are_used"),
        {"sqlite_with_rowid": False},
    )

    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    collector_id: Mapped[int] = mapped_column(ForeignKey("collector.id"), index=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("card_batch.id"), index=True)
    active: Mapped[bool] = mapped_column(default=False)
    used: Mapped[bool] = mapped_column(default=False)
    receipt: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class Receipt(Base):
    """What an open link remembers of a sitting, so that sending twice counts once. Emptied at close."""

    __tablename__ = "receipt"
    __table_args__ = ({"sqlite_with_rowid": False},)

    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    collector_id: Mapped[int] = mapped_column(ForeignKey("collector.id"), index=True)


class CardMovement(Base):
    """The card register (卡片登记): what happened to the paper cards of a batch, written by hand.

    A wrong entry stays; one that corrects it takes its cards back.
    """

    __tablename__ = "card_movement"
    __table_args__ = (
        CheckConstraint("kind IN ('printed', 'handed_out', 'returned_unused')", name="known_kind"),
        CheckConstraint("cards <> 0 AND (corrects_id IS NULL) = (cards > 0)", name="some_cards"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("card_batch.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    cards: Mapped[int]
    on_day: Mapped[date]
    note: Mapped[str] = mapped_column(String(200), default="")
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("card_movement.id"), unique=True)


class PaperMovement(Base):
    """The same register for paper questionnaires (纸质问卷). `entered`: what a batch brought when it was handed in."""

    __tablename__ = "paper_movement"
    __table_args__ = (
        CheckConstraint("kind IN ('handed_out', 'returned_unused', 'entered')", name="known_kind"),
        CheckConstraint("sheets > 0", name="some_sheets"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    collector_id: Mapped[int] = mapped_column(ForeignKey("collector.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    sheets: Mapped[int]
    on_day: Mapped[date]
    note: Mapped[str] = mapped_column(String(200), default="")

"""What people of the office do together: spare cards; paper and imports beside it. Codes know no people."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.db import Base, Moment
from survey_app.fieldwork import paper_models as paper_models  # noqa: PLC0414  # its tables belong to these


class SpareRequest(Base):
    """备用卡申请: one person asks for spare cards of a batch to be activated, another approves."""

    __tablename__ = "spare_request"
    __table_args__ = (
        CheckConstraint("cards > 0", name="some_cards"),
        CheckConstraint("approved_by IS NULL OR approved_by <> requested_by", name="two_people"),
        CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approved_by_somebody_at_some_time"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("card_batch.id"), index=True)
    cards: Mapped[int]
    reason: Mapped[str] = mapped_column(String(200))
    requested_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    requested_at: Mapped[datetime] = mapped_column(Moment)
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime | None] = mapped_column(Moment)

"""Tables of frozen definitions. A row is written once, under the SHA-256 of its canonical JSON, and never changes."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.db import Base, Moment


class FrozenDefinition(Base):
    """A questionnaire, plan or set-up as it was when a campaign opened with it."""

    __tablename__ = "frozen_definition"
    __table_args__ = (CheckConstraint("kind IN ('questionnaire', 'plan', 'setup')", name="known_kind"),)

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(64))
    version: Mapped[str] = mapped_column(String(64))
    document: Mapped[str] = mapped_column(Text)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    frozen_at: Mapped[datetime] = mapped_column(Moment)

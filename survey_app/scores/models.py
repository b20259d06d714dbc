"""Tables of results: immutable snapshots, and what evaluators decided upon them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.db import Base, Moment


class ScoreSnapshot(Base):
    """One computation, as released: what pages, files and the API read. Never updated, never recomputed in place."""

    __tablename__ = "score_snapshot"
    __table_args__ = (UniqueConstraint("campaign_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    number: Mapped[int]
    computed_at: Mapped[datetime] = mapped_column(Moment)
    computed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    provenance: Mapped[str] = mapped_column(Text)
    report: Mapped[str] = mapped_column(Text)
    report_hash: Mapped[str] = mapped_column(String(64))


class ScoreConfirmation(Base):
    """确认分: an evaluator's decision on a suggested score, with its reason. A later row replaces an earlier one."""

    __tablename__ = "score_confirmation"
    __table_args__ = (CheckConstraint("length(reason) > 0", name="a_decision_has_a_reason"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    snapshot_id: Mapped[int] = mapped_column(ForeignKey("score_snapshot.id"), index=True)
    unit_code: Mapped[str] = mapped_column(String(64))
    indicator: Mapped[str] = mapped_column(String(64))
    suggested_points: Mapped[float]
    confirmed_points: Mapped[float]
    reason: Mapped[str] = mapped_column(Text)
    confirmed_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[datetime] = mapped_column(Moment)

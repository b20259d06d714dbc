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
    suggested_score: Mapped[float]
    confirmed_score: Mapped[float]
    reason: Mapped[str] = mapped_column(Text)
    confirmed_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[datetime] = mapped_column(Moment)


class ScoreHold(Base):
    """查实登记: a lead evaluator's record that answers about a unit were guided or filled in by others.

    While it stands, the plan's `hold` gate withholds the scores of that audience. Never deleted; it may be lifted.
    """

    __tablename__ = "score_hold"
    __table_args__ = (
        CheckConstraint("length(reason) > 0", name="a_hold_has_a_reason"),
        CheckConstraint(
            "(lifted_at IS NULL) = (lifted_by IS NULL) AND (lifted_at IS NULL) = (lifted_because IS NULL)",
            name="lifted_by_somebody_for_a_reason",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    unit_code: Mapped[str] = mapped_column(String(64))
    audience: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    recorded_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    lifted_at: Mapped[datetime | None] = mapped_column(Moment)
    lifted_because: Mapped[str | None] = mapped_column(Text)

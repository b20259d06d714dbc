"""The table of jobs. It is the queue: nothing that waits is kept anywhere else.

Never in a job: a code, an answer, anything about a respondent. The payload is emptied when the job ends.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.db import Base, Moment


class Job(Base):
    """后台任务: work in steps. A step and the count of it are one transaction, so a killed job goes on where it was."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name="known_state"),
        CheckConstraint("steps > 0 AND steps_done >= 0 AND steps_done <= steps", name="steps_add_up"),
        CheckConstraint("(state IN ('done', 'failed')) = (ended_at IS NOT NULL)", name="ended_at_some_time"),
        CheckConstraint("(ended_at IS NULL) = (payload IS NOT NULL)", name="payload_until_the_end"),
        CheckConstraint("state <> 'done' OR steps_done = steps", name="done_after_every_step"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    steps: Mapped[int]
    steps_done: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    payload: Mapped[bytes | None]
    # Why a failed job failed, in both languages.
    reason_zh: Mapped[str | None] = mapped_column(Text)
    reason_en: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)

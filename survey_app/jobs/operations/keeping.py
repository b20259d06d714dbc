"""Jobs from the request that hands them in to their end."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from survey_app.errors import AppError
from survey_app.jobs import rules
from survey_app.jobs.models import Job


def add(
    session: Session, kind: str, campaign_id: int, payload: bytes, steps: int, *, now: datetime, person_id: int | None
) -> Job:
    """Let a job wait for its turn. It exists from the commit of whoever hands it in, or not at all."""
    job = Job(kind=kind, campaign_id=campaign_id, person_id=person_id, payload=payload, steps=steps, created_at=now)
    session.add(job)
    session.flush()
    return job


def take(session: Session) -> int | None:
    """The oldest job that waits, as running from now on; None when none does."""
    job = session.scalars(select(Job).where(Job.state == "waiting").order_by(Job.id).limit(1)).one_or_none()
    if job is None:
        return None
    job.state, job.attempts = "running", job.attempts + 1
    return job.id


def take_up_again(session: Session) -> None:
    """Let jobs wait again that ran in a process which is gone. Only the one process that works may ask for this."""
    session.execute(update(Job).where(Job.state == "running").values(state="waiting"))


def finish(job: Job, now: datetime) -> None:
    """Every step is done."""
    job.state, job.payload, job.ended_at = "done", None, now


def fail(job: Job, reason: AppError, now: datetime) -> None:
    """It cannot go on; the steps that are done stay done."""
    job.state, job.payload, job.ended_at = "failed", None, now
    job.reason_zh, job.reason_en = reason.message("zh"), reason.message("en")


def break_off(job: Job, why: str, now: datetime) -> None:
    """It ended for a reason that nobody foresaw: it waits again, a few times."""
    if job.attempts < rules.MOST_ATTEMPTS:
        job.state = "waiting"
    else:
        fail(job, rules.GaveUp(why=why), now)

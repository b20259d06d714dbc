"""Reading jobs."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.jobs.models import Job

_SHOWN = 100


def jobs(session: Session, campaign_id: int) -> Sequence[Job]:
    """The newest jobs of a campaign, newest first."""
    return session.scalars(
        select(Job).where(Job.campaign_id == campaign_id).order_by(Job.id.desc()).limit(_SHOWN)
    ).all()

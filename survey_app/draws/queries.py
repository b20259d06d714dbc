"""Reading the draws of a campaign."""

import json
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.draws.models import SampleDraw
from survey_app.draws.rules import Share
from survey_app.errors import NotFound


def sample_draws(session: Session, campaign_id: int) -> Sequence[SampleDraw]:
    """Every draw of a campaign, newest first."""
    query = select(SampleDraw).where(SampleDraw.campaign_id == campaign_id).order_by(SampleDraw.number.desc())
    return session.scalars(query).all()


def sample_draw(session: Session, campaign_id: int, number: int) -> SampleDraw:
    """One draw by its number. Raises NotFound."""
    found = session.scalars(
        select(SampleDraw).where(SampleDraw.campaign_id == campaign_id, SampleDraw.number == number)
    ).one_or_none()
    if found is None:
        raise NotFound(what=f"draw {number}")
    return found


def shares_of(found: SampleDraw) -> list[Share]:
    """Its strata with their shares; one without a name where there are none."""
    return [Share(*share) for share in json.loads(found.strata)]


def drawn_rows(found: SampleDraw) -> list[int]:
    """The numbers of the drawn rows; none before it is drawn."""
    rows: list[int] = json.loads(found.drawn) if found.drawn is not None else []
    return rows

"""Earlier campaigns that a campaign may be compared with, as somebody who computes may choose them.

Must stay true: what stands here is scoped by the agency of whoever asks; which of them a person may open is for their
roles to say, as with campaigns.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.campaigns.models import Campaign
from survey_app.campaigns.queries import campaigns
from survey_app.scores.models import ScoreSnapshot


@dataclass(frozen=True)
class EarlierWave:
    """A campaign to compare with, and its newest snapshot."""

    id: int
    code: str
    title: str
    number: int


def earlier_waves(session: Session, campaign: Campaign, agency_id: int | None) -> list[EarlierWave]:
    """Other campaigns in scope that have closed, have been computed and opened no later, the latest first."""
    newest: dict[int, int] = {}
    for campaign_id, number in session.execute(select(ScoreSnapshot.campaign_id, ScoreSnapshot.number)):
        newest[campaign_id] = max(number, newest.get(campaign_id, 0))
    found = [
        other
        for other in campaigns.campaigns(session, agency_id)
        if other.id != campaign.id and other.state == "closed" and other.opens <= campaign.opens and other.id in newest
    ]
    latest_first = sorted(found, key=lambda other: (other.opens, other.id), reverse=True)
    return [EarlierWave(other.id, other.code, other.title, newest[other.id]) for other in latest_first]

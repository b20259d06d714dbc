"""Quotas (名额): the most sittings that a door lets in. The writer keeps them, exactly; here they are set.

What must stay true: what is refused here tells of stored sittings only, and in steps; whoever could find out how many
are parked would see at which minute somebody answered.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from survey_app.accounts.operations.audit import record
from survey_app.campaigns.models import Campaign, Collector
from survey_app.campaigns.queries import campaigns
from survey_app.campaigns.rules import MIN_PLANNED
from survey_app.fieldwork import queries, rules


def set_quota(
    session: Session, campaign: Campaign, collector_id: int, quota: int | None, *, now: datetime, person_id: int | None
) -> None:
    """Let at most so many sittings in at a door; None: everybody who comes. Lower than what is parked: full at once.

    Raises NotFound, WrongState, NoQuotaHere, QuotaTooSmall.
    """
    campaigns.hold(session, campaign)
    row = campaigns.collector(session, campaign.id, collector_id)
    if campaign.state == "closed":
        raise rules.wrong_state(campaign.title, "closed")
    if quota is not None:
        if row.audience != "service_recipient" or row.tier == "T2":
            raise rules.NoQuotaHere(door=row.label)
        least = max(MIN_PLANNED, queries.stored_at_least(session, campaign, collector_id))
        if quota < least:
            raise rules.QuotaTooSmall(least=least, quota=quota)
    session.get_one(Collector, collector_id).quota = quota
    session.flush()
    detail = {"collector": collector_id, "door": row.label, "quota": quota}
    record(session, now, person_id, "collector.set_quota", f"campaign:{campaign.code}", detail)

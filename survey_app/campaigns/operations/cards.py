"""Choosing between open link, cards and named list, and making cards, for one door of a campaign."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from survey_app.accounts.operations.audit import record
from survey_app.admission import operations as admission
from survey_app.admission.operations import Batch
from survey_app.admission.rules import new_code
from survey_app.campaigns import rules
from survey_app.campaigns.models import Campaign, Collector
from survey_app.campaigns.queries import campaigns as queries
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.campaigns.rules import Tier
from survey_app.invitations.rules.lists import MIN_INVITED
from survey_app.questionnaire.base import AUDIENCE_NAMES


def set_tier(
    session: Session, campaign: Campaign, collector_id: int, tier: Tier, *, now: datetime, person_id: int | None
) -> None:
    """Make a door an open link (T0), one with cards (T1) or one by named list (T2), while the campaign is a draft.

    Raises NotADraft, CardsExist, ListExists, NotOpenLink (staff, departments), NotByNamedList (departments, fewer than
    10 people), NoCardsWithoutHeadcount.
    """
    queries.hold(session, campaign)
    row = queries.collector(session, campaign.id, collector_id)
    if campaign.state != "draft":
        raise rules.NotADraft(campaign=campaign.title)
    if row.tier == tier:
        return
    if tier == "T0" and row.audience != "service_recipient":
        raise rules.NotOpenLink(door=row.label)
    if row.cards.made > row.cards.voided:
        raise rules.CardsExist(door=row.label)
    if row.listed is not None:
        raise rules.ListExists(door=row.label)
    if tier != "T0" and not row.headcount:
        raise rules.NoCardsWithoutHeadcount(door=row.label)
    if tier == "T2" and (row.department_code is not None or row.headcount < MIN_INVITED):
        raise rules.NotByNamedList(door=row.label, least=MIN_INVITED)
    collector = session.get_one(Collector, collector_id)
    collector.tier = tier
    collector.open_code = new_code() if tier == "T0" else None
    # Whoever is invited by name may answer.
    collector.quota = None if tier == "T2" else collector.quota
    detail = {"collector": collector_id, "door": row.label, "tier": tier}
    record(session, now, person_id, "collector.set_tier", f"campaign:{campaign.code}", detail)


def make_cards(
    session: Session,
    campaign: Campaign,
    collector_id: int,
    cards: int,
    *,
    now: datetime,
    person_id: int | None,
    made_before: int | None = None,
) -> Batch:
    """Make and print cards for a door; active for as many people as have neither card nor paper, the rest spares.

    made_before: how many cards this door had ever had when they were asked for; None asks no such question.
    The codes are in what is returned and nowhere else. Raises CampaignClosed, CodesOnly, NoCardsWithoutHeadcount,
    CardsMadeMeanwhile, TooManyCards.
    """
    queries.hold(session, campaign)
    row = queries.collector(session, campaign.id, collector_id)
    if campaign.state == "closed":
        raise rules.CampaignClosed(campaign=campaign.title)
    if row.tier == "T0":
        raise rules.CodesOnly(door=row.label)
    if not row.headcount:
        raise rules.NoCardsWithoutHeadcount(door=row.label)
    if made_before is not None and made_before != row.cards.made:
        raise rules.CardsMadeMeanwhile(door=row.label)
    batch = admission.make_batch(session, collector_id, cards, queries.people_for_cards(session, row))
    today = now.astimezone(ZoneInfo(campaign.timezone)).date()
    admission.register(session, batch.id, "printed", cards, on_day=today, note="")
    detail = {"collector": collector_id, "door": row.label, "batch": batch.id, "cards": cards}
    record(session, now, person_id, "cards.make", f"campaign:{campaign.code}", detail | {"activated": batch.activated})
    return batch


def make_lacking_cards(
    session: Session, campaign: Campaign, audience: str, spares: int, *, now: datetime, person_id: int | None
) -> list[tuple[CollectorRow, Batch]]:
    """For every door of an audience that lacks suggested cards, those and `spares` more, as `make_cards` makes them.

    Raises CardsMadeMeanwhile when no door lacks any, and what `make_cards` raises.
    """
    queries.hold(session, campaign)
    rows = [row for row in queries.collectors(session, campaign.id) if row.audience == audience]
    lacking = queries.suggested_cards(queries.setup_of(campaign), rows)
    if not lacking:
        raise rules.CardsMadeMeanwhile(door=" ".join(AUDIENCE_NAMES[audience]))
    return [
        (row, make_cards(session, campaign, row.id, lacking[row.id] + spares, now=now, person_id=person_id))
        for row in rows
        if row.id in lacking
    ]

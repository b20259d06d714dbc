"""The order of a campaign: which doors there are, and how many cards each lacks and may have."""

from sqlalchemy.orm import Session

from survey_app.campaigns.export.cards import printed_doors
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.queries import campaigns as queries
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.campaigns.rules import CampaignClosed
from survey_app.offline_cards import rules
from survey_app.offline_cards.rules import CardOrder


def card_order(session: Session, campaign: Campaign, public_url: str) -> CardOrder:
    """The order as things stand, signed; every door that works by codes and knows its people. Raises CampaignClosed."""
    if campaign.state == "closed":
        raise CampaignClosed(campaign=campaign.title)
    rows = queries.collectors(session, campaign.id)
    suggested = queries.suggested_cards(queries.setup_of(campaign), rows)
    names = printed_doors(rows)
    doors = [
        {
            "collector": row.id,
            "place": row.place,
            "audience": row.audience,
            "stratum": row.stratum,
            "number": names[row.id].number,
            "mark": names[row.id].mark,
            "headcount": row.headcount,
            "room": room(session, row),
            "suggested": suggested.get(row.id, 0),
        }
        for row in rows
        if row.tier != "T0" and row.headcount
    ]
    content = {
        "kind": "pingyi-card-order",
        "format": rules.FORMAT,
        "campaign": campaign.code,
        "title": campaign.title,
        "public_url": public_url,
        "demo": campaign.demo,
        "doors": doors,
    }
    return rules.signed_order(campaign.digest_key, content)


def room(session: Session, row: CollectorRow) -> int:
    """Cards that may still become active at a door."""
    return max(0, queries.people_for_cards(session, row) - row.cards.activated)

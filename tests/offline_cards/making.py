"""Cards as an agency makes them, without the command line: an order, codes, the hashes file."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from survey_app.admission.rules import draw
from survey_app.campaigns.models import Campaign
from survey_app.offline_cards import rules
from survey_app.offline_cards.operations.ordering import card_order
from survey_app.offline_cards.rules import CardOrder, HashesFile

URL = "https://pj.example.cn"


def order_of(session: Session, campaign: Campaign) -> CardOrder:
    return card_order(session, campaign, URL)


def made(order: CardOrder, cards: Mapping[int, tuple[int, int]]) -> tuple[HashesFile, dict[int, tuple[str, ...]]]:
    """cards: collector -> (how many, of which active). The file, and the codes that stay with the agency."""
    codes = {collector: draw(count, active) for collector, (count, active) in cards.items()}
    drawn = {collector: (codes[collector], active) for collector, (_count, active) in cards.items()}
    return rules.hashes_file(order, drawn), codes

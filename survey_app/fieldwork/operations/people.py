"""How many people behind a door nobody has reached yet: one person has a card, a paper sheet or an imported row.

What must stay true: two doors for the same people share one headcount; cards that are out, paper that is out and
imported sittings together never exceed it, whichever came first.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.admission import queries as register
from survey_app.campaigns.queries import campaigns as queries
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.responses.models import Response


def people_left(session: Session, row: CollectorRow) -> int | None:
    """How many more people a card, a sheet or a row can belong to; None where nobody knows how many there are."""
    if not row.headcount:
        return None
    doors = [row, *queries.sharing_headcount(session, row)]
    cards = sum(max(0, door.cards.out) for door in doors)
    return row.headcount - cards - _by_other_ways(session, [door.id for door in doors])


def cards_left(session: Session, row: CollectorRow) -> int | None:
    """How many more cards may go out beside paper and imported sittings; None where there are none of these.

    Cards alone are bounded by how many of them are active: spares in the hands of an office open no door.
    """
    doors = [row.id, *(other.id for other in queries.sharing_headcount(session, row))]
    return people_left(session, row) if _by_other_ways(session, doors) else None


def _by_other_ways(session: Session, collector_ids: list[int]) -> int:
    paper = sum(counts.out for counts in register.paper_counts(session, collector_ids).values())
    imported = select(func.count(func.distinct(Response.sitting))).where(
        Response.collector_id.in_(collector_ids), Response.mode == "import"
    )
    return paper + (session.scalar(imported) or 0)

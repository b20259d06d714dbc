"""Acts of staff on a named list, each recorded: importing, links, cards taken instead, deleting it before opening.

The log says how many, never who: it stays when the list is destroyed.
"""

import hashlib
from datetime import datetime

from sqlalchemy.orm import Session

from survey_app.accounts.operations.audit import record
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.queries import campaigns as queries
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.fieldwork import rules
from survey_app.fieldwork.operations.list_file import read_list
from survey_app.invitations.operations import lists
from survey_app.invitations.rules.lists import EveryoneHasALink, Invitation, ListFixed, NoList, NotByList


def import_list(
    session: Session,
    campaign: Campaign,
    collector_id: int,
    name: str,
    data: bytes,
    *,
    now: datetime,
    person_id: int | None,
) -> int:
    """Put the people of a file in the place of any list of this door; how many they are.

    Until opening: then the list is fixed. Links made before end. Raises NotFound, NotByList, ListFixed, BadInput.
    """
    row = _draft_door(session, campaign, collector_id)
    rows = read_list(name, data)
    digest = hashlib.sha256(data).digest()
    lists.replace_list(session, collector_id, rows, digest)
    detail = {"collector": collector_id, "door": row.label, "rows": len(rows), "file_sha256": digest.hex()}
    record(session, now, person_id, "list.import", f"campaign:{campaign.code}", detail)
    return len(rows)


def discard_list(
    session: Session, campaign: Campaign, collector_id: int, *, now: datetime, person_id: int | None
) -> None:
    """Delete a list before its campaign opens. Raises NotFound, NotByList, ListFixed, NoList."""
    row = _draft_door(session, campaign, collector_id)
    if row.listed is None:
        raise NoList(door=row.label)
    gone = lists.discard_list(session, collector_id)
    detail = {"collector": collector_id, "door": row.label, "rows": gone}
    record(session, now, person_id, "list.discard", f"campaign:{campaign.code}", detail)


def make_links(
    session: Session, campaign: Campaign, collector_id: int, *, renew: bool, now: datetime, person_id: int | None
) -> list[Invitation]:
    """Personal links in clear, this once: for everybody without one, or (renew) new ones for all without a card.

    Raises NotFound, NotByList, NoList, WrongState (closed), EveryoneHasALink.
    """
    row = _listed_door(session, campaign, collector_id)
    made = lists.make_links(session, collector_id, renew=renew)
    if not made:
        raise EveryoneHasALink(door=row.label)
    detail = {"collector": collector_id, "door": row.label, "links": len(made), "renewed": renew}
    record(session, now, person_id, "list.make_links", f"campaign:{campaign.code}", detail)
    return made


def take_card(
    session: Session, campaign: Campaign, collector_id: int, position: int, *, now: datetime, person_id: int | None
) -> None:
    """Mark that somebody takes a card, before it is handed over.

    Raises NotFound, NotByList, NoList, WrongState (closed), HasCredential, CardTakenAlready.
    """
    row = _listed_door(session, campaign, collector_id)
    lists.take_card(session, collector_id, position)
    detail = {"collector": collector_id, "door": row.label}
    record(session, now, person_id, "list.card_taken", f"campaign:{campaign.code}", detail)


def _draft_door(session: Session, campaign: Campaign, collector_id: int) -> CollectorRow:
    row = _door(session, campaign, collector_id)
    if campaign.state != "draft":
        raise ListFixed(door=row.label)
    return row


def _listed_door(session: Session, campaign: Campaign, collector_id: int) -> CollectorRow:
    row = _door(session, campaign, collector_id)
    if campaign.state == "closed":
        raise rules.wrong_state(campaign.title, "closed")
    if row.listed is None:
        raise NoList(door=row.label)
    return row


def _door(session: Session, campaign: Campaign, collector_id: int) -> CollectorRow:
    queries.hold(session, campaign)
    row = queries.collector(session, campaign.id, collector_id)
    if row.tier != "T2":
        raise NotByList(door=row.label)
    return row

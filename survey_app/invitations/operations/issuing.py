"""Issuing: one blind signature for one person, kept so that the same blinded message gets the same signature again.

What must stay true: a signature leaves the house only after the commit that keeps it; a second blinded message of the
same person is refused, whoever sends it; nothing here ever meets a token or an answer.
"""

from enum import StrEnum

from sqlalchemy import update
from sqlalchemy.orm import Session

from survey_app.invitations.models import Invitee, NamedList
from survey_app.invitations.operations.lists import hold_list
from survey_app.invitations.queries import standing
from survey_app.invitations.rules.lists import InviteeStanding


class Issue(StrEnum):
    """What somebody with a personal link and a blinded message is told."""

    SIGNED = "signed"
    AGAIN = "again"
    OTHER = "other"
    CARD_TAKEN = "card_taken"
    UNKNOWN = "unknown"


def judge(found: InviteeStanding | None, blinded: bytes) -> Issue | None:
    """What follows from the standing alone; None where a signature may be issued."""
    if found is None:
        return Issue.UNKNOWN
    if found.card_taken:
        return Issue.CARD_TAKEN
    if found.issued:
        return Issue.AGAIN if found.blinded == blinded else Issue.OTHER
    return None


def keep_signature(
    session: Session, collector_id: int, link_hash: bytes, blinded: bytes, blind_signature: bytes
) -> Issue:
    """Mark the row issued and keep both halves, in one statement that only one of many tries can win."""
    hold_list(session, collector_id)
    kept = session.execute(
        update(Invitee)
        .where(
            Invitee.collector_id == collector_id,
            Invitee.link_hash == link_hash,
            Invitee.issued.is_(False),
            Invitee.card_taken.is_(False),
        )
        .values(issued=True, blinded=blinded, blind_signature=blind_signature)
    )
    if kept.rowcount == 1:  # type: ignore[attr-defined]  # an UPDATE counts its rows
        session.execute(
            update(NamedList).where(NamedList.collector_id == collector_id).values(issued=NamedList.issued + 1)
        )
        return Issue.SIGNED
    # None again only where the list was destroyed in between.
    return judge(standing(session, link_hash), blinded) or Issue.UNKNOWN

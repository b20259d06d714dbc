"""Keeping a named list: replacing it, making personal links, marking cards taken, publishing its key, destroying it.

What must stay true: a personal secret leaves in clear once, in the answer of `make_links`, and only its hash is
stored; a row that has a credential never gets another one; the sums are changed together with the rows they count.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from survey_app.admission.rules import code_hash, new_code
from survey_app.errors import NotFound
from survey_app.invitations.models import Invitee, NamedList
from survey_app.invitations.operations.keys import SigningKeys
from survey_app.invitations.rules.lists import CardTakenAlready, HasCredential, Invitation, ListRow

_ROWS = 500


def replace_list(session: Session, collector_id: int, rows: Sequence[ListRow], file_digest: bytes) -> None:
    """Put these people in the place of any that were there. Links that were made before end with their rows.

    Before opening only: whoever calls this makes sure of it. file_digest: SHA-256 of the file, for the certificate.
    """
    session.execute(delete(Invitee).where(Invitee.collector_id == collector_id))
    session.execute(delete(NamedList).where(NamedList.collector_id == collector_id))
    session.add(NamedList(collector_id=collector_id, invited=len(rows), file_digest=file_digest))
    session.flush()
    for start in range(0, len(rows), _ROWS):
        session.execute(
            insert(Invitee),
            [
                {"collector_id": collector_id, "position": position, "card_taken": False, "issued": False}
                | {"name": row.name, "contact": row.contact, "note": row.note}
                for position, row in enumerate(rows[start : start + _ROWS], start + 1)
            ],
        )


def hold_list(session: Session, collector_id: int) -> None:
    """Let one act on a list end before the next one looks; its sums first, then its rows, so that nobody waits in turn.

    On SQLite writers queue anyway.
    """
    session.execute(select(NamedList.collector_id).where(NamedList.collector_id == collector_id).with_for_update())


def make_links(session: Session, collector_id: int, *, renew: bool) -> list[Invitation]:
    """Personal links in clear, this once, for everybody who has neither link nor card.

    renew: for everybody without a card; old links end. Those who fetched a credential get a new link too: whoever was
    left out of the letters would be known to have fetched. Their row, and so what their phone keeps, stays theirs.
    """
    hold_list(session, collector_id)
    without = (Invitee.collector_id == collector_id, Invitee.card_taken.is_(False))
    query = select(Invitee.position, Invitee.name, Invitee.contact, Invitee.note).where(*without)
    if not renew:
        query = query.where(Invitee.link_hash.is_(None))
    made = []
    for position, name, contact, note in session.execute(query.order_by(Invitee.position)):
        made.append(Invitation(position, ListRow(name, contact, note), new_code()))
    for one in made:
        session.execute(
            update(Invitee)
            .where(Invitee.collector_id == collector_id, Invitee.position == one.position)
            .values(link_hash=code_hash(one.secret))
        )
    return made


def take_card(session: Session, collector_id: int, position: int) -> None:
    """Mark that this person takes a card, before it is handed over; from now on no signature is issued to them.

    Raises NotFound, HasCredential, CardTakenAlready.
    """
    hold_list(session, collector_id)
    this_row = (Invitee.collector_id == collector_id, Invitee.position == position)
    marked = session.execute(
        update(Invitee)
        .where(*this_row, Invitee.issued.is_(False), Invitee.card_taken.is_(False))
        .values(card_taken=True)
    )
    if marked.rowcount == 1:  # type: ignore[attr-defined]  # an UPDATE counts its rows
        session.execute(
            update(NamedList).where(NamedList.collector_id == collector_id).values(card_taken=NamedList.card_taken + 1)
        )
        return
    issued = session.scalar(select(Invitee.issued).where(*this_row))
    if issued is None:
        raise NotFound(what=f"row {position}")
    raise (HasCredential if issued else CardTakenAlready)(position=position)


def publish_key(session: Session, keys: SigningKeys, collector_id: int) -> bytes:
    """Make the key of a list; its public half is stored for good. Once, when the campaign opens."""
    public = keys.create(collector_id)
    session.execute(update(NamedList).where(NamedList.collector_id == collector_id).values(public_key=public))
    return public


def destroy_list(session: Session, collector_id: int, *, now: datetime, person_id: int | None) -> int | None:
    """Delete every row of a list; its sums, its key's public half and its certificate stay. How many rows went.

    None where there is no list, or none any more. The key file goes after the commit, by whoever closes.
    """
    destroyed = session.execute(
        update(NamedList)
        .where(NamedList.collector_id == collector_id, NamedList.destroyed_at.is_(None))
        .values(destroyed_at=now, destroyed_by=person_id)
    )
    if destroyed.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE counts its rows
        return None
    gone = session.execute(delete(Invitee).where(Invitee.collector_id == collector_id))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE counts its rows


def destroy_left_keys(session: Session, keys: SigningKeys) -> None:
    """At start: the keys of lists that are destroyed, where closing was interrupted between its commit and the file."""
    for collector_id in session.scalars(select(NamedList.collector_id).where(NamedList.destroyed_at.is_not(None))):
        keys.destroy(collector_id)


def discard_list(session: Session, collector_id: int) -> int:
    """Delete a list before its campaign opens, as if it had never been there. How many rows went."""
    gone = session.execute(delete(Invitee).where(Invitee.collector_id == collector_id))
    session.execute(delete(NamedList).where(NamedList.collector_id == collector_id))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE counts its rows

"""Reading named lists: standings behind links, sums, published keys, and whether the sums fit the rows they count."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from survey_app.invitations.models import Invitee, NamedList, Spent
from survey_app.invitations.rules.blind_rsa import fingerprint
from survey_app.invitations.rules.lists import InviteeStanding, ListCounts


@dataclass(frozen=True)
class KeptList:
    """What stays of a list when its rows are gone."""

    collector_id: int
    counts: ListCounts
    file_digest: bytes
    public_key: bytes | None
    destroyed_at: datetime | None
    destroyed_by: int | None


@dataclass(frozen=True)
class PublishedList:
    """What the trust page says of a list. public_key: DER. final: the collector is closed, the sums are exact."""

    collector_id: int
    public_key: bytes
    fingerprint: str
    counts: ListCounts
    final: bool


@dataclass(frozen=True)
class ListedPerson:
    """One row as staff see it. Who got a signature is not shown: nobody should be asked why they have not."""

    position: int
    name: str
    contact: str
    note: str
    has_link: bool
    card_taken: bool


def standing(session: Session, link_hash: bytes) -> InviteeStanding | None:
    """What is known behind the personal link whose secret has this SHA-256; None when there is no such link."""
    row = session.execute(
        select(
            Invitee.collector_id,
            Invitee.position,
            Invitee.card_taken,
            Invitee.issued,
            Invitee.blinded,
            Invitee.blind_signature,
        ).where(Invitee.link_hash == link_hash)
    ).one_or_none()
    return None if row is None else InviteeStanding(*row)


def public_key(session: Session, collector_id: int) -> bytes | None:
    """The published key of a collector; None where there is no list, or none that has opened."""
    return session.scalar(select(NamedList.public_key).where(NamedList.collector_id == collector_id))


def token_receipt(session: Session, spent_hash: bytes) -> bytes | None:
    """The receipt of a token that was spent; None for one that was not."""
    return session.scalar(select(Spent.receipt).where(Spent.hash == spent_hash))


def lists(session: Session, collector_ids: Collection[int]) -> dict[int, KeptList]:
    """The lists of these collectors, by collector; those without one are left out."""
    found = session.scalars(
        select(NamedList)
        .where(NamedList.collector_id.in_(collector_ids))
        .order_by(NamedList.collector_id)
        .execution_options(populate_existing=True)  # the sums are changed by statements, not through objects
    )
    return {one.collector_id: _kept(one) for one in found}


def published(session: Session, collector_ids: Collection[int]) -> list[PublishedList]:
    """What anybody may know of these collectors' lists: keys, and sums in steps until they are final.

    Lists of campaigns that have not opened are left out: they have no key yet.
    """
    return [
        PublishedList(
            one.collector_id,
            one.public_key,
            fingerprint(one.public_key),
            one.counts if one.destroyed_at is not None else one.counts.in_steps(),
            final=one.destroyed_at is not None,
        )
        for one in lists(session, collector_ids).values()
        if one.public_key is not None
    ]


def people(session: Session, collector_id: int, *, start: int, most: int) -> Sequence[ListedPerson]:
    """Up to `most` rows of a list, in the order of the file, from row `start` on."""
    rows = session.execute(
        select(
            Invitee.position,
            Invitee.name,
            Invitee.contact,
            Invitee.note,
            Invitee.link_hash.is_not(None),
            Invitee.card_taken,
        )
        .where(Invitee.collector_id == collector_id, Invitee.position >= start)
        .order_by(Invitee.position)
        .limit(most)
    )
    return [ListedPerson(*row) for row in rows]


def without_link(session: Session, collector_id: int) -> int:
    """How many have neither a link nor a card yet."""
    query = select(func.count()).where(
        Invitee.collector_id == collector_id, Invitee.link_hash.is_(None), Invitee.card_taken.is_(False)
    )
    return session.scalar(query) or 0


def discrepant(session: Session, collector_ids: Collection[int]) -> list[KeptList]:
    """The lists whose sums are not those of their rows, or break spent ≤ issued ≤ invited: the database was changed.

    The database refuses sums that break the rule; this finds rows that were put in or taken out beside them.
    """
    # One statement: between two of them somebody may fetch or answer, and nobody would have changed anything.
    tokens = select(func.count()).where(Spent.collector_id == NamedList.collector_id).scalar_subquery()
    query = (
        select(
            NamedList,
            tokens,
            func.count(Invitee.collector_id),
            func.coalesce(func.sum(case((Invitee.card_taken, 1), else_=0)), 0),
            func.coalesce(func.sum(case((Invitee.issued, 1), else_=0)), 0),
        )
        .outerjoin(Invitee, Invitee.collector_id == NamedList.collector_id)
        .where(NamedList.collector_id.in_(collector_ids))
        .group_by(NamedList.collector_id)
        .order_by(NamedList.collector_id)
        .execution_options(populate_existing=True)
    )
    found = []
    for one, spent, invited, cards, issued in session.execute(query):
        kept = _kept(one)
        counts = kept.counts
        # Once the rows are destroyed only the tokens are left to be counted.
        rows = (invited, int(cards), int(issued))
        fits = kept.destroyed_at is not None or rows == (counts.invited, counts.card_taken, counts.issued)
        ordered = counts.spent <= counts.issued and counts.issued + counts.card_taken <= counts.invited
        if not (fits and ordered and spent == counts.spent):
            found.append(kept)
    return found


def _kept(one: NamedList) -> KeptList:
    return KeptList(
        one.collector_id,
        ListCounts(one.invited, one.card_taken, one.issued, one.spent),
        one.file_digest,
        one.public_key,
        one.destroyed_at,
        one.destroyed_by,
    )

"""Reading access codes and the card register: standings and sums, never a list of codes."""

from collections import Counter
from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, ColumnExpressionArgument, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from survey_app.admission.models import AccessCode, CardBatch, CardMovement, PaperMovement
from survey_app.admission.rules import CardCounts, CodeStanding, PaperCounts

_ROWS = 1000


def code_standing(session: Session, code_hash: bytes) -> CodeStanding | None:
    """What is known of the code with this SHA-256; None when there is no such code."""
    row = session.execute(
        select(AccessCode.collector_id, AccessCode.active, AccessCode.used, AccessCode.receipt, CardBatch.state)
        .join(CardBatch, CardBatch.id == AccessCode.batch_id)
        .where(AccessCode.hash == code_hash)
    ).one_or_none()
    if row is None:
        return None
    collector_id, active, used, receipt, state = row
    return CodeStanding(collector_id, active, used, receipt, voided=state == "voided")


def counts(session: Session, collector_ids: Collection[int]) -> dict[int, CardCounts]:
    """The cards of each collector, by its id; collectors without cards have zeros."""
    return _counts(session, CardBatch.collector_id, collector_ids)


def batch_counts(session: Session, batch_ids: Collection[int]) -> dict[int, CardCounts]:
    """The cards of each batch, by its id."""
    return _counts(session, CardBatch.id, batch_ids)


def known(session: Session, hashes: Sequence[bytes]) -> dict[int, int]:
    """How many of these hashes are stored, by collector; collectors with none are left out."""
    found: Counter[int] = Counter()
    for start in range(0, len(hashes), _ROWS):
        some = select(AccessCode.collector_id, func.count()).where(AccessCode.hash.in_(hashes[start : start + _ROWS]))
        for collector_id, stored in session.execute(some.group_by(AccessCode.collector_id)):
            found[collector_id] += stored
    return dict(found)


def batches(session: Session, collector_ids: Collection[int]) -> list[CardBatch]:
    """The batches of these collectors, oldest first."""
    return list(
        session.scalars(select(CardBatch).where(CardBatch.collector_id.in_(collector_ids)).order_by(CardBatch.id))
    )


def movements(session: Session, batch_ids: Collection[int]) -> list[CardMovement]:
    """The register entries of these batches, in the order in which they were written."""
    return list(
        session.scalars(select(CardMovement).where(CardMovement.batch_id.in_(batch_ids)).order_by(CardMovement.id))
    )


def paper_counts(session: Session, collector_ids: Collection[int]) -> dict[int, PaperCounts]:
    """The paper questionnaires of each collector, by its id; collectors without any have zeros."""
    sums: dict[int, dict[str, int]] = {collector_id: {} for collector_id in collector_ids}
    moved = (
        select(PaperMovement.collector_id, PaperMovement.kind, func.sum(PaperMovement.sheets))
        .where(PaperMovement.collector_id.in_(collector_ids))
        .group_by(PaperMovement.collector_id, PaperMovement.kind)
    )
    for collector_id, kind, sheets in session.execute(moved):
        sums[collector_id][kind] = int(sheets)
    return {collector_id: PaperCounts(**found) for collector_id, found in sums.items()}


def paper_movements(session: Session, collector_id: int) -> list[PaperMovement]:
    """The register entries about paper of one collector, in the order in which they were written."""
    query = select(PaperMovement).where(PaperMovement.collector_id == collector_id).order_by(PaperMovement.id)
    return list(session.scalars(query))


def _counts(session: Session, key: InstrumentedAttribute[int], wanted: Collection[int]) -> dict[int, CardCounts]:
    found = dict.fromkeys(wanted, CardCounts())
    codes = (
        select(
            key,
            func.count(),
            _how_many(AccessCode.active),
            _how_many(AccessCode.used),
            _how_many(CardBatch.state == "voided"),
        )
        .join(CardBatch, CardBatch.id == AccessCode.batch_id)
        .where(key.in_(wanted))
        .group_by(key)
    )
    for identity, made, activated, used, voided in session.execute(codes):
        found[identity] += CardCounts(made=made, activated=activated, used=used, voided=voided)
    moved = (
        select(key, CardMovement.kind, func.sum(CardMovement.cards))
        .join(CardBatch, CardBatch.id == CardMovement.batch_id)
        # What was printed of a voided batch is waste paper, not cards.
        .where(key.in_(wanted), CardBatch.state != "voided")
        .group_by(key, CardMovement.kind)
    )
    for identity, kind, cards in session.execute(moved):
        found[identity] += CardCounts(**{kind: int(cards)})
    return found


def _how_many(condition: ColumnExpressionArgument[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

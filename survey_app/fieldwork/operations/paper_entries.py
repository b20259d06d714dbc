"""Entries of a paper batch: typed, sealed, taken back, compared, settled.

What must stay true: an entry is sealed under the key of its batch, padded to one size, under a random id. Nobody sees
an entry again but the one typed last, and the items on which two passes differ.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.campaigns.queries import doors
from survey_app.errors import NotFound
from survey_app.fieldwork import paper_errors
from survey_app.fieldwork.paper_models import PaperBatch, PaperEntry
from survey_app.fieldwork.paper_rules import Paper, Responses, Sheet
from survey_app.library import queries as library
from survey_app.responses.boxes import Boxes
from survey_app.responses.keys import KeyFiles
from survey_app.responses.sitting import OpenedSitting, Sitting, open_sitting, seal_sitting


def batch_keys(directory: Path) -> KeyFiles:
    """The keys of paper batches, in a folder of their own beside the box keys."""
    return KeyFiles(directory / "paper")


def enter(
    session: Session,
    boxes: Boxes,
    batch: PaperBatch,
    sheet: Sheet,
    *,
    entry_id: bytes,
    number: int | None,
    pass_number: int,
    replace: bool,
    language: str,
    person_id: int,
) -> None:
    """Keep one sheet sealed until its batch is handed in. The same entry id twice is one entry.

    number: what is written on the sheet, in batches entered twice. sheet: without responses where it was blank.
    Raises BatchDone, NotYourBatch, BatchFull, SheetNumberWrong, SheetEntered, KeyOfBatchGone.
    """
    batch = hold_batch(session, batch)
    _check_turn(batch, pass_number, person_id)
    if session.get(PaperEntry, (batch.id, entry_id)) is not None:
        return
    if batch.twice:
        _make_room(session, batch, number, pass_number, replace=replace)
    elif entered(session, batch.id, 1) >= batch.sheets:
        raise paper_errors.BatchFull(sheets=batch.sheets)
    key = _key(boxes, batch)
    session.add(
        PaperEntry(
            batch_id=batch.id,
            id=entry_id,
            pass_number=pass_number,
            sheet=number if batch.twice else None,
            ciphertext=_sealed(session, batch, sheet, language, entry_id=entry_id, key=key),
        )
    )
    batch.last_entry = None if batch.twice else entry_id
    session.flush()


def take_back(session: Session, boxes: Boxes, batch: PaperBatch, *, person_id: int) -> Responses:
    """Undo the entry typed last; what was typed, this once more. Raises BatchDone, NotYourBatch, NothingToTakeBack."""
    batch = hold_batch(session, batch)
    _check_turn(batch, 1, person_id)
    entry = None if batch.last_entry is None else session.get(PaperEntry, (batch.id, batch.last_entry))
    if entry is None:
        raise paper_errors.NothingToTakeBack
    opened = open_sitting(_key(boxes, batch), entry.ciphertext, entry.id)
    session.delete(entry)
    batch.last_entry = None
    session.flush()
    return opened.responses


@dataclass(frozen=True)
class TwiceEntered:
    """One sheet of a batch entered twice: what either pass says."""

    number: int
    first: OpenedSitting
    second: OpenedSitting

    @property
    def agrees(self) -> bool:
        """Whether both passes say the same."""
        return sorted_responses(self.first.responses) == sorted_responses(self.second.responses)


def sheets_of(session: Session, boxes: Boxes, batch: PaperBatch) -> list[TwiceEntered]:
    """The sheets that both passes have, by number."""
    first, second = (
        {entry.sheet: opened for entry, opened in opened_entries(session, boxes, batch, number)} for number in (1, 2)
    )
    both = sorted(number for number in first.keys() & second.keys() if number is not None)
    return [TwiceEntered(number, first[number], second[number]) for number in both]


def replace_both(
    session: Session, boxes: Boxes, batch: PaperBatch, number: int, sheet: Sheet, *, language: str
) -> None:
    """Replace both passes of a sheet by what a look at the paper says. Raises BatchDone, NotFound, KeyOfBatchGone."""
    batch = hold_batch(session, batch)
    entries = session.scalars(
        select(PaperEntry).where(PaperEntry.batch_id == batch.id, PaperEntry.sheet == number)
    ).all()
    if not batch.twice or len(entries) != 2:
        raise NotFound(what=f"sheet {number}")
    key = _key(boxes, batch)
    for entry in entries:
        entry.ciphertext = _sealed(session, batch, sheet, language, entry_id=entry.id, key=key)
    session.flush()


def paper_of(session: Session, collector_id: int, language: str = "zh") -> Paper:
    """The printed questionnaire of a collector. Raises NotFound before its campaign has opened."""
    door = doors.door(session, collector_id)
    if door is None or door.questionnaire_hash is None:
        raise NotFound(what=f"collector {collector_id}")
    units = door.units
    questionnaire = library.questionnaire(session, door.questionnaire_hash)
    return Paper(
        questionnaire,
        tuple(unit.id for unit in units),
        tuple(unit.code for unit in units),
        tuple(unit.name for unit in units),
        language if language in questionnaire.languages() else "zh",
    )


def turn_of(batch: PaperBatch, person_id: int, wanted: int | None = None) -> int | None:
    """Which pass this person may type; None where it is nobody's turn but others'."""
    if not batch.twice:
        return 1 if batch.first_by == person_id else None
    if batch.same_person and batch.first_by == person_id:
        return wanted if wanted in {1, 2} else 1
    if batch.first_by == person_id:
        return 1
    return 2 if batch.second_by in {None, person_id} else None


def counted(session: Session, batch: PaperBatch) -> tuple[int, int]:
    """How many sheets the first and the second pass have."""
    return entered(session, batch.id, 1), entered(session, batch.id, 2)


def sorted_responses(
    responses: Sequence[tuple[int | None, Mapping[str, object]]],
) -> list[tuple[int, dict[str, object]]]:
    """Responses in one order, whatever the order in which units were rated."""
    return sorted(((unit or 0, dict(given)) for unit, given in responses), key=lambda pair: pair[0])


def opened_entries(
    session: Session, boxes: Boxes, batch: PaperBatch, pass_number: int
) -> list[tuple[PaperEntry, OpenedSitting]]:
    """Every entry of one pass, unsealed, in memory only."""
    key = _key(boxes, batch)
    found = session.scalars(
        select(PaperEntry).where(PaperEntry.batch_id == batch.id, PaperEntry.pass_number == pass_number)
    ).all()
    return [(entry, open_sitting(key, entry.ciphertext, entry.id)) for entry in found]


def hold_batch(session: Session, batch: PaperBatch) -> PaperBatch:
    """The batch as it is now, with others waiting for the commit. Raises BatchDone."""
    session.flush()
    session.refresh(batch, with_for_update=True)
    if batch.state != "entering":
        raise paper_errors.BatchDone
    return batch


def _check_turn(batch: PaperBatch, pass_number: int, person_id: int) -> None:
    if turn_of(batch, person_id, pass_number) != pass_number:
        raise paper_errors.NotYourBatch
    if pass_number == 2 and batch.second_by is None:
        batch.second_by = person_id


def _make_room(session: Session, batch: PaperBatch, number: int | None, pass_number: int, *, replace: bool) -> None:
    if number is None or not 1 <= number <= batch.sheets:
        raise paper_errors.SheetNumberWrong(sheets=batch.sheets)
    earlier = session.scalars(
        select(PaperEntry).where(
            PaperEntry.batch_id == batch.id, PaperEntry.pass_number == pass_number, PaperEntry.sheet == number
        )
    ).one_or_none()
    if earlier is None:
        return
    if not replace:
        raise paper_errors.SheetEntered(sheet=number)
    session.delete(earlier)
    session.flush()


def _sealed(session: Session, batch: PaperBatch, sheet: Sheet, language: str, *, entry_id: bytes, key: bytes) -> bytes:
    door = doors.door(session, batch.collector_id)
    assert door is not None and door.questionnaire_hash is not None  # a batch opens after its campaign
    sitting = Sitting(
        collector_id=batch.collector_id,
        box_group_id=door.box_group_id,
        code_hash=None,
        receipt=b"",
        questionnaire_hash=door.questionnaire_hash,
        language=language,
        mode="paper",
        duration=None,
        order_number=0,
        flip=False,
        responses=sheet.responses,
    )
    return seal_sitting(key, sitting.payload(), door.padded_size, entry_id)


def _key(boxes: Boxes, batch: PaperBatch) -> bytes:
    key = batch_keys(boxes.keys.directory).read(batch.collector_id, batch.id)
    if key is None:
        raise paper_errors.KeyOfBatchGone
    return key


def entered(session: Session, batch_id: int, pass_number: int) -> int:
    """How many sheets one pass has."""
    query = select(func.count()).where(PaperEntry.batch_id == batch_id, PaperEntry.pass_number == pass_number)
    return session.scalar(query) or 0


def new_entry_id() -> str:
    """What makes two sendings of one form one entry."""
    return secrets.token_hex(16)

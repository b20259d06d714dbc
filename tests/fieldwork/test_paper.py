"""Paper batches: counted, typed once or twice, handed in whole, and nothing of them left but responses."""

from pathlib import Path

import orjson
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from survey_app.accounts.models import AuditEntry
from survey_app.admission import queries as register
from survey_app.admission.rules import PaperDoesNotAddUp
from survey_app.campaigns.models import Campaign
from survey_app.config import Config
from survey_app.db import Database
from survey_app.fieldwork.operations import closing, paper, paper_entries
from survey_app.fieldwork.paper_errors import (
    BatchDone,
    BatchFull,
    KeyOfBatchGone,
    NoPaperHere,
    NothingToTakeBack,
    NotYourBatch,
    NotYoursToDiscard,
    PaperWaiting,
    SheetEntered,
    SheetNumberWrong,
    SheetsLeft,
    StillDifferent,
    TooFewForPaper,
)
from survey_app.fieldwork.paper_models import PaperBatch, PaperEntry
from survey_app.fieldwork.paper_rules import Sheet, read_sheet
from survey_app.responses.boxes import BeyondQuota, Boxes, TooFewToPool
from survey_app.responses.models import Response
from tests.factories.accounts import add_person
from tests.factories.campaign import NOON, doors
from tests.factories.paper import boxes_of, door_with_paper, rated, typed


class Desk:
    """Somebody at a desk with a batch of sheets."""

    def __init__(self, session: Session, database: Database, config: Config, sheets: int = 5, **how: bool) -> None:
        self.session, self.boxes = session, boxes_of(database, config)
        self.campaign, self.door = door_with_paper(session, config)
        self.anna, self.bert = add_person(session, "anna"), add_person(session, "bert")
        self.printed = paper_entries.paper_of(session, self.door.id)
        self.batch = self.open(sheets, **how)
        self.made = 0

    def open(self, sheets: int, **how: bool) -> PaperBatch:
        chosen = {"twice": False, "same_person": False} | how
        return paper.open_batch(
            self.session,
            self.boxes,
            self.campaign,
            self.door.id,
            sheets,
            now=NOON,
            person_id=self.anna,
            **chosen,
        )

    def sheet(self, key: str = "2") -> Sheet:
        read = read_sheet(self.printed, typed(self.printed, key), english=False)
        assert read.faults == {}
        return read

    def enter(self, key: str = "2", number: int | None = None, *, second: bool = False, **how: object) -> bytes:
        self.made += 1
        entry = self.made.to_bytes(16, "big")
        chosen = {"replace": False, "person_id": self.bert if second else self.anna, "entry_id": entry} | how
        paper_entries.enter(
            self.session,
            self.boxes,
            self.batch,
            self.sheet(key) if key else Sheet(),
            number=number,
            pass_number=2 if second else 1,
            language="zh",
            **chosen,  # type: ignore[arg-type]
        )
        return entry

    def hand_in(self) -> paper.HandedIn:
        return paper.hand_in(self.session, self.boxes, self.campaign, self.batch.id, now=NOON, person_id=self.anna)

    def stored(self) -> list[Response]:
        return list(self.session.scalars(select(Response)))


def test_batch__handed_in__becomes_paper_responses_and_nothing_else_is_left(
    each_database: Database, config: Config
) -> None:
    with each_database.writing() as session:
        desk = Desk(session, each_database, config)
        for key in ("1", "2", "3", "4", "5"):
            desk.enter(key)
        keys = Path(config.key_directory) / "paper" / f"{desk.door.id}.keys"
        assert any(keys.read_bytes())
        done = desk.hand_in()
        assert (done.stored, done.blank) == (5, 0)
        session.commit()
        assert not any(keys.read_bytes())
        assert session.scalar(select(func.count()).select_from(PaperEntry)) == 0
        rows = desk.stored()
        assert {row.mode for row in rows} == {"paper"}
        assert {row.duration for row in rows} == {None}
        assert len({row.sitting for row in rows}) == 5
        first = rated(desk.printed)
        assert len({orjson.loads(row.answers)[first.item] for row in rows}) == 5
        assert register.paper_counts(session, [desk.door.id])[desk.door.id].entered == 5


def test_entries__are_sealed_to_one_size_under_random_ids(each_database: Database, config: Config) -> None:
    with each_database.writing() as session:
        desk = Desk(session, each_database, config)
        desk.enter("1")
        desk.enter("")
        entries = session.scalars(select(PaperEntry)).all()
        assert len({len(entry.ciphertext) for entry in entries}) == 1
        assert {entry.sheet for entry in entries} == {None}


def test_stored_rows__come_in_no_order_of_entry(database: Database, config: Config) -> None:
    with database.writing() as session:
        desk = Desk(session, database, config, sheets=20)
        first = rated(desk.printed)
        for at in range(20):
            desk.enter("1" if at < 10 else "2")
        desk.hand_in()
        session.commit()
        given = [orjson.loads(row.answers)[first.item] for row in desk.stored()]
    # One chance in 92,378 that twenty shuffled rows lie in the order of entry or its reverse.
    assert given not in (sorted(given), sorted(given, reverse=True))


def test_batch__with_fewer_filled_sheets_than_a_cell__is_refused_and_kept(database: Database, config: Config) -> None:
    with database.writing() as session:
        desk = Desk(session, database, config)
        for _sheet in range(4):
            desk.enter()
        desk.enter("")
        with pytest.raises(TooFewToPool):
            desk.hand_in()
        with pytest.raises(TooFewToPool):
            desk.open(4)
        assert desk.stored() == []


def test_batch__not_entered_whole__is_refused(database: Database, config: Config) -> None:
    with database.writing() as session:
        desk = Desk(session, database, config)
        desk.enter()
        with pytest.raises(SheetsLeft):
            desk.hand_in()
        for _sheet in range(4):
            desk.enter()
        with pytest.raises(BatchFull):
            desk.enter()


def test_same_form_sent_twice__is_one_entry(database: Database, config: Config) -> None:
    with database.writing() as session:
        desk = Desk(session, database, config)
        entry = desk.enter()
        desk.enter(entry_id=entry)
        assert paper_entries.counted(session, desk.batch) == (1, 0)


def test_last_entry__is_taken_back_once_and_no_earlier_one(database: Database, config: Config) -> None:
    with database.writing() as session:
        desk = Desk(session, database, config)
        desk.enter("1")
        desk.enter("3")
        back = paper_entries.take_back(session, desk.boxes, desk.batch, person_id=desk.anna)
        assert paper_entries.sorted_responses(back) == paper_entries.sorted_responses(desk.sheet("3").responses)
        with pytest.raises(NothingToTakeBack):
            paper_entries.take_back(session, desk.boxes, desk.batch, person_id=desk.anna)
        desk.enter("4")
        with pytest.raises(NotYourBatch):
            paper_entries.take_back(session, desk.boxes, desk.batch, person_id=desk.bert)


def test_batch__is_typed_by_whoever_opened_it(database: Database, config: Config) -> None:
    with database.writing() as session:
        desk = Desk(session, database, config)
        with pytest.raises(NotYourBatch):
            desk.enter(person_id=desk.bert)


def test_handed_in_batch__takes_and_shows_nothing(database: Database, config: Config) -> None:
    with database.writing() as session:
        desk = Desk(session, database, config)
        for _sheet in range(5):
            desk.enter()
        desk.hand_in()
        for act in (desk.hand_in, desk.enter):
            with pytest.raises(BatchDone):
                act()
        with pytest.raises(BatchDone):
            paper_entries.take_back(session, desk.boxes, desk.batch, person_id=desk.anna)


def test_two_passes__that_differ__are_settled_before_they_are_stored(each_database: Database, config: Config) -> None:
    with each_database.writing() as session:
        desk = Desk(session, each_database, config, twice=True)
        for number in range(1, 6):
            desk.enter("2", number)
            desk.enter("3" if number == 4 else "2", number, second=True)
        assert [
            sheet.number for sheet in paper_entries.sheets_of(session, desk.boxes, desk.batch) if not sheet.agrees
        ] == [4]
        with pytest.raises(StillDifferent):
            desk.hand_in()
        how = {"language": "zh", "now": NOON, "person_id": desk.bert}
        paper.settle(session, desk.boxes, desk.campaign, desk.batch.id, 4, desk.sheet("5"), **how)  # type: ignore[arg-type]
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "paper.settle")).one()
        assert entry.person_id == desk.bert
        assert set(orjson.loads(entry.detail)) == {"batch", "door", "collector", "sheets"}
        assert orjson.loads(entry.detail)["sheets"] == 5
        assert desk.hand_in().stored == 5
        session.commit()
        first = rated(desk.printed)
        wanted = {key.key: key.code for key in first.keys}
        given = sorted(orjson.loads(row.answers)[first.item] for row in desk.stored())
        assert given == sorted([wanted["2"]] * 4 + [wanted["5"]])


def test_second_pass__needs_another_person_unless_declared(database: Database, config: Config) -> None:
    with database.writing() as session:
        desk = Desk(session, database, config, twice=True)
        desk.enter("2", 1)
        with pytest.raises(NotYourBatch):
            desk.enter("2", 1, second=True, person_id=desk.anna)
        desk.batch = desk.open(5, twice=True, same_person=True)
        desk.enter("2", 1)
        desk.enter("2", 1, second=True, person_id=desk.anna)
        with pytest.raises(IntegrityError), session.begin_nested():
            session.add(
                PaperBatch(collector_id=desk.door.id, sheets=5, twice=True, same_person=False, first_by=1, second_by=1)
            )
            session.flush()


def test_sheet_numbers__are_those_of_the_batch_and_each_is_typed_once(database: Database, config: Config) -> None:
    with database.writing() as session:
        desk = Desk(session, database, config, twice=True)
        for wrong in (None, 0, 6):
            with pytest.raises(SheetNumberWrong):
                desk.enter("2", wrong)
        desk.enter("2", 3)
        with pytest.raises(SheetEntered):
            desk.enter("4", 3)
        desk.enter("4", 3, replace=True)
        assert paper_entries.counted(session, desk.batch) == (1, 0)


def test_paper__goes_out_to_no_more_people_than_there_are_and_comes_back_no_more_than_went_out(
    database: Database, config: Config
) -> None:
    with database.writing() as session:
        desk = Desk(session, database, config)
        how = {"on_day": NOON.date(), "note": "", "now": NOON, "person_id": None}
        with pytest.raises(PaperDoesNotAddUp):
            paper.register_paper(session, desk.campaign, desk.door.id, "handed_out", desk.door.headcount - 19, **how)  # type: ignore[arg-type]
        with pytest.raises(PaperDoesNotAddUp):
            paper.register_paper(session, desk.campaign, desk.door.id, "returned_unused", 21, **how)  # type: ignore[arg-type]
        with pytest.raises(PaperDoesNotAddUp):
            desk.open(16)
        desk.open(15)


def test_department_of_a_few_people__is_sent_to_cards(database: Database, config: Config) -> None:
    with database.writing() as session:
        desk = Desk(session, database, config)
        small = min(doors(session, desk.campaign, "related_department"), key=lambda row: row.headcount)
        assert small.headcount < 5
        desk.door = small
        with pytest.raises(TooFewForPaper):
            desk.open(5)


def test_batch_that_waits__keeps_its_campaign_open(database: Database, config: Config) -> None:
    with database.writing() as session:
        desk = Desk(session, database, config)
        with pytest.raises(PaperWaiting):
            close(session, desk.boxes, desk.campaign)
    with database.writing() as session:
        desk = Desk(session, database, config)
        paper.discard(session, desk.boxes, desk.campaign, desk.batch.id, now=NOON, person_id=desk.anna)
        close(session, desk.boxes, desk.campaign)


def test_batch_of_somebody_else__is_discarded_by_those_who_lead_only(database: Database, config: Config) -> None:
    with database.writing() as session:
        desk = Desk(session, database, config)
        desk.enter()
        how = {"now": NOON, "person_id": desk.bert}
        with pytest.raises(NotYoursToDiscard):
            paper.discard(session, desk.boxes, desk.campaign, desk.batch.id, **how)  # type: ignore[arg-type]
        assert paper_entries.counted(session, desk.batch) == (1, 0)
        paper.discard(session, desk.boxes, desk.campaign, desk.batch.id, leads=True, **how)  # type: ignore[arg-type]
        assert desk.batch.state == "discarded"


def close(session: Session, boxes: Boxes, campaign: Campaign) -> None:
    closing.close_campaign(session, boxes, campaign, now=NOON, person_id=None)


def test_lost_key__is_named_and_the_batch_can_be_discarded(database: Database, config: Config) -> None:
    with database.writing() as session:
        desk = Desk(session, database, config)
        (Path(config.key_directory) / "paper" / f"{desk.door.id}.keys").unlink()
        with pytest.raises(KeyOfBatchGone):
            desk.enter()
        paper.discard(session, desk.boxes, desk.campaign, desk.batch.id, now=NOON, person_id=desk.anna)


def test_audit__names_batches_and_sums_never_a_sheet(database: Database, config: Config) -> None:
    with database.writing() as session:
        desk = Desk(session, database, config)
        for _sheet in range(5):
            desk.enter()
        desk.hand_in()
        acts = session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("paper.%"))).all()
        assert acts == ["paper.register", "paper.open_batch", "paper.hand_in"]


def test_named_list__takes_no_paper(database: Database, config: Config) -> None:
    with database.writing() as session:
        desk = Desk(session, database, config)
        row = doors(session, desk.campaign, "staff")[0]
        session.connection().exec_driver_sql(f"UPDATE collector SET tier = 'T2' WHERE id = {row.id}")
        with pytest.raises(NoPaperHere):
            desk.open(5)


def test_batch__beyond_its_quota__is_refused_and_kept(database: Database, config: Config) -> None:
    with database.writing() as session:
        desk = Desk(session, database, config, sheets=12)
        for _sheet in range(12):
            desk.enter()
        set_quota(session, desk.door.id, 11)
        with pytest.raises(BeyondQuota):
            desk.hand_in()
        set_quota(session, desk.door.id, 12)
        assert desk.hand_in().stored == 12


def set_quota(session: Session, collector_id: int, places: int) -> None:
    session.connection().exec_driver_sql(
        f"UPDATE collector SET quota = {places}, audience = 'service_recipient' WHERE id = {collector_id}"
    )

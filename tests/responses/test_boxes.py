"""The sealed box on both databases: spending, parking, flushing, closing, and what a crash leaves behind."""

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from survey_app.admission.models import AccessCode, Receipt
from survey_app.campaigns.models import Campaign, Collector
from survey_app.db import Database
from survey_app.responses.boxes import Boxes
from survey_app.responses.keys import KeyFiles
from survey_app.responses.models import Box, Parked, Response
from survey_app.responses.sitting import Sitting, SittingTooLarge
from survey_app.responses.spending import Outcome
from survey_app.web.writer import Saturated, Writer
from tests.factories.doors import TestDoor, open_door, sitting


@dataclass
class House:
    database: Database
    boxes: Boxes
    writer: Writer[Sitting, Outcome]
    door: TestDoor

    def count(self, table: type) -> int:
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    def states(self) -> list[tuple[int, str]]:
        with self.database.reading() as session:
            return [(box.number, box.state) for box in session.scalars(select(Box).order_by(Box.number))]

    def send(self, codes: range) -> list[Outcome]:
        return [self.writer.submit(sitting(self.door, code)) for code in codes]


def house(database: Database, folder: Path, **door: object) -> House:
    with database.writing() as session:
        opened = open_door(session, **door)  # type: ignore[arg-type]
    boxes = Boxes(database, KeyFiles(folder / "keys"))
    lock = folder / "writer.lock" if database.is_sqlite else None
    writer = Writer(database, boxes.park, queue_size=256, lock_file=lock)
    return House(database, boxes, writer, opened)


@pytest.fixture
def at(each_database: Database, tmp_path: Path) -> Iterator[House]:
    return house(each_database, tmp_path)


def test_code__sent_twice_with_the_same_nonce__is_one_sitting(at: House) -> None:
    assert at.writer.submit(sitting(at.door, 0, "n")) is Outcome.STORED
    assert at.writer.submit(sitting(at.door, 0, "n")) is Outcome.AGAIN
    assert at.writer.submit(sitting(at.door, 0, "other")) is Outcome.USED
    assert at.count(Parked) == 1


def test_code__in_fifty_parallel_tries__gives_exactly_one_sitting(at: House) -> None:
    outcomes: list[Outcome] = []
    tries = [
        threading.Thread(target=lambda n=n: outcomes.append(at.writer.submit(sitting(at.door, 1, str(n)))))
        for n in range(50)
    ]
    for each in tries:
        each.start()
    for each in tries:
        each.join()
    assert Counter(outcomes) == {Outcome.STORED: 1, Outcome.USED: 49}
    assert at.count(Parked) == 1


def test_one_code__tried_through_two_processes_writers__gives_exactly_one_sitting(at: House, tmp_path: Path) -> None:
    lock = tmp_path / "writer.lock" if at.database.is_sqlite else None
    other_boxes = Boxes(at.database, KeyFiles(tmp_path / "keys"))
    other = Writer(at.database, other_boxes.park, queue_size=256, lock_file=lock)
    outcomes: list[Outcome] = []
    tries = [
        threading.Thread(
            target=lambda n=n: outcomes.append((at.writer, other)[n % 2].submit(sitting(at.door, 1, str(n))))
        )
        for n in range(50)
    ]
    for each in tries:
        each.start()
    for each in tries:
        each.join()
    assert Counter(outcomes) == {Outcome.STORED: 1, Outcome.USED: 49}


def test_many_sittings_at_once__are_all_stored_once(at: House) -> None:
    outcomes: list[Outcome] = []
    senders = [
        threading.Thread(target=lambda n=n: outcomes.append(at.writer.submit(sitting(at.door, n)))) for n in range(40)
    ]
    for each in senders:
        each.start()
    for each in senders:
        each.join()
    closed = at.writer.exclusively(lambda session: at.boxes.close(session, at.door.group))
    assert Counter(outcomes) == {Outcome.STORED: 40}
    assert closed.destroyed == closed.lost == 0
    assert at.count(Response) == 40


def test_full_box__is_flushed_only_when_the_next_holds_min_cell(at: House) -> None:
    at.send(range(14))
    assert at.count(Response) == 0
    at.send(range(14, 15))
    assert at.count(Response) == 10
    assert at.count(Parked) == 5
    assert at.states() == [(1, "flushed"), (2, "open")]
    assert set(at.boxes.keys.of_group(at.door.group)) == {2}


def test_group_of_two_doors__is_emptied_only_at_close(at: House) -> None:
    # A response keeps its door: of ten in a box one may be the only one of its door, and the used code tells whose.
    with at.database.writing() as session:
        first = session.get_one(Collector, at.door.collector)
        copied = {name: getattr(first, name) for name in ("campaign_id", "box_group_id", "questionnaire", "audience")}
        session.add(Collector(**copied, tier="T1", unit_id=first.unit_id, headcount=5, state="open"))
        session.commit()
    at.send(range(35))
    assert at.count(Response) == 0
    assert at.states() == [(1, "full"), (2, "full"), (3, "full"), (4, "open")]
    closed = at.writer.exclusively(lambda session: at.boxes.close(session, at.door.group))
    assert (closed.flushed, at.count(Response), at.count(Parked)) == (35, 35, 0)
    assert at.boxes.keys.of_group(at.door.group) == {}


def test_box_emptied_in_a_transaction_that_fails__keeps_its_key_and_its_rows(at: House) -> None:
    at.send(range(14))
    with at.database.writing() as session:
        at.boxes.park(session, [sitting(at.door, 14)])
        session.rollback()
    assert (at.count(Response), at.count(Parked)) == (0, 14)
    assert set(at.boxes.keys.of_group(at.door.group)) == {1, 2}
    at.send(range(14, 15))
    assert (at.count(Response), at.count(Parked)) == (10, 5)


def test_flushed_responses__carry_nothing_of_code_or_order(at: House) -> None:
    at.send(range(15))
    assert at.count(Response) == 10
    with at.database.reading() as session:
        rows = list(session.scalars(select(Response)))
        hashes = set(session.scalars(select(AccessCode.hash)))
        receipts = {code.receipt for code in session.scalars(select(AccessCode)) if code.receipt}
    assert len({row.id for row in rows}) == len({row.sitting for row in rows}) == 10
    assert not {row.id for row in rows} & (hashes | receipts)
    assert {row.period for row in rows} != {None}


def test_closing__flushes_what_remains_and_destroys_the_keys(at: House) -> None:
    at.send(range(12))
    closed = at.writer.exclusively(lambda session: at.boxes.close(session, at.door.group))
    assert (closed.flushed, closed.destroyed) == (12, 0)
    assert (at.count(Response), at.count(Parked)) == (12, 0)
    assert at.boxes.keys.of_group(at.door.group) == {}


def test_closing__destroys_unread_what_could_single_people_out(at: House) -> None:
    at.send(range(4))
    closed = at.writer.exclusively(lambda session: at.boxes.close(session, at.door.group))
    assert (closed.flushed, closed.destroyed) == (0, 4)
    assert (at.count(Response), at.count(Parked)) == (0, 0)
    assert at.states() == [(1, "destroyed")]


def test_closing__after_a_loss__destroys_a_rest_that_would_stand_alone_beside_what_was_stored(at: House) -> None:
    at.send(range(15))
    stored = at.count(Response)
    at.boxes.keys.destroy(at.door.group, list(at.boxes.keys.of_group(at.door.group)))
    assert at.writer.exclusively(at.boxes.reconcile) == 15 - stored
    with at.database.writing() as session:
        session.execute(update(Collector).values(state="open"))
        session.commit()
    at.send(range(20, 22))
    closed = at.writer.exclusively(lambda session: at.boxes.close(session, at.door.group))
    assert (closed.flushed, closed.destroyed, closed.lost) == (0, 2, 15 - stored)
    assert at.count(Response) == stored == 10


@pytest.mark.parametrize(
    ("campaign", "collector", "outcome"),
    [
        ("paused", "open", Outcome.PAUSED),
        ("closed", "open", Outcome.CLOSED),
        ("open", "paused", Outcome.PAUSED),
        ("open", "closed", Outcome.CLOSED),
    ],
)
def test_sitting__after_a_pause_or_a_close__stores_nothing(
    at: House, campaign: str, collector: str, outcome: Outcome
) -> None:
    with at.database.writing() as session:
        session.execute(update(Campaign).values(state=campaign))
        session.execute(update(Collector).values(state=collector))
        session.commit()
    assert at.writer.submit(sitting(at.door, 0)) is outcome
    assert at.count(Parked) == 0


def test_code_of_a_spare_card__is_refused(at: House) -> None:
    with at.database.writing() as session:
        session.execute(update(AccessCode).where(AccessCode.hash == at.door.codes[0]).values(active=False))
        session.commit()
    assert at.writer.submit(sitting(at.door, 0)) is Outcome.VOIDED
    assert at.writer.submit(replace(sitting(at.door, 1), code_hash=b"?" * 32)) is Outcome.UNKNOWN


def test_bad_row__in_a_batch__harms_nobody_else(at: House) -> None:
    outcomes: dict[int, object] = {}
    at.writer.submit(sitting(at.door, 39))

    def send(code: int) -> None:
        row = sitting(at.door, code, answer="x" * 5000 if code == 3 else "sa")
        try:
            outcomes[code] = at.writer.submit(row)
        except SittingTooLarge as error:
            outcomes[code] = error.code

    senders = [threading.Thread(target=send, args=(code,)) for code in range(8)]
    for each in senders:
        each.start()
    for each in senders:
        each.join()
    assert outcomes.pop(3) == "sitting_too_large"
    assert set(outcomes.values()) == {Outcome.STORED}
    with at.database.reading() as session:
        assert session.get_one(AccessCode, at.door.codes[3]).used is False


def test_start__with_a_key_without_rows__destroys_it_and_no_other_database_s(at: House) -> None:
    at.send(range(3))
    at.boxes.keys.create(at.door.group, 9)
    at.boxes.keys.create(77, 1)
    assert at.writer.exclusively(at.boxes.reconcile) == 0
    assert (set(at.boxes.keys.of_group(at.door.group)), set(at.boxes.keys.of_group(77))) == ({1}, {1})


def test_start__with_rows_without_a_key__stops_the_collector_and_counts_them(at: House) -> None:
    at.send(range(3))
    at.boxes.keys.destroy(at.door.group, [1])
    assert at.writer.exclusively(at.boxes.reconcile) == 3
    assert at.states() == [(1, "lost")]
    assert at.writer.submit(sitting(at.door, 5)) is Outcome.PAUSED
    closed = at.writer.exclusively(lambda session: at.boxes.close(session, at.door.group))
    assert (closed.flushed, closed.lost) == (0, 3)


def test_box_whose_key_vanished__while_running__refuses_and_stores_nothing(at: House) -> None:
    at.send(range(3))
    at.boxes.keys.destroy(at.door.group, [1])
    with pytest.raises(RuntimeError, match="key of box"):
        at.writer.submit(sitting(at.door, 5))
    with at.database.reading() as session:
        assert session.get_one(AccessCode, at.door.codes[5]).used is False


def test_full_box_whose_key_file_vanished__begins_no_other_file_in_its_place(at: House) -> None:
    at.send(range(10))
    at.boxes.keys.destroy(at.door.group, [1])
    with pytest.raises(RuntimeError, match="key of box"):
        at.writer.submit(sitting(at.door, 11))
    assert at.boxes.keys.of_group(at.door.group) == {}


def test_open_link__keeps_a_receipt_and_no_code(each_database: Database, tmp_path: Path) -> None:
    at = house(each_database, tmp_path, tier="T0")
    assert at.writer.submit(sitting(at.door, None, "a")) is Outcome.STORED
    assert at.writer.submit(sitting(at.door, None, "a")) is Outcome.AGAIN
    assert at.writer.submit(sitting(at.door, None, "b")) is Outcome.STORED
    assert (at.count(Receipt), at.count(Parked)) == (2, 2)


def test_writer__without_room__refuses_at_once(each_database: Database, tmp_path: Path) -> None:
    at = house(each_database, tmp_path)
    blocked, go = threading.Event(), threading.Event()

    def slow(session: object, rows: object) -> list[Outcome]:
        blocked.set()
        go.wait(10)
        return at.boxes.park(session, rows)  # type: ignore[arg-type]

    writer = Writer(at.database, slow, queue_size=1, lock_file=None)
    first = threading.Thread(target=lambda: writer.submit(sitting(at.door, 0)))
    first.start()
    blocked.wait(10)
    second = threading.Thread(target=lambda: writer.submit(sitting(at.door, 1)))
    second.start()
    wait_for(writer._queue.full)
    with pytest.raises(Saturated):
        writer.submit(sitting(at.door, 2))
    go.set()
    first.join()
    second.join()
    assert at.count(Parked) == 2


def wait_for(condition: object, tries: int = 500) -> None:
    for _ in range(tries):
        if condition():  # type: ignore[operator]
            return
        threading.Event().wait(0.01)
    raise AssertionError("did not happen")

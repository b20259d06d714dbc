"""Group commit: who comes while others are storing shares one commit; one bad row harms nobody else."""

import fcntl
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from survey_app.db import Database
from survey_app.web.writer import Writer


def submit_side_by_side(writer: Writer[int, int], rows: range) -> list[threading.Thread]:
    senders = [threading.Thread(target=writer.submit, args=(row,), daemon=True) for row in rows]
    for sender in senders:
        sender.start()
    return senders


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        threading.Event().wait(0.01)
    raise AssertionError("did not happen")


def test_rows__that_come_while_another_process_stores__share_one_commit(database: Database, tmp_path: Path) -> None:
    stored: list[list[int]] = []

    def store(_session: Session, rows: Sequence[int]) -> Sequence[int]:
        stored.append(sorted(rows))
        return rows

    lock = tmp_path / "writer.lock"
    writer: Writer[int, int] = Writer(database, store, queue_size=64, lock_file=lock)
    other_process = os.open(lock, os.O_CREAT | os.O_RDWR)
    fcntl.flock(other_process, fcntl.LOCK_EX)
    first = submit_side_by_side(writer, range(1))
    others = submit_side_by_side(writer, range(1, 9))
    wait_until(lambda: writer._queue.qsize() == 8)  # the writer holds one row and waits for the lock
    os.close(other_process)
    for sender in [*first, *others]:
        sender.join()
    assert stored == [list(range(9))]


def test_row__that_cannot_be_stored__is_refused_alone(database: Database, tmp_path: Path) -> None:
    stored: list[int] = []

    def store(_session: Session, rows: Sequence[int]) -> Sequence[int]:
        if 3 in rows:
            raise ValueError("not this one")
        stored.extend(rows)
        return rows

    writer: Writer[int, int] = Writer(database, store, queue_size=64, lock_file=tmp_path / "writer.lock")
    senders = submit_side_by_side(writer, range(3))
    with pytest.raises(ValueError, match="not this one"):
        writer.submit(3)
    for sender in senders:
        sender.join()
    assert sorted(stored) == [0, 1, 2]


def test_lock__that_cannot_be_had__is_told_to_the_sender(database: Database, tmp_path: Path) -> None:
    nowhere = tmp_path / "absent" / "writer.lock"
    writer: Writer[int, int] = Writer(database, lambda _session, rows: rows, queue_size=64, lock_file=nowhere)
    with pytest.raises(FileNotFoundError):
        writer.submit(1)

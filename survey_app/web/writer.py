"""The one way by which respondents' answers reach the database: group commit by one thread in each process.

Whoever sends an answer waits until the transaction that holds it is on disk. Many waiters share one transaction, so
one synchronisation of the disk serves them all; a batch that fails is tried again row by row, so that one bad row
harms nobody else. What a row is and how it is stored are given by `app.py`: this module knows nothing of
questionnaires or boxes.

Between processes on SQLite a file lock queues the writers; SQLite's own waiting polls and is unfair under load.
"""

import fcntl
import logging
import os
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Generic, TypeVar

from sqlalchemy.orm import Session

from survey_app.db import Database
from survey_app.errors import AppError

log = logging.getLogger("pingyi.writer")

Row = TypeVar("Row")
Result = TypeVar("Result")
T = TypeVar("T")

BATCH = 64


class Saturated(AppError):
    """More answers are arriving than the disk can take; the phone tries again by itself."""

    code, status = "saturated", 503
    zh = "现在提交的人较多，您的答案还在本机，稍后会自动重试。"
    en = "Many people are sending at this moment; your answers are still on this device and will be sent again shortly."


class Writer(Generic[Row, Result]):
    """Queues rows, stores them in batches, answers each waiter after the commit.

    store(session, rows) -> one result a row, in order, or an exception that rolls the batch back.
    """

    def __init__(
        self,
        database: Database,
        store: Callable[[Session, Sequence[Row]], Sequence[Result]],
        *,
        queue_size: int,
        lock_file: Path | None,
        patience: float = 20.0,
    ) -> None:
        self._database = database
        self._store = store
        self._lock_file = lock_file
        self._patience = patience
        self._queue: queue.Queue[tuple[Row, Future[Result]]] = queue.Queue(queue_size)
        self._thread: threading.Thread | None = None
        self._start_lock = threading.Lock()

    def submit(self, row: Row) -> Result:
        """Store one row durably and return its result; raises Saturated when there is no room or no time."""
        self._ensure_running()
        waiter: Future[Result] = Future()
        try:
            self._queue.put_nowait((row, waiter))
        except queue.Full:
            raise Saturated from None
        try:
            return waiter.result(self._patience)
        except TimeoutError:
            # The row may still be stored: the same nonce sent again gets the same thanks page.
            raise Saturated from None

    def exclusively(self, work: Callable[[Session], T]) -> T:
        """Run `work` in a writing transaction of its own while no writer of any process is storing; commits it."""
        with self._alone(), self._database.writing() as session:
            result = work(session)
            session.commit()
            return result

    def _ensure_running(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        with self._start_lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="pingyi-writer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._write([self._queue.get()])

    def _write(self, batch: list[tuple[Row, Future[Result]]]) -> None:
        """Store this row and all that have come by the time that it is our turn; `batch` grows to those stored."""
        try:
            with self._alone():
                # Only now: whoever came while another process was storing shares this commit.
                self._fill(batch)
                results = self._commit([row for row, _ in batch])
        except Exception as error:  # noqa: BLE001  # whatever went wrong, each row gets its own try and its own answer
            log.warning("batch_failed %s rows=%d", type(error).__name__, len(batch))
            self._write_one_by_one(batch)
        else:
            for (_, waiter), result in zip(batch, results, strict=True):
                waiter.set_result(result)

    def _fill(self, batch: list[tuple[Row, Future[Result]]]) -> None:
        while len(batch) < BATCH:
            try:
                batch.append(self._queue.get_nowait())
            except queue.Empty:
                return

    def _write_one_by_one(self, batch: list[tuple[Row, Future[Result]]]) -> None:
        for row, waiter in batch:
            try:
                with self._alone():
                    result = self._commit([row])[0]
            except Exception as error:  # noqa: BLE001  # handed to the request that waits for it
                waiter.set_exception(error)
            else:
                waiter.set_result(result)

    def _commit(self, rows: Sequence[Row]) -> Sequence[Result]:
        with self._database.writing() as session:
            results = self._store(session, rows)
            session.commit()
            return results

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self._lock_file is None:
            yield
            return
        # Whoever wakes for a lock can be overtaken by the one that has just let go of it and asks again, many times in
        # a row. So the next in line waits alone: it holds the place before the lock until it has the lock.
        with _locked(self._lock_file.with_suffix(".next")) as place, _locked(self._lock_file):
            fcntl.flock(place, fcntl.LOCK_UN)
            yield


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


AnyWriter = Writer[Any, Any]

"""The one way by which respondents' answers reach the database: group commit by one thread in each process.

Whoever sends an answer waits until the transaction that holds it is on disk. Many waiters share one transaction, so
one synchronisation of the disk serves them all; a batch that fails is tried again row by row, so that one bad row
harms nobody else. What a row is, how it is stored and what follows a commit are given by `app.py`: this module knows
nothing of questionnaires or boxes.

Between processes on SQLite a file lock queues the writers; SQLite's own waiting polls and is unfair under load.
"""

import fcntl
import logging
import os
import queue
import sys
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
# Seconds. SQLite lets go of the interpreter at every statement; with Python's usual 5 ms the writer would wait that
# long to go on, dozens of times a batch, while the threads that it serves compute.
SWITCH_INTERVAL = 0.0002
# What stored rows made due is done when nothing has come for a moment, or after so many batches at the latest.
SETTLE_AFTER_SECONDS = 0.05
SETTLE_AFTER_BATCHES = 8


class Saturated(AppError):
    """More answers are arriving than the disk can take; the phone tries again by itself."""

    code, status = "saturated", 503
    zh = "现在提交的人较多，您的答案还在本机，稍后会自动重试。"
    en = "Many people are sending at this moment; your answers are still on this device and will be sent again shortly."


class Writer(Generic[Row, Result]):
    """Queues rows, stores them in batches, answers each waiter after the commit.

    store(session, rows) -> one result a row, in order, or an exception that rolls the batch back.
    settle(rows) runs after commits, outside the waiters' time: it does what the stored rows made due.
    """

    def __init__(
        self,
        database: Database,
        store: Callable[[Session, Sequence[Row]], Sequence[Result]],
        settle: Callable[[Sequence[Row]], None],
        *,
        queue_size: int,
        lock_file: Path | None,
        patience: float = 20.0,
    ) -> None:
        self._database = database
        self._store = store
        self._settle = settle
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
                sys.setswitchinterval(SWITCH_INTERVAL)
                self._thread = threading.Thread(target=self._run, name="pingyi-writer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        unsettled: list[Row] = []
        batches = 0
        while True:
            try:
                batch = [self._queue.get(timeout=SETTLE_AFTER_SECONDS if unsettled else None)]
            except queue.Empty:
                batch = []
            while batch and len(batch) < BATCH:
                try:
                    batch.append(self._queue.get_nowait())
                except queue.Empty:
                    break
            if batch:
                self._write(batch)
                unsettled += [row for row, _ in batch]
                batches += 1
            if not batch or batches >= SETTLE_AFTER_BATCHES:
                self._settle_quietly(unsettled)
                unsettled, batches = [], 0

    def _write(self, batch: list[tuple[Row, Future[Result]]]) -> None:
        rows = [row for row, _ in batch]
        try:
            results = self._commit(rows)
        except Exception as error:  # noqa: BLE001  # whatever went wrong, each row gets its own try and its own answer
            log.warning("batch_failed %s rows=%d", type(error).__name__, len(rows))
            self._write_one_by_one(batch)
        else:
            for (_, waiter), result in zip(batch, results, strict=True):
                waiter.set_result(result)

    def _settle_quietly(self, rows: Sequence[Row]) -> None:
        try:
            with self._alone():
                self._settle(rows)
        except Exception as error:  # noqa: BLE001  # the answers are stored; what is due stays due and is named here
            log.error("settle_failed %s", type(error).__name__)  # noqa: TRY400  # a traceback may carry an answer

    def _write_one_by_one(self, batch: list[tuple[Row, Future[Result]]]) -> None:
        for row, waiter in batch:
            try:
                waiter.set_result(self._commit([row])[0])
            except Exception as error:  # noqa: BLE001  # handed to the request that waits for it
                waiter.set_exception(error)

    def _commit(self, rows: Sequence[Row]) -> Sequence[Result]:
        with self._alone(), self._database.writing() as session:
            results = self._store(session, rows)
            session.commit()
            return results

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self._lock_file is None:
            yield
            return
        handle = os.open(self._lock_file, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


AnyWriter = Writer[Any, Any]

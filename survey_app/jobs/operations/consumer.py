"""The process that does the jobs, one after another: huey's consumer over our own table as its storage.

huey by itself takes a message off the queue before the work begins, and a killed worker loses it. Here the queue is
the table of jobs: a job leaves it at its end, and what a dead process left running waits again when the next one
starts. So there is one process for an installation; a lock that ends with it keeps a second one out. A process that
cannot reach the database, or has lost its lock to a restart of the database server, ends: it could neither go on nor
say so in the table, and the next one takes up what it leaves.
"""

import fcntl
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from huey import Huey
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer
from huey.storage import BlackHoleStorage
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from survey_app import clock
from survey_app.db import Database
from survey_app.errors import AppError
from survey_app.jobs import rules
from survey_app.jobs.models import Job
from survey_app.jobs.operations import keeping

log = logging.getLogger("pingyi.jobs")

# Does one step of a job; committed together with the count of it. Raises AppError when it cannot be done.
Handler = Callable[[Session, Job, int], None]
# Raises whatever stands against it that this process still works alone.
StillAlone = Callable[[], None]

_LOCK = 0x4A4F4253
_STILL_LOCKED = text(
    "SELECT count(*) FROM pg_locks"
    " WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted AND classid = 0 AND objid = :lock"
)
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 2.0


class LockLost(RuntimeError):
    """The database server was restarted: another process may be at work by now."""


def _by_itself() -> None:
    """Nobody else can be at work."""


class _Table(BlackHoleStorage):  # type: ignore[misc]  # huey has no types
    """What huey asks for next is the oldest job that waits; huey keeps nothing else."""

    def __init__(self, name: str, database: Database, still_alone: StillAlone) -> None:
        super().__init__(name)
        self._database, self._still_alone = database, still_alone
        self.ended_by: Exception | None = None
        self.stop: Callable[[], None] | None = None

    def dequeue(self) -> bytes | None:
        """The number of a job."""
        with self.or_end():
            self._still_alone()
            with self._database.writing() as session:
                taken = keeping.take(session)
                session.commit()
        return None if taken is None else str(taken).encode()

    @contextmanager
    def or_end(self) -> Iterator[None]:
        """End the process where the body fails: huey by itself writes that down and goes on."""
        try:
            yield
        except Exception as error:
            self.ended_by = error
            if self.stop is not None:
                self.stop()
            raise


class _Numbers(Serializer):  # type: ignore[misc]  # huey has no types
    """Messages are numbers of jobs. Nothing is pickled: whoever can write the database cannot make us run code."""

    def __init__(self, task: str) -> None:
        super().__init__()
        self._task = task

    def _serialize(self, data: object) -> bytes:
        raise NotImplementedError

    def _deserialize(self, data: bytes) -> Message:
        number = int(data)
        return Message(id=str(number), name=self._task, retries=0, retry_delay=0, args=(number,), kwargs={})


def work(database: Database, home: Path, handlers: Mapping[str, Handler]) -> None:
    """Do jobs until the process is told to end. Raises AlreadyWorking; CannotGoOn where it ends by itself."""
    with _alone(database, home) as still_alone:
        with database.writing() as session:
            keeping.take_up_again(session)
            session.commit()
        working = consumer(database, handlers, still_alone)
        working.run()
        reason = working.huey.storage.ended_by
        if reason is not None:
            raise rules.CannotGoOn(why=type(reason).__name__) from reason


def consumer(database: Database, handlers: Mapping[str, Handler], still_alone: StillAlone = _by_itself) -> Consumer:
    """The consumer of huey with one worker for these kinds of jobs."""
    huey = Huey("pingyi", results=False, storage_class=_Table, database=database, still_alone=still_alone)

    def do(job_id: int) -> None:
        with huey.storage.or_end():
            run(database, handlers, job_id, still_alone)

    task = huey.task(name="do")(do).task_class
    huey.serializer = _Numbers(f"{task.__module__}.{task.__name__}")
    made = Consumer(
        huey, workers=1, periodic=False, initial_delay=_FIRST_WAIT, max_delay=_LONGEST_WAIT, scheduler_interval=60
    )
    huey.storage.stop = made.stop_flag.set
    return made


def run(database: Database, handlers: Mapping[str, Handler], job_id: int, still_alone: StillAlone = _by_itself) -> None:
    """Every step of one job that is still to be done, each in a transaction of its own.

    Raises where the database cannot be reached or the process is no longer alone; the job is then left running.
    """
    try:
        while _step(database, handlers, job_id):
            still_alone()
    except Exception as error:  # noqa: BLE001  # told on the page of jobs; what nobody foresaw is tried again
        still_alone()
        with database.writing() as session:
            job = session.get_one(Job, job_id)
            if isinstance(error, AppError):
                keeping.fail(job, error, clock.now())
            else:
                # The name of the class only: what an exception says may hold anything.
                log.error("job_broke_off %d %s", job_id, type(error).__name__)  # noqa: TRY400
                keeping.break_off(job, type(error).__name__, clock.now())
            session.commit()


def _step(database: Database, handlers: Mapping[str, Handler], job_id: int) -> bool:
    with database.writing() as session:
        # Locked: where this process has lost its lock in the middle of a step, the next one waits for its end.
        job = session.get(Job, job_id, with_for_update=True)
        if job is None or job.state != "running":
            return False
        if job.steps_done == job.steps:
            keeping.finish(job, clock.now())
        else:
            handlers[job.kind](session, job, job.steps_done)
            job.steps_done += 1
        session.commit()
        return True


@contextmanager
def _alone(database: Database, home: Path) -> Iterator[StillAlone]:
    handle = os.open(home / "jobs.lock", os.O_CREAT | os.O_RDWR, 0o600)
    connection: Connection | None = None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise rules.AlreadyWorking from None
        if not database.is_sqlite:
            # Another host on the same database has another file; this lock is the server's, and ends with us.
            connection = database.engine.connect()
            if not connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}):
                raise rules.AlreadyWorking
            connection.commit()
        yield _by_itself if connection is None else partial(_still_locked, connection)
    finally:
        if connection is not None:
            connection.close()
        os.close(handle)


def _still_locked(connection: Connection) -> None:
    with connection.begin():
        held = connection.scalar(_STILL_LOCKED, {"lock": _LOCK})
    if not held:
        raise LockLost

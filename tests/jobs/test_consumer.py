"""Jobs in the real process: done once, in steps, and taken up again after a kill -9."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from survey_app.admission.models import AccessCode, CardBatch
from survey_app.campaigns.models import Campaign
from survey_app.cli.jobs import HANDLERS
from survey_app.config import Config
from survey_app.db import Database
from survey_app.jobs import rules
from survey_app.jobs.models import Job
from survey_app.jobs.operations import consumer, keeping
from survey_app.offline_cards.operations.importing import hand_in
from tests.factories.campaign import NOON, doors, draft, make_cards
from tests.offline_cards.making import URL, made, order_of

CARDS = 10


def waiting(database: Database) -> int:
    """An import of several doors that waits; its number of doors."""
    with database.writing() as session:
        campaign = draft(session)
        rows = doors(session, campaign, "staff") + doors(session, campaign, "service_recipient")
        file, _ = made(order_of(session, campaign), {row.id: (CARDS, CARDS) for row in rows})
        hand_in(session, campaign, file, URL, now=NOON, person_id=None)
        session.commit()
        return len(rows)


def job_of(database: Database) -> Job:
    with database.reading() as session:
        return session.scalars(select(Job)).one()


def stored(database: Database) -> tuple[int, int]:
    with database.reading() as session:
        cards = session.scalar(select(func.count()).select_from(AccessCode)) or 0
        return session.scalar(select(func.count()).select_from(CardBatch)) or 0, cards


def take(database: Database) -> int:
    with database.writing() as session:
        job_id = keeping.take(session)
        session.commit()
        assert job_id is not None
        return job_id


def test_job__is_done_step_by_step__and_keeps_no_payload(each_database: Database) -> None:
    steps = waiting(each_database)
    consumer.run(each_database, HANDLERS, take(each_database))
    job = job_of(each_database)
    assert (job.state, job.steps_done, job.steps, job.payload) == ("done", steps, steps, None)
    assert stored(each_database) == (steps, steps * CARDS)


def test_step_and_its_count__are_one_commit(each_database: Database) -> None:
    steps = waiting(each_database)
    job_id = take(each_database)
    commits: list[object] = []
    event.listen(each_database.engine, "commit", commits.append)
    consumer.run(each_database, HANDLERS, job_id)
    assert len(commits) == steps + 1  # the last one says that it is done


def test_job__that_is_refused_half_way__keeps_what_is_done_and_says_why(each_database: Database) -> None:
    steps = waiting(each_database)
    with each_database.writing() as session:
        campaign = session.scalars(select(Campaign)).one()
        door = doors(session, campaign, "staff")[1]
        make_cards(session, campaign, door.id, door.headcount)
        session.commit()
    consumer.run(each_database, HANDLERS, take(each_database))
    job = job_of(each_database)
    assert (job.state, job.payload) == ("failed", None)
    assert 0 < job.steps_done < steps
    assert str(door.id) in (job.reason_zh or "")
    assert "upload the same file again" in (job.reason_en or "")
    assert stored(each_database)[0] == job.steps_done + 1


def test_job__that_breaks_off_again_and_again__is_given_up(each_database: Database) -> None:
    waiting(each_database)

    def broken(_session: Session, _job: Job, _step: int) -> None:
        raise RuntimeError("SECRET")

    for _ in range(rules.MOST_ATTEMPTS):
        assert job_of(each_database).state == "waiting"
        consumer.run(each_database, {"import_cards": broken}, take(each_database))
    job = job_of(each_database)
    assert job.state == "failed"
    assert "RuntimeError" in (job.reason_zh or "")
    assert "SECRET" not in f"{job.reason_zh}{job.reason_en}"


def test_messages__are_numbers_of_jobs__and_nothing_is_unpickled(each_database: Database) -> None:
    waiting(each_database)
    queue = consumer.consumer(each_database, HANDLERS).huey
    task = queue.dequeue()
    assert task.args == (job_of(each_database).id,)
    assert queue.dequeue() is None
    with pytest.raises(ValueError, match="invalid literal"):
        queue.serializer.deserialize(b"cos\nsystem\n(S'true'\ntR.")


def start(config: Config, slow: float = 0) -> subprocess.Popen[bytes]:
    """The process, as the command starts it; `slow` seconds pass between the steps of a job."""
    program = (
        "import time\n"
        "from survey_app.cli import jobs\n"
        "from survey_app.cli.main import main\n"
        "step = jobs.HANDLERS['import_cards']\n"
        f"jobs.HANDLERS['import_cards'] = lambda *given: (step(*given), time.sleep({slow}))\n"
        "main(['jobs', '--while-stdin'])\n"
    )
    environment = dict(os.environ) | {
        "PINGYI_HOME": str(config.home),
        "PINGYI_DATABASE_URL": config.database_url,
        "PINGYI_SECRET_KEY": "k" * 32,
    }
    return subprocess.Popen([sys.executable, "-c", program], env=environment, stdin=subprocess.PIPE)


def until(holds: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if holds():
            return
        assert process.poll() is None, "the process has ended"
        time.sleep(0.05)
    raise AssertionError("it never came to that")


def ended(process: subprocess.Popen[bytes]) -> int:
    """Close its standard input, as the end of a server does."""
    assert process.stdin is not None
    process.stdin.close()
    return process.wait(30)


def test_killed_process__is_followed_by_one_that_takes_its_job_up_again(
    each_config: Config, each_database: Database
) -> None:
    steps = waiting(each_database)
    killed = start(each_config, slow=0.4)
    # A step sleeps inside its transaction: the kill comes while one is open.
    until(lambda: job_of(each_database).steps_done >= 1, killed)
    assert killed.stdin is not None
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    killed.stdin.close()
    left = job_of(each_database)
    assert left.state == "running"
    assert 1 <= left.steps_done < steps
    assert stored(each_database)[0] == left.steps_done

    follower = start(each_config)
    until(lambda: job_of(each_database).state == "done", follower)
    assert stored(each_database) == (steps, steps * CARDS)
    assert job_of(each_database).attempts == 2
    assert ended(follower) == 0


def test_second_process__is_kept_out_while_the_first_one_works(each_config: Config, each_database: Database) -> None:
    working = start(each_config)
    waiting(each_database)
    until(lambda: job_of(each_database).state == "done", working)
    with pytest.raises(rules.AlreadyWorking):
        consumer.work(each_database, each_config.home, HANDLERS)
    if not each_database.is_sqlite:
        # Another host: another home, the same database.
        elsewhere = replace(each_config, home=each_config.home / "elsewhere")
        Path(elsewhere.home).mkdir()
        with pytest.raises(rules.AlreadyWorking):
            consumer.work(each_database, elsewhere.home, HANDLERS)
    assert ended(working) == 0

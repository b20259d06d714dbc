"""The process when its database is gone or was restarted: it ends, and the next one takes up what it left."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import create_engine, make_url, text

from survey_app.cli.jobs import HANDLERS
from survey_app.config import Config
from survey_app.db import Database
from survey_app.jobs.operations import consumer
from tests.conftest import Cluster
from tests.jobs.test_consumer import CARDS, ended, job_of, start, stored, take, until, waiting


@pytest.fixture
def on_postgres(postgres: Cluster, config: Config) -> Iterator[Config]:
    url = postgres.fresh()
    yield replace(config, database_url=url)
    postgres.drop(url)


@contextmanager
def gone(config: Config) -> Iterator[None]:
    """Every connection breaks off, as when the server is restarted; until the end of the block there is no new one."""
    address = make_url(config.database_url)
    admin = create_engine(address.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {address.database} ALLOW_CONNECTIONS false"))
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"),
            {"name": address.database},
        )
        yield
        connection.execute(text(f"ALTER DATABASE {address.database} ALLOW_CONNECTIONS true"))
    admin.dispose()


def end_of(process: subprocess.Popen[bytes]) -> int:
    """How it ends by itself."""
    assert process.stdin is not None
    try:
        return process.wait(30)
    finally:
        process.kill()
        process.stdin.close()


@pytest.mark.postgres
def test_process__when_the_database_goes_in_the_middle_of_a_job__ends_and_the_next_one_takes_it_up(
    on_postgres: Config,
) -> None:
    database = Database(on_postgres.database_url)
    steps = waiting(database)
    working = start(on_postgres, slow=0.4)
    until(lambda: job_of(database).steps_done >= 1, working)
    with gone(on_postgres):
        assert end_of(working) != 0
    left = job_of(database)
    assert left.state == "running"
    assert left.steps_done < steps
    follower = start(on_postgres)
    until(lambda: job_of(database).state == "done", follower)
    assert stored(database) == (steps, steps * CARDS)
    assert ended(follower) == 0
    database.engine.dispose()


@pytest.mark.postgres
def test_idle_process__after_a_restart_of_the_database__ends_because_its_lock_is_gone(on_postgres: Config) -> None:
    database = Database(on_postgres.database_url)
    steps = waiting(database)
    working = start(on_postgres)
    until(lambda: job_of(database).state == "done", working)
    with gone(on_postgres):
        pass
    assert end_of(working) != 0
    assert stored(database)[0] == steps
    database.engine.dispose()


@pytest.mark.postgres
def test_job__whose_lock_is_gone_between_two_steps__is_left_to_the_next_process(on_postgres: Config) -> None:
    database = Database(on_postgres.database_url)
    waiting(database)
    job_id = take(database)
    with consumer._alone(database, on_postgres.home) as still_alone:
        still_alone()
        with gone(on_postgres):
            pass
        with pytest.raises(consumer.LockLost):
            consumer.run(database, HANDLERS, job_id, still_alone)
    assert (job_of(database).state, job_of(database).steps_done) == ("running", 1)
    database.engine.dispose()

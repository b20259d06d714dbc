"""The background process beside a server: it is there, it comes back, and it never outlives the server."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from survey_app.config import Config
from survey_app.db import Database
from tests.jobs.test_consumer import job_of, stored, waiting

_SERVER = (
    "import sys, time\n"
    "from survey_app.cli import background\n"
    "background._BREATH = background._LONG_BREATH = 0.1\n"
    "with background.background_work():\n"
    "    sys.stdin.read()\n"
)


@pytest.fixture
def server(config: Config) -> Iterator[subprocess.Popen[bytes]]:
    """A process that keeps background work running until its standard input closes."""
    environment = dict(os.environ) | {"PINGYI_HOME": str(config.home), "PINGYI_SECRET_KEY": "k" * 32}
    with subprocess.Popen([sys.executable, "-c", _SERVER], env=environment, stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def until(holds: Callable[[], bool]) -> None:
    for _ in range(1200):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it never came to that")


def worker_of(server: subprocess.Popen[bytes]) -> int:
    """The process that the server started; 0 between two of them."""
    tasks = Path(f"/proc/{server.pid}/task").glob("*/children")
    return next((int(number) for task in tasks for number in task.read_text().split()), 0)


def is_working(config: Config) -> bool:
    handle = os.open(config.home / "jobs.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(handle)


def test_killed_worker__is_replaced__and_a_server_that_ends_takes_its_worker_along(
    server: subprocess.Popen[bytes], config: Config, database: Database
) -> None:
    until(lambda: is_working(config))
    first = worker_of(server)
    os.kill(first, signal.SIGKILL)
    steps = waiting(database)
    until(lambda: job_of(database).state == "done")
    assert worker_of(server) not in {0, first}
    assert stored(database)[0] == steps
    assert server.stdin is not None
    server.stdin.close()
    assert server.wait(60) == 0
    assert not is_working(config)


def test_killed_server__leaves_no_worker_behind(server: subprocess.Popen[bytes], config: Config) -> None:
    until(lambda: is_working(config))
    server.kill()
    server.wait()
    until(lambda: not is_working(config))

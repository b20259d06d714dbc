"""One code, fifty times at once, at the real server with two processes: exactly one sitting. And what that server logs.

The server is the one that `pingyi serve` starts; what it and its workers write to standard output and error is kept.
"""

import http.client
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode, urlsplit

import pytest
from sqlalchemy import func, select, text

from survey_app.config import Config
from survey_app.db import Database
from survey_app.responses.models import Parked
from tests.conftest import Cluster
from tests.factories.phone import hidden
from tests.factories.respondents import Door, open_door
from tests.privacy.adversary.search import address_forms, code_forms, encoded, search
from tests.privacy.world import AGENT

TRIES = 50
ADDRESS = "2001:db8:7e57:9999:8888:7777:6666:5555"
_READY_WITHIN = 60


@dataclass
class Served:
    """A running server, its door and its log."""

    url: str
    door: Door
    database: Database
    home: Path
    log: Path

    def sittings(self) -> int:
        """How many wait in boxes: everything that was stored, in tests as small as these."""
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(Parked)) or 0

    def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """One request from one telephone, on a connection of its own."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        headers = {"User-Agent": AGENT, "Referer": AGENT, "X-Forwarded-For": ADDRESS}
        if form is None:
            connection.request("GET", path, headers=headers)
        else:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.url}
            connection.request("POST", path, urlencode(form), headers)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, body

    def begin(self, code: str) -> dict[str, str]:
        """The hidden fields of a fresh questionnaire: a capability with a nonce of its own."""
        status, page = self.ask("/q", {"code": code, "begin": "1"})
        assert status == 200
        return hidden(SimpleNamespace(text=page))  # type: ignore[arg-type]  # only its text is read

    def at_once(self, forms: list[dict[str, str]]) -> Counter[int]:
        """Send these answers at the same moment; how often each status came back."""
        start, statuses = threading.Barrier(len(forms)), Counter[int]()
        lock = threading.Lock()

        def send(form: dict[str, str]) -> None:
            start.wait()
            status, _page = self.ask("/a", form)
            with lock:
                statuses[status] += 1

        senders = [threading.Thread(target=send, args=(form,)) for form in forms]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        return statuses


KINDS = [
    pytest.param("sqlite", marks=pytest.mark.xdist_group("privacy on SQLite")),
    pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.xdist_group("privacy on PostgreSQL")]),
]


@pytest.fixture(scope="module", params=KINDS)
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[Served]:
    """`pingyi serve` with two processes, behind one trusted proxy."""
    home = tmp_path_factory.mktemp("served")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    settings = {"PINGYI_HOME": str(home), "PINGYI_PUBLIC_URL": url, "PINGYI_TRUSTED_PROXIES": "1"}
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("own_cluster")
        settings["PINGYI_DATABASE_URL"] = cluster.fresh()
    else:
        shutil.copy(sqlite_template, home / "pingyi.sqlite3")
    database = Database(Config.from_environment(settings).database_url)
    with database.writing() as session:
        door = open_door(session, cards=12)
    log = home / "server.log"
    with _running(settings, port, log):
        yield Served(url, door, database, home, log)
    database.engine.dispose()


@contextmanager
def _running(settings: dict[str, str], port: int, log: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "survey_app.cli.main", "serve", "--port", str(port), "--threads", "16"]
    with log.open("wb") as file:
        server = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, env=os.environ | settings)
        try:
            _wait_for(port, server)
            yield
        finally:
            server.terminate()
            server.wait(30)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _turn in range(_READY_WITHIN * 10):
        assert server.poll() is None
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", "/q")
            connection.getresponse().read()
            connection.close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not start")


def test_one_code__fifty_times_at_once__is_one_sitting(served: Served) -> None:
    before = served.sittings()
    forms = [served.begin(served.door.codes[0]) | {"sr_open": f"n{number}"} for number in range(TRIES)]
    assert len({form["_cap"] for form in forms}) == TRIES
    assert served.at_once(forms) == {303: 1, 409: TRIES - 1}
    assert served.sittings() == before + 1


def test_one_form__fifty_times_at_once__is_one_sitting_and_thanked_for_each_time(served: Served) -> None:
    before = served.sittings()
    form = served.begin(served.door.codes[1]) | {"sr_open": "好"}
    assert served.at_once([form] * TRIES) == {303: TRIES}
    assert served.sittings() == before + 1


def test_server__with_faults_forced__logs_what_happened_and_nothing_of_anybody(served: Served) -> None:
    code, word = served.door.codes[2], "7e57" * 6
    form = served.begin(code)
    refusals = [
        served.ask(f"/q/{code[::-1]}"),
        served.ask("/q", {"code": code + "8", "begin": "1"}),
        served.ask("/a", form | {"sr_overall": "no_such_choice"}),
        served.ask("/a", form | {"_cap": form["_cap"][::-1]}),
        served.ask("/a", form | {"sr_open": word * 20_000}),
        served.ask("/a", form),
    ]
    with _refusing(served.database, "parked"):
        refusals.append(served.ask("/a", form | {"sr_open": word}))
    with _refusing(served.database, "access_code"):
        refusals.append(served.ask("/a", form | {"sr_open": word}))
    assert [status for status, _page in refusals] == [404, 404, 422, 400, 413, 422, 503, 503]
    assert served.ask("/a", form | {"sr_open": word})[0] == 303
    log = served.log.read_bytes()
    assert b"sitting_not_stored" in log
    pieces = [(path.name, path.read_bytes()) for path in sorted(served.home.rglob("*")) if path.is_file()]
    canaries = {"code": [form for code in served.door.codes for form in code_forms(code)]}
    canaries |= {"address": list(address_forms(ADDRESS)), "agent": list(encoded(AGENT.encode()))}
    canaries |= {"answer": list(encoded(word.encode()))}
    assert search(pieces, canaries) == []


@contextmanager
def _refusing(database: Database, table: str) -> Iterator[None]:
    """The database breaks off every change to a table."""
    if database.is_sqlite:
        change = "INSERT" if table == "parked" else "UPDATE"
        made = [f"CREATE TRIGGER broken BEFORE {change} ON {table} BEGIN SELECT RAISE(ABORT, 'broken'); END"]
        undone = ["DROP TRIGGER broken"]
    else:
        made = [f"ALTER TABLE {table} ADD CONSTRAINT broken CHECK (false) NOT VALID"]
        undone = [f"ALTER TABLE {table} DROP CONSTRAINT broken"]
    for statements in (made, undone):
        with database.writing() as session:
            for statement in statements:
                session.execute(text(statement))
            session.commit()
        if statements is made:
            yield

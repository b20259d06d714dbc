"""The whole chain under the shipped settings, every fault forced: nothing of a phone is in any log or file afterwards.

nginx, granian or gunicorn, SQLite or PostgreSQL run as processes of their own. What the phone sends (its code, its
answers, its address, agent, referrer, cookie and forwarded address) is then looked for in every file that any of them
wrote, as it is and as hex and base64. The control runs with one wrong setting in
each program and must find it.
"""

import base64
import fcntl
import hashlib
import html
import os
import re
import resource
import secrets
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select, text

from survey_app.admission.rules import code_hash
from survey_app.db import Database
from survey_app.responses.boxes import LOCK_SPACE
from survey_app.responses.models import Parked
from tests.conftest import Cluster
from tests.factories.respondents import Door, open_door
from tests.upkeep.shipped import (
    ADDRESS,
    Phone,
    ShippedCluster,
    children,
    free_port,
    hidden,
    nginx_files,
    running,
    server_command,
)

pytestmark = [pytest.mark.postgres, pytest.mark.xdist_group("shipped")]

QUESTIONNAIRE = {
    "format": 1,
    "id": "canary",
    "version": "1",
    "audience": "service_recipient",
    "title": {"zh": "金丝雀", "en": "Canary"},
    "response_scales": {},
    "sections": [
        {
            "id": "all",
            "title": "全部",
            "items": [{"id": "words", "type": "text", "text": {"zh": "说明？", "en": "Say?"}, "max_length": 200}],
        }
    ],
}


@dataclass
class Chain:
    """What runs, and where everything lies that it wrote."""

    phone: Phone
    door: Door
    database: Database
    home: Path
    server: int
    canaries: dict[str, str]
    places: list[Path]
    happened: dict[str, object] = field(default_factory=dict)

    def form(self, fields: dict[str, str], path: str = "/a") -> tuple[int, str, str]:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": "same-origin",
            "Origin": f"https://127.0.0.1:{self.phone.port}",
        }
        return self.phone.request("POST", path, urlencode(fields).encode(), headers)

    def page(self, card: int) -> dict[str, str]:
        """The hidden fields of the questionnaire behind a card."""
        status, _, page = self.form({"code": self.door.codes[card], "begin": "1"}, "/q")
        assert status == 200, page
        return {name: html.unescape(value) for name, value in hidden(page).items()}

    def send(self, fields: dict[str, str]) -> int:
        return self.form(fields | {"words": self.canaries["answer"]})[0]


@pytest.fixture
def shipped_postgres() -> Iterator[Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="pingyi-shipped-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    cluster = ShippedCluster(folder)
    try:
        cluster.prepare()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder)


@contextmanager
def chain(  # one argument for each thing that differs
    tmp_path: Path,
    template: Path,
    kind: str,
    cluster: Cluster | None = None,
    application: str = "wsgi:app",
    site: dict[str, str] | None = None,
) -> Iterator[Chain]:
    if shutil.which("nginx") is None:
        pytest.fail("nginx is needed: run .ci/system-packages")
    home, temporary, logs = tmp_path / "home", tmp_path / "tmp", tmp_path / "logs"
    for folder in (home, temporary, logs):
        folder.mkdir(mode=0o700)
    if cluster is None:
        shutil.copy(template, home / "pingyi.sqlite3")
    url = cluster.fresh() if cluster else f"sqlite:///{home / 'pingyi.sqlite3'}"
    database = Database(url)
    with database.writing() as session:
        door = open_door(session, questionnaire=QUESTIONNAIRE, cards=40)
    port, upstream = free_port(), free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "TMPDIR": str(temporary),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PINGYI_HOME": str(home),
        "PINGYI_KEY_DIR": str(tmp_path / "keys"),
        "PINGYI_DATABASE_URL": url,
        "PINGYI_PUBLIC_URL": f"https://127.0.0.1:{port}",
        "PINGYI_TRUSTED_PROXIES": "1",
        "PINGYI_PORT": str(upstream),
        "PINGYI_WRITER_QUEUE": "1",
    }
    mark = {name: f"{name}{secrets.token_hex(6)}" for name in ("answer", "agent", "referrer", "cookie", "forwarded")}
    canaries = mark | {"address": ADDRESS} | {f"code{at}": code for at, code in enumerate(door.codes)}
    phone = Phone(
        port,
        {
            "User-Agent": mark["agent"],
            "Referer": f"https://elsewhere.example/{mark['referrer']}",
            "Cookie": f"session={mark['cookie']}",
            "X-Forwarded-For": mark["forwarded"],
        },
    )
    nginx = ["nginx", "-p", str(tmp_path / "nginx"), "-c", str(nginx_files(tmp_path / "nginx", port, upstream, site))]
    with (
        running(server_command(kind, upstream, application), logs / "server.log", environment) as server,
        running(nginx, logs / "nginx.log", {"PATH": os.environ["PATH"]}),
    ):
        phone.wait()
        places = [tmp_path, *([cluster._folder] if cluster else [])]
        yield Chain(phone, door, database, home, server.pid, canaries, places)
    database.engine.dispose()


def force_every_fault(one: Chain) -> None:
    """Each in turn; `happened` says that it did."""
    code, answer = one.door.codes[0], one.canaries["answer"]
    one.happened["start page"] = one.phone.request("GET", f"/q/{code}")[0]
    one.happened["head"] = one.phone.request("HEAD", f"/q/{code}?{answer}")[0]
    first = one.page(0)
    one.happened["sent"] = one.send(first)
    one.happened["sent again"] = one.send(first)
    one.happened["used"] = one.form({"code": code, "begin": "1"}, "/q")[0]
    one.happened["no such page"] = one.phone.request("GET", f"/{code}/{answer}?{answer}")[0]
    one.happened["wrong method"] = one.phone.request("PUT", f"/q/{code}")[0]
    one.happened["no such code"] = one.phone.request("GET", f"/q/{code[:-1]}")[0]
    one.happened["forged"] = one.send(dict.fromkeys(first, answer))
    one.happened["too large for the program"] = one.send(first | {"more": code * 18_000})
    one.happened["too large for nginx"] = one.send(first | {"more": code * 40_000})
    one.happened["wrong type"] = one.phone.request("POST", "/a", answer.encode(), {"Content-Type": answer})[0]
    one.happened["wrong origin"] = one.phone.request("POST", "/a", answer.encode(), {"Sec-Fetch-Site": "cross-site"})[0]
    head = (
        f"POST /a?{code} HTTP/1.1\r\nHost: {answer}\r\nCookie: {one.canaries['cookie']}\r\nContent-Length: 900\r\n\r\n"
    )
    one.phone.raw(head.encode() + f"words={answer}&code={code}".encode())
    one.phone.raw(f"{answer} /q/{code} FOO/9\r\n\r\n".encode())
    one.phone.raw(f"GET /q/{code}\0{answer} HTTP/1.1\r\n{answer}\r\n\r\n".encode())
    one.phone.raw(f"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{answer}\r\n{code}".encode())


def saturate(one: Chain) -> None:
    """Six people at once, while something else holds the writer's turn."""
    pages = [one.page(card) for card in range(1, 7)]
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda page=page: statuses.append(one.send(page))) for page in pages]
    with writer_held(one):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(0.4)
    for thread in threads:
        thread.join()
    one.happened["saturated"] = 503 in statuses
    one.happened["and stored"] = 303 in statuses


@contextmanager
def writer_held(one: Chain) -> Iterator[None]:
    if one.database.is_sqlite:
        with (one.home / "writer.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        return
    with one.database.engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:space, id) FROM box_group"), {"space": LOCK_SPACE})
        yield


def violate_a_constraint(one: Chain) -> None:
    """The message of a database about it holds the row: the hash of the code, the sealed answer."""
    page = one.page(10)
    if one.database.is_sqlite:
        make = ("CREATE TRIGGER never BEFORE UPDATE ON access_code BEGIN SELECT RAISE(ABORT, 'never'); END",)
        undo = "DROP TRIGGER never"
    else:
        make = ("ALTER TABLE access_code ADD CONSTRAINT never CHECK (NOT used) NOT VALID",)
        undo = "ALTER TABLE access_code DROP CONSTRAINT never"
    with one.database.engine.begin() as connection:
        connection.execute(text(make[0]))
    one.happened["constraint"] = one.send(page)
    with one.database.engine.begin() as connection:
        connection.execute(text(undo))


def fill_the_disk(one: Chain) -> None:
    """No file of the server grows beyond what it has, but for its log, which is small."""
    page = one.page(11)
    for worker in children(one.server):
        _, hard = resource.prlimit(worker, resource.RLIMIT_FSIZE)
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (48 * 1024, hard))
    one.happened["disk full"] = one.send(page)
    for worker in children(one.server):
        _, hard = resource.prlimit(worker, resource.RLIMIT_FSIZE)
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (hard, hard))
    one.happened["room again"] = one.send(page)


def lose_the_keys(one: Chain) -> None:
    page = one.page(12)
    for file in (one.home.parent / "keys").glob("*.keys"):
        file.unlink()
    one.happened["key missing"] = one.send(page)


def kill_the_workers(one: Chain) -> None:
    """In the middle of whatever they do; the next ones find a box without a key, and say so."""
    one.happened["core dumps"] = {
        re.findall(r"Max core file size +(\S+)", Path(f"/proc/{worker}/limits").read_text())[0]
        for worker in children(one.server)
    }
    page = one.page(13)
    thread = threading.Thread(target=one.send, args=(page,))
    thread.start()
    for worker in children(one.server):
        os.kill(worker, signal.SIGKILL)
    thread.join()
    one.phone.wait()


def shapes(canary: str) -> set[bytes]:
    """As it is, in small letters, as hex, as base64 wherever it begins in it."""
    found = set()
    for plain in {canary.encode(), canary.lower().encode(), "-".join(re.findall("....", canary)).encode()} - {b""}:
        found |= {plain, plain.hex().encode(), plain.hex().upper().encode()}
        for before in range(3):
            encoded = base64.b64encode(b"\0" * before + plain + b"\0" * (-(before + len(plain)) % 3))
            # The first and last signs depend on what stands around it.
            cut = encoded[4 if before else 0 : len(encoded) - 4]
            found |= {cut, cut.replace(b"+", b"-").replace(b"/", b"_")}
    return {shape for shape in found if len(shape) >= 10}


def findings(one: Chain, *, hashes: bool = True) -> list[str]:
    """`file: canary` of everything that should not be there. Hashes of codes may stand in tables, not in a log."""
    searched = [(name, shape) for name, canary in one.canaries.items() for shape in shapes(canary)]
    in_logs = [
        (f"hash of code{at}", shape)
        for at, code in enumerate(one.door.codes)
        for shape in (code_hash(code)[:20], code_hash(code).hex()[:40].encode())  # PostgreSQL cuts values at 64 signs
        if hashes
    ]
    found = []
    files = [path for place in one.places for path in place.rglob("*") if path.is_file() and not path.is_symlink()]
    assert any(path.name == "server.log" and path.stat().st_size for path in files)
    for path in files:
        content = path.read_bytes()
        is_log = "log" in path.name and "wal" not in str(path)
        found += [f"{path.name}: {name}" for name, shape in (searched + in_logs * is_log) if shape in content]
    return sorted(set(found))


@pytest.mark.parametrize("kind", ["granian", "gunicorn"])
def test_shipped_settings__with_every_fault_forced__write_nothing_of_a_phone_anywhere(
    kind: str, tmp_path: Path, sqlite_template: Path, request: pytest.FixtureRequest
) -> None:
    cluster = request.getfixturevalue("shipped_postgres") if kind == "gunicorn" else None
    with chain(tmp_path, sqlite_template, kind, cluster) as one:
        force_every_fault(one)
        saturate(one)
        violate_a_constraint(one)
        steps: list[Callable[[Chain], None]] = [lose_the_keys, kill_the_workers]
        for step in steps if cluster else [fill_the_disk, *steps]:
            step(one)
        with one.database.reading() as session:
            parked = session.scalar(select(func.count()).select_from(Parked)) or 0
    happened = one.happened
    assert happened["sent"] == happened["sent again"] == 303, happened
    assert happened["start page"] == 200
    refused = {
        name: happened[name] for name in ("no such page", "wrong method", "forged", "wrong type", "wrong origin")
    }
    assert all(isinstance(status, int) and 400 <= status < 500 for status in refused.values()), refused
    assert happened["too large for the program"] == happened["too large for nginx"] == 413
    assert happened["saturated"] and happened["and stored"]
    # What could not be stored comes back to the phone, which sends again.
    assert happened["constraint"] == happened["key missing"] == happened.get("disk full", 503) == 503
    assert happened.get("room again", 303) == 303
    assert happened["core dumps"] == {"0"}
    assert parked >= 2
    assert findings(one) == []


def test_wrong_settings__one_in_each_program__are_found(
    tmp_path: Path, sqlite_template: Path, postgres: Cluster
) -> None:
    """The control: a line of a log in the program, an access log in nginx, PostgreSQL as it comes."""
    site = {"access_log off;": f"access_log {tmp_path}/logs/access.log combined;"}
    with chain(tmp_path, sqlite_template, "gunicorn", postgres, "tests.upkeep.talkative:app", site) as one:
        one.phone.request("GET", f"/q/{one.door.codes[0]}")
        violate_a_constraint(one)
    found = findings(one)
    assert "server.log: code0" in found
    assert {"access.log: code0", "access.log: address", "access.log: agent", "access.log: referrer"} <= set(found)
    assert "log: hash of code10" in found


def test_search__knows_a_canary_in_every_shape() -> None:
    canary = secrets.token_hex(8)
    for around in (b"", b"a", b"ab", b"abc"):
        plain = around + canary.encode() + around
        for coded in (plain, plain.hex().encode(), base64.b64encode(plain), base64.urlsafe_b64encode(plain)):
            assert any(shape in coded for shape in shapes(canary)), (around, coded)
    assert not any(shape in hashlib.sha256(canary.encode()).hexdigest().encode() for shape in shapes(canary))

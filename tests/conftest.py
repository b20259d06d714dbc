"""Fixtures that every test may use: real databases, the real application, a real server, a real browser.

Databases are copies of one migrated template, so that each test starts fresh and fast. PostgreSQL runs as a private
cluster of this test session on a free port; nothing of the machine's own cluster is touched.
"""

import os
import secrets
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import create_engine, make_url, text
from werkzeug.serving import make_server

from survey_app.app import create_app
from survey_app.cli.database import upgrade
from survey_app.config import Config
from survey_app.db import Database

CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy from."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    database.engine.dispose()
    return path


class Cluster:
    """A PostgreSQL cluster of this test session, with a migrated template database."""

    def __init__(self, folder: Path, settings: Sequence[str] = ()) -> None:
        self._folder = folder
        self._binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        self._run("initdb", "-D", str(folder / "data"), "-A", "trust", "-U", "pingyi", "-E", "UTF8", "--locale=C")
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off -c max_connections=200"
        options += "".join(f" -c {setting}" for setting in settings)
        log = str(folder / "log")
        self._run("pg_ctl", "-D", str(folder / "data"), "-o", options, "-l", log, "-w", "-t", "60", "start")
        self._admin = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")

    def prepare(self) -> None:
        """Migrate the template that every test database is a copy of."""
        self._create("template_pingyi")
        template = Database(self.url("template_pingyi"))
        upgrade(template)
        template.engine.dispose()

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://pingyi@/{name}?host={self._folder}"

    def fresh(self) -> str:
        """The address of a new migrated database."""
        name = f"test_{secrets.token_hex(6)}"
        self._create(name, template="template_pingyi")
        return self.url(name)

    def drop(self, url: str) -> None:
        name = make_url(url).database
        with self._admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Everything that lies on the disk: tables, write-ahead log, the server's own log."""
        for path in sorted(self._folder.rglob("*")):
            if path.is_file():
                yield str(path.relative_to(self._folder)), path.read_bytes()

    def write_ahead_log(self, end: str) -> str:
        """What `pg_waldump` tells of the write-ahead log, from its oldest file to the position `end`."""
        folder = self._folder / "data" / "pg_wal"
        oldest = min(path.name for path in folder.iterdir() if len(path.name) == 24)
        start = f"{int(oldest[8:16], 16):X}/{int(oldest[16:], 16) * 2**24:X}"  # 16 MB a file
        return self._run("pg_waldump", "-p", str(folder), "-s", start, "-e", end)

    def stop(self) -> None:
        self._admin.dispose()
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "stop")

    def _create(self, name: str, template: str = "template0") -> None:
        with self._admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))

    def _run(self, program: str, *arguments: str) -> str:
        command = [str(self._binaries / program), *arguments]
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root; its own user is there wherever the package is.
            command = ["runuser", "-u", "postgres", "--", *command]
        result = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
        if result.returncode:
            raise RuntimeError(f"{program}: {result.stdout}{result.stderr}")
        return result.stdout


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="pingyi-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    cluster = Cluster(folder)
    try:
        cluster.prepare()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder)


@pytest.fixture
def config(tmp_path: Path, sqlite_template: Path) -> Config:
    """Settings of a fresh installation on SQLite, with a fast password hash."""
    shutil.copy(sqlite_template, tmp_path / "pingyi.sqlite3")
    found = Config.from_environment({"PINGYI_HOME": str(tmp_path), "PINGYI_SECRET_KEY": "k" * 32})
    return replace(found, testing=True, argon2_time_cost=1, argon2_memory_kib=8)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def each_config(request: pytest.FixtureRequest, config: Config) -> Iterator[Config]:
    """The same settings on SQLite, then on PostgreSQL."""
    if request.param == "sqlite":
        yield config
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    url = cluster.fresh()
    yield replace(config, database_url=url)
    cluster.drop(url)


@pytest.fixture
def database(config: Config) -> Iterator[Database]:
    opened = Database(config.database_url)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def each_database(each_config: Config) -> Iterator[Database]:
    """A migrated database, on SQLite and on PostgreSQL."""
    opened = Database(each_config.database_url)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def app(config: Config) -> Iterator[Flask]:
    made = create_app(config)
    yield made
    made.extensions["pingyi"].database.engine.dispose()


@pytest.fixture
def each_app(each_config: Config) -> Iterator[Flask]:
    """The application on SQLite, then on PostgreSQL."""
    made = create_app(each_config)
    yield made
    made.extensions["pingyi"].database.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def server(app: Flask) -> Iterator[str]:
    """The address of a real server that runs `app`."""
    served = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=served.serve_forever, daemon=True)
    thread.start()
    with closing(served.socket):
        yield f"http://127.0.0.1:{served.server_port}"
        served.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, once for the session; each test opens contexts (fresh profiles) of its own."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS)
        yield launched
        launched.close()

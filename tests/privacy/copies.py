"""How copies are made after each request: the SQLite file with its journal, or PostgreSQL's rows with their places.

A copy is taken whenever anything on disk has changed since the last one, whatever the request was. Of SQLite every
changed page is kept for the search; of PostgreSQL the whole data directory is searched at the end, where nothing of
the write-ahead log has been recycled.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Engine, create_engine, inspect, text

from tests.conftest import Cluster
from tests.privacy.material import History, Row
from tests.privacy.wal import wal_copies

_PAGE = 4096


class SqliteCopies:
    """The database file with whatever lies beside it, page by page."""

    def __init__(self, path: Path, history: History) -> None:
        self.history = history
        self._path = path
        self._last = b""
        self._stamp: list[tuple[int, int]] = []
        self._pieces: list[tuple[str, bytes]] = []
        self._placed: set[bytes] = set()
        self.files = b"", b""

    def take(self) -> None:
        """Copy, if anything has changed."""
        stamp = [path.stat() for path in self._path.parent.glob(f"{self._path.name}*") if path.suffix != ".sqlite3-shm"]
        if (times := [(found.st_mtime_ns, found.st_size) for found in stamp]) == self._stamp:
            return
        self._stamp = times
        data = self._path.read_bytes()
        if wal := self._held("-wal"):
            *_earlier, data = wal_copies(data, wal)
        self._keep(data)
        self._beside()
        self.history.read(read_sqlite(data, self._placed))

    def journal(self, _connection: object) -> None:
        """Keep what lies in the journal at this moment; called before every commit."""
        self._beside()

    def keep_files(self) -> None:
        """Keep database and write-ahead log as they lie there now, for a replay."""
        self.files = self._path.read_bytes(), self._held("-wal")

    def pieces(self) -> Iterator[tuple[str, bytes]]:
        """Every byte that was ever in a copy, by name."""
        yield from self._pieces

    def take_last(self) -> None:
        """Copy once more, and look up again where in the file everything lies."""
        self._placed.clear()
        self.take()

    def end(self) -> None:
        """Nothing is held open."""

    def _beside(self) -> None:
        for ending in ("-journal", "-wal", "-shm"):
            if held := self._held(ending):
                self._pieces.append((ending, held))

    def _held(self, ending: str) -> bytes:
        try:
            return self._path.with_name(self._path.name + ending).read_bytes()
        except FileNotFoundError:
            return b""

    def _keep(self, data: bytes) -> None:
        new = np.frombuffer(data, np.uint8).reshape(-1, _PAGE)
        old = np.frombuffer(self._last[: len(data)], np.uint8).reshape(-1, _PAGE)
        changed = np.ones(len(new), bool)
        changed[: len(old)] = (new[: len(old)] != old).any(axis=1)
        self._pieces.append((f"copy {self.history.copies}", new[changed].tobytes()))
        self._last = data


def read_sqlite(data: bytes, placed: set[bytes]) -> dict[str, list[Row]]:
    """Every table of a database file, with the place of each row: in reading order, and in the file.

    placed: ids and hashes whose place in the file is known already; added to.
    """
    connection = sqlite3.connect(":memory:")
    # A file that says it belongs to a WAL cannot be read from memory before it is told that it does not.
    connection.deserialize(data[:18] + b"\1\1" + data[20:])
    with contextlib.closing(connection):
        return _tables(connection, data, placed)


def _tables(connection: sqlite3.Connection, data: bytes, placed: set[bytes]) -> dict[str, list[Row]]:
    connection.row_factory = sqlite3.Row
    tables: dict[str, list[Row]] = {}
    schema = {
        str(name): str(sql)
        for name, sql in connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        )
    }
    for name, sql in schema.items():
        if name in STATIC:
            continue
        rowid = "" if "WITHOUT ROWID" in sql else "rowid AS '@rowid', "
        rows = [dict(row) for row in connection.execute(f'SELECT {rowid}* FROM "{name}"')]  # our own names
        for at, row in enumerate(rows):
            row["@place"] = at
            handle = row.get("id", row.get("hash", row.get("blinded")))
            if isinstance(handle, bytes) and row.get("used", True) and handle not in placed:
                placed.add(handle)
                row["@offset"] = data.find(handle)
        tables[name] = rows
    return tables


# Definitions and the office's own tables: the same before the first answer and after the last.
STATIC = frozenset({"frozen_definition", "alembic_version"})


class PostgresCopies:
    """Rows with ctid, xmin and cmin after each request; the data directory at the end."""

    def __init__(self, url: str, cluster: Cluster, history: History) -> None:
        self.history = history
        self.engine: Engine = create_engine(url, isolation_level="AUTOCOMMIT")
        self._cluster = cluster
        self._stamp: Any = None
        with self.engine.connect() as connection:
            names = inspect(connection).get_table_names()
        self._names = sorted(set(names) - STATIC)
        # Closing rewrites the table of named lists into another file.
        self._files = self._file_names()

    def take(self) -> None:
        """Copy, if anything has changed."""
        with self.engine.connect() as connection:
            # Every transaction that wrote anything, committed or not, moves this on.
            stamp = connection.execute(text("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")).scalar_one()
            if stamp == self._stamp:
                return
            self._stamp = stamp
            tables = {name: self._rows(connection, name) for name in self._names}
        self.history.read(tables)

    def _rows(self, connection: Any, name: str) -> list[Row]:
        found = connection.execute(text(f'SELECT ctid AS "@ctid", xmin AS "@xmin", cmin AS "@cmin", * FROM "{name}"'))
        rows = [_plain(row) for row in found.mappings()]
        for at, row in enumerate(rows):
            row["@place"] = at
        return rows

    def keep_files(self) -> None:
        """Everything lies there until the end."""

    def take_last(self) -> None:
        """Copy once more."""
        self.take()

    def dumped(self) -> tuple[str, dict[int, str]]:
        """What the write-ahead log says of each row, and which file belongs to which table."""
        with self.engine.connect() as connection:
            end = connection.execute(text("SELECT pg_current_wal_flush_lsn()")).scalar_one()
        return self._cluster.write_ahead_log(str(end)), self._files | self._file_names()

    def _file_names(self) -> dict[int, str]:
        with self.engine.connect() as connection:
            query = text("SELECT pg_relation_filenode(:name)")
            return {connection.execute(query, {"name": name}).scalar_one(): name for name in self._names}

    def end(self) -> None:
        """Let go of the database; it goes with its cluster."""
        self.engine.dispose()

    def pieces(self) -> Iterator[tuple[str, bytes]]:
        """Every file of the cluster, with its write-ahead log and the server's own log."""
        with self.engine.connect() as connection:
            connection.execute(text("CHECKPOINT"))
        yield from self._cluster.files()


def _plain(row: Any) -> Row:
    """Places as pairs of numbers, everything else as it is."""
    made = {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()}
    made["@ctid"] = tuple(int(part) for part in str(made["@ctid"]).strip("()").split(","))
    made["@xmin"], made["@cmin"] = int(made["@xmin"]), int(made["@cmin"])
    return made

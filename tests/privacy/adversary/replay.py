"""Replay of write-ahead logs, commit by commit: what a log keeps is as good as a copy after every commit.

SQLite: the frames of a `-wal` file are put over the pages of the database one commit at a time. PostgreSQL:
`pg_waldump` says which transaction wrote which row, and in which order.
"""

import re

from tests.privacy.copies import read_sqlite
from tests.privacy.material import Card, History, Sitting
from tests.privacy.wal import wal_copies

# The wording differs a little from version to version: `off 5` or `off: 5`, `new off 5` or `new_off: 5`.
_RECORD = re.compile(
    r"^rmgr: Heap2?\s.*tx:\s+(\d+), lsn: ([0-9A-F]+)/([0-9A-F]+),.*desc: "
    r"(?:INSERT\S* off|(?:HOT_)?UPDATE .*new[ _]off):? (\d+).*blkref #0: rel \d+/\d+/(\d+) (?:fork \w+ )?blk (\d+)",
    re.MULTILINE,
)


def replayed(database: bytes, wal: bytes, identities: set[bytes]) -> History:
    """The history that a database file and its write-ahead log tell."""
    history = History(identities)
    for copy in wal_copies(database, wal):
        history.read(read_sqlite(copy, set()))
    return history


def note_places(history: History, dumped: str, tables: dict[int, str]) -> int:
    """Add to each card and sitting when its row was written and by which transaction, by PostgreSQL's own log.

    dumped: what `pg_waldump` printed. tables: file of a table -> its name. Returns how many rows were found there.
    """
    written = {}
    for transaction, high, low, offset, file, page in _RECORD.findall(dumped):
        if int(file) in tables:
            written[tables[int(file)], (int(page), int(offset))] = (
                int(high, 16) << 32 | int(low, 16),
                int(transaction),
            )
    found = 0
    owners: list[Card | Sitting] = [*history.cards.values(), *history.sittings.values()]
    for owner in owners:
        places = [(name.split(".")[0], value) for name, value in owner.facts.items() if name.endswith("@ctid last")]
        for table, place in places:
            if (table, place) in written:
                # One person may have a row on the list and a spent token.
                of = "invitee." if table == "invitee" else ""
                owner.facts[f"{of}@wal order"], owner.facts[f"{of}@wal transaction"] = written[table, place]
                found += 1
    return found

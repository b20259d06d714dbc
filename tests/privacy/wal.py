"""SQLite's write-ahead log: the frames of a `-wal` file put over the pages of the database, one commit at a time."""

import struct
from collections.abc import Iterator

_WAL_HEADER, _FRAME_HEADER = 32, 24
_FRAME = struct.Struct(">II8s8x")


def wal_copies(database: bytes, wal: bytes) -> Iterator[bytes]:
    """The database as it was before the log, and after each commit in it."""
    size = struct.unpack(">I", wal[8:12])[0]
    salt = wal[16:24]
    pages = {at // size + 1: database[at : at + size] for at in range(0, len(database), size)}
    yield _joined(pages, len(database) // size)
    for at in range(_WAL_HEADER, len(wal) - size, _FRAME_HEADER + size):
        page, pages_after, found_salt = _FRAME.unpack_from(wal, at)
        if found_salt != salt:
            return
        pages[page] = wal[at + _FRAME_HEADER : at + _FRAME_HEADER + size]
        if pages_after:
            yield _joined(pages, pages_after)


def _joined(pages: dict[int, bytes], count: int) -> bytes:
    return b"".join(pages[number] for number in range(1, count + 1))

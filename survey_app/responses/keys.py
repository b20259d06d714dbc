"""Box keys: 32 bytes for each box that waits, in a file for each box group, outside the database and every backup.

What must stay true: a key is on disk before the first commit under it; it is overwritten only after the commit that
emptied its box. A key in memory never outlives its place on disk by more than one batch.

A file is a row of slots, each within one sector of the disk. Keys come and go by overwriting a slot in place: that
changes nothing of the file system's own bookkeeping, which costs more than all else that storing an answer does, and
it leaves no freed block behind that would still hold the key.
"""

import fcntl
import os
import secrets
import struct
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

KEY_BYTES = 32
_SLOT = struct.Struct(f">Q{KEY_BYTES}s24x")  # number of the box (0: free), key; 64 bytes, so that none crosses a sector
_SLOTS_AT_A_TIME = 64
_FREE = bytes(_SLOT.size)


class KeyFiles:
    """The directory of key files of one installation."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)

    @property
    def directory(self) -> Path:
        """Where the files lie; other keys that must stay out of the database lie beside them."""
        return self._directory

    def create(self, box_group_id: int, number: int) -> bytes:
        """A fresh key for box `number` (1, 2, …), durable when this returns.

        A key of the same number is replaced: its box was never committed.
        """
        key = secrets.token_bytes(KEY_BYTES)
        self.put(box_group_id, number, key)
        return key

    def put(self, box_group_id: int, number: int, key: bytes) -> None:
        """This key for box `number`, durable when this returns: a fresh one, or one that was recovered."""
        with self._opened(box_group_id, os.O_CREAT) as handle:
            numbers = [found for found, _ in _slots(handle)]
            taken = next((found for found in (number, 0) if found in numbers), None)
            place = len(numbers) if taken is None else numbers.index(taken)
            grows = taken is None
            if grows:
                os.pwrite(handle, _FREE * _SLOTS_AT_A_TIME, place * _SLOT.size)
            os.pwrite(handle, _SLOT.pack(number, key), place * _SLOT.size)
            os.fdatasync(handle)
            if grows:
                self._sync_directory()

    def read(self, box_group_id: int, number: int) -> bytes | None:
        """The key of a box, or None when it is gone."""
        return self.of_group(box_group_id).get(number)

    def of_group(self, box_group_id: int) -> dict[int, bytes]:
        """Every key of a group, by the number of its box."""
        try:
            with self._opened(box_group_id) as handle:
                return {number: key for number, key in _slots(handle) if number}
        except FileNotFoundError:
            return {}

    def destroy(self, box_group_id: int, numbers: Collection[int]) -> None:
        """Overwrite the keys of these boxes; nothing parked under them can be read again."""
        try:
            with self._opened(box_group_id) as handle:
                for place, (number, _) in enumerate(_slots(handle)):
                    if number in numbers:
                        os.pwrite(handle, _FREE, place * _SLOT.size)
                os.fdatasync(handle)
        except FileNotFoundError:
            return

    @contextmanager
    def _opened(self, box_group_id: int, flags: int = 0) -> Iterator[int]:
        """The group's file, locked against every other process and thread that would use it at the same time."""
        handle = os.open(self._directory / f"{box_group_id}.keys", os.O_RDWR | flags, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield handle
        finally:
            os.close(handle)

    def _sync_directory(self) -> None:
        handle = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _slots(handle: int) -> list[tuple[int, bytes]]:
    """(number, key) of every slot. A slot that a crash cut short at the end of the file counts for nothing."""
    held = os.pread(handle, os.fstat(handle).st_size, 0)
    return list(_SLOT.iter_unpack(held[: len(held) - len(held) % _SLOT.size]))

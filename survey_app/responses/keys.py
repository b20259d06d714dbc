"""Box keys: one file of 32 bytes for each open box, outside the database and outside every backup.

What must stay true: a key file is on disk, with its directory entry, before the first commit under it; it is removed
only after the commit that emptied its box. A key in memory never outlives its file by more than one batch.
"""

import os
import secrets
from pathlib import Path

KEY_BYTES = 32


class KeyFiles:
    """The directory of key files of one installation."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)

    def create(self, box_group_id: int, number: int) -> bytes:
        """A fresh key for a new box, durable when this returns. A file without a committed box is replaced."""
        key = secrets.token_bytes(KEY_BYTES)
        path = self._path(box_group_id, number)
        handle = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        try:
            os.write(handle, key)
            os.fsync(handle)
        finally:
            os.close(handle)
        self._sync_directory()
        return key

    def read(self, box_group_id: int, number: int) -> bytes | None:
        """The key of a box, or None when its file is gone."""
        try:
            key = self._path(box_group_id, number).read_bytes()
        except FileNotFoundError:
            return None
        return key if len(key) == KEY_BYTES else None

    def destroy(self, box_group_id: int, number: int) -> None:
        """Overwrite and remove; nothing parked under this key can be read again."""
        path = self._path(box_group_id, number)
        try:
            handle = os.open(path, os.O_WRONLY)
        except FileNotFoundError:
            return
        try:
            os.write(handle, bytes(KEY_BYTES))
            os.fsync(handle)
        finally:
            os.close(handle)
        path.unlink()
        self._sync_directory()

    def existing(self) -> list[tuple[int, int]]:
        """(box group, number) of every key file."""
        found = []
        for path in self._directory.glob("*.key"):
            group, number = path.stem.split("-")
            found.append((int(group), int(number)))
        return sorted(found)

    def _path(self, box_group_id: int, number: int) -> Path:
        return self._directory / f"{box_group_id}-{number}.key"

    def _sync_directory(self) -> None:
        handle = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

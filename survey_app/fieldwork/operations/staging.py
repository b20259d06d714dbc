"""An uploaded file between two pages: sealed on disk, its key nowhere but in the page that goes on with it.

What must stay true: without the page the file cannot be read; it is gone when it was used; after an hour it is
read no more, and gone with the next use of any import page.
"""

import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEPT_SECONDS = 3600
_ID_BYTES, _KEY_BYTES, _IV_BYTES = 16, 32, 12


@dataclass(frozen=True)
class Staging:
    """The folder of files that wait for their second page."""

    directory: Path

    def put(self, data: bytes) -> str:
        """Keep a file; the ticket that reads it again, for the page."""
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.sweep()
        name, key, iv = secrets.token_hex(_ID_BYTES), secrets.token_bytes(_KEY_BYTES), secrets.token_bytes(_IV_BYTES)
        sealed = iv + AESGCM(key).encrypt(iv, data, name.encode())
        handle = os.open(self.directory / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(sealed)
        return name + key.hex()

    def get(self, ticket: str) -> bytes | None:
        """The file of a ticket; None where it is gone, older than an hour, or the ticket is none of ours."""
        self.sweep()
        name, key = _parts(ticket)
        if name is None:
            return None
        try:
            sealed = (self.directory / name).read_bytes()
            return AESGCM(key).decrypt(sealed[:_IV_BYTES], sealed[_IV_BYTES:], name.encode())
        except (FileNotFoundError, InvalidTag):
            return None

    def drop(self, ticket: str) -> None:
        """Forget a file that was used."""
        name, _key = _parts(ticket)
        if name is not None:
            (self.directory / name).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Forget every file that is older than an hour."""
        if not self.directory.is_dir():
            return
        for path in self.directory.iterdir():
            if path.stat().st_mtime < time.time() - _KEPT_SECONDS:
                path.unlink(missing_ok=True)


def _parts(ticket: str) -> tuple[str | None, bytes]:
    """The name of the file and its key; no name where the ticket cannot be one."""
    digits = set(ticket) <= set("0123456789abcdef")
    if len(ticket) != 2 * (_ID_BYTES + _KEY_BYTES) or not digits:
        return None, b""
    return ticket[: 2 * _ID_BYTES], bytes.fromhex(ticket[2 * _ID_BYTES :])

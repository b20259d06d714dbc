"""Signing keys: one file for each named list, beside the box keys, outside the database and every backup.

What must stay true: a key is on disk before the commit that publishes its public half; it is overwritten and removed
after the commit that closes the collector. It has to survive a restart, for people come on many days; a copy of the
database or a backup cannot sign anything.
"""

import os
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from survey_app.invitations.rules import blind_rsa


class SigningKeys:
    """The directory of key files of one installation."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)

    def create(self, collector_id: int) -> bytes:
        """A fresh key, durable when this returns; its public half. A key that was never published is replaced."""
        key = blind_rsa.new_key()
        plain = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self._write(collector_id, plain, os.O_CREAT | os.O_TRUNC)
        self._sync_directory()
        return blind_rsa.public_bytes(key.public_key())

    def read(self, collector_id: int) -> rsa.RSAPrivateKey | None:
        """The key of a list, or None when it is gone. Read anew for every signature: a closed list signs nothing."""
        try:
            plain = self._path(collector_id).read_bytes()
        except FileNotFoundError:
            return None
        # Its full check takes six times as long as signing, and every signature is checked before it leaves.
        key = serialization.load_der_private_key(plain, None, unsafe_skip_rsa_key_validation=True)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError("an RSA key is needed")
        return key

    def destroy(self, collector_id: int) -> None:
        """Overwrite the key and remove its file; nothing happens where there is none."""
        try:
            size = self._path(collector_id).stat().st_size
        except FileNotFoundError:
            return
        self._write(collector_id, bytes(size), 0)
        self._path(collector_id).unlink(missing_ok=True)
        self._sync_directory()

    def _path(self, collector_id: int) -> Path:
        return self._directory / f"{collector_id}.signing"

    def _write(self, collector_id: int, content: bytes, flags: int) -> None:
        handle = os.open(self._path(collector_id), os.O_WRONLY | flags, 0o600)
        try:
            os.write(handle, content)
            os.fsync(handle)
        finally:
            os.close(handle)

    def _sync_directory(self) -> None:
        handle = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

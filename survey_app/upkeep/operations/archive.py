"""The file of a backup: one zip of tables as lines of JSON, each in the order of its primary key, and a manifest.

What must stay true: nothing in it shows in which order anything came. A copy of database pages, and the tools that
dump PostgreSQL, keep rows as they lie on the disk, and a used code is moved on the disk when it is used; an order by
keys that are random, or given before anybody answered, says nothing. The same file serves SQLite and PostgreSQL.
"""

import base64
import hashlib
import os
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson

from survey_app.upkeep.rules.backups import BackupNotSound, BadBackupPlace

FORMAT = 1
RECOVERY = "recovery.sealed"
_MANIFEST = "manifest.json"
_MOMENT = (1980, 1, 1, 0, 0, 0)  # of no part of the file: the audit log says when


@dataclass(frozen=True)
class Part:
    """One entry of the zip."""

    name: str
    sha256: str
    about: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself. `about`: counts in steps, because manifests are shown around.

    waiting: sittings that were in boxes, by campaign; recoverable: those of them that the recovery key opens.
    """

    version: str
    head: str
    audit_number: int
    audit_hash: str
    parts: tuple[Part, ...]
    waiting: dict[str, str] = field(default_factory=dict)
    recoverable: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    def part(self, name: str) -> Part | None:
        """The entry of this name."""
        return next((part for part in self.parts if part.name == name), None)


class ArchiveWriter:
    """A backup in the making, under another name until `finish`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.partial = path.with_name(path.name + ".partial")
        try:
            # O_EXCL: what lies here already is never written over.
            handle = os.open(self.partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        except OSError as error:
            why = error.strerror or ""
            raise BadBackupPlace(path=path, why_zh=why, why_en=why) from None
        self._file = os.fdopen(handle, "w+b")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=1)

    def add(self, name: str, chunks: Iterator[bytes]) -> str:
        """Write one entry; its SHA-256."""
        digest = hashlib.sha256()
        entry = zipfile.ZipInfo(name, _MOMENT)
        entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
        with self._zip.open(entry, "w", force_zip64=True) as target:
            for chunk in chunks:
                digest.update(chunk)
                target.write(chunk)
        return digest.hexdigest()

    def close(self, manifest: Manifest) -> str:
        """Add the manifest and put the whole file on the disk; its SHA-256."""
        self.add(_MANIFEST, iter([orjson.dumps(manifest, option=orjson.OPT_INDENT_2)]))
        self._zip.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return digest_of(self.partial)

    def finish(self) -> None:
        """Give the file its name, durably."""
        self.partial.rename(self.path)
        handle = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def discard(self) -> None:
        """Remove what was written."""
        # A full disk fails the closing of a file as well; the file goes all the same.
        with suppress(OSError, ValueError):
            self._zip.close()
        with suppress(OSError):
            self._file.close()
        self.partial.unlink(missing_ok=True)


class ArchiveReader:
    """A backup that was opened and found sound: every part has the SHA-256 that the manifest gives."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
            self.manifest = _manifest(orjson.loads(self._zip.read(_MANIFEST)))
            self._check()
        except (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError, EOFError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise BackupNotSound(path=path, why_zh=f"无法读取（{why}）", why_en=f"it cannot be read ({why})") from None

    def rows(self, part: Part) -> Iterator[dict[str, Any]]:
        """The rows of a table, as Python values."""
        with self._zip.open(part.name) as lines:
            for line in lines:
                yield dict(zip(part.columns, map(_value, orjson.loads(line)), strict=True))

    def read(self, name: str) -> bytes:
        """A whole part."""
        return self._zip.read(name)

    def _check(self) -> None:
        if self.manifest.format != FORMAT:
            raise BackupNotSound(path=self.path, why_zh="格式版本不认识", why_en="its format is not known")
        for part in self.manifest.parts:
            digest = hashlib.sha256()
            with self._zip.open(part.name) as content:
                while chunk := content.read(1 << 20):
                    digest.update(chunk)
            if digest.hexdigest() != part.sha256:
                raise BackupNotSound(
                    path=self.path, why_zh=f"{part.name} 与清单不符", why_en=f"{part.name} does not fit its manifest"
                )


def line(values: Sequence[Any]) -> bytes:
    """One row as a line of JSON."""
    return orjson.dumps([_plain(value) for value in values], option=orjson.OPT_APPEND_NEWLINE)


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _manifest(read: dict[str, Any]) -> Manifest:
    parts = tuple(Part(**part | {"columns": tuple(part["columns"])}) for part in read.pop("parts"))
    return Manifest(parts=parts, **read)


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, datetime):
        return {"moment": value.astimezone(UTC).isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    raise TypeError(f"a backup cannot hold a {type(value).__name__}")


def _value(plain: object) -> object:
    if not isinstance(plain, dict):
        return plain
    ((kind, text),) = plain.items()
    if kind == "bytes":
        return base64.b64decode(text, validate=True)
    return datetime.fromisoformat(text) if kind == "moment" else date.fromisoformat(text)

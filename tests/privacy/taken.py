"""Backups as `pingyi backup` makes them, tried again and again while people answer, read by the adversary.

A try after every request that followed an emptied box, and now and then besides; what the command refuses is not had.
"""

from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask

from survey_app.upkeep.operations.archive import ArchiveReader
from survey_app.upkeep.operations.backup import back_up
from survey_app.upkeep.rules.backups import TooFewSinceLastBackup
from tests.factories.campaign import NOON
from tests.privacy.copies import STATIC
from tests.privacy.material import History, Row

_EVERY = 200


@dataclass
class Taken:
    """The backups of one campaign: what their tables say, and every byte that is in them."""

    app: Flask
    folder: Path
    history: History
    refused: int = 0
    pieces: list[tuple[str, bytes]] = field(default_factory=list)
    _seen: int = 0
    _tries: int = 0

    def try_after(self, copies: History) -> None:
        """Try, if more can be read than before, or if enough has happened since."""
        self._tries += 1
        if len(copies.sittings) != self._seen or self._tries % _EVERY == 0:
            self._seen = len(copies.sittings)
            self.take()

    def take(self) -> None:
        """Make a backup, where the command permits one."""
        installation, boxes = self.app.extensions["pingyi"], self.app.extensions["pingyi.boxes"]
        path = self.folder / f"{self.history.copies:04}.pingyi"
        try:
            back_up(installation.database, installation.writer.exclusively, boxes.keys, path, now=NOON)
        except TooFewSinceLastBackup:
            self.refused += 1
            return
        archive = ArchiveReader(path)
        tables: dict[str, list[Row]] = {}
        for part in archive.manifest.parts:
            name = part.name.split("-", 1)[1].removesuffix(".jsonl")
            self.pieces.append((f"backup {self.history.copies} {name}", archive.read(part.name)))
            if name not in STATIC:
                tables[name] = [row | {"@place": at} for at, row in enumerate(archive.rows(part))]
        self.pieces.append((f"backup {self.history.copies}", path.read_bytes()))
        self.history.read(tables)

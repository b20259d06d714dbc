"""Faults forced on the way of an answer: an error, a timeout and a broken constraint at every step of it.

A step is a statement that the way sends to the database, a BEGIN or COMMIT, or a call over the boundary to key files
and cipher. Which steps there are is not written down here: every one that is met is remembered and fails once in each
way. Each failure carries the code of the card in its message, so that a log that tells what went wrong tells the code.
"""

import random
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from survey_app.invitations.operations.keys import SigningKeys
from survey_app.responses import boxes
from survey_app.responses.keys import KeyFiles

WAYS = ("error", "timeout", "constraint")
# Fails by a CHECK of ours, with the code of the card in the row that the database may write into its log.
_BROKEN_ROW = (
    "INSERT INTO card_movement (batch_id, kind, cards, on_day, note) VALUES (1, 'lost', 1, '2026-01-01', '{}')"
)
_BOUNDARY = ("create", "of_group", "destroy")
# Every way comes once as early as it can; a few come again later, so that failures also meet where nobody planned it.
_ONCE_MORE = 0.004
_SIGNING = ("read",)
_CIPHER = ("seal_sitting", "open_sitting")


@dataclass
class Faults:
    """What has failed in which way, and what is still to fail. `person`: the code, link or token that is being sent."""

    chance: random.Random
    person: str = ""
    on: bool = False
    held: threading.Event | None = None
    waiting: set[tuple[str, str]] = field(default_factory=set)
    met: dict[str, int] = field(default_factory=dict)
    fired: set[tuple[str, str]] = field(default_factory=set)

    def install(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        """Stand at the boundary to storage. Nothing fails before `on`."""
        event.listen(engine, "before_cursor_execute", self._statement, retval=True)
        event.listen(engine, "begin", lambda _connection: self._step("BEGIN"))
        event.listen(engine, "commit", self._commit)
        for name in _BOUNDARY:
            monkeypatch.setattr(KeyFiles, name, self._guarded(f"key file: {name}", getattr(KeyFiles, name)))
        for name in _SIGNING:
            monkeypatch.setattr(SigningKeys, name, self._guarded(f"signing key: {name}", getattr(SigningKeys, name)))
        for name in _CIPHER:
            monkeypatch.setattr(boxes, name, self._guarded(f"cipher: {name}", getattr(boxes, name)))

    def never_met(self) -> set[tuple[str, str]]:
        """What should have failed and did not."""
        return {(step, way) for step in self.met for way in _ways(step)} - self.fired

    def _commit(self, connection: Connection) -> None:
        if self.held is not None:
            # The disk takes longer than the telephone waits; the answer is stored after all.
            self.held.wait()
        try:
            self._step("COMMIT")
        except Exception:
            if connection.dialect.name != "sqlite":
                # A server that refuses a commit has ended the transaction; SQLite leaves that to us.
                connection.connection.rollback()
            raise

    def _statement(
        self, _connection: Connection, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool
    ) -> tuple[str, Any]:
        # Lists of one, two or ten values are one step.
        if self._step(re.sub(r"IN \([^)]*\)", "IN (…)", statement)) == "constraint":
            return _BROKEN_ROW.format(self.person), ([()] if many else ())
        return statement, parameters

    def _step(self, step: str) -> str:
        """Raise, or say "constraint" where the statement is to be replaced by one that breaks one."""
        if not self.on:
            return ""
        self.met[step] = self.met.get(step, 0) + 1
        if self.met[step] == 1:
            self.waiting |= {(step, way) for way in _ways(step)}
        ways = [way for way in _ways(step) if (step, way) in self.waiting]
        if not ways and self.chance.random() < _ONCE_MORE:
            ways = list(_ways(step))
        if not ways:
            return ""
        way = self.chance.choice(ways)
        self.waiting.discard((step, way))
        self.fired.add((step, way))
        if way == "error":
            raise RuntimeError(f"forced at the card {self.person}")
        if way == "timeout":
            raise OperationalError(step, {"code": self.person}, TimeoutError(f"forced at the card {self.person}"))
        return way

    def _guarded(self, step: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*arguments: Any) -> Any:
            if self._step(step) == "constraint":
                raise OSError(f"forced at the card {self.person}")
            return real(*arguments)

        return guarded


def _ways(step: str) -> tuple[str, ...]:
    return ("error", "timeout") if step in {"BEGIN", "COMMIT"} else WAYS

"""The server under measurement: the real application with an empty route beside it.

If asked, with a fault by design to compare with: `plain` stores plain rows; `hasty` says thank you before the commit.
"""

import logging
import os
import secrets
import sys
from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any

import orjson
from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from sqlalchemy import insert
from sqlalchemy.orm import Session

from survey_app.cli.serve import application as served
from survey_app.responses.models import Response
from survey_app.responses.sitting import Sitting
from survey_app.responses.spending import Outcome, admit, parking_doors, spend
from survey_app.web.access import public
from survey_app.web.writer import AnyWriter

_STORE = insert(Response)


@public
def _empty() -> str:
    return ""


def _plain(session: Session, rows: Sequence[Sitting]) -> list[Outcome]:
    """The same path without box, cipher and keys: codes spent, responses written at once."""
    outcomes = admit(session, rows, parking_doors(session, {row.collector_id for row in rows}))
    stored = [row for row, outcome in zip(rows, outcomes, strict=True) if outcome is Outcome.STORED]
    spend(session, stored)
    if stored:
        session.connection().execute(_STORE, [_row(row) for row in stored])
    return outcomes


def _row(sitting: Sitting) -> dict[str, object]:
    unit, answers = sitting.responses[0]
    return {
        "id": secrets.token_bytes(16),
        "collector_id": sitting.collector_id,
        "unit_id": unit,
        "department_id": None,
        "stratum": None,
        "mode": sitting.mode,
        "language": sitting.language,
        "pilot": sitting.pilot,
        "questionnaire_hash": sitting.questionnaire_hash,
        "answers": orjson.dumps(answers).decode(),
        "period": None,
        "duration": sitting.duration,
        "order_number": sitting.order_number,
        "flip": sitting.flip,
        "sitting": secrets.token_bytes(16),
    }


def _hasty(writer: AnyWriter, row: Any) -> Outcome:
    """Acknowledge what is only in memory: what a kill between this and the commit must be seen to lose."""
    writer._ensure_running()
    writer._queue.put((row, Future()))
    return Outcome.STORED


def application() -> Flask:
    """What each worker runs. Its warnings and errors go to standard error, where the measuring run shows them."""
    logging.basicConfig(level=logging.WARNING)
    app = served()
    app.add_url_rule("/empty", "bench_empty", _empty)
    writer = app.extensions["pingyi"].writer
    if os.environ["BENCH_STORE"] == "plain":
        writer._store = _plain
    elif os.environ["BENCH_STORE"] == "hasty":
        writer.submit = partial(_hasty, writer)
    return app


if __name__ == "__main__":
    os.environ["BENCH_STORE"] = sys.argv[2]
    Granian(
        "bench.server:application",
        factory=True,
        address="127.0.0.1",
        port=int(sys.argv[1]),
        interface=Interfaces.WSGI,
        workers=2,
        blocking_threads=32,
        log_access=False,
        log_enabled=False,
    ).serve()

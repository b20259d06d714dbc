"""Reading a campaign's answers into coded arrays, page by page, and sealing what was read with a keyed digest.

Knows the table of responses and nothing of scores. What must stay true: pilot answers are never read; each page is a
transaction of its own, so that a long reading holds up no respondent; what is returned is one consistent state: boxes
are emptied as a whole, and if one was while pages were read, reading starts again.
"""

import hmac
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import orjson
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from analysis.frame import NO_DEPARTMENT, CodedAnswers
from analysis.spec import QuestionnaireSpec
from survey_app.campaigns.models import Collector
from survey_app.questionnaire.visibility import Answer
from survey_app.responses.models import Response
from survey_app.responses.sitting import LAST_STEP, seconds_of_step
from survey_app.scores.operations.coding import AnswerCoder
from survey_app.scores.rules.errors import AnswersArriving

PAGE = 10_000
_TRIES = 3
_SEAL = 32  # bytes
# Steps of a duration as seconds; None, where a draft was restored, is not a time.
_SECONDS: dict[int | None, float] = {None: math.nan} | {step: seconds_of_step(step) for step in range(LAST_STEP + 1)}

_ROWS = select(
    Response.id,
    Response.unit_id,
    Response.department_id,
    Response.stratum,
    Response.questionnaire_hash,
    Response.answers,
    Response.sitting,
    Response.duration,
    Response.order_number,
    Response.mode,
)
# unit, department, stratum, questionnaire hash; in a row the response's id before them, behind them what was said
About = tuple[int | None, int | None, str | None, str]
Row = tuple[bytes, int | None, int | None, str | None, str, str, bytes, int | None, int, str]

# How a response came in (填答方式); its number in the coded arrays is its place here.
MODES = ("web", "paper", "import")
_MODE = {name: place for place, name in enumerate(MODES)}


@dataclass(frozen=True)
class Wanted:
    """What is to be read.

    units, departments: database id → (place in the frame, code). coders: by questionnaire hash.
    """

    campaign_id: int
    audiences: frozenset[str]
    units: Mapping[int, tuple[int, str]]
    departments: Mapping[int, tuple[int, str]]
    coders: Mapping[str, AnswerCoder]


@dataclass(frozen=True, eq=False)
class Loaded:
    """All answers of a campaign that may be scored now.

    answers: one for each questionnaire, also where nobody answered. strata: what the answers' strata point to.
    words: for each of them (row, key, what was written), where the coder wants words.
    digests: audience → HMAC-SHA256 (hex) over its sorted rows; absent without a key.
    """

    answers: tuple[CodedAnswers, ...]
    words: tuple[list[tuple[int, str, str]], ...]
    strata: tuple[str | None, ...]
    digests: dict[str, str]


def load(session: Session, wanted: Wanted, strata: Sequence[str | None], key: bytes | None) -> Loaded:
    """Read everything that is wanted. strata: those of the frame; unknown ones are added behind.

    The session must hold no changes: its transaction is ended after each page.
    Raises AnswersArriving, UnreadableAnswer.
    """
    for _ in range(_TRIES):
        before = _how_many(session, wanted)
        loading = _Loading(wanted, strata, key)
        outside = _outside(session, wanted)
        for page in _pages(session, wanted):
            loading.add(page, outside)
        # Responses are only ever added, so the same number means the same rows.
        if _how_many(session, wanted) == before:
            return loading.finish()
    raise AnswersArriving


class _Loading:
    """What has been read so far."""

    def __init__(self, wanted: Wanted, strata: Sequence[str | None], key: bytes | None) -> None:
        self._wanted = wanted
        self._strata = {name: place for place, name in enumerate(dict.fromkeys([*strata, None]))}
        self._key = key
        self._blocks = {found: _Blocks(coder) for found, coder in wanted.coders.items()}
        self._seals: dict[str, list[bytes]] = {audience: [] for audience in sorted(wanted.audiences)}
        self._abouts: dict[About, tuple[bytes, list[bytes]]] = {}

    def add(self, page: Sequence[Row], outside: Mapping[bytes, Mapping[str, Answer]]) -> None:
        """Code one page of rows. outside: by sitting, what was answered outside the repeated section."""
        if self._key is not None:
            self._seal(page, self._key)
        for found, blocks in self._blocks.items():
            rows = [row for row in page if row[4] == found and row[1] is not None]
            if rows:
                blocks.add(rows, self._wanted, self._strata, outside)

    def finish(self) -> Loaded:
        """Join the pages."""
        answers = tuple(blocks.joined() for blocks in self._blocks.values())
        digests = {} if self._key is None else {name: _digest(self._key, rows) for name, rows in self._seals.items()}
        words = tuple(blocks.words for blocks in self._blocks.values())
        return Loaded(answers, words, tuple(self._strata), digests)

    def _seal(self, page: Sequence[Row], key: bytes) -> None:
        """A keyed hash of each row: what was answered, about whom, to what; never who, nor which row it was."""
        for row in page:
            about = row[1:5]
            known = self._abouts.get(about)
            if known is None:
                known = self._abouts[about] = self._about(*about)
            prefix, seals = known
            # JSON ends before the numbers begin; what came by the web is sealed as it always was.
            said = f"{row[5]}{row[7]},{row[8]}" + (f",{row[9]}" if row[9] != "web" else "")
            seals.append(blake2b(prefix + said.encode(), key=key, digest_size=_SEAL).digest())

    def _about(
        self, unit: int | None, department: int | None, stratum: str | None, found: str
    ) -> tuple[bytes, list[bytes]]:
        """What is hashed before the answers, and where hashes of this audience go. Codes, not ids of the database."""
        codes = (
            None if unit is None else self._wanted.units[unit][1],
            None if department is None else self._wanted.departments[department][1],
        )
        audience = self._wanted.coders[found].questionnaire.audience
        return repr((found, *codes, stratum)).encode(), self._seals[audience]


class _Blocks:
    """The pages of one questionnaire."""

    def __init__(self, coder: AnswerCoder) -> None:
        self._coder = coder
        self.words: list[tuple[int, str, str]] = []
        self._rows = 0
        self._codes: list[NDArray[np.int8]] = []
        self._eligible: list[NDArray[np.bool_]] = []
        self._pointers: list[NDArray[np.int32]] = []
        self._seconds: list[NDArray[np.float32]] = []
        self._orders: list[NDArray[np.int16]] = []
        self._modes: list[NDArray[np.int8]] = []
        self._sittings: list[bytes] = []

    def add(
        self,
        rows: Sequence[Row],
        wanted: Wanted,
        strata: dict[str | None, int],
        outside: Mapping[bytes, Mapping[str, Answer]],
    ) -> None:
        """Code rows that are about units. New strata are added to `strata`."""
        # Column by column: taking 10,000 rows apart with zip() costs ten times as much.
        names, sittings = [row[3] for row in rows], [row[6] for row in rows]
        around = [outside.get(sitting, {}) for sitting in sittings] if self._coder.looks_outside else None
        coded = self._coder.codes([row[5] for row in rows], around)
        for name in set(names) - strata.keys():
            strata[name] = len(strata)
        pointers = np.empty((3, len(rows)), dtype=np.int32)
        pointers[0] = [wanted.units[row[1]][0] if row[1] is not None else -1 for row in rows]
        pointers[1] = [strata[name] for name in names]
        pointers[2] = [NO_DEPARTMENT if row[2] is None else wanted.departments[row[2]][0] for row in rows]
        self.words += ((self._rows + row, key, said) for row, key, said in coded.words)
        self._rows += len(rows)
        self._codes.append(coded.codes)
        self._eligible.append(coded.eligible)
        self._pointers.append(pointers)
        self._seconds.append(np.array([_SECONDS[row[7]] for row in rows], dtype=np.float32))
        self._orders.append(np.array([row[8] for row in rows], dtype=np.int16))
        self._modes.append(np.array([_MODE[row[9]] for row in rows], dtype=np.int8))
        if self._coder.questionnaire.repeated_section() is not None:
            self._sittings.append(b"".join(sittings))

    def joined(self) -> CodedAnswers:
        """All pages as one."""
        spec: QuestionnaireSpec = self._coder.spec
        width = len(spec.items)
        codes = np.concatenate(self._codes) if self._codes else np.empty((0, width), dtype=np.int8)
        pointers = np.concatenate(self._pointers, axis=1) if self._pointers else np.empty((3, 0), dtype=np.int32)
        eligible = np.concatenate(self._eligible) if self._eligible else np.empty(0, dtype=np.bool_)
        modes = np.concatenate([np.empty(0, dtype=np.int8), *self._modes])
        return CodedAnswers(
            questionnaire=spec,
            codes=codes,
            unit=pointers[0],
            stratum=pointers[1],
            department=pointers[2],
            sitting=self._sitting_numbers(len(codes)),
            eligible=eligible,
            seconds=np.concatenate([np.empty(0, dtype=np.float32), *self._seconds]),
            order=np.concatenate([np.empty(0, dtype=np.int16), *self._orders]) if spec.orders else None,
            mode=modes if modes.any() else None,
        )

    def _sitting_numbers(self, n: int) -> NDArray[np.int32]:
        """Equal numbers for rows of one sitting; where a sitting rates one unit, every row is one of its own."""
        if not self._sittings:
            return np.arange(n, dtype=np.int32)
        # "S16" drops trailing zero bytes, but all have the same length, so nothing different becomes equal.
        _, numbers = np.unique(np.frombuffer(b"".join(self._sittings), dtype="S16"), return_inverse=True)
        return numbers.astype(np.int32)


def _digest(key: bytes, rows: list[bytes]) -> str:
    """The order of rows is that of random ids, so they are sorted before they are sealed together."""
    return hmac.digest(key, np.sort(np.frombuffer(b"".join(rows), dtype=f"S{_SEAL}")).tobytes(), "sha256").hex()


def _outside(session: Session, wanted: Wanted) -> dict[bytes, Mapping[str, Answer]]:
    """By sitting, the answers outside a repeated section; read only where they may decide what was shown inside it."""
    hashes = [found for found, coder in wanted.coders.items() if coder.looks_outside]
    if not hashes:
        return {}
    outside = (Response.unit_id.is_(None), Response.questionnaire_hash.in_(hashes))
    return {row[6]: orjson.loads(row[5]) for page in _pages(session, wanted, *outside) for row in page}


def _pages(session: Session, wanted: Wanted, *also: ColumnElement[bool]) -> Iterator[Sequence[Row]]:
    """Collector by collector, rows in the order of their random ids, a page a transaction."""
    for collector in _collectors(session, wanted):
        last = b""
        while True:
            place = (Response.collector_id == collector, Response.id > last, Response.pilot.is_(False), *also)
            cursor = session.connection().execute(_ROWS.where(*place).order_by(Response.id).limit(PAGE)).cursor
            # The driver's own tuples: a million Row objects would cost as much as reading the rows does.
            page: Sequence[Row] = cursor.fetchall() if cursor is not None else []
            session.rollback()
            if not page:
                break
            yield page
            last = page[-1][0]


def _how_many(session: Session, wanted: Wanted) -> int:
    counted = select(func.count()).where(
        Response.collector_id.in_(_collectors(session, wanted)), Response.pilot.is_(False)
    )
    found = session.scalars(counted).one()
    session.rollback()
    return found


def _collectors(session: Session, wanted: Wanted) -> list[int]:
    doors = select(Collector.id).where(
        Collector.campaign_id == wanted.campaign_id, Collector.audience.in_(sorted(wanted.audiences))
    )
    found = list(session.scalars(doors.order_by(Collector.id)))
    session.rollback()
    return found

"""Verifying a snapshot: compute it again from the database and compare, number by number.

Knows what a snapshot rests on. Must stay true: a snapshot is only called the same when its stored report is intact, the
definitions are those it names, its provenance is the one in the audit log, the answers are those it was sealed with,
and every number comes out again: every digit under the same software, within 1e-9 under another.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.frame import Fieldwork
from survey_app.accounts.models import AuditEntry
from survey_app.campaigns.models import Campaign
from survey_app.library import queries as library
from survey_app.scores.models import ScoreSnapshot
from survey_app.scores.operations import circumstances, compute
from survey_app.scores.operations.document import Json, canonical
from survey_app.scores.operations.software import versions
from survey_app.scores.operations.trends import Wave, stored_report, wave_of
from survey_app.scores.rules.errors import NoSnapshot
from survey_app.scores.rules.verification import Difference, Verification

TOLERANCE = 1e-9
_SHOWN_DIFFERENCES = 50


def verify(session: Session, snapshot_id: int) -> Verification:
    """Compute a snapshot again. The session must hold no changes.

    Raises NoSnapshot, AnswersArriving, UnreadableAnswer.
    """
    snapshot = session.get(ScoreSnapshot, snapshot_id)
    if snapshot is None:
        raise NoSnapshot(what=snapshot_id)
    stored = _Stored(
        campaign_id=snapshot.campaign_id,
        code=session.scalars(select(Campaign.code).where(Campaign.id == snapshot.campaign_id)).one(),
        number=snapshot.number,
        report_hash=snapshot.report_hash,
        report=snapshot.report,
        provenance=json.loads(snapshot.provenance),
        provenance_hash=hashlib.sha256(snapshot.provenance.encode()).hexdigest(),
    )
    differences = [*_damage(stored), *_changed_definitions(session, stored)]
    then = stored.provenance["software"]
    if not differences:
        differences = [*_not_as_logged(session, stored), *_recomputed(session, stored)]
    return Verification(
        campaign=stored.code,
        number=stored.number,
        software_then=then,
        software_now=versions(),
        differences=tuple(differences[:_SHOWN_DIFFERENCES]),
        more=max(0, len(differences) - _SHOWN_DIFFERENCES),
    )


@dataclass(frozen=True)
class _Stored:
    """A snapshot, apart from its session."""

    campaign_id: int
    code: str
    number: int
    report_hash: str
    report: str
    provenance: Json
    provenance_hash: str


def _damage(stored: _Stored) -> Iterator[Difference]:
    """Whether what is stored is still what was stored."""
    found = hashlib.sha256(stored.report.encode()).hexdigest()
    for name, expected in (("report_hash", stored.report_hash), ("provenance", stored.provenance["report_hash"])):
        if found != expected:
            yield Difference("report_changed", f"/{name}", expected, found)


def _changed_definitions(session: Session, stored: _Stored) -> Iterator[Difference]:
    """Whether questionnaires, plan and set-up still have the content that their hashes name."""
    provenance = stored.provenance
    named = {"plan": provenance["plan"], "setup": provenance["setup"], **provenance["questionnaires"]}
    yield from _not_as_frozen(session, named)


def _not_as_frozen(session: Session, named: Mapping[str, str]) -> Iterator[Difference]:
    for name, content_hash in named.items():
        document = json.loads(library.frozen(session, content_hash).document)
        found = hashlib.sha256(canonical(document)).hexdigest()
        if found != content_hash:
            yield Difference("definition_changed", f"/{name}", content_hash, found)
    session.rollback()


def _not_as_logged(session: Session, stored: _Stored) -> Iterator[Difference]:
    """Whether the provenance is the one that the audit log, each entry sealed into the next, has had since computing.

    Cards, proven cases and what was carried are remembered there only, so computing again cannot tell.
    """
    entries = session.scalars(
        select(AuditEntry.detail)
        .where(AuditEntry.action == "score.compute", AuditEntry.subject == f"campaign:{stored.code}")
        .order_by(AuditEntry.number)
    )
    logged = [entry["provenance_hash"] for entry in map(json.loads, entries) if entry["number"] == stored.number]
    session.rollback()
    if logged[:1] != [stored.provenance_hash]:
        yield Difference("provenance_changed", "/provenance", logged[0] if logged else None, stored.provenance_hash)


def _recomputed(session: Session, stored: _Stored) -> Iterator[Difference]:
    provenance = stored.provenance
    scope = replace(circumstances.scope_of(session, stored.campaign_id), closed=provenance["closed"])
    decisions = compute.Decisions(
        pending=frozenset(provenance["pending"]),
        carried={(unit, audience): number for unit, audience, number in provenance["carried"]},
        hidden=frozenset(provenance["hidden"]),
    )
    inputs = compute.read(session, scope, decisions.pending)
    changed = [
        Difference("answers_changed", f"/input_digest/{audience}", sealed, inputs.loaded.digests.get(audience))
        for audience, sealed in sorted(provenance["input_digest"].items())
        if inputs.loaded.digests.get(audience) != sealed
    ]
    if changed:
        yield from changed
        return
    wave, faults = _wave(session, provenance.get("against"))
    if faults:
        yield from faults
        return
    earlier = compute.documents(session, stored.campaign_id, set(decisions.carried.values()))
    session.rollback()
    remembered = replace(inputs, fieldwork=_remembered(provenance, inputs.fieldwork))
    now = compute.assemble(remembered, decisions, earlier, wave=wave)
    exactly = provenance["software"] == versions()
    if not exactly or canonical(now).decode() != stored.report:
        yield from _compared(json.loads(stored.report), json.loads(canonical(now)), "", exactly=exactly)


def _wave(session: Session, against: Json | None) -> tuple[Wave | None, list[Difference]]:
    """The earlier campaign's snapshot that a trend rests on, or why it is not what it was."""
    if against is None:
        return None, []
    code, number = against["campaign"], against["number"]
    report = stored_report(session, code, number)
    if report is None:
        return None, [Difference("wave_missing", "/against", f"{code}/{number}", None)]
    found = hashlib.sha256(report.encode()).hexdigest()
    if found != against["report_hash"]:
        return None, [Difference("wave_changed", "/against/report_hash", against["report_hash"], found)]
    document = json.loads(report)
    named = {f"against/{one['id']}": one["hash"] for one in document["questionnaires"]}
    faults = list(_not_as_frozen(session, named | {"against/plan": document["plan"]["hash"]}))
    return (None, faults) if faults else (wave_of(session, code, number, report), [])


def _remembered(provenance: Json, now: Mapping[tuple[str, str], Fieldwork]) -> dict[tuple[str, str], Fieldwork]:
    """Cards and proven cases as they were; used codes as they are counted now."""
    return {
        (known["unit"], known["audience"]): Fieldwork(
            activated=known["activated"],
            handed_out=known["handed_out"],
            used=now.get((known["unit"], known["audience"]), Fieldwork()).used,
            open_link=known["open_link"],
            held=known["held"],
            by_quota=known.get("by_quota", False),
            overused=known.get("overused", False),
            uncounted=known.get("uncounted", False),
            asked=tuple((stratum, cards) for stratum, cards in known.get("asked", ())),
        )
        for known in provenance["circumstances"]
    }


def _compared(then: Any, now: Any, place: str, *, exactly: bool) -> Iterator[Difference]:  # noqa: ANN401  # any JSON
    """Every place in which two documents differ."""
    if isinstance(then, dict) and isinstance(now, dict):
        for name in sorted(then.keys() | now.keys()):
            yield from _compared(then.get(name), now.get(name), f"{place}/{name}", exactly=exactly)
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for number, (one, other) in enumerate(zip(then, now, strict=True)):
            yield from _compared(one, other, f"{place}/{number}", exactly=exactly)
    elif not _same(then, now, exactly=exactly):
        # What somebody wrote does not go to a terminal.
        hides = place.startswith("/open_answers")
        yield Difference("number_changed", place, *(("…", "…") if hides else (then, now)))


def _same(then: Any, now: Any, *, exactly: bool) -> bool:  # noqa: ANN401  # any JSON
    if exactly or not (isinstance(then, int | float) and isinstance(now, int | float)):
        return bool(then == now)
    return abs(then - now) <= TOLERANCE * max(1.0, abs(then))

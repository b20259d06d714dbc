"""The released report as JSON: what a snapshot stores, what pages and files read, what `verify` compares.

Knows the shape; docs/scores.md describes it. Must stay true: only a released report becomes a document; a number keeps
every digit; the canonical form (RFC 8785) of equal documents is equal byte by byte.
"""

import dataclasses
import hashlib
from collections.abc import Collection, Mapping
from enum import Enum
from typing import Any

import rfc8785

from analysis.cautions import ScoreStatus
from analysis.results import Report
from survey_app.scores.operations.circumstances import Scope
from survey_app.scores.rules.release import item_key, items_of

FORMAT = 1
_NUMBERS = (
    "score", "points", "se", "se_process", "lo", "hi", "df", "n_responses", "n_departments", "n_valid", "n_excluded",
    "n_ineligible", "n_unscored", "n_cell", "population", "n_asked", "response_rate", "valid_band",
    "response_rate_band",
)  # fmt: skip
_LISTS = ("parts", "items", "distributions", "reliability", "reasons", "cautions")

Json = dict[str, Any]


def document_of(report: Report, scope: Scope) -> Json:
    """The report with the names that belong to it. ValueError for a report that is not released."""
    if not report.released:
        raise ValueError("only a released report is stored or shown")
    facts = scope.setup.campaign
    computed = {score.indicator for score in report.scores}
    return {
        "format": FORMAT,
        "campaign": {"code": scope.code, "title": facts.title, "office": facts.office, "agency": facts.agency},
        "units": [{"code": unit.code, "name": unit.name, "category": unit.category} for unit in scope.setup.units],
        "indicators": [
            {
                "code": indicator.code,
                "title": indicator.title,
                "audience": indicator.audience,
                "role": indicator.role,
                "full_marks": indicator.full_marks,
            }
            for indicator in scope.plan.indicators
            if indicator.code in computed
        ],
        "plan": {"id": report.plan, "version": report.plan_version, "hash": report.plan_hash},
        "questionnaires": [{"id": name, "hash": found} for name, found in report.questionnaires],
        "confidence": report.confidence,
        "min_cell": scope.plan.disclosure.min_cell,
        "scores": [_plain(score) for score in report.scores],
        "reliability": [_without_totals(_plain(block), report) for block in report.reliability],
    }


def withhold(score: Json, code: str) -> Json:
    """The score of an indicator that is not computed in this snapshot, and why. Nothing is said but that."""
    reason = {"code": code, "severity": "withhold", "number": None, "threshold": None, "subject": None}
    emptied = dict.fromkeys(_NUMBERS) | {name: [] for name in _LISTS}
    return {**score, **emptied, "status": "not_scored", "reasons": [reason]}


def carry(earlier: Json, number: int) -> Json:
    """A score of an earlier snapshot, unchanged but for a note that says which one it is from."""
    note = {"code": "carried_forward", "severity": "note", "number": number, "threshold": None, "subject": None}
    return {**earlier, "cautions": [*earlier["cautions"], note]}


def hide_items(score: Json, hidden: Collection[str]) -> None:
    """Take everything but the names out of some items, given by key (`release.item_key`)."""
    for item in items_of(score):
        if item_key(score, item) in hidden:
            item.update(shown=False, n=None, mean=None, counts=None)
            item.update(share_dont_know=None, share_blank=None, share_not_applicable=None)


def canonical(document: Mapping[str, Any]) -> bytes:
    """Canonical JSON, RFC 8785, in UTF-8."""
    return rfc8785.dumps(dict(document))


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of the canonical JSON."""
    return hashlib.sha256(canonical(document)).hexdigest()


def _without_totals(block: Json, report: Report) -> Json:
    """A reliability block over all units, without its count where that minus the shown ones would be a hidden one."""
    hides = any(
        score.indicator == block["indicator"] and score.status is ScoreStatus.SUPPRESSED for score in report.scores
    )
    return {**block, "n": None} if hides else block


def _plain(value: object) -> Any:  # noqa: ANN401  # whatever JSON can hold
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise TypeError(f"a document cannot hold {type(value).__name__}")

"""The released report as JSON: what a snapshot stores, what pages and files read, what `verify` compares.

Knows the shape; docs/scores.md describes it. Must stay true: only a released report becomes a document; a number keeps
every digit; the canonical form (RFC 8785) of equal documents is equal byte by byte.
"""

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping
from enum import Enum
from itertools import groupby
from typing import Any

import rfc8785

from analysis.cautions import Code
from analysis.results import Report
from survey_app.questionnaire.items import AnsweredItem, MultipleItem
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.plan import ScoringPlan
from survey_app.scores.operations.bridge import item_and_choice
from survey_app.scores.operations.circumstances import Scope
from survey_app.scores.rules import facts
from survey_app.scores.rules.release import breakdown_keys, item_key, rules_key

FORMAT = 1
_ITEMS = ("items", "distributions", "facts")
_LISTS = ("parts", *_ITEMS, "breakdowns", "reliability", "agreement", "reasons", "cautions")
_UNDER_RULES = ("score_all", "rules_lo", "rules_hi", "total_lo", "total_hi")
_OF_EXCLUSION = {Code.EXCLUDED_SHARE_HIGH, Code.EXCLUSION_SHIFT_HIGH, Code.EXCLUSION_SHIFT_WITHHOLDS}
_WHOSE = ("unit", "indicator", "audience", "role", "status", "full_marks")  # what is not a number about people

Json = dict[str, Any]


def document_of(report: Report, scope: Scope) -> Json:
    """The report with the names that belong to it. ValueError for a report that is not released."""
    if not report.released:
        raise ValueError("only a released report is stored or shown")
    about = scope.setup.campaign
    computed = {score.indicator for score in report.scores}
    return {
        "format": FORMAT,
        "campaign": {"code": scope.code, "title": about.title, "office": about.office, "agency": about.agency},
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
        "scores": [_score(_plain(score), scope) for score in report.scores],
        "reliability": [_plain(block) for block in report.reliability],
        "agreement": [_plain(found) for found in report.agreement],
        "validity": [_plain(found) for found in report.validity],
        "severities": [_plain(found) for found in report.severities],
        "drivers": [_plain(found) for found in report.drivers],
        "quality": [_plain(found) for found in report.quality],
        "comparisons": [_plain(found) for found in report.comparisons],
        "suspicions": [_plain(found) for found in report.suspicions],
    }


def withhold(score: Json, code: str) -> Json:
    """The score of an indicator that is not computed in this snapshot, and why. Nothing is said but that."""
    reason = {"code": code, "severity": "withhold", "number": None, "threshold": None, "subject": None}
    emptied: Json = {name: [] if name in _LISTS else None for name in score if name not in _WHOSE}
    return {**score, **emptied, "status": "not_scored", "reasons": [reason]}


def carry(earlier: Json, number: int) -> Json:
    """A score of an earlier snapshot, unchanged but for a note that says which one it is from."""
    note = {"code": "carried_forward", "severity": "note", "number": number, "threshold": None, "subject": None}
    return {**earlier, "cautions": [*earlier["cautions"], note]}


def hide(score: Json, hidden: frozenset[str]) -> None:
    """Take the numbers out of items, breakdowns and other rules, given by key (`release.item_key` and its kind)."""
    for name in _ITEMS:
        score[name] = [facts.hidden(item) if item_key(score, item) in hidden else item for item in score[name]]
    for breakdown in score["breakdowns"]:
        if not hidden.isdisjoint(breakdown_keys(score, breakdown)):
            breakdown.update(shown=False, groups=[])
    if rules_key(score) in hidden:
        score.update(dict.fromkeys(_UNDER_RULES))
        for reason in (*score["reasons"], *score["cautions"]):
            if reason["code"] in _OF_EXCLUSION:
                reason["number"] = None


def canonical(document: Mapping[str, Any]) -> bytes:
    """Canonical JSON, RFC 8785, in UTF-8."""
    return rfc8785.dumps(dict(document))


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of the canonical JSON."""
    return hashlib.sha256(canonical(document)).hexdigest()


def _score(score: Json, scope: Scope) -> Json:
    """Facts apart from distributions, multiples in one piece, and the plan's rules for counts applied."""
    plan = scope.plan
    named, placed = plan.named_items(), plan.indicator(score["indicator"]).distributions
    by_id = {found.id: found for found in scope.questionnaires.values()}
    found: dict[str, list[Json]] = {name: [] for name in _ITEMS}
    for name in ("items", "distributions"):
        for item, asked in _as_asked(score[name], by_id):
            counted = name == "distributions" and asked.id not in placed and asked.use_in(named) == "fact"
            found["facts" if counted else name].append(_limited(item, asked, plan, counted=counted))
    return {**score, **found, "breakdowns": []}


def _limited(item: Json, asked: AnsweredItem, plan: ScoringPlan, *, counted: bool) -> Json:
    """An item as far as its rule, if it has one, and the rule for facts let it be shown."""
    item = {**item, "restricted": asked.restricted}
    if asked.restricted is not None:
        rule = plan.restricted.get(asked.restricted)
        return facts.hidden(item) if rule is None else facts.limited(item, rule.min_n, rule.min_count)
    fewest = plan.disclosure.min_cell
    return facts.limited(item, fewest, fewest) if counted else item


def _as_asked(columns: list[Json], by_id: Mapping[str, Questionnaire]) -> Iterator[tuple[Json, AnsweredItem]]:
    """Items with their definitions; the columns of a multiple joined."""

    def asked(column: Json) -> tuple[str, str]:
        return column["questionnaire"], item_and_choice(column["item"])[0]

    for (questionnaire, name), group in groupby(columns, asked):
        of_item, item = list(group), by_id[questionnaire].item(name)
        if isinstance(item, MultipleItem):
            yield facts.joined(of_item, name, [choice.code for choice in item.choices]), item
        elif isinstance(item, AnsweredItem):
            yield {**of_item[0], "several": False}, item


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

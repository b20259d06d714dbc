"""What stands beside the scores over all units: severity of departments, what weighs for the overall item, suspicions.

Pure given a snapshot and its names. Must stay true: suspicions are in a snapshot only for those who may see them
(`snapshots.snapshot`); a suspicion is something to look into, and never a proof.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis.estimate import Status
from survey_app.scores.queries import display
from survey_app.scores.queries.names import Names
from survey_app.scores.queries.scales import two
from survey_app.scores.queries.snapshots import Snapshot
from survey_app.scores.rules import words
from survey_app.scores.rules.quadrant_words import ALONE, COMPARED_WITH_OTHERS, SIGNATURES

Json = Mapping[str, Any]


@dataclass(frozen=True)
class SeverityRow:
    """How far the departments behind one indicator differ in severity."""

    indicator: str
    raters: str
    crossing: str
    groups: int
    severity: str
    residual: str
    remark: str


@dataclass(frozen=True)
class DriverRow:
    """How much one dimension has to do with the overall item."""

    indicator: str
    part: str
    weight: str
    interval: str
    remark: str


@dataclass(frozen=True)
class SuspicionRow:
    """One kind of sign in one questionnaire. units: code, name, found, expected of those that may be named."""

    questionnaire: str
    name: str
    what: str
    judged: int
    units: tuple[tuple[str, str, str, str], ...]
    more: int
    total: str
    expected: str
    false_rate: str
    power: str
    remark: str


def severities(snapshot: Snapshot, names: Names) -> list[SeverityRow]:
    """Every indicator in which departments rate several units."""
    return [
        SeverityRow(
            indicator=names.indicator(found["indicator"]),
            raters=display.count(found["raters"]),
            crossing=display.count(found["crossing"]),
            groups=found["groups"],
            severity=display.figure(found["severity_sd"]),
            residual=display.figure(found["residual_sd"]),
            remark=words.estimate(found["status"], names.language),
        )
        for found in snapshot.about("severities")
    ]


def drivers(snapshot: Snapshot, names: Names) -> list[DriverRow]:
    """Every dimension of indicators that have an overall item."""
    audiences = {indicator["code"]: indicator["audience"] for indicator in snapshot.indicators}
    return [
        DriverRow(
            indicator=names.indicator(found["indicator"]),
            part=names.part(audiences[found["indicator"]], found["part"]),
            weight=two(found["weight"]),
            interval=display.NOTHING if found["lo"] is None else f"{two(found['lo'])}–{two(found['hi'])}",
            remark=words.estimate(found["status"], names.language),
        )
        for found in snapshot.about("drivers")
    ]


def suspicions(snapshot: Snapshot, names: Names) -> list[SuspicionRow]:
    """Every kind of sign that was looked for, found or not."""
    return [_suspicion(found, snapshot, names) for found in snapshot.document["suspicions"]]


def _suspicion(found: Json, snapshot: Snapshot, names: Names) -> SuspicionRow:
    name, what = SIGNATURES[found["kind"]]
    low, high = found["power_low"], found["power_high"]
    total = display.count(found["pairs"])
    expected = display.figure(found["expected"])
    if found["lo"] is not None and found["hi"] is not None:
        expected = f"{expected} ({found['lo']:,}–{found['hi']:,})"
    return SuspicionRow(
        questionnaire=names.questionnaire(found["questionnaire"]),
        name=words.one(name, names.language),
        what=words.one(what, names.language),
        judged=found["n_units"],
        units=tuple(
            (one["unit"], snapshot.unit(one["unit"])["name"], f"{one['found']:.3g}", f"{one['expected']:.3g}")
            for one in found["units"]
        ),
        more=found["more"],
        total=total,
        expected=expected,
        false_rate=display.NOTHING if found["false_rate"] is None else f"{found['false_rate']:.1%}",
        power=display.NOTHING if low is None else display.share(None, (low, high)),
        remark=_remark(found, names.language),
    )


def _remark(found: Json, language: str) -> str:
    """Why nothing could be judged, or what to beware of."""
    alone = found["status"] == Status.UNDEFINED_ONE_UNIT.value and found["kind"] in COMPARED_WITH_OTHERS
    return words.one(ALONE, language) if alone else words.estimate(found["status"], language)

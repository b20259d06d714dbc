"""Change since an earlier wave: what two released documents say of the same unit and indicator, subtracted.

Knows where an earlier wave is kept and what a document holds. Must stay true: only released numbers enter, so that a
difference follows from what both documents show anyway; it is computed with a snapshot and stored in it, never when it
is read; the earlier snapshot is named with its hash, so that `verify` can tell whether it is still the same.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.cautions import Code
from analysis.comparison.trends import trends
from analysis.estimate import Estimate, Status, undefined
from analysis.gates import ZERO_SE
from analysis.means import PopulationMean
from survey_app.campaigns.models import Campaign
from survey_app.library import queries as library
from survey_app.scores.models import ScoreSnapshot
from survey_app.scores.operations.circumstances import Scope
from survey_app.scores.operations.comparability import (
    Comparability,
    Definitions,
    Json,
    compared,
    definitions,
    item_of,
)
from survey_app.scores.queries.earlier import completed
from survey_app.scores.rules.errors import NoEarlierWave

_NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True)
class Wave:
    """A snapshot of another campaign, to compare with. report_hash: of what is stored now."""

    code: str
    number: int
    report_hash: str
    document: Json
    definitions: Definitions

    @property
    def named(self) -> Json:
        """What provenance remembers of it."""
        return {"campaign": self.code, "number": self.number, "report_hash": self.report_hash}


def newest_wave(session: Session, campaign_id: int, against_id: int) -> Wave:
    """The newest snapshot of an earlier campaign, for a trend of `campaign_id`.

    Raises NoEarlierWave unless it is another campaign, closed, opened no later, and computed.
    """
    own, other = session.get_one(Campaign, campaign_id), session.get_one(Campaign, against_id)
    newest = (
        select(ScoreSnapshot.number)
        .where(ScoreSnapshot.campaign_id == against_id)
        .order_by(ScoreSnapshot.number.desc())
        .limit(1)
    )
    number = session.scalars(newest).first()
    earlier = other.id != own.id and other.state == "closed" and other.opens <= own.opens
    text = None if number is None or not earlier else stored_report(session, other.code, number)
    if text is None or number is None:
        raise NoEarlierWave(campaign=other.code)
    return wave_of(session, other.code, number, text)


def stored_report(session: Session, code: str, number: int) -> str | None:
    """The report of a campaign's snapshot as it is stored now; None where there is none any more."""
    return session.scalars(
        select(ScoreSnapshot.report)
        .join(Campaign, Campaign.id == ScoreSnapshot.campaign_id)
        .where(Campaign.code == code, ScoreSnapshot.number == number)
    ).one_or_none()


def wave_of(session: Session, code: str, number: int, report: str) -> Wave:
    """A stored report with the definitions that it names."""
    document = completed(json.loads(report))
    hashes = [found["hash"] for found in document["questionnaires"]]
    return Wave(
        code=code,
        number=number,
        report_hash=hashlib.sha256(report.encode()).hexdigest(),
        document=document,
        definitions=definitions(
            document,
            library.plan(session, document["plan"]["hash"]),
            {found: library.questionnaire(session, found) for found in hashes},
        ),
    )


def trends_of(wave: Wave, document: Json, scope: Scope) -> Json:
    """Every unit and indicator of a document against an earlier wave, as the document stores it.

    document: everything decided that is withheld, carried or hidden in it.
    """
    now = definitions(document, scope.plan, scope.questionnaires)
    codes = [indicator["code"] for indicator in document["indicators"]]
    changes = {code: compared(wave.definitions, now, code) for code in codes}
    rows = [row for code in codes for row in _rows(wave, document, code, changes[code])]
    then, units = wave.document["units"], {unit["code"]: unit["name"] for unit in document["units"]}
    return {
        "against": {
            **wave.named,
            "title": wave.document["campaign"]["title"],
            "questionnaires": wave.document["questionnaires"],
        },
        "indicators": [_indicator(code, changes[code], rows) for code in codes],
        "rows": rows,
        "units_gone": [{"code": unit["code"], "name": unit["name"]} for unit in then if unit["code"] not in units],
        "units_renamed": [
            {"code": unit["code"], "before": unit["name"]}
            for unit in then
            if units.get(unit["code"], unit["name"]) != unit["name"]
        ],
        "indicators_gone": [
            {"code": one["code"], "title": one["title"]}
            for one in wave.document["indicators"]
            if one["code"] not in codes
        ],
    }


def _indicator(code: str, found: Comparability | None, rows: Sequence[Json]) -> Json:
    """What changed in one indicator; new: the earlier plan did not have it. tested: units that Holm goes over."""
    changed = {} if found is None else vars(found.changes)
    return {
        "indicator": code,
        "new": found is None,
        **{
            kind: [item_of(identity) for identity in changed.get(kind, ())]
            for kind in ("added", "removed", "reworded", "rescored")
        },
        "refusals": [] if found is None else list(found.refusals),
        "cautions": [] if found is None else list(found.cautions),
        "tested": sum(1 for row in rows if row["indicator"] == code and row["p"] is not None),
    }


def _rows(wave: Wave, document: Json, code: str, found: Comparability | None) -> Iterator[Json]:
    """The units of one indicator in the office's order; those that it does not apply to are left out."""
    then = {
        score["unit"]: score
        for score in wave.document["scores"]
        if score["indicator"] == code and score["status"] != _NOT_APPLICABLE
    }
    scores = [
        score for score in document["scores"] if score["indicator"] == code and score["status"] != _NOT_APPLICABLE
    ]
    both = [score["unit"] for score in scores if score["unit"] in then]
    after = {score["unit"]: score for score in scores}
    if found is None:
        changes: Mapping[str, Estimate] = {}
    elif found.refusals and not found.changes.any:
        changes = {unit: _undefined(Status.UNDEFINED_METHOD_CHANGED) for unit in both}
    else:
        # With nothing asked in one of the waves no unit has a score there, which is then what each row says.
        same = found.before if found.changes.any else found.after
        level = float(document["confidence"])
        estimates = trends(
            [_estimate(then[unit]) for unit in both],
            [_estimate(after[unit]) for unit in both],
            same,
            found.after,
            level=level,
        )
        changes = dict(zip(both, estimates, strict=True))
    for score in scores:
        unit = score["unit"]
        earlier = then.get(unit) if found is not None else None
        yield _row(score, earlier, changes.get(unit, _undefined(Status.UNDEFINED_NOT_BEFORE)))


def _row(score: Json, earlier: Json | None, change: Estimate) -> Json:
    return {
        "unit": score["unit"],
        "indicator": score["indicator"],
        "status": change.status.value,
        "before": None if earlier is None else earlier["score"],
        "after": score["score"],
        "difference": change.value,
        "se": change.se,
        "lo": change.lo,
        "hi": change.hi,
        "df": change.df,
        "p": change.detail.get("p"),
        "p_holm": change.detail.get("p_holm"),
    }


def _estimate(score: Json) -> Estimate:
    """A released score as an estimate: with its errors where they were released, with why they were not elsewhere."""
    value = score["score"]
    if value is None:
        return _undefined(Status.UNDEFINED_NO_SCORE)
    said = {caution["code"] for caution in score["cautions"]}
    # The open link first: with or without rounding nobody knows whom its answers stand for.
    for code, status in ((Code.NON_PROBABILITY, Status.WARN_OPEN_LINK), (Code.ROUNDED, Status.WARN_ROUNDED)):
        if code in said:
            return Estimate(value=value, n=0, method="score", status=status)
    process = score["se_process"]
    # Beside the dust of equal answers there is nothing to weigh by.
    kept = 0.0 if process is not None and process <= ZERO_SE else process
    return PopulationMean(value=value, se=score["se"], df=score["df"], n=0, method="score", se_process=kept)


def _undefined(status: Status) -> Estimate:
    return undefined(status, n=0, method="trend")

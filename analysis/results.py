"""What `report.build` returns: every unit's score of every indicator, with all that must be read beside it.

Knows shapes only. Must stay true: a number that does not exist or may not be shown is None, never NaN and never 0; a
score that is withheld carries no score; nothing here names a person, a response or, for related departments, a rater.
Scores are in 0–100, points in the indicator's full marks, shares and rates in 0–1.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal

from analysis.cautions import Reason, ScoreStatus
from analysis.estimate import Status
from analysis.overall import (
    Agreement,
    Comparison,
    Driver,
    RaterSeverity,
    Reliability,
    ResponseQuality,
    Sampling,
    Suspicion,
    UnitAgreement,
    Validity,
)

Band = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class PartScore:
    """A unit's mean of one part (dimension or item) of an indicator.

    se, lo, hi, df: for the people of the frame; se_process: how the institution would do with other people of the kind.
    quadrant: how the part stands among the unit's parts in importance for the overall item and in score
    (`comparison.priorities.Quadrant`), None where there is no such item.
    n: persons with a score of this part; n_departments: departments, for related departments only.
    n_cell: sittings (for related departments: departments) behind it, what `min_cell` is held against; None once
    released.
    """

    part: str
    kind: Literal["dimension", "item"]
    weight: float
    status: ScoreStatus
    score: float | None
    se: float | None
    se_process: float | None
    lo: float | None
    hi: float | None
    df: float | None
    quadrant: str | None
    n: int | None
    n_departments: int | None
    n_cell: int | None


@dataclass(frozen=True, kw_only=True)
class ItemStatistics:
    """How one item was answered in one unit: what was answered, every response counting the same, no estimate.

    n: persons who gave a choice; mean: of their points, None where the item has none. counts: how often each choice of
    `choices` was given. share_dont_know, share_blank: of the eligible (shown and applicable); share_not_applicable: of
    those it was shown to. top_two, top_two_lo, top_two_hi: share of n who gave one of the two best choices, of scored
    items with four choices or more, and Wilson's interval corrected for the unit's size. shown: False where the rules
    of publication hide everything but the item's name.
    """

    questionnaire: str
    item: str
    scale: str
    part: str | None
    shown: bool
    n: int | None
    mean: float | None
    choices: tuple[str, ...]
    counts: tuple[int, ...] | None
    share_dont_know: float | None
    share_blank: float | None
    share_not_applicable: float | None
    top_two: float | None
    top_two_lo: float | None
    top_two_hi: float | None
    n_cell: int | None


@dataclass(frozen=True, kw_only=True)
class UnitScore:
    """One unit's score of one indicator.

    score, se, se_process, lo, hi, df, points: None unless status is scored or caution. lo, hi: sampling interval,
    clipped to 0–100; both and se None for an open link. total_lo, total_hi: the same widened by what other defensible
    rules would give, half width sqrt((t se)^2 + ((rules_hi - rules_lo) / 2)^2). rules_lo, rules_hi: lowest and highest
    score over the plan's grid of rules; rules_step: fewest responses by which two neighbouring rules differ, 0: none.
    score_all: before any exclusion; score_unweighted, se_unweighted: also without weighting strata, corrected by the
    unit's size as a whole; these three whatever the status. adjusted: what departments of average severity would give,
    beside the score, where departments rate several units; adjusted_status: why there is none, None where it was not
    asked for. full_marks: with what moved here from indicators that do
    not apply. n_responses: all that came in, = n_valid + n_excluded + n_ineligible + n_unscored; n_valid: in the score;
    n_ineligible: screened out; n_unscored: too little answered for any part. n_departments: with a valid response, for
    related departments only. population: N, None where unknown. n_asked: cards handed out (or activated) to people who
    were not screened out; response_rate: returned of those; both None without such a count. n_cell: as in `PartScore`.
    valid_band, response_rate_band: what stands for exact numbers where those would single people out. sampling: how it
    was sampled, and what more answers would bring; None where nothing is said of the score.
    reasons: why the status is what it is; cautions: everything to be read with the score, notes included.
    """

    unit: str
    indicator: str
    audience: str
    role: str
    status: ScoreStatus
    reasons: tuple[Reason, ...]
    full_marks: float | None
    score: float | None
    points: float | None
    se: float | None
    se_process: float | None
    lo: float | None
    hi: float | None
    df: float | None
    total_lo: float | None
    total_hi: float | None
    rules_lo: float | None
    rules_hi: float | None
    rules_step: int | None
    score_all: float | None
    score_unweighted: float | None
    se_unweighted: float | None
    adjusted: float | None
    adjusted_lo: float | None
    adjusted_hi: float | None
    adjusted_status: Status | None
    n_responses: int | None
    n_departments: int | None
    n_valid: int | None
    n_excluded: int | None
    n_ineligible: int | None
    n_unscored: int | None
    n_cell: int | None
    population: int | None
    n_asked: int | None
    response_rate: float | None
    valid_band: Band | None
    response_rate_band: Band | None
    sampling: Sampling | None
    parts: tuple[PartScore, ...]
    items: tuple[ItemStatistics, ...]
    distributions: tuple[ItemStatistics, ...]
    reliability: tuple[Reliability, ...]
    agreement: tuple[UnitAgreement, ...]
    cautions: tuple[Reason, ...]


_LISTS = ("parts", "items", "distributions", "reliability", "agreement", "cautions")


def score_without_numbers(
    *,
    unit: str,
    indicator: str,
    audience: str,
    role: str,
    status: ScoreStatus,
    reason: Reason,
    full_marks: float | None,
) -> UnitScore:
    """A score of which nothing is given but why."""
    named: dict[str, Any] = {
        "unit": unit,
        "indicator": indicator,
        "audience": audience,
        "role": role,
        "status": status,
        "reasons": (reason,),
        "full_marks": full_marks,
    }
    empty = {found.name: () if found.name in _LISTS else None for found in fields(UnitScore)}
    return UnitScore(**(empty | named))


@dataclass(frozen=True, kw_only=True)
class Report:
    """All scores of one frame under one plan.

    questionnaires: (id, hash) of those answered. scores: units in the frame's order, within a unit indicators in the
    plan's. reliability, agreement, validity: over all units, one for each indicator and questionnaire (validity: where
    there are enough responses). severities: of indicators that average departments. drivers: of indicators with an item
    about the whole. quality: one for each questionnaire whose plan excludes careless responses.
    comparisons: one for each indicator and category, once `comparing.compare` has looked at the scores. suspicions: for
    lead evaluators only, where they were looked for. released: whether the rules of publication have been applied; a
    report that is not released is shown to nobody.
    """

    plan: str
    plan_version: str
    plan_hash: str
    questionnaires: tuple[tuple[str, str], ...]
    confidence: float
    released: bool
    scores: tuple[UnitScore, ...]
    reliability: tuple[Reliability, ...]
    agreement: tuple[Agreement, ...] = ()
    validity: tuple[Validity, ...] = ()
    severities: tuple[RaterSeverity, ...] = ()
    drivers: tuple[Driver, ...] = ()
    quality: tuple[ResponseQuality, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    suspicions: tuple[Suspicion, ...] = ()

    def score_of(self, unit: str, indicator: str) -> UnitScore:
        """The score of one unit and indicator; KeyError if the report has none."""
        for score in self.scores:
            if score.unit == unit and score.indicator == indicator:
                return score
        raise KeyError((unit, indicator))

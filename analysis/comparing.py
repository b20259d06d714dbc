"""Units beside each other: what the scores of a report can tell apart, category by category.

Knows a report and nothing else, so that what is said of a released report follows from released numbers and shows
nothing more. Must stay true: whatever is compared is the process (`se_process`): another set of people of the same kind
must not change who is better; a unit without a standard error is not compared.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.agreement.unit_reliability import UnitReliabilities, answers_needed, unit_reliabilities
from analysis.cautions import Code, Reason, ScoreStatus, Severity
from analysis.comparison.pairwise import welch_contrasts
from analysis.comparison.ranks import RankReason, rank_sets, rankable
from analysis.comparison.shrinkage import shrink
from analysis.gates import ZERO_SE
from analysis.overall import Comparison, Standing
from analysis.results import Report, UnitScore
from analysis.spec import IndicatorSpec, PlanSpec

TARGET = 0.70  # reliability from which places are spoken of where the plan names none (Adams 2009, RAND TR-653)

_CODES = {
    "too_few_units": Code.RANK_TOO_FEW_UNITS,
    "unit_reliability": Code.RANK_RELIABILITY_LOW,
    "set_too_wide": Code.RANK_SET_WIDE,
}
_STANDS = (ScoreStatus.SCORED, ScoreStatus.CAUTION)


def compare(report: Report, plan: PlanSpec, categories: Mapping[str, str]) -> Report:
    """The report with its comparisons. categories: unit code → category; ranks are only ever within one."""
    groups = list(dict.fromkeys(categories.values()))
    comparisons = []
    for indicator in plan.indicators:
        of_indicator = [score for score in report.scores if score.indicator == indicator.code]
        for category in groups:
            scores = [score for score in of_indicator if categories[score.unit] == category]
            if any(score.status is not ScoreStatus.NOT_APPLICABLE for score in scores):
                comparisons.append(_comparison(indicator, category, scores, plan))
    return replace(report, comparisons=tuple(comparisons))


@dataclass(frozen=True, eq=False)
class _Compared:
    """The units of one category that can be compared on one indicator, and what was found of them."""

    indicator: IndicatorSpec
    plan: PlanSpec
    scores: tuple[UnitScore, ...]
    y: NDArray[np.float64]
    se: NDArray[np.float64]
    process: UnitReliabilities
    people: UnitReliabilities

    @property
    def target(self) -> float:
        return self.plan.gates.rank.unit_reliability or TARGET


def _comparison(indicator: IndicatorSpec, category: str, scores: Sequence[UnitScore], plan: PlanSpec) -> Comparison:
    # Beside the dust of equal answers there is nothing to weigh by.
    compared = tuple(
        score
        for score in scores
        if score.status in _STANDS and score.lo is not None and (score.se_process or 0) > ZERO_SE
    )
    y = np.array([score.score for score in compared], dtype=np.float64)
    se = np.array([score.se_process for score in compared], dtype=np.float64)
    n = np.array([_n(indicator, score) for score in compared], dtype=np.int64)
    people = np.array([score.se for score in compared], dtype=np.float64)
    found = _Compared(
        indicator,
        plan,
        compared,
        y,
        se,
        unit_reliabilities(y, se**2, n, level=plan.confidence),
        unit_reliabilities(y, people**2, n, level=plan.confidence),
    )
    pairs, apart = _pairs(found)
    return Comparison(
        indicator=indicator.code,
        category=category,
        status=found.process.status,
        n_units=len(compared),
        mean=found.process.mean,
        sd=_root(found.process.tau2),
        sd_lo=_root(found.process.lo),
        sd_hi=_root(found.process.hi),
        pairs=pairs,
        pairs_apart=apart,
        target=found.target,
        standings=_standings(found),
    )


def _standings(found: _Compared) -> tuple[Standing, ...]:
    plan = found.plan
    gate = plan.gates.rank.unit_reliability
    sets = rank_sets(found.y, found.se, level=plan.confidence)
    decision = rankable(
        sets,
        found.process.units,
        reliability_below=0.0 if gate is None else gate,
        width_share=0.5 if len(found.y) > 1 else 1.0,  # the only place of a single unit is not too wide
        min_units=plan.ranking.min_units,
    )
    shrunken = shrink(found.y, found.se**2, level=plan.confidence) if len(found.y) > 1 else None
    standings = []
    for place, score in enumerate(found.scores):
        given = decision.units[place] and plan.ranking.publish
        standings.append(
            Standing(
                unit=score.unit,
                unit_reliability=found.people.units[place].value,
                unit_reliability_process=found.process.units[place].value,
                shrunken=_at(None if shrunken is None else shrunken.theta, place),
                shrunken_lo=_at(None if shrunken is None else shrunken.lo, place),
                shrunken_hi=_at(None if shrunken is None else shrunken.hi, place),
                answers_needed=_needed(found, score),
                rankable=decision.units[place],
                refusals=tuple(_refusal(reason) for reason in decision.reasons if reason.unit in (None, place)),
                rank_lo=int(sets.lower[place]) if given else None,
                rank=int(sets.rank[place]) if given else None,
                rank_hi=int(sets.upper[place]) if given else None,
            )
        )
    return tuple(standings)


def _pairs(found: _Compared) -> tuple[int, int]:
    """How many pairs there are, and how many differ beyond chance."""
    df = np.array([score.df or 1.0 for score in found.scores])
    contrasts = welch_contrasts(found.y, found.se**2, df, level=found.plan.confidence)
    return len(contrasts.p_adjusted), int(np.count_nonzero(contrasts.p_adjusted < 1 - found.plan.confidence))


def _needed(found: _Compared, score: UnitScore) -> int | None:
    """More answers (departments) for the target, as if they came like those before."""
    n, tau2 = _n(found.indicator, score), found.process.tau2
    if tau2 is None or score.se_process is None or not n:
        return None
    more = answers_needed(tau2, score.se_process**2 * n, target=found.target, answered=n, finite=False)
    return None if more.value is None else int(more.value)


def _n(indicator: IndicatorSpec, score: UnitScore) -> int:
    """What the score is a mean of: departments or responses."""
    return int((score.n_departments if indicator.by_department else score.n_valid) or 0)


def _refusal(reason: RankReason) -> Reason:
    return Reason(_CODES[reason.code], Severity.NOTE, reason.number, reason.threshold)


def _root(number: float | None) -> float | None:
    return None if number is None else math.sqrt(number)


def _at(array: NDArray[np.float64] | None, place: int) -> float | None:
    return None if array is None else float(array[place])

"""What many played campaigns say of an indicator: what becomes of its scores, how wide they are, whether they hold.

Knows outcomes. Must stay true: a number that nothing stands behind is None; sampling intervals and errors are those of
the exact report, statuses and total intervals those that are shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.cautions import ScoreStatus
from analysis.sampling.precision import PRECISION, answers_more
from analysis.simulation.rehearsal_figures import Figure, mean_of, ratio, student
from analysis.simulation.rehearsal_outcomes import STATUSES, Outcome, ReasonKey, categories_of
from analysis.simulation.rehearsal_separation import ComparisonFindings, Needed, comparison_findings
from analysis.simulation.rehearsal_setting import Setting

Floats = NDArray[np.float64]


_SHOWN = tuple(status for status in STATUSES if status is not ScoreStatus.NOT_APPLICABLE)


@dataclass(frozen=True)
class ReasonShare:
    """Share of unit scores with this status for (among others) this reason; codes as in `analysis.cautions`.

    threshold: the plan's, where the code has one.
    """

    status: str
    code: str
    threshold: float | None
    share: Figure


@dataclass(frozen=True)
class UnitFindings:
    """One unit over campaigns: shares of statuses, what its score stands on, half widths, its own reliability.

    reliability: spread^2/(spread^2 + error^2) with the planted spread and the errors of this unit alone, bias included.
    """

    unit: str
    statuses: dict[str, float]
    answers: float | None
    half_width: float | None
    half_width_total: float | None
    error: float | None
    reliability: float | None


@dataclass(frozen=True, kw_only=True)
class IndicatorFindings:
    """units: that it applies to. answers: departments or valid responses a unit. statuses: status → share of units.

    half_width: of the sampling interval; half_width_total: of the total one as shown. coverage: of sampling intervals
    over the true scores of the people of the frame; coverage_total: of total intervals; coverage_process: of
    score +- t se_process over the process. bias, rmse: of scores against the people of the frame, in points.
    withheld, cautioned: share of units whose score is withheld, or carries a caution, by what careless answers do.
    needed: more answers for the plan's (or `PRECISION`) half width. per_unit: one for each unit it applies to.
    """

    indicator: str
    audience: str
    by_department: bool
    units: int
    answers: Figure
    statuses: dict[str, Figure]
    reasons: tuple[ReasonShare, ...]
    half_width: Figure
    half_width_total: Figure
    coverage: Figure
    coverage_total: Figure
    coverage_process: Figure
    bias: Figure
    rmse: float | None
    withheld: Figure
    cautioned: Figure
    needed: Needed | None
    comparisons: tuple[ComparisonFindings, ...]
    per_unit: tuple[UnitFindings, ...]


def indicator_findings(setting: Setting, spread: float, outcomes: Sequence[Outcome]) -> tuple[IndicatorFindings, ...]:
    """One for each indicator of the plan. spread: as planted."""
    reasons: Counter[ReasonKey] = Counter()
    for outcome in outcomes:
        reasons.update(outcome.reasons)
    return tuple(_findings(setting, spread, place, outcomes, reasons) for place in range(len(setting.plan.indicators)))


class _Stacked:
    """The outcomes of one indicator as arrays (B, units), of the units it applies to."""

    def __init__(self, outcomes: Sequence[Outcome], indicator: int, members: Sequence[int]) -> None:
        self._outcomes, self._indicator, self._members = outcomes, indicator, list(members)

    def __call__(self, name: str) -> Floats:
        rows = [getattr(outcome, name)[self._indicator][self._members] for outcome in self._outcomes]
        return np.array(rows, dtype=np.float64)


def _findings(
    setting: Setting,
    spread: float,
    place: int,
    outcomes: Sequence[Outcome],
    reasons: Counter[ReasonKey],
) -> IndicatorFindings:
    plan, indicator = setting.plan, setting.plan.indicators[place]
    members = [at for at, unit in enumerate(setting.units) if indicator.audience in unit.audiences]
    of = _Stacked(outcomes, place, members)
    each = np.full(len(outcomes), float(len(members)))
    score, lo, hi, truth = of("score"), of("lo"), of("hi"), of("people")
    total_lo, total_hi, process, n = of("total_lo"), of("total_hi"), of("process"), of("n")
    status = of("status")
    half, half_total = (hi - lo) / 2, (total_hi - total_lo) / 2
    reach = student((1 + plan.confidence) / 2, of("df")) * of("se_process")
    error = score - truth
    known = np.isfinite(error)
    groups = categories_of(setting)
    return IndicatorFindings(
        indicator=indicator.code,
        audience=indicator.audience,
        by_department=indicator.by_department,
        units=len(members),
        answers=mean_of(n, np.isfinite(n)),
        statuses={found.value: ratio((status == STATUSES.index(found)).sum(axis=1), each) for found in _SHOWN},
        reasons=_reasons(indicator.code, outcomes, reasons, len(members)),
        half_width=mean_of(half, np.isfinite(half)),
        half_width_total=mean_of(half_total, np.isfinite(half_total)),
        coverage=_coverage(truth, lo, hi),
        coverage_total=_coverage(truth, total_lo, total_hi),
        coverage_process=_coverage(process, score - reach, score + reach),
        bias=mean_of(error, known),
        rmse=float(np.sqrt(np.mean(error[known] ** 2))) if known.any() else None,
        withheld=ratio(of("withheld").sum(axis=1), each),
        cautioned=ratio(of("cautioned").sum(axis=1), each),
        needed=_needed(setting, of, half if indicator.by_department else None),
        comparisons=tuple(
            comparison_findings(plan, category, (place, at), inside, outcomes)
            for at, category in enumerate(groups)
            if (inside := [unit for unit in members if setting.units[unit].category == category])
        ),
        per_unit=tuple(
            _unit(setting.units[unit].code, spread, at, of, (half, half_total)) for at, unit in enumerate(members)
        ),
    )


def _coverage(truth: Floats, lo: Floats, hi: Floats) -> Figure:
    there = np.isfinite(truth) & np.isfinite(lo) & np.isfinite(hi)
    # A census of people who answered everything is exact up to rounding.
    inside = (lo <= truth + 1e-9) & (truth <= hi + 1e-9)
    return mean_of(inside.astype(np.float64), there)


def _reasons(
    indicator: str, outcomes: Sequence[Outcome], totals: Counter[ReasonKey], units: int
) -> tuple[ReasonShare, ...]:
    """The most frequent first."""
    each = np.full(len(outcomes), float(units))
    keys = sorted((key for key in totals if key[0] == indicator), key=lambda key: (-totals[key], key[1:3]))
    return tuple(
        ReasonShare(key[1], key[2], key[3], ratio([float(outcome.reasons[key]) for outcome in outcomes], each))
        for key in keys
        if key[1] != ScoreStatus.NOT_APPLICABLE
    )


def _needed(setting: Setting, of: _Stacked, half: Floats | None) -> Needed | None:
    """More answers for the half width that the plan asks for, at a typical unit's spread of answers.

    half: (B, units) half widths of scores by departments. With all departments heard what is left is the spread within
    them, which more departments reduce as 1/n and no correction for their number does.
    """
    plan = setting.plan
    error = plan.gates.caution.moe_above or PRECISION
    n, se, population = of("n"), of("se_process"), of("population")
    if half is not None:
        se = half / student((1 + plan.confidence) / 2, of("df"))
    known = np.isfinite(n) & (n > 0) & np.isfinite(se)
    if not known.any():
        return None
    typical = round(float(np.median(n[known])))
    sd = float(np.sqrt(np.median((se**2 * n)[known])))
    sizes = population[known & np.isfinite(population)]
    # The median of the sizes may lie below that of the answers where units differ; then there is no correction to make.
    finite = plan.population == "finite" and half is None
    members = int(np.median(sizes)) if finite and len(sizes) else None
    if members is not None and members < typical:
        members = None
    found = answers_more(typical, error, sd, members, level=plan.confidence, quantile="t")
    return Needed(error, None if found.value is None else int(found.value), None)


def _unit(code: str, spread: float, at: int, of: _Stacked, widths: tuple[Floats, Floats]) -> UnitFindings:
    """widths: half widths of sampling and total intervals, (B, units)."""
    status = of("status")[:, at]
    error = (of("score") - of("process"))[:, at]
    known = np.isfinite(error)
    mean_square = float(np.mean(error[known] ** 2)) if known.any() else None
    return UnitFindings(
        unit=code,
        statuses={found.value: float(np.mean(status == STATUSES.index(found))) for found in _SHOWN},
        answers=_mean(of("n")[:, at]),
        half_width=_mean(widths[0][:, at]),
        half_width_total=_mean(widths[1][:, at]),
        error=None if mean_square is None else mean_square**0.5,
        reliability=None if not mean_square else spread**2 / (spread**2 + mean_square),
    )


def _mean(numbers: Floats) -> float | None:
    known = numbers[np.isfinite(numbers)]
    return float(known.mean()) if len(known) else None

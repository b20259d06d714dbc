"""What is said of one unit and one indicator: read from the measurements, judged by the gates.

Knows how measurements become the fields of `UnitScore`. Must stay true: full marks that move are never lost on the way
to an indicator that applies; a withheld score, or part, leaves no number behind from which it could be had again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from analysis.cautions import Code, Reason, ScoreStatus, Severity
from analysis.frame import UnitSpec
from analysis.gates import Found, PartCount, assess, status_of
from analysis.means import LinearScore, PopulationMean
from analysis.measure import Measured
from analysis.priorities import quadrants
from analysis.results import PartScore, UnitScore, score_without_numbers
from analysis.sampled import sampling_of
from analysis.spec import IndicatorSpec, PlanSpec

_OF_A_PART = (Code.PART_WITHOUT_ANSWERS, Code.TOO_FEW_RESPONSES, Code.TOO_FEW_DEPARTMENTS)


def full_marks(plan: PlanSpec, unit: UnitSpec) -> dict[str, tuple[float | None, tuple[Reason, ...]]]:
    """Full marks of each indicator that applies to a unit, with what moved there, and why.

    An indicator that does not apply hands its marks on; so does the next, if it does not apply either.
    """
    applicable = {indicator.code for indicator in plan.indicators if indicator.audience in unit.audiences}
    own = {indicator.code: indicator.full_marks for indicator in plan.indicators}
    marks: dict[str, tuple[float | None, tuple[Reason, ...]]] = {code: (own[code], ()) for code in applicable}
    for indicator in plan.indicators:
        target: str | None = indicator.code
        while target is not None and target not in applicable:
            target = plan.moves.get(target)
        if target is None or target == indicator.code or indicator.full_marks is None:
            continue
        before, reasons = marks[target]
        moved = Reason(Code.FULL_MARKS_MOVED, Severity.NOTE, indicator.full_marks, subject=indicator.code)
        marks[target] = ((before or 0.0) + indicator.full_marks, (*reasons, moved))
    return marks


def not_applicable(unit: UnitSpec, indicator: IndicatorSpec) -> UnitScore:
    """The score of an indicator whose audience the set-up leaves out of the unit: no number at all."""
    return score_without_numbers(
        unit=unit.code,
        indicator=indicator.code,
        audience=indicator.audience,
        role=indicator.role,
        status=ScoreStatus.NOT_APPLICABLE,
        reason=Reason(Code.AUDIENCE_LEFT_OUT, Severity.NOTE, subject=indicator.audience),
        full_marks=None,
    )


def unit_score(
    plan: PlanSpec,
    measured: Measured,
    unit: UnitSpec,
    *,
    number: int,
    strata: Sequence[str | None],
    marks: tuple[float | None, tuple[Reason, ...]],
) -> UnitScore:
    """The score of one unit on one indicator, with status, reasons and everything beside it.

    number: the unit's place in the frame. marks: full marks of the indicator here, and why they differ from the plan's.
    """
    indicator, tally = measured.indicator, measured.tally
    found = _found(indicator, measured, number, strata)
    reasons = (*assess(indicator, plan, found), *marks[1])
    status = status_of(reasons)
    withheld = status is ScoreStatus.NOT_SCORED
    estimate = _numbers(found.score.score, withheld=withheld, open_link=found.fieldwork.open_link)
    decisive = Severity.WITHHOLD if withheld else Severity.CAUTION
    full = marks[0]
    return UnitScore(
        unit=unit.code,
        indicator=indicator.code,
        audience=indicator.audience,
        role=indicator.role,
        status=status,
        reasons=tuple(reason for reason in reasons if reason.severity is decisive),
        full_marks=full,
        points=None if full is None or estimate["score"] is None else estimate["score"] / 100 * full,
        **estimate,
        **_under_rules(measured, number, estimate),
        **_without_severity(measured, number, withheld=withheld),
        n_responses=int(tally.returned[number]),
        n_departments=found.departments,
        n_valid=found.n_valid,
        n_excluded=found.n_excluded,
        n_ineligible=int(tally.ineligible[number]),
        n_unscored=int(tally.unscored[number]),
        n_cell=int(tally.cells[number]),
        population=found.population,
        n_asked=_asked(measured, number),
        response_rate=found.response_rate,
        valid_band=None,
        response_rate_band=None,
        sampling=sampling_of(plan, measured, number, strata, rate=found.response_rate, withheld=withheld),
        parts=_parts(indicator, measured, number, found, reasons),
        items=measured.items[number],
        distributions=measured.distributions[number],
        reliability=tuple(
            block.by_unit[number] for block in measured.consistency if block is not None and number in block.by_unit
        ),
        agreement=tuple(
            block.agreement_by_unit[number]
            for block in measured.consistency
            if block is not None and number in block.agreement_by_unit
        ),
        cautions=tuple(reason for reason in reasons if reason.severity is not Severity.WITHHOLD),
    )


def _found(indicator: IndicatorSpec, measured: Measured, number: int, strata: Sequence[str | None]) -> Found:
    """One unit's measurements as the gates want them."""
    design, tally, means = measured.design, measured.tally, measured.means
    of_parts = tally.part_departments
    score = means.scores[number]
    known = means.population[number]
    population = None if math.isnan(known) else int(known)
    departments = None if tally.departments is None else int(tally.departments[number])
    answered = [
        block
        for block, valid in zip(measured.consistency, tally.valid_by_source, strict=True)
        if block is not None and valid[number]
    ]
    weighted = bool(means.weighted[number])
    sized, several = population is not None, int((means.by_stratum[number] > 0).sum()) > 1
    return Found(
        n_valid=int(tally.valid[number]),
        n_excluded=int(tally.excluded[number]),
        returned=int(tally.audience_returned[number]),
        departments=departments,
        parts=tuple(
            PartCount(
                part.name,
                int(tally.part_valid[place, number]),
                None if of_parts is None else int(of_parts[place, number]),
            )
            for place, part in enumerate(indicator.parts)
        ),
        score=score,
        score_all=measured.universes.everybody.scores[number].score.value,
        response_rate=_response_rate(measured, number),
        population=population,
        overfull=_overfull(indicator, measured, number, strata),
        empty_strata=_empty_strata(measured, number, strata) if weighted else (),
        weights_missing=indicator.strata is not None and not weighted and (sized or several),
        fieldwork=design.fieldwork[number],
        reliability=tuple(block.pooled for block in answered),
        quality=measured.quality,
        unknown_departments=int(tally.unknown_departments[number]),
    )


def _asked(measured: Measured, number: int) -> int | None:
    """Cards handed out (or activated) less those screened out; None for an open link, a quota or without a count."""
    known = measured.design.fieldwork[number]
    issued = known.activated if known.handed_out is None else known.handed_out
    if known.open_link or known.by_quota or issued is None:
        return None
    return issued - int(measured.tally.audience_ineligible[number])


def _response_rate(measured: Measured, number: int) -> float | None:
    """Returned of asked, people screened out on neither side (AAPOR's RR2 of a sample whose size is counted).

    None without a count, and where more came back than went out: that is no rate.
    """
    asked, tally = _asked(measured, number), measured.tally
    returned = int(tally.audience_returned[number] - tally.audience_ineligible[number])
    return returned / asked if asked is not None and asked >= max(returned, 1) else None


def _overfull(
    indicator: IndicatorSpec, measured: Measured, number: int, strata: Sequence[str | None]
) -> tuple[tuple[str | None, int, int], ...]:
    """Where more people (or departments) answered than there are."""
    design, tally, means = measured.design, measured.tally, measured.means
    if design.fieldwork[number].open_link:
        return ()
    if means.weighted[number]:
        counts, sizes = means.by_stratum[number], design.sizes[number]
        return tuple((name, int(n), int(size)) for name, n, size in zip(strata, counts, sizes, strict=True) if n > size)
    members = tally.departments if indicator.by_department else None
    n = int((tally.valid if members is None else members)[number])
    population = means.population[number]
    return ((None, n, int(population)),) if n > population else ()


def _empty_strata(
    measured: Measured, number: int, strata: Sequence[str | None]
) -> tuple[tuple[str | None, float], ...]:
    """Strata of the frame that nobody answered for, with their share of the population."""
    sizes, counts = measured.design.sizes[number], measured.means.by_stratum[number]
    population = float(measured.means.population[number])
    return tuple(
        (name, float(size) / population)
        for name, n, size in zip(strata, counts, sizes, strict=True)
        if n == 0 and size > 0
    )


def _numbers(estimate: PopulationMean, *, withheld: bool, open_link: bool) -> dict[str, Any]:
    """score, se, se_process, lo, hi, df of a mean; the interval clipped to 0–100.

    Withheld: none of them. Open link: nobody was drawn, so no sampling error and no interval; `se_process` stays.
    """
    if withheld or estimate.value is None:
        return dict.fromkeys(("score", "se", "se_process", "lo", "hi", "df"))
    drawn = not open_link
    return {
        "score": estimate.value,
        "se": estimate.se if drawn else None,
        "se_process": estimate.se_process,
        "lo": max(0.0, estimate.lo) if drawn and estimate.lo is not None else None,
        "hi": min(100.0, estimate.hi) if drawn and estimate.hi is not None else None,
        "df": estimate.df if drawn else None,
    }


def _under_rules(measured: Measured, number: int, shown: Mapping[str, float | None]) -> dict[str, Any]:
    """The score under other rules, and the interval that takes them in. shown: as `_numbers` gives it."""
    universes, envelope = measured.universes, measured.envelopes[number]
    unweighted = universes.unweighted.scores[number].score
    found: dict[str, Any] = {
        "score_all": _mean_of(universes.everybody.scores[number].score),
        "score_unweighted": _mean_of(unweighted),
        "se_unweighted": unweighted.se,
    }
    if shown["score"] is None:
        return found | dict.fromkeys(("total_lo", "total_hi", "rules_lo", "rules_hi", "rules_step"))
    drawn = shown["se"] is not None
    return found | {
        "total_lo": envelope.total.lo if drawn else None,
        "total_hi": envelope.total.hi if drawn else None,
        "rules_lo": envelope.least,
        "rules_hi": envelope.most,
        "rules_step": int(universes.step[number]),
    }


def _mean_of(estimate: PopulationMean) -> float | None:
    """The mean, also where more people answered than there are, so that it is no estimate for them."""
    mean = estimate.detail.get("mean")
    return estimate.value if mean is None else float(mean)


def _without_severity(measured: Measured, number: int, *, withheld: bool) -> dict[str, Any]:
    """The score that departments of average severity would give."""
    if measured.raters is None:
        return dict.fromkeys(("adjusted", "adjusted_lo", "adjusted_hi", "adjusted_status"))
    found = measured.raters.adjusted[number]
    shown = found.value is not None and not withheld
    return {
        "adjusted": found.value if shown else None,
        "adjusted_lo": max(0.0, found.lo) if shown and found.lo is not None else None,
        "adjusted_hi": min(100.0, found.hi) if shown and found.hi is not None else None,
        "adjusted_status": found.status,
    }


def _parts(
    indicator: IndicatorSpec, measured: Measured, number: int, found: Found, reasons: Sequence[Reason]
) -> tuple[PartScore, ...]:
    """The parts of a score. What withholds the whole withholds every part; what one part lacks, only that part."""
    heavy = [reason for reason in reasons if reason.severity is Severity.WITHHOLD]
    lacking = {reason.subject for reason in heavy if reason.code in _OF_A_PART and reason.subject is not None}
    whole = any(reason.code not in _OF_A_PART or reason.subject is None for reason in heavy)
    scores: LinearScore = found.score
    places = quadrants(indicator, measured.drivers, scores.dimensions)
    parts = []
    for place, (part, count, mean) in enumerate(zip(indicator.parts, found.parts, scores.dimensions, strict=True)):
        withheld = whole or part.name in lacking or mean.value is None
        parts.append(
            PartScore(
                part=part.name,
                kind="dimension" if part.item is None else "item",
                weight=part.weight,
                status=ScoreStatus.NOT_SCORED if withheld else status_of(_reasons_of_part(reasons, part.name)),
                **_numbers(mean, withheld=withheld, open_link=found.fieldwork.open_link),
                quadrant=None if withheld else places[place],
                n=count.responses,
                n_departments=count.departments,
                n_cell=int(measured.tally.part_cells[place, number]),
            )
        )
    return tuple(parts)


def _reasons_of_part(reasons: Sequence[Reason], part: str) -> tuple[Reason, ...]:
    """Reasons that concern a part: its own, and those of the unit as a whole that are lighter than withholding."""
    of_others = (*_OF_A_PART, Code.FEW_RESPONSES, Code.FEW_DEPARTMENTS)
    return tuple(
        reason
        for reason in reasons
        if reason.severity is not Severity.WITHHOLD
        and (reason.code not in of_others or reason.subject is None or reason.subject == part)
    )

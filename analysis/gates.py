"""From numbers to a status: the plan's gates, and what no plan can switch off.

Knows thresholds and what was found. Must stay true: a gate that the plan does not name is off; a count that is not
known passes no gate and fails none; every status other than scored has a reason with the number found and the
threshold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analysis.cautions import Code, Reason, ScoreStatus, Severity
from analysis.consistency import MIN_COMPLETE
from analysis.frame import Fieldwork
from analysis.means import LinearScore, PopulationMean
from analysis.overall import Reliability, ResponseQuality
from analysis.quality.families import NEEDED_TO_ASSESS
from analysis.spec import CautionGates, IndicatorSpec, MinValid, PlanSpec

ZERO_SE = 1e-9  # score points; a standard error below this is the rounding of zero


@dataclass(frozen=True)
class PartCount:
    """Valid responses and departments (None: not counted) with a score of one part."""

    part: str
    responses: int
    departments: int | None


@dataclass(frozen=True)
class Found:
    """What was found in one unit for one indicator.

    n_valid, n_excluded, departments: counts, departments None where not counted. returned: responses of the whole
    audience. parts: in the indicator's order. score: unclipped means. score_all: the score before any exclusion.
    response_rate: None without a denominator. population: N. overfull: (stratum or None, n, N) wherever n > N.
    empty_strata: (name, share of the population). weights_missing: strata were to be weighted and could not be.
    reliability: pooled blocks of the questionnaires that the unit's answers came from. quality: of the indicator's
    questionnaires, where the plan excludes careless responses. unknown_departments: valid responses that name none.
    """

    n_valid: int
    n_excluded: int
    returned: int
    departments: int | None
    parts: tuple[PartCount, ...]
    score: LinearScore
    score_all: float | None
    response_rate: float | None
    population: int | None
    overfull: tuple[tuple[str | None, int, int], ...]
    empty_strata: tuple[tuple[str | None, float], ...]
    weights_missing: bool
    fieldwork: Fieldwork
    reliability: tuple[Reliability, ...]
    quality: tuple[ResponseQuality, ...]
    unknown_departments: int


def assess(indicator: IndicatorSpec, plan: PlanSpec, found: Found) -> tuple[Reason, ...]:
    """Everything that speaks against a score or must be read with it, the heaviest first."""
    reasons = [
        *_answers(found),
        *_below(plan.gates.withhold.min_valid.get(indicator.audience), found, Severity.WITHHOLD),
        *_withheld(indicator, plan, found),
    ]
    if found.n_valid:
        withheld = {(reason.code, reason.subject) for reason in reasons}
        reasons += [
            reason
            for reason in _below(plan.gates.caution.min_valid.get(indicator.audience), found, Severity.CAUTION)
            if (_HEAVIER[reason.code], reason.subject) not in withheld
        ]
        reasons += [*_fieldwork(plan.gates.caution, found), *_consistency(plan, found), *_precision(plan, found)]
        reasons += [*_quality(found), *_strata(found), *_notes(indicator, plan, found)]
    return tuple(reasons)


def status_of(reasons: Sequence[Reason]) -> ScoreStatus:
    """The status that the heaviest reason asks for."""
    severities = {reason.severity for reason in reasons}
    if Severity.WITHHOLD in severities:
        return ScoreStatus.NOT_SCORED
    return ScoreStatus.CAUTION if Severity.CAUTION in severities else ScoreStatus.SCORED


_MARKS = {
    Severity.WITHHOLD: (Code.TOO_FEW_RESPONSES, Code.TOO_FEW_DEPARTMENTS),
    Severity.CAUTION: (Code.FEW_RESPONSES, Code.FEW_DEPARTMENTS),
}
_HEAVIER = {Code.FEW_RESPONSES: Code.TOO_FEW_RESPONSES, Code.FEW_DEPARTMENTS: Code.TOO_FEW_DEPARTMENTS}


def _answers(found: Found) -> Iterator[Reason]:
    """No answers at all, or none to one part: the weights of the others are never stretched."""
    if not found.n_valid:
        yield Reason(Code.NO_ANSWERS, Severity.WITHHOLD, 0, 1)
        return
    for part in found.parts:
        if not part.responses:
            yield Reason(Code.PART_WITHOUT_ANSWERS, Severity.WITHHOLD, 0, 1, part.part)


def _below(mark: MinValid | None, found: Found, severity: Severity) -> Iterator[Reason]:
    """Counts below a mark: of the unit first, then of single parts where the unit as a whole passes."""
    if mark is None:
        return
    codes = _MARKS[severity]
    whole = (found.n_valid, found.departments)
    for code, least, n, place in zip(codes, (mark.responses, mark.departments), whole, (0, 1), strict=True):
        if least is None or n is None:
            continue
        if n < least:
            yield Reason(code, severity, n, least)
            continue
        for part in found.parts:
            of_part = (part.responses, part.departments)[place]
            if of_part and of_part < least:
                yield Reason(code, severity, of_part, least, part.part)


def _withheld(indicator: IndicatorSpec, plan: PlanSpec, found: Found) -> Iterator[Reason]:
    gates = plan.gates.withhold
    if found.fieldwork.held and gates.hold:
        yield Reason(Code.HELD, Severity.WITHHOLD)
    for stratum, n, size in found.overfull:
        yield Reason(Code.MORE_ANSWERS_THAN_POPULATION, Severity.WITHHOLD, n, size, stratum)
    handed_out = found.fieldwork.handed_out
    used = found.returned if found.fieldwork.used is None else found.fieldwork.used
    more_used = handed_out is not None and used > handed_out and not found.fieldwork.open_link
    # A unit may be rated by one department: its used cards and those that it left are told of nobody.
    if more_used and indicator.audience != "related_department":
        yield Reason(Code.MORE_USED_THAN_HANDED_OUT, Severity.WITHHOLD, used, handed_out)
    elif more_used or found.fieldwork.overused:
        yield Reason(Code.DOOR_OVERUSED, Severity.WITHHOLD)
    if gates.alpha_below is not None:
        for block in found.reliability:
            if block.alpha is not None and block.alpha < gates.alpha_below:
                yield Reason(Code.ALPHA_BELOW, Severity.WITHHOLD, block.alpha, gates.alpha_below, block.questionnaire)
    shift = _shift(found)
    if gates.exclusion_shift_above is not None and shift is not None and shift > gates.exclusion_shift_above:
        yield Reason(Code.EXCLUSION_SHIFT_WITHHOLDS, Severity.WITHHOLD, shift, gates.exclusion_shift_above)


def _shift(found: Found) -> float | None:
    """Score points between the scores with and without the excluded responses."""
    value = found.score.score.value
    return None if value is None or found.score_all is None else abs(value - found.score_all)


def _fieldwork(gates: CautionGates, found: Found) -> Iterator[Reason]:
    if found.fieldwork.open_link:
        yield Reason(Code.NON_PROBABILITY, Severity.CAUTION)
    if found.fieldwork.uncounted:
        yield Reason(Code.UNUSED_NOT_COUNTED, Severity.CAUTION)
    rate, least = found.response_rate, gates.response_rate_below
    if rate is not None and least is not None and rate < least:
        yield Reason(Code.RESPONSE_RATE_LOW, Severity.CAUTION, rate, least)
    share, most = found.n_excluded / (found.n_valid + found.n_excluded), gates.excluded_share_above
    if most is not None and share > most:
        yield Reason(Code.EXCLUDED_SHARE_HIGH, Severity.CAUTION, share, most)
    shift, largest = _shift(found), gates.exclusion_shift_above
    if shift is not None and largest is not None and shift > largest:
        yield Reason(Code.EXCLUSION_SHIFT_HIGH, Severity.CAUTION, shift, largest)


def _consistency(plan: PlanSpec, found: Found) -> Iterator[Reason]:
    """What α and the items say. α that cannot be read is a caution where the plan asks for α, else a note."""
    lower = plan.gates.caution.alpha_lower_below
    asked = lower is not None or plan.gates.withhold.alpha_below is not None
    for block in found.reliability:
        severity = Severity.CAUTION if asked and len(block.items) > 1 else Severity.NOTE
        if len(block.items) == 1 or (block.assessable and block.alpha is None):
            yield Reason(Code.ALPHA_NOT_DEFINED, severity, block.n, None, block.questionnaire)
        elif not block.assessable:
            yield Reason(Code.ALPHA_NOT_ASSESSABLE, severity, block.n, MIN_COMPLETE, block.questionnaire)
        elif lower is not None and block.influence_lo is not None and block.influence_lo < lower:
            yield Reason(Code.ALPHA_LOWER_LOW, Severity.CAUTION, block.influence_lo, lower, block.questionnaire)
        for item, correlation in zip(block.items, block.item_rest, strict=True):
            if correlation is not None and correlation < 0:
                yield Reason(Code.NEGATIVE_ITEM_REST, Severity.CAUTION, correlation, 0, item)
        for item in block.constant_items:
            yield Reason(Code.CONSTANT_ITEM, Severity.NOTE, subject=item)


def _precision(plan: PlanSpec, found: Found) -> Iterator[Reason]:
    score, width, widest = found.score.score, half_width(found.score.score), plan.gates.caution.moe_above
    if score.value is not None and score.se is None:
        lone = [part.part for part, mean in zip(found.parts, found.score.dimensions, strict=True) if mean.n == 1]
        yield Reason(Code.INTERVAL_NOT_ASSESSABLE, Severity.CAUTION, 1, 2, lone[0] if score.n > 1 else None)
    if width is not None and widest is not None and width > widest and not found.fieldwork.open_link:
        yield Reason(Code.WIDE_INTERVAL, Severity.CAUTION, width, widest)
    if score.se_process is not None and score.se_process <= ZERO_SE:
        yield Reason(Code.NO_VARIATION, Severity.NOTE, found.n_valid)
    elif score.se is not None and score.se <= ZERO_SE:
        yield Reason(Code.CENSUS, Severity.NOTE, score.n, found.population)


def _quality(found: Found) -> Iterator[Reason]:
    for of_one in found.quality:
        if not of_one.assessable:
            yield Reason(
                Code.QUALITY_NOT_ASSESSABLE,
                Severity.CAUTION,
                len(of_one.available),
                NEEDED_TO_ASSESS,
                of_one.questionnaire,
            )


def half_width(score: PopulationMean) -> float | None:
    """Half of the interval in score points, before it is clipped to 0–100."""
    return None if score.lo is None or score.hi is None else (score.hi - score.lo) / 2


def _strata(found: Found) -> Iterator[Reason]:
    for stratum, share in found.empty_strata:
        yield Reason(Code.STRATUM_WITHOUT_ANSWERS, Severity.CAUTION, share, subject=stratum)
    if found.weights_missing:
        yield Reason(Code.POPULATION_UNKNOWN, Severity.CAUTION)
    if found.score.score.strata_merged:
        yield Reason(Code.STRATA_MERGED, Severity.NOTE, found.score.score.strata_merged)


def _notes(indicator: IndicatorSpec, plan: PlanSpec, found: Found) -> Iterator[Reason]:
    score = found.score.score
    finite = plan.population == "finite" and not found.fieldwork.open_link
    if finite and found.population is None:
        yield Reason(Code.NO_POPULATION_SIZE, Severity.NOTE)
    if len(found.reliability) > 1:
        yield Reason(Code.QUESTIONNAIRES_POOLED, Severity.NOTE, len(found.reliability))
    if not indicator.by_department:
        return
    if found.unknown_departments:
        yield Reason(Code.UNKNOWN_DEPARTMENT, Severity.NOTE, found.unknown_departments)
    if finite and found.population is not None and score.se_process and score.se == score.se_process:
        yield Reason(Code.NO_FINITE_CORRECTION, Severity.NOTE)

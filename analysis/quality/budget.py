"""How many careful people a rule of exclusion throws out: counted on planted truth for questionnaires of many shapes.

Knows counts. Must stay true: no rate here is assumed; every one is a sum of counted cases, the worst of the shapes
around the real one; a questionnaire outside of them has no rate.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from scipy.special import bdtrik, betaincinv

from analysis.estimate import Status
from analysis.quality.budget_counted import ATTENTIVE
from analysis.quality.budget_shapes import Shape
from analysis.quality.families import NEEDED_TO_ASSESS, Family, family_mask


@dataclass(frozen=True, kw_only=True)
class ErrorBudget:
    """What a rule costs in careful people.

    rate: share of attentive responses that it excludes in simulation, rate_upper: its upper confidence bound.
    expected = rate * n_assessed; upper: not more than so many with the same confidence. share_of_excluded =
    expected / n_excluded, None where nobody is excluded; above 1, fewer were excluded than the simulation loses in
    careful people alone. shape: that of the questionnaire which the rate was counted on, None where nobody can be
    excluded; draws: attentive responses to it. All of these None under `UNDEFINED_NOT_MEASURED`.
    """

    n_assessed: int
    n_excluded: int
    status: Status
    rate: float | None
    rate_upper: float | None
    expected: float | None
    upper: int | None
    share_of_excluded: float | None
    shape: Shape | None
    draws: int | None


def error_budget(
    n_assessed: int,
    n_excluded: int,
    available: Collection[Family],
    families_needed: int = NEEDED_TO_ASSESS,
    *,
    shapes: Sequence[Shape],
    confidence: float = 0.95,
) -> ErrorBudget:
    """Expected false exclusions, (1 - specificity) n, by the families that could be measured.

    n_assessed, n_excluded: responses. available: as `Flags` has it; under two nobody is excluded and the budget is 0.
    shapes: measured ones that the questionnaire lies between (`budget_shapes.shapes_around`), of which the one with the
    highest rate counts; none: outside of what was measured, `UNDEFINED_NOT_MEASURED`.
    Measured on people who answer as the staff of `analysis.simulation.audiences`, of the three audiences the one that
    loses most, in campaigns of 1,000 (of 36 people up to 1.7 times as many are lost), and whose answers follow one
    trait: real people have opinions of their own, so read it as the least to expect.
    rate_upper: Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404. R: qbeta(.95, x + 1, n - x); upper: qbinom.
    """
    if not 0 <= n_excluded <= n_assessed or families_needed < 0:
        raise ValueError(f"{n_excluded} of {n_assessed} excluded by {families_needed} families cannot be")
    assessable = len(set(available)) >= NEEDED_TO_ASSESS and families_needed > 0
    if not assessable and n_excluded:
        raise ValueError(f"{n_excluded} responses excluded where nobody can be")
    if not assessable:
        return _nobody(n_assessed)
    if not shapes:
        return _not_measured(n_assessed, n_excluded)
    mask = family_mask(available)
    shape = max(shapes, key=lambda shape: _rate(shape, mask, families_needed))
    n, some = _counted(shape, mask, families_needed)
    rate, upper = some / n, float(betaincinv(some + 1, n - some, confidence)) if n > some else 1.0
    expected = rate * n_assessed
    return ErrorBudget(
        n_assessed=n_assessed,
        n_excluded=n_excluded,
        status=Status.OK,
        rate=rate,
        rate_upper=upper,
        expected=expected,
        upper=max(0, math.ceil(float(bdtrik(confidence, n_assessed, upper)))) if n_assessed else 0,
        share_of_excluded=expected / n_excluded if n_excluded else None,
        shape=shape,
        draws=n,
    )


def _counted(shape: Shape, mask: int, families_needed: int) -> tuple[int, int]:
    """(attentive responses, those of them that show so many of the families in the mask)."""
    counts = ATTENTIVE[shape.key]
    hit = (count for bits, count in enumerate(counts) if (bits & mask).bit_count() >= families_needed)
    return sum(counts), sum(hit)


def _rate(shape: Shape, mask: int, families_needed: int) -> float:
    n, some = _counted(shape, mask, families_needed)
    return some / n


def _nobody(n_assessed: int) -> ErrorBudget:
    return ErrorBudget(
        n_assessed=n_assessed,
        n_excluded=0,
        status=Status.OK,
        rate=0.0,
        rate_upper=0.0,
        expected=0.0,
        upper=0,
        share_of_excluded=None,
        shape=None,
        draws=0,
    )


def _not_measured(n_assessed: int, n_excluded: int) -> ErrorBudget:
    return ErrorBudget(
        n_assessed=n_assessed,
        n_excluded=n_excluded,
        status=Status.UNDEFINED_NOT_MEASURED,
        rate=None,
        rate_upper=None,
        expected=None,
        upper=None,
        share_of_excluded=None,
        shape=None,
        draws=None,
    )

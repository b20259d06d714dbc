"""How many careful people a rule of exclusion throws out: measured on planted truth for each set of families.

Knows counts. Must stay true: no rate here is assumed; every one is a sum of counted cases, and a set of families that
was never counted has none.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass

from scipy.special import bdtrik, betaincinv

from analysis.quality.families import DEFAULT_CUTS, NEEDED_TO_ASSESS, Family, family_mask

MEASURED_WITH = DEFAULT_CUTS.version

# Attentive responses by mask of flagged families (bits of `Family`): analysis.simulation.false_flags over 70 draws
# each, seeds 1 to 70, times on the grid of ratio 1.25, Cuts 2026.1. 775,301 responses; nobody of them skipped half.
ATTENTIVE = {
    "recipients": {
        0: 602_047, 1: 17_293, 2: 14_953, 3: 448, 4: 3_505, 5: 109, 6: 23, 8: 18_776, 9: 581, 10: 457, 11: 15, 12: 108,
        13: 5,
    },
    "staff": {0: 105_977, 1: 3_747, 2: 3_034, 3: 117, 4: 649, 5: 23, 6: 4, 8: 3_211, 9: 110, 10: 89, 11: 4, 12: 16},
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ErrorBudget:
    """What a rule costs in careful people.

    rate: share of attentive responses that it excludes in simulation, rate_upper: its upper confidence bound in the
    worse of the simulated audiences. expected = rate * n_assessed; upper: not more than so many with the same
    confidence. share_of_excluded = expected / n_excluded, None where nobody is excluded; above 1, fewer were excluded
    than the simulation loses in careful people alone. draws: attentive responses behind the rate.
    """

    n_assessed: int
    n_excluded: int
    rate: float
    rate_upper: float
    expected: float
    upper: int
    share_of_excluded: float | None
    draws: int


def error_budget(
    n_assessed: int,
    n_excluded: int,
    available: Collection[Family],
    families_needed: int = NEEDED_TO_ASSESS,
    *,
    confidence: float = 0.95,
) -> ErrorBudget:
    """Expected false exclusions, (1 - specificity) n, by the families that could be measured.

    n_assessed, n_excluded: responses. available: as `Flags` has it; under two nobody is excluded and the budget is 0.
    Measured on questionnaires of 12 items with two reversed ones, on people whose answers follow one trait: real people
    have opinions of their own, so read it as the least to expect. Somebody who skips more than half is not in it.
    """
    if not 0 <= n_excluded <= n_assessed or families_needed < 0:
        raise ValueError(f"{n_excluded} of {n_assessed} excluded by {families_needed} families cannot be")
    assessable = len(set(available)) >= NEEDED_TO_ASSESS and families_needed > 0
    if not assessable and n_excluded:
        raise ValueError(f"{n_excluded} responses excluded where nobody can be")
    mask = family_mask(available)
    hits, draws, upper = 0, 0, 0.0
    for counts in ATTENTIVE.values():
        n = sum(counts.values())
        some = sum(count for bits, count in counts.items() if (bits & mask).bit_count() >= families_needed)
        some = some if assessable else 0
        hits, draws = hits + some, draws + n
        # Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404
        upper = max(upper, float(betaincinv(some + 1, n - some, confidence)) if n > some else 1.0)
    rate, upper = hits / draws, upper if assessable else 0.0
    expected = rate * n_assessed
    return ErrorBudget(
        n_assessed=n_assessed,
        n_excluded=n_excluded,
        rate=rate,
        rate_upper=upper,
        expected=expected,
        upper=max(0, math.ceil(float(bdtrik(confidence, n_assessed, upper)))) if n_assessed and upper else 0,
        share_of_excluded=expected / n_excluded if n_excluded else None,
        draws=draws,
    )

"""Every unit's score under every rule of the plan's grid: whom one may exclude, how one may treat gaps.

Knows the grid and how its scores come about; `analysis.comparison.multiverse` says what follows from them. Must stay
true: the plan's own rules are one of the universes; every universe is a sum of the same exact cells, so none can differ
from the main score by anything but its rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from analysis.points import ABSENT, SortedAnswers
from analysis.score_sums import N_MASKS, ScoreSums
from analysis.scores import Design, Persons, UnitMeans, persons_of, sums_of, unit_means
from analysis.spec import NOBODY_EXCLUDED, IndicatorSpec, PlanSpec

_FAMILIES = np.array([mask.bit_count() for mask in range(N_MASKS)])


@dataclass(frozen=True, eq=False)
class Universes:
    """scores: (U, J), NaN where a universe has none for a unit.

    step: (J,) the fewest responses by which two neighbouring universes differ; 0 where all are the same responses.
    everybody: means before any exclusion. unweighted: before any exclusion and with all strata pooled.
    """

    scores: NDArray[np.float64]
    step: NDArray[np.int64]
    everybody: UnitMeans
    unweighted: UnitMeans


def kept(families_needed: int) -> NDArray[np.bool_]:
    """(256,) by mask of flagged families: whether a response stays when that many families exclude it."""
    if families_needed == NOBODY_EXCLUDED:
        return np.ones(N_MASKS, dtype=np.bool_)
    return np.asarray(families_needed > _FAMILIES)


def universes(
    indicator: IndicatorSpec,
    sources: Sequence[SortedAnswers],
    persons: Persons,
    sums: ScoreSums,
    *,
    design: Design,
    plan: PlanSpec,
    by_stratum: NDArray[np.int64],
) -> Universes:
    """Every universe of the plan's grid. persons, sums: under the plan's rule for missing answers, nobody left out.

    by_stratum: (J, H) valid responses under the plan's rules.
    """
    own = (plan.exclude_when_families, plan.dimension_min_answered)
    rules = {own[0], *plan.multiverse.exclude_when_families} if own[0] else {NOBODY_EXCLUDED}
    shares = {own[1], *plan.multiverse.dimension_min_answered}
    grid, marks = [], []
    for share in sorted(shares):
        others = persons if share == own[1] else persons_of(indicator, sources, share)
        cells = sums if share == own[1] else sums_of(indicator, others)
        marks.append((others.values != ABSENT, others))
        for families in sorted(rules):
            found = _means(indicator, cells.where(kept(families)), design, plan, by_stratum)
            grid.append(_values(found))
    everybody = sums.where(kept(NOBODY_EXCLUDED))
    return Universes(
        scores=np.array(grid),
        step=_step(marks, sorted(rules), len(design.sizes)),
        everybody=_means(indicator, everybody, design, plan, by_stratum),
        unweighted=_means(replace(indicator, strata=None), everybody, design, plan, by_stratum),
    )


def _means(
    indicator: IndicatorSpec, sums: ScoreSums, design: Design, plan: PlanSpec, by_stratum: NDArray[np.int64]
) -> UnitMeans:
    if not indicator.by_department:
        n = sums.by_stratum(*design.sizes.shape).n
        by_stratum = n.reshape(design.sizes.shape)
    return unit_means(indicator, sums, by_stratum, design, plan)


def _values(means: UnitMeans) -> NDArray[np.float64]:
    return np.array([np.nan if found.score.value is None else found.score.value for found in means.scores])


def _step(marks: Sequence[tuple[NDArray[np.bool_], Persons]], rules: Sequence[int], n_units: int) -> NDArray[np.int64]:
    """Fewest responses between two neighbours: the rules of each kind are nested, so neighbours are enough."""
    unit, families = marks[0][1].unit, _FAMILIES[marks[0][1].families]
    differing = [(one != other).any(axis=1) for (one, _), (other, _) in pairwise(marks)]
    needed = sorted((families_needed for families_needed in rules if families_needed), reverse=True)
    bounds = [np.iinfo(np.int64).max, *needed]
    differing += [(families >= below) & (families < above) for above, below in zip(bounds, needed, strict=False)]
    counts = [np.bincount(unit[rows], minlength=n_units) for rows in differing]
    if not counts:
        return np.zeros(n_units, dtype=np.int64)
    most = np.iinfo(np.int64).max
    fewest = np.min([np.where(count > 0, count, most) for count in counts], axis=0)
    return np.where(fewest == most, 0, fewest)

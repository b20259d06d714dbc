"""What moves the overall judgement, and where each unit should begin: importance of the parts beside their scores.

Knows an indicator that has parts and one item asked about the whole. Must stay true: importance is taken from people
within units, so that a unit which is good at everything does not make everything look important; it describes and
proves no cause.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.comparison.drivers import Drivers, drivers
from analysis.comparison.priorities import Priorities, priorities
from analysis.estimate import Estimate
from analysis.linearisation import Integers
from analysis.moments import GroupedMoments
from analysis.overall import Driver
from analysis.points import ABSENT
from analysis.score_sums import score_sums
from analysis.scores import Persons
from analysis.spec import IndicatorSpec


def overall_part(indicator: IndicatorSpec) -> int | None:
    """The one item beside two dimensions or more, which is then about the whole; None otherwise."""
    items = [place for place, part in enumerate(indicator.parts) if part.item is not None]
    return items[0] if len(items) == 1 and len(indicator.parts) >= 3 else None


def drivers_of(indicator: IndicatorSpec, persons: Persons, n_units: int, level: float) -> Drivers | None:
    """Relative weights of the dimensions for the overall item; None where the indicator has no such item.

    Of persons with a score of every part, pooled within units.
    """
    overall = overall_part(indicator)
    if overall is None:
        return None
    complete = (persons.values != ABSENT).all(axis=1) & persons.valid
    nowhere: Integers = np.zeros(int(complete.sum()), dtype=np.int64)
    sums = score_sums(persons.values[complete], persons.unit[complete], nowhere, None, persons.scale)
    by_unit = sums.by_stratum(n_units, 1)
    k = len(indicator.parts)
    moments = GroupedMoments(by_unit.n, by_unit.s[:, :k], by_unit.q[:, :k, :k])
    covariance = moments.within_covariance() / persons.scale**2
    return drivers(covariance, moments.within_df + 1, overall=overall, level=level)


def driver_results(indicator: IndicatorSpec, found: Drivers | None) -> tuple[Driver, ...]:
    """The weights as results, one for each dimension."""
    if found is None:
        return ()
    return tuple(
        Driver(
            indicator=indicator.code,
            part=indicator.parts[place].name,
            status=weight.status,
            weight=weight.value,
            lo=weight.lo,
            hi=weight.hi,
            r_squared=found.r_squared.value,
        )
        for place, weight in zip(_dimensions(indicator), found.weights, strict=True)
    )


def quadrants(indicator: IndicatorSpec, found: Drivers | None, means: Sequence[Estimate]) -> tuple[str | None, ...]:
    """For each part of a unit the quadrant that it lies in; None for the overall item and where there is no picture.

    means: the unit's part means.
    """
    places = _dimensions(indicator)
    if found is None or not any(weight.status.defined for weight in found.weights):
        return (None,) * len(indicator.parts)
    picture: Priorities = priorities(found.weights, [means[place] for place in places])
    told = dict(zip(places, picture.dimensions, strict=True))
    return tuple(told[place].quadrant.value if place in told else None for place in range(len(indicator.parts)))


def _dimensions(indicator: IndicatorSpec) -> list[int]:
    overall = overall_part(indicator)
    return [place for place in range(len(indicator.parts)) if place != overall]

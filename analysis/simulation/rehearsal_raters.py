"""Who of which department rates which unit: the crossing of raters and units in one drawn campaign.

Knows panels and what raters bring to every unit. Must stay true: a person rates at most as many units as one sitting
takes, and every unit of a panel gets as many of its raters as every other, one more or less; a person who answers rates
all units given to them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.simulation.rehearsal_setting import Assumptions, Panel, Setting
from analysis.spec import RELATED_DEPARTMENT


@dataclass(frozen=True, eq=False)
class Rated:
    """Ratings as they could be given, a row each: of everybody in the panels, asked or not.

    pair: number of the unit and department. person: number of the rater. leaning: what department and rater bring to
    every unit, in shares of the range. came: bool, the ratings that come back. stated: (units,) departments by the
    frame, 0 where it says nothing. cards: unit → cards of the departments that rate it.
    """

    unit: NDArray[np.int64]
    department: NDArray[np.int64]
    pair: NDArray[np.int64]
    person: NDArray[np.int64]
    leaning: NDArray[np.float64]
    came: NDArray[np.bool_]
    stated: NDArray[np.int64]
    cards: Mapping[int, int]


def rated(setting: Setting, assumptions: Assumptions, panels: Sequence[Panel], rng: np.random.Generator) -> Rated:
    """Draw leanings, who answers, and who rates which units."""
    rate = assumptions.response_rates.get(RELATED_DEPARTMENT, 1.0)
    columns: list[tuple[NDArray[np.int64], ...]] = []
    leanings, came, people, pairs = [], [], 0, 0
    cards: dict[int, int] = {}
    for panel in panels:
        if not panel.units or not panel.raters:
            continue
        units, raters = len(panel.units), panel.raters
        given = min(panel.most, units)
        # A shuffled circle of units: person p takes the next `given`, so that no unit is left behind.
        circle = rng.permutation(units)
        takes = (np.arange(raters)[:, None] * given + np.arange(given)) % units
        mine = np.zeros((raters, units), dtype=np.bool_)
        mine[np.arange(raters)[:, None], circle[takes]] = True
        answers = (np.arange(raters) < panel.asked) & (rng.random(raters) < rate)
        severity = rng.normal(0.0, assumptions.department_sd)
        leaning = severity + rng.normal(0.0, assumptions.rater_sd, raters)
        person, unit = np.divmod(np.arange(raters * units), units)
        columns.append(
            (np.array(panel.units)[unit], np.full(raters * units, panel.department), pairs + unit, people + person)
        )
        leanings.append(leaning[person])
        came.append((mine & answers[:, None]).ravel())
        people, pairs = people + raters, pairs + units
        for place in panel.units:
            cards[place] = cards.get(place, 0) + panel.asked
    stated = [setting.population.get((unit.code, RELATED_DEPARTMENT, None), 0) for unit in setting.units]
    joined = [np.concatenate([np.empty(0, dtype=np.int64), *parts]) for parts in zip(*columns, strict=True)]
    unit, department, pair, person = joined or [np.empty(0, dtype=np.int64)] * 4
    return Rated(
        unit=unit,
        department=department,
        pair=pair,
        person=person,
        leaning=np.concatenate([np.empty(0), *leanings]),
        came=np.concatenate([np.empty(0, dtype=np.bool_), *came]),
        stated=np.array(stated, dtype=np.int64),
        cards=cards,
    )

"""Whose answers must not follow from a released report: sets of people that are too few, or few and of one mind.

Knows the primary rules (fewer than `min_cell`; fewer than twice that and all alike) and by what people can be told
apart. Must stay true: a set is judged by how many sittings (for related departments: departments) it has, and by what
its people answered only as far as all answered the same.

Looked at: who answered an item, who has a score of a part or of all of them; and inside a part, as far as numbers were
published that weigh them differently, each stratum where strata are weighted, each department where departments are
averaged, each questionnaire where several are pooled (of two indicators one may take all and the other only some), and
whoever one rule of exclusion counts and the next does not. The whole score is looked at although its parts are,
because people whose parts differ may still agree in the sum, and another indicator of the same parts would tell it.
Not looked at is who left gaps: nobody can know who that was, almost every unit has one to four such people, and which
rule for gaps gives which score is said only of five and more (`analysis.disclosure`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.frame import Frame
from analysis.spec import IndicatorSpec, PlanSpec
from analysis.suppression.people import (
    Bools,
    Crowd,
    Floats,
    Rows,
    is_weighted,
    own_departments,
    own_rule,
    rules_of,
)

Key = tuple[str, str]

_ALIKE = 1e-9  # points between two answers that are the same


@dataclass(frozen=True, eq=False)
class Hidden:
    """The mean of a set of people. weights: (n, C) of single answers in it."""

    name: str
    people: int
    weights: Floats


def hidden_sets(crowd: Crowd, indicators: Sequence[IndicatorSpec], frame: Frame, plan: PlanSpec) -> tuple[Hidden, ...]:
    """Every set of one unit and audience that must stay unknown."""
    if not len(crowd.source):
        return ()
    finder = _Finder(crowd, indicators, frame, plan)
    return (*finder.of_items(), *finder.of_parts(), *finder.of_scores())


def newcomers(crowd: Crowd, came: Bools, indicators: Sequence[IndicatorSpec], plan: PlanSpec) -> Iterator[Hidden]:
    """Those who came between two releases, (n,), where they are too few, or few and of one mind: items, then parts."""
    least, own = plan.disclosure.min_cell, own_rule(plan)

    def few(rows: Bools, values: Floats) -> int:
        people = crowd.people(rows)
        alike = bool(rows.any()) and float(np.ptp(values[rows])) <= _ALIKE
        return people if people < least or (alike and people < 2 * least) else 0

    for column, (of, place) in enumerate(crowd.columns):
        points = crowd.points[:, column]
        rows = came & ~np.isnan(points) & crowd.counted(own)
        people = few(rows, points)
        if people:
            weights = np.zeros(crowd.points.shape)
            weights[rows, column] = 1.0 / int(rows.sum())
            questionnaire = crowd.asked[of].questionnaire
            name = f"{crowd.unit}: item {questionnaire.id}/{questionnaire.items[place].id}"
            yield Hidden(name, people, weights)
    for indicator in indicators:
        for part in indicator.parts:
            key = (indicator.code, part.name)
            rows = came & crowd.scored(key, own)
            people = few(rows, crowd.person_scores(key))
            if people:
                weights = crowd.spread(key, rows / int(rows.sum()))
                yield Hidden(f"{crowd.unit}: {key[0]}/{key[1]}", people, weights)


class _Finder:
    def __init__(self, crowd: Crowd, indicators: Sequence[IndicatorSpec], frame: Frame, plan: PlanSpec) -> None:
        self.crowd, self.indicators, self.frame, self.plan = crowd, indicators, frame, plan
        self.least, self.own = plan.disclosure.min_cell, own_rule(plan)

    def of_items(self) -> Iterator[Hidden]:
        """Who answered an item, among the responses that count."""
        counted = self.crowd.counted(self.own)
        for column, (of, place) in enumerate(self.crowd.columns):
            points = self.crowd.points[:, column]
            has = ~np.isnan(points) & counted
            people = self.crowd.people(has)
            if not self._few(people, alike=bool(has.any()) and float(np.ptp(points[has])) <= _ALIKE):
                continue
            weights = np.zeros(self.crowd.points.shape)
            weights[has, column] = 1.0 / int(has.sum())
            questionnaire = self.crowd.asked[of].questionnaire
            name = f"{self.crowd.unit}: item {questionnaire.id}/{questionnaire.items[place].id}"
            yield Hidden(name, people, weights)

    def of_parts(self) -> Iterator[Hidden]:
        """Who has a score of a part, and the smaller sets inside that numbers weigh differently."""
        for indicator in self.indicators:
            for part in indicator.parts:
                key = (indicator.code, part.name)
                scored = self.crowd.scored(key, self.own)
                people = self.crowd.people(scored)
                name = f"{self.crowd.unit}: {indicator.code}/{part.name}"
                own = self.crowd.person_scores(key)
                if self._few(people, alike=bool(scored.any()) and float(np.ptp(own[scored])) <= _ALIKE):
                    yield self._set(name, key, scored, people)
                for label, rows in (*self._groups(indicator, scored), *self._between_rules(key)):
                    few = self.crowd.people(rows)
                    alike = bool(rows.any()) and float(np.ptp(own[rows])) <= _ALIKE
                    if self._few(few, alike=alike) and not np.array_equal(rows, scored):
                        yield self._set(f"{name}, {label}", key, rows, few)

    def of_scores(self) -> Iterator[Hidden]:
        """Who has all parts of an indicator of several, where these few agree in the whole."""
        for indicator in self.indicators:
            keys = [((indicator.code, part.name), part.weight) for part in indicator.parts if part.weight]
            if len(keys) < 2:
                continue
            scored = np.logical_and.reduce([self.crowd.scored(key, self.own) for key, _ in keys])
            people = self.crowd.people(scored)
            if not self.least <= people < 2 * self.least:
                continue
            whole = np.sum([weight * self.crowd.person_scores(key) for key, weight in keys], axis=0)
            if float(np.ptp(whole[scored])) <= _ALIKE:
                each = scored / int(scored.sum())
                weights = np.sum([weight * self.crowd.spread(key, each) for key, weight in keys], axis=0)
                yield Hidden(f"{self.crowd.unit}: {indicator.code}", people, weights)

    def _few(self, people: int, *, alike: bool) -> bool:
        return 0 < people < self.least or (alike and 0 < people < 2 * self.least)

    def _groups(self, indicator: IndicatorSpec, scored: Bools) -> Iterator[tuple[str, Bools]]:
        """Background by which people weigh differently, or are asked different items."""
        by: list[tuple[str, Rows]] = []
        if any(is_weighted(self.crowd, indicator, self.frame, rule) for rule in rules_of(self.plan)):
            by.append(("stratum", self.crowd.stratum))
        if indicator.by_department:
            by.append(("department", own_departments(self.crowd.department)))
        elif len(np.unique(self.crowd.source[scored])) > 1:
            by.append(("questionnaire", self.crowd.source))
        for label, group in by:
            for number in np.unique(group[scored]).tolist():
                yield f"{label} {number}", scored & (group == number)

    def _between_rules(self, key: Key) -> Iterator[tuple[str, Bools]]:
        """Whoever one rule of exclusion leaves out and another does not, gaps being treated as the plan does."""
        rules = [rule for rule in rules_of(self.plan) if rule.share == self.own.share]
        seen: list[Bools] = []
        for place, one in enumerate(rules):
            for other in rules[place + 1 :]:
                for more, less in ((one, other), (other, one)):
                    rows = self.crowd.scored(key, more) & ~self.crowd.scored(key, less)
                    if rows.any() and not any(np.array_equal(rows, before) for before in seen):
                        seen.append(rows)
                        yield f"counted from {more.families} families, not from {less.families}", rows

    def _set(self, name: str, key: Key, rows: Bools, people: int) -> Hidden:
        """The plain mean of a part among some rows."""
        return Hidden(name, people, self.crowd.spread(key, rows / int(rows.sum())))

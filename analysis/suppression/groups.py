"""Groups by the answer to one item, as a reader of breakdowns has them: each with a mean, together the whole.

Knows sets of responses. Must stay true: a group's mean is the same form as in its report, in which nothing is known of
its size, so that strata weigh nothing; groups of one item do not overlap, those of two may lie inside each other.

Secret is every group of fewer than `min_cell`, or of fewer than twice that and of one mind, and what is left of a
group, or of all, beside a group that lies inside it: who skipped one item but not the other, for instance. They are
looked at only where a group of the unit is shown at all: otherwise nothing that was published tells them apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from analysis.frame import Frame
from analysis.spec import IndicatorSpec, PlanSpec
from analysis.suppression.intervals import Interval
from analysis.suppression.people import Bools, Crowd, Floats, Rows, own_rule, weights_in_part
from analysis.suppression.secrets import Hidden

_ALIKE = 1e-9  # points between two scores that are the same


def group_publication(unit: str, indicator: str, item: str) -> str:
    """The name of the groups of one unit by one item, which are shown together or not at all."""
    return f"groups:{unit}/{indicator}/{item}"


@dataclass(frozen=True, eq=False)
class Grouping:
    """How one audience is broken down by one item.

    group: by questionnaire id, (n,) number of each row's group. shown: by (unit, indicator), group number → what the
    group's mean was shown to lie between; nothing for a unit whose groups are hidden.
    """

    item: str
    audience: str
    group: Mapping[str, Rows]
    shown: Mapping[tuple[str, str], Mapping[int, Interval]]

    def of(self, crowd: Crowd) -> Rows:
        """(n,) groups of a crowd's responses."""
        found = np.zeros(len(crowd.source), dtype=np.intp)
        for place, answers in enumerate(crowd.asked):
            here = crowd.source == place
            found[here] = self.group[answers.questionnaire.id][crowd.row[here]]
        return found


def groupings_of(crowd: Crowd, groupings: Sequence[Grouping]) -> tuple[Grouping, ...]:
    """Those that show something of a crowd's unit."""
    return tuple(
        one
        for one in groupings
        if one.audience == crowd.audience
        and any(unit == crowd.unit and found for (unit, _), found in one.shown.items())
    )


def score_weights(crowd: Crowd, indicator: IndicatorSpec, rows: Bools, frame: Frame, plan: PlanSpec) -> Floats:
    """(n, C) weights of single answers in the score of some responses, of whom no size is known."""
    part_of, bare = crowd.only(rows), replace(frame, population={})
    whole = np.zeros(crowd.points.shape)
    for part in indicator.parts:
        if part.weight:
            each = weights_in_part(part_of, indicator, part.name, bare, own_rule(plan))
            whole[rows] += part.weight * part_of.spread((indicator.code, part.name), each)
    return whole


def hidden_groups(
    crowd: Crowd, groupings: Sequence[Grouping], indicators: Sequence[IndicatorSpec], frame: Frame, plan: PlanSpec
) -> Iterator[Hidden]:
    """Groups, and differences of groups, that must stay unknown."""
    least = plan.disclosure.min_cell
    for indicator in indicators:
        valid = crowd.valid(indicator, own_rule(plan))
        every = np.ones(len(valid), dtype=np.bool_)
        groups = [
            (f"{one.item}={number}", number_of == number)
            for one in groupings
            for number_of in (one.of(crowd),)
            for number in np.unique(number_of).tolist()
        ]
        for name, rows in chain(groups, _differences([("all", every), *groups], valid)):
            people = crowd.people(rows & valid)
            if 0 < people < least or (people < 2 * least and _alike(crowd, indicator, rows, plan)):
                weights = score_weights(crowd, indicator, rows, frame, plan)
                yield Hidden(f"{crowd.unit}: {indicator.code}, {name}", people, weights)


def _differences(sets: Sequence[tuple[str, Bools]], valid: Bools) -> Iterator[tuple[str, Bools]]:
    """What is left of each set beside each one that lies inside it."""
    for outer_name, outer in sets:
        for inner_name, inner in sets:
            rest = outer & ~inner & valid
            if rest.any() and not (inner & ~outer & valid).any() and (inner & valid).any():
                yield f"{outer_name} less {inner_name}", rest


def _alike(crowd: Crowd, indicator: IndicatorSpec, rows: Bools, plan: PlanSpec) -> bool:
    """Whether all of some responses that have every part have the same score."""
    keys = [((indicator.code, part.name), part.weight) for part in indicator.parts if part.weight]
    scored = np.logical_and.reduce([rows, *(crowd.scored(key, own_rule(plan)) for key, _ in keys)])
    whole = np.sum([weight * crowd.person_scores(key) for key, weight in keys], axis=0)
    return bool(scored.any()) and float(np.ptp(whole[scored])) <= _ALIKE

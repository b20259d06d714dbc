"""One released report against the answers behind it: every mean of a unit as a linear form of what its people answered.

Knows which published numbers are linear in the answers. Must stay true: a mean here is the same form as in the report
(a test holds each against it); what is secret is decided by counts and unanimity, never by what it costs to hide.

A person's score of a part is the mean of the k_i items they answered, a unit's the weighted mean of those. With x_cj
the sum of the points of class c on item j, n_j who answered it and a_c the weight of one member,
    item j = sum_c x_cj / n_j,   part d = sum_c a_c / k_c sum_{j in d} x_cj,   score = sum_d w_d part d;
where the distribution of an item is shown, its choices are unknowns of their own: n_cjv people with v points.
Two means of the same answers under different weights are two equations: an unweighted item beside a post-stratified
score gives the mean of a stratum, beside a mean of departments that of the department which answered twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.assessing import assess
from analysis.frame import Frame
from analysis.points import keyed_points
from analysis.results import ItemStatistics, Report, UnitScore
from analysis.spec import IndicatorSpec, PlanSpec
from analysis.suppression.groups import Grouping, group_publication, groupings_of, hidden_groups, score_weights
from analysis.suppression.intervals import WIDTH, needed_width, rounded, shown_interval, spread_of_rules
from analysis.suppression.people import (
    Bools,
    Crowd,
    Floats,
    Rows,
    Rule,
    classes,
    crowds,
    everybody,
    grid_of,
    is_overfull,
    is_weighted,
    own_rule,
    rules_of,
    weights_in_part,
)
from analysis.suppression.secrets import Hidden, hidden_sets, newcomers
from analysis.suppression.system import Secret, Statement, System, Terms, Unknown


def item_publication(unit: str, questionnaire: str, item: str) -> str:
    """The name of an item's statistics in one unit, in whichever indicator they are shown."""
    return f"item:{unit}/{questionnaire}/{item}"


def rules_publication(unit: str, indicator: str) -> str:
    """The name of what other rules would give: the score before exclusion, and the intervals that take rules in."""
    return f"rules:{unit}/{indicator}"


def score_publication(unit: str, indicator: str) -> str:
    """The name of a unit's score of an indicator with all of its parts."""
    return f"score:{unit}/{indicator}"


@dataclass(frozen=True)
class Edition:
    """A released report, and of which rows: by questionnaire id (n,) of the whole frame; None: of all.

    The quality flags of a row must have been the same then as in the frame.
    """

    report: Report
    rows: Mapping[str, Bools] | None = None


@dataclass(frozen=True, eq=False)
class _View:
    """One edition as one crowd sees it. here: (n,) who had answered by then; scores: of the unit, by indicator."""

    number: int
    last: bool
    here: Bools
    scores: Mapping[str, UnitScore]


def answer_systems(
    frame: Frame,
    plan: PlanSpec,
    released: Report,
    *,
    earlier: Sequence[Edition] = (),
    groupings: Sequence[Grouping] = (),
    units: Collection[str] | None = None,
    width: float = WIDTH,
) -> tuple[System, ...]:
    """One system for each unit and audience that has a secret; the others need no audit.

    frame: assessed (`assessing.assess`) or not. released: what was, or is to be, shown of it under this plan. earlier:
    what was shown before of some of its rows; that cannot be hidden any more. groupings: what is shown of groups of the
    same people. units: which to look at, None: all.
    width: points that every hidden mean must be open by; less is asked only where one published mean leaves less by
    itself (`intervals.needed_width`).
    """
    frame, _ = assess(frame, plan)
    editions = (*earlier, Edition(released))
    scores: list[dict[tuple[str, str], dict[str, UnitScore]]] = []
    for edition in editions:
        scores.append({})
        for score in edition.report.scores:
            scores[-1].setdefault((score.unit, score.audience), {})[score.indicator] = score
    found = []
    for audience in dict.fromkeys(one.audience for one in plan.indicators):
        indicators = [one for one in plan.indicators if one.audience == audience]
        for crowd in crowds(frame, plan, audience):
            if units is not None and crowd.unit not in units:
                continue
            views = [
                _View(
                    number=number,
                    last=number == len(editions) - 1,
                    here=_here(crowd, edition),
                    scores=of_all.get((crowd.unit, audience), {}),
                )
                for number, (edition, of_all) in enumerate(zip(editions, scores, strict=True))
            ]
            by = groupings_of(crowd, groupings)
            hidden = _hidden(crowd, indicators, frame, plan, views, by=by)
            if hidden:
                found.append(_Book(crowd, indicators, frame, plan, views, by=by).system(hidden, width))
    return tuple(found)


def _here(crowd: Crowd, edition: Edition) -> Bools:
    """(n,) which responses of a crowd an edition is about."""
    if edition.rows is None:
        return np.ones(len(crowd.source), dtype=np.bool_)
    here = np.zeros(len(crowd.source), dtype=np.bool_)
    for place, answers in enumerate(crowd.asked):
        of = crowd.source == place
        here[of] = edition.rows[answers.questionnaire.id][crowd.row[of]]
    return here


def _hidden(
    crowd: Crowd,
    indicators: Sequence[IndicatorSpec],
    frame: Frame,
    plan: PlanSpec,
    views: Sequence[_View],
    *,
    by: Sequence[Grouping],
) -> tuple[Hidden, ...]:
    """The secrets of every edition, those who came between two of them, and groups."""
    found: list[Hidden] = []
    for view in views:
        of_view = hidden_sets(crowd.only(view.here), indicators, frame, plan)
        tag = "" if view.last else f" @{view.number}"
        found += [replace(one, name=f"{one.name}{tag}", weights=_expanded(one.weights, view.here)) for one in of_view]
    for later in views:
        for before in views[: later.number]:
            came = later.here & ~before.here
            for one in newcomers(crowd, came, indicators, plan):
                found.append(replace(one, name=f"{one.name} @{later.number} less @{before.number}"))
    found += hidden_groups(crowd, by, indicators, frame, plan) if by else ()
    # A part that several indicators have is the same secret in each.
    return tuple({(one.weights.tobytes(), one.people): one for one in reversed(found)}.values())[::-1]


def _expanded(weights: Floats, here: Bools) -> Floats:
    """(n, C) from the (m, C) of the responses that are here."""
    whole = np.zeros((len(here), weights.shape[1]))
    whole[here] = weights
    return whole


class _Book:
    """The unknowns of one crowd, and what is said of them."""

    def __init__(
        self,
        crowd: Crowd,
        indicators: Sequence[IndicatorSpec],
        frame: Frame,
        plan: PlanSpec,
        views: Sequence[_View],
        *,
        by: Sequence[Grouping],
    ) -> None:
        self.crowd, self.indicators, self.frame, self.plan, self.views = crowd, indicators, frame, plan, views
        self.groups = [(one, one.of(crowd)) for one in by]
        self.own, self.rules = own_rule(plan), rules_of(plan)
        self.parts_of = {view.number: crowd.only(view.here) for view in views}
        self.has = ~np.isnan(crowd.points)
        self.counted = crowd.counted(self.own)
        self.of_class = classes(
            crowd,
            self.rules,
            [*(view.here for view in views), *(of for _, of in self.groups)],
            strata=any(
                is_weighted(part, one, frame, rule)
                for part in self.parts_of.values()
                for one in indicators
                for rule in self.rules
            ),
            departments=any(one.by_department for one in indicators),
        )
        self.size = np.bincount(self.of_class) if len(self.of_class) else np.zeros(0, dtype=np.intp)
        self.member = np.zeros(len(self.size), dtype=np.intp)
        self.member[self.of_class] = np.arange(len(self.of_class))
        self.shown_items = {
            (view.number, item.questionnaire, item.item): item
            for view in views
            for score in view.scores.values()
            for item in (*score.distributions, *score.items)
            if item.shown
        }
        self.unknowns: list[Unknown] = []
        self.statements: list[Statement] = []
        self.means: list[tuple[Floats, tuple[float, float]]] = []
        self.points_of: dict[tuple[int, int], Terms] = {}
        self.choices_of: dict[tuple[int, int], dict[int, int]] = {}
        for column in range(len(crowd.columns)):
            self._add_column(column)

    def system(self, hidden: Sequence[Hidden], width: float) -> System:
        """The whole system, with these sets as its secrets, each to stay open by so many points."""
        for view in self.views:
            for column in range(len(self.crowd.columns)):
                self._add_item(view, column)
            for indicator in self.indicators:
                score = view.scores.get(indicator.code)
                if score is not None and score.parts:
                    self._add_score(view, indicator, score)
        for grouping, group in self.groups:
            for indicator in self.indicators:
                self._add_groups(grouping, group, indicator)
        secrets = tuple(
            Secret(one.name, self.form(one.weights), one.people, self._needed(one.weights, width)) for one in hidden
        )
        return System(tuple(self.unknowns), tuple(self.statements), secrets)

    def _needed(self, weights: Floats, width: float) -> float:
        """Half of the least that one published mean leaves open by itself, `width` at most."""
        of_classes, room = weights[self.member].ravel(), np.repeat(100.0 * self.size, weights.shape[1])
        touching = [one for one in self.means if (one[0] * of_classes).any()]
        return min([width, *(needed_width(of_classes, shown, interval, room) for shown, interval in touching)])

    def form(self, weights: Floats) -> Terms:
        """The linear form of (n, C) weights of single answers, which are the same for all members of a class."""
        total: dict[int, float] = {}
        for (number, column), terms in self.points_of.items():
            each = float(weights[self.member[number], column])
            if each:
                for where, points in terms:
                    total[where] = total.get(where, 0.0) + each * points
        return tuple(total.items())

    def _item(self, view: _View, column: int) -> ItemStatistics | None:
        of, place = self.crowd.columns[column]
        questionnaire = self.crowd.asked[of].questionnaire
        return self.shown_items.get((view.number, questionnaire.id, questionnaire.items[place].id))

    def _add_column(self, column: int) -> None:
        """The unknowns of one item: a class's sum of points, or its choices where a distribution is shown."""
        of, place = self.crowd.columns[column]
        item = self.crowd.asked[of].questionnaire.items[place]
        points = {code: value for code, value in enumerate(keyed_points(item)) if value is not None}
        shown = [self._item(view, column) for view in self.views]
        by_choice = any(one is not None and one.counts is not None for one in shown)
        for number in np.unique(self.of_class[self.has[:, column]]).tolist():
            members, label, first = int(self.size[number]), f"{item.id} of class {number}", len(self.unknowns)
            if not by_choice or not self.counted[self.member[number]]:
                low, high = min(points.values()), max(points.values())
                self.unknowns.append(Unknown(label, members * low, members * high))
                self.points_of[number, column] = ((first, 1.0),)
                continue
            self.unknowns += [Unknown(f"{label} at {code}", 0.0, members) for code in points]
            chosen = {code: first + offset for offset, code in enumerate(points)}
            self.choices_of[number, column] = chosen
            self.points_of[number, column] = tuple((chosen[code], value) for code, value in points.items())
            terms = tuple((where, 1.0) for where in chosen.values())
            self.statements.append(Statement(f"members {label}", terms, members, members))

    def _add_item(self, view: _View, column: int) -> None:
        """An item's statistics are of the responses that count, each the same."""
        shown = self._item(view, column)
        if shown is None:
            return
        publication = item_publication(self.crowd.unit, shown.questionnaire, shown.item)
        has = self.has[:, column] & self.counted & view.here
        weights = np.zeros(self.has.shape)
        weights[has, column] = 1.0 / max(int(has.sum()), 1)
        if shown.mean is not None and has.any():
            self._tell(view, f"mean of {publication}", weights, _item_interval(shown), publication)
        for code, count in enumerate(shown.counts or ()):
            at = [
                chosen[code]
                for (number, where), chosen in self.choices_of.items()
                if where == column and code in chosen and view.here[self.member[number]]
            ]
            terms = tuple((where, 1.0) for where in at)
            self._say(view, f"{publication} at {code}", terms, (count, count), publication)

    def _add_score(self, view: _View, indicator: IndicatorSpec, score: UnitScore) -> None:
        """The parts, the score, and what is told of it under other rules."""
        publication = score_publication(self.crowd.unit, indicator.code)
        for spec, part in zip(indicator.parts, score.parts, strict=True):
            interval = shown_interval(part.score, part.lo, part.hi, exact=part.se_process is not None)
            if interval is not None:
                weights = self._part_weights(view, indicator, spec.name, self.own)
                self._tell(view, f"{publication} {spec.name}", weights, interval, publication)
        interval = shown_interval(score.score, score.lo, score.hi, exact=score.se_process is not None)
        if interval is None:
            return
        own = self._score_weights(view, indicator, self.own)
        self._tell(view, publication, own, interval, publication)
        self._add_rules(view, indicator, score, own)

    def _add_rules(self, view: _View, indicator: IndicatorSpec, score: UnitScore, own: Floats) -> None:
        """Scores under other rules. A reader knows at most which rule gives the lowest and the highest of them."""
        publication, part = rules_publication(self.crowd.unit, indicator.code), self.parts_of[view.number]

        def say(what: str, weights: Floats, lo: float, hi: float) -> None:
            self._say(view, f"{publication} {what}", self.form(weights), (lo, hi), publication)

        if score.score_all is not None:
            of_all = self._score_weights(view, indicator, everybody(self.plan))
            say("score_all", of_all, score.score_all, score.score_all)
        weighing = [(indicator.code, part.name) for part in indicator.parts if part.weight]
        forms = [
            self._score_weights(view, indicator, rule)
            for rule in grid_of(self.plan)
            if all(part.scored(key, rule).any() for key in weighing)
            and not is_overfull(part, indicator, self.frame, rule)
        ]
        values = [float(np.nansum(form * self.crowd.points)) for form in forms]
        lowest, highest = forms[int(np.argmin(values))], forms[int(np.argmax(values))]
        if score.rules_lo is not None and score.rules_hi is not None:
            for number, form in enumerate(forms):
                say(str(number), form, score.rules_lo, score.rules_hi)
            say("lowest", lowest, score.rules_lo, score.rules_lo)
            say("highest", highest, score.rules_hi, score.rules_hi)
            return
        n_cell = part.people(part.valid(indicator, self.own))
        spread = spread_of_rules(score, self.plan.disclosure.min_cell, n_cell)
        if spread is not None:
            say("spread", highest - lowest, *spread)
            for number, form in enumerate(forms):
                say(str(number), form - own, -spread[1], spread[1])

    def _add_groups(self, grouping: Grouping, group: Rows, indicator: IndicatorSpec) -> None:
        """Groups of all who are here, beside the last edition."""
        publication = group_publication(self.crowd.unit, indicator.code, grouping.item)
        for number, interval in grouping.shown.get((self.crowd.unit, indicator.code), {}).items():
            weights = score_weights(self.crowd, indicator, group == number, self.frame, self.plan)
            self._tell(self.views[-1], f"{publication}={number}", weights, interval, publication)

    def _part_weights(self, view: _View, indicator: IndicatorSpec, name: str, rule: Rule) -> Floats:
        part = self.parts_of[view.number]
        rows = weights_in_part(part, indicator, name, self.frame, rule)
        return _expanded(part.spread((indicator.code, name), rows), view.here)

    def _score_weights(self, view: _View, indicator: IndicatorSpec, rule: Rule) -> Floats:
        whole = np.zeros(self.has.shape)
        for part in indicator.parts:
            if part.weight:
                whole += part.weight * self._part_weights(view, indicator, part.name, rule)
        return whole

    def _tell(self, view: _View, name: str, weights: Floats, interval: tuple[float, float], publication: str) -> None:
        """Say a mean, and remember it."""
        self.means.append((weights[self.member].ravel(), interval))
        self._say(view, name, self.form(weights), interval, publication)

    def _say(self, view: _View, name: str, terms: Terms, interval: tuple[float, float], publication: str) -> None:
        if terms:
            label, kept = (name, publication) if view.last else (f"{name} @{view.number}", None)
            self.statements.append(Statement(label, terms, *interval, kept))


def _item_interval(shown: ItemStatistics) -> tuple[float, float]:
    """Means of items are whole numbers where their counts are hidden."""
    assert shown.mean is not None
    return rounded(shown.mean) if shown.counts is None else (shown.mean, shown.mean)

"""The answers about one unit by one audience, gathered into classes of people that no published number tells apart.

Knows rows of answers, the parts of indicators, and rules of exclusion. Must stay true: two people of a class have the
same weight in every published mean, so a statement about their sum says all that one about each of them would; weights
are those of `analysis.scores` (a test holds each against the report).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.frame import NO_DEPARTMENT, NOT_APPLICABLE, NOT_SHOWN, CodedAnswers, Frame
from analysis.linearisation import lay_out
from analysis.moments import rows_by_group
from analysis.points import keyed_points, needed_answers
from analysis.scores import UNKNOWN
from analysis.spec import NOBODY_EXCLUDED, RELATED_DEPARTMENT, IndicatorSpec, PlanSpec
from analysis.universes import kept

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Rows = NDArray[np.intp]


class Rule(NamedTuple):
    """One way of counting: excluded from so many flagged families on, share of eligible items a part needs."""

    families: int
    share: float


def own_rule(plan: PlanSpec) -> Rule:
    """The rule of the plan's scores."""
    return Rule(plan.exclude_when_families, plan.dimension_min_answered)


def grid_of(plan: PlanSpec) -> tuple[Rule, ...]:
    """The rules whose lowest and highest score a report gives, the plan's own first."""
    own = own_rule(plan)
    excluding = sorted({own.families, *plan.multiverse.exclude_when_families}) if own.families else [NOBODY_EXCLUDED]
    shares = sorted({own.share, *plan.multiverse.dimension_min_answered})
    return tuple(dict.fromkeys([own, *(Rule(families, share) for share in shares for families in excluding)]))


def rules_of(plan: PlanSpec) -> tuple[Rule, ...]:
    """All rules under which a score may be shown: the grid, and that of everybody."""
    return tuple(dict.fromkeys([*grid_of(plan), everybody(plan)]))


def everybody(plan: PlanSpec) -> Rule:
    """The plan's own rule, but nobody excluded."""
    return Rule(NOBODY_EXCLUDED, plan.dimension_min_answered)


@dataclass(frozen=True, eq=False)
class Crowd:
    """Eligible responses about one unit by one audience, all questionnaires together, those excluded too.

    asked: the questionnaires' answers. columns: (place in `asked`, item) of every scored item. source, row: (n,) into
    `asked` and into its arrays. points, eligible: (n, C) keyed points, NaN where none; whether the item was shown and
    applicable. stratum, department: (n,) as in the frame. cell: (n,) sittings, for related departments departments.
    families: (n,) as in the answers. inside: by indicator and part, (C,) the columns that it is a mean of.
    found: what `scored` has worked out already.
    """

    unit: str
    audience: str
    asked: tuple[CodedAnswers, ...]
    columns: tuple[tuple[int, int], ...]
    source: Rows
    row: Rows
    points: Floats
    eligible: Bools
    stratum: Rows
    department: Rows
    cell: Rows
    families: NDArray[np.uint8]
    inside: Mapping[tuple[str, str], Bools]
    found: dict[tuple[tuple[str, str], Rule], Bools] = field(default_factory=dict, repr=False)

    def only(self, rows: Bools) -> Crowd:
        """Some of the responses."""
        by_row = ("source", "row", "points", "eligible", "stratum", "department", "cell", "families")
        return replace(self, found={}, **{name: getattr(self, name)[rows] for name in by_row})

    def people(self, rows: Bools) -> int:
        """What `min_cell` counts among some rows."""
        return len(np.unique(self.cell[rows]))

    def counted(self, rule: Rule) -> Bools:
        """(n,) who is not excluded."""
        return np.asarray(kept(rule.families)[self.families])

    def answered(self, key: tuple[str, str]) -> Rows:
        """(n,) how many items of a part have points."""
        return np.asarray((~np.isnan(self.points[:, self.inside[key]])).sum(axis=1), dtype=np.intp)

    def scored(self, key: tuple[str, str], rule: Rule) -> Bools:
        """(n,) who has a score of a part and is not excluded."""
        if (key, rule) not in self.found:
            given, of = self.answered(key), self.eligible[:, self.inside[key]].sum(axis=1)
            enough = (given > 0) & (given >= needed_answers(rule.share)[of])
            self.found[key, rule] = np.asarray(enough & self.counted(rule))
        return self.found[key, rule]

    def person_scores(self, key: tuple[str, str]) -> Floats:
        """(n,) the mean of the items of a part that have points; 0 where none has."""
        total = np.nansum(self.points[:, self.inside[key]], axis=1)
        return np.asarray(total / np.maximum(self.answered(key), 1))

    def spread(self, key: tuple[str, str], rows: Floats) -> Floats:
        """(n, C) weights of single answers in a mean of a part, from those of the responses, (n,)."""
        each = rows / np.maximum(self.answered(key), 1)
        return np.where(~np.isnan(self.points) & self.inside[key][None, :], each[:, None], 0.0)

    def valid(self, indicator: IndicatorSpec, rule: Rule) -> Bools:
        """(n,) who has a score of any part."""
        found = np.zeros(len(self.source), dtype=np.bool_)
        for part in indicator.parts:
            found |= self.scored((indicator.code, part.name), rule)
        return found


def crowds(frame: Frame, plan: PlanSpec, audience: str) -> Iterator[Crowd]:
    """The crowd of each unit that the audience applies to, in the frame's order."""
    asked = tuple(answers for answers in frame.answers if answers.questionnaire.audience == audience)
    sorted_rows = [rows_by_group(answers.unit, len(frame.units), len(answers.unit)) for answers in asked]
    columns = tuple(
        (place, column)
        for place, answers in enumerate(asked)
        for column, item in enumerate(answers.questionnaire.items)
        if item.scored
    )
    inside = {
        (indicator.code, part.name): _inside(indicator, place, asked, columns)
        for indicator in plan.indicators
        if indicator.audience == audience
        for place, part in enumerate(indicator.parts)
    }
    for number, unit in enumerate(frame.units):
        if audience not in unit.audiences:
            continue
        rows = []
        for answers, (order, bounds) in zip(asked, sorted_rows, strict=True):
            here = slice(int(bounds[number]), int(bounds[number + 1]))
            found = np.arange(here.start, here.stop) if order is None else order[here]
            rows.append(found[answers.eligible[found]])
        yield _crowd(unit.code, audience, asked, columns=columns, rows=rows, inside=inside)


def _crowd(
    unit: str,
    audience: str,
    asked: tuple[CodedAnswers, ...],
    *,
    columns: tuple[tuple[int, int], ...],
    rows: Sequence[NDArray[np.integer[Any]]],
    inside: Mapping[tuple[str, str], Bools],
) -> Crowd:
    source = np.repeat(np.arange(len(asked)), [len(of) for of in rows])
    points = np.full((len(source), len(columns)), np.nan)
    eligible = np.zeros((len(source), len(columns)), dtype=np.bool_)
    for place, (of, column) in enumerate(columns):
        codes = asked[of].codes[rows[of], column]
        points[source == of, place] = _point_table(asked[of], column)[codes.view(np.uint8)]
        eligible[source == of, place] = (codes != NOT_APPLICABLE) & (codes != NOT_SHOWN)

    def joined(arrays: Sequence[NDArray[Any]]) -> Rows:
        return np.concatenate([*(array[of] for array, of in zip(arrays, rows, strict=True)), []]).astype(np.intp)

    department = joined([answers.department for answers in asked])
    sitting = joined([answers.sitting for answers in asked])
    families = joined(
        [
            np.zeros(len(answers.codes), dtype=np.uint8) if answers.families is None else answers.families
            for answers in asked
        ]
    )
    return Crowd(
        unit=unit,
        audience=audience,
        asked=asked,
        columns=columns,
        source=source,
        row=np.concatenate([*rows, []]).astype(np.intp),
        points=points,
        eligible=eligible,
        stratum=joined([answers.stratum for answers in asked]),
        department=department,
        cell=own_departments(department) if audience == RELATED_DEPARTMENT else sitting,
        families=families.astype(np.uint8),
        inside=inside,
    )


def own_departments(department: Rows) -> Rows:
    """Departments, a response that names none being its own."""
    own = int(department.max(initial=NO_DEPARTMENT)) + 1 + np.arange(len(department))
    return np.where(department == NO_DEPARTMENT, own, department)


def weights_in_part(crowd: Crowd, indicator: IndicatorSpec, part: str, frame: Frame, rule: Rule) -> Floats:
    """(n,) what each response's score of a part weighs in the unit's mean of it; they sum to 1, all 0 with nobody.

    Every response 1/n; departments 1/(G m_g), G departments with m_g responses each; post-stratified W_h/n_h over the
    sum of these, lone answers merged as `analysis.linearisation` does.
    """
    scored = crowd.scored((indicator.code, part), rule)
    if indicator.by_department:
        _, place = np.unique(own_departments(crowd.department), return_inverse=True)
        members = np.bincount(place[scored], minlength=len(place))
        weight = np.where(scored, 1.0 / np.maximum(members[place], 1), 0.0)
    elif is_weighted(crowd, indicator, frame, rule):
        counts = np.bincount(crowd.stratum[crowd.valid(indicator, rule)], minlength=len(frame.strata))
        sizes = _sizes(crowd, frame)[None, :]
        layout = lay_out(counts[None, :].astype(np.float64), sizes=sizes, shares=np.nan_to_num(sizes), finite=False)
        of = layout.target[0][crowd.stratum]
        weight = np.where(scored, layout.share[0][of] / np.maximum(layout.n[0][of], 1), 0.0)
    else:
        weight = scored.astype(np.float64)
    total = float(weight.sum())
    return np.asarray(weight / total if total > 0 else np.zeros(len(weight)))


def is_weighted(crowd: Crowd, indicator: IndicatorSpec, frame: Frame, rule: Rule) -> bool:
    """Whether the unit's strata are weighted by size: asked for, and every stratum that answered has a known one."""
    if indicator.strata is None or indicator.by_department:
        return False
    sizes = _sizes(crowd, frame)
    answered = np.bincount(crowd.stratum[crowd.valid(indicator, rule)], minlength=len(sizes)) > 0
    open_link = frame.fieldwork.get((crowd.unit, crowd.audience), UNKNOWN).open_link
    sized = np.nan_to_num(sizes) > 0 if open_link else ~np.isnan(sizes)
    return bool(sized[answered].all() and sized.any())


def is_overfull(crowd: Crowd, indicator: IndicatorSpec, frame: Frame, rule: Rule) -> bool:
    """Whether more answered than there are, in all or in a weighted stratum: then there is no score under this rule."""
    if frame.fieldwork.get((crowd.unit, crowd.audience), UNKNOWN).open_link:
        return False
    sizes, valid = _sizes(crowd, frame), crowd.valid(indicator, rule)
    counts = np.bincount(crowd.stratum[valid], minlength=len(sizes))
    if is_weighted(crowd, indicator, frame, rule):
        return bool((counts > sizes).any())
    unsized, named = np.isnan(sizes), np.array([stratum is not None for stratum in frame.strata])
    if bool(((counts > 0) & unsized)[named].any()) and bool(unsized[~named].all()):
        return False  # some answered from outside what is sized, so the size of the whole is not known
    members = own_departments(crowd.department)[valid] if indicator.by_department else np.flatnonzero(valid)
    return bool(not np.isnan(sizes).all() and len(np.unique(members)) > np.nansum(sizes))


def classes(
    crowd: Crowd, rules: Sequence[Rule], told: Sequence[Bools | Rows], *, strata: bool, departments: bool
) -> Rows:
    """(n,) the class of each response: same questionnaire, same items answered, same under every rule, same weight.

    told: (n,) by edition, who had answered by then; by breakdown, who is in which group. strata, departments: whether
    these decide on weights.
    """
    keys: list[NDArray[Any]] = [crowd.source, *(~np.isnan(crowd.points)).T]
    keys += told
    keys += [crowd.scored(key, rule) for key in crowd.inside for rule in rules]
    if strata:
        keys.append(crowd.stratum)
    if departments:
        keys.append(own_departments(crowd.department))
    if not len(crowd.source):
        return np.empty(0, dtype=np.intp)
    table = np.stack([np.asarray(key, dtype=np.int64) for key in (*keys, *_kept_by(crowd, rules))], axis=1)
    _, found = np.unique(table, axis=0, return_inverse=True)
    return np.asarray(found, dtype=np.intp).reshape(-1)


def _kept_by(crowd: Crowd, rules: Sequence[Rule]) -> list[Bools]:
    """Who is counted by each number of families: an excluded response is in no item's statistics."""
    return [crowd.counted(Rule(families, 0.0)) for families in dict.fromkeys(rule.families for rule in rules)]


def _sizes(crowd: Crowd, frame: Frame) -> Floats:
    """(H,) members of each stratum of the unit, NaN unknown."""
    found = [frame.population.get((crowd.unit, crowd.audience, stratum)) for stratum in frame.strata]
    return np.array([np.nan if size is None else size for size in found], dtype=np.float64)


def _inside(
    indicator: IndicatorSpec, part: int, asked: Sequence[CodedAnswers], columns: Sequence[tuple[int, int]]
) -> Bools:
    wanted = {
        (place, column)
        for place, answers in enumerate(asked)
        if not indicator.questionnaires or answers.questionnaire.id in indicator.questionnaires
        for column in answers.questionnaire.columns_of(indicator.parts[part])
    }
    return np.array([column in wanted for column in columns], dtype=np.bool_)


def _point_table(answers: CodedAnswers, column: int) -> Floats:
    """Points by code seen as an unsigned byte, (256,), NaN where the code has none."""
    table = np.full(256, np.nan)
    for code, points in enumerate(keyed_points(answers.questionnaire.items[column]), start=1):
        if points is not None:
            table[code] = points
    return table

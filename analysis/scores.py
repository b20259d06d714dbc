"""From persons' part scores to the means of units: who is averaged, by what weights, in which population.

Knows how an indicator's answers are put together and what the frame says of each unit. The formulas are in
`analysis.means`. Must stay true: dimensions are averaged to the unit first and weighted then; strata are weighted only
where the size of every stratum that answered is known, all responses of a unit counting the same otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.frame import NO_DEPARTMENT, Fieldwork, Frame
from analysis.means import LinearScore, department_scores_of_sums, scores_of_sums
from analysis.points import ABSENT, SortedAnswers, part_values, point_scale
from analysis.score_sums import ScoreSums, score_sums
from analysis.spec import RELATED_DEPARTMENT, IndicatorSpec, PlanSpec

UNKNOWN = Fieldwork()


@dataclass(frozen=True, eq=False)
class Persons:
    """The eligible responses of one indicator, questionnaire after questionnaire.

    values: int64 (n, parts), a person's score of a part times `scale`, ABSENT where too little was answered.
    valid: bool (n,), a score of any part and not excluded. excluded: bool (n,), left out for the response's quality.
    families: uint8 (n,), the quality families that flagged it, a bit each.
    unit, stratum, department, sitting: int32 (n,) as in `CodedAnswers`.
    """

    values: NDArray[np.int64]
    scale: int
    valid: NDArray[np.bool_]
    excluded: NDArray[np.bool_]
    families: NDArray[np.uint8]
    unit: NDArray[np.int32]
    stratum: NDArray[np.int32]
    department: NDArray[np.int32]
    sitting: NDArray[np.int32]

    @property
    def answered(self) -> NDArray[np.bool_]:
        """(n, parts) who has a score of a part and is not excluded."""
        return np.asarray((self.values != ABSENT) & ~self.excluded[:, None])


def persons_of(indicator: IndicatorSpec, sources: Sequence[SortedAnswers], min_answered: float) -> Persons:
    """Score the parts of every response; a part that a questionnaire does not ask stays missing there."""
    columns = [[source.source.questionnaire.columns_of(part) for part in indicator.parts] for source in sources]
    items = [source.source.questionnaire.items for source in sources]
    scale = point_scale(
        [[asked[column] for column in part] for asked, parts in zip(items, columns, strict=True) for part in parts]
    )
    scored = [
        part_values(source.codes, asked, parts, min_answered, scale)
        for source, asked, parts in zip(sources, items, columns, strict=True)
    ]
    values = np.concatenate(
        [np.empty((len(indicator.parts), 0), dtype=np.int64), *(part.T for part in scored)], axis=1
    ).T
    excluded = _joined([source.excluded for source in sources], np.bool_)
    return Persons(
        values=values,
        scale=scale.scale,
        valid=(values != ABSENT).any(axis=1) & ~excluded,
        excluded=excluded,
        families=_joined([source.families for source in sources], np.uint8),
        unit=_joined([source.unit for source in sources], np.int32),
        stratum=_joined([source.stratum for source in sources], np.int32),
        department=_joined([source.department for source in sources], np.int32),
        sitting=_joined([source.sitting for source in sources], np.int32),
    )


def _joined(arrays: Sequence[NDArray[Any]], dtype: type[np.generic]) -> NDArray[Any]:
    return arrays[0] if len(arrays) == 1 else np.concatenate([np.empty(0, dtype=dtype), *arrays])


def sums_of(indicator: IndicatorSpec, persons: Persons) -> ScoreSums:
    """Everything that the indicator's scores follow from, whatever rule leaves responses out."""
    group = persons.department if indicator.by_department else persons.stratum
    return score_sums(persons.values, persons.unit, group, persons.families, persons.scale)


@dataclass(frozen=True, eq=False)
class Cells:
    """Who is counted once in a unit whatever the number of responses: sittings, or departments.

    pair: (n,) a number for each distinct unit and sitting (or department), None where every row is one of its own.
    """

    unit: NDArray[np.int32]
    n_units: int
    pair: NDArray[np.intp] | None
    unit_of_pair: NDArray[np.int32]

    def count(self, rows: NDArray[np.bool_]) -> NDArray[np.int64]:
        """How many distinct ones stand behind some rows, int64 (n_units,)."""
        if self.pair is None:
            return np.bincount(self.unit[rows], minlength=self.n_units)
        seen = np.zeros(len(self.unit_of_pair), dtype=np.bool_)
        seen[self.pair[rows]] = True
        return np.bincount(self.unit_of_pair[seen], minlength=self.n_units)


def sitting_cells(unit: NDArray[np.int32], sitting: NDArray[np.int32], n_units: int) -> Cells:
    """Count sittings: several responses of one person about one unit are one."""
    if len(sitting) and int(sitting.max()) < 8 * len(sitting) and int(np.bincount(sitting).max()) == 1:
        return Cells(unit, n_units, None, unit)
    return _paired(unit, sitting.astype(np.int64), n_units)


def department_cells(unit: NDArray[np.int32], department: NDArray[np.int32], n_units: int) -> Cells:
    """Count departments; a response that names none is its own."""
    own = int(department.max(initial=NO_DEPARTMENT)) + 1 + np.arange(len(department), dtype=np.int64)
    return _paired(unit, np.where(department == NO_DEPARTMENT, own, department), n_units)


def cells_of(audience: str, persons: Persons | SortedAnswers, n_units: int) -> Cells:
    """What `min_cell` counts for an audience: departments for related departments, sittings elsewhere."""
    if audience == RELATED_DEPARTMENT:
        return department_cells(persons.unit, persons.department, n_units)
    return sitting_cells(persons.unit, persons.sitting, n_units)


def _paired(unit: NDArray[np.int32], key: NDArray[np.int64], n_units: int) -> Cells:
    width = int(key.max(initial=0)) + 1
    pairs, pair = np.unique(unit.astype(np.int64) * width + key, return_inverse=True)
    return Cells(unit, n_units, pair, (pairs // width).astype(np.int32))


@dataclass(frozen=True, eq=False)
class Design:
    """What the frame says of one audience, unit by unit.

    sizes: float64 (J, H) members of each stratum, NaN unknown. named: bool (H,), False for the stratum of those without
    one. fieldwork: counts and flags by unit.
    """

    sizes: NDArray[np.float64]
    named: NDArray[np.bool_]
    fieldwork: tuple[Fieldwork, ...]

    @property
    def open_link(self) -> NDArray[np.bool_]:
        """(J,) whether it is unknown who was asked."""
        return np.array([known.open_link for known in self.fieldwork], dtype=np.bool_)

    @property
    def people(self) -> NDArray[np.float64]:
        """(J,) members of all strata together, NaN where any size is not known, or nobody knows who was asked."""
        known = np.where(np.isnan(self.sizes).all(axis=1), np.nan, np.nansum(self.sizes, axis=1))
        return np.where(self.open_link, np.nan, known)

    def population(self, by_stratum: NDArray[np.int64]) -> NDArray[np.float64]:
        """(J,) members of all strata; NaN without any size, and where a stratum that answered stands outside the sum.

        by_stratum: (J, H) valid responses. Those without a stratum may belong to any, a size without one may hold any.
        """
        unsized = np.isnan(self.sizes)
        outside = ((by_stratum > 0) & unsized)[:, self.named].any(axis=1) & unsized[:, ~self.named].all(axis=1)
        return np.where(outside | unsized.all(axis=1), np.nan, np.nansum(self.sizes, axis=1))


def design_of(audience: str, frame: Frame) -> Design:
    """Collect sizes and fieldwork of one audience."""
    sizes = np.array(
        [
            [frame.population.get((unit.code, audience, stratum), np.nan) for stratum in frame.strata]
            for unit in frame.units
        ],
        dtype=np.float64,
    ).reshape(len(frame.units), len(frame.strata))
    return Design(
        sizes=sizes,
        named=np.array([stratum is not None for stratum in frame.strata], dtype=np.bool_),
        fieldwork=tuple(frame.fieldwork.get((unit.code, audience), UNKNOWN) for unit in frame.units),
    )


@dataclass(frozen=True, eq=False)
class UnitMeans:
    """Means of all units, with the counts by stratum that explain them.

    weighted: (J,) whether strata were weighted by size. by_stratum: (J, H) valid responses. population: (J,) N, NaN
    unknown.
    """

    scores: tuple[LinearScore, ...]
    weighted: NDArray[np.bool_]
    by_stratum: NDArray[np.int64]
    population: NDArray[np.float64]


def counts_by_stratum(persons: Persons, design: Design) -> NDArray[np.int64]:
    """(J, H) valid responses."""
    n_units, n_strata = design.sizes.shape
    cell = persons.unit[persons.valid] * np.int64(n_strata) + persons.stratum[persons.valid]
    return np.bincount(cell, minlength=n_units * n_strata).reshape(n_units, n_strata)


def unit_means(
    indicator: IndicatorSpec, sums: ScoreSums, by_stratum: NDArray[np.int64], design: Design, plan: PlanSpec
) -> UnitMeans:
    """Average persons (or departments) to units, as the indicator's levels and strata say.

    sums: of the responses that count. by_stratum: (J, H) how many those are. An open link and a plan about the process
    get no finite population correction.
    """
    n_units = len(design.sizes)
    weights = np.array([part.weight for part in indicator.parts])
    finite = plan.population == "finite"
    population = design.population(by_stratum)
    # To an open link sizes are unknown: without a correction, and free to bring more answers than there are members.
    members = np.where(design.open_link, np.nan, population)
    if indicator.by_department:
        scores = department_scores_of_sums(sums, weights, n_units, sizes=members, finite=finite, level=plan.confidence)
        return UnitMeans(scores, np.zeros(n_units, dtype=np.bool_), by_stratum, population)
    weighted = _weighted(indicator, design, by_stratum)
    whole = np.full_like(design.sizes, 0.0)
    whole[:, 0] = 1.0
    shares = np.where(weighted[:, None], np.nan_to_num(design.sizes), whole)
    sizes = np.where(weighted[:, None], design.sizes, whole * members[:, None])
    sizes[design.open_link] = np.nan
    scores = scores_of_sums(
        sums,
        weights,
        n_units,
        sizes=sizes,
        shares=shares,
        pooled=~weighted,
        finite=finite,
        level=plan.confidence,
    )
    return UnitMeans(scores, weighted, by_stratum, population)


def _weighted(indicator: IndicatorSpec, design: Design, by_stratum: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(J,) whether a unit's strata can be weighted: asked for, and every stratum that answered has a known size.

    A stratum of nobody that answered is a wrong frame (n > N); to an open link, which may bring more answers than the
    frame has members, it is a stratum of unknown size.
    """
    if indicator.strata is None:
        return np.zeros(len(by_stratum), dtype=np.bool_)
    sized = np.where(design.open_link[:, None], design.sizes > 0, ~np.isnan(design.sizes))
    return np.asarray(((by_stratum == 0) | sized).all(axis=1) & sized.any(axis=1))

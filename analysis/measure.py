"""Everything that is measured about one indicator, for all units at once.

Knows the order of the steps; each has a module of its own. Must stay true: one pass over the answers an indicator; what
is said of a unit later is read from here and computed from nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.agreement.severity import RaterModel
from analysis.comparison.drivers import Drivers
from analysis.comparison.multiverse import Envelope, multiverse
from analysis.consistency import Consistency, consistency_of
from analysis.frame import Frame
from analysis.items import item_statistics
from analysis.overall import ResponseQuality
from analysis.points import SortedAnswers, without
from analysis.priorities import drivers_of
from analysis.rating import raters_of
from analysis.results import ItemStatistics
from analysis.scores import (
    Design,
    UnitMeans,
    cells_of,
    counts_by_stratum,
    design_of,
    persons_of,
    sums_of,
    unit_means,
)
from analysis.spec import RELATED_DEPARTMENT, IndicatorSpec, PlanSpec, QuestionnaireSpec
from analysis.tallies import Tally, tally
from analysis.universes import Universes, kept, universes


@dataclass(frozen=True, eq=False)
class Measured:
    """One indicator: means and counts as arrays by unit, items and distributions as one tuple a unit.

    consistency: one for each questionnaire that asks a scored item, in the order of `tally.valid_by_source` where
    `asked` is True.
    """

    indicator: IndicatorSpec
    design: Design
    means: UnitMeans
    universes: Universes
    envelopes: tuple[Envelope, ...]
    tally: Tally
    items: tuple[tuple[ItemStatistics, ...], ...]
    distributions: tuple[tuple[ItemStatistics, ...], ...]
    consistency: tuple[Consistency | None, ...]
    quality: tuple[ResponseQuality, ...]
    raters: RaterModel | None
    drivers: Drivers | None


def measure(
    frame: Frame,
    plan: PlanSpec,
    indicator: IndicatorSpec,
    sources: Sequence[SortedAnswers],
    quality: Sequence[ResponseQuality],
    *,
    describe: bool = True,
) -> Measured:
    """Measure one indicator. describe: as in `report.build`.

    ValueError where it has a part that none of its answered questionnaires asks.
    """
    n_units = len(frame.units)
    of_audience = [source for source in sources if source.source.questionnaire.audience == indicator.audience]
    wanted = indicator.questionnaires
    chosen = [source for source in of_audience if not wanted or source.source.questionnaire.id in wanted]
    for part in indicator.parts:
        if chosen and not any(source.source.questionnaire.columns_of(part) for source in chosen):
            raise ValueError(f"indicator {indicator.code}: no questionnaire asks a scored item of {part.name}")
    persons = persons_of(indicator, chosen, plan.dimension_min_answered)
    design = design_of(indicator.audience, frame)
    sums, by_stratum = sums_of(indicator, persons), counts_by_stratum(persons, design)
    counted = [without(source, source.excluded) for source in chosen]
    items, distributions = _items(indicator, counted if describe else (), design)
    counting = sums.where(kept(plan.exclude_when_families))
    means = unit_means(indicator, counting, by_stratum, design, plan)
    others = universes(indicator, chosen, persons, sums, design=design, plan=plan, by_stratum=by_stratum)
    return Measured(
        indicator=indicator,
        design=design,
        means=means,
        universes=others,
        envelopes=multiverse(others.scores, [found.score for found in means.scores]),
        tally=tally(
            indicator,
            persons,
            [source.source for source in chosen],
            [source.source for source in of_audience],
            by_stratum,
        ),
        items=items,
        distributions=distributions,
        consistency=tuple(
            consistency_of(
                indicator, source, tuple(unit.code for unit in frame.units), plan.confidence, describe=describe
            )
            for source in counted
        ),
        quality=tuple(
            found
            for found in quality
            if any(found.questionnaire == source.source.questionnaire.id for source in chosen)
        ),
        raters=raters_of(indicator, counting, n_units, len(frame.departments), plan.confidence) if describe else None,
        drivers=drivers_of(indicator, persons, n_units, plan.confidence) if describe else None,
    )


def _items(
    indicator: IndicatorSpec, chosen: Sequence[SortedAnswers], design: Design
) -> tuple[tuple[tuple[ItemStatistics, ...], ...], tuple[tuple[ItemStatistics, ...], ...]]:
    """Statistics of the scored items, and of the items shown as distributions only, one tuple a unit."""
    n_units = len(design.sizes)
    people = None if indicator.audience == RELATED_DEPARTMENT else design.people
    items: list[tuple[ItemStatistics, ...]] = [()] * n_units
    distributions: list[tuple[ItemStatistics, ...]] = [()] * n_units
    for source in chosen:
        questionnaire = source.source.questionnaire
        cells = cells_of(indicator.audience, source, n_units)
        scored = item_statistics(source, _scored_columns(indicator, questionnaire), cells, people)
        shown = [questionnaire.column(item) for item in indicator.distributions]
        beside = item_statistics(source, [(column, None) for column in shown if column is not None], cells, people)
        for unit in range(n_units):
            items[unit] += scored[unit]
            distributions[unit] += beside[unit]
    return tuple(items), tuple(distributions)


def _scored_columns(indicator: IndicatorSpec, questionnaire: QuestionnaireSpec) -> list[tuple[int, str | None]]:
    """Columns of the indicator's items, each with the first part that it belongs to."""
    part_of: dict[int, str | None] = {}
    for part in indicator.parts:
        for column in questionnaire.columns_of(part):
            part_of.setdefault(column, part.name)
    return list(part_of.items())

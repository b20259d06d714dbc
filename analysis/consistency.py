"""The reliability block of an indicator: which items one α is taken over, of whom, and when it may be read.

Knows which statistics belong together; each is defined in `analysis.reliability`. Must stay true:
one α never spans two scales or two questionnaires; it is taken over order ranks of complete responses; over all units
it is pooled within them; under 30 complete responses there is no number at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.estimate import Estimate
from analysis.moments import grouped_moments
from analysis.points import SortedAnswers, keyed_ranks
from analysis.reliability.alpha import (
    alpha_if_deleted,
    cronbach_alpha,
    feldt_interval,
    influence_interval,
    item_rest_correlations,
    standardized_alpha,
)
from analysis.reliability.omega import omega_total
from analysis.results import Reliability
from analysis.spec import IndicatorSpec, QuestionnaireSpec

MIN_COMPLETE = 30  # fewer complete responses make α "not assessable"


@dataclass(frozen=True, eq=False)
class Consistency:
    """Reliability of one indicator in one questionnaire: over all units, and of every unit with enough."""

    questionnaire: str
    pooled: Reliability
    by_unit: Mapping[int, Reliability]


@dataclass(frozen=True)
class _Scale:
    """The items of one α: their columns in the questionnaire, their names, and who was left out of it."""

    indicator: str
    questionnaire: str
    scale: str
    columns: tuple[int, ...]
    items: tuple[str, ...]
    other_items: tuple[str, ...]


def consistency_of(
    indicator: IndicatorSpec, source: SortedAnswers, unit_codes: tuple[str, ...], level: float
) -> Consistency | None:
    """α and its company for one questionnaire; None if it asks no scored item of the indicator.

    level: confidence of the intervals. Two items or more on one scale make an α; with one, its status says so.
    """
    questionnaire = source.source.questionnaire
    scale = _scale_of(indicator, questionnaire)
    if scale is None:
        return None
    ranks = keyed_ranks(source.codes, questionnaire.items, scale.columns)
    complete = ranks.min(axis=1) > 0 if len(ranks) else np.zeros(0, dtype=np.bool_)
    unit = source.unit
    if not complete.all():
        ranks, unit = ranks[complete], unit[complete]
    sums = grouped_moments(ranks, unit, len(unit_codes))
    if len(ranks) < MIN_COMPLETE:
        return Consistency(questionnaire.id, _not_assessable(scale, len(ranks)), {})
    influence = influence_interval(ranks, level, unit, len(unit_codes))
    pooled = _block(
        scale,
        None,
        sums.within_covariance(),
        n=len(ranks),
        worth=sums.within_df + 1,
        influence=influence,
        level=level,
    )
    bounds = np.concatenate(([0], np.cumsum(sums.n)))
    by_unit = {}
    for number in np.flatnonzero(sums.n >= MIN_COMPLETE).tolist():
        rows = ranks[bounds[number] : bounds[number + 1]]
        covariance = sums.unit(number).covariance()
        influence = influence_interval(rows, level)
        by_unit[number] = _block(
            scale,
            unit_codes[number],
            covariance,
            n=len(rows),
            worth=len(rows),
            influence=influence,
            level=level,
        )
    return Consistency(questionnaire.id, pooled, by_unit)


def _scale_of(indicator: IndicatorSpec, questionnaire: QuestionnaireSpec) -> _Scale | None:
    """The scale with the most scored items of the indicator; the earlier one of two that have as many."""
    columns = sorted({column for part in indicator.parts for column in questionnaire.columns_of(part)})
    if not columns:
        return None
    counts = Counter(questionnaire.items[column].scale for column in columns)
    scale = counts.most_common(1)[0][0]
    on_scale = tuple(column for column in columns if questionnaire.items[column].scale == scale)
    return _Scale(
        indicator=indicator.code,
        questionnaire=questionnaire.id,
        scale=scale,
        columns=on_scale,
        items=tuple(questionnaire.items[column].id for column in on_scale),
        other_items=tuple(questionnaire.items[column].id for column in columns if column not in on_scale),
    )


def _block(
    scale: _Scale,
    unit: str | None,
    covariance: NDArray[np.float64],
    *,
    n: int,
    worth: int,
    influence: Estimate,
    level: float,
) -> Reliability:
    """Everything that one covariance matrix says.

    n: complete responses. worth: responses of a single group that the matrix is worth (pooled: degrees of freedom + 1).
    """
    alpha, omega = cronbach_alpha(covariance, worth), omega_total(covariance, worth)
    feldt = feldt_interval(alpha, worth, len(covariance), level)
    variances = np.diagonal(covariance)
    return Reliability(
        indicator=scale.indicator,
        questionnaire=scale.questionnaire,
        unit=unit,
        scale=scale.scale,
        items=scale.items,
        other_items=scale.other_items,
        n=n,
        assessable=True,
        status=alpha.status,
        alpha=alpha.value,
        feldt_lo=feldt.lo,
        feldt_hi=feldt.hi,
        influence_se=influence.se,
        influence_lo=influence.lo,
        influence_hi=influence.hi,
        standardized_alpha=standardized_alpha(covariance, worth).value,
        omega=omega.value,
        omega_status=omega.status,
        item_rest=tuple(found.value for found in item_rest_correlations(covariance, worth)),
        alpha_if_deleted=tuple(found.value for found in alpha_if_deleted(covariance, worth)),
        constant_items=tuple(item for item, variance in zip(scale.items, variances, strict=True) if variance <= 0),
    )


def _not_assessable(scale: _Scale, n: int) -> Reliability:
    """The block of an indicator with too few complete responses: their number, and no other."""
    nothing = (None,) * len(scale.items)
    return Reliability(
        indicator=scale.indicator,
        questionnaire=scale.questionnaire,
        unit=None,
        scale=scale.scale,
        items=scale.items,
        other_items=scale.other_items,
        n=n,
        assessable=False,
        status=None,
        alpha=None,
        feldt_lo=None,
        feldt_hi=None,
        influence_se=None,
        influence_lo=None,
        influence_hi=None,
        standardized_alpha=None,
        omega=None,
        omega_status=None,
        item_rest=nothing,
        alpha_if_deleted=nothing,
        constant_items=(),
    )

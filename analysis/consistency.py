"""The reliability and agreement of an indicator: which items one α is taken over, of whom, and when it may be read.

Knows which statistics belong together; each is defined in `analysis.reliability` and `analysis.agreement`, and all
follow from one set of exact sums. Must stay true:
one α never spans two scales or two questionnaires; it is taken over order ranks of complete responses; over all units
it is pooled within them; under 30 complete responses there is no number at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from analysis.agreement.units import UnitSums, icc1, icc2, one_way
from analysis.agreement.within import r_wg_j
from analysis.construct_validity import validity
from analysis.moments import GroupedMoments
from analysis.overall import Agreement, Reliability, UnitAgreement, Validity
from analysis.points import SortedAnswers, keyed_ranks
from analysis.reliability.alpha import influence_of_sums
from analysis.reliability.influence import InfluenceSums, influence_sums
from analysis.reliability.multilevel import multilevel_alpha
from analysis.reliability.summary import reliability_from
from analysis.spec import IndicatorSpec, QuestionnaireSpec

GROUP_FACTORS = 3
MIN_COMPLETE = 30  # fewer complete responses make α "not assessable"


@dataclass(frozen=True, eq=False)
class Consistency:
    """Reliability and agreement of one indicator in one questionnaire: over all units, and of units with enough."""

    questionnaire: str
    pooled: Reliability
    by_unit: Mapping[int, Reliability]
    agreement: Agreement
    agreement_by_unit: Mapping[int, UnitAgreement]
    validity: Validity | None


@dataclass(frozen=True)
class _Scale:
    """The items of one α: their columns in the questionnaire, choices, names, and who was left out of it."""

    indicator: str
    questionnaire: str
    scale: str
    columns: tuple[int, ...]
    options: int
    items: tuple[str, ...]
    other_items: tuple[str, ...]


def consistency_of(
    indicator: IndicatorSpec,
    source: SortedAnswers,
    unit_codes: tuple[str, ...],
    level: float,
    *,
    describe: bool = True,
) -> Consistency | None:
    """α and its company for one questionnaire; None if it asks no scored item of the indicator.

    level: confidence of the intervals. Two items or more on one scale make an α; with one, its status says so.
    describe: as in `report.build`; what gates read, α over all units, is there without.
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
    sums = influence_sums(ranks, unit, len(unit_codes))
    agreement = _agreement(scale, sums.grouped(), level)
    by_unit_agreement = _agreement_by_unit(scale, sums.grouped())
    if len(ranks) < MIN_COMPLETE:
        pooled = _not_assessable(scale, len(ranks))
        return Consistency(questionnaire.id, pooled, {}, agreement, by_unit_agreement, None)
    # A general factor beside others costs a rotation, and a single unit has too few answers to tell them apart.
    pooled = _block(scale, None, sums, n=len(ranks), level=level, group_factors=GROUP_FACTORS if describe else 0)
    if not describe:
        return Consistency(questionnaire.id, pooled, {}, agreement, by_unit_agreement, None)
    by_unit = {
        number: _block(scale, unit_codes[number], sums.unit(number), n=int(sums.n[number]), level=level)
        for number in np.flatnonzero(sums.n >= MIN_COMPLETE).tolist()
    }
    of_items = validity(
        (scale.indicator, scale.questionnaire),
        sums.covariance(),
        sums.grouped().within_df + 1,
        ranks=ranks,
        options=scale.options,
        dimensions=[questionnaire.items[column].dimension for column in scale.columns],
    )
    return Consistency(questionnaire.id, pooled, by_unit, agreement, by_unit_agreement, of_items)


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
        options=max(len(questionnaire.items[column].codes) for column in on_scale),
        items=tuple(questionnaire.items[column].id for column in on_scale),
        other_items=tuple(questionnaire.items[column].id for column in columns if column not in on_scale),
    )


def _block(
    scale: _Scale, unit: str | None, sums: InfluenceSums, *, n: int, level: float, group_factors: int = 0
) -> Reliability:
    """Everything that the sums of one unit, or those of all units pooled within them, say.

    n: complete responses. In formulas a pooled matrix is worth its degrees of freedom + 1 responses.
    """
    moments = sums.grouped()
    worth = n if unit is not None else moments.within_df + 1
    covariance = sums.covariance()
    found = reliability_from(
        covariance, worth, influence_of_sums(sums, level), level=level, group_factors=group_factors
    )
    levels = None if unit is not None else multilevel_alpha(moments, level)
    influence, variances = found.influence, np.diagonal(covariance)
    return Reliability(
        indicator=scale.indicator,
        questionnaire=scale.questionnaire,
        unit=unit,
        scale=scale.scale,
        items=scale.items,
        other_items=scale.other_items,
        n=n,
        assessable=True,
        status=found.alpha.status,
        coefficient=found.coefficient.value,
        alpha=found.alpha.value,
        feldt_lo=found.feldt.lo,
        feldt_hi=found.feldt.hi,
        bonett_lo=found.bonett.lo,
        bonett_hi=found.bonett.hi,
        influence_se=None if influence is None else influence.se,
        influence_lo=None if influence is None else influence.lo,
        influence_hi=None if influence is None else influence.hi,
        standardized_alpha=found.standardized_alpha.value,
        omega=found.omega_total.value,
        omega_status=found.omega_total.status,
        omega_hierarchical=found.omega_hierarchical.value,
        omega_hierarchical_status=found.omega_hierarchical.status if group_factors else None,
        lambda2=found.lambda2.value,
        split_least=found.split_half.least.value,
        split_greatest=found.split_half.greatest.value,
        alpha_total=None if levels is None else levels.total.value,
        alpha_between=None if levels is None else levels.between.value,
        alpha_between_lo=None if levels is None else levels.between.lo,
        alpha_between_hi=None if levels is None else levels.between.hi,
        alpha_between_status=None if levels is None else levels.between.status,
        item_rest=tuple(estimate.value for estimate in found.item_rest),
        alpha_if_deleted=tuple(estimate.value for estimate in found.alpha_if_deleted),
        constant_items=tuple(item for item, variance in zip(scale.items, variances, strict=True) if variance <= 0),
    )


def _agreement(scale: _Scale, sums: GroupedMoments, level: float) -> Agreement:
    """Of persons' totals over the items; means would only be a fixed number of times smaller."""
    totals = UnitSums(sums.n, sums.s.sum(axis=1).astype(np.float64), sums.q.sum(axis=(1, 2)).astype(np.float64))
    anova = one_way(totals)
    single, mean = icc1(anova, level=level), icc2(anova, level=level)
    return Agreement(
        indicator=scale.indicator,
        questionnaire=scale.questionnaire,
        n_units=int(np.count_nonzero(sums.n)),
        status=single.status,
        icc1=single.value,
        icc1_lo=single.lo,
        icc1_hi=single.hi,
        icc2=mean.value,
        f=anova.f,
        p=anova.p,
    )


def _agreement_by_unit(scale: _Scale, sums: GroupedMoments) -> dict[int, UnitAgreement]:
    """Of the units with any complete response."""
    items = [
        UnitSums(sums.n, sums.s[:, j].astype(np.float64), sums.q[:, j, j].astype(np.float64))
        for j in range(len(scale.items))
    ]
    if scale.options < 2:
        return {}
    even = r_wg_j(items, scale.options)
    skewed = r_wg_j(items, scale.options, "slight_skew")
    return {
        number: UnitAgreement(
            questionnaire=scale.questionnaire,
            n=int(sums.n[number]),
            status=even[number].status,
            r_wg_j=even[number].value,
            r_wg_j_skewed=skewed[number].value,
        )
        for number in np.flatnonzero(sums.n).tolist()
    }


def _not_assessable(scale: _Scale, n: int) -> Reliability:
    """The block of an indicator with too few complete responses: their number, and no other."""
    nothing = (None,) * len(scale.items)
    said: dict[str, Any] = dict.fromkeys(found.name for found in fields(Reliability))
    return Reliability(
        **said
        | {
            "indicator": scale.indicator,
            "questionnaire": scale.questionnaire,
            "scale": scale.scale,
            "items": scale.items,
            "other_items": scale.other_items,
            "n": n,
            "assessable": False,
            "item_rest": nothing,
            "alpha_if_deleted": nothing,
            "constant_items": (),
        }
    )

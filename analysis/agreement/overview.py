"""Everything about agreement in one call: of the members of units, and of raters of the same subjects.

Knows the functions it puts together. Must stay true: one item's hole is not another's; each Estimate says for itself
why it has no value.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.agreement.coefficients import fleiss_kappa, kendall_w, krippendorff_alpha
from analysis.agreement.raters import IntraclassCorrelations, intraclass_correlations, two_way
from analysis.agreement.unit_reliability import UnitReliabilities, reliabilities_from_sums
from analysis.agreement.units import OneWay, icc1, icc2, one_way, unit_sums
from analysis.agreement.within import ad_index, lindell_r_wg_j, r_wg, r_wg_j
from analysis.estimate import Estimate

Floats = NDArray[np.float64]
Integers = NDArray[np.integer[Any]]
Bools = NDArray[np.bool_]

_FAR_FROM_ONE = 100  # powers of two; products of variances of such numbers leave what floating point can hold


@dataclass(frozen=True, kw_only=True)
class WithinUnits:
    """Agreement in each unit, tuples in the order of units; of one item, or of a scale (then r_wg is r_wg(j)).

    lindell_*: r*_wg(j), of a scale; of an item the same as r_wg.
    """

    r_wg_uniform: tuple[Estimate, ...]
    r_wg_slight_skew: tuple[Estimate, ...]
    lindell_uniform: tuple[Estimate, ...]
    lindell_slight_skew: tuple[Estimate, ...]
    ad: tuple[Estimate, ...]


@dataclass(frozen=True, kw_only=True)
class ItemAgreement:
    """One item: the analysis of variance (f, p, n0 in it), both ICCs, agreement in each unit."""

    anova: OneWay
    icc1: Estimate
    icc2: Estimate
    within: WithinUnits


@dataclass(frozen=True, kw_only=True)
class ScaleAgreement:
    """The scale of all items: ICCs and reliability of unit means from the persons' means over items.

    reliability: with the sizes of units, the reliability of the means of these people; without, of the process.
    """

    anova: OneWay
    icc1: Estimate
    icc2: Estimate
    within: WithinUnits
    reliability: UnitReliabilities
    reliability_process: UnitReliabilities


@dataclass(frozen=True, kw_only=True)
class UnitAgreement:
    """Agreement of the members of units, item by item and for the scale."""

    items: tuple[ItemAgreement, ...]
    scale: ScaleAgreement


@dataclass(frozen=True, kw_only=True)
class RaterAgreement:
    """Agreement of raters of the same subjects. What needs complete ratings is undefined without them."""

    icc: IntraclassCorrelations
    krippendorff_nominal: Estimate
    krippendorff_ordinal: Estimate
    krippendorff_interval: Estimate
    krippendorff_ratio: Estimate
    fleiss: Estimate
    kendall_w: Estimate


def agreement_of(
    codes: Floats,
    present: Bools,
    unit: Integers,
    n_units: int,
    *,
    low: int,
    high: int,
    sizes: Floats | None = None,
    pooled: bool = False,
    level: float = 0.95,
) -> UnitAgreement:
    """May the members of a unit be averaged, and do the averages tell units apart?

    codes, present: (n, k) answers from low to high in steps of one, keyed so that high is good; what is not present is
    ignored. unit: (n,) from 0 to n_units - 1. sizes: (J,) how many people a unit has, NaN unknown. pooled: one variance
    within units for all of them in `reliability` (units under some 10 answers).
    Each item uses those who answered it. The scale uses the mean over the items that a person answered, of those who
    answered half of them at least; r_wg(j), r*_wg(j) and AD use every answer.
    """
    if codes.ndim != 2 or present.shape != codes.shape or unit.shape != codes.shape[:1]:
        raise ValueError(f"codes {codes.shape}, present {present.shape} and unit {unit.shape} do not fit")
    y = np.where(present, np.asarray(codes, dtype=np.float64), np.nan)
    if present.any() and not (np.nanmin(y) >= low and np.nanmax(y) <= high):
        raise ValueError(f"answers from {np.nanmin(y)} to {np.nanmax(y)} on a scale from {low} to {high}")
    options, k = high - low + 1, y.shape[1]
    sums = [unit_sums(y[:, j], unit, n_units) for j in range(k)]
    items = []
    for j, own in enumerate(sums):
        anova = one_way(own)
        uniform, skewed = r_wg(own, options), r_wg(own, options, "slight_skew")
        within = WithinUnits(
            r_wg_uniform=uniform,
            r_wg_slight_skew=skewed,
            lindell_uniform=uniform,
            lindell_slight_skew=skewed,
            ad=ad_index(codes[:, [j]], present[:, [j]], unit, n_units, options),
        )
        items.append(
            ItemAgreement(anova=anova, icc1=icc1(anova, level=level), icc2=icc2(anova, level=level), within=within)
        )
    answered = present.sum(axis=1)
    enough = (answered > 0) & (2 * answered >= k)
    means = np.where(enough, np.nansum(y, axis=1) / np.maximum(answered, 1), np.nan)
    of_persons = unit_sums(means, unit, n_units)
    anova = one_way(of_persons)
    scale = ScaleAgreement(
        anova=anova,
        icc1=icc1(anova, level=level),
        icc2=icc2(anova, level=level),
        within=WithinUnits(
            r_wg_uniform=r_wg_j(sums, options),
            r_wg_slight_skew=r_wg_j(sums, options, "slight_skew"),
            lindell_uniform=lindell_r_wg_j(sums, options),
            lindell_slight_skew=lindell_r_wg_j(sums, options, "slight_skew"),
            ad=ad_index(codes, present, unit, n_units, options),
        ),
        reliability=reliabilities_from_sums(of_persons, sizes, pooled=pooled),
        reliability_process=reliabilities_from_sums(of_persons, pooled=pooled),
    )
    return UnitAgreement(items=tuple(items), scale=scale)


def raters_of(ratings: Floats, present: Bools, *, level: float = 0.95) -> RaterAgreement:
    """All coefficients for raters of the same subjects.

    ratings, present: (subjects, raters); what is not present is ignored. Subjects nobody rated and raters without any
    rating are not there; any other hole leaves Krippendorff's alpha (and Fleiss' kappa, where each subject has as many
    ratings) and makes the rest undefined (`incomplete`).
    """
    if ratings.ndim != 2 or present.shape != ratings.shape:
        raise ValueError(f"ratings are a table of subjects by raters: {ratings.shape}, present {present.shape}")
    rows, columns = present.any(axis=1), present.any(axis=0)
    ratings, present = ratings[np.ix_(rows, columns)], present[np.ix_(rows, columns)]
    # No coefficient changes with the unit of measurement, and a power of two changes no digit.
    size = int(np.frexp(np.abs(np.where(present, ratings, 0.0)).max(initial=0.0))[1])
    if abs(size) > _FAR_FROM_ONE:
        ratings = np.ldexp(np.where(present, ratings, 0.0), -size)
    return RaterAgreement(
        icc=intraclass_correlations(two_way(np.where(present, ratings, np.nan)), level=level),
        krippendorff_nominal=krippendorff_alpha(ratings, present, "nominal"),
        krippendorff_ordinal=krippendorff_alpha(ratings, present, "ordinal"),
        krippendorff_interval=krippendorff_alpha(ratings, present, "interval"),
        krippendorff_ratio=krippendorff_alpha(ratings, present, "ratio"),
        fleiss=fleiss_kappa(ratings, present),
        kendall_w=kendall_w(ratings, present),
    )

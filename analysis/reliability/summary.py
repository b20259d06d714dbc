"""Everything that is said of one scale's reliability, from its answers or from covariances, in one record.

Knows which statistic is made of which matrix: alpha, omega total, lambda 2 and item statistics of covariances (the sum
of the items as they are), Guttman's bounds and split halves of correlations (as psych prints them). Must stay true:
integers are summed exactly, other numbers are taken as they are; a condition of the data is a status of the statistic
that it concerns, and the others stand.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.estimate import Estimate, Status, undefined
from analysis.reliability.alpha import (
    alpha_if_deleted,
    cronbach_alpha,
    influence_interval,
    influence_of_sums,
    item_rest_correlations,
    standardized_alpha,
)
from analysis.reliability.covariances import constant_items, correlations, joined, positive_definite, too_little
from analysis.reliability.guttman import GuttmanBounds, guttman_lambdas, squared_multiple_correlations
from analysis.reliability.influence import fits, influence_sums, pooled_covariance
from analysis.reliability.intervals import asymptotic_interval, bonett_interval, feldt_interval
from analysis.reliability.omega import omega_total
from analysis.reliability.pairwise import pairwise_covariance, pairwise_influence_interval
from analysis.reliability.split_halves import SplitHalf, SplitHalves, odd_even, split_halves

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Integers = NDArray[np.integer[Any]]

_EXACT_FLOAT = 2**31


@dataclass(frozen=True, eq=False)
class ScaleReliability:
    """Reliability of one scale.

    rows, n, k: responses given, responses used (complete ones; of pairs the fewest), items. worth: what n is in
    formulas (pooled within units: degrees of freedom + 1). deletion: "listwise" or "pairwise". covariance: OK, or
    WARN_NOT_POSITIVE_DEFINITE where pairs or copied items made a matrix that is not. coefficient: the one to report,
    alpha, or Spearman-Brown of the correlation where there are two items. influence: alpha's interval for gates, None
    where only covariances were given; feldt, bonett, asymptotic: to compare with other software. lambda2: of
    covariances; guttman, split_half, odd_even: of correlations. item_rest, alpha_if_deleted, explained (squared
    multiple correlations): one per item.
    """

    rows: int
    n: int
    worth: int
    k: int
    deletion: str
    covariance: Status
    coefficient: Estimate
    alpha: Estimate
    influence: Estimate | None
    feldt: Estimate
    bonett: Estimate
    asymptotic: Estimate
    standardized_alpha: Estimate
    omega_total: Estimate
    omega_hierarchical: Estimate
    lambda2: Estimate
    guttman: GuttmanBounds
    split_half: SplitHalves
    odd_even: SplitHalf
    item_rest: tuple[Estimate, ...]
    alpha_if_deleted: tuple[Estimate, ...]
    explained: tuple[Estimate, ...]


def reliability_of(
    answers: NDArray[Any],
    present: Bools | None = None,
    *,
    pairwise: bool = False,
    group: Integers | None = None,
    level: float = 0.95,
    group_factors: int = 3,
    seed: int = 0,
) -> ScaleReliability:
    """All of it from answers.

    answers: (n, k) numbers, keyed so that high is good; NaN is missing. present: (n, k), False where an answer is
    missing, for integers. pairwise: use every pair of items as far as it goes; Feldt's and Bonett's intervals then take
    the smallest pair's n. By default complete rows only. group: (n,) units from 0, everything pooled within them
    (complete rows only). level: of the intervals. group_factors: of `omega_hierarchical`. seed: of split halves beyond
    16 items. Infinite answers, and shapes that do not fit, are wrong calls.
    """
    if pairwise and group is not None:
        raise ValueError("pairwise deletion is not pooled within units")
    values, there = _numbers(answers, present)
    rows = len(values)
    if pairwise:
        there = np.ones(values.shape, dtype=np.bool_) if there is None else there
        pairs = pairwise_covariance(values, there)
        influence = pairwise_influence_interval(values, there, level)
        found = reliability_from(pairs.cov, pairs.least, influence, level=level, group_factors=group_factors, seed=seed)
        return replace(found, rows=rows, deletion="pairwise")
    if there is not None and not there.all():
        complete = there.all(axis=1)
        values, group = values[complete], None if group is None else group[complete]
    if fits(values):
        sums = influence_sums(values, group)
        cov, worth = sums.covariance(), sums.grouped().within_df + 1
        influence = influence_of_sums(sums, level)
    else:
        n, _, cov = pooled_covariance(values, group, 1 if group is None else int(group.max(initial=0)) + 1)
        worth = int(n.sum() - np.count_nonzero(n)) + 1
        influence = influence_interval(values, level, group)
    worth = worth if worth > 1 else min(len(values), 1)
    found = reliability_from(cov, worth, influence, level=level, group_factors=group_factors, seed=seed)
    return replace(found, rows=rows, n=len(values))


def reliability_from(
    cov: Floats,
    n: int,
    influence: Estimate | None = None,
    *,
    level: float = 0.95,
    group_factors: int = 3,
    seed: int = 0,
) -> ScaleReliability:
    """All of it from covariances (k, k) of n responses, for sums that were added up elsewhere.

    influence: what `influence_interval` or `influence_of_sums` says of the same answers; covariances do not hold it.
    Pooled within units: n = `within_df + 1`.
    """
    alpha, k = cronbach_alpha(cov, n), len(cov)
    standardized = standardized_alpha(cov, n)
    guttman, splits, halves = _of_correlations(cov, n, seed)
    two = k == 2 and standardized.value is not None
    return ScaleReliability(
        rows=n,
        n=n,
        worth=n,
        k=k,
        deletion="listwise",
        covariance=_properness(cov, n),
        coefficient=replace(standardized, method="spearman_brown") if two else alpha,
        alpha=alpha,
        influence=influence,
        feldt=feldt_interval(alpha, n, k, level),
        bonett=bonett_interval(alpha, n, k, level),
        asymptotic=asymptotic_interval(alpha, cov, n, level),
        standardized_alpha=standardized,
        omega_total=omega_total(cov, n),
        omega_hierarchical=_omega_hierarchical(cov, n, group_factors),
        lambda2=guttman_lambdas(cov, n, best_split=splits.greatest).l2,
        guttman=guttman,
        split_half=splits,
        odd_even=halves,
        item_rest=item_rest_correlations(cov, n),
        alpha_if_deleted=alpha_if_deleted(cov, n),
        explained=squared_multiple_correlations(cov, n),
    )


def _numbers(answers: NDArray[Any], present: Bools | None) -> tuple[NDArray[Any], Bools | None]:
    """The answers as integers where all are, and which are there (None: all)."""
    if answers.ndim != 2 or not answers.shape[1] or answers.dtype.kind not in "iuf":
        raise ValueError("answers are numbers, one row per response and one column per item")
    if present is not None and present.shape != answers.shape:
        raise ValueError(f"present has shape {present.shape}, answers have {answers.shape}")
    if answers.dtype.kind != "f":
        return answers, present
    missing = np.isnan(answers)
    there = ~missing if present is None else present & ~missing
    values = np.where(there, answers, 0.0)
    if not np.isfinite(values).all():
        raise ValueError("answers must be finite or missing")
    if (np.abs(values) < _EXACT_FLOAT).all() and (values == np.rint(values)).all():
        return values.astype(np.int64), there
    return values, there


def _properness(cov: Floats, n: int) -> Status:
    reason = too_little(cov, n)
    if reason or positive_definite(cov):
        return reason or Status.OK
    constant = constant_items(cov).any()
    return Status.WARN_ITEM_VARIANCE_ZERO if constant else Status.WARN_NOT_POSITIVE_DEFINITE


def _of_correlations(cov: Floats, n: int, seed: int) -> tuple[GuttmanBounds, SplitHalves, SplitHalf]:
    """What is made of correlations; with a constant item there are none, and the reason is given throughout."""
    constant = "" if too_little(cov, n) else joined(constant_items(cov))
    matrix = cov if too_little(cov, n) or constant else correlations(cov)
    splits = split_halves(matrix, n, seed=seed)
    guttman, halves = guttman_lambdas(matrix, n, best_split=splits.greatest), odd_even(matrix, n)
    if not constant:
        return guttman, splits, halves

    def gone(found: Estimate) -> Estimate:
        return undefined(Status.UNDEFINED_ITEM_VARIANCE_ZERO, n=n, method=found.method, detail={"items": constant})

    return (
        GuttmanBounds(*(gone(getattr(guttman, name)) for name in ("l1", "l2", "l3", "l4", "l5", "l6"))),
        SplitHalves(gone(splits.least), gone(splits.mean), gone(splits.greatest), np.empty(0)),
        SplitHalf(gone(halves.correlation), gone(halves.spearman_brown), gone(halves.horst), gone(halves.rulon)),
    )


def _omega_hierarchical(cov: Floats, n: int, factors: int) -> Estimate:
    reason = too_little(cov, n)
    if reason or factors < 3 or len(cov) < 3 * factors:
        return undefined(reason or Status.UNDEFINED_NOT_IDENTIFIED, n=n, method="omega_hierarchical")
    from analysis.reliability.hierarchical import hierarchical_omega  # noqa: PLC0415  # it imports statsmodels

    return hierarchical_omega(cov, n, factors).hierarchical

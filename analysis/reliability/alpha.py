"""Internal consistency of one scale, from covariances of order ranks 1 ... K (not points), keyed so that high is good.

Knows covariance matrices and, for the influence function, the answers. Must stay true: nothing is clamped or re-keyed;
a negative alpha is real and means wrong keying or noise. Covariances come from `analysis.moments`: of all responses, or
pooled within units, where n is `within_df + 1`.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from analysis.estimate import Estimate, Status, undefined
from analysis.reliability.covariances import constant_items, correlations, dust, joined, too_little
from analysis.reliability.influence import (
    InfluenceSums,
    fits,
    influence_of_rows,
    influence_sums,
    pooled_covariance,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.integer[Any]]
Numbers = NDArray[np.integer[Any] | np.floating[Any]]


def cronbach_alpha(cov: Floats, n: int) -> Estimate:
    """Cronbach's alpha, k/(k-1) * (1 - tr C / 1'C1), value only.

    cov: (k, k); n: responses behind it. Lies in (-inf, 1]; read it with `influence_interval` (or `feldt_interval` to
    compare with other software): .70 is a custom, not a law (Lance et al. 2006, doi:10.1177/1094428105284919).
    Undefined with one item, fewer than two responses, or a total that is the same for everybody. Warns of items that
    run against the total they are part of (`items`; weaker cases show in `item_rest_correlations`) and of constant
    items (`items_variance_zero`).
    R: psych::alpha(x)$total$raw_alpha. Cronbach 1951, doi:10.1007/BF02310555.
    """
    method = "cronbach_alpha"
    status = too_little(cov, n)
    if status:
        return undefined(status, n=n, method=method)
    k, variances, item_total, total = len(cov), np.diagonal(cov), cov.sum(axis=1), float(cov.sum())
    least = dust(cov)
    if total <= least:
        return undefined(Status.UNDEFINED_TOTAL_VARIANCE_ZERO, n=n, method=method)
    value = k / (k - 1) * (1 - float(variances.sum()) / total)
    against, constant = joined(item_total < -least), joined(constant_items(cov))
    status, detail = Status.OK, {}
    if constant:
        status, detail = Status.WARN_ITEM_VARIANCE_ZERO, {"items": constant, "items_variance_zero": constant}
    if against:
        status, detail = Status.WARN_NEGATIVE_ITEM_TOTAL, {**detail, "items": against}
    return Estimate(value=value, n=n, method=method, status=status, detail=detail)


def influence_interval(
    answers: Numbers, level: float = 0.95, group: Integers | None = None, n_groups: int | None = None
) -> Estimate:
    """Alpha with the standard error of its influence function: right for skewed ordered categories, no bootstrap.

    With a_i = sum_j (x_ij - m_j)^2, b_i = (T_i - m_T)^2, A = tr C, B = 1'C1:
    IF_i = -k/(k-1) [(a_i - A)/B - A (b_i - B)/B^2], SE = sd(IF)/sqrt(n), t with n - 1; the upper limit ends at 1.
    answers: (n, k) complete rows, exact where they are integer codes. group: (n,) units from 0: deviations are taken
    from the unit's means, C is pooled within units, df n - J. The deviations in a unit of n_u are enlarged by
    sqrt(n_u/(n_u - 1)) beside those of a single group of n, so that many small units do not look more certain than one
    large; units of one drop out. Undefined where alpha is, and for two responses, which lie as far from their mean as
    each other whatever they say. With weights, clusters or a finite population:
    `analysis.reliability.designs`, where the interval is checked against the survey package, too.
    R: sd(-k/(k - 1) * ((rowSums(d^2) - A)/B - A * (rowSums(d)^2 - B)/B^2))/sqrt(n), d <- scale(x, scale = FALSE).
    Maydeu-Olivares, Coffman & Hartmann 2007, doi:10.1037/1082-989X.12.2.157.
    """
    if fits(answers):
        return influence_of_sums(influence_sums(answers, group, n_groups), level)
    n_groups = 1 if group is None else int(group.max(initial=0)) + 1 if n_groups is None else n_groups
    n, means, cov = pooled_covariance(answers, group, n_groups)
    return _influence(
        n, cov, len(answers), lambda ratio: influence_of_rows(answers, means, group, n_groups, ratio), level
    )


def influence_of_sums(sums: InfluenceSums, level: float = 0.95) -> Estimate:
    """`influence_interval` from exact sums of one group or of many, pooled within them; nothing is read twice."""
    return _influence(sums.n, sums.covariance(), int(sums.n.sum()), sums.of_influence, level)


def with_error(alpha: Estimate, se: float, df: int, level: float, *, n: int, method: str) -> Estimate:
    """An alpha that has a value, with its t interval of `df` degrees of freedom; the upper limit ends at 1."""
    if alpha.value is None:
        raise ValueError("an alpha without a value has no interval")
    half = float(stdtrit(df, (1 + level) / 2)) * se
    lo, hi = alpha.value - half, min(alpha.value + half, 1.0)
    return replace(alpha, se=se, lo=lo, hi=hi, n=n, df=df, method=method)


def standardized_alpha(cov: Floats, n: int) -> Estimate:
    """Alpha of items brought to equal variance, k r/(1 + (k-1) r), r the mean correlation (detail `mean_r`).

    cov: (k, k). Undefined with a constant item (`items`). Of two items it is the Spearman-Brown coefficient, which is
    then the one to report (Eisinga et al. 2013, doi:10.1007/s00038-012-0416-3). Further detail: `median_r`,
    `variance_r` (ddof 1), `signal_to_noise` k r/(1 - r).
    R: psych::alpha(x)$total$std.alpha, $median_r, `S/N`; $alpha.drop$var.r.
    """
    method = "standardized_alpha"
    status = too_little(cov, n)
    if status:
        return undefined(status, n=n, method=method)
    constant = joined(constant_items(cov))
    if constant:
        return undefined(Status.UNDEFINED_ITEM_VARIANCE_ZERO, n=n, method=method, detail={"items": constant})
    k = len(cov)
    r = correlations(cov)[np.tril_indices(k, -1)]
    mean_r = float(r.mean())
    detail = {"mean_r": mean_r, "median_r": float(np.median(r))}
    if k > 2:
        detail["variance_r"] = float(r.var(ddof=1))
    if mean_r < 1:
        detail["signal_to_noise"] = k * mean_r / (1 - mean_r)
    value = spearman_brown(mean_r, k)
    if value is None:
        return undefined(Status.UNDEFINED_TOTAL_VARIANCE_ZERO, n=n, method=method, detail=detail)
    return Estimate(value=value, n=n, method=method, detail=detail)


def item_rest_correlations(cov: Floats, n: int) -> tuple[Estimate, ...]:
    """Correlation of each item with the sum of the others, (c_j. - c_jj)/sqrt(c_jj (S_T^2 - 2 c_j. + c_jj)).

    cov: (k, k); one Estimate per item. Under .30 an item measures something else (Nunnally & Bernstein 1994), below 0
    it is keyed wrongly or misunderstood. Undefined for a constant item and where the rest is constant.
    R: psych::alpha(x)$item.stats$r.drop.
    """
    method, k = "item_rest_correlation", len(cov)
    status = too_little(cov, n)
    if status:
        return (undefined(status, n=n, method=method),) * k
    variances, item_total, total = np.diagonal(cov), cov.sum(axis=1), float(cov.sum())
    rest, least = total - 2 * item_total + variances, dust(cov)
    found = []
    for j in range(k):
        if variances[j] <= least:
            reason = Status.UNDEFINED_ITEM_VARIANCE_ZERO
            found.append(undefined(reason, n=n, method=method, detail={"items": str(j)}))
        elif rest[j] <= least:
            found.append(undefined(Status.UNDEFINED_TOTAL_VARIANCE_ZERO, n=n, method=method))
        else:
            r = float((item_total[j] - variances[j]) / math.sqrt(variances[j] * rest[j]))
            found.append(Estimate(value=r, n=n, method=method))
    return tuple(found)


def item_total_correlations(cov: Floats, n: int, *, corrected: bool = False) -> tuple[Estimate, ...]:
    """Correlation of each item with the total that contains it, c_j./sqrt(c_jj S_T^2), to compare with other software.

    cov: (k, k), of standardised items where it holds correlations; one Estimate per item. Higher than with the rest,
    because an item agrees with itself. corrected: of standardised items, where each counts in the total with the
    variance that the others explain, R^2_j = 1 - 1/(R^-1)_jj, instead of its whole one. Undefined for a constant item,
    and corrected for items that are copies of each other.
    R: psych::alpha(x)$item.stats, raw.r (std.r with correlations), corrected r.cor.
    """
    method, k = "item_total_correlation", len(cov)
    status = too_little(cov, n)
    if status:
        return (undefined(status, n=n, method=method),) * k
    variances = np.diagonal(cov)
    constant = joined(constant_items(cov))
    if constant:
        return (undefined(Status.UNDEFINED_ITEM_VARIANCE_ZERO, n=n, method=method, detail={"items": constant}),) * k
    if corrected:
        cov = correlations(cov)
        if np.linalg.matrix_rank(cov, hermitian=True) < k:
            return (undefined(Status.UNDEFINED_SINGULAR, n=n, method=method),) * k
        variances, explained = np.ones(k), 1 - 1 / np.diagonal(np.linalg.inv(cov))
        cov = cov - np.diag(1 - explained)
    total = float(cov.sum())
    if total <= dust(cov):
        return (undefined(Status.UNDEFINED_TOTAL_VARIANCE_ZERO, n=n, method=method),) * k
    found = cov.sum(axis=1) / np.sqrt(variances * total)
    return tuple(Estimate(value=float(value), n=n, method=method) for value in found)


def alpha_if_deleted(cov: Floats, n: int) -> tuple[Estimate, ...]:
    """Alpha of the other items, for each item; needs three.

    cov: (k, k). A higher value than alpha of all items is a reason to look at the wording, not to delete: the gain was
    found on the same data. R: psych::alpha(x)$alpha.drop$raw_alpha.
    """
    method, k = "alpha_if_deleted", len(cov)
    status = too_little(cov, n) or (Status.UNDEFINED_TWO_ITEMS if k == 2 else None)
    if status:
        return (undefined(status, n=n, method=method),) * k
    return tuple(cronbach_alpha(np.delete(np.delete(cov, j, axis=0), j, axis=1), n) for j in range(k))


def spearman_brown(reliability: float, factor: float = 2.0) -> float | None:
    """Reliability of a measure made `factor` times as long, f r/(1 + (f - 1) r); None for a denominator <= 0.

    Two items: factor 2 of their correlation, which then replaces alpha (Eisinga et al. 2013,
    doi:10.1007/s00038-012-0416-3). R: factor * r/(1 + (factor - 1) * r). Spearman 1910,
    doi:10.1111/j.2044-8295.1910.tb00206.x; Brown 1910, doi:10.1111/j.2044-8295.1910.tb00207.x.
    """
    denominator = 1 + (factor - 1) * reliability
    return factor * reliability / denominator if denominator > np.finfo(np.float64).eps else None


def _influence(
    sizes: NDArray[np.int64],
    cov: Floats,
    rows: int,
    sums_of: Callable[[float], tuple[Floats, Floats]],
    level: float,
) -> Estimate:
    """The interval, from the pooled covariance and the sums of r_i = a_i - A/B b_i and of r_i^2 in each group."""
    df = int(sizes.sum() - np.count_nonzero(sizes))
    alpha = cronbach_alpha(cov, df + 1 if df else min(rows, 1))
    use = sizes > 1
    used = int(sizes[use].sum())
    if alpha.value is None:
        return undefined(alpha.status, n=used, method="influence", detail=alpha.detail)
    if used < 3:
        return undefined(Status.UNDEFINED_TWO_RESPONSES, n=used, method="influence", detail=alpha.detail)
    k, total = len(cov), float(cov.sum())
    first, second = sums_of(float(np.trace(cov)) / total)
    enlarge = sizes[use] / (sizes[use] - 1) * ((used - 1) / used)
    spread = float(enlarge**2 @ second[use]) - float(enlarge @ first[use]) ** 2 / used
    se = k / (k - 1) / total * math.sqrt(max(spread, 0.0) / df / used)
    return with_error(alpha, se, df, level, n=used, method="influence")

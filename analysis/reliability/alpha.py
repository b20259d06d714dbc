"""Internal consistency of one scale, from covariances of order ranks 1 ... K (not points), keyed so that high is good.

Knows covariance matrices and, for the influence function, the codes. Must stay true: nothing is clamped or re-keyed;
a negative alpha is real and means wrong keying or noise. Covariances come from `analysis.moments`: of all responses, or
pooled within units, where n is `within_df + 1`.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtri, stdtrit

from analysis.estimate import Estimate, Status, undefined
from analysis.moments import grouped_moments, rows_by_group

Floats = NDArray[np.float64]
Integers = NDArray[np.integer[Any]]

_BLOCK_ROWS = 8192


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
    status = _too_little(cov, n)
    if status:
        return undefined(status, n=n, method=method)
    k, variances, item_total, total = len(cov), np.diagonal(cov), cov.sum(axis=1), float(cov.sum())
    dust = _dust(cov)
    if total <= dust:
        return undefined(Status.UNDEFINED_TOTAL_VARIANCE_ZERO, n=n, method=method)
    value = k / (k - 1) * (1 - float(variances.sum()) / total)
    against, constant = _joined(item_total < -dust), _joined(variances <= dust)
    status, detail = Status.OK, {}
    if constant:
        status, detail = Status.WARN_ITEM_VARIANCE_ZERO, {"items": constant, "items_variance_zero": constant}
    if against:
        status, detail = Status.WARN_NEGATIVE_ITEM_TOTAL, {**detail, "items": against}
    return Estimate(value=value, n=n, method=method, status=status, detail=detail)


def feldt_interval(alpha: Estimate, n: int, k: int, level: float = 0.95) -> Estimate:
    """Feldt's interval of alpha, 1 - (1 - alpha) F at (1 + level)/2 and (1 - level)/2, df n - 1 and (n - 1)(k - 1).

    alpha: as `cronbach_alpha` returned it, undefined comes back undefined; n: responses after deletion; k: items.
    Assumes normal items with equal covariances: up to a sixth too narrow on ordered categories, so gates use
    `influence_interval`. R: psych::alpha.ci. Feldt 1965, doi:10.1007/BF02289499.
    """
    if alpha.value is None:
        return undefined(alpha.status, n=n, method="feldt", detail=alpha.detail)
    if n < 2 or k < 2:
        raise ValueError(f"an alpha of {k} items and {n} responses cannot have a value")
    upper_tail = (1 + level) / 2
    lo, hi = (1 - (1 - alpha.value) * float(fdtri(n - 1, (n - 1) * (k - 1), q)) for q in (upper_tail, 1 - upper_tail))
    return Estimate(
        value=alpha.value, lo=lo, hi=hi, n=n, df=n - 1, method="feldt", status=alpha.status, detail=alpha.detail
    )


def influence_interval(
    codes: Integers, level: float = 0.95, group: Integers | None = None, n_groups: int | None = None
) -> Estimate:
    """Alpha with the standard error of its influence function: right for skewed ordered categories, no bootstrap.

    With a_i = sum_j (x_ij - m_j)^2, b_i = (T_i - m_T)^2, A = tr C, B = 1'C1:
    IF_i = -k/(k-1) [(a_i - A)/B - A (b_i - B)/B^2], SE = sd(IF)/sqrt(n), t with n - 1; the upper limit ends at 1.
    codes: (n, k) complete integer rows. group: (n,) units from 0: deviations are taken from the unit's means, C is
    pooled within units, df n - J. The deviations in a unit of n_u are enlarged by sqrt(n_u/(n_u - 1)) beside those of
    a single group of n, so that many small units do not look more certain than one large; units of one drop out.
    Undefined where alpha is. Maydeu-Olivares, Coffman & Hartmann 2007, doi:10.1037/1082-989X.12.2.157.
    """
    group = np.zeros(len(codes), dtype=np.intp) if group is None else group
    n_groups = int(group.max(initial=0)) + 1 if n_groups is None else n_groups
    sums = grouped_moments(codes, group, n_groups)
    cov, df = sums.within_covariance(), sums.within_df
    alpha = cronbach_alpha(cov, df + 1 if df else min(len(codes), 1))
    used = int(sums.n[sums.n > 1].sum())
    if alpha.value is None:
        return undefined(alpha.status, n=used, method="influence", detail=alpha.detail)
    k, order, bounds = codes.shape[1], *rows_by_group(group, n_groups, len(codes))
    ratio = float(np.trace(cov) / cov.sum())
    first = second = 0.0
    for unit in np.flatnonzero(sums.n > 1):
        size = int(sums.n[unit])
        mean, enlarge = sums.s[unit] / size, size / (size - 1) * (used - 1) / used
        for start in range(int(bounds[unit]), int(bounds[unit + 1]), _BLOCK_ROWS):
            rows = slice(start, min(start + _BLOCK_ROWS, int(bounds[unit + 1])))
            deviation = (codes[rows] if order is None else codes[order[rows]]) - mean
            # a_i - A/B * b_i: the influence up to the factor -k/((k-1) B); its constants cancel.
            raw = np.einsum("ij,ij->i", deviation, deviation) - ratio * deviation.sum(axis=1) ** 2
            first += enlarge * float(raw.sum())
            second += enlarge**2 * float(raw @ raw)
    scale = k / (k - 1) / float(cov.sum())
    se = scale * math.sqrt(max(second - first**2 / used, 0.0) / df / used)
    half = float(stdtrit(df, (1 + level) / 2)) * se
    return Estimate(
        value=alpha.value,
        se=se,
        lo=alpha.value - half,
        hi=min(alpha.value + half, 1.0),
        n=used,
        df=df,
        method="influence",
        status=alpha.status,
        detail=alpha.detail,
    )


def standardized_alpha(cov: Floats, n: int) -> Estimate:
    """Alpha of items brought to equal variance, k r/(1 + (k-1) r), r the mean correlation (detail `mean_r`).

    cov: (k, k). Undefined with a constant item (`items`). R: psych::alpha(x)$total$std.alpha.
    """
    method = "standardized_alpha"
    status = _too_little(cov, n)
    if status:
        return undefined(status, n=n, method=method)
    constant = _joined(np.diagonal(cov) <= _dust(cov))
    if constant:
        return undefined(Status.UNDEFINED_ITEM_VARIANCE_ZERO, n=n, method=method, detail={"items": constant})
    k, deviations = len(cov), np.sqrt(np.diagonal(cov))
    correlations = cov / np.outer(deviations, deviations)
    mean_r = float((correlations.sum() - k) / (k * (k - 1)))
    value = spearman_brown(mean_r, k)
    if value is None:
        return undefined(Status.UNDEFINED_TOTAL_VARIANCE_ZERO, n=n, method=method, detail={"mean_r": mean_r})
    return Estimate(value=value, n=n, method=method, detail={"mean_r": mean_r})


def item_rest_correlations(cov: Floats, n: int) -> tuple[Estimate, ...]:
    """Correlation of each item with the sum of the others, (c_j. - c_jj)/sqrt(c_jj (S_T^2 - 2 c_j. + c_jj)).

    cov: (k, k); one Estimate per item. Under .30 an item measures something else (Nunnally & Bernstein 1994), below 0
    it is keyed wrongly or misunderstood. Undefined for a constant item and where the rest is constant.
    R: psych::alpha(x)$item.stats$r.drop.
    """
    method, k = "item_rest_correlation", len(cov)
    status = _too_little(cov, n)
    if status:
        return (undefined(status, n=n, method=method),) * k
    variances, item_total, total = np.diagonal(cov), cov.sum(axis=1), float(cov.sum())
    rest, dust = total - 2 * item_total + variances, _dust(cov)
    found = []
    for j in range(k):
        if variances[j] <= dust:
            reason = Status.UNDEFINED_ITEM_VARIANCE_ZERO
            found.append(undefined(reason, n=n, method=method, detail={"items": str(j)}))
        elif rest[j] <= dust:
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
    status = _too_little(cov, n)
    if status:
        return (undefined(status, n=n, method=method),) * k
    variances = np.diagonal(cov)
    constant = _joined(variances <= _dust(cov))
    if constant:
        return (undefined(Status.UNDEFINED_ITEM_VARIANCE_ZERO, n=n, method=method, detail={"items": constant}),) * k
    if corrected:
        cov = cov / np.sqrt(np.outer(variances, variances))
        if np.linalg.matrix_rank(cov, hermitian=True) < k:
            return (undefined(Status.UNDEFINED_SINGULAR, n=n, method=method),) * k
        variances, explained = np.ones(k), 1 - 1 / np.diagonal(np.linalg.inv(cov))
        cov = cov - np.diag(1 - explained)
    total = float(cov.sum())
    if total <= _dust(cov):
        return (undefined(Status.UNDEFINED_TOTAL_VARIANCE_ZERO, n=n, method=method),) * k
    found = cov.sum(axis=1) / np.sqrt(variances * total)
    return tuple(Estimate(value=float(value), n=n, method=method) for value in found)


def alpha_if_deleted(cov: Floats, n: int) -> tuple[Estimate, ...]:
    """Alpha of the other items, for each item; needs three.

    cov: (k, k). A higher value than alpha of all items is a reason to look at the wording, not to delete: the gain was
    found on the same data. R: psych::alpha(x)$alpha.drop$raw_alpha.
    """
    method, k = "alpha_if_deleted", len(cov)
    status = _too_little(cov, n) or (Status.UNDEFINED_TWO_ITEMS if k == 2 else None)
    if status:
        return (undefined(status, n=n, method=method),) * k
    return tuple(cronbach_alpha(np.delete(np.delete(cov, j, axis=0), j, axis=1), n) for j in range(k))


def spearman_brown(reliability: float, factor: float = 2.0) -> float | None:
    """Reliability of a measure made `factor` times as long, f r/(1 + (f - 1) r); None for a denominator <= 0.

    Two items: factor 2 of their correlation, which then replaces alpha (Eisinga et al. 2013,
    doi:10.1007/s00038-012-0416-3). Spearman 1910; Brown 1910.
    """
    denominator = 1 + (factor - 1) * reliability
    return factor * reliability / denominator if denominator > np.finfo(np.float64).eps else None


def _too_little(cov: Floats, n: int) -> Status | None:
    """Why no consistency exists whatever the numbers; ValueError where `cov` is no covariance matrix."""
    if cov.ndim != 2 or cov.shape[0] != cov.shape[1] or not len(cov):
        raise ValueError(f"a covariance matrix is square, not {cov.shape}")
    if len(cov) == 1:
        return Status.UNDEFINED_ONE_ITEM
    if n < 2:
        return Status.UNDEFINED_ONE_RESPONSE if n else Status.UNDEFINED_NO_RESPONSES
    if not np.isfinite(cov).all():
        raise ValueError(f"covariances of {n} responses must be finite")
    return None


def _dust(cov: Floats) -> float:
    """Below this, a sum of covariances is rounding error of one that is zero."""
    return 4 * len(cov) * float(np.finfo(np.float64).eps) * float(np.trace(cov))


def _joined(where: NDArray[np.bool_]) -> str:
    return ",".join(str(j) for j in np.flatnonzero(where))

"""What drives the overall item: how much of its variance each dimension accounts for, and how sure that is.

Knows the covariance matrix of dimensions and the overall item. Must stay true: importance is association among those
who answered; nothing here says what would happen if an office changed something.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from analysis.estimate import Estimate, Status, undefined
from analysis.reliability.covariances import constant_items, correlations, joined

Floats = NDArray[np.float64]
_Statistic = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Drivers:
    """Importance of each of D dimensions for the overall item, in their order, and R^2 of all together.

    weights: relative weights, they sum to R^2 (divide by it for shares). slopes: standardised regression coefficients.
    r_squared: its interval is not given, because it cannot reach below 0 and this one would. n: responses.
    """

    weights: tuple[Estimate, ...]
    slopes: tuple[Estimate, ...]
    r_squared: Estimate


def drivers(cov: Floats, n: int, *, overall: int = -1, level: float = 0.95) -> Drivers:
    """Relative weights and standardised slopes of the overall item on the dimensions, from sums alone.

    R_xx = P D P', A = P D^(1/2) P' (the orthonormal variables closest to the dimensions), b = A^-1 r_xy: weight_j =
    sum_k a_jk^2 b_k^2, never below 0, sum R^2; slopes R_xx^-1 r_xy. Unlike slopes, weights do not turn negative or jump
    where dimensions are correlated, as parts of one satisfaction are. They describe, they are no effects.
    cov: (D + 1, D + 1) covariance of dimensions and overall item; n: responses behind it (`Moments` gives both;
    `within_df + 1` if pooled within units); overall: the item's place. Standard errors: delta method with the
    covariances of covariances of normal variables, (s_ik s_jl + s_il s_jk)/(n - 1), t with n - D - 1; a tenth too small
    for skewed answers, `drivers_of_rows` is right for those. A weight is never below 0, so an interval that reaches
    there says only that the weight is small.
    Undefined where an item is constant (detail `items`), dimensions are copies of each other, or n <= D + 1.
    R: e <- eigen(cor(x)); A <- e$vectors %*% diag(sqrt(e$values)) %*% t(e$vectors); A^2 %*% solve(A, cor(x, y))^2;
    slopes of lm() on scaled variables.
    Johnson 2000, doi:10.1207/S15327906MBR3501_1; against it, as without a theory and at times misleading: Thomas et al.
    2014, doi:10.1080/00273171.2014.905766.
    """
    cov = _overall_last(np.asarray(cov, dtype=np.float64), overall)
    refused = _refusal(cov, n)
    if refused:
        return refused
    size = len(cov)
    rows, columns = np.tril_indices(size)
    spread = cov[np.ix_(rows, rows)] * cov[np.ix_(columns, columns)]
    spread = (spread + cov[np.ix_(rows, columns)] * cov[np.ix_(columns, rows)]) / (n - 1)
    jacobian = _jacobian(_all, cov)
    squared = np.einsum("ij,jk,ik->i", jacobian, spread, jacobian)
    return _drivers(_all(cov), np.sqrt(np.maximum(squared, 0.0)), n, level, "delta_normal")


def drivers_of_rows(x: Floats, *, overall: int = -1, level: float = 0.95) -> Drivers:
    """`drivers` with the standard errors of the influence function: for skewed answers in ordered categories.

    IF_i = J vech((x_i - m)(x_i - m)' - C), J the derivative of the statistic at C; SE = sd(IF)/sqrt n. x: (n, D + 1)
    complete rows, dimension scores and the overall item. Agrees with the bootstrap (tests).
    """
    x = np.asarray(x, dtype=np.float64)
    if x.ndim != 2 or not np.isfinite(x).all():
        raise ValueError("rows must be complete: dimension scores and the overall item")
    n = len(x)
    order = np.r_[np.delete(np.arange(x.shape[1]), overall), np.arange(x.shape[1])[overall]]
    x = x[:, order]
    cov = np.cov(x, rowvar=False, ddof=1) if n > 1 else np.zeros((x.shape[1],) * 2)
    refused = _refusal(cov, n)
    if refused:
        return refused
    rows, columns = np.tril_indices(len(cov))
    deviation = x - x.mean(axis=0)
    influence = (deviation[:, rows] * deviation[:, columns]) @ _jacobian(_all, cov).T
    return _drivers(_all(cov), influence.std(axis=0, ddof=1) / np.sqrt(n), n, level, "delta_influence")


def _overall_last(cov: Floats, overall: int) -> Floats:
    if cov.ndim != 2 or cov.shape[0] != cov.shape[1] or len(cov) < 2:
        raise ValueError(f"a covariance matrix of dimensions and the overall item, not {cov.shape}")
    order = np.r_[np.delete(np.arange(len(cov)), overall), np.arange(len(cov))[overall]]
    return np.asarray(cov[np.ix_(order, order)])


def _refusal(cov: Floats, n: int) -> Drivers | None:
    """All undefined, with the reason; items are counted with the overall item last."""
    size = len(cov)
    status, detail = None, {}
    if n < 2:
        status = Status.UNDEFINED_ONE_RESPONSE if n else Status.UNDEFINED_NO_RESPONSES
    elif not np.isfinite(cov).all():
        raise ValueError(f"covariances of {n} responses must be finite")
    else:
        constant = joined(constant_items(cov))
        if constant:
            status, detail = Status.UNDEFINED_ITEM_VARIANCE_ZERO, {"items": constant}
        elif n <= size or np.linalg.matrix_rank(correlations(cov)[:-1, :-1], hermitian=True) < size - 1:
            status = Status.UNDEFINED_SINGULAR
    if status is None:
        return None

    def none(method: str) -> Estimate:
        return undefined(status, n=n, method=method, detail=dict(detail))

    return Drivers(
        (none("relative_weight"),) * (size - 1), (none("standardized_slope"),) * (size - 1), none("r_squared")
    )


def _drivers(values: Floats, se: Floats, n: int, level: float, method: str) -> Drivers:
    count = len(values) // 2
    df = n - count - 1
    half = float(stdtrit(df, (1 + level) / 2)) * se

    def one(at: int, name: str) -> Estimate:
        value = float(values[at])
        lo, hi = value - float(half[at]), value + float(half[at])
        detail = {"error": method}
        return Estimate(value=value, se=float(se[at]), lo=lo, hi=hi, n=n, df=df, method=name, detail=detail)

    return Drivers(
        weights=tuple(one(at, "relative_weight") for at in range(count)),
        slopes=tuple(one(at, "standardized_slope") for at in range(count, 2 * count)),
        r_squared=Estimate(value=float(values[:count].sum()), n=n, method="r_squared"),
    )


def _all(cov: Floats) -> Floats:
    """(2 D,) relative weights and slopes."""
    r = correlations(cov)
    values, vectors = np.linalg.eigh(r[:-1, :-1])
    root = (vectors * np.sqrt(values)) @ vectors.T
    b = np.linalg.solve(root, r[:-1, -1])
    return np.concatenate([np.square(root) @ np.square(b), np.linalg.solve(root, b)])


def _jacobian(statistic: _Statistic, cov: Floats) -> Floats:
    """(2 D, m) derivatives by the m covariances of the lower triangle, a covariance standing in two places at once.

    Central differences: the statistic is smooth where the dimensions are not singular, the error is near 1e-9.
    """
    rows, columns = np.tril_indices(len(cov))
    deviations = np.sqrt(np.diagonal(cov))
    found = []
    for row, column in zip(rows, columns, strict=True):
        step = 1e-5 * float(deviations[row] * deviations[column])
        up, down = cov.copy(), cov.copy()
        up[row, column] = up[column, row] = cov[row, column] + step
        down[row, column] = down[column, row] = cov[row, column] - step
        found.append((statistic(up) - statistic(down)) / (2 * step))
    return np.stack(found, axis=1)

"""Guttman's six lower bounds of reliability, and how well the other items predict each item.

Knows one matrix. Must stay true: what the matrix holds decides what is measured - covariances: the sum of the items as
they are; correlations: the sum of standardised items, which is what psych prints. No singular matrix is inverted.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.estimate import Estimate, Status, undefined
from analysis.reliability.covariances import constant_items, correlations, dust, joined, positive_definite, too_little
from analysis.reliability.split_halves import split_halves

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class GuttmanBounds:
    """Lambda 1 to 6, each a lower bound of the reliability of the sum if errors are uncorrelated.

    l1: 1 - tr C / S. l2: never below l3. l3: alpha. l4: the best split half (`WARN_SAMPLED` beyond 16 items). l5: good
    where one item covaries highly with all others. l6: from what the other items explain of each; singular matrices
    have none.
    """

    l1: Estimate
    l2: Estimate
    l3: Estimate
    l4: Estimate
    l5: Estimate
    l6: Estimate


def squared_multiple_correlations(cov: Floats, n: int) -> tuple[Estimate, ...]:
    """What the other items explain of each, 1 - 1/(c_jj (C^-1)_jj); one Estimate per item.

    cov: (k, k) covariances or correlations, with the same result. Undefined with a constant item (`items`), and for all
    items where some are copies or sums of each other, or n <= k. R: psych::smc(cor(x)).
    """
    method, k = "squared_multiple_correlation", len(cov)
    reason = too_little(cov, n)
    constant = "" if reason else joined(constant_items(cov))
    if constant:
        return (undefined(Status.UNDEFINED_ITEM_VARIANCE_ZERO, n=n, method=method, detail={"items": constant}),) * k
    unexplained = None if reason else _unexplained(cov, n)
    if reason or unexplained is None:
        return (undefined(reason or Status.UNDEFINED_SINGULAR, n=n, method=method),) * k
    return tuple(
        Estimate(value=float(1 - left / variance), n=n, method=method)
        for left, variance in zip(unexplained, np.diagonal(cov), strict=True)
    )


def guttman_lambdas(cov: Floats, n: int, *, best_split: Estimate | None = None) -> GuttmanBounds:
    """With S = 1'C1 and c_jl the covariances of different items:

    l1 = 1 - tr C/S, l2 = l1 + sqrt(k/(k-1) sum c_jl^2)/S, l3 = k/(k-1) l1, l4 = max over splits of 4 c_AB/S,
    l5 = l1 + 2 sqrt(max_j sum_l c_jl^2)/S, l6 = 1 - sum_j (1 - smc_j) c_jj/S.
    cov: (k, k) covariances, or correlations for what psych prints; best_split: the greatest split half where it is
    known already. Undefined with one item, fewer than two responses or a constant total; with correlations of constant
    items the caller has none to give. Guttman 1945, doi:10.1007/BF02288892; they are bounds of a population, and l4
    and l6 are too high in small samples (ten Berge & Socan 2004, doi:10.1007/BF02289858).
    R: psych::guttman(x)$lambda.1 ... lambda.6.
    """
    reason = too_little(cov, n)
    total = float(cov.sum())
    if not reason and total <= dust(cov):
        reason = Status.UNDEFINED_TOTAL_VARIANCE_ZERO
    if reason:
        return GuttmanBounds(*(undefined(reason, n=n, method=f"guttman_lambda{number}") for number in range(1, 7)))
    k, variances = len(cov), np.diagonal(cov)
    squares = (cov**2).sum(axis=1) - variances**2
    first = 1 - float(variances.sum()) / total
    unexplained = _unexplained(cov, n)
    best = best_split or split_halves(cov, n).greatest
    return GuttmanBounds(
        l1=_value(first, n, 1),
        l2=_value(first + math.sqrt(k / (k - 1) * float(squares.sum())) / total, n, 2),
        l3=_value(k / (k - 1) * first, n, 3),
        l4=Estimate(value=best.value, n=n, method="guttman_lambda4", status=best.status, detail=best.detail),
        l5=_value(first + 2 * math.sqrt(float(squares.max())) / total, n, 5),
        l6=undefined(Status.UNDEFINED_SINGULAR, n=n, method="guttman_lambda6")
        if unexplained is None
        else _value(1 - float(unexplained.sum()) / total, n, 6),
    )


def _value(value: float, n: int, number: int) -> Estimate:
    return Estimate(value=value, n=n, method=f"guttman_lambda{number}")


def _unexplained(cov: Floats, n: int) -> Floats | None:
    """Variance of each item around its regression on the others, 1/(C^-1)_jj; None for a singular matrix.

    A matrix that is not positive definite (pairwise deletion) has no regressions either.
    """
    if n <= len(cov) or not positive_definite(cov):
        return None
    return np.asarray(np.diagonal(cov) / np.diagonal(np.linalg.inv(correlations(cov))))

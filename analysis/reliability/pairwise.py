"""Alpha where answers are missing and every pair of items is used as far as it goes (pairwise deletion).

Knows rows with holes. Must stay true: missing cells are never filled; the matrix that comes out is used as it is, also
where it is none that people without holes could have.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.estimate import Estimate, Status, undefined
from analysis.moments import pairwise_moments
from analysis.reliability.alpha import cronbach_alpha, with_error
from analysis.reliability.influence import fits

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class PairwiseCovariance:
    """cov (k, k), divisor n_jl - 1, NaN for pairs of fewer than two; n (k, k) responses to both items of a pair."""

    cov: Floats
    n: NDArray[np.int64]

    @property
    def least(self) -> int:
        """Responses to the pair that fewest answered: the n that intervals may claim."""
        return int(self.n.min())


def pairwise_covariance(answers: NDArray[Any], present: Bools) -> PairwiseCovariance:
    """Covariances of all who answered both items, exact for integers that do not reach too far.

    answers, present: (n, k); what stands where nothing is present is ignored. May not be positive definite.
    R: cov(x, use = "pairwise").
    """
    if present.shape != answers.shape:
        raise ValueError(f"present has shape {present.shape}, answers have {answers.shape}")
    if fits(answers):
        sums = pairwise_moments(answers, present)
        return PairwiseCovariance(sums.covariance(), sums.n)
    y, p = _centred(answers, present)
    n, s, q = p.T @ p, y.T @ p, y.T @ y
    cov = np.full(n.shape, np.nan)
    np.divide(q - s * s.T / np.maximum(n, 1), n - 1, out=cov, where=n > 1)
    return PairwiseCovariance(cov, np.rint(n).astype(np.int64))


def pairwise_influence_interval(answers: NDArray[Any], present: Bools, level: float = 0.95) -> Estimate:
    """Alpha of the pairwise covariances with the standard error of its influence function.

    With p_ij = 1 where the answer is there, n rows with any, n_jl, m_jl, c_jl of a pair (m_jl the mean of j over it):
    the influence on c_jl is p_ij p_il n/n_jl ((x_ij - m_jl)(x_il - m_lj) - c_jl); those on A = tr C and B = 1'C1 are
    sums of these; then as `influence_interval`. Equals that where nothing is missing, t with the smallest pair's n - 1.
    answers, present: (n, k). Assumes, as pairwise deletion does, that who skips an item does not depend on its answer.
    Undefined where alpha is (n that of the smallest pair), and for two responses.
    R: the same sums over cov(x, use = "pairwise"); also checked against the bootstrap.
    Maydeu-Olivares, Coffman & Hartmann 2007, doi:10.1037/1082-989X.12.2.157.
    """
    method, found = "pairwise_influence", pairwise_covariance(answers, present)
    alpha = cronbach_alpha(found.cov, found.least)
    if alpha.value is None:
        return undefined(alpha.status, n=found.least, method=method, detail=alpha.detail)
    if found.least < 3:
        return undefined(Status.UNDEFINED_TWO_RESPONSES, n=found.least, method=method, detail=alpha.detail)
    rows = present.any(axis=1)
    y, p = _centred(answers[rows], present[rows])
    k, n, total = len(found.cov), len(y), float(found.cov.sum())
    mean, ratio = (y.T @ p) / found.n, float(np.trace(found.cov)) / total
    # influence on A - ratio * influence on B, a quadratic form: a pair weighs -ratio, a variance 1 - ratio.
    weight = (np.eye(k) - ratio) * n / found.n
    raw = np.einsum("ij,ij->i", y @ weight, y)
    raw -= 2 * np.einsum("ij,ij->i", y @ (weight * mean.T), p)
    raw += np.einsum("ij,ij->i", p @ (weight * (mean * mean.T - found.cov)), p)
    se = k / (k - 1) / total * float(raw.std(ddof=1)) / math.sqrt(n)
    return with_error(alpha, se, found.least - 1, level, n=found.least, method=method)


def _centred(answers: NDArray[Any], present: Bools) -> tuple[Floats, Floats]:
    """(deviations from the items' means, 0 where nothing is present; present as numbers), both (n, k)."""
    values = np.where(present, answers, 0).astype(np.float64)
    means = values.sum(axis=0) / np.maximum(present.sum(axis=0), 1)
    return np.where(present, values - means, 0.0), present.astype(np.float64)

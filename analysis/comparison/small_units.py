"""Errors of units with few answers: one standard deviation for all.

Knows variances and counts. Must stay true: a pooled standard deviation is a claim that units differ in their means and
not in their spread; it steadies small units and misleads where one unit is divided and the others are not.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from analysis.estimate import Status
from analysis.means import PopulationMean

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PooledVariance:
    """s_p^2 of all units of an audience and its degrees of freedom; None where no unit has two answers."""

    variance: float | None
    df: int


def pooled_variance(n: NDArray[np.integer], variance: Floats) -> PooledVariance:
    """Variance of persons within units, sum_u (n_u - 1) s_u^2/sum_u (n_u - 1).

    n: (J,) answers; variance: (J,) s_u^2 (ddof 1), ignored where n_u < 2.
    R: anova(lm(y ~ unit))["Residuals", "Mean Sq"].
    """
    df = np.maximum(np.asarray(n) - 1, 0)
    if df.shape != np.shape(variance):
        raise ValueError("each unit needs a count and a variance")
    total = int(df.sum())
    squares = float(np.sum(df * np.where(df > 0, variance, 0.0)))
    return PooledVariance(squares / total if total else None, total)


def pooled_scores(
    y: Floats,
    n: NDArray[np.integer],
    variance: Floats,
    population: Floats | None = None,
    *,
    level: float = 0.95,
) -> tuple[PopulationMean, ...]:
    """Unit means with the pooled standard deviation, V = (1 - n/N) s_p^2/n, t with sum_u (n_u - 1).

    For units of 5 to 15 answers, whose own s is little better than a guess: unlucky units are not called sure. With
    skewed answers on ten points 95 % intervals cover .94 of the units where those with their own s cover .92, and are a
    tenth shorter (tests). That is an average: where spreads truly differ, the units with the widest are covered less.
    y: (J,) means; n: (J,); variance: (J,) s_u^2; population: (J,) N, NaN or None unknown. Also for units of a single
    answer. Undefined without answers, where n > N, and where no unit has two answers.
    R, without N: f <- lm(y ~ 0 + unit); coef(f), confint(f).
    """
    y, n = np.asarray(y, dtype=np.float64), np.asarray(n)
    sizes = np.full(len(n), np.nan) if population is None else np.asarray(population, dtype=np.float64)
    if not y.shape == n.shape == sizes.shape:
        raise ValueError("each unit needs a mean, a count and a size")
    pooled = pooled_variance(n, variance)
    quantile = float(stdtrit(pooled.df, (1 + level) / 2)) if pooled.df else 0.0
    found = []
    for mean, answers, size in zip(y.tolist(), n.tolist(), sizes.tolist(), strict=True):
        known = None if math.isnan(size) else size
        reason = None
        if not answers:
            reason = Status.UNDEFINED_NO_RESPONSES
        elif known is not None and answers > known:
            reason = Status.UNDEFINED_FRAME_TOO_SMALL
        elif pooled.variance is None:
            reason = Status.UNDEFINED_ONE_RESPONSE
        if reason or pooled.variance is None:
            status = reason or Status.UNDEFINED_ONE_RESPONSE
            found.append(PopulationMean(value=None, n=answers, method="pooled_sd", status=status, population=known))
            continue
        process = pooled.variance / answers
        se = math.sqrt(process * (1.0 if known is None else 1 - answers / known))
        found.append(
            PopulationMean(
                value=mean,
                se=se,
                lo=mean - quantile * se,
                hi=mean + quantile * se,
                n=answers,
                df=pooled.df,
                method="pooled_sd",
                status=Status.OK if process else Status.WARN_NO_VARIATION,
                se_process=math.sqrt(process),
                population=known,
            )
        )
    return tuple(found)

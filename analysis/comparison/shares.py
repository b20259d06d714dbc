"""Intervals of shares, such as the share of satisfied answers (the top two boxes), in small and finite populations.

Knows counts, shares and their standard errors. Must stay true: limits lie between 0 and 1 by the method, not by
cutting; the plain p +- z SE is not offered, because it is empty at 0 and 1 and too narrow below thirty answers.
"""

import math
from collections.abc import Callable
from typing import Literal

import numpy as np
from scipy.special import betaincinv, stdtrit
from statsmodels.stats.proportion import proportion_confint

from analysis.estimate import Estimate, Status, undefined

Method = Literal["logit", "asin", "beta"]


def wilson(count: float, n: float, *, level: float = 0.95) -> Estimate:
    """Wilson's interval of count/n, the shares p with |count/n - p| <= z sqrt(p (1-p)/n).

    count, n: counts, or with a design count = share n* and n = n* effective answers. Good from n = 5 on, where the
    textbook interval fails up to n = 100 (Brown, Cai & DasGupta 2001, doi:10.1214/ss/1009213286). 0 of 5: 0 to .43.
    Undefined for n = 0. R: prop.test(count, n, correct = FALSE)$conf.int. Wilson 1927, doi:10.2307/2276774.
    """
    if not 0 <= count <= n or not 0 < level < 1:
        raise ValueError(f"{count} of {n} at level {level} is no share")
    if not n:
        return undefined(Status.UNDEFINED_NO_RESPONSES, n=0, method="wilson")
    lo, hi = proportion_confint(count, n, alpha=1 - level, method="wilson")
    # At the ends the limit is 0 or 1 itself, from which rounding may stray.
    return Estimate(
        value=count / n,
        lo=0.0 if count == 0 else float(lo),
        hi=1.0 if count == n else float(hi),
        n=round(n),
        method="wilson",
    )


def effective_n(n: int, population: float | None = None, deff: float = 1.0) -> float:
    """Answers of a simple random sample from an endless population that would say as much, n/((1 - n/N) deff).

    deff: without the finite population correction (Kish's, or of clusters). Infinite for a census.
    """
    if n < 0 or deff <= 0 or (population is not None and n > population):
        raise ValueError(f"{n} of {population} answers with a design effect of {deff}")
    left = 1.0 if population is None or not n else 1 - n / population
    return n / (left * deff) if left else math.inf


def top_box_share(
    count: int, n: int, population: float | None = None, *, deff: float = 1.0, level: float = 0.95
) -> Estimate:
    """Share of n answers that chose one of the top boxes, Wilson's interval with n* = n/((1 - n/N) deff).

    count: answers in the top boxes; population: N, None for no correction; deff as in `effective_n`. `se` is
    sqrt(p (1-p)/n*); `detail["n_eff"]` is n*, absent for a census, whose share has no sampling error.
    Undefined for n = 0 and n > N. R: prop.test(p * n*, n*, correct = FALSE)$conf.int. Franco, Little, Louis & Slud
    2019, J. Survey Statistics and Methodology 7, 334-364, find it among the best with effective n.
    """
    method = "top_box_share"
    if not 0 <= count <= n:
        raise ValueError(f"{count} of {n} is no share")
    if not n:
        return undefined(Status.UNDEFINED_NO_RESPONSES, n=0, method=method)
    if population is not None and n > population:
        return undefined(Status.UNDEFINED_FRAME_TOO_SMALL, n=n, method=method)
    share, n_eff = count / n, effective_n(n, population, deff)
    if math.isinf(n_eff):
        return Estimate(value=share, se=0.0, lo=share, hi=share, n=n, method=method)
    found = wilson(share * n_eff, n_eff, level=level)
    se = math.sqrt(share * (1 - share) / n_eff)
    return Estimate(value=share, se=se, lo=found.lo, hi=found.hi, n=n, method=method, detail={"n_eff": n_eff})


def design_share(
    share: float, se: float, n: int, df: float, *, method: Method = "logit", level: float = 0.95
) -> Estimate:
    """Interval of a share from its design-based standard error (stratified, weighted, clustered), t with df.

    logit, asin: p +- t SE on that scale, then back. beta: exact binomial limits (Clopper & Pearson) with
    n* = p (1-p)/SE^2 (t_{n-1}/t_df)^2 answers (Korn & Graubard 1998, Survey Methodology 24, 193-201): the widest, and
    never under its level. share: p; se: of `means`; n: answers; df: of se. With se = 0 (all alike, or a census) there
    is a value and no interval: `top_box_share` still has one where all answered alike.
    R: svyciprop(~y, d, method = "xlogit" (within 1e-9 "logit"), "asin", "beta").
    """
    if not 0 <= share <= 1 or se < 0 or n < 0 or not 0 < level < 1:
        raise ValueError(f"a share of {share} with a standard error of {se} from {n} answers at level {level}")
    if not n:
        return undefined(Status.UNDEFINED_NO_RESPONSES, n=0, method=method)
    if not se or share in (0.0, 1.0):
        return Estimate(value=share, se=se, n=n, method=method, status=Status.WARN_NO_VARIATION)
    if df <= 0:
        return Estimate(value=share, se=se, n=n, method=method, status=Status.WARN_ONE_RESPONSE)
    upper = (1 + level) / 2
    quantile = float(stdtrit(df, upper))
    if method == "beta":
        n_eff = share * (1 - share) / se**2 * (float(stdtrit(n - 1, upper)) / quantile) ** 2
        yes, no = n_eff * share, n_eff * (1 - share)
        lo, hi = float(betaincinv(yes, no + 1, 1 - upper)), float(betaincinv(yes + 1, no, upper))
    else:
        there, back, slope = _SCALES[method]
        centre, half = there(share), quantile * se * slope(share)
        lo, hi = back(centre - half), back(centre + half)
    return Estimate(value=share, se=se, lo=lo, hi=hi, n=n, df=df, method=method)


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def _squared_sine(x: float) -> float:
    """sin^2 on the quarter wave where the arcsine scale lives."""
    return float(np.sin(np.clip(x, 0.0, math.pi / 2)) ** 2)


_Function = Callable[[float], float]

# Each scale: there, back, and how fast it changes at p.
_SCALES: dict[str, tuple[_Function, _Function, _Function]] = {
    "logit": (lambda p: math.log(p / (1 - p)), _logistic, lambda p: 1 / (p * (1 - p))),
    "asin": (lambda p: math.asin(math.sqrt(p)), _squared_sine, lambda p: 0.5 / math.sqrt(p * (1 - p))),
}

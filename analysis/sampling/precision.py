"""Margins of error, and how many answers a margin needs: for means (points) and shares, populations finite or not.

Knows standard deviations, counts and the size of the frame. Must stay true: the number asked for is the smallest that
keeps the margin; a census has a margin of 0 for the people of the frame, which says nothing of the process.
"""

import math
from collections.abc import Callable
from typing import Literal

from scipy.special import ndtri, stdtrit

from analysis.estimate import Estimate, Status, undefined

Quantile = Literal["normal", "t"]

PRECISION = 5.0  # points either way, what fieldwork plans for and what is asked for where a plan names no half width

# A margin that misses the wanted one by rounding error keeps it.
_SLACK = 1 + 1e-12


def margin_of_error(
    sd: float,
    n: int,
    population: float | None = None,
    *,
    level: float = 0.95,
    deff: float = 1.0,
    quantile: Quantile = "normal",
) -> Estimate:
    """Half width of the interval of a mean, z S sqrt(deff (1 - n/N)/n), in the unit of S.

    sd: S, of persons. n: answers. population: N, None for no correction. deff: design effect without the finite
    population correction. quantile: "normal" for planning; "t" with n - 1 is what an interval from n answers will use,
    wider below 30. `se` is that of the mean. Undefined for n = 0, n > N, and "t" with a single answer; with S = 0 a
    warning, because equal answers so far do not promise equal answers.
    R: qnorm(.975) * SE(svymean(~y, svydesign(~1, fpc = ~N))). Cochran 1977, Sampling Techniques, 2.8.
    """
    method = "margin_of_error"
    _check(sd >= 0, "a standard deviation", sd)
    _check(deff > 0, "a design effect", deff)
    status = _count_status(n, population, quantile)
    if status:
        return undefined(status, n=n, method=method)
    se = sd * math.sqrt(deff * _left(n, population) / n)
    status = Status.OK if sd else Status.WARN_NO_VARIATION
    return Estimate(value=_factor(level, quantile, n) * se, se=se, n=n, method=method, status=status)


def margin_of_error_share(
    share: float, n: int, population: float | None = None, *, level: float = 0.95, deff: float = 1.0
) -> Estimate:
    """Half width of the interval of a share, z sqrt(deff p (1-p)/n (N-n)/(N-1)); 0 to 1.

    share: p expected, .5 for the widest. For planning only: from few answers or near 0 and 1 the interval is not
    symmetric, and what is printed comes from `comparison.shares`. Undefined for n = 0 and n > N.
    Cochran 1977, Sampling Techniques, 3.2.
    """
    _check(0 <= share <= 1, "a share", share)
    # S^2 of a finite population of zeros and ones is N p (1-p)/(N-1).
    enlarged = 1.0 if population is None or population <= 1 else population / (population - 1)
    return margin_of_error(math.sqrt(share * (1 - share) * enlarged), n, population, level=level, deff=deff)


def required_n(
    error: float,
    sd: float,
    population: int | None = None,
    *,
    level: float = 0.95,
    deff: float = 1.0,
    quantile: Quantile = "normal",
) -> int:
    """Answers needed for a mean to +-error: the smallest n with `margin_of_error` <= error, near n0/(1 + n0/N).

    n0 = deff (z S/error)^2. At most N: a census has no sampling error. With S = 20 and +-5 points: 62; of N = 30
    people 21, of 12 people 11, so small units are asked completely. "t" never asks for fewer than two.
    Cochran 1977, Sampling Techniques, 4.6.
    """
    _check(error > 0, "a margin of error", error)
    least = 2 if quantile == "t" else 1
    wanted = deff * (_factor(level, "normal", 2) * sd / error) ** 2
    n = max(least, math.floor(wanted if population is None else wanted / (1 + wanted / population)) - 1)
    while population is None or n < population:
        found = margin_of_error(sd, n, population, level=level, deff=deff, quantile=quantile)
        if found.value is not None and found.value <= error * _SLACK:
            break
        n += 1
    return n if population is None else min(n, population)


def required_n_share(
    error: float, share: float = 0.5, population: int | None = None, *, level: float = 0.95, deff: float = 1.0
) -> int:
    """Answers needed for a share to +-error (0 to 1), the smallest n with `margin_of_error_share` <= error.

    share: expected, .5 where nothing is known. With +-.05 at .5: 385; of N = 1,000 people 278.
    Cochran 1977, Sampling Techniques, 4.4.
    """
    _check(0 <= share <= 1, "a share", share)
    enlarged = 1.0 if population is None or population <= 1 else population / (population - 1)
    return required_n(error, math.sqrt(share * (1 - share) * enlarged), population, level=level, deff=deff)


def answers_more(
    n: int,
    error: float,
    sd: float,
    population: int | None = None,
    *,
    level: float = 0.95,
    deff: float = 1.0,
    quantile: Quantile = "normal",
) -> Estimate:
    """How many more answers bring a mean to +-error; 0 where it is there already. `detail["required"]`: in all.

    n: answers so far; sd: S, the unit's own or, with few answers, pooled over the audience. The answers still to come
    must be of the same kind as those that came: more of those who like to answer do not repair a bias.
    Undefined for n > N; with S = 0 a warning.
    """
    method = "answers_more"
    _check(sd >= 0, "a standard deviation", sd)
    if population is not None and n > population:
        return undefined(Status.UNDEFINED_FRAME_TOO_SMALL, n=n, method=method)
    required = required_n(error, sd, population, level=level, deff=deff, quantile=quantile)
    status = Status.OK if sd else Status.WARN_NO_VARIATION
    detail = {"required": float(required)}
    return Estimate(value=float(max(0, required - n)), n=n, method=method, status=status, detail=detail)


def answers_more_of_design(
    n: int,
    error: float,
    *,
    se: float,
    se_process: float,
    df: float,
    population: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """How many more answers bring the mean of any design to +-error, from its own standard errors; 0: it is there.

    V(m) = se_process^2 n/m - (se_process^2 - se^2) for m answers: further ones of the same kind, shared out over the
    strata as the first ones were. With one stratum it is (1 - m/N) S^2/m (Cochran 1977, Sampling Techniques, 4.6); a
    stratum that is exhausted before the others makes it a little too small. Where n counts departments it is
    (1 - m/N) s_b^2/m and what their few people leave open, the mean of s_w^2/m_g over N, which more departments do not
    lessen (10.3). Half width t sqrt(V), t with df (m - 1)/(n - 1), so that at m = n it is that of the interval.
    n: at least 2. se, se_process, df: of the mean, as in `means.PopulationMean`; equal ones: no correction. population:
    N, the most that m can be. `detail["required"]`: m. Undefined for n < 2, n > N, and where all N would not do (a plan
    about the process; departments that are heard through a few people each). With se_process = 0 a warning.
    """
    method = "answers_more_of_design"
    _check(error > 0, "a margin of error", error)
    _check(min(se, se_process) >= 0, "a standard error", min(se, se_process))
    _check(df > 0, "a number of degrees of freedom", df)
    if n < 2:
        return undefined(Status.UNDEFINED_ONE_RESPONSE if n else Status.UNDEFINED_NO_RESPONSES, n=n, method=method)
    if population is not None and n > population:
        return undefined(Status.UNDEFINED_FRAME_TOO_SMALL, n=n, method=method)
    process = se_process**2

    def keeps(m: int) -> bool:
        variance = process * n / m - (process - se**2)
        return _factor(level, "t", 1 + df * (m - 1) / (n - 1)) * math.sqrt(max(variance, 0.0)) <= error * _SLACK

    required = _least(keeps, n, population)
    if required is None:
        return undefined(Status.UNDEFINED_OUT_OF_REACH, n=n, method=method)
    status = Status.OK if se_process else Status.WARN_NO_VARIATION
    detail = {"required": float(required)}
    return Estimate(value=float(required - n), n=n, method=method, status=status, detail=detail)


def _least(keeps: Callable[[int], bool], low: int, most: int | None) -> int | None:
    """The least number from `low` to `most` that keeps the margin, as all after it do; None where `most` does not."""
    if keeps(low):
        return low
    high = 2 * low
    while (most is None or high < most) and not keeps(high):
        low, high = high, 2 * high
    if most is not None and high >= most:
        high = most
        if not keeps(high):
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if keeps(middle) else (middle, high)
    return high


def _count_status(n: int, population: float | None, quantile: Quantile) -> Status | None:
    if n < 1:
        return Status.UNDEFINED_NO_RESPONSES
    if population is not None and n > population:
        return Status.UNDEFINED_FRAME_TOO_SMALL
    if quantile == "t" and n < 2:
        return Status.UNDEFINED_ONE_RESPONSE
    return None


def _left(n: int, population: float | None) -> float:
    """1 - n/N: the share of the frame that has not answered."""
    return 1.0 if population is None else 1 - n / population


def _factor(level: float, quantile: Quantile, n: float) -> float:
    _check(0 < level < 1, "a level", level)
    upper = (1 + level) / 2
    return float(ndtri(upper) if quantile == "normal" else stdtrit(n - 1, upper))


def _check(fits: bool, what: str, number: float) -> None:
    if not fits:
        raise ValueError(f"{what} cannot be {number}")

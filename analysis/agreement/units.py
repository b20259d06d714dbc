"""Do units differ by more than their members do? One-way analysis of variance and ICCs from sums per unit.

Knows sums n, s1, s2 per unit only, which can be added over disjoint answers. Must stay true: a negative ICC is real and
is not clamped; a unit of one answer stays in the analysis (its mean counts, it has no spread of its own).
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtrc, fdtri

from analysis.estimate import Estimate, Status, undefined

Floats = NDArray[np.float64]
Integers = NDArray[np.integer[Any]]

# Below this share of the sum of squares, a difference of sums is the floating-point dust of equal answers.
_DUST = 1e-13


@dataclass(frozen=True, eq=False)
class UnitSums:
    """Answers per unit: n (J,) how many, s1 (J,) their sum, s2 (J,) the sum of their squares.

    Sums of integers are exact (below 2^53), so the same answers give the same bits however they are added up.
    """

    n: NDArray[np.int64]
    s1: Floats
    s2: Floats

    def __add__(self, other: "UnitSums") -> "UnitSums":
        return UnitSums(self.n + other.n, self.s1 + other.s1, self.s2 + other.s2)

    def means(self) -> Floats:
        """Mean of each unit (J,); NaN without answers."""
        return _quotient(self.s1, self.n, self.n > 0)

    def variances(self) -> Floats:
        """Variance within each unit (J,), divisor n - 1; NaN with fewer than two answers."""
        return _quotient(self.squares_within(), self.n - 1, self.n > 1)

    def squares_within(self) -> Floats:
        """Sum of squared deviations from the unit's mean (J,), 0 without answers."""
        found = _quotient(self.n * self.s2 - self.s1**2, self.n, self.n > 0)
        return np.where(self.n * self.s2 - self.s1**2 > _DUST * self.n * self.s2, found, 0.0)

    def pooled_variance(self) -> float | None:
        """Variance within units, pooled with divisor N - J; None where no unit has two answers."""
        df = int(self.n.sum() - np.count_nonzero(self.n))
        return float(self.squares_within().sum()) / df if df else None


@dataclass(frozen=True, kw_only=True)
class OneWay:
    """One-way analysis of variance over units that have answers; None where there is no such number.

    units, n: units and answers. ms_between, ms_within: mean squares. f, p: F test of equal units, df units - 1 and
    n - units. n0: the unit size that stands for unequal ones, (n - sum n_u^2/n)/(units - 1); n_mean: the mean size.
    """

    units: int
    n: int
    ms_between: float | None = None
    ms_within: float | None = None
    f: float | None = None
    p: float | None = None
    n0: float | None = None
    n_mean: float | None = None
    status: Status = Status.OK

    @property
    def df_between(self) -> int:
        """Degrees of freedom between units."""
        return max(self.units - 1, 0)

    @property
    def df_within(self) -> int:
        """Degrees of freedom within units."""
        return self.n - self.units


def unit_sums(y: Floats | Integers, unit: Integers, n_units: int) -> UnitSums:
    """Sums per unit of the answers that are there.

    y: (n,) numbers, NaN where there is none; unit: (n,) from 0 to n_units - 1.
    """
    y = np.asarray(y, dtype=np.float64)
    if y.ndim != 1 or unit.shape != y.shape:
        raise ValueError(f"answers have shape {y.shape}, their units {unit.shape}")
    if len(unit) and (int(unit.min()) < 0 or int(unit.max()) >= n_units):
        raise ValueError(f"unit numbers must lie between 0 and {n_units - 1}")
    here = ~np.isnan(y)
    unit, y = unit[here], y[here]
    n = np.bincount(unit, minlength=n_units).astype(np.int64)
    s1, s2 = (np.bincount(unit, weights=power, minlength=n_units) for power in (y, y * y))
    return UnitSums(n, s1.astype(np.float64), s2.astype(np.float64))


def one_way(sums: UnitSums) -> OneWay:
    """Mean squares between and within units, F and its p.

    MSB = sum n_u (m_u - m)^2 / (J - 1), MSW = sum_u sum (y - m_u)^2 / (N - J); units without answers are not there.
    Undefined (the mean squares that exist are still given): no answers, one unit, no unit with two answers, all
    answers equal. No spread within any unit: no F.
    R: anova(aov(y ~ factor(unit))).
    """
    n, j = int(sums.n.sum()), int(np.count_nonzero(sums.n))
    if not n:
        return OneWay(units=0, n=0, status=Status.UNDEFINED_NO_RESPONSES)
    within = sums.pooled_variance()
    if j < 2:
        return OneWay(units=j, n=n, ms_within=within, n_mean=float(n), status=Status.UNDEFINED_ONE_UNIT)
    total, squares = float(sums.s1.sum()), float(sums.s2.sum())
    here = sums.n > 0
    squares_between = float((sums.s1[here] ** 2 / sums.n[here]).sum()) - total**2 / n
    between = squares_between / (j - 1) if squares_between > _DUST * squares else 0.0
    sizes = {"n0": (n - float((sums.n**2).sum()) / n) / (j - 1), "n_mean": n / j}
    if within is None:
        return OneWay(units=j, n=n, ms_between=between, **sizes, status=Status.UNDEFINED_ONE_RESPONSE)
    if not within:
        status = Status.WARN_NO_VARIATION_WITHIN if between else Status.UNDEFINED_NO_VARIATION
        return OneWay(units=j, n=n, ms_between=between, ms_within=0.0, **sizes, status=status)
    f = between / within
    return OneWay(
        units=j,
        n=n,
        ms_between=between,
        ms_within=within,
        f=f,
        p=float(fdtrc(j - 1, n - j, f)),
        **sizes,
        status=Status.OK if between else Status.WARN_NO_VARIATION_BETWEEN,
    )


def icc1(anova: OneWay, *, size: Literal["n0", "mean"] = "n0", level: float = 0.95) -> Estimate:
    """Share of the variance of single answers that lies between units, (MSB - MSW)/(MSB + (n0 - 1) MSW).

    size: "mean" takes the mean unit size instead of n0, as multilevel does; with unequal units n0 is the unbiased one
    (Donner 1986, doi:10.2307/1403259). Interval from F, exact for equal units and normal answers, approximate
    otherwise: F_L = F/F_{(1 + level)/2}, lo = (F_L - 1)/(F_L + n0 - 1), hi likewise (Searle 1971, Linear Models).
    Lies in [-1/(n0 - 1), 1]; negative: members of a unit differ more than strangers do. .05 is called small, .10
    medium, .25 large (LeBreton & Senter 2008, doi:10.1177/1094428106296642), but with n = 5 a unit's mean needs .32 for
    a reliability of .70: look at `icc2` and, for single units, at `unit_reliability`.
    Undefined: one unit, no unit with two answers, all answers equal. No spread within or between units: no interval.
    R: multilevel::ICC1(aov(y ~ factor(unit))) with size "mean". Bliese 2000, in Klein & Kozlowski, Multilevel Theory.
    """
    if not anova.status.defined:
        return undefined(anova.status, n=anova.n, method="icc1")
    assert anova.ms_between is not None and anova.ms_within is not None
    assert anova.n0 is not None and anova.n_mean is not None
    weight = (anova.n0 if size == "n0" else anova.n_mean) - 1
    value = (anova.ms_between - anova.ms_within) / (anova.ms_between + weight * anova.ms_within)
    limits = [None if f is None else (f - 1) / (f + weight) for f in _f_limits(anova, level)]
    return _icc(anova, "icc1", value, limits)


def icc2(anova: OneWay, *, level: float = 0.95) -> Estimate:
    """Reliability of the units' means, (MSB - MSW)/MSB, interval 1 - 1/F_L to 1 - 1/F_U.

    An average over units that hides the small ones: .70 is asked for, .60 tolerated, and a unit of five can still be
    far below it (`unit_reliability` is the one for decisions). At most 1, negative where MSB < MSW; undefined where
    `icc1` is, and where the means of all units are equal.
    R: multilevel::ICC2(aov(y ~ factor(unit))). Bliese 2000, in Klein & Kozlowski, Multilevel Theory.
    """
    status = anova.status
    if status is Status.WARN_NO_VARIATION_BETWEEN:
        status = Status.UNDEFINED_NO_VARIATION_BETWEEN
    if not status.defined:
        return undefined(status, n=anova.n, method="icc2")
    assert anova.ms_between is not None and anova.ms_within is not None
    limits = [None if f is None else 1 - 1 / f for f in _f_limits(anova, level)]
    return _icc(anova, "icc2", 1 - anova.ms_within / anova.ms_between, limits)


def _f_limits(anova: OneWay, level: float) -> tuple[float | None, float | None]:
    """F divided by its quantiles; none where F is 0 or does not exist: the limits would fall on the value."""
    if not anova.f:
        return None, None
    tails = (1 + level) / 2, (1 - level) / 2
    lo, hi = (anova.f / float(fdtri(anova.df_between, anova.df_within, tail)) for tail in tails)
    return lo, hi


def _icc(anova: OneWay, method: str, value: float, limits: list[float | None]) -> Estimate:
    detail = {"units": float(anova.units), "n0": anova.n0, "f": anova.f, "p": anova.p}
    return Estimate(
        value=value,
        lo=limits[0],
        hi=limits[1],
        n=anova.n,
        method=method,
        status=anova.status,
        detail={name: number for name, number in detail.items() if number is not None},
    )


def _quotient(numerator: Floats, denominator: NDArray[np.int64], where: NDArray[np.bool_]) -> Floats:
    """The quotient where it exists, elsewhere NaN."""
    result = np.full(numerator.shape, np.nan)
    np.divide(numerator, denominator, out=result, where=where)
    return result

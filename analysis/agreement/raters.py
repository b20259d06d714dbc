"""Do raters who all rate the same subjects agree? The six intraclass correlations of complete two-way data.

Knows a table of ratings, subjects by raters, without holes. Must stay true: negative values are real; an interval for
the mean of k raters is the Spearman-Brown image of the interval for one, because both speak of the same parameter.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtrc, fdtri

from analysis.estimate import Estimate, Status, undefined

Floats = NDArray[np.float64]
Integers = NDArray[np.integer[Any]]

_DUST = 1e-13
_FLOAT_EXACT = 2**53


@dataclass(frozen=True, kw_only=True)
class TwoWay:
    """Mean squares of a complete table of n subjects by k raters; None where there is none.

    ms_subjects, ms_raters: between rows and columns. ms_residual: what is left of rows and columns. ms_within: between
    the ratings of one subject, raters and residual together.
    """

    subjects: int
    raters: int
    ms_subjects: float | None = None
    ms_raters: float | None = None
    ms_residual: float | None = None
    ms_within: float | None = None
    status: Status = Status.OK


@dataclass(frozen=True, kw_only=True)
class IntraclassCorrelations:
    """The six coefficients: one rating and the mean of all k, under three questions.

    one_way: other raters for each subject, or raters not told apart. consistency: the same raters, whose severity does
    not matter (ranking). agreement: the same raters, whose severity counts as error (scores on a fixed scale).
    """

    one_way: Estimate
    one_way_mean: Estimate
    consistency: Estimate
    consistency_mean: Estimate
    agreement: Estimate
    agreement_mean: Estimate


def two_way(ratings: Floats | Integers) -> TwoWay:
    """Mean squares of a complete table; whole numbers are summed exactly.

    ratings: (n, k), NaN where a rating is missing, which leaves no analysis (`incomplete`).
    Undefined: fewer than two subjects or raters, a missing rating, all ratings equal.
    R: anova(aov(y ~ subject + rater)).
    """
    if ratings.ndim != 2:
        raise ValueError(f"ratings are a table of subjects by raters, not {ratings.shape}")
    n, k = ratings.shape
    y = np.asarray(ratings, dtype=np.float64)
    if n < 2 or k < 2:
        status = Status.UNDEFINED_ONE_UNIT if n < 2 else Status.UNDEFINED_ONE_RATER
        return TwoWay(subjects=n, raters=k, status=status)
    if np.isnan(y).any():
        return TwoWay(subjects=n, raters=k, status=Status.UNDEFINED_INCOMPLETE)
    if not np.isfinite(y).all():
        raise ValueError("ratings must be finite")
    total, rows, columns, squares = _sums(y)
    correction = total**2 / (n * k)
    by_rows, by_columns, within, residual = (
        float(part)
        for part in (
            rows / k - correction,
            columns / n - correction,
            squares - rows / k,
            squares - rows / k - columns / n + correction,
        )
    )
    dust = _DUST * float(squares)
    by_rows, by_columns, within, residual = (
        part if part > dust else 0.0 for part in (by_rows, by_columns, within, residual)
    )
    return TwoWay(
        subjects=n,
        raters=k,
        ms_subjects=by_rows / (n - 1),
        ms_raters=by_columns / (k - 1),
        ms_residual=residual / ((n - 1) * (k - 1)),
        ms_within=within / (n * (k - 1)),
        status=Status.OK if by_rows or within else Status.UNDEFINED_NO_VARIATION,
    )


def intraclass_correlations(table: TwoWay, *, level: float = 0.95) -> IntraclassCorrelations:
    """ICC(1), ICC(k), ICC(C,1), ICC(C,k), ICC(A,1), ICC(A,k) with intervals.

    With R, C, E, W the mean squares of subjects, raters, residual and within subjects:
    ICC(1) = (R - W)/(R + (k-1) W), ICC(C,1) = (R - E)/(R + (k-1) E), ICC(A,1) = (R - E)/(R + (k-1) E + k/n (C - E)),
    and k r/(1 + (k-1) r) for the mean of k. Intervals from F; for agreement with Satterthwaite's df (`df`).
    n: subjects. detail: `raters`; `f` and `p` test that the coefficient is 0. Under .50 is called poor, .50-.75
    moderate, .75-.90 good (Koo & Li 2016, doi:10.1016/j.jcm.2016.02.012), but every ICC depends on how much the
    subjects differ. Undefined as `two_way` says; for the mean also where it would be -infinity (subjects' means equal).
    No residual: no interval.
    The interval of ICC(A,k) is irr's, so that figures compare: its df put k ICC(A,k) where McGraw and Wong have k
    ICC(A,1), which makes them fewer and the interval a little wider; `agreement_limits` with the df of ICC(A,1),
    stepped up by Spearman-Brown, gives theirs.
    R: irr::icc(x, model, type, unit). McGraw & Wong 1996, doi:10.1037/1082-989X.1.1.30.
    """
    if not table.status.defined:
        found = {name: undefined(table.status, n=table.subjects, method=f"icc_{name}") for name in _NAMES}
        return IntraclassCorrelations(**found)
    n, k = table.subjects, table.raters
    one_way = _from_f(table, table.ms_within, n * (k - 1), level)
    consistency = _from_f(table, table.ms_residual, (n - 1) * (k - 1), level)
    agreement = _agreement(table, level)
    found = {}
    for name, single in (("one_way", one_way), ("consistency", consistency), ("agreement", agreement)):
        found[name] = _estimate(single, name, table)
        mean = _mean_of_raters(single, k)
        if name == "agreement":
            mean = _with_limits_of_irr(mean, table, level)
        found[f"{name}_mean"] = _estimate(mean, f"{name}_mean", table)
    return IntraclassCorrelations(**found)


def agreement_limits(table: TwoWay, df: float, *, level: float = 0.95) -> tuple[float, float] | None:
    """Limits of ICC(A,1) for given denominator degrees of freedom; None where F has no such quantiles."""
    assert table.ms_subjects is not None and table.ms_raters is not None and table.ms_residual is not None
    n, k, r, c, e = table.subjects, table.raters, table.ms_subjects, table.ms_raters, table.ms_residual
    f_lo, f_hi = float(fdtri(n - 1, df, (1 + level) / 2)), float(fdtri(df, n - 1, (1 + level) / 2))
    rest = k * c + (k * n - k - n) * e
    below, above = f_lo * rest + n * r, rest + n * f_hi * r
    if not (np.isfinite(below) and np.isfinite(above) and below > 0 and above > 0):
        return None
    return n * (r - f_lo * e) / below, n * (f_hi * r - e) / above


_NAMES = ("one_way", "one_way_mean", "consistency", "consistency_mean", "agreement", "agreement_mean")


@dataclass(frozen=True)
class _Single:
    """A coefficient of one rating before it becomes an Estimate; value None: no such number."""

    value: float | None
    limits: tuple[float, float] | None
    f: float | None
    p: float | None
    df: float | None


def _from_f(table: TwoWay, error: float | None, df: int, level: float) -> _Single:
    assert table.ms_subjects is not None and error is not None
    n, k, between = table.subjects, table.raters, table.ms_subjects
    if not between and not error:
        return _Single(None, None, None, None, None)
    value = (between - error) / (between + (k - 1) * error)
    if not error:
        return _Single(value, None, None, None, None)
    f = between / error
    p = float(fdtrc(n - 1, df, f))
    if not f:
        return _Single(value, None, f, p, float(df))
    lo, hi = (f / float(fdtri(n - 1, df, tail)) for tail in ((1 + level) / 2, (1 - level) / 2))
    return _Single(value, ((lo - 1) / (lo + k - 1), (hi - 1) / (hi + k - 1)), f, p, float(df))


def _agreement(table: TwoWay, level: float) -> _Single:
    assert table.ms_subjects is not None and table.ms_raters is not None and table.ms_residual is not None
    n, k, r, c, e = table.subjects, table.raters, table.ms_subjects, table.ms_raters, table.ms_residual
    denominator = r + (k - 1) * e + k / n * (c - e)
    if denominator <= _DUST * (r + c + e):
        return _Single(None, None, None, None, None)
    value = (r - e) / denominator
    f = r / e if e else None
    p = float(fdtrc(n - 1, (n - 1) * (k - 1), f)) if f is not None else None
    if not r or not e:
        return _Single(value, None, f, p, None)
    df = _agreement_df(table, value)
    return _Single(value, agreement_limits(table, df, level=level), f, p, df)


def _agreement_df(table: TwoWay, value: float) -> float:
    """Satterthwaite's df of a C + b E, the denominator of agreement, for one value of the coefficient."""
    assert table.ms_raters is not None and table.ms_residual is not None
    n, k, c, e = table.subjects, table.raters, table.ms_raters, table.ms_residual
    a = k * value / (n * (1 - value))
    b = 1 + k * value * (n - 1) / (n * (1 - value))
    return (a * c + b * e) ** 2 / ((a * c) ** 2 / (k - 1) + (b * e) ** 2 / ((n - 1) * (k - 1)))


def _mean_of_raters(single: _Single, k: int) -> _Single:
    """Spearman-Brown of value and limits."""

    def longer(value: float | None) -> float | None:
        denominator = 0.0 if value is None else 1 + (k - 1) * value
        return None if value is None or denominator <= _DUST else k * value / denominator

    limits = [longer(limit) for limit in single.limits or (None, None)]
    lo, hi = limits
    both = (lo, hi) if lo is not None and hi is not None else None
    return _Single(longer(single.value), both, single.f, single.p, single.df)


def _with_limits_of_irr(mean: _Single, table: TwoWay, level: float) -> _Single:
    """ICC(A,k) with the df that its own value gives."""
    if mean.limits is None or mean.value is None:
        return mean
    df = _agreement_df(table, mean.value)
    limits = agreement_limits(table, df, level=level)
    return replace(_mean_of_raters(replace(mean, limits=limits), table.raters), value=mean.value, df=df)


def _estimate(found: _Single, name: str, table: TwoWay) -> Estimate:
    n, method = table.subjects, f"icc_{name}"
    if found.value is None:
        return undefined(Status.UNDEFINED_NO_VARIATION_BETWEEN, n=n, method=method)
    status = Status.OK
    if not table.ms_subjects:
        status = Status.WARN_NO_VARIATION_BETWEEN
    elif not table.ms_residual:
        status = Status.WARN_NO_VARIATION_WITHIN
    detail = {"raters": float(table.raters), "f": found.f, "p": found.p}
    return Estimate(
        value=found.value,
        lo=found.limits[0] if found.limits else None,
        hi=found.limits[1] if found.limits else None,
        n=n,
        df=found.df,
        method=method,
        status=status,
        detail={key: number for key, number in detail.items() if number is not None},
    )


def _sums(y: Floats) -> tuple[Any, Any, Any, Any]:
    """(total, sum of squared row sums, of squared column sums, of squares): exact for whole numbers.

    Other numbers are taken from their mean first, which moves no mean square and loses no digits.
    """
    if np.array_equal(y, np.rint(y)) and float((y**2).sum()) * y.size < _FLOAT_EXACT:
        whole = y.astype(np.int64)
        parts = (
            int(whole.sum()),
            int((whole.sum(axis=1) ** 2).sum()),
            int((whole.sum(axis=0) ** 2).sum()),
            int((whole**2).sum()),
        )
        total, rows, columns, squares = (Fraction(part) for part in parts)
        return total, rows, columns, squares
    y = y - y.mean()
    return float(y.sum()), float((y.sum(axis=1) ** 2).sum()), float((y.sum(axis=0) ** 2).sum()), float((y**2).sum())

"""How far the members of one unit agree: r_wg, r_wg(j), Lindell's r*_wg(j), average deviation, unit by unit.

Knows answers coded in steps of one (ranks 1 ... A, not points) and sums per unit. Must stay true: nothing is clamped;
the truncated value stands beside as `truncated`. One answer agrees with itself only: no value.

All of them compare a spread with that of answers without any opinion, so the choice of that null distribution decides
the result: the uniform one flatters wherever nobody uses the lower half of the scale. Both nulls belong on the page.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from analysis.agreement.units import UnitSums
from analysis.estimate import Estimate, Status, undefined

Floats = NDArray[np.float64]
Integers = NDArray[np.integer[Any]]
Null = Literal["uniform", "slight_skew"]

# Variances of the slightly skewed null distribution by number of options: LeBreton & Senter 2008, table 2.
_SLIGHT_SKEW = {5: 1.34, 6: 1.85, 7: 2.90, 8: 3.47, 9: 5.66, 10: 6.30, 11: 7.31}


def null_variance(options: int, null: Null = "uniform") -> float | None:
    """Variance of answers without an opinion on a scale of A options, in steps of one.

    uniform: (A^2 - 1)/12, 2 at five options, 8.25 at ten. slight_skew: leniency pulls answers upwards, tabulated for 5
    to 11 options (1.34 at five), None elsewhere. LeBreton & Senter 2008, doi:10.1177/1094428106296642.
    """
    if options < 2:
        raise ValueError(f"agreement needs a scale of two options or more, not {options}")
    return (options**2 - 1) / 12 if null == "uniform" else _SLIGHT_SKEW.get(options)


def r_wg(sums: UnitSums, options: int, null: Null = "uniform") -> tuple[Estimate, ...]:
    """Agreement within each unit on one item, 1 - s_u^2 / s_E^2; detail `truncated` is cut off below 0.

    sums: of one item's codes; options: A. One Estimate per unit, n its answers. At most 1; negative: the unit is more
    divided than chance. .70 is custom for averaging members to a unit, and depends on the null (see module).
    Undefined with fewer than two answers, and for options whose null nobody has tabulated.
    R: multilevel::rwg(x, unit, ranvar = 2)$rwg is the truncated one. James, Demaree & Wolf 1984,
    doi:10.1037/0021-9010.69.1.85.
    """
    return _of_mean_variance([sums], options, null, f"r_wg_{null}", lambda ratio, _: 1 - ratio)


def r_wg_j(items: Sequence[UnitSums], options: int, null: Null = "uniform") -> tuple[Estimate, ...]:
    """Agreement within each unit on j items of one scale, j(1 - v)/(j(1 - v) + v), v the mean variance over s_E^2.

    items: the sums of each item, with the same units. An item with fewer than two answers in a unit does not count
    there; detail `items` is j, n the fewest answers to any item that counts. Approaches 1 as j grows, whatever the
    agreement: read it with `lindell_r_wg_j`. .70 is custom. Negative where members differ more than chance, with a pole
    at v = j/(j - 1): from there on undefined (`truncated` is 0).
    R: multilevel::rwg.j(x, unit, ranvar = 2)$rwg.j is the truncated one. James, Demaree & Wolf 1984,
    doi:10.1037/0021-9010.69.1.85.
    """

    def formula(ratio: float, j: int) -> float | None:
        denominator = j * (1 - ratio) + ratio
        return j * (1 - ratio) / denominator if denominator > 0 else None

    return _of_mean_variance(items, options, null, f"r_wg_j_{null}", formula)


def lindell_r_wg_j(items: Sequence[UnitSums], options: int, null: Null = "uniform") -> tuple[Estimate, ...]:
    """Agreement within each unit on j items that does not grow with j, r*_wg(j) = 1 - v; v and j as in `r_wg_j`.

    R: multilevel::rwg.j.lindell(x, unit, ranvar = 2)$rwg.lindell. Lindell, Brandt & Whitney 1999,
    doi:10.1177/01466219922031257.
    """
    return _of_mean_variance(items, options, null, f"lindell_r_wg_j_{null}", lambda ratio, _: 1 - ratio)


def ad_index(
    codes: Floats | Integers, present: NDArray[np.bool_], unit: Integers, n_units: int, options: int
) -> tuple[Estimate, ...]:
    """Average deviation from the unit's mean, averaged over items: in steps of the scale, without a null distribution.

    codes, present: (n, k), what is not present is ignored; unit: (n,). One Estimate per unit, n the fewest answers to
    any item that counts (two or more answers). At most detail `cut` = A/6 counts as agreement (Burke & Dunlap 2002,
    doi:10.1177/1094428102005002002), which again is the uniform null in other words.
    R: multilevel::ad.m(x, unit)[, 2]. Burke, Finkelstein & Dusig 1999, doi:10.1177/109442819921004.
    """
    if codes.ndim != 2 or present.shape != codes.shape or unit.shape != codes.shape[:1]:
        raise ValueError(f"codes {codes.shape}, present {present.shape} and unit {unit.shape} do not fit")
    null_variance(options)
    k = codes.shape[1]
    n, deviation = np.zeros((n_units, k), dtype=np.int64), np.full((n_units, k), np.nan)
    for j in range(k):
        here = present[:, j]
        rows, y = unit[here], codes[here, j].astype(np.float64)
        n[:, j] = np.bincount(rows, minlength=n_units)
        size = np.maximum(n[:, j], 1)
        mean = np.bincount(rows, weights=y, minlength=n_units) / size
        deviation[:, j] = np.bincount(rows, weights=np.abs(y - mean[rows]), minlength=n_units) / size
    found = []
    for own_n, own in zip(n, deviation, strict=True):
        counts = own_n > 1
        if not counts.any():
            found.append(undefined(_too_few(own_n), n=int(own_n.max(initial=0)), method="ad_index"))
            continue
        detail = {"cut": options / 6, "items": float(np.count_nonzero(counts))}
        value = float(own[counts].mean())
        found.append(Estimate(value=value, n=int(own_n[counts].min()), method="ad_index", detail=detail))
    return tuple(found)


def _of_mean_variance(
    items: Sequence[UnitSums], options: int, null: Null, method: str, formula: Callable[[float, int], float | None]
) -> tuple[Estimate, ...]:
    """One Estimate per unit from the mean over items of its variance, divided by that of the null."""
    chance = null_variance(options, null)
    n = np.array([sums.n for sums in items], dtype=np.int64)
    if n.ndim != 2 or not n.shape[0]:
        raise ValueError("items must have sums over the same units, and be one at least")
    variances = np.array([sums.variances() for sums in items])
    found = []
    for own_n, own in zip(n.T, variances.T, strict=True):
        counts = own_n > 1
        if not counts.any():
            found.append(undefined(_too_few(own_n), n=int(own_n.max()), method=method))
            continue
        answers, j = int(own_n[counts].min()), int(np.count_nonzero(counts))
        if chance is None:
            found.append(undefined(Status.UNDEFINED_NULL_NOT_TABULATED, n=answers, method=method))
            continue
        ratio = float(own[counts].mean()) / chance
        value = formula(ratio, j)
        detail = {"truncated": max(value, 0.0) if value is not None else 0.0, "items": float(j), "null": chance}
        if value is None:
            found.append(undefined(Status.UNDEFINED_BEYOND_NULL, n=answers, method=method, detail=detail))
        else:
            found.append(Estimate(value=value, n=answers, method=method, detail=detail))
    return tuple(found)


def _too_few(n: NDArray[np.int64]) -> Status:
    return Status.UNDEFINED_ONE_RESPONSE if n.any() else Status.UNDEFINED_NO_RESPONSES

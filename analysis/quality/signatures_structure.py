"""Covariance too close to one factor: the items of a unit all correlate alike, where elsewhere dimensions show.

Answers forged to a wished alpha are one score a person plus noise. Honest answers to a questionnaire with dimensions
correlate more within a dimension than across, and in the same places in every unit. How much of that pattern a unit
shows is 1 on average for honest units and 0 for such forgeries.

Knows codes and unit numbers. Must stay true: a unit is measured against the other units of its campaign, never against
a limit for fit. A one-factor model that fits well, residuals (SRMR) that are small, correlations that are equal are no
sign of forgery by themselves: honest one-dimensional answers have them, and under a true one-factor model chi-square is
as large as chance makes it, not smaller, so "too good a fit" does not exist without something to compare with.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.estimate import Status
from analysis.moments import GroupedMoments, grouped_moments
from analysis.quality.duplicates import LEVEL
from analysis.quality.signatures import Signature, SignatureKind, low_beside_others
from analysis.quality.signatures_measured import measured_for
from analysis.reliability.covariances import correlations

Floats = NDArray[np.float64]
Integers = NDArray[np.integer[Any]]

FEWEST_ROWS = 20
FEWEST_ITEMS = 4
FLOOR = 0.07  # standard deviation of the slope between honest units that is always allowed for
_INFLUENCE_ROWS = 10_000


def missing_structure(codes: Integers, unit: Integers, n_units: int, *, level: float = LEVEL) -> tuple[Signature, ...]:
    """The slope of a unit's correlations on those of all other units, for each unit.

    codes: (n, k) keyed order ranks, 0 and below is missing, complete rows are used; unit: (n,) from 0. With R the
    correlations pooled within the other units and r_jl the unit's own: statistic b = sum w_jl r_jl over pairs of items,
    w_jl = (R_jl - mean R)/sum (R - mean R)^2. 1: the same structure; 0: none. A constant shift of all correlations
    (more or less alpha) leaves b as it is. Standard error by the influence function of correlations among the others'
    answers, w_jl (z_j z_l - r_jl (z_j^2 + z_l^2)/2) summed, over sqrt(n). p: `signatures.low_beside_others` with the
    slopes of the other units (each against all others), which carry the attenuation by sampling and honest differences.
    detail: mean_r and sd_r, mean and standard deviation of the unit's correlations; sd_others, of the others' pooled.
    level is for the campaign, shared by its units.
    Undefined with fewer than 20 complete rows, four items, or four other units that have a slope; with an item that
    everybody in the unit answered alike; and where even a slope of 0 would not be unusual
    (UNDEFINED_NO_STRUCTURE): one-dimensional questionnaires, few answers. There this signature knows nothing.
    R, the slope: coef(lm(r[upper.tri(r)] ~ R[upper.tri(R)]))[2].
    Sees: units of a hundred answers forged as a whole, of three hundred by half. Does not see: thirty answers, a fifth
    of a unit, copies, forgers who get the dimensions right.
    """
    n, k = codes.shape
    if unit.shape != (n,):
        raise ValueError(f"{n} rows, but units of shape {unit.shape}")
    whole = (codes > 0).all(axis=1)
    codes, unit = codes[whole], unit[whole]
    sums = grouped_moments(codes, unit, n_units)
    scatter = _scatter(sums)
    total = scatter.sum(axis=0)
    reasons = [_reason(int(sums.n[u]), k, scatter[u], total - scatter[u]) for u in range(n_units)]
    values = np.full(n_units, np.nan)
    details: list[dict[str, float]] = [{} for _ in range(n_units)]
    for u in (u for u in range(n_units) if reasons[u] is Status.OK):
        own, others = correlations(scatter[u]), correlations(total - scatter[u])
        weights = _weights(others)
        if weights is None:
            reasons[u] = Status.UNDEFINED_NO_STRUCTURE
            continue
        off = ~np.eye(k, dtype=np.bool_)
        values[u] = float((weights * own).sum()) / 2
        details[u] = {
            "mean_r": float(own[off].mean()),
            "sd_r": float(own[off].std()),
            "sd_others": float(others[off].std()),
        }
    spreads = _influence(codes, unit, sums, scatter, ~np.isnan(values))
    errors = np.sqrt(spreads / np.maximum(sums.n, 1))
    beside = low_beside_others(values, errors, FLOOR)
    share = level / n_units
    found = []
    for u in range(n_units):
        status = reasons[u]
        if status is Status.OK and np.isnan(beside.p[u]):
            status = Status.UNDEFINED_FEW_UNITS
        if status is Status.OK and beside.threshold(u, share) < 0:
            status = Status.UNDEFINED_NO_STRUCTURE
        ok, p = status is Status.OK, float(beside.p[u])
        found.append(
            Signature(
                kind=SignatureKind.MISSING_STRUCTURE,
                unit=u,
                n=int(sums.n[u]),
                statistic=float(values[u]) if ok else None,
                expected=float(beside.centre[u]) if ok else None,
                threshold=beside.threshold(u, share) if ok else None,
                p=p if ok else None,
                unusual=ok and p < share,
                status=status,
                detail=details[u],
                measured=measured_for(SignatureKind.MISSING_STRUCTURE, int(sums.n[u])),
            )
        )
    return tuple(found)


def _scatter(sums: GroupedMoments) -> Floats:
    """Sums of products about the unit's means, (J, k, k)."""
    n = np.maximum(sums.n, 1)[:, None, None]
    products = sums.n[:, None, None] * sums.q - sums.s[:, :, None] * sums.s[:, None, :]
    return np.asarray(products / n, dtype=np.float64)


def _reason(n: int, k: int, own: Floats, others: Floats) -> Status:
    if k < FEWEST_ITEMS:
        return Status.UNDEFINED_NO_STRUCTURE
    if n < FEWEST_ROWS:
        return Status.UNDEFINED_FEW_RESPONSES if n else Status.UNDEFINED_NO_RESPONSES
    if (np.diagonal(own) <= 0).any():
        return Status.UNDEFINED_ITEM_VARIANCE_ZERO
    if (np.diagonal(others) <= 0).any():
        return Status.UNDEFINED_FEW_UNITS
    return Status.OK


def _weights(others: Floats) -> Floats | None:
    """w_jl, (k, k), 0 on the diagonal; None where all correlations are equal to the last digits."""
    off = ~np.eye(len(others), dtype=np.bool_)
    weights = np.where(off, others - others[off].mean(), 0.0)
    squares = float((weights**2).sum()) / 2
    return weights / squares if squares > 1e-12 else None


def _influence(
    codes: Integers, unit: Integers, sums: GroupedMoments, scatter: Floats, wanted: NDArray[np.bool_]
) -> Floats:
    """Variance over the other units' rows of the influence of one row on the slope, (J,); NaN where not wanted."""
    total, n_total, k = scatter.sum(axis=0), int(sums.n.sum()), codes.shape[1]
    means = sums.s / np.maximum(sums.n, 1)[:, None]
    units = np.flatnonzero(wanted)
    spread = np.full(len(sums.n), np.nan)
    if not len(units):
        return spread
    plans = []
    for u in units:
        others = total - scatter[u]
        r = correlations(others)
        weights = _weights(r)
        assert weights is not None
        scale = np.sqrt(np.diagonal(others) / (n_total - int(sums.n[u])))
        form = weights / np.outer(scale, scale)
        form[np.diag_indices(k)] = -(weights * r).sum(axis=1) / scale**2
        plans.append(form / 2)
    # A variance needs no more rows than these; a fixed step takes some of every unit.
    step = max(len(codes) // _INFLUENCE_ROWS, 1)
    here = unit[::step]
    deviation = codes[::step] - means[here]
    for form, u in zip(plans, units, strict=True):
        others = deviation[here != u]
        spread[u] = float(np.einsum("ij,ij->i", others @ form, others).var()) if len(others) else np.nan
    return spread

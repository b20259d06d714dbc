"""Patterns of ratings that invite a question: units whose departments praise each other, raters who do not look.

Knows ratings by number of unit and rater. Must stay true: a pattern is a suspicion, never a proof and never a reason to
leave answers out; what may be published is counts beside what chance would give (`PatternCounts`), and the numbers of
units and raters come apart from them, for the lead evaluator alone.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc, ndtri

from analysis.agreement.severity import RaterModel
from analysis.estimate import Status

Floats = NDArray[np.float64]
Integers = NDArray[np.integer[Any]]
Bools = NDArray[np.bool_]

_LEVERAGE_ONE = 1e-8


@dataclass(frozen=True, kw_only=True)
class PatternCounts:
    """How often a pattern was found, without saying where.

    checked: pairs of units, or raters, in which it could have been seen. found: in which it was. expected: how many
    chance would give, p: how often chance gives as many or more (None where that has no simple law); both None without
    anything to check, as the status says.
    """

    checked: int
    found: int
    expected: float | None
    p: float | None
    status: Status = Status.OK


@dataclass(frozen=True, kw_only=True)
class MutualPair:
    """Two units whose departments rate each other's unit above what fits: standardised residuals, a before b.

    For the lead evaluator only.
    """

    unit_a: int
    unit_b: int
    a_of_b: float
    b_of_a: float


def mutual_ratings(
    model: RaterModel, home: Integers, *, threshold: float = 1.0
) -> tuple[PatternCounts, tuple[MutualPair, ...]]:
    """Pairs of units, each rated by a department of the other above what the unit and the rater's severity explain.

    model: of the ratings. home: (D,) the unit that each department belongs to, -1 where it belongs to none. threshold:
    in standard deviations of a residual; both directions must exceed it.
    A direction is the sum of the residuals e/sqrt(1 - leverage) of the departments of one unit in rating the other,
    divided by its own standard deviation in the model. Cells that the model must fit exactly, and ratings of the own
    unit, say nothing. expected: as many directions above the threshold as there are, dealt to the pairs by chance, with
    the correlation that the fit itself gives to the residuals of a pair. p from the binomial distribution with the mean
    chance: conservative, and a group that praises each other raises the number above the threshold itself. Undefined
    where no two units rate each other, or no residual is left.
    Reciprocity as in Kenny & La Voie 1984, doi:10.1016/S0065-2601(08)60144-6, without its model.
    """
    if home.shape != (len(model.severity),) or (len(home) and int(home.max()) >= len(model.plain)):
        raise ValueError(f"home has shape {home.shape} for {len(model.severity)} raters of {len(model.plain)} units")
    if not model.residual_variance:
        return _nothing(Status.UNDEFINED_NO_VARIATION if model.cells.value.size else Status.UNDEFINED_NO_RESPONSES)
    cells = model.cells
    owner = home[cells.rater]
    free = 1 - cells.leverage
    telling = np.flatnonzero((owner >= 0) & (owner != cells.unit) & (free > _LEVERAGE_ONE))
    pair_of, place = np.unique(np.stack((owner[telling], cells.unit[telling])), axis=1, return_inverse=True)
    place = place.reshape(-1)
    number = {(int(a), int(b)): k for k, (a, b) in enumerate(pair_of.T)}
    pairs = [(a, b) for a, b in number if a < b and (b, a) in number]
    if not pairs:
        return _nothing(Status.UNDEFINED_NOT_LINKED)
    weight = 1 / np.sqrt(free[telling])
    basis = _fitted_space(model)[telling] * weight[:, None]
    fitted = np.zeros((len(number), basis.shape[1]))
    np.add.at(fitted, place, basis)
    # Residuals have covariance I - UU' up to their variance, U spanning what the model can fit.
    variance = np.bincount(place, weights=weight**2) - np.einsum("ij,ij->i", fitted, fitted)
    variance = np.maximum(variance, _LEVERAGE_ONE)  # a sum that the model fits exactly leaves dust, of either sign
    sums = np.bincount(place, weights=cells.residual[telling] * weight)
    value = sums / np.sqrt(model.residual_variance * variance)
    forth, back = (np.array([number[pair] for pair in way]) for way in (pairs, [(b, a) for a, b in pairs]))
    correlation = -np.einsum("ij,ij->i", fitted[forth], fitted[back]) / np.sqrt(variance[forth] * variance[back])
    correlation = np.clip(correlation, -1.0, 1.0)
    both = np.minimum(value[forth], value[back]) > threshold
    found = tuple(
        MutualPair(unit_a=a, unit_b=b, a_of_b=float(value[number[a, b]]), b_of_a=float(value[number[b, a]]))
        for (a, b), is_mutual in zip(pairs, both, strict=True)
        if is_mutual
    )
    chance = _both_above(int(np.count_nonzero(value > threshold)), len(value), correlation)
    p = float(bdtrc(len(found) - 1, len(pairs), float(chance.mean()))) if found else 1.0
    return PatternCounts(checked=len(pairs), found=len(found), expected=float(chance.sum()), p=p), found


def all_the_same(
    codes: Floats | Integers, present: Bools, unit: Integers, rater: Integers, n_raters: int
) -> tuple[PatternCounts, NDArray[np.intp]]:
    """Raters who gave every unit and every item the same answer, and their numbers, for the lead evaluator only.

    codes, present: (n, k), one row per response; unit, rater: (n,). Checked are raters of two units or more; responses
    with fewer than two answers (one, of one item) do not count. expected: if the responses of a rater were independent,
    sum over raters of sum_c f_c^m, f_c the share of all responses that hold nothing but answer c, m those of the rater:
    so responses that are all of one answer, which contented people do give, are allowed for, and only their meeting in
    one rater is counted. No p: raters differ in m. A short scale on which most are content makes the pattern common.
    """
    if codes.ndim != 2 or present.shape != codes.shape or not unit.shape == rater.shape == codes.shape[:1]:
        raise ValueError(f"codes {codes.shape}, present {present.shape}, unit {unit.shape}, rater {rater.shape}")
    answered = present.sum(axis=1)
    counts = answered >= min(2, codes.shape[1])
    counts &= answered > 0
    empty: NDArray[np.intp] = np.zeros(0, dtype=np.intp)
    if not counts.any():
        return _nothing(Status.UNDEFINED_NO_RESPONSES)[0], empty
    y, here, rater, unit = np.asarray(codes, dtype=np.float64)[counts], present[counts], rater[counts], unit[counts]
    low, high = np.where(here, y, np.inf).min(axis=1), np.where(here, y, -np.inf).max(axis=1)
    uniform = low == high
    pairs = np.unique(np.stack((rater, unit)), axis=1)[0]
    checked = np.bincount(pairs, minlength=n_raters) > 1
    if not checked.any():
        return _nothing(Status.UNDEFINED_ONE_UNIT)[0], empty
    responses = np.bincount(rater, minlength=n_raters)
    lowest, highest = np.full(n_raters, np.inf), np.full(n_raters, -np.inf)
    np.minimum.at(lowest, rater, low)
    np.maximum.at(highest, rater, high)
    found = np.flatnonzero(checked & (lowest == highest))
    _, times = np.unique(low[uniform], return_counts=True)
    shares = times / len(y)
    expected = float((shares[None, :] ** responses[checked][:, None]).sum())
    return PatternCounts(checked=int(checked.sum()), found=len(found), expected=expected, p=None), found


def _nothing(status: Status) -> tuple[PatternCounts, tuple[MutualPair, ...]]:
    return PatternCounts(checked=0, found=0, expected=None, p=None, status=status), ()


def _fitted_space(model: RaterModel) -> Floats:
    """Orthonormal columns that span the fits of unit and rater, one row per cell."""
    cells = model.cells
    units, rows = len(model.plain), np.arange(len(cells.value))
    design = np.zeros((len(rows), units + len(model.severity)))
    design[rows, cells.unit] = 1
    design[rows, units + cells.rater] = 1
    u, singular, _ = np.linalg.svd(design, full_matrices=False)
    return np.asarray(u[:, singular > _LEVERAGE_ONE * singular.max(initial=0.0)], dtype=np.float64)


def _both_above(above: int, of: int, correlation: Floats) -> Floats:
    """Chance that both directions of a pair are among the `above` out of `of`, by the correlation of their residuals.

    Drawn without replacement, above (above - 1)/(of (of - 1)), plus what correlation adds for normal variables: the
    integral of exp(-t^2/(1 + r))/(2 pi sqrt(1 - r^2)) over r from 0 to it, t the threshold that as many exceed
    (Plackett 1954, doi:10.1093/biomet/41.3-4.351).
    """
    independent = above * (above - 1) / (of * (of - 1))
    if not 0 < above < of:
        return np.full(len(correlation), independent)
    t = float(ndtri(above / of))
    nodes, weights = np.polynomial.legendre.leggauss(24)
    upper = np.clip(correlation, -0.9999, 0.9999)
    r = upper[:, None] * (nodes + 1) / 2
    added = np.exp(-(t**2) / (1 + r)) / (2 * np.pi * np.sqrt(1 - r**2)) @ weights * upper / 2
    return np.asarray(np.clip(independent + added, 0.0, above / of), dtype=np.float64)

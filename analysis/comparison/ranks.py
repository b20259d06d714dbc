"""Which places in an order the data allow: rank confidence sets, the surely best, and when to refuse an order.

Knows unit scores and their standard errors (or covariance matrix). Must stay true: rank 1 is the highest score, ties
share the better rank, lower <= rank <= upper; the units in another order give the same sets (with a full matrix: unless
units share score and variance); the same seed gives the same result. Ranks are about how good the institutions are, so
pass `se_process`, not the error for a named population.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analysis.estimate import Estimate, Status

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ranks = NDArray[np.int64]

# Draws x pairs that are held at once: 16 MB of differences.
_BLOCK = 2**21


@dataclass(frozen=True, eq=False)
class RankSets:
    """Confidence sets for the ranks of J units, all (J,), 1 is the highest.

    lower, upper: best and worst place that the data allow; rank: the place of the score itself, ties at the better one.
    level, draws, seed: as asked. simultaneous: all sets hold together; otherwise each one by itself. status: ok;
    warn_no_variation where a standard error is 0 (`without_error`, units from 0): their order is taken as certain,
    which is right for a census and wrong for a unit that happened to answer alike; undefined_one_unit: the set of a
    single unit (or none) says nothing.
    """

    lower: Ranks
    rank: Ranks
    upper: Ranks
    level: float
    draws: int
    seed: int
    simultaneous: bool
    status: Status
    without_error: tuple[int, ...] = ()

    @property
    def width(self) -> Ranks:
        """Places in each set, upper - lower + 1."""
        return self.upper - self.lower + 1


def rank_sets(
    y: Floats,
    se: Floats,
    *,
    level: float = 0.95,
    draws: int = 5000,
    seed: int = 0,
    simultaneous: bool = True,
    stepdown: bool = True,
) -> RankSets:
    """Rank sets of units whose errors are independent; `rank_sets_covariance` with a diagonal matrix.

    y: (J,) finite scores; se: (J,) standard errors, at least 0, both in the same unit.
    """
    se = np.asarray(se, dtype=np.float64)
    if se.ndim != 1 or not np.isfinite(se).all() or (se < 0).any():
        raise ValueError("standard errors are finite and at least 0, one per unit")
    return _sets(np.asarray(y, dtype=np.float64), se**2, None, _Asked(level, draws, seed, simultaneous, stepdown))


def rank_sets_covariance(
    y: Floats,
    covariance: Floats,
    *,
    level: float = 0.95,
    draws: int = 5000,
    seed: int = 0,
    simultaneous: bool = True,
    stepdown: bool = True,
) -> RankSets:
    """Confidence sets for ranks from all differences between units (Mogstad, Romano, Shaikh & Wilhelm 2024).

    Unit j lies surely below k where y_k - y_j > c s_jk, s_jk^2 = S_jj + S_kk - 2 S_jk; lower_j = 1 + number surely
    above, upper_j = J - number surely below. c is the level-quantile of the largest (Z_k - Z_j)/s_jk over the ordered
    pairs, Z ~ N(0, S), `draws` of them. stepdown: pairs found different are taken out and c is found again, until
    nothing changes. simultaneous: with probability `level` all true ranks lie in their sets at once, as every table of
    units needs; otherwise c is found for each unit by itself: narrower, for one unit that was chosen beforehand.
    y: (J,) finite scores; covariance: (J, J) S of the scores, positive semi-definite; departments that rate several
    units make it full. A difference without error (s_jk = 0) is certain, a tie then stays a tie.
    Read: "rank 3 (2-7)"; sets wider than half of the units support no order (`rankable`). Normal draws: with scores
    from under ten answers the sets are too narrow. With 5,000 draws a bound moves by a place now and then.
    R: csranks(y, S, coverage = .95, simul, stepdown, R = 10000). doi:10.1093/restud/rdad006.
    """
    s = np.asarray(covariance, dtype=np.float64)
    if s.shape != (len(y), len(y)) or not np.isfinite(s).all() or not np.allclose(s, s.T):
        raise ValueError(f"a covariance matrix of {len(y)} units is symmetric and finite")
    asked = _Asked(level, draws, seed, simultaneous, stepdown)
    return _sets(np.asarray(y, dtype=np.float64), np.diagonal(s), s, asked)


def tau_best(sets: RankSets, tau: int) -> tuple[Bools, Bools]:
    """(surely, possibly) among the best tau: upper <= tau, and lower <= tau; both (J,).

    Both statements hold at once for all units and every tau with the level of simultaneous sets; the second set
    contains all of the truly best tau. For the worst tau reverse the scores. sets: of `rank_sets`.
    Mogstad, Romano, Shaikh & Wilhelm 2024, 3.5, doi:10.1093/restud/rdad006.
    """
    if tau < 1:
        raise ValueError(f"there is no best {tau}")
    return sets.upper <= tau, sets.lower <= tau


Refusal = Literal["too_few_units", "unit_reliability", "set_too_wide", "no_standard_error"]


@dataclass(frozen=True)
class RankReason:
    """What speaks against a rank: the number found (None: undefined), the threshold, the unit (None: all of them)."""

    code: Refusal
    number: float | None
    threshold: float
    unit: int | None = None


@dataclass(frozen=True)
class RankDecision:
    """Whether units may be ranked: the whole list, and each unit; with the reasons against, in the order of units."""

    ranked: bool
    units: tuple[bool, ...]
    reasons: tuple[RankReason, ...]


def rankable(
    sets: RankSets,
    reliability: Sequence[Estimate | float | None],
    *,
    reliability_below: float = 0.70,
    width_share: float = 0.5,
    min_units: int = 8,
) -> RankDecision:
    """Whether ranks may be said, unit by unit; the list as a whole where at least half of the units may.

    A unit is refused a rank where its reliability lambda is under the threshold or undefined, its set is wider than
    `width_share` of all places, or its standard error is 0; nobody gets one with fewer than `min_units`. Refusing is a
    statement: the data do not tell these units apart. sets: simultaneous ones; reliability: (J,) lambdas.
    .70 to rank and .80 where consequences follow are conventions of physician profiling (Adams 2009, RAND TR-653), the
    width is ours.
    """
    n_units = len(sets.rank)
    if len(reliability) != n_units:
        raise ValueError(f"{n_units} units need as many reliabilities, not {len(reliability)}")
    reasons: list[RankReason] = []
    if n_units < min_units:
        reasons.append(RankReason("too_few_units", n_units, min_units))
    for unit, found in enumerate(reliability):
        number = found.value if isinstance(found, Estimate) else found
        if number is None or number < reliability_below:
            reasons.append(RankReason("unit_reliability", number, reliability_below, unit))
        if sets.width[unit] > width_share * n_units:
            reasons.append(RankReason("set_too_wide", float(sets.width[unit]), width_share * n_units, unit))
        if unit in sets.without_error:
            reasons.append(RankReason("no_standard_error", 0.0, 0.0, unit))
    refused = {reason.unit for reason in reasons}
    units = tuple(None not in refused and unit not in refused for unit in range(n_units))
    return RankDecision(ranked=n_units > 0 and 2 * sum(units) >= n_units, units=units, reasons=tuple(reasons))


@dataclass(frozen=True)
class _Asked:
    level: float
    draws: int
    seed: int
    simultaneous: bool
    stepdown: bool


def _sets(y: Floats, variance: Floats, covariance: Floats | None, asked: _Asked) -> RankSets:
    n_units = len(y)
    if y.shape != variance.shape or not np.isfinite(y).all():
        raise ValueError("each unit needs a finite score and a standard error; leave out units without a score")
    if not 0 < asked.level < 1 or asked.draws < 1:
        raise ValueError(f"no sets of level {asked.level} from {asked.draws} draws")
    # In the order of scores, so that the draws belong to places and not to how the units happened to be listed.
    order = np.lexsort((variance, -y))
    place = np.argsort(order)
    z = np.random.default_rng(asked.seed).standard_normal((asked.draws, n_units))
    if covariance is None:
        z *= np.sqrt(variance[order])
        s_squared = variance[order][:, None] + variance[order][None, :]
    else:
        s = covariance[np.ix_(order, order)]
        z = z @ _root(s).T
        diagonal = np.diagonal(s)
        s_squared = diagonal[:, None] + diagonal[None, :] - 2 * s
        s_squared[s_squared <= 1e-12 * (diagonal[:, None] + diagonal[None, :])] = 0.0
    with np.errstate(divide="ignore"):
        inverse = np.where(s_squared > 0, 1 / np.sqrt(s_squared), 0.0)
    difference = y[order][:, None] - y[order][None, :]
    np.fill_diagonal(inverse, 0.0)
    t = difference * inverse
    certain = (inverse == 0) & (difference > 0)
    count = _of_all if asked.simultaneous else _of_each
    found = count(np.ascontiguousarray(z.T), t, inverse, asked.level, asked.stepdown)
    surely_above = np.count_nonzero(certain, axis=0) + found[0]
    surely_below = np.count_nonzero(certain, axis=1) + found[1]
    if covariance is None and n_units:
        # Units with the same score and error get the same set, though each had draws of its own.
        new = (np.diff(y[order], prepend=np.nan) != 0) | (np.diff(variance[order], prepend=np.nan) != 0)
        twin, starts = np.cumsum(new) - 1, np.flatnonzero(new)
        surely_above, surely_below = (np.minimum.reduceat(c, starts)[twin] for c in (surely_above, surely_below))
    rank = 1 + np.count_nonzero(difference < 0, axis=1)
    without_error = tuple(int(unit) for unit in np.flatnonzero(variance <= 0))
    status = Status.WARN_NO_VARIATION if without_error else Status.OK
    return RankSets(
        lower=1 + surely_above[place],
        rank=rank[place],
        upper=n_units - surely_below[place],
        level=asked.level,
        draws=asked.draws,
        seed=asked.seed,
        simultaneous=asked.simultaneous,
        status=Status.UNDEFINED_ONE_UNIT if n_units < 2 else status,
        without_error=without_error,
    )


def _of_all(z: Floats, t: Floats, inverse: Floats, level: float, stepdown: bool) -> tuple[Ranks, Ranks]:
    """How many units lie surely above and below each, all statements at once. z: (J, draws)."""
    still, different = inverse > 0, np.zeros(t.shape, dtype=bool)
    while still.any():
        largest = np.full(z.shape[1], -np.inf)
        for j in range(len(t)):
            # A pair that is open both ways is looked at once, by its absolute difference.
            both = still[j] & still[:, j]
            _raise(largest, z, j, np.flatnonzero(still[j] & ~both), inverse[j])
            _raise(largest, z, j, np.flatnonzero(both[j + 1 :]) + j + 1, inverse[j], absolute=True)
        new = still & (t > max(float(np.quantile(largest, level)), 0.0))
        different |= new
        still &= ~new
        if not stepdown or not new.any():
            break
    return np.count_nonzero(different, axis=0), np.count_nonzero(different, axis=1)


def _of_each(z: Floats, t: Floats, inverse: Floats, level: float, stepdown: bool) -> tuple[Ranks, Ranks]:
    """`_of_all` with a family of its own for each unit: its differences from the others, both ways."""
    n_units = len(t)
    above, below = np.zeros(n_units, dtype=np.int64), np.zeros(n_units, dtype=np.int64)
    for j in range(n_units):
        higher, lower = inverse[j] > 0, inverse[j] > 0
        while higher.any() or lower.any():
            largest = np.full(z.shape[1], -np.inf)
            both = higher & lower
            _raise(largest, z, j, np.flatnonzero(both), inverse[j], absolute=True)
            _raise(largest, z, j, np.flatnonzero(higher & ~both), inverse[j])
            _raise(largest, z, j, np.flatnonzero(lower & ~both), -inverse[j])
            critical = max(float(np.quantile(largest, level)), 0.0)
            new_higher, new_lower = higher & (t[j] > critical), lower & (-t[j] > critical)
            below[j] += np.count_nonzero(new_higher)
            above[j] += np.count_nonzero(new_lower)
            higher, lower = higher & ~new_higher, lower & ~new_lower
            if not stepdown or not (new_higher.any() or new_lower.any()):
                break
    return above, below


def _raise(
    largest: Floats, z: Floats, j: int, columns: NDArray[np.intp], inverse: Floats, *, absolute: bool = False
) -> None:
    """Raise `largest` (draws,) to the largest (Z_j - Z_k)/s_jk of the units k in `columns`."""
    step = max(1, _BLOCK // z.shape[1])
    for start in range(0, len(columns), step):
        k = columns[start : start + step]
        difference = z[j] - z[k]
        difference *= inverse[k, None]
        if absolute:
            np.abs(difference, out=difference)
        np.maximum(largest, difference.max(axis=0), out=largest)


def _root(covariance: Floats) -> Floats:
    """A matrix whose product with its transpose is the covariance; ValueError where there is none."""
    values, vectors = np.linalg.eigh(covariance)
    if float(values.min(initial=0.0)) < -1e-9 * max(float(values.max(initial=0.0)), 1e-300):
        raise ValueError("a covariance matrix has no negative eigenvalue")
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))

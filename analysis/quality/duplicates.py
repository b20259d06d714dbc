"""Identical answers of different people: how many pairs there are, and how many chance makes.

A suspicion about a campaign, never about a person: it is no quality family, excludes nobody, and no row is named.
Knows codes and unit numbers. Must stay true: a pair counts within its unit only, because whoever fills in for others
does it for a unit; flat answers are not matched, because "all very satisfied" is what satisfied people say. Matching on
content alone is right about half of the time, and excluding by it harms the units whose people are satisfied
(Pew Research Center 2016, Evaluating a New Proposal for Detecting Data Falsification in Surveys, criticises even the
softer rule of Kuriakose & Robbins 2016, doi:10.3233/SJI-160978).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.estimate import Status
from analysis.quality.duplicates_chance import ALLOWANCE, Tilts, unit_tilts, upper_quantile, upper_tail
from analysis.quality.signatures import Measured, SignatureKind
from analysis.quality.signatures_measured import measured_for

Floats = NDArray[np.float64]
Integers = NDArray[np.integer[Any]]

# One hundredth a campaign, shared by identical answers, near-identical answers, structure, and times.
LEVEL = 0.01 / 4
FLAT_BELOW = 0.6  # standard deviation over items, on a scale of 1 to 5
_INTERVAL = 0.99
_BLOCK_ROWS = 65_536
_BLOCK_CELLS = 2_000_000
_WIDEST_KEY = 2**62


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Pairs of identical answers in one unit, or within all units of a campaign (unit None).

    n: answers compared. pairs: found. expected: made by chance; lo, hi: what chance makes in 99 of 100 campaigns,
    widened by ALLOWANCE, for how units differ is known roughly. p: chance that it makes as many, allowance included.
    unusual: p below the level for this many units; to be looked into by a person, no proof. expected to p are None
    where the status is undefined.
    """

    unit: int | None
    n: int
    pairs: int
    expected: float | None
    lo: int | None
    hi: int | None
    p: float | None
    unusual: bool
    status: Status = Status.OK


@dataclass(frozen=True, kw_only=True)
class Duplicates:
    """Pairs of identical answers of a campaign's audience: within all units, and by unit in the order of their numbers.

    across: pairs of different units, which are chance by definition. n_flat, n_incomplete: answers not compared.
    measured: power and false-positive rate for units about as large.
    Counts of a small unit tell that two of its people said the same: release them as any other count.
    """

    whole: Pairs
    units: tuple[Pairs, ...]
    across: int
    n_flat: int
    n_incomplete: int
    measured: tuple[Measured, ...]


@dataclass(frozen=True, eq=False)
class Comparable:
    """Rows that can be compared: codes (n, k) with 0 for missing, unit (n,); the others are counted."""

    codes: Integers
    unit: Integers
    n_flat: int
    n_incomplete: int


def comparable_rows(
    codes: Integers,
    unit: Integers,
    n_units: int,
    scale_sizes: tuple[int, ...],
    reverse: NDArray[np.bool_] | None = None,
) -> Comparable:
    """Leave out who answered fewer than half of the items (or one), then who gave nearly the same answer to all.

    codes: (n, k) keyed order ranks 1..K_j, 0 and below is missing, of whatever kind; unit: (n,) from 0; scale_sizes:
    K_j of each item. Flat: the standard deviation over the answered items (IRV, Dunn et al. 2018,
    doi:10.1007/s10869-016-9479-0; divisor items - 1) is below .6 on a range of 1 to 5. Other scales are brought to that
    range first, (x - 1)/(K - 1) * 4, so ten categories are flat below 1.35 of their own steps and items of different
    scales can be mixed; with two categories only answers that are all equal are flat.
    reverse: items shown in the opposite order, (k,); then rows that are flat as shown are left out, too.
    """
    n, k = codes.shape
    if unit.shape != (n,) or len(scale_sizes) != k or not k:
        raise ValueError(f"{n} rows of {k} items, but {unit.shape} units and {len(scale_sizes)} scales")
    if min(scale_sizes) < 2:
        raise ValueError("a scale has at least two categories")
    if n and (int(unit.min()) < 0 or int(unit.max()) >= n_units):
        raise ValueError(f"units from {unit.min()} to {unit.max()}, allowed 0 to {n_units - 1}")
    if reverse is not None and reverse.shape != (k,):
        raise ValueError(f"reverse has shape {reverse.shape}, there are {k} items")
    if n and bool((codes.max(axis=0) > np.array(scale_sizes)).any()):
        raise ValueError("codes beyond their scale")
    answered, flat = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.bool_)
    sizes = np.array(scale_sizes, dtype=np.float32)
    for start in range(0, n, _BLOCK_ROWS):
        rows = slice(start, start + _BLOCK_ROWS)
        block, there = codes[rows].astype(np.float32), codes[rows] > 0
        answered[rows] = np.count_nonzero(there, axis=1)
        scaled = (block - 1) / (sizes - 1) * 4
        flat[rows] = _spread(scaled, there, answered[rows]) < FLAT_BELOW
        if reverse is not None:
            flat[rows] |= _spread(np.where(reverse, 4 - scaled, scaled), there, answered[rows]) < FLAT_BELOW
    enough = answered >= max(2, (k + 1) // 2)
    kept = enough & ~flat
    compared = codes[kept]
    return Comparable(
        codes=np.where(compared > 0, compared, 0).astype(compared.dtype),
        unit=unit[kept],
        n_flat=int(np.count_nonzero(enough & flat)),
        n_incomplete=int(np.count_nonzero(~enough)),
    )


def identical_answers(
    codes: Integers,
    unit: Integers,
    n_units: int,
    scale_sizes: tuple[int, ...],
    *,
    reverse: NDArray[np.bool_] | None = None,
    level: float = LEVEL,
    seed: int,
) -> Duplicates:
    """Pairs of identical rows within units, and what chance makes.

    codes, unit, scale_sizes, reverse: as in `comparable_rows`; a missing answer equals a missing answer. Chance is read
    from the pairs across units, which no one person makes: of the people who give pattern p a share q_u is in unit u
    (`duplicates_chance`), so E_u = sum A_p q_u^2 / (1 - sum_v q_v^2) over patterns, A_p the pairs of p across units. No
    model of how people answer: correlated items, ceilings and popular patterns need none, and copies inside a unit
    hardly raise A. p: negative binomial tail with mean ALLOWANCE (E_u + one pair across more than was seen); its
    variance holds the heaps of popular patterns (triples across units times q_u^3) and the sampling of A.
    unusual: p < level/2 for the whole, level/(2 J) for a unit.
    Undefined (pairs stay) with a single unit that has answers to compare: nothing tells copies from agreement there;
    strata or days may serve as units. Power and false alarms: `signatures_measured`. seed: rows for calibration.
    """
    rows = comparable_rows(codes, unit, n_units, scale_sizes, reverse)
    n, sizes = len(rows.codes), np.bincount(rows.unit, minlength=n_units)
    pattern = _patterns(rows.codes, scale_sizes)
    cells, counts = np.unique(pattern * n_units + rows.unit, return_counts=True)
    pairs, triples = (_choose(counts.astype(np.float64), size) for size in (2, 3))
    within = np.bincount(cells % n_units, weights=pairs, minlength=n_units).astype(np.int64)
    total = np.bincount(pattern).astype(np.float64)
    across = [
        _choose(total, size) - np.bincount(cells // n_units, weights=inside, minlength=len(total))
        for size, inside in ((2, pairs), (3, triples))
    ]
    found = [(u, int(sizes[u]), int(within[u])) for u in range(n_units)]
    if np.count_nonzero(sizes) < 2:
        reason = Status.UNDEFINED_ONE_UNIT if n else Status.UNDEFINED_NO_RESPONSES
        units = [_undefined(*of_unit, reason) for of_unit in found]
        whole = _undefined(None, n, int(within.sum()), reason)
    else:
        tilts = unit_tilts(rows.codes, rows.unit, n_units, seed)
        by_chance = _by_chance(rows.codes, pattern, across[0], across[1], tilts)
        units = [_compared(*of_unit, by_chance.T[of_unit[0]], level / (2 * n_units)) for of_unit in found]
        whole = _compared(None, n, int(within.sum()), by_chance.sum(axis=1), level / 2)
    return Duplicates(
        whole=whole,
        units=tuple(units),
        across=int(across[0].sum()),
        n_flat=rows.n_flat,
        n_incomplete=rows.n_incomplete,
        measured=measured_for(SignatureKind.IDENTICAL_ANSWERS, n // max(int(np.count_nonzero(sizes)), 1)),
    )


def _spread(scaled: NDArray[np.float32], there: NDArray[np.bool_], answered: NDArray[np.int64]) -> Floats:
    filled = np.where(there, scaled, 0)
    count = np.maximum(answered, 1)
    centred = np.where(there, filled - (filled.sum(axis=1) / count)[:, None], 0)
    return np.asarray(np.sqrt((centred**2).sum(axis=1) / np.maximum(answered - 1, 1)), dtype=np.float64)


def _patterns(codes: Integers, scale_sizes: tuple[int, ...]) -> NDArray[np.int64]:
    """A number for each row, the same for identical rows and for no others, from 0 without gaps."""
    key, width = np.zeros(len(codes), dtype=np.int64), 1
    for j, size in enumerate(scale_sizes):
        if width * (size + 1) >= _WIDEST_KEY:
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
            width = len(codes)
        key = key * (size + 1) + codes[:, j]
        width *= size + 1
    return np.unique(key, return_inverse=True)[1].astype(np.int64)


def _choose(counts: Floats, size: int) -> Floats:
    """Pairs or triples of so many rows."""
    return counts * (counts - 1) / 2 if size == 2 else counts * (counts - 1) * (counts - 2) / 6


def _of_one_pair(shares: Floats) -> Floats:
    """Pairs within each unit that stand against one pair across, (..., J), for people of whom q_u are in unit u."""
    return np.asarray(shares**2 / (1 - (shares**2).sum(axis=-1, keepdims=True)))


def _by_chance(codes: Integers, pattern: NDArray[np.int64], pairs: Floats, triples: Floats, tilts: Tilts) -> Floats:
    """(3, J): pairs that chance makes in each unit, variance of what is found about that, and those of one pair across.

    pairs, triples: of each pattern, not all in one unit. Variance: a number m of people, m Poisson, makes C(m, 2)
    pairs, with variance E C(m, 2) + 6 E C(m, 3); the same for the pairs across, which the mean is estimated from.
    """
    mean, variance = np.zeros(len(tilts.sizes)), np.zeros(len(tilts.sizes))
    # One row stands for its pattern.
    first = np.empty(len(pairs), dtype=np.int64)
    first[pattern] = np.arange(len(pattern))
    shared = np.flatnonzero(pairs > 0)
    step = max(_BLOCK_CELLS // len(tilts.sizes), 1)
    for start in range(0, len(shared), step):
        some = shared[start : start + step]
        q = tilts.shares(codes[first[some]])
        of_one, twos, threes = _of_one_pair(q), pairs[some][:, None], 6 * triples[some][:, None]
        mean += (twos * of_one).sum(axis=0)
        heaps = threes * q**3 / (1 - (q**3).sum(axis=1, keepdims=True))
        variance += (twos * of_one + heaps + of_one**2 * (twos + threes)).sum(axis=0)
    return np.stack((mean, variance, _of_one_pair(tilts.sizes / tilts.sizes.sum())))


def _compared(unit: int | None, n: int, pairs: int, by_chance: Floats, level: float) -> Pairs:
    if n < 2:
        return _undefined(unit, n, pairs, Status.UNDEFINED_ONE_RESPONSE if n else Status.UNDEFINED_NO_RESPONSES)
    mean, variance, unseen = by_chance.tolist()
    heaped, low, allowed = variance - mean, mean / ALLOWANCE, ALLOWANCE * (mean + unseen)
    spread = allowed + ALLOWANCE**2 * (heaped + unseen**2)
    p = upper_tail(pairs, allowed, spread)
    return Pairs(
        unit=unit,
        n=n,
        pairs=pairs,
        expected=mean,
        lo=upper_quantile((1 + _INTERVAL) / 2, low, low + heaped / ALLOWANCE**2) - 1,
        hi=upper_quantile((1 - _INTERVAL) / 2, allowed, spread) - 1,
        p=p,
        unusual=p < level,
    )


def _undefined(unit: int | None, n: int, pairs: int, status: Status) -> Pairs:
    return Pairs(unit=unit, n=n, pairs=pairs, expected=None, lo=None, hi=None, p=None, unusual=False, status=status)

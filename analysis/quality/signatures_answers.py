"""Near twins: answers that agree with another answer of their unit on nearly every item, beyond what agreement makes.

The measure is that of Kuriakose & Robbins 2016 (doi:10.3233/SJI-160978), the share of answers whose best match exceeds
.85. As a fixed limit it flags honest surveys wherever people agree (Pew Research Center 2016); here it is compared with
what the same row finds among as many answers of other units, so that a unit full of satisfied people is expected to be
full of twins.

Knows codes and unit numbers. Must stay true: an answer's chance of a twin is that of its own pattern, so a popular
pattern with a twin adds nothing, and a rare one nearly everything.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincc, gammainccinv, gammaln

from analysis.estimate import Status
from analysis.quality.duplicates import LEVEL, comparable_rows
from analysis.quality.duplicates_chance import ALLOWANCE, unit_tilts
from analysis.quality.signatures import Signature, SignatureKind
from analysis.quality.signatures_measured import measured_for, not_judged

Floats = NDArray[np.float64]
Integers = NDArray[np.integer[Any]]
Booleans = NDArray[np.bool_]

MATCH_ABOVE = 0.85
MOST_ROWS = 400  # of a unit: 80,000 pairs within
MOST_OTHERS = 4000  # of all other units: 1.6 million pairs across
FEWEST_ROWS = 10
_OTHERS_A_ROW = 3  # chance must be known better than the unit itself


def near_identical_answers(
    codes: Integers,
    unit: Integers,
    n_units: int,
    scale_sizes: tuple[int, ...],
    *,
    reverse: Booleans | None = None,
    level: float = LEVEL,
    only: tuple[int, ...] | None = None,
    seed: int,
) -> tuple[Signature, ...]:
    """The number of answers with a near twin in their unit, for each unit (or `only` for some).

    codes, unit, scale_sizes, reverse: as `duplicates.comparable_rows`, which leaves out flat rows. Near: more than .85
    of all items answered alike (11 of 12, 18 of 20; with six or fewer items, all of them); a missing answer is like
    nothing. statistic: rows with a twin. expected: sum over rows of the chance P_i that as many draws from the other
    units, weighted to look like this unit, hold a twin, 1 - C(N - m, n - 1)/C(N, n - 1) with N others of which m are
    near. p: gamma tail with m taken ALLOWANCE times and one hit more than was seen; variance 2 (1 + n/N)
    sum P_i (1 - P_i), for twins come in pairs and N is limited. level is for the campaign, shared by its units.
    detail: others, N by the weights.
    At most MOST_ROWS rows of a unit meet MOST_OTHERS of the others; more are drawn with `seed`, and both are cut so
    that three (weighted) others stand against each row. Undefined with fewer than ten rows or thirty others.
    Sees: copies. Does not see: answers made up by a formula, copies with two or more of twelve answers changed.
    """
    rows = comparable_rows(codes, unit, n_units, scale_sizes, reverse)
    sizes, wanted = np.bincount(rows.unit, minlength=n_units), range(n_units) if only is None else only
    if np.count_nonzero(sizes) < 2:
        alone, empty = Status.UNDEFINED_ONE_UNIT, Status.UNDEFINED_NO_RESPONSES
        return tuple(_undefined(u, int(sizes[u]), alone if sizes[u] else empty) for u in wanted)
    tilts = unit_tilts(rows.codes, rows.unit, n_units, seed)
    need = math.floor(MATCH_ABOVE * len(scale_sizes)) + 1
    found = []
    for u in wanted:
        rng = np.random.default_rng((seed, u))
        own, others = np.flatnonzero(rows.unit == u), np.flatnonzero(rows.unit != u)
        if len(own) < FEWEST_ROWS:
            status = Status.UNDEFINED_FEW_RESPONSES if len(own) else Status.UNDEFINED_NO_RESPONSES
            found.append(_undefined(u, len(own), status))
            continue
        others = others if len(others) <= MOST_OTHERS else rng.choice(others, MOST_OTHERS, replace=False)
        weights = tilts.others_as(u, rows.codes[others])
        # Where no answer of any other unit could stand here, nothing says how often chance makes twins.
        weights = weights / max(float(weights.max()), np.finfo(np.float64).tiny)
        effective = float(weights.sum() ** 2 / (weights**2).sum()) if weights.any() else 0.0
        most = min(MOST_ROWS, int(effective / _OTHERS_A_ROW) + 1)
        if most < FEWEST_ROWS:
            found.append(_undefined(u, len(own), Status.UNDEFINED_FEW_RESPONSES, {"others": effective}))
            continue
        own = own if len(own) <= most else rng.choice(own, most, replace=False)
        mine = _one_hot(rows.codes[own], scale_sizes)
        twins = mine @ mine.T >= need
        np.fill_diagonal(twins, False)
        near = mine @ _one_hot(rows.codes[others], scale_sizes).T >= need
        density, draws = near @ weights / weights.sum(), len(own) - 1
        found.append(
            _tested(
                u,
                count=int(np.count_nonzero(twins.any(axis=1))),
                usual=_chances(density, effective, draws),
                allowed=_chances(ALLOWANCE * density, effective, draws),
                others=effective,
                level=level / n_units,
            )
        )
    return tuple(found)


def _one_hot(codes: Integers, scale_sizes: tuple[int, ...]) -> NDArray[np.float32]:
    """(n, sum of K_j): the product of two rows counts the items answered alike."""
    starts = np.concatenate(([0], np.cumsum(scale_sizes)[:-1]))
    hot = np.zeros((len(codes), sum(scale_sizes)), dtype=np.float32)
    row, item = np.nonzero(codes > 0)
    hot[row, starts[item] + codes[row, item] - 1] = 1
    return hot


def _chances(density: Floats, others: float, draws: int) -> Floats:
    """The chance of a hit in so many draws without replacement from `others`, a share `density` of which are hits."""
    hits = density * others
    possible = others - hits - draws >= 0
    hits = np.where(possible, hits, 0.0)
    none = gammaln(others - hits + 1) - gammaln(others - hits - draws + 1)
    none += gammaln(others - draws + 1) - gammaln(others + 1)
    return np.where(possible, 1 - np.exp(np.minimum(none, 0.0)), 1.0)


def _tested(unit: int, *, count: int, usual: Floats, allowed: Floats, others: float, level: float) -> Signature:
    draws = len(usual) - 1
    unseen = ALLOWANCE * draws / others
    mean = float(allowed.sum()) + unseen
    variance = 2 * ((1 + draws / others) * float((allowed * (1 - allowed)).sum()) + unseen)
    shape, rate = mean**2 / variance, mean / variance
    # Rows with a twin come at least in twos: the step below `count` is count - 2, and half way is count - 1.
    p = float(gammaincc(shape, max(count - 1, 0) * rate))
    return Signature(
        kind=SignatureKind.NEAR_IDENTICAL_ANSWERS,
        unit=unit,
        n=len(usual),
        statistic=count,
        expected=float(usual.sum()),
        threshold=float(gammainccinv(shape, level)) / rate + 1,
        p=p,
        unusual=p < level,
        detail={"others": others},
        measured=measured_for(SignatureKind.NEAR_IDENTICAL_ANSWERS, len(usual)),
    )


def _undefined(unit: int, n: int, status: Status, detail: dict[str, float] | None = None) -> Signature:
    return not_judged(SignatureKind.NEAR_IDENTICAL_ANSWERS, unit, n, status, detail)

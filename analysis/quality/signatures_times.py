"""Times of imported answers: intervals too even, bursts, durations too alike. What a script does and a crowd does not.

Only imports have times; answers collected here have none, by design, and their durations are steps of a grid.
Knows seconds and unit numbers. Must stay true: arrivals are judged by their neighbours in time (a constant rate over a
few intervals or ten minutes), so no profile of days and hours is needed and none can be wrong; durations are judged
beside other units. An interviewer or a single tablet makes even intervals, a meeting makes bursts, honestly: the
measured false-positive rates of both stand beside the power, and they are high.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc, ndtr, ndtri

from analysis.estimate import Status
from analysis.quality.duplicates import LEVEL
from analysis.quality.signatures import Signature, SignatureKind, low_beside_others
from analysis.quality.signatures_measured import measured_for, not_judged

Floats = NDArray[np.float64]
Integers = NDArray[np.integer]

LEVEL_OF_TIMES = LEVEL / 3
WINDOWS = ((60.0, 600.0), (600.0, 3600.0))  # a minute in ten, ten minutes in an hour
STRETCH = 20
FLOOR = 0.15  # standard deviation of the logarithm of spreads between honest units that is always allowed for

_CLOCKS = (86_400.0, 3600.0, 60.0, 30.0, 1.0)
_COARSE_CLOCK = 30.0
_TICKS = 20
_FEWEST_PAIRS = 10
_FEWEST_DURATIONS = 20
_LEAST_SPREAD = 0.001


def regular_arrivals(
    times: Floats, unit: Integers, n_units: int, *, level: float = LEVEL_OF_TIMES
) -> tuple[Signature, ...]:
    """How even the intervals between a unit's answers are, for each unit.

    times: (n,) seconds from any origin, NaN where unknown; unit: (n,) from 0. With g and g' two intervals that follow
    each other (each interval in one pair), v = |g - g'|/(g + g') is uniform on 0 to 1 for people who come by themselves
    at a rate that is constant over the two, whatever the rate: mean .5, standard deviation .289/sqrt(pairs).
    statistic: the mean of v over all pairs or over the most even 20 in a row, whichever is less likely; p its normal
    tail times the number of stretches looked at. Intervals drawn from 60 to 120 seconds give .19.
    Pairs shorter than 20 ticks of the clock are left out. Undefined with fewer than ten pairs
    (UNDEFINED_COARSE_TIMES where the clock took them).
    Sees: scripts with a pause drawn between two limits. Does not see: pauses drawn from an exponential. Flags honest
    queues, too: answers taken one after another by an interviewer or on one tablet.
    """
    found = []
    for u, arrivals in enumerate(_by_unit(times, unit, n_units)):
        gaps = np.diff(arrivals)
        first, second = gaps[: len(gaps) // 2 * 2 : 2], gaps[1::2]
        long = first + second >= max(_TICKS * _clock(times), np.finfo(np.float64).tiny)
        pairs = int(np.count_nonzero(long))
        if pairs < _FEWEST_PAIRS:
            few = len(first) < _FEWEST_PAIRS
            status = Status.UNDEFINED_FEW_RESPONSES if few else Status.UNDEFINED_COARSE_TIMES
            found.append(not_judged(SignatureKind.REGULAR_ARRIVALS, u, len(arrivals), status))
            continue
        uneven = np.abs(first - second)[long] / (first + second)[long]
        sums = np.concatenate(([0.0], np.cumsum(uneven)))
        stretches, length = max(pairs - STRETCH, 0) + 1, min(STRETCH, pairs)
        means = (sums[length:] - sums[:-length]) / length
        candidates = [(pairs, float(uneven.mean())), (length, float(means.min()))]
        looked, (used, statistic) = stretches + (stretches > 1), min(candidates, key=_tail_of_evenness)
        p = min(1.0, looked * _tail_of_evenness((used, statistic)))
        found.append(
            Signature(
                kind=SignatureKind.REGULAR_ARRIVALS,
                unit=u,
                n=len(arrivals),
                statistic=statistic,
                expected=0.5,
                threshold=0.5 + float(ndtri(level / n_units / looked)) * (1 / 12 / used) ** 0.5,
                p=p,
                unusual=p < level / n_units,
                detail={"pairs": used},
                measured=measured_for(SignatureKind.REGULAR_ARRIVALS, len(arrivals)),
            )
        )
    return tuple(found)


def bursts(times: Floats, unit: Integers, n_units: int, *, level: float = LEVEL_OF_TIMES) -> tuple[Signature, ...]:
    """The most remarkable minute, or ten minutes, of each unit.

    times, unit: as `regular_arrivals`. For every answer: a, the answers in the window w from it on (60 seconds, 600
    seconds), and c, those in the time A around it (600 seconds, an hour); at a constant rate each of the c - 1 others
    falls into the window with probability w/A. statistic: a where P(Binomial(c - 1, w/A) >= a - 1) is least; p that
    probability times the number of windows looked at. detail: the window in seconds, and c.
    Undefined with fewer than three answers, and with a clock of 30 seconds or more.
    Sees: answers sent seconds apart. Does not see: one a minute. Flags honest meetings where all answer at once.
    """
    found = []
    for u, arrivals in enumerate(_by_unit(times, unit, n_units)):
        n = len(arrivals)
        if n < 3:
            found.append(not_judged(SignatureKind.BURST, u, n, Status.UNDEFINED_FEW_RESPONSES))
            continue
        if _clock(times) >= _COARSE_CLOCK:
            found.append(not_judged(SignatureKind.BURST, u, n, Status.UNDEFINED_COARSE_TIMES))
            continue
        share = level / n_units / (n * len(WINDOWS))
        tail, count, around, window, length = min(_densest(arrivals, *both) for both in WINDOWS)
        p = min(1.0, tail * n * len(WINDOWS))
        needed = np.arange(1, around + 1)
        found.append(
            Signature(
                kind=SignatureKind.BURST,
                unit=u,
                n=n,
                statistic=count,
                expected=1 + (around - 1) * window / length,
                # The count that would do; one more than there are where none would.
                threshold=int(needed[_burst_tail(needed, around, window / length) < share].min(initial=around + 1)),
                p=p,
                unusual=p < level / n_units,
                detail={"window": window, "around": around},
                measured=measured_for(SignatureKind.BURST, n),
            )
        )
    return tuple(found)


def narrow_durations(
    durations: Floats, unit: Integers, n_units: int, *, level: float = LEVEL_OF_TIMES
) -> tuple[Signature, ...]:
    """How alike a unit's durations are, beside those of the other units, for each unit.

    durations: (n,) seconds a sitting took, NaN or 0 where unknown; unit: (n,) from 0. statistic: s, the standard
    deviation of the logarithm of durations (people: .4 to .7; drawn from 60 to 120 seconds: .2). Compared as log s,
    standard error sqrt((kurtosis - 1)/(4 n)) with the kurtosis of the other units' answers, by
    `signatures.low_beside_others`.
    Undefined with fewer than 20 durations, or four other units that have as many, and where theirs are all equal.
    Sees: units whose durations were drawn between two limits as a whole. Does not see: mixtures of a half or less;
    scripts that draw log-normal durations.
    """
    logs = [np.log(of_unit[of_unit > 0]) for of_unit in _by_unit(durations, unit, n_units)]
    sizes = np.array([len(of_unit) for of_unit in logs])
    values, errors = np.full(n_units, np.nan), np.full(n_units, np.nan)
    squares, fourths = np.zeros(n_units), np.zeros(n_units)
    for u in np.flatnonzero(sizes > 1).tolist():
        deviation = logs[u] - logs[u].mean()
        squares[u], fourths[u] = float((deviation**2).sum()), float((deviation**4).sum())
    for u in np.flatnonzero(sizes >= _FEWEST_DURATIONS).tolist():
        n_others, of_others = int(sizes.sum() - sizes[u]), float(squares.sum() - squares[u])
        if of_others <= n_others * _LEAST_SPREAD**2:
            continue
        kurtosis = float(fourths.sum() - fourths[u]) / n_others / (of_others / n_others) ** 2
        # Durations that are all equal have no logarithm of their spread; a thousandth is as narrow as clocks can tell.
        values[u] = np.log(max(float(np.sqrt(squares[u] / (sizes[u] - 1))), _LEAST_SPREAD))
        errors[u] = np.sqrt(max(kurtosis - 1, 0.0) / (4 * sizes[u]))
    beside, share = low_beside_others(values, errors, FLOOR), level / n_units
    found = []
    for u, n in enumerate(sizes.tolist()):
        if np.isnan(beside.p[u]):
            few = n < _FEWEST_DURATIONS
            status = Status.UNDEFINED_FEW_RESPONSES if few else Status.UNDEFINED_FEW_UNITS
            found.append(not_judged(SignatureKind.NARROW_DURATIONS, u, n, status))
            continue
        p = float(beside.p[u])
        found.append(
            Signature(
                kind=SignatureKind.NARROW_DURATIONS,
                unit=u,
                n=n,
                statistic=float(np.exp(values[u])),
                expected=float(np.exp(beside.centre[u])),
                threshold=float(np.exp(beside.threshold(u, share))),
                p=p,
                unusual=p < share,
                measured=measured_for(SignatureKind.NARROW_DURATIONS, n),
            )
        )
    return tuple(found)


def _by_unit(times: Floats, unit: Integers, n_units: int) -> list[Floats]:
    """Known times of each unit, sorted."""
    if times.shape != unit.shape or times.ndim != 1:
        raise ValueError(f"times of shape {times.shape}, units of shape {unit.shape}")
    known = np.isfinite(times)
    some, of = times[known], unit[known]
    order = np.lexsort((some, of))
    return np.split(some[order], np.searchsorted(of[order], np.arange(1, n_units)))


def _clock(times: Floats) -> float:
    """The coarsest usual step of which all times are multiples; 0 where none is."""
    known = times[np.isfinite(times)]
    return next((step for step in _CLOCKS if not (known % step).any()), 0.0)


def _densest(arrivals: Floats, window: float, length: float) -> tuple[float, int, int, float, float]:
    """(probability, answers in the window, answers around it, window, length) where the probability is least."""
    before = (length - window) / 2
    end = np.searchsorted(arrivals, arrivals + window, side="right")
    inside = end - np.arange(len(arrivals))
    around = np.searchsorted(arrivals, arrivals + window + before, side="right")
    around = around - np.searchsorted(arrivals, arrivals - before, side="left")
    tails = _burst_tail(inside, around, window / length)
    at = int(np.argmin(tails))
    return float(tails[at]), int(inside[at]), int(around[at]), window, length


def _burst_tail(inside: Integers, around: Integers | int, share: float) -> Floats:
    """P(at least `inside` - 1 of the `around` - 1 others fall in the window)."""
    return np.asarray(np.where(inside > 1, bdtrc(np.maximum(inside, 2) - 2.0, around - 1, share), 1.0))


def _tail_of_evenness(candidate: tuple[int, float]) -> float:
    pairs, mean = candidate
    return float(ndtr((mean - 0.5) / (1 / 12 / pairs) ** 0.5))

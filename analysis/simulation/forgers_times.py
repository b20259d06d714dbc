"""When answers arrive and how long they take: people coming by themselves, in meetings, in a queue; and scripts.

Knows seconds from the start of the campaign. Must stay true: the same seed gives the same campaign.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_DAY = 86_400.0
_DAYS = 10
_LONG_PAUSES = 0.03


class Arrivals(StrEnum):
    """How people answer. Codes only: the words for people are the caller's.

    BY_THEMSELVES  on ten days, most around 10 and 15 o'clock
    MEETING        half of a unit in one room, everybody starts within two minutes; the others by themselves
    QUEUE          one after another on one tablet, twenty a day
    """

    BY_THEMSELVES = "by_themselves"
    MEETING = "meeting"
    QUEUE = "queue"


class Script(StrEnum):
    """How a script sends the answers that it makes, all in one go.

    PAUSES   60 to 120 seconds between two, and the same as pretended duration
    AT_ONCE  1 to 3 seconds between two; durations of 60 to 120 seconds are pretended
    """

    PAUSES = "pauses"
    AT_ONCE = "at_once"


@dataclass(frozen=True, eq=False)
class Times:
    """Arrival and duration in seconds, unit from 0, all (n,), sorted by unit."""

    arrival: Floats
    duration: Floats
    unit: NDArray[np.int32]


def honest_times(arrivals: Arrivals, sizes: tuple[int, ...], seed: int) -> Times:
    """Durations are log-normal, median two to four minutes by unit, sd .45; three in a hundred pause ten times as long.

    sizes: answers a unit.
    """
    rng = np.random.default_rng(seed)
    blocks, durations = [], []
    for size in sizes:
        duration = rng.uniform(120, 240) * np.exp(rng.normal(0, 0.45, size))
        duration[rng.random(size) < _LONG_PAUSES] *= 10
        hours = np.where(rng.random(size) < 0.5, 10.0, 15.0) + rng.normal(0, 1.5, size)
        arrival = rng.integers(0, _DAYS, size) * _DAY + hours * 3600
        if arrivals is Arrivals.MEETING:
            half = size // 2
            start = rng.integers(0, _DAYS) * _DAY + rng.uniform(9, 16) * 3600
            arrival[:half] = start + rng.uniform(0, 120, half) + duration[:half]
        elif arrivals is Arrivals.QUEUE:
            pause = np.cumsum(duration + rng.uniform(10, 60, size))
            arrival = 9 * 3600 + pause + np.arange(size) // 20 * _DAY
        blocks.append(arrival)
        durations.append(duration)
    unit = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    return Times(np.concatenate(blocks), np.concatenate(durations), unit)


def forge_times(times: Times, unit: int, script: Script, share: float, seed: int) -> Times:
    """The campaign with round(share * n) of one unit's answers sent by a script from a random moment on."""
    rng = np.random.default_rng(seed)
    rows = np.flatnonzero(times.unit == unit)
    forged = rows[len(rows) - round(share * len(rows)) :]
    low, high = (60.0, 120.0) if script is Script.PAUSES else (1.0, 3.0)
    arrival, duration = times.arrival.copy(), times.duration.copy()
    start = rng.integers(0, _DAYS) * _DAY + rng.uniform(8, 18) * 3600
    arrival[forged] = start + np.cumsum(rng.uniform(low, high, len(forged)))
    duration[forged] = rng.uniform(60, 120, len(forged))
    return Times(arrival, duration, times.unit)

"""Anomaly signatures: what forged answers look like beside honest ones, and how well that tells them apart.

Neither alpha nor limits on addresses nor trap items prove honesty: forging to a wished alpha is a matter of one click.
A signature compares a unit with the other units of its campaign and says which is unlike them in a way that forgers
make; it is shown to the lead evaluator only, as something to be checked by a person. It is no proof, no quality family,
and never excludes an answer.

Knows numbers about units. Must stay true: with every signature comes its measured power and false-positive rate
(`signatures_measured`), also where they are bad; no row of answers is named; a comparison that cannot be made is a
status, not an all-clear.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from analysis.estimate import Status

Floats = NDArray[np.float64]

FEWEST_OTHERS = 4
_NORMAL = 1e6  # degrees of freedom


class SignatureKind(StrEnum):
    """Codes only: the words for people are the caller's.

    IDENTICAL_ANSWERS       pairs of identical answers (`duplicates.identical_answers`)
    NEAR_IDENTICAL_ANSWERS  answers with a near twin in the same unit (`signatures_answers`)
    MISSING_STRUCTURE       items all correlate alike, where in other units dimensions show (`signatures_structure`)
    REGULAR_ARRIVALS        too even intervals between answers (`signatures_times`, as the next two)
    BURST                   more answers within a minute than the ten minutes around it explain
    NARROW_DURATIONS        durations too alike, as drawn between two limits
    """

    IDENTICAL_ANSWERS = "identical_answers"
    NEAR_IDENTICAL_ANSWERS = "near_identical_answers"
    MISSING_STRUCTURE = "missing_structure"
    REGULAR_ARRIVALS = "regular_arrivals"
    BURST = "burst"
    NARROW_DURATIONS = "narrow_durations"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """How often a signature is `unusual`, by simulation.

    world, forger: of `simulation.forgers`; forger None: all answers honest, and the rate is that of campaigns with any
    unusual unit, the false-positive rate; else that of the one unit in twelve with `share` of its answers forged, the
    power. n: answers a unit. rate of draws campaigns; where a rate is 0, up to 3/draws is compatible with it.
    """

    kind: SignatureKind
    world: str
    forger: str | None
    share: float
    n: int
    rate: float
    draws: int


@dataclass(frozen=True, kw_only=True)
class Signature:
    """One signature of one unit.

    statistic: what was found, `expected` what the other units let expect, `threshold` from where on it is unusual; p:
    chance of one as extreme, None with these where the status is undefined. n: answers compared. detail: further
    numbers by name. measured: power and false-positive rate for units about as large.
    """

    kind: SignatureKind
    unit: int
    n: int
    statistic: float | None
    expected: float | None
    threshold: float | None
    p: float | None
    unusual: bool
    status: Status = Status.OK
    detail: Mapping[str, float] = field(default_factory=dict)
    measured: tuple[Measured, ...] = ()

    def __post_init__(self) -> None:
        numbers = (self.statistic, self.expected, self.threshold, self.p)
        if any((number is None) == self.status.defined for number in numbers):
            raise ValueError(f"status {self.status} does not fit {numbers}")
        if not all(math.isfinite(number) for number in numbers if number is not None):
            raise ValueError(f"{self.kind}: {numbers} are not numbers to report; a status should say why")


@dataclass(frozen=True, eq=False)
class Compared:
    """Each unit's value beside those of the others: centre, sd of the prediction, its df, p (low tail), all (J,)."""

    centre: Floats
    sd: Floats
    df: Floats
    p: Floats

    def threshold(self, unit: int, level: float) -> float:
        """The value whose p is `level`."""
        return float(self.centre[unit] + stdtrit(self.df[unit], level) * self.sd[unit])


def low_beside_others(values: Floats, errors: Floats, floor: float) -> Compared:
    """How low each value lies beside those of the other units: p of t = (value - centre)/sd.

    values, errors (standard errors under no anomaly): (J,), NaN where a unit has none. centre: mean of the others,
    weights 1/(error^2 + floor^2); sd^2: (error^2 + tau^2)(1 + 1/J'), tau^2 the variance between the J' others that is
    not sampling error, and at least floor^2, because honest units differ even where few of them do not show it.
    df (J' - 1) ((error^2 + tau^2)/(tau^2 - floor^2))^2, as Satterthwaite has it: only what exceeds the floor is as
    uncertain as a variance of J' values.
    NaN for units without value and with fewer than FEWEST_OTHERS others.
    """
    centre, sd, df, p = (np.full(len(values), np.nan) for _ in range(4))
    known = np.flatnonzero(~np.isnan(values))
    if len(known) <= FEWEST_OTHERS:
        return Compared(centre, sd, df, p)
    for unit in known:
        others = known[known != unit]
        value, error = values[others], errors[others]
        weight = 1 / (error**2 + floor**2)
        centre[unit] = float(weight @ value / weight.sum())
        between = max(float(((value - centre[unit]) ** 2 - error**2).mean()), floor**2)
        variance = float(errors[unit]) ** 2 + between
        sd[unit] = math.sqrt(variance * (1 + 1 / len(others)))
        share = (between - floor**2) / variance
        df[unit] = min((len(others) - 1) / share**2, _NORMAL) if share > 0 else _NORMAL
        p[unit] = float(stdtr(df[unit], (values[unit] - centre[unit]) / sd[unit]))
    return Compared(centre, sd, df, p)

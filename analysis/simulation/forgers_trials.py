"""How often signatures are right: power against each forger and false alarms among honest campaigns.

Knows simulated campaigns of twelve units of one size with one questionnaire of twelve items on five categories. Must
stay true: `quality.signatures_measured` holds what these functions return for its seeds and draws, and a test runs
some of them again.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from analysis.quality.duplicates import identical_answers
from analysis.quality.signatures import Measured, Signature, SignatureKind
from analysis.quality.signatures_answers import near_identical_answers
from analysis.quality.signatures_structure import missing_structure
from analysis.quality.signatures_times import bursts, narrow_durations, regular_arrivals
from analysis.simulation.forgers import Codes, Forger, World, forge, honest_campaign
from analysis.simulation.forgers_times import Arrivals, Script, Times, forge_times, honest_times

UNITS = 12
ITEMS = 12
CATEGORIES = 5
ANSWERS = (SignatureKind.IDENTICAL_ANSWERS, SignatureKind.NEAR_IDENTICAL_ANSWERS, SignatureKind.MISSING_STRUCTURE)
TIMES = (SignatureKind.REGULAR_ARRIVALS, SignatureKind.BURST, SignatureKind.NARROW_DURATIONS)


def measure_answers(
    world: World, n: int, draws: int, *, forger: Forger | None = None, share: float = 0.0, seed: int
) -> tuple[Measured, ...]:
    """Rates of the three signatures of answers: of any alarm where forger is None, else for the forged unit 0."""
    hits = np.zeros(len(ANSWERS))
    for draw in range(draws):
        codes, unit = honest_campaign(world, (n,) * UNITS, seed + draw, items=ITEMS, categories=CATEGORIES)
        if forger is not None:
            codes[unit == 0] = forge(codes[unit == 0], forger, share, seed + draw, categories=CATEGORIES)
        hits += _answers_unusual(codes, unit, only=None if forger is None else 0)
    like = Measured(
        kind=ANSWERS[0], world=world.value, forger=forger and forger.value, share=share, n=n, rate=0.0, draws=draws
    )
    return _rates(ANSWERS, hits / draws, like)


def measure_times(
    arrivals: Arrivals, n: int, draws: int, *, script: Script | None = None, share: float = 0.0, seed: int
) -> tuple[Measured, ...]:
    """Rates of the three signatures of times, as `measure_answers`."""
    hits = np.zeros(len(TIMES))
    for draw in range(draws):
        times = honest_times(arrivals, (n,) * UNITS, seed + draw)
        if script is not None:
            times = forge_times(times, 0, script, share, seed + draw)
        hits += _times_unusual(times, only=None if script is None else 0)
    like = Measured(
        kind=TIMES[0], world=arrivals.value, forger=script and script.value, share=share, n=n, rate=0.0, draws=draws
    )
    return _rates(TIMES, hits / draws, like)


def _answers_unusual(codes: Codes, unit: np.ndarray, only: int | None) -> list[bool]:
    scales = (CATEGORIES,) * codes.shape[1]
    pairs = identical_answers(codes, unit, UNITS, scales, seed=0)
    identical = pairs.units[only].unusual if only is not None else any(found.unusual for found in pairs.units)
    return [
        identical or pairs.whole.unusual,
        _any(near_identical_answers(codes, unit, UNITS, scales, only=None if only is None else (only,), seed=0), None),
        _any(missing_structure(codes, unit, UNITS), only),
    ]


def _times_unusual(times: Times, only: int | None) -> list[bool]:
    return [
        _any(regular_arrivals(times.arrival, times.unit, UNITS), only),
        _any(bursts(times.arrival, times.unit, UNITS), only),
        _any(narrow_durations(times.duration, times.unit, UNITS), only),
    ]


def _any(signatures: tuple[Signature, ...], only: int | None) -> bool:
    return signatures[only].unusual if only is not None else any(found.unusual for found in signatures)


def _rates(kinds: Iterable[SignatureKind], rates: np.ndarray, like: Measured) -> tuple[Measured, ...]:
    return tuple(replace(like, kind=kind, rate=float(rate)) for kind, rate in zip(kinds, rates, strict=True))

"""What the signatures are worth: their false-positive rates and their power, measured by simulation.

Knows rates, and the signature that has nothing else to say. Must stay true: the numbers were measured with
`simulation.forgers_trials` (`measure_answers`, `measure_times`) from seed SEED on, with the draws that stand beside
them; a test measures some cells again. Change a signature, a threshold or a forger, and measure all of it again.

In a word. Answers sent again unchanged are seen, six of thirty as well. Copies with one or two of twelve answers moved
are seen from a fifth of a hundred on (.8), and where half of thirty are copies (.7). Answers made up to a wished alpha
are seen by MISSING_STRUCTURE alone, and only where the questionnaire has dimensions: a whole unit of a hundred (.96),
half of three hundred (.8), half of a hundred rarely (.2). Not seen: thirty made-up answers, a fifth of a unit, anything
made up for a one-dimensional questionnaire, a forger who gets the dimensions right, all units forged alike. Under a
ceiling (six in ten very satisfied with everything) a unit needs about three times as many answers for the same.
Meetings are always taken for bursts, and queues for scripts. Units that are very uneven raise the false alarms of
MISSING_STRUCTURE to one in a hundred campaigns.
"""

from collections.abc import Iterator, Mapping
from functools import cache

from analysis.estimate import Status
from analysis.quality.signatures import Measured, Signature, SignatureKind

SEED = 20_000
POWER_DRAWS = 200
SIZES = (30, 100, 300)

_Rates = tuple[float, float, float]
_Counted = tuple[float, int]

_OF_ANSWERS = (
    SignatureKind.IDENTICAL_ANSWERS,
    SignatureKind.NEAR_IDENTICAL_ANSWERS,
    SignatureKind.MISSING_STRUCTURE,
)
_OF_TIMES = (SignatureKind.REGULAR_ARRIVALS, SignatureKind.BURST, SignatureKind.NARROW_DURATIONS)

# Honest world, answers a unit: share of campaigns of twelve units with any alarm, and campaigns drawn; kinds as above.
_ALARMS_OF_ANSWERS: dict[str, dict[int, tuple[_Counted, _Counted, _Counted]]] = {
    "three_dimensions": {
        30: ((0.0, 1000), (0.0, 1000), (0.002, 1000)),
        100: ((0.0, 1000), (0.0, 1000), (0.0, 1000)),
        300: ((0.001, 1000), (0.0, 1000), (0.001, 1000)),
        1000: ((0.0, 300), (0.0033, 300), (0.0, 400)),
    },
    "one_dimension": {
        30: ((0.0, 1000), (0.0, 1000), (0.0, 1000)),
        100: ((0.0, 1000), (0.0, 1000), (0.0, 1000)),
        300: ((0.0, 1000), (0.0, 1000), (0.0, 1000)),
        1000: ((0.0, 100), (0.0, 100), (0.0, 400)),
    },
    "ceiling": {
        30: ((0.0, 1000), (0.0, 1000), (0.0, 1000)),
        100: ((0.0, 1000), (0.0, 1000), (0.003, 1000)),
        300: ((0.0, 400), (0.0, 400), (0.001, 1000)),
        1000: ((0.0, 100), (0.0, 100), (0.0, 400)),
    },
    "uneven": {
        30: ((0.001, 1000), (0.0, 1000), (0.0, 1000)),
        100: ((0.002, 1000), (0.0, 1000), (0.003, 1000)),
        300: ((0.0025, 400), (0.0, 400), (0.009, 1000)),
        1000: ((0.0, 100), (0.0, 100), (0.01, 400)),
    },
    "homogeneous": {
        30: ((0.001, 1000), (0.0, 1000), (0.002, 1000)),
        100: ((0.0, 1000), (0.0, 1000), (0.001, 1000)),
        300: ((0.0, 400), (0.0, 400), (0.003, 1000)),
        1000: ((0.0, 100), (0.0, 100), (0.0025, 400)),
    },
    "careless": {
        30: ((0.0, 1000), (0.0, 1000), (0.0, 1000)),
        100: ((0.002, 1000), (0.0, 1000), (0.005, 1000)),
        300: ((0.0025, 400), (0.0, 400), (0.003, 1000)),
        1000: ((0.0, 100), (0.0, 100), (0.0025, 400)),
    },
}
_ALARMS_OF_TIMES: dict[str, dict[int, tuple[_Counted, _Counted, _Counted]]] = {
    "by_themselves": {
        30: ((0.0, 1000), (0.0, 1000), (0.0, 1000)),
        100: ((0.0, 1000), (0.0, 1000), (0.0, 1000)),
        300: ((0.0, 1000), (0.0, 1000), (0.0, 1000)),
    },
    "meeting": {
        30: ((0.0, 200), (1.0, 200), (0.0, 200)),
        100: ((0.0, 200), (1.0, 200), (0.0, 200)),
        300: ((0.0, 200), (1.0, 200), (0.0, 200)),
    },
    "queue": {
        30: ((0.275, 200), (0.0, 200), (0.0, 200)),
        100: ((1.0, 200), (0.0, 200), (0.0, 200)),
        300: ((1.0, 200), (0.0, 200), (0.0, 200)),
    },
}

# World, forger, share forged in one unit of twelve: rates for units of 30, 100 and 300 answers, kinds as above.
_POWER_OF_ANSWERS: dict[tuple[str, str, float], tuple[_Rates, _Rates, _Rates]] = {
    ("three_dimensions", "one_factor", 0.2): ((0.0, 0.0, 0.0), (0.0, 0.0, 0.005), (0.0, 0.0, 0.025)),
    ("three_dimensions", "one_factor", 0.5): ((0.0, 0.0, 0.005), (0.0, 0.0, 0.225), (0.0, 0.0, 0.845)),
    ("three_dimensions", "one_factor", 1.0): ((0.0, 0.0, 0.04), (0.0, 0.0, 0.96), (0.0, 0.0, 1.0)),
    ("three_dimensions", "repeats", 0.2): ((0.98, 0.565, 0.0), (0.995, 0.995, 0.0), (1.0, 0.985, 0.0)),
    ("three_dimensions", "repeats", 0.5): ((1.0, 0.98, 0.0), (1.0, 1.0, 0.01), (1.0, 0.995, 0.005)),
    ("three_dimensions", "repeats", 1.0): ((0.995, 0.735, 0.005), (1.0, 1.0, 0.13), (1.0, 1.0, 0.09)),
    ("three_dimensions", "copies", 0.2): ((0.0, 0.03, 0.0), (0.0, 0.81, 0.0), (0.0, 0.98, 0.0)),
    ("three_dimensions", "copies", 0.5): ((0.0, 0.715, 0.0), (0.01, 0.995, 0.02), (0.005, 0.995, 0.005)),
    ("three_dimensions", "copies", 1.0): ((0.345, 0.42, 0.005), (0.89, 0.98, 0.165), (0.995, 0.985, 0.18)),
    ("three_dimensions", "noise", 0.2): ((0.0, 0.0, 0.0), (0.0, 0.0, 0.01), (0.0, 0.0, 0.03)),
    ("three_dimensions", "noise", 0.5): ((0.0, 0.0, 0.0), (0.0, 0.0, 0.205), (0.0, 0.0, 0.83)),
    ("three_dimensions", "noise", 1.0): ((0.0, 0.0, 0.06), (0.0, 0.0, 0.965), (0.0, 0.0, 1.0)),
    ("one_dimension", "one_factor", 0.2): ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)),
    ("one_dimension", "one_factor", 0.5): ((0.0, 0.0, 0.0), (0.01, 0.0, 0.0), (0.005, 0.015, 0.0)),
    ("one_dimension", "one_factor", 1.0): ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)),
    ("one_dimension", "repeats", 0.2): ((0.99, 0.6, 0.0), (1.0, 0.985, 0.0), (1.0, 1.0, 0.0)),
    ("one_dimension", "repeats", 0.5): ((1.0, 0.98, 0.0), (1.0, 0.985, 0.0), (1.0, 1.0, 0.0)),
    ("one_dimension", "repeats", 1.0): ((1.0, 0.82, 0.0), (1.0, 0.985, 0.0), (1.0, 1.0, 0.0)),
    ("one_dimension", "copies", 0.2): ((0.0, 0.025, 0.0), (0.0, 0.83, 0.0), (0.0, 1.0, 0.0)),
    ("one_dimension", "copies", 0.5): ((0.0, 0.695, 0.0), (0.005, 0.985, 0.0), (0.065, 1.0, 0.0)),
    ("one_dimension", "copies", 1.0): ((0.34, 0.595, 0.0), (0.92, 0.96, 0.0), (1.0, 1.0, 0.0)),
    ("one_dimension", "noise", 0.2): ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)),
    ("one_dimension", "noise", 0.5): ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)),
    ("one_dimension", "noise", 1.0): ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)),
    ("ceiling", "one_factor", 0.2): ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)),
    ("ceiling", "one_factor", 0.5): ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.045)),
    ("ceiling", "one_factor", 1.0): ((0.0, 0.0, 0.0), (0.0, 0.0, 0.125), (0.0, 0.0, 0.94)),
    ("ceiling", "repeats", 0.2): ((0.32, 0.0, 0.0), (0.865, 0.285, 0.0), (0.98, 0.955, 0.0)),
    ("ceiling", "repeats", 0.5): ((0.83, 0.15, 0.0), (1.0, 0.905, 0.0), (1.0, 1.0, 0.005)),
    ("ceiling", "repeats", 1.0): ((0.655, 0.04, 0.0), (0.94, 0.68, 0.01), (1.0, 0.985, 0.12)),
    ("ceiling", "copies", 0.2): ((0.0, 0.0, 0.0), (0.0, 0.025, 0.0), (0.0, 0.335, 0.0)),
    ("ceiling", "copies", 0.5): ((0.0, 0.01, 0.0), (0.0, 0.485, 0.0), (0.005, 0.985, 0.0)),
    ("ceiling", "copies", 1.0): ((0.065, 0.01, 0.0), (0.355, 0.445, 0.005), (0.685, 0.95, 0.07)),
    ("ceiling", "noise", 0.2): ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)),
    ("ceiling", "noise", 0.5): ((0.0, 0.0, 0.0), (0.0, 0.0, 0.005), (0.0, 0.0, 0.06)),
    ("ceiling", "noise", 1.0): ((0.0, 0.0, 0.0), (0.0, 0.0, 0.13), (0.0, 0.0, 0.925)),
}
_POWER_OF_TIMES: dict[tuple[str, str, float], tuple[_Rates, _Rates, _Rates]] = {
    ("by_themselves", "pauses", 0.2): ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.94, 0.0, 0.0)),
    ("by_themselves", "pauses", 0.5): ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (1.0, 0.0, 0.0)),
    ("by_themselves", "pauses", 1.0): ((1.0, 0.0, 0.235), (1.0, 0.0, 1.0), (1.0, 0.0, 1.0)),
    ("by_themselves", "at_once", 0.2): ((0.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.87, 1.0, 0.0)),
    ("by_themselves", "at_once", 0.5): ((0.0, 1.0, 0.0), (0.96, 1.0, 0.0), (1.0, 1.0, 0.0)),
    ("by_themselves", "at_once", 1.0): ((0.86, 1.0, 0.235), (1.0, 1.0, 1.0), (1.0, 1.0, 1.0)),
}


def _rows() -> Iterator[Measured]:
    for kinds, alarms, power in (
        (_OF_ANSWERS, _ALARMS_OF_ANSWERS, _POWER_OF_ANSWERS),
        (_OF_TIMES, _ALARMS_OF_TIMES, _POWER_OF_TIMES),
    ):
        for at, kind in enumerate(kinds):
            for world, by_size in alarms.items():
                for n, of_kinds in by_size.items():
                    rate, draws = of_kinds[at]
                    yield Measured(kind=kind, world=world, forger=None, share=0.0, n=n, rate=rate, draws=draws)
            for (world, forger, share), of_sizes in power.items():
                for n, of_size in zip(SIZES, of_sizes, strict=True):
                    yield Measured(
                        kind=kind, world=world, forger=forger, share=share, n=n, rate=of_size[at], draws=POWER_DRAWS
                    )


MEASURED: tuple[Measured, ...] = tuple(_rows())


def measured_for(kind: SignatureKind, n: int) -> tuple[Measured, ...]:
    """What was measured for units of about n answers: of each world, forger and share the largest size up to n.

    Below 30 answers the rates for 30, which are then too good.
    """
    return _measured_at(kind, max((size for size in (*SIZES, 1000) if size <= n), default=SIZES[0]))


def not_judged(
    kind: SignatureKind, unit: int, n: int, status: Status, detail: Mapping[str, float] | None = None
) -> Signature:
    """The signature of a unit that could not be compared, for the reason in `status`; n: answers there were."""
    return Signature(
        kind=kind,
        unit=unit,
        n=n,
        statistic=None,
        expected=None,
        threshold=None,
        p=None,
        unusual=False,
        status=status,
        detail=detail or {},
        measured=measured_for(kind, n),
    )


@cache
def _measured_at(kind: SignatureKind, n: int) -> tuple[Measured, ...]:
    nearest: dict[tuple[str, str | None, float], Measured] = {}
    for row in MEASURED:
        if row.kind is kind and row.n <= n:
            nearest[row.world, row.forger, row.share] = row
    return tuple(nearest.values())

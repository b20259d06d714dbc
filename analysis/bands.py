"""Coarse numbers: bands and whole numbers that stand for exact ones where those would single people out.

Knows numbers only; `analysis.disclosure` decides where they are used. Must stay true: a band or an interval never
excludes the number that it stands for.
"""

from __future__ import annotations

import math

from analysis.results import Band

COUNT_BAND = 5


def count_band(n: int, min_cell: int) -> Band:
    """The step of five that a count lies in, both ends included, never reaching below `min_cell`."""
    first = n // COUNT_BAND * COUNT_BAND
    return float(max(first, min_cell)), float(first + COUNT_BAND - 1)


def rate_band(rate: float, width: float) -> Band:
    """The step that a rate lies in, the lower end included; the last one includes 1."""
    steps = round(1 / width)
    step = min(int(rate * steps + 1e-9), steps - 1)
    return step / steps, (step + 1) / steps


def nearest(number: float) -> float:
    """The nearest whole number, a half upwards."""
    return float(math.floor(number + 0.5))


def outwards(lo: float | None, hi: float | None, step: float = 1.0) -> tuple[float | None, float | None]:
    """The smallest interval around another whose ends are multiples of a step, within 0–100."""
    return (
        None if lo is None else max(0.0, math.floor(lo / step) * step),
        None if hi is None else min(100.0, math.ceil(hi / step) * step),
    )

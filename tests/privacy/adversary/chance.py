"""What chance alone would do: exact, so that one bound can be stated for the whole family of attacks.

The claim under test: within a block (the people who share a box, or a department) every assignment of cards to
sittings is equally likely, whatever the adversary holds. An attack then names a partner for some or all cards of a
block, no sitting twice. How many of m named pairs are right in a random assignment of n is the rencontres
distribution; blocks are independent, so the sum over blocks is a convolution.
"""

from collections.abc import Iterable
from functools import cache
from math import comb

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.99


@cache
def right_in_block(named: int, people: int) -> tuple[float, ...]:
    """P(exactly h of `named` pairs are right), h = 0 … named, in a random assignment of `people`.

    By inclusion and exclusion, in whole numbers over falling factorials: C(m, h) Σ_j (−1)^j C(m − h, j) / (n)_(h + j).
    """
    falling = [1]
    for taken in range(named):
        falling.append(falling[-1] * (people - taken))
    whole = falling[named]
    found = []
    for right in range(named + 1):
        rest = named - right
        exact = sum((-1) ** more * comb(rest, more) * (whole // falling[right + more]) for more in range(rest + 1))
        found.append(comb(named, right) * exact / whole)
    return tuple(found)


def right_by_chance(blocks: Iterable[tuple[int, int]]) -> NDArray[np.float64]:
    """P(exactly h right) over several blocks, each (pairs named, people)."""
    total = np.ones(1)
    for named, people in blocks:
        total = np.convolve(total, right_in_block(named, people))
    return total


def tail(distribution: NDArray[np.float64], right: int) -> float:
    """P(so many right, or more)."""
    return float(distribution[right:].sum())


def bound(attacks: int) -> float:
    """What one attack's tail must not fall below, so that all together stay quiet with 99 % (Bonferroni)."""
    return (1 - CONFIDENCE) / max(attacks, 1)

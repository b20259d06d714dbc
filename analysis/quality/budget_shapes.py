"""Shapes of questionnaires on which the error budget was measured, and which of them stand for a real questionnaire.

Knows numbers of items, reversed items and choices. Must stay true: a real questionnaire is read off every measured
shape around it, so that the caller can take the worst; what lies outside of the grid, or offers a check that was not
simulated, has none. How many careful people are lost moves up and down from one number of items to the next, as cuts
fall between steps of the scale; hence every number of items up to 20, and no curve through them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analysis.quality.indices import Indices
from analysis.spec import QualitySpec, QuestionnaireSpec

ITEMS = (*range(4, 21), 22, 24, 27, 30, 35, 40)
CHOICES = (3, 4, 5, 7, 10)
REVERSED = (0, 1, 2, 3, 4)
FLOOR = QualitySpec().seconds_per_item
INSTRUCTED = 1
PAIRS = 2
PAIR_GAP = 1.0


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What a rate of false exclusions hangs on.

    items: that count. reversed_items: of them those that point against the others. choices: of every item.
    """

    items: int
    reversed_items: int
    choices: int

    @property
    def key(self) -> tuple[int, int, int]:
        """Its numbers in their order, as the table of counted cases has them."""
        return self.items, self.reversed_items, self.choices


def grid() -> Iterator[Shape]:
    """Every shape that was measured, by choices, items, and reversed items: none to four, and half."""
    for choices in CHOICES:
        for items in ITEMS:
            for reversed_items in _reversed(items):
                yield Shape(items=items, reversed_items=reversed_items, choices=choices)


def shapes_around(asked: QuestionnaireSpec, found: Indices) -> tuple[Shape, ...]:
    """The measured shapes between which a questionnaire lies, () where it lies outside of what was measured.

    found: of its answers. Neighbours below and above in items and in reversed items, all numbers of choices from the
    fewest to the most that an item has. Outside: fewer than 4 or more than 40 items, fewer than 3 or more than 10
    choices, two instructed items or more, more than two pairs or one that contradicts itself short of opposite ends, a
    floor of speed above 2 s an item.
    """
    unlike = (
        found.attention > INSTRUCTED
        or found.pairs > PAIRS
        or (found.pairs > 0 and any(pair.gap_at_least < PAIR_GAP for pair in asked.quality.pairs))
        or (bool(found.seconds_per_item.defined.any()) and found.seconds_floor > FLOOR)
    )
    items = _around(found.whole.items, ITEMS)
    fewest, most = (_around(number, CHOICES) for number in found.choices)
    if unlike or not items or not fewest or not most:
        return ()
    return tuple(
        Shape(items=k, reversed_items=reversed_items, choices=choices)
        for k in items
        for reversed_items in _around(min(found.reversed_items, k // 2), _reversed(k))
        for choices in CHOICES
        if fewest[0] <= choices <= most[-1]
    )


def _reversed(items: int) -> tuple[int, ...]:
    """Half of the items at most can point against the others."""
    return tuple(sorted({number for number in REVERSED if number <= items // 2} | {items // 2}))


def _around(number: int, marks: Sequence[int]) -> tuple[int, ...]:
    """The mark itself, or its neighbours below and above; () beyond the ends."""
    if not marks[0] <= number <= marks[-1]:
        return ()
    return tuple(sorted({marks[bisect_right(marks, number) - 1], marks[bisect_left(marks, number)]}))

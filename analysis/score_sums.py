"""What scores are computed from: exact sums of persons' part scores, by unit, group and what speaks against a response.

Knows integers only. A group is a stratum, or a department where departments are averaged. Must stay true: sums of any
disjoint rows can be added, in any order, to the same integers; whatever rule leaves responses out, its sums are sums of
these cells.

Each person has 2D numbers: the D part scores (0 where there is none) and D marks of who has one. Sums and products of
these say all that means, ratio means and their linearised variances need.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.moments import GroupedMoments, grouped_moments
from analysis.points import ABSENT

Integers = NDArray[np.integer[Any]]

NO_GROUP = -1  # a response without a department is a group of its own
N_MASKS = 256

_LIMB = 2**20  # products of two limbs stay exact in blocks of two thousand rows
_INT64_SAFE = 2**62


@dataclass(frozen=True, eq=False)
class ScoreSums:
    """C cells: unit, group (C,) int64, mask (C,) uint8, and the sums over the cell's rows of their 2D numbers.

    mask: which quality families flagged the rows (a bit each). scale: a part score in points is its integer divided by
    this. Cells are sorted by unit, group, mask; those without a group come last in their unit, sorted by their sums,
    so that no order of rows shows.
    """

    unit: NDArray[np.int64]
    group: NDArray[np.int64]
    mask: NDArray[np.uint8]
    sums: GroupedMoments
    scale: int

    def __add__(self, other: ScoreSums) -> ScoreSums:
        """Both sets of rows together. ValueError where the scales differ."""
        return joined([self, other])

    @property
    def n_parts(self) -> int:
        """D."""
        return int(self.sums.s.shape[1]) // 2

    def where(self, keep: NDArray[np.bool_]) -> ScoreSums:
        """The cells of the masks that are kept, (256,) by mask, with masks forgotten."""
        kept = keep[self.mask]
        return _merged(
            self.unit[kept], self.group[kept], np.zeros(int(kept.sum()), np.uint8), _taken(self.sums, kept), self.scale
        )

    def by_stratum(self, n_units: int, n_strata: int, pooled: NDArray[np.bool_] | None = None) -> GroupedMoments:
        """The sums of every unit and stratum, unit * n_strata + stratum, masks forgotten.

        pooled: (n_units,) units whose strata all count as the first one.
        """
        stratum = self.group if pooled is None else np.where(pooled[self.unit], 0, self.group)
        return _added(self.sums, self.unit * n_strata + stratum, n_units * n_strata)


def score_sums(
    values: NDArray[np.int64], unit: Integers, group: Integers, mask: NDArray[np.uint8] | None, scale: int
) -> ScoreSums:
    """Add up rows.

    values: (n, D) part scores times `scale`, ABSENT for none; rows with none at all are left out. unit: (n,) from 0.
    group: (n,) from 0, NO_GROUP: the row is its own. mask: (n,) or None for no flag.
    """
    present = values != ABSENT
    usable = present.any(axis=1)
    if not usable.all():
        values, present, unit, group = values[usable], present[usable], unit[usable], group[usable]
        mask = None if mask is None else mask[usable]
    flags = np.zeros(len(values), dtype=np.uint8) if mask is None else mask
    keys, place = _cells(unit.astype(np.int64), group.astype(np.int64), flags)
    sums = _exact_sums(np.where(present, values, 0), present, place, len(keys[0]))
    return _merged(*keys, sums, scale)


def joined(several: Sequence[ScoreSums]) -> ScoreSums:
    """Sums of disjoint rows, added. ValueError where the scales differ, or for none at all."""
    if len({one.scale for one in several}) != 1:
        raise ValueError("sums over different scales cannot be added")
    return _merged(
        np.concatenate([one.unit for one in several]),
        np.concatenate([one.group for one in several]),
        np.concatenate([one.mask for one in several]),
        GroupedMoments(
            np.concatenate([one.sums.n for one in several]),
            np.concatenate([one.sums.s for one in several]),
            np.concatenate([one.sums.q for one in several]),
        ),
        several[0].scale,
    )


def _cells(
    unit: NDArray[np.int64], group: NDArray[np.int64], mask: NDArray[np.uint8]
) -> tuple[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]], NDArray[np.intp]]:
    """The distinct (unit, group, mask), sorted, and each row's place among them; rows without a group stay apart."""
    own = group == NO_GROUP
    first = int(group.max(initial=NO_GROUP)) + 1
    apart = np.where(own, first + np.cumsum(own) - 1, group) if own.any() else group
    width = int(apart.max(initial=0)) + 1
    keys, place = np.unique((unit * width + apart) * N_MASKS + mask, return_inverse=True)
    rest = keys // N_MASKS
    found = rest % width
    return (rest // width, np.where(found >= first, NO_GROUP, found), (keys % N_MASKS).astype(np.uint8)), place


def _merged(
    unit: NDArray[np.int64], group: NDArray[np.int64], mask: NDArray[np.uint8], sums: GroupedMoments, scale: int
) -> ScoreSums:
    """Cells with equal keys added, in the order that `ScoreSums` promises."""
    (unit, group, mask), place = _cells(unit, group, mask)
    sums = _added(sums, place, len(unit))
    behind = np.where(group == NO_GROUP, np.iinfo(np.int64).max, group)
    by_sums = [sums.s[:, column] for column in range(sums.s.shape[1] - 1, -1, -1)] if (group == NO_GROUP).any() else []
    keys: list[NDArray[Any]] = [mask, *by_sums, behind, unit]
    order = np.lexsort(keys)
    return ScoreSums(unit[order], group[order], mask[order], _taken(sums, order), scale)


def _taken(sums: GroupedMoments, rows: NDArray[Any]) -> GroupedMoments:
    return GroupedMoments(sums.n[rows], sums.s[rows], sums.q[rows])


def _added(sums: GroupedMoments, place: NDArray[Any], n_places: int) -> GroupedMoments:
    n = np.zeros(n_places, dtype=np.int64)
    s = np.zeros((n_places, *sums.s.shape[1:]), dtype=sums.s.dtype)
    q = np.zeros((n_places, *sums.q.shape[1:]), dtype=sums.q.dtype)
    np.add.at(n, place, sums.n)
    np.add.at(s, place, sums.s)
    np.add.at(q, place, sums.q)
    return GroupedMoments(n, s, q)


def _exact_sums(
    values: NDArray[np.int64], present: NDArray[np.bool_], place: NDArray[np.intp], n_places: int
) -> GroupedMoments:
    """Sums over the rows of each place; Python integers where 64 bits would not hold them."""
    largest = int(values.max(initial=0))
    marks = present.astype(np.int64)
    if largest < _LIMB and largest**2 * max(len(values), 1) < _INT64_SAFE:
        return grouped_moments(np.concatenate([values, marks], axis=1), place, n_places)
    limb = _limb(len(values))
    limbs: list[NDArray[np.int64]] = []
    rest = values
    while not limbs or rest.any():
        limbs.append(rest % limb)
        rest = rest // limb
    parts = grouped_moments(np.concatenate([*limbs, marks], axis=1), place, n_places)
    # A row of `back` says how the limbs make up a number again: value = sum of limbs * limb^l.
    width = values.shape[1]
    back = np.zeros((2 * width, len(limbs) * width + width), dtype=object)
    for column in range(width):
        for number in range(len(limbs)):
            back[column, number * width + column] = limb**number
        back[width + column, len(limbs) * width + column] = 1
    s = parts.s.astype(object) @ back.T
    q = back @ parts.q.astype(object) @ back.T
    return GroupedMoments(parts.n, s, q)


def _limb(rows: int) -> int:
    """The largest limb whose products, added over so many rows, stay within 64 bits: beyond four million it shrinks."""
    return min(_LIMB, 1 << (_INT64_SAFE.bit_length() - 1 - rows.bit_length()) // 2)

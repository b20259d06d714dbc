"""Sums of integer codes, exact and additive: the raw material of every reliability statistic.

Knows answers as integers only. Must stay true: a sum is an exact integer, so the same answers give the same bits
however they are cut into blocks, files or units; the sums of disjoint sets of rows can be added.

How: a midpoint is subtracted, blocks are multiplied in float32 (or float64 where the codes reach far) while every
partial sum fits the mantissa, so BLAS computes integers without rounding; the midpoint is undone in int64.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK_ROWS = 2048
_FLOAT32_EXACT = 2**24
_FLOAT64_EXACT = 2**53
_INT64_SAFE = 2**62

Integers = NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums over n complete responses to k items: n, s (k,) sums of codes, q (k, k) sums of products, both int64."""

    n: int
    s: NDArray[np.int64]
    q: NDArray[np.int64]

    def __add__(self, other: "Moments") -> "Moments":
        return Moments(self.n + other.n, self.s + other.s, self.q + other.q)

    def means(self) -> NDArray[np.float64]:
        """Item means (k,); NaN without responses."""
        return self.s / self.n if self.n else np.full(self.s.shape, np.nan)

    def covariance(self) -> NDArray[np.float64]:
        """Sample covariance (k, k), divisor n - 1, each entry the exact quotient rounded once.

        With fewer than two responses there is none: NaN, and every statistic that takes n says so before it looks.
        R: cov(x).
        """
        if self.n < 2:
            return np.full(self.q.shape, np.nan)
        exact_s, exact_q = self.s.astype(object), self.q.astype(object)
        quotient = (self.n * exact_q - np.outer(exact_s, exact_s)) / (self.n * (self.n - 1))
        return np.asarray(quotient, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class GroupedMoments:
    """Moments of J groups (units) side by side: n (J,), s (J, k), q (J, k, k), all int64."""

    n: NDArray[np.int64]
    s: NDArray[np.int64]
    q: NDArray[np.int64]

    def __add__(self, other: "GroupedMoments") -> "GroupedMoments":
        return GroupedMoments(self.n + other.n, self.s + other.s, self.q + other.q)

    def unit(self, group: int) -> Moments:
        """The moments of one group."""
        return Moments(int(self.n[group]), self.s[group], self.q[group])

    def total(self) -> Moments:
        """The moments of all responses, groups ignored."""
        return Moments(int(self.n.sum()), self.s.sum(axis=0), self.q.sum(axis=0))

    @property
    def within_df(self) -> int:
        """Degrees of freedom within groups: responses minus groups that have any."""
        return int(self.n.sum() - np.count_nonzero(self.n))

    def within_covariance(self) -> NDArray[np.float64]:
        """Pooled within-group covariance (k, k), sum_u (Q_u - s_u s_u'/n_u) / (n - J); NaN without degrees of freedom.

        Where a statistic wants n, pass `within_df + 1`: C has the precision of so many responses of a single group.
        """
        if not self.within_df:
            return np.full(self.q.shape[1:], np.nan)
        n, s, q = (part[self.n > 0] for part in (self.n, self.s, self.q))
        if int(n.max()) * int(np.abs(q).max()) >= _INT64_SAFE:
            n, s, q = n.astype(object), s.astype(object), q.astype(object)
        scatter = (n[:, None, None] * q - s[:, :, None] * s[:, None, :]) / n[:, None, None]
        return np.asarray(scatter.sum(axis=0), dtype=np.float64) / self.within_df


@dataclass(frozen=True, eq=False)
class PairwiseMoments:
    """Sums over the responses that answered both items of a pair, all (k, k) int64.

    n[j, l]: how many; s[j, l]: sum of item j over them; q[j, l]: sum of products.
    """

    n: NDArray[np.int64]
    s: NDArray[np.int64]
    q: NDArray[np.int64]

    def __add__(self, other: "PairwiseMoments") -> "PairwiseMoments":
        return PairwiseMoments(self.n + other.n, self.s + other.s, self.q + other.q)

    def means(self) -> NDArray[np.float64]:
        """Item means (k,) over those who answered the item; NaN where nobody did."""
        n, s = np.diagonal(self.n), np.diagonal(self.s)
        result = np.full(n.shape, np.nan)
        np.divide(s, n, out=result, where=n > 0)
        return result

    def covariance(self) -> NDArray[np.float64]:
        """Pairwise covariance (k, k), divisor n_jl - 1; NaN for pairs with fewer than two responses. May not be PSD.

        R: cov(x, use = "pairwise").
        """
        numerator = (self.n.astype(object) * self.q - self.s.astype(object) * self.s.T).astype(np.float64)
        divisor = self.n * (self.n - 1)
        result = np.full(divisor.shape, np.nan)
        np.divide(numerator, divisor, out=result, where=divisor > 0)
        return result


def moments(codes: Integers, shift: int | None = None) -> Moments:
    """Sums of complete responses; the caller selects the rows.

    codes: (n, k) integers of any width. shift: the number subtracted meanwhile, the midpoint by default; it changes the
    speed, never the result.
    """
    blocks = _ExactBlocks(codes, shift)
    blocks.add(codes)
    return blocks.take()


def grouped_moments(codes: Integers, group: Integers, n_groups: int) -> GroupedMoments:
    """Sums of complete responses for each group.

    codes: (n, k) integers; group: (n,) numbers from 0 to n_groups - 1, in any order.
    """
    blocks = _ExactBlocks(codes, None)
    order, bounds = rows_by_group(group, n_groups, len(codes))
    k = codes.shape[1]
    s, q = np.zeros((n_groups, k), dtype=np.int64), np.zeros((n_groups, k, k), dtype=np.int64)
    n = np.diff(bounds)
    for unit in np.flatnonzero(n):
        for start in range(bounds[unit], bounds[unit + 1], BLOCK_ROWS):
            stop = min(start + BLOCK_ROWS, bounds[unit + 1])
            blocks.add(codes[start:stop] if order is None else codes[order[start:stop]])
        sums = blocks.take()
        s[unit], q[unit] = sums.s, sums.q
    return GroupedMoments(n, s, q)


def pairwise_moments(codes: Integers, present: NDArray[np.bool_]) -> PairwiseMoments:
    """Sums over the pairs of answers that are there; what stands in `codes` where `present` is False is ignored.

    codes: (n, k) integers; present: (n, k).
    """
    if present.shape != codes.shape:
        raise ValueError(f"present has shape {present.shape}, codes have {codes.shape}")
    k = codes.shape[1]
    any_present = codes.flat[int(np.argmax(present))] if present.any() else 0
    shift, dtype, rows = _exact_plan(np.where(present, codes, any_present), None)
    total = np.zeros((2 * k, 2 * k), dtype=np.int64)
    for start in range(0, len(codes), rows):
        here = present[start : start + rows]
        both = np.zeros((len(here), 2 * k), dtype=dtype)
        np.subtract(codes[start : start + rows], dtype(shift), out=both[:, :k], where=here, casting="same_kind")
        both[:, k:] = here
        total += (both.T @ both).astype(np.int64)
    n, s, q = total[k:, k:], total[:k, k:], total[:k, :k]
    return PairwiseMoments(n, s + shift * n, q + shift * (s + s.T) + shift * shift * n)


def rows_by_group(group: Integers, n_groups: int, n_rows: int) -> tuple[NDArray[np.intp] | None, NDArray[np.int64]]:
    """Where each group's rows are: (order, bounds), group u being order[bounds[u]:bounds[u + 1]].

    order is None where the rows already stand in the order of their groups.
    """
    if group.shape != (n_rows,):
        raise ValueError(f"group has shape {group.shape}, there are {n_rows} responses")
    if n_rows and (int(group.min()) < 0 or int(group.max()) >= n_groups):
        raise ValueError(f"group numbers must lie between 0 and {n_groups - 1}")
    bounds = np.concatenate(([0], np.cumsum(np.bincount(group, minlength=n_groups)))).astype(np.int64)
    if bool((group[1:] >= group[:-1]).all()):
        return None, bounds
    # numpy sorts 16-bit integers by radix, ten times faster than wider ones.
    narrow = group.astype(np.uint16) if n_groups <= 2**16 else group
    return np.argsort(narrow, kind="stable"), bounds


def _exact_plan(codes: Integers, shift: int | None) -> tuple[int, type[np.float32] | type[np.float64], int]:
    """(shift, float type, rows per block) with which products of blocks of these codes are exact integers."""
    if codes.ndim != 2 or not np.issubdtype(codes.dtype, np.integer):
        raise ValueError("codes must be integers, one row per response and one column per item")
    low, high = (int(codes.min()), int(codes.max())) if codes.size else (0, 0)
    shift = (low + high) // 2 if shift is None else shift
    largest = max(abs(low), abs(high), abs(shift))
    square = max(abs(low - shift), abs(high - shift), 1) ** 2
    if square >= _FLOAT64_EXACT or len(codes) * max(largest, 1) ** 2 >= _INT64_SAFE:
        raise ValueError(f"codes from {low} to {high} reach too far for exact sums of products")
    if largest < _FLOAT32_EXACT and square * BLOCK_ROWS < _FLOAT32_EXACT:
        return shift, np.float32, BLOCK_ROWS
    return shift, np.float64, min(BLOCK_ROWS, _FLOAT64_EXACT // square)


class _ExactBlocks:
    """Adds up products of shifted blocks and hands out the Moments of everything added since the last time.

    A column of ones rides along, so one product holds q (k, k), s (the last column) and n (the corner).
    """

    def __init__(self, codes: Integers, shift: int | None) -> None:
        self.shift, dtype, self.rows = _exact_plan(codes, shift)
        self.k = codes.shape[1]
        self.minus = dtype(self.shift)
        self.buffer = np.ones((self.rows, self.k + 1), dtype=dtype)
        self.total = np.zeros((self.k + 1, self.k + 1), dtype=np.int64)

    def add(self, codes: Integers) -> None:
        for start in range(0, len(codes), self.rows):
            block = codes[start : start + self.rows]
            filled = self.buffer[: len(block)]
            np.subtract(block, self.minus, out=filled[:, : self.k], casting="same_kind")
            self.total += (filled.T @ filled).astype(np.int64)

    def take(self) -> Moments:
        k, a = self.k, self.shift
        n, s, q = int(self.total[k, k]), self.total[:k, k].copy(), self.total[:k, :k].copy()
        self.total[:] = 0
        return Moments(n, s + n * a, q + a * (s[:, None] + s[None, :]) + n * a * a)

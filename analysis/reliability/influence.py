"""What the standard error of alpha needs of the answers: sums over rows of the influence function and of its square.

Knows rows, exact sums and the ratio A/B = tr C / 1'C1; alpha itself is `analysis.reliability.alpha`. The influence of
a row is -k/((k-1) B) * r_i up to a constant, with r_i = a_i - A/B * b_i, a_i = sum_j (x_ij - m_j)^2 and
b_i = (T_i - m_T)^2. Since r_i is linear in z_i = (x_i, 1, sum_j x_ij^2, T_i^2), sums of products of z give the sums of
r and r^2 for every mean and every ratio: alpha and its standard error need one pass over the answers.

Must stay true: sums of integer codes are exact and can be added, like those of `analysis.moments`; nothing is centred
before it is summed, and deviations are taken from an integer near the mean before anything becomes a float.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from analysis.moments import BLOCK_ROWS, GroupedMoments, rows_by_group

Floats = NDArray[np.float64]
Integers = NDArray[np.integer[Any]]

_FEWEST_ROWS = 512  # shorter blocks cost more in calls than float64 does
_FLOAT32_EXACT = 2**24
_FLOAT64_EXACT = 2**53
_INT64_SAFE = 2**62


@dataclass(frozen=True, eq=False)
class InfluenceSums:
    """Sums over the complete rows of J groups: n (J,), and z (J, k+3, k+3) of products of z_i with itself, both int64.

    z_i = (x_i1 ... x_ik, 1, sum_j x_ij^2, (sum_j x_ij)^2). Sums of disjoint sets of rows can be added.
    """

    n: NDArray[np.int64]
    z: NDArray[np.int64]

    def __add__(self, other: "InfluenceSums") -> "InfluenceSums":
        return InfluenceSums(self.n + other.n, self.z + other.z)

    def grouped(self) -> GroupedMoments:
        """The first and second moments among these sums."""
        k = self.z.shape[1] - 3
        return GroupedMoments(self.n, self.z[:, :k, k], self.z[:, :k, :k])

    def covariance(self) -> Floats:
        """Covariances (k, k), pooled within groups where there are several; NaN without degrees of freedom."""
        sums = self.grouped()
        return sums.unit(0).covariance() if len(self.n) == 1 else sums.within_covariance()

    def unit(self, group: int) -> "InfluenceSums":
        """The sums of one group."""
        return InfluenceSums(self.n[group : group + 1], self.z[group : group + 1])

    def total(self) -> "InfluenceSums":
        """The sums of all responses as one group."""
        return InfluenceSums(self.n.sum(keepdims=True), self.z.sum(axis=0, keepdims=True))

    def of_influence(self, ratio: float) -> tuple[Floats, Floats]:
        """(sum r_i, sum r_i^2) in each group, both (J,), deviations taken from the group's own means. ratio: A/B."""
        k = self.z.shape[1] - 3
        size = np.maximum(self.n, 1)
        near = np.rint(self.z[:, :k, k] / size[:, None]).astype(np.int64)
        z = _moved(self.z, -near).astype(np.float64)
        mean = z[:, :k, k] / size[:, None]
        total = mean.sum(axis=1)
        weights = np.ones((len(z), k + 3))
        weights[:, :k] = -2 * mean + 2 * ratio * total[:, None]
        weights[:, k] = (mean**2).sum(axis=1) - ratio * total**2
        weights[:, k + 2] = -ratio
        first = (weights * z[:, :, k]).sum(axis=1)
        second = np.einsum("ui,uij,uj->u", weights, z, weights)
        return first, second


def influence_sums(codes: Integers, group: Integers | None = None, n_groups: int | None = None) -> InfluenceSums:
    """Sums of complete responses for each group, in one pass.

    codes: (n, k) integers; group: (n,) numbers from 0 to n_groups - 1, in any order; one group by default. ValueError
    where the codes reach too far for exact fourth powers of a total (`fits`).
    """
    blocks = _Blocks(codes)
    if group is None:
        blocks.add(codes)
        return InfluenceSums(np.array([len(codes)]), blocks.take()[None])
    n_groups = int(group.max(initial=0)) + 1 if n_groups is None else n_groups
    order, bounds = rows_by_group(group, n_groups, len(codes))
    z = np.zeros((n_groups, codes.shape[1] + 3, codes.shape[1] + 3), dtype=np.int64)
    n = np.diff(bounds)
    for unit in np.flatnonzero(n):
        for rows in _blocks_of(int(bounds[unit]), int(bounds[unit + 1]), blocks.rows):
            blocks.add(codes[rows] if order is None else codes[order[rows]])
        z[unit] = blocks.take()
    return InfluenceSums(n, z)


def fits(answers: NDArray[Any]) -> TypeGuard[Integers]:
    """Whether these are integers with exact sums, as every response scale that people can overlook has them."""
    return np.issubdtype(answers.dtype, np.integer) and _plan(answers) is not None


def pooled_covariance(
    answers: NDArray[Any], group: Integers | None, n_groups: int
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """(sizes (J,), means (J, k), covariance (k, k) pooled within groups) of any numbers, also those without exact sums.

    answers: (n, k); group: (n,) or None for a single one. NaN without degrees of freedom.
    """
    if answers.ndim != 2:
        raise ValueError("answers have one row per response and one column per item")
    values = answers.astype(np.float64)
    if group is None:
        n, sums = np.array([len(values)]), values.sum(axis=0, keepdims=True)
    else:
        n = np.bincount(group, minlength=n_groups)
        sums = np.stack([np.bincount(group, column, minlength=n_groups) for column in values.T], axis=1)
    means = sums / np.maximum(n, 1)[:, None]
    deviations = values - (means[0] if group is None else means[group])
    df = int(n.sum() - np.count_nonzero(n))
    cov = deviations.T @ deviations / df if df else np.full((values.shape[1],) * 2, np.nan)
    return n, means, cov


def influence_of_rows(
    answers: NDArray[Any], means: Floats, group: Integers | None, n_groups: int, ratio: float
) -> tuple[Floats, Floats]:
    """(sum r_i, sum r_i^2) in each group, both (J,), by a second pass over any numbers.

    answers: (n, k); means: (J, k) of the groups.
    """
    first, second = np.zeros(n_groups), np.zeros(n_groups)
    order, bounds = (None, (0, len(answers))) if group is None else rows_by_group(group, n_groups, len(answers))
    for unit in range(n_groups):
        for rows in _blocks_of(int(bounds[unit]), int(bounds[unit + 1]), 4 * BLOCK_ROWS):
            deviation = (answers[rows] if order is None else answers[order[rows]]) - means[unit]
            raw = np.einsum("ij,ij->i", deviation, deviation) - ratio * deviation.sum(axis=1) ** 2
            first[unit] += raw.sum()
            second[unit] += raw @ raw
    return first, second


def _blocks_of(start: int, stop: int, rows: int) -> Iterator[slice]:
    return (slice(at, min(at + rows, stop)) for at in range(start, stop, rows))


def _moved(z: NDArray[np.int64], by: NDArray[np.int64]) -> NDArray[np.int64]:
    """The sums that (J, k+3, k+3) would be if `by` (J, k) had been added to every code.

    Integers wrap around at 2^64, so whatever happens on the way, a result that fits is right.
    """
    k = by.shape[1]
    change = np.zeros_like(z)
    change[:, range(k + 3), range(k + 3)] = 1
    total = by.sum(axis=1)
    change[:, k, :k] = by
    change[:, :k, k + 1] = 2 * by
    change[:, k, k + 1] = (by**2).sum(axis=1)
    change[:, :k, k + 2] = 2 * total[:, None]
    change[:, k, k + 2] = total**2
    return np.asarray(np.matmul(change.transpose(0, 2, 1), np.matmul(z, change)), dtype=np.int64)


def _plan(codes: Integers) -> tuple[int, type[np.float32] | type[np.float64], int] | None:
    """(shift, float type, rows per block) with which the sums of these codes are exact; None if there is none."""
    if codes.ndim != 2 or not np.issubdtype(codes.dtype, np.integer):
        raise ValueError("codes must be integers, one row per response and one column per item")
    k = codes.shape[1]
    low, high = (int(codes.min()), int(codes.max())) if codes.size else (0, 0)
    shift = (low + high) // 2
    largest, reach = max(abs(low), abs(high), abs(shift), 1), max(high - shift, shift - low, 1)
    fourth = (k * reach) ** 4
    rows = min(BLOCK_ROWS, _FLOAT64_EXACT // max(fourth, 1))
    if rows < 1 or len(codes) * (k * largest) ** 4 >= _INT64_SAFE or (2 * k * largest) ** 2 >= _INT64_SAFE:
        return None
    short = _FLOAT32_EXACT // max(reach**3 * k**2, 1) // _FEWEST_ROWS * _FEWEST_ROWS
    if short and largest < _FLOAT32_EXACT and rows >= _FEWEST_ROWS:
        return shift, np.float32, min(short, rows)
    return shift, np.float64, rows


class _Blocks:
    """Adds up products of shifted blocks and hands out the sums of everything added since the last time.

    In float32 all products with the codes are exact; those of the last two columns with each other are not, and are
    made in float64 beside.
    """

    def __init__(self, codes: Integers) -> None:
        plan = _plan(codes)
        if plan is None:
            raise ValueError("these codes reach too far for exact sums of fourth powers")
        self.shift, dtype, self.rows = plan
        self.k = codes.shape[1]
        self.narrow = dtype is np.float32
        self.minus = dtype(self.shift)
        self.ones = np.ones(self.k, dtype=dtype)
        self.buffer = np.ones((self.rows, self.k + 3), dtype=dtype)
        self.all = np.zeros((self.k + 3, self.k + 3), dtype=np.int64)
        self.corner = np.zeros((2, 2), dtype=np.int64)

    def add(self, codes: Integers) -> None:
        k = self.k
        for rows in _blocks_of(0, len(codes), self.rows):
            block = codes[rows]
            filled = self.buffer[: len(block)]
            shifted = filled[:, :k]
            np.subtract(block, self.minus, out=shifted, casting="same_kind")
            total = shifted @ self.ones
            np.einsum("ij,ij->i", shifted, shifted, out=filled[:, k + 1])
            np.multiply(total, total, out=filled[:, k + 2])
            self.all += (filled.T @ filled).astype(np.int64)
            if self.narrow:
                squares = filled[:, k + 1 :].astype(np.float64)
                self.corner += (squares.T @ squares).astype(np.int64)

    def take(self) -> NDArray[np.int64]:
        found = self.all.copy()
        if self.narrow:
            found[self.k + 1 :, self.k + 1 :] = self.corner
        self.all[:], self.corner[:] = 0, 0
        moved: NDArray[np.int64] = _moved(found[None], np.full((1, self.k), self.shift, dtype=np.int64))[0]
        return moved

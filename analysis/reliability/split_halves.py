"""Split halves: what reliability is if half of the items had to predict the other half, for one split or for all.

Knows one covariance matrix. Must stay true: all splits are really all of them (for an odd number of items too, where
psych visits half of the list); a sample says that it is one.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations

import numpy as np
from numpy.typing import NDArray

from analysis.estimate import Estimate, Status, undefined
from analysis.reliability.alpha import spearman_brown
from analysis.reliability.covariances import dust, too_little

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MOST_ITEMS = 16  # 6,435 splits; each item more doubles them
SAMPLED_SPLITS = 10_000


@dataclass(frozen=True)
class SplitHalf:
    """One split: correlation of the two halves, and three ways to make a reliability of the whole of it.

    correlation: r of the half sums. spearman_brown: 2r/(1 + r), for halves of equal length. horst: the same for halves
    of n_a and n_b items. rulon: 4 c_AB/S, which asks for no equal variances (Flanagan, Rulon, Guttman).
    """

    correlation: Estimate
    spearman_brown: Estimate
    horst: Estimate
    rulon: Estimate


@dataclass(frozen=True, eq=False)
class SplitHalves:
    """All splits: least (Revelle's beta), mean, greatest (Guttman's lambda 4), and all coefficients sorted (m,).

    mean: of all splits, also where only a sample was looked at, because it has a closed form.
    """

    least: Estimate
    mean: Estimate
    greatest: Estimate
    coefficients: Floats


def odd_even(cov: Floats, n: int) -> SplitHalf:
    """The split into items 1, 3, 5 ... and 2, 4, 6 ...; see `split_half`."""
    return split_half(cov, n, range(0, len(cov), 2))


def split_half(cov: Floats, n: int, first: Sequence[int]) -> SplitHalf:
    """Reliability from one split, S = 1'C1, c_AB the covariance of the two sums.

    cov: (k, k); first: the items of one half, from 0. One split is arbitrary, so read it beside `split_halves`. A
    negative correlation is real: Spearman-Brown then falls below -1. With two items it is the coefficient to report
    instead of alpha (Eisinga et al. 2013, doi:10.1007/s00038-012-0416-3).
    R: cor(rowSums(x[, a]), rowSums(x[, b])). Spearman 1910,
    doi:10.1111/j.2044-8295.1910.tb00206.x; Brown 1910, doi:10.1111/j.2044-8295.1910.tb00207.x; Rulon 1939; Horst 1951,
    doi:10.1177/001316445101100309.
    """
    k, half = len(cov), sorted(set(first))
    if half and (half[0] < 0 or half[-1] >= k):
        raise ValueError(f"the items of a half are numbers from 0 to {k - 1}")
    reason = too_little(cov, n)
    if not reason and not 0 < len(half) < k:
        raise ValueError("a half has some of the items, not none and not all")
    if reason:
        return _no_split(reason, n)
    inside = np.zeros(k, dtype=np.bool_)
    inside[half] = True
    a, b = float(cov[np.ix_(inside, inside)].sum()), float(cov[np.ix_(~inside, ~inside)].sum())
    between, least = float(cov[np.ix_(inside, ~inside)].sum()), dust(cov)
    constant = Status.UNDEFINED_TOTAL_VARIANCE_ZERO
    rulon, total = undefined(constant, n=n, method="rulon"), a + b + 2 * between
    if total > least:
        rulon = Estimate(value=4 * between / total, n=n, method="rulon")
    if min(a, b) <= least:
        return replace(_no_split(constant, n), rulon=rulon)
    r = between / math.sqrt(a * b)
    lengthened, corrected = spearman_brown(r), horst(r, len(half) / k)
    found = replace(_no_split(constant, n), correlation=Estimate(value=r, n=n, method="half_correlation"), rulon=rulon)
    if lengthened is None or corrected is None:
        return found
    return replace(
        found,
        spearman_brown=Estimate(value=lengthened, n=n, method="spearman_brown"),
        horst=Estimate(value=corrected, n=n, method="horst"),
    )


def horst(r: float, share: float) -> float | None:
    """Reliability of the whole from the correlation of two parts, 2r/(r + sqrt(r^2 + 4pq(1 - r^2))), q = 1 - p.

    share: p, the share of the items in one part. Equals Spearman-Brown at p = 1/2; None where r = -1. This form of
    Horst's formula has no 0/0 at r = 1. R: r * (sqrt(r^2 + 4 * p * q * (1 - r^2)) - r)/(2 * p * q * (1 - r^2)), his
    own. Horst 1951, doi:10.1177/001316445101100309.
    """
    denominator = r + math.sqrt(max(r * r + 4 * share * (1 - share) * (1 - r * r), 0.0))
    return 2 * r / denominator if denominator > np.finfo(np.float64).eps else None


def split_halves(cov: Floats, n: int, *, seed: int = 0, draws: int = SAMPLED_SPLITS) -> SplitHalves:
    """4 c_AB/S of every split into halves of k/2 items, or of (k - 1)/2 and (k + 1)/2.

    cov: (k, k); correlations for what psych prints. Up to 16 items all splits are made; beyond, `draws` of them at
    random from `seed`, and least and greatest carry `WARN_SAMPLED`: the true ones lie further out. The mean of all is
    alpha for an even and (k^2 - 1)/k^2 alpha for an odd number of items. A least far below the mean says that the items
    measure more than one thing (Revelle 1979, doi:10.1207/s15327906mbr1401_4); the greatest is too high by chance in
    small samples. Undefined as alpha is.
    R: psych::splitHalf(x, raw = TRUE)$raw - for odd k psych visits only half of the splits and divides their sum by
    another number, so that its minimum, maximum and mean differ. Guttman 1945, doi:10.1007/BF02288892.
    """
    names = ("split_half_least", "split_half_mean", "split_half_greatest")
    reason, k, total = too_little(cov, n), len(cov), float(cov.sum())
    if not reason and total <= dust(cov):
        reason = Status.UNDEFINED_TOTAL_VARIANCE_ZERO
    if reason:
        least, mean, greatest = (undefined(reason, n=n, method=name) for name in names)
        return SplitHalves(least, mean, greatest, np.empty(0))
    sampled = k > MOST_ITEMS
    halves = _drawn(k, draws, seed) if sampled else all_splits(k)
    found = np.sort(split_coefficients(cov, halves))
    off_diagonal = (total - float(np.trace(cov))) / total
    average = off_diagonal * (k / (k - 1) if k % 2 == 0 else (k + 1) / k)
    status = Status.WARN_SAMPLED if sampled else Status.OK
    detail = {"splits": float(len(found))}
    return SplitHalves(
        least=Estimate(value=float(found[0]), n=n, method=names[0], status=status, detail=detail),
        mean=Estimate(value=average, n=n, method=names[1]),
        greatest=Estimate(value=float(found[-1]), n=n, method=names[2], status=status, detail=detail),
        coefficients=found,
    )


def all_splits(k: int) -> Bools:
    """(m, k): which items are in the first half, every split once, in the order of their item numbers.

    An even number has k!/((k/2)!^2 2) splits, an odd one k!/(((k - 1)/2)! ((k + 1)/2)!), of which the first half is the
    smaller.
    """
    size = k // 2
    members: Iterator[tuple[int, ...]] = combinations(range(k), size)
    if k % 2 == 0:  # each split would come twice: once with the first item, once as its complement
        members = ((0, *others) for others in combinations(range(1, k), size - 1))
    count = math.comb(k, size) if k % 2 else math.comb(k - 1, size - 1)
    chosen = np.fromiter(chain.from_iterable(members), dtype=np.intp, count=count * size).reshape(count, size)
    halves = np.zeros((count, k), dtype=np.bool_)
    np.put_along_axis(halves, chosen, True, axis=1)
    return halves


def split_coefficients(cov: Floats, halves: Bools) -> Floats:
    """4 c_AB/S for each split, (m,). cov: (k, k); halves: (m, k), True for the items of one half.

    With s = +1 in one half and -1 in the other, s'Cs = S - 4 c_AB.
    """
    signs = np.where(halves, 1.0, -1.0)
    return np.asarray(1 - np.einsum("ij,ij->i", signs @ cov, signs) / cov.sum())


def _no_split(reason: Status, n: int) -> SplitHalf:
    names = ("half_correlation", "spearman_brown", "horst", "rulon")
    r, lengthened, corrected, rulon = (undefined(reason, n=n, method=name) for name in names)
    return SplitHalf(r, lengthened, corrected, rulon)


def _drawn(k: int, draws: int, seed: int) -> Bools:
    order = np.random.default_rng(seed).random((draws, k)).argsort(axis=1)
    return np.asarray(order < k // 2)

"""How usual a row of answers is in each unit: what lets the answers of other units say what chance does in this one.

Two people of different units cannot be one person who filled in twice, so answers that agree across units measure how
often honest people agree. But units differ, and the people of a satisfied unit agree more. Each unit is therefore taken
as the campaign's answers tilted, pi_u(x) = pi(x) exp(a_u + b_u'f(x)), and what is found elsewhere is weighted by how
usual it would be here.

Knows codes and unit numbers. Must stay true: pi itself is never modelled, so heaps, ceilings and habits that units
share cancel; that answers of a person hang together is in pi, too, where independent items would expect far too few
agreements. What differs between units beyond f does not cancel; it is allowed for (ALLOWANCE) and measured.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammainc

Floats = NDArray[np.float64]
Integers = NDArray[np.integer[Any]]

# Agreement that may be had for nothing. In simulated honest campaigns pairs within units came to .93 to 1.1 times what
# was expected (where there were more than 150; careless, very uneven). Tests are against this multiple.
ALLOWANCE = 1.5

_CALIBRATION_ROWS = 20_000
_CALIBRATION_STEPS = 30
_RIDGE = 0.05  # of a feature's variance: copied items must not divide by nothing
_ANYWHERE = 0.01
_DUST = 1e-12
_BLOCK_ROWS = 8192
_LEAST = 1e-200  # its square is still a number
_WIDEST_COUNT = 2**62


@dataclass(frozen=True, eq=False)
class Tilts:
    """The tilt of each of J units: sizes (J,), centre (k,) item means, slope (J, k + 2), intercept (J,)."""

    sizes: Floats
    centre: Floats
    slope: Floats
    intercept: Floats

    def log_ratios(self, codes: Integers) -> Floats:
        """The logarithm of pi_u(x) / pi(x), a_u + b_u'f(x), (n, J). codes: (n, k) as for `unit_tilts`."""
        logs = np.empty((len(codes), len(self.sizes)))
        for start in range(0, len(codes), _BLOCK_ROWS):
            rows = slice(start, start + _BLOCK_ROWS)
            logs[rows] = _features(codes[rows], self.centre) @ self.slope.T + self.intercept
        return logs

    def _beside_the_likeliest(self, logs: Floats) -> Floats:
        """exp(logs) over those of the likeliest unit that has rows, (n, J), 0 for units that have none."""
        some = self.sizes > 0
        ratios = np.zeros(logs.shape)
        ratios[:, some] = np.exp(logs[:, some] - logs[:, some].max(axis=1, keepdims=True))
        return ratios

    def shares(self, codes: Integers) -> Floats:
        """P(unit | answers) = n_u pi_u(x) / sum_v n_v pi_v(x), (n, J); rows add up to 1.

        One in a hundred is taken to answer like that anywhere: no unit has a pattern for itself.
        """
        logs = self.log_ratios(codes)
        weights = self._beside_the_likeliest(logs) * self.sizes
        shares = (1 - _ANYWHERE) * weights / weights.sum(axis=1, keepdims=True)
        return np.asarray(shares + _ANYWHERE * self.sizes / self.sizes.sum())

    def others_as(self, unit: int, codes: Integers) -> Floats:
        """pi_u(x) over the mixture of all other units: the weight that makes their answers look like this unit's, (n,).

        codes: (n, k), answers of the other units. The mixture, not the unit a row came from, and one part in a hundred
        of this unit stand below: no weight exceeds 100 because one unit happens to be unlike this one.
        """
        logs = self.log_ratios(codes)
        ratios = self._beside_the_likeliest(logs)
        others = ratios * self.sizes
        others[:, unit] = 0.0
        mixed = (1 - _ANYWHERE) * others.sum(axis=1) / (self.sizes.sum() - self.sizes[unit])
        return np.asarray(ratios[:, unit] / (mixed + _ANYWHERE * ratios[:, unit]))


def unit_tilts(codes: Integers, unit: Integers, n_units: int, seed: int) -> Tilts:
    """The tilts of all units.

    codes: (n, k) ranks from 1, 0 and below is missing; unit: (n,) from 0. f(x): the k answers less the item means
    (0 where missing), the square of their mean (ends of the scale) and their standard deviation (people who tell items
    apart more, or less). b_u = S^-1 d_u, as in a linear discriminant: S pooled within units, d_u the unit's distance
    from the campaign in f, shrunk by its reliability, the item level and the item profile each by their own. Intercepts
    a_u make P(unit | answers) add up to the unit's size. Means are those of all rows; S and intercepts come from
    20,000 of them at most, drawn with `seed`.
    """
    n, k = codes.shape
    sizes = np.bincount(unit, minlength=n_units).astype(np.float64)
    answered = np.count_nonzero(codes > 0, axis=0)
    centre = np.where(codes > 0, codes, 0).sum(axis=0, dtype=np.int64) / np.maximum(answered, 1)
    sums = np.zeros((n_units, k + 2))
    for start in range(0, n, _BLOCK_ROWS):
        np.add.at(sums, unit[start : start + _BLOCK_ROWS], _features(codes[start : start + _BLOCK_ROWS], centre))
    means = sums / np.maximum(sizes, 1)[:, None]
    sample = np.arange(n)
    if n > _CALIBRATION_ROWS:
        sample = np.random.default_rng(seed).choice(n, _CALIBRATION_ROWS, replace=False)
    deviation = _features(codes[sample], centre) - means[unit[sample]]
    # Of n rows, n - J are free; of a sample as many in proportion.
    free = max(n - int(np.count_nonzero(sizes)), 1) * len(sample) / max(n, 1)
    within = deviation.T @ deviation / max(free, 1.0)
    variances = np.diagonal(within)
    dust = variances <= _DUST * max(float(variances.max()), 1.0)
    within = within + np.diag(np.where(dust, 1.0, _RIDGE * variances))
    distance = np.where(sizes[:, None] > 0, means - sums.sum(axis=0) / max(n, 1), 0.0)
    slope = np.linalg.solve(within, _shrunk(distance, within, sizes).T).T
    uncalibrated = Tilts(sizes, centre, slope, np.zeros(n_units))
    logs = uncalibrated.log_ratios(codes[sample])
    return Tilts(sizes, centre, slope, _intercepts(logs, sizes / max(n, 1)))


def upper_tail(count: float, mean: float, variance: float) -> float:
    """P(X >= count) for counts of pairs: Poisson, or negative binomial where the variance exceeds the mean.

    It does where patterns are popular: m rows of one pattern make m(m - 1)/2 pairs at once.
    R: pnbinom(count - 1, size = mean^2/(variance - mean), mu = mean, lower.tail = FALSE), ppois(count - 1, mean, ...).
    """
    if count <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    if variance <= mean * (1 + 1e-9):
        return float(gammainc(count, mean))
    return float(betainc(count, mean**2 / (variance - mean), 1 - mean / variance))


def upper_quantile(tail: float, mean: float, variance: float) -> int:
    """The least count that is reached with probability `tail` or less, as `upper_tail` has it."""
    low, high = 0, 1
    while upper_tail(high, mean, variance) > tail and high < _WIDEST_COUNT:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if upper_tail(middle, mean, variance) > tail else (low, middle)
    return high


def _features(codes: Integers, centre: Floats) -> Floats:
    n, k = codes.shape
    features = np.empty((n, k + 2))
    features[:, :k] = np.where(codes > 0, codes - centre, 0.0)
    level = features[:, :k].mean(axis=1)
    features[:, k] = level**2
    features[:, k + 1] = np.sqrt(np.maximum((features[:, :k] ** 2).mean(axis=1) - level**2, 0.0))
    return features


def _shrunk(distance: Floats, within: Floats, sizes: Floats) -> Floats:
    """Each part of the distances times the share of its variance between units that is not sampling error."""
    k, weight = distance.shape[1] - 2, np.maximum(sizes, 1)

    def reliability(squares: Floats, noise: float) -> Floats:
        between = float((squares - noise / weight)[sizes > 0].mean()) if sizes.any() else 0.0
        # Units that differ less than sampling makes them differ are taken as equal.
        return np.asarray(between / (between + noise / weight) if between > 0 else np.zeros(len(sizes)))[:, None]

    level = distance[:, :k].mean(axis=1, keepdims=True)
    profile = distance[:, :k] - level
    noise_of_level = float(within[:k, :k].sum()) / k**2
    noise_of_profile = max(float(np.trace(within[:k, :k])) / k - noise_of_level, 0.0)
    shrunk = np.empty_like(distance)
    shrunk[:, :k] = level * reliability(level[:, 0] ** 2, noise_of_level)
    shrunk[:, :k] += profile * reliability((profile**2).mean(axis=1), noise_of_profile)
    for extra in (k, k + 1):
        shrunk[:, [extra]] = distance[:, [extra]] * reliability(distance[:, extra] ** 2, float(within[extra, extra]))
    return shrunk


def _intercepts(logs: Floats, shares: Floats) -> Floats:
    """a_u for which the mean of P(u | x) over the rows is the unit's share; 0 for units without rows."""
    found, some = np.zeros(len(shares)), shares > 0
    if not len(logs):
        return found
    factors = np.exp(logs[:, some] - logs[:, some].max(axis=1, keepdims=True)) * shares[some]
    scale = np.ones(factors.shape[1])
    for _ in range(_CALIBRATION_STEPS):
        weights = factors * scale
        reached = (weights / weights.sum(axis=1, keepdims=True)).mean(axis=0)
        # Only ratios of the factors matter; a unit that no row could come from must not run away with them.
        scale *= shares[some] / np.maximum(reached, _LEAST)
        scale = np.maximum(scale / scale.max(), _LEAST)
    found[some] = np.log(scale)
    return found

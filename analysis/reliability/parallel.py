"""How many dimensions a set of items has: eigenvalues against those of answers that have none.

Knows a correlation matrix and how many responses stand behind it. Must stay true: the same seed gives the same answer;
the cost does not depend on the number of responses, because the scatter matrix of n normal responses is drawn as such
(Bartlett's decomposition of the Wishart distribution), not response by response.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.estimate import Status
from analysis.reliability.covariances import constant_items, correlations, positive_definite, too_little

Floats = NDArray[np.float64]

_BATCH = 256


@dataclass(frozen=True, eq=False)
class Dimensionality:
    """Everything descending, (k,), empty where the status is `undefined_*`.

    eigenvalues: of the correlations. random_mean, random_quantile: of unrelated items. dimensions,
    dimensions_by_mean: how many leading eigenvalues exceed the quantile, or the mean. ratio: first to second
    eigenvalue, 3 to 4 and more are read as one dimension (no firm rule; None where the second is not positive). ecv:
    the first dimension's share of the common variance (None where it cannot be told). items: what the status is about.
    """

    eigenvalues: Floats
    random_mean: Floats
    random_quantile: Floats
    dimensions: int
    dimensions_by_mean: int
    ratio: float | None
    ecv: float | None
    status: Status = Status.OK
    items: tuple[int, ...] = ()


def parallel_analysis(
    cov: Floats, n: int, seed: int, *, replications: int = 1000, quantile: float = 0.95
) -> Dimensionality:
    """Horn's parallel analysis: keep the leading eigenvalues that exceed those of random normal answers.

    cov: (k, k) covariances or correlations of n responses. The quantile guards against dimensions made of noise, the
    mean (Horn's own) finds weak ones. With polychoric correlations the random ones are a little too small, so that the
    count may be one too high. ECV uses squared multiple correlations as communalities: above .70 to .85 a total may be
    read as one thing (Rodriguez, Reise & Haviland 2016, doi:10.1037/met0000045); a custom, too.
    Refuses n <= k and constant items. A matrix that is not positive definite has eigenvalues, but no ECV.
    Horn 1965, doi:10.1007/BF02289447; Bartlett 1933, Proc. R. Soc. Edinburgh 53.
    """
    if replications < 1 or not 0 < quantile < 1:
        raise ValueError(f"{replications} replications have no quantile {quantile}")
    reason, k = too_little(cov, n), len(cov)
    if reason:
        return _none(reason)
    constant = np.flatnonzero(constant_items(cov))
    if len(constant):
        return _none(Status.UNDEFINED_ITEM_VARIANCE_ZERO, tuple(constant.tolist()))
    if n <= k:
        return _none(Status.UNDEFINED_SINGULAR)
    standard = correlations(cov)
    found = np.asarray(np.linalg.eigvalsh(standard)[::-1], dtype=np.float64)
    random = random_eigenvalues(n, k, seed, replications)
    mean, high = random.mean(axis=0), np.asarray(np.quantile(random, quantile, axis=0), dtype=np.float64)
    return Dimensionality(
        found,
        mean,
        high,
        dimensions=_leading(found > high),
        dimensions_by_mean=_leading(found > mean),
        ratio=float(found[0] / found[1]) if found[1] > 0 else None,
        ecv=_explained_common_variance(standard),
        status=Status.WARN_NOT_POSITIVE_DEFINITE if found[-1] < -1e-12 * k else Status.OK,
    )


def random_eigenvalues(n: int, k: int, seed: int, replications: int) -> Floats:
    """Eigenvalues, descending, of the correlations of n normal answers to k unrelated items: (replications, k).

    R: replicate(replications, eigen(cor(matrix(rnorm(n * k), n)))$values), in distribution.
    """
    if n <= k:
        raise ValueError(f"{n} responses to {k} items have a singular scatter matrix")
    rng = np.random.default_rng(seed)
    drawn = []
    for start in range(0, replications, _BATCH):
        size = min(_BATCH, replications - start)
        root = np.tril(rng.standard_normal((size, k, k)), -1)
        at = np.arange(k)
        root[:, at, at] = np.sqrt(rng.chisquare(n - 1 - at, (size, k)))
        root /= np.sqrt((root**2).sum(axis=2, keepdims=True))
        drawn.append(np.linalg.eigvalsh(root @ root.transpose(0, 2, 1))[:, ::-1])
    return np.concatenate(drawn)


def _leading(exceeds: NDArray[np.bool_]) -> int:
    return int(np.argmin(exceeds)) if not exceeds.all() else len(exceeds)


def _explained_common_variance(standard: Floats) -> float | None:
    if not positive_definite(standard):
        return None
    values = np.linalg.eigvalsh(standard - np.diag(1 / np.diagonal(np.linalg.inv(standard))))
    common = float(values[values > 0].sum())
    return float(values[-1]) / common if common > 0 else None


def _none(status: Status, items: tuple[int, ...] = ()) -> Dimensionality:
    nothing = np.empty(0)
    return Dimensionality(nothing, nothing, nothing, 0, 0, ratio=None, ecv=None, status=status, items=items)

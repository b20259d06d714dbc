"""Alpha of a sample that was drawn with weights, in clusters, from strata or from a finite population.

Knows rows and the design. Alpha is a smooth function of weighted totals, so its standard error is that of the weighted
total of its influence function (linearisation), whatever the design. Must stay true: without weights, clusters, strata
and sizes the value is that of `cronbach_alpha`; every term of the variance comes from clusters within a stratum.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.estimate import Estimate, Status, undefined
from analysis.reliability.alpha import cronbach_alpha, with_error

Floats = NDArray[np.float64]
Integers = NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class SurveyDesign:
    """How n responses were drawn; what is None was not part of it.

    weights: (n,) how many people a response stands for, up to a factor. cluster: (n,) who was drawn together (a
    sitting, a department, a unit), any integers; responses are their own clusters by default. stratum: (n,) from 0;
    clusters of the same number in two strata are two. sizes: (H,) clusters that each stratum has in the population,
    NaN where unknown: the finite population correction. group: (n,) unit from whose means deviations are taken.
    """

    weights: Floats | None = None
    cluster: Integers | None = None
    stratum: Integers | None = None
    sizes: Floats | None = None
    group: Integers | None = None


def design_alpha(answers: NDArray[Any], design: SurveyDesign, level: float = 0.95) -> Estimate:
    """Alpha of the weighted answers with its linearised standard error, t interval; the upper limit ends at 1.

    With weighted means m, A = sum_i w_i a_i, B = sum_i w_i b_i (a_i, b_i as in `influence_interval`):
    alpha = k/(k-1)(1 - A/B); z_i = -k/(k-1) w_i (a_i - A/B b_i)/B; with z_hc the sum of z over cluster c of stratum h:
    V = sum_h (1 - n_h/N_h) n_h/(n_h - 1) sum_c (z_hc - mean_h)^2, df = clusters - strata.
    answers: (n, k) complete numbers. With `group` the means are those of the units, df = clusters - units that hold
    several of them, and the deviations in a unit of c clusters are enlarged by sqrt(c/(c - 1)) beside those of a single
    group, because they were taken from means of the same answers; a unit that is a cluster needs none. A stratum with a
    single cluster is measured from the mean of all clusters (`WARN_LONELY_CLUSTER`); with a single cluster there is a
    value without an interval. Undefined where alpha is, and with more clusters than the population has.
    R, without `group` or with units as clusters: svycontrast(svytotal(~one + x1 + ... + sq + tt, design),
    quote(k/(k-1) * (1 - (sq - (x1^2 + ...)/one)/(tt - (x1 + ...)^2/one)))), options(survey.lonely.psu = "adjust").
    Binder 1983, doi:10.2307/1402588; Maydeu-Olivares, Coffman & Hartmann 2007, doi:10.1037/1082-989X.12.2.157.
    """
    method = "design"
    rows, k = _shape(answers, design)
    weights = np.ones(rows) if design.weights is None else np.asarray(design.weights, dtype=np.float64)
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        raise ValueError("weights are finite numbers from 0")
    if not weights.all():
        return design_alpha(answers[weights > 0], _of_rows(design, weights > 0), level)
    group = np.zeros(rows, dtype=np.intp) if design.group is None else np.unique(design.group, return_inverse=True)[1]
    inside = np.bincount(group)
    deviation = _deviations(answers, weights, group)
    cov = (deviation * weights[:, None]).T @ deviation / max(float(weights.sum()), 1e-300)
    alpha = cronbach_alpha(cov, rows - len(inside) + 1 if rows > len(inside) else min(rows, 1))
    clusters = _clusters(design, rows)
    counts = np.bincount(clusters.stratum, minlength=clusters.strata)
    used = int(inside[inside > 1].sum())
    if alpha.value is None:
        return undefined(alpha.status, n=used, method=method, detail=alpha.detail)
    if (counts > clusters.sizes).any():
        return undefined(Status.UNDEFINED_FRAME_TOO_SMALL, n=used, method=method)

    ratio, total = float(np.trace(cov) / cov.sum()), float(cov.sum()) * float(weights.sum())
    raw = np.einsum("ij,ij->i", deviation, deviation) - ratio * deviation.sum(axis=1) ** 2
    in_unit = _clusters_in(group, clusters.of_row)
    several = in_unit > 1
    sharing = len(np.unique(clusters.of_row[several[group]]))
    enlarge = np.ones(len(in_unit))
    enlarge[several] = np.sqrt(in_unit[several] / (in_unit[several] - 1) * (sharing - 1) / sharing)
    influence = k / (k - 1) * weights * raw * enlarge[group] / total
    z: Floats = np.bincount(clusters.of_row, influence).astype(np.float64)
    variance, lonely = _variance(z, clusters, counts)
    df = len(z) - max(int(np.count_nonzero(counts)), int(np.count_nonzero(several)))
    detail = {**alpha.detail, "clusters": float(len(z)), "strata": float(np.count_nonzero(counts))}
    if df < 1:
        return Estimate(value=alpha.value, n=used, method=method, status=Status.WARN_LONELY_CLUSTER, detail=detail)
    status = Status.WARN_LONELY_CLUSTER if lonely and alpha.status is Status.OK else alpha.status
    said = replace(alpha, status=status, detail=detail)
    return with_error(said, math.sqrt(variance), df, level, n=used, method=method)


@dataclass(frozen=True, eq=False)
class _Clusters:
    """of_row: (n,) cluster from 0; stratum: (m,) of each cluster; sizes: (H,) in the population, inf unknown."""

    of_row: NDArray[np.intp]
    stratum: NDArray[np.intp]
    strata: int
    sizes: Floats


def _clusters(design: SurveyDesign, rows: int) -> _Clusters:
    stratum = np.zeros(rows, dtype=np.intp) if design.stratum is None else design.stratum.astype(np.intp)
    strata = max(int(stratum.max(initial=0)) + 1, 1 if design.sizes is None else len(design.sizes))
    sizes = np.full(strata, np.inf)
    if design.sizes is not None:
        if len(design.sizes) != strata or stratum.min(initial=0) < 0:
            raise ValueError(f"sizes has {len(design.sizes)} strata, the responses have numbers up to {strata - 1}")
        sizes = np.where(np.isnan(design.sizes), np.inf, design.sizes)
    if design.cluster is None:
        return _Clusters(np.arange(rows), stratum, strata, sizes)
    pairs, of_row = np.unique(np.stack((stratum, design.cluster), axis=1), axis=0, return_inverse=True)
    return _Clusters(of_row.reshape(rows), pairs[:, 0].astype(np.intp), strata, sizes)


def _variance(z: Floats, clusters: _Clusters, counts: NDArray[np.intp]) -> tuple[float, bool]:
    """Variance of the total of z (m,), and whether a stratum had one cluster that is not all of it."""
    means = np.bincount(clusters.stratum, z, minlength=clusters.strata) / np.maximum(counts, 1)
    lonely = (counts == 1) & (clusters.sizes > 1)
    means[lonely] = z.mean()
    squares = np.bincount(clusters.stratum, (z - means[clusters.stratum]) ** 2, minlength=clusters.strata)
    factor = (1 - counts / clusters.sizes) * np.where(counts > 1, counts / np.maximum(counts - 1, 1), 1.0)
    return float(factor @ squares), bool(lonely.any())


def _deviations(answers: NDArray[Any], weights: Floats, group: NDArray[np.intp]) -> Floats:
    values = np.asarray(answers, dtype=np.float64)
    divisor = np.bincount(group, weights)
    means = np.stack([np.bincount(group, weights * column) / divisor for column in values.T], axis=1)
    return np.asarray(values - means[group])


def _clusters_in(group: NDArray[np.intp], cluster: NDArray[np.intp]) -> NDArray[np.intp]:
    """(J,) how many clusters have responses in each unit."""
    pairs = np.unique(np.stack((group, cluster), axis=1), axis=0)
    return np.bincount(pairs[:, 0])


def _shape(answers: NDArray[Any], design: SurveyDesign) -> tuple[int, int]:
    if answers.ndim != 2 or not answers.shape[1]:
        raise ValueError("answers have one row per response and one column per item")
    rows = len(answers)
    for name in ("weights", "cluster", "stratum", "group"):
        part = getattr(design, name)
        if part is not None and part.shape != (rows,):
            raise ValueError(f"{name} has shape {part.shape}, there are {rows} responses")
    return rows, answers.shape[1]


def _of_rows(design: SurveyDesign, rows: NDArray[np.bool_]) -> SurveyDesign:
    return SurveyDesign(
        weights=None if design.weights is None else design.weights[rows],
        cluster=None if design.cluster is None else design.cluster[rows],
        stratum=None if design.stratum is None else design.stratum[rows],
        sizes=design.sizes,
        group=None if design.group is None else design.group[rows],
    )

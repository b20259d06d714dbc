"""Means of a named, finite population: unit scores from persons, or from departments and their raters.

Knows points, units, strata and how many people the frame holds. Must stay true: dimensions are averaged to the unit
first and weighted then; a weight is never renormalised over dimensions; n > N, an unknown size and an empty stratum are
said, never repaired in silence.

The estimator. Within a unit, W_h = N_h/N. Dimension d has the ratio mean of those who have it,
    y_d = sum_h W_h mean_h(m y) / share_d,   share_d = sum_h W_h mean_h(m)   (m: 1 who has it, else 0),
the score is sum_d w_d y_d, and both are linearised over the same persons,
    z_i = sum_d w_d m_id (y_id - y_d) / share_d,   V = sum_h W_h^2 (1 - f_h) s_h^2(z) / n_h,   f_h = n_h/N_h, df n - H
(Saerndal, Swensson & Wretman 1992, Model Assisted Survey Sampling, 3.7, 5.5-5.8).
R: d <- survey::svydesign(~1, strata = ~h, fpc = ~N_h); svycontrast(svytotal(~my1 + m1 + my2 + m2, d),
quote(w1 * my1/m1 + w2 * my2/m2)).
V with f = 0 is the variance of the process: how another set of people of the same kind would have answered. It answers
a different question from the variance for the people of the frame.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from analysis.department_sums import DepartmentMoments, departments_of_rows, departments_of_sums, within_departments
from analysis.estimate import Estimate, Status
from analysis.linearisation import (
    Bools,
    Floats,
    Integers,
    Layout,
    Linearised,
    lay_out,
    linearise,
    moments_of_rows,
    moments_of_sums,
)
from analysis.score_sums import ScoreSums


@dataclass(frozen=True, kw_only=True)
class PopulationMean(Estimate):
    """A mean with both standard errors: `se`, `lo`, `hi` for the people of the frame, `se_process` for the process.

    n: persons (departments in `department_scores`) used. population: N, None where not known. coverage: share of the
    population in strata with answers. strata: used, after merging. strata_merged: single answers put to a neighbour.
    With more answers than people there is no value, and `detail["mean"]` is the mean of the answers.
    A census (n = N) has se 0 in the first sense; print `se_process`. se_simple: of scores only, the standard error that
    a simple random sample of as many persons (departments) would have, corrected for N where `se` is.
    """

    se_process: float | None = None
    se_simple: float | None = None
    population: float | None = None
    coverage: float | None = None
    strata: int = 1
    strata_merged: int = 0


@dataclass(frozen=True)
class LinearScore:
    """A unit's score and the dimension means it is the weighted sum of, in the order of the weights."""

    score: PopulationMean
    dimensions: tuple[PopulationMean, ...]


def linear_scores(
    y: Floats,
    weights: Floats,
    unit: Integers,
    n_units: int,
    *,
    stratum: Integers,
    sizes: Floats,
    shares: Floats | None = None,
    finite: bool | Bools = True,
    level: float = 0.95,
) -> tuple[LinearScore, ...]:
    """Scores of all units at once, one LinearScore for each unit number.

    y: (n, D) points, NaN where a person has no score in a dimension; who has none at all is left out.
    weights: (D,) of the dimensions. unit: (n,) from 0 to n_units - 1. stratum: (n,) from 0 to H - 1, zeros for one.
    sizes: (J, H) N_h; 0 or NaN: not in the frame; NaN with answers: not known, allowed only in a unit's one stratum.
    shares: (J, H) W_h up to a factor, where they come from elsewhere than the sizes. finite: per unit or for all,
    False drops the finite population correction (open links; plans about the process).
    A stratum with a single answer is merged into the first stratum of its unit that has more; one with none lowers
    `coverage` and is a status. A unit where any stratum has n > N, and an indicator with a dimension that nobody has,
    get no value.
    """
    y, weights = _checked_points(y, weights)
    shape = (n_units, np.atleast_2d(sizes).shape[1])
    for name, numbers, limit in (("unit", unit, n_units), ("stratum", stratum, shape[1])):
        if numbers.shape != (len(y),):
            raise ValueError(f"{name} has shape {numbers.shape}, there are {len(y)} responses")
        if len(numbers) and not 0 <= int(numbers.min()) <= int(numbers.max()) < limit:
            raise ValueError(f"{name} numbers must lie between 0 and {limit - 1}")
    usable = ~np.isnan(y).all(axis=1)
    cell = unit[usable].astype(np.intp) * shape[1] + stratum[usable]
    counts = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
    layout = lay_out(counts, sizes=sizes, shares=shares, finite=finite)
    home = (np.arange(n_units)[:, None] * shape[1] + layout.target).reshape(-1)
    cells = moments_of_rows(y[usable], home[cell], shape)
    return _results(linearise(cells, weights, layout), weights, layout, level, "stratified_mean")


def scores_of_sums(
    sums: ScoreSums,
    weights: Floats,
    n_units: int,
    *,
    sizes: Floats,
    shares: Floats | None = None,
    pooled: Bools | None = None,
    finite: bool | Bools = True,
    level: float = 0.95,
) -> tuple[LinearScore, ...]:
    """`linear_scores` from exact sums whose groups are strata: no order or cut of the rows changes a bit of it.

    Degrees of freedom are Satterthwaite's, (sum v_h)^2 / sum v_h^2/(n_h - 1) with v_h the strata's shares of V: where
    one thin stratum makes most of V, n - H promises what it cannot keep. With one stratum they are n - 1.
    Satterthwaite 1946, doi:10.2307/3002019.
    pooled: (J,) units whose strata all count as the first one.
    """
    sizes = np.asarray(sizes, dtype=np.float64)
    by_stratum = sums.by_stratum(n_units, sizes.shape[1], pooled)
    layout = lay_out(by_stratum.n.reshape(sizes.shape), sizes=sizes, shares=shares, finite=finite)
    cells = moments_of_sums(by_stratum, sums.scale, layout.target)
    found = linearise(cells, weights, layout)
    return _results(found, weights, layout, level, "stratified_mean", satterthwaite=True)


def linear_score(
    y: Floats,
    weights: Floats,
    stratum: Integers,
    sizes: Floats,
    *,
    finite: bool = True,
    level: float = 0.95,
) -> LinearScore:
    """`linear_scores` of a single unit; sizes (H,)."""
    unit = np.zeros(len(y), dtype=np.intp)
    sizes = np.atleast_2d(sizes)
    return linear_scores(y, weights, unit, 1, stratum=stratum, sizes=sizes, finite=finite, level=level)[0]


def mean_srs(y: Floats, population: float | None = None, *, level: float = 0.95) -> PopulationMean:
    """Mean of a simple random sample, V = (1 - n/N) s^2/n, t with n - 1.

    y: (n,). population: N; None: unknown, no correction. R: svymean(~y, svydesign(~1, fpc = ~N)).
    """
    size = np.array([np.nan if population is None else population])
    return stratified_mean(y, np.zeros(len(y), dtype=np.intp), size, level=level)


def stratified_mean(
    y: Floats, stratum: Integers, sizes: Floats, *, shares: Floats | None = None, level: float = 0.95
) -> PopulationMean:
    """Stratified or, given the stratum sizes obtained, post-stratified mean, sum_h W_h y_h, t with n - H.

    y: (n,); stratum: (n,) from 0 to H - 1; sizes, shares: (H,) as in `linear_scores`.
    R: svymean(~y, svydesign(~1, strata = ~h, fpc = ~N_h)).
    """
    unit = np.zeros(len(y), dtype=np.intp)
    over = None if shares is None else np.atleast_2d(shares)
    found = linear_scores(
        y[:, None], np.ones(1), unit, 1, stratum=stratum, sizes=np.atleast_2d(sizes), shares=over, level=level
    )
    return found[0].score


def poststratification_weights(stratum: Integers, sizes: Floats) -> Floats:
    """How many people of the frame each answer stands for, N_h/n_h, (n,). R: weights(postStratify(…))."""
    return (sizes / np.maximum(np.bincount(stratum, minlength=len(sizes)), 1))[stratum]


def poststratified_mean(y: Floats, stratum: Integers, sizes: Floats, *, level: float = 0.95) -> PopulationMean:
    """Post-stratified mean with the variance over all samples, those with other stratum sizes included.

    V = (1 - n/N) n/(n - 1) sum_i (w_i e_i / N)^2, e_i = y_i - mean of its stratum, w_i = N_h/n_h, t with n - 1.
    `stratified_mean` conditions on the stratum sizes obtained and is what scores use; the two agree as n grows.
    y: (n,) without NaN; stratum: (n,); sizes: (H,). R: svymean(~y, postStratify(svydesign(~1, fpc = ~N), ~h, N_h)).
    Holt & Smith 1979, doi:10.2307/2344652.
    """
    if np.isnan(y).any():
        raise ValueError("points with missing values need `linear_score`")
    conditional = stratified_mean(y, stratum, sizes, level=level)
    if conditional.value is None or conditional.se is None:
        return conditional
    n, rows = len(y), np.bincount(stratum, minlength=len(sizes))[None, :]
    layout = lay_out(rows, sizes=np.atleast_2d(sizes), shares=None, finite=True)
    counts, cell = np.maximum(layout.n[0], 1), layout.target[0][stratum]
    stratum_means = np.bincount(cell, y, minlength=len(counts)) / counts
    stands_for = (layout.share[0] / counts)[cell]
    process = n / (n - 1) * float(np.sum((stands_for * (y - stratum_means[cell])) ** 2))
    se = math.sqrt((1 - n / float(layout.population[0])) * process)
    half = float(stdtrit(n - 1, (1 + level) / 2)) * se
    return replace(
        conditional,
        se=se,
        lo=conditional.value - half,
        hi=conditional.value + half,
        df=n - 1,
        method="poststratified_mean",
        se_process=math.sqrt(process),
    )


def department_scores(
    y: Floats,
    weights: Floats,
    unit: Integers,
    n_units: int,
    *,
    department: Integers,
    sizes: Floats,
    finite: bool | Bools = True,
    level: float = 0.95,
) -> tuple[LinearScore, ...]:
    """Scores of all units where each department counts once: the mean of department means.

    V = (1 - n/N) s_b^2/n + (n/N) sum_g (s_wg^2/m_g) / n^2, df n - 1, over n of N departments with m_g responses: the
    departments are a sample of the frame, the responses a sample of each department (Cochran 1977, Sampling
    Techniques, 10.3). A department with one response takes the unit's pooled s_w; if none has two, V = s_b^2/n.
    R: svymean(~y, svydesign(~department + response, fpc = ~N + M)), M very large, where every m_g is at least two.
    y, weights, unit, finite: as in `linear_scores`. department: (n,), any numbers; below 0: none, the response is its
    own department. sizes: (J,) departments in the frame, NaN unknown. `n` of the results counts departments.
    """
    y, weights = _checked_points(y, weights)
    found = departments_of_rows(y, unit, department)
    return _of_departments(found, weights, n_units, sizes=sizes, finite=finite, level=level)


def department_scores_of_sums(
    sums: ScoreSums,
    weights: Floats,
    n_units: int,
    *,
    sizes: Floats,
    finite: bool = True,
    level: float = 0.95,
) -> tuple[LinearScore, ...]:
    """`department_scores` from exact sums whose groups are departments."""
    return _of_departments(departments_of_sums(sums), weights, n_units, sizes=sizes, finite=finite, level=level)


def _of_departments(
    found: DepartmentMoments, weights: Floats, n_units: int, *, sizes: Floats, finite: bool | Bools, level: float
) -> tuple[LinearScore, ...]:
    counts = np.bincount(found.unit, minlength=n_units)[:, None]
    layout = lay_out(counts, sizes=np.reshape(sizes, (-1, 1)), shares=None, finite=finite)
    between = linearise(moments_of_rows(found.mean, found.unit, (n_units, 1)), weights, layout)
    within = within_departments(found, weights, between.inverse_share)
    fraction, n = layout.fraction, np.maximum(layout.n, 1)
    corrected = (1 - fraction) * between.process + fraction * within / n**2
    variance = np.where(np.isnan(within), between.process, corrected)
    corrects = ~np.isnan(within[:, -1])
    return _results(replace(between, variance=variance), weights, layout, level, "department_mean", corrects=corrects)


def department_mean(
    y: Floats, department: Integers, population: float | None = None, *, level: float = 0.95
) -> PopulationMean:
    """`department_scores` of one unit and one kind of points: y (n,), population the number of departments."""
    size = np.array([np.nan if population is None else population])
    unit = np.zeros(len(y), dtype=np.intp)
    return department_scores(y[:, None], np.ones(1), unit, 1, department=department, sizes=size, level=level)[0].score


def _checked_points(y: Floats, weights: Floats) -> tuple[Floats, Floats]:
    y, weights = np.asarray(y, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if y.ndim != 2 or weights.shape != (y.shape[1],):
        raise ValueError(f"points of shape {y.shape} need one weight per column, not {weights.shape}")
    return y, weights


def _results(
    found: Linearised,
    weights: Floats,
    layout: Layout,
    level: float,
    method: str,
    *,
    satterthwaite: bool = False,
    corrects: Bools | None = None,
) -> tuple[LinearScore, ...]:
    """corrects: (J,) whether variances are corrected for N at all; None: wherever N is known."""
    simple = _simple_variance(found, layout, corrects)
    df = found.effective_df if satterthwaite else np.maximum(found.n - found.strata, 1)
    se = np.sqrt(found.variance)
    half = stdtrit(df, (1 + level) / 2) * se
    weighted = np.flatnonzero(weights)

    def mean_of(unit: int, column: int, parts: NDArray[np.intp]) -> PopulationMean:
        status, detail = _status(found, layout, unit, column, parts)
        value = float(found.mean[unit, column])
        given = status.defined
        spread = given and status is not Status.WARN_ONE_RESPONSE
        return PopulationMean(
            value=value if given else None,
            se=float(se[unit, column]) if spread else None,
            lo=value - float(half[unit, column]) if spread else None,
            hi=value + float(half[unit, column]) if spread else None,
            n=int(found.n[unit, column]),
            df=float(df[unit, column]) if spread else None,
            method=method,
            status=status,
            detail=detail,
            se_process=math.sqrt(found.process[unit, column]) if spread else None,
            se_simple=math.sqrt(simple[unit]) if spread and column == len(weights) else None,
            population=None if np.isnan(layout.population[unit]) else float(layout.population[unit]),
            coverage=float(layout.coverage[unit]) if given else None,
            strata=int(found.strata[unit, column]),
            strata_merged=int(layout.merged[unit]),
        )

    return tuple(
        LinearScore(
            score=mean_of(unit, len(weights), weighted),
            dimensions=tuple(mean_of(unit, d, np.array([d])) for d in range(len(weights))),
        )
        for unit in range(len(layout.n))
    )


def _simple_variance(found: Linearised, layout: Layout, corrects: Bools | None) -> Floats:
    """(J,) variance of the score in a simple random sample of as many, (1 - n/N) S^2/n, N over the strata answered."""
    n = layout.n.sum(axis=1)
    answered = layout.population * layout.coverage
    corrected = (layout.fraction > 0).any(axis=1) & (answered > 0) & (True if corrects is None else corrects)
    sampled = np.zeros(len(n))
    np.divide(n, answered, out=sampled, where=corrected)
    return np.asarray(np.maximum(1 - sampled, 0.0) * found.element / np.maximum(n, 1))


def _status(
    found: Linearised, layout: Layout, unit: int, column: int, parts: NDArray[np.intp]
) -> tuple[Status, dict[str, float | str]]:
    """The status of one mean; parts: the dimensions it is made of."""
    have = found.n[unit, parts]
    none, one = parts[np.isnan(found.mean[unit, parts])], parts[have == 1]
    if layout.too_small[unit]:
        mean = float(found.mean[unit, column])
        return Status.UNDEFINED_FRAME_TOO_SMALL, {} if math.isnan(mean) else {"mean": mean}
    if not found.n[unit, -1]:
        return Status.UNDEFINED_NO_RESPONSES, {}
    if layout.unweightable[unit]:
        return Status.UNDEFINED_STRATUM_SIZE, {}
    if len(none):
        return Status.UNDEFINED_NO_RESPONSES, {"dimensions": ",".join(map(str, none))}
    if len(one):
        return Status.WARN_ONE_RESPONSE, {"dimensions": ",".join(map(str, one))}
    if layout.coverage[unit] < 1 - 1e-12:
        return Status.WARN_STRATUM_EMPTY, {}
    if not found.process[unit, column]:
        return Status.WARN_NO_VARIATION, {}
    return Status.OK, {}

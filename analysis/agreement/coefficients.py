"""Agreement of raters beyond chance: Krippendorff's alpha, Fleiss' kappa, Kendall's W.

Knows tables of ratings, subjects by raters. Must stay true: where nothing varies there is nothing to agree about, so
the coefficient is undefined and not 1; what needs complete ratings says so instead of dropping subjects.
"""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc
from scipy.stats import rankdata
from statsmodels.stats.inter_rater import fleiss_kappa as statsmodels_fleiss

from analysis.estimate import Estimate, Status, undefined

Floats = NDArray[np.float64]
Integers = NDArray[np.integer[Any]]
Bools = NDArray[np.bool_]
Level = Literal["nominal", "ordinal", "interval", "ratio"]


def krippendorff_alpha(ratings: Floats | Integers, present: Bools, level: Level) -> Estimate:
    """Krippendorff's alpha, 1 - D_o/D_e: any number of raters, ratings may be missing.

    Values c, k that meet in a subject of m ratings count o_ck += 1/(m - 1) for each ordered pair of its ratings; n_c
    are the row sums of o, n their sum.
    alpha = 1 - (n - 1) sum o_ck d^2_ck / sum n_c n_k d^2_ck, with d^2 = 1 for c != k (nominal),
    (n_c/2 + ... + n_k/2 with all between them in full)^2 (ordinal), (c - k)^2 (interval), ((c - k)/(c + k))^2 (ratio;
    two zeros are equal: 0). A subject with one rating says nothing and drops out.
    ratings, present: (subjects, raters). n: subjects with two ratings; detail `ratings`: how many they have. At most 1,
    0 is chance, negative worse. .80 is asked for, .667 allows tentative conclusions (Krippendorff 2004,
    doi:10.1111/j.1468-2958.2004.tb00738.x); as any such coefficient it is low where nearly all subjects are alike.
    Undefined: no subject with two ratings, all their ratings equal, ratio of values below 0. Needs memory for the
    square of the number of different values.
    R: irr::kripp.alpha(rbind(t(x), NA), level)$value; without the row of NA irr 0.84.1 divides by 1 instead of m - 1.
    Krippendorff 2019, Content Analysis, 4th ed., 12.2-12.3.
    """
    method = f"krippendorff_alpha_{level}"
    table, values = _value_counts(ratings, present)
    if not len(table):
        return undefined(Status.UNDEFINED_NO_RESPONSES, n=0, method=method)
    m = table.sum(axis=1)
    table, m = table[m > 1], m[m > 1]
    n = len(table)
    if not n:
        return undefined(Status.UNDEFINED_ONE_RATER, n=0, method=method)
    margins = table.sum(axis=0)
    kept = margins > 0
    table, values, margins = table[:, kept], values[kept], margins[kept]
    total = float(margins.sum())
    if len(values) == 1:
        return undefined(Status.UNDEFINED_NO_VARIATION, n=n, method=method, detail={"ratings": total})
    if level == "ratio" and values[0] < 0:
        return undefined(Status.UNDEFINED_BELOW_ZERO, n=n, method=method, detail={"ratings": total})
    weighted = table / (m - 1)[:, None]
    coincidences = weighted.T @ table - np.diag(weighted.sum(axis=0))
    squares = _squared_differences(values, margins, level)
    observed = float((coincidences * squares).sum())
    expected = float(margins @ squares @ margins)
    return Estimate(value=1 - (total - 1) * observed / expected, n=n, method=method, detail={"ratings": total})


def fleiss_kappa(ratings: Floats | Integers, present: Bools) -> Estimate:
    """Fleiss' kappa for categories, (P - P_e)/(1 - P_e): as many ratings for each subject, by whomever.

    ratings, present: (subjects, raters); subjects without any rating are not there. n: subjects; detail `raters`: per
    subject. .61-.80 is called substantial (Landis & Koch 1977, doi:10.2307/2529310: arbitrary). Low where one category
    prevails although raters agree. Order of categories is ignored: prefer Krippendorff's alpha.
    Undefined: unequal numbers of ratings (`incomplete`), one rating each, all ratings in one category.
    R: irr::kappam.fleiss(x)$value; computed by statsmodels. Fleiss 1971, doi:10.1037/h0031619.
    """
    method = "fleiss_kappa"
    table, _ = _value_counts(ratings, present)
    if not len(table):
        return undefined(Status.UNDEFINED_NO_RESPONSES, n=0, method=method)
    m = table.sum(axis=1)
    n, detail = len(table), {"raters": float(m.max())}
    if m.min() < m.max():
        return undefined(Status.UNDEFINED_INCOMPLETE, n=n, method=method, detail=detail)
    if m.max() < 2:
        return undefined(Status.UNDEFINED_ONE_RATER, n=n, method=method, detail=detail)
    if np.count_nonzero(table.sum(axis=0)) == 1:
        return undefined(Status.UNDEFINED_NO_VARIATION, n=n, method=method, detail=detail)
    return Estimate(value=float(statsmodels_fleiss(table)), n=n, method=method, detail=detail)


def kendall_w(ratings: Floats | Integers, present: Bools) -> Estimate:
    """Kendall's W: how far k raters put n subjects into the same order, corrected for ties.

    W = 12 S/(k^2 (n^3 - n) - k sum_r T_r), S the squared deviations of the subjects' rank sums, T_r = sum (t^3 - t)
    over the ties of rater r. ratings, present: (subjects, raters), complete. In [0, 1]; 1: the same order. Levels do
    not matter, so severe and mild raters agree. detail: `raters`, `chi_square` = k (n - 1) W with n - 1 (`df`) and its
    `p`, rough for n < 8. Undefined: a rating missing, one rater, one subject, every rater ties all subjects.
    R: irr::kendall(x, correct = TRUE)$value. Kendall & Babington Smith 1939, doi:10.1214/aoms/1177732186.
    """
    method = "kendall_w"
    _check(ratings, present)
    n, k = ratings.shape
    if n < 2 or k < 2:
        status = Status.UNDEFINED_ONE_UNIT if n < 2 else Status.UNDEFINED_ONE_RATER
        return undefined(status, n=n, method=method)
    if not present.all():
        return undefined(Status.UNDEFINED_INCOMPLETE, n=n, method=method, detail={"raters": float(k)})
    ranks = rankdata(ratings, axis=0)
    ties = 0.0
    for column in np.asarray(ratings).T:
        sizes = np.unique(column, return_counts=True)[1].astype(np.float64)
        ties += float((sizes**3 - sizes).sum())
    denominator = k**2 * (float(n) ** 3 - n) - k * ties
    if denominator <= 0:
        return undefined(Status.UNDEFINED_NO_VARIATION, n=n, method=method, detail={"raters": float(k)})
    rank_sums = ranks.sum(axis=1)
    value = 12 * float(((rank_sums - rank_sums.mean()) ** 2).sum()) / denominator
    chi_square = k * (n - 1) * value
    detail = {"raters": float(k), "chi_square": chi_square, "p": float(chdtrc(n - 1, chi_square))}
    return Estimate(value=value, n=n, df=n - 1, method=method, detail=detail)


def _value_counts(ratings: Floats | Integers, present: Bools) -> tuple[Floats, Floats]:
    """How often each subject that has ratings got each value, (subjects, values); the values, ascending."""
    _check(ratings, present)
    subject, _ = np.nonzero(present)
    values, place = np.unique(np.asarray(ratings, dtype=np.float64)[present], return_inverse=True)
    counts = np.zeros((len(ratings), len(values)))
    np.add.at(counts, (subject, place), 1)
    return counts[present.any(axis=1)], values


def _squared_differences(values: Floats, margins: Floats, level: Level) -> Floats:
    if level == "nominal":
        return 1 - np.eye(len(values))
    if level == "ordinal":
        # Between the middles of two values lie half of each and all that is between them.
        values = np.cumsum(margins) - margins / 2
    difference = values[:, None] - values[None, :]
    if level != "ratio":
        return np.asarray(difference**2, dtype=np.float64)
    both = values[:, None] + values[None, :]
    return np.asarray(np.divide(difference, both, out=np.zeros_like(both), where=both > 0) ** 2, dtype=np.float64)


def _check(ratings: Floats | Integers, present: Bools) -> None:
    if ratings.ndim != 2 or present.shape != ratings.shape:
        raise ValueError(f"ratings are a table of subjects by raters: {ratings.shape}, present {present.shape}")
    if not np.isfinite(np.where(present, ratings, 0)).all():
        raise ValueError("ratings that are present must be finite")

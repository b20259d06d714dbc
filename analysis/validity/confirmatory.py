"""One-factor confirmatory model: whether the covariances of a scale are those of a single thing, and how far off.

Knows covariance matrices and n; the solution itself is `analysis.reliability.omega.one_factor`. Must stay true: what
the model cannot say is a status of each index, never a number that flatters (three items fit, whatever they ask).

Answers are treated as continuous (maximum likelihood), which holds for five categories and more with mild skew
(Rhemtulla, Brosseau-Liard & Savalei 2012, doi:10.1037/a0029315); for fewer, weighted least squares on polychoric
correlations would be right, and is not done here.
"""

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtr, chdtrc, chndtrinc

from analysis.estimate import Estimate, Status, undefined
from analysis.reliability.covariances import correlations
from analysis.reliability.omega import one_factor
from analysis.validity.dependence import refusal

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class FitIndices:
    """Measures of how far the model's covariances are from those found."""

    chi_square: Estimate
    cfi: Estimate
    tli: Estimate
    rmsea: Estimate
    srmr: Estimate


@dataclass(frozen=True, eq=False)
class OneFactorFit:
    """Parameters (k,) with the factor's variance 1, empty where the status is `undefined_*`, and measures of fit.

    loadings, residual_variances: in the units of the items, of covariances with divisor n, as software for structural
    equations reports them. standardized: loadings in correlations. items: what the status is about.
    """

    loadings: Floats
    residual_variances: Floats
    standardized: Floats
    fit: FitIndices
    status: Status = Status.OK
    items: tuple[int, ...] = ()


def one_factor_fit(cov: Floats, n: int) -> OneFactorFit:
    """Maximum likelihood fit of one factor.

    cov: (k, k) covariances (divisor n - 1) of n responses. With F = log|Sigma| - log|S| + tr(S Sigma^-1) - k and F_0
    of unrelated items: chi_square = n F, df k(k - 3)/2, detail `p`; cfi = 1 - max(chi2 - df, 0)/max(chi2_0 - df_0,
    chi2 - df, 0); tli = (chi2_0/df_0 - chi2/df)/(chi2_0/df_0 - 1); rmsea = sqrt(max(chi2 - df, 0)/(df n)), lo and hi at
    90 %; srmr = root mean square of the k(k + 1)/2 residual correlations, the diagonal's zeros among them.
    Customs: cfi and tli >= .95, rmsea <= .06, srmr <= .08 (Hu & Bentler 1999, doi:10.1080/10705519909540118), found for
    loadings of .7 to .8 and too strict or too lax elsewhere (Marsh, Hau & Wen 2004, doi:10.1207/s15328007sem1103_2;
    Greiff & Heene 2017, doi:10.1027/1015-5759/a000450); rmsea punishes small df; chi_square rejects all large samples.
    Three items: UNDEFINED_JUST_IDENTIFIED for each index. Undefined as `one_factor` and `dependence.refusal` say.
    R: lavaan::cfa(m, x, std.lv = TRUE), fitMeasures; rmsea's limits by pchisq(ncp = ).
    """
    reason = refusal(cov, n)
    if reason:
        return _none(*reason, n)
    solution = one_factor(cov, n)
    if solution.status is not Status.OK:
        return _none(solution.status, solution.items, n)
    deviations = np.sqrt(np.diagonal(cov) * (n - 1) / n)
    return OneFactorFit(
        solution.loadings * deviations,
        solution.uniquenesses * deviations**2,
        solution.loadings,
        _indices(correlations(cov), solution.loadings, solution.uniquenesses, n),
    )


def _indices(standard: Floats, loadings: Floats, uniquenesses: Floats, n: int) -> FitIndices:
    k = len(standard)
    df, df_none = k * (k - 3) // 2, k * (k - 1) // 2
    if df == 0:
        return _without(Status.UNDEFINED_JUST_IDENTIFIED, n)
    implied = np.outer(loadings, loadings) + np.diag(uniquenesses)
    left = np.linalg.solve(implied, standard)
    # Never negative but by rounding, where the fit is perfect.
    chi_square = n * max(float(np.trace(left) - np.linalg.slogdet(left)[1] - k), 0.0)
    unrelated = -n * float(np.linalg.slogdet(standard)[1])
    beyond, beyond_none = max(chi_square - df, 0.0), max(unrelated - df_none, chi_square - df, 0.0)
    residuals = (standard - implied)[np.tril_indices(k)]
    lo, hi = (_noncentrality(chi_square, df, tail) for tail in (0.95, 0.05))
    cfi, tli = (undefined(Status.UNDEFINED_NO_CORRELATION, n=n, method=name) for name in ("cfi", "tli"))
    if beyond_none > 0:
        cfi = Estimate(value=1 - beyond / beyond_none, n=n, method="cfi")
    if unrelated > df_none:
        ratio = unrelated / df_none
        tli = Estimate(value=(ratio - chi_square / df) / (ratio - 1), n=n, method="tli")
    return FitIndices(
        Estimate(value=chi_square, n=n, df=df, method="chi_square", detail={"p": float(chdtrc(df, chi_square))}),
        cfi,
        tli,
        Estimate(
            value=math.sqrt(beyond / (df * n)),
            lo=math.sqrt(lo / (df * n)),
            hi=math.sqrt(hi / (df * n)),
            n=n,
            df=df,
            method="rmsea",
        ),
        Estimate(value=math.sqrt(float((residuals**2).mean())), n=n, method="srmr"),
    )


def _noncentrality(chi_square: float, df: int, below: float) -> float:
    """The noncentrality under which a share `below` of chi-squared lies under this one; 0 where none is so low."""
    return float(chndtrinc(chi_square, df, below)) if chdtr(df, chi_square) > below else 0.0


def _without(status: Status, n: int) -> FitIndices:
    return FitIndices(**{index.name: undefined(status, n=n, method=index.name) for index in fields(FitIndices)})


def _none(status: Status, items: tuple[int, ...], n: int) -> OneFactorFit:
    nothing = np.empty(0)
    return OneFactorFit(nothing, nothing, nothing, _without(status, n), status=status, items=items)

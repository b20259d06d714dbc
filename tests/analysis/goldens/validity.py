"""Goldens of `analysis.validity`."""

from functools import cache
from typing import Any

from analysis.estimate import Estimate
from analysis.moments import Moments
from analysis.reliability.parallel import parallel_analysis
from analysis.validity.confirmatory import OneFactorFit, one_factor_fit
from analysis.validity.constructs import average_variance_extracted
from analysis.validity.exploratory import exploratory_factors
from analysis.validity.sampling_adequacy import bartlett_sphericity, item_adequacies, kmo
from tests.analysis.goldens.core import agreeableness, attitude, listwise, values, whole
from tests.analysis.goldens.data import Computed, table


@cache
def all25() -> Moments:
    return listwise(table("bfi25"))


@cache
def attitude_fit() -> OneFactorFit:
    return one_factor_fit(attitude().covariance(), 30)


@cache
def agreeable_fit() -> OneFactorFit:
    return one_factor_fit(listwise(agreeableness()).covariance(), 2709)


def chi_squared(found: Estimate, *names: str) -> dict[str, Any]:
    return dict(zip(names, (found.value, found.df, found.detail["p"]), strict=False))


def indices(found: OneFactorFit) -> dict[str, Any]:
    return {name: getattr(found.fit, name).value for name in ("cfi", "tli", "rmsea", "srmr")}


def attitude_parameters() -> dict[str, Any]:
    names, found = table("attitude").columns, attitude_fit()
    residuals = {f"{name}~~{name}": value for name, value in zip(names, found.residual_variances, strict=True)}
    for stopped_short in ("privileges", "raises"):
        residuals.pop(f"{stopped_short}~~{stopped_short}")
    return {f"f=~{name}": value for name, value in zip(names, found.loadings, strict=True)} | residuals | {"f~~f": 1.0}


COMPUTED: Computed = {
    "attitude": {
        "KMO.overall": lambda: whole(kmo(attitude().covariance(), 30).value),
        "KMO.items": lambda: dict(
            zip(table("attitude").columns, values(item_adequacies(attitude().covariance(), 30)), strict=True)
        ),
        "bartlett": lambda: chi_squared(bartlett_sphericity(attitude().covariance(), 30), "chisq", "df", "p"),
        "cfa.est": attitude_parameters,
        "cfa.fit": lambda: (
            chi_squared(attitude_fit().fit.chi_square, "chisq", "df", "pvalue") | indices(attitude_fit())
        ),
        "cfa.CR_AVE_std": lambda: {"AVE": average_variance_extracted(attitude_fit().standardized, 30).value},
    },
    "bfi25": {
        "all25.KMO": lambda: whole(kmo(all25().covariance(), all25().n).value),
        "all25.KMO.items": lambda: whole(values(item_adequacies(all25().covariance(), all25().n))),
        "all25.bartlett": lambda: chi_squared(bartlett_sphericity(all25().covariance(), all25().n), "chisq", "df", "p"),
        "all25.eigenvalues": lambda: whole(
            parallel_analysis(all25().covariance(), all25().n, seed=1, replications=50).eigenvalues
        ),
        "all25.fa5.ml.communality": lambda: whole(
            exploratory_factors(all25().covariance(), all25().n, 5, "none").communalities
        ),
        "A.cfa.fit": lambda: chi_squared(agreeable_fit().fit.chi_square, "chisq", "df") | indices(agreeable_fit()),
    },
}

"""Goldens of `analysis.reliability`, beyond the statistics of alpha and omega in `core`."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from analysis.estimate import Estimate
from analysis.moments import grouped_moments, moments
from analysis.reliability.alpha import cronbach_alpha, standardized_alpha
from analysis.reliability.designs import SurveyDesign, design_alpha
from analysis.reliability.guttman import guttman_lambdas, squared_multiple_correlations
from analysis.reliability.hierarchical import HierarchicalOmega, Rotation, hierarchical_omega
from analysis.reliability.intervals import asymptotic_interval, bonett_interval
from analysis.reliability.multilevel import multilevel_alpha
from analysis.reliability.split_halves import all_splits, odd_even, split_coefficients, split_halves
from analysis.reliability.summary import reliability_of
from tests.analysis.goldens.core import agreeableness, attitude, lead_items, listwise, pairwise, values, whole
from tests.analysis.goldens.data import Computed, correlation, table

LAMBDAS = ("l1", "l2", "l3", "l4", "l5", "l6")


def ase(cov: np.ndarray, n: int) -> float | None:
    return asymptotic_interval(cronbach_alpha(cov, n), cov, n).se


def alpha_rest(cov: np.ndarray, n: int) -> dict[str, Any]:
    standard = standardized_alpha(cov, n).detail
    return {
        "G6(smc)": guttman_lambdas(correlation(cov), n).l6.value,
        "S/N": standard["signal_to_noise"],
        "ase": ase(cov, n),
        "median_r": standard["median_r"],
    }


def drop_rest(cov: np.ndarray, n: int) -> dict[str, Any]:
    left = [np.delete(np.delete(cov, j, 0), j, 1) for j in range(len(cov))]
    found = [alpha_rest(rest, n) for rest in left]
    return {
        "G6(smc)": [each["G6(smc)"] for each in found],
        "S/N": [each["S/N"] for each in found],
        "alpha se": [each["ase"] for each in found],
        "var.r": [standardized_alpha(rest, n).detail["variance_r"] for rest in left],
        "med.r": [each["median_r"] for each in found],
    }


def bonett(cov: np.ndarray, n: int) -> dict[str, Any]:
    found = bonett_interval(cronbach_alpha(cov, n), n, len(cov))
    return {"lower": found.lo, "upper": found.hi}


def lambdas(cov: np.ndarray, n: int, names: tuple[str, ...]) -> dict[str, Any]:
    found = guttman_lambdas(correlation(cov), n)
    return {name: getattr(found, name).value for name in names}


def half(part: str) -> float | None:
    found: Estimate = getattr(odd_even(attitude().covariance(), 30), part)
    return found.value


def psych_splits() -> np.ndarray:
    """Of 7 items psych visits the first 18 of the 35 splits."""
    return np.sort(split_coefficients(correlation(attitude().covariance()), all_splits(7)[:18]))


@cache
def designs() -> pd.DataFrame:
    return table("alpha_designs")


def design(name: str) -> dict[str, Any]:
    d = designs() if name != "lonely_cluster" else designs().query("stratum < 3 or cluster == 10")
    weights, cluster, stratum = d["weight"].to_numpy(), d["cluster"].to_numpy(), d["stratum"].to_numpy() - 1
    people, clusters = np.array([120.0, 90.0, 70.0]), np.array([12.0, 9.0, 3.0])
    by_stratum = people[stratum] / np.bincount(stratum)[stratum]
    drawn = {
        "random": SurveyDesign(),
        "finite": SurveyDesign(sizes=np.array([400.0])),
        "weights": SurveyDesign(weights=weights),
        "strata_finite": SurveyDesign(weights=by_stratum, stratum=stratum, sizes=people),
        "clusters": SurveyDesign(weights=weights, cluster=cluster),
        "strata_clusters_finite": SurveyDesign(weights=weights, cluster=cluster, stratum=stratum, sizes=clusters),
        "lonely_cluster": SurveyDesign(weights=weights, cluster=cluster, stratum=stratum),
        "within_units": SurveyDesign(weights=weights, cluster=cluster, group=cluster),
        "within_units_strata_finite": SurveyDesign(
            weights=weights, cluster=cluster, stratum=stratum, sizes=clusters, group=cluster
        ),
    }[name]
    found = design_alpha(d[["x1", "x2", "x3", "x4"]].to_numpy(), drawn)
    return {"value": found.value, "se": found.se, "df": found.df}


DESIGNS = (
    "random",
    "finite",
    "weights",
    "strata_finite",
    "clusters",
    "strata_clusters_finite",
    "lonely_cluster",
    "within_units",
    "within_units_strata_finite",
)


def multilevel() -> dict[str, Any]:
    company = pd.factorize(table("lq2002_lead")["COMPID"])[0]
    found = multilevel_alpha(grouped_moments(lead_items(), company, company.max() + 1))
    return {
        "total": found.total.value,
        "within": found.within.value,
        "between": found.between.value,
        "n0": found.n0,
        "least_eigenvalue": found.between.detail["least_eigenvalue"],
    }


def keyed() -> pd.DataFrame:
    items = table("bfi25").dropna().astype(np.int8)
    turned = ["A1", "C4", "C5", "E1", "E2", "O2", "O5", *(f"N{number}" for number in range(1, 6))]
    return items.assign(**{name: 7 - items[name] for name in turned})


@cache
def omega(items: str, factors: int, rotation: Rotation) -> HierarchicalOmega:
    names = [f"{domain}{number}" for domain in items for number in range(1, 6)]
    sums = moments(keyed()[names].to_numpy())
    return hierarchical_omega(sums.covariance(), sums.n, factors, rotation)


def omegas(items: str, factors: int, rotation: Rotation) -> dict[str, Any]:
    found = omega(items, factors, rotation)
    return {"omega_h": found.hierarchical.value, "omega_t": found.total.value}


COMPUTED: Computed = {
    "attitude": {
        "alpha.total": lambda: alpha_rest(attitude().covariance(), 30),
        "alpha.drop": lambda: drop_rest(attitude().covariance(), 30),
        "oddeven_spearman_brown": lambda: {"r": half("correlation"), "rulon": half("rulon")},
        "alpha.bonett": lambda: bonett(attitude().covariance(), 30),
        "alpha.se_asymptotic": lambda: whole(ase(attitude().covariance(), 30)),
        "splithalf.max_l4": lambda: whole(split_halves(correlation(attitude().covariance()), 30).greatest.value),
        "splithalf.raw_all_sorted": lambda: whole(psych_splits()),
        "guttman.lambda1to6": lambda: lambdas(attitude().covariance(), 30, ("l1", "l2", "l5", "l6")),
        "smc": lambda: dict(
            zip(
                table("attitude").columns,
                values(squared_multiple_correlations(attitude().covariance(), 30)),
                strict=True,
            )
        ),
    },
    "bfi25": {
        # psych divides by all rows, also by those without any answer to these items
        "A.alpha.pairwise": lambda: alpha_rest(pairwise(agreeableness()).covariance(), 2800),
        "A.alpha.drop": lambda: drop_rest(pairwise(agreeableness()).covariance(), 2800),
        "A.alpha.listwise": lambda: alpha_rest(listwise(agreeableness()).covariance(), 2709),
        "A.bonett.listwise": lambda: bonett(listwise(agreeableness()).covariance(), 2709),
        "A.guttman": lambda: lambdas(listwise(agreeableness()).covariance(), 2709, ("l2", "l4", "l5", "l6")),
        "A.lambda2_raw_cov": lambda: whole(reliability_of(agreeableness().to_numpy()).lambda2.value),
        "A.omega_psych_nf3": lambda: {
            "G6": guttman_lambdas(correlation(listwise(agreeableness()).covariance()), 2709).l6.value
        },
    },
    "lq2002_lead": {
        "alpha": lambda: alpha_rest(moments(lead_items()).covariance(), 2042),
    },
    "alpha_designs": {f"design.{name}": lambda name=name: design(name) for name in DESIGNS},
    "reliability_stats": {
        "lq2002.multilevel_alpha": multilevel,
        "bfi25.nec3.oblimin": lambda: omegas("NEC", 3, "oblimin"),
        "bfi25.nec3.promax": lambda: omegas("NEC", 3, "promax"),
        "bfi25.all5.oblimin": lambda: omegas("ACENO", 5, "oblimin"),
        "bfi25.all5.promax": lambda: omegas("ACENO", 5, "promax"),
    },
}

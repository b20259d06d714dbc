"""Goldens of scores, means and the main reliability statistics."""

import math
from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from analysis.estimate import Estimate
from analysis.means import (
    LinearScore,
    department_scores,
    linear_score,
    linear_scores,
    mean_srs,
    poststratification_weights,
    poststratified_mean,
    stratified_mean,
)
from analysis.moments import Moments, PairwiseMoments, grouped_moments, moments, pairwise_moments
from analysis.points import part_scores
from analysis.reliability.alpha import (
    alpha_if_deleted,
    cronbach_alpha,
    item_rest_correlations,
    item_total_correlations,
    spearman_brown,
    standardized_alpha,
)
from analysis.reliability.intervals import feldt_interval
from analysis.reliability.omega import omega_total, one_factor
from tests.analysis.goldens.data import WHOLE, Computed, correlation, golden, table
from tests.factories.frames import item


@cache
def attitude() -> Moments:
    return moments(table("attitude").to_numpy())


def agreeableness(*, reverse_first: bool = True) -> pd.DataFrame:
    items = table("bfi25")[[f"A{i}" for i in range(1, 6)]].copy()
    if reverse_first:
        items["A1"] = 7 - items["A1"]
    return items


def conscientiousness() -> pd.DataFrame:
    items = table("bfi25")[[f"C{i}" for i in range(1, 6)]].copy()
    items[["C4", "C5"]] = 7 - items[["C4", "C5"]]
    return items


def listwise(items: pd.DataFrame) -> Moments:
    return moments(items.dropna().to_numpy().astype(np.int8))


def pairwise(items: pd.DataFrame) -> PairwiseMoments:
    return pairwise_moments(items.fillna(0).to_numpy().astype(np.int8), items.notna().to_numpy())


def alpha_total(cov: np.ndarray, n: int, means: np.ndarray | None = None) -> dict[str, Any]:
    standard = standardized_alpha(cov, n)
    found = {
        "raw_alpha": cronbach_alpha(cov, n).value,
        "std.alpha": standard.value,
        "average_r": standard.detail["mean_r"],
    }
    return found if means is None else found | {"mean": means.mean(), "sd": math.sqrt(cov.sum()) / len(cov)}


def values(estimates: Iterable[Estimate]) -> list[float | None]:
    return [estimate.value for estimate in estimates]


def item_stats(sums: Moments | PairwiseMoments, n: Any) -> dict[str, Any]:
    cov, least = sums.covariance(), int(np.min(n))
    return {
        "n": n,
        "raw.r": values(item_total_correlations(cov, least)),
        "std.r": values(item_total_correlations(correlation(cov), least)),
        "r.cor": values(item_total_correlations(cov, least, corrected=True)),
        "r.drop": values(item_rest_correlations(cov, least)),
        "mean": sums.means(),
        "sd": np.sqrt(np.diagonal(cov)),
    }


def alpha_drop(cov: np.ndarray, n: int) -> dict[str, Any]:
    left = [np.delete(np.delete(cov, j, 0), j, 1) for j in range(len(cov))]
    standard = [standardized_alpha(rest, n) for rest in left]
    return {
        "raw_alpha": values(alpha_if_deleted(cov, n)),
        "std.alpha": values(standard),
        "average_r": [estimate.detail["mean_r"] for estimate in standard],
    }


@cache
def agreeable_persons() -> np.ndarray:
    """Mean of the answers that each person gave, 1 to 6."""
    asked = [item(name, codes=tuple("123456"), points=(0.0, 20.0, 40.0, 60.0, 80.0, 100.0)) for name in agreeableness()]
    points = part_scores(agreeableness().fillna(0).to_numpy().astype(np.int8), asked, [range(5)], 0.0)[:, 0]
    return 1 + points / 20


def agreeable_pairwise() -> dict[str, Any]:
    persons = agreeable_persons()
    about_persons = {"mean": mean_srs(persons).value, "sd": np.nanstd(persons, ddof=1)}
    return alpha_total(pairwise(agreeableness()).covariance(), 2709) | about_persons


def agreeable_items() -> dict[str, Any]:
    found = item_stats(pairwise(agreeableness()), np.diagonal(pairwise(agreeableness()).n).tolist())
    # With missing answers R correlates items with the means of persons, who may have skipped others.
    people = agreeableness().corrwith(pd.Series(agreeable_persons()))
    return found | {"raw.r": people.to_list()}


def feldt(cov: np.ndarray, n: int, names: tuple[str, str]) -> dict[str, Any]:
    found = feldt_interval(cronbach_alpha(cov, n), n, len(cov))
    return {names[0]: found.lo, names[1]: found.hi}


def attitude_feldt_psych() -> dict[str, Any]:
    found = feldt(attitude().covariance(), 30, ("lower.ci", "upper.ci"))
    alpha = cronbach_alpha(attitude().covariance(), 30).value
    return found | {"alpha": alpha, "r.bar": spearman_brown(alpha, 1 / 7)}


def company_sizes() -> dict[str, Any]:
    company = pd.factorize(table("lq2002_lead")["COMPID"])[0]
    n = grouped_moments(lead_items(), company, company.max() + 1).n
    return {"units": len(n), "min": n.min(), "median": np.median(n), "max": n.max(), "N": n.sum()}


def lead_items() -> np.ndarray:
    return table("lq2002_lead").filter(like="LEAD").to_numpy().astype(np.int8)


@cache
def company_scores() -> tuple[Any, ...]:
    data = table("lq2002_lead")
    company = pd.factorize(data["COMPID"], sort=True)[0]
    y = lead_items().mean(axis=1, dtype=np.float64)[:, None]
    no_frame = np.full((49, 1), np.nan)
    return linear_scores(y, np.ones(1), company, 49, stratum=np.zeros(len(y), np.int32), sizes=no_frame)


STYPE = {"E": 0, "H": 1, "M": 2}
SCHOOLS = np.array([4421.0, 755.0, 1018.0])


def school(sample: str, column: str) -> np.ndarray:
    return table(sample)[column].to_numpy(dtype=np.float64)


def stype(sample: str) -> np.ndarray:
    return table(sample)["stype"].map(STYPE).to_numpy()


def strat_mean(y: np.ndarray, sizes: np.ndarray = SCHOOLS) -> Any:
    # The weights in the file are N_h/n_h in single precision; R takes them for the mean, and exact sizes for f_h.
    h = stype("apistrat")
    return stratified_mean(y, h, sizes, shares=np.bincount(h, school("apistrat", "pw")))


def mean_se_ci(found: Any) -> dict[str, Any]:
    return {"mean": found.value, "se": found.se, "ci_t": [found.lo, found.hi], "df": found.df}


def strat_ratio() -> dict[str, Any]:
    numerator, denominator = school("apistrat", "api00"), school("apistrat", "api99")
    mean_below = strat_mean(denominator).value
    ratio = strat_mean(numerator).value / mean_below
    return {"est": ratio, "se": strat_mean((numerator - ratio * denominator) / mean_below).se}


def strat_by_stype() -> dict[str, Any]:
    y, h = school("apistrat", "api00"), stype("apistrat")
    found = [mean_srs(y[h == stratum], SCHOOLS[stratum]) for stratum in range(3)]
    return {"stype": list(STYPE), "api00": [mean.value for mean in found], "se": [mean.se for mean in found]}


def strat_contrast() -> dict[str, Any]:
    domains = strat_by_stype()
    return {"est": domains["api00"][0] - domains["api00"][1], "se": math.hypot(*domains["se"][:2])}


def strat_total() -> dict[str, Any]:
    population = table("apistrat")["pw"].sum()
    found = strat_mean(school("apistrat", "enroll"))
    return {"est": population * found.value, "se": population * found.se}


def strat_share() -> Any:
    return strat_mean((table("apistrat")["sch.wide"] == "Yes").to_numpy(dtype=np.float64))


def poststratified() -> dict[str, Any]:
    found = poststratified_mean(school("apisrs", "api00"), stype("apisrs"), SCHOOLS)
    return {"mean": found.value, "se": found.se, "sumw": poststratification_weights(stype("apisrs"), SCHOOLS).sum()}


def weights_by_stype() -> dict[str, Any]:
    h = stype("apisrs")
    weights = poststratification_weights(h, SCHOOLS)
    return {name: weights[h == stratum].mean() for name, stratum in STYPE.items()}


def by_department(weights: list[float], population: int) -> LinearScore:
    data = table("departments")
    return department_scores(
        data[["quality", "manner"]].to_numpy(dtype=np.float64),
        np.array(weights),
        np.zeros(len(data), np.int32),
        1,
        department=data["department"].to_numpy(),
        sizes=np.array([float(population)]),
    )[0]


def by_dimension() -> LinearScore:
    data = table("dimensions")
    points, stratum = data[["access", "manner"]].to_numpy(dtype=np.float64), data["stratum"].to_numpy() - 1
    return linear_score(points, np.array([0.6, 0.4]), stratum, np.array([50.0, 80.0, 40.0]))


def value_se(found: Estimate) -> dict[str, Any]:
    return {"value": found.value, "se": found.se}


def whole(value: Any) -> dict[str, Any]:
    return {WHOLE: value}


COMPUTED: Computed = {
    "attitude": {
        "cov": lambda: whole(attitude().covariance()),
        "cor": lambda: whole(correlation(attitude().covariance())),
        "alpha.total": lambda: alpha_total(attitude().covariance(), 30, attitude().means()),
        "alpha.total.std": lambda: whole(standardized_alpha(attitude().covariance(), 30).value),
        "guttman.lambda1to6": lambda: {"l3": standardized_alpha(attitude().covariance(), 30).value},
        "alpha.item_stats": lambda: item_stats(attitude(), [30] * 7),
        "alpha.drop": lambda: alpha_drop(attitude().covariance(), 30),
        "alpha.feldt": lambda: feldt(attitude().covariance(), 30, ("lower", "upper")),
        "alpha.feldt.psych": attitude_feldt_psych,
        "oddeven_spearman_brown": lambda: {"sb": spearman_brown(golden("attitude", "oddeven_spearman_brown")["r"])},
        "fa_ml1.loadings": lambda: whole(np.abs(one_factor(attitude().covariance(), 30).loadings)),
        "factanal1.uniq": lambda: dict(
            zip(table("attitude").columns, one_factor(attitude().covariance(), 30).uniquenesses, strict=True)
        ),
        "omega_total_from_factanal1_cor": lambda: whole(omega_total(correlation(attitude().covariance()), 30).value),
        "cfa.CR_AVE_std": lambda: {"CR": omega_total(correlation(attitude().covariance()), 30).value},
    },
    "bfi25": {
        "A.alpha.pairwise": agreeable_pairwise,
        "A.alpha.item_stats": agreeable_items,
        "A.alpha.drop": lambda: alpha_drop(pairwise(agreeableness()).covariance(), 2709),
        "A.alpha.listwise": lambda: alpha_total(
            listwise(agreeableness()).covariance(), 2709, listwise(agreeableness()).means()
        ),
        "A.alpha.listwise.n": lambda: whole(listwise(agreeableness()).n),
        "A.feldt.listwise": lambda: feldt(listwise(agreeableness()).covariance(), 2709, ("lower", "upper")),
        "A.alpha.wrong_key": lambda: whole(
            cronbach_alpha(pairwise(agreeableness(reverse_first=False)).covariance(), 2709).value
        ),
        "C.alpha.listwise": lambda: whole(
            cronbach_alpha(listwise(conscientiousness()).covariance(), listwise(conscientiousness()).n).value
        ),
        "A.omega_total_1factor_ML_cor": lambda: {
            "omega": omega_total(correlation(listwise(agreeableness()).covariance()), 2709).value
        },
        "A.guttman": lambda: {"l3": standardized_alpha(listwise(agreeableness()).covariance(), 2709).value},
        "A.omega_psych_nf3": lambda: {"alpha": standardized_alpha(listwise(agreeableness()).covariance(), 2709).value},
        "A.cfa.std_loadings": lambda: dict(
            zip(agreeableness().columns, one_factor(listwise(agreeableness()).covariance(), 2709).loadings, strict=True)
        ),
        "A.omega_total_1factor_ML_cov": lambda: whole(omega_total(listwise(agreeableness()).covariance(), 2709).value),
    },
    "lq2002_lead": {
        "n_units_and_sizes": company_sizes,
        "alpha": lambda: alpha_total(moments(lead_items()).covariance(), 2042, moments(lead_items()).means()),
        "mean_score_0_100": lambda: whole(mean_srs((lead_items().mean(axis=1, dtype=np.float64) - 1) / 4 * 100).value),
        "unit.mean": lambda: whole([found.score.value for found in company_scores()]),
        "unit.se": lambda: whole([found.score.se for found in company_scores()]),
    },
    "api_srs_strat": {
        "srs.api00.fpc": lambda: mean_se_ci(mean_srs(school("apisrs", "api00"), 6194)),
        "srs.api00.nofpc": lambda: mean_se_ci(mean_srs(school("apisrs", "api00"))),
        "strat.api00.fpc": lambda: mean_se_ci(strat_mean(school("apistrat", "api00"))),
        "strat.api00.nofpc": lambda: mean_se_ci(strat_mean(school("apistrat", "api00"), np.full(3, np.nan))),
        "strat.enroll.total.fpc": strat_total,
        "strat.by_stype.api00": strat_by_stype,
        "strat.ratio.api00_api99": strat_ratio,
        "strat.prop.schwide_yes": lambda: {"p": strat_share().value, "se": strat_share().se},
        "strat.svyciprop.mean": lambda: {"p": strat_share().value, "lo": strat_share().lo, "hi": strat_share().hi},
        "strat.contrast.E_minus_H": strat_contrast,
        "poststratify.srs_by_stype": poststratified,
        "poststratify.weights_by_stype": weights_by_stype,
    },
    "survey_designs": {
        "departments.one": lambda: value_se(by_department([1.0, 0.0], 14).score),
        "departments.score": lambda: value_se(by_department([0.6, 0.4], 14).score),
        "departments.all_answered": lambda: value_se(by_department([1.0, 0.0], 9).score),
        "dimensions.access": lambda: value_se(by_dimension().dimensions[0]),
        "dimensions.manner": lambda: value_se(by_dimension().dimensions[1]),
        "dimensions.score": lambda: value_se(by_dimension().score),
    },
}

"""Goldens of `analysis.agreement`."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import fdtrc

from analysis.agreement.coefficients import fleiss_kappa, kendall_w, krippendorff_alpha
from analysis.agreement.raters import IntraclassCorrelations, intraclass_correlations, two_way
from analysis.agreement.units import OneWay, UnitSums, icc1, icc2, one_way, unit_sums
from analysis.agreement.within import ad_index, lindell_r_wg_j, r_wg, r_wg_j
from analysis.estimate import Estimate
from tests.analysis.goldens.data import WHOLE, Computed, table

COMPANIES = 49


@cache
def lead() -> np.ndarray:
    return table("lq2002_lead").filter(like="LEAD").to_numpy()


@cache
def company() -> np.ndarray:
    return pd.factorize(table("lq2002_lead")["COMPID"], sort=True)[0]


@cache
def lead_sums() -> tuple[UnitSums, ...]:
    return tuple(unit_sums(column, company(), COMPANIES) for column in lead().T)


@cache
def lead_anova() -> OneWay:
    return one_way(unit_sums(lead().mean(axis=1), company(), COMPANIES))


def anova_parts() -> dict[str, Any]:
    found = lead_anova()
    return {
        "MSB": found.ms_between,
        "MSW": found.ms_within,
        "F": found.f,
        "p": found.p,
        "n0": found.n0,
        "nbar": found.n_mean,
        "ICC1_n0": icc1(found).value,
        "ICC1_nbar": icc1(found, size="mean").value,
        "ICC2": icc2(found).value,
    }


def truncated(found: tuple[Estimate, ...]) -> list[Any]:
    return [estimate.detail["truncated"] for estimate in found]


def values(found: tuple[Estimate, ...]) -> dict[str, Any]:
    return {WHOLE: [estimate.value for estimate in found]}


def r_wg_j_summary() -> dict[str, Any]:
    found = np.array(truncated(r_wg_j(lead_sums(), 5)))
    return {"mean": found.mean(), "median": np.median(found), "pct70": (found >= 0.7).mean()}


def ratings(name: str) -> tuple[np.ndarray, np.ndarray]:
    y = table(name).to_numpy(dtype=np.float64)
    return y, ~np.isnan(y)


@cache
def six() -> IntraclassCorrelations:
    return intraclass_correlations(two_way(table("raters").to_numpy()))


def icc(name: str) -> dict[str, Any]:
    found = getattr(six(), name)
    df1 = found.n - 1
    # irr tests agreement with the degrees of freedom of its interval; our own p takes those of the residual.
    p = fdtrc(df1, found.df, found.detail["f"])
    parts = {"value": found.value, "F": found.detail["f"], "df1": df1}
    return parts | {"lo": found.lo, "hi": found.hi, "df2": found.df, "p": p}


def krippendorff(data: str, level: Any) -> Callable[[], dict[str, Any]]:
    return lambda: {WHOLE: krippendorff_alpha(*ratings(data), level).value}


COMPUTED: Computed = {
    "lq2002_lead": {
        "icc_anova": anova_parts,
        "multilevel.ICC1": lambda: {WHOLE: icc1(lead_anova(), size="mean").value},
        "multilevel.ICC2": lambda: {WHOLE: icc2(lead_anova()).value},
        "rwgj.uniform": lambda: {WHOLE: truncated(r_wg_j(lead_sums(), 5))},
        "rwgj.summary": r_wg_j_summary,
        "rwgj.lindell_r*wg(j)": lambda: values(lindell_r_wg_j(lead_sums(), 5)),
        "rwg.single.LEAD01": lambda: {WHOLE: truncated(r_wg(lead_sums()[0], 5))},
        "ad_index.mean_LEAD": lambda: values(
            ad_index(lead(), np.ones(lead().shape, dtype=bool), company(), COMPANIES, 5)
        ),
    },
    "raters_careless": {
        "icc.oneway.consistency.single": lambda: icc("one_way"),
        "icc.oneway.consistency.average": lambda: icc("one_way_mean"),
        "icc.twoway.consistency.single": lambda: icc("consistency"),
        "icc.twoway.consistency.average": lambda: icc("consistency_mean"),
        "icc.twoway.agreement.single": lambda: icc("agreement"),
        "icc.twoway.agreement.average": lambda: icc("agreement_mean"),
        **{f"kripp.{level}": krippendorff("raters", level) for level in ("nominal", "ordinal", "interval", "ratio")},
        **{
            f"kripp_missing.{level}": krippendorff("raters_missing", level)
            for level in ("nominal", "ordinal", "interval", "ratio")
        },
        "fleiss": lambda: {WHOLE: fleiss_kappa(*ratings("raters")).value},
        "kendall_W": lambda: {WHOLE: kendall_w(*ratings("raters")).value},
    },
}

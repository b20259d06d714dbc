"""Goldens of `analysis.comparison`."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from analysis.comparison.pairwise import Contrasts, tukey_hsd, welch_anova, welch_contrasts
from analysis.comparison.ranks import RankSets, rank_sets
from analysis.comparison.shares import design_share, wilson
from analysis.comparison.shrinkage import shrink
from tests.analysis.goldens.core import lead_items, strat_share, whole
from tests.analysis.goldens.data import Computed, table


@cache
def companies() -> pd.DataFrame:
    """Mean, variance and count of the companies' soldiers."""
    scores = pd.Series(lead_items().mean(axis=1, dtype=np.float64))
    return scores.groupby(table("lq2002_lead")["COMPID"]).agg(["mean", "var", "count"])


def squared_errors() -> np.ndarray:
    return (companies()["var"] / companies()["count"]).to_numpy()


def shrunken(method: Any) -> dict[str, Any]:
    found = shrink(companies()["mean"].to_numpy(), squared_errors(), method=method, morris=False)
    return {
        "mu": found.mu.value,
        "se": found.mu.se,
        "tau2": found.tau2.value,
        "I2": 100 * found.tau2.detail["i2"],
        "blup": found.theta,
        "blup_se": found.se,
    }


@cache
def rank_sets_of_companies(*, simultaneous: bool, stepdown: bool) -> RankSets:
    # More draws than R's 10,000, so that the difference is R's Monte-Carlo error and not ours as well.
    y, se = companies()["mean"].to_numpy(), np.sqrt(squared_errors())
    return rank_sets(y, se, draws=50_000, seed=1, simultaneous=simultaneous, stepdown=stepdown)


def bounds(*, rank: bool = False, simultaneous: bool = True, stepdown: bool = True) -> dict[str, Any]:
    found = rank_sets_of_companies(simultaneous=simultaneous, stepdown=stepdown)
    sets = {"L": found.lower, "U": found.upper}
    return {**sets, "rank": found.rank} if rank else sets


@cache
def mixed_model() -> Any:
    """An oracle only: the model of all persons, fitted by statsmodels."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    y = lead_items().mean(axis=1, dtype=np.float64)
    return MixedLM(y, np.ones(len(y)), groups=table("lq2002_lead")["COMPID"].to_numpy()).fit(
        reml=True, method="bfgs", gtol=1e-10
    )


def variance_components() -> dict[str, Any]:
    model = mixed_model()
    return {"tau2": float(model.cov_re[0, 0]), "sigma2": float(model.scale), "mu": float(model.fe_params[0])}


def predicted() -> list[float]:
    model = mixed_model()
    return [float(model.fe_params[0] + effect.iloc[0]) for _, effect in sorted(model.random_effects.items())]


@cache
def largest() -> pd.DataFrame:
    return companies().nlargest(6, "count").sort_index()


def pairs_of_largest(adjust: Any) -> Contrasts:
    six = largest()
    return welch_contrasts(
        six["mean"].to_numpy(), (six["var"] / six["count"]).to_numpy(), six["count"].to_numpy() - 1.0, adjust=adjust
    )


def p_matrix(adjust: Any) -> list[list[float]]:
    """Rows the second to the last unit, columns the first to the last but one, as R prints them."""
    found = pairs_of_largest(adjust)
    matrix = np.full((5, 5), np.nan)
    matrix[found.second - 1, found.first] = found.p_adjusted
    return matrix.tolist()


def tukey() -> dict[str, Any]:
    six = largest()
    found = tukey_hsd(six["mean"].to_numpy(), six["var"].to_numpy(), six["count"].to_numpy())
    # R subtracts the first unit from the second.
    values = {"diff": -found.difference, "lwr": -found.hi, "upr": -found.lo, "p": found.p_adjusted}
    names = [f"{largest().index[k]}-{largest().index[j]}" for j, k in zip(found.first, found.second, strict=True)]
    return {"pair": names, **values}


def welch() -> dict[str, Any]:
    six = largest()
    found = welch_anova(six["mean"].to_numpy(), six["var"].to_numpy(), six["count"].to_numpy())
    return {"F": found.f, "df1": found.df1, "df2": found.df2, "p": found.p}


def schoolwide(method: Any) -> dict[str, Any]:
    mean = strat_share()
    found = design_share(mean.value, mean.se, 200, 197, method=method)
    return {"p": found.value, "lo": found.lo, "hi": found.hi}


def wilsons() -> dict[str, Any]:
    cases = {"x7n8": (7, 8), "x0n10": (0, 10), "x10n10": (10, 10), "x42n200": (42, 200)}
    return {name: [wilson(*case).lo, wilson(*case).hi] for name, case in cases.items()}


COMPUTED: Computed = {
    "lq2002_lead": {
        "eb.DL": lambda: shrunken("DL"),
        "eb.REML": lambda: shrunken("REML"),
        "eb.PM": lambda: shrunken("PM"),
        "lmer.varcomp": variance_components,
        "lmer.blup": lambda: whole(predicted()),
        "csranks.simul.seed1.R10000": lambda: bounds(rank=True),
        "csranks.marg.seed1.R10000": lambda: {"U": bounds(simultaneous=False)["U"]},
        "csranks.simul.singlestep": lambda: bounds(stepdown=False),
        "largest6.units": lambda: whole([str(unit) for unit in largest().index]),
        "largest6.TukeyHSD": tukey,
        "largest6.welch_holm": lambda: whole(p_matrix("holm")),
        "largest6.welch_BH": lambda: whole(p_matrix("fdr_bh")),
        "largest6.welch_anova": welch,
    },
    "api_srs_strat": {
        **{f"strat.svyciprop.{name}": (lambda name=name: schoolwide(name)) for name in ("logit", "beta", "asin")},
        "strat.svyciprop.xlogit": lambda: schoolwide("logit"),
        "wilson": wilsons,
    },
}

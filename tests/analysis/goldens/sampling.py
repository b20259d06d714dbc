"""Goldens of `analysis.sampling`."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from analysis.sampling.calibration import calibrated_mean
from analysis.sampling.design_effects import design_effect, kish
from analysis.sampling.raking import Margin, RakedWeights, rake
from tests.analysis.goldens.core import STYPE, school, strat_mean, whole
from tests.analysis.goldens.data import Computed, table

POPULATION = {
    "stype": (STYPE, [4421.0, 755.0, 1018.0]),
    "sch.wide": ({"No": 0, "Yes": 1}, [1072.0, 5122.0]),
    "comp.imp": ({"No": 0, "Yes": 1}, [1712.0, 4482.0]),
}
TWO, THREE = ("stype", "sch.wide"), ("stype", "sch.wide", "comp.imp")


def margins(sample: str, names: tuple[str, ...]) -> list[Margin]:
    data = table(sample)
    return [Margin(data[v].map(POPULATION[v][0]).to_numpy(), np.array(POPULATION[v][1])) for v in names]


@cache
def raked(sample: str, names: tuple[str, ...]) -> RakedWeights:
    return rake(school(sample, "pw"), margins(sample, names), tolerance=1e-14)


def raked_mean(sample: str, names: tuple[str, ...], **design: Any) -> dict[str, Any]:
    weights = raked(sample, names).weights
    found = calibrated_mean(school(sample, "api00"), weights, margins(sample, names), **design)
    return {"mean": found.value, "se": found.se, "sumw": weights.sum()}


def raked_cells(sample: str, names: tuple[str, ...]) -> dict[str, Any]:
    cell = table(sample)[list(names)].agg(" ".join, axis=1)
    weights = pd.Series(raked(sample, names).weights)
    return {str(name): weight for name, weight in weights.groupby(cell).mean().items()}


def districts(*, deff: bool) -> dict[str, Any]:
    data, y, w = table("apiclus1"), school("apiclus1", "api00"), school("apiclus1", "pw")
    found = calibrated_mean(y, w, [], cluster=data["dnum"].to_numpy(), population=757)
    if not deff:
        return {"mean": found.value, "se": found.se, "sumw": w.sum()}
    effects = [design_effect(found.se**2, y, w, population) for population in (w.sum(), None)]
    return {"fpc": effects[0].value, "replace": effects[1].value}


def deff(sample: str, *, fpc: bool) -> dict[str, Any]:
    y, w = school(sample, "api00"), school(sample, "pw")
    if sample == "apisrs":
        variance = np.var(y, ddof=1) / len(y) * (1 - len(y) / 6194 if fpc else 1)
    else:
        variance = strat_mean(y, *([] if fpc else [np.full(3, np.nan)])).se ** 2
    return {"deff": design_effect(variance, y, w, w.sum()).value}


def kish_weights() -> dict[str, Any]:
    found = kish(school("apistrat", "pw"))
    return {"deff": found.value, "neff": found.detail["n_eff"]}


def unequal() -> dict[str, Any]:
    found = raked_mean("apistrat", TWO, design_weights=school("apistrat", "pw"))
    return {"mean": found["mean"], "se": found["se"]}


COMPUTED: Computed = {
    "api_srs_strat": {
        "srs.api00.fpc": lambda: deff("apisrs", fpc=True),
        "srs.api00.nofpc": lambda: deff("apisrs", fpc=False),
        "strat.api00.fpc": lambda: deff("apistrat", fpc=True),
        "strat.api00.nofpc": lambda: deff("apistrat", fpc=False),
        "kish.deff_weights": kish_weights,
    },
    "api_rake": {
        "srs.rake": lambda: raked_mean("apisrs", TWO, population=6194),
        "srs.rake.weights": lambda: raked_cells("apisrs", TWO),
        "srs.rake3": lambda: raked_mean("apisrs", THREE, population=6194),
        "srs.rake3.weights": lambda: raked_cells("apisrs", THREE),
        "srs.rake3.deff_weights": lambda: whole(raked("apisrs", THREE).deff),
        "clus1.rake": lambda: raked_mean("apiclus1", TWO, cluster=table("apiclus1")["dnum"].to_numpy(), population=757),
        "clus1.rake.weights": lambda: raked_cells("apiclus1", TWO),
        "clus1.api00": lambda: districts(deff=False),
        "clus1.deff": lambda: districts(deff=True),
        "unequal.rake.weights": lambda: raked_cells("apistrat", TWO),
        "unequal.rake": unequal,
    },
}

"""The goldens' files, and how a value is cut into the parts that tests compare."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

HERE = Path(__file__).parents[1] / "golden"
FILES = (
    "attitude",
    "bfi25",
    "lq2002_lead",
    "api_srs_strat",
    "api_rake",
    "survey_designs",
    "raters_careless",
    "alpha_designs",
    "reliability_stats",
    "closed_forms",
)
WHOLE = ""  # the part of a value that has no parts


@cache
def table(name: str) -> pd.DataFrame:
    return pd.read_csv(HERE / f"{name}.csv")


@cache
def expected(file: str) -> dict[str, dict[str, Any]]:
    return {entry["id"]: entry for entry in json.loads((HERE / f"{file}.json").read_text("utf-8"))["expected"]}


def golden(file: str, id_: str) -> Any:
    return expected(file)[id_]["value"]


def parts(value: Any) -> dict[str, Any]:
    if isinstance(value, dict) and set(value) == {"rows", "cols", "values"}:
        return {WHOLE: value["values"]}
    if isinstance(value, dict) and all(isinstance(part, (int, float)) for part in value.values()) and len(value) > 20:
        return {WHOLE: list(value.values())}
    return value if isinstance(value, dict) else {WHOLE: value}


def correlation(cov: np.ndarray) -> np.ndarray:
    return cov / np.sqrt(np.outer(np.diagonal(cov), np.diagonal(cov)))


# file → id → what computes some of its parts (a value without parts is the part WHOLE)
Computed = dict[str, dict[str, Callable[[], dict[str, Any]]]]

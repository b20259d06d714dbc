"""Scores of the simulated evaluation agree with R: plain, with finite population correction, post-stratified."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.frame import NO_DEPARTMENT, CodedAnswers, Frame, UnitSpec
from analysis.points import part_scores
from analysis.report import build
from analysis.spec import IndicatorSpec, ItemSpec, Part, PlanSpec, QuestionnaireSpec

HERE = Path(__file__).parent / "golden" / "synthetic"
EXPECTED = json.loads((HERE / "point_estimates.json").read_text())
VARIANTS = {"naive": (None, "process"), "fpc": (None, "finite"), "ps": ("poststratify", "finite")}
AUDIENCES = ("service_recipient", "related_department", "staff")


@cache
def synthetic(audience: str) -> Frame:
    instrument = json.loads((HERE / "instrument.json").read_text())[audience]
    top = instrument["points"]
    items = tuple(
        ItemSpec(
            name,
            "rating",
            tuple(f"c{step}" for step in range(1, top + 1)),
            tuple(step / (top - 1) * 100 for step in range(top)),
            reverse=name in instrument["reverse"],
            dimension="all",
        )
        for name in instrument["items"]
    )
    rows = pd.read_csv(HERE / "responses.csv").query("audience == @audience")
    sizes = pd.read_csv(HERE / "frame.csv").query("audience == @audience")
    units, strata = sorted(rows["unit"].unique()), tuple(instrument["strata"])
    return Frame(
        units=tuple(UnitSpec(unit, unit, "bureau", (audience,)) for unit in units),
        answers=(
            CodedAnswers(
                questionnaire=QuestionnaireSpec(audience, "hash", audience, items),
                codes=rows[instrument["items"]].fillna(0).to_numpy().astype(np.int8),
                unit=rows["unit"].map(units.index).to_numpy().astype(np.int32),
                stratum=rows["stratum"].map(strata.index).to_numpy().astype(np.int32),
                department=np.full(len(rows), NO_DEPARTMENT, dtype=np.int32),
                sitting=np.arange(len(rows), dtype=np.int32),
                eligible=np.ones(len(rows), dtype=np.bool_),
            ),
        ),
        strata=strata,
        population={
            (unit, audience, stratum): size
            for unit, stratum, size in zip(sizes["unit"], sizes["stratum"], sizes["size"], strict=True)
        },
    )


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("variant", VARIANTS)
def test_scores__of_every_unit__are_those_of_r(variant, audience):
    strata, population = VARIANTS[variant]
    wanted = IndicatorSpec("score", audience, (Part(1.0, dimension="all"),), strata=strata)
    found = build(synthetic(audience), PlanSpec("p", "1", "h", (wanted,), population=population)).scores
    expected = {key.split("|")[2]: value for key, value in EXPECTED.items() if key.startswith(f"{variant}|{audience}|")}
    assert {score.unit: [score.score, score.se] for score in found} == {
        unit: pytest.approx(value, abs=1e-6) for unit, value in expected.items()
    }


def test_expected_values__none_is_left_out():
    assert {tuple(key.split("|")[:2]) for key in EXPECTED} == {(v, a) for v in VARIANTS for a in AUDIENCES}
    assert len(EXPECTED) == 12 * len(VARIANTS) * len(AUDIENCES)


def test_poststratified_scores__degrees_of_freedom__are_those_of_satterthwaite():
    wanted = IndicatorSpec("score", "staff", (Part(1.0, dimension="all"),), strata="poststratify")
    of_audience = synthetic("staff")
    found = build(of_audience, PlanSpec("p", "1", "h", (wanted,))).scores[0]
    answers = of_audience.answers[0]
    points = part_scores(answers.codes, answers.questionnaire.items, [range(len(answers.questionnaire.items))], 0.5)
    here = answers.unit == 0
    sizes = np.array([of_audience.population["U01", "staff", name] for name in of_audience.strata])
    shares = []
    for stratum, size in enumerate(sizes):
        y = points[here & (answers.stratum == stratum), 0]
        y = y[~np.isnan(y)]
        shares.append(((size / sizes.sum()) ** 2 * (1 - len(y) / size) * y.var(ddof=1) / len(y), len(y) - 1))
    assert found.df == pytest.approx(sum(v for v, _ in shares) ** 2 / sum(v**2 / df for v, df in shares))

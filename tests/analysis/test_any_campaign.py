"""Whatever people answer: a report, its comparison, its publication and the suspicions come out, without an exception.

Random small campaigns with everything that goes wrong in them: nobody, everybody alike, strata of unknown size, more
answers than people, open links, departments missing, times missing, items on different scales.
"""

import math
from dataclasses import asdict

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.assessing import assess
from analysis.comparing import compare
from analysis.frame import CodedAnswers, Fieldwork, Frame, UnitSpec
from analysis.publishing import publish
from analysis.report import build
from analysis.spec import (
    BY_DEPARTMENT,
    RELATED_DEPARTMENT,
    CautionGates,
    GateSpec,
    IndicatorSpec,
    ItemSpec,
    Part,
    PlanSpec,
    QuestionnaireSpec,
    RankGates,
    RankingSpec,
    WithholdGates,
)
from analysis.suspecting import suspicions

DEPARTMENTS = 6
GATES = GateSpec(WithholdGates(alpha_below=0.3), CautionGates(moe_above=5.0), RankGates(0.7))


def some_campaign(rng: np.random.Generator) -> tuple[Frame, PlanSpec]:
    units, strata = int(rng.integers(1, 6)), tuple(f"s{number}" for number in range(rng.integers(1, 4)))
    audience = RELATED_DEPARTMENT if rng.random() < 0.5 else "service_recipient"
    named = tuple(UnitSpec(f"u{number}", "name", "", (audience,)) for number in range(units))
    answers = _answers(rng, units, len(strata), audience)
    frame = Frame(
        units=named,
        answers=(answers,),
        strata=strata,
        departments=tuple(f"d{number}" for number in range(DEPARTMENTS)),
        population={
            (unit.code, audience, stratum): int(rng.integers(0, 200))
            for unit in named
            for stratum in strata
            if rng.random() < 0.8
        },
        fieldwork={(unit.code, audience): Fieldwork(open_link=True) for unit in named if rng.random() < 0.15},
        homes=tuple(int(home) for home in rng.integers(-1, units, DEPARTMENTS)),
    )
    return frame, _plan(rng, audience, len(answers.questionnaire.items))


def _answers(rng: np.random.Generator, units: int, strata: int, audience: str) -> CodedAnswers:
    k, choices, n = (int(rng.integers(low, high)) for low, high in ((1, 7), (2, 8), (0, 120)))
    codes = tuple(f"c{code}" for code in range(choices))
    points = tuple(100 * code / (choices - 1) for code in range(choices))
    items = tuple(
        ItemSpec(
            f"q{at}", "x" if rng.random() < 0.9 else f"y{at}", codes, points, rng.random() < 0.3, dimension="ab"[at % 2]
        )
        for at in range(k)
    )
    alike = rng.random() < 0.4
    given = rng.integers(1, choices + 1, (n, 1 if alike else k)).repeat(k if alike else 1, axis=1).astype(np.int8)
    given[rng.random((n, k)) < rng.random() * 0.6] = rng.choice([0, -1, -2, -3])
    several = rng.random() < 0.3
    seconds = np.where(rng.random(n) < 0.2, np.nan, rng.lognormal(3, 0.5, n)).astype(np.float32)
    return CodedAnswers(
        questionnaire=QuestionnaireSpec("q", "hash", audience, items),
        codes=given,
        unit=np.sort(rng.integers(0, units, n)).astype(np.int32),
        stratum=rng.integers(0, strata, n).astype(np.int32),
        department=rng.integers(-1, DEPARTMENTS, n).astype(np.int32),
        sitting=(rng.integers(0, max(n, 1), n) if several else np.arange(n)).astype(np.int32),
        eligible=rng.random(n) > 0.1,
        seconds=seconds if rng.random() < 0.7 else None,
    )


def _plan(rng: np.random.Generator, audience: str, k: int) -> PlanSpec:
    parts = (Part(1.0, dimension="a"),) if k == 1 else (Part(0.5, dimension="a"), Part(0.5, dimension="b"))
    if k >= 4 and rng.random() < 0.5:
        parts = (Part(0.4, dimension="a"), Part(0.4, dimension="b"), Part(0.2, item="q3"))
    by_department = audience == RELATED_DEPARTMENT and rng.random() < 0.6
    weighted = not by_department and rng.random() < 0.6
    indicator = IndicatorSpec(
        "i",
        audience,
        parts,
        levels=BY_DEPARTMENT if by_department else (),
        strata="poststratify" if weighted else None,
        full_marks=9.0,
    )
    return PlanSpec(
        "p",
        "1",
        "hash",
        (indicator,),
        gates=GATES,
        exclude_when_families=int(rng.choice([0, 2])),
        ranking=RankingSpec(publish=True, min_units=2),
    )


def numbers(value: object) -> list[float]:
    """Every float in a report."""
    if isinstance(value, dict):
        return [number for part in value.values() for number in numbers(part)]
    if isinstance(value, list | tuple):
        return [number for part in value for number in numbers(part)]
    return [value] if isinstance(value, float) else []


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_any_campaign__from_answers_to_publication__ends_without_exception_and_without_nan(seed: int) -> None:
    frame, plan = some_campaign(np.random.default_rng(seed))
    categories = {unit.code: "all" for unit in frame.units}
    assessed, quality = assess(frame, plan)
    truth = build(assessed, plan, quality)
    published = publish(assessed, plan, truth)
    assert published.exposed == ()
    for report in (compare(truth, plan, categories), compare(published.report, plan, categories)):
        assert all(math.isfinite(number) for number in numbers(asdict(report)))
    for suspicion in suspicions(frame, plan.disclosure):
        assert all(math.isfinite(number) for number in numbers(asdict(suspicion)))

"""Small random campaigns: recipients by stratum, staff, or departments; gaps, flagged responses, snapshots."""

from dataclasses import dataclass, replace

import numpy as np

from analysis.frame import BLANK, DONT_KNOW, NO_DEPARTMENT, NOT_APPLICABLE, CodedAnswers, Fieldwork, Frame
from analysis.spec import (
    BY_DEPARTMENT,
    EVERY_RULE,
    RELATED_DEPARTMENT,
    CautionGates,
    GateSpec,
    MinValid,
    MultiverseSpec,
    Part,
    PlanSpec,
    QuestionnaireSpec,
)
from tests.factories.frames import UNEVEN, Row, answers, frame, indicator, item, plan, questionnaire

MISSING = (BLANK, DONT_KNOW, NOT_APPLICABLE)
DEPARTMENTS = 14
IN_STRATA = np.array([0.75, 0.15, 0.1])
RECIPIENTS, STAFF, OFFICES = "service_recipient", "staff", RELATED_DEPARTMENT


@dataclass(frozen=True)
class Campaign:
    """A frame, a plan, and for each snapshot which rows had come in by then, by questionnaire."""

    frame: Frame
    plan: PlanSpec
    snapshots: tuple[dict[str, np.ndarray], ...]

    def at(self, snapshot: int) -> Frame:
        """The frame as it was at a snapshot."""
        kept = tuple(coded.only(self.snapshots[snapshot][coded.questionnaire.id]) for coded in self.frame.answers)
        return replace(self.frame, answers=kept)

    @property
    def questionnaires(self) -> dict[str, QuestionnaireSpec]:
        return {coded.questionnaire.id: coded.questionnaire for coded in self.frame.answers}


def campaign(seed: int, *, audience: str, units: int, snapshots: int = 1, gaps: float = 0.1) -> Campaign:
    """A campaign of 3 to 40 responses a unit. gaps: share of answers that are missing."""
    rng = np.random.default_rng(seed)
    main = questionnaire(
        item("q1", "a"),
        item("q2", "a", reverse=True),
        item("q3", "b"),
        item("overall", scale="sat5", points=UNEVEN),
        id="main",
        audience=audience,
    )
    variant = questionnaire(
        item("p1", "a"), item("q3", "b"), item("overall", scale="sat5", points=UNEVEN), id="variant", audience=audience
    )
    strata = ("window", "online", "home") if audience == RECIPIENTS else (None,)
    sizes = rng.integers(3, 41, units)
    coded = [_flagged(rng, answers(main, _rows(rng, sizes, 4, audience, gaps)))]
    if rng.random() < 0.5:
        few = _rows(rng, rng.integers(0, 6, units), 3, audience, gaps)
        coded.append(_flagged(rng, answers(variant, few, first_sitting=int(sizes.sum()))))
    of_frame = frame(
        *coded,
        units=units,
        strata=strata,
        departments=DEPARTMENTS,
        audiences=(audience,),
        sizes={
            (f"u{unit + 1}", stratum): int(rng.choice([15, 50, 300])) for unit in range(units) for stratum in strata
        },
        fieldwork={
            f"u{unit + 1}": Fieldwork(handed_out=int(size + rng.integers(0, 20))) for unit, size in enumerate(sizes)
        },
    )
    whole = indicator(
        Part(0.4, dimension="a"),
        Part(0.4, dimension="b"),
        Part(0.2, item="overall"),
        audience=audience,
        strata="poststratify" if audience == RECIPIENTS and rng.random() < 0.8 else None,
        levels=BY_DEPARTMENT if audience == OFFICES and rng.random() < 0.8 else (),
    )
    second = replace(whole, code="second", parts=(Part(1.0, dimension="b"),))
    of_plan = plan(
        *(whole, second)[: int(rng.integers(1, 3))],
        exclude_when_families=int(rng.choice([0, 2])),
        multiverse=EVERY_RULE if rng.random() < 0.5 else MultiverseSpec(),
        gates=GateSpec(caution=CautionGates(min_valid={audience: MinValid(responses=20)}, moe_above=5.0)),
    )
    came = {one.questionnaire.id: rng.integers(0, snapshots, len(one.codes)) for one in coded}
    return Campaign(
        of_frame,
        of_plan,
        tuple({name: when <= number for name, when in came.items()} for number in range(snapshots)),
    )


def _rows(rng: np.random.Generator, sizes: np.ndarray, items: int, audience: str, gaps: float) -> list[Row]:
    rows = []
    for unit, size in enumerate(sizes.tolist()):
        for _ in range(size):
            attitude = int(rng.integers(1, 6))
            codes = [int(np.clip(attitude + rng.integers(-1, 2), 1, 5)) for _ in range(items)]
            codes = [int(rng.choice(MISSING)) if rng.random() < gaps else code for code in codes]
            rows.append(
                Row(
                    codes,
                    unit=unit,
                    stratum=int(rng.choice(3, p=IN_STRATA)) if audience == RECIPIENTS else 0,
                    department=int(rng.integers(DEPARTMENTS)) if audience == OFFICES else NO_DEPARTMENT,
                    eligible=rng.random() > 0.04,
                )
            )
    return rows


def _flagged(rng: np.random.Generator, coded: CodedAnswers) -> CodedAnswers:
    """Some responses flagged by one, two or three families of quality."""
    families = np.where(rng.random(len(coded.codes)) < 0.12, rng.choice([1, 3, 7], len(coded.codes)), 0)
    return replace(coded, families=families.astype(np.uint8))

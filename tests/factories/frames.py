"""Small frames and plans for the analysis tests: one call, every array in its place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.frame import NO_DEPARTMENT, CodedAnswers, Fieldwork, Frame, UnitSpec
from analysis.spec import IndicatorSpec, ItemSpec, Part, PlanSpec, QuestionnaireSpec

AUDIENCE = "service_recipient"
AGREE = ("sa", "a", "n", "d", "sd")
LINEAR = (100.0, 75.0, 50.0, 25.0, 0.0)
UNEVEN = (100.0, 80.0, 60.0, 30.0, 0.0)


def item(item_id: str, dimension: str | None = None, **changes: Any) -> ItemSpec:
    """A five-point item, 100/75/50/25/0."""
    settings: dict[str, Any] = {"scale": "agree5", "codes": AGREE, "points": LINEAR, "dimension": dimension}
    return ItemSpec(item_id, **{**settings, **changes})


def questionnaire(*items: ItemSpec, id: str = "recipients", audience: str = AUDIENCE) -> QuestionnaireSpec:
    return QuestionnaireSpec(id, f"hash of {id}", audience, items)


@dataclass(frozen=True)
class Row:
    """One response. codes: 1..5 or a missing code, one an item. unit, stratum, department: places in the frame.

    families: bits of the quality families that flagged it.
    """

    codes: Sequence[int]
    unit: int = 0
    stratum: int = 0
    department: int = NO_DEPARTMENT
    sitting: int | None = None
    eligible: bool = True
    families: int = 0


def answers(of: QuestionnaireSpec, rows: Sequence[Row], first_sitting: int = 0) -> CodedAnswers:
    """Rows as arrays; without a sitting each row is one of its own."""
    sittings = [first_sitting + number if row.sitting is None else row.sitting for number, row in enumerate(rows)]
    return CodedAnswers(
        questionnaire=of,
        codes=np.array([row.codes for row in rows], dtype=np.int8).reshape(len(rows), len(of.items)),
        unit=np.array([row.unit for row in rows], dtype=np.int32),
        stratum=np.array([row.stratum for row in rows], dtype=np.int32),
        department=np.array([row.department for row in rows], dtype=np.int32),
        sitting=np.array(sittings, dtype=np.int32),
        eligible=np.array([row.eligible for row in rows], dtype=np.bool_),
        families=np.array([row.families for row in rows], dtype=np.uint8),
    )


def frame(
    *coded: CodedAnswers,
    units: int = 1,
    sizes: Mapping[tuple[str, str | None], int] | None = None,
    strata: tuple[str | None, ...] = (None,),
    departments: int = 0,
    audiences: tuple[str, ...] = (AUDIENCE,),
    fieldwork: Mapping[str, Fieldwork] | None = None,
) -> Frame:
    """Units u1, u2 …; sizes by unit and stratum and fieldwork by unit, of the first audience."""
    return Frame(
        units=tuple(UnitSpec(f"u{number}", f"Unit {number}", "bureau", audiences) for number in range(1, units + 1)),
        answers=coded,
        strata=strata,
        departments=tuple(f"d{number}" for number in range(1, departments + 1)),
        population={(unit, audiences[0], stratum): size for (unit, stratum), size in (sizes or {}).items()},
        fieldwork={(unit, audiences[0]): known for unit, known in (fieldwork or {}).items()},
    )


def indicator(*parts: Part, **changes: Any) -> IndicatorSpec:
    """An indicator of the recipients; without parts it is dimension `a` alone."""
    settings: dict[str, Any] = {"audience": AUDIENCE, "full_marks": 9.0}
    return IndicatorSpec("satisfaction", parts=parts or (Part(1.0, dimension="a"),), **{**settings, **changes})


def plan(*indicators: IndicatorSpec, **changes: Any) -> PlanSpec:
    return PlanSpec("default", "2026.1", "hash of the plan", indicators or (indicator(),), **changes)

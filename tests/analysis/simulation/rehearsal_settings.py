"""Small campaigns to rehearse: one audience of each kind, sizes as a test wants them."""

from typing import Any

from analysis.frame import UnitSpec
from analysis.simulation.audiences import departments, staff
from analysis.simulation.rehearsal_setting import Assumptions, Door, Panel, Setting
from analysis.spec import BY_DEPARTMENT, GateSpec, IndicatorSpec, MinValid, Part, PlanSpec, WithholdGates

STAFF, RATERS = staff().questionnaire, departments().questionnaire
PARTS = (Part(0.4, dimension="d0"), Part(0.3, dimension="d1"), Part(0.3, dimension="d2"))
EVERYBODY = {"staff": 1.0, "related_department": 1.0}
MINIMA = GateSpec(WithholdGates({"staff": MinValid(10), "related_department": MinValid(departments=5)}))


def assumptions(**changes: Any) -> Assumptions:
    return Assumptions(**{"response_rates": EVERYBODY, **changes})


def of_staff(
    asked: int, *, units: int = 6, members: int = 2000, categories: int = 1, gates: GateSpec = MINIMA
) -> Setting:
    """Units whose staff is asked, `asked` of `members` each."""
    listed = tuple(UnitSpec(f"u{at}", f"Unit {at}", f"kind {at % categories}", ("staff",)) for at in range(units))
    return Setting(
        units=listed,
        questionnaires=(STAFF,),
        plan=PlanSpec("p", "1", "h", (IndicatorSpec("climate", "staff", PARTS),), gates, exclude_when_families=2),
        doors=tuple(Door(STAFF.id, at, 0, members, asked) for at in range(units)),
        population={(unit.code, "staff", None): members for unit in listed},
    )


def of_departments(
    panels: int, *, units: int = 6, raters: int = 3, most: int = 99, stated: int | None = None
) -> Setting:
    """Departments that all rate all units. stated: how many departments the frame counts."""
    listed = tuple(UnitSpec(f"u{at}", f"Unit {at}", "", ("related_department",)) for at in range(units))
    indicator = IndicatorSpec("rating", "related_department", PARTS, levels=BY_DEPARTMENT)
    return Setting(
        units=listed,
        questionnaires=(RATERS,),
        plan=PlanSpec("p", "1", "h", (indicator,), MINIMA, exclude_when_families=2),
        panels=tuple(Panel(RATERS.id, at, raters, raters, tuple(range(units)), most) for at in range(panels)),
        departments=tuple(f"d{at}" for at in range(panels)),
        population={(unit.code, "related_department", None): stated or panels for unit in listed},
    )

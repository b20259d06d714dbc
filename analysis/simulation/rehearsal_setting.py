"""What a rehearsal is told: who will be asked about whom, and what is assumed of people nobody has met yet.

Knows the sizes of a campaign and assumptions; never an answer. Must stay true: a size that is not known stays None; an
assumption is a field that a caller can see and change, never a number inside the simulation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from analysis.frame import UnitSpec
from analysis.simulation.audiences import departments, recipients, staff
from analysis.simulation.people import Behaviour
from analysis.spec import RELATED_DEPARTMENT, PlanSpec, QuestionnaireSpec

Population = Mapping[tuple[str, str, str | None], int]


@dataclass(frozen=True)
class Door:
    """People who are asked about one unit through one questionnaire, in one stratum.

    unit, stratum: places in the setting's tuples. members: people behind the door, None where unknown; doors of two
    questionnaires to the same people each say all of them. asked: cards; for an open link the answers expected.
    """

    questionnaire: str
    unit: int
    stratum: int
    members: int | None
    asked: int
    open_link: bool = False


@dataclass(frozen=True)
class Panel:
    """A related department: `raters` people of it, of whom `asked` have a card.

    units: whom it rates; each person rates at most `most` of them in one sitting, shared out evenly.
    """

    questionnaire: str
    department: int
    raters: int
    asked: int
    units: tuple[int, ...]
    most: int


@dataclass(frozen=True, eq=False)
class Setting:
    """A campaign before it opens. population: as in `Frame`, for related departments departments."""

    units: tuple[UnitSpec, ...]
    questionnaires: tuple[QuestionnaireSpec, ...]
    plan: PlanSpec
    doors: tuple[Door, ...] = ()
    panels: tuple[Panel, ...] = ()
    strata: tuple[str | None, ...] = (None,)
    departments: tuple[str, ...] = ()
    population: Population = field(default_factory=dict)

    def __post_init__(self) -> None:
        asked = {questionnaire.id: questionnaire.audience for questionnaire in self.questionnaires}
        for door in self.doors:
            if asked.get(door.questionnaire, RELATED_DEPARTMENT) == RELATED_DEPARTMENT:
                raise ValueError(f"a door to {door.questionnaire}: not asked, or asked of departments")
            if not (0 <= door.unit < len(self.units) and 0 <= door.stratum < len(self.strata)) or door.asked < 0:
                raise ValueError(f"{door} points outside, or asks fewer than nobody")
            if door.members is not None and door.asked > door.members and not door.open_link:
                raise ValueError(f"{door} asks more people than there are")
        for panel in self.panels:
            if asked.get(panel.questionnaire) != RELATED_DEPARTMENT:
                raise ValueError(f"a panel with {panel.questionnaire}: not asked, or not of departments")
            inside = all(0 <= unit < len(self.units) for unit in panel.units)
            if not inside or not 0 <= panel.department < len(self.departments) or panel.most < 1:
                raise ValueError(f"{panel} points outside, or rates no unit")
            if not 0 <= panel.asked <= panel.raters:
                raise ValueError(f"{panel} asks more raters than there are")

    def questionnaire(self, name: str) -> QuestionnaireSpec:
        """The questionnaire with this id. KeyError when there is none."""
        for found in self.questionnaires:
            if found.id == name:
                return found
        raise KeyError(name)

    @property
    def responses_asked(self) -> int:
        """Responses of one campaign if everybody who is asked answers."""
        rated = sum(panel.asked * min(panel.most, len(panel.units)) for panel in self.panels)
        return rated + sum(door.asked for door in self.doors)


# What a rater brings to every unit alike, in shares of the range, as `Behaviour` counts: a stern department, a stern
# person. Together with what is left of the person they make the .12 of the simulated departments.
DEPARTMENT_SD = 0.05
RATER_SD = 0.06
_OF_A_RATER = (0.12**2 - DEPARTMENT_SD**2 - RATER_SD**2) ** 0.5


def default_behaviours() -> dict[str, Behaviour]:
    """How people of each audience answer, read off the project's simulated evaluation; copies are left out.

    `unit_sd` is not used: a rehearsal plants `Assumptions.spread` instead.
    """
    found = {"service_recipient": recipients().behaviour, "staff": staff().behaviour}
    found[RELATED_DEPARTMENT] = replace(departments().behaviour, person_sd=_OF_A_RATER)
    return {audience: replace(behaviour, duplicates=0.0) for audience, behaviour in found.items()}


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """What is assumed of people who have not answered yet.

    spread: standard deviation of the units' true scores, in points, within an audience. response_rates: audience →
    share of those asked who answer; an open link brings what its door says. behaviours: audience → how people answer.
    department_sd, rater_sd: what departments and raters bring to all units they rate, in shares of the range.
    time_step: ratio of the grid on which times are kept.
    Who answers is drawn blindly within a stratum and carelessness is independent of everything: kinder than life.
    """

    spread: float = 5.0
    response_rates: Mapping[str, float]
    behaviours: Mapping[str, Behaviour] = field(default_factory=default_behaviours)
    department_sd: float = DEPARTMENT_SD
    rater_sd: float = RATER_SD
    time_step: float = 1.25

    def __post_init__(self) -> None:
        if self.spread < 0 or self.department_sd < 0 or self.rater_sd < 0:
            raise ValueError("a spread cannot be negative")
        for audience, rate in self.response_rates.items():
            if not 0 <= rate <= 1:
                raise ValueError(f"response rate {rate} of {audience} outside 0–1")

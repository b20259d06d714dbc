"""The campaign set-up: who is evaluated by whom, and how many people stand behind each number.

An audience that a unit leaves out is not applicable to it, which is not the same as not scored.
Sizes count the frame: people, and departments for related departments; never cards and never answers.
"""

import datetime
import math
from functools import cached_property
from typing import Annotated

from pydantic import Field, StringConstraints

from survey_app.questionnaire.base import Audience, Format, FormatModel, Id, Name, SchemaReference

# A stratum below this size is merged beforehand and never stored with an answer.
MIN_STRATUM = 10
# (1.96 / 0.05)² · 0.25: the answers for ±5 points at 95 % from a population without end.
_ANSWERS_WITHOUT_END = 384.16

Stratum = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^\S(.*\S)?$")]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\S")]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=400, pattern=r"\S")]
Size = Annotated[int, Field(ge=1, le=100_000_000)]


class CampaignFacts(FormatModel):
    """评估轮次: names, days (both included, in `timezone`), and what the start page has to say."""

    code: Name
    title: ShortText
    office: ShortText
    agency: ShortText
    opens: datetime.date
    closes: datetime.date
    timezone: Annotated[str, StringConstraints(min_length=1, max_length=64)] = "Asia/Shanghai"
    retention: LongText
    contact: LongText


class FrameStratum(FormatModel):
    """How large an audience of a unit is: people, but departments for related departments.

    `stratum` is null where the audience is not divided. `named_list`: these people are invited by name (T2), with
    credentials that cannot be linked to answers; otherwise by access codes on cards, whose holders nobody knows.
    """

    audience: Audience
    stratum: Stratum | None = None
    size: Size
    named_list: bool = False


class SetupUnit(FormatModel):
    """被评估单位. Units with the same `report_group` share their boxes; each is scored, shown or hidden by itself."""

    code: Name
    name: ShortText
    category: Annotated[str, StringConstraints(max_length=100)] = ""
    audiences: Annotated[tuple[Audience, ...], Field(min_length=1, max_length=3)]
    report_group: Name | None = None
    frame: Annotated[tuple[FrameStratum, ...], Field(max_length=300)] = ()

    def size(self, audience: Audience) -> int | None:
        """What the frame says of an audience, over its strata: people, but departments for related departments.

        None where the frame says nothing.
        """
        sizes = [cell.size for cell in self.frame if cell.audience == audience]
        return sum(sizes) if sizes else None

    def strata(self, audience: Audience) -> tuple[FrameStratum, ...]:
        """The frame of an audience in written order; empty where its size is not known."""
        return tuple(cell for cell in self.frame if cell.audience == audience)


class SetupDepartment(FormatModel):
    """相关部门: `raters` people of it answer, each for some of the units in `rates`."""

    code: Name
    name: ShortText
    raters: int = Field(ge=1, le=1000)
    rates: Annotated[tuple[Name, ...], Field(min_length=1, max_length=5000)]


class CampaignSetup(FormatModel):
    """A whole set-up. Checks of meaning are in `check`; a model alone has only the right shape."""

    schema_reference: SchemaReference = None
    format: Format = 1
    campaign: CampaignFacts
    questionnaires: Annotated[tuple[Id, ...], Field(min_length=1, max_length=50)]
    plan: Id
    units: Annotated[tuple[SetupUnit, ...], Field(min_length=1, max_length=5000)]
    departments: Annotated[tuple[SetupDepartment, ...], Field(max_length=5000)] = ()

    @cached_property
    def _raters_by_unit(self) -> dict[str, tuple[SetupDepartment, ...]]:
        found: dict[str, list[SetupDepartment]] = {unit.code: [] for unit in self.units}
        for department in self.departments:
            for code in dict.fromkeys(department.rates):
                found.setdefault(code, []).append(department)
        return {code: tuple(departments) for code, departments in found.items()}

    def unit(self, code: str) -> SetupUnit:
        """The unit with this code. KeyError when there is none."""
        for unit in self.units:
            if unit.code == code:
                return unit
        raise KeyError(code)

    def departments_rating(self, unit_code: str) -> tuple[SetupDepartment, ...]:
        """The departments that rate a unit, in written order; empty for an unknown unit."""
        return self._raters_by_unit.get(unit_code, ())

    def people(self, unit: SetupUnit, audience: Audience) -> int | None:
        """How many people could answer about a unit; for related departments the raters of those that rate it.

        None where it is not known (an open link to everybody).
        """
        if audience == "related_department":
            return sum(department.raters for department in self.departments_rating(unit.code)) or None
        return unit.size(audience)

    def population(self, unit: SetupUnit, audience: Audience) -> int | None:
        """N of the finite population correction: people, but departments for related departments.

        The frame wins; without it the departments that rate the unit are all there are. None where nothing is known.
        """
        stated = unit.size(audience)
        if stated is None and audience == "related_department":
            return len(self.departments_rating(unit.code)) or None
        return stated

    def cells(self, unit: SetupUnit, audience: Audience) -> int | None:
        """How many can count towards `min_cell`: people, but whole departments for related departments."""
        if audience == "related_department":
            return len(self.departments_rating(unit.code))
        return unit.size(audience)


def answers_needed(size: int | None) -> int:
    """Answers for ±5 points at 95 %, ceil(n0 / (1 + (n0 - 1) / size)) with n0 = 384.16; None: without end, 385.

    100 -> 80, 200 -> 132, 500 -> 218, 1000 -> 278, 2000 -> 323 (Cochran 1977, Sampling Techniques, ch. 4).
    """
    if size is None:
        return math.ceil(_ANSWERS_WITHOUT_END)
    return math.ceil(_ANSWERS_WITHOUT_END / (1 + (_ANSWERS_WITHOUT_END - 1) / size))

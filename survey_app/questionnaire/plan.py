"""The scoring plan (评分方案): what is computed from answers, and when a number may be given, ranked or shown.

A plan holds numbers only; what they mean is settled in docs/format.md and computed in `analysis`.
An absent block is off, except `disclosure`, `interval`, `missing` and `multiverse`, which then have the values written
here.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from survey_app.questionnaire.base import Audience, Code, Format, FormatModel, Id, SchemaReference, Text, Version

Role = Literal["administrator", "designer", "evaluator", "lead_evaluator", "approver", "liaison", "auditor"]
Points = Annotated[float, Field(ge=0, le=100)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Score = Annotated[float, Field(ge=0, le=100)]
# A code may be left without points (null): chosen, counted, but not scored.
PointsOfCodes = Annotated[dict[Code, Points | None], Field(min_length=1, max_length=300)]


class Part(FormatModel):
    """One dimension or one item of an indicator; the weights of an indicator sum to 1."""

    dimension: Id | None = None
    item: Id | None = None
    weight: float = Field(gt=0, le=1)

    @model_validator(mode="after")
    def _is_one_thing(self) -> "Part":
        if (self.dimension is None) == (self.item is None):
            raise PydanticCustomError("part_needs_one_source", "give either a dimension or an item")
        return self


class Level(FormatModel):
    """One level of averaging; `equal`: everything on this level counts the same."""

    by: Literal["department", "response"]
    weight: Literal["equal"] = "equal"


class Indicator(FormatModel):
    """指标: one number for a unit. `questionnaires` absent: all those of the audience that the campaign uses."""

    code: Id
    title: Text | None = None
    audience: Audience
    questionnaires: Annotated[tuple[Id, ...], Field(max_length=50)] = ()
    role: Literal["suggested", "reference"]
    full_marks: float | None = Field(default=None, gt=0, le=1000)
    parts: Annotated[tuple[Part, ...], Field(min_length=1, max_length=100)]
    strata: Literal["poststratify"] | None = None
    levels: Annotated[tuple[Level, ...], Field(max_length=2)] = ()
    distributions: Annotated[tuple[Id, ...], Field(max_length=100)] = ()


class MoveFullMarks(FormatModel):
    """Where the full marks of an indicator go when it does not apply to a unit."""

    move_full_marks_to: Id


class MissingRule(FormatModel):
    """How much of a dimension a person must answer: a share of the eligible items, and always at least one."""

    dimension_min_answered: Share = 0.5


class QualityRule(FormatModel):
    """A response is left out (未纳入计算) when this many families of signals say so."""

    exclude_when_families: int = Field(ge=2, le=5)


class Multiverse(FormatModel):
    """The rules under which every score is computed again, each with each: how far it hangs on them (总区间).

    `exclude_when_families`: numbers of families, 0 for leaving nobody out. The plan's own rules always belong to it.
    """

    exclude_when_families: Annotated[tuple[Annotated[int, Field(ge=0, le=5)], ...], Field(max_length=6)] = (0, 2, 1)
    dimension_min_answered: Annotated[tuple[Share, ...], Field(max_length=5)] = (0.0, 0.5, 1.0)


class MinValid(FormatModel):
    """The fewest valid responses, and departments, that a number may rest on."""

    responses: Count | None = None
    departments: Count | None = None


class Withhold(FormatModel):
    """When a score is not given at all (暂不计分, never 0)."""

    min_valid: dict[Audience, MinValid] = Field(default_factory=dict)
    alpha_below: Share | None = None
    exclusion_shift_above: Score | None = None
    hold: bool = False


class Caution(FormatModel):
    """When a score is given with a caution (谨慎)."""

    min_valid: dict[Audience, MinValid] = Field(default_factory=dict)
    response_rate_below: Share | None = None
    alpha_lower_below: Share | None = None
    moe_above: Score | None = None
    excluded_share_above: Share | None = None
    exclusion_shift_above: Score | None = None


class RankGate(FormatModel):
    """What a rank needs."""

    unit_reliability: Share


class Gates(FormatModel):
    """The thresholds of statuses."""

    withhold: Withhold | None = None
    caution: Caution | None = None
    rank: RankGate | None = None


class Interval(FormatModel):
    """The interval of a score: its level, and whether the population counts as finite."""

    confidence: float = Field(default=0.95, ge=0.5, le=0.999)
    population: Literal["finite", "infinite"] = "finite"


class Disclosure(FormatModel):
    """The fewest sittings behind any number, and behind open text. A plan may ask for more, never for less."""

    min_cell: int = Field(default=5, ge=5, le=1000)
    min_cell_text: int = Field(default=10, ge=10, le=1000)
    complementary: bool = True


class RestrictedRule(FormatModel):
    """Who may see the answers to the items that name this rule, and from which numbers on."""

    roles: Annotated[tuple[Role, ...], Field(min_length=1, max_length=7)]
    min_n: int = Field(ge=1, le=1_000_000)
    min_count: int = Field(ge=1, le=1_000_000)


class Grade(FormatModel):
    """参考档次: a name for scores from `at_least` up."""

    code: Id
    title: Text
    at_least: Score


class Ranking(FormatModel):
    """Whether rank intervals (位次区间) are published, only ever within a category of units."""

    publish: bool = False
    within: Literal["category"] = "category"
    min_units: int = Field(default=8, ge=2, le=10_000)


class Confirm(FormatModel):
    """How far an evaluator may move a suggested score alone, as a share of the full marks; only evaluators confirm."""

    free_share: Share
    beyond_requires: Literal["evaluator", "lead_evaluator"] = "lead_evaluator"
    reason_required: bool = True


class Breakdown(FormatModel):
    """An item by whose answers an audience's results are also shown."""

    audience: Audience
    item: Id


class ScoringPlan(FormatModel):
    """One version of a scoring plan; it is locked when a campaign opens. Checks of meaning are in `check`."""

    schema_reference: SchemaReference = None
    format: Format
    id: Id
    version: Version
    title: Text | None = None
    points: Annotated[dict[Id, PointsOfCodes], Field(max_length=500)]
    indicators: Annotated[tuple[Indicator, ...], Field(min_length=1, max_length=200)]
    if_not_applicable: Annotated[dict[Id, MoveFullMarks], Field(max_length=200)] = Field(default_factory=dict)
    missing: MissingRule = MissingRule()
    quality: QualityRule | None = None
    multiverse: Multiverse = Multiverse()
    gates: Gates | None = None
    interval: Interval = Interval()
    disclosure: Disclosure = Disclosure()
    restricted: Annotated[dict[Id, RestrictedRule], Field(max_length=100)] = Field(default_factory=dict)
    grades: Annotated[tuple[Grade, ...], Field(min_length=1, max_length=20)] | None = None
    ranking: Ranking | None = None
    confirm: Confirm | None = None
    breakdowns: Annotated[tuple[Breakdown, ...], Field(max_length=50)] = ()

    def indicator(self, code: str) -> Indicator:
        """The indicator with this code. KeyError when there is none."""
        for indicator in self.indicators:
            if indicator.code == code:
                return indicator
        raise KeyError(code)

    def named_items(self) -> frozenset[str]:
        """The ids of the items that indicators name as parts: those score even without a dimension."""
        return frozenset(part.item for indicator in self.indicators for part in indicator.parts if part.item)

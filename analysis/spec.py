"""What is to be computed: questionnaires, indicators and gates as plain values, free of the JSON they came from.

Knows the scored side of a questionnaire (items, choice order, points, dimensions) and of a scoring plan
(indicators, gates, disclosure rules). `survey_app.scores` builds these from the checked documents, so nothing here
repeats the checks of meaning; what is refused (ValueError) are calls that no checked document can make.
What must stay true: choice order is the order of `codes`, first to last; points are aligned to it as the plan wrote
them (before any reversing); an indicator's weights sum to 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

MAX_CHOICES = 127  # codes are int8, 1..K
RELATED_DEPARTMENT = "related_department"  # the audience (相关部门) whose cells of publication count departments


@dataclass(frozen=True)
class ItemSpec:
    """One closed item (题目).

    codes: choice codes in choice order; a coded answer j (1..K) means codes[j-1].
    points: 0–100 a choice as written in the plan, None at a choice that has none; None altogether: the item is not
    scored and only its distribution may be shown.
    reverse: first and last choice change places before the points are looked up.
    dimension: the dimension (维度) that the item belongs to, if any.
    """

    id: str
    scale: str
    codes: tuple[str, ...]
    points: tuple[float | None, ...] | None = None
    reverse: bool = False
    dimension: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.codes) <= MAX_CHOICES:
            raise ValueError(f"item {self.id}: {len(self.codes)} choices, expected 1 to {MAX_CHOICES}")
        if len(set(self.codes)) != len(self.codes):
            raise ValueError(f"item {self.id}: choice codes are not distinct")
        if self.points is None:
            return
        if len(self.points) != len(self.codes):
            raise ValueError(f"item {self.id}: {len(self.points)} points for {len(self.codes)} choices")
        for points in self.points:
            if points is not None and not 0 <= points <= 100:
                raise ValueError(f"item {self.id}: points {points} outside 0–100")

    @property
    def scored(self) -> bool:
        """Whether any choice has points."""
        return self.points is not None and any(points is not None for points in self.points)


@dataclass(frozen=True)
class AttentionCheck:
    """An instructed item: whoever reads it chooses one of `expect` (choice codes)."""

    item: str
    expect: tuple[str, ...]


@dataclass(frozen=True)
class ConsistencyPair:
    """Two items that ought to be answered alike.

    gap_at_least: share (0–1) of the keyed range from which on the two answers contradict each other.
    """

    items: tuple[str, str]
    gap_at_least: float


@dataclass(frozen=True)
class QualitySpec:
    """What a questionnaire offers to checks of careless answering. seconds_per_item: the absolute floor of speed."""

    attention: tuple[AttentionCheck, ...] = ()
    pairs: tuple[ConsistencyPair, ...] = ()
    seconds_per_item: float = 2.0


@dataclass(frozen=True)
class QuestionnaireSpec:
    """The closed items of one frozen questionnaire (问卷), in the column order of its coded answers.

    orders: the orders in which the columns were shown, each a permutation of them; none: as written.
    """

    id: str
    hash: str
    audience: str
    items: tuple[ItemSpec, ...]
    quality: QualitySpec = field(default_factory=QualitySpec)
    orders: tuple[tuple[int, ...], ...] = ()

    def __post_init__(self) -> None:
        ids = [item.id for item in self.items]
        if len(set(ids)) != len(ids):
            raise ValueError(f"questionnaire {self.id}: item ids are not distinct")
        for order in self.orders:
            if sorted(order) != list(range(len(ids))):
                raise ValueError(f"questionnaire {self.id}: an order of items leaves some out or repeats them")
        named = {check.item for check in self.quality.attention}
        named |= {item for pair in self.quality.pairs for item in pair.items}
        if named - set(ids):
            raise ValueError(f"questionnaire {self.id}: checks of items that are not asked: {sorted(named - set(ids))}")

    def columns_of(self, part: Part) -> tuple[int, ...]:
        """Columns of the scored items that a part is made of; empty when this questionnaire does not ask them."""
        return tuple(
            column
            for column, item in enumerate(self.items)
            if item.scored and (item.id == part.item if part.item is not None else item.dimension == part.dimension)
        )

    def column(self, item_id: str) -> int | None:
        """Column of an item, or None."""
        return next((column for column, item in enumerate(self.items) if item.id == item_id), None)


@dataclass(frozen=True)
class Part:
    """One weighted part of an indicator: a dimension, or a single item."""

    weight: float
    dimension: str | None = None
    item: str | None = None

    def __post_init__(self) -> None:
        if (self.dimension is None) == (self.item is None):
            raise ValueError("a part names either a dimension or an item")
        if not 0 <= self.weight <= 1:
            raise ValueError(f"part {self.name}: weight {self.weight} outside 0–1")

    @property
    def name(self) -> str:
        """The dimension's or the item's id."""
        return self.dimension if self.dimension is not None else str(self.item)


@dataclass(frozen=True)
class Level:
    """One step of averaging inside a unit, each member weighing the same."""

    by: Literal["department", "response"]


BY_DEPARTMENT = (Level("department"), Level("response"))


@dataclass(frozen=True)
class IndicatorSpec:
    """One indicator (指标): which answers, which parts, averaged how.

    questionnaires: ids whose answers are pooled; empty means every questionnaire of the audience.
    full_marks: points that a score of 100 is worth; None: the indicator has a score but no points.
    strata: "poststratify" weighs strata by their size in the frame.
    levels: () lets every response count the same; `BY_DEPARTMENT` takes the mean of department means.
    distributions: items of the audience that are shown as distributions beside the score, never averaged.
    """

    code: str
    audience: str
    parts: tuple[Part, ...]
    questionnaires: tuple[str, ...] = ()
    role: str = "suggested"
    full_marks: float | None = None
    strata: Literal["poststratify"] | None = None
    levels: tuple[Level, ...] = ()
    distributions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.parts:
            raise ValueError(f"indicator {self.code}: no parts")
        names = [(part.dimension is None, part.name) for part in self.parts]
        if len(set(names)) != len(names):
            raise ValueError(f"indicator {self.code}: a part is named twice")
        total = math.fsum(part.weight for part in self.parts)
        if abs(total - 1.0) > 1e-9:
            raise ValueError(f"indicator {self.code}: weights sum to {total}, not 1")
        if self.levels and self.levels not in (BY_DEPARTMENT, (Level("response"),)):
            raise ValueError(f"indicator {self.code}: levels are department then response, or response alone")
        if self.levels and self.strata:
            raise ValueError(f"indicator {self.code}: levels and strata exclude each other")

    @property
    def by_department(self) -> bool:
        """Whether departments, not responses, are what is averaged."""
        return self.levels == BY_DEPARTMENT


@dataclass(frozen=True)
class MinValid:
    """Fewest valid responses and departments of one audience; None: not asked for."""

    responses: int | None = None
    departments: int | None = None


@dataclass(frozen=True)
class WithholdGates:
    """Thresholds beyond which an indicator is not scored (暂不计分). None or absent: the gate is off.

    exclusion_shift_above: score points between the scores with and without exclusions.
    hold: whether a recorded case of guiding or filling in for others (`Fieldwork.held`) withholds.
    """

    min_valid: Mapping[str, MinValid] = field(default_factory=dict)
    alpha_below: float | None = None
    exclusion_shift_above: float | None = None
    hold: bool = False


@dataclass(frozen=True)
class CautionGates:
    """Thresholds beyond which a score stands with a caution (谨慎). None or absent: the gate is off.

    response_rate_below, excluded_share_above: shares 0–1. alpha_lower_below: lower influence-function bound of α.
    moe_above: half width of the interval in score points.
    """

    min_valid: Mapping[str, MinValid] = field(default_factory=dict)
    response_rate_below: float | None = None
    alpha_lower_below: float | None = None
    moe_above: float | None = None
    excluded_share_above: float | None = None
    exclusion_shift_above: float | None = None


@dataclass(frozen=True)
class RankGates:
    """What a place among units needs: a reliability of the unit's score (0–1; None: not asked for)."""

    unit_reliability: float | None = None


@dataclass(frozen=True)
class GateSpec:
    """The plan's gates; the default has none."""

    withhold: WithholdGates = field(default_factory=WithholdGates)
    caution: CautionGates = field(default_factory=CautionGates)
    rank: RankGates = field(default_factory=RankGates)


@dataclass(frozen=True)
class RankingSpec:
    """Whether places (位次区间) are given, only ever within a category, and of how many units at least."""

    publish: bool = False
    min_units: int = 8


@dataclass(frozen=True)
class DisclosureSpec:
    """Fewest sittings behind any number that is shown, and behind open text. The defaults hold for a silent plan.

    complementary: whether further numbers are hidden where a hidden one would follow from them.
    """

    min_cell: int = 5
    min_cell_text: int = 10
    complementary: bool = True

    def __post_init__(self) -> None:
        if self.min_cell < 1 or self.min_cell_text < self.min_cell:
            raise ValueError(f"min_cell {self.min_cell} and min_cell_text {self.min_cell_text} do not fit")


NOBODY_EXCLUDED = 0


@dataclass(frozen=True)
class MultiverseSpec:
    """The rules under which a score is computed again, every one with every other, to see how far it hangs on them.

    exclude_when_families: numbers of flagged families, NOBODY_EXCLUDED for none. dimension_min_answered: shares 0–1.
    The plan's own rules always belong to the grid.
    """

    exclude_when_families: tuple[int, ...] = ()
    dimension_min_answered: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if any(families < 0 for families in self.exclude_when_families):
            raise ValueError(f"multiverse: {self.exclude_when_families} flagged families")
        if any(not 0 <= share <= 1 for share in self.dimension_min_answered):
            raise ValueError(f"multiverse: shares {self.dimension_min_answered} outside 0–1")


EVERY_RULE = MultiverseSpec((NOBODY_EXCLUDED, 2, 1), (0.0, 0.5, 1.0))


@dataclass(frozen=True)
class PlanSpec:
    """A frozen scoring plan (评分方案).

    exclude_when_families: a response that so many quality families flag is left out; NOBODY_EXCLUDED: the rule is off.
    multiverse: the grid behind the total interval; without an exclusion rule only the rules for missing answers vary.

    dimension_min_answered: share of a dimension's eligible items that a person must have answered (and at least one).
    population: "finite": the score describes the people in the frame (finite population correction);
    "process": it describes the institution, whoever happens to be asked.
    moves: full marks of an indicator that does not apply to a unit go to another one; code → code.
    """

    id: str
    version: str
    hash: str
    indicators: tuple[IndicatorSpec, ...]
    gates: GateSpec = field(default_factory=GateSpec)
    disclosure: DisclosureSpec = field(default_factory=DisclosureSpec)
    dimension_min_answered: float = 0.5
    confidence: float = 0.95
    population: Literal["finite", "process"] = "finite"
    moves: Mapping[str, str] = field(default_factory=dict)
    exclude_when_families: int = NOBODY_EXCLUDED
    multiverse: MultiverseSpec = EVERY_RULE
    ranking: RankingSpec = field(default_factory=RankingSpec)

    def __post_init__(self) -> None:
        codes = [indicator.code for indicator in self.indicators]
        if len(set(codes)) != len(codes):
            raise ValueError(f"plan {self.id}: indicator codes are not distinct")
        if not 0 <= self.dimension_min_answered <= 1:
            raise ValueError(f"plan {self.id}: dimension_min_answered {self.dimension_min_answered} outside 0–1")
        if not 0 < self.confidence < 1:
            raise ValueError(f"plan {self.id}: confidence {self.confidence} outside (0, 1)")
        for start in self.moves:
            _follow(start, self.moves, frozenset(codes), self.id)


def _follow(start: str, moves: Mapping[str, str], codes: frozenset[str], plan: str) -> None:
    """Refuse moves to or from unknown indicators and moves that come back to where they began."""
    seen = {start}
    code = start
    while code in moves:
        if code not in codes or moves[code] not in codes:
            raise ValueError(f"plan {plan}: full marks move from {code} to {moves[code]}; both must be indicators")
        code = moves[code]
        if code in seen:
            raise ValueError(f"plan {plan}: full marks move in a circle through {code}")
        seen.add(code)

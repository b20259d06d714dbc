"""The bridge from the documents (questionnaire, plan) to the plain values that `analysis` computes by.

Pure. Knows both sides and computes nothing. What must stay true: an item is scored exactly when its use is `score` and
the plan gives points; choice order is the questionnaire's; points are passed on as written, before any reversing; a
multiple becomes one item a choice, each chosen or not.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from analysis.spec import (
    NOBODY_EXCLUDED,
    AttentionCheck,
    CautionGates,
    ConsistencyPair,
    DisclosureSpec,
    GateSpec,
    IndicatorSpec,
    ItemSpec,
    Level,
    MinValid,
    MultiverseSpec,
    Part,
    PlanSpec,
    QualitySpec,
    QuestionnaireSpec,
    RankGates,
    RankingSpec,
    WithholdGates,
)
from survey_app.questionnaire import plan as plan_format
from survey_app.questionnaire.base import Audience
from survey_app.questionnaire.items import LikertItem, MultipleItem, RatingItem, ScoredItem, SingleItem
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.order import ORDERS, items_in_order
from survey_app.questionnaire.plan import Indicator, ScoringPlan

CHOSEN = ("chosen", "not_chosen")
_MARK = "."  # never part of an item's id


def questionnaire_spec(questionnaire: Questionnaire, content_hash: str, plan: ScoringPlan) -> QuestionnaireSpec:
    """The closed items that the plan scores, shows as distributions or counts, or that tell careless answers."""
    named = plan.named_items()
    quality = _quality(questionnaire)
    shown = {item for indicator in plan.indicators for item in indicator.distributions}
    shown |= {breakdown.item for breakdown in plan.breakdowns}
    shown |= {check.item for check in quality.attention} | {item for pair in quality.pairs for item in pair.items}
    items = []
    for item in questionnaire.answered_items():
        use = item.use_in(named)
        if use == "none" and item.id not in shown:
            continue
        if isinstance(item, MultipleItem):
            items += [ItemSpec(column, item.id, CHOSEN) for column in columns_of(item)]
        elif isinstance(item, ScoredItem):
            items.append(
                ItemSpec(
                    id=item.id,
                    scale=scale_of(item),
                    codes=tuple(choice.code for choice in item.choices_in(questionnaire)),
                    points=points_of(item, questionnaire, plan) if use == "score" else None,
                    reverse=item.reverse_coded,
                    dimension=item.dimension,
                )
            )
    return QuestionnaireSpec(
        questionnaire.id, content_hash, questionnaire.audience, tuple(items), quality, _orders(questionnaire, items)
    )


def _quality(questionnaire: Questionnaire) -> QualitySpec:
    found = questionnaire.quality
    return QualitySpec(
        attention=tuple(AttentionCheck(check.item, check.expect) for check in found.attention),
        pairs=tuple(
            ConsistencyPair((pair.items[0], pair.items[1]), pair.gap_at_least) for pair in found.consistency_pairs
        ),
        seconds_per_item=found.seconds_per_item,
    )


def _orders(questionnaire: Questionnaire, items: Sequence[ItemSpec]) -> tuple[tuple[int, ...], ...]:
    """The columns as shown under each order number; none where everybody saw the items as written."""
    if not any(section.randomize for section in questionnaire.sections):
        return ()
    columns = defaultdict(list)
    for place, item in enumerate(items):
        columns[item_and_choice(item.id)[0]].append(place)
    return tuple(
        tuple(
            place
            for section in questionnaire.sections
            for shown in items_in_order(questionnaire, section, number)
            for place in columns[shown.id]
        )
        for number in range(ORDERS)
    )


def columns_of(item: ScoredItem | MultipleItem) -> tuple[str, ...]:
    """The ids of the specification's items that stand for one item."""
    if isinstance(item, MultipleItem):
        return tuple(f"{item.id}{_MARK}{choice.code}" for choice in item.choices)
    return (item.id,)


def item_and_choice(column: str) -> tuple[str, str | None]:
    """The item that a specification's item stands for, and which choice of it, if it is a multiple."""
    item, mark, choice = column.partition(_MARK)
    return item, choice if mark else None


def points_of(item: ScoredItem, questionnaire: Questionnaire, plan: ScoringPlan) -> tuple[float | None, ...] | None:
    """Points aligned to the choices as the plan wrote them; None where the plan has none for this item.

    A map under the item's id wins over one under its response scale. A rating without a map is linear,
    (v - min) / (max - min) * 100.
    """
    written = plan.points.get(item.id)
    if written is None and item.points_key is not None:
        written = plan.points.get(item.points_key)
    if written is not None:
        return tuple(written.get(choice.code) for choice in item.choices_in(questionnaire))
    if isinstance(item, RatingItem):
        return tuple((value - item.min) / (item.max - item.min) * 100 for value in range(item.min, item.max + 1))
    return None


def scale_of(item: ScoredItem) -> str:
    """What items of one α share: the response scale, the bounds of a rating, or nothing but the item itself."""
    match item:
        case LikertItem():
            return item.scale
        case RatingItem():
            return f"rating {item.min}…{item.max}"
        case SingleItem():
            return item.id


def plan_spec(plan: ScoringPlan, content_hash: str, questionnaires: Iterable[Questionnaire]) -> PlanSpec:
    """The plan as it is computed by; what the plan leaves out is off.

    Facts and distributions that no indicator names go to the first one that takes answers to their questionnaire.
    """
    gates = plan.gates or plan_format.Gates()
    beside = _beside(plan, questionnaires)
    return PlanSpec(
        id=plan.id,
        version=plan.version,
        hash=content_hash,
        indicators=tuple(_indicator(indicator, beside[indicator.code]) for indicator in plan.indicators),
        gates=GateSpec(
            _withhold(gates.withhold),
            _caution(gates.caution),
            RankGates(None if gates.rank is None else gates.rank.unit_reliability),
        ),
        ranking=RankingSpec() if plan.ranking is None else RankingSpec(plan.ranking.publish, plan.ranking.min_units),
        disclosure=DisclosureSpec(
            plan.disclosure.min_cell, plan.disclosure.min_cell_text, plan.disclosure.complementary
        ),
        dimension_min_answered=plan.missing.dimension_min_answered,
        confidence=plan.interval.confidence,
        population="finite" if plan.interval.population == "finite" else "process",
        exclude_when_families=NOBODY_EXCLUDED if plan.quality is None else plan.quality.exclude_when_families,
        multiverse=MultiverseSpec(plan.multiverse.exclude_when_families, plan.multiverse.dimension_min_answered),
        moves={source: move.move_full_marks_to for source, move in plan.if_not_applicable.items()},
    )


def _beside(plan: ScoringPlan, questionnaires: Iterable[Questionnaire]) -> defaultdict[str, dict[str, None]]:
    """Indicator → the columns that are shown beside it, each once: its distributions, and what no indicator names."""
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    named = plan.named_items()
    placed = {item for indicator in plan.indicators for item in indicator.distributions}
    for questionnaire in questionnaires:
        for at, indicator in enumerate(_readers(plan, questionnaire)):
            for item in questionnaire.answered_items():
                left = at == 0 and item.id not in placed and item.use_in(named) in {"distribution", "fact"}
                if isinstance(item, ScoredItem | MultipleItem) and (left or item.id in indicator.distributions):
                    found[indicator.code] |= dict.fromkeys(columns_of(item))
    return found


def _readers(plan: ScoringPlan, questionnaire: Questionnaire) -> Iterator[Indicator]:
    """The indicators that take answers to a questionnaire, in the plan's order."""
    for indicator in plan.indicators:
        wanted = indicator.questionnaires
        if indicator.audience == questionnaire.audience and (not wanted or questionnaire.id in wanted):
            yield indicator


def _indicator(indicator: Indicator, beside: Iterable[str]) -> IndicatorSpec:
    return IndicatorSpec(
        code=indicator.code,
        audience=indicator.audience,
        parts=tuple(Part(part.weight, part.dimension, part.item) for part in indicator.parts),
        questionnaires=indicator.questionnaires,
        role=indicator.role,
        full_marks=indicator.full_marks,
        strata=indicator.strata,
        levels=tuple(Level(level.by) for level in indicator.levels),
        distributions=tuple(beside),
    )


def _withhold(gates: plan_format.Withhold | None) -> WithholdGates:
    if gates is None:
        return WithholdGates()
    return WithholdGates(_min_valid(gates.min_valid), gates.alpha_below, gates.exclusion_shift_above, gates.hold)


def _caution(gates: plan_format.Caution | None) -> CautionGates:
    if gates is None:
        return CautionGates()
    return CautionGates(
        min_valid=_min_valid(gates.min_valid),
        response_rate_below=gates.response_rate_below,
        alpha_lower_below=gates.alpha_lower_below,
        moe_above=gates.moe_above,
        excluded_share_above=gates.excluded_share_above,
        exclusion_shift_above=gates.exclusion_shift_above,
    )


def _min_valid(marks: Mapping[Audience, plan_format.MinValid]) -> dict[str, MinValid]:
    return {audience: MinValid(mark.responses, mark.departments) for audience, mark in marks.items()}

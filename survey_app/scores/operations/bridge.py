"""The bridge from the documents (questionnaire, plan) to the plain values that `analysis` computes by.

Pure. Knows both sides and computes nothing. What must stay true: an item is scored exactly when its use is `score` and
the plan gives points; choice order is the questionnaire's; points are passed on as written, before any reversing.
"""

from collections.abc import Mapping

from analysis.spec import (
    CautionGates,
    DisclosureSpec,
    GateSpec,
    IndicatorSpec,
    ItemSpec,
    Level,
    MinValid,
    Part,
    PlanSpec,
    QuestionnaireSpec,
    WithholdGates,
)
from survey_app.questionnaire import plan as plan_format
from survey_app.questionnaire.base import Audience
from survey_app.questionnaire.items import LikertItem, RatingItem, ScoredItem, SingleItem
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.plan import Indicator, ScoringPlan


def questionnaire_spec(questionnaire: Questionnaire, content_hash: str, plan: ScoringPlan) -> QuestionnaireSpec:
    """The one-choice items that the plan scores or shows as distributions, in written order."""
    named, shown = plan.named_items(), {item for indicator in plan.indicators for item in indicator.distributions}
    items = []
    for item in questionnaire.items():
        if not isinstance(item, ScoredItem):
            continue
        use = item.use_in(named)
        if use in {"score", "distribution"} or item.id in shown:
            points = points_of(item, questionnaire, plan) if use == "score" else None
            items.append(
                ItemSpec(
                    id=item.id,
                    scale=scale_of(item),
                    codes=tuple(choice.code for choice in item.choices_in(questionnaire)),
                    points=points,
                    reverse=item.reverse_coded,
                    dimension=item.dimension,
                )
            )
    return QuestionnaireSpec(questionnaire.id, content_hash, questionnaire.audience, tuple(items))


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


def plan_spec(plan: ScoringPlan, content_hash: str) -> PlanSpec:
    """The plan as it is computed by; what the plan leaves out is off."""
    gates = plan.gates or plan_format.Gates()
    return PlanSpec(
        id=plan.id,
        version=plan.version,
        hash=content_hash,
        indicators=tuple(_indicator(indicator) for indicator in plan.indicators),
        gates=GateSpec(_withhold(gates.withhold), _caution(gates.caution)),
        disclosure=DisclosureSpec(plan.disclosure.min_cell, plan.disclosure.min_cell_text),
        dimension_min_answered=plan.missing.dimension_min_answered,
        confidence=plan.interval.confidence,
        population="finite" if plan.interval.population == "finite" else "process",
        moves={source: move.move_full_marks_to for source, move in plan.if_not_applicable.items()},
    )


def _indicator(indicator: Indicator) -> IndicatorSpec:
    return IndicatorSpec(
        code=indicator.code,
        audience=indicator.audience,
        parts=tuple(Part(part.weight, part.dimension, part.item) for part in indicator.parts),
        questionnaires=indicator.questionnaires,
        role=indicator.role,
        full_marks=indicator.full_marks,
        strata=indicator.strata,
        levels=tuple(Level(level.by) for level in indicator.levels),
        distributions=indicator.distributions,
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

"""What a scoring plan must mean: its indicators can be computed from the questionnaires, and its numbers agree."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from survey_app.questionnaire.base import Audience
from survey_app.questionnaire.checks.walk import choices_of
from survey_app.questionnaire.findings import Finding, finding, pointer
from survey_app.questionnaire.items import AnyAnswered, LikertItem, MultipleItem, RatingItem, ScoredItem, SingleItem
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.plan import Indicator, Part, PointsOfCodes, ScoringPlan

_WEIGHT_TOLERANCE = 1e-9


class _Drawn:
    """A questionnaire as a plan draws on it: which of its items score."""

    def __init__(self, questionnaire: Questionnaire, plan: ScoringPlan) -> None:
        self.questionnaire = questionnaire
        self.id = questionnaire.id
        self.answered = {item.id: item for item in questionnaire.answered_items()}
        self.scored: dict[str, ScoredItem] = {}
        self.of_dimension: defaultdict[str | None, list[ScoredItem]] = defaultdict(list)
        for item in questionnaire.scored_items(plan.named_items()):
            self.scored[item.id] = item
            self.of_dimension[item.dimension].append(item)

    def items_of(self, part: Part) -> Sequence[ScoredItem]:
        """The scored items behind one part of an indicator; empty where there are none."""
        if part.item is not None:
            return [self.scored[part.item]] if part.item in self.scored else []
        return self.of_dimension.get(part.dimension, [])


def questionnaires_of(indicator: Indicator, questionnaires: Mapping[str, Questionnaire]) -> tuple[Questionnaire, ...]:
    """The questionnaires an indicator is computed from: those it names, or all of its audience.

    Names that are not among `questionnaires` are left out.
    """
    if indicator.questionnaires:
        return tuple(questionnaires[name] for name in indicator.questionnaires if name in questionnaires)
    return tuple(one for one in questionnaires.values() if one.audience == indicator.audience)


def check_plan_meaning(plan: ScoringPlan, questionnaires: Mapping[str, Questionnaire]) -> Iterator[Finding]:
    """Every fault and warning of a plan. questionnaires: by id, all that the plan may draw on."""
    seen: set[str] = set()
    drawn = {name: _Drawn(questionnaire, plan) for name, questionnaire in questionnaires.items()}
    for position, indicator in enumerate(plan.indicators):
        at = pointer("indicators", position)
        if indicator.code in seen:
            yield finding("duplicate_indicator", f"{at}/code", name=indicator.code)
        seen.add(indicator.code)
        yield from _indicator(at, indicator, plan, questionnaires, drawn)
    yield from _points(plan, questionnaires)
    yield from _full_marks_moves(plan)
    yield from _restricted(plan, questionnaires)
    yield from _gates(plan)
    yield from _grades(plan)
    yield from _breakdowns(plan, questionnaires)


def _indicator(
    at: str,
    indicator: Indicator,
    plan: ScoringPlan,
    questionnaires: Mapping[str, Questionnaire],
    drawn: Mapping[str, _Drawn],
) -> Iterator[Finding]:
    for position, name in enumerate(indicator.questionnaires):
        place = f"{at}/questionnaires/{position}"
        if name not in questionnaires:
            yield finding("unknown_questionnaire", place, (name, questionnaires), name=name)
        elif questionnaires[name].audience != indicator.audience:
            got = questionnaires[name].audience
            yield finding("audience_differs", place, name=name, expected=indicator.audience, got=got)
    of_audience = [one for one in questionnaires_of(indicator, questionnaires) if one.audience == indicator.audience]
    used = [drawn[one.id] for one in of_audience]
    if not used and not indicator.questionnaires:
        yield finding("no_questionnaire", f"{at}/audience", audience=indicator.audience)
    total = math.fsum(part.weight for part in indicator.parts)
    if abs(total - 1) > _WEIGHT_TOLERANCE:
        yield finding("weights_not_one", f"{at}/parts", total=f"{total:.10g}")
    if indicator.role == "suggested" and indicator.full_marks is None:
        yield finding("full_marks_missing", at, name=indicator.code)
    yield from _levels(at, indicator)
    yield from _repeated_parts(at, indicator, used)
    for position, part in enumerate(indicator.parts):
        for one in used:
            yield from _part(f"{at}/parts/{position}", part, plan, one)
    for one in used:
        yield from _one_scale(at, indicator, one)
    yield from _distributions(at, indicator, used)


def _levels(at: str, indicator: Indicator) -> Iterator[Finding]:
    if not indicator.levels:
        return
    if indicator.strata is not None:
        yield finding("levels_with_strata", f"{at}/levels")
    if indicator.audience != "related_department":
        yield finding("levels_need_departments", f"{at}/levels", audience=indicator.audience)
    if [level.by for level in indicator.levels] != ["department", "response"]:
        yield finding("levels_order", f"{at}/levels")


def _repeated_parts(at: str, indicator: Indicator, used: Sequence[_Drawn]) -> Iterator[Finding]:
    seen: set[tuple[str | None, str | None]] = set()
    dimensions = {part.dimension for part in indicator.parts if part.dimension}
    for position, part in enumerate(indicator.parts):
        key = (part.dimension, part.item)
        if key in seen:
            yield finding("part_twice", f"{at}/parts/{position}", name=part.dimension or part.item)
        seen.add(key)
        if part.item and any(item.dimension in dimensions for one in used for item in one.items_of(part)):
            yield finding("item_counted_twice", f"{at}/parts/{position}/item", name=part.item)


def _part(at: str, part: Part, plan: ScoringPlan, drawn: _Drawn) -> Iterator[Finding]:
    if part.dimension is not None:
        known = drawn.questionnaire.dimensions
        if part.dimension not in known:
            near = (part.dimension, known)
            yield finding("dimension_not_in", f"{at}/dimension", near, name=part.dimension, other=drawn.id)
        elif not drawn.items_of(part):
            yield finding("dimension_without_items", f"{at}/dimension", name=part.dimension, other=drawn.id)
    elif part.item is not None:
        item = drawn.answered.get(part.item)
        if item is None:
            yield finding("item_not_in", f"{at}/item", (part.item, drawn.answered), name=part.item, other=drawn.id)
        elif not isinstance(item, ScoredItem):
            yield finding("not_scorable", f"{at}/item", name=item.id, type=item.type)
        elif item.id not in drawn.scored:
            yield finding("part_not_scored", f"{at}/item", name=item.id, use=item.use)
    for item in drawn.items_of(part):
        key = item.points_key or item.id
        # Points under an item's own id win over those under its response scale; a rating needs none.
        if not {key, item.id} & plan.points.keys() and not isinstance(item, RatingItem):
            yield finding("points_missing", "/points", (key, plan.points), name=key, item=item.id)


def _one_scale(at: str, indicator: Indicator, drawn: _Drawn) -> Iterator[Finding]:
    scales = {
        f"rating {item.min}–{item.max}" if isinstance(item, RatingItem) else item.points_key
        for part in indicator.parts
        if part.dimension is not None
        for item in drawn.items_of(part)
    }
    if len(scales) > 1:
        names = ", ".join(sorted(str(scale) for scale in scales))
        yield finding("mixed_scales", f"{at}/parts", names=names, other=drawn.id)


def _distributions(at: str, indicator: Indicator, used: Sequence[_Drawn]) -> Iterator[Finding]:
    items = {name: item for one in used for name, item in one.answered.items()}
    for position, name in enumerate(indicator.distributions):
        place = f"{at}/distributions/{position}"
        if used and name not in items:
            yield finding("unknown_item", place, (name, items), name=name)
        elif used and not isinstance(items[name], ScoredItem | MultipleItem):
            yield finding("distribution_not_closed", place, name=name)


def _points(plan: ScoringPlan, questionnaires: Mapping[str, Questionnaire]) -> Iterator[Finding]:
    # A questionnaire that no indicator is computed from may have another scale of the same name.
    used = {one.id for indicator in plan.indicators for one in questionnaires_of(indicator, questionnaires)}
    for key, points in plan.points.items():
        codes = {one.id: found for one in questionnaires.values() if (found := _codes(key, one)) is not None}
        for name in sorted(codes.keys() & used):
            yield from _points_of(pointer("points", key), key, points, codes[name], name)
        if not codes:
            yield finding("points_unused", pointer("points", key), name=key)


def _codes(key: str, questionnaire: Questionnaire) -> list[str] | None:
    """The codes in choice order behind a key of the points: a response scale, or an item that has choices."""
    if key in questionnaire.response_scales:
        return [choice.code for choice in questionnaire.response_scales[key].choices]
    if questionnaire.has_item(key):
        item = questionnaire.item(key)
        if isinstance(item, ScoredItem):
            return [choice.code for choice in choices_of(item, questionnaire)]
    return None


def _points_of(at: str, key: str, points: PointsOfCodes, codes: list[str], questionnaire: str) -> Iterator[Finding]:
    for code in points:
        if code not in codes:
            yield finding("points_for_nothing", f"{at}/{code}", (code, codes), name=code, key=key, other=questionnaire)
    without = [code for code in codes if code not in points]
    if without:
        yield finding("points_incomplete", at, names=", ".join(without), key=key, other=questionnaire)
    values = [value for code in codes if (value := points.get(code)) is not None]
    if values not in (sorted(values), sorted(values, reverse=True)):
        yield finding("points_not_in_order", at, key=key)


def _full_marks_moves(plan: ScoringPlan) -> Iterator[Finding]:
    codes = {indicator.code: indicator for indicator in plan.indicators}
    for code, move in plan.if_not_applicable.items():
        at = pointer("if_not_applicable", code)
        for name, place in ((code, at), (move.move_full_marks_to, f"{at}/move_full_marks_to")):
            if name not in codes:
                yield finding("unknown_indicator", place, (name, codes), name=name)
            elif codes[name].full_marks is None:
                yield finding("moves_no_full_marks", place, name=name)
        if _comes_back(code, plan):
            yield finding("full_marks_in_a_circle", f"{at}/move_full_marks_to", name=code)


def _comes_back(code: str, plan: ScoringPlan) -> bool:
    at, passed = code, set[str]()
    while at in plan.if_not_applicable and at not in passed:
        passed.add(at)
        at = plan.if_not_applicable[at].move_full_marks_to
    return at == code


def _restricted(plan: ScoringPlan, questionnaires: Mapping[str, Questionnaire]) -> Iterator[Finding]:
    audiences = {indicator.audience for indicator in plan.indicators}
    named = {
        item.restricted: (item.id, questionnaire.id)
        for questionnaire in questionnaires.values()
        if questionnaire.audience in audiences
        for item in questionnaire.answered_items()
        if item.restricted is not None
    }
    for rule, (item_id, other) in named.items():
        if rule not in plan.restricted:
            yield finding("restricted_rule_missing", "/restricted", name=rule, item=item_id, other=other)
    for rule in plan.restricted:
        if rule not in named:
            yield finding("restricted_rule_unused", pointer("restricted", rule), name=rule)


def _gates(plan: ScoringPlan) -> Iterator[Finding]:
    if plan.gates is None:
        return
    for name in ("withhold", "caution"):
        gate = getattr(plan.gates, name)
        for audience, least in gate.min_valid.items() if gate else ():
            if least.departments is not None and audience != "related_department":
                place = pointer("gates", name, "min_valid", audience, "departments")
                yield finding("departments_not_here", place, audience=audience)
    if plan.gates.withhold is None or plan.gates.caution is None:
        return
    for audience, least in plan.gates.caution.min_valid.items():
        harder = plan.gates.withhold.min_valid.get(audience)
        for unit in ("responses", "departments"):
            few, none = getattr(least, unit), getattr(harder, unit, None)
            if few is not None and none is not None and few < none:
                place = pointer("gates", "caution", "min_valid", audience, unit)
                yield finding("caution_never_reached", place, few=few, none=none)


def _grades(plan: ScoringPlan) -> Iterator[Finding]:
    borders = [grade.at_least for grade in plan.grades or ()]
    for position, grade in enumerate(plan.grades or ()):
        titles = [grade.title] if isinstance(grade.title, str) else list(grade.title.values())
        if any("不合格" in title or "fail" in title.lower() for title in titles):
            yield finding("grade_of_failure", pointer("grades", position, "title"))
    if borders and (borders != sorted(set(borders), reverse=True) or borders[-1] != 0):
        yield finding("grades_not_in_order", "/grades")


def _breakdowns(plan: ScoringPlan, questionnaires: Mapping[str, Questionnaire]) -> Iterator[Finding]:
    for position, breakdown in enumerate(plan.breakdowns):
        at = pointer("breakdowns", position, "item")
        items = _items_of(breakdown.audience, questionnaires)
        if breakdown.item not in items:
            yield finding("unknown_item", at, (breakdown.item, items), name=breakdown.item)
        elif not isinstance(items[breakdown.item], LikertItem | SingleItem | MultipleItem):
            yield finding("breakdown_not_closed", at, name=breakdown.item)


def _items_of(audience: Audience, questionnaires: Mapping[str, Questionnaire]) -> dict[str, AnyAnswered]:
    return {
        item.id: item
        for questionnaire in questionnaires.values()
        if questionnaire.audience == audience
        for item in questionnaire.answered_items()
    }

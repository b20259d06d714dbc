"""Whether an indicator means the same in two waves: what was asked, what it was worth, how it was put together.

Pure. Knows the frozen definitions of two waves. Must stay true: what would give another score for the very same answers
ends the comparison (items, points, parts, levels); what is only another defensible way to the same score (whom to leave
out, gaps, weights of strata: the dimensions of the plan's multiverse) is a caution.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import rfc8785

from analysis.comparison.trends import ItemChanges, ItemIdentity, item_changes
from analysis.spec import IndicatorSpec, PlanSpec, QuestionnaireSpec
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.plan import ScoringPlan
from survey_app.questionnaire.texts import text
from survey_app.scores.operations.bridge import plan_spec, questionnaire_spec

Json = dict[str, Any]
_MARK = "/"  # between the ids of a questionnaire and of its item; never part of either


@dataclass(frozen=True)
class Definitions:
    """By what one wave was scored. asked, specs: questionnaires by id. cuts: version of the quality cuts, by id."""

    plan: PlanSpec
    asked: Mapping[str, Questionnaire]
    specs: Mapping[str, QuestionnaireSpec]
    cuts: Mapping[str, str]

    def indicator(self, code: str) -> IndicatorSpec | None:
        """An indicator of the plan, or None."""
        return next((found for found in self.plan.indicators if found.code == code), None)

    def questionnaires_of(self, indicator: IndicatorSpec) -> list[str]:
        """The ids of the questionnaires that an indicator takes answers from."""
        return [
            name
            for name, spec in self.specs.items()
            if spec.audience == indicator.audience
            and (not indicator.questionnaires or name in indicator.questionnaires)
        ]


@dataclass(frozen=True)
class Comparability:
    """What changed in one indicator. before, after: its items then and now.

    refusals: `audience`, `levels`, `parts`: the score is another one. cautions: `exclusion`, `gaps`, `strata`: it was
    come by in another way.
    """

    before: tuple[ItemIdentity, ...]
    after: tuple[ItemIdentity, ...]
    changes: ItemChanges
    refusals: tuple[str, ...]
    cautions: tuple[str, ...]


def definitions(document: Json, plan: ScoringPlan, questionnaires: Mapping[str, Questionnaire]) -> Definitions:
    """The definitions that a document was made by. questionnaires: by content hash, at least those that it names."""
    hashes = {found["id"]: found["hash"] for found in document["questionnaires"]}
    asked = {name: questionnaires[found] for name, found in hashes.items()}
    return Definitions(
        plan=plan_spec(plan, document["plan"]["hash"], asked.values()),
        asked=asked,
        specs={name: questionnaire_spec(found, hashes[name], plan) for name, found in asked.items()},
        cuts={found["questionnaire"]: found["version"] for found in document.get("quality", ())},
    )


def compared(then: Definitions, now: Definitions, code: str) -> Comparability | None:
    """What changed in one indicator; None where one of the plans does not have it."""
    one, other = then.indicator(code), now.indicator(code)
    if one is None or other is None:
        return None
    shared = [name for name in now.questionnaires_of(other) if name in then.questionnaires_of(one)]
    before, after = tuple(_items(then, one, now)), tuple(_items(now, other, then))
    return Comparability(
        before,
        after,
        # Where one wave has no answers to compare by, that is the reason, not that every item is gone.
        item_changes(before, after) if before and after else ItemChanges(),
        tuple(_refusals(one, other)),
        tuple(_cautions(then, now, one, other, shared)),
    )


def item_of(identity: str) -> Json:
    """The questionnaire and the item that an identity names."""
    questionnaire, _, item = identity.partition(_MARK)
    return {"questionnaire": questionnaire, "item": item}


def _items(own: Definitions, indicator: IndicatorSpec, other: Definitions) -> Iterator[ItemIdentity]:
    """The scored items of an indicator: what is read of each; its points, which way round, and the parts it feeds.

    other: the wave that it is held against, for the languages of both.
    """
    for name in own.questionnaires_of(indicator):
        spec, asked = own.specs[name], own.asked[name]
        spoken = other.asked[name].languages() if name in other.asked else ()
        # A translation that one wave lacks changes nothing for those who read the other languages.
        languages = [one for one in asked.languages() if one in spoken] or list(asked.languages())
        parts: dict[int, list[str]] = defaultdict(list)
        for part in indicator.parts:
            for column in spec.columns_of(part):
                parts[column].append(part.name)
        for column, of_item in parts.items():
            item = spec.items[column]
            yield ItemIdentity(
                id=f"{name}{_MARK}{item.id}",
                wording=_digest(_wording(asked, item.id, languages)),
                points=_digest([list(item.codes), list(item.points or ()), item.reverse, of_item]),
            )


def _wording(asked: Questionnaire, item_id: str, languages: Sequence[str]) -> Json:
    """Everything that somebody who answers reads of an item, and whom it is shown to."""
    item = asked.item(item_id)
    condition = item.visible_if
    bounds = [text(bound, language) for bound in _bounds(item) for language in languages]
    offered = [(choice.code, choice.label) for choice in item.choices_in(asked)]
    offered += [(code.code, code.label) for code in item.missing_in(asked)]
    return {
        "type": item.type,
        "text": [text(item.text, language) for language in languages],
        "hint": None if item.hint is None else [text(item.hint, language) for language in languages],
        "choices": [[code, *(text(label, language) for language in languages)] for code, label in offered],
        "bounds": bounds,
        "shown_if": None if condition is None else condition.model_dump(mode="json"),
    }


def _bounds(item: object) -> list[Any]:
    """What stands at the ends of a rating."""
    ends = (getattr(item, "min_label", None), getattr(item, "max_label", None))
    return [label for label in ends if label is not None]


def _refusals(one: IndicatorSpec, other: IndicatorSpec) -> Iterator[str]:
    if one.audience != other.audience:
        yield "audience"
    if one.by_department != other.by_department:
        yield "levels"
    if _weights(one) != _weights(other):
        yield "parts"


def _weights(indicator: IndicatorSpec) -> dict[tuple[str | None, str | None], float]:
    return {(part.dimension, part.item): part.weight for part in indicator.parts}


def _cautions(
    then: Definitions, now: Definitions, one: IndicatorSpec, other: IndicatorSpec, shared: Sequence[str]
) -> Iterator[str]:
    rules = [
        (
            wave.plan.exclude_when_families,
            [wave.specs[name].quality for name in shared],
            [wave.cuts.get(name) for name in shared],
        )
        for wave in (then, now)
    ]
    if rules[0] != rules[1]:
        yield "exclusion"
    if then.plan.dimension_min_answered != now.plan.dimension_min_answered:
        yield "gaps"
    if one.strata != other.strata:
        yield "strata"


def _digest(value: Any) -> str:  # noqa: ANN401  # any JSON
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()

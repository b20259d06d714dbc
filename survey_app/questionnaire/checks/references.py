"""Names must be distinct and must exist: ids, codes, scales, dimensions, choices, form fields, placeholders."""

from collections.abc import Iterable, Iterator

from survey_app.questionnaire.answer_readers import other_field
from survey_app.questionnaire.checks.walk import choices_of, scale_is_known, texts
from survey_app.questionnaire.findings import Finding, finding, pointer
from survey_app.questionnaire.items import (
    AnyItem,
    Choice,
    LikertItem,
    MissingCode,
    MultipleItem,
    OwnMissing,
    RankingItem,
    ScreeningItem,
    SingleItem,
)
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.texts import PLACEHOLDER, SUBSTITUTIONS


def check_references(questionnaire: Questionnaire) -> Iterator[Finding]:
    """Everything that is named twice, or named and not there."""
    yield from _duplicates(questionnaire)
    yield from _scale_codes(questionnaire)
    for item in questionnaire.items():
        yield from _item_references(item, questionnaire)
    yield from _field_clashes(questionnaire)
    yield from _placeholders(questionnaire)
    yield from _quality_references(questionnaire)


def _duplicates(questionnaire: Questionnaire) -> Iterator[Finding]:
    sections: set[str] = set()
    items: set[str] = set()
    for position, section in enumerate(questionnaire.sections):
        if section.id in sections:
            yield finding("duplicate_section", pointer("sections", position, "id"), name=section.id)
        sections.add(section.id)
        for at, item in enumerate(section.items):
            if item.id in items:
                yield finding("duplicate_item", pointer("sections", position, "items", at, "id"), name=item.id)
            items.add(item.id)


def _scale_codes(questionnaire: Questionnaire) -> Iterator[Finding]:
    for name, scale in questionnaire.response_scales.items():
        at = pointer("response_scales", name)
        yield from _distinct_codes(at, scale.choices, scale.missing)
        for position, choice in enumerate(scale.choices):
            if choice.other or choice.exclusive:
                flag = "other" if choice.other else "exclusive"
                yield finding("flag_not_here", f"{at}/choices/{position}/{flag}", flag=flag)


def _distinct_codes(at: str, choices: tuple[Choice, ...], missing: tuple[MissingCode, ...]) -> Iterator[Finding]:
    seen: set[str] = set()
    for position, choice in enumerate(choices):
        if choice.code in seen:
            yield finding("duplicate_code", f"{at}/choices/{position}/code", name=choice.code)
        seen.add(choice.code)
    for position, code in enumerate(missing):
        if code.code in seen:
            yield finding("duplicate_code", f"{at}/missing/{position}/code", name=code.code)
        seen.add(code.code)


def _item_references(item: AnyItem, questionnaire: Questionnaire) -> Iterator[Finding]:
    at = questionnaire.pointer(item.id)
    if isinstance(item, LikertItem) and item.scale not in questionnaire.response_scales:
        yield finding("unknown_scale", f"{at}/scale", (item.scale, questionnaire.response_scales), name=item.scale)
    dimension = getattr(item, "dimension", None)
    if dimension is not None and dimension not in questionnaire.dimensions:
        yield finding("unknown_dimension", f"{at}/dimension", (dimension, questionnaire.dimensions), name=dimension)
    if isinstance(item, SingleItem | MultipleItem | RankingItem):
        yield from _distinct_codes(at, item.choices, item.missing)
        yield from _flags(at, item)
    elif isinstance(item, OwnMissing):
        yield from _distinct_codes(at, choices_of(item, questionnaire), item.missing)
    yield from _offered_missing(at, item, questionnaire)
    if isinstance(item, ScreeningItem) and item.screens_out is not None and scale_is_known(item, questionnaire):
        known = [choice.code for choice in choices_of(item, questionnaire)]
        yield from _unknown_codes(f"{at}/screens_out/choices", item.screens_out.choices, known)


def _flags(at: str, item: SingleItem | MultipleItem | RankingItem) -> Iterator[Finding]:
    others = 0
    for position, choice in enumerate(item.choices):
        others += choice.other
        if choice.other and isinstance(item, RankingItem):
            yield finding("flag_not_here", f"{at}/choices/{position}/other", flag="other")
        elif choice.other and others > 1:
            yield finding("two_others", f"{at}/choices/{position}/other")
        if choice.exclusive and not isinstance(item, MultipleItem):
            yield finding("flag_not_here", f"{at}/choices/{position}/exclusive", flag="exclusive")


def _offered_missing(at: str, item: AnyItem, questionnaire: Questionnaire) -> Iterator[Finding]:
    offered: tuple[str, ...] = ()
    available: Iterable[str] = ()
    if isinstance(item, LikertItem) and item.scale in questionnaire.response_scales:
        offered = item.offer_missing
        available = [code.code for code in questionnaire.response_scales[item.scale].missing]
    elif isinstance(item, OwnMissing):
        offered = item.offer_missing or ()
        available = [code.code for code in item.missing]
    for position, code in enumerate(offered):
        if code not in available:
            yield finding("unknown_missing", f"{at}/offer_missing/{position}", (code, available), name=code)


def _unknown_codes(at: str, codes: Iterable[str], known: list[str]) -> Iterator[Finding]:
    for position, code in enumerate(codes):
        if code not in known:
            yield finding("unknown_choice", f"{at}/{position}", (code, known), name=code)


def _field_clashes(questionnaire: Questionnaire) -> Iterator[Finding]:
    # `a` with "other" takes the field `a__other`; an item of that id would read the same field.
    owners = {item.id: item.id for item in questionnaire.items()}
    for item in questionnaire.items():
        made = [f"{item.id}__{choice.code}" for choice in item.choices] if isinstance(item, RankingItem) else []
        if any(choice.other for choice in choices_of(item, questionnaire)):
            made.append(other_field(item.id))
        for name in made:
            if owners.get(name, item.id) != item.id:
                yield finding("field_clash", questionnaire.pointer(owners[name]) + "/id", name=name, other=item.id)


def _placeholders(questionnaire: Questionnaire) -> Iterator[Finding]:
    several_units = questionnaire.repeated_section() is not None
    for placed in texts(questionnaire):
        versions = {"": placed.value} if isinstance(placed.value, str) else placed.value
        for language, words in versions.items():
            at = placed.at + (f"/{language}" if language else "")
            for name in dict.fromkeys(PLACEHOLDER.findall(words)):
                if name not in SUBSTITUTIONS:
                    yield finding(
                        "unknown_placeholder",
                        at,
                        (name.strip(), SUBSTITUTIONS),
                        name=name,
                        known=", ".join(SUBSTITUTIONS),
                    )
                elif name == "unit" and several_units and not placed.repeated:
                    yield finding("unit_outside_repeat", at)


def _quality_references(questionnaire: Questionnaire) -> Iterator[Finding]:
    known = [item.id for item in questionnaire.answered_items()]
    for position, attention in enumerate(questionnaire.quality.attention):
        at = pointer("quality", "attention", position)
        if attention.item not in known:
            yield finding("unknown_item", f"{at}/item", (attention.item, known), name=attention.item)
            continue
        item = questionnaire.item(attention.item)
        if scale_is_known(item, questionnaire):
            codes = [choice.code for choice in choices_of(item, questionnaire)]
            yield from _unknown_codes(f"{at}/expect", attention.expect, codes)
    for position, pair in enumerate(questionnaire.quality.consistency_pairs):
        for end, item_id in enumerate(pair.items):
            if item_id not in known:
                place = pointer("quality", "consistency_pairs", position, "items", end)
                yield finding("unknown_item", place, (item_id, known), name=item_id)

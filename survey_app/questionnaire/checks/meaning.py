"""What the parts of a questionnaire must mean together: bounds, uses, quality items, audience, repeat, variants."""

import math
from collections.abc import Iterator, Mapping

from survey_app.questionnaire.checks.walk import choices_of, scale_is_known
from survey_app.questionnaire.findings import Finding, finding, pointer
from survey_app.questionnaire.items import (
    MAX_RATING_STEPS,
    AnyAnswered,
    AnyItem,
    DateItem,
    LikertItem,
    MultipleItem,
    NumberItem,
    RankingItem,
    RatingItem,
    ScoredItem,
    ScreeningItem,
    SingleItem,
)
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.size import MOST_SITTING_BYTES, largest_sitting


def check_meaning(questionnaire: Questionnaire, others: Mapping[str, Questionnaire]) -> Iterator[Finding]:
    """Everything that is written correctly and still cannot be meant. others: questionnaires by id, for variants."""
    if not questionnaire.answered_items():
        yield finding("nothing_to_answer", "/sections")
    for item in questionnaire.answered_items():
        at = questionnaire.pointer(item.id)
        yield from _bounds(at, item)
        yield from _screening(at, item, questionnaire)
        if item.use == "score" and not isinstance(item, ScoredItem):
            yield finding("not_scorable", f"{at}/use", name=item.id, type=item.type)
    yield from _size(questionnaire)
    yield from _attention(questionnaire)
    yield from _pairs(questionnaire)
    yield from _repeat(questionnaire)
    yield from _variant(questionnaire, others)


def _size(questionnaire: Questionnaire) -> Iterator[Finding]:
    if not all(scale_is_known(item, questionnaire) for item in questionnaire.answered_items()):
        return  # said elsewhere
    repeated = questionnaire.repeated_section()
    units = repeated.repeat.max if repeated is not None and repeated.repeat is not None else 1
    size = largest_sitting(questionnaire, units)
    if size > MOST_SITTING_BYTES:
        yield finding("too_much_text", "/sections", size=size // 1024, limit=MOST_SITTING_BYTES // 1024)


def _bounds(at: str, item: AnyAnswered) -> Iterator[Finding]:
    if isinstance(item, RatingItem) and item.min >= item.max:
        yield finding("bounds_reversed", f"{at}/min", low=item.min, high=item.max)
    if isinstance(item, RatingItem) and item.max - item.min >= MAX_RATING_STEPS:
        steps = item.max - item.min + 1
        yield finding("rating_too_long", f"{at}/max", low=item.min, high=item.max, count=steps, limit=MAX_RATING_STEPS)
    if isinstance(item, DateItem) and item.min and item.max and item.min > item.max:
        yield finding("bounds_reversed", f"{at}/min", low=item.min.isoformat(), high=item.max.isoformat())
    if isinstance(item, NumberItem) and item.min is not None and item.max is not None:
        step = 10**item.decimals
        if item.min > item.max:
            yield finding("bounds_reversed", f"{at}/min", low=f"{item.min:g}", high=f"{item.max:g}")
        elif math.ceil(item.min * step) > math.floor(item.max * step):
            yield finding(
                "no_number_between", f"{at}/min", low=f"{item.min:g}", high=f"{item.max:g}", decimals=item.decimals
            )
    if isinstance(item, MultipleItem | RankingItem):
        # An exclusive choice stands alone, so it cannot help to reach a minimum.
        most = min(item.max_choices or len(item.choices), sum(not choice.exclusive for choice in item.choices))
        if item.max_choices is not None and item.max_choices > len(item.choices):
            yield finding("max_choices_too_many", f"{at}/max_choices", most=item.max_choices, count=len(item.choices))
        if item.min_choices is not None and item.min_choices > most:
            yield finding("min_choices_impossible", f"{at}/min_choices", fewest=item.min_choices, most=most)


def _screening(at: str, item: AnyItem, questionnaire: Questionnaire) -> Iterator[Finding]:
    if not isinstance(item, ScreeningItem) or item.screens_out is None:
        return
    if questionnaire.section_of(item.id).randomize:
        yield finding("screening_in_random_section", f"{at}/screens_out", name=item.id)
    codes = {choice.code for choice in choices_of(item, questionnaire)}
    if codes and codes <= set(item.screens_out.choices):
        yield finding("screens_everyone_out", f"{at}/screens_out/choices", name=item.id)


def _attention(questionnaire: Questionnaire) -> Iterator[Finding]:
    if questionnaire.quality.attention and questionnaire.audience != "staff":
        yield finding("attention_beyond_staff", "/quality/attention", audience=questionnaire.audience)
    for position, attention in enumerate(questionnaire.quality.attention):
        at = pointer("quality", "attention", position, "item")
        if not questionnaire.has_item(attention.item):
            continue
        item = questionnaire.item(attention.item)
        if not isinstance(item, LikertItem | SingleItem | MultipleItem | RatingItem):
            yield finding("attention_not_closed", at, name=item.id)
        elif item.use_in() == "score":
            yield finding("attention_scored", at, name=item.id)


def _pairs(questionnaire: Questionnaire) -> Iterator[Finding]:
    for position, pair in enumerate(questionnaire.quality.consistency_pairs):
        at = pointer("quality", "consistency_pairs", position, "items")
        if len(set(pair.items)) < len(pair.items):
            yield finding("pair_of_one", at, name=pair.items[0])
        for end, item_id in enumerate(pair.items):
            if not questionnaire.has_item(item_id):
                continue
            item = questionnaire.item(item_id)
            if not isinstance(item, LikertItem | RatingItem) and scale_is_known(item, questionnaire):
                yield finding("pair_without_order", f"{at}/{end}", name=item_id)


def _repeat(questionnaire: Questionnaire) -> Iterator[Finding]:
    repeated = [at for at, section in enumerate(questionnaire.sections) if section.repeat is not None]
    for at in repeated[1:]:
        yield finding("two_repeats", pointer("sections", at, "repeat"))
    if repeated and questionnaire.audience == "staff":
        yield finding("repeat_for_staff", pointer("sections", repeated[0], "repeat"))


def _variant(questionnaire: Questionnaire, others: Mapping[str, Questionnaire]) -> Iterator[Finding]:
    base_id = questionnaire.variant_of
    if base_id is None:
        return
    if base_id == questionnaire.id:
        yield finding("variant_of_itself", "/variant_of")
        return
    base = others.get(base_id)
    if base is None:
        yield finding("variant_base_unknown", "/variant_of", (base_id, others), name=base_id)
        return
    if base.audience != questionnaire.audience:
        yield finding("variant_audience", "/audience", name=base_id, expected=base.audience, got=questionnaire.audience)
    for item in questionnaire.items():
        if base.has_item(item.id) and _meaning(item, questionnaire) != _meaning(base.item(item.id), base):
            yield finding("item_means_something_else", questionnaire.pointer(item.id), name=item.id, other=base_id)


def _meaning(item: AnyItem, questionnaire: Questionnaire) -> tuple[object, ...]:
    codes = tuple(choice.code for choice in choices_of(item, questionnaire))
    return item.type, codes, getattr(item, "reverse_coded", False), getattr(item, "dimension", None)

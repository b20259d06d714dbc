"""Walking a questionnaire that may still be wrong: its texts and choices, each with its JSON pointer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from survey_app.questionnaire.base import TextValue
from survey_app.questionnaire.findings import pointer
from survey_app.questionnaire.items import (
    AnyItem,
    Choice,
    LikertItem,
    MissingCode,
    MultipleItem,
    NumberItem,
    OwnMissing,
    RankingItem,
    RatingItem,
    SingleItem,
)
from survey_app.questionnaire.model import Questionnaire


@dataclass(frozen=True, slots=True)
class PlacedText:
    """A text and where it stands; `repeated` inside the section that is answered once a unit."""

    at: str
    value: TextValue
    repeated: bool = False


def texts(questionnaire: Questionnaire) -> Iterator[PlacedText]:
    """Every text of the questionnaire, in order of writing."""
    for name in ("title", "intro", "thanks"):
        value = getattr(questionnaire, name)
        if value is not None:
            yield PlacedText(f"/{name}", value)
    # Scales, dimensions and items are told for one unit wherever the whole questionnaire is about one unit.
    for name, scale in questionnaire.response_scales.items():
        yield from _labels(pointer("response_scales", name, "choices"), scale.choices, repeated=False)
        yield from _labels(pointer("response_scales", name, "missing"), scale.missing, repeated=False)
    for name, dimension in questionnaire.dimensions.items():
        yield PlacedText(pointer("dimensions", name, "title"), dimension.title)
        if dimension.description is not None:
            yield PlacedText(pointer("dimensions", name, "description"), dimension.description)
    for position, section in enumerate(questionnaire.sections):
        repeated = section.repeat is not None
        for name in ("title", "intro"):
            value = getattr(section, name)
            if value is not None:
                yield PlacedText(pointer("sections", position, name), value, repeated)
        for at, item in enumerate(section.items):
            yield from _item_texts(pointer("sections", position, "items", at), item, repeated=repeated)


def _item_texts(at: str, item: AnyItem, *, repeated: bool) -> Iterator[PlacedText]:
    yield PlacedText(f"{at}/text", item.text, repeated)
    if item.hint is not None:
        yield PlacedText(f"{at}/hint", item.hint, repeated)
    if isinstance(item, SingleItem | MultipleItem | RankingItem):
        yield from _labels(f"{at}/choices", item.choices, repeated=repeated)
    if isinstance(item, OwnMissing):
        yield from _labels(f"{at}/missing", item.missing, repeated=repeated)
    named: dict[str, TextValue | None] = {}
    if isinstance(item, RatingItem):
        named = {"min_label": item.min_label, "max_label": item.max_label}
    if isinstance(item, NumberItem):
        named = {"unit_label": item.unit_label}
    for name, value in named.items():
        if value is not None:
            yield PlacedText(f"{at}/{name}", value, repeated)


def _labels(at: str, labelled: Sequence[Choice | MissingCode], *, repeated: bool) -> Iterator[PlacedText]:
    for position, one in enumerate(labelled):
        yield PlacedText(f"{at}/{position}/label", one.label, repeated)


def choices_of(item: AnyItem, questionnaire: Questionnaire) -> tuple[Choice, ...]:
    """The item's choices; empty where its response scale does not exist (which is a finding of its own)."""
    if isinstance(item, LikertItem) and item.scale not in questionnaire.response_scales:
        return ()
    return item.choices_in(questionnaire)


def missing_of(item: AnyItem, questionnaire: Questionnaire) -> tuple[MissingCode, ...]:
    """The typed missing answers the item offers; empty where its response scale does not exist."""
    if isinstance(item, LikertItem) and item.scale not in questionnaire.response_scales:
        return ()
    return item.missing_in(questionnaire)


def scale_is_known(item: AnyItem, questionnaire: Questionnaire) -> bool:
    """False for a likert item whose response scale does not exist: its codes cannot be judged."""
    return not isinstance(item, LikertItem) or item.scale in questionnaire.response_scales

"""A page of items as plain values: what the item macros in `web/items` need, in one language, with names put in.

The macros know cards only, never a questionnaire, so that a designer's preview can be drawn by the same ones.
Nothing here is escaped: the template engine does that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from survey_app.questionnaire.conditions import leaves
from survey_app.questionnaire.items import (
    AnsweredItem,
    AnyItem,
    Choice,
    DateItem,
    MissingCode,
    NumberItem,
    RankingItem,
    RatingItem,
    TextItem,
)
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.order import choices_in_order, items_in_order
from survey_app.questionnaire.texts import substitute, text
from survey_app.questionnaire.visibility import describe, screened_by


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to tick. `alone`: nothing else may be ticked beside it; `other`: opens a line of text."""

    code: str
    label: str
    alone: bool = False
    other: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One item as it is shown.

    condition: its JSON for the browser; condition_words: the same for people without JavaScript.
    out: the codes that screen out; out_ends: "sitting" or "section"; out_words: what to do then.
    first_field: the id of the element that a link in the error summary leads to.
    """

    id: str
    kind: str
    number: int | None
    text: str
    hint: str | None
    required: bool
    options: tuple[Option, ...]
    missing: tuple[Option, ...]
    condition: str | None
    condition_words: str | None
    out: tuple[str, ...]
    out_ends: str | None
    out_labels: str | None
    places: int = 0
    low_label: str | None = None
    high_label: str | None = None
    stars: bool = False
    decimal: bool = False
    after: str | None = None
    first_day: str | None = None
    last_day: str | None = None
    most_characters: int = 0
    multiline: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A section as it is shown."""

    id: str
    title: str | None
    intro: str | None
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """How texts become words: the language, the names to put in, and how the sitting is drawn."""

    language: str
    names: Mapping[str, str]
    order_number: int = 0
    flip: bool = False


def parts(questionnaire: Questionnaire, section_ids: Sequence[str], wording: Wording) -> tuple[Part, ...]:
    """The sections of one page. Items are numbered through the page; follow-ups and notes have no number."""
    made = []
    number = 0
    for section in questionnaire.sections:
        if section.id not in section_ids:
            continue
        cards = []
        for item in items_in_order(questionnaire, section, wording.order_number):
            counted = isinstance(item, AnsweredItem) and item.visible_if is None
            number += counted
            cards.append(card(questionnaire, item, wording, number if counted else None))
        title, intro = (_words(part, wording) for part in (section.title, section.intro))
        made.append(Part(section.id, title, intro, tuple(cards)))
    return tuple(made)


def card(questionnaire: Questionnaire, item: AnyItem, wording: Wording, number: int | None = None) -> Card:
    """One item as a card."""
    choices = choices_in_order(questionnaire, item, flip=wording.flip)
    options = tuple(_option(choice, wording) for choice in choices)
    missing = tuple(_option(code, wording) for code in item.missing_in(questionnaire))
    out = tuple(choice.code for choice in choices if screened_by(item, choice.code))
    condition = item.visible_if
    return Card(
        id=item.id,
        kind=item.type,
        number=number,
        text=_words(item.text, wording) or "",
        hint=_words(item.hint, wording),
        required=isinstance(item, AnsweredItem) and item.required,
        options=options,
        missing=missing,
        condition=None if condition is None else condition.model_dump_json(by_alias=True, exclude_none=True),
        condition_words=None
        if condition is None
        else substitute(describe(condition, questionnaire, wording.language), wording.names),
        out=out,
        out_ends=screened_by(item, out[0]) if out else None,
        out_labels=_quoted([option.label for option in options if option.code in out], wording.language),
        **_particulars(item, wording),  # type: ignore[arg-type]  # each kind has its own few
    )


def looked_back_to(questionnaire: Questionnaire, section_ids: Sequence[str]) -> frozenset[str]:
    """The ids of items outside these sections that conditions inside them look back to."""
    inside = [section for section in questionnaire.sections if section.id in section_ids]
    own = {item.id for section in inside for item in section.items}
    needed = {
        leaf.item
        for section in inside
        for item in section.items
        if item.visible_if is not None
        for _, leaf in leaves(item.visible_if)
    }
    return frozenset(needed - own)


def earlier_answers(questionnaire: Questionnaire, section_ids: Sequence[str], answers: Mapping[str, object]) -> str:
    """JSON of those answers of finished pages that this page's conditions need; "" where they need none."""
    needed = {name: answers[name] for name in looked_back_to(questionnaire, section_ids) if name in answers}
    return orjson.dumps(needed, option=orjson.OPT_SORT_KEYS).decode() if needed else ""


def _particulars(item: AnyItem, wording: Wording) -> dict[str, object]:
    match item:
        case RankingItem():
            return {"places": item.max_choices or len(item.choices)}
        case RatingItem():
            labels = {"low_label": _words(item.min_label, wording), "high_label": _words(item.max_label, wording)}
            return {"stars": item.style == "stars", **labels}
        case NumberItem():
            return {"decimal": item.decimals > 0, "after": _words(item.unit_label, wording)}
        case DateItem():
            return {
                "first_day": item.min.isoformat() if item.min else None,
                "last_day": item.max.isoformat() if item.max else None,
            }
        case TextItem():
            return {"most_characters": item.max_length, "multiline": item.multiline}
    return {}


def _option(choice: Choice | MissingCode, wording: Wording) -> Option:
    label = _words(choice.label, wording) or ""
    if isinstance(choice, MissingCode):
        return Option(choice.code, label, alone=True)
    return Option(choice.code, label, alone=choice.exclusive, other=choice.other)


def _words(value: str | dict[str, str] | None, wording: Wording) -> str | None:
    return None if value is None else substitute(text(value, wording.language), wording.names)


def _quoted(labels: Sequence[str], language: str) -> str | None:
    return ("或" if language == "zh" else " or ").join(f"“{label}”" for label in labels) or None

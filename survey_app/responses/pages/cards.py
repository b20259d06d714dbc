"""A page of items as plain values: what the item macros in `web/items` need, in one language, with names put in.

The macros know cards only, never a questionnaire, so that a designer's preview can be drawn by the same ones.
Nothing here is escaped: the template engine does that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from survey_app.questionnaire.conditions import AnyCondition, leaves
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
from survey_app.web.language import _


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to tick. `alone`: nothing else may be ticked beside it; `other`: names the line of text it opens."""

    code: str
    label: str
    alone: bool = False
    other: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """One item as it is shown.

    required: the word that says so. condition: its JSON for the browser; condition_words: a sentence for people
    without JavaScript. out: the codes that screen out; out_ends: "sitting" or "section"; out_words: what to do then.
    places: for a ranking, what each place is called, the first for no place.
    """

    id: str
    kind: str
    number: int | None
    text: str
    hint: str | None
    required: str | None
    options: tuple[Option, ...]
    missing: tuple[Option, ...]
    condition: str | None
    condition_words: str | None
    out: tuple[str, ...]
    out_ends: str | None
    out_words: str | None
    places: tuple[str, ...] = ()
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
        required=_("必答") if isinstance(item, AnsweredItem) and item.required else None,
        options=options,
        missing=missing,
        condition=None if condition is None else condition.model_dump_json(by_alias=True, exclude_none=True),
        condition_words=None if condition is None else _condition_in_words(condition, questionnaire, wording),
        out=out,
        out_ends=screened_by(item, out[0]) if out else None,
        out_words=_out_in_words(item, [option for option in options if option.code in out], wording),
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
            places = range(1, (item.max_choices or len(item.choices)) + 1)
            return {"places": (_("不排"), *(_("第{place}位").format(place=place) for place in places))}
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
    other = _("{choice}，请写明").format(choice=label) if choice.other else None
    return Option(choice.code, label, alone=choice.exclusive, other=other)


def _words(value: str | dict[str, str] | None, wording: Wording) -> str | None:
    return None if value is None else substitute(text(value, wording.language), wording.names)


def _condition_in_words(condition: AnyCondition, questionnaire: Questionnaire, wording: Wording) -> str:
    described = substitute(describe(condition, questionnaire, wording.language), wording.names)
    return _("只在这种情况下回答：{condition}。").format(condition=described)


def _out_in_words(item: AnyItem, options: Sequence[Option], wording: Wording) -> str | None:
    if not options:
        return None
    choices = ("或" if wording.language == "zh" else " or ").join(f"“{option.label}”" for option in options)
    if screened_by(item, options[0].code) == "sitting":
        return _("选{choice}的，不用回答后面的题，可以直接提交。").format(choice=choices)
    return _("选{choice}的，不用回答这一部分其余的题。").format(choice=choices)

"""The item types (题型) and what they choose from. An item says what is asked; what it is worth is in the scoring plan.

Choices are stored by code, never by label or position. A choice, a typed missing answer and a number keep apart:
不了解 and 不适用 are codes of their own, offered per item, and never a middle choice.
"""

import datetime
from collections.abc import Collection
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from survey_app.questionnaire.base import Code, FormatModel, Id, Text
from survey_app.questionnaire.conditions import Condition

if TYPE_CHECKING:
    from survey_app.questionnaire.model import Questionnaire

Use = Literal["score", "distribution", "fact", "none"]
MissingKind = Literal["dont_know", "not_applicable"]

MAX_CHOICES = 100
MAX_TEXT_ANSWER = 5000
MAX_OTHER_TEXT = 200
MAX_NUMBER = 1_000_000_000_000
MAX_DECIMALS = 6
# Answers are coded in one byte for the analysis.
MAX_RATING_STEPS = 127


class Choice(FormatModel):
    """One answer to choose (选项). `exclusive` stands alone in a multiple; `other` opens a line of text."""

    code: Code
    label: Text
    exclusive: bool = False
    other: bool = False


class MissingCode(FormatModel):
    """A typed missing answer: don't know (不了解; eligible, missing) or not applicable (不适用; not eligible)."""

    code: Code
    kind: MissingKind
    label: Text


Choices = Annotated[tuple[Choice, ...], Field(min_length=2, max_length=MAX_CHOICES)]
MissingCodes = Annotated[tuple[MissingCode, ...], Field(max_length=10)]


class ResponseScale(FormatModel):
    """量表: ordered choices shared by items. `flip_scale`: shown last to first for half of the sittings."""

    choices: Choices
    missing: MissingCodes = ()
    flip_scale: bool = False


class ScreensOut(FormatModel):
    """Choices that make a respondent ineligible, and what ends with them."""

    choices: Annotated[tuple[Code, ...], Field(min_length=1, max_length=MAX_CHOICES)]
    ends: Literal["sitting", "section"]


class ItemBase(FormatModel):
    """What every item has."""

    id: Id
    text: Text
    hint: Text | None = None
    visible_if: Condition | None = None

    def choices_in(self, questionnaire: "Questionnaire") -> tuple[Choice, ...]:  # noqa: ARG002
        """The choices in their written order; empty for items without any."""
        return ()

    def missing_in(self, questionnaire: "Questionnaire") -> tuple[MissingCode, ...]:  # noqa: ARG002
        """The typed missing answers that this item offers, in order."""
        return ()

    @property
    def points_key(self) -> str | None:
        """Under which key a plan holds the points: the response scale or the item; None where nothing can score."""
        return None


class AnsweredItem(ItemBase):
    """An item that takes an answer. `use` as written; what it means when absent: `use_in`."""

    required: bool = False
    use: Use | None = None
    restricted: Id | None = None

    def use_in(self, named: Collection[str] = ()) -> Use:
        """How the answers are used: as written; else `score` with a dimension or when a plan names the item.

        named: item ids that the plan's indicators name. Otherwise closed items are counted and texts are only kept.
        """
        if self.use is not None:
            return self.use
        if getattr(self, "dimension", None) is not None or self.id in named:
            return "score"
        return "none" if isinstance(self, TextItem | DateItem) else "fact"


class OwnMissing(AnsweredItem):
    """An item that brings its typed missing answers itself; without `offer_missing` all of them are offered."""

    missing: MissingCodes = ()
    offer_missing: tuple[Code, ...] | None = None

    def missing_in(self, questionnaire: "Questionnaire") -> tuple[MissingCode, ...]:  # noqa: ARG002
        """Those of the item's own codes that it offers."""
        if self.offer_missing is None:
            return self.missing
        return tuple(code for code in self.missing if code.code in self.offer_missing)


class LikertItem(AnsweredItem):
    """One statement on a shared response scale. `reverse_coded`: agreeing is bad (反向题)."""

    type: Literal["likert"]
    scale: Id
    dimension: Id | None = None
    reverse_coded: bool = False
    offer_missing: tuple[Code, ...] = ()
    screens_out: ScreensOut | None = None

    def choices_in(self, questionnaire: "Questionnaire") -> tuple[Choice, ...]:
        """The choices of the response scale. KeyError when the questionnaire has no such scale."""
        return questionnaire.response_scales[self.scale].choices

    def missing_in(self, questionnaire: "Questionnaire") -> tuple[MissingCode, ...]:
        """Those typed missing answers of the scale that this item offers."""
        return tuple(
            code for code in questionnaire.response_scales[self.scale].missing if code.code in self.offer_missing
        )

    @property
    def points_key(self) -> str | None:
        """The response scale."""
        return self.scale


class SingleItem(OwnMissing):
    """One of several choices."""

    type: Literal["single"]
    choices: Choices
    dimension: Id | None = None
    reverse_coded: bool = False
    screens_out: ScreensOut | None = None

    def choices_in(self, questionnaire: "Questionnaire") -> tuple[Choice, ...]:  # noqa: ARG002
        """The item's own choices."""
        return self.choices

    @property
    def points_key(self) -> str | None:
        """The item itself."""
        return self.id


class MultipleItem(OwnMissing):
    """Any number of several choices, within `min_choices` and `max_choices` where given."""

    type: Literal["multiple"]
    choices: Choices
    min_choices: int | None = Field(default=None, ge=1, le=MAX_CHOICES)
    max_choices: int | None = Field(default=None, ge=1, le=MAX_CHOICES)
    screens_out: ScreensOut | None = None

    def choices_in(self, questionnaire: "Questionnaire") -> tuple[Choice, ...]:  # noqa: ARG002
        """The item's own choices."""
        return self.choices


class RankingItem(OwnMissing):
    """Choices put in order, the first the most; `max_choices` 3 asks for the first three only."""

    type: Literal["ranking"]
    choices: Choices
    min_choices: int | None = Field(default=None, ge=1, le=MAX_CHOICES)
    max_choices: int | None = Field(default=None, ge=1, le=MAX_CHOICES)

    def choices_in(self, questionnaire: "Questionnaire") -> tuple[Choice, ...]:  # noqa: ARG002
        """The item's own choices."""
        return self.choices


@lru_cache(maxsize=128)
def _numbers(low: int, high: int) -> tuple[Choice, ...]:
    return tuple(
        Choice.model_construct(code=str(number), label=str(number), exclusive=False, other=False)
        for number in range(low, high + 1)
    )


class RatingItem(OwnMissing):
    """A whole number from `min` to `max` (0–10, or stars). Without points in the plan it is linear from 0 to 100."""

    type: Literal["rating"]
    min: int = Field(default=0, ge=-100, le=100)
    max: int = Field(default=10, ge=-100, le=100)
    style: Literal["numbers", "stars"] = "numbers"
    min_label: Text | None = None
    max_label: Text | None = None
    dimension: Id | None = None
    reverse_coded: bool = False

    def choices_in(self, questionnaire: "Questionnaire") -> tuple[Choice, ...]:  # noqa: ARG002
        """One choice a number, lowest first; codes and labels are the number in figures."""
        return _numbers(self.min, self.max)

    @property
    def points_key(self) -> str | None:
        """The item itself."""
        return self.id


class NumberItem(OwnMissing):
    """A number that is typed; whole unless `decimals` says otherwise. `unit_label`: 元, 次, km."""

    type: Literal["number"]
    min: float | None = Field(default=None, ge=-MAX_NUMBER, le=MAX_NUMBER)
    max: float | None = Field(default=None, ge=-MAX_NUMBER, le=MAX_NUMBER)
    decimals: int = Field(default=0, ge=0, le=MAX_DECIMALS)
    unit_label: Text | None = None


class DateItem(OwnMissing):
    """A calendar day."""

    type: Literal["date"]
    min: datetime.date | None = None
    max: datetime.date | None = None


class TextItem(AnsweredItem):
    """Words of the respondent's own; `max_length` counts Unicode code points after tidying up."""

    type: Literal["text"]
    max_length: int = Field(default=200, ge=1, le=MAX_TEXT_ANSWER)
    multiline: bool = True


class NoteItem(ItemBase):
    """A note between items; it takes no answer."""

    type: Literal["note"]


AnyAnswered = LikertItem | SingleItem | MultipleItem | RankingItem | RatingItem | NumberItem | DateItem | TextItem
AnyItem = AnyAnswered | NoteItem
Item = Annotated[AnyItem, Field(discriminator="type")]
ScreeningItem = LikertItem | SingleItem | MultipleItem
ScoredItem = LikertItem | SingleItem | RatingItem
ITEM_TYPES: tuple[str, ...] = ("likert", "single", "multiple", "ranking", "rating", "number", "date", "text", "note")

"""The questionnaire (问卷): what is asked of one audience, in which words and order. Nothing about scores or units.

A published version never changes: `id`, `version` and the content hash (`identity`) name it for ever.
"""

from collections.abc import Collection
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from survey_app.questionnaire.base import Audience, Code, Format, FormatModel, Id, SchemaReference, Text, Version
from survey_app.questionnaire.items import AnsweredItem, AnyAnswered, AnyItem, Item, ResponseScale, ScoredItem


class Dimension(FormatModel):
    """维度: what several items measure together."""

    title: Text
    description: Text | None = None


class Repeat(FormatModel):
    """The section is answered once for each of the units that a sitting rates, at most `max` of them."""

    over: Literal["units"]
    max: int = Field(ge=1, le=20)
    order: Literal["random", "as_listed"] = "as_listed"


class Section(FormatModel):
    """A page of items. `randomize`: its items are shown in one of eight drawn orders."""

    id: Id
    title: Text | None = None
    intro: Text | None = None
    repeat: Repeat | None = None
    randomize: bool = False
    items: Annotated[tuple[Item, ...], Field(min_length=1, max_length=300)]


class Attention(FormatModel):
    """An instructed item (指令题) and the codes that follow the instruction."""

    item: Id
    expect: Annotated[tuple[Code, ...], Field(min_length=1, max_length=100)]


class ConsistencyPair(FormatModel):
    """Two items that should agree; `gap_at_least` is a share of the keyed range, from 0 to 1."""

    items: Annotated[tuple[Id, ...], Field(min_length=2, max_length=2)]
    gap_at_least: float = Field(default=1.0, gt=0, le=1)


class Quality(FormatModel):
    """What the checks of careless answering may use."""

    attention: Annotated[tuple[Attention, ...], Field(max_length=20)] = ()
    consistency_pairs: Annotated[tuple[ConsistencyPair, ...], Field(max_length=50)] = ()
    seconds_per_item: float = Field(default=2.0, ge=0, le=60)


class Questionnaire(FormatModel):
    """One version of a questionnaire. Its checks of meaning are in `check`; a model alone has only the right shape."""

    schema_reference: SchemaReference = None
    format: Format
    id: Id
    version: Version
    audience: Audience
    variant_of: Id | None = None
    title: Text
    intro: Text | None = None
    thanks: Text | None = None
    response_scales: Annotated[dict[Id, ResponseScale], Field(max_length=100)] = Field(default_factory=dict)
    dimensions: Annotated[dict[Id, Dimension], Field(max_length=200)] = Field(default_factory=dict)
    sections: Annotated[tuple[Section, ...], Field(min_length=1, max_length=100)]
    quality: Quality = Quality()

    def __hash__(self) -> int:
        # Cheap and true to ==, so that tables compiled from a questionnaire can be kept by functools.lru_cache.
        return hash((self.id, self.version))

    @cached_property
    def _all_items(self) -> tuple[AnyItem, ...]:
        return tuple(item for section in self.sections for item in section.items)

    @cached_property
    def _items_by_id(self) -> dict[str, AnyItem]:
        return {item.id: item for item in self._all_items}

    @cached_property
    def _pointers(self) -> dict[str, str]:
        return {
            item.id: f"/sections/{section_at}/items/{item_at}"
            for section_at, section in enumerate(self.sections)
            for item_at, item in enumerate(section.items)
        }

    @cached_property
    def _sections_by_item(self) -> dict[str, Section]:
        return {item.id: section for section in self.sections for item in section.items}

    def items(self) -> tuple[AnyItem, ...]:
        """Every item in written order, notes included."""
        return self._all_items

    def answered_items(self) -> tuple[AnyAnswered, ...]:
        """Every item that takes an answer, in written order."""
        return tuple(item for item in self._all_items if isinstance(item, AnsweredItem))

    def item(self, item_id: str) -> AnyItem:
        """The item with this id. KeyError when there is none."""
        return self._items_by_id[item_id]

    def has_item(self, item_id: str) -> bool:
        """Whether there is an item with this id."""
        return item_id in self._items_by_id

    def pointer(self, item_id: str) -> str:
        """The JSON pointer of an item. KeyError when there is none."""
        return self._pointers[item_id]

    def section_of(self, item_id: str) -> Section:
        """The section that holds an item. KeyError when there is none."""
        return self._sections_by_item[item_id]

    def repeated_section(self) -> Section | None:
        """The section answered once a unit; None where a sitting rates one unit only."""
        return next((section for section in self.sections if section.repeat is not None), None)

    def scored_items(self, named: Collection[str] = ()) -> tuple[ScoredItem, ...]:
        """The items whose use is `score`, in written order. named: item ids that the plan's indicators name."""
        return tuple(item for item in self._all_items if isinstance(item, ScoredItem) and item.use_in(named) == "score")

    def languages(self) -> tuple[str, ...]:
        """The languages the questionnaire is offered in: those of its title, zh first."""
        title = self.title
        return ("zh", *sorted(set(title) - {"zh"})) if isinstance(title, dict) else ("zh",)

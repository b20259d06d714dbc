"""When an item is shown: a small JSON condition over items that come earlier. Data only, never evaluated from strings.

An item that is blank or hidden answers no operator but `"answered": false`; a typed missing answer is an answer.
"""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from survey_app.questionnaire.base import Code, FormatModel, Id

Codes = Annotated[tuple[Code, ...], Field(min_length=1, max_length=100)]


class ItemCondition(FormatModel):
    """What one earlier item must say; where several operators are given, all of them must hold."""

    item: Id
    in_: Codes | None = Field(default=None, alias="in")
    not_in: Codes | None = None
    answered: bool | None = None
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "ItemCondition":
        operators = (self.in_, self.not_in, self.answered, self.at_least, self.at_most)
        if all(operator is None for operator in operators):
            raise PydanticCustomError("condition_without_operator", "a condition needs an operator")
        return self


class AllOf(FormatModel):
    """Every part holds."""

    all: Annotated[tuple["Condition", ...], Field(min_length=1, max_length=50)]


class AnyOf(FormatModel):
    """At least one part holds."""

    any: Annotated[tuple["Condition", ...], Field(min_length=1, max_length=50)]


class Negation(FormatModel):
    """The part does not hold."""

    not_: "Condition" = Field(alias="not")


def _kind_of_condition(value: Any) -> str:  # noqa: ANN401  # whatever stands in the JSON
    for model, kind in ((AllOf, "all"), (AnyOf, "any"), (Negation, "not")):
        if isinstance(value, model) or (isinstance(value, dict) and kind in value):
            return f"<{kind}>"
    return "<item>"


Condition = Annotated[
    Annotated[ItemCondition, Tag("<item>")]
    | Annotated[AllOf, Tag("<all>")]
    | Annotated[AnyOf, Tag("<any>")]
    | Annotated[Negation, Tag("<not>")],
    Discriminator(_kind_of_condition),
]
AnyCondition = ItemCondition | AllOf | AnyOf | Negation

AllOf.model_rebuild()
AnyOf.model_rebuild()
Negation.model_rebuild()


def leaves(condition: AnyCondition, pointer: str = "") -> Iterator[tuple[str, ItemCondition]]:
    """Every condition on one item inside `condition`, with its JSON pointer, in order of writing."""
    match condition:
        case ItemCondition():
            yield pointer, condition
        case AllOf():
            for position, part in enumerate(condition.all):
                yield from leaves(part, f"{pointer}/all/{position}")
        case AnyOf():
            for position, part in enumerate(condition.any):
                yield from leaves(part, f"{pointer}/any/{position}")
        case Negation():
            yield from leaves(condition.not_, f"{pointer}/not")

"""What every format model is made of: strict frozen pydantic models, identifiers, texts in several languages.

Models are written once, by `loading.parse`, from JSON; nothing is coerced (no "5" for 5) and nothing unknown is kept,
so that the JSON as written and the model say the same thing.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag
from pydantic_core import PydanticCustomError

Audience = Literal["staff", "service_recipient", "related_department"]
AUDIENCES: tuple[Audience, ...] = ("staff", "service_recipient", "related_department")
AUDIENCE_NAMES: Mapping[str, tuple[str, str]] = {
    "staff": ("工作人员", "staff"),
    "service_recipient": ("管理服务对象", "service recipients"),
    "related_department": ("相关部门", "related departments"),
}

ID_PATTERN = r"^[a-z][a-z0-9_]{0,63}$"
CODE_PATTERN = r"^[a-z0-9_]{1,32}$"
NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
VERSION_PATTERN = r"^[0-9A-Za-z][0-9A-Za-z._-]{0,31}$"
LANGUAGE_PATTERN = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
MAX_TEXT = 5000

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Code = Annotated[str, StringConstraints(pattern=CODE_PATTERN)]
# Codes of campaigns, units and departments come from offices, which write capitals and hyphens.
Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
Version = Annotated[str, StringConstraints(pattern=VERSION_PATTERN)]
Language = Annotated[str, StringConstraints(pattern=LANGUAGE_PATTERN)]


class FormatModel(BaseModel):
    """A part of a document: frozen, nothing unknown, nothing coerced, no values in error messages."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


def _not_blank(value: str) -> str:
    if not value.strip():
        raise PydanticCustomError("blank_text", "a text must not be blank")
    return value


def _has_chinese(value: dict[str, str]) -> dict[str, str]:
    # zh is what every other language falls back to; without it a reader could meet an empty page.
    if "zh" not in value:
        raise PydanticCustomError("text_needs_zh", "a text in several languages needs zh")
    return value


def _kind_of_text(value: Any) -> str:  # noqa: ANN401  # whatever stands in the JSON
    return "<languages>" if isinstance(value, dict) else "<text>"


Line = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT), AfterValidator(_not_blank)]
Languages = Annotated[dict[Language, Line], AfterValidator(_has_chinese)]

# A text: one string (Chinese, or the same in every language), or a map of languages with `zh`.
# The tags hold "<" so that they can never be taken for a field name in an error's location.
Text = Annotated[
    Annotated[Line, Tag("<text>")] | Annotated[Languages, Tag("<languages>")],
    Discriminator(_kind_of_text),
]
TextValue = str | dict[str, str]

# Not Literal[1]: pydantic finds true among its values, because Python holds True for equal to 1.
Format = Annotated[int, Field(ge=1, le=1)]
SchemaReference = Annotated[str | None, Field(alias="$schema")]

"""From pydantic's errors to findings: right JSON pointers, and words a person can act on.

pydantic names the branch of a union inside an error's location (the item type, "<text>", "<item>"); those are no part
of a JSON pointer. Our own branch names begin with "<"; the item type stands right after an index of `items`.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from survey_app.questionnaire.base import (
    CODE_PATTERN,
    ID_PATTERN,
    LANGUAGE_PATTERN,
    NAME_PATTERN,
    VERSION_PATTERN,
    FormatModel,
)
from survey_app.questionnaire.findings import Finding, finding, pointer
from survey_app.questionnaire.items import ITEM_TYPES

# What each pattern asks for, in words; patterns without an entry ask for something that is not blank.
PATTERNS: dict[str, tuple[str, str]] = {
    ID_PATTERN: (
        "以小写字母开头，只用小写字母、数字和下划线，最多64个字符",
        "begin with a lower-case letter; only lower-case letters, figures and underscores; at most 64 characters",
    ),
    CODE_PATTERN: (
        "只用小写字母、数字和下划线，1到32个字符",
        "only lower-case letters, figures and underscores; 1 to 32 characters",
    ),
    NAME_PATTERN: (
        "以字母或数字开头，只用字母、数字、下划线和连字符，最多64个字符",
        "begin with a letter or figure; only letters, figures, underscores and hyphens; at most 64 characters",
    ),
    VERSION_PATTERN: (
        "例如 2026.1；只用字母、数字、点、下划线和连字符，最多32个字符",
        "such as 2026.1; only letters, figures, points, underscores and hyphens; at most 32 characters",
    ),
    LANGUAGE_PATTERN: ("语言代码，例如 zh、en、zh-Hant", "a language code such as zh, en or zh-Hant"),
}
_NOT_BLANK = "不能为空白，首尾不能有空格", "it must not be blank, nor begin or end with a space"
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'")


def shape_findings(error: ValidationError, document: object, model: type[FormatModel]) -> Iterator[Finding]:
    """One finding for each error of the shape, in pydantic's order. document: the JSON that was validated."""
    names = field_names(model)
    for one in error.errors(include_url=False, include_input=False):
        parts = json_parts(one["loc"])
        if one["type"] == "union_tag_invalid":
            parts.append("type")
        value = _at(document, parts)
        if one["type"] == "too_short" and isinstance(value, list) and len(value) >= one["ctx"]["min_length"]:
            # Only because its faulty members were left out: those have findings of their own.
            continue
        yield finding(one["type"], pointer(*parts), _near(one, parts, value, names), **_values(one, parts))


def json_parts(location: tuple[int | str, ...]) -> list[int | str]:
    """The steps of a JSON pointer, without the branches of unions and without pydantic's mark for keys."""
    parts: list[int | str] = []
    for at, part in enumerate(location):
        if isinstance(part, str) and (part.startswith("<") or part == "[key]"):
            continue
        is_type = at >= 2 and isinstance(location[at - 1], int) and location[at - 2] == "items" and part in ITEM_TYPES
        if not is_type:
            parts.append(part)
    return parts


@cache
def field_names(model: type[BaseModel]) -> frozenset[str]:
    """Every name that the document of a model may use, at any depth."""
    schema = model.model_json_schema()
    objects = [schema, *schema.get("$defs", {}).values()]
    return frozenset(name for one in objects for name in one.get("properties", {}))


def _near(
    one: ErrorDetails, parts: list[int | str], value: object, names: frozenset[str]
) -> tuple[str, list[str] | frozenset[str]] | None:
    match one["type"]:
        case "extra_forbidden":
            return str(parts[-1]), names
        case "union_tag_invalid":
            return str(one["ctx"]["tag"]), list(ITEM_TYPES)
        case "literal_error":
            return (value, _QUOTED.findall(one["ctx"]["expected"])) if isinstance(value, str) else None
    return None


def _values(one: ErrorDetails, parts: list[int | str]) -> dict[str, Any]:
    values: dict[str, Any] = dict(one.get("ctx", {}))
    if one["type"] in {"missing", "extra_forbidden"}:
        values["name"] = str(parts[-1])
    if one["type"] == "string_pattern_mismatch":
        values["rule_zh"], values["rule_en"] = PATTERNS.get(one["ctx"]["pattern"], _NOT_BLANK)
    if one["type"] == "union_tag_invalid":
        values["expected"] = ", ".join(ITEM_TYPES)
    if one["type"] == "literal_error":
        values["expected"] = values["expected"].replace(" or ", ", ").replace("'", '"')
    return values


def _at(document: object, parts: list[int | str]) -> object:
    for part in parts:
        match document, part:
            case dict(), str() if part in document:
                document = document[part]
            case list(), int() if part < len(document):
                document = document[part]
            case _:
                return None
    return document

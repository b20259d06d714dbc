"""From bytes to a document, or to findings that say everything that is wrong with it.

Hostile files are refused by cheap linear passes before anything is built from them: size, encoding, depth, number of
values; then duplicate keys, numbers that JSON cannot hold and half characters. Only then comes the shape.
"""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, Literal, TypeVar, overload

from pydantic import ValidationError

from survey_app.questionnaire.base import FormatModel
from survey_app.questionnaire.findings import MAX_FINDINGS, Finding, finding, pointer
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.plan import ScoringPlan
from survey_app.questionnaire.setup import CampaignSetup
from survey_app.questionnaire.shape import shape_findings

Kind = Literal["questionnaire", "plan", "setup"]
D = TypeVar("D", bound=FormatModel)

MAX_BYTES = 10_000_000
MAX_DEPTH = 32
MAX_VALUES = 200_000
_LARGEST_INTEGER = 2**53 - 1
_MODELS: dict[Kind, type[FormatModel]] = {
    "questionnaire": Questionnaire,
    "plan": ScoringPlan,
    "setup": CampaignSetup,
}
# What only one kind of document has at its top.
_MARKS: dict[str, Kind] = {"sections": "questionnaire", "indicators": "plan", "campaign": "setup", "units": "setup"}

_STRINGS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z)', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
# Only where one of these stands can a number be too large or a character be half; otherwise no walk is needed.
_SUSPECT = re.compile(r"[0-9]{16}|[eE]\+?[0-9]{2}|\\u[dD][89a-fA-F]|NaN|Infinity")


@dataclass(frozen=True, slots=True)
class Loaded(Generic[D]):
    """A document of the right shape, or None and why. `source`: the JSON object as written, where it could be read."""

    document: D | None
    findings: list[Finding]
    source: dict[str, Any] | None = None


@overload
def parse(data: bytes, kind: Literal["questionnaire"]) -> Loaded[Questionnaire]: ...
@overload
def parse(data: bytes, kind: Literal["plan"]) -> Loaded[ScoringPlan]: ...
@overload
def parse(data: bytes, kind: Literal["setup"]) -> Loaded[CampaignSetup]: ...
def parse(data: bytes, kind: Kind) -> Loaded[Any]:
    """Read a document. Shape only; what it means is checked by `check`.

    data: the file's bytes, UTF-8 with or without a byte order mark. Never raises on any bytes.
    """
    source, findings = read_json(data)
    if source is None:
        return Loaded(None, findings)
    model = _MODELS[kind]
    try:
        # Strict mode knows JSON's own types only when it reads JSON itself; `source` is for places and for hashing.
        return Loaded(model.model_validate_json(_text(data)), [], source)
    except ValidationError as error:
        found = shape_findings(error, source, model)
        listed = list(islice(found, MAX_FINDINGS))
        if error.error_count() > MAX_FINDINGS:
            listed.append(finding("more_findings", "", count=error.error_count() - MAX_FINDINGS))
        return Loaded(None, listed, source)


def guess_kind(source: dict[str, Any]) -> Kind | None:
    """Which kind of document a JSON object is meant to be, by its top names; None where nothing tells."""
    return next((kind for name, kind in _MARKS.items() if name in source), None)


def read_json(data: bytes) -> tuple[dict[str, Any] | None, list[Finding]]:
    """The JSON object, or None with findings when the bytes are refused."""
    if len(data) > MAX_BYTES:
        return None, [finding("too_large", "", size=len(data), limit=MAX_BYTES)]
    try:
        text = _text(data).decode("utf-8")
    except UnicodeDecodeError as error:
        return None, [finding("invalid_utf8", "", position=error.start + 1)]
    if refused := _refused_unparsed(data):
        return None, refused
    repeats = _Repeats()
    try:
        value = json.loads(text, object_pairs_hook=repeats.collect, parse_constant=_Constant, parse_int=_integer)
    except json.JSONDecodeError as error:
        return None, [finding("invalid_json", "", line=error.lineno, column=error.colno, reason=error.msg)]
    suspicious = repeats.any or _SUSPECT.search(text) is not None
    findings = list(islice(_walk(value, ""), MAX_FINDINGS)) if suspicious else []
    if not isinstance(value, dict):
        findings.append(finding("not_an_object", ""))
        return None, findings
    return (None if findings else value), findings


def _text(data: bytes) -> bytes:
    # Editors on Windows put a byte order mark before JSON.
    return data.removeprefix(b"\xef\xbb\xbf")


def _refused_unparsed(data: bytes) -> list[Finding]:
    """Whether the bytes nest too deep or hold too many values; linear in the size whatever they are."""
    bare = _STRINGS.sub(b"", data)
    brackets = bare.translate(None, _NOT_BRACKETS)
    depth = 0
    # A longer row of brackets means more than MAX_VALUES values, unless it is too deep before.
    for bracket in brackets[: 2 * MAX_VALUES]:
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_DEPTH:
            return [finding("too_deep", "", limit=MAX_DEPTH)]
    values = bare.count(b",") + len(brackets) // 2
    return [finding("too_many_values", "", limit=MAX_VALUES)] if values > MAX_VALUES else []


def _integer(digits: str) -> int:
    # int() itself refuses thousands of digits; any number this long is too large anyway.
    return int(digits) if len(digits) < 400 else _LARGEST_INTEGER + 1


class _Constant(float):
    """NaN, Infinity or -Infinity, which Python reads and JSON does not have."""

    def __new__(cls, name: str) -> "_Constant":
        self = super().__new__(cls, name)
        self.name = name
        return self

    name: str


class _RepeatedKeys(dict[str, Any]):
    """An object in which keys stood more than once."""

    repeated: tuple[str, ...] = ()


class _Repeats:
    """Builds objects and notices keys that stand twice."""

    def __init__(self) -> None:
        self.any = False

    def collect(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """The object of these members; marked when a key is repeated."""
        built = dict(pairs)
        if len(built) == len(pairs):
            return built
        self.any = True
        marked = _RepeatedKeys(built)
        seen: set[str] = set()
        marked.repeated = tuple(dict.fromkeys(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
        return marked


def _walk(value: object, at: str) -> Iterator[Finding]:
    if isinstance(value, dict):
        if isinstance(value, _RepeatedKeys):
            for key in value.repeated:
                yield finding("duplicate_key", at + pointer(key), key=key)
        for key, member in value.items():
            if _is_half(key):
                yield finding("lone_surrogate", at + pointer(key))
            if isinstance(member, dict | list | str | int | float):
                yield from _walk(member, at + pointer(key))
    elif isinstance(value, list):
        for position, member in enumerate(value):
            if isinstance(member, dict | list | str | int | float):
                yield from _walk(member, f"{at}/{position}")
    elif isinstance(value, str):
        if _is_half(value):
            yield finding("lone_surrogate", at)
    elif isinstance(value, float):
        if isinstance(value, _Constant):
            yield finding("not_finite", at, value=value.name)
        elif math.isinf(value):
            yield finding("number_beyond_double", at)
    elif isinstance(value, int) and abs(value) > _LARGEST_INTEGER:
        yield finding("number_too_large", at)


def _is_half(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text) if not text.isascii() else False

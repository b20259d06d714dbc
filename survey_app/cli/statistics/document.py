"""What an offline command says: JSON with every digit, or tables; and the cautions that explain what is missing.

Must stay true: a number that does not exist is None and has a caution with the reason; nothing is rounded in JSON; NaN
and infinity never leave.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from analysis.estimate import Estimate, Status
from survey_app.cli.statistics.source import Source
from survey_app.cli.statistics.words import CAUTION_WORDS, STATUS_WORDS

FORMAT = 1
Json = dict[str, Any]

_SHOWN = 12
_LABELS = {
    "of": ("涉及", "concerns"),
    "items": ("题目", "items"),
    "units": ("单位", "units"),
    "columns": ("列", "columns"),
    "files": ("文件", "files"),
    "audiences": ("人群", "audiences"),
}


class Cautions:
    """What must be read with the results; equal reasons are put together.

    items: names of the items that indices in an Estimate's detail stand for.
    """

    def __init__(self, items: Sequence[str] = ()) -> None:
        self._items = items
        self._found: dict[tuple[str, str], dict[str, dict[Any, None]]] = {}
        self._numbers: dict[tuple[str, str], Json] = {}

    def value(self, estimate: Estimate, of: str, unit: str | None = None) -> float | None:
        """The value of an estimate; its status, if there is anything to say, becomes a caution about `of`."""
        self.status(estimate.status, of, unit=unit, items=self._named(estimate.detail.get("items")))
        constant = self._named(estimate.detail.get("items_variance_zero"))
        if constant and estimate.status is not Status.WARN_ITEM_VARIANCE_ZERO:
            self.status(Status.WARN_ITEM_VARIANCE_ZERO, of, items=constant)
        return estimate.value

    def limits(self, estimate: Estimate, of: str) -> list[float | None]:
        """[lo, hi] of an interval, with its status like `value`."""
        self.value(estimate, of)
        return [estimate.lo, estimate.hi]

    def status(self, status: Status, of: str, *, unit: str | None = None, items: Iterable[str] = ()) -> None:
        """Note a status other than OK."""
        if status is not Status.OK:
            severity = "caution" if status.defined else "undefined"
            listed = {"of": [of], "items": list(items), "units": [] if unit is None else [unit]}
            self._add(status.value, severity, listed, {})

    def add(self, code: str, severity: str = "note", **values: Any) -> None:  # noqa: ANN401  # numbers and names
        """Note something that is no status. severity: note or caution; values: for its sentence, or lists of names."""
        listed = {name: list(names) for name, names in values.items() if name in _LABELS}
        self._add(code, severity, listed, {name: value for name, value in values.items() if name not in _LABELS})

    def encoding(self, *sources: Source) -> None:
        """Note files that are not UTF-8."""
        for source in sources:
            if source.is_gb18030:
                self.add("read_as_gb18030", files=[source.name])

    def as_json(self, *, counts: bool = True) -> list[Json]:
        """The published form, in the order in which they were noted. counts: False where they might tell of a few."""
        return [self._one(*key, counts=counts) for key in self._found]

    def _add(self, code: str, severity: str, listed: Mapping[str, Iterable[Any]], numbers: Json) -> None:
        known = self._found.setdefault((code, severity), {})
        for name, values in listed.items():
            if values:
                known.setdefault(name, {}).update(dict.fromkeys(values))
        self._numbers.setdefault((code, severity), {}).update(numbers)

    def _one(self, code: str, severity: str, *, counts: bool) -> Json:
        listed = {name: list(values) for name, values in self._found[code, severity].items()}
        numbers = self._numbers[code, severity]
        if not counts:
            numbers = {name: None if isinstance(value, int) else value for name, value in numbers.items()}
        words = STATUS_WORDS.get(code) or CAUTION_WORDS[code]
        return {
            "code": code,
            "severity": severity,
            "detail": listed | numbers,
            "zh": words[0].format(**_said(numbers, "若干")) + _about(listed, 0, "（{}）", "；", "："),
            "en": words[1].format(**_said(numbers, "some")) + _about(listed, 1, " ({})", "; ", ": "),
        }

    def _named(self, indices: float | str | None) -> list[str]:
        if not isinstance(indices, str) or not indices:
            return []
        return [self._items[int(index)] for index in indices.split(",")]


def print_json(document: Json) -> None:
    """Print a document, every digit, all signs as they are."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False))


def print_json_with_rows(document: Json, name: str, rows: Iterable[Json], *, at_once: int = 10_000) -> None:
    """Print a document whose list `name` may be too long to be held as text: it is printed piece by piece."""
    head = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    click.echo(f"{head[:-2]},\n {json.dumps(name)}: [", nl=False)
    before, piece = "\n", []
    for row in rows:
        piece.append(json.dumps(row, ensure_ascii=False, allow_nan=False))
        if len(piece) == at_once:
            click.echo(before + "  " + ",\n  ".join(piece), nl=False)
            before, piece = ",\n", []
    if piece:
        click.echo(before + "  " + ",\n  ".join(piece), nl=False)
    click.echo("\n ]\n}")


def print_lines(lines: Iterable[str], cautions: Iterable[Json]) -> None:
    """Print tables, and below them the cautions."""
    for line in lines:
        click.echo(line)
    for caution in cautions:
        click.echo(f"! {caution['zh']}\n  {caution['en']}")


def _said(numbers: Json, some: str) -> Json:
    """Values as they stand in a sentence."""
    return {
        name: some if value is None else ", ".join(map(str, value)) if isinstance(value, list) else value
        for name, value in numbers.items()
    }


def _about(listed: Mapping[str, Sequence[Any]], language: int, brackets: str, between: str, colon: str) -> str:
    """What a caution is about, for people."""
    said = between.join(f"{_LABELS[name][language]}{colon}{_some(values)}" for name, values in listed.items())
    return brackets.format(said) if said else ""


def _some(values: Sequence[Any]) -> str:
    rest = len(values) - _SHOWN
    return ", ".join(map(str, values[:_SHOWN])) + (f" …(+{rest})" if rest > 0 else "")

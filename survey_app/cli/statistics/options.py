"""What the offline commands share on the command line: options, and how a refusal is printed.

Must stay true: bad input, a mistyped command included, ends with exit code 2; with `--json` the reasons are JSON on
standard output, without it lines on standard error.
"""

import csv
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from survey_app.cli.statistics.faults import Faults, Refused, refuse

BAD_INPUT = 2
_SHOWN = 40  # faults on a screen
F = TypeVar("F", bound=Callable[..., Any])

json_option = click.option("--json", "as_json", is_flag=True, help="输出 JSON，数字不取整 / print JSON, unrounded")
data_argument = click.argument("data", metavar="DATA.csv", type=click.Path(path_type=Path))


def items_option(required_help: str) -> Callable[[F], F]:
    """The option that names the items."""
    return click.option("--items", metavar="a,b,c", required=True, help=required_help)


@dataclass(frozen=True)
class Range:
    """Lowest and highest answer."""

    low: float
    high: float

    @property
    def is_whole(self) -> bool:
        """Whether both are whole numbers."""
        return self.low == math.floor(self.low) and self.high == math.floor(self.high)

    @property
    def steps(self) -> int:
        """Answers from low to high in steps of one."""
        return int(self.high - self.low) + 1


class OfflineCommand(click.Command):
    """A command that refuses bad input in the way of all offline commands."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401
    ) -> click.Context:
        """As click does, with mistakes in the command as errors of the same form."""
        as_json = "--json" in args
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.UsageError as error:
            self._print(refuse("usage", why=error.format_message()), as_json=as_json)
            raise click.exceptions.Exit(BAD_INPUT) from None

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  # click's signature
        """Run; a refusal is printed and ends with exit code 2."""
        try:
            return super().invoke(ctx)
        except Refused as refused:
            self._print(refused, as_json=bool(ctx.params.get("as_json")))
            ctx.exit(BAD_INPUT)

    def _print(self, refused: Refused, *, as_json: bool) -> None:
        if as_json:
            click.echo(json.dumps(refused.as_json(), ensure_ascii=False, indent=1))
            return
        for fault in refused.faults[:_SHOWN]:
            for line in fault.lines():
                click.echo(line, err=True)
        rest = refused.count - _SHOWN
        more = ("，更多见 --json", "; more with --json") if rest > 0 else ("", "")
        click.echo(f"共 {refused.count} 处错误{more[0]} / errors: {refused.count}{more[1]}", err=True)


def names_in(written: str | None) -> tuple[str, ...]:
    """Names separated by commas; one that holds a comma stands in quotes."""
    rows = list(csv.reader([written or ""], skipinitialspace=True))
    return tuple(name.strip() for name in rows[0] if name.strip()) if rows else ()


def items_of(faults: Faults, items: str, reverse: str | None = None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(items, those to be reversed), with faults for what does not fit."""
    names, turned = names_in(items), names_in(reverse)
    if not names:
        faults.add("items_missing")
    seen: set[str] = set()
    for name in names:
        if name in seen:
            faults.add("item_twice", value=name)
        seen.add(name)
    for name in turned:
        if name not in seen:
            faults.add("reverse_not_an_item", value=name, near=names)
    return names, turned


def range_of(faults: Faults, written: str | None, *, whole: bool = False, most: int | None = None) -> Range | None:
    """The range as it was typed, None without one or with faults. most: steps that are possible."""
    if written is None:
        return None
    parts = written.replace("，", ",").split(",")
    try:
        low, high = (float(part) for part in parts)
    except ValueError:
        low = high = math.nan
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        faults.add("range_wrong", value=written)
        return None
    found = Range(low, high)
    if (whole or most) and not found.is_whole:
        faults.add("range_not_whole", value=written)
        return None
    if most and found.steps > most:
        faults.add("range_too_long", value=written, steps=found.steps, most=most)
        return None
    return found


def need_range(faults: Faults, found: str | None, why: tuple[str, str]) -> None:
    """Note a fault where no range was typed. why: what needs it, in Chinese and English."""
    if found is None:
        faults.add("range_needed", why_zh=why[0], why_en=why[1])

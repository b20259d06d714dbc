"""`pingyi rehearse`: what a campaign will be able to separate, before it opens.

Results go to standard output, progress to standard error, so that `--json` can be piped.
"""

import gc
import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from analysis.simulation.rehearsal import Rehearsal, rehearse
from survey_app.campaigns.queries import campaigns
from survey_app.config import Config
from survey_app.db import Database
from survey_app.questionnaire.base import AUDIENCE_NAMES, AUDIENCES
from survey_app.scores.operations import rehearsing
from survey_app.scores.operations.rehearsing import Choices, Note, Prepared
from survey_app.scores.rules import rehearsal_words, words

_WIDTH = 140
_MOST_REASONS = 4
_CATEGORIES_A_TABLE = 3
_SHARES = {"coverage", "coverage_total", "coverage_process", "withheld", "cautioned", "in_group", "reliable"}
_SHARES |= {"pairs_apart", "wrong_way", "excluded", "found", "false_rate", "scored", "caution", "not_scored"}
_SHARES |= {"suppressed"}
_RELIABILITIES = {"reliability", "reliability_estimated", "strata"}


class _Rates(click.ParamType):  # type: ignore[type-arg]  # generic for the checker only
    """`0.6` for every audience, or `staff=0.6`."""

    name = "RATE"

    def convert(
        self,
        value: Any,  # noqa: ANN401  # click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> dict[str, float]:
        """Audience → rate."""
        if isinstance(value, dict):
            return value
        audience, mark, number = str(value).rpartition("=")
        try:
            rate = float(number)
        except ValueError:
            rate = -1.0
        if (mark and audience not in AUDIENCES) or not 0 <= rate <= 1:
            self.fail(
                f"{value}: 写作 0.6 或 人群=0.6，人群为 {'、'.join(AUDIENCES)} / "
                f"write 0.6 or AUDIENCE=0.6 with one of {', '.join(AUDIENCES)}",
                param,
                ctx,
            )
        return {audience: rate} if mark else dict.fromkeys(AUDIENCES, rate)


@click.command("rehearse")
@click.argument("campaign_code", metavar="CAMPAIGN")
@click.option("--draws", type=click.IntRange(1, 100_000), help="模拟次数，默认 200，规模大时较少 / campaigns to play")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="随机种子 / seed")
@click.option(
    "--response-rate",
    "rates",
    type=_Rates(),
    multiple=True,
    help="回收率，如 0.6 或 staff=0.6，可重复 / response rate of all or of one audience",
)
@click.option(
    "--spread",
    type=click.FloatRange(0, 50),
    default=rehearsing.SPREAD,
    show_default=True,
    help="各单位真实得分的标准差（分） / standard deviation of the units' true scores in points",
)
@click.option(
    "--careless",
    type=click.FloatRange(0, 1),
    default=rehearsing.CARELESS,
    show_default=True,
    help="不认真作答者的比例 / share of careless respondents",
)
@click.option("--open-answers", type=click.IntRange(1), help="每个开放链接的答卷数 / answers through each open link")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON，不取整 / print JSON, nothing rounded")
def command(
    *,
    campaign_code: str,
    draws: int | None,
    seed: int,
    rates: tuple[dict[str, float], ...],
    spread: float,
    careless: float,
    open_answers: int | None,
    as_json: bool,
) -> None:
    """开放前演练：按真实规模模拟整个轮次，看能分出几个档次 / Simulate a campaign with its real sizes before it opens.

    不读取任何真实答卷。/ No real answer is read.
    """
    wanted: dict[str, float] = {}
    for rate in rates:
        wanted |= rate
    choices = Choices(spread=spread, careless=careless, response_rates=wanted, open_answers=open_answers)
    prepared = _prepared(campaign_code, choices)
    number, reduced = prepared.draws(draws)
    notes = prepared.notes if reduced is None else (*prepared.notes, reduced)
    document = rehearsing.document_of(prepared, _play(prepared, number, seed), notes)
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
        return
    _print(document, notes)


def _prepared(campaign_code: str, choices: Choices) -> Prepared:
    database = Database(Config.from_environment().database_url)
    try:
        with database.reading() as session:
            return rehearsing.prepare(session, campaigns.campaign(session, campaign_code, None), choices)
    finally:
        # Playing takes a minute or more, in which nothing of the database is needed.
        database.engine.dispose()


def _play(prepared: Prepared, draws: int, seed: int) -> Rehearsal:
    # Comparing pairs of units makes a library collect garbage each time; what stands here already need not be searched.
    gc.freeze()
    try:
        label = f"模拟 / playing {prepared.campaign}"
        with click.progressbar(length=draws, label=label, file=sys.stderr) as bar:
            return rehearse(
                prepared.setting, prepared.assumptions, draws=draws, seed=seed, played=lambda: bar.update(1)
            )
    finally:
        gc.unfreeze()


def _print(document: dict[str, Any], notes: Sequence[Note]) -> None:
    console = Console(width=_WIDTH)
    facts = document["campaign"]
    click.echo(f"演练 rehearsal: {facts['code']} {facts['title']}")
    _both(rehearsal_words.NO_ANSWERS_READ)
    for line in _assumed(document):
        click.echo(line)
    _both(rehearsal_words.KIND_ASSUMPTIONS)
    for note in notes:
        _both(rehearsal_words.note({"code": note.code, "subjects": note.subjects, "number": note.number}))
    for indicator in document["indicators"]:
        _indicator(console, indicator, document["assumptions"]["spread"])
    for found in document["quality"]:
        title = " ".join(AUDIENCE_NAMES[found["audience"]])
        click.echo(f"\n作答质量 answering quality: {found['questionnaire']} ({title})")
        rows = [(label, [_cell(name, found[name])]) for name, label in rehearsal_words.QUALITY_ROWS.items()]
        console.print(_table(rows))
    click.echo()
    _both(rehearsal_words.ERRORS)


def _indicator(console: Console, found: dict[str, Any], spread: float) -> None:
    names = " / ".join(dict.fromkeys([found["title"]["zh"], found["title"]["en"]]))
    audience = " ".join(AUDIENCE_NAMES[found["audience"]])
    click.echo(f"\n■ {names} ({audience}, {found['units']} 个单位 units)")
    for zh, en in zip(found["sentences"]["zh"], found["sentences"]["en"], strict=True):
        click.echo(f"  {zh}\n  {en[:1].upper()}{en[1:]}")
    several = len(found["comparisons"]) > 1
    for comparison in found["comparisons"]:
        if comparison["varied"]:
            name = f"{comparison['category']}: " if several else ""
            zh, en = _varied(comparison, spread)
            click.echo(f"  {name}{zh}\n  {name}{en}")
    numbers = {**found, **found["statuses"]}
    rows = [(label, [_cell(name, numbers[name])]) for name, label in rehearsal_words.ROWS.items()]
    console.print(_table(rows))
    for line in _reasons(found):
        click.echo(line)
    compared = [comparison for comparison in found["comparisons"] if comparison["status"] == "ok"]
    for start in range(0, len(compared), _CATEGORIES_A_TABLE):
        some = compared[start : start + _CATEGORIES_A_TABLE]
        rows = [
            (label, [_compared(name, comparison) for comparison in some])
            for name, label in rehearsal_words.COMPARISON_ROWS.items()
        ]
        console.print(_table(rows, [_category(comparison) for comparison in some]))


def _category(comparison: dict[str, Any]) -> str:
    return f"{comparison['category'] or '–'} ({comparison['units']})"


def _compared(name: str, comparison: dict[str, Any]) -> str:
    if name == "groups":
        least, most = comparison["groups_least"], comparison["groups_most"]
        return str(comparison["groups"]) + ("" if least == most else f" ({least}–{most})")
    if name == "needed":
        needed = comparison["needed"]
        return "–" if needed is None or needed["more"] is None else str(needed["more"])
    return _cell(name, comparison[name])


def _varied(comparison: dict[str, Any], spread: float) -> rehearsal_words.Pair:
    spreads = " / ".join(f"{spread * one['factor']:g}" for one in comparison["varied"])
    groups = " / ".join(str(one["groups"]) for one in comparison["varied"])
    zh, en = rehearsal_words.SMALLER_LARGER
    return zh.format(spreads=spreads, groups=groups), en.format(spreads=spreads, groups=groups)


def _assumed(document: dict[str, Any]) -> Iterator[str]:
    assumed, labels = document["assumptions"], rehearsal_words.ASSUMED
    rates = ", ".join(f"{AUDIENCE_NAMES[name][0]} {rate:.0%}" for name, rate in assumed["response_rates"].items())
    careless = max(assumed["careless"].values())
    for name, value in (
        ("spread", f"{assumed['spread']:g}"),
        ("response_rates", rates),
        ("careless", f"{careless:.0%}"),
        ("draws", str(document["draws"])),
        ("seed", str(document["seed"])),
    ):
        yield f"  {labels[name][0]} {labels[name][1]}: {value}"


def _reasons(found: dict[str, Any]) -> Iterator[str]:
    """Why scores will not be usable as they are, the most frequent reasons first."""
    for reason in found["reasons"][:_MOST_REASONS]:
        told = {"code": reason["code"], "number": None, "threshold": reason["threshold"], "subject": None}
        zh, en = (words.sentence(told, language, str) for language in ("zh", "en"))
        status = rehearsal_words.ROWS[reason["status"]]
        yield f"  {_cell('scored', reason['share'])} {status[0]} {status[1]}: {zh} {en}"


def _table(rows: Sequence[tuple[rehearsal_words.Pair, Sequence[str]]], headings: Sequence[str] = ()) -> Table:
    table = Table(box=None, pad_edge=False, show_header=bool(headings))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    for place in range(len(rows[0][1])):
        table.add_column(headings[place] if headings else "", justify="right", no_wrap=True)
    for (zh, en), cells in rows:
        table.add_row(f"  {zh}", en, *cells)
    return table


def _cell(name: str, found: Any) -> str:  # noqa: ANN401  # a number, a figure or nothing, out of JSON
    value, error = (found["value"], found["error"]) if isinstance(found, dict) else (found, None)
    if value is None:
        return "–"
    if isinstance(value, int):
        return str(value)
    if name in _SHARES:
        return f"{value:.0%}" if error is None else f"{value:.1%} ± {error:.1%}"
    digits = 2 if name in _RELIABILITIES else 1
    return f"{value:.{digits}f}" if error is None else f"{value:.{digits}f} ± {error:.{digits + 1}f}"


def _both(said: rehearsal_words.Pair, indent: str = "") -> None:
    click.echo(f"{indent}{said[0]}\n{indent}{said[1]}")

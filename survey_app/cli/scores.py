"""`pingyi score` and `pingyi verify`: compute and print a campaign's scores; compute a snapshot again and compare.

Numbers go to standard output, remarks to standard error, so that `--json` can be piped.
"""

import json
import unicodedata
from collections.abc import Iterator, Sequence

import click
from sqlalchemy.orm import Session

from survey_app import clock
from survey_app.campaigns.queries import campaigns
from survey_app.config import Config
from survey_app.db import Database
from survey_app.scores.export.document import whole
from survey_app.scores.operations import compute
from survey_app.scores.operations.verifying import verify as verify_snapshot
from survey_app.scores.queries import display, snapshots
from survey_app.scores.queries.names import names
from survey_app.scores.queries.snapshots import Json, Snapshot
from survey_app.scores.rules import words
from survey_app.scores.rules.errors import NothingNew, TooFewNewSittings

_GAP = "  "


@click.command("score")
@click.argument("campaign_code", metavar="CAMPAIGN")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON(含来源) / print JSON with provenance")
@click.option("--against", metavar="CAMPAIGN", help="与已关闭的上一轮比较 / compare with an earlier, closed campaign")
def score(campaign_code: str, as_json: bool, against: str | None) -> None:
    """计算并显示得分；答卷没有变化时显示最新一次 / Compute and print scores, or the newest where nothing is new."""
    database = Database(Config.from_environment().database_url)
    with database.reading() as session:
        campaign_id = campaigns.campaign(session, campaign_code, None).id
        against_id = None if against is None else campaigns.campaign(session, against, None).id
    try:
        _compute(database, campaign_id, against_id)
    except (NothingNew, TooFewNewSittings) as refused:
        click.echo(f"{refused.message('zh')}\n{refused.message('en')}", err=True)
    with database.reading() as session:
        found = snapshots.snapshot(session, campaign_id, may_see=snapshots.everywhere)
        if as_json:
            click.echo(json.dumps(whole(found, snapshots.confirmed(session, found)), ensure_ascii=False, indent=1))
            return
        _print(session, found)


def print_table(session: Session, campaign_code: str) -> None:
    """Print the newest scores of a campaign, one row a unit. Raises NotFound, NoSnapshot."""
    campaign = campaigns.campaign(session, campaign_code, None)
    _print(session, snapshots.snapshot(session, campaign.id))


@click.command("verify")
@click.argument("name", metavar="SNAPSHOT")
def verify(name: str) -> None:
    """重新计算一次快照并比较;SNAPSHOT 为 轮次代码/序号 / Compute a snapshot (CAMPAIGN/NUMBER) again and compare."""
    database = Database(Config.from_environment().database_url)
    with database.reading() as session:
        result = verify_snapshot(session, snapshots.named(session, name))
    for line in result.lines():
        click.echo(line)
    if not result.same:
        raise SystemExit(1)


def _compute(database: Database, campaign_id: int, against_id: int | None) -> None:
    with database.reading() as session:
        computed = compute.compute(session, campaign_id, against_id)
    with database.writing() as session:
        compute.keep(session, computed, clock.now(), None)
        session.commit()


def _print(session: Session, found: Snapshot) -> None:
    for line in _table(session, found):
        click.echo(line)


def _table(session: Session, found: Snapshot) -> Iterator[str]:
    """One row a unit: code, name, the scores as pages show them, their status in words."""
    called = names(session, found.document, "zh")
    indicators = _shown(found.indicators)
    places = found.by_place()
    rows = [["", "", *(f"{called.indicator(indicator['code'])}" for indicator in indicators)]]
    for unit in found.units:
        scores = [places[unit["code"], indicator["code"]] for indicator in indicators]
        rows.append([unit["code"], unit["name"], *map(_cell, scores)])
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield _GAP.join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()
    facts = found.document["campaign"]
    yield f"{facts['code']}/{found.number}  {words.FOOTER[0]} / {words.FOOTER[1]}"


def _shown(indicators: Sequence[Json]) -> list[Json]:
    """The suggested indicators that outsiders answer for; all indicators where there is none."""
    outside = [one for one in indicators if one["role"] == "suggested" and one["audience"] != "staff"]
    return outside or list(indicators)


def _cell(found: Json) -> str:
    number = display.figure(found["score"], rounded=display.is_rounded(found))
    status = words.STATUSES[found["status"]][0]
    return f"{number:>5} {words.SHAPES[found['status']]} {status}"


def _width(text: str) -> int:
    """Columns that a terminal needs: Chinese signs take two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))

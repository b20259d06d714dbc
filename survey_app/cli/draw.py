"""`pingyi draw`: draw from a list by a seed; announce a draw and record it for a campaign.

Without --campaign nothing is read or written but the list: so anybody can check a draw. Row numbers go to standard
output, everything else to standard error.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from survey_app import clock
from survey_app.campaigns.queries import campaigns
from survey_app.cli.campaign import UnreadableFile
from survey_app.config import Config
from survey_app.db import Database
from survey_app.draws import operations, queries, rules
from survey_app.draws.models import SampleDraw


class ContradictingOptions(click.UsageError):
    """Options that do not go together."""


@click.command("draw")
@click.argument("path", metavar="LIST", type=click.Path(path_type=Path))
@click.option("--n", "wanted", type=click.IntRange(1), help="抽取人数 / how many are drawn")
@click.option("--seed", help="种子 / the seed")
@click.option("--strata", metavar="COLUMN", help="分层列的列标题 / heading of the column with the strata")
@click.option("--campaign", metavar="CODE", help="记入这个轮次 / record it for this campaign")
@click.option("--purpose", default="", help="公告：用途 / announcing: what it is for")
@click.option("--source", default="", help="公告：种子的公开来源 / announcing: the public source of the seed")
@click.option("--seed-hash", default="", help="公告：保密种子的 SHA-256 / announcing: SHA-256 of a secret seed")
@click.option("--announced", type=int, metavar="NUMBER", help="按第几次公告抽取 / draw what was announced as NUMBER")
def command(  # noqa: PLR0917  # click passes them by name
    path: Path,
    wanted: int | None,
    seed: str | None,
    strata: str | None,
    campaign: str | None,
    purpose: str,
    source: str,
    seed_hash: str,
    announced: int | None,
) -> None:
    r"""从名单中按种子随机抽取 / Draw from a list (CSV or Excel) by a seed.

    \b
    核对或试抽 / check or try:  pingyi draw LIST --n 200 --seed "3 7 1" [--strata 窗口]
    公告 / announce:            pingyi draw LIST --n 200 --campaign CODE --source "…" [--strata 窗口]
    抽取 / draw:                pingyi draw LIST --campaign CODE --announced 1 --seed "3 7 1"
    """
    data = _bytes(path)
    if announced is not None:
        if campaign is None or seed is None or wanted is not None or strata or source or seed_hash:
            raise ContradictingOptions(
                "--announced: 只与 --campaign 和 --seed 同用 / goes with --campaign and --seed only"
            )
        _perform(campaign, announced, path.name, data, seed)
        return
    if wanted is None or (seed is None) == (campaign is None):
        raise ContradictingOptions("--n: 与 --seed 或 --campaign 之一同用 / goes with either --seed or --campaign")
    listed = operations.read_draw_list(path.name, data, strata)
    rules.check_size(wanted, len(listed.rows))
    if campaign is not None:
        facts = {"wanted": wanted, "stratum_column": strata, "purpose": purpose or path.name}
        _announce(campaign, listed, facts | {"seed_source": source, "seed_hash": seed_hash})
        return
    _print(listed.digest, rules.shares(listed.rows, wanted))
    for number in rules.draw((seed or "").strip(), listed.digest, listed.rows, wanted):
        click.echo(str(number))


def _announce(code: str, listed: operations.DrawList, facts: dict[str, Any]) -> None:
    with Database(Config.from_environment().database_url).writing() as session:
        campaign = campaigns.campaign(session, code, None)
        made = operations.announce(session, campaign, listed, **facts, now=clock.now(), person_id=None)
        session.commit()
        number, digest = made.number, made.list_hash
    _print(digest, rules.shares(listed.rows, facts["wanted"]))
    click.echo(f"已公告 / announced: {code}/{number}")


def _perform(code: str, number: int, name: str, data: bytes, seed: str) -> None:
    with Database(Config.from_environment().database_url).writing() as session:
        campaign = campaigns.campaign(session, code, None)
        found: SampleDraw = operations.perform(
            session, campaign, number, name, data, seed=seed, now=clock.now(), person_id=None
        )
        session.commit()
        _print(found.list_hash, queries.shares_of(found))
        for row in queries.drawn_rows(found):
            click.echo(str(row))


def _print(digest: str, shares: Iterable[rules.Share]) -> None:
    click.echo(f"{rules.ALGORITHM}  SHA-256 {digest}", err=True)
    for share in shares:
        click.echo(f"  {share.stratum or '–'}\t{share.wanted} / {share.people}", err=True)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(path=path, why=error.strerror) from None

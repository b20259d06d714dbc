"""`pingyi campaign`: creating, checking, opening, pausing and closing from the command line.

What the command line does stands in the audit log without a person. Cards are made on the office pages only: their
codes exist in one answer of the server, and a command would leave them in a terminal or a file of this host.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy.orm import Session

from survey_app import clock
from survey_app.campaigns import rules
from survey_app.campaigns.export.workbook import example, workbook
from survey_app.campaigns.operations import cards, creating
from survey_app.campaigns.operations.reading import GivenFile, ReadSetup, read_setup
from survey_app.campaigns.operations.workbook import read_workbook
from survey_app.campaigns.operations.workbook_cells import is_workbook
from survey_app.campaigns.queries import campaigns as queries
from survey_app.cli.database import import_every_model
from survey_app.cli.questionnaire import check_setup
from survey_app.config import Config, data_folder
from survey_app.db import Database
from survey_app.errors import AppError, NotFound
from survey_app.fieldwork.operations import closing, opening
from survey_app.fieldwork.operations.closing import Closed
from survey_app.questionnaire.base import AUDIENCE_NAMES
from survey_app.questionnaire.loading import guess_kind, read_json

_STATES = {"draft": "草稿 draft", "open": "开放 open", "paused": "暂停 paused", "closed": "关闭 closed"}
_WIDTH = 140


class UnreadableFile(AppError):
    """A path that cannot be read."""

    code, status = "unreadable_file", 422
    zh = "无法读取文件 {path}:{why}。请核对路径和权限。"
    en = "The file {path} cannot be read: {why}. Check the path and its permissions."


@click.group("campaign")
def group() -> None:
    """评估轮次 / Campaigns."""


group.add_command(check_setup, "check")


@group.command("create")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--open-link",
    "open_links",
    multiple=True,
    metavar="UNIT",
    help="该单位的管理服务对象用开放链接；all 为全部 / open links for the service recipients of this unit, or all",
)
@click.option("--demo", is_flag=True, help="标为演示数据 / mark as demonstration data")
def create(path: Path, open_links: tuple[str, ...], demo: bool) -> None:
    """用设置文件（JSON 或 Excel）创建草稿 / Create a draft from a set-up file (JSON or Excel)."""
    file = GivenFile(path.name, _bytes(path))
    read = read_setup(file, _definitions_beside(path, file.data))
    now = clock.now()
    with _writing(Config.from_environment()) as session:
        campaign = creating.create(session, read, now=now, person_id=None, agency_id=None, demo=demo)
        rows = [row for row in queries.collectors(session, campaign.id) if row.audience == "service_recipient"]
        unknown = set(open_links) - {"all"} - {row.unit_code for row in rows}
        if unknown:
            raise NotFound(what=f"--open-link {', '.join(sorted(unknown))}")
        for row in rows:
            if "all" in open_links or row.unit_code in open_links:
                cards.set_tier(session, campaign, row.id, "T0", now=now, person_id=None)
    for warning in read.warnings:
        click.echo(str(warning), err=True)
    click.echo(f"已创建草稿 / draft created: {campaign.code} {campaign.title}")
    _show_needs(read)


@group.command("open")
@click.argument("code")
def open_campaign(code: str) -> None:
    """检查并开放；问卷、方案和设置就此锁定 / Check and open; definitions freeze."""
    config = Config.from_environment()
    with _writing(config) as session:
        campaign = queries.campaign(session, code, None)
        opening.open_campaign(session, campaign, config=config, now=clock.now(), person_id=None, agency_id=None)
        hashes = {used.name: used.hash for used in campaign.questionnaires}
    click.echo(f"已开放 / open: {code} {campaign.opens} – {campaign.closes}")
    for name, content_hash in (hashes | {"plan": campaign.plan_hash, "setup": campaign.setup_hash}).items():
        click.echo(f"  {name}  {content_hash}")


@group.command("pause")
@click.argument("code")
def pause(code: str) -> None:
    """暂停填答 / Let no more answers in for a while."""
    with _writing(Config.from_environment()) as session:
        closing.pause_campaign(session, queries.campaign(session, code, None), now=clock.now(), person_id=None)
    click.echo(f"已暂停 / paused: {code}")


@group.command("resume")
@click.argument("code")
def resume(code: str) -> None:
    """恢复填答 / Let answers in again."""
    with _writing(Config.from_environment()) as session:
        closing.resume_campaign(session, queries.campaign(session, code, None), now=clock.now(), person_id=None)
    click.echo(f"已恢复 / resumed: {code}")


@group.command("close")
@click.argument("code", required=False)
@click.option("--due", is_flag=True, help="关闭截止日期已过的全部轮次 / close every campaign whose last day has passed")
def close(code: str | None, due: bool) -> None:
    """关闭；票箱清空，密钥销毁 / Close for good; boxes are emptied and keys destroyed."""
    if (code is None) != due:
        raise click.UsageError("CODE 和 --due 二选一 / give either CODE or --due")
    # Loaded here because closing takes its turn with the writer of the running server; other commands need no web.
    from survey_app.app import NotUpgraded, storage  # noqa: PLC0415

    config = Config.from_environment()
    import_every_model()
    # Nothing else is refused: whatever is wrong with an installation, closing only ever takes away.
    database = Database(config.database_url)
    click.get_current_context().call_on_close(database.engine.dispose)
    if not database.is_upgraded():
        raise NotUpgraded
    now = clock.now()
    with database.reading() as reading:
        codes = [code] if code is not None else closing.due_campaigns(reading, now)
    if not codes:
        return
    boxes, writer = storage(config, database)
    writer.exclusively(boxes.reconcile)
    for one in codes:
        find = partial(queries.campaign, code=one, agency_id=None)
        _say_closed(one, closing.close(writer.exclusively, boxes, find, now=now, person_id=None))
    closing.after_closing(database)


def _say_closed(code: str, closed: Closed) -> None:
    click.echo(f"已关闭 / closed: {code}")
    click.echo(f"  关闭时从票箱入库（此前已入库的不计）/ stored out of the boxes at close: {closed.flushed}")
    click.echo(f"  人数太少、未读取即销毁 / destroyed unread, too few: {closed.destroyed}")
    click.echo(f"  密钥缺失、无法读取 / unreadable, key missing: {closed.lost}")


@group.command("list")
def list_campaigns() -> None:
    """全部轮次 / Every campaign."""
    with Database(Config.from_environment().database_url).reading() as session:
        for campaign in queries.campaigns(session, None):
            days = f"{campaign.opens} – {campaign.closes}"
            click.echo(f"{campaign.code}\t{_STATES[campaign.state]}\t{days}\t{campaign.title}")


@group.command("template")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
def template(path: Path) -> None:
    """把设置文件模板（Excel，含示例）写到 PATH / Write the set-up template with an example to PATH."""
    path.write_bytes(workbook(example()))
    click.echo(f"已写入 / written: {path}")


@contextmanager
def _writing(config: Config) -> Iterator[Session]:
    with Database(config.database_url).writing() as session:
        yield session
        session.commit()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(path=path, why=error.strerror) from None


def _definitions_beside(path: Path, data: bytes) -> list[GivenFile]:
    """Questionnaires and plans that the set-up names and that lie beside it; built-in ones need no file."""
    document = read_workbook(data).document if is_workbook(data, path.name) else read_json(data)[0] or {}
    listed = document.get("questionnaires")
    # A list: what stands there may be no name at all, and nothing that a set can hold.
    named = [*(listed if isinstance(listed, list) else []), document.get("plan")]
    builtin = data_folder("questionnaires").resolve()
    found = []
    for candidate in sorted(path.resolve().parent.glob("*.json")):
        if builtin in candidate.parents:
            continue
        content = _bytes(candidate)
        source = read_json(content)[0]
        if source is not None and guess_kind(source) in {"questionnaire", "plan"} and source.get("id") in named:
            found.append(GivenFile(candidate.name, content))
    return found


def _show_needs(read: ReadSetup) -> None:
    """What must be printed and come back, before anything is printed."""
    names = {unit.code: unit.name for unit in read.setup.units}
    table = Table("单位 unit", "人群 audience", "分层 stratum", box=None, pad_edge=False)
    for heading in ("人数 people", "需要的答卷 answers", "建议卡片 cards"):
        table.add_column(heading, justify="right")
    for need in rules.needs(read.setup):
        table.add_row(
            f"{need.unit} {names[need.unit]}",
            " ".join(AUDIENCE_NAMES[need.audience]),
            need.stratum or "–",
            str(need.people or "–"),
            str(need.answers),
            "–" if need.cards is None else str(need.cards),
        )
    raters = sum(department.raters for department in read.setup.departments)
    if raters:
        audience = " ".join(AUDIENCE_NAMES["related_department"])
        table.add_row("–", audience, "–", str(raters), "–", str(raters))
    Console(width=_WIDTH).print(table)
    for few in (need for need in rules.rater_needs(read.setup) if not need.enough):
        click.echo(
            f"提醒：{few.unit} 只有 {few.departments} 个部门、{few.raters} 人评价，"
            f"建议至少 {rules.LEAST_DEPARTMENTS} 个部门、{rules.LEAST_RATERS} 人 / "
            f"{few.unit}: {few.departments} departments and {few.raters} raters; "
            f"at least {rules.LEAST_DEPARTMENTS} and {rules.LEAST_RATERS} are advised"
        )

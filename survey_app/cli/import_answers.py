"""`pingyi import`: check a file of answers of another platform, and store it where asked to.

Without --store nothing is stored. What the command line does stands in the audit log without a person.
"""

import json
from pathlib import Path

import click
from sqlalchemy.orm import Session

from survey_app import clock
from survey_app.campaigns.queries import campaigns as queries
from survey_app.config import Config
from survey_app.db import Database
from survey_app.errors import AppError
from survey_app.fieldwork import import_rules
from survey_app.fieldwork.export.refusals import refusals_csv
from survey_app.fieldwork.import_errors import WrongColumns
from survey_app.fieldwork.operations import importing
from survey_app.fieldwork.operations.import_reading import Checked, Wanted, questionnaire_of
from survey_app.fieldwork.operations.import_table import Table, read_table

_SHOWN = 20


class UnreadableColumns(AppError):
    """A file with columns that is not JSON of the right shape."""

    code, status = "unreadable_columns", 422
    zh = "{path} 不是“列标题 → 内容”的 JSON 对象。"
    en = "{path} is not a JSON object of heading and what the column holds."


@click.command("import")
@click.argument("campaign_code", metavar="CAMPAIGN")
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--questionnaire", required=True, help="问卷的名称 / which questionnaire the file answers")
@click.option("--collector", type=int, help="整个文件属于的投放 / the one collector that the file came by")
@click.option(
    "--columns",
    "columns_path",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="列的对应，JSON / what columns hold, as JSON: {heading: item:ID | other:ID | number | unit | …}",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    help="把退回清单写到这个文件 / write the refused rows here",
)
@click.option("--store", is_flag=True, help="入库；不写则只检查 / store; without it the file is only checked")
def command(  # noqa: PLR0917  # click hands over every option
    campaign_code: str,
    path: Path,
    questionnaire: str,
    collector: int | None,
    columns_path: Path | None,
    report: Path | None,
    store: bool,
) -> None:
    """导入其他平台的答卷文件 / Import a file of answers of another platform (CSV or XLSX)."""
    data = path.read_bytes()
    table = read_table(path.name, data)
    config = Config.from_environment()
    with Database(config.database_url).reading() as session:
        campaign = queries.campaign(session, campaign_code, None)
        asked = questionnaire_of(session, campaign, questionnaire)
        kept = importing.remembered(session, campaign, asked.id)
        columns = import_rules.suggested(table.headings, asked, kept)
        if columns_path is not None:
            columns = _columns(columns_path, table)
        wanted = Wanted(asked.id, collector, columns)
        checked = importing.check_file(session, campaign, table, data, wanted)
    for place, holds in sorted(columns.items()):
        click.echo(f"  {table.headings[place]}  →  {holds}")
    _show(checked, report)
    if not store:
        click.echo("只作检查，没有入库 / checked only, nothing stored")
        return
    # The application is put together here because storing takes its turn with the writer of the running server.
    from survey_app.app import create_app  # noqa: PLC0415  # checking needs no web

    app = create_app(config)
    boxes, now = app.extensions["pingyi.boxes"], clock.now()

    def work(session: Session) -> Checked:
        campaign = queries.campaign(session, campaign_code, None)
        return importing.store_file(session, boxes, campaign, table, data, wanted=wanted, now=now, person_id=None)

    stored: Checked = app.extensions["pingyi"].writer.exclusively(work)
    click.echo(f"已入库 / stored: {len(stored.accepted)}")


def _columns(path: Path, table: Table) -> dict[int, str]:
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError):
        raise UnreadableColumns(path=path) from None
    if not isinstance(given, dict) or not all(isinstance(holds, str) for holds in given.values()):
        raise UnreadableColumns(path=path)
    lacking = [heading for heading in given if heading not in table.headings]
    if lacking:
        names = "、".join(lacking[:8])
        raise WrongColumns(zh=f"文件中没有这些列：{names}", en=f"the file has no columns {names}")
    return {table.headings.index(heading): holds for heading, holds in given.items()}


def _show(checked: Checked, report: Path | None) -> None:
    click.echo(f"可以入库 / can be stored: {len(checked.accepted)}    退回 / refused rows: {checked.refused_rows}")
    for one in checked.refusals[:_SHOWN]:
        click.echo(f"  {one.row} {one.column}  {one.kind_zh}  {one.zh} / {one.en}")
    if len(checked.refusals) > _SHOWN:
        click.echo(f"  … +{len(checked.refusals) - _SHOWN}")
    if report is not None:
        report.write_text(refusals_csv(checked.refusals), encoding="utf-8", newline="")
        click.echo(f"退回清单 / refused rows written: {report}")

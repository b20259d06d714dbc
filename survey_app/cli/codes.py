"""`pingyi codes`: cards made on an agency's machine.

`make` needs no database and no secret of the installation: it reads an order and writes cards and a hashes file. Codes
exist in clear in the files that it writes, on that machine, and nowhere else. `order` and `import` run on the server.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from survey_app import clock
from survey_app.admission.operations import MOST_CARDS
from survey_app.admission.rules import TooManyCards, draw
from survey_app.campaigns.export.archive import symbol_files, zipped
from survey_app.campaigns.export.card_pdf import CardsAPage, Occasion, PrintRun, card_pdf
from survey_app.campaigns.export.cards import PrintedDoor
from survey_app.campaigns.queries.campaigns import campaign as find_campaign
from survey_app.cli.campaign import UnreadableFile
from survey_app.cli.database import import_every_model
from survey_app.config import Config
from survey_app.db import Database
from survey_app.errors import AppError
from survey_app.offline_cards import rules
from survey_app.offline_cards.operations.importing import import_door, judge
from survey_app.offline_cards.operations.ordering import card_order
from survey_app.offline_cards.rules import CardOrder, OrderedDoor

_A_PAGE: dict[str, CardsAPage] = {"12": 12, "24": 24}


class FolderInUse(AppError):
    """The folder to write to has something in it."""

    code, status = "folder_in_use", 409
    zh = "文件夹 {path} 已存在且不是空的。请换一个文件夹，以免混淆两次制卡的文件。"
    en = "The folder {path} is not empty. Choose another, so that files of two runs are not mixed up."


@click.group("codes")
def group() -> None:
    """在本机制卡 / Cards made on an agency's machine."""


@group.command("make")
@click.argument("order", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="输出文件夹 / folder to write"
)
@click.option(
    "--collector", "collectors", type=int, multiple=True, help="投放编号，可多次；不给则为全部 / doors; all by default"
)
@click.option(
    "--cards", type=click.IntRange(1, MOST_CARDS), help="每处张数；不给则按制卡单的建议 / cards for each door"
)
@click.option(
    "--spares", type=click.IntRange(0, 100), default=0, show_default=True, help="每处另加备用卡 / spares for each door"
)
@click.option(
    "--a-page", type=click.Choice(["12", "24"]), default="12", show_default=True, help="每页张数 / cards a page"
)
@click.option("--svg", is_flag=True, help="另存 SVG 图片包 / also a zip of SVG symbols")
@click.option("--png", is_flag=True, help="另存 PNG 图片包 / also a zip of PNG symbols")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="卡片语言 / language")
@click.option(
    "--font", type=click.Path(path_type=Path), envvar="PINGYI_FONT", help="另用字体 / another font (.ttf .otf .ttc)"
)
def make(  # noqa: PLR0917  # click passes them by name
    order: Path,
    out: Path,
    collectors: tuple[int, ...],
    cards: int | None,
    spares: int,
    a_page: str,
    svg: bool,
    png: bool,
    lang: str,
    font: Path | None,
) -> None:
    """用制卡单 ORDER 制卡，写入文件夹 / Make the cards of an order."""
    ordered = rules.read_order(_bytes(order), order.name)
    doors = _chosen(ordered, collectors, cards, spares)
    in_play = {door.collector: min(count, door.room) for door, count in doors}
    drawn = {
        door.collector: (draw(count + spares, in_play[door.collector]), in_play[door.collector])
        for door, count in doors
    }
    file = rules.hashes_file(ordered, drawn)
    label = f"制卡 {file.label}" if lang == "zh" else f"set {file.label}"
    runs = [PrintRun(_printed(door), label, *drawn[door.collector]) for door, _count in doors]
    occasion = Occasion(ordered.title, ordered.public_url, lang, ordered.demo)
    # Asked for before anything is written: it refuses names that the font cannot show.
    pages = card_pdf(occasion, runs, _A_PAGE[a_page], font)
    _make_folder(out)
    _write(out / "cards.pdf", pages)
    if svg:
        _write(out / "symbols-svg.zip", zipped(symbol_files(runs, ordered.public_url, "svg")))
    if png:
        _write(out / "symbols-png.zip", zipped(symbol_files(runs, ordered.public_url, "png")))
    # Last: cards whose files are not whole cannot be brought to the server.
    _write(out / "hashes.json", [rules.written(file)])
    total, active = sum(len(codes) for codes, _ in drawn.values()), sum(active for _, active in drawn.values())
    click.echo(
        f"已制卡 / made: {total}  启用 / active: {active}  备用 / spare: {total - active}  标识 / set: {file.label}"
    )
    click.echo(f"请打印 {out / 'cards.pdf'}，把 {out / 'hashes.json'} 导入系统；打印后删除含填答码的文件。")
    click.echo("Print cards.pdf, import hashes.json on the server; delete the files with codes after printing.")


@group.command("order")
@click.argument("campaign")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
def write_order(campaign: str, path: Path) -> None:
    """（服务器）写出制卡单 / On the server: write the order of a campaign."""
    with _server() as (database, config), database.reading() as session:
        order = card_order(session, find_campaign(session, campaign, None), config.public_url)
    path.write_bytes(rules.written(order))
    click.echo(f"已写入 / written: {path}")


@group.command("import")
@click.argument("campaign")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
def import_hashes(campaign: str, path: Path) -> None:
    """（服务器）导入摘要文件 / On the server: import a hashes file."""
    file = rules.read_hashes(_bytes(path), path.name)
    with _server() as (database, config):
        with database.reading() as session:
            judge(session, find_campaign(session, campaign, None), file, config.public_url)
        for place, door in enumerate(file.doors):
            with database.writing() as session:
                of = find_campaign(session, campaign, None)
                batch = import_door(session, of, file, place, now=clock.now(), person_id=None)
                session.commit()
            done = f"第 {batch} 批 / batch {batch}" if batch else "此前已导入 / imported before"
            click.echo(f"{place + 1}/{len(file.doors)}  投放 / collector {door.collector}  {door.cards}  {done}")


def _chosen(
    order: CardOrder, collectors: tuple[int, ...], cards: int | None, spares: int
) -> list[tuple[OrderedDoor, int]]:
    """(door, how many cards without the extra spares) for every door that gets any."""
    known = {door.collector: door for door in order.doors}
    names = ", ".join(str(number) for number in known)
    unknown = [str(number) for number in collectors if number not in known]
    if unknown:
        raise rules.UnknownDoors(asked=", ".join(unknown), collectors=names)
    wanted = [known[number] for number in dict.fromkeys(collectors)] if collectors else list(order.doors)
    chosen = [(door, cards or door.suggested) for door in wanted if cards or door.suggested]
    if not chosen:
        raise rules.NothingToMake(collectors=names)
    for _door, count in chosen:
        if count + spares > MOST_CARDS:
            raise TooManyCards(cards=count + spares, most=MOST_CARDS)
    return chosen


def _printed(door: OrderedDoor) -> PrintedDoor:
    return PrintedDoor(door.place, door.audience, door.stratum, door.number, door.mark)


def _make_folder(path: Path) -> None:
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(path.iterdir()):
        raise FolderInUse(path=path)


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    # Nobody else of this machine may read codes.
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.writelines(pieces)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(path=path, why=error.strerror) from None


@contextmanager
def _server() -> Iterator[tuple[Database, Config]]:
    import_every_model()
    config = Config.from_environment()
    database = Database(config.database_url)
    yield database, config
    database.engine.dispose()

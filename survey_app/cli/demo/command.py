"""`pingyi demo`: build the invented campaign once, let it be answered, close it, score it; then show it.

Everything lies in a folder of its own (`demo` in the installation's home), which is built anew when it is not whole.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import click
import qrcode
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from survey_app import clock
from survey_app.accounts.rules import Role
from survey_app.campaigns.queries import campaigns as queries
from survey_app.cli.database import upgrade
from survey_app.cli.demo.people import Card, Person, Tally
from survey_app.cli.demo.phone import Phone
from survey_app.cli.demo.world import CAMPAIGN, OPEN_CAMPAIGN, count_unused, make_people, make_world
from survey_app.cli.scores import print_table
from survey_app.config import Config
from survey_app.db import Database
from survey_app.library.queries import builtin
from survey_app.questionnaire.model import Questionnaire
from survey_app.scores.operations.compute import compute, keep

_PHONES = 12
_FINISHED = "finished"
_SIGN_INS = "sign-ins.json"


@click.command("demo")
@click.option("--no-serve", is_flag=True, help="输出评分表后结束 / stop after the score table")
@click.option("--fresh", is_flag=True, help="重新生成 / build it anew")
@click.option("--host", envvar="PINGYI_HOST", default="127.0.0.1", show_default=True)
@click.option("--port", envvar="PINGYI_PORT", type=click.IntRange(1, 65535), default=8000, show_default=True)
def command(no_serve: bool, fresh: bool, host: str, port: int) -> None:
    """演示：3000 名模拟填答人，从扫码到评分 / A demonstration, from the QR code to the scores."""
    home = Path(os.environ.get("PINGYI_HOME", "var")).absolute() / "demo"
    if fresh or not _is_built(home):
        _build(home)
    config = _config(home, f"http://{_reachable(host)}:{port}")
    with Database(config.database_url).reading() as session:
        print_table(session, CAMPAIGN)
    if no_serve:
        return
    _introduce(home, config)
    os.environ |= _environment(home, config.public_url)
    # The server starts as a command of its own: its workers must begin without the threads of this process.
    program = [sys.executable, "-m", "survey_app.cli.main", "serve", "--host", host, "--port", str(port)]
    os.execv(sys.executable, program)  # noqa: S606  # no shell is wanted


def _is_built(home: Path) -> bool:
    """Whether a demonstration lies there whole. One of an earlier version would not show what this one does."""
    if not (home / _FINISHED).exists():
        return False
    database = Database(_config(home, "http://127.0.0.1").database_url)
    try:
        return database.is_upgraded()
    finally:
        database.engine.dispose()


def _build(home: Path) -> None:
    if home.exists():
        shutil.rmtree(home)
    home.mkdir(parents=True)
    base = f"http://127.0.0.1:{_free_port()}"
    config = _config(home, base)
    database = Database(config.database_url)
    upgrade(database)
    click.echo("正在建立演示评估轮次并制卡 / making the campaign and its cards …")
    sign_ins = {role.value: secrets.token_urlsafe(12) for role in Role}
    with database.writing() as session:
        world = make_world(session, config)
        make_people(session, config, sign_ins)
        session.commit()
    (home / _SIGN_INS).write_text(json.dumps(sign_ins))
    (home / _SIGN_INS).chmod(0o600)
    with _server(home, base):
        tally = _everybody_answers(base, world.cards)
    click.echo(
        f"提交 {tally.sent} 份，其中敷衍 {tally.careless}；中途放弃 {tally.gave_up}；输错填答码 {tally.mistyped}；"
        f"被拒 {tally.refused}\n"
        f"sent {tally.sent}, careless among them {tally.careless}; gave up {tally.gave_up}; mistyped a code "
        f"{tally.mistyped}; refused {tally.refused}"
    )
    _close(home, base)
    with database.writing() as session:
        count_unused(session)
        session.commit()
    with database.reading() as session:
        campaign_id = queries.campaign(session, CAMPAIGN, None).id
        computed = compute(session, campaign_id)
    with database.writing() as session:
        keep(session, computed, clock.now(), None)
        session.commit()
    database.engine.dispose()
    (home / _FINISHED).touch()


def _everybody_answers(base: str, cards: tuple[Card, ...]) -> Tally:
    """All cards, over a few phones side by side, through the pages of the running server."""
    questionnaires = {
        name: Questionnaire.model_validate_json(builtin("questionnaire", name)[1])
        for name in {card.questionnaire for card in cards}
    }
    columns = (TextColumn("填答 / answering"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    tallies = []
    with Progress(*columns, console=Console(stderr=True)) as progress, ThreadPoolExecutor(_PHONES) as pool:
        task = progress.add_task("", total=len(cards))
        # Each card keeps its number: people who shared one would be one person, drawn again on every phone.
        shares = [tuple(enumerate(cards))[start::_PHONES] for start in range(_PHONES)]
        work = [pool.submit(_answer, base, share, questionnaires, lambda: progress.advance(task)) for share in shares]
        tallies = [done.result() for done in work]
    return Tally(*(sum(getattr(one, part.name) for one in tallies) for part in fields(Tally)))


def _answer(
    base: str, cards: tuple[tuple[int, Card], ...], questionnaires: dict[str, Questionnaire], done: object
) -> Tally:
    tally, phone = Tally(), Phone(base)
    for number, card in cards:
        Person(card, questionnaires[card.questionnaire], seed=f"{card.questionnaire} {number}").answer(phone, tally)
        done()  # type: ignore[operator]
    phone.close()
    return tally


def _close(home: Path, base: str) -> None:
    """Close as an office would from its command line."""
    command = [sys.executable, "-m", "survey_app.cli.main", "campaign", "close", CAMPAIGN]
    subprocess.run(command, env=os.environ | _environment(home, base), check=True)  # noqa: S603


@contextmanager
def _server(home: Path, base: str) -> Iterator[None]:
    port = base.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "survey_app.cli.main", "serve", "--port", port]
    with (home / "server.log").open("wb") as output:
        server = subprocess.Popen(  # noqa: S603
            command, env=os.environ | _environment(home, base), stdout=output, stderr=output
        )
        try:
            _wait_for(base, server)
            yield
        finally:
            server.terminate()
            server.wait(30)


def _wait_for(base: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{base}/q", timeout=2):  # noqa: S310  # our own server
                return
        except OSError:
            threading.Event().wait(0.1)
    raise click.ClickException("服务没有启动，见 demo/server.log / the server did not start, see demo/server.log")


def _introduce(home: Path, config: Config) -> None:
    sign_ins = json.loads((home / _SIGN_INS).read_text())
    with Database(config.database_url).reading() as session:
        campaign = queries.campaign(session, OPEN_CAMPAIGN, None)
        door = next(row for row in queries.collectors(session, campaign.id) if row.open_code)
    link = f"{config.public_url}/q/{door.open_code}"
    click.echo(f"\n工作人员入口 / staff: {config.public_url}/office/sign-in")
    for role, password in sign_ins.items():
        click.echo(f"  {role:16} {password}")
    click.echo(f"\n扫码试填 / try it on a phone: {link}")
    code = qrcode.QRCode(border=2)
    code.add_data(link)
    code.print_ascii(invert=True)
    if config.is_loopback:
        click.echo(
            "手机要能打开，请用本机局域网地址：PINGYI_HOST=0.0.0.0 make demo\n"
            "for a phone in the same network: PINGYI_HOST=0.0.0.0 make demo"
        )


def _config(home: Path, public_url: str) -> Config:
    return Config.from_environment(os.environ | _environment(home, public_url))


def _environment(home: Path, public_url: str) -> dict[str, str]:
    """All simulated people share one address, so the limit for one address must not be a person's."""
    return {
        "PINGYI_HOME": str(home),
        "PINGYI_DATABASE_URL": f"sqlite:///{home / 'pingyi.sqlite3'}",
        "PINGYI_KEY_DIR": str(home / "keys"),
        "PINGYI_PUBLIC_URL": public_url,
        "PINGYI_OPEN_LINK_RATE": "100000/minute",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _reachable(host: str) -> str:
    """The address that a phone in the same network would use; asking for a route sends nothing."""
    if host not in {"0.0.0.0", "::"}:  # noqa: S104  # compared, not bound
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"  # no network: nobody but this machine could come
        address: str = probe.getsockname()[0]
        return address

"""`pingyi serve`: the program behind granian, 2 worker processes with 32 blocking threads each.

A sender waits for the commit on a thread; many threads make large batches, and two processes use two cores
(docs/performance.md has the figures). The server writes no access log: addresses and paths are not ours to keep.
"""

import gc
import resource
import socket

import click
from flask import Flask
from granian import Granian
from granian.constants import Interfaces

from survey_app.app import create_app, opened, storage
from survey_app.cli.background import background_work
from survey_app.cli.due import closing_when_due
from survey_app.config import Config
from survey_app.db import Database
from survey_app.errors import AppError
from survey_app.upkeep.operations import starting

_LONGEST_STOP = 15  # seconds


class CannotListen(AppError):
    """The address is taken or is not this machine's."""

    code, status = "cannot_listen", 500
    zh = "无法在 {host}:{port} 上启动服务：{why}。如果另一个服务正占用这个端口，请先停止它，或用 --port 换一个端口。"
    en = "Cannot serve at {host}:{port}: {why}. If another server has this port, stop it, or choose one with --port."


def application() -> Flask:
    """What each worker process runs."""
    app = create_app(Config.from_environment())
    # A full collection walks every object of every library, a tenth of a second in which nobody is served. What is
    # there after the start stays until the end and need not be walked.
    gc.collect()
    gc.freeze()
    return app


def run(host: str, port: int, workers: int, threads: int) -> None:
    """Serve until interrupted."""
    Granian(
        "survey_app.cli.serve:application",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        log_access=False,
        respawn_failed_workers=True,
        # A worker that does not end when told so is killed, which loses nothing that was acknowledged.
        workers_kill_timeout=_LONGEST_STOP,
    ).serve()


@click.command("serve")
@click.option("--host", envvar="PINGYI_HOST", default="127.0.0.1", show_default=True)
@click.option("--port", envvar="PINGYI_PORT", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True)
@click.option("--threads", type=click.IntRange(1), default=32, show_default=True)
def command(host: str, port: int, workers: int, threads: int) -> None:
    """启动服务 / Serve the pages."""
    # Asked here once: workers that fail are started again and again, each with its own traceback.
    config = Config.from_environment()
    starting.check_files(config)
    database = opened(config)
    _check_address(host, port)
    _look_after_boxes(config, database)
    database.engine.dispose()
    click.echo(f"填答入口 / respondents: {config.public_url}/q\n工作人员入口 / staff: {config.public_url}/office/")
    # A crash of any process leaves no picture of its memory, where codes and answers pass.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with background_work(), closing_when_due():
        run(host, port, workers, threads)


def _look_after_boxes(config: Config, database: Database) -> None:
    """Say what the operator has to know before the first answer comes in."""
    boxes, writer = storage(config, database)
    unreadable = writer.exclusively(boxes.reconcile)
    if unreadable:
        click.echo(
            f"有 {unreadable} 份待入库的答卷找不到密钥，相关投放已暂停。找回密钥文件后重新启动即可恢复；"
            "确实丢失的，关闭轮次时会计入“无法读取”。\n"
            f"the keys of {unreadable} sealed answers are missing and their collectors are paused. Bring the key files "
            "back and start again; what is really lost is counted as unreadable at close.",
            err=True,
        )
    with database.reading() as session:
        loud = starting.loud_settings(session)
    if loud:
        click.echo(
            f"提醒：PostgreSQL 会把语句写进日志（{', '.join(loud)}），开放前请按 deploy/postgresql/pingyi.conf 修改\n"
            "warning: PostgreSQL writes statements into its log; change this before a campaign opens",
            err=True,
        )


def _check_address(host: str, port: int) -> None:
    """Raises CannotListen. The server's own sockets share a port with whoever asks to: two would answer in turn."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotListen(host=host, port=port, why=error.strerror) from None

"""`pingyi serve`: the program behind granian, 2 worker processes with 32 blocking threads each.

A sender waits for the commit on a thread; many threads make large batches, and two processes use two cores
(docs/performance.md has the figures). The server writes no access log: addresses and paths are not ours to keep.
"""

import gc

import click
from flask import Flask
from granian import Granian
from granian.constants import Interfaces

from survey_app.app import create_app
from survey_app.config import Config


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
    ).serve()


@click.command("serve")
@click.option("--host", envvar="PINGYI_HOST", default="127.0.0.1", show_default=True)
@click.option("--port", envvar="PINGYI_PORT", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True)
@click.option("--threads", type=click.IntRange(1), default=32, show_default=True)
def command(host: str, port: int, workers: int, threads: int) -> None:
    """启动服务 / Serve the pages."""
    run(host, port, workers, threads)

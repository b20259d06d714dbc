"""`pingyi jobs`: the process for background work. `pingyi serve` starts one, and another one when it dies."""

import os
import signal
import sys
import threading

import click

from survey_app import clock
from survey_app.cli.database import import_every_model
from survey_app.config import Config
from survey_app.db import Database
from survey_app.jobs.operations.consumer import Handler, work
from survey_app.offline_cards.operations import importing
from survey_app.upkeep.operations import starting

HANDLERS: dict[str, Handler] = {importing.KIND: importing.import_step}


@click.command("jobs")
@click.option("--while-stdin", is_flag=True, hidden=True)
def command(while_stdin: bool) -> None:
    """运行后台程序，直到被中止 / Do background work until told to end."""
    config = Config.from_environment()
    database = _opened(config)
    if while_stdin:
        # The server's end of the pipe closes however the server ends; then this process ends too.
        threading.Thread(target=_end_with_stdin, name="pingyi-parent", daemon=True).start()
    work(database, config.home, HANDLERS)
    database.engine.dispose()


def _opened(config: Config) -> Database:
    """As `app.opened`, without the libraries of statistics, which no job needs."""
    import_every_model()
    database = Database(config.database_url)
    starting.check_database(database, config, clock.now())
    if not database.is_upgraded():
        from survey_app.app import NotUpgraded  # noqa: PLC0415  # see above

        raise NotUpgraded
    return database


def _end_with_stdin() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGINT)

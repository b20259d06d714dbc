"""Closing what is due beside a running server: `pingyi close --due`, at the start and every quarter of an hour.

Where another server runs the pages, a timer does the same (docs/fieldwork.md). Must stay true: closing cannot be taken
back, so a clock that has jumped closes nothing.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from survey_app import clock

_COMMAND = [sys.executable, "-m", "survey_app.cli.main", "close", "--due"]
_EVERY = 900.0
_MOST_DRIFT = 300.0  # seconds between the clock of the day and the time that has really passed


class SteadyClock:
    """Whether the clock of the day has kept step since the start."""

    def __init__(self, now: Callable[[], float] | None = None, passed: Callable[[], float] = time.monotonic) -> None:
        self._now = now or (lambda: clock.now().timestamp())
        self._passed = passed
        self._began = self._now() - passed()

    def drift(self) -> float:
        """Seconds by which the clock has been set forward (back: below 0)."""
        return self._now() - self._passed() - self._began

    def keeps_step(self) -> bool:
        """Whether it may be asked what day it is."""
        return abs(self.drift()) <= _MOST_DRIFT


@contextmanager
def closing_when_due(steady: SteadyClock | None = None) -> Iterator[None]:
    """Close campaigns after their last day while the body runs. A closing that has begun is let finish."""
    ended, kept = threading.Event(), steady or SteadyClock()

    def watch() -> None:
        while not ended.is_set():
            if kept.keeps_step():
                # A process of its own, beyond the Ctrl+C of the terminal; its words go where the server's go.
                subprocess.run(_COMMAND, check=False, start_new_session=True)  # noqa: S603  # our own command
            else:
                click.echo(_jumped(kept.drift()), err=True)
            ended.wait(_EVERY)

    watcher = threading.Thread(target=watch, name="pingyi-due", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _jumped(seconds: float) -> str:
    hours = seconds / 3600
    return (
        f"系统时钟被拨动了约 {hours:+.1f} 小时，到期的评估轮次没有自动关闭。请核对时钟，然后重新启动服务。\n"
        f"The clock of this machine was set by about {hours:+.1f} hours, so nothing that is due was closed. "
        "Check the clock, then start the server again."
    )

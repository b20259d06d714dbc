"""Closing what is due beside the server, and that a clock which has jumped closes nothing."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from survey_app.cli import due
from survey_app.cli.due import SteadyClock, closing_when_due

DAY = 86_400.0


class Times:
    """A clock of the day and the time that has really passed, both set by the test."""

    def __init__(self) -> None:
        self.day, self.passed = 1_800_000_000.0, 50.0

    def steady(self) -> SteadyClock:
        return SteadyClock(lambda: self.day, lambda: self.passed)


@pytest.mark.parametrize(
    ("day", "passed", "keeps"), [(DAY, DAY, True), (120, 0, True), (DAY, 0, False), (0, DAY, False)]
)
def test_clock_of_the_day__keeps_step_with_the_time_that_passes(day: float, passed: float, *, keeps: bool) -> None:
    times = Times()
    steady = times.steady()
    times.day += day
    times.passed += passed
    assert steady.keeps_step() is keeps


def test_clock_that_jumps__closes_nothing_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    ran = tmp_path / "ran"
    monkeypatch.setattr(due, "_COMMAND", [sys.executable, "-c", f"open({str(ran)!r}, 'a').write('x')"])
    monkeypatch.setattr(due, "_EVERY", 0.05)
    times = Times()
    with closing_when_due(times.steady()):
        _until(ran.exists)
        times.day += 30 * DAY
        _until(lambda: "+720.0" in capfd.readouterr().err)
        before = ran.read_text()
        time.sleep(0.3)
    assert ran.read_text() == before


def _until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not done():
        assert time.monotonic() < deadline, "did not happen in 20 s"
        time.sleep(0.02)

"""The harness of `make soak` in small: it finds nothing lost where nothing is, and sees what a hasty server loses."""

import errno
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from bench.soak.counting import Counted
from bench.soak.failing_disk import failing
from bench.soak.faults import faults
from bench.soak.kills import kills
from bench.soak.sending import digits, number_of
from bench.soak.slow_disk import delaying

KINDS = ((0.2, errno.EIO), (1.0, errno.ENOSPC))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_number_of_a_sitting__through_its_answers__comes_back() -> None:
    assert [number_of(digits(number)) for number in (0, 1, 4, 5, 199_999)] == [0, 1, 4, 5, 199_999]


@pytest.mark.parametrize("wrong", ["lost", "doubled", "unannounced", "unreadable"])
def test_count__with_one_too_many_or_too_few__ends_the_run(wrong: str) -> None:
    right = {"acknowledged": 9, "lost": 0, "doubled": 0, "unannounced": 0, "stored": 9, "spent": 9, "unreadable": 0}
    Counted(**right).check()
    with pytest.raises(SystemExit, match="MISSED"):
        Counted(**right | {wrong: 1}).check()
    with pytest.raises(SystemExit, match="MISSED"):
        Counted(**right | {"spent": 10}).check()


def test_server_killed_while_phones_send__stores_every_acknowledged_sitting_once(tmp_path: Path) -> None:
    found = kills(tmp_path / "home", 1, port=free_port())
    found.check()
    assert found.acknowledged > 0


def test_server_that_thanks_before_its_commit__is_seen_to_lose(tmp_path: Path) -> None:
    assert kills(tmp_path / "home", 1, store="hasty", port=free_port()).lost > 0


def test_disk_that_fails_while_phones_send__loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    with faults(tmp_path / "shim", tmp_path / "home") as shim:
        found, failed = failing(tmp_path / "home", shim, 0.2, port=free_port(), kinds=KINDS)
    found.check()
    assert failed > 0


def test_slow_turn__in_which_no_synchronisation_was_delayed__ends_the_run(tmp_path: Path) -> None:
    written = [sys.executable, "-c", "import os, sys; os.fsync(os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY))"]
    with faults(tmp_path / "shim") as shim:
        with delaying(shim, timedelta(milliseconds=2)):
            subprocess.run([*written, tmp_path / "file"], env=shim.environment, check=True)
        assert shim.delayed == 1
        with delaying(shim, timedelta()):
            subprocess.run([*written, tmp_path / "file"], env=shim.environment, check=True)
        assert shim.delayed == 1
        with (
            pytest.raises(SystemExit, match="no synchronisation was delayed"),
            delaying(shim, timedelta(milliseconds=2)),
        ):
            subprocess.run([*written, tmp_path / "file"], check=True)


def test_shim__moves_the_clock_of_its_process_only(tmp_path: Path) -> None:
    with faults(tmp_path / "shim") as shim:
        asked = [
            sys.executable,
            "-c",
            "import datetime, time; print(datetime.datetime.now().year, time.gmtime().tm_year)",
        ]
        told = []
        for days in (0, 366 * 3):
            shim.jump(timedelta(days=days))
            told.append(subprocess.run(asked, env=shim.environment, capture_output=True, text=True, check=True).stdout)
    years = [[int(year) for year in line.split()] for line in told]
    assert [later - now for now, later in zip(*years, strict=True)] == [3, 3]

"""The shipped settings: each line is explained, and the promises stand in them. That they work: test_canaries.py."""

import re
from pathlib import Path

import pytest

from survey_app.cli.main import REFUSED_TO_SERVE
from survey_app.upkeep.operations.starting import QUIET
from survey_app.upkeep.rules.backups import TooFewSinceLastBackup

DEPLOY = Path(__file__).parents[2] / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
# Lines that only open or close what the lines inside explain.
STRUCTURE = re.compile(r'[}\]]+;?|\[\w+\]|upstream \w+ \{|server \{|def .*|import .*|""".*|" *&& .*')
PROMISES = {
    "nginx/pingyi.conf": ("access_log off;", "error_log /dev/null emerg;", "proxy_max_temp_file_size 0;"),
    "postgresql/pingyi.conf": ("log_min_error_statement = panic", "archive_mode = off", "log_error_verbosity = terse"),
    "systemd/pingyi.service": (
        "LimitCORE=0",
        "PrivateTmp=yes",
        "MemorySwapMax=0",
        "ProtectSystem=strict",
        f"RestartPreventExitStatus={REFUSED_TO_SERVE}",
    ),
    "systemd/pingyi-backup.service": (f"SuccessExitStatus={TooFewSinceLastBackup.exit_code}", "MemorySwapMax=0"),
    "container/Containerfile": ("USER pingyi", "ENV HISTFILE=/dev/null", "HEALTHCHECK"),
    "gunicorn.conf.py": ("accesslog = None",),
}


def statements(path: Path) -> list[tuple[str, bool]]:
    """(line, whether a comment stands right before it); lines that go on are one."""
    found, commented, goes_on = [], False, False
    for raw in path.read_text().splitlines():
        line = raw.strip()
        if goes_on:
            goes_on = line.endswith("\\")
            continue
        if line.startswith("#"):
            commented = True
            continue
        if line and not STRUCTURE.fullmatch(line):
            found.append((line, commented))
            goes_on = line.endswith("\\")
        commented = False
    return found


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix != ".py"], ids=lambda path: path.name)
def test_every_line__is_explained(path: Path) -> None:
    assert [line for line, explained in statements(path) if not explained] == []


@pytest.mark.parametrize("name", PROMISES)
def test_promises__stand_in_the_file(name: str) -> None:
    lines = (DEPLOY / name).read_text()
    assert [promise for promise in PROMISES[name] if promise not in lines] == []


def test_nginx__turns_both_logs_off_wherever_it_serves() -> None:
    site = (DEPLOY / "nginx" / "pingyi.conf").read_text()
    servers = site.count("\nserver {")
    assert servers == site.count("access_log off;") == site.count("error_log /dev/null emerg;") == 2
    # A body that fits into its buffer is in no file.
    for kind in ("512k", "12m"):
        assert f"client_max_body_size {kind};" in site
        assert f"client_body_buffer_size {kind};" in site


def test_postgresql_file__satisfies_what_the_start_asks_for() -> None:
    given = dict(re.findall(r"^(\w+) = '?(.*?)'?$", (DEPLOY / "postgresql" / "pingyi.conf").read_text(), re.MULTILINE))
    for name, allowed in QUIET.items():
        assert given[name] in allowed, name


def test_no_file__names_a_machine_or_an_address_of_ours() -> None:
    for path in FILES:
        assert not re.search(r"/home/|/root/|/work/", path.read_text()), path

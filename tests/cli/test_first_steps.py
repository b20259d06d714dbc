"""The README's first commands, each in a process of its own, as somebody types them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from survey_app.cli.main import main

STEPS = (
    ("database", "upgrade"),
    ("account", "create", "anna", "--name", "安娜", "--role", "administrator"),
    ("account", "list"),
    ("campaign", "template", "setup.xlsx"),
    ("campaign", "create", "setup.xlsx"),
    ("campaign", "list"),
    ("audit", "verify"),
)


@pytest.mark.parametrize("address", [None, "sqlite:////nowhere/at/all", "postgresql+psycopg://a@127.0.0.1:1/b", "?"])
def test_command__without_a_database__says_what_to_check(tmp_path: Path, address: str | None) -> None:
    environment = {"PINGYI_HOME": str(tmp_path / "var")} | ({"PINGYI_DATABASE_URL": address} if address else {})
    refused = CliRunner().invoke(main, ["account", "list"], env=environment)
    assert refused.exit_code == 1
    assert "请先运行 pingyi database upgrade" in refused.output
    assert "Traceback" not in refused.output


def test_first_commands__one_after_the_other__all_work(tmp_path: Path) -> None:
    environment = os.environ | {"PINGYI_HOME": str(tmp_path / "var"), "PINGYI_PUBLIC_URL": "https://pj.example.cn"}
    for step in STEPS:
        command = [sys.executable, "-m", "survey_app.cli.main", *step]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{step}\n{done.stdout}{done.stderr}"

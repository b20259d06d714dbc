"""What keeps the server from starting is said once, in words, before any worker runs."""

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from survey_app.cli.main import REFUSED_TO_SERVE, main
from survey_app.config import Config


def serve(monkeypatch: pytest.MonkeyPatch, home: Path, *arguments: str) -> Result:
    monkeypatch.setenv("PINGYI_HOME", str(home))
    return CliRunner().invoke(main, ["serve", *arguments])


def test_serve__at_a_port_of_another_server__says_so_and_how_to_choose_one(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as other:
        # As the server itself does: without the check both would get connections in turn.
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        refused = serve(monkeypatch, config.home, "--port", port)
    assert refused.exit_code == REFUSED_TO_SERVE
    assert f"127.0.0.1:{port}" in refused.output
    assert "--port" in refused.output


def test_serve__without_tables__says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = serve(monkeypatch, tmp_path / "fresh")
    assert refused.exit_code == REFUSED_TO_SERVE
    assert "pingyi database upgrade" in refused.output


def test_serve__at_an_address_of_another_machine__says_so(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = serve(monkeypatch, config.home, "--host", "192.0.2.1", "--port", "8000")
    assert refused.exit_code == REFUSED_TO_SERVE
    assert "192.0.2.1:8000" in refused.output

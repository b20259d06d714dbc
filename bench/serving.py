"""A server as processes of its own, all of which can be ended at once."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

_ROOT = Path(__file__).parent.parent
_PATIENCE = 60.0
_LONGEST_STOP = 10.0


class NotStarted(SystemExit):
    """The server ended before it answered."""


class Server:
    """One server at a port of this machine: that of `bench.server`, or `pingyi serve` itself where store is None.

    log: a file for what its processes say.
    """

    def __init__(
        self, environment: Mapping[str, str], port: int, store: str | None = "sealed", log: Path | None = None
    ) -> None:
        self._environment = os.environ | environment
        ours, theirs = ["bench.server", str(port), store or ""], ["survey_app.cli.main", "serve", "--port", str(port)]
        self._command = [sys.executable, "-m", *(theirs if store is None else ours)]
        self._log = log
        self.port = port
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers. Raises NotStarted where it ends instead."""
        with (self._log or Path("/dev/stderr")).open("ab") as log:
            self._process = subprocess.Popen(
                self._command, env=self._environment, cwd=_ROOT, stdout=log, stderr=log, start_new_session=True
            )
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end and self._process.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/q", timeout=1).read()
            except OSError:
                time.sleep(0.05)
            else:
                return
        self.kill()
        raise NotStarted("the server did not start")

    def kill(self) -> None:
        """End all its processes at once (kill -9)."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as an operator would."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, how)
        try:
            self._process.wait(_LONGEST_STOP)
        except subprocess.TimeoutExpired:
            # As every service manager does in the end: a phone that does not hang up may hold its connection.
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None


@contextmanager
def serving(
    environment: Mapping[str, str], port: int, store: str | None = "sealed", log: Path | None = None
) -> Iterator[Server]:
    """A server that answers, stopped in the end."""
    server = Server(environment, port, store, log)
    server.start()
    try:
        yield server
    finally:
        server.stop()

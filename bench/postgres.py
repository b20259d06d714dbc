"""A private PostgreSQL cluster with durable settings (fsync on), for one measurement."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


class Cluster:
    """A cluster in a folder of its own. environment: what its processes are started with besides ours."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        self._data = folder / "data"
        self._environment = dict(environment or {})
        folder.parent.chmod(0o755)
        folder.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        self._run("initdb", "-D", str(self._data), "-A", "trust", "-U", "pingyi", "-E", "UTF8", "--locale=C")
        self.start()
        for name in ("bench", "bench_plain"):
            self._run("createdb", "-h", str(folder), "-U", "pingyi", name)

    @property
    def url(self) -> str:
        """The address of the database `bench`; a second one, `bench_plain`, lies beside it."""
        return f"postgresql+psycopg://pingyi@/bench?host={self._folder}"

    def start(self) -> None:
        """Start it; after a kill as often as it takes until the processes before it are gone."""
        options = f"-c listen_addresses= -c unix_socket_directories={self._folder}"
        command = ("-D", str(self._data), "-o", options, "-l", str(self._folder / "log"), "-w", "start")
        for _ in range(20):
            try:
                self._run("pg_ctl", *command, environment=self._environment)
            except subprocess.CalledProcessError:
                time.sleep(0.5)
            else:
                return
        raise SystemExit("PostgreSQL did not start: " + self.said[-2000:])

    def kill(self) -> None:
        """End every process of it at once (kill -9)."""
        first = int((self._data / "postmaster.pid").read_text().split()[0])
        served = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        for process in (first, *map(int, served)):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def is_running(self) -> bool:
        """Whether its first process lives."""
        try:
            pid = int((self._data / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError):
            return False
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return False
        return state != "Z"

    @property
    def said(self) -> str:
        """Its log."""
        return (self._folder / "log").read_text(errors="replace")

    def stop(self) -> None:
        """Stop it, if it runs."""
        if self.is_running():
            self._run("pg_ctl", "-D", str(self._data), "-m", "fast", "stop")

    def _run(self, program: str, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        settings = [f"{name}={value}" for name, value in (environment or {}).items()]
        command = ["env", *settings, str(_BINARIES[-1] / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, capture_output=True, cwd="/")


@contextmanager
def cluster(folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[Cluster]:
    """A running cluster, stopped in the end."""
    running = Cluster(folder, environment)
    try:
        yield running
    finally:
        running.stop()

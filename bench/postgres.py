"""A private PostgreSQL cluster with durable settings (fsync on), for one measurement."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """The address of the database `bench`; a second one, `bench_plain`, lies beside it."""
    folder.parent.chmod(0o755)
    folder.mkdir()
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    data = str(folder / "data")
    _run("initdb", "-D", data, "-A", "trust", "-U", "pingyi", "-E", "UTF8", "--locale=C")
    options = f"-c listen_addresses= -c unix_socket_directories={folder}"
    _run("pg_ctl", "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        for name in ("bench", "bench_plain"):
            _run("createdb", "-h", str(folder), "-U", "pingyi", name)
        yield f"postgresql+psycopg://pingyi@/bench?host={folder}"
    finally:
        _run("pg_ctl", "-D", data, "-m", "fast", "stop")


def _run(program: str, *arguments: str) -> None:
    command = [str(_BINARIES[-1] / program), *arguments]
    if os.geteuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    subprocess.run(command, check=True, capture_output=True, cwd="/")

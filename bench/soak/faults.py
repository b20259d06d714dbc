"""A slow disk, a failing disk and a jumping clock for processes that are started with this environment.

The shim (`faults.c`) is compiled where it is needed. What it does is set at any moment, for all processes at once,
through a file that they share.
"""

import errno
import mmap
import shutil
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

_SOURCE = Path(__file__).with_name("faults.c")
_FIELDS = ("sync_microseconds", "per_million", "error", "clock_seconds", "failed", "delayed")
_FIELD = struct.Struct("=q")


@dataclass(frozen=True)
class Faults:
    """What goes wrong at this moment; at first nothing."""

    environment: dict[str, str]
    _shared: mmap.mmap

    def slow(self, sync: timedelta) -> None:
        """Every synchronisation of the disk takes so much longer."""
        self._set("sync_microseconds", sync // timedelta(microseconds=1))

    def fail(self, share: float, error: int = errno.EIO) -> None:
        """This share of all writes and synchronisations of the folder's files ends with an error; 0: none."""
        self._set("error", error)
        self._set("per_million", round(share * 1_000_000))

    def jump(self, by: timedelta) -> None:
        """The clock stands so far from the right time."""
        self._set("clock_seconds", by // timedelta(seconds=1))

    @property
    def failed(self) -> int:
        """How many writes and synchronisations have failed so far."""
        return self._get("failed")

    @property
    def delayed(self) -> int:
        """How many synchronisations have taken longer so far."""
        return self._get("delayed")

    def _get(self, name: str) -> int:
        return int(_FIELD.unpack_from(self._shared, _FIELD.size * _FIELDS.index(name))[0])

    def _set(self, name: str, value: int) -> None:
        _FIELD.pack_into(self._shared, _FIELD.size * _FIELDS.index(name), value)


@contextmanager
def faults(folder: Path, *under: Path) -> Iterator[Faults]:
    """Build the shim in `folder`; only files under `under` fail."""
    if shutil.which("cc") is None:
        raise SystemExit("a C compiler is needed: apt-get install gcc libc6-dev")
    # The database server runs as another user.
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    library, control = folder / "faults.so", folder / "control"
    subprocess.run(["cc", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, _SOURCE, "-ldl"], check=True)
    control.write_bytes(bytes(_FIELD.size * len(_FIELDS)))
    control.chmod(0o666)
    environment = {
        "LD_PRELOAD": str(library),
        "SOAK_CONTROL": str(control),
        "SOAK_UNDER": ":".join(str(path.resolve()) for path in under),
    }
    with control.open("r+b") as file, mmap.mmap(file.fileno(), 0) as shared:
        yield Faults(environment, shared)

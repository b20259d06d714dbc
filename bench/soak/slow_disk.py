"""A disk that takes 2 ms longer for each synchronisation, as cloud disks do, turn by turn with the same disk without.

One and the same server: only the shim's delay changes. A slow turn in which no synchronisation was delayed ends the
run: it would show nothing. `BENCH_ROUNDS` (5), `BENCH_SECONDS` (4).
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median

from bench.campaign import make_campaign
from bench.postgres import cluster
from bench.ratios import ratio
from bench.serving import serving
from bench.soak.faults import Faults, faults
from bench.soak.load import MOST_PER_SECOND, Forms, load
from bench.soak.sending import forms

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "4"))
CONNECTIONS = int(os.environ.get("SOAK_CONNECTIONS", "64"))
PORT = 18493
_DELAY = timedelta(milliseconds=2)
_LEAST = 0.65


def run() -> None:
    """SQLite, then PostgreSQL (whose own processes are slowed too)."""
    with tempfile.TemporaryDirectory(prefix="pingyi-soak-") as folder:
        place = Path(folder)
        place.chmod(0o755)
        with faults(place / "shim") as shim:
            shares = {"SQLite": _turns("SQLite", place / "sqlite", shim, {})}
        with faults(place / "shim-pg") as shim, cluster(place / "postgres", shim.environment) as postgres:
            environment = {"PINGYI_DATABASE_URL": postgres.url}
            shares["PostgreSQL"] = _turns("PostgreSQL", place / "pg", shim, environment)
    missed = [name for name, share in shares.items() if share < _LEAST]
    if missed:
        raise SystemExit(f"MISSED: less than {_LEAST} of the throughput on a slow disk: {', '.join(missed)}")


@contextmanager
def delaying(shim: Faults, delay: timedelta) -> Iterator[None]:
    """Every synchronisation takes so much longer while the block runs. Raises SystemExit where none did."""
    before = shim.delayed
    shim.slow(delay)
    yield
    shim.slow(timedelta())
    if delay and shim.delayed == before:
        raise SystemExit("MISSED: no synchronisation was delayed in a slow turn, so that this run shows nothing")


def _turns(name: str, home: Path, shim: Faults, environment: dict[str, str]) -> float:
    home.mkdir()
    environment = environment | {"PINGYI_HOME": str(home)}
    doors = make_campaign(environment, codes=(2 * ROUNDS * SECONDS + 1) * MOST_PER_SECOND)
    left = Forms(forms(environment, doors))
    rates: dict[timedelta, list[float]] = {timedelta(): [], _DELAY: []}
    with serving(environment | shim.environment, PORT):
        load(PORT, left, CONNECTIONS, 1, home).check()
        for _ in range(ROUNDS):
            for delay, taken in rates.items():
                with delaying(shim, delay):
                    turn = load(PORT, left, CONNECTIONS, SECONDS, home)
                turn.check()
                taken.append(turn.per_second)
    usual, slow = rates.values()
    print(
        f"  {name}, {CONNECTIONS} connections: {median(slow):.0f}/s against {median(usual):.0f}/s"
        f" on the same disk without delay: {ratio(slow, usual)}; {shim.delayed} synchronisations delayed"
    )
    return median(slow) / median(usual)

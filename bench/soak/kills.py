"""Kill -9 of every process of the application, or of the database server, while phones are sending.

A server that says thank you before its commit goes through the same on each database; the run counts only if that one
loses.
`SOAK_KILLS` (100) on each database; on PostgreSQL every other one hits the database server.
"""

import os
import random
import tempfile
import time
from pathlib import Path

from bench.campaign import make_campaign
from bench.postgres import Cluster, cluster
from bench.serving import serving
from bench.soak.counting import Counted, count
from bench.soak.sending import crowd, forms

KILLS = int(os.environ.get("SOAK_KILLS", "100"))
CONTROL_KILLS = 5
PORT = 18490
_CODES_A_KILL = 2000
_LONGEST_CALM = 0.6  # seconds from the first answer after a kill to the next


def run() -> None:
    """SQLite, then PostgreSQL, each after its control; ends with an error where one was lost or doubled."""
    with tempfile.TemporaryDirectory(prefix="pingyi-soak-") as folder:
        must_lose("SQLite", kills(Path(folder) / "control", CONTROL_KILLS, store="hasty"))
        found = kills(Path(folder) / "sqlite", KILLS)
        print(f"  SQLite, {KILLS} kills: {found}")
        found.check()
        with cluster(Path(folder) / "postgres-control") as postgres:
            control = kills(Path(folder) / "pg-control", CONTROL_KILLS, store="hasty", postgres=postgres)
        must_lose("PostgreSQL", control)
        with cluster(Path(folder) / "postgres") as postgres:
            found = kills(Path(folder) / "pg", KILLS, postgres=postgres)
        print(f"  PostgreSQL, {KILLS} kills, every other one of the database server: {found}")
        found.check()


def must_lose(name: str, control: Counted) -> None:
    """Raises SystemExit where the control lost nothing."""
    print(f"  acknowledging before the commit, {name}, {CONTROL_KILLS} kills: {control}")
    if not control.lost:
        raise SystemExit(f"MISSED: the control on {name} lost nothing, so that this run shows nothing")


def kills(
    home: Path, number: int, *, store: str = "sealed", postgres: Cluster | None = None, port: int = PORT
) -> Counted:
    """So many kills at random moments, then what is in the database. Every sitting is sent until acknowledged."""
    home.mkdir()
    environment = {"PINGYI_HOME": str(home)} | ({"PINGYI_DATABASE_URL": postgres.url} if postgres else {})
    doors = make_campaign(environment, codes=_CODES_A_KILL * number)
    sittings = forms(environment, doors)
    with serving(environment, port, store, home / "log") as server, crowd(port, sittings) as phones:
        for turn in range(number):
            phones.wait_for(1)
            time.sleep(random.random() * _LONGEST_CALM)
            if postgres and turn % 2:
                postgres.kill()
                postgres.start()
            else:
                server.kill()
                server.start()
        phones.wait_for(1)
        phones.finish()
    if phones.wrong:
        raise SystemExit(f"MISSED: answers that are neither thanks nor a clean 503: {dict(phones.answers)}")
    return count(environment, doors, phones.acknowledged)

"""A disk that fails: writes and synchronisations of database and keys end with ENOSPC or EIO, at random, then all.

Nobody is thanked for what is not stored; whoever is not gets a 503 page that has lost nothing; once the disk works
again everybody gets through without a restart, except of a database server that has ended itself.
`SOAK_SECONDS` (10) for each kind of failure.
"""

import errno
import os
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.campaign import make_campaign
from bench.postgres import Cluster, cluster
from bench.serving import serving
from bench.soak.counting import Counted, count
from bench.soak.faults import Faults, faults
from bench.soak.sending import Crowd, crowd, forms

SECONDS = float(os.environ.get("SOAK_SECONDS", "10"))
PORT = 18491
_CODES_A_SECOND = 3000
_PATIENCE = 60
_SPELL = 0.5  # seconds of failing, then as long of working
_KINDS = ((0.01, errno.EIO), (0.2, errno.EIO), (0.01, errno.ENOSPC), (1.0, errno.ENOSPC))


def run() -> None:
    """SQLite, then PostgreSQL (whose own processes fail too)."""
    with tempfile.TemporaryDirectory(prefix="pingyi-soak-") as folder:
        place = Path(folder)
        place.chmod(0o755)
        with faults(place / "shim", place / "sqlite") as shim:
            found, failed = failing(place / "sqlite", shim, SECONDS)
        print(f"  SQLite, {failed} writes or synchronisations failed: {found}")
        found.check()
        with (
            faults(place / "shim-pg", place / "pg", place / "postgres") as shim,
            cluster(place / "postgres", shim.environment) as postgres,
        ):
            found, failed = failing(place / "pg", shim, SECONDS, postgres=postgres)
        print(f"  PostgreSQL, {failed} writes or synchronisations failed: {found}")
        found.check()


def failing(
    home: Path,
    shim: Faults,
    seconds: float,
    *,
    postgres: Cluster | None = None,
    port: int = PORT,
    kinds: Sequence[tuple[float, int]] = _KINDS,
) -> tuple[Counted, int]:
    """Each kind of failure for so long, then what is in the database, and how often something failed."""
    home.mkdir()
    environment = {"PINGYI_HOME": str(home)} | ({"PINGYI_DATABASE_URL": postgres.url} if postgres else {})
    doors = make_campaign(environment, codes=round(_CODES_A_SECOND * (seconds + 1) * len(kinds)))
    sittings = forms(environment, doors)
    log = home.parent / f"{home.name}.log"
    with serving(environment | shim.environment, port, log=log), crowd(port, sittings) as phones:
        phones.wait_for(1)
        for share, error in kinds:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                shim.fail(share, error)
                time.sleep(random.uniform(0, 2 * _SPELL))
                shim.fail(0)
                _until_served(phones, postgres)
                time.sleep(random.uniform(0, _SPELL))
        _until_served(phones, postgres)
        phones.finish()
    if not shim.failed or not phones.answers[503]:
        raise SystemExit(f"MISSED: nothing failed, so that this run shows nothing: {dict(phones.answers)}")
    if postgres and os.strerror(errno.ENOSPC) not in postgres.said:
        raise SystemExit("MISSED: the database server's own disk did not fail, so that this run shows nothing")
    if phones.wrong:
        raise SystemExit(f"MISSED: answers that are neither thanks nor a clean 503: {dict(phones.answers)}")
    return count(environment, doors, phones.acknowledged), shim.failed


def _until_served(phones: Crowd, postgres: Cluster | None) -> None:
    """The disk works. A database server that ends itself, now or a little later, is started as a real host does it."""
    wanted, end = len(phones.acknowledged) + 1, time.monotonic() + _PATIENCE
    while len(phones.acknowledged) < wanted:
        if time.monotonic() > end:
            raise SystemExit(f"MISSED: nobody is served although the disk works: {dict(phones.answers)}")
        if postgres and not postgres.is_running():
            postgres.start()
        time.sleep(0.05)

"""Campaigns that are lived through on either database, for the tests of this folder.

PostgreSQL runs as a cluster of its own here: its whole data directory and its log are searched, and what it keeps of
the write-ahead log is not recycled before that.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from survey_app.config import Config
from tests.conftest import Cluster
from tests.privacy import bad
from tests.privacy.living import Live, Lived, live
from tests.privacy.world import Sizes

# As in the PostgreSQL settings for an installation; the last three keep what a recycled log would have told.
POSTGRES = (
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
    "log_parameter_max_length=0",
    "log_parameter_max_length_on_error=0",
    "autovacuum=off",
    "max_wal_size=4GB",
    "wal_keep_size=1GB",
)


@pytest.fixture(scope="session")
def own_cluster() -> Iterator[Cluster]:
    """A PostgreSQL cluster whose files belong to these tests alone."""
    folder = Path(tempfile.mkdtemp(prefix="pingyi-privacy-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    cluster = Cluster(folder, POSTGRES)
    try:
        cluster.prepare()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def lived(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, request: pytest.FixtureRequest
) -> Iterator[Live]:
    """Make a campaign, let everybody answer, close it: `lived("sqlite" | "postgresql", sizes, variant=…)`."""
    made: list[Lived] = []

    def run(
        kind: str,
        sizes: Sizes | None = None,
        *,
        variant: Callable[[pytest.MonkeyPatch], None] | None = None,
        faults: bool = False,
    ) -> Lived:
        home = tmp_path_factory.mktemp("privacy")
        config = Config.from_environment({"PINGYI_HOME": str(home), "PINGYI_SECRET_KEY": secrets.token_hex(32)})
        cluster: Cluster | None = None
        if kind == "postgresql":
            cluster = request.getfixturevalue("own_cluster")
            config = replace(config, database_url=cluster.fresh())
        else:
            shutil.copy(sqlite_template, home / "pingyi.sqlite3")
        with pytest.MonkeyPatch.context() as varied:
            # What is written is the same; only the waiting for the disk is left out.
            bad.after_preparing(varied, lambda connection: connection.execute("PRAGMA synchronous=OFF"))
            if variant is not None:
                variant(varied)
            made.append(live(replace(config, testing=True), cluster, sizes or Sizes(), varied, faults=faults))
        return made[-1]

    yield run
    for one in made:
        one.world.app.extensions["pingyi"].database.engine.dispose()
        one.copies.end()

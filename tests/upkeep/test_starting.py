"""What keeps the program from starting: each promise that could not be kept, in both languages, with what to do."""

import errno
import fcntl
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text, update

from survey_app import clock
from survey_app.accounts.operations.audit import record
from survey_app.app import NotUpgraded, create_app, opened
from survey_app.campaigns.models import Campaign, Collector
from survey_app.cli import serve
from survey_app.cli.main import main
from survey_app.config import Config, recovery_key_set
from survey_app.db import Database
from survey_app.errors import AppError
from survey_app.upkeep.operations import starting
from survey_app.upkeep.rules.starting import (
    BadKeyFolder,
    ClockWentBack,
    DatabaseLogsStatements,
    KeepsReplayableLog,
    KeysMissing,
    NewerDatabase,
    NoFileLocks,
    NotHttps,
    OpenToOthers,
)
from tests.factories.doors import open_door, sitting
from tests.upkeep.conftest import Installed

REFUSALS = (
    BadKeyFolder,
    ClockWentBack,
    DatabaseLogsStatements,
    KeepsReplayableLog,
    KeysMissing,
    NewerDatabase,
    NoFileLocks,
    NotHttps,
    OpenToOthers,
)


def start(config: Config) -> None:
    """What every worker of every server does."""
    create_app(config).extensions["pingyi"].database.engine.dispose()


def collecting(database: Database, tier: str = "T1", **campaign: object) -> None:
    with database.writing() as session:
        open_door(session, tier=tier)
        if campaign:
            session.execute(update(Campaign).values(**campaign))
            session.commit()


@pytest.mark.parametrize("refusal", REFUSALS)
def test_refusal__says_what_to_do_in_both_languages(refusal: type[AppError]) -> None:
    assert any(word in refusal.zh for word in ("请", "运行"))
    assert len(refusal.en) > 60


def test_start__on_a_sound_installation__is_not_refused(each_config: Config, each_database: Database) -> None:
    collecting(each_database)
    start(each_config)


def test_start__of_a_database_with_codes_in_wal_mode__is_refused_and_changes_nothing(
    config: Config, database: Database
) -> None:
    collecting(database)
    database.engine.dispose()
    path = config.home / "pingyi.sqlite3"
    other = sqlite3.connect(path)
    other.execute("PRAGMA journal_mode=WAL")
    other.execute("UPDATE access_code SET active = 0")
    other.commit()
    before = path.read_bytes(), Path(f"{path}-wal").read_bytes()
    with pytest.raises(KeepsReplayableLog) as refused:
        start(config)
    assert (path.read_bytes(), Path(f"{path}-wal").read_bytes()) == before
    assert str(path) in refused.value.message("zh")
    other.close()
    # The last one out removed its log; the mode stays in the file.
    with pytest.raises(KeepsReplayableLog):
        start(config)
    repaired = sqlite3.connect(path)
    repaired.executescript("PRAGMA journal_mode=TRUNCATE; VACUUM;")
    repaired.close()
    start(config)


def test_start__after_a_crash_in_wal_mode__leaves_its_log_for_who_looks_into_it(
    config: Config, database: Database, tmp_path: Path
) -> None:
    collecting(database)
    database.engine.dispose()
    source, crashed = config.home / "pingyi.sqlite3", tmp_path / "crashed.sqlite3"
    other = sqlite3.connect(source)
    other.execute("PRAGMA journal_mode=WAL")
    other.execute("UPDATE access_code SET active = 0")
    other.commit()
    # As they lie after a kill: nobody has them open.
    for ending in ("", "-wal"):
        shutil.copy(f"{source}{ending}", f"{crashed}{ending}")
    other.close()
    before = crashed.read_bytes(), Path(f"{crashed}-wal").read_bytes()
    with pytest.raises(KeepsReplayableLog):
        starting.check_files(replace(config, database_url=f"sqlite:///{crashed}"))
    assert (crashed.read_bytes(), Path(f"{crashed}-wal").read_bytes()) == before


def test_start__beside_a_log_of_wal_mode__is_refused(config: Config, database: Database) -> None:
    collecting(database)
    left = config.home / "pingyi.sqlite3-wal"
    left.write_bytes(b"")
    with pytest.raises(KeepsReplayableLog):
        starting.check_files(config)
    left.unlink()
    starting.check_files(config)


def test_start__in_wal_mode_without_a_code__just_leaves_that_mode(config: Config) -> None:
    other = sqlite3.connect(config.home / "pingyi.sqlite3")
    other.execute("PRAGMA journal_mode=WAL")
    other.close()
    start(config)
    checked = sqlite3.connect(config.home / "pingyi.sqlite3")
    assert checked.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    checked.close()


def test_start__on_a_newer_or_older_database__says_which(each_config: Config, each_database: Database) -> None:
    for revision, refusal in (("9999", NewerDatabase), ("0003", NotUpgraded)):
        with each_database.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})
        with pytest.raises(refusal):
            opened(each_config)


def test_start__without_the_folder_of_keys__is_refused_while_answers_wait(installed: Installed) -> None:
    installed.send(3)
    folder = installed.config.key_directory
    away = folder.rename(folder.with_name("not-mounted"))
    with pytest.raises(KeysMissing) as refused:
        start(installed.config)
    assert str(folder) in refused.value.message("en")
    with installed.database.reading() as session:
        assert session.get_one(Collector, installed.door.collector).state == "open"
    away.rename(folder)
    start(installed.config)
    assert installed.boxes.keys.of_group(installed.door.group)


def test_start__with_keys_lost_for_good__pauses_and_serve_says_how_many(
    config: Config, install: Callable[[Config], Installed], monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = install(config)
    installed.send(3)
    for file in config.key_directory.iterdir():
        file.unlink()
    monkeypatch.setattr(serve, "run", lambda *_: None)
    environment = {"PINGYI_HOME": str(config.home), "PINGYI_SECRET_KEY": "k" * 32, "PINGYI_PORT": "0"}
    monkeypatch.setattr(serve, "_check_address", lambda *_: None)
    done = CliRunner().invoke(main, ["serve", "--port", "1"], env=environment)
    assert done.exit_code == 0, done.output
    assert "有 3 份" in done.output
    assert "3 sealed answers" in done.output
    with installed.database.reading() as session:
        assert session.get_one(Collector, installed.door.collector).state == "paused"


def test_start__with_keys_in_the_folder_of_the_data_or_above__is_refused(config: Config) -> None:
    for folder in (config.home, config.home.parent):
        with pytest.raises(BadKeyFolder):
            starting.check_files(replace(config, key_directory=folder))


def test_start__with_a_key_folder_that_cannot_be_written__is_refused(config: Config) -> None:
    nobody = 65534 if os.geteuid() == 0 else os.geteuid()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        keys = home / "keys"
        keys.mkdir(mode=0o500)
        for folder in (home, keys):
            os.chown(folder, nobody, -1)
        mine = os.geteuid()
        # The superuser may write everywhere, so somebody else tries.
        os.seteuid(nobody)
        try:
            with pytest.raises(BadKeyFolder, match="Permission denied"):
                starting.check_files(replace(config, home=home, key_directory=keys, database_url="sqlite://"))
        finally:
            os.seteuid(mine)
        keys.chmod(0o700)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_start__with_a_secret_that_others_can_read__is_refused(tmp_path: Path, mode: int) -> None:
    config = Config.from_environment({"PINGYI_HOME": str(tmp_path / "home")})
    starting.check_files(config)
    (config.home / "secret.key").chmod(mode)
    with pytest.raises(OpenToOthers) as refused:
        starting.check_files(config)
    assert "chmod 600" in refused.value.message("zh")


def test_start__with_a_key_folder_that_others_can_read__is_refused(config: Config) -> None:
    config.key_directory.mkdir(exist_ok=True)
    config.key_directory.chmod(0o755)
    with pytest.raises(OpenToOthers, match="chmod 700"):
        starting.check_files(config)


def test_start__without_https__is_refused_while_codes_are_collected(
    each_config: Config, each_database: Database
) -> None:
    http = replace(each_config, public_url="http://pj.example.cn")
    starting.check_database(each_database, http, clock.now())
    collecting(each_database)
    with pytest.raises(NotHttps) as refused:
        starting.check_database(each_database, http, clock.now())
    assert "c1" in refused.value.message("zh")


@pytest.mark.parametrize(("tier", "campaign"), [("T0", {}), ("T1", {"demo": True}), ("T1", {"state": "paused"})])
def test_start__without_https__is_allowed_for_open_links_demonstrations_and_pauses(
    config: Config, database: Database, tier: str, campaign: dict[str, object]
) -> None:
    collecting(database, tier, **campaign)
    starting.check_database(database, replace(config, public_url="http://pj.example.cn"), clock.now())


def test_start__before_the_newest_audit_entry__is_refused(each_config: Config, each_database: Database) -> None:
    now = clock.now()
    with each_database.writing() as session:
        record(session, now, None, "campaign.open", "campaign:c1")
        session.commit()
    starting.check_database(each_database, each_config, now - timedelta(minutes=4))
    with pytest.raises(ClockWentBack) as refused:
        starting.check_database(each_database, each_config, now - timedelta(days=1))
    assert now.isoformat(timespec="seconds") in refused.value.message("en")


@pytest.mark.postgres
def test_start__beside_a_database_that_logs_statements__is_refused(
    each_config: Config, each_database: Database
) -> None:
    public = replace(each_config, public_url="https://pj.example.cn")
    collecting(each_database)
    if each_database.is_sqlite:
        starting.check_database(each_database, public, clock.now())
        return
    with pytest.raises(DatabaseLogsStatements) as refused:
        starting.check_database(each_database, public, clock.now())
    assert "log_min_error_statement=error" in refused.value.message("zh")
    assert "log_error_verbosity=default" in refused.value.message("zh")


@pytest.mark.parametrize("fails", [True, False])
def test_start__on_a_disk_without_file_locks__is_refused(
    config: Config, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    def flock(_handle: int, _how: int) -> None:
        # Some network file systems refuse; some say yes to everybody.
        if fails:
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(NoFileLocks):
        starting.check_files(config)
    assert not list(config.home.glob(".lock-probe*"))


def test_start__while_a_server_is_running__is_not_refused(installed: Installed) -> None:
    installed.send(2)
    starting.check_files(installed.config)
    start(installed.config)
    assert installed.writer.submit(sitting(installed.door, 30))


def test_recovery_key_set__follows_the_file(config: Config) -> None:
    assert not recovery_key_set(config)
    (config.home / "recovery.pub").write_text("x")
    assert recovery_key_set(config)
    assert not recovery_key_set(replace(config, recovery_key=config.home / "elsewhere.pub"))

"""The operator's commands, as typed, beside a server that goes on storing."""

import re
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from survey_app.accounts.models import AuditEntry
from survey_app.admission.models import AccessCode
from survey_app.campaigns.models import Campaign
from survey_app.cli.main import main
from survey_app.responses.models import Parked, Response
from survey_app.responses.spending import Outcome
from survey_app.upkeep.rules.backups import TooFewSinceLastBackup
from tests.factories.doors import sitting
from tests.upkeep.conftest import Installed


def run(home: Path, database_url: str | None, *arguments: str) -> Result:
    environment = {"PINGYI_HOME": str(home), "PINGYI_SECRET_KEY": "k" * 32, "PINGYI_DATABASE_URL": database_url}
    return CliRunner().invoke(main, arguments, env=environment)


def on(installed: Installed, *arguments: str) -> Result:
    return run(installed.config.home, installed.config.database_url, *arguments)


def test_backup_and_restore__as_typed__with_the_recovery_key(installed: Installed, tmp_path: Path) -> None:
    private, public = tmp_path / "private.pem", tmp_path / "public.pem"
    assert on(installed, "recovery-key", "make", str(private), str(public)).exit_code == 0
    assert on(installed, "recovery-key", "use", str(public)).exit_code == 0
    assert on(installed, "recovery-key", "use", str(public)).exit_code == 1
    installed.send(13)
    made = on(installed, "backup", str(installed.folder))
    assert made.exit_code == 0, made.output
    (file,) = installed.folder.iterdir()
    assert re.fullmatch(r"pingyi-\d{8}-\d{6}\.backup", file.name)
    sha256 = re.findall(r"SHA-256 (\w{64})", made.output)[0]
    other = tmp_path / "other"
    restored = run(other, None, "restore", str(file), "--sha256", sha256)
    assert restored.exit_code == 0, restored.output
    assert "c1: 备份时在票箱中的约 10–14 份" in restored.output
    assert "pingyi campaign resume" in restored.output
    assert run(other, None, "restore", str(file)).exit_code == 1
    recovered = run(other, None, "recover", str(file), "--private-key", str(private))
    assert "c1: 10 份放回票箱" in recovered.output, recovered.output
    again = run(other, None, "recover", str(file), "--private-key", str(private))
    assert again.exit_code == 1
    assert "不再重复" in again.output
    assert run(other, None, "audit", "verify").exit_code == 0
    closed = run(other, None, "close", "c1")
    assert "stored out of the boxes at close: 10" in closed.output, closed.output


def test_backup__without_a_recovery_key__is_not_recoverable_and_says_so(installed: Installed, tmp_path: Path) -> None:
    installed.send(13)
    file = installed.folder / "a.backup"
    made = on(installed, "backup", str(file))
    assert "其中约 0 份" in made.output
    private, public = tmp_path / "private.pem", tmp_path / "public.pem"
    on(installed, "recovery-key", "make", str(private), str(public))
    refused = on(installed, "recover", str(file), "--private-key", str(private))
    assert refused.exit_code == 1
    assert "没有设置恢复公钥" in refused.output
    wrong = on(installed, "recover", str(file), "--private-key", str(public))
    assert wrong.exit_code == 1
    assert "recovery-key make" in wrong.output


def test_backup__refused__says_which_group_and_that_nothing_is_wrong(installed: Installed) -> None:
    installed.store(2)
    refused = on(installed, "backup", str(installed.folder))
    assert refused.exit_code == TooFewSinceLastBackup.exit_code != 1
    assert "c1/单位" in refused.output
    assert "Nothing is wrong" in refused.output
    assert list(installed.folder.iterdir()) == []


def test_close__beside_a_server_that_is_storing__loses_and_doubles_nothing(installed: Installed) -> None:
    outcomes: list[Outcome] = []

    def answer(first: int) -> None:
        outcomes.extend(installed.writer.submit(sitting(installed.door, code)) for code in range(12 + first, 80, 8))

    threads = [threading.Thread(target=answer, args=(first,)) for first in range(8)]
    installed.send(12)
    outcomes.extend([Outcome.STORED] * 12)
    for thread in threads:
        thread.start()
    closed = on(installed, "close", "c1")
    for thread in threads:
        thread.join()
    assert closed.exit_code == 0, closed.output
    stored = outcomes.count(Outcome.STORED)
    with installed.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Response)) == stored
        assert session.scalar(select(func.count()).where(AccessCode.used)) == stored
        assert session.scalar(select(func.count()).select_from(Parked)) == 0
        assert session.scalars(select(Campaign.state)).all() == ["closed"]
        assert session.scalars(select(AuditEntry.action)).all() == ["campaign.stop", "campaign.close"]
    assert set(outcomes) <= {Outcome.STORED, Outcome.CLOSED}
    assert installed.writer.submit(sitting(installed.door, 79, nonce="late")) in {Outcome.CLOSED, Outcome.USED}
    assert on(installed, "close", "c1").exit_code == 0


def test_close__of_a_campaign_that_is_not_there__says_so(installed: Installed) -> None:
    refused = on(installed, "close", "other")
    assert refused.exit_code == 1
    assert "other" in refused.output


@pytest.mark.parametrize("command", ["backup", "close", "recovery-key use"])
def test_command__without_tables__says_what_to_run(tmp_path: Path, command: str) -> None:
    (tmp_path / "a").write_text("x")
    refused = run(tmp_path / "fresh", None, *command.split(), str(tmp_path / "b" if command == "backup" else "c1"))
    assert refused.exit_code == 1
    assert "Traceback" not in refused.output

"""`pingyi backup`, `restore`, `recover` and `recovery-key`: what the operator does to a whole installation.

None of them needs the server to stop: they take turns with its writer. Restoring needs an empty place.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from alembic import command as alembic
from sqlalchemy.engine import Connection

from survey_app import clock
from survey_app.accounts.operations.audit import record
from survey_app.app import NotUpgraded, storage
from survey_app.cli.database import alembic_config, import_every_model
from survey_app.config import Config, recovery_key_file, recovery_key_set
from survey_app.db import Database, newest_revision
from survey_app.upkeep.operations import recovery
from survey_app.upkeep.operations.archive import RECOVERY, ArchiveReader
from survey_app.upkeep.operations.backup import back_up
from survey_app.upkeep.operations.restore import Restored, restore
from survey_app.upkeep.rules.backups import BadBackupPlace, NoRecoveryPart

_PATH = click.Path(path_type=Path)


@click.command("backup")
@click.argument("target", type=_PATH)
def backup_command(target: Path) -> None:
    """备份到文件或文件夹 / Back up to a file, or into a folder under a name of the moment."""
    import_every_model()
    config, now = Config.from_environment(), clock.now()
    path = target / f"pingyi-{now:%Y%m%d-%H%M%S}.backup" if target.is_dir() else target
    public = recovery.read_public(recovery_key_file(config)) if recovery_key_set(config) else None
    with _upgraded(config) as database:
        boxes, writer = storage(config, database)
        made = back_up(database, writer.exclusively, boxes.keys, path.absolute(), now=now, recovery=public)
    click.echo(f"已备份并核对 / backed up and read again: {made.path}")
    click.echo(f"  SHA-256 {made.sha256}")
    for code, waiting in made.manifest.waiting.items():
        inside = made.manifest.recoverable.get(code, "0")
        click.echo(
            f"  {code}: 票箱中待入库约 {waiting} 份，其中约 {inside} 份已用恢复公钥封存；其余不在备份里 / "
            f"about {waiting} wait in boxes, about {inside} of them sealed to the recovery key, the rest in no backup"
        )
    if made.unknown:
        click.echo(f"  不是本系统的表，未备份 / not our tables, left out: {', '.join(made.unknown)}", err=True)


@click.command("restore")
@click.argument("path", type=_PATH)
@click.option("--sha256", help="备份时抄存的 SHA-256 / as noted when the backup was made")
def restore_command(path: Path, sha256: str | None) -> None:
    """把备份恢复到空的位置 / Restore a backup into an empty place."""
    import_every_model()
    config = Config.from_environment()
    with _closing(Database(config.database_url)) as database:
        restored = restore(
            database, config.key_directory, path, _upgrade, newest_revision(), now=clock.now(), sha256=sha256
        )
    click.echo(f"已恢复 / restored: {path}（{restored.manifest.version}, {restored.manifest.head}）")
    _tell_losses(path, restored)
    if not restored.check.ok:
        click.echo(
            f"审计日志的哈希链在第 {restored.check.first_bad} 条处断开：请运行 pingyi audit verify 并报告 / "
            f"the audit log breaks at entry {restored.check.first_bad}: run pingyi audit verify and report it",
            err=True,
        )
        sys.exit(1)
    click.echo(
        f"审计日志 {restored.check.entries} 条依次相连 / {restored.check.entries} audit entries follow one another"
    )


@click.command("recover")
@click.argument("path", type=_PATH)
@click.option("--private-key", "private", type=_PATH, required=True, help="委托方保管的私钥 / the office's private key")
def recover_command(path: Path, private: Path) -> None:
    """用恢复私钥取回备份中封存的票箱 / Bring back the boxes that a backup holds, with the private key."""
    import_every_model()
    config = Config.from_environment()
    key, archive = recovery.read_private(private), ArchiveReader(path)
    if archive.manifest.part(RECOVERY) is None:
        raise NoRecoveryPart(path=path)
    found = recovery.unseal(archive.read(RECOVERY), key, private)
    now = clock.now()
    with _upgraded(config) as database:
        boxes, writer = storage(config, database)
        put = writer.exclusively(lambda session: recovery.recover(session, boxes.keys, found, now=now))
    for code, sittings in put.items():
        click.echo(f"{code}: {sittings} 份放回票箱，仍是密封的 / {sittings} sittings are back in their boxes, sealed")


@click.group("recovery-key")
def recovery_key() -> None:
    """恢复密钥 / The recovery key."""


@recovery_key.command("make")
@click.argument("private", type=_PATH)
@click.argument("public", type=_PATH)
def make(private: Path, public: Path) -> None:
    """在委托方的电脑上生成密钥对 / Make the pair, on a computer of the commissioning office."""
    recovery.make_key_pair(private, public)
    click.echo(
        f"私钥 {private}：由委托方保管，不要放到服务器上 / private half: stays with the office, never on the host"
    )
    click.echo(f"公钥 {public}：在服务器上运行 pingyi recovery-key use / public half: for the host")


@recovery_key.command("use")
@click.argument("public", type=_PATH)
def use(public: Path) -> None:
    """在服务器上启用公钥 / Set the public half on the host."""
    import_every_model()
    config = Config.from_environment()
    recovery.read_public(public)
    target = recovery_key_file(config)
    if target.exists():
        raise BadBackupPlace(path=target, why_zh="已有恢复公钥，请先移走", why_en="a key is set; move it away first")
    with _upgraded(config) as database, database.writing() as session:
        target.write_bytes(public.read_bytes())
        record(session, clock.now(), None, "recovery_key.set", "installation", {"file": target.name})
        session.commit()
    click.echo(f"今后的备份会封存装满的票箱 / backups hold full boxes from now on, sealed to {target}")


def _tell_losses(path: Path, restored: Restored) -> None:
    for code, waiting in restored.manifest.waiting.items():
        inside = restored.manifest.recoverable.get(code)
        later = (
            f"，其中约 {inside} 份可用 pingyi recover {path} --private-key 取回 / , about {inside} can be recovered"
            if inside
            else ""
        )
        click.echo(
            f"  {code}: 备份时在票箱中的约 {waiting} 份没有随备份保存 / about {waiting} that waited are lost{later}"
        )
    if restored.paused:
        codes = ", ".join(restored.paused)
        click.echo(f"  已暂停，请核对后恢复 / paused, look and resume: {codes}（pingyi campaign resume）")
    click.echo(
        "  secret.key 不在备份里：已重新生成，员工须重新登录，正在填写的人须重新扫码 / "
        "secret.key is in no backup: a new one is used, staff sign in again, people who are answering scan again"
    )


@contextmanager
def _upgraded(config: Config) -> Iterator[Database]:
    with _closing(Database(config.database_url)) as database:
        if not database.is_upgraded():
            raise NotUpgraded
        yield database


@contextmanager
def _closing(database: Database) -> Iterator[Database]:
    try:
        yield database
    finally:
        database.engine.dispose()


def _upgrade(connection: Connection, revision: str) -> None:
    settings = alembic_config()
    settings.attributes["connection"] = connection
    alembic.upgrade(settings, revision)

"""Backups: what is in them, what is not, when they are refused, and that they wait for no server to stop."""

import base64
import os
import re
import stat
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from sqlalchemy import insert, select

from survey_app.accounts.models import AuditEntry
from survey_app.admission.models import AccessCode
from survey_app.campaigns.models import BoxGroup, Collector
from survey_app.config import Config
from survey_app.db import Base
from survey_app.responses.models import Response
from survey_app.responses.spending import Outcome
from survey_app.upkeep.models import BackupMark
from survey_app.upkeep.operations.archive import ArchiveReader
from survey_app.upkeep.rules.backups import (
    LEFT_OUT,
    BackupNotSound,
    BadBackupPlace,
    TooFewSinceLastBackup,
    about,
)
from tests.factories.doors import sitting
from tests.upkeep.conftest import Installed, digest


def rows(path: Path, table: str) -> list[list[object]]:
    with zipfile.ZipFile(path) as file:
        name = next(name for name in file.namelist() if name.endswith(f"-{table}.jsonl"))
        return [orjson.loads(line) for line in file.read(name).splitlines()]


def other_group(installed: Installed) -> int:
    """A second box group with a door of its own; the id of its door."""
    with installed.database.writing() as session:
        group = BoxGroup(
            campaign_id=installed.door.campaign, name="另一单位", box_size=10, min_cell=5, padded_size=1024
        )
        session.add(group)
        session.flush()
        door = Collector(
            campaign_id=installed.door.campaign,
            box_group_id=group.id,
            questionnaire="staff",
            audience="staff",
            tier="T1",
            unit_id=installed.door.unit,
            headcount=20,
            state="open",
        )
        session.add(door)
        session.commit()
        return door.id


def test_backup__holds_every_table_but_those_that_must_not_travel(installed: Installed) -> None:
    installed.send(17)
    made = installed.back_up()
    names = {re.sub(r"^\d+-|\.jsonl$", "", name) for name in zipfile.ZipFile(made.path).namelist()}
    assert names == {table.name for table in Base.metadata.sorted_tables} - LEFT_OUT | {"manifest.json"}
    assert len(rows(made.path, "response")) == 10
    assert len(rows(made.path, "access_code")) == 80
    assert made.unknown == ()
    assert made.sha256 == digest(made.path)
    assert made.manifest.waiting == {"c1": "5–9"}


def test_backup__has_no_sealed_answer_and_no_key(installed: Installed) -> None:
    installed.send(17)
    made = installed.back_up()
    everything = b"".join(zipfile.ZipFile(made.path).read(name) for name in zipfile.ZipFile(made.path).namelist())
    keys = installed.boxes.keys.of_group(installed.door.group)
    assert keys
    assert installed.parked()
    for secret in (*keys.values(), *installed.parked()):
        for shape in (secret[:24], secret[:24].hex().encode(), base64.b64encode(secret)[:32]):
            assert shape not in everything


def test_backup__of_rows_that_lie_in_the_order_of_arrival__shows_another_order(installed: Installed) -> None:
    installed.send(40)
    made = installed.back_up()
    codes, answers = rows(made.path, "access_code"), rows(made.path, "response")
    # On PostgreSQL a used code lies where it was written when it was used.
    assert codes == sorted(codes, key=lambda row: base64.b64decode(row[0]["bytes"]))  # type: ignore[index]
    ids = [base64.b64decode(row[1]["bytes"]) for row in answers]  # type: ignore[index]
    assert ids == sorted(ids)


def test_backup__is_for_its_owner_only_and_is_noted(installed: Installed) -> None:
    made = installed.back_up()
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert list(installed.folder.iterdir()) == [made.path]
    with installed.database.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "backup.make")).one()
    assert made.sha256 in entry.detail
    assert entry.person_id is None


@pytest.mark.parametrize("more", [1, 4])
def test_backup__after_one_to_four_newly_stored_sittings__is_refused_by_group(installed: Installed, more: int) -> None:
    other = other_group(installed)
    installed.store(12)
    installed.store(12, other)
    installed.back_up("first.backup")
    installed.store(20)  # counted over the whole database there are enough
    installed.store(more, other)
    with pytest.raises(TooFewSinceLastBackup) as refused:
        installed.back_up("second.backup")
    assert "c1/另一单位" in refused.value.message("zh")
    assert "c1/单位" not in refused.value.message("zh").replace("c1/另一单位", "")
    assert [path.name for path in installed.folder.iterdir()] == ["first.backup"]
    installed.store(5 - more, other)
    assert installed.back_up("second.backup").path.exists()


@pytest.mark.parametrize("more", [0, 5, 11])
def test_backup__after_none_or_at_least_five__is_made(installed: Installed, more: int) -> None:
    installed.store(7)
    installed.back_up("first.backup")
    installed.store(more)
    installed.back_up("second.backup")
    with installed.database.reading() as session:
        assert session.scalars(select(BackupMark.sittings)).all() == [7 + more]


def test_backup__the_first_one__counts_from_nothing(installed: Installed) -> None:
    installed.store(3)
    with pytest.raises(TooFewSinceLastBackup):
        installed.back_up()


def test_backup__of_parked_sittings_only__is_made_as_often_as_wanted(installed: Installed) -> None:
    for number in range(3):
        installed.send(1)
        installed.back_up(f"{number}.backup")


def test_backup__that_cannot_be_written__notes_nothing(installed: Installed, monkeypatch: pytest.MonkeyPatch) -> None:
    installed.store(7)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        installed.back_up()
    monkeypatch.undo()
    assert list(installed.folder.iterdir()) == []
    assert installed.count(BackupMark) == installed.count(AuditEntry) == 0
    assert installed.back_up().path.exists()


def test_backup__onto_a_file_that_is_there__is_refused(installed: Installed) -> None:
    made = installed.back_up()
    before = digest(made.path)
    with pytest.raises(BadBackupPlace):
        installed.back_up()
    assert digest(made.path) == before


@pytest.mark.parametrize("name", ["nowhere/a.backup", "../keys/a.backup"])
def test_backup__into_the_keys_or_into_nothing__is_refused(installed: Installed, name: str) -> None:
    with pytest.raises(BadBackupPlace):
        installed.back_up(name)
    assert not list(installed.config.key_directory.glob("*.backup*"))


def test_backup__while_people_answer__holds_a_moment_that_fits_together(installed: Installed) -> None:
    """Used codes are the sittings that are stored or wait; no backup shows one without the other."""
    outcomes: list[Outcome] = []

    def answer(first: int) -> None:
        outcomes.extend(installed.writer.submit(sitting(installed.door, code)) for code in range(first, 80, 4))

    threads = [threading.Thread(target=answer, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    made = []
    for number in range(4):
        try:
            made.append(installed.back_up(f"{number}.backup"))
        except TooFewSinceLastBackup:
            continue
    for thread in threads:
        thread.join()
    assert made
    assert outcomes == [Outcome.STORED] * 80
    columns = list(AccessCode.__table__.columns.keys())
    for one in made:
        used = sum(bool(row[columns.index("used")]) for row in rows(one.path, "access_code"))
        waiting = used - len(rows(one.path, "response"))
        assert one.manifest.waiting == ({"c1": about(waiting)} if waiting else {})


def test_archive__of_which_one_byte_was_changed__is_not_sound(
    config: Config, install: Callable[[Config], Installed]
) -> None:
    installed = install(config)
    installed.store(6)
    path = installed.back_up().path
    changed = bytearray(path.read_bytes())
    changed[len(changed) // 3] ^= 1
    path.write_bytes(changed)
    with pytest.raises(BackupNotSound):
        ArchiveReader(path)
    path.write_bytes(b"no zip at all")
    with pytest.raises(BackupNotSound):
        ArchiveReader(path)


def test_archive__of_which_a_table_was_replaced__is_not_sound(
    config: Config, install: Callable[[Config], Installed]
) -> None:
    path = install(config).back_up().path
    forged = path.with_suffix(".forged")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(forged, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'"c1"', b'"c9"'))
    with pytest.raises(BackupNotSound, match="does not fit"):
        ArchiveReader(forged)


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0"), (1, "1–4"), (4, "1–4"), (5, "5–9"), (9, "5–9"), (10, "10–14"), (123, "120–124")]
)
def test_about__gives_steps_in_which_one_person_does_not_show(count: int, said: str) -> None:
    assert about(count) == said


def test_response_rows__are_counted_by_sitting(installed: Installed) -> None:
    installed.store(5)
    assert installed.count(Response) == 10
    installed.back_up()
    with installed.database.writing() as session:
        # One more unit rated in a sitting that is there already is no further person.
        known = session.execute(select(Response.__table__).limit(1)).mappings().one()
        session.execute(insert(Response), [dict(known) | {"id": b"n" * 16}])
        session.commit()
    installed.back_up("b.backup")

"""`pingyi codes`: from the server to an agency's machine and back."""

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from survey_app.admission.models import AccessCode
from survey_app.cli.main import main
from survey_app.config import Config
from survey_app.db import Database
from survey_app.offline_cards import rules
from tests.factories.campaign import draft


def codes(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["codes", *map(str, arguments)])


@pytest.fixture
def order(config: Config, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An order on its way to the agency."""
    with database.writing() as session:
        draft(session)
        session.commit()
    monkeypatch.setenv("PINGYI_HOME", str(config.home))
    monkeypatch.setenv("PINGYI_PUBLIC_URL", "https://pj.example.cn")
    written = codes("order", "c2026", tmp_path / "order.json")
    assert written.exit_code == 0, written.output
    return tmp_path / "order.json"


def test_make__needs_no_installation__and_what_it_writes_is_imported(
    order: Path, tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("PINGYI_HOME", str(tmp_path / "elsewhere"))
        elsewhere.setenv("PINGYI_DATABASE_URL", "sqlite:////nowhere/at/all")
        wanted = ["--collector", 1, "--collector", 3, "--cards", 30, "--spares", 2, "--a-page", 24, "--svg", "--png"]
        made = codes("make", order, "--out", tmp_path / "cards", *wanted)
        assert made.exit_code == 0, made.output
        assert not (tmp_path / "elsewhere").exists()
    names = {path.name for path in (tmp_path / "cards").iterdir()}
    assert names == {"cards.pdf", "hashes.json", "symbols-svg.zip", "symbols-png.zip"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "cards").iterdir()} == {0o600}
    file = rules.read_hashes((tmp_path / "cards" / "hashes.json").read_bytes(), "hashes.json")
    assert [(door.collector, len(door.active), len(door.spare)) for door in file.doors] == [(1, 30, 2), (3, 30, 2)]

    imported = codes("import", "c2026", tmp_path / "cards" / "hashes.json")
    assert imported.exit_code == 0, imported.output
    assert f"{len(file.doors)}/{len(file.doors)}" in imported.output
    with database.reading() as session:
        stored = {row.hash.hex(): row.active for row in session.scalars(select(AccessCode))}
    expected = {one: True for door in file.doors for one in door.active}
    assert stored == expected | {one: False for door in file.doors for one in door.spare}
    again = codes("import", "c2026", tmp_path / "cards" / "hashes.json")
    assert again.exit_code == 0
    assert again.output.count("imported before") == len(file.doors)


def test_make__for_one_door__makes_as_many_as_are_asked_for(order: Path, tmp_path: Path) -> None:
    (first, *_rest) = json.loads(order.read_text())["doors"]
    made = codes("make", order, "--out", tmp_path / "cards", "--collector", first["collector"], "--cards", 7)
    assert made.exit_code == 0, made.output
    file = rules.read_hashes((tmp_path / "cards" / "hashes.json").read_bytes(), "hashes.json")
    assert [(door.collector, door.cards) for door in file.doors] == [(first["collector"], 7)]


def test_make__with_something_wrong__writes_nothing_and_says_what(order: Path, tmp_path: Path) -> None:
    out = tmp_path / "cards"
    (tmp_path / "broken.json").write_text("{}")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "old.pdf").touch()
    for arguments, word in (
        (("make", order, "--out", out, "--collector", 4711), "4711"),
        (("make", tmp_path / "broken.json", "--out", out), "broken.json"),
        (("make", tmp_path / "nothing.json", "--out", out), "nothing.json"),
        (("make", order, "--out", tmp_path / "full"), "full"),
        (("make", order, "--out", out, "--font", tmp_path / "broken.json"), "broken.json"),
        (("import", "c2026", order), "order.json"),
        (("import", "nobody", order), "order.json"),
    ):
        refused = codes(*arguments)
        assert refused.exit_code == 1, arguments
        assert word in refused.output
        assert not out.exists()
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["old.pdf"]


def test_make__when_nothing_is_lacking__asks_for_a_number(order: Path, tmp_path: Path) -> None:
    content = json.loads(order.read_text())
    for door in content["doors"]:
        door["suggested"] = 0
    order.write_text(json.dumps(content))
    refused = codes("make", order, "--out", tmp_path / "cards")
    assert refused.exit_code == 1
    assert "--cards" in refused.output

"""`pingyi score` and `pingyi verify`, as somebody types them."""

import json
import re

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from survey_app.cli.main import main
from survey_app.config import Config
from survey_app.db import Database
from survey_app.responses.models import Response
from tests.scores import evaluation as ev


@pytest.fixture(autouse=True)
def installation(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line finds the installation by its home."""
    monkeypatch.setenv("PINGYI_HOME", str(config.home))


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def test_score__prints_one_row_a_unit_with_both_indicators_as_pages_show_them(evaluated: ev.Evaluation) -> None:
    result = run("score", "pg2026")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert "群众满意度" in lines[0]
    assert "相关部门评价" in lines[0]
    assert "内部协调运转" not in lines[0]
    first, second = lines[1].split(), lines[3].split()
    assert first[:2] == ["u01", "第1单位"]
    assert re.fullmatch(r"\d+\.\d", first[2])
    assert first[5].isdecimal()  # few departments: rounded for publication
    assert second[:5] == ["u03", "第3单位", "–", "–", "不适用"]
    assert "pg2026/1" in lines[4]
    assert result.stderr == ""


def test_score_again__prints_the_newest_and_says_why_nothing_was_computed(evaluated: ev.Evaluation) -> None:
    first = run("score", "pg2026")
    again = run("score", "pg2026")
    assert again.exit_code == 0
    assert again.stdout == first.stdout
    assert "没有新的答卷" in again.stderr


def test_score_as_json__is_the_document_with_its_provenance(evaluated: ev.Evaluation) -> None:
    result = run("score", "pg2026", "--json")
    document = json.loads(result.stdout)
    assert document["snapshot"] == "pg2026/1"
    assert len(document["scores"]) == 12
    assert document["provenance"]["number"] == 1
    assert document["confirmations"] == []


def test_verify__says_that_it_is_the_same(computed: ev.Evaluation) -> None:
    result = run("verify", "pg2026/1")
    assert result.exit_code == 0, result.output
    assert "一致" in result.stdout
    assert "numpy" in result.stdout


def test_verify__after_a_change__says_what_and_fails(computed: ev.Evaluation, database: Database) -> None:
    with database.writing() as session:
        one = session.scalars(select(Response.id)).first()
        session.execute(update(Response).where(Response.id == one).values(answers="{}"))
        session.commit()
    result = run("verify", "pg2026/1")
    assert result.exit_code == 1
    assert "不一致" in result.stdout
    assert "/input_digest/" in result.stdout


@pytest.mark.parametrize(
    "words", [("score", "nobody"), ("verify", "pg2026/7"), ("verify", "nonsense"), ("verify", "nobody/1")]
)
def test_unknown_name__is_said_without_a_traceback(computed: ev.Evaluation, words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 1
    assert "Error:" in result.stderr
    assert "Traceback" not in result.output

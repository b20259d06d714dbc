"""`pingyi rehearse`, as somebody types it, on a real database."""

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result

from survey_app.cli.main import main
from survey_app.config import Config
from survey_app.db import Database
from tests.factories.campaign import draft
from tests.scores import evaluation as ev


@pytest.fixture(autouse=True)
def drafted(each_config: Config, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A draft of three units on SQLite, then on PostgreSQL, found by the command line."""
    monkeypatch.setenv("PINGYI_HOME", str(each_config.home))
    monkeypatch.setenv("PINGYI_DATABASE_URL", each_config.database_url)
    database = Database(each_config.database_url)
    with database.writing() as session:
        draft(session, ev.setup_document(units=4, departments=12, without={"u04": "service_recipient"}))
        session.commit()
    yield
    database.engine.dispose()


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["rehearse", *words])


def test_rehearse__says_in_both_languages_what_will_be_separated() -> None:
    result = run("pg2026", "--draws", "2")
    assert result.exit_code == 0, result.output
    for part in (
        "演练不读取任何真实答卷",
        "No real answer is read",
        "群众满意度",
        "Public satisfaction",
        "有单位不设某类人群（u04）",
        "每个单位 12 个部门：2 个单位",
        "with 12 departments a unit",
        "抽样区间含真值的比例",
        "误剔除的认真答卷",
        "Monte Carlo",
    ):
        assert part in result.stdout, part
    assert "{" not in result.stdout
    assert "模拟 / playing pg2026" in result.stderr
    assert "playing" not in result.stdout


def test_rehearse_as_json__is_unrounded_and_the_same_for_the_same_seed() -> None:
    asked = ("pg2026", "--draws", "2", "--json", "--seed", "5", "--spread", "8", "--response-rate", "0.9")
    first, again = run(*asked), run(*asked, "--response-rate", "0.9")
    document = json.loads(first.stdout)
    assert first.stdout == again.stdout
    assert document["draws"] == 2
    assert document["seed"] == 5
    assert document["assumptions"]["spread"] == 8
    assert set(document["assumptions"]["response_rates"].values()) == {0.9}
    public = document["indicators"][0]
    assert public["title"] == {"zh": "群众满意度", "en": "Public satisfaction"}
    assert public["half_width"]["value"] != round(public["half_width"]["value"], 6)
    assert sum(share["value"] for share in public["statuses"].values()) == pytest.approx(1)
    assert document["notes"][0]["code"] == "audience_left_out"


def test_response_rate__of_one_audience__leaves_the_others() -> None:
    result = run(
        "pg2026", "--draws", "1", "--json", "--response-rate", "staff=1", "--response-rate", "related_department=0.5"
    )
    rates = json.loads(result.stdout)["assumptions"]["response_rates"]
    assert rates == {"staff": 1.0, "service_recipient": 0.5, "related_department": 0.5}


@pytest.mark.parametrize("rate", ["60", "everybody=0.5", "staff=many"])
def test_response_rate__that_is_none__is_said(rate: str) -> None:
    result = run("pg2026", "--response-rate", rate)
    assert result.exit_code == 2
    assert "写作 0.6 或 人群=0.6" in result.stderr


def test_unknown_campaign__is_said_without_a_traceback() -> None:
    result = run("nobody")
    assert result.exit_code == 1
    assert "没有这一项" in result.stderr
    assert "Traceback" not in result.output

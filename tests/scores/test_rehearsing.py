"""A campaign as it stands in the database becomes a setting to rehearse: its sizes, its doors, its conditions."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from analysis.simulation.rehearsal import rehearse
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.operations import cards
from survey_app.campaigns.queries import campaigns
from survey_app.db import Database
from survey_app.scores.operations import rehearsing
from survey_app.scores.operations.rehearsing import Choices, Prepared
from tests.factories.campaign import NOON, doors, draft, make_cards
from tests.scores import evaluation as ev


def prepared(database: Database, document: dict[str, Any], **choices: Any) -> Prepared:
    """A draft, as `pingyi rehearse` reads it."""
    with database.writing() as session:
        draft(session, document)
        session.commit()
    return read(database, document["campaign"]["code"], **choices)


def read(database: Database, code: str, **choices: Any) -> Prepared:
    with database.reading() as session:
        return rehearsing.prepare(session, campaigns.campaign(session, code, None), Choices(**choices))


def document(found: Prepared, draws: int = 2) -> dict[str, Any]:
    rehearsed = rehearse(found.setting, found.assumptions, draws=draws)
    return json.loads(json.dumps(rehearsing.document_of(found, rehearsed, found.notes), allow_nan=False))


def notes(found: Prepared) -> dict[str, tuple[str, ...]]:
    return {note.code: note.subjects for note in found.notes}


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


def test_draft_without_any_answer__is_rehearsed_on_each_database(each_database: Database) -> None:
    found = prepared(each_database, ev.setup_document(units=3, without={"u03": "service_recipient"}))
    assert found.state == "draft"
    written = document(found)
    assert written["answers_read"] == 0
    assert [one["indicator"] for one in written["indicators"]] == [
        "public_satisfaction",
        "related_department_evaluation",
        "internal_coordination",
        "workload_staffing",
    ]
    assert [one["units"] for one in written["indicators"]] == [2, 3, 3, 3]
    for one in written["indicators"]:
        assert one["sentences"]["zh"]
        assert len(one["sentences"]["zh"]) == len(one["sentences"]["en"])


def test_answers__are_never_read_even_where_there_are_some(evaluated: ev.Evaluation, database: Database) -> None:
    with statements(database) as seen:
        found = read(database, evaluated.code)
    assert found.state == "closed"
    assert seen
    for statement in seen:
        words = statement.lower().replace('"', " ").replace(",", " ").split()
        assert not {"response", "parked", "sitting_detail"} & set(words), statement
        assert not any(word.startswith("response.") for word in words), statement


def test_sizes__are_those_of_the_set_up(database: Database) -> None:
    found = prepared(database, ev.setup_document(units=2, departments=7))
    setting = found.setting
    assert setting.population["u01", "staff", None] == 40
    assert setting.population["u02", "service_recipient", "window"] == 60
    assert setting.population["u01", "related_department", None] == 7
    assert len(setting.panels) == 7
    assert {(panel.raters, panel.asked, panel.most) for panel in setting.panels} == {(3, 3, 5)}
    asked = {(door.questionnaire, setting.strata[door.stratum]): (door.members, door.asked) for door in setting.doors}
    # Staff under 200: everybody. Service recipients: as many cards as the set-up suggests for ±5 points.
    assert asked["staff", None] == (40, 40)
    assert asked["service_recipient", "window"] == (60, 60)


def test_cards_that_were_made__are_those_that_are_asked(database: Database) -> None:
    with database.writing() as session:
        campaign = draft(session, ev.setup_document(units=2, sizes={"window": 5000}))
        door = doors(session, campaign, "service_recipient")[0]
        suggested = read_asked(session, campaign)
        make_cards(session, campaign, door.id, 900)
        session.commit()
        assert suggested[0] < 900
        assert read_asked(session, campaign)[0] == 900
        assert read_asked(session, campaign)[1] == suggested[1]


def read_asked(session: Any, campaign: Campaign) -> list[int]:
    setting = rehearsing.prepare(session, campaign, Choices()).setting
    return [door.asked for door in setting.doors if door.questionnaire == "service_recipient"]


def test_open_link__is_a_condition_with_as_many_answers_as_are_needed_or_told(database: Database) -> None:
    with database.writing() as session:
        campaign = draft(session, ev.setup_document(units=2, sizes={"window": 5000}))
        for door in doors(session, campaign, "service_recipient"):
            cards.set_tier(session, campaign, door.id, "T0", now=NOON, person_id=None)
        session.commit()
    found = read(database, "pg2026")
    assert notes(found)["open_link"] == ("u01", "u02")
    opened = [door for door in found.setting.doors if door.open_link]
    assert [door.asked for door in opened] == [357, 357]
    told = read(database, "pg2026", open_answers=50)
    assert [door.asked for door in told.setting.doors if door.open_link] == [50, 50]
    public = document(told)["indicators"][0]
    assert public["half_width"]["value"] is None
    assert public["answers"]["value"] > 40


def test_unknown_sizes__are_said_and_are_no_exception(database: Database) -> None:
    written = ev.setup_document(units=2)
    for unit in written["units"]:
        unit["frame"] = []
    found = prepared(database, written)
    assert notes(found)["size_unknown"] == ("u01", "u02")
    assert notes(found)["nobody_asked"] == ("u01", "u02")
    assert "cannot_open" in notes(found)
    indicators = {one["indicator"]: one for one in document(found)["indicators"]}
    assert indicators["internal_coordination"]["statuses"]["suppressed"]["value"] == 1
    assert indicators["public_satisfaction"]["answers"]["value"] > 300


def test_one_unit__has_precision_but_nothing_to_compare(database: Database) -> None:
    found = prepared(database, ev.setup_document(units=1))
    assert notes(found)["one_unit"] == ("u01",)
    public = document(found)["indicators"][0]
    assert public["comparisons"][0]["status"] == "one_unit"
    assert public["half_width"]["value"] > 0
    assert "没有可比较的" in public["sentences"]["zh"][0]


def test_audience_left_out__is_a_condition(database: Database) -> None:
    found = prepared(database, ev.setup_document(units=2, without={"u02": "service_recipient"}))
    assert notes(found)["audience_left_out"] == ("u02",)
    found = prepared(database, ev.setup_document(units=2, questionnaires=("staff",), code="second"))
    assert set(notes(found)["indicator_without_questionnaire"]) == {
        "public_satisfaction",
        "related_department_evaluation",
    }


def test_departments_that_rate_more_than_a_sitting_takes__are_a_condition(database: Database) -> None:
    written = ev.setup_document(units=7)
    for department in written["departments"]:
        department["rates"] = [unit["code"] for unit in written["units"]]
    found = prepared(database, written)
    assert len(notes(found)["sitting_limited"]) == 8
    assert {(len(panel.units), panel.most) for panel in found.setting.panels} == {(7, 5)}


def test_assumptions__are_those_that_were_asked_for_over_those_that_are_stated(database: Database) -> None:
    stated = prepared(database, ev.setup_document())
    assert stated.assumptions.spread == 5.0
    assert stated.assumptions.response_rates == {"staff": 0.7, "service_recipient": 0.5, "related_department": 0.8}
    asked = read(database, "pg2026", spread=2.0, careless=0.2, response_rates={"staff": 0.4})
    assert asked.assumptions.spread == 2.0
    assert asked.assumptions.response_rates["staff"] == 0.4
    assert asked.assumptions.response_rates["service_recipient"] == 0.5
    assert {how.careless for how in asked.assumptions.behaviours.values()} == {0.2}
    written = document(asked)["assumptions"]
    assert (written["spread"], written["response_rates"]["staff"], written["careless"]["staff"]) == (2.0, 0.4, 0.2)


def test_draws__are_reduced_for_a_large_campaign_with_a_note_but_never_against_a_wish(database: Database) -> None:
    small = prepared(database, ev.setup_document())
    assert small.draws(None) == (200, None)
    large = prepared(database, ev.setup_document(units=60, departments=60, code="large"))
    number, note = large.draws(None)
    assert number < 200
    assert note is not None
    assert (note.code, note.number) == ("draws_reduced", number)
    assert large.draws(300) == (300, None)


def test_part_that_no_questionnaire_asks__leaves_its_indicator_out(database: Database) -> None:
    found = prepared(database, ev.setup_document())
    specs = tuple(spec for spec in found.setting.questionnaires if spec.audience == "staff")
    assert rehearsing.answerable(found.setting.plan, specs)[1] == ()
    bare = tuple(type(spec)(spec.id, spec.hash, spec.audience, spec.items[:1]) for spec in specs)
    plan, lacking = rehearsing.answerable(found.setting.plan, bare)
    assert lacking
    assert not set(lacking) & {indicator.code for indicator in plan.indicators}


@pytest.mark.parametrize("seed", [1, 2])
def test_document__is_the_same_for_the_same_seed(database: Database, seed: int) -> None:
    found = prepared(database, ev.setup_document())
    one, again = (
        rehearsing.document_of(found, rehearse(found.setting, found.assumptions, draws=1, seed=seed), ())
        for _ in range(2)
    )
    assert one == again
    assert one["seed"] == seed

"""Counted items: which counts are shown, from which numbers on, and to whom."""

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.accounts.rules import Role
from survey_app.db import Database
from survey_app.scores.queries import snapshots
from survey_app.scores.rules.facts import joined, limited, without
from tests.factories.accounts import add_person, sign_in
from tests.scores import evaluation as ev
from tests.scores.test_compute import PUBLIC, computed, prepared, score
from tests.scores.test_export import cells
from tests.scores.test_pages import BASE, UNIT, said

ASKED = "办事过程中，有没有人向您提出"


def item(counts: list[int] | None, *, n: int | None = None, several: bool = False) -> dict[str, Any]:
    found = {"item": "i", "shown": True, "n": sum(counts or []) if n is None else n, "mean": None, "several": several}
    shares = {"share_dont_know": 0.0, "share_blank": 0.0, "share_not_applicable": 0.0}
    return found | shares | {"choices": ["a", "b", "c"], "counts": counts}


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([40, 12, 8], [40, 12, 8]),
        ([40, 12, 0], [40, 12, 0]),
        ([40, 12, 2], [None, 12, None]),  # 54 less 52 would be the two
        ([40, 3, 2], [None, None, None]),
    ],
)
def test_small_counts__are_not_shown_nor_is_the_one_they_follow_from(
    counts: list[int], shown: list[int | None]
) -> None:
    assert limited(item(counts), 30, 5)["counts"] == shown


@pytest.mark.parametrize(("counts", "min_n"), [([20, 5, 4], 30), ([4, 3, 3], 10)])
def test_too_few_answers_or_only_small_counts__hide_the_whole_item(counts: list[int], min_n: int) -> None:
    found = limited(item(counts), min_n, 5)
    assert not found["shown"]
    assert {found[name] for name in ("n", "counts", "share_blank")} == {None}


@pytest.mark.parametrize(("counts", "shown"), [([20, 3, 10], [20, None, 10]), ([38, 3, 10], [None, None, 10])])
def test_multiple__hides_small_groups_also_of_those_who_did_not_choose(
    counts: list[int], shown: list[int | None]
) -> None:
    assert limited(item(counts, n=40, several=True), 30, 5)["counts"] == shown


def test_multiple__is_put_together_and_hidden_when_one_of_its_choices_is() -> None:
    columns = [item([7, 33]) | {"item": "m.a"}, item([20, 20]) | {"item": "m.b"}]
    found = joined(columns, "m", ["a", "b"])
    assert (found["item"], found["choices"], found["counts"], found["n"]) == ("m", ["a", "b"], [7, 20], 40)
    columns[1] |= {"shown": False, "counts": None, "n": None}
    assert not joined(columns, "m", ["a", "b"])["shown"]


def facts(document: dict[str, Any], unit: str, indicator: str = PUBLIC) -> dict[str, dict[str, Any]]:
    return {found["item"]: found for found in score(document, unit, indicator)["facts"]}


def asked(session: Any, made: ev.Evaluation, unit: str, counts: dict[str, int], seed: int = 1) -> None:
    """So many people who said so to the question about demands beyond the rules, all of whom came for two things."""
    for number, (answer, n) in enumerate(counts.items(), start=10 * seed):
        given: dict[str, object] = {"sr_integrity": answer, "sr_contact": ["handle", "ask"]}
        ev.recipients(session, made, unit, n, seed=number, answers=given)


def test_facts__are_counted_as_they_were_answered(each_database: Database) -> None:
    made = prepared(each_database)
    with each_database.writing() as session:
        asked(session, made, "u01", {"no": 30, "yes": 6})
        asked(session, made, "u02", {"no": 28})
    document = computed(each_database, made)
    found = facts(document, "u01")
    assert (found["sr_integrity"]["counts"], found["sr_integrity"]["restricted"]) == ([30, 6, 0], "integrity")
    assert found["sr_contact"]["counts"] == [36, 36, 0, 0, 0, 0, 0]
    assert found["sr_contact"]["choices"][:2] == ["handle", "ask"]
    assert found["sr_contact"]["restricted"] is None
    # Fewer than the thirty that the plan asks for.
    assert not facts(document, "u02")["sr_integrity"]["shown"]
    assert "sr_integrity" not in {one["item"] for one in score(document, "u01", PUBLIC)["distributions"]}


def test_workload__stays_a_distribution(computed: ev.Evaluation, database: Database) -> None:
    with database.reading() as session:
        document = snapshots.snapshot(session, computed.campaign).document
    assert [one["item"] for one in score(document, "u01", "workload_staffing")["distributions"]] == ["st_wl_load"]
    assert "st_tenure" in facts(document, "u01", "internal_coordination")


def test_few_new_answers_to_a_fact__hide_it_in_the_next_snapshot(database: Database) -> None:
    made = prepared(database, units=1)
    with database.writing() as session:
        asked(session, made, "u01", {"no": 30, "yes": 6})
    assert facts(computed(database, made), "u01")["sr_integrity"]["n"] == 36
    with database.writing() as session:
        asked(session, made, "u01", {"yes": 2}, seed=2)
        ev.recipients(session, made, "u01", 8, seed=9, answers={"sr_contact": ["ask"]})
    document = computed(database, made)
    assert not facts(document, "u01")["sr_integrity"]["shown"]
    assert facts(document, "u01")["sr_contact"]["n"] == 46


def test_facts__of_a_unit_that_is_not_shown__are_not_there(database: Database) -> None:
    made = prepared(database)
    with database.writing() as session:
        asked(session, made, "u01", {"no": 30, "yes": 6})
        asked(session, made, "u02", {"yes": 4})
    assert facts(computed(database, made), "u02") == {}


@pytest.fixture
def sensitive(app: Flask) -> Flask:
    """A closed campaign in which six of 36 were asked for something, computed; a person of every role."""
    database: Database = app.extensions["pingyi"].database
    with database.writing() as session:
        made = ev.make(session, ev.setup_document())
        asked(session, made, "u01", {"no": 30, "yes": 6})
        ev.close(session, made)
        for role in Role:
            add_person(session, role.value, (role, None if role in {"administrator", "auditor"} else made.code))
        session.commit()
    computed(database, made)
    return app


@pytest.mark.parametrize("role", ["lead_evaluator", "evaluator", "approver", "auditor"])
def test_restricted_fact__is_on_the_page_of_those_whom_the_plan_names_only(
    sensitive: Flask, client: FlaskClient, role: str
) -> None:
    sign_in(client, role)
    page = said(client.get(UNIT).text)
    assert "过去12个月，您因为什么事与第1单位打过交道" in page
    assert (ASKED in page) == (role == "lead_evaluator")
    assert ("只供评估组长在本页查看" in page) == (role == "lead_evaluator")
    for url in (BASE, f"{BASE}/1/provenance"):
        assert ASKED not in client.get(url).text


def test_restricted_fact__is_in_no_file_whoever_takes_it(sensitive: Flask, client: FlaskClient) -> None:
    sign_in(client, "lead_evaluator")
    written = json.loads(client.get(f"{BASE}/1/scores.json").data)
    items = [one["item"] for found in written["scores"] for one in found["facts"]]
    assert "sr_contact" in items
    assert "sr_integrity" not in items
    sheet = str(cells(client.get(f"{BASE}/1/scores.xlsx").data)["题目"])
    assert "打过交道" in sheet
    assert ASKED not in sheet


def test_rule_that_the_plan_does_not_have__lets_nobody_see() -> None:
    listed = [item([30, 6, 0]) | {"restricted": rule} for rule in (None, "gone")]
    assert without(listed, {}, [role.value for role in Role]) == listed[:1]

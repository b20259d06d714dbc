"""Scores by the answers to one item: shown whole or not at all, in whole numbers, and never by department."""

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.accounts.rules import Role
from survey_app.db import Database
from survey_app.library import queries as library
from tests.factories.accounts import add_person, sign_in
from tests.scores import evaluation as ev
from tests.scores.test_compute import DEPARTMENTS, PUBLIC, computed, score
from tests.scores.test_pages import UNIT, said

FORMAT = {"item", "shown", "groups"}


def rated(database: Database, contacts: dict[str, int], *, departments: int = 12) -> dict[str, Any]:
    """The department score of a unit rated by so many people of every department, by how often they deal with it.

    A contact with a number below the departments is that of one person in that many departments.
    """
    with database.writing() as session:
        made = ev.make(session, ev.setup_document(units=1, departments=departments))
        for place, department in enumerate(made.departments):
            for seed, (contact, n) in enumerate(contacts.items(), start=1):
                if n >= departments or place < n:
                    quality = 0.9 if contact == "often" else 0.4
                    given: dict[str, object] = {"rd_contact": contact or None}
                    ev.raters(session, made, department, ["u01"], 2, seed=seed, quality=quality, answers=given)
        ev.close(session, made)
    return score(computed(database, made), "u01", DEPARTMENTS)


def test_groups_that_are_all_large_enough__are_shown_in_whole_numbers(each_database: Database) -> None:
    found = rated(each_database, {"often": 12, "sometimes": 6})
    assert found["n_departments"] == 12
    (breakdown,) = found["breakdowns"]
    assert (breakdown["item"], breakdown["shown"]) == ("rd_contact", True)
    often, sometimes = breakdown["groups"]
    assert (often["choice"], often["n"], often["n_departments"]) == ("often", 24, 12)
    assert (sometimes["choice"], sometimes["n"], sometimes["n_departments"]) == ("sometimes", 12, 6)
    assert often["score"] > sometimes["score"]
    assert all(float(group[name]).is_integer() for group in breakdown["groups"] for name in ("score", "lo", "hi"))
    assert often["lo"] <= often["score"] <= often["hi"]


@pytest.mark.parametrize("small", ["sometimes", ""])
def test_one_group_of_fewer_than_five_departments__hides_all_also_those_who_did_not_say(
    database: Database, small: str
) -> None:
    (breakdown,) = rated(database, {"often": 12, small: 4})["breakdowns"]
    assert (breakdown["shown"], breakdown["groups"]) == (False, [])


def test_unit_that_is_shown_in_whole_numbers_itself__is_not_broken_down(database: Database) -> None:
    found = rated(database, {"often": 9, "sometimes": 9}, departments=9)
    assert "rounded" in [caution["code"] for caution in found["cautions"]]
    assert not found["breakdowns"][0]["shown"]


def test_score_that_is_withheld__is_not_broken_down(database: Database) -> None:
    found = rated(database, {"often": 4}, departments=12)
    assert found["status"] == "suppressed"
    assert found["breakdowns"] == []


def test_people_screened_out__are_no_group(database: Database) -> None:
    found = rated(database, {"often": 12, "none": 4})
    (breakdown,) = found["breakdowns"]
    assert [group["choice"] for group in breakdown["groups"]] == ["often"]


def own_plan(item: str) -> dict[str, Any]:
    document: dict[str, Any] = library.builtin("plan", "default")[0]
    return document | {"id": "own", "breakdowns": [{"audience": "service_recipient", "item": item}]}


def by_change(database: Database, *steps: dict[str, int], item: str = "sr_change") -> list[Any]:
    """The breakdown of the public's score after each step, in which so many more people gave these answers."""
    document = ev.setup_document(units=1, sizes={"window": 400}) | {"plan": "own"}
    with database.writing() as session:
        made = ev.make(session, document, own=[own_plan(item)])
    found = []
    for number, step in enumerate(steps):
        with database.writing() as session:
            for seed, (answer, n) in enumerate(step.items()):
                given: dict[str, object] = {"sr_change": answer, "sr_integrity": "no"}
                ev.recipients(session, made, "u01", n, seed=10 * number + seed, answers=given)
        found.append(score(computed(database, made), "u01", PUBLIC)["breakdowns"])
    return found


def test_group_that_too_few_joined_since__hides_the_breakdown_in_the_next_snapshot(database: Database) -> None:
    before, too_few, enough = by_change(
        database, {"better": 30, "same": 20}, {"better": 6, "same": 2}, {"better": 6, "same": 5}
    )
    assert [group["n"] for group in before[0]["groups"]] == [30, 20]
    assert (too_few[0]["shown"], too_few[0]["groups"]) == (False, [])
    assert [group["n"] for group in enough[0]["groups"]] == [42, 27]


def test_groups_by_two_items__that_together_give_two_people_away__are_not_both_shown(database: Database) -> None:
    # Ten find it better and thirty the same; eight of the ten, and nobody else, were well informed.
    both = [{"audience": "service_recipient", "item": item} for item in ("sr_change", "sr_acc_info")]
    document = ev.setup_document(units=1, sizes={"window": 400}) | {"plan": "own"}
    with database.writing() as session:
        made = ev.make(session, document, own=[own_plan("sr_change") | {"breakdowns": both}])
        for seed, (n, change, informed) in enumerate([(8, "better", "a"), (2, "better", "d"), (30, "same", "d")]):
            given: dict[str, object] = {"sr_change": change, "sr_acc_info": informed}
            ev.recipients(session, made, "u01", n, seed=seed, answers=given)
    found = score(computed(database, made), "u01", PUBLIC)["breakdowns"]
    assert sorted(breakdown["shown"] for breakdown in found) == [False, True]


def test_restricted_item__breaks_nothing_down(database: Database) -> None:
    assert by_change(database, {"better": 40}, item="sr_integrity") == [[]]


def test_page__shows_the_groups_and_no_department(app: Flask, client: FlaskClient) -> None:
    database: Database = app.extensions["pingyi"].database
    rated(database, {"often": 12, "sometimes": 12})
    with database.writing() as session:
        add_person(session, "evaluator", (Role.EVALUATOR, "pg2026"))
        session.commit()
    sign_in(client, "evaluator")
    page = said(client.get(UNIT).text)
    assert "按“过去一年，您与第1单位有工作往来吗？”分组" in page
    assert "经常有" in page
    assert "12 个部门 24 份" in page
    assert not [number for number in range(1, 13) if f"第{number}部门" in page or f"d{number:02d}" in page]


def test_document__names_no_department(database: Database) -> None:
    found = rated(database, {"often": 12, "sometimes": 12})
    assert set(found["breakdowns"][0]) == FORMAT
    assert '"d01"' not in json.dumps(found)

"""Scores by the way answers came in: shown where every way has enough people, in whole numbers."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from survey_app.accounts.rules import Role
from survey_app.db import Database
from survey_app.responses.models import Response
from survey_app.scores.rules.modes import BY_MODE, compare_modes
from tests.factories.accounts import add_person, sign_in
from tests.scores import evaluation as ev
from tests.scores.test_compute import PUBLIC, computed, score
from tests.scores.test_export import cells
from tests.scores.test_pages import BASE, UNIT, said


def by_mode(database: Database, *, web: int, paper: int, gap: float = 0.0) -> dict[str, Any]:
    """The public satisfaction of one unit of which so many answered on a phone and so many on paper."""
    with database.writing() as session:
        made = ev.make(session, ev.setup_document(units=1))
        ev.recipients(session, made, "u01", web, seed=1, quality=0.5 + gap)
        session.flush()
        before = set(session.scalars(select(Response.id)))
        ev.recipients(session, made, "u01", paper, seed=2, quality=0.5)
        session.flush()
        on_paper = [found for found in session.scalars(select(Response.id)) if found not in before]
        session.execute(update(Response).where(Response.id.in_(on_paper)).values(mode="paper"))
        ev.close(session, made)
    return score(computed(database, made), "u01", PUBLIC)


def found_in(scored: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in scored["breakdowns"] if one["item"] == BY_MODE]


def test_two_ways_with_enough_people__are_compared_in_whole_numbers(each_database: Database) -> None:
    (breakdown,) = found_in(by_mode(each_database, web=30, paper=25, gap=0.35))
    assert breakdown["shown"]
    assert [(group["choice"], group["n"]) for group in breakdown["groups"]] == [("web", 30), ("paper", 25)]
    assert all(float(group[name]).is_integer() for group in breakdown["groups"] for name in ("score", "lo", "hi"))
    (pair,) = breakdown["differences"]
    web, paper = breakdown["groups"]
    assert pair["difference"] == paper["score"] - web["score"] < -5
    assert pair["lo"] < pair["difference"] < pair["hi"] < 0
    assert pair["large"]


def test_ways_that_do_not_differ__bring_no_caution(database: Database) -> None:
    (breakdown,) = found_in(by_mode(database, web=30, paper=25))
    assert not breakdown["differences"][0]["large"]


@pytest.mark.parametrize("paper", [4, 9])
def test_way_with_few_people__hides_the_comparison(database: Database, paper: int) -> None:
    (breakdown,) = found_in(by_mode(database, web=40, paper=paper))
    assert (breakdown["shown"], breakdown["groups"], breakdown["differences"]) == (False, [], [])


def test_one_way__is_compared_with_nothing(database: Database) -> None:
    assert found_in(by_mode(database, web=40, paper=0)) == []


def test_difference__is_recovered_from_what_is_shown() -> None:
    groups = [
        {"choice": "web", "score": 70.0, "lo": 66.0, "hi": 74.0},
        {"choice": "paper", "score": 60.0, "lo": 57.0, "hi": 63.0},
    ]
    document: dict[str, Any] = {
        "scores": [{"breakdowns": [{"item": BY_MODE, "groups": groups}, {"item": "st_x", "groups": []}]}]
    }
    compare_modes(document)
    by_item, plain = document["scores"][0]["breakdowns"]
    assert by_item["differences"] == [  # 10 below, give or take the root of 3² + 4²
        {"mode": "paper", "against": "web", "difference": -10.0, "lo": -15, "hi": -5, "large": True}
    ]
    assert "differences" not in plain


def test_page_and_workbook__say_the_same(app: Flask, client: FlaskClient) -> None:
    database: Database = app.extensions["pingyi"].database
    (pair,) = found_in(by_mode(database, web=30, paper=25, gap=0.35))[0]["differences"]
    with database.writing() as session:
        add_person(session, "evaluator", (Role.EVALUATOR, "pg2026"))
        session.commit()
    sign_in(client, "evaluator")
    page = said(client.get(UNIT).text)
    assert "填答方式之间的差" in page
    assert "相差较大" in page
    sheet = cells(client.get(f"{BASE}/1/scores.xlsx").data)["填答方式"]
    assert any("纸质" in row and pair["difference"] in row and pair["lo"] in row for row in sheet)

"""Units of which each rater rates some only: what the office is told before anything is printed."""

import re
from typing import Any

from flask import Flask

from survey_app.accounts.rules import Role
from survey_app.campaigns import rules
from survey_app.campaigns.queries import campaigns as queries
from tests.factories.accounts import add_person, send, sign_in
from tests.factories.campaign import draft, read, setup_document


def everybody_rates_eight() -> dict[str, Any]:
    document = setup_document(8)
    for unit in document["units"]:
        unit["audiences"] = [*dict.fromkeys([*unit["audiences"], "related_department"])]
    for department in document["departments"]:
        department["rates"] = [unit["code"] for unit in document["units"]]
    return document


def test_units_that_are_drawn__say_what_can_be_expected(app: Flask) -> None:
    document = everybody_rates_eight()
    raters = sum(department["raters"] for department in document["departments"])
    with app.extensions["pingyi"].database.writing() as session:
        campaign = draft(session, document)
        found = queries.questionnaires_of(session, campaign)
        needs = rules.rater_needs(queries.setup_of(campaign), found.values())
        add_person(session, "anna", (Role.ADMINISTRATOR, None))
        session.commit()
    for need in needs:
        assert need.full is not None
        assert need.low is not None
        # Five of eight units a sitting.
        assert abs(need.full.responses - raters * 5 / 8) <= 1
        assert abs(need.low.responses - 0.6 * raters * 5 / 8) <= 1
        assert need.low.sure_departments < need.low.departments < need.full.departments < need.departments
        assert need.enough
    client = app.test_client()
    sign_in(client, "anna")
    page = re.sub(r"\s+", " ", client.get("/office/campaigns/c2026/units").text)
    first = needs[0]
    assert first.full is not None
    assert f"{first.full.departments:.1f} / {first.full.responses:.1f}" in page
    assert "二十次里有十九次" in page
    send(client, "/office/me/language", "/office/me", language="en")
    assert "If 60 % answer" in client.get("/office/campaigns/c2026/units").text


def test_units_that_everybody_rates__need_no_expectation(app: Flask) -> None:
    setup = read(setup_document(2)).setup
    with app.extensions["pingyi"].database.writing() as session:
        campaign = draft(session, setup_document(2))
        found = queries.questionnaires_of(session, campaign)
    assert all(need.full is None for need in rules.rater_needs(setup, found.values()))

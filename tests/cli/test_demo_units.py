"""The demonstration's people choose among the units that they are asked about, and get to the end."""

import pytest
from flask import Flask

from survey_app.cli.demo.people import Card, Person, Tally
from survey_app.cli.demo.phone import Phone
from tests.factories.browsing import door
from tests.factories.phone import parked
from tests.factories.respondents import document_of, model_of


@pytest.mark.parametrize("units", [3, 8])
def test_raters__choose_units_and_rate_them(app: Flask, server: str, units: int) -> None:
    names = tuple(f"第{number}局" for number in range(units))
    made = door(app, questionnaire="related_department", units=names, department="某局", cards=12)
    tally, phone = Tally(), Phone(server)
    for number, code in enumerate(made.codes):
        card = Card(f"{server}/q/{code}", code, "related_department", dict.fromkeys(names, 0.5))
        Person(card, model_of(document_of("related_department")), seed=f"{units} {number}").answer(phone, tally)
    phone.close()
    assert (tally.refused, tally.sent + tally.gave_up) == (0, 12)
    rated = [
        sum(given != {"_known": "no"} for unit, given in sitting.responses if unit is not None)
        for sitting in parked(app)
    ]
    assert len(rated) == tally.sent > 8
    assert max(rated) == min(units, 5)
    assert min(rated) >= min(units, 5) - 3

"""From cards in people's hands to a confirmed score, through the real routes only."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from survey_app import clock
from survey_app.accounts.rules import Role
from survey_app.campaigns.models import Campaign
from survey_app.config import Config
from survey_app.db import Database
from survey_app.fieldwork.operations.closing import after_closing, close_campaign
from survey_app.questionnaire.items import LikertItem
from survey_app.questionnaire.model import Questionnaire
from survey_app.responses.models import Response
from survey_app.scores.operations.verifying import verify
from survey_app.scores.queries import snapshots
from tests.factories import campaign as factory
from tests.factories.accounts import add_person, csrf_token, send, sign_in
from tests.factories.phone import Phone
from tests.scores.test_pages import said

BASE = "/office/campaigns/c2026/scores"
PUBLIC = "public_satisfaction"
PEOPLE = 36


def answers(questionnaire: Questionnaire, *, good: bool) -> dict[str, str]:
    """The best or the worst choice of every item that everybody is shown."""
    chosen = {"sr_contact": "handle"}
    for item in questionnaire.items():
        if isinstance(item, LikertItem) and item.visible_if is None:
            codes = [choice.code for choice in item.choices_in(questionnaire)]
            chosen[item.id] = codes[0] if good != item.reverse_coded else codes[-1]
    return chosen


def test_cards_to_confirmed_score__through_the_pages(app: Flask, client: FlaskClient, config: Config) -> None:
    database: Database = app.extensions["pingyi"].database
    with database.writing() as session:
        campaign = factory.opened(session, config, factory.setup_document(units=1))
        door = next(row for row in factory.doors(session, campaign, "service_recipient"))
        codes = factory.make_cards(session, campaign, door.id, PEOPLE + 1).codes
        questionnaire = factory.read().definitions.questionnaires["service_recipient"]
        add_person(session, "evaluator", (Role.EVALUATOR, campaign.code))
        session.commit()

    phone = Phone(app.test_client())
    for number, code in enumerate(codes[:PEOPLE]):
        page = phone.begin(code)
        sent = phone.send(page, answers(questionnaire, good=number % 3 > 0))
        assert sent.status_code == 303, sent.text
    phone.send(phone.begin(codes[PEOPLE]), {"sr_contact": "none"})

    with database.writing() as session:
        found = session.scalars(select(Campaign)).one()
        boxes = app.extensions["pingyi.boxes"]
        close_campaign(session, boxes, found, now=clock.now(), person_id=None)
        session.commit()
    after_closing(database)
    sign_in(client, "evaluator")
    refused = client.post(BASE, data={"csrf_token": csrf_token(client.get(BASE))})
    assert refused.status_code == 409
    assert "没有在见证下清点" in refused.text
    send(client, f"/office/campaigns/c2026/collectors/{door.id}/count", BASE, unused="0", witness_office="编办")
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Response)) == PEOPLE + 1

    client.post(BASE, data={"csrf_token": csrf_token(client.get(BASE))})
    with database.reading() as session:
        snapshot = snapshots.snapshot(session, 1)
    score = snapshot.by_place()[door.unit_code or "", PUBLIC]
    # Two of three gave the best answers everywhere (100), one the worst (0).
    assert round(score["score"], 9) == round(200 / 3, 9)
    assert score["n_valid"] == PEOPLE
    assert (score["n_ineligible"], score["n_responses"]) == (None, None)  # one person: too few to be counted aloud

    unit = f"{BASE}/1/units/{door.unit_code}"
    points = f"{score['points']:.2f}"
    send(client, f"{unit}/confirm", unit, indicator=PUBLIC, points=points, reason="与实地情况相符")
    assert f"确认分 {score['points']:.2f} / 9" in said(client.get(BASE).text)
    with database.reading() as session:
        assert verify(session, snapshot.row.id).same

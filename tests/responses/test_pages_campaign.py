"""A campaign made and opened as an office does it, with printed cards: every audience gets to its thanks."""

from flask import Flask

from survey_app.admission.rules import grouped
from survey_app.questionnaire.model import Questionnaire
from tests.factories import campaign as campaigns
from tests.factories.phone import Phone, hidden, offered_units, parked, said
from tests.factories.respondents import document_of, model_of


def everything(questionnaire: Questionnaire) -> dict[str, str]:
    """An answer to each item, none of which screens anybody out."""
    values = {}
    for item in questionnaire.answered_items():
        choices = item.choices_in(questionnaire)
        values[item.id] = choices[1].code if choices else "一句话"
    return values


def test_every_audience__answers_a_real_campaign_to_the_end(each_app: Flask) -> None:
    config = each_app.extensions["pingyi"].config
    codes: dict[str, str] = {}
    with each_app.extensions["pingyi"].database.writing() as session:
        campaign = campaigns.opened(session, config)
        for audience in ("staff", "service_recipient", "related_department"):
            door = campaigns.doors(session, campaign, audience)[0]
            codes[audience] = campaigns.make_cards(session, campaign, door.id, 12).codes[0]
        session.commit()
    phone = Phone(each_app.test_client())
    for audience, code in codes.items():
        questionnaire = model_of(document_of(audience))
        assert "不能撤回" in said(phone.client.get(f"/Q/{grouped(code)}"))
        page, pages = phone.begin(code), 0
        while page.status_code == 200:
            assert hidden(page)["_page"] == str(pages)
            known = [*offered_units(page).values()]
            page, pages = phone.send(page, {"_known": known} if known else everything(questionnaire)), pages + 1
        assert page.status_code == 303, (audience, said(page))
        assert pages == 1 or audience == "related_department"
        assert phone.client.get(page.headers["Location"]).status_code == 200
    stored = {sitting.collector_id: sitting for sitting in parked(each_app)}
    assert len(stored) == 3
    for sitting in stored.values():
        for _unit, answers in sitting.responses:
            assert len(answers) >= 17

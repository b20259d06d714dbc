"""The invented campaign: made with the same operations as a real one, opened today, its cards in the hands of people.

A second, small campaign stays open, so that somebody with a phone can answer it while the first shows its scores.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app import clock
from survey_app.accounts.models import Person
from survey_app.accounts.operations.passwords import passwords
from survey_app.accounts.operations.people import create_person, grant
from survey_app.accounts.rules import INSTALLATION_ROLES, Role
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.operations.cards import make_cards, set_tier
from survey_app.campaigns.operations.creating import create
from survey_app.campaigns.operations.reading import GivenFile, read_setup
from survey_app.campaigns.queries import campaigns as queries
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.cli.demo.people import Card
from survey_app.config import Config, data_folder
from survey_app.fieldwork.operations import counting
from survey_app.fieldwork.operations.opening import open_campaign
from survey_app.fieldwork.operations.register import register_movement

CAMPAIGN = "demo2026"
OPEN_CAMPAIGN = "try2026"
_SEED = 20260101
_STAFF_ANSWERS, _RECIPIENT_ANSWERS = 820, 2120
_DAYS = 14
# One unit asks its recipients through a poster, to show what that costs: no margin of error, no rank.
_OPEN_LINK_UNIT = "u12"


@dataclass(frozen=True)
class World:
    """What was made: cards in the hands of simulated people, in the order in which they will answer."""

    cards: tuple[Card, ...]


def make_world(session: Session, config: Config) -> World:
    """Both campaigns, opened, and the cards of the first; nothing is committed."""
    campaign = _campaign(session, config, CAMPAIGN)
    chance = random.Random(_SEED)  # noqa: S311  # a demonstration that can be repeated
    qualities = {
        (unit.name, audience): chance.uniform(-0.4, 1.3)
        for unit in campaign.units
        for audience in ("staff", "service_recipient", "related_department")
    }
    rows = queries.collectors(session, campaign.id)
    names = {unit.id: unit.name for unit in campaign.units}
    rated = {found.code: [names[one.unit_id] for one in found.ratings] for found in campaign.departments}
    cards = []
    answers = _answers(rows)
    for row in rows:
        about = rated[row.department_code] if row.department_code else [row.unit_name or ""]
        thought = {name: qualities[name, row.audience] for name in about}
        cards += list(_cards(session, campaign, row, answers[row.id], thought))
    chance.shuffle(cards)
    _campaign(session, config, OPEN_CAMPAIGN)
    return World(tuple(cards))


def make_people(session: Session, config: Config, chosen: dict[str, str]) -> None:
    """One person for each role, with these passwords."""
    hasher = passwords(config)
    for role in Role:
        person = create_person(
            session,
            clock.now(),
            None,
            login=role.value,
            name=_NAMES[role],
            password_hash=hasher.hash(chosen[role.value]),
            password_is_initial=False,
        )
        for campaign in (None,) if role in INSTALLATION_ROLES else (CAMPAIGN, OPEN_CAMPAIGN):
            grant(session, clock.now(), None, person.id, role=role, campaign_code=campaign)


def count_unused(session: Session) -> None:
    """After close: nobody brought a card back, so what is left are the spares, counted before an invented witness."""
    campaign = queries.campaign(session, CAMPAIGN, None)
    who = session.scalars(select(Person.id).where(Person.login == Role.EVALUATOR.value)).one()
    for row in queries.collectors(session, campaign.id):
        if row.cards.standing:
            counting.record_count(
                session,
                campaign,
                row.id,
                row.cards.standing - row.cards.out,
                witness_office="某市委编办（演示）",
                remark="",
                now=clock.now(),
                person_id=who,
            )


_NAMES = {
    Role.ADMINISTRATOR: "演示管理员",
    Role.DESIGNER: "演示设计人",
    Role.EVALUATOR: "演示评估人",
    Role.LEAD_EVALUATOR: "演示评估组长",
    Role.APPROVER: "演示审定人",
    Role.AUDITOR: "演示审计人",
}


def _campaign(session: Session, config: Config, code: str) -> Campaign:
    """A campaign from the example set-up, open from today on."""
    document = json.loads((data_folder("questionnaires") / "setups" / "demo.json").read_bytes())
    today = clock.today(document["campaign"]["timezone"])
    document["campaign"] |= {"code": code, "opens": str(today), "closes": str(today + timedelta(days=_DAYS))}
    links = {_OPEN_LINK_UNIT}
    if code == OPEN_CAMPAIGN:
        document["campaign"]["title"] = "扫码试填（演示）"
        document["units"] = document["units"][:1]
        document["units"][0] |= {"audiences": ["service_recipient"]}
        document["units"][0]["frame"] = [
            part for part in document["units"][0]["frame"] if part["audience"] == "service_recipient"
        ][:1]
        document["questionnaires"], document["departments"] = ["service_recipient"], []
        links = {document["units"][0]["code"]}
    read = read_setup(GivenFile("demo.json", json.dumps(document, ensure_ascii=False).encode()))
    now = clock.now()
    campaign = create(session, read, now=now, person_id=None, agency_id=None, demo=True)
    for row in queries.collectors(session, campaign.id):
        if row.audience == "service_recipient" and row.unit_code in links:
            set_tier(session, campaign, row.id, "T0", now=now, person_id=None)
    open_campaign(session, campaign, config=config, now=now, person_id=None, agency_id=None)
    return campaign


def _answers(rows: list[CollectorRow]) -> dict[int, int]:
    """How many people come to each door: shares of the totals, never more than there are, all raters of departments."""
    found = {}
    for audience, total in (("staff", _STAFF_ANSWERS), ("service_recipient", _RECIPIENT_ANSWERS)):
        doors = [row for row in rows if row.audience == audience]
        weight = sum(row.headcount**0.5 for row in doors)
        for row in doors:
            found[row.id] = max(12, min(row.headcount, round(total * row.headcount**0.5 / weight)))
    return found | {row.id: row.headcount for row in rows if row.audience == "related_department"}


def _cards(
    session: Session, campaign: Campaign, row: CollectorRow, answers: int, qualities: dict[str, float]
) -> Iterator[Card]:
    if row.open_code is not None:
        yield from (Card(f"/q/{row.open_code}", row.open_code, row.questionnaire, qualities) for _ in range(answers))
        return
    now = clock.now()
    batch = make_cards(session, campaign, row.id, answers, now=now, person_id=None)
    out = {"on_day": clock.today(campaign.timezone), "note": "综合科（演示）", "now": now, "person_id": None}
    register_movement(session, campaign, batch.id, "handed_out", batch.activated, **out)  # type: ignore[arg-type]
    yield from (Card(f"/q/{code}", code, row.questionnaire, qualities) for code in batch.codes[: batch.activated])

"""Doors as the respondent path sees them."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from survey_app.campaigns.models import Collector, DrawnOrders
from survey_app.campaigns.operations.cards import set_tier
from survey_app.campaigns.queries import doors as doors_queries
from survey_app.campaigns.queries.doors import Door, Standing
from survey_app.config import Config
from survey_app.db import Database
from survey_app.fieldwork.operations.opening import open_campaign
from tests.factories.campaign import NOON, doors, draft, opened, setup_document


def test_door_of_a_unit__says_what_a_start_page_needs(each_database: Database, config: Config) -> None:
    document = setup_document(2)
    with each_database.writing() as session:
        campaign = opened(session, config, document)
        row = doors(session, campaign, "service_recipient")[1]
        door = doors_queries.door(session, row.id)
        assert door is not None
        facts = document["campaign"]
        assert (door.campaign_code, door.campaign_title, door.office, door.agency_name) == (
            facts["code"],
            facts["title"],
            facts["office"],
            facts["agency"],
        )
        assert (door.retention, door.contact, door.timezone) == (facts["retention"], facts["contact"], "Asia/Shanghai")
        assert (door.audience, door.tier, door.questionnaire) == ("service_recipient", "T1", "service_recipient")
        assert door.questionnaire_hash == campaign.questionnaires[1].hash is not None
        assert [(unit.code, unit.name) for unit in door.units] == [
            (document["units"][0]["code"], document["units"][0]["name"])
        ]
        assert door.department_name is None
        assert door.padded_size > 1000
        assert (door.campaign_state, door.collector_state) == ("open", "open")


def test_door_of_a_department__leads_to_all_that_it_rates_in_the_offices_order(
    each_database: Database, config: Config
) -> None:
    document = setup_document(4)
    department = next(one for one in document["departments"] if len(one["rates"]) > 1)
    department["rates"].reverse()
    with each_database.writing() as session:
        campaign = opened(session, config, document)
        row = next(
            row for row in doors(session, campaign, "related_department") if row.department_code == department["code"]
        )
        door = doors_queries.door(session, row.id)
        assert door is not None
        assert door.department_name == department["name"]
        assert [unit.code for unit in door.units] == sorted(department["rates"])


def test_door__of_nobody__is_none(database: Database) -> None:
    with database.reading() as session:
        assert doors_queries.door(session, 999) is None
        assert doors_queries.door_by_open_code(session, "0" * 16) is None


def test_open_link__is_found_by_its_code(each_database: Database) -> None:
    with each_database.writing() as session:
        campaign = draft(session)
        row = doors(session, campaign, "service_recipient")[0]
        set_tier(session, campaign, row.id, "T0", now=NOON, person_id=None)
        code = session.get_one(Collector, row.id).open_code
        assert code is not None
        door = doors_queries.door_by_open_code(session, code)
        assert door is not None
        assert (door.collector_id, door.tier) == (row.id, "T0")


@pytest.mark.parametrize(
    ("campaign", "collector", "today", "standing"),
    [
        ("open", "open", date(2026, 5, 4), "open"),
        ("open", "open", date(2026, 5, 1), "open"),
        ("open", "open", date(2026, 5, 20), "open"),
        ("open", "open", date(2026, 4, 30), "not_yet"),
        ("open", "open", date(2026, 5, 21), "closed"),
        ("draft", "planned", date(2026, 5, 4), "not_yet"),
        ("paused", "open", date(2026, 5, 4), "paused"),
        ("open", "paused", date(2026, 5, 4), "paused"),
        ("paused", "open", date(2026, 4, 30), "not_yet"),
        ("paused", "open", date(2026, 5, 21), "closed"),
        ("closed", "closed", date(2026, 5, 4), "closed"),
        ("open", "closed", date(2026, 5, 4), "closed"),
    ],
)
def test_standing__follows_states_and_days(
    database: Database, campaign: str, collector: str, today: date, standing: Standing
) -> None:
    with database.writing() as session:
        row = doors(session, draft(session, setup_document(1)), "staff")[0]
        made = doors_queries.door(session, row.id)
    assert isinstance(made, Door)
    door = replace(
        made,
        opens=date(2026, 5, 1),
        closes=date(2026, 5, 20),
        campaign_state=campaign,
        collector_state=collector,
    )
    assert doors_queries.standing(door, today) == standing


def test_orders_of_departments__are_fixed_at_opening_for_all_of_a_questionnaire_together(
    each_database: Database, config: Config
) -> None:
    document = setup_document(8)
    codes = [unit["code"] for unit in document["units"]]
    for unit in document["units"]:
        unit["audiences"] = [*dict.fromkeys([*unit["audiences"], "related_department"])]
    for department in document["departments"]:
        department["rates"] = codes
    with each_database.writing() as session:
        waiting = draft(session, document)
        unfixed = doors_queries.door(session, doors(session, waiting, "related_department")[0].id)
        assert unfixed is not None
        assert unfixed.drawn == ()
        open_campaign(session, waiting, config=config, now=NOON, person_id=None, agency_id=None)
        session.flush()
        found = [doors_queries.door(session, row.id) for row in doors(session, waiting, "related_department")]
        staff = doors_queries.door(session, doors(session, waiting, "staff")[0].id)
    assert staff is not None
    assert staff.drawn == ()
    asked: Counter[str] = Counter()
    for door in found:
        assert door is not None
        assert [sorted(order) for order in door.drawn] == [list(range(8))] * 8
        raters = next(one["raters"] for one in document["departments"] if one["name"] == door.department_name)
        for order in door.drawn:
            asked.update({door.units[place].code: raters for place in order[:5]})
    assert max(asked.values()) - min(asked.values()) <= max(one["raters"] for one in document["departments"])
    assert len({door.drawn for door in found if door is not None}) > 10


def test_orders__stay_when_the_program_would_draw_others(each_database: Database, config: Config) -> None:
    with each_database.writing() as session:
        campaign = opened(session, config, setup_document(3))
        row = doors(session, campaign, "related_department")[0]
        units = doors_queries.door(session, row.id)
        assert units is not None
        kept = session.get_one(DrawnOrders, row.id)
        turned = [[unit.id for unit in reversed(units.units)]] * 8
        kept.orders = json.dumps(turned)
        session.flush()
        again = doors_queries.door(session, row.id)
    assert again is not None
    assert again.drawn == (tuple(reversed(range(len(units.units)))),) * 8

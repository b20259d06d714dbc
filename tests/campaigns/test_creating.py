"""Drafts: what a set-up becomes in the tables, and what may replace it."""

import json

import pytest
from sqlalchemy import func, select

from survey_app.accounts.models import AuditEntry
from survey_app.accounts.operations.agencies import create_agency
from survey_app.admission.operations import void_batch
from survey_app.campaigns import rules
from survey_app.campaigns.models import BoxGroup, Campaign, Collector, Department, FrameStratum, Rating, Unit
from survey_app.campaigns.operations import creating
from survey_app.campaigns.operations.reading import read_setup
from survey_app.campaigns.queries import campaigns as queries
from survey_app.config import Config
from survey_app.db import Database
from survey_app.errors import NotFound
from survey_app.library import queries as library
from tests.factories.campaign import NOON, doors, draft, given, make_cards, opened, read, setup_document


def test_draft__holds_what_the_set_up_says(each_database: Database) -> None:
    document = setup_document(2)
    with each_database.writing() as session:
        draft(session, document, demo=True)
        session.commit()
        campaign = queries.campaign(session, "c2026", None)
        assert (campaign.state, campaign.demo, campaign.plan_name, campaign.plan_hash) == (
            "draft",
            True,
            "default",
            None,
        )
        assert (campaign.title, str(campaign.opens), campaign.timezone) == (
            document["campaign"]["title"],
            "2020-01-01",
            "Asia/Shanghai",
        )
        assert len(campaign.digest_key) == 32
        assert [(used.name, used.audience, used.hash) for used in campaign.questionnaires] == [
            (name, name, None) for name in document["questionnaires"]
        ]
        assert [unit.code for unit in campaign.units] == [unit["code"] for unit in document["units"]]
        sizes = [(cell.audience, cell.stratum, cell.size) for cell in campaign.units[0].frame]
        assert sizes == [(cell["audience"], cell["stratum"], cell["size"]) for cell in document["units"][0]["frame"]]
        rated = {
            department.code: {rating.unit_id for rating in department.ratings} for department in campaign.departments
        }
        numbers = {unit.code: unit.id for unit in campaign.units}
        assert rated == {
            department["code"]: {numbers[code] for code in department["rates"]}
            for department in document["departments"]
        }
        assert queries.setup_of(campaign).units[1].code == document["units"][1]["code"]


def test_draft__has_a_door_for_everybody_and_no_codes_yet(each_database: Database) -> None:
    with each_database.writing() as session:
        campaign = draft(session)
        rows = queries.collectors(session, campaign.id)
        assert {row.state for row in rows} == {"planned"}
        assert {row.tier for row in rows} == {"T1"}
        assert len(rows) == 2 * (1 + 3) + len(campaign.departments)
        assert sum(row.cards.made for row in rows) == 0
        groups = session.scalars(select(BoxGroup).where(BoxGroup.campaign_id == campaign.id)).all()
        assert {(group.box_size, group.min_cell) for group in groups} == {(10, 5)}


def test_creation__stands_in_the_audit_log(each_database: Database) -> None:
    with each_database.writing() as session:
        draft(session)
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.subject, entry.person_id) == ("campaign.create", "campaign:c2026", None)
        assert json.loads(entry.detail)["units"] == 2


def test_code_that_is_taken__is_refused(each_database: Database) -> None:
    with each_database.writing() as session:
        draft(session)
        with pytest.raises(rules.CodeTaken):
            draft(session)


def test_recipients_of_unknown_number__get_an_open_link_at_once(database: Database) -> None:
    document = setup_document(1)
    document["units"][0]["frame"] = [
        cell for cell in document["units"][0]["frame"] if cell["audience"] != "service_recipient"
    ]
    with database.writing() as session:
        (door,) = doors(session, draft(session, document), "service_recipient")
        assert (door.tier, door.headcount) == ("T0", 0)
        assert door.open_code is not None and len(door.open_code) == 16


def test_agency__carries_its_campaigns_and_sees_no_others(each_database: Database) -> None:
    with each_database.writing() as session:
        own = create_agency(session, NOON, None, "甲评估中心")
        other = create_agency(session, NOON, None, "乙评估中心")
        draft(session, setup_document(1, agency="甲评估中心", code="a1"), agency_id=own.id)
        draft(session, setup_document(1, agency="乙评估中心", code="b1"))
        draft(session, setup_document(1, agency="云澜市委编办", code="c1"))
        assert queries.campaign(session, "a1", own.id).agency_id == own.id
        assert queries.campaign(session, "b1", None).agency_id == other.id
        with pytest.raises(NotFound):
            queries.campaign(session, "b1", own.id)
        assert [found.code for found in queries.campaigns(session, own.id)] == ["a1"]
        assert [found.code for found in queries.campaigns(session, None)] == ["c1", "b1", "a1"]


def test_agency__cannot_create_in_the_name_of_another(each_database: Database) -> None:
    with each_database.writing() as session:
        own = create_agency(session, NOON, None, "甲评估中心")
        create_agency(session, NOON, None, "乙评估中心")
        for name in ("乙评估中心", "没有登记的机构"):
            with pytest.raises(rules.ForeignAgency):
                draft(session, setup_document(1, agency=name), agency_id=own.id)
            session.rollback()
            own = create_agency(session, NOON, None, "甲评估中心")
            create_agency(session, NOON, None, "乙评估中心")
        assert session.scalar(select(func.count()).select_from(Campaign)) == 0


def test_draft__can_be_replaced_as_a_whole(each_database: Database) -> None:
    with each_database.writing() as session:
        campaign = draft(session, setup_document(3))
        session.commit()
        document = setup_document(1, title="新标题")
        creating.replace(session, campaign, read(document), now=NOON, person_id=None, agency_id=None)
        session.commit()
        assert campaign.title == "新标题"
        assert [unit.code for unit in campaign.units] == [document["units"][0]["code"]]
        for table, expected in (
            (Unit, 1),
            (FrameStratum, 4),
            (Department, len(document["departments"])),
            (Rating, len(document["departments"])),
            (Collector, 4 + len(document["departments"])),
        ):
            assert session.scalar(select(func.count()).select_from(table)) == expected, table


def test_replacing__under_another_code_or_with_cards_out__is_refused(each_database: Database) -> None:
    with each_database.writing() as session:
        campaign = draft(session, setup_document(1))
        with pytest.raises(rules.CodeChanged):
            creating.replace(
                session, campaign, read(setup_document(1, code="x")), now=NOON, person_id=None, agency_id=None
            )
        make_cards(session, campaign, doors(session, campaign, "staff")[0].id, 12)
        with pytest.raises(rules.CardsWereMade):
            creating.replace(session, campaign, read(setup_document(1)), now=NOON, person_id=None, agency_id=None)


def test_replacing__after_opening__is_refused(database: Database, config: Config) -> None:
    with database.writing() as session:
        campaign = opened(session, config, setup_document(1))
        with pytest.raises(rules.NotADraft):
            creating.replace(session, campaign, read(setup_document(1)), now=NOON, person_id=None, agency_id=None)


def test_own_questionnaire__is_kept_with_the_draft(each_database: Database) -> None:
    document = setup_document(1)
    document["questionnaires"] = ["own_staff", "service_recipient", "related_department"]
    own, _ = library.builtin("questionnaire", "staff")
    with each_database.writing() as session:
        found = read_setup(given(document), [given(own | {"id": "own_staff", "version": "7"}, "own_staff.json")])
        campaign = creating.create(session, found, now=NOON, person_id=None, agency_id=None)
        assert queries.questionnaires_of(session, campaign)["own_staff"].version == "7"
        assert [used.hash is not None for used in campaign.questionnaires] == [True, False, False]


def test_voided_batches__still_hold_a_draft_in_place(database: Database) -> None:
    # Their rows say how many codes were ever made for a door; that door must not vanish from under them.
    with database.writing() as session:
        campaign = draft(session, setup_document(1))
        batch = make_cards(session, campaign, doors(session, campaign, "staff")[0].id, 12)
        void_batch(session, batch.id)
        with pytest.raises(rules.CardsWereMade):
            creating.replace(session, campaign, read(setup_document(1)), now=NOON, person_id=None, agency_id=None)

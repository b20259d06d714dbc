"""Open link or cards, and cards for a door."""

import json

import pytest
from sqlalchemy import select, text

from survey_app.accounts.models import AuditEntry
from survey_app.admission import queries as admission
from survey_app.admission.operations import void_batch
from survey_app.admission.rules import code_hash
from survey_app.campaigns import rules
from survey_app.campaigns.operations.cards import set_tier
from survey_app.campaigns.queries import campaigns as queries
from survey_app.config import Config
from survey_app.db import Database
from survey_app.errors import NotFound
from tests.factories.campaign import NOON, doors, draft, make_cards, opened, setup_document


def test_tier__changes_both_ways_while_nothing_is_printed(each_database: Database) -> None:
    with each_database.writing() as session:
        campaign = draft(session)
        door = doors(session, campaign, "service_recipient")[0]
        set_tier(session, campaign, door.id, "T0", now=NOON, person_id=None)
        opened_link = queries.collector(session, campaign.id, door.id)
        assert (opened_link.tier, len(opened_link.open_code or "")) == ("T0", 16)
        set_tier(session, campaign, door.id, "T1", now=NOON, person_id=None)
        assert queries.collector(session, campaign.id, door.id).open_code is None


def test_open_link__for_staff_or_departments__is_refused(database: Database) -> None:
    with database.writing() as session:
        campaign = draft(session)
        for audience in ("staff", "related_department"):
            with pytest.raises(rules.NotOpenLink):
                set_tier(session, campaign, doors(session, campaign, audience)[0].id, "T0", now=NOON, person_id=None)


def test_tier__with_cards_out__is_fixed_until_they_are_voided(database: Database) -> None:
    with database.writing() as session:
        campaign = draft(session)
        door = doors(session, campaign, "service_recipient")[0]
        batch = make_cards(session, campaign, door.id, 10)
        with pytest.raises(rules.CardsExist):
            set_tier(session, campaign, door.id, "T0", now=NOON, person_id=None)
        void_batch(session, batch.id)
        set_tier(session, campaign, door.id, "T0", now=NOON, person_id=None)
        with pytest.raises(rules.CodesOnly):
            make_cards(session, campaign, door.id, 10)


def test_tier__after_opening__is_fixed(each_database: Database, config: Config) -> None:
    with each_database.writing() as session:
        campaign = opened(session, config)
        with pytest.raises(rules.NotADraft):
            set_tier(
                session, campaign, doors(session, campaign, "service_recipient")[0].id, "T0", now=NOON, person_id=None
            )


def test_door_without_headcount__stays_an_open_link(database: Database) -> None:
    document = setup_document(1)
    document["units"][0]["frame"] = [
        cell for cell in document["units"][0]["frame"] if cell["audience"] != "service_recipient"
    ]
    with database.writing() as session:
        campaign = draft(session, document)
        with pytest.raises(rules.NoCardsWithoutHeadcount):
            set_tier(
                session, campaign, doors(session, campaign, "service_recipient")[0].id, "T1", now=NOON, person_id=None
            )


def test_cards__are_registered_as_printed_and_audited_without_codes(each_database: Database) -> None:
    with each_database.writing() as session:
        campaign = draft(session)
        door = doors(session, campaign, "staff")[0]
        batch = make_cards(session, campaign, door.id, door.headcount + 3)
        cards = queries.collector(session, campaign.id, door.id).cards
        assert (cards.made, cards.activated, cards.spare, cards.printed) == (
            door.headcount + 3,
            door.headcount,
            3,
            door.headcount + 3,
        )
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "cards.make")).one()
        detail = json.loads(entry.detail)
        assert (detail["cards"], detail["activated"], detail["batch"]) == (113, 110, batch.id)


def test_codes__are_nowhere_in_the_database(database: Database) -> None:
    with database.writing() as session:
        campaign = draft(session)
        batch = make_cards(session, campaign, doors(session, campaign, "staff")[0].id, 12)
        session.commit()
        tables = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all()
        stored = "".join(str(row) for table in tables for row in session.execute(text(f"SELECT * FROM {table}")))
    assert not [code for code in batch.codes if code in stored]
    assert str(code_hash(batch.codes[0])) in stored


def test_two_questionnaires_for_the_same_people__share_one_headcount(each_database: Database) -> None:
    document = setup_document(1)
    document["questionnaires"] = ["service_recipient", "service_recipient_inspected", "staff", "related_department"]
    with each_database.writing() as session:
        campaign = draft(session, document)
        plain, variant = (row for row in doors(session, campaign, "service_recipient") if row.stratum == "上门")
        assert plain.headcount == variant.headcount == 300
        assert make_cards(session, campaign, plain.id, 200).activated == 200
        assert make_cards(session, campaign, variant.id, 200).activated == 100
        assert make_cards(session, campaign, plain.id, 10).activated == 0


def test_people_behind_two_questionnaires__are_counted_once_in_a_report_group(each_database: Database) -> None:
    document = setup_document(2)
    document["questionnaires"] = ["service_recipient", "service_recipient_inspected"]
    document["departments"] = []
    for unit, size in zip(document["units"], (5, 4), strict=True):
        unit |= {"audiences": ["service_recipient"], "report_group": "g1"}
        unit["frame"] = [{"audience": "service_recipient", "stratum": None, "size": size}]
    with each_database.writing() as session:
        campaign = draft(session, document)
        faults = queries.group_faults(queries.collectors(session, campaign.id))
        assert [fault.code for fault in faults] == ["group_too_small"]
        assert "9 人" in faults[0].zh


def test_door_without_headcount__gets_no_cards(database: Database) -> None:
    document = setup_document(1)
    document["units"][0]["frame"] = [cell for cell in document["units"][0]["frame"] if cell["audience"] != "staff"]
    with database.writing() as session:
        campaign = draft(session, document)
        with pytest.raises(rules.NoCardsWithoutHeadcount):
            make_cards(session, campaign, doors(session, campaign, "staff")[0].id, 10)


def test_totals__advise_cards_only_for_doors_with_cards(database: Database) -> None:
    with database.writing() as session:
        campaign = draft(session, setup_document(1))
        for door in doors(session, campaign, "service_recipient"):
            set_tier(session, campaign, door.id, "T0", now=NOON, person_id=None)
        totals = queries.totals(queries.setup_of(campaign), queries.collectors(session, campaign.id))
        assert {total.audience: total.cards for total in totals}["service_recipient"] == 0


def test_cards__for_a_door_of_another_campaign__are_refused(each_database: Database) -> None:
    with each_database.writing() as session:
        first, second = draft(session), draft(session, setup_document(1, code="other"))
        with pytest.raises(NotFound):
            make_cards(session, first, doors(session, second, "staff")[0].id, 10)


def test_cards__after_close__are_refused(database: Database, config: Config) -> None:
    with database.writing() as session:
        campaign = opened(session, config)
        campaign.state = "closed"
        with pytest.raises(rules.CampaignClosed):
            make_cards(session, campaign, doors(session, campaign, "staff")[0].id, 10)


def test_suggested_cards__are_what_is_still_lacking(database: Database) -> None:
    with database.writing() as session:
        campaign = draft(session, setup_document(1))
        setup = queries.setup_of(campaign)
        staff = doors(session, campaign, "staff")[0]
        assert queries.suggested_cards(setup, queries.collectors(session, campaign.id))[staff.id] == 110
        batch = make_cards(session, campaign, staff.id, 100)
        assert queries.suggested_cards(setup, queries.collectors(session, campaign.id))[staff.id] == 10
        make_cards(session, campaign, staff.id, 10)
        assert staff.id not in queries.suggested_cards(setup, queries.collectors(session, campaign.id))
        void_batch(session, batch.id)
        assert queries.suggested_cards(setup, queries.collectors(session, campaign.id))[staff.id] == 100
        counts = admission.counts(session, [staff.id])[staff.id]
        assert (counts.made, counts.voided, counts.activated) == (110, 100, 10)


def test_suggested_cards__for_a_variant__are_left_to_the_office(database: Database) -> None:
    document = setup_document(1)
    document["questionnaires"] = ["service_recipient", "service_recipient_inspected", "staff", "related_department"]
    with database.writing() as session:
        campaign = draft(session, document)
        suggested = queries.suggested_cards(queries.setup_of(campaign), queries.collectors(session, campaign.id))
        plain, variant = (row for row in doors(session, campaign, "service_recipient") if row.stratum == "上门")
        assert plain.id in suggested
        assert variant.id not in suggested

"""Progress: what may be shown of the returns, and when it moves."""

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from survey_app.admission.models import AccessCode
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.config import Config
from survey_app.db import Database
from survey_app.fieldwork import queries
from survey_app.fieldwork.queries import ProgressRow
from survey_app.fieldwork.rules import Shown, least_behind, shown
from survey_app.responses.models import Response
from tests.factories.campaign import doors, make_cards, opened, setup_document


def store(session: Session, campaign: Campaign, row: CollectorRow, sittings: int, *, responses: int = 1) -> None:
    """Sittings that have left their box: `responses` rows each."""
    used = next(used for used in campaign.questionnaires if used.name == row.questionnaire)
    for sitting in range(sittings):
        for part in range(responses):
            name = f"{row.id}-{sitting}-{part}".encode()
            session.add(
                Response(
                    id=name.ljust(16, b"."),
                    collector_id=row.id,
                    mode="web",
                    language="zh",
                    pilot=False,
                    questionnaire_hash=used.hash or "",
                    answers="{}",
                    order_number=0,
                    flip=False,
                    sitting=f"{row.id}-{sitting}".encode().ljust(16, b"."),
                )
            )
    session.flush()


def row_of(session: Session, campaign: Campaign, door: CollectorRow) -> ProgressRow:
    return next(
        row
        for row in queries.progress(session, campaign)
        if (row.unit_code, row.audience, row.stratum) == (door.unit_code, door.audience, door.stratum)
    )


@pytest.mark.parametrize(
    ("count", "people", "expected"),
    [
        (0, 110, Shown("fewer", 5)),
        (4, 110, Shown("fewer", 5)),
        (5, 110, Shown("at_least", 5)),
        (77, 110, Shown("at_least", 75)),
        (300, None, Shown("at_least", 300)),
        (4, 12, Shown("fewer", 5)),
        (5, 12, Shown("share", 12, "under_half")),
        (6, 12, Shown("share", 12, "half_to_four_fifths")),
        (9, 12, Shown("share", 12, "half_to_four_fifths")),
        (10, 12, Shown("share", 12, "four_fifths_or_more")),
        (12, 12, Shown("share", 12, "four_fifths_or_more")),
        (19, 20, Shown("at_least", 15)),
    ],
)
def test_returns__are_hidden_banded_or_shown(count: int, people: int | None, expected: Shown) -> None:
    assert shown(count, people, 5) == expected


def test_returns__are_stored_sittings_not_used_codes(each_database: Database, config: Config) -> None:
    with each_database.writing() as session:
        campaign = opened(session, config, setup_document(1))
        door = doors(session, campaign, "staff")[0]
        make_cards(session, campaign, door.id, 110)
        session.execute(update(AccessCode).values(used=True, receipt=b"r" * 32))
        assert row_of(session, campaign, door).returned == Shown("fewer", 5)
        store(session, campaign, door, 20)
        row = row_of(session, campaign, door)
        assert row.returned == Shown("at_least", 20)
        # 77 answers are needed of 110 people (70 %).
        assert (row.answers_needed, row.still_needed) == (77, 57)


@pytest.mark.parametrize(
    ("count", "people", "least"),
    [(0, 110, 0), (4, 12, 0), (5, 12, 5), (6, 12, 6), (9, 12, 6), (10, 12, 10), (12, 12, 10), (77, 110, 75)],
)
def test_least_count__follows_from_what_is_shown(count: int, people: int, least: int) -> None:
    assert least_behind(shown(count, people, 5), 5) == least


@pytest.mark.parametrize(
    ("people", "sittings", "left"), [(300, 4, 25), (300, 27, 0), (12, 4, 10), (12, 5, 5), (12, 9, 4)]
)
def test_still_needed__is_the_most_that_what_is_shown_allows(
    database: Database, config: Config, people: int, sittings: int, left: int
) -> None:
    document = setup_document(1)
    next(part for part in document["units"][0]["frame"] if part["stratum"] == "上门")["size"] = people
    with database.writing() as session:
        campaign = opened(session, config, document)
        door = next(row for row in doors(session, campaign, "service_recipient") if row.stratum == "上门")
        store(session, campaign, door, sittings)
        assert row_of(session, campaign, door).still_needed == left


def test_departments__are_one_row_of_sittings(each_database: Database, config: Config) -> None:
    with each_database.writing() as session:
        campaign = opened(session, config, setup_document(3))
        rows = doors(session, campaign, "related_department")
        for door in rows[:8]:
            store(session, campaign, door, 1, responses=3)
        found = [row for row in queries.progress(session, campaign) if row.audience == "related_department"]
        assert len(found) == 1
        assert (found[0].unit_code, found[0].people) == (None, sum(row.headcount for row in rows))
        assert found[0].returned == Shown("at_least", 5)


def test_two_questionnaires__are_one_row_for_the_same_people(database: Database, config: Config) -> None:
    document = setup_document(1)
    document["questionnaires"] = ["service_recipient", "service_recipient_inspected", "staff", "related_department"]
    with database.writing() as session:
        campaign = opened(session, config, document)
        plain, variant = (row for row in doors(session, campaign, "service_recipient") if row.stratum == "上门")
        store(session, campaign, plain, 6)
        store(session, campaign, variant, 5)
        row = row_of(session, campaign, plain)
        assert (row.people, row.returned) == (300, Shown("at_least", 10))


def test_trial_answers__do_not_count(database: Database, config: Config) -> None:
    with database.writing() as session:
        campaign = opened(session, config, setup_document(1))
        door = doors(session, campaign, "staff")[0]
        store(session, campaign, door, 20)
        session.execute(update(Response).values(pilot=True))
        assert row_of(session, campaign, door).returned == Shown("fewer", 5)

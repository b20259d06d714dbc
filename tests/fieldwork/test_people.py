"""One person, one way: cards, paper and imported rows of doors for the same people share one headcount."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.admission.models import CardMovement
from survey_app.admission.rules import MovementKind, PaperDoesNotAddUp
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.queries import campaigns as queries
from survey_app.config import Config
from survey_app.db import Database
from survey_app.fieldwork.operations import paper, register
from survey_app.fieldwork.operations.people import people_left
from survey_app.fieldwork.paper_errors import CardsBesidePaper
from survey_app.offline_cards.operations.ordering import room
from tests.factories.campaign import NOON, doors, make_cards, opened, setup_document
from tests.factories.paper import door_with_paper
from tests.fieldwork.test_importing import Import, as_csv

OUT = 20


def move(session: Session, campaign: Campaign, batch: int, kind: MovementKind, cards: int) -> None:
    how = {"on_day": NOON.date(), "note": "综合科", "now": NOON, "person_id": None}
    register.register_movement(session, campaign, batch, kind, cards, **how)  # type: ignore[arg-type]


def test_cards__made_after_paper_went_out__are_active_for_the_others_only(
    each_database: Database, config: Config
) -> None:
    with each_database.writing() as session:
        campaign, door = door_with_paper(session, config, OUT)
        assert room(session, door) == door.headcount - OUT
        assert make_cards(session, campaign, door.id, door.headcount).activated == door.headcount - OUT


def test_cards__go_out_to_nobody_who_has_paper(each_database: Database, config: Config) -> None:
    with each_database.writing() as session:
        campaign = opened(session, config, setup_document(2))
        door = doors(session, campaign, "staff")[0]
        # Every card is active before the paper goes out.
        batch = make_cards(session, campaign, door.id, door.headcount).id
        how = {"on_day": NOON.date(), "note": "", "now": NOON, "person_id": None}
        paper.register_paper(session, campaign, door.id, "handed_out", OUT, **how)  # type: ignore[arg-type]
        with pytest.raises(CardsBesidePaper) as refused:
            move(session, campaign, batch, "handed_out", door.headcount - OUT + 1)
        assert refused.value.values["most"] == door.headcount - OUT
        move(session, campaign, batch, "handed_out", door.headcount - OUT)
        with pytest.raises(PaperDoesNotAddUp):
            paper.register_paper(session, campaign, door.id, "handed_out", 1, **how)  # type: ignore[arg-type]
        move(session, campaign, batch, "returned_unused", 3)
        paper.register_paper(session, campaign, door.id, "handed_out", 3, **how)  # type: ignore[arg-type]
        back = session.scalars(select(CardMovement).where(CardMovement.kind == "returned_unused")).one()
        with pytest.raises(CardsBesidePaper):
            register.correct_movement(session, campaign, back.id, "写错", now=NOON, person_id=None)


def test_import__counts_paper_of_another_door_for_the_same_people(database: Database, config: Config) -> None:
    with database.writing() as session:
        file = Import(session, database, config)
        other = next(row for row in doors(session, file.campaign, "staff") if row.unit_code != file.door.unit_code)
        session.connection().exec_driver_sql(
            f"UPDATE collector SET headcount = {file.door.headcount} WHERE id = {other.id}"
        )
        session.expire_all()
        how = {"on_day": NOON.date(), "note": "", "now": NOON, "person_id": None}
        paper.register_paper(session, file.campaign, other.id, "handed_out", file.door.headcount - 5, **how)  # type: ignore[arg-type]
        assert len(file.check(as_csv(file.rows())).accepted) == 6
        # The other door becomes one for the same people, with another questionnaire.
        session.connection().exec_driver_sql(
            "UPDATE collector SET questionnaire = 'other', stratum = source.stratum, unit_id = source.unit_id "
            f"FROM collector AS source WHERE source.id = {file.door.id} AND collector.id = {other.id}"
        )
        session.expire_all()
        assert people_left(session, queries.collector(session, file.campaign.id, file.door.id)) == 5
        refused = file.check(as_csv(file.rows()))
        assert {one.zh for one in refused.refusals} == {"连同发出的卡片和纸质问卷，超过这个投放的人数"}

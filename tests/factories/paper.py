"""Paper sheets for tests: an open campaign whose first staff door takes paper, and sheets as they would be typed."""

from flask import Flask
from sqlalchemy.orm import Session

from survey_app.campaigns.models import Campaign
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.config import Config
from survey_app.db import Database
from survey_app.fieldwork.operations import paper
from survey_app.fieldwork.paper_rules import Line, Paper
from survey_app.responses.boxes import Boxes
from survey_app.responses.keys import KeyFiles
from tests.factories.campaign import NOON, doors, opened, setup_document


def boxes_of(database: Database, config: Config) -> Boxes:
    """The boxes of an installation without its pages."""
    return Boxes(database, KeyFiles(config.key_directory))


def door_with_paper(session: Session, config: Config, sheets: int = 20) -> tuple[Campaign, CollectorRow]:
    """An open campaign; so many paper questionnaires of its first staff door are out."""
    campaign = opened(session, config, setup_document(2))
    door = doors(session, campaign, "staff")[0]
    paper.register_paper(
        session, campaign, door.id, "handed_out", sheets, on_day=NOON.date(), note="综合科", now=NOON, person_id=None
    )
    return campaign, door


def typed(printed: Paper, key: str = "2") -> dict[str, str]:
    """A sheet on which every closed item that has this key has it; everything else is blank."""
    lines = [line for part in printed.parts() for line in part.lines]
    return {line.name: key if key in {known.key for known in line.keys} else "-" for line in lines}


def rated(printed: Paper) -> Line:
    """The first item with five choices or more."""
    return next(line for part in printed.parts() for line in part.lines if line.kind == "one" and len(line.keys) >= 5)


def installed(app: Flask) -> tuple[Database, Boxes, Config]:
    """What a running application stands on."""
    found = app.extensions["pingyi"]
    return found.database, app.extensions["pingyi.boxes"], found.config

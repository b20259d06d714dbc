"""Whole campaigns through the real operations: read a set-up, create, make cards, open."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from survey_app.admission.operations import Batch
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.operations import cards, creating
from survey_app.campaigns.operations.reading import GivenFile, ReadSetup, read_setup
from survey_app.campaigns.queries import campaigns as queries
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.config import Config
from survey_app.fieldwork.operations import counting
from survey_app.fieldwork.operations.opening import open_campaign
from survey_app.library import queries as library

NOON = datetime(2026, 5, 4, 4, tzinfo=UTC)


def setup_document(units: int = 2, **facts: Any) -> dict[str, Any]:
    """The first units of the demonstration and the departments that rate them, open from 2020 to 2099."""
    document, _ = library.builtin("setup", "demo")
    kept = document["units"][:units]
    codes = {unit["code"] for unit in kept}
    departments = [
        department | {"rates": [code for code in department["rates"] if code in codes]}
        for department in document["departments"]
        if codes & set(department["rates"])
    ]
    campaign = document["campaign"] | {"code": "c2026", "opens": "2020-01-01", "closes": "2099-12-31"} | facts
    return document | {"campaign": campaign, "units": kept, "departments": departments}


def given(document: dict[str, Any], name: str = "setup.json") -> GivenFile:
    """The document as a file that somebody sends."""
    return GivenFile(name, json.dumps(document, ensure_ascii=False).encode())


def read(document: dict[str, Any] | None = None) -> ReadSetup:
    """A set-up that passes every check."""
    return read_setup(given(document if document is not None else setup_document()))


def draft(session: Session, document: dict[str, Any] | None = None, **how: Any) -> Campaign:
    """A draft campaign of the commissioning office; flushed, not committed."""
    return creating.create(session, read(document), now=NOON, **({"person_id": None, "agency_id": None} | how))


def opened(session: Session, config: Config, document: dict[str, Any] | None = None, **how: Any) -> Campaign:
    """An open campaign; flushed, not committed."""
    campaign = draft(session, document, **how)
    open_campaign(session, campaign, config=config, now=NOON, person_id=None, agency_id=None)
    return campaign


def doors(session: Session, campaign: Campaign, audience: str) -> list[CollectorRow]:
    """The collectors of one audience, in order."""
    return [row for row in queries.collectors(session, campaign.id) if row.audience == audience]


def count_unused(session: Session, campaign: Campaign, person_id: int, **counted: int) -> None:
    """After close, a witnessed count at every door with cards: what the register says is left, or `door_<id>`."""
    for row in queries.collectors(session, campaign.id):
        if row.cards.standing:
            left = row.cards.standing - (row.cards.out if row.cards.handed_out else row.cards.activated)
            counting.record_count(
                session,
                campaign,
                row.id,
                counted.get(f"door_{row.id}", left),
                witness_office="某市委编办",
                remark="",
                now=NOON,
                person_id=person_id,
            )


def make_cards(session: Session, campaign: Campaign, collector_id: int, count: int) -> Batch:
    """A batch of cards with its codes in clear."""
    return cards.make_cards(session, campaign, collector_id, count, now=NOON, person_id=None)

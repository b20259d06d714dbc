"""A campaign to measure with: one unit, one questionnaire of twenty closed items, a card collector and an open link."""

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from survey_app import clock
from survey_app.admission.models import AccessCode, CardBatch, Receipt
from survey_app.admission.rules import code_hash, new_code
from survey_app.campaigns.models import BoxGroup, Campaign, CampaignQuestionnaire, Collector, Unit
from survey_app.cli.database import upgrade
from survey_app.config import Config
from survey_app.db import Database
from survey_app.library.operations import freeze
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.size import largest_sitting
from survey_app.responses.capability import issue, seal
from survey_app.responses.models import Parked, Response
from survey_app.responses.sitting import ENVELOPE_BYTES

ITEMS = 20
SCALE = ("sa", "a", "n", "d", "sd")


def questionnaire() -> Questionnaire:
    """Twenty agree-disagree items in one section."""
    choices = [{"code": code, "label": {"zh": code, "en": code}} for code in SCALE]
    items = [
        {
            "id": f"q{number:02}",
            "type": "likert",
            "scale": "agree5",
            "dimension": "all",
            "text": {"zh": f"第{number}项工作做得好。", "en": f"Task {number} is done well."},
        }
        for number in range(1, ITEMS + 1)
    ]
    document = {
        "format": 1,
        "id": "bench",
        "version": "1",
        "audience": "service_recipient",
        "title": {"zh": "二十题问卷", "en": "Twenty items"},
        "response_scales": {"agree5": {"choices": choices}},
        "dimensions": {"all": {"title": {"zh": "全部", "en": "All"}}},
        "sections": [{"id": "main", "items": items}],
    }
    return Questionnaire.model_validate_json(json.dumps(document))


@dataclass(frozen=True)
class Doors:
    """The two collectors and the codes of the first."""

    t1: int
    t0: int
    codes: tuple[str, ...]

    def accounted_for(self, environment: dict[str, str]) -> tuple[int, int]:
        """(sittings in the database, sittings beyond one for each used code or receipt)."""
        database = Database(Config.from_environment(environment).database_url)
        with database.reading() as session:
            used = _count(session, AccessCode, AccessCode.used.is_(True))
            receipts = _count(session, Receipt)
            sittings = _count(session, Parked) + _count(session, Response)
        database.engine.dispose()
        return sittings, sittings - used - receipts


def make_campaign(environment: dict[str, str], codes: int) -> Doors:
    """An open campaign in a fresh database, with so many active codes."""
    config = Config.from_environment(environment)
    database = Database(config.database_url)
    upgrade(database)
    asked = questionnaire()
    text = asked.model_dump_json(exclude_none=True, exclude_unset=True)
    with database.writing() as session:
        now = clock.now()
        frozen = freeze(session, "questionnaire", text, None, now)
        campaign = Campaign(
            code="bench",
            title="测量",
            office="某办",
            agency_name="某机构",
            opens=now.date() - timedelta(days=1),
            closes=now.date() + timedelta(days=30),
            timezone="Asia/Shanghai",
            retention="一年",
            contact="电话",
            state="open",
            plan_name="default",
            plan_hash=frozen,
            setup_hash=frozen,
            setup="{}",
            digest_key=b"k" * 32,
        )
        session.add(campaign)
        session.flush()
        unit = Unit(
            campaign_id=campaign.id, position=0, code="u01", name="某单位", category="类", audiences="service_recipient"
        )
        session.add_all(
            [
                unit,
                CampaignQuestionnaire(
                    campaign_id=campaign.id, position=0, name="bench", audience="service_recipient", hash=frozen
                ),
            ]
        )
        session.flush()
        t1, t0 = (_collector(session, campaign.id, unit.id, asked, tier) for tier in ("T1", "T0"))
        made = tuple(new_code() for _ in range(codes))
        batch = CardBatch(collector_id=t1)
        session.add(batch)
        session.flush()
        rows = [
            {"hash": code_hash(code), "collector_id": t1, "batch_id": batch.id, "active": True, "used": False}
            for code in made
        ]
        if rows:
            session.execute(insert(AccessCode), rows)
        session.commit()
    database.engine.dispose()
    return Doors(t1, t0, made)


def take_capabilities(environment: dict[str, str], doors: Doors, tier: str, codes: slice, bodies: Path) -> None:
    """Write forms ready to send, one a line: a capability of its own for each of these codes, twenty answers."""
    secret = Config.from_environment(environment).secret
    now = int(clock.now().timestamp())
    answers = urlencode({f"q{number:02}": SCALE[number % 5] for number in range(1, ITEMS + 1)})
    with bodies.open("w") as file:
        for code in doors.codes[codes]:
            hashed = code_hash(code) if tier == "T1" else None
            collector = doors.t1 if tier == "T1" else doors.t0
            capability = issue(collector, hashed, now - 200, now + 86_400, "zh")
            file.write(f"_cap={seal(secret, capability)}&_page=0&{answers}\n")


def _collector(session: Session, campaign: int, unit: int, asked: Questionnaire, tier: str) -> int:
    group = BoxGroup(
        campaign_id=campaign,
        name=tier,
        box_size=10,
        min_cell=5,
        padded_size=largest_sitting(asked) + ENVELOPE_BYTES,
    )
    session.add(group)
    session.flush()
    collector = Collector(
        campaign_id=campaign,
        box_group_id=group.id,
        questionnaire="bench",
        audience="service_recipient",
        tier=tier,
        unit_id=unit,
        headcount=1_000_000,
        state="open",
        open_code="0" * 16 if tier == "T0" else None,
    )
    session.add(collector)
    session.flush()
    return collector.id


def _count(session: Session, table: type, *conditions: object) -> int:
    query = select(func.count()).select_from(table)
    for condition in conditions:
        query = query.where(condition)  # type: ignore[arg-type]
    return session.scalar(query) or 0

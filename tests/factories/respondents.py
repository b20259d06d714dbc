"""Open doors with real questionnaires and known codes, straight into the tables, for tests of the phone pages."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app import clock
from survey_app.admission.models import AccessCode, CardBatch
from survey_app.admission.rules import code_hash
from survey_app.campaigns.models import (
    BoxGroup,
    Campaign,
    CampaignQuestionnaire,
    Collector,
    Department,
    Rating,
    Unit,
)
from survey_app.library.models import FrozenDefinition
from survey_app.library.queries import builtin
from survey_app.questionnaire.identity import content_hash
from survey_app.questionnaire.model import Questionnaire

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
OFFICE = "示例市委编办"


@dataclass(frozen=True)
class Door:
    """One collector and the codes on its cards; an open link has one code for everybody."""

    campaign_id: int
    campaign_code: str
    collector_id: int
    questionnaire: str
    unit_ids: tuple[int, ...]
    codes: tuple[str, ...]


@cache
def document_of(name: str) -> dict[str, Any]:
    """A built-in questionnaire as it is written."""
    return builtin("questionnaire", name)[0]


def model_of(document: dict[str, Any]) -> Questionnaire:
    """A document as the program reads it."""
    return Questionnaire.model_validate_json(json.dumps(document))


def open_door(
    session: Session,
    *,
    questionnaire: str | dict[str, Any] = "service_recipient",
    units: Sequence[str] = ("示例市民政局",),
    department: str | None = None,
    tier: str = "T1",
    cards: int = 12,
    opens: date = date(2020, 1, 1),
    closes: date = date(2099, 12, 31),
    campaign_state: str = "open",
    collector_state: str = "open",
    demo: bool = False,
) -> Door:
    """A campaign with one collector; committed. `questionnaire`: a built-in name or a document of its own."""
    document = document_of(questionnaire) if isinstance(questionnaire, str) else questionnaire
    number = (session.scalar(select(func.count()).select_from(Campaign)) or 0) + 1
    hashes = _freeze(session, document)
    campaign = Campaign(
        code=f"c{number}",
        title="示例市机构编制评估",
        office=OFFICE,
        agency_name="示例评估机构",
        opens=opens,
        closes=closes,
        timezone="Asia/Shanghai",
        retention="评估结束后两年",
        contact="0000-12345",
        state=campaign_state,
        demo=demo,
        plan_name="plan",
        plan_hash=hashes["plan"],
        setup_hash=hashes["setup"],
        setup="{}",
        digest_key=b"k" * 32,
    )
    session.add(campaign)
    session.flush()
    listed = CampaignQuestionnaire(
        campaign_id=campaign.id,
        position=0,
        name=document["id"],
        audience=document["audience"],
        hash=hashes["questionnaire"],
    )
    rated = [
        Unit(campaign_id=campaign.id, position=at, code=f"u{at:02}", name=name, category="类", audiences="staff")
        for at, name in enumerate(units)
    ]
    group = BoxGroup(campaign_id=campaign.id, name="票箱", box_size=10, min_cell=5, padded_size=16384)
    session.add_all([listed, group, *rated])
    session.flush()
    rater = None
    if department is not None:
        rater = Department(campaign_id=campaign.id, position=0, code="d01", name=department, raters=cards)
        session.add(rater)
        session.flush()
        session.add_all(Rating(department_id=rater.id, unit_id=unit.id) for unit in rated)
    codes = tuple(_code(number, card) for card in range(cards if tier == "T1" else 1))
    collector = Collector(
        campaign_id=campaign.id,
        box_group_id=group.id,
        questionnaire=document["id"],
        audience=document["audience"],
        tier=tier,
        unit_id=None if rater else rated[0].id,
        department_id=rater.id if rater else None,
        headcount=cards,
        state=collector_state,
        open_code=codes[0] if tier == "T0" else None,
    )
    session.add(collector)
    session.flush()
    if tier == "T1":
        batch = CardBatch(collector_id=collector.id, state="handed_out")
        session.add(batch)
        session.flush()
        made = (AccessCode(hash=code_hash(code), collector_id=collector.id, batch_id=batch.id) for code in codes)
        for row in made:
            row.active = True
            session.add(row)
    session.commit()
    unit_ids = tuple(unit.id for unit in rated)
    return Door(campaign.id, campaign.code, collector.id, document["id"], unit_ids, codes)


def _code(campaign: int, card: int) -> str:
    digits = []
    number = campaign * 7919 + card * 104729 + 12345678901234567
    for _place in range(16):
        number, rest = divmod(number, 32)
        digits.append(ALPHABET[rest])
    return "".join(digits)


def _freeze(session: Session, document: dict[str, Any]) -> dict[str, str]:
    hashes = {"questionnaire": content_hash(document), "plan": "b" * 64, "setup": "c" * 64}
    for kind, found in hashes.items():
        written = document if kind == "questionnaire" else {}
        session.merge(
            FrozenDefinition(
                hash=found,
                kind=kind,
                name=written.get("id", kind),
                version="1",
                document=json.dumps(written, ensure_ascii=False),
                frozen_at=clock.now(),
            )
        )
    session.flush()
    return hashes


def every_item_type() -> dict[str, Any]:
    """A questionnaire with one item of each type, each with everything that its type can have."""
    kinds = [{"code": "dk", "kind": "dont_know", "label": {"zh": "不了解", "en": "Don't know"}}]
    three = [{"code": code, "label": {"zh": f"选项{code}", "en": f"Choice {code}"}} for code in ("a", "b", "c")]
    other = {"code": "other", "label": {"zh": "其他", "en": "Something else"}, "other": True}
    none = {"code": "none", "label": {"zh": "都没有", "en": "None of them"}, "exclusive": True}
    asked: dict[str, dict[str, Any]] = {
        "likert": {"scale": "agree", "offer_missing": ["dk"], "required": True, "hint": "请按实际情况选。"},
        "single": {"choices": [*three, other], "missing": kinds},
        "multiple": {"choices": [*three, other, none], "missing": kinds, "min_choices": 1, "max_choices": 2},
        "ranking": {"choices": three, "missing": kinds, "max_choices": 2},
        "rating": {"min_label": "很差", "max_label": "很好", "missing": kinds},
        "stars": {"type": "rating", "min": 1, "max": 5, "style": "stars"},
        "number": {"min": 0, "max": 99, "unit_label": "次", "missing": kinds},
        "decimal": {"type": "number", "decimals": 1},
        "date": {"min": "2020-01-01", "max": "2030-12-31"},
        "text": {"max_length": 100, "visible_if": {"item": "rating", "at_most": 3}},
        "line": {"type": "text", "max_length": 20, "multiline": False},
        "note": {"hint": "最后一行说明。"},
    }
    items = [
        {"id": name, "type": name, "text": {"zh": f"题目{name}的问题？", "en": f"What about {name}?"}} | given
        for name, given in asked.items()
    ]
    return {
        "format": 1,
        "id": "every_item_type",
        "version": "1",
        "audience": "service_recipient",
        "title": {"zh": "各种题型", "en": "Every item type"},
        "response_scales": {"agree": {"choices": three, "missing": kinds}},
        "sections": [{"id": "all", "title": "全部题型", "intro": "请逐题填写。", "items": items}],
    }

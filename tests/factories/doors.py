"""The smallest open campaign, written straight into the tables, for tests below the level of pages."""

import hashlib
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey_app import clock
from survey_app.admission.models import AccessCode, CardBatch
from survey_app.campaigns.models import BoxGroup, Campaign, Collector, Unit
from survey_app.library.models import FrozenDefinition
from survey_app.responses.sitting import Sitting


@dataclass(frozen=True)
class TestDoor:
    """One open collector and the codes that open it."""

    __test__ = False

    campaign: int
    group: int
    collector: int
    unit: int
    codes: tuple[bytes, ...]


def open_door(session: Session, *, codes: int = 40, box_size: int = 10, tier: str = "T1") -> TestDoor:
    """An open campaign with one unit and one collector; committed."""
    for kind in ("questionnaire", "plan", "setup"):
        row = FrozenDefinition(
            hash=kind[0] * 64, kind=kind, name=kind, version="1", document="{}", frozen_at=clock.now()
        )
        session.merge(row)
    session.flush()
    campaign = Campaign(
        code="c1",
        title="评估",
        office="某办",
        agency_name="某机构",
        opens=date(2020, 1, 1),
        closes=date(2099, 12, 31),
        timezone="Asia/Shanghai",
        retention="一年",
        contact="电话",
        state="open",
        plan_name="plan",
        plan_hash="p" * 64,
        setup_hash="s" * 64,
        setup="{}",
        digest_key=b"k" * 32,
    )
    session.add(campaign)
    session.flush()
    unit = Unit(campaign_id=campaign.id, position=0, code="u01", name="单位", category="类", audiences="staff")
    group = BoxGroup(campaign_id=campaign.id, name="单位", box_size=box_size, min_cell=5, padded_size=1024)
    session.add_all([unit, group])
    session.flush()
    collector = Collector(
        campaign_id=campaign.id,
        box_group_id=group.id,
        questionnaire="staff",
        audience="staff",
        tier=tier,
        unit_id=unit.id,
        headcount=codes,
        state="open",
        open_code="0" * 16 if tier == "T0" else None,
    )
    session.add(collector)
    session.flush()
    batch = CardBatch(collector_id=collector.id)
    session.add(batch)
    session.flush()
    made = tuple(hashlib.sha256(b"code %d" % number).digest() for number in range(codes if tier == "T1" else 0))
    session.add_all(AccessCode(hash=code, collector_id=collector.id, batch_id=batch.id, active=True) for code in made)
    session.commit()
    return TestDoor(campaign.id, group.id, collector.id, unit.id, made)


def sitting(door: TestDoor, code: int | None, nonce: str = "", answer: str = "sa") -> Sitting:
    """A sitting with one answer; the same code and nonce are the same sending."""
    return Sitting(
        collector_id=door.collector,
        box_group_id=door.group,
        code_hash=None if code is None else door.codes[code],
        receipt=hashlib.sha256(f"{code} {nonce}".encode()).digest(),
        questionnaire_hash="q" * 64,
        language="zh",
        mode="web",
        duration=7,
        order_number=3,
        flip=False,
        responses=[(door.unit, {"item": answer})],
    )

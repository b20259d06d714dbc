"""A campaign that has been answered: made by the real operation, its answers written straight into their table.

Units u01 … with strata window and online; departments d01 … that rate all of them. Everything is seeded.
"""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from survey_app import clock
from survey_app.campaigns.models import Campaign, CampaignQuestionnaire, Collector, Department, Rating, Unit
from survey_app.campaigns.operations.creating import create
from survey_app.campaigns.operations.reading import GivenFile, read_setup
from survey_app.library import queries as library
from survey_app.library.operations import freeze
from survey_app.questionnaire.items import LikertItem
from survey_app.questionnaire.model import Questionnaire
from survey_app.responses.models import Response

STRATA = {"window": 60, "online": 40}
QUESTIONNAIRES = ("staff", "service_recipient", "related_department")


@dataclass(frozen=True)
class Evaluation:
    """One campaign and what its answers point to, by code."""

    campaign: int
    code: str
    units: Mapping[str, int]
    departments: Mapping[str, int]
    questionnaires: Mapping[str, tuple[str, Questionnaire]]


def setup_document(
    *,
    units: int = 2,
    departments: int = 8,
    without: Mapping[str, str] | None = None,
    questionnaires: Sequence[str] = QUESTIONNAIRES,
    code: str = "pg2026",
    sizes: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """A set-up. without: unit code → audience that it leaves out. sizes: strata of every unit's service recipients."""
    left_out = without or {}
    listed = []
    for number in range(1, units + 1):
        unit = f"u{number:02d}"
        audiences = [
            audience
            for audience in ("staff", "service_recipient", "related_department")
            if audience in questionnaires and left_out.get(unit) != audience
        ]
        frame = [
            {"audience": "service_recipient", "stratum": stratum, "size": size}
            for stratum, size in (sizes or STRATA).items()
        ]
        frame.append({"audience": "staff", "stratum": None, "size": 40})
        listed.append(
            {
                "code": unit,
                "name": f"第{number}单位",
                "category": "服务" if number % 2 else "监管",
                "audiences": audiences,
                "frame": [cell for cell in frame if cell["audience"] in audiences],
            }
        )
    rated = [unit["code"] for unit in listed if "related_department" in unit["audiences"]]
    raters = [
        {
            "code": f"d{number:02d}",
            "name": f"第{number}部门",
            "raters": 3,
            "rates": [rated[(number + step) % len(rated)] for step in range(min(5, len(rated)))],
        }
        for number in range(1, departments + 1)
    ]
    return {
        "campaign": {
            "code": code,
            "title": "二〇二六年评估",
            "office": "某市委编办",
            "agency": "某评估中心",
            "opens": "2026-01-01",
            "closes": "2099-12-31",
            "timezone": "Asia/Shanghai",
            "retention": "一年",
            "contact": "电话",
        },
        "questionnaires": list(questionnaires),
        "plan": "default",
        "units": listed,
        "departments": raters if "related_department" in questionnaires else [],
    }


def make(session: Session, document: Mapping[str, Any], *, own: Sequence[Mapping[str, Any]] = ()) -> Evaluation:
    """An open campaign with frozen definitions. own: questionnaires and plans that are not built in."""
    now = clock.now()
    files = [GivenFile(f"{found['id']}.json", json.dumps(found).encode()) for found in own]
    read = read_setup(GivenFile("setup.json", json.dumps(document).encode()), files)
    campaign = create(session, read, now=now, person_id=None, agency_id=None)
    for used in session.scalars(
        select(CampaignQuestionnaire).where(CampaignQuestionnaire.campaign_id == campaign.id)
    ).all():
        if used.hash is None:
            used.hash = freeze(session, "questionnaire", library.builtin("questionnaire", used.name)[1], None, now)
    if campaign.plan_hash is None:
        campaign.plan_hash = freeze(session, "plan", library.builtin("plan", campaign.plan_name)[1], None, now)
    campaign.setup_hash = freeze(session, "setup", campaign.setup, None, now)
    campaign.state = "open"
    session.flush()
    hashes = select(CampaignQuestionnaire.name, CampaignQuestionnaire.hash).where(
        CampaignQuestionnaire.campaign_id == campaign.id
    )
    made = Evaluation(
        campaign.id,
        campaign.code,
        dict(session.execute(select(Unit.code, Unit.id).where(Unit.campaign_id == campaign.id)).all()),
        dict(session.execute(select(Department.code, Department.id)).all()),
        {name: (found or "", library.questionnaire(session, found or "")) for name, found in session.execute(hashes)},
    )
    session.commit()
    return made


def close(session: Session, made: Evaluation) -> None:
    """No more answers can come."""
    session.execute(update(Campaign).where(Campaign.id == made.campaign).values(state="closed", closed_at=clock.now()))
    session.commit()


def recipients(
    session: Session,
    made: Evaluation,
    unit: str,
    n: int,
    *,
    seed: int = 1,
    quality: float = 0.7,
    stratum: str | None = "window",
    name: str = "service_recipient",
    answers: Mapping[str, object] | None = None,
    pilot: bool = False,
) -> None:
    """`n` people about one unit. answers: the same for everybody, over what is drawn; None leaves an item blank."""
    door = _door(session, made, name, unit=unit, stratum=stratum)
    draw = random.Random(f"{seed} {unit} {name}")
    for _ in range(n):
        given = drawn(made, name, draw, quality) | dict(answers or {})
        given = {item: answer for item, answer in given.items() if answer is not None}
        session.add(_row(made, name, door, draw, given, unit=unit, stratum=stratum, pilot=pilot))
    session.commit()


def staff(session: Session, made: Evaluation, unit: str, n: int, *, seed: int = 1, quality: float = 0.7) -> None:
    """`n` members of staff of one unit."""
    recipients(session, made, unit, n, seed=seed, quality=quality, stratum=None, name="staff")


def raters(
    session: Session,
    made: Evaluation,
    department: str,
    units: Sequence[str],
    n: int = 3,
    *,
    seed: int = 1,
    quality: float = 0.7,
    answers: Mapping[str, object] | None = None,
) -> None:
    """`n` people of one department, each rating these units in one sitting. answers: as in `recipients`."""
    door = _door(session, made, "related_department", department=department)
    draw = random.Random(f"{seed} {department}")
    for _ in range(n):
        sitting = draw.randbytes(16)
        for unit in units:
            given = drawn(made, "related_department", draw, quality) | dict(answers or {})
            session.add(
                _row(
                    made,
                    "related_department",
                    door,
                    draw,
                    given,
                    unit=unit,
                    department=made.departments[department],
                    sitting=sitting,
                )
            )
    session.commit()


def drawn(made: Evaluation, name: str, draw: random.Random, quality: float) -> dict[str, object]:
    """One person's answers: likert items around a quality between 0 and 1, nothing screened out."""
    questionnaire = made.questionnaires[name][1]
    leaning = draw.gauss(quality, 0.15)
    answers: dict[str, object] = {}
    for item in questionnaire.items():
        if isinstance(item, LikertItem) and item.visible_if is None:
            codes = [choice.code for choice in item.choices_in(questionnaire)]
            place = (1 - min(max(draw.gauss(leaning, 0.15), 0), 1)) * (len(codes) - 1)
            number = round(place)
            answers[item.id] = codes[len(codes) - 1 - number] if item.reverse_coded else codes[number]
    return answers


def whole(session: Session, made: Evaluation, *, n: int = 60) -> None:
    """Answers of every audience to every unit that has it; every unit a little worse than the one before."""
    for number, unit in enumerate(made.units):
        quality = 0.85 - 0.1 * number
        if _door(session, made, "service_recipient", unit=unit):
            recipients(session, made, unit, n, quality=quality)
            recipients(session, made, unit, n // 2, quality=quality, stratum="online", seed=2)
        staff(session, made, unit, 30, quality=quality)
    for department in made.departments:
        raters(session, made, department, [unit for unit in made.units if unit in rates(session, made, department)])


def rates(session: Session, made: Evaluation, department: str) -> set[str]:
    """The units that a department rates, by code."""
    query = select(Unit.code).join(Rating, Rating.unit_id == Unit.id)
    return set(session.scalars(query.where(Rating.department_id == made.departments[department])))


def _door(
    session: Session,
    made: Evaluation,
    name: str,
    *,
    unit: str | None = None,
    department: str | None = None,
    stratum: str | None = None,
) -> int:
    query = select(Collector.id).where(Collector.campaign_id == made.campaign, Collector.questionnaire == name)
    if unit is not None:
        query = query.where(Collector.unit_id == made.units[unit])
        if stratum is not None:
            query = query.where(Collector.stratum == stratum)
    if department is not None:
        query = query.where(Collector.department_id == made.departments[department])
    return session.scalars(query).first() or 0


def _row(
    made: Evaluation,
    name: str,
    door: int,
    draw: random.Random,
    answers: Mapping[str, object],
    *,
    unit: str,
    stratum: str | None = None,
    department: int | None = None,
    sitting: bytes | None = None,
    pilot: bool = False,
) -> Response:
    return Response(
        id=draw.randbytes(16),
        collector_id=door,
        unit_id=made.units[unit],
        department_id=department,
        stratum=stratum,
        mode="web",
        language="zh",
        pilot=pilot,
        questionnaire_hash=made.questionnaires[name][0],
        answers=json.dumps(answers, ensure_ascii=False, separators=(",", ":")),
        period=None,
        duration=None,
        order_number=0,
        flip=False,
        sitting=sitting or draw.randbytes(16),
    )


def items(made: Evaluation, name: str) -> list[str]:
    """The ids of the likert items that everybody is shown."""
    asked = made.questionnaires[name][1].items()
    return [item.id for item in asked if isinstance(item, LikertItem) and item.visible_if is None]


def mark_demo(session: Session, made: Evaluation) -> None:
    """Invented units and answers."""
    session.execute(update(Campaign).where(Campaign.id == made.campaign).values(demo=True))

"""Two campaigns of the same units, a year apart, on one database: the factory of everything about trends."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from survey_app import clock
from survey_app.campaigns.models import Campaign, Collector
from survey_app.db import Database
from survey_app.library import queries as library
from survey_app.scores.models import ScoreSnapshot
from survey_app.scores.operations import compute
from tests.scores import evaluation as ev

THEN, NOW = "pg2025", "pg2026"


@dataclass(frozen=True)
class People:
    """How many recipients answered in a unit, and how well it does. link: through an open link."""

    n: int
    quality: float = 0.7
    seed: int = 1
    link: bool = False


def own_questionnaire(**changes: Any) -> dict[str, Any]:
    """The recipients' questionnaire under a name of its own. Keys are items, values what is put into them."""
    found: dict[str, Any] = json.loads(library.builtin("questionnaire", "service_recipient")[1]) | {"id": "own"}
    for section in found["sections"]:
        section["items"] = [item | changes.get(item["id"], {}) for item in section["items"]]
    return found


def own_plan(**changes: Any) -> dict[str, Any]:
    """The plan for `own_questionnaire`, with some blocks put in another way; `indicator` goes into its indicator."""
    plan: dict[str, Any] = json.loads(library.builtin("plan", "default")[1]) | {"id": "own_plan"}
    plan["indicators"] = [one for one in plan["indicators"] if one["audience"] == "service_recipient"]
    plan["indicators"][0] |= {"questionnaires": ["own"]} | changes.pop("indicator", {})
    plan["restricted"] = {"integrity": plan["restricted"]["integrity"]}
    return plan | {"if_not_applicable": {}, "breakdowns": []} | changes


def wave(
    session: Session,
    code: str,
    people: Mapping[str, People],
    *,
    opens: date,
    own: Sequence[dict[str, Any]] = (),
    renamed: Mapping[str, str] | None = None,
) -> ev.Evaluation:
    """A closed campaign of these units and of recipients only. own: a questionnaire and a plan of its own."""
    document = ev.setup_document(units=9, code=code, questionnaires=["service_recipient"], sizes={"window": 400})
    if own:
        document |= {"questionnaires": ["own"], "plan": "own_plan"}
    document["units"] = [unit for unit in document["units"] if unit["code"] in people]
    for unit in document["units"]:
        unit["name"] = (renamed or {}).get(unit["code"], unit["name"])
    document["campaign"] |= {"title": f"{code} 年度评估", "opens": opens.isoformat()}
    made = ev.make(session, document, own=own)
    for unit, asked in people.items():
        if asked.link:
            doors = update(Collector).where(Collector.unit_id == made.units[unit])
            session.execute(doors.values(tier="T0", open_code=f"{unit[-1]}BCDEFGHJKMNPQRS"))
        name = "own" if own else "service_recipient"
        ev.recipients(session, made, unit, asked.n, quality=asked.quality, seed=asked.seed, name=name)
    ev.close(session, made)
    return made


def snapshot(database: Database, made: ev.Evaluation, against: ev.Evaluation | None = None) -> dict[str, Any]:
    """Compute a snapshot; its stored document."""
    with database.reading() as session:
        found = compute.compute(session, made.campaign, None if against is None else against.campaign)
    with database.writing() as session:
        kept = compute.keep(session, found, clock.now(), None)
        session.commit()
        stored: dict[str, Any] = json.loads(kept.report)
    return stored


def two(
    database: Database,
    then: Mapping[str, People],
    now: Mapping[str, People],
    *,
    own: tuple[Sequence[dict[str, Any]], Sequence[dict[str, Any]]] = ((), ()),
    renamed: Mapping[str, str] | None = None,
) -> tuple[ev.Evaluation, ev.Evaluation]:
    """Two closed campaigns, the earlier one computed. own: of the earlier and of the later one."""
    with database.writing() as session:
        first = wave(session, THEN, then, opens=date(2025, 1, 1), own=own[0], renamed=renamed)
        second = wave(session, NOW, now, opens=date(2026, 1, 1), own=own[1])
        session.commit()
    snapshot(database, first)
    return first, second


def report_of(database: Database, made: ev.Evaluation) -> dict[str, Any]:
    """The newest stored document of a campaign."""
    with database.reading() as session:
        newest = select(ScoreSnapshot).where(ScoreSnapshot.campaign_id == made.campaign)
        found = session.scalars(newest.order_by(ScoreSnapshot.number.desc()).limit(1)).one()
        stored: dict[str, Any] = json.loads(found.report)
    return stored


def row(document: dict[str, Any], unit: str) -> dict[str, Any]:
    """The change of one unit."""
    found: dict[str, Any] = next(one for one in document["trends"]["rows"] if one["unit"] == unit)
    return found


def score(document: dict[str, Any], unit: str) -> dict[str, Any]:
    """The score of one unit."""
    found: dict[str, Any] = next(one for one in document["scores"] if one["unit"] == unit)
    return found


def reopened(session: Session, made: ev.Evaluation) -> None:
    """A campaign that takes answers again, as no operation would make it."""
    session.execute(update(Campaign).where(Campaign.id == made.campaign).values(state="open"))
    session.commit()

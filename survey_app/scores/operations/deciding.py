"""What evaluators decide on computed scores: confirming suggested points, recording and lifting proven cases.

Must stay true: decisions are only ever added; the newest one counts; each names a person and a reason and is audited.
"""

import json
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.accounts.operations.audit import record
from survey_app.accounts.rules import ROLE_NAMES
from survey_app.campaigns.models import Campaign, Unit
from survey_app.errors import NotFound
from survey_app.library import queries as library
from survey_app.scores.models import ScoreConfirmation, ScoreHold, ScoreSnapshot
from survey_app.scores.rules.confirming import Decision, check
from survey_app.scores.rules.errors import AlreadyHeld, NotNewest, ReasonNeeded


def confirm(
    session: Session,
    snapshot: ScoreSnapshot,
    unit_code: str,
    indicator: str,
    decision: Decision,
    *,
    now: datetime,
    person_id: int,
    roles: Collection[str],
) -> ScoreConfirmation:
    """Record a decision on one suggested score of the newest snapshot. roles: those that the person holds here.

    Raises NotFound, NotNewest, NotConfirmable, ReasonNeeded, OutsideFullMarks, BeyondFreeShare.
    """
    campaign = session.get_one(Campaign, snapshot.campaign_id)
    newest = session.scalars(
        select(ScoreSnapshot.number)
        .where(ScoreSnapshot.campaign_id == campaign.id)
        .order_by(ScoreSnapshot.number.desc())
        .limit(1)
    ).one()
    if newest != snapshot.number:
        raise NotNewest(number=snapshot.number, newest=newest)
    document = json.loads(snapshot.report)
    score = next(
        (found for found in document["scores"] if (found["unit"], found["indicator"]) == (unit_code, indicator)), None
    )
    if score is None:
        raise NotFound(what=f"{unit_code} {indicator}")
    plan = library.plan(session, document["plan"]["hash"])
    names = {str(role): words for role, words in ROLE_NAMES.items()}
    unit = next(found["name"] for found in document["units"] if found["code"] == unit_code)
    check(score, decision, plan.confirm, roles=roles, names=names, unit=unit, indicator=indicator)
    made = ScoreConfirmation(
        snapshot_id=snapshot.id,
        unit_code=unit_code,
        indicator=indicator,
        suggested_score=score["points"],
        confirmed_score=decision.points,
        reason=decision.reason.strip(),
        confirmed_by=person_id,
        confirmed_at=now,
    )
    session.add(made)
    record(
        session,
        now,
        person_id,
        "score.confirm",
        f"campaign:{campaign.code}",
        {
            "snapshot": snapshot.number,
            "unit": unit_code,
            "indicator": indicator,
            "suggested_score": score["points"],
            "confirmed_score": decision.points,
            "reason": made.reason,
        },
    )
    return made


def hold(
    session: Session,
    campaign: Campaign,
    unit_code: str,
    audience: str,
    reason: str,
    *,
    now: datetime,
    person_id: int,
) -> ScoreHold:
    """Record a proven case of guiding or filling in for others; the next snapshot withholds these scores.

    Raises NotFound for an audience that the unit does not have, ReasonNeeded, AlreadyHeld.
    """
    unit = session.scalars(select(Unit).where(Unit.campaign_id == campaign.id, Unit.code == unit_code)).one_or_none()
    if unit is None or audience not in unit.audiences.split(","):
        raise NotFound(what=f"{unit_code} {audience}")
    if not reason.strip():
        raise ReasonNeeded
    if standing_hold(session, campaign.id, unit_code, audience) is not None:
        raise AlreadyHeld(unit=unit.name)
    made = ScoreHold(
        campaign_id=campaign.id,
        unit_code=unit_code,
        audience=audience,
        reason=reason.strip(),
        recorded_by=person_id,
        recorded_at=now,
    )
    session.add(made)
    detail = {"unit": unit_code, "audience": audience, "reason": made.reason}
    record(session, now, person_id, "score.hold", f"campaign:{campaign.code}", detail)
    return made


def lift(
    session: Session,
    campaign: Campaign,
    unit_code: str,
    audience: str,
    reason: str,
    *,
    now: datetime,
    person_id: int,
) -> ScoreHold:
    """Take a recorded case back, with a reason; the record stays. Raises NotFound, ReasonNeeded."""
    standing = standing_hold(session, campaign.id, unit_code, audience)
    if standing is None:
        raise NotFound(what=f"{unit_code} {audience}")
    if not reason.strip():
        raise ReasonNeeded
    standing.lifted_at, standing.lifted_by, standing.lifted_because = now, person_id, reason.strip()
    detail = {"unit": unit_code, "audience": audience, "reason": reason.strip()}
    record(session, now, person_id, "score.lift_hold", f"campaign:{campaign.code}", detail)
    return standing


def standing_hold(session: Session, campaign_id: int, unit_code: str, audience: str) -> ScoreHold | None:
    """The case on record for a unit's audience that has not been lifted."""
    return session.scalars(
        select(ScoreHold).where(
            ScoreHold.campaign_id == campaign_id,
            ScoreHold.unit_code == unit_code,
            ScoreHold.audience == audience,
            ScoreHold.lifted_at.is_(None),
        )
    ).first()

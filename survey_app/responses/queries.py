"""What the respondent pages read: where a code leads, and what a campaign says after sending."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.admission import rules as admission_rules
from survey_app.admission.queries import code_standing
from survey_app.campaigns.models import Campaign, CampaignQuestionnaire
from survey_app.campaigns.queries import doors
from survey_app.campaigns.queries.doors import Door
from survey_app.library import queries as library
from survey_app.questionnaire.model import Questionnaire
from survey_app.responses.rules import InactiveCode, UnknownCode, UsedCode, VoidedCode


@dataclass(frozen=True)
class Entrance:
    """Where a typed or scanned code leads. code_hash: 32 bytes, None for an open link."""

    door: Door
    code: str
    code_hash: bytes | None


@dataclass(frozen=True)
class Thanks:
    """What the page after sending stands on."""

    campaign: Campaign
    questionnaire: Questionnaire


def entrance(session: Session, typed: str) -> Entrance:
    """The door behind a code. Raises UnknownCode, UsedCode, VoidedCode or InactiveCode; changes nothing."""
    code = admission_rules.normalise(typed)
    if code is None:
        raise UnknownCode
    code_hash = admission_rules.code_hash(code)
    standing = code_standing(session, code_hash)
    if standing is None:
        open_door = doors.door_by_open_code(session, code)
        if open_door is None:
            raise UnknownCode
        return Entrance(open_door, code, None)
    door = doors.door(session, standing.collector_id)
    if door is None:
        raise UnknownCode
    if standing.used:
        raise UsedCode(demo=door.demo)
    if standing.voided:
        raise VoidedCode(demo=door.demo)
    if not standing.active:
        raise InactiveCode(demo=door.demo)
    return Entrance(door, code, code_hash)


def thanks(session: Session, campaign_code: str, questionnaire: str) -> Thanks | None:
    """The campaign and its frozen questionnaire; None where the campaign never opened with one of this name."""
    row = session.execute(
        select(Campaign, CampaignQuestionnaire.hash)
        .join(CampaignQuestionnaire, CampaignQuestionnaire.campaign_id == Campaign.id)
        .where(Campaign.code == campaign_code, CampaignQuestionnaire.name == questionnaire)
    ).one_or_none()
    if row is None or row[1] is None:
        return None
    return Thanks(row[0], library.questionnaire(session, row[1]))

"""Agencies, their engagements and the declaration of no conflict of interest. Every act is recorded."""

import hashlib
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.accounts.models import Agency, AgencyEngagement
from survey_app.accounts.operations.audit import record
from survey_app.accounts.queries import campaign_by_code
from survey_app.accounts.rules import AgencyNameTaken, AlreadyDeclared, EndsBeforeItStarts, Fault
from survey_app.errors import BadInput, NotFound


def create_agency(session: Session, now: datetime, by: int | None, name: str) -> Agency:
    """Register an agency under its full name. Raises BadInput, AgencyNameTaken."""
    name = name.strip()
    if not 0 < len(name) <= 200:
        raise BadInput([Fault("机构名称须为 1 至 200 个字。", "The name of an agency has 1 to 200 characters.")])
    if session.scalar(select(Agency.id).where(Agency.name == name)) is not None:
        raise AgencyNameTaken(name=name)
    agency = Agency(name=name)
    session.add(agency)
    session.flush()
    record(session, now, by, "agency.create", f"agency:{agency.id}", {"name": name})
    return agency


def engage(
    session: Session, now: datetime, by: int | None, agency_id: int, *, campaign_code: str, starts: date, ends: date
) -> AgencyEngagement:
    """Give an agency a mandate for a campaign, or change its dates; a signed declaration stays signed.

    Both days belong to it, in the campaign's time zone. Raises EndsBeforeItStarts, NotFound.
    """
    if ends < starts:
        raise EndsBeforeItStarts(starts=starts, ends=ends)
    if session.get(Agency, agency_id) is None:
        raise NotFound(what="机构 / agency")
    campaign = campaign_by_code(session, campaign_code)
    query = select(AgencyEngagement).where(
        AgencyEngagement.agency_id == agency_id, AgencyEngagement.campaign_id == campaign.id
    )
    engagement = session.scalars(query).first()
    if engagement is None:
        engagement = AgencyEngagement(agency_id=agency_id, campaign_id=campaign.id, starts=starts, ends=ends)
        session.add(engagement)
    else:
        engagement.starts, engagement.ends = starts, ends
    session.flush()
    detail = {"campaign": campaign_code, "starts": starts, "ends": ends}
    record(session, now, by, "agency.engage", f"agency:{agency_id}", detail)
    return engagement


def sign_declaration(
    session: Session, now: datetime, by: int, *, agency_id: int, engagement_id: int, text: str
) -> None:
    """Keep who signed what and when. Raises NotFound for another agency's engagement, AlreadyDeclared."""
    engagement = session.get(AgencyEngagement, engagement_id, with_for_update=True)
    if engagement is None or engagement.agency_id != agency_id:
        raise NotFound(what="委托 / engagement")
    if engagement.declared_at is not None:
        raise AlreadyDeclared
    engagement.declared_by, engagement.declared_at, engagement.declaration = by, now, text
    detail = {"campaign_id": engagement.campaign_id, "text_sha256": hashlib.sha256(text.encode()).hexdigest()}
    record(session, now, by, "agency.declare", f"agency:{agency_id}", detail)

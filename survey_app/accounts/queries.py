"""Who somebody is and what they may see. Reads only.

Campaigns depend on accounts and not the other way, so of the campaign table only the columns below are named here.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Integer, String, and_, column, func, or_, select, table, true
from sqlalchemy.orm import Session

from survey_app.accounts.models import (
    Agency,
    AgencyEngagement,
    AuditEntry,
    Membership,
    Person,
    SignInFailure,
    StaffSession,
)
from survey_app.accounts.rules import (
    Engagement,
    Grant,
    NoDeclaration,
    NoEngagement,
    Role,
    SignedIn,
    blocked_until,
)
from survey_app.errors import NotFound

AUDIT_PAGE = 50

_campaign = table(
    "campaign",
    column("id", Integer),
    column("code", String),
    column("title", String),
    column("timezone", String),
    column("agency_id", Integer),
)


@dataclass(frozen=True)
class CampaignName:
    """What accounts need to know of a campaign. agency_id: the registered agency that it names."""

    id: int
    code: str
    title: str
    timezone: str
    agency_id: int | None


@dataclass(frozen=True)
class Credentials:
    """What a sign-in is checked against."""

    person_id: int
    password_hash: str
    active: bool


@dataclass(frozen=True)
class RoleRow:
    """A role as given, and whether it holds today: `state` is holds, ahead, over, no_engagement or no_declaration."""

    membership_id: int
    person_id: int
    person_name: str
    login: str
    agency_name: str | None
    role: Role
    campaign: CampaignName | None
    state: str


@dataclass(frozen=True)
class EngagementRow:
    """A mandate with its campaign and agency, and who signed its declaration."""

    engagement: AgencyEngagement
    agency_name: str
    campaign: CampaignName
    signer_name: str | None
    state: str


@dataclass(frozen=True)
class AuditSearch:
    """What to look for in the audit log; empty parts match everything.

    action: its beginning. until: the moment after the last day.
    """

    action: str = ""
    subject: str = ""
    person_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def token_hash(token: str) -> bytes:
    """How a session token is stored."""
    return hashlib.sha256(token.encode()).digest()


def credentials(session: Session, login: str) -> Credentials | None:
    """What signing in under a name needs; None for a name that nobody has."""
    person = session.scalars(select(Person).where(Person.login == login.strip().lower())).first()
    return Credentials(person.id, person.password_hash, person.active) if person else None


def password_hash_of(session: Session, person_id: int) -> str:
    """The stored hash of somebody who is signed in."""
    return session.get_one(Person, person_id).password_hash


def actor_for_token(session: Session, token: str, now: datetime, idle: timedelta) -> SignedIn | None:
    """The person of a session that is neither idle too long nor expired nor ended, with the roles that hold now."""
    query = (
        select(StaffSession, Person)
        .join(Person, Person.id == StaffSession.person_id)
        .where(StaffSession.token_hash == token_hash(token), Person.active)
    )
    found = session.execute(query).first()
    if found is None:
        return None
    current, person = found
    if now >= current.expires or now - current.last_seen >= idle:
        return None
    held = [row for row in roles(session, now, Membership.person_id == person.id) if row.state == "holds"]
    return SignedIn(
        person_id=person.id,
        name=person.name,
        login=person.login,
        agency_id=person.agency_id,
        language=person.language,
        grants=frozenset(Grant(row.role, row.campaign.code if row.campaign else None) for row in held),
        session_id=current.token_hash,
        last_seen=current.last_seen,
        password_is_initial=person.password_is_initial,
    )


def roles(session: Session, now: datetime, which: ColumnElement[bool]) -> list[RoleRow]:
    """Roles as given (`which` narrows them), each with whether it holds at `now`."""
    query = (
        select(Membership, Person, Agency.name, _campaign, AgencyEngagement)
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(Agency, Agency.id == Person.agency_id)
        .outerjoin(_campaign, _campaign.c.id == Membership.campaign_id)
        .outerjoin(
            AgencyEngagement,
            (AgencyEngagement.agency_id == Person.agency_id) & (AgencyEngagement.campaign_id == Membership.campaign_id),
        )
        .where(which)
        .order_by(Membership.campaign_id, Person.login, Membership.role)
    )
    found = []
    for membership, person, agency_name, *named, engagement in session.execute(query):
        campaign = CampaignName(*named) if membership.campaign_id is not None else None
        state = "holds"
        if person.agency_id is not None:
            # No campaign: a role that agencies cannot hold; should a row say so anyway, it opens nothing.
            state = engagement_state(engagement, now, campaign.timezone) if campaign else "no_engagement"
        found.append(
            RoleRow(
                membership.id, person.id, person.name, person.login, agency_name, Role(membership.role), campaign, state
            )
        )
    return found


def roles_of(session: Session, now: datetime, person_id: int) -> list[RoleRow]:
    """Every role of one person."""
    return roles(session, now, Membership.person_id == person_id)


def roles_by_person(session: Session, now: datetime) -> dict[int, list[RoleRow]]:
    """Everybody's roles by person id."""
    held: dict[int, list[RoleRow]] = {}
    for row in roles(session, now, true()):
        held.setdefault(row.person_id, []).append(row)
    return held


def roles_in(session: Session, now: datetime, campaign: CampaignName, actor_agency_id: int | None) -> list[RoleRow]:
    """Everybody with a role in one campaign; roles of the whole installation are not listed.

    An agency's people see those of the commissioning office and their own, not those of another agency.
    """
    in_scope: ColumnElement[bool] = true()
    if actor_agency_id is not None:
        in_scope = or_(Person.agency_id.is_(None), Person.agency_id == actor_agency_id)
    return roles(session, now, and_(Membership.campaign_id == campaign.id, in_scope))


def engagement_state(engagement: AgencyEngagement | None, now: datetime, timezone: str) -> str:
    """holds, ahead, over, no_engagement or no_declaration, on the campaign's own calendar."""
    if engagement is None:
        return "no_engagement"
    today = now.astimezone(ZoneInfo(timezone)).date()
    mandate = Engagement(engagement.starts, engagement.ends, engagement.declared_at is not None)
    if mandate.allows(today):
        return "holds"
    if today < mandate.starts:
        return "ahead"
    return "over" if today > mandate.ends else "no_declaration"


def may_open_campaign(session: Session, actor_agency_id: int | None, campaign_id: int, today: date) -> None:
    """Let the commissioning office's people pass, and an agency's within its mandate.

    today: the day in the campaign's time zone. Raises NoEngagement, NoDeclaration.
    """
    if actor_agency_id is None:
        return
    query = select(AgencyEngagement).where(
        AgencyEngagement.agency_id == actor_agency_id, AgencyEngagement.campaign_id == campaign_id
    )
    engagement = session.scalars(query).first()
    if engagement is None or not engagement.starts <= today <= engagement.ends:
        raise NoEngagement
    if engagement.declared_at is None:
        raise NoDeclaration


def campaign_by_code(session: Session, code: str) -> CampaignName:
    """Raises NotFound."""
    row = session.execute(select(_campaign).where(_campaign.c.code == code)).first()
    if row is None:
        raise NotFound(what=code)
    return CampaignName(*row)


def campaign_names(session: Session, agency_id: int | None) -> list[CampaignName]:
    """The campaigns in which people of this agency (none: the office) can have a role, newest first.

    A campaign that names a registered agency is open to that one only.
    """
    query = select(_campaign).order_by(_campaign.c.id.desc())
    if agency_id is not None:
        query = query.where(or_(_campaign.c.agency_id.is_(None), _campaign.c.agency_id == agency_id))
    return [CampaignName(*row) for row in session.execute(query)]


def person(session: Session, person_id: int) -> Person:
    """Raises NotFound."""
    found = session.get(Person, person_id)
    if found is None:
        raise NotFound(what="账号 / account")
    return found


def person_by_login(session: Session, login: str) -> Person:
    """Raises NotFound."""
    found = session.scalars(select(Person).where(Person.login == login.strip().lower())).first()
    if found is None:
        raise NotFound(what=login)
    return found


def people(session: Session) -> Sequence[Person]:
    """Everybody, for administrators: active people first, by sign-in name."""
    return session.scalars(select(Person).order_by(Person.active.desc(), Person.login)).all()


def names(session: Session) -> dict[int, str]:
    """Names by person id, for pages that show who did something."""
    return {row.id: row.name for row in session.execute(select(Person.id, Person.name))}


def sessions_of(session: Session, person_id: int, now: datetime, idle: timedelta) -> Sequence[StaffSession]:
    """The sessions of a person that would still be accepted, latest use first."""
    query = select(StaffSession).where(
        StaffSession.person_id == person_id, StaffSession.expires > now, StaffSession.last_seen > now - idle
    )
    return session.scalars(query.order_by(StaffSession.last_seen.desc())).all()


def block_of(session: Session, name: bytes, now: datetime) -> datetime | None:
    """Until when signing in under a tried name (its HMAC) is refused, if it is."""
    counted = session.get(SignInFailure, name)
    until = blocked_until(counted.failures, counted.last_failed) if counted else now
    return until if until > now else None


def agencies(session: Session) -> Sequence[Agency]:
    """Every agency by name."""
    return session.scalars(select(Agency).order_by(Agency.name)).all()


def agency(session: Session, agency_id: int) -> Agency:
    """Raises NotFound."""
    found = session.get(Agency, agency_id)
    if found is None:
        raise NotFound(what="机构 / agency")
    return found


def engagements(session: Session, now: datetime, agency_id: int | None = None) -> list[EngagementRow]:
    """Mandates, of one agency or all, latest first."""
    query = (
        select(AgencyEngagement, Agency.name, _campaign, Person.name)
        .join(Agency, Agency.id == AgencyEngagement.agency_id)
        .join(_campaign, _campaign.c.id == AgencyEngagement.campaign_id)
        .outerjoin(Person, Person.id == AgencyEngagement.declared_by)
        .order_by(AgencyEngagement.starts.desc(), AgencyEngagement.id.desc())
    )
    if agency_id is not None:
        query = query.where(AgencyEngagement.agency_id == agency_id)
    return [
        EngagementRow(mandate, agency_name, campaign, signer, engagement_state(mandate, now, campaign.timezone))
        for mandate, agency_name, *named, signer in session.execute(query)
        for campaign in [CampaignName(*named)]
    ]


def engagement_of(session: Session, now: datetime, agency_id: int | None, engagement_id: int) -> EngagementRow:
    """One mandate of the actor's own agency. Raises NotFound for anybody else's."""
    if agency_id is not None:
        for row in engagements(session, now, agency_id):
            if row.engagement.id == engagement_id:
                return row
    raise NotFound(what="委托 / engagement")


def audit_actions(session: Session) -> Sequence[str]:
    """The acts that the log knows, by code."""
    return session.scalars(select(AuditEntry.action).distinct().order_by(AuditEntry.action)).all()


def audit_entries(session: Session, search: AuditSearch, before: int | None = None) -> Sequence[AuditEntry]:
    """At most AUDIT_PAGE + 1 entries, newest first, with numbers below `before`."""
    query = select(AuditEntry).order_by(AuditEntry.number.desc()).limit(AUDIT_PAGE + 1)
    if before is not None:
        query = query.where(AuditEntry.number < before)
    if search.action:
        query = query.where(AuditEntry.action.startswith(search.action, autoescape=True))
    if search.subject:
        wanted = search.subject.lower()
        query = query.where(
            or_(
                func.lower(AuditEntry.subject).contains(wanted, autoescape=True),
                func.lower(AuditEntry.detail).contains(wanted, autoescape=True),
            )
        )
    if search.person_id is not None:
        query = query.where(AuditEntry.person_id == search.person_id)
    if search.since is not None:
        query = query.where(AuditEntry.at >= search.since)
    if search.until is not None:
        query = query.where(AuditEntry.at < search.until)
    return session.scalars(query).all()

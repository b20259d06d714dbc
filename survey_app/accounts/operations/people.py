"""People and their roles: making, switching off and on, passwords, grants. Every act is recorded."""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from survey_app.accounts.models import Agency, Membership, Person, StaffSession
from survey_app.accounts.operations.audit import record
from survey_app.accounts.operations.turns import Turn, wait_for_turn
from survey_app.accounts.queries import campaign_by_code
from survey_app.accounts.rules import (
    Fault,
    LastAdministrator,
    LoginTaken,
    Role,
    check_role,
    login_faults,
)
from survey_app.errors import BadInput, NotFound


def create_person(
    session: Session,
    now: datetime,
    by: int | None,
    *,
    login: str,
    name: str,
    password_hash: str,
    password_is_initial: bool,
    agency_id: int | None = None,
) -> Person:
    """Somebody who may sign in, yet without a role; `login` is kept in small letters. Raises BadInput, LoginTaken."""
    login, name = login.strip().lower(), name.strip()
    faults = login_faults(login)
    if not 0 < len(name) <= 100:
        faults.append(Fault("姓名须为 1 至 100 个字。", "A name has 1 to 100 characters."))
    if faults:
        raise BadInput(list(faults))
    if agency_id is not None and session.get(Agency, agency_id) is None:
        raise NotFound(what="机构 / agency")
    if session.scalar(select(Person.id).where(Person.login == login)) is not None:
        raise LoginTaken(login=login)
    person = Person(
        login=login,
        name=name,
        password_hash=password_hash,
        password_is_initial=password_is_initial,
        agency_id=agency_id,
        language="zh",
        active=True,
    )
    session.add(person)
    session.flush()
    record(session, now, by, "person.create", f"person:{login}", {"name": name, "agency_id": agency_id})
    return person


def set_password(
    session: Session,
    now: datetime,
    by: int | None,
    person_id: int,
    password_hash: str,
    *,
    initial: bool,
    keep_session: bytes | None = None,
) -> None:
    """Replace a password and end every session but `keep_session`. `initial`: the person must choose their own next."""
    person = _person(session, person_id)
    person.password_hash = password_hash
    person.password_is_initial = initial
    ending = delete(StaffSession).where(StaffSession.person_id == person_id)
    session.execute(ending if keep_session is None else ending.where(StaffSession.token_hash != keep_session))
    record(session, now, by, "person.reset_password" if initial else "person.change_password", f"person:{person.login}")


def set_active(session: Session, now: datetime, by: int | None, person_id: int, *, active: bool) -> None:
    """Switch an account on or off; off ends every session at once. People are never deleted: the log names them."""
    person = _person(session, person_id)
    if not active:
        _keep_an_administrator(session, person)
        session.execute(delete(StaffSession).where(StaffSession.person_id == person_id))
    person.active = active
    record(session, now, by, "person.activate" if active else "person.deactivate", f"person:{person.login}")


def set_language(session: Session, person_id: int, language: str) -> None:
    """The language of this person's pages. Not an act that anybody will ask about, so it is not recorded."""
    _person(session, person_id).language = language


def grant(
    session: Session, now: datetime, by: int | None, person_id: int, *, role: Role, campaign_code: str | None
) -> None:
    """Give a role: in a campaign, or (administrator, auditor) everywhere. Giving it again changes nothing.

    Raises CampaignRoleNeeded, NotForAgencies, NotFound.
    """
    person = _person(session, person_id)
    check_role(role, in_campaign=campaign_code is not None, person_name=person.name, agency_id=person.agency_id)
    campaign_id = campaign_by_code(session, campaign_code).id if campaign_code is not None else None
    held = select(Membership.id).where(
        Membership.person_id == person_id,
        Membership.role == role.value,
        Membership.campaign_id.is_(None) if campaign_id is None else Membership.campaign_id == campaign_id,
    )
    if session.scalars(held.limit(1)).first() is not None:
        return
    session.add(Membership(person_id=person_id, role=role.value, campaign_id=campaign_id))
    record(session, now, by, "role.grant", f"person:{person.login}", {"role": role.value, "campaign": campaign_code})


def revoke(session: Session, now: datetime, by: int | None, person_id: int, membership_id: int) -> None:
    """Take a role away. Raises NotFound, LastAdministrator."""
    person = _person(session, person_id)
    membership = session.get(Membership, membership_id)
    if membership is None or membership.person_id != person_id:
        raise NotFound(what="角色 / role")
    if membership.role == Role.ADMINISTRATOR.value:
        _keep_an_administrator(session, person)
    session.delete(membership)
    detail = {"role": membership.role, "campaign_id": membership.campaign_id}
    record(session, now, by, "role.revoke", f"person:{person.login}", detail)


def _person(session: Session, person_id: int) -> Person:
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound(what="账号 / account")
    return person


def _keep_an_administrator(session: Session, person: Person) -> None:
    # Two who take the role from each other at the same moment would otherwise both succeed.
    wait_for_turn(session, Turn.ADMINISTRATORS)
    held = [row.role for row in session.scalars(select(Membership).where(Membership.person_id == person.id))]
    if Role.ADMINISTRATOR.value not in held or not person.active:
        return
    others = (
        select(func.count(func.distinct(Person.id)))
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.role == Role.ADMINISTRATOR.value, Person.active, Person.id != person.id)
    )
    if session.scalar(others) == 0:
        raise LastAdministrator(name=person.name)

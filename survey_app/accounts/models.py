"""Tables of people and what they did. Nothing here is reachable from the respondent path."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.accounts.rules import Role
from survey_app.db import Base, Moment

_ROLES = ", ".join(f"'{role.value}'" for role in Role)


class Agency(Base):
    """第三方评估机构. People, questionnaires and campaigns carry one; none means the commissioning office."""

    __tablename__ = "agency"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)


class Person(Base):
    """Somebody who signs in."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    password_hash: Mapped[str] = mapped_column(String(200))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    language: Mapped[str] = mapped_column(String(2), default="zh")
    active: Mapped[bool] = mapped_column(default=True)
    # Given by an administrator: nothing opens until the person has chosen their own.
    password_is_initial: Mapped[bool] = mapped_column(default=False)


class Membership(Base):
    """A role held by a person: in one campaign, or (campaign empty) in the whole installation."""

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint(f"role IN ({_ROLES})", name="known_role"),
        CheckConstraint(
            "(campaign_id IS NULL) = (role IN ('administrator', 'auditor'))", name="installation_roles_have_no_campaign"
        ),
        UniqueConstraint("person_id", "role", "campaign_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(20))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"), index=True)


class AgencyEngagement(Base):
    """委托: an agency's mandate for a campaign, with its dates and the declaration of no conflict of interest."""

    __tablename__ = "agency_engagement"
    __table_args__ = (
        CheckConstraint("starts <= ends", name="starts_before_it_ends"),
        UniqueConstraint("agency_id", "campaign_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    starts: Mapped[date]
    ends: Mapped[date]
    declared_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    declared_at: Mapped[datetime | None] = mapped_column(Moment)
    declaration: Mapped[str | None] = mapped_column(Text)


class StaffSession(Base):
    """A signed-in browser, kept on the server so that it expires and can be ended. The token itself is not stored."""

    __tablename__ = "staff_session"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    started: Mapped[datetime] = mapped_column(Moment)
    last_seen: Mapped[datetime] = mapped_column(Moment)
    expires: Mapped[datetime] = mapped_column(Moment)


class SignInFailure(Base):
    """How often signing in failed under one name, so that guessing slows down across processes and restarts.

    The name is kept as an HMAC: people sometimes type their password into the wrong box.
    """

    __tablename__ = "sign_in_failure"

    login_hash: Mapped[bytes] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_failed: Mapped[datetime] = mapped_column(Moment, index=True)


class AuditEntry(Base):
    """One act of staff. Rows are only ever added; each carries the hash of the one before it."""

    __tablename__ = "audit_entry"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment)
    person_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(200))
    detail: Mapped[str] = mapped_column(Text)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

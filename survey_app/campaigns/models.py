"""Tables of a campaign: who is evaluated by whom, and through which doors answers come in."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.db import Base, Moment
from survey_app.questionnaire.base import AUDIENCES

_AUDIENCE_LIST = ", ".join(f"'{name}'" for name in AUDIENCES)


class Campaign(Base):
    """评估轮次: one evaluation exercise. Its questionnaires, plan and set-up freeze when it opens."""

    __tablename__ = "campaign"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'open', 'paused', 'closed')", name="known_state"),
        CheckConstraint("opens <= closes", name="opens_before_it_closes"),
        CheckConstraint(
            "state = 'draft' OR (plan_hash IS NOT NULL AND setup_hash IS NOT NULL)", name="frozen_when_open"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    office: Mapped[str] = mapped_column(String(200))
    agency_name: Mapped[str] = mapped_column(String(200))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    opens: Mapped[date]
    closes: Mapped[date]
    timezone: Mapped[str] = mapped_column(String(64))
    retention: Mapped[str] = mapped_column(String(400))
    contact: Mapped[str] = mapped_column(String(400))
    state: Mapped[str] = mapped_column(String(8), default="draft")
    demo: Mapped[bool] = mapped_column(default=False)
    plan_name: Mapped[str] = mapped_column(String(64))
    plan_hash: Mapped[str | None] = mapped_column(ForeignKey("frozen_definition.hash"))
    setup_hash: Mapped[str | None] = mapped_column(ForeignKey("frozen_definition.hash"))
    setup: Mapped[str] = mapped_column(Text)
    digest_key: Mapped[bytes]
    closed_at: Mapped[datetime | None] = mapped_column(Moment)

    questionnaires: Mapped[list["CampaignQuestionnaire"]] = relationship(order_by="CampaignQuestionnaire.position")
    units: Mapped[list["Unit"]] = relationship(order_by="Unit.position", back_populates="campaign")
    departments: Mapped[list["Department"]] = relationship(order_by="Department.position")


class CampaignQuestionnaire(Base):
    """A questionnaire that the campaign uses; the hash is set when the campaign opens."""

    __tablename__ = "campaign_questionnaire"
    __table_args__ = (UniqueConstraint("campaign_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(64))
    audience: Mapped[str] = mapped_column(String(20))
    hash: Mapped[str | None] = mapped_column(ForeignKey("frozen_definition.hash"))


class Unit(Base):
    """被评估单位. An audience that is left out is not applicable, which is not the same as not scored."""

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("campaign_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    category: Mapped[str] = mapped_column(String(100))
    audiences: Mapped[str] = mapped_column(String(100))
    report_group: Mapped[str | None] = mapped_column(String(64))

    campaign: Mapped[Campaign] = relationship(back_populates="units")
    frame: Mapped[list["FrameStratum"]] = relationship(order_by="FrameStratum.id")


class FrameStratum(Base):
    """How many people a unit has in an audience (and stratum): the denominator, and the ceiling of codes."""

    __tablename__ = "frame_stratum"
    __table_args__ = (
        CheckConstraint(f"audience IN ({_AUDIENCE_LIST})", name="known_audience"),
        CheckConstraint("size > 0", name="somebody_is_there"),
        UniqueConstraint("unit_id", "audience", "stratum"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    audience: Mapped[str] = mapped_column(String(20))
    stratum: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int]


class Department(Base):
    """相关部门: who rates; `raters` people of it answer."""

    __tablename__ = "department"
    __table_args__ = (
        CheckConstraint("raters > 0", name="somebody_rates"),
        UniqueConstraint("campaign_id", "code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    raters: Mapped[int]

    ratings: Mapped[list["Rating"]] = relationship(order_by="Rating.unit_id")


class Rating(Base):
    """评价关系: this department rates this unit."""

    __tablename__ = "rating"

    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)


class DrawnOrders(Base):
    """评价任务分配: the eight orders in which sittings of a department are asked about its units, fixed at opening.

    orders: JSON, eight lists of all unit ids of the department; a sitting rates the first ones, as many as its
    questionnaire allows, and others in this order where somebody does not know one. A stored order number refers to it.
    """

    __tablename__ = "drawn_orders"
    __table_args__ = (CheckConstraint("length(orders) > 0", name="orders_are_there"),)

    collector_id: Mapped[int] = mapped_column(ForeignKey("collector.id"), primary_key=True, autoincrement=False)
    orders: Mapped[str] = mapped_column(Text)


class BoxGroup(Base):
    """票箱组: the collectors whose sealed answers wait and are flushed together. Sizes fix at opening."""

    __tablename__ = "box_group"
    __table_args__ = (
        CheckConstraint("box_size >= min_cell", name="a_box_holds_at_least_min_cell"),
        CheckConstraint("padded_size > 0", name="answers_are_padded"),
        UniqueConstraint("campaign_id", "name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    name: Mapped[str] = mapped_column(String(200))
    box_size: Mapped[int]
    min_cell: Mapped[int]
    padded_size: Mapped[int]


class Collector(Base):
    """投放: one door for answers, open (T0), by access code (T1) or by named list (T2).

    It leads to one unit or to what one department rates.
    """

    __tablename__ = "collector"
    __table_args__ = (
        CheckConstraint(f"audience IN ({_AUDIENCE_LIST})", name="known_audience"),
        CheckConstraint("tier IN ('T0', 'T1', 'T2')", name="known_tier"),
        CheckConstraint("state IN ('planned', 'open', 'paused', 'closed')", name="known_state"),
        CheckConstraint("(unit_id IS NULL) <> (department_id IS NULL)", name="for_a_unit_or_a_department"),
        CheckConstraint("(tier = 'T0') = (open_code IS NOT NULL)", name="only_open_links_have_an_open_code"),
        CheckConstraint(
            "quota IS NULL OR (quota >= 10 AND audience = 'service_recipient')", name="a_quota_hides_who_came"
        ),
        Index("ix_collector_box_group_id", "box_group_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    box_group_id: Mapped[int] = mapped_column(ForeignKey("box_group.id"))
    questionnaire: Mapped[str] = mapped_column(String(64))
    audience: Mapped[str] = mapped_column(String(20))
    tier: Mapped[str] = mapped_column(String(2))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    stratum: Mapped[str | None] = mapped_column(String(64))
    headcount: Mapped[int]
    state: Mapped[str] = mapped_column(String(8), default="planned")
    open_code: Mapped[str | None] = mapped_column(String(16), unique=True)
    # 名额: the most sittings that are let in; none where everybody may answer.
    quota: Mapped[int | None]

    campaign: Mapped[Campaign] = relationship()
    unit: Mapped[Unit | None] = relationship()
    department: Mapped[Department | None] = relationship()
    box_group: Mapped[BoxGroup] = relationship()


class UnusedCount(Base):
    """清点记录: unused cards of one door, counted after close by one person before a witness. The newest one counts.

    The witness is another person with an account, or an office and its representative who sign the printed protocol.
    """

    __tablename__ = "unused_count"
    __table_args__ = (
        CheckConstraint("unused >= 0 AND unused <= cards", name="no_more_than_there_are"),
        CheckConstraint("witness_id IS NULL OR witness_office IS NULL", name="one_witness"),
        CheckConstraint("witness_id IS NULL OR witness_id <> counted_by", name="two_people"),
        CheckConstraint(
            "(witnessed_at IS NULL) = (witness_id IS NULL AND witness_office IS NULL)",
            name="witnessed_by_somebody_at_some_time",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    collector_id: Mapped[int] = mapped_column(ForeignKey("collector.id"), index=True)
    # Cards that had been made and not voided when they were counted.
    cards: Mapped[int]
    unused: Mapped[int]
    remark: Mapped[str] = mapped_column(String(200), default="")
    counted_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    counted_at: Mapped[datetime] = mapped_column(Moment)
    witness_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    witness_office: Mapped[str | None] = mapped_column(String(200))
    witnessed_at: Mapped[datetime | None] = mapped_column(Moment)


class CountWaiver(Base):
    """未清点说明: a lead evaluator's reason for computing although cards have not been counted. Never deleted."""

    __tablename__ = "count_waiver"
    __table_args__ = (CheckConstraint("length(reason) > 0", name="a_waiver_has_a_reason"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    recorded_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime] = mapped_column(Moment)

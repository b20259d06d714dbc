"""From a set-up that has been read to a draft campaign with its units, departments and doors.

A draft may be replaced as a whole until cards exist; nothing of it is frozen yet, except definitions that are not
built in, which have no other place to stay.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from survey_app.accounts.models import Agency
from survey_app.accounts.operations.audit import record
from survey_app.admission.models import CardBatch
from survey_app.admission.rules import new_code
from survey_app.campaigns.models import (
    BoxGroup,
    Campaign,
    CampaignQuestionnaire,
    Collector,
    Department,
    FrameStratum,
    Rating,
    Unit,
)
from survey_app.campaigns.operations.reading import ReadSetup
from survey_app.campaigns.queries import campaigns as queries
from survey_app.campaigns.rules import (
    BOX_SIZE,
    CardsWereMade,
    CodeChanged,
    CodeTaken,
    ForeignAgency,
    ListExists,
    NotADraft,
    PlannedCollector,
    plan_collectors,
)
from survey_app.library.operations import freeze
from survey_app.questionnaire.setup import CampaignSetup

_DIGEST_KEY_BYTES = 32


def create(
    session: Session,
    read: ReadSetup,
    *,
    now: datetime,
    person_id: int | None,
    agency_id: int | None,
    demo: bool = False,
) -> Campaign:
    """A draft campaign from a set-up without errors; audited as `campaign.create`.

    agency_id: the agency of whoever creates it, None for the commissioning office; an agency creates campaigns only in
    its own name. Raises CodeTaken, ForeignAgency.
    """
    facts = read.setup.campaign
    if session.scalar(select(Campaign.id).where(Campaign.code == facts.code)) is not None:
        raise CodeTaken(campaign=facts.code)
    campaign = Campaign(code=facts.code, state="draft", demo=demo, digest_key=secrets.token_bytes(_DIGEST_KEY_BYTES))
    _describe(session, campaign, read, agency_id)
    try:
        with session.begin_nested():
            session.add(campaign)
    except IntegrityError:
        # Somebody else took the code a moment ago.
        raise CodeTaken(campaign=facts.code) from None
    _fill(session, campaign, read, now)
    record(session, now, person_id, "campaign.create", f"campaign:{campaign.code}", _sizes(read.setup))
    return campaign


def replace(
    session: Session,
    campaign: Campaign,
    read: ReadSetup,
    *,
    now: datetime,
    person_id: int | None,
    agency_id: int | None,
) -> None:
    """Give a draft another set-up under the same code. Raises NotADraft, CardsWereMade, ListExists, CodeChanged,
    ForeignAgency.
    """
    queries.hold(session, campaign)
    if campaign.state != "draft":
        raise NotADraft(campaign=campaign.title)
    if read.setup.campaign.code != campaign.code:
        raise CodeChanged(campaign=campaign.code, given=read.setup.campaign.code)
    batches = select(CardBatch.id).join(Collector, Collector.id == CardBatch.collector_id)
    if session.scalars(batches.where(Collector.campaign_id == campaign.id).limit(1)).first() is not None:
        raise CardsWereMade(campaign=campaign.title)
    with_list = next((row for row in queries.collectors(session, campaign.id) if row.listed is not None), None)
    if with_list is not None:
        raise ListExists(door=with_list.label)
    _empty(session, campaign)
    _describe(session, campaign, read, agency_id)
    _fill(session, campaign, read, now)
    record(session, now, person_id, "campaign.replace_setup", f"campaign:{campaign.code}", _sizes(read.setup))


def _describe(session: Session, campaign: Campaign, read: ReadSetup, agency_id: int | None) -> None:
    facts = read.setup.campaign
    named = session.scalar(select(Agency.id).where(Agency.name == facts.agency))
    if agency_id is not None and named != agency_id:
        raise ForeignAgency(agency=facts.agency)
    campaign.agency_id = named
    campaign.title, campaign.office, campaign.agency_name = facts.title, facts.office, facts.agency
    campaign.opens, campaign.closes, campaign.timezone = facts.opens, facts.closes, facts.timezone
    campaign.retention, campaign.contact = facts.retention, facts.contact
    campaign.setup = read.text
    campaign.plan_name = read.setup.plan


def _fill(session: Session, campaign: Campaign, read: ReadSetup, now: datetime) -> None:
    setup, definitions = read.setup, read.definitions
    kept = {
        (kind, name): freeze(session, kind, text, campaign.agency_id, now)
        for (kind, name), text in definitions.texts.items()
    }
    campaign.plan_hash = kept.get(("plan", setup.plan))
    for position, name in enumerate(setup.questionnaires):
        session.add(
            CampaignQuestionnaire(
                campaign_id=campaign.id,
                position=position,
                name=name,
                audience=definitions.questionnaires[name].audience,
                hash=kept.get(("questionnaire", name)),
            )
        )
    units = _add_units(session, campaign, setup)
    departments = _add_departments(session, campaign, setup, units)
    audience_of = {name: definitions.questionnaires[name].audience for name in setup.questionnaires}
    planned = plan_collectors(setup, audience_of)
    groups = _add_groups(session, campaign, planned, read.definitions.plan.disclosure.min_cell)
    for collector in planned:
        session.add(
            Collector(
                campaign_id=campaign.id,
                box_group_id=groups[collector.box_group],
                questionnaire=collector.questionnaire,
                audience=collector.audience,
                tier=collector.tier,
                unit_id=None if collector.unit is None else units[collector.unit],
                department_id=None if collector.department is None else departments[collector.department],
                stratum=collector.stratum,
                headcount=collector.headcount,
                open_code=new_code() if collector.tier == "T0" else None,
            )
        )
    session.flush()
    session.expire(campaign)


def _add_units(session: Session, campaign: Campaign, setup: CampaignSetup) -> dict[str, int]:
    units = [
        Unit(
            campaign_id=campaign.id,
            position=position,
            code=unit.code,
            name=unit.name,
            category=unit.category,
            audiences=",".join(unit.audiences),
            report_group=unit.report_group,
        )
        for position, unit in enumerate(setup.units)
    ]
    session.add_all(units)
    session.flush()
    numbers = {unit.code: unit.id for unit in units}
    session.add_all(
        FrameStratum(unit_id=numbers[unit.code], audience=cell.audience, stratum=cell.stratum, size=cell.size)
        for unit in setup.units
        for cell in unit.frame
    )
    return numbers


def _add_departments(
    session: Session, campaign: Campaign, setup: CampaignSetup, units: Mapping[str, int]
) -> dict[str, int]:
    departments = [
        Department(
            campaign_id=campaign.id,
            position=position,
            code=department.code,
            name=department.name,
            raters=department.raters,
        )
        for position, department in enumerate(setup.departments)
    ]
    session.add_all(departments)
    session.flush()
    numbers = {department.code: department.id for department in departments}
    session.add_all(
        Rating(department_id=numbers[department.code], unit_id=units[code])
        for department in setup.departments
        for code in dict.fromkeys(department.rates)
    )
    return numbers


def _add_groups(session: Session, campaign: Campaign, planned: list[PlannedCollector], min_cell: int) -> dict[str, int]:
    groups = [
        BoxGroup(
            campaign_id=campaign.id,
            name=name,
            box_size=max(BOX_SIZE, min_cell),
            min_cell=min_cell,
            # Nothing is parked before opening, which sets the real size.
            padded_size=1,
        )
        for name in dict.fromkeys(collector.box_group for collector in planned)
    ]
    session.add_all(groups)
    session.flush()
    return {group.name: group.id for group in groups}


def _empty(session: Session, campaign: Campaign) -> None:
    units = select(Unit.id).where(Unit.campaign_id == campaign.id)
    session.execute(delete(Collector).where(Collector.campaign_id == campaign.id))
    session.execute(delete(BoxGroup).where(BoxGroup.campaign_id == campaign.id))
    session.execute(delete(Rating).where(Rating.unit_id.in_(units)))
    session.execute(delete(FrameStratum).where(FrameStratum.unit_id.in_(units)))
    session.execute(delete(Department).where(Department.campaign_id == campaign.id))
    session.execute(delete(Unit).where(Unit.campaign_id == campaign.id))
    session.execute(delete(CampaignQuestionnaire).where(CampaignQuestionnaire.campaign_id == campaign.id))
    session.expire_all()


def _sizes(setup: CampaignSetup) -> dict[str, object]:
    return {"units": len(setup.units), "departments": len(setup.departments), "plan": setup.plan}

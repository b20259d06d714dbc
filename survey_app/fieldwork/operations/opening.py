"""Opening a campaign: every check once more, then questionnaires, plan and set-up freeze by their hashes.

From here on nothing that scores rest on can change: not the definitions, not the tiers, not the sizes of boxes.
"""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.accounts.operations.audit import record
from survey_app.accounts.queries import may_open_campaign
from survey_app.campaigns.models import BoxGroup, Campaign, Collector
from survey_app.campaigns.operations.assigning import fix_orders
from survey_app.campaigns.queries import campaigns as queries
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.campaigns.rules import OpeningFault
from survey_app.config import Config
from survey_app.errors import BadInput
from survey_app.fieldwork import rules
from survey_app.invitations import queries as invitations
from survey_app.invitations.operations.keys import SigningKeys
from survey_app.invitations.operations.lists import publish_key
from survey_app.invitations.rules.blind_rsa import fingerprint
from survey_app.library import queries as library
from survey_app.library.operations import freeze
from survey_app.questionnaire.check import check_setup, publishing_findings
from survey_app.questionnaire.findings import Finding
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.plan import ScoringPlan
from survey_app.questionnaire.setup import CampaignSetup
from survey_app.questionnaire.size import largest_sitting
from survey_app.responses.sitting import ENVELOPE_BYTES, ENVELOPE_BYTES_PER_UNIT, NOT_KNOWN_BYTES

_PADDING_STEP = 256
_LENGTH_BYTES = 4


def open_campaign(
    session: Session,
    campaign: Campaign,
    *,
    config: Config,
    now: datetime,
    person_id: int | None,
    agency_id: int | None,
) -> None:
    """Let answers in from the first day on.

    agency_id: the agency of whoever opens it; None for the commissioning office. Raises WrongState, NoEngagement,
    NoDeclaration, and BadInput with everything that forbids opening, in which case nothing has changed.
    """
    queries.hold(session, campaign)
    state = rules.after("open", campaign.state, campaign.title)  # type: ignore[arg-type]  # a CHECK constraint says so
    may_open_campaign(session, agency_id, campaign.id, _today(campaign, now))
    faults = opening_faults(session, campaign, config=config, now=now)
    if faults:
        raise BadInput(list(faults))
    questionnaires = queries.questionnaires_of(session, campaign)
    plan = queries.plan_of(session, campaign)
    _freeze(session, campaign, now)
    fix_orders(session, campaign, queries.setup_of(campaign), questionnaires)
    rows = queries.collectors(session, campaign.id)
    _fix_boxes(session, campaign, rows, questionnaires, plan)
    keys = SigningKeys(config.key_directory)
    published = {row.id: publish_key(session, keys, row.id) for row in rows if row.tier == "T2"}
    campaign.state = state
    for collector in session.scalars(select(Collector).where(Collector.campaign_id == campaign.id)):
        collector.state = "open"
    session.flush()
    detail: dict[str, object] = {"plan": campaign.plan_hash, "setup": campaign.setup_hash}
    detail["questionnaires"] = {used.name: used.hash for used in campaign.questionnaires}
    detail |= {"keys": {str(door): fingerprint(key) for door, key in published.items()}} if published else {}
    record(session, now, person_id, "campaign.open", f"campaign:{campaign.code}", detail)


def opening_faults(
    session: Session, campaign: Campaign, *, config: Config, now: datetime
) -> list[Finding | OpeningFault]:
    """Everything that forbids opening as things stand, whoever opens; empty when nothing does."""
    rows = queries.collectors(session, campaign.id)
    faults: list[Finding | OpeningFault] = []
    if _today(campaign, now) > campaign.closes:
        faults.append(rules.over_fault(campaign.closes.isoformat()))
    if any(row.tier != "T0" for row in rows) and not _address_is_safe(campaign, config):
        faults.append(rules.address_fault(config.public_url))
    faults += queries.group_faults(rows)
    faults += rules.list_faults(rows)
    discrepant = {one.collector_id for one in invitations.discrepant(session, [row.id for row in rows])}
    faults += [rules.discrepancy_fault(row) for row in rows if row.id in discrepant]
    faults += _definition_faults(
        queries.setup_of(campaign), queries.questionnaires_of(session, campaign), queries.plan_of(session, campaign)
    )
    return faults


def _today(campaign: Campaign, now: datetime) -> date:
    return now.astimezone(ZoneInfo(campaign.timezone)).date()


def _address_is_safe(campaign: Campaign, config: Config) -> bool:
    return config.is_https or config.is_loopback or campaign.demo


def _definition_faults(
    setup: CampaignSetup, questionnaires: Mapping[str, Questionnaire], plan: ScoringPlan
) -> list[Finding]:
    findings = check_setup(setup, questionnaires.values(), plan)
    for questionnaire in questionnaires.values():
        found = publishing_findings(questionnaire, setup, plan.disclosure.min_cell)
        findings += [finding.in_file(f"{questionnaire.id}.json") for finding in found]
    return [finding for finding in findings if finding.is_error]


def _freeze(session: Session, campaign: Campaign, now: datetime) -> None:
    for used in campaign.questionnaires:
        if used.hash is None:
            text = library.builtin("questionnaire", used.name)[1]
            used.hash = freeze(session, "questionnaire", text, campaign.agency_id, now)
    if campaign.plan_hash is None:
        text = library.builtin("plan", campaign.plan_name)[1]
        campaign.plan_hash = freeze(session, "plan", text, campaign.agency_id, now)
    campaign.setup_hash = freeze(session, "setup", campaign.setup, campaign.agency_id, now)


def _fix_boxes(
    session: Session,
    campaign: Campaign,
    rows: list[CollectorRow],
    questionnaires: Mapping[str, Questionnaire],
    plan: ScoringPlan,
) -> None:
    rated = {department.code: len(department.ratings) for department in campaign.departments}
    padded: dict[int, int] = {}
    for row in rows:
        units = rated[row.department_code] if row.department_code else 1
        size = padded_size(questionnaires[row.questionnaire], units)
        padded[row.box_group_id] = max(size, padded.get(row.box_group_id, 0))
    for group in session.scalars(select(BoxGroup).where(BoxGroup.campaign_id == campaign.id)):
        group.padded_size = padded[group.id]
        group.min_cell = plan.disclosure.min_cell
        group.box_size = max(group.box_size, group.min_cell)


def padded_size(questionnaire: Questionnaire, units: int) -> int:
    """Bytes that every sealed sitting of a box group is filled up to. units: how many units a door leads to."""
    repeated = questionnaire.repeated_section()
    in_one_sitting = min(units, repeated.repeat.max) if repeated and repeated.repeat else units
    needed = (
        largest_sitting(questionnaire, in_one_sitting)
        + ENVELOPE_BYTES
        + ENVELOPE_BYTES_PER_UNIT * (in_one_sitting + 1)
        # Any of the department's units may be among those that somebody does not know.
        + (NOT_KNOWN_BYTES * units if repeated and units > 1 else 0)
        + _LENGTH_BYTES
    )
    return -(-needed // _PADDING_STEP) * _PADDING_STEP

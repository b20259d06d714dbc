"""Campaigns and their doors as staff see them. Every reading is scoped by the agency of whoever asks.

agency_id None is the commissioning office, which sees all; an agency sees the campaigns that name it, and those that
name no registered agency and that it is engaged for. Which of them a person may open is for their roles to say.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, or_, select, true
from sqlalchemy.orm import Session, joinedload

from survey_app.accounts.models import AgencyEngagement
from survey_app.admission import queries as admission
from survey_app.admission.rules import CardCounts
from survey_app.campaigns import rules
from survey_app.campaigns.models import Campaign, CampaignQuestionnaire, Collector
from survey_app.errors import NotFound
from survey_app.invitations import queries as invitations
from survey_app.invitations.rules.lists import ListCounts
from survey_app.library import queries as library
from survey_app.questionnaire.base import AUDIENCE_NAMES, AUDIENCES
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.plan import ScoringPlan
from survey_app.questionnaire.setup import CampaignSetup


@dataclass(frozen=True)
class CollectorRow:
    """A collector with everything that names it, its cards and the sums of its named list, where it has one."""

    id: int
    questionnaire: str
    audience: str
    tier: str
    state: str
    unit_code: str | None
    unit_name: str | None
    department_code: str | None
    department_name: str | None
    stratum: str | None
    headcount: int
    open_code: str | None
    box_group_id: int
    box_group: str
    cards: CardCounts
    listed: ListCounts | None = None
    quota: int | None = None

    @property
    def place(self) -> str:
        """Whose door it is: a unit or a department, by name."""
        return self.unit_name or self.department_name or ""

    @property
    def label(self) -> str:
        """How sentences in either language name it."""
        parts = [self.place, " ".join(AUDIENCE_NAMES[self.audience]), self.stratum]
        return " · ".join(part for part in parts if part)


@dataclass(frozen=True)
class AudienceTotal:
    """One audience of a campaign in sums. people: None where a size is unknown; answers: None for departments."""

    audience: str
    doors: int
    people: int | None
    answers: int | None
    cards: int
    made: CardCounts


def campaigns(session: Session, agency_id: int | None) -> Sequence[Campaign]:
    """Every campaign in scope, newest first."""
    return session.scalars(select(Campaign).where(_in_scope(agency_id)).order_by(Campaign.id.desc())).all()


def campaign(session: Session, code: str, agency_id: int | None) -> Campaign:
    """One campaign by its code. Raises NotFound when there is none, or none in scope."""
    found = session.scalars(select(Campaign).where(Campaign.code == code, _in_scope(agency_id))).one_or_none()
    if found is None:
        raise NotFound(what=code)
    return found


def hold(session: Session, campaign: Campaign) -> None:
    """Let one act on a campaign end before the next one looks: others wait for the commit, what is known is read anew.

    Every operation that changes a campaign, its doors or its cards begins with this. On SQLite writers queue anyway.
    """
    session.flush()
    session.expire_all()
    session.refresh(campaign, with_for_update={"key_share": True})


def setup_of(campaign: Campaign) -> CampaignSetup:
    """The set-up that the campaign was made from."""
    return CampaignSetup.model_validate_json(campaign.setup)


def questionnaires_of(session: Session, campaign: Campaign) -> dict[str, Questionnaire]:
    """Its questionnaires by name, in order: the frozen ones, or in a draft the built-in ones as they are now."""
    return {used.name: _questionnaire(session, used) for used in campaign.questionnaires}


def plan_of(session: Session, campaign: Campaign) -> ScoringPlan:
    """Its scoring plan: the frozen one, or in a draft the built-in one as it is now."""
    if campaign.plan_hash is not None:
        return library.plan(session, campaign.plan_hash)
    return ScoringPlan.model_validate_json(library.builtin("plan", campaign.plan_name)[1])


def collectors(session: Session, campaign_id: int) -> list[CollectorRow]:
    """Every collector of a campaign: units in the office's order, then departments."""
    found = session.scalars(_collectors().where(Collector.campaign_id == campaign_id).order_by(Collector.id)).all()
    return _rows(session, found)


def collector(session: Session, campaign_id: int, collector_id: int) -> CollectorRow:
    """One collector of this campaign. Raises NotFound for any other."""
    found = session.scalars(
        _collectors().where(Collector.campaign_id == campaign_id, Collector.id == collector_id)
    ).all()
    if not found:
        raise NotFound(what=f"collector {collector_id}")
    return _rows(session, found)[0]


def sharing_headcount(session: Session, row: CollectorRow) -> list[CollectorRow]:
    """The other doors for the same people: another questionnaire for the same unit, audience and stratum."""
    own = session.get_one(Collector, row.id)
    others = _collectors().where(
        Collector.campaign_id == own.campaign_id,
        Collector.id != own.id,
        Collector.audience == own.audience,
        *(
            column.is_not_distinct_from(value)
            for column, value in (
                (Collector.unit_id, own.unit_id),
                (Collector.department_id, own.department_id),
                (Collector.stratum, own.stratum),
            )
        ),
    )
    return _rows(session, session.scalars(others).all())


def people_for_cards(session: Session, row: CollectorRow) -> int:
    """People behind a door for whom no other door has an active card and no paper is out at any of their doors."""
    others = sharing_headcount(session, row)
    paper = admission.paper_counts(session, [row.id, *(other.id for other in others)])
    taken = sum(other.cards.activated for other in others) + sum(counts.out for counts in paper.values())
    return row.headcount - taken


def suggested_cards(setup: CampaignSetup, rows: Sequence[CollectorRow]) -> dict[int, int]:
    """How many cards each door still lacks, by its id; doors that lack none, and open links, are left out.

    Where two questionnaires ask the same people, the cards are suggested for the first one: who gets the variant is
    for the office to say.
    """
    needed: dict[tuple[str | None, str, str | None], int | None]
    needed = {(need.unit, need.audience, need.stratum): need.cards for need in rules.needs(setup)}
    suggested, seen = {}, set()
    for row in rows:
        people = (row.unit_code, row.department_code, row.audience, row.stratum)
        if row.tier == "T1" and people not in seen:
            cards = needed.get((row.unit_code, row.audience, row.stratum)) or row.headcount
            lacking = cards - (row.cards.made - row.cards.voided)
            if lacking > 0:
                suggested[row.id] = lacking
        seen.add(people)
    return suggested


def group_faults(rows: Iterable[CollectorRow]) -> list[rules.OpeningFault]:
    """What `rules.group_faults` says of the box groups of these doors."""
    groups: dict[int, list[CollectorRow]] = {}
    for row in rows:
        groups.setdefault(row.box_group_id, []).append(row)
    return rules.group_faults(
        rules.PlannedGroup(
            names=tuple(dict.fromkeys(row.label for row in members)),
            # Doors of two questionnaires for the same people share their headcount.
            people=sum({(row.place, row.stratum): row.headcount for row in members}.values()),
            activated=sum(row.cards.activated + (row.listed.invited if row.listed else 0) for row in members),
            has_open_link=any(row.tier == "T0" for row in members),
        )
        for members in groups.values()
    )


def totals(setup: CampaignSetup, rows: Sequence[CollectorRow]) -> list[AudienceTotal]:
    """What each audience of a campaign needs and has, in sums."""
    found = []
    for audience in AUDIENCES:
        doors = [row for row in rows if row.audience == audience]
        if not doors:
            continue
        of_audience = [need for need in rules.needs(setup) if need.audience == audience]
        sizes = [need.people for need in of_audience]
        people = None if None in sizes else sum(size for size in sizes if size is not None)
        answers: int | None = sum(need.answers for need in of_audience)
        with_cards = {(row.unit_code, row.stratum) for row in doors if row.tier == "T1"}
        cards = sum(need.cards or 0 for need in of_audience if (need.unit, need.stratum) in with_cards)
        if audience == "related_department":
            people = cards = sum(row.headcount for row in doors)
            answers = None
        found.append(
            AudienceTotal(audience, len(doors), people, answers, cards, sum((row.cards for row in doors), CardCounts()))
        )
    return found


def _questionnaire(session: Session, used: CampaignQuestionnaire) -> Questionnaire:
    if used.hash is not None:
        return library.questionnaire(session, used.hash)
    return Questionnaire.model_validate_json(library.builtin("questionnaire", used.name)[1])


def _in_scope(agency_id: int | None) -> ColumnElement[bool]:
    if agency_id is None:
        return true()
    engaged = select(AgencyEngagement.campaign_id).where(AgencyEngagement.agency_id == agency_id)
    return or_(Campaign.agency_id == agency_id, and_(Campaign.agency_id.is_(None), Campaign.id.in_(engaged)))


def _collectors() -> Select[Collector]:
    return select(Collector).options(
        joinedload(Collector.unit), joinedload(Collector.department), joinedload(Collector.box_group)
    )


def _rows(session: Session, found: Collection[Collector]) -> list[CollectorRow]:
    ids = [collector.id for collector in found]
    cards, lists = admission.counts(session, ids), invitations.lists(session, ids)
    return [
        CollectorRow(
            id=collector.id,
            questionnaire=collector.questionnaire,
            audience=collector.audience,
            tier=collector.tier,
            state=collector.state,
            unit_code=collector.unit.code if collector.unit else None,
            unit_name=collector.unit.name if collector.unit else None,
            department_code=collector.department.code if collector.department else None,
            department_name=collector.department.name if collector.department else None,
            stratum=collector.stratum,
            headcount=collector.headcount,
            open_code=collector.open_code,
            box_group_id=collector.box_group_id,
            box_group=collector.box_group.name,
            cards=cards[collector.id],
            listed=lists[collector.id].counts if collector.id in lists else None,
            quota=collector.quota,
        )
        for collector in found
    ]

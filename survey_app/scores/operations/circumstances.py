"""What stands around the answers: units and whom they stand for, cards handed out, open links, proven cases.

Knows where each fact is kept. What must stay true: sizes come from the frozen set-up, never from what came back; a
count that is not known stays None.
"""

from collections import defaultdict
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.frame import Fieldwork, UnitSpec
from survey_app.admission import queries as admission
from survey_app.admission.rules import CardCounts, PaperCounts
from survey_app.campaigns.models import (
    Campaign,
    CampaignQuestionnaire,
    Collector,
    Department,
    Rating,
    Unit,
    UnusedCount,
)
from survey_app.campaigns.queries import campaigns, counting
from survey_app.campaigns.rules import in_words
from survey_app.invitations import queries as invitations
from survey_app.invitations.rules.lists import ListCounts
from survey_app.library import queries as library
from survey_app.questionnaire.assignment import fewest_units
from survey_app.questionnaire.base import AUDIENCES, Audience
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.plan import ScoringPlan
from survey_app.questionnaire.setup import MIN_STRATUM, CampaignSetup, SetupUnit
from survey_app.responses.models import Response
from survey_app.scores.models import ScoreHold
from survey_app.scores.rules.errors import NothingToCompute, UnusedNotCounted

Population = dict[tuple[str, str, str | None], int]


@dataclass(frozen=True)
class Scope:
    """A campaign that has opened, as scoring needs it. units, departments: database id → code."""

    campaign_id: int
    code: str
    closed: bool
    digest_key: bytes
    plan: ScoringPlan
    plan_hash: str
    setup: CampaignSetup
    setup_hash: str
    questionnaires: dict[str, Questionnaire]
    units: dict[int, str]
    departments: dict[int, str]

    @property
    def audiences(self) -> frozenset[str]:
        """The audiences that somebody is asked in."""
        return frozenset(questionnaire.audience for questionnaire in self.questionnaires.values())


def scope_of(session: Session, campaign_id: int) -> Scope:
    """The frozen definitions and the codes of a campaign. questionnaires: by hash. Raises NothingToCompute."""
    campaign = session.get_one(Campaign, campaign_id)
    if campaign.plan_hash is None or campaign.setup_hash is None:
        raise NothingToCompute(campaign=campaign.code)
    hashes = session.scalars(
        select(CampaignQuestionnaire.hash)
        .where(CampaignQuestionnaire.campaign_id == campaign_id, CampaignQuestionnaire.hash.is_not(None))
        .order_by(CampaignQuestionnaire.position)
    )
    units = select(Unit.id, Unit.code).where(Unit.campaign_id == campaign_id).order_by(Unit.position)
    departments = (
        select(Department.id, Department.code)
        .where(Department.campaign_id == campaign_id)
        .order_by(Department.position)
    )
    return Scope(
        campaign_id=campaign_id,
        code=campaign.code,
        closed=campaign.state == "closed",
        digest_key=campaign.digest_key,
        plan=library.plan(session, campaign.plan_hash),
        plan_hash=campaign.plan_hash,
        setup=library.setup(session, campaign.setup_hash),
        setup_hash=campaign.setup_hash,
        questionnaires={found: library.questionnaire(session, found) for found in hashes if found is not None},
        units=dict(session.execute(units).all()),
        departments=dict(session.execute(departments).all()),
    )


def unit_specs(scope: Scope) -> tuple[UnitSpec, ...]:
    """The units in the office's own order, each with the audiences that are asked about it."""
    return tuple(
        UnitSpec(unit.code, unit.name, unit.category, tuple(name for name in unit.audiences if name in scope.audiences))
        for unit in scope.setup.units
    )


def population(scope: Scope) -> Population:
    """Members of each unit, audience and stratum, as answers are stored: strata under 10 are one without a name."""
    sizes: Population = {}
    for unit in scope.setup.units:
        for audience in AUDIENCES:
            if audience in unit.audiences:
                sizes |= _population_of(scope.setup, unit, audience)
    return sizes


def _population_of(setup: CampaignSetup, unit: SetupUnit, audience: Audience) -> Population:
    if audience == "related_department":
        whole = setup.population(unit, audience)
        return {} if whole is None else {(unit.code, audience, None): whole}
    sizes: Population = defaultdict(int)
    for cell in unit.strata(audience):
        kept = cell.stratum if cell.size >= MIN_STRATUM else None
        sizes[unit.code, audience, kept] += cell.size
    return dict(sizes)


def check_counts(session: Session, scope: Scope) -> None:
    """After close cards are counted before anything is computed, or a lead evaluator said why not.

    Raises UnusedNotCounted.
    """
    if not scope.closed or counting.waivers(session, scope.campaign_id):
        return
    missing = set(counting.uncounted_doors(session, scope.campaign_id))
    if missing:
        labels = [row.label for row in campaigns.collectors(session, scope.campaign_id) if row.id in missing]
        raise UnusedNotCounted(n=len(missing), doors=in_words(labels, 4))


def fieldwork(session: Session, scope: Scope) -> dict[tuple[str, str], Fieldwork]:
    """Cards, named lists, open links and proven cases of each unit and audience.

    A department's cards count for every unit that all of its people rate; units that a person does not know are
    screened out of that. Where a sitting may leave units out, the cards of a unit are not known: about which units a
    card asks is drawn when it is used, so that the set-up knows the mean and nobody the number.
    """
    doors = session.scalars(select(Collector).where(Collector.campaign_id == scope.campaign_id)).all()
    ids = [door.id for door in doors]
    cards, lists = admission.counts(session, ids), invitations.lists(session, ids)
    paper, elsewhere = admission.paper_counts(session, ids), _answered_elsewhere(session, ids)
    counts = counting.standing(session, ids) if scope.closed else {}
    without = set(counting.uncounted(cards, counts)) if scope.closed else set()
    rated, most = _rated_by(session, scope), fewest_units(scope.questionnaires.values()) or 1
    found: dict[tuple[str, str], Fieldwork] = {}
    by_stratum: dict[tuple[str, str], dict[str | None, Fieldwork]] = defaultdict(dict)
    for door in doors:
        units = [door.unit_id] if door.unit_id is not None else rated[door.department_id or 0]
        if door.tier == "T2" and door.id in lists:
            known = _of_list(cards[door.id], lists[door.id].counts)
        else:
            known = _of_door(
                cards[door.id],
                counts.get(door.id),
                open_link=door.tier == "T0",
                counted=door.unit_id is not None or len(units) <= most,
            )
        known = replace(
            known,
            by_quota=door.quota is not None,
            overused=_is_overused(cards[door.id], counts.get(door.id)),
            uncounted=door.id in without,
        )
        if door.unit_id is not None or len(units) <= most:
            known = _beside_cards(known, paper[door.id], elsewhere=door.id in elsewhere)
        for unit in units:
            key = (scope.units[unit], door.audience)
            found[key] = _together(found[key], known) if key in found else known
            strata = by_stratum[key]
            strata[door.stratum] = _together(strata[door.stratum], known) if door.stratum in strata else known
    for key, strata in by_stratum.items():
        found[key] = replace(found[key], asked=_asked(found[key], strata))
    held = select(ScoreHold.unit_code, ScoreHold.audience).where(
        ScoreHold.campaign_id == scope.campaign_id, ScoreHold.lifted_at.is_(None)
    )
    for unit_code, audience in session.execute(held):
        key = (unit_code, audience)
        found[key] = replace(found.get(key, Fieldwork()), held=True)
    return found


def _of_door(cards: CardCounts, count: UnusedCount | None, *, open_link: bool, counted: bool) -> Fieldwork:
    """What one door tells of its units. counted: its cards count for each of them."""
    if not counted or not cards.made:
        return Fieldwork(open_link=open_link)
    handed_out = _out(cards, count)
    return Fieldwork(activated=cards.activated, handed_out=handed_out, used=cards.used, open_link=open_link)


def _out(cards: CardCounts, count: UnusedCount | None) -> int | None:
    """Cards that went out and did not come back: by the register and by the count of those left, the fewer of both.

    A register in which nothing was written says nothing, not zero; nor does a count that was not made.
    """
    by_register = cards.out if cards.handed_out else None
    by_count = None if count is None else cards.standing - count.unused
    return min((known for known in (by_register, by_count) if known is not None), default=None)


def _beside_cards(known: Fieldwork, paper: PaperCounts, *, elsewhere: bool) -> Fieldwork:
    """Paper counts like cards. Of answers that were collected elsewhere nobody knows how many people were asked."""
    if elsewhere:
        return replace(known, activated=None, handed_out=None, used=None)
    if not paper.out or known.open_link:
        return known
    handed_out = paper.out if known.activated is None else _sum(known.handed_out, paper.out)
    activated, used = (known.activated or 0) + paper.out, (known.used or 0) + paper.entered
    return replace(known, activated=activated, handed_out=handed_out, used=used)


def _answered_elsewhere(session: Session, collector_ids: list[int]) -> set[int]:
    imported = select(Response.collector_id).where(
        Response.collector_id.in_(collector_ids), Response.mode == "import", Response.pilot.is_(False)
    )
    return set(session.scalars(imported.distinct()))


def _is_overused(cards: CardCounts, count: UnusedCount | None) -> bool:
    out = _out(cards, count)
    return out is not None and cards.used > out


def _of_list(cards: CardCounts, listed: ListCounts) -> Fieldwork:
    """What a named list tells: everybody on it was asked, and got one credential at most, as a signature or as a card.

    More used than were given: cards went out that nobody marked on the list. Then these count as all that was handed
    out, which withholds the score.
    """
    used, given = listed.spent + cards.used, listed.issued + listed.card_taken
    return Fieldwork(activated=listed.invited, handed_out=listed.invited if used <= given else given, used=used)


def _together(one: Fieldwork, other: Fieldwork) -> Fieldwork:
    """Two doors of one unit and audience: what is unknown of one is unknown of both."""
    return Fieldwork(
        activated=_sum(one.activated, other.activated),
        handed_out=_sum(one.handed_out, other.handed_out),
        used=_sum(one.used, other.used),
        open_link=one.open_link or other.open_link,
        by_quota=one.by_quota or other.by_quota,
        overused=one.overused or other.overused,
        uncounted=one.uncounted or other.uncounted,
    )


def _asked(whole: Fieldwork, strata: dict[str | None, Fieldwork]) -> tuple[tuple[str | None, int], ...]:
    """Cards by stratum, those that the response rate is of; none where not all are counted, or one has them all."""
    handed_out = whole.handed_out is not None
    counted = [(name, known.handed_out if handed_out else known.activated) for name, known in strata.items()]
    asked = tuple((name, cards) for name, cards in counted if cards is not None)
    return asked if len(asked) == len(strata) > 1 and not (whole.open_link or whole.by_quota) else ()


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _rated_by(session: Session, scope: Scope) -> dict[int, list[int]]:
    """Department id → ids of the units that it rates."""
    rated: dict[int, list[int]] = defaultdict(list)
    ratings = select(Rating.department_id, Rating.unit_id).where(Rating.department_id.in_(scope.departments))
    for department, unit in session.execute(ratings):
        rated[department].append(unit)
    return rated


def homes(scope: Scope) -> tuple[int, ...]:
    """For each department the place of the unit that goes by the same name, -1 for none."""
    places = {unit.name: place for place, unit in enumerate(scope.setup.units)}
    names = {department.code: department.name for department in scope.setup.departments}
    return tuple(places.get(names.get(code, ""), -1) for code in scope.departments.values())

"""Snapshots as pages, files and the command line read them, with the decisions taken upon them.

Must stay true: nothing is computed here; a number that is not in the stored document does not exist; what the plan
restricts is taken out as the snapshot is read, so that no page or file has to think of it.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from survey_app.accounts.models import Person
from survey_app.accounts.rules import Role
from survey_app.campaigns.models import Campaign
from survey_app.library import queries as library
from survey_app.scores.models import ScoreConfirmation, ScoreHold, ScoreSnapshot
from survey_app.scores.queries.earlier import completed
from survey_app.scores.rules import facts
from survey_app.scores.rules.errors import NoSnapshot, NoSuchUnit

Json = dict[str, Any]


@dataclass(frozen=True)
class SnapshotRow:
    """One line in the list of snapshots. by: who computed it, None for the command line."""

    id: int
    number: int
    computed_at: datetime
    by: str | None


@dataclass(frozen=True)
class Snapshot:
    """One snapshot, its stored document and provenance read."""

    row: SnapshotRow
    campaign_id: int
    report_hash: str
    document: Json
    provenance: Json

    @property
    def number(self) -> int:
        """Its number in the campaign, from 1."""
        return self.row.number

    @property
    def units(self) -> list[Json]:
        """Units in the office's own order."""
        units: list[Json] = self.document["units"]
        return units

    @property
    def indicators(self) -> list[Json]:
        """Indicators in the plan's order."""
        indicators: list[Json] = self.document["indicators"]
        return indicators

    @property
    def asked(self) -> frozenset[str]:
        """Indicators that apply to some unit; about the others there is nothing to say."""
        return frozenset(score["indicator"] for score in self.document["scores"] if score["status"] != "not_applicable")

    @property
    def has_totals(self) -> bool:
        """Whether it holds total intervals; those of earlier versions do not."""
        return any(score["total_lo"] is not None for score in self.document["scores"])

    def about(self, name: str) -> list[Json]:
        """The entries of a list of the document that are about indicators that were asked."""
        return [found for found in self.document[name] if found["indicator"] in self.asked]

    def unit(self, code: str) -> Json:
        """A unit by its code. Raises NoSuchUnit for one that the snapshot does not have."""
        for unit in self.units:
            if unit["code"] == code:
                return unit
        raise NoSuchUnit(unit=code, number=self.number)

    def scores_of(self, unit: str) -> list[Json]:
        """The scores of one unit, in the plan's order."""
        return [score for score in self.document["scores"] if score["unit"] == unit]

    def by_place(self) -> dict[tuple[str, str], Json]:
        """Every score by unit and indicator."""
        return {(score["unit"], score["indicator"]): score for score in self.document["scores"]}


@dataclass(frozen=True)
class Confirmed:
    """One decision: what the survey said (建议分) and what an evaluator confirmed (确认分), in points."""

    snapshot: int
    suggested_score: float
    confirmed_score: float
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Held:
    """A proven case on record. lifted_*: None while it stands."""

    unit: str
    audience: str
    reason: str
    by: str
    at: datetime
    lifted_by: str | None
    lifted_at: datetime | None
    lifted_because: str | None


def everywhere(campaign_code: str) -> bool:  # noqa: ARG001
    """Whoever works on the server itself may see every campaign."""
    return True


def nowhere(campaign_code: str) -> bool:  # noqa: ARG001
    """Nobody in particular asks: no other campaign is named."""
    return False


def rows(session: Session, campaign_id: int) -> list[SnapshotRow]:
    """Every snapshot of a campaign, newest first."""
    query = (
        select(ScoreSnapshot.id, ScoreSnapshot.number, ScoreSnapshot.computed_at, Person.name)
        .outerjoin(Person, Person.id == ScoreSnapshot.computed_by)
        .where(ScoreSnapshot.campaign_id == campaign_id)
        .order_by(ScoreSnapshot.number.desc())
    )
    return [SnapshotRow(*row) for row in session.execute(query)]


def snapshot(
    session: Session,
    campaign_id: int,
    number: int | None = None,
    *,
    roles: Collection[str] = (),
    words_of: Collection[str] = (),
    may_see: Callable[[str], bool] = nowhere,
) -> Snapshot:
    """One snapshot by its number, or the newest, without what the plan keeps from these roles. Raises NoSnapshot.

    words_of: the audiences whose own words are wanted; a file has none. may_see: whether whoever reads may see the
    scores of a campaign, by its code; a trend against any other is left out, and not named.
    """
    found = next(
        (row for row in rows(session, campaign_id) if number is None or row.number == number),
        None,
    )
    if found is None:
        raise NoSnapshot(what=number or "–")
    stored = session.get_one(ScoreSnapshot, found.id)
    document = completed(json.loads(stored.report))
    rules = library.plan(session, document["plan"]["hash"]).restricted
    for score in document["scores"]:
        for name in ("items", "distributions", "facts"):
            score[name] = facts.without(score[name], rules, roles)
    document["open_answers"] = [
        found for found in facts.without(document["open_answers"], rules, roles) if found["audience"] in words_of
    ]
    if Role.LEAD_EVALUATOR not in roles:
        document["suspicions"] = []
    provenance = json.loads(stored.provenance)
    if document["trends"] is not None and not may_see(document["trends"]["against"]["campaign"]):
        document["trends"] = provenance["against"] = None
    return Snapshot(found, campaign_id, stored.report_hash, document, provenance)


def stored(session: Session, campaign_id: int, number: int) -> ScoreSnapshot:
    """The row of a snapshot. Raises NoSnapshot."""
    found = session.scalars(
        select(ScoreSnapshot).where(ScoreSnapshot.campaign_id == campaign_id, ScoreSnapshot.number == number)
    ).one_or_none()
    if found is None:
        raise NoSnapshot(what=number)
    return found


def named(session: Session, name: str) -> int:
    """The id of a snapshot named `CAMPAIGN/NUMBER`, or by its id. Raises NoSnapshot."""
    campaign, mark, number = name.rpartition("/")
    if not number.isascii() or not number.isdecimal() or len(number) > 9:
        raise NoSnapshot(what=name)
    query = select(ScoreSnapshot.id)
    if mark:
        of_campaign = query.join(Campaign, Campaign.id == ScoreSnapshot.campaign_id).where(Campaign.code == campaign)
        query = of_campaign.where(ScoreSnapshot.number == int(number))
    else:
        query = query.where(ScoreSnapshot.id == int(number))
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NoSnapshot(what=name)
    return found


def confirmations(session: Session, campaign_id: int) -> Mapping[tuple[str, str], list[Confirmed]]:
    """Every decision by unit and indicator, newest first. Those on the newest snapshot are the ones that count."""
    query = (
        select(ScoreConfirmation, ScoreSnapshot.number, Person.name)
        .join(ScoreSnapshot, ScoreSnapshot.id == ScoreConfirmation.snapshot_id)
        .join(Person, Person.id == ScoreConfirmation.confirmed_by)
        .where(ScoreSnapshot.campaign_id == campaign_id)
        .order_by(ScoreConfirmation.id.desc())
    )
    found: dict[tuple[str, str], list[Confirmed]] = defaultdict(list)
    for made, number, name in session.execute(query):
        found[made.unit_code, made.indicator].append(
            Confirmed(number, made.suggested_score, made.confirmed_score, made.reason, name, made.confirmed_at)
        )
    return found


def in_force(history: Iterable[Confirmed], number: int) -> Confirmed | None:
    """The decision that counts for snapshot `number`: the newest one taken on it. history: newest first."""
    return next((made for made in history if made.snapshot == number), None)


def confirmed(session: Session, found: Snapshot) -> dict[tuple[str, str], Confirmed]:
    """The decisions that count for a snapshot, by unit and indicator, in the order of its scores."""
    decided = confirmations(session, found.campaign_id)
    in_order = ((place, in_force(decided.get(place, ()), found.number)) for place in found.by_place())
    return {place: made for place, made in in_order if made is not None}


def holds(session: Session, campaign_id: int) -> list[Held]:
    """Every proven case of a campaign, newest first; lifted ones too."""
    lifter = aliased(Person)
    query = (
        select(ScoreHold, Person.name, lifter.name)
        .join(Person, Person.id == ScoreHold.recorded_by)
        .outerjoin(lifter, lifter.id == ScoreHold.lifted_by)
        .where(ScoreHold.campaign_id == campaign_id)
        .order_by(ScoreHold.id.desc())
    )
    return [
        Held(
            unit=hold.unit_code,
            audience=hold.audience,
            reason=hold.reason,
            by=by,
            at=hold.recorded_at,
            lifted_by=lifted_by,
            lifted_at=hold.lifted_at,
            lifted_because=hold.lifted_because,
        )
        for hold, by, lifted_by in session.execute(query)
    ]

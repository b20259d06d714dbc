"""Computing a snapshot: load what may be computed, score it, release it, compare it with what was shown before.

Knows the order of the steps. Must stay true: nothing unreleased is stored; staff and departments are computed only
after close; a snapshot beside an earlier one never lets anyone subtract fewer than `min_cell` sittings; a snapshot is
written once and never again. `compute` reads in many short transactions and writes nothing; `keep` writes in one.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from analysis import report
from analysis.assessing import assess
from analysis.cautions import Code
from analysis.comparing import compare
from analysis.frame import Fieldwork, Frame
from analysis.points import keyed_points
from analysis.publishing import publish
from analysis.sampled import while_collecting
from analysis.suspecting import suspicions
from survey_app.accounts.operations.audit import record
from survey_app.campaigns.models import Campaign
from survey_app.scores.models import ScoreSnapshot
from survey_app.scores.operations import circumstances
from survey_app.scores.operations.breakdowns import break_down
from survey_app.scores.operations.bridge import plan_spec, questionnaire_spec
from survey_app.scores.operations.circumstances import Scope
from survey_app.scores.operations.coding import AnswerCoder
from survey_app.scores.operations.document import Json, canonical, carry, digest, document_of, hide, withhold
from survey_app.scores.operations.loading import Loaded, Wanted, load
from survey_app.scores.operations.open_answers import open_answers, open_items
from survey_app.scores.operations.software import versions
from survey_app.scores.operations.trends import Wave, newest_wave, trends_of
from survey_app.scores.rules import differences, release
from survey_app.scores.rules.errors import ComputedMeanwhile, NothingNew, NotSafeToShow, TooFewNewSittings
from survey_app.scores.rules.modes import compare_modes

_NAMED_CELLS = 8


@dataclass(frozen=True)
class Decisions:
    """What the release rules took out of one snapshot.

    pending: audiences not computed yet. carried: (unit, audience) → number of the snapshot whose scores stand on.
    hidden: keys of items, groups and other rules not shown this time. for_good: those not shown in later ones either.
    """

    pending: frozenset[str] = frozenset()
    carried: Mapping[tuple[str, str], int] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    for_good: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Inputs:
    """Everything that scores follow from."""

    scope: Scope
    loaded: Loaded
    fieldwork: Mapping[tuple[str, str], Fieldwork]


@dataclass(frozen=True)
class Computed:
    """A snapshot that is not stored yet."""

    campaign_id: int
    number: int
    document: Json
    provenance: Json


def compute(session: Session, campaign_id: int, against_id: int | None = None) -> Computed:
    """What the next snapshot of a campaign says. The session must hold no changes; its transactions are ended.

    against_id: an earlier campaign to compare with, which whoever asks may see.
    Raises NothingToCompute, UnusedNotCounted, TooFewNewSittings, NothingNew, AnswersArriving, UnreadableAnswer,
    NoEarlierWave.
    """
    scope = circumstances.scope_of(session, campaign_id)
    circumstances.check_counts(session, scope)
    pending = frozenset() if scope.closed else release.ONLY_AFTER_CLOSE & scope.audiences
    wave = None if against_id is None else newest_wave(session, campaign_id, against_id)
    inputs = read(session, scope, pending)
    previous = latest(session, campaign_id)
    before = None if previous is None else json.loads(previous.provenance)
    number = 1 if previous is None else previous.number + 1
    session.rollback()
    _refuse_the_same(inputs, before, wave)
    whole = released(inputs, {})
    # Everything that was ever shown counts, not only the newest: what one snapshot hides another may have shown.
    earlier = documents(session, campaign_id, range(1, number))
    session.rollback()
    decisions = Decisions(pending) if before is None else decide(inputs, pending, before, earlier, whole)
    document = assemble(inputs, decisions, earlier, None if decisions.carried else whole, wave)
    return Computed(campaign_id, number, document, provenance_of(inputs, decisions, document, number, before))


def keep(session: Session, computed: Computed, now: datetime, person_id: int | None) -> ScoreSnapshot:
    """Store a computed snapshot. Raises ComputedMeanwhile when another one was stored since."""
    # The campaign's row is the turn of all who compute: two snapshots at once would not know of each other.
    campaign = session.get_one(Campaign, computed.campaign_id, with_for_update=True)
    newest = session.scalars(
        select(func.max(ScoreSnapshot.number)).where(ScoreSnapshot.campaign_id == campaign.id)
    ).one()
    if (newest or 0) != computed.number - 1:
        raise ComputedMeanwhile(number=newest)
    provenance = {**computed.provenance, "computed_at": now.astimezone(UTC).isoformat()}
    snapshot = ScoreSnapshot(
        campaign_id=campaign.id,
        number=computed.number,
        computed_at=now,
        computed_by=person_id,
        provenance=canonical(provenance).decode(),
        report=canonical(computed.document).decode(),
        report_hash=digest(computed.document),
    )
    session.add(snapshot)
    session.flush()
    record(
        session,
        now,
        person_id,
        "score.compute",
        f"campaign:{campaign.code}",
        {"number": snapshot.number, "report_hash": snapshot.report_hash, "provenance_hash": digest(provenance)},
    )
    return snapshot


def read(session: Session, scope: Scope, pending: frozenset[str]) -> Inputs:
    """Load the answers of every audience that is not pending, with what stands around them."""
    wanted = Wanted(
        campaign_id=scope.campaign_id,
        audiences=scope.audiences - pending,
        units=_places(scope.units, [unit.code for unit in scope.setup.units]),
        departments=_places(scope.departments, list(scope.departments.values())),
        coders={
            found: AnswerCoder(
                questionnaire,
                questionnaire_spec(questionnaire, found, scope.plan),
                [asked.key for asked in open_items(questionnaire)] if scope.closed else (),
            )
            for found, questionnaire in scope.questionnaires.items()
        },
    )
    around = circumstances.fieldwork(session, scope)
    strata = list(dict.fromkeys(stratum for _, _, stratum in circumstances.population(scope)))
    loaded = load(session, wanted, strata, scope.digest_key)
    return Inputs(scope, loaded, {key: known for key, known in around.items() if key[1] not in pending})


def assemble(
    inputs: Inputs,
    decisions: Decisions,
    earlier: Mapping[int, Json],
    computed: Json | None = None,
    wave: Wave | None = None,
) -> Json:
    """The released document under some decisions.

    earlier: documents of the snapshots that scores are carried from. computed: the released document without what is
    carried, if it is there already; it is changed. wave: the earlier campaign to compare with, if any.
    """
    document = released(inputs, decisions.carried) if computed is None else computed
    stands_on = {
        (score["unit"], score["indicator"]): score
        for number in sorted(set(decisions.carried.values()))
        for score in earlier[number]["scores"]
        if decisions.carried.get((score["unit"], score["audience"])) == number
    }
    for place, score in enumerate(document["scores"]):
        carried = decisions.carried.get((score["unit"], score["audience"]))
        if score["status"] == "not_applicable":
            continue
        if score["audience"] in decisions.pending:
            document["scores"][place] = withhold(score, "collection_open")
        elif carried is not None:
            document["scores"][place] = carry(stands_on[score["unit"], score["indicator"]], carried)
            blocked = _blocked_by(inputs, score)
            if blocked is not None:
                document["scores"][place] = withhold(score, blocked)
        else:
            hide(score, decisions.hidden)
    document["trends"] = None if wave is None else trends_of(wave, document, inputs.scope)
    compare_modes(document)
    return document


def decide(
    inputs: Inputs, pending: frozenset[str], before: Json, earlier: Mapping[int, Json], whole: Json
) -> Decisions:
    """Apply the release rule, by counts and by what earlier documents and this one say together.

    before: the provenance of the newest snapshot. earlier: every stored document, by number. whole: everything
    computed and released. Raises TooFewNewSittings.
    """
    scope, loaded = inputs.scope, inputs.loaded
    min_cell = scope.plan.disclosure.min_cell
    changed = _changed(loaded, before)
    stands_on: dict[tuple[str, str], int] = {(unit, audience): since for unit, audience, since in before["carried"]}
    short = [
        cell
        for cell in release.short_cells(before["shown"], whole, min_cell)
        # Of an audience without new answers only what was not shown with the last ones is still too little.
        if cell.audience in changed or (cell.unit, cell.audience) in stands_on
    ]
    if short and not scope.closed:
        raise TooFewNewSittings(number=before["number"], min_cell=min_cell, cells=_named(scope, short))
    # After close no more can come, so waiting helps nobody: such cells keep the scores that were shown.
    kept = {(cell.unit, cell.audience) for cell in short if not cell.unchanged}
    carried = {key: stands_on.get(key, int(before["number"])) for key in sorted(kept)}
    for_good = frozenset(before.get("hidden_for_good", ()))
    found = differences.unsafe(
        [earlier[number] for number in sorted(earlier)],
        whole,
        _points(loaded),
        min_cell,
        hidden=release.short_details(before["shown"], whole, min_cell, apart_from=carried) | for_good,
        apart_from=carried,
    )
    if found.cells and not scope.closed:
        raise TooFewNewSittings(number=before["number"], min_cell=min_cell, cells=_named(scope, found.cells))
    for cell in found.cells:
        key = (cell.unit, cell.audience)
        carried[key] = stands_on.get(key, int(before["number"]))
    return Decisions(pending, dict(sorted(carried.items())), found.details, for_good | found.for_good)


def latest(session: Session, campaign_id: int) -> ScoreSnapshot | None:
    """The newest snapshot of a campaign."""
    return session.scalars(
        select(ScoreSnapshot)
        .where(ScoreSnapshot.campaign_id == campaign_id)
        .order_by(ScoreSnapshot.number.desc())
        .limit(1)
    ).first()


def documents(session: Session, campaign_id: int, numbers: Collection[int]) -> dict[int, Json]:
    """The stored documents of some snapshots, by number."""
    rows = session.execute(
        select(ScoreSnapshot.number, ScoreSnapshot.report).where(
            ScoreSnapshot.campaign_id == campaign_id, ScoreSnapshot.number.in_(numbers)
        )
    )
    return {number: json.loads(text) for number, text in rows}


def circumstances_of(inputs: Inputs) -> list[Json]:
    """What stood around the answers, as a snapshot remembers it. Used codes stay out: they are counted again."""
    return [
        {
            "unit": unit,
            "audience": audience,
            "activated": known.activated,
            "handed_out": known.handed_out,
            "open_link": known.open_link,
            "held": known.held,
            "by_quota": known.by_quota,
            "overused": known.overused,
            "uncounted": known.uncounted,
            "asked": [[stratum, cards] for stratum, cards in known.asked],
        }
        for (unit, audience), known in sorted(inputs.fieldwork.items())
    ]


def provenance_of(inputs: Inputs, decisions: Decisions, document: Json, number: int, before: Json | None) -> Json:
    """Where the numbers of a document come from. Counts in it are those that the document shows."""
    scope = inputs.scope
    return {
        "format": 1,
        "campaign": scope.code,
        "number": number,
        "software": versions(),
        "plan": scope.plan_hash,
        "setup": scope.setup_hash,
        "questionnaires": {found.id: content_hash for content_hash, found in scope.questionnaires.items()},
        "input_digest": inputs.loaded.digests,
        "report_hash": digest(document),
        "closed": scope.closed,
        "pending": sorted(decisions.pending),
        "carried": [[unit, audience, since] for (unit, audience), since in sorted(decisions.carried.items())],
        "hidden": sorted(decisions.hidden),
        "hidden_for_good": sorted(decisions.for_good),
        "circumstances": circumstances_of(inputs),
        "counts": release.totals(document, inputs.loaded.digests),
        "shown": release.shown({} if before is None else before["shown"], document),
        "against": _against(document),
    }


def released(inputs: Inputs, without: Mapping[tuple[str, str], int]) -> Json:
    """Score and release; answers of some units and audiences are left out as if they had not come."""
    scope = inputs.scope
    plan = plan_spec(scope.plan, scope.plan_hash, scope.questionnaires.values())
    units = circumstances.unit_specs(scope)
    places = {unit.code: place for place, unit in enumerate(units)}
    answers = []
    for coded in inputs.loaded.answers:
        dropped = [places[unit] for unit, audience in without if audience == coded.questionnaire.audience]
        answers.append(coded.only(~np.isin(coded.unit, dropped)) if dropped else coded)
    frame = Frame(
        units=units,
        answers=tuple(answers),
        strata=inputs.loaded.strata,
        departments=tuple(scope.departments.values()),
        population=circumstances.population(scope),
        fieldwork=inputs.fieldwork,
        homes=circumstances.homes(scope),
    )
    frame, quality = assess(frame, plan)
    published = publish(frame, plan, report.build(frame, plan, quality))
    if published.exposed:
        raise NotSafeToShow(number=len(published.exposed))
    shown = published.report if scope.closed else while_collecting(published.report)
    compared = compare(shown, plan, {unit.code: unit.category for unit in units})
    document = document_of(replace(compared, suspicions=suspicions(frame, plan.disclosure)), scope)
    break_down(document, frame, plan, scope, published.report)
    document["open_answers"] = open_answers(inputs.loaded, scope)
    return document


def _blocked_by(inputs: Inputs, score: Json) -> Code | None:
    """What withholds this score since it was computed; in the other scores the gates have seen to it."""
    gates = inputs.scope.plan.gates
    known = inputs.fieldwork.get((score["unit"], score["audience"]), Fieldwork())
    if known.held and gates is not None and gates.withhold is not None and gates.withhold.hold:
        return Code.HELD
    return Code.DOOR_OVERUSED if known.overused else None


def _changed(loaded: Loaded, before: Json) -> set[str]:
    """Audiences whose answers are not those of the newest snapshot."""
    then = before["input_digest"]
    return {audience for audience, sealed in loaded.digests.items() if then.get(audience) != sealed}


def _points(loaded: Loaded) -> dict[tuple[str, str], list[float | None]]:
    """Points of the choices of every item that has any, reversed where the item is."""
    return {
        (answers.questionnaire.id, item.id): list(keyed_points(item))
        for answers in loaded.answers
        for item in answers.questionnaire.items
        if item.scored
    }


def _against(document: Json) -> Json | None:
    """The snapshot of an earlier campaign that a document is compared with."""
    trends = document["trends"]
    return None if trends is None else {name: trends["against"][name] for name in ("campaign", "number", "report_hash")}


def _refuse_the_same(inputs: Inputs, before: Json | None, wave: Wave | None) -> None:
    """Nothing is computed twice: same answers, same circumstances, same software. Raises NothingNew.

    A campaign that has closed since has its open answers to show, another earlier campaign its trend.
    """
    if before is None or _changed(inputs.loaded, before) or before["closed"] != inputs.scope.closed:
        return
    if wave is not None and wave.named != before.get("against"):
        return
    if before["circumstances"] == circumstances_of(inputs) and before["software"] == versions():
        raise NothingNew(number=before["number"])


def _named(scope: Scope, short: Sequence[release.Short]) -> str:
    """Units that stand in the way, for a sentence."""
    names = {unit.code: unit.name for unit in scope.setup.units}
    units = list(dict.fromkeys(names[cell.unit] for cell in short))
    rest = len(units) - _NAMED_CELLS
    return "、".join(units[:_NAMED_CELLS]) + (f" …(+{rest})" if rest > 0 else "")


def _places(codes: Mapping[int, str], order: Sequence[str]) -> dict[int, tuple[int, str]]:
    """Database id → (place in an order of codes, code)."""
    place = {code: number for number, code in enumerate(order)}
    return {identity: (place[code], code) for identity, code in codes.items()}

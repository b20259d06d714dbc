"""What evaluators may decide on a computed score, and what stays of it."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from survey_app import clock
from survey_app.accounts.models import AuditEntry
from survey_app.campaigns.models import Campaign
from survey_app.db import Database
from survey_app.errors import NotFound
from survey_app.questionnaire.plan import Confirm
from survey_app.scores.models import ScoreConfirmation, ScoreHold
from survey_app.scores.operations import compute, deciding
from survey_app.scores.queries import snapshots
from survey_app.scores.rules.confirming import Decision, check
from survey_app.scores.rules.errors import (
    AlreadyHeld,
    BeyondFreeShare,
    NotConfirmable,
    NotNewest,
    OutsideFullMarks,
    ReasonNeeded,
)
from tests.factories.accounts import add_person
from tests.scores import evaluation as ev

CONFIRM = Confirm(free_share=0.1)
NAMES = {"lead_evaluator": ("评估组长", "lead evaluator")}
SCORE = {"role": "suggested", "points": 5.0, "full_marks": 6.0, "status": "caution"}


def judge(
    points: float, /, *roles: str, reason: str = "核对无误", confirm: Confirm | None = CONFIRM, **score: Any
) -> None:
    decision = Decision(points, reason)
    check(SCORE | score, decision, confirm, roles=roles, names=NAMES, unit="甲", indicator="乙")


@pytest.mark.parametrize("points", [5.0, 5.6, 4.4, 5.6 + 1e-12])
def test_points_within_the_free_share__are_for_evaluators(points: float) -> None:
    judge(points, "evaluator")


@pytest.mark.parametrize("points", [5.61, 4.39, 0.0, 6.0])
def test_points_beyond_it__take_a_lead_evaluator(points: float) -> None:
    with pytest.raises(BeyondFreeShare) as refused:
        judge(points, "evaluator")
    assert "评估组长" in refused.value.message("zh")
    assert "0.60" in refused.value.message("en")
    judge(points, "evaluator", "lead_evaluator")


@pytest.mark.parametrize("points", [-0.01, 6.01, float("nan"), float("inf")])
def test_points_outside_the_full_marks__are_for_nobody(points: float) -> None:
    with pytest.raises(OutsideFullMarks):
        judge(points, "lead_evaluator")


def test_plan_without_the_block__leaves_only_the_full_marks() -> None:
    judge(0.0, "evaluator", confirm=None)


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_decision_without_reason__is_refused_also_for_the_suggested_score(reason: str) -> None:
    with pytest.raises(ReasonNeeded):
        judge(5.0, "lead_evaluator", reason=reason)


@pytest.mark.parametrize(
    "score",
    [{"role": "reference"}, {"points": None}, {"status": "not_scored", "points": None}, {"status": "suppressed"}],
)
def test_score_without_suggested_score__cannot_be_confirmed(score: dict[str, Any]) -> None:
    with pytest.raises(NotConfirmable):
        judge(5.0, "lead_evaluator", **score)


def computed(database: Database, made: ev.Evaluation) -> None:
    with database.reading() as session:
        found = compute.compute(session, made.campaign)
    with database.writing() as session:
        compute.keep(session, found, clock.now(), None)
        session.commit()


def prepared(database: Database) -> tuple[ev.Evaluation, int]:
    """A computed campaign and somebody who decides."""
    with database.writing() as session:
        made = ev.make(session, ev.setup_document())
        for unit in made.units:
            ev.recipients(session, made, unit, 40)
        person = add_person(session, "somebody")
        session.commit()
    computed(database, made)
    return made, person


def confirm(database: Database, made: ev.Evaluation, person: int, points: float, number: int = 1, **what: str) -> None:
    with database.writing() as session:
        deciding.confirm(
            session,
            snapshots.stored(session, made.campaign, number),
            what.get("unit", "u01"),
            what.get("indicator", "public_satisfaction"),
            Decision(points, what.get("reason", "核对无误")),
            now=clock.now(),
            person_id=person,
            roles=["lead_evaluator"],
        )
        session.commit()


def test_later_decision__counts_and_the_earlier_one_stays(each_database: Database) -> None:
    made, person = prepared(each_database)
    confirm(each_database, made, person, 6.0, reason="第一次")
    confirm(each_database, made, person, 6.5, reason=" 第二次 ")
    with each_database.reading() as session:
        history = snapshots.confirmations(session, made.campaign)["u01", "public_satisfaction"]
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "score.confirm")).all()
    assert [(one.confirmed_score, one.reason, one.snapshot) for one in history] == [
        (6.5, "第二次", 1),
        (6.0, "第一次", 1),
    ]
    assert history[0].suggested_score == history[1].suggested_score
    assert json.loads(entries[-1].detail)["confirmed_score"] == 6.5


def test_decision__is_taken_on_the_newest_snapshot_only(database: Database) -> None:
    made, person = prepared(database)
    with database.writing() as session:
        for unit in made.units:
            ev.recipients(session, made, unit, 6, seed=4)
    computed(database, made)
    with pytest.raises(NotNewest):
        confirm(database, made, person, 6.0)
    confirm(database, made, person, 6.0, number=2)


@pytest.mark.parametrize("what", [{"unit": "u99"}, {"indicator": "nothing"}])
def test_decision_on_nothing__is_refused(database: Database, what: dict[str, str]) -> None:
    made, person = prepared(database)
    with pytest.raises(NotFound):
        confirm(database, made, person, 6.0, **what)
    with database.reading() as session:
        assert session.scalars(select(ScoreConfirmation)).all() == []


def test_proven_case__is_recorded_once_lifted_with_a_reason_and_never_deleted(each_database: Database) -> None:
    made, person = prepared(each_database)
    with each_database.writing() as session:
        campaign = session.get_one(Campaign, made.campaign)
        where = (session, campaign, "u01", "service_recipient")
        who = {"now": clock.now(), "person_id": person}
        deciding.hold(*where, "查实代填", **who)
        with pytest.raises(AlreadyHeld):
            deciding.hold(*where, "又一次", **who)
        with pytest.raises(ReasonNeeded):
            deciding.lift(*where, " ", **who)
        deciding.lift(*where, "复核后不成立", **who)
        with pytest.raises(NotFound):
            deciding.lift(*where, "再撤", **who)
        deciding.hold(*where, "另一起", **who)
        session.commit()
    with each_database.reading() as session:
        found = snapshots.holds(session, made.campaign)
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.action.contains("hold"))).all()
        assert len(session.scalars(select(ScoreHold)).all()) == 2
    assert [(one.reason, one.lifted_because) for one in found] == [("另一起", None), ("查实代填", "复核后不成立")]
    assert actions == ["score.hold", "score.lift_hold", "score.hold"]


@pytest.mark.parametrize(("unit", "audience"), [("u99", "staff"), ("u01", "nobody"), ("u02", "service_recipient")])
def test_proven_case_of_an_audience_that_is_not_asked__is_refused(database: Database, unit: str, audience: str) -> None:
    with database.writing() as session:
        made = ev.make(session, ev.setup_document(without={"u02": "service_recipient"}))
        person = add_person(session, "somebody")
        campaign = session.get_one(Campaign, made.campaign)
        with pytest.raises(NotFound):
            deciding.hold(session, campaign, unit, audience, "查实", now=clock.now(), person_id=person)

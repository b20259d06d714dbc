"""Computing snapshots: what is computed when, what may be computed again, and what never gets into the database."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from survey_app import clock
from survey_app.accounts.models import AuditEntry
from survey_app.campaigns.models import Campaign
from survey_app.db import Database
from survey_app.scores.models import ScoreHold, ScoreSnapshot
from survey_app.scores.operations import compute
from survey_app.scores.rules.errors import ComputedMeanwhile, NothingNew, TooFewNewSittings
from tests.factories.accounts import add_person
from tests.scores import evaluation as ev

Change = Callable[[Session], None]


def prepared(database: Database, **how: Any) -> ev.Evaluation:
    with database.writing() as session:
        return ev.make(session, ev.setup_document(**how))


def act(database: Database, change: Change) -> None:
    with database.writing() as session:
        change(session)
        session.commit()


def computed(database: Database, made: ev.Evaluation) -> dict[str, Any]:
    """The document of a new snapshot, stored."""
    with database.reading() as session:
        found = compute.compute(session, made.campaign)
    with database.writing() as session:
        snapshot = compute.keep(session, found, clock.now(), None)
        session.commit()
        return json.loads(snapshot.report)


def score(document: dict[str, Any], unit: str, indicator: str) -> dict[str, Any]:
    return next(one for one in document["scores"] if (one["unit"], one["indicator"]) == (unit, indicator))


def codes(reasons: list[dict[str, Any]]) -> list[str]:
    return [reason["code"] for reason in reasons]


PUBLIC, DEPARTMENTS, STAFF = "public_satisfaction", "related_department_evaluation", "internal_coordination"


def test_open_campaign__computes_recipients_and_leaves_the_others_pending(each_database: Database) -> None:
    made = prepared(each_database)
    act(each_database, lambda session: ev.whole(session, made))
    document = computed(each_database, made)
    assert score(document, "u01", PUBLIC)["status"] in {"scored", "caution"}
    for indicator in (DEPARTMENTS, STAFF):
        pending = score(document, "u01", indicator)
        assert (pending["status"], codes(pending["reasons"])) == ("not_scored", ["collection_open"])
        assert pending["score"] is None
        assert pending["n_valid"] is None
        assert not pending["parts"]
        assert not pending["reliability"]
    assert [block["indicator"] for block in document["reliability"] if block["n"]] == [PUBLIC]


def test_closed_campaign__computes_everybody(each_database: Database) -> None:
    made = prepared(each_database)
    act(each_database, lambda session: ev.whole(session, made))
    act(each_database, lambda session: ev.close(session, made))
    document = computed(each_database, made)
    assert {one["status"] for one in document["scores"]} <= {"scored", "caution"}
    assert score(document, "u01", DEPARTMENTS)["n_departments"] == 8
    # Quality was planted to fall from unit to unit.
    assert score(document, "u01", PUBLIC)["score"] > score(document, "u02", PUBLIC)["score"]


def test_score__is_the_one_computed_by_hand(database: Database) -> None:
    made = prepared(database, units=1)
    best = dict.fromkeys(ev.items(made, "service_recipient"), "sa") | {"sr_eff_shirk": "sd", "sr_overall": "s"}
    worst = dict.fromkeys(ev.items(made, "service_recipient"), "d") | {"sr_eff_shirk": "a", "sr_overall": "d"}
    act(database, lambda session: ev.recipients(session, made, "u01", 24, answers=best))
    act(database, lambda session: ev.recipients(session, made, "u01", 16, answers=worst, stratum="online", seed=2))
    found = score(computed(database, made), "u01", PUBLIC)
    # window: (4 × 100 + 80) / 5 = 96, online: (4 × 25 + 30) / 5 = 26; weighted 60 to 40 as in the frame
    assert found["score"] == pytest.approx(0.6 * 96 + 0.4 * 26, abs=1e-9)
    assert found["points"] == pytest.approx(found["score"] / 100 * 9, abs=1e-9)


def test_not_applicable_audience__moves_its_full_marks_also_while_the_other_is_pending(database: Database) -> None:
    made = prepared(database, without={"u02": "service_recipient"})
    act(database, lambda session: ev.recipients(session, made, "u01", 40))
    document = computed(database, made)
    assert score(document, "u02", PUBLIC)["status"] == "not_applicable"
    assert score(document, "u02", DEPARTMENTS)["full_marks"] == 15
    assert score(document, "u01", DEPARTMENTS)["full_marks"] == 6


def test_campaign_without_a_questionnaire_for_an_audience__has_it_not_applicable_and_moves_its_marks(
    database: Database,
) -> None:
    made = prepared(database, questionnaires=("related_department", "staff"), departments=9)
    for department in made.departments:
        act(database, lambda session, at=department: ev.raters(session, made, at, list(made.units)))  # type: ignore[misc]
    act(database, lambda session: ev.close(session, made))
    document = computed(database, made)
    assert score(document, "u01", PUBLIC)["status"] == "not_applicable"
    assert score(document, "u01", DEPARTMENTS)["full_marks"] == 15
    assert codes(score(document, "u01", STAFF)["reasons"])[0] == "too_few_to_show"


def test_nothing_new__is_refused_and_names_the_snapshot_to_read(each_database: Database) -> None:
    made = prepared(each_database)
    act(each_database, lambda session: ev.recipients(session, made, "u01", 40))
    computed(each_database, made)
    with pytest.raises(NothingNew) as refused:
        computed(each_database, made)
    assert "1" in refused.value.message("zh")


def test_fewer_than_min_cell_new_sittings_in_one_cell__is_refused_with_the_units_named(
    each_database: Database,
) -> None:
    made = prepared(each_database)
    for unit in made.units:
        act(each_database, lambda session, unit=unit: ev.recipients(session, made, unit, 40))  # type: ignore[misc]
    computed(each_database, made)
    act(each_database, lambda session: ev.recipients(session, made, "u01", 5, seed=5))
    act(each_database, lambda session: ev.recipients(session, made, "u02", 4, seed=5))
    with pytest.raises(TooFewNewSittings) as refused:
        computed(each_database, made)
    assert "第2单位" in refused.value.message("zh")
    assert "第1单位" not in refused.value.message("zh")
    with each_database.reading() as session:
        assert session.scalar(select(func.count()).select_from(ScoreSnapshot)) == 1


def test_min_cell_new_sittings_in_every_cell__makes_a_second_snapshot(each_database: Database) -> None:
    made = prepared(each_database)
    for seed, n in ((1, 40), (4, 5)):
        for unit in made.units:
            act(
                each_database,
                lambda session, unit=unit, seed=seed, n=n: ev.recipients(session, made, unit, n, seed=seed),  # type: ignore[misc]
            )
        document = computed(each_database, made)
    assert score(document, "u01", PUBLIC)["n_valid"] == 45
    assert all(item["shown"] for item in score(document, "u01", PUBLIC)["items"])


def test_people_without_any_answer__are_no_new_sittings(database: Database) -> None:
    made = prepared(database, units=1)
    act(database, lambda session: ev.recipients(session, made, "u01", 40))
    computed(database, made)
    blank = dict.fromkeys(ev.items(made, "service_recipient"))
    act(database, lambda session: ev.recipients(session, made, "u01", 4, seed=5))
    act(database, lambda session: ev.recipients(session, made, "u01", 6, seed=6, answers=blank))
    with pytest.raises(TooFewNewSittings):
        computed(database, made)


def test_part_that_too_few_new_people_answered__is_refused_too(database: Database) -> None:
    made = prepared(database, units=1)
    act(database, lambda session: ev.recipients(session, made, "u01", 40))
    computed(database, made)
    overall = {"sr_overall": None}
    act(database, lambda session: ev.recipients(session, made, "u01", 2, seed=5))
    act(database, lambda session: ev.recipients(session, made, "u01", 4, seed=6, answers=overall))
    with pytest.raises(TooFewNewSittings):
        computed(database, made)


def test_item_that_too_few_new_people_answered__is_not_shown_until_enough_have(database: Database) -> None:
    made = prepared(database, units=1)
    skipped = {"sr_acc_info": "na"}

    def more(n: int, seed: int, answers: dict[str, object] | None = None) -> dict[str, Any]:
        act(database, lambda session: ev.recipients(session, made, "u01", n, seed=seed, answers=answers))
        items = score(computed(database, made), "u01", PUBLIC)["items"]
        return next(item for item in items if item["item"] == "sr_acc_info")

    assert more(40, 1)["n"] == 40
    act(database, lambda session: ev.recipients(session, made, "u01", 2, seed=2))
    hidden = more(6, 3, skipped)
    assert not hidden["shown"]
    assert {hidden[field] for field in ("n", "mean", "counts", "share_not_applicable")} == {None}
    # The two who answered are still too few to be told apart from the forty.
    assert not more(6, 4, skipped)["shown"]
    assert more(6, 5)["n"] == 48


def test_close_with_a_few_last_answers__keeps_the_scores_that_were_shown(each_database: Database) -> None:
    made = prepared(each_database)
    for unit in made.units:
        act(each_database, lambda session, unit=unit: ev.recipients(session, made, unit, 40))  # type: ignore[misc]
    first = computed(each_database, made)
    act(each_database, lambda session: ev.recipients(session, made, "u01", 3, seed=5, answers={"sr_overall": "vd"}))
    act(each_database, lambda session: ev.recipients(session, made, "u02", 9, seed=5))
    for unit in made.units:
        act(each_database, lambda session, unit=unit: ev.staff(session, made, unit, 20))  # type: ignore[misc]
    act(each_database, lambda session: ev.close(session, made))
    second = computed(each_database, made)
    then, now = score(first, "u01", PUBLIC), score(second, "u01", PUBLIC)
    assert codes(now["cautions"])[-1] == "carried_forward"
    assert now["cautions"][-1]["number"] == 1
    assert {**now, "cautions": now["cautions"][:-1]} == json.loads(json.dumps(then))
    assert score(second, "u02", PUBLIC)["n_valid"] == 49
    assert score(second, "u01", STAFF)["score"] is not None


def test_carried_scores__stay_carried_in_a_later_snapshot(database: Database) -> None:
    made = prepared(database)
    for unit in made.units:
        act(database, lambda session, unit=unit: ev.recipients(session, made, unit, 40))  # type: ignore[misc]
    first = computed(database, made)
    act(database, lambda session: ev.recipients(session, made, "u01", 3, seed=5))
    act(database, lambda session: ev.close(session, made))
    computed(database, made)
    hold(database, made, "u02", "service_recipient")
    third = computed(database, made)
    assert score(third, "u01", PUBLIC)["score"] == score(first, "u01", PUBLIC)["score"]
    assert score(third, "u01", PUBLIC)["cautions"][-1]["number"] == 1
    assert codes(score(third, "u02", PUBLIC)["reasons"]) == ["held"]


def hold(database: Database, made: ev.Evaluation, unit: str, audience: str) -> None:
    def recorded(session: Session) -> None:
        person = add_person(session, f"lead{unit}")
        session.add(
            ScoreHold(
                campaign_id=made.campaign,
                unit_code=unit,
                audience=audience,
                reason="查实",
                recorded_by=person,
                recorded_at=clock.now(),
            )
        )

    act(database, recorded)


def test_proven_case__withholds_without_new_answers_and_also_a_carried_score(database: Database) -> None:
    made = prepared(database)
    for unit in made.units:
        act(database, lambda session, unit=unit: ev.recipients(session, made, unit, 40))  # type: ignore[misc]
    computed(database, made)
    act(database, lambda session: ev.recipients(session, made, "u01", 3, seed=5))
    act(database, lambda session: ev.close(session, made))
    hold(database, made, "u01", "service_recipient")
    document = computed(database, made)
    held = score(document, "u01", PUBLIC)
    assert (held["status"], codes(held["reasons"]), held["score"]) == ("not_scored", ["held"], None)
    assert score(document, "u02", PUBLIC)["status"] != "not_scored"


def test_snapshot_stored_meanwhile__wins_and_the_later_one_is_not_kept(each_database: Database) -> None:
    made = prepared(each_database)
    act(each_database, lambda session: ev.recipients(session, made, "u01", 40))
    with each_database.reading() as session:
        late = compute.compute(session, made.campaign)
    computed(each_database, made)
    with each_database.writing() as session, pytest.raises(ComputedMeanwhile):
        compute.keep(session, late, clock.now(), None)


def test_computing__is_written_into_the_audit_log_with_the_hash(database: Database) -> None:
    made = prepared(database)
    act(database, lambda session: ev.recipients(session, made, "u01", 40))
    computed(database, made)
    with database.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "score.compute")).one()
        snapshot = session.scalars(select(ScoreSnapshot)).one()
    assert entry.subject == "campaign:pg2026"
    assert json.loads(entry.detail)["report_hash"] == snapshot.report_hash


def test_what_is_stored__is_released_only(each_database: Database) -> None:
    made = prepared(each_database)
    act(each_database, lambda session: ev.recipients(session, made, "u01", 40))
    act(each_database, lambda session: ev.recipients(session, made, "u02", 4, quality=0.31))
    document = computed(each_database, made)
    hidden = score(document, "u02", PUBLIC)
    numbers = {name: value for name, value in hidden.items() if isinstance(value, int | float) and name != "full_marks"}
    assert hidden["status"] == "suppressed"
    assert numbers == {}
    assert not hidden["parts"]
    assert not hidden["items"]
    # 44 complete responses less the 40 that are shown would be the four that are not.
    assert [block["n"] for block in document["reliability"] if block["indicator"] == PUBLIC] == [None]
    with each_database.reading() as session:
        stored = session.scalars(select(ScoreSnapshot)).one()
    shown = json.loads(stored.provenance)
    assert shown["counts"]["service_recipient"] == {"units_shown": 1, "units_hidden": 1, "valid": 40}
    assert not any(key.startswith("u02") for key in shown["shown"])
    assert '"used"' not in stored.provenance


def test_count_that_is_only_a_band__does_not_follow_from_the_reliability_over_all_units(database: Database) -> None:
    document = ev.setup_document()
    document["units"][1]["frame"][:2] = [{"audience": "service_recipient", "stratum": "window", "size": 18}]
    with database.writing() as session:
        made = ev.make(session, document)
    act(database, lambda session: ev.recipients(session, made, "u01", 40))
    act(database, lambda session: ev.recipients(session, made, "u02", 12))
    found = computed(database, made)
    assert score(found, "u02", PUBLIC)["valid_band"] == [10, 14]
    assert [block["n"] for block in found["reliability"] if block["indicator"] == PUBLIC] == [None]


def test_numbers_of_a_carried_or_new_report__are_json_numbers_only(database: Database) -> None:
    made = prepared(database)
    act(database, lambda session: ev.whole(session, made))
    act(database, lambda session: ev.close(session, made))
    with database.reading() as session:
        found = compute.compute(session, made.campaign)
    text = json.dumps(found.document, allow_nan=False)
    assert json.loads(text) == json.loads(json.dumps(found.document))


def test_snapshot__belongs_to_the_campaign_that_it_was_computed_for(database: Database) -> None:
    made = prepared(database)
    other = prepared(database, code="another")
    act(database, lambda session: ev.recipients(session, made, "u01", 40))
    act(database, lambda session: ev.recipients(session, other, "u01", 40, seed=8))
    assert computed(database, made)["campaign"]["code"] == "pg2026"
    assert computed(database, other)["campaign"]["code"] == "another"
    with database.reading() as session:
        assert {row.number for row in session.scalars(select(ScoreSnapshot))} == {1}
        assert {row.id for row in session.scalars(select(Campaign))} == {made.campaign, other.campaign}


def test_computed_at__needs_a_time_zone(database: Database) -> None:
    made = prepared(database)
    act(database, lambda session: ev.recipients(session, made, "u01", 40))
    with database.reading() as session:
        found = compute.compute(session, made.campaign)
    with database.writing() as session, pytest.raises(StatementError):
        compute.keep(session, found, clock.now().replace(tzinfo=None), None)

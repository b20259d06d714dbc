"""Verifying a snapshot: the same when nothing has changed, and a name for whatever has."""

import json
from typing import Any

import pytest
from sqlalchemy import select, text, update

from survey_app import clock
from survey_app.accounts.models import AuditEntry
from survey_app.admission.models import AccessCode, CardBatch, CardMovement
from survey_app.campaigns.models import Collector
from survey_app.db import Database
from survey_app.library.models import FrozenDefinition
from survey_app.responses.models import Response
from survey_app.scores.models import ScoreSnapshot
from survey_app.scores.operations import compute
from survey_app.scores.operations.document import canonical, digest
from survey_app.scores.operations.verifying import verify
from survey_app.scores.queries.snapshots import named
from survey_app.scores.rules.errors import NoSnapshot
from survey_app.scores.rules.verification import Verification
from tests.scores import evaluation as ev


def whole(database: Database) -> ev.Evaluation:
    """A closed campaign with everybody's answers and one snapshot."""
    with database.writing() as session:
        made = ev.make(session, ev.setup_document())
        ev.whole(session, made, n=40)
        ev.close(session, made)
    snapshot(database, made)
    return made


def snapshot(database: Database, made: ev.Evaluation) -> None:
    with database.reading() as session:
        found = compute.compute(session, made.campaign)
    with database.writing() as session:
        compute.keep(session, found, clock.now(), None)
        session.commit()


def verified(database: Database, name: str = "pg2026/1") -> Verification:
    with database.reading() as session:
        return verify(session, named(session, name))


def change(database: Database, *statements: Any) -> None:
    with database.writing() as session:
        for statement in statements:
            session.execute(statement)
        session.commit()


def rewrite(database: Database, *, log: bool = True, **values: Any) -> None:
    """Put something else into the stored provenance or report, and with `log` into the audit log as well, as only
    somebody can who may change the schema.
    """
    with database.writing() as session:
        row = session.scalars(select(ScoreSnapshot)).one()
        provenance, report = json.loads(row.provenance), json.loads(row.report)
        if "software" in values:
            provenance["software"] |= values["software"]
        if "circumstances" in values:
            provenance["circumstances"] = [one | values["circumstances"] for one in provenance["circumstances"]]
        if "status" in values:
            report["scores"][0]["status"] = values["status"]
            provenance["report_hash"] = row.report_hash = digest(report)
        if "shift" in values:
            report["scores"][0]["score"] += values["shift"]
            provenance["report_hash"] = row.report_hash = digest(report)
        if "words" in values:
            given = next(one for one in report["open_answers"] if one["texts"])
            given["texts"] = [values["words"], *given["texts"][1:]]
            provenance["report_hash"] = row.report_hash = digest(report)
        row.provenance, row.report = canonical(provenance).decode(), canonical(report).decode()
        if log:
            session.execute(text("DROP TRIGGER audit_entry_is_not_changed"))
            entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "score.compute")).one()
            entry.detail = json.dumps(json.loads(entry.detail) | {"provenance_hash": digest(provenance)})
        session.commit()


def test_untouched_snapshot__comes_out_again_digit_by_digit(each_database: Database) -> None:
    whole(each_database)
    result = verified(each_database)
    assert result.same
    assert result.same_software
    assert "逐位" in next(result.lines())


def test_snapshot_with_carried_and_hidden_numbers__comes_out_again(each_database: Database) -> None:
    with each_database.writing() as session:
        made = ev.make(session, ev.setup_document())
        for unit in made.units:
            ev.recipients(session, made, unit, 40)
    snapshot(each_database, made)
    with each_database.writing() as session:
        ev.recipients(session, made, "u01", 3, seed=5)
        ev.recipients(session, made, "u02", 4, seed=5)
        ev.recipients(session, made, "u02", 5, seed=6, answers={"sr_acc_info": "na"})
        ev.close(session, made)
    snapshot(each_database, made)
    assert verified(each_database, "pg2026/2").same


def test_answers_that_came_later__are_named(each_database: Database) -> None:
    with each_database.writing() as session:
        made = ev.make(session, ev.setup_document())
        ev.recipients(session, made, "u01", 40)
    snapshot(each_database, made)
    with each_database.writing() as session:
        ev.recipients(session, made, "u01", 1, seed=5)
    result = verified(each_database)
    assert [one.code for one in result.differences] == ["answers_changed"]
    assert "service_recipient" in result.differences[0].place


def test_changed_answer__is_found(computed: ev.Evaluation, database: Database) -> None:
    with database.reading() as session:
        one = session.scalars(select(Response.id)).first()
    change(database, update(Response).where(Response.id == one).values(answers='{"sr_overall":"vs"}'))
    assert [one.code for one in verified(database).differences] == ["answers_changed"]


def test_changed_report__is_found(computed: ev.Evaluation, database: Database) -> None:
    with database.writing() as session:
        row = session.scalars(select(ScoreSnapshot)).one()
        row.report = row.report.replace('"status":"', '"status":"x', 1)
        session.commit()
    assert {one.code for one in verified(database).differences} == {"report_changed"}


def test_changed_number_with_its_hash_made_to_fit__is_found_at_its_place(
    computed: ev.Evaluation, database: Database
) -> None:
    rewrite(database, shift=1e-6)
    result = verified(database)
    assert [(one.code, one.place) for one in result.differences] == [("number_changed", "/scores/0/score")]


def test_changed_plan__is_found(computed: ev.Evaluation, database: Database) -> None:
    with database.reading() as session:
        plan = session.scalars(select(FrozenDefinition.document).where(FrozenDefinition.kind == "plan")).one()
    easier = plan.replace('"min_cell":5', '"min_cell":6')
    assert easier != plan
    change(database, update(FrozenDefinition).where(FrozenDefinition.kind == "plan").values(document=easier))
    assert [one.code for one in verified(database).differences] == ["definition_changed"]


@pytest.mark.parametrize(("shift", "same"), [(1e-11, True), (1e-6, False)])
def test_other_software__may_differ_in_the_last_digits_only(
    computed: ev.Evaluation, database: Database, shift: float, *, same: bool
) -> None:
    rewrite(database, software={"numpy": "1.0"}, shift=shift)
    result = verified(database)
    assert result.same is same
    assert not result.same_software
    assert any("numpy 1.0 → " in line for line in result.lines())


def test_other_software__is_no_excuse_for_another_status(computed: ev.Evaluation, database: Database) -> None:
    rewrite(database, software={"numpy": "1.0"}, status="scored")
    assert [one.place for one in verified(database).differences][-1] == "/scores/0/status"


def test_provenance_that_is_not_the_one_logged__is_found_even_where_no_number_changes(
    computed: ev.Evaluation, database: Database
) -> None:
    rewrite(database, log=False, circumstances={"activated": 1_000})
    assert "provenance_changed" in [one.code for one in verified(database).differences]


def test_snapshot_that_nobody_logged__is_found(computed: ev.Evaluation, database: Database) -> None:
    change(
        database,
        text("DROP TRIGGER audit_entry_is_not_changed"),
        update(AuditEntry).where(AuditEntry.action == "score.compute").values(action="other"),
    )
    assert [one.code for one in verified(database).differences] == ["provenance_changed"]


def test_cards_registered_later__do_not_change_what_was_computed(computed: ev.Evaluation, database: Database) -> None:
    with database.writing() as session:
        door = session.scalars(select(Collector).where(Collector.audience == "staff")).first()
        assert door is not None
        batch = CardBatch(collector_id=door.id)
        session.add(batch)
        session.flush()
        for number in range(40):
            session.add(AccessCode(hash=bytes([number]) * 32, collector_id=door.id, batch_id=batch.id, active=True))
        session.add(CardMovement(batch_id=batch.id, kind="handed_out", cards=35, on_day=clock.now().date()))
        session.commit()
    assert verified(database).same


@pytest.mark.parametrize("name", ["pg2026/9", "nobody/1", "pg2026", "pg2026/", "999999999999", "pg2026/一"])
def test_snapshot_that_does_not_exist__is_said(computed: ev.Evaluation, database: Database, name: str) -> None:
    with pytest.raises(NoSnapshot):
        verified(database, name)


def test_snapshot__is_also_found_by_its_id(computed: ev.Evaluation, database: Database) -> None:
    with database.reading() as session:
        found = session.scalars(select(ScoreSnapshot.id)).one()
        assert named(session, str(found)) == named(session, "pg2026/1") == found

"""Reading a campaign's answers: all of them, once, in one consistent state, sealed without saying who."""

from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session

from analysis.frame import NO_DEPARTMENT
from survey_app.db import Database
from survey_app.responses.models import Response
from survey_app.scores.operations import circumstances, compute, loading
from survey_app.scores.operations.loading import Loaded
from survey_app.scores.rules.errors import AnswersArriving
from tests.scores import evaluation as ev

EVERYBODY = frozenset({"staff", "service_recipient", "related_department"})


def prepared(database: Database, **how: Any) -> ev.Evaluation:
    with database.writing() as session:
        return ev.make(session, ev.setup_document(**how))


def load(session: Session, made: ev.Evaluation, without: frozenset[str] = frozenset()) -> Loaded:
    scope = circumstances.scope_of(session, made.campaign)
    return compute.read(session, scope, without).loaded


def coded(loaded: Loaded, name: str) -> Any:
    return next(answers for answers in loaded.answers if answers.questionnaire.id == name)


def test_answers__point_to_their_unit_stratum_and_department(each_database: Database) -> None:
    made = prepared(each_database)
    with each_database.writing() as session:
        ev.recipients(session, made, "u01", 3, stratum="window")
        ev.recipients(session, made, "u02", 2, stratum="online")
        ev.raters(session, made, "d02", ["u01", "u02"], n=2)
    with each_database.reading() as session:
        loaded = load(session, made)
    recipients, raters = coded(loaded, "service_recipient"), coded(loaded, "related_department")
    strata = [loaded.strata[place] for place in recipients.stratum]
    assert sorted(zip(recipients.unit.tolist(), strata, strict=True)) == [(0, "window")] * 3 + [(1, "online")] * 2
    assert set(recipients.department.tolist()) == {NO_DEPARTMENT}
    assert set(raters.department.tolist()) == {1}
    assert sorted(raters.unit.tolist()) == [0, 0, 1, 1]
    assert coded(loaded, "staff").codes.shape[0] == 0


def test_sittings_over_several_units__are_tied_and_others_are_not(each_database: Database) -> None:
    made = prepared(each_database)
    with each_database.writing() as session:
        ev.raters(session, made, "d01", ["u01", "u02"], n=3)
        ev.recipients(session, made, "u01", 4)
    with each_database.reading() as session:
        loaded = load(session, made)
    assert np.bincount(coded(loaded, "related_department").sitting).tolist() == [2, 2, 2]
    assert len(set(coded(loaded, "service_recipient").sitting.tolist())) == 4


def test_pilot_answers__are_never_read(each_database: Database) -> None:
    made = prepared(each_database)
    with each_database.writing() as session:
        ev.recipients(session, made, "u01", 3, pilot=True)
        ev.recipients(session, made, "u01", 2, seed=2)
    with each_database.reading() as session:
        assert len(coded(load(session, made), "service_recipient").codes) == 2


def test_audience_that_must_wait__is_not_read_at_all(database: Database) -> None:
    made = prepared(database)
    with database.writing() as session:
        ev.staff(session, made, "u01", 5)
    with database.reading() as session:
        loaded = load(session, made, frozenset({"staff"}))
    assert len(coded(loaded, "staff").codes) == 0
    assert set(loaded.digests) == {"service_recipient", "related_department"}


def test_more_answers_than_a_page__come_whole_and_only_once(
    each_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = prepared(each_database)
    with each_database.writing() as session:
        ev.recipients(session, made, "u01", 25)
        ev.recipients(session, made, "u02", 10)
    with each_database.reading() as session:
        whole = coded(load(session, made), "service_recipient")
        monkeypatch.setattr(loading, "PAGE", 7)
        paged = coded(load(session, made), "service_recipient")
    assert np.bincount(paged.unit).tolist() == [25, 10]
    assert (paged.codes == whole.codes).all()


def test_another_campaign__stays_out(database: Database) -> None:
    made = prepared(database)
    other = prepared(database, code="another", units=1)
    with database.writing() as session:
        ev.recipients(session, made, "u01", 3)
        ev.recipients(session, other, "u01", 4, seed=7)
    with database.reading() as session:
        assert len(coded(load(session, made), "service_recipient").codes) == 3


class Arriving(Session):
    """A session during whose reading a box is emptied, `times` times."""

    def __init__(self, engine: Engine, database: Database, made: ev.Evaluation, times: int) -> None:
        super().__init__(engine)
        self._database, self._made, self.times = database, made, times

    def rollback(self) -> None:
        super().rollback()
        if self.times:
            self.times -= 1
            with self._database.writing() as session:
                ev.recipients(session, self._made, "u01", 1, seed=100 + self.times)


def test_box_emptied_while_reading__is_read_again_from_the_start(database: Database) -> None:
    made = prepared(database)
    with database.writing() as session:
        ev.recipients(session, made, "u01", 3)
    with Arriving(database.engine, database, made, times=3) as session:
        assert len(coded(load(session, made), "service_recipient").codes) == 6


def test_boxes_emptied_all_the_time__is_said_and_not_half_read(database: Database) -> None:
    made = prepared(database)
    with database.writing() as session:
        ev.recipients(session, made, "u01", 3)
    with Arriving(database.engine, database, made, times=50) as session, pytest.raises(AnswersArriving):
        load(session, made)


def digest_after(database: Database, change: Any) -> dict[str, str]:
    """The digests after a change, whose session is committed."""
    with database.writing() as session:
        made = change(session)
        session.commit()
    with database.reading() as session:
        return load(session, made).digests


def test_digest__holds_for_the_same_answers_under_other_ids_in_another_order(each_database: Database) -> None:
    made = prepared(each_database)
    with each_database.writing() as session:
        ev.recipients(session, made, "u01", 12)
    before = digest_after(each_database, lambda _: made)

    def renumbered(session: Session) -> ev.Evaluation:
        rows = session.scalars(select(Response)).all()
        for number, row in enumerate(sorted(rows, key=lambda row: row.answers)):
            session.execute(update(Response).where(Response.id == row.id).values(id=bytes([number]) * 16))
        return made

    assert digest_after(each_database, renumbered) == before


@pytest.mark.parametrize("change", ["answers", "unit_id", "stratum", "a row less"])
def test_digest__changes_with_anything_that_a_score_rests_on(database: Database, change: str) -> None:
    made = prepared(database)
    with database.writing() as session:
        ev.recipients(session, made, "u01", 6)
        ev.staff(session, made, "u01", 2)
    before = digest_after(database, lambda _: made)

    def changed(session: Session) -> ev.Evaluation:
        one = session.scalars(select(Response).where(Response.stratum == "window")).first()
        assert one is not None
        values: dict[str, object] = {"answers": "{}", "unit_id": made.units["u02"], "stratum": "online"}
        if change in values:
            session.execute(update(Response).where(Response.id == one.id).values(**{change: values[change]}))
        else:
            session.execute(delete(Response).where(Response.id == one.id))
        return made

    after = digest_after(database, changed)
    assert after["service_recipient"] != before["service_recipient"]
    assert after["staff"] == before["staff"]


def test_digest__is_keyed(database: Database) -> None:
    made = prepared(database)
    other = prepared(database, code="another")
    for found in (made, other):
        with database.writing() as session:
            ev.recipients(session, found, "u01", 3, answers={"sr_open": "x"}, seed=1 if found is made else 2)
            session.execute(update(Response).values(answers='{"sr_overall":"s"}'))
            session.commit()
    assert digest_after(database, lambda _: made) != digest_after(database, lambda _: other)

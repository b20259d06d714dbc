"""Making, activating, voiding and registering cards, on both databases."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from survey_app.admission import operations, queries, rules
from survey_app.admission.models import AccessCode, CardBatch
from survey_app.db import Database
from survey_app.errors import NotFound
from tests.factories.campaign import doors, draft

TODAY = date(2026, 5, 4)


def collector(session: Session) -> int:
    return doors(session, draft(session), "staff")[0].id


def use(session: Session, code: str) -> None:
    session.execute(
        update(AccessCode).where(AccessCode.hash == rules.code_hash(code)).values(used=True, receipt=b"r" * 32)
    )


def test_batch__activates_up_to_the_headcount_and_keeps_only_hashes(each_database: Database) -> None:
    with each_database.writing() as session:
        door = collector(session)
        batch = operations.make_batch(session, door, 12, headcount=10)
        assert len(set(batch.codes)) == 12
        assert batch.activated == 10
        stored = {row.hash: row.active for row in session.scalars(select(AccessCode))}
        assert stored == {rules.code_hash(code): position < 10 for position, code in enumerate(batch.codes)}
        # Spares stand in the order in which they will be activated.
        spares = [rules.code_hash(code) for code in batch.codes[10:]]
        assert spares == sorted(spares)


def test_second_batch__activates_only_what_the_headcount_still_allows(each_database: Database) -> None:
    with each_database.writing() as session:
        door = collector(session)
        assert operations.make_batch(session, door, 7, headcount=10).activated == 7
        assert operations.make_batch(session, door, 7, headcount=10).activated == 3
        assert operations.make_batch(session, door, 7, headcount=10).activated == 0
        counts = queries.counts(session, [door])[door]
        assert (counts.made, counts.activated, counts.spare) == (21, 10, 11)


@pytest.mark.parametrize("cards", [0, -1, operations.MOST_CARDS + 1])
def test_batch__of_no_cards_or_too_many__is_refused(database: Database, cards: int) -> None:
    with database.writing() as session:
        with pytest.raises(rules.TooManyCards):
            operations.make_batch(session, collector(session), cards, headcount=10)
        assert session.scalar(select(func.count()).select_from(CardBatch)) == 0


def test_large_batch__is_stored_whole(each_database: Database) -> None:
    with each_database.writing() as session:
        door = collector(session)
        batch = operations.make_batch(session, door, 2500, headcount=2400)
        assert session.scalar(select(func.count()).select_from(AccessCode)) == 2500
        assert queries.batch_counts(session, [batch.id])[batch.id].activated == 2400


def test_standing__says_what_is_known_of_a_code(each_database: Database) -> None:
    with each_database.writing() as session:
        door = collector(session)
        batch = operations.make_batch(session, door, 3, headcount=2)
        first, second, spare = (rules.code_hash(code) for code in batch.codes)
        use(session, batch.codes[0])
        used = queries.code_standing(session, first)
        assert used == rules.CodeStanding(door, active=True, used=True, receipt=b"r" * 32, voided=False)
        fresh = queries.code_standing(session, second)
        assert fresh == rules.CodeStanding(door, active=True, used=False, receipt=None, voided=False)
        inactive = queries.code_standing(session, spare)
        assert inactive is not None and not inactive.active
        assert queries.code_standing(session, b"0" * 32) is None


def test_void__makes_a_whole_batch_worthless_and_frees_its_places(each_database: Database) -> None:
    with each_database.writing() as session:
        door = collector(session)
        batch = operations.make_batch(session, door, 10, headcount=10)
        operations.void_batch(session, batch.id)
        standing = queries.code_standing(session, rules.code_hash(batch.codes[0]))
        assert standing is not None and standing.voided and not standing.active
        counts = queries.counts(session, [door])[door]
        assert (counts.made, counts.voided, counts.activated, counts.spare) == (10, 10, 0, 0)
        assert operations.make_batch(session, door, 10, headcount=10).activated == 10


def test_void__twice__is_refused(each_database: Database) -> None:
    with each_database.writing() as session:
        batch = operations.make_batch(session, collector(session), 2, headcount=2)
        operations.void_batch(session, batch.id)
        with pytest.raises(rules.BatchVoided):
            operations.void_batch(session, batch.id)


def test_void__of_a_batch_that_was_handed_out__is_refused(each_database: Database) -> None:
    with each_database.writing() as session:
        batch = operations.make_batch(session, collector(session), 5, headcount=5)
        operations.register(session, batch.id, "printed", 5, on_day=TODAY, note="")
        operations.register(session, batch.id, "handed_out", 1, on_day=TODAY, note="办公室")
        with pytest.raises(rules.BatchIssued):
            operations.void_batch(session, batch.id)


def test_void__of_a_batch_with_a_used_code__is_refused_and_changes_nothing(each_database: Database) -> None:
    with each_database.writing() as session:
        batch = operations.make_batch(session, collector(session), 5, headcount=5)
        use(session, batch.codes[3])
        session.commit()
        with pytest.raises(rules.BatchIssued):
            operations.void_batch(session, batch.id)
        session.rollback()
        assert queries.batch_counts(session, [batch.id])[batch.id].activated == 5


def test_register__keeps_its_sums(each_database: Database) -> None:
    with each_database.writing() as session:
        door = collector(session)
        batch = operations.make_batch(session, door, 10, headcount=10)
        for kind, cards in (("printed", 10), ("handed_out", 4), ("handed_out", 3), ("returned_unused", 2)):
            operations.register(session, batch.id, kind, cards, on_day=TODAY, note=" 综合科 ")  # type: ignore[arg-type]
        counts = queries.counts(session, [door])[door]
        assert (counts.printed, counts.handed_out, counts.returned_unused) == (10, 7, 2)
        assert [entry.note for entry in queries.movements(session, [batch.id])] == ["综合科"] * 4
        assert session.get_one(CardBatch, batch.id).state == "handed_out"


@pytest.mark.parametrize(
    ("before", "kind", "cards"),
    [
        ([], "printed", 11),
        ([("printed", 10)], "printed", 1),
        ([], "handed_out", 1),
        ([("printed", 10), ("handed_out", 7)], "handed_out", 4),
        ([("printed", 10)], "returned_unused", 1),
        ([("printed", 10), ("handed_out", 3), ("returned_unused", 1)], "returned_unused", 3),
        ([("printed", 10)], "handed_out", 0),
        ([("printed", 10)], "handed_out", -1),
    ],
)
def test_register__with_more_cards_than_there_are__is_refused(
    database: Database, before: list[tuple[str, int]], kind: str, cards: int
) -> None:
    with database.writing() as session:
        batch = operations.make_batch(session, collector(session), 10, headcount=10)
        for earlier, count in before:
            operations.register(session, batch.id, earlier, count, on_day=TODAY, note="")  # type: ignore[arg-type]
        with pytest.raises(rules.RegisterDoesNotAddUp):
            operations.register(session, batch.id, kind, cards, on_day=TODAY, note="")  # type: ignore[arg-type]


def test_register__of_a_voided_or_unknown_batch__is_refused(database: Database) -> None:
    with database.writing() as session:
        batch = operations.make_batch(session, collector(session), 2, headcount=2)
        operations.void_batch(session, batch.id)
        with pytest.raises(rules.BatchVoided):
            operations.register(session, batch.id, "printed", 1, on_day=TODAY, note="")
        with pytest.raises(NotFound):
            operations.register(session, 999, "printed", 1, on_day=TODAY, note="")


def test_spares__need_two_people(each_database: Database) -> None:
    with each_database.writing() as session:
        batch = operations.make_batch(session, collector(session), 12, headcount=10)
        with pytest.raises(rules.SamePerson):
            operations.activate_spares(session, batch.id, 1, 11, requested_by=1, approved_by=1)


def test_spares__come_into_play_only_for_cards_that_went_out_of_it(each_database: Database) -> None:
    with each_database.writing() as session:
        door = collector(session)
        batch = operations.make_batch(session, door, 13, headcount=10)
        with pytest.raises(rules.NoRoomForSpares) as refused:
            operations.activate_spares(session, batch.id, 1, 10, requested_by=1, approved_by=2)
        assert refused.value.values == {"room": 0, "cards": 1}
        operations.register(session, batch.id, "printed", 13, on_day=TODAY, note="")
        operations.register(session, batch.id, "handed_out", 10, on_day=TODAY, note="")
        operations.register(session, batch.id, "returned_unused", 2, on_day=TODAY, note="破损")
        with pytest.raises(rules.NoRoomForSpares):
            operations.activate_spares(session, batch.id, 3, 10, requested_by=1, approved_by=2)
        operations.activate_spares(session, batch.id, 2, 10, requested_by=1, approved_by=2)
        standing = [queries.code_standing(session, rules.code_hash(code)) for code in batch.codes[10:]]
        # "备用 1" and "备用 2", not "备用 3".
        assert [found.active for found in standing if found] == [True, True, False]


def test_spares__of_a_batch_without_any__are_refused(database: Database) -> None:
    with database.writing() as session:
        batch = operations.make_batch(session, collector(session), 5, headcount=10)
        with pytest.raises(rules.NoRoomForSpares):
            operations.activate_spares(session, batch.id, 1, 10, requested_by=1, approved_by=2)


def test_batches__made_at_the_same_time__never_activate_more_than_the_headcount(each_database: Database) -> None:
    with each_database.writing() as session:
        door = collector(session)
        session.commit()
    start = threading.Barrier(4)

    def make(_number: int) -> int:
        with each_database.writing() as session:
            if not each_database.is_sqlite:
                # SQLite has one writer at a time from the first statement on; PostgreSQL lets all four in here.
                session.scalar(select(func.count()).select_from(CardBatch))
                start.wait(10)
            batch = operations.make_batch(session, door, 8, headcount=10)
            session.commit()
            return batch.activated

    with ThreadPoolExecutor(4) as pool:
        activated = list(pool.map(make, range(4)))
    assert sorted(activated) == [0, 0, 2, 8]

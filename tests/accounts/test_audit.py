"""The audit log: entries chain, any change shows, appends wait for each other, nothing is changed or removed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from survey_app.accounts.models import AuditEntry
from survey_app.accounts.operations.audit import ORIGIN, AuditCheck, Head, entry_hash, record, verify
from survey_app.accounts.queries import AUDIT_PAGE, AuditSearch, audit_entries
from survey_app.accounts.rules import Role
from survey_app.db import Base, Database

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def write(database: Database, entries: int) -> None:
    with database.writing() as session:
        for number in range(entries):
            record(
                session, NOON + timedelta(seconds=number), number % 3 or None, "campaign.open", f"campaign:c{number}"
            )
        session.commit()


def check(database: Database, noted: Head | None = None) -> AuditCheck:
    with database.reading() as session:
        return verify(session, noted)


def without_triggers(session: Session) -> None:
    """What somebody with the rights of the schema can do before they tamper."""
    on = " ON audit_entry" if session.get_bind().dialect.name == "postgresql" else ""
    for name in ("audit_entry_is_not_changed", "audit_entry_is_not_removed", "audit_entry_is_not_emptied"):
        session.execute(text(f"DROP TRIGGER IF EXISTS {name}{on}"))


def test_entries__follow_one_from_the_other(each_database: Database) -> None:
    write(each_database, 5)
    with each_database.reading() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.number)).all()
    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5]
    assert [entry.previous_hash for entry in entries] == [ORIGIN, *(entry.hash for entry in entries[:-1])]
    assert check(each_database) == AuditCheck(True, 5, None, Head(5, entries[-1].hash))


def test_empty_log__is_sound_and_has_no_head(database: Database) -> None:
    assert check(database) == AuditCheck(True, 0, None, None)


def test_detail__is_canonical_and_takes_dates_and_roles(database: Database) -> None:
    with database.writing() as session:
        detail = {"z": date(2026, 5, 1), "a": Role.AUDITOR, "m": [1, 2.5, None, True], "at": NOON}
        entry = record(session, NOON, None, "role.grant", "person:li", detail)
        expected = '{"a":"auditor","at":"2026-05-01T12:00:00+00:00","m":[1,2.5,null,true],"z":"2026-05-01"}'
        assert entry.detail == expected


def test_detail__that_json_cannot_hold__is_refused(database: Database) -> None:
    with database.writing() as session, pytest.raises(TypeError, match="bytes"):
        record(session, NOON, None, "role.grant", "person:li", {"code": b"secret"})


def test_hash__is_that_of_the_canonical_json() -> None:
    entry = AuditEntry(number=1, at=NOON, person_id=None, action="a", subject="b", detail="{}", previous_hash=ORIGIN)
    # sha256sum of {"action":"a","at":"2026-05-01T12:00:00.000000Z","detail":"{}","number":1,"person_id":null,
    # "previous_hash":"0…0","subject":"b"} without line breaks and blanks.
    assert entry_hash(entry) == "c56f946d8a90ee8667644363ea64593c6855d8e361a863c37772812013a4bf90"


def changed(value: Any) -> Any:
    """Another value of the same kind, as near as can be."""
    if value is None:
        return 1
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1)
    if isinstance(value, int):
        return value + 1000
    return value[:-1] + ("0" if value[-1] != "0" else "1")


FIELDS = sorted(column.name for column in Base.metadata.tables["audit_entry"].columns)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=st.integers(1, 5), field=st.sampled_from(FIELDS))
def test_any_field_of_any_entry__once_changed__breaks_the_chain_at_or_next_to_it(
    database: Database, number: int, field: str
) -> None:
    with database.writing() as session:
        without_triggers(session)
        session.execute(delete(AuditEntry))
        session.commit()
    write(database, 5)
    with database.writing() as session:
        entry = session.get_one(AuditEntry, number)
        session.execute(
            update(AuditEntry).where(AuditEntry.number == number).values({field: changed(getattr(entry, field))})
        )
        session.commit()
    found = check(database)
    assert not found.ok
    assert found.first_bad == number


@pytest.mark.parametrize("field", FIELDS)
def test_changed_field__shows_on_both_databases(each_database: Database, field: str) -> None:
    write(each_database, 3)
    with each_database.writing() as session:
        without_triggers(session)
        entry = session.get_one(AuditEntry, 2)
        session.execute(
            update(AuditEntry).where(AuditEntry.number == 2).values({field: changed(getattr(entry, field))})
        )
        session.commit()
    assert check(each_database).first_bad == 2


def test_removed_entry__shows(database: Database) -> None:
    write(database, 5)
    with database.writing() as session:
        without_triggers(session)
        session.execute(delete(AuditEntry).where(AuditEntry.number == 3))
        session.commit()
    assert check(database).first_bad == 3


def test_removed_and_renumbered__shows(database: Database) -> None:
    write(database, 5)
    with database.writing() as session:
        without_triggers(session)
        session.execute(delete(AuditEntry).where(AuditEntry.number == 3))
        session.execute(update(AuditEntry).where(AuditEntry.number == 4).values(number=3))
        session.execute(update(AuditEntry).where(AuditEntry.number == 5).values(number=4))
        session.commit()
    assert check(database).first_bad == 3


def test_changed_entry_with_its_own_hash_made_anew__shows_at_the_next(database: Database) -> None:
    write(database, 5)
    with database.writing() as session:
        without_triggers(session)
        entry = session.get_one(AuditEntry, 3)
        entry.subject = "campaign:other"
        entry.hash = entry_hash(entry)
        session.commit()
    assert check(database).first_bad == 4


def test_removed_entry_with_the_rest_chained_anew__shows_by_the_missing_number(database: Database) -> None:
    write(database, 5)
    with database.writing() as session:
        without_triggers(session)
        session.execute(delete(AuditEntry).where(AuditEntry.number == 3))
        previous = session.get_one(AuditEntry, 2).hash
        for number in (4, 5):
            entry = session.get_one(AuditEntry, number)
            entry.previous_hash = previous
            entry.hash = previous = entry_hash(entry)
        session.commit()
    assert check(database).first_bad == 3


def test_removed_tail__shows_only_against_a_noted_head(database: Database) -> None:
    write(database, 5)
    noted = check(database).head
    with database.writing() as session:
        without_triggers(session)
        session.execute(delete(AuditEntry).where(AuditEntry.number > 3))
        session.commit()
    assert check(database).ok
    against = check(database, noted)
    assert (against.ok, against.first_bad, against.unlike_noted) == (False, 4, True)


def test_rewritten_chain__shows_only_against_a_noted_head(database: Database) -> None:
    write(database, 5)
    noted = check(database).head
    with database.writing() as session:
        without_triggers(session)
        previous = ORIGIN
        for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.number)):
            entry.previous_hash = previous
            entry.subject = "campaign:other" if entry.number == 2 else entry.subject
            entry.hash = previous = entry_hash(entry)
        session.commit()
    assert check(database).ok
    against = check(database, noted)
    assert (against.ok, against.first_bad, against.unlike_noted) == (False, 5, True)


def test_emptied_log__shows_against_a_noted_head(database: Database) -> None:
    write(database, 2)
    noted = check(database).head
    with database.writing() as session:
        without_triggers(session)
        session.execute(delete(AuditEntry))
        session.commit()
    assert check(database, noted) == AuditCheck(False, 0, 1, None, unlike_noted=True)


def test_entry_put_in_front_of_the_first__shows(each_database: Database) -> None:
    write(each_database, 2)
    with each_database.writing() as session:
        entry = AuditEntry(
            number=-1, at=NOON, person_id=None, action="campaign.open", subject="campaign:never", detail="{}"
        )
        entry.previous_hash = ORIGIN
        entry.hash = entry_hash(entry)
        session.add(entry)
        session.commit()
    assert check(each_database) == AuditCheck(False, 1, -1, None)


def test_noted_head__that_is_still_there__is_sound_while_the_log_grows(database: Database) -> None:
    write(database, 3)
    noted = check(database).head
    write(database, 2)
    assert check(database, noted).ok


def test_long_log__is_followed_across_pages(database: Database) -> None:
    write(database, 1003)
    found = check(database)
    assert (found.ok, found.entries) == (True, 1003)


def test_parallel_appends__all_arrive_and_chain(each_database: Database) -> None:
    def append(number: int) -> None:
        with each_database.writing() as session:
            record(session, NOON, None, "campaign.open", f"campaign:{number}")
            session.commit()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(append, range(24)))
    found = check(each_database)
    assert (found.ok, found.entries) == (True, 24)


def test_rolled_back_act__leaves_no_entry_and_no_gap(each_database: Database) -> None:
    write(each_database, 1)
    with each_database.writing() as session:
        record(session, NOON, None, "campaign.open", "campaign:never")
        session.rollback()
    write(each_database, 1)
    found = check(each_database)
    assert (found.ok, found.entries) == (True, 2)


def test_database__refuses_to_change_or_remove_an_entry(each_database: Database) -> None:
    write(each_database, 2)
    statements = ["UPDATE audit_entry SET subject = 'x'", "DELETE FROM audit_entry"]
    if each_database.is_sqlite:
        columns = "number + 0, at, person_id, action, 'x', detail, previous_hash, hash"
        statements.append(f"INSERT OR REPLACE INTO audit_entry SELECT {columns} FROM audit_entry")
    else:
        statements.append("TRUNCATE audit_entry")
    for statement in statements:
        with each_database.writing() as session, pytest.raises(DBAPIError, match="audit entries are never"):
            session.execute(text(statement))
    assert check(each_database).entries == 2


def test_search__narrows_by_act_person_subject_and_time(each_database: Database) -> None:
    with each_database.writing() as session:
        record(session, NOON, 1, "person.create", "person:li", {"name": "李 100%"})
        record(session, NOON + timedelta(hours=1), 2, "role.grant", "person:Li", {"role": "auditor"})
        record(session, NOON + timedelta(hours=2), 2, "campaign.open", "campaign:c1", {})
        session.commit()

        def numbers(**parts: Any) -> list[int]:
            return [entry.number for entry in audit_entries(session, AuditSearch(**parts))]

        assert numbers() == [3, 2, 1]
        assert numbers(action="person.") == [1]
        assert numbers(action="person_") == []
        assert numbers(subject="LI") == [2, 1]
        assert numbers(subject="100%") == [1]
        assert numbers(subject="1%0") == []
        assert numbers(subject="auditor") == [2]
        assert numbers(person_id=2) == [3, 2]
        assert numbers(since=NOON + timedelta(hours=1)) == [3, 2]
        assert numbers(until=NOON + timedelta(hours=1)) == [1]


def test_search__gives_a_page_and_one_more(database: Database) -> None:
    write(database, AUDIT_PAGE + 5)
    with database.reading() as session:
        first = audit_entries(session, AuditSearch())
        assert [first[0].number, first[-1].number] == [AUDIT_PAGE + 5, 5]
        assert len(first) == AUDIT_PAGE + 1
        rest = audit_entries(session, AuditSearch(), before=first[AUDIT_PAGE - 1].number)
        assert [entry.number for entry in rest] == [5, 4, 3, 2, 1]

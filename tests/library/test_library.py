"""Built-in definitions by name, frozen ones by hash."""

import hashlib
import json
import threading

import pytest
from sqlalchemy import func, select

from survey_app.db import Database
from survey_app.library import queries
from survey_app.library.models import FrozenDefinition
from survey_app.library.operations import freeze
from survey_app.library.rules import NotFrozen, UnknownDefinition
from survey_app.questionnaire.identity import content_hash
from tests.factories.campaign import NOON


def test_builtin_names__are_the_files_that_come_along() -> None:
    assert {"staff", "service_recipient", "related_department"} <= set(queries.builtin_names("questionnaire"))
    assert "default" in queries.builtin_names("plan")


@pytest.mark.parametrize("name", ["nobody", "../plans/default", "", "Staff", "staff.json", "plans/default"])
def test_builtin__under_a_name_that_is_none__says_what_there_is(name: str) -> None:
    with pytest.raises(UnknownDefinition) as refused:
        queries.builtin("questionnaire", name)
    assert "staff" in refused.value.message("zh")
    assert "staff" in refused.value.message("en")


def test_freeze__names_a_definition_by_the_hash_of_its_canonical_json(each_database: Database) -> None:
    document, text = queries.builtin("questionnaire", "staff")
    with each_database.writing() as session:
        found = freeze(session, "questionnaire", text, None, NOON)
        session.commit()
        row = session.get_one(FrozenDefinition, found)
        assert found == content_hash(document) == hashlib.sha256(row.document.encode()).hexdigest()
        assert (row.kind, row.name, row.version) == ("questionnaire", document["id"], document["version"])
        assert queries.questionnaire(session, found).id == "staff"


def test_freeze__of_the_same_content_in_another_layout__is_the_same_row(each_database: Database) -> None:
    document, text = queries.builtin("plan", "default")
    with each_database.writing() as session:
        first = freeze(session, "plan", text, None, NOON)
        again = freeze(session, "plan", json.dumps(dict(reversed(document.items())), indent=7), None, NOON)
        assert first == again
        assert session.scalar(select(func.count()).select_from(FrozenDefinition)) == 1
        assert queries.plan(session, first).id == "default"


def test_freeze__of_the_same_content_at_the_same_moment__is_the_same_row(each_database: Database) -> None:
    _, text = queries.builtin("plan", "default")
    found: list[str] = []

    def freeze_and_commit() -> None:
        with each_database.writing() as session:
            found.append(freeze(session, "plan", text, None, NOON))
            session.commit()

    with each_database.writing() as first:
        found.append(freeze(first, "plan", text, None, NOON))
        second = threading.Thread(target=freeze_and_commit)
        second.start()
        second.join(0.5)  # it waits for the first: for its write lock, or for its row
        first.commit()
    second.join()
    assert len(found) == 2
    assert len(set(found)) == 1


def test_freeze__of_a_set_up__goes_by_the_campaign_code(database: Database) -> None:
    document, text = queries.builtin("setup", "demo")
    with database.writing() as session:
        found = freeze(session, "setup", text, None, NOON)
        assert session.get_one(FrozenDefinition, found).name == document["campaign"]["code"]
        assert queries.setup(session, found).campaign.code == document["campaign"]["code"]


def test_unknown_hash__is_an_error_that_names_it(database: Database) -> None:
    with database.reading() as session, pytest.raises(NotFrozen, match="0000"):
        queries.questionnaire(session, "0" * 64)


def test_kept_definitions__are_bounded(database: Database) -> None:
    document, _ = queries.builtin("plan", "default")
    with database.writing() as session:
        for number in range(queries._KEPT + 5):
            queries.plan(session, freeze(session, "plan", json.dumps(document | {"version": f"v{number}"}), None, NOON))
    assert len(queries._parsed) <= queries._KEPT

"""A closed campaign with answers of everybody, and the same with a snapshot: made once, copied for each test."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from survey_app import clock
from survey_app.accounts.rules import Role
from survey_app.config import Config
from survey_app.db import Database
from survey_app.scores.operations import compute
from tests.factories.accounts import add_person
from tests.scores import evaluation as ev


@dataclass(frozen=True)
class Template:
    """A database file and what is in it. u03 has no service recipients; there is a person of every role."""

    path: Path
    made: ev.Evaluation


@pytest.fixture(scope="session")
def evaluated_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Template:
    path = tmp_path_factory.mktemp("evaluated") / "evaluated.sqlite3"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    with database.writing() as session:
        made = ev.make(session, ev.setup_document(units=3, without={"u03": "service_recipient"}))
        ev.whole(session, made, n=40)
        ev.close(session, made)
        for role in Role:
            add_person(session, role.value, (role, None if role in {"administrator", "auditor"} else made.code))
        session.commit()
    database.engine.dispose()
    return Template(path, made)


@pytest.fixture(scope="session")
def computed_template(evaluated_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Template:
    path = tmp_path_factory.mktemp("computed") / "computed.sqlite3"
    shutil.copy(evaluated_template.path, path)
    database = Database(f"sqlite:///{path}")
    with database.reading() as session:
        found = compute.compute(session, evaluated_template.made.campaign)
    with database.writing() as session:
        compute.keep(session, found, clock.now(), None)
        session.commit()
    database.engine.dispose()
    return Template(path, evaluated_template.made)


@pytest.fixture
def evaluated(config: Config, evaluated_template: Template) -> ev.Evaluation:
    """A closed campaign that nobody has computed; ask for it before `app` or `database`."""
    shutil.copy(evaluated_template.path, config.home / "pingyi.sqlite3")
    return evaluated_template.made


@pytest.fixture
def computed(config: Config, computed_template: Template) -> ev.Evaluation:
    """A closed campaign with one snapshot; ask for it before `app` or `database`."""
    shutil.copy(computed_template.path, config.home / "pingyi.sqlite3")
    return computed_template.made

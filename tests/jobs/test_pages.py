"""The page of jobs asks whether the process runs, of jobs that wait and of jobs that do not end."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from survey_app import clock
from survey_app.accounts.rules import Role
from survey_app.jobs.models import Job
from tests.factories.accounts import add_person, database_of, sign_in
from tests.jobs.test_consumer import waiting


@pytest.mark.parametrize(
    ("state", "minutes", "asked"),
    [("waiting", 0, False), ("waiting", 2, True), ("running", 2, False), ("running", 11, True)],
)
def test_page__of_a_job_that_does_not_end__asks_whether_the_process_runs(
    app: Flask, state: str, minutes: int, asked: bool
) -> None:
    database = database_of(app)
    waiting(database)
    with database.writing() as session:
        job = session.scalars(select(Job)).one()
        job.state, job.created_at = state, clock.now() - timedelta(minutes=minutes)
        add_person(session, "anna", (Role.DESIGNER, "c2026"))
        session.commit()
    client = app.test_client()
    sign_in(client, "anna")
    assert ("后台程序可能没有运行" in client.get("/office/campaigns/c2026/jobs").text) == asked

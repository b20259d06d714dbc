"""The pages of cards made elsewhere: an order out, a hashes file in, and the job that stores it."""

import io
import re
import subprocess
import zipfile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from pyzbar.pyzbar import decode
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from survey_app.accounts.rules import Role
from survey_app.admission.models import AccessCode
from survey_app.admission.rules import code_hash
from survey_app.campaigns.models import Campaign, Collector
from survey_app.campaigns.operations.cards import set_tier
from survey_app.cli.jobs import HANDLERS
from survey_app.db import Database
from survey_app.jobs.models import Job
from survey_app.jobs.operations import consumer, keeping
from survey_app.offline_cards import rules
from tests.factories.accounts import add_person, csrf_token, database_of, sign_in
from tests.factories.campaign import NOON, doors, draft
from tests.offline_cards.making import made

C = "/office/campaigns/c2026"


@pytest.fixture
def database(app: Flask) -> Database:
    return database_of(app)


@pytest.fixture
def desk(app: Flask, database: Database) -> FlaskClient:
    """A designer of a draft with cards and one open link."""
    with database.writing() as session:
        campaign = draft(session)
        link = doors(session, campaign, "service_recipient")[0]
        set_tier(session, campaign, link.id, "T0", now=NOON, person_id=None)
        add_person(session, "anna", (Role.DESIGNER, "c2026"))
        session.commit()
    client = app.test_client()
    sign_in(client, "anna")
    return client


def uploaded(client: FlaskClient, data: bytes, name: str = "hashes.json") -> TestResponse:
    token = csrf_token(client.get(f"{C}/offline-cards"))
    return client.post(f"{C}/offline-cards", data={"csrf_token": token, "file": (io.BytesIO(data), name)})


def count(database: Database, table: type) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_order_out_and_hashes_in__by_a_job_that_its_page_shows(desk: FlaskClient, database: Database) -> None:
    order = rules.read_order(desk.get(f"{C}/offline-cards/order.json").data, "order.json")
    assert "pingyi codes make c2026-order.json" in desk.get(f"{C}/offline-cards").text
    chosen = [door for door in order.doors if door.audience == "staff"][:2]
    file, codes = made(order, {door.collector: (12, 12) for door in chosen})
    answer = uploaded(desk, rules.written(file))
    assert (answer.status_code, answer.location) == (303, f"{C}/jobs")
    page = desk.get(f"{C}/jobs").text
    assert "等待" in page and "0/2" in page
    assert count(database, AccessCode) == 0

    with database.writing() as session:
        job_id = keeping.take(session)
        session.commit()
    consumer.run(database, HANDLERS, job_id or 0)
    page = desk.get(f"{C}/jobs").text
    assert "完成" in page and "2/2" in page
    assert count(database, AccessCode) == 24
    with database.reading() as session:
        entry = session.scalars(select(Job)).one()
        assert entry.person_id is not None
    assert not any(code in page for some in codes.values() for code in some)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("broken", "不是完整的摘要文件"),
        ("damaged", "校验值不符"),
        ("too_many", "最多还可启用"),
        ("nothing", "请选择文件"),
    ],
)
def test_file_that_is_refused__is_told_on_the_page_and_stores_nothing(
    desk: FlaskClient, database: Database, name: str, words: str
) -> None:
    order = rules.read_order(desk.get(f"{C}/offline-cards/order.json").data, "order.json")
    door = order.doors[0]
    file, _ = made(order, {door.collector: (door.headcount + 1, door.headcount + 1)})
    whole = rules.written(file)
    data = {"broken": whole[:100], "damaged": whole.replace(b'"spare": []', b'"spare": ["' + b"0" * 64 + b'"]')}
    answer = uploaded(desk, data.get(name, whole), "" if name == "nothing" else "hashes.json")
    assert answer.status_code in {409, 422}
    assert words in answer.text
    assert (count(database, Job), count(database, AccessCode)) == (0, 0)


@pytest.mark.parametrize("paper", ["pdf12", "pdf24"])
def test_cards_made_on_the_server__come_as_a_file_that_is_kept_nowhere(
    desk: FlaskClient, database: Database, paper: str
) -> None:
    with database.reading() as session:
        door = doors(session, session.scalars(select(Campaign)).one(), "staff")[0]
    token = csrf_token(desk.get(f"{C}/collectors/{door.id}/cards"))
    sent = {"csrf_token": token, "cards": "10", "paper": paper, "made_before": "0"}
    answer = desk.post(f"{C}/collectors/{door.id}/cards", data=sent)
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    text = subprocess.run(["pdftotext", "-raw", "-", "-"], input=answer.data, capture_output=True, check=True).stdout
    found = re.findall(r"[0-9A-HJKMNP-TV-Z]{16}", text.decode().replace(" ", "").replace("\n", ""))
    with database.reading() as session:
        assert {code_hash(code) for code in found} == set(session.scalars(select(AccessCode.hash)))


def test_open_link__has_a_picture_for_chat_groups__and_all_of_them_come_in_one_archive(
    desk: FlaskClient, database: Database
) -> None:
    with database.reading() as session:
        link = session.scalars(select(Collector).where(Collector.tier == "T0")).one()
        code = link.open_code
    picture = Image.open(io.BytesIO(desk.get(f"{C}/collectors/{link.id}/share.png").data))
    (found,) = decode(picture)
    assert found.data.decode().endswith(f"/Q/{code}")
    assert picture.width == 1080
    with zipfile.ZipFile(io.BytesIO(desk.get(f"{C}/posters.zip").data)) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 2
        for name in archive.namelist():
            (found,) = decode(Image.open(io.BytesIO(archive.read(name))))
            assert found.data.decode().endswith(f"/Q/{code}")

"""Paper on its pages: typing with a keyboard alone, with and without scripts, two passes, and nothing to look up."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from sqlalchemy import func, select

from survey_app.accounts.rules import Role
from survey_app.db import Database
from survey_app.fieldwork.operations import paper_entries
from survey_app.fieldwork.paper_models import PaperEntry
from survey_app.responses.models import Response
from tests.factories.accounts import PASSWORD, add_person, csrf_token, send, sign_in
from tests.factories.campaign import doors
from tests.factories.paper import door_with_paper, installed, rated, typed

C = "/office/campaigns/c2026"


@pytest.fixture
def database(app: Flask) -> Database:
    found: Database = app.extensions["pingyi"].database
    return found


@pytest.fixture
def desk(app: Flask, database: Database) -> FlaskClient:
    """An evaluator's browser, and an open campaign whose first staff door has paper out."""
    with database.writing() as session:
        _campaign, door = door_with_paper(session, installed(app)[2])
        assert door.id == 1
        add_person(session, "anna", (Role.LEAD_EVALUATOR, "c2026"))
        add_person(session, "bert", (Role.EVALUATOR, "c2026"))
        session.commit()
    return signed_in(app, "anna")


def signed_in(app: Flask, login: str) -> FlaskClient:
    client = app.test_client()
    assert sign_in(client, login).status_code == 303
    return client


def sheet_of(database: Database, key: str = "2") -> dict[str, str]:
    with database.reading() as session:
        return typed(paper_entries.paper_of(session, 1), key)


def in_words(database: Database) -> dict[str, str]:
    with database.reading() as session:
        lines = [line for part in paper_entries.paper_of(session, 1).parts() for line in part.lines]
    return {next(line.name for line in lines if line.kind == "text"): "照录的话"}


def enter(client: FlaskClient, batch: int, values: dict[str, str], **more: str) -> tuple[int, str]:
    page = client.get(f"{C}/paper/{batch}").text
    found = re.search(r'name="entry" value="([0-9a-f]{32})"', page)
    assert found, page
    answer = send(
        client, f"{C}/paper/{batch}", f"{C}/paper/{batch}", **({"entry": found[1], "pass": "1"} | values | more)
    )
    return answer.status_code, answer.text


def test_batch__goes_from_register_to_stored_answers(desk: FlaskClient, database: Database) -> None:
    page = f"{C}/collectors/1/paper"
    assert "20" in desk.get(f"{C}/paper").text
    assert send(desk, f"{page}/movements", page, kind="handed_out", sheets="5", on_day="2026-01-05").status_code == 303
    too_many = send(desk, f"{page}/movements", page, kind="returned_unused", sheets="99", on_day="2026-01-05")
    assert too_many.status_code == 422
    assert "99" in too_many.text
    assert send(desk, f"{page}/batches", page, filled="3").status_code == 409
    assert send(desk, f"{page}/batches", page, filled="5").location == f"{C}/paper/1"
    for _sheet in range(5):
        assert enter(desk, 1, sheet_of(database))[0] == 303
    assert send(desk, f"{C}/paper/1/hand-in", page).location == page
    with database.reading() as session:
        assert session.scalars(select(Response.mode)).all() == ["paper"] * 5
    assert "已交卷" in desk.get(page).text


def test_faulty_sheet__is_shown_again_with_what_was_typed(desk: FlaskClient, database: Database) -> None:
    send(desk, f"{C}/collectors/1/paper/batches", f"{C}/collectors/1/paper", filled="5")
    with database.reading() as session:
        line = rated(paper_entries.paper_of(session, 1))
    status, page = enter(desk, 1, sheet_of(database) | {line.name: "9", "p0__st_comment": "照录的话"})
    assert status == 422
    assert "没有“9”这个键" in page
    assert 'value="9"' in page
    nothing = enter(desk, 1, {})
    assert nothing[0] == 422
    assert "整张空白" in nothing[1]
    assert enter(desk, 1, {"blank": "y"})[0] == 303


def test_entered_sheet__cannot_be_looked_up_but_the_last_one_can_be_taken_back(
    desk: FlaskClient, database: Database
) -> None:
    send(desk, f"{C}/collectors/1/paper/batches", f"{C}/collectors/1/paper", filled="5")
    values = sheet_of(database, "3")
    enter(desk, 1, values)
    with database.reading() as session:
        line = rated(paper_entries.paper_of(session, 1))
    shown = rf'name="{line.name}" value="3"'
    assert not re.search(shown, desk.get(f"{C}/paper/1").text)
    assert re.search(shown, send(desk, f"{C}/paper/1/undo", f"{C}/paper/1").text)
    assert send(desk, f"{C}/paper/1/undo", f"{C}/paper/1").status_code == 409
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(PaperEntry)) == 0


def test_two_people__type_and_settle_a_batch(app: Flask, desk: FlaskClient, database: Database) -> None:
    send(desk, f"{C}/collectors/1/paper/batches", f"{C}/collectors/1/paper", filled="5", twice="y")
    other = signed_in(app, "bert")
    with database.reading() as session:
        line = rated(paper_entries.paper_of(session, 1))
    values = sheet_of(database)
    for number in range(1, 6):
        assert enter(desk, 1, values, sheet=str(number))[0] == 303
        slip = {line.name: "4"} if number == 2 else {}
        assert enter(other, 1, values | slip, sheet=str(number), **{"pass": "2"})[0] == 303
    assert enter(desk, 1, values, sheet="2")[0] == 409
    refused = send(desk, f"{C}/paper/1/hand-in", f"{C}/paper/1")
    assert refused.status_code == 409
    page = desk.get(f"{C}/paper/1/compare").text
    assert page.count("号纸卷") == 1
    assert len(re.findall(r'id="s2-', page)) == 1
    assert send(desk, f"{C}/paper/1/compare", f"{C}/paper/1/compare", sheet="2").status_code == 422
    settled = send(desk, f"{C}/paper/1/compare", f"{C}/paper/1/compare", sheet="2", **{line.name: "4"})
    assert settled.status_code == 303
    assert "全部一致" in desk.get(f"{C}/paper/1/compare").text
    assert send(desk, f"{C}/paper/1/hand-in", f"{C}/paper/1").status_code == 303
    assert "不能再录入或查看" in desk.get(f"{C}/paper/1/compare").text
    assert "不能再录入或查看" in desk.get(f"{C}/paper/1").text


@pytest.mark.parametrize("case", ["full", "done", "not_yours", "key_gone"])
def test_sheet_that_cannot_be_kept__is_shown_again_with_what_was_typed(
    app: Flask, desk: FlaskClient, database: Database, case: str
) -> None:
    send(desk, f"{C}/collectors/1/paper/batches", f"{C}/collectors/1/paper", filled="5")
    client = signed_in(app, "bert") if case == "not_yours" else desk
    if case == "full":
        for _sheet in range(5):
            assert enter(desk, 1, sheet_of(database))[0] == 303
    if case == "done":
        send(desk, f"{C}/paper/1/discard", f"{C}/paper/1")
    if case == "key_gone":
        (installed(app)[2].key_directory / "paper" / "1.keys").unlink()
    values = sheet_of(database) | in_words(database) | {"entry": "ab" * 16, "pass": "1"}
    refused = send(client, f"{C}/paper/1", f"{C}/paper", **values)
    assert refused.status_code == (500 if case == "key_gone" else 409)
    assert "照录的话" in refused.text
    words = {"full": "已经录完", "done": "已经交卷或作废", "not_yours": "另一位录入员", "key_gone": "密钥文件不在了"}
    assert words[case] in refused.text
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(PaperEntry)) == (5 if case == "full" else 0)


def test_sheet_of_no_pass__is_refused_with_a_sentence(desk: FlaskClient, database: Database) -> None:
    send(desk, f"{C}/collectors/1/paper/batches", f"{C}/collectors/1/paper", filled="5", twice="y")
    values = sheet_of(database) | in_words(database) | {"entry": "ab" * 16, "sheet": "3"}
    refused = send(desk, f"{C}/paper/1", f"{C}/paper/1", **values)
    assert refused.status_code == 422
    assert "没有说明录的是第几遍" in refused.text
    assert "照录的话" in refused.text


def test_discarding__is_not_offered_or_given_to_whoever_did_not_open(app: Flask, desk: FlaskClient) -> None:
    page = f"{C}/collectors/1/paper"
    send(desk, f"{page}/batches", page, filled="5")
    other = signed_in(app, "bert")
    assert "/paper/1/discard" not in other.get(f"{C}/paper/1").text
    refused = send(other, f"{C}/paper/1/discard", f"{C}/paper/1")
    assert refused.status_code == 409
    assert "只有开批的人、评估组长或管理员可以作废" in refused.text
    send(other, f"{page}/batches", page, filled="5")
    # A lead evaluator may.
    assert send(desk, f"{C}/paper/2/discard", f"{C}/paper/2").status_code == 303


@pytest.mark.parametrize(
    "values",
    [
        {"entry": "zz"},
        {"entry": "0" * 31},
        {"p0__st_tenure": "1" * 100_000},
        {"p999__x": "1"},
        {"sheet": "-1"},
        {"pass": "7"},
    ],
)
def test_hostile_fields__store_nothing(desk: FlaskClient, database: Database, values: dict[str, str]) -> None:
    send(desk, f"{C}/collectors/1/paper/batches", f"{C}/collectors/1/paper", filled="5", twice="y")
    given = {"entry": "0" * 32, "pass": "1"} | sheet_of(database) | values
    answer = send(desk, f"{C}/paper/1", f"{C}/paper/1", **given)
    assert answer.status_code == 422
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(PaperEntry)) == 0


def test_batch_of_another_campaign__is_not_there(desk: FlaskClient) -> None:
    assert desk.get(f"{C}/paper/77").status_code == 404
    token = csrf_token(desk.get(f"{C}/collectors/1/paper"))
    assert desk.post(f"{C}/paper/77/hand-in", data={"csrf_token": token}).status_code == 404


@pytest.fixture
def screen(desk: FlaskClient, browser: Browser, server: str) -> Iterator[Page]:
    """A batch of five opened in Chromium."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    broken: list[str] = []
    page.on("console", lambda line: broken.append(line.text) if "Security Policy" in line.text else None)
    context.on("weberror", lambda error: broken.append(str(error.error)))
    page.goto(f"{server}/office/sign-in")
    page.fill("input[name=login]", "anna")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{server}/office/campaigns")
    page.goto(f"{server}{C}/collectors/1/paper")
    page.fill("#filled", "5")
    page.get_by_role("button", name="开始录入").click()
    page.wait_for_url(f"{server}{C}/paper/1")
    yield page
    context.close()
    assert broken == []


@pytest.mark.browser
def test_keyboard_alone__types_a_sheet_and_goes_on_to_the_next(screen: Page, database: Database) -> None:
    with database.reading() as session:
        lines = [line for part in paper_entries.paper_of(session, 1).parts() for line in part.lines]
    for line in lines:
        _until_in(screen, line.name)
        if line.single_stroke:
            screen.keyboard.type("1")
        elif line.kind == "many":
            screen.keyboard.type("12")
            screen.keyboard.press("Enter")
        else:
            screen.keyboard.type("-")
            screen.keyboard.press("ArrowDown")
        if line.other is not None:
            screen.keyboard.press("Enter")
    screen.keyboard.press("Enter")
    screen.locator("#progress", has_text="1 / 5").wait_for()
    _until_in(screen, lines[0].name)


def _until_in(screen: Page, name: str) -> None:
    """Wait until the cursor is in this line: a page that has come is not a page that has set it."""
    screen.locator(f'[name="{name}"]:focus').wait_for()


@pytest.mark.browser
def test_wrong_key__is_said_at_once_and_focus_stays(screen: Page, database: Database) -> None:
    with database.reading() as session:
        line = rated(paper_entries.paper_of(session, 1))
    screen.locator(f"[id={line.name}]").focus()
    screen.keyboard.type("9")
    assert screen.evaluate("document.activeElement.name") == line.name
    assert "没有这个键" in screen.locator(f"[id={line.name}] + output").inner_text()


def test_departments__rate_several_units_on_one_sheet(desk: FlaskClient, database: Database) -> None:
    with database.reading() as session:
        from survey_app.campaigns.queries import campaigns

        campaign = campaigns.campaign(session, "c2026", None)
        row = doors(session, campaign, "related_department")[0]
        printed = paper_entries.paper_of(session, row.id)
    assert len(printed.unit_ids) > 1
    assert {part.unit for part in printed.parts()} >= set(printed.unit_names)

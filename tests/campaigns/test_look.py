"""Every page of campaigns and fieldwork in Chromium: WCAG 2.2 AA by axe, and no sideways scrolling on a phone."""

from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from survey_app.accounts.rules import Role
from survey_app.campaigns.operations.cards import set_tier
from survey_app.config import Config
from survey_app.db import Database
from survey_app.fieldwork.operations import register
from survey_app.fieldwork.operations.opening import open_campaign
from tests.factories.accounts import PASSWORD, add_person
from tests.factories.campaign import NOON, doors, draft, make_cards, setup_document

pytestmark = pytest.mark.browser

AXE = next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
PAGES = [
    "",
    "/new",
    "/c2026",
    "/c2026/units",
    "/c2026/collectors",
    "/c2026/collectors/1/cards",
    "/c2026/offline-cards",
    "/c2026/jobs",
    "/c2026/collectors/1/register",
    "/c2026/register",
    "/c2026/progress",
    "/c2026/paper",
    "/c2026/collectors/1/paper",
    "/c2026/import",
    "/c2026/movements/2",
    "/c2026/counts",
    "/c2026/reminders",
    "/c2026/collectors/2/quota",
    "/c2026/draws",
    "/c2026/close",
    "/c2026/collectors/2/poster",
    "/later",
    "/later/open",
    "/later/setup",
    "/later/collectors",
]


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """What axe finds, injected over the debugging protocol, which the content policy does not stop."""
    page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    return [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found]


@pytest.fixture
def desk(app: Flask, config: Config, browser: Browser, server: str, request: pytest.FixtureRequest) -> Page:
    """Somebody signed in, with an open campaign and a draft, at a width."""
    database: Database = app.extensions["pingyi"].database
    with database.writing() as session:
        campaign = draft(session, setup_document(2), demo=True)
        staff, link = doors(session, campaign, "staff")[0], doors(session, campaign, "service_recipient")[0]
        set_tier(session, campaign, link.id, "T0", now=NOON, person_id=None)
        who = add_person(session, "anna", (Role.ADMINISTRATOR, None))
        other = add_person(session, "bert", (Role.ADMINISTRATOR, None))
        batch = make_cards(session, campaign, staff.id, staff.headcount + 5)
        for kind, cards in (("handed_out", 100), ("returned_unused", 4)):
            register.register_movement(
                session,
                campaign,
                batch.id,
                kind,  # type: ignore[arg-type]
                cards,
                on_day=NOON.date(),
                note="人事科",
                now=NOON,
                person_id=who,
            )
        for asker in (who, other):
            register.request_spares(session, campaign, batch.id, 1, "破损", now=NOON, person_id=asker)
        open_campaign(session, campaign, config=config, now=NOON, person_id=None, agency_id=None)
        draft(session, setup_document(2, code="later"))
        session.commit()
    page = browser.new_context(viewport={"width": request.param, "height": 900}).new_page()
    page.goto(f"{server}/office/sign-in")
    page.fill("[name=login]", "anna")
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    return page


@pytest.mark.parametrize("desk", [360, 1280], indirect=True)
def test_pages__are_accessible_and_fit_the_screen(desk: Page, server: str) -> None:
    for path in PAGES:
        answer = desk.goto(f"{server}/office/campaigns{path}")
        assert answer is not None and answer.status == 200, path
        assert violations(desk) == [], path
        if not path.endswith("/poster"):
            assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


@pytest.mark.parametrize("desk", [1280], indirect=True)
def test_refused_upload__is_accessible_and_names_the_place(desk: Page, server: str, tmp_path: Path) -> None:
    path = tmp_path / "轮次.json"
    path.write_text('{"campaign": {"code": "x"}}', encoding="utf-8")
    desk.goto(f"{server}/office/campaigns/new")
    desk.set_input_files("[name='upload-file']", path)
    desk.click("form[action$='/new/file'] button")
    assert "/campaign/title" in desk.locator(".notice.bad").inner_text()
    assert violations(desk) == []

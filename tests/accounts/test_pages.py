"""The office pages in Chromium, on a phone and at a desk: no violation found by axe, nothing wider than the screen."""

from pathlib import Path

import axe_playwright_python
import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from survey_app.accounts.rules import Role
from survey_app.db import Database
from tests.factories.accounts import PASSWORD, add_campaign, add_mandate, add_person, declare

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PAGES = [
    "/office/people",
    "/office/people/new",
    "/office/people/2",
    "/office/agencies",
    "/office/agencies/1",
    "/office/campaigns/a/people",
    "/office/audit",
    "/office/audit/check",
    "/office/me",
    "/office/people/999",
]


@pytest.fixture
def office(app: Flask, server: str) -> str:
    """The address of a server with an administrator, an agency and its person."""
    database: Database = app.extensions["pingyi"].database
    with database.writing() as session:
        add_campaign(session, "a")
        add_person(session, "boss", (Role.ADMINISTRATOR, None))
        agency, mandate = add_mandate(session, "春晖公共治理评估中心", "a")
        person = add_person(session, "wang", (Role.EVALUATOR, "a"), (Role.DESIGNER, "a"), agency_id=agency)
        declare(session, person, agency, mandate)
        other, _unsigned = add_mandate(session, "第二评估事务所", "a")
        add_person(session, "zhao", (Role.EVALUATOR, "a"), agency_id=other)
        add_person(session, "new.one", initial=True)
        session.commit()
    return server


def look(page: Page) -> None:
    """The page is within the screen, asks for nothing from elsewhere, and axe finds nothing."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    assert len(found["passes"]) > 5
    assert [(item["id"], [node["html"] for node in item["nodes"]]) for item in found["violations"]] == [], page.url


def enter(page: Page, office: str, login: str) -> None:
    page.goto(f"{office}/office/sign-in")
    page.get_by_label("登录名").fill(login)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scripts"), [(360, True), (1280, True), (360, False)])
def test_pages_of_accounts__are_clean_and_fit(office: str, browser: Browser, width: int, scripts: bool) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=scripts)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{office}/office/people")
    assert "/office/sign-in" in page.url
    page.get_by_label("登录名").fill("boss")
    page.get_by_label("密码").fill("not the password")
    page.get_by_role("button", name="登录").click()
    assert page.get_by_role("alert").inner_text() == "登录名或密码不正确。"
    if scripts:
        look(page)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    assert page.url == f"{office}/office/people"
    for path in PAGES:
        page.goto(office + path)
        if scripts:
            look(page)
    page.goto(f"{office}/office/me")
    page.get_by_role("button", name="English").click()
    assert page.get_by_role("heading", name="My roles").count() == 1
    if scripts:
        look(page)
    page.get_by_role("button", name="Sign out").click()
    assert page.url.startswith(f"{office}/office/sign-in")
    assert [address for address in asked if not address.startswith(office)] == []
    context.close()


@pytest.mark.browser
def test_declaration__is_read_and_signed_by_keyboard(office: str, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 800})
    page = context.new_page()
    enter(page, office, "zhao")
    assert page.url == f"{office}/office/declarations"
    look(page)
    page.get_by_role("link", name="阅读并签署").click()
    look(page)
    page.get_by_label("我已阅读全文").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("zhao 甲")
    page.keyboard.press("Enter")
    page.get_by_text("已签署").wait_for()
    look(page)
    context.close()


@pytest.mark.browser
def test_first_key__leads_past_the_navigation(office: str, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    enter(page, office, "new.one")
    assert page.get_by_text("请先设置自己的密码").count() == 1
    look(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    context.close()

"""The printed sheet, as paper shows it: rendered and rasterised by Chromium, read by zbar, typed by hand."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, Page
from pyzbar.pyzbar import decode
from sqlalchemy import select

from survey_app.accounts.rules import Role
from survey_app.admission.models import AccessCode
from survey_app.admission.rules import code_hash, normalise
from survey_app.campaigns.models import Collector
from survey_app.db import Database
from tests.factories.accounts import PASSWORD, add_person
from tests.factories.campaign import doors, draft, setup_document

pytestmark = pytest.mark.browser
_DPI = 150


def office(browser: Browser, server: str) -> Page:
    """A desk with somebody signed in."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{server}/office/sign-in")
    page.fill("[name=login]", "anna")
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    return page


def printed(page: Page, folder: Path) -> list[Image.Image]:
    """Every A4 page that would leave the printer."""
    pdf = folder / "sheet.pdf"
    page.pdf(path=pdf, prefer_css_page_size=True, print_background=True)
    program = shutil.which("pdftoppm")
    assert program, "pdftoppm is missing: apt-get install poppler-utils"
    subprocess.run([program, "-r", str(_DPI), "-gray", str(pdf), str(folder / "page")], check=True)
    return [Image.open(path) for path in sorted(folder.glob("page-*.pgm"))]


def codes_on(picture: Image.Image) -> list[str]:
    return [found.data.decode() for found in decode(picture)]


def cut(picture: Image.Image) -> list[str]:
    """The codes of a sheet cut along its lines, card by card: what a phone sees, and where scissors go.

    Reading a whole sheet at once is no test of the cards: zbar now and then mixes the corners of neighbours.
    """
    millimetre = _DPI / 25.4
    found = []
    for row in range(4):
        for column in range(3):
            left, top = 10.5 + 63 * column, 12 + 69 * row
            card = [round(edge * millimetre) for edge in (left, top, left + 63, top + 69)]
            found += codes_on(picture.crop((card[0], card[1], card[2], card[3])))
    return found


@pytest.fixture
def campaign_with(app: Flask) -> tuple[Database, int, int]:
    """(database, a staff door of 36 people, an open link) of a draft, and somebody who may print."""
    database: Database = app.extensions["pingyi"].database
    document = setup_document(8)
    document["units"] = document["units"][-1:]
    document["departments"] = [
        department | {"rates": ["u08"]} for department in document["departments"] if "u08" in department["rates"]
    ]
    with database.writing() as session:
        campaign = draft(session, document, demo=True)
        add_person(session, "anna", (Role.ADMINISTRATOR, None))
        staff = doors(session, campaign, "staff")[0]
        recipients = doors(session, campaign, "service_recipient")[0]
        session.commit()
    return database, staff.id, recipients.id


def test_print_sheet__every_symbol_and_every_typed_code__is_one_of_the_stored_codes(
    browser: Browser, server: str, campaign_with: tuple[Database, int, int], tmp_path: Path
) -> None:
    database, staff, _ = campaign_with
    page = office(browser, server)
    page.goto(f"{server}/office/campaigns/c2026/collectors/{staff}/cards")
    page.fill("[name=cards]", "38")
    page.click("main form button")
    page.wait_for_selector("article.card >> nth=37")

    typed = [" ".join(card.split()) for card in page.locator(".card .code").all_inner_texts()]
    groups = [re.findall(r"\b[0-9A-Z]{4}\b", card) for card in typed]
    assert {len(found) for found in groups} == {4}
    typed_hashes = {code_hash(normalise("-".join(found).lower()) or "") for found in groups}

    pages = printed(page, tmp_path)
    # Instructions, 36 cards in play on three sheets, two spares on a sheet of their own.
    assert len(pages) == 1 + 3 + 1
    width, height = pages[1].size
    assert (round(width / _DPI * 25.4), round(height / _DPI * 25.4)) == (210, 297)
    on_pages = [cut(picture) for picture in pages]
    assert [len(found) for found in on_pages] == [0, 12, 12, 12, 2]
    links = [link for found in on_pages for link in found]
    assert all(link.startswith("HTTP://127.0.0.1:8000/Q/") for link in links)
    decoded = {code_hash(link.rsplit("/", 1)[1]) for link in links}
    with database.reading() as session:
        stored = {row.hash: row.active for row in session.scalars(select(AccessCode))}
    assert decoded == typed_hashes == set(stored)
    spares = {code_hash(link.rsplit("/", 1)[1]) for link in on_pages[4]}
    assert {found for found, active in stored.items() if not active} == spares

    symbol = page.locator(".card .symbol").first.bounding_box()
    assert symbol is not None
    # CSS pixels are 1/96 inch; without the quiet zone of 4 + 4 of 37 modules at least 25 mm remain.
    assert symbol["width"] / 96 * 25.4 * 29 / 37 >= 25
    assert page.locator(".card .domain").first.inner_text().replace("\n", "") == "127.0.0.1:8000/q"
    assert page.locator(".card .spare", has_text="备用 2").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    ("domain", "lines"),
    [("pj.example.cn", 1), ("pingyi.yunlan.gov.cn", 1), ("manyidu-pingyi.survey.example.gov.cn", 2)],
)
def test_cards__fit_their_frames_with_long_names(
    app: Flask, browser: Browser, server: str, campaign_with: tuple[Database, int, int], domain: str, lines: int
) -> None:
    _database, staff, _ = campaign_with
    page = office(browser, server)
    page.goto(f"{server}/office/campaigns/c2026/collectors/{staff}/cards")
    page.fill("[name=cards]", "1")
    page.click("main form button")
    page.wait_for_selector("article.card")
    address = app.jinja_env.get_template("campaigns/words.html").module.typed_address(domain, "/q")  # type: ignore[attr-defined]
    page.evaluate(
        """address => {
          const who = document.querySelector('.card .who strong');
          who.textContent = '云澜市文化市场综合行政执法支队直属第三大队（筹）'.repeat(3);
          document.querySelector('.card .domain').outerHTML = address;
        }""",
        str(address),
    )
    # The boxes of the words: no piece such as "/q" stands alone on a line of its own.
    tops = "element => new Set([...element.getClientRects()].map(box => Math.round(box.bottom))).size"
    words = page.locator(".card .domain")
    assert words.locator(".last").evaluate(tops) == 1
    height = words.evaluate("element => element.offsetHeight / parseFloat(getComputedStyle(element).lineHeight)")
    assert round(height) <= lines
    card, line = page.locator(".card").bounding_box(), page.locator(".card .line").bounding_box()
    code, symbol = page.locator(".card .code").bounding_box(), page.locator(".card .symbol").bounding_box()
    assert card and line and code and symbol
    assert (round(card["width"] / 96 * 25.4), round(card["height"] / 96 * 25.4)) == (63, 69)
    for box in (line, code, symbol):
        assert card["x"] <= box["x"] and box["x"] + box["width"] <= card["x"] + card["width"] + 0.5
        assert card["y"] <= box["y"] and box["y"] + box["height"] <= card["y"] + card["height"] + 0.5
    assert symbol["x"] + symbol["width"] <= code["x"] + 0.5


def test_poster__holds_the_open_link_on_one_page(
    browser: Browser, server: str, campaign_with: tuple[Database, int, int], tmp_path: Path
) -> None:
    database, _staff, recipients = campaign_with
    page = office(browser, server)
    page.goto(f"{server}/office/campaigns/c2026/collectors")
    page.click(f"form[action$='/collectors/{recipients}/tier'] button")
    page.goto(f"{server}/office/campaigns/c2026/collectors/{recipients}/poster")
    pages = printed(page, tmp_path)
    assert len(pages) == 1
    (link,) = codes_on(pages[0])
    with database.reading() as session:
        assert link == f"HTTP://127.0.0.1:8000/Q/{session.get_one(Collector, recipients).open_code}"
    assert "登录" in page.locator(".poster .line").inner_text()

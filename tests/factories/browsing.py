"""A phone with a real browser: narrow screen, scripts on or off, what it requested, what axe says of a page."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Request
from sqlalchemy.orm import Session

from tests.factories.respondents import Door, open_door

WIDTH, HEIGHT = 360, 740
_RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@dataclass
class Tab:
    """One page of a phone; `posts` are the answers that it sent, `broken` what failed in its scripts."""

    page: Page
    posts: list[Request] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def scan(self, server: str, code: str) -> None:
        """Open the address on a card."""
        self.page.goto(f"{server}/q/{code}")

    def start(self, server: str, code: str) -> None:
        """From the card to the first item."""
        self.scan(server, code)
        self.page.locator("main form .acts button").click()
        self.page.locator("#answers").wait_for(state="attached")

    def tick(self, item: str, code: str) -> None:
        """Choose one answer by tapping its label."""
        self.page.locator(f'label:has(input[name={item}][value="{code}"])').click()

    def choose(self, *names: str) -> None:
        """On the page of units, tick these (without names: all that are offered) and go on."""
        for label in self.page.locator("label:has(input[name=_known])").all():
            if not names or any(name in label.inner_text() for name in names):
                label.locator("input").check()
        self.send()

    def ticked(self, item: str) -> list[str]:
        """The codes that are chosen."""
        return [box.get_attribute("value") or "" for box in self.page.locator(f"input[name={item}]:checked").all()]

    def send(self) -> None:
        """Tap the button that goes on."""
        self.page.locator("#answers .acts button:not([name]):not([type])").first.click()

    def thanked(self) -> None:
        """Wait for the page after sending."""
        self.page.wait_for_url("**/thanks/**")


@contextmanager
def phone(browser: Browser, **settings: Any) -> Iterator[BrowserContext]:
    """A phone with a profile of its own; anything wrong in a script of a page fails the test."""
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, has_touch=True, **settings)
    broken: list[str] = []
    context.on("weberror", lambda error: broken.append(str(error.error)))
    yield context
    assert context.cookies() == []
    context.close()
    assert broken == []


def tab(context: BrowserContext) -> Tab:
    """A new page on a phone."""
    made = Tab(context.new_page())
    made.page.on("request", lambda request: made.posts.append(request) if _is_answer(request) else None)
    made.page.on("console", lambda line: made.broken.append(line.text) if "Security Policy" in line.text else None)
    return made


def _is_answer(request: Request) -> bool:
    return request.method == "POST" and request.url.endswith("/a")


def drafts(page: Page) -> list[str]:
    """What lies in the phone's storage, names and contents."""
    found: list[str] = page.evaluate("() => Object.entries(localStorage).map(pair => pair.join('='))")
    return found


def holds_drafts(page: Page, count: int) -> None:
    """Wait until so many drafts lie there: what one tab writes reaches another a moment later."""
    # Asked again and again from here: the page's own policy would stop a function that waits inside it.
    for _ in range(200):
        if page.evaluate("localStorage.length") == count:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{count} drafts were expected: {drafts(page)}")


def faults(page: Page) -> list[str]:
    """What axe finds wrong or cannot decide on a page, by WCAG 2.2 AA and good practice."""
    # Over the debugging protocol: the page's own policy would stop a script element.
    page.evaluate(AXE_SCRIPT)
    result = page.evaluate("rules => axe.run(document, {runOnly: rules})", _RULES)
    found = [*result["violations"], *result["incomplete"]]
    return [f"{one['id']}: {node['target']} {node.get('failureSummary')}" for one in found for node in one["nodes"]]


def door(app: Flask, **given: Any) -> Door:
    """An open door in this application's database."""
    with app.extensions["pingyi"].database.writing() as session:
        assert isinstance(session, Session)
        return open_door(session, **given)

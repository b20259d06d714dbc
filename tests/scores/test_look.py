"""Score pages in Chromium: WCAG 2.2 AA by axe with everything unfolded, and no sideways scrolling on a phone."""

import json

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy.orm import Session

from survey_app.scores.queries import snapshots
from tests.campaigns.test_look import violations
from tests.factories.accounts import PASSWORD
from tests.scores import evaluation as ev
from tests.scores.test_findings import comparison, first, quality, standing, suspicion
from tests.scores.test_pages import BASE, UNIT, act

pytestmark = pytest.mark.browser


def full(session: Session, made: ev.Evaluation) -> None:
    """A report with something of everything that pages can show."""
    stored = snapshots.stored(session, made.campaign, 1)
    report = json.loads(stored.report)
    rater = {"indicator": "related_department_evaluation", "status": "ok", "raters": 8, "crossing": 7, "groups": 2}
    driver = {"indicator": "public_satisfaction", "part": "access", "status": "ok", "weight": 0.1, "lo": 0.08}
    report |= {
        "quality": [quality(flagged=[1700, 60, 73])],
        "comparisons": [comparison(standing())],
        "suspicions": [suspicion()],
        "severities": [rater | {"severity_sd": 7.2, "residual_sd": 5.0}],
        "drivers": [driver | {"hi": 0.12, "r_squared": 0.3}],
    }
    first(report)["parts"][0]["quadrant"] = "act_first"
    stored.report = json.dumps(report)


@pytest.mark.parametrize("width", [360, 1280])
def test_pages__are_accessible_and_fit_the_screen(
    computed: ev.Evaluation, app: Flask, browser: Browser, server: str, width: int
) -> None:
    act(app, lambda session: full(session, computed))
    page: Page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
    page.goto(f"{server}/office/sign-in")
    page.fill("[name=login]", "lead_evaluator")
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    for path in (BASE, UNIT, f"{BASE}/1/units/u03", f"{BASE}/1/provenance"):
        answer = page.goto(f"{server}{path}")
        assert answer is not None
        assert answer.status == 200, path
        assert violations(page) == [], path
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.context.close()

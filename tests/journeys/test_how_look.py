"""The trust pages in a real browser: accessible, on a narrow screen, without scripts, and on paper."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.factories.browsing import faults, phone, tab
from tests.factories.invited import list_door


@pytest.mark.parametrize("language", ["zh", "en"])
def test_trust_pages__are_accessible_fit_a_phone_and_lead_to_one_another(
    app: Flask, server: str, browser: Browser, language: str
) -> None:
    made = list_door(app)
    with phone(browser) as context:
        me = tab(context)
        me.page.goto(f"{server}/i/{made.secrets[0]}?lang={language}")
        me.page.locator(".promise a").click()
        for where in (f"/how/{made.door.campaign_code}", "/how"):
            me.page.wait_for_url(re.compile(re.escape(server + where) + r"(\?.*)?$"))
            assert me.page.locator("html").get_attribute("lang") == {"zh": "zh-CN", "en": "en"}[language]
            assert faults(me.page) == []
            assert me.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
            if where != "/how":
                me.page.locator('main p a[href^="/how"]').first.click()
        assert me.broken == []


def test_trust_pages__without_scripts_and_on_paper__say_the_same(app: Flask, server: str, browser: Browser) -> None:
    made = list_door(app)
    with phone(browser, java_script_enabled=False) as context:
        page = context.new_page()
        for where in ("/how", f"/how/{made.door.campaign_code}"):
            page.goto(server + where)
            shown = page.locator("main").inner_text()
            page.emulate_media(media="print")
            assert page.locator("main").inner_text() == shown
            assert not page.locator("header").is_visible()
            page.emulate_media(media="screen")
        page.goto(f"{server}/i/{made.secrets[0]}")
        page.emulate_media(media="print")
        assert not page.locator("h1").is_visible()

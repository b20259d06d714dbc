"""A sitting over many units in Chromium: choosing, others in place of unknown ones, back and forth, with and without
scripts.
"""

import gzip

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from tests.factories.browsing import Tab, door, drafts, faults, phone, tab
from tests.factories.phone import SAME_SITE, Phone, parked

pytestmark = pytest.mark.browser

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with_script", "without_script"])
MANY = {
    "questionnaire": "related_department",
    "units": tuple(f"示例市{number}局" for number in "甲乙丙丁戊己庚辛"),
    "department": "示例市壬局",
}
FEW = MANY | {"units": MANY["units"][:3]}


def names(me: Tab) -> list[str]:
    return [label.inner_text().split(" ")[0].strip() for label in me.page.locator("label:has([name=_known])").all()]


def clean(me: Tab) -> None:
    assert faults(me.page) == []
    assert me.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@SCRIPTS
def test_unknown_units__are_replaced_and_what_was_filled_in_can_be_gone_back_to(
    app: Flask, server: str, browser: Browser, scripts: bool
) -> None:
    made = door(app, **MANY)
    with phone(browser, java_script_enabled=scripts) as context:
        me = tab(context)
        me.start(server, made.codes[0])
        first = names(me)
        assert len(first) == 5
        assert not me.page.locator("#bar").is_visible()
        me.choose(*first[:2])
        expect(me.page.locator("#more")).to_contain_text("还可以再评 3 个")
        assert names(me)[:5] == first
        assert me.ticked("_known") == [str(at) for at in (1, 2)]
        me.page.get_by_role("button", name="不再增加，开始评价").click()
        expect(me.page.locator(".where")).to_contain_text("第 1 个单位，共 2 个")
        me.tick("rd_overall", "vs")
        me.send()
        expect(me.page.locator(".where")).to_contain_text("第 2 个单位，共 2 个")
        me.tick("rd_overall", "b")
        me.page.get_by_role("button", name="上一个单位").click()
        expect(me.page.locator(".where")).to_contain_text("第 1 个单位，共 2 个")
        assert me.ticked("rd_overall") == ["vs"]
        me.tick("rd_overall", "vd")
        me.page.get_by_role("button", name="加减单位").click()
        expect(me.page.locator(".done")).to_have_count(2)
        me.page.get_by_role("button", name="到此结束并提交").click()
        me.thanked()
        assert me.broken == []
        if scripts:
            assert drafts(me.page) == []
    (sitting,) = parked(app)
    said = [given for _, given in sitting.responses]
    assert [given.get("rd_overall") for given in said[:2]] == ["vd", "b"]
    assert said[2:] == [{"_known": "no"}] * 6


def test_page_of_units__is_clean_light_and_tells_what_is_wrong(app: Flask, server: str, browser: Browser) -> None:
    made = door(app, **FEW)
    with phone(browser) as context:
        me = tab(context)
        me.page.set_viewport_size({"width": 320, "height": 640})
        me.start(server, made.codes[0])
        clean(me)
        me.send()
        expect(me.page.locator("#summary")).to_be_focused()
        expect(me.page.locator("#summary")).to_contain_text("您没有勾选任何单位")
        clean(me)
        me.page.get_by_role("button", name="都不了解，提交").click()
        me.thanked()
    assert [given for _, given in parked(app)[0].responses] == [{"_known": "no"}] * 3


def test_forty_units__are_a_light_page_too(app: Flask) -> None:
    made = door(app, **(MANY | {"units": tuple(f"示例市第{number}工作委员会办公室" for number in range(40))}))
    sent = Phone(app.test_client())
    page = sent.begin(made.codes[0])
    for _round in range(8):
        page = sent.send(page, {})
    assert page.text.count("<label>") == 40
    client = app.test_client()
    weight = len(gzip.compress(page.data, 6))
    for name in ("r.css", "r.js"):
        with client.get(f"/static/{name}", headers=SAME_SITE) as answer:
            weight += len(gzip.compress(answer.data, 6))
    assert weight <= 14_000


def test_draft_of_ticks__comes_back(app: Flask, server: str, browser: Browser) -> None:
    made = door(app, **FEW)
    with phone(browser) as context:
        me = tab(context)
        me.start(server, made.codes[0])
        me.page.locator("label:has([name=_known])").first.click()
        assert len(drafts(me.page)) == 1
        me.page.close()
        again = tab(context)
        again.start(server, made.codes[0])
        again.page.get_by_role("button", name="接着填").click()
        expect(again.page.locator("#resume")).to_be_hidden()
        assert len(again.ticked("_known")) == 1
        again.send()
        expect(again.page.get_by_role("heading", level=2).first).to_contain_text("的评价")
        again.tick("rd_overall", "s")
        again.send()
        again.thanked()
        assert drafts(again.page) == []
    assert parked(app)[0].duration is None

"""How the pages read: axe in every mode, large text, narrow screens, keyboard only, and what they weigh."""

import gzip
from datetime import date
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from survey_app.admission.models import AccessCode, CardBatch
from survey_app.admission.rules import code_hash
from tests.factories.browsing import door, faults, phone, tab
from tests.factories.phone import Phone, parked
from tests.factories.respondents import every_item_type

pytestmark = pytest.mark.browser

MODES = ("light", "dark", "large", "dark large")
DEPARTMENT = {"questionnaire": "related_department", "units": ("甲局", "乙局"), "department": "丁局"}


def set_mode(page: Page, mode: str) -> None:
    page.emulate_media(color_scheme="dark" if "dark" in mode else "light")
    button = page.locator("#size")
    if (button.get_attribute("aria-pressed") == "true") != ("large" in mode):
        button.click()


def check(page: Page, modes: tuple[str, ...] = MODES) -> None:
    for mode in modes:
        set_mode(page, mode)
        assert faults(page) == [], mode
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, mode
    set_mode(page, "light")


@pytest.mark.parametrize(
    "given", [{}, {"tier": "T0", "demo": True}, DEPARTMENT], ids=["card", "open_link", "department"]
)
def test_start_page__is_clean_in_every_mode(
    app: Flask, server: str, browser: Browser, given: dict[str, object]
) -> None:
    made = door(app, **given)
    with phone(browser) as context:
        me = tab(context)
        me.page.set_viewport_size({"width": 320, "height": 640})
        me.scan(server, made.codes[0])
        check(me.page)
        me.page.get_by_role("link", name="English").click()
        check(me.page, ("light",))


@pytest.mark.parametrize("questionnaire", ["service_recipient", "staff", "related_department", "every_item_type"])
def test_questionnaire__is_clean_in_every_mode(app: Flask, server: str, browser: Browser, questionnaire: str) -> None:
    given = DEPARTMENT if questionnaire == "related_department" else {"questionnaire": questionnaire}
    if questionnaire == "every_item_type":
        given = {"questionnaire": every_item_type()}
    made = door(app, **given)
    with phone(browser) as context:
        me = tab(context)
        me.page.set_viewport_size({"width": 320, "height": 640})
        me.start(server, made.codes[0])
        if questionnaire == "related_department":
            check(me.page)
            me.choose()
            expect(me.page.locator(".where")).to_contain_text("第 1 个单位")
        check(me.page, MODES if questionnaire == "every_item_type" else ("light", "dark large"))


def test_page_with_mistakes__is_clean_in_every_mode(app: Flask, server: str, browser: Browser) -> None:
    made = door(app, questionnaire=every_item_type())
    with phone(browser) as context:
        me = tab(context)
        me.start(server, made.codes[0])
        me.page.locator("#f-number").fill("七")
        me.tick("multiple", "a")
        me.tick("multiple", "b")
        me.tick("multiple", "c")
        me.page.locator("[name=ranking__a]").select_option("1")
        me.page.locator("[name=ranking__b]").select_option("1")
        me.send()
        expect(me.page.locator("#summary li")).to_have_count(4)
        check(me.page)
        me.tick("likert", "a")
        me.tick("multiple", "c")
        me.page.locator("#f-number").fill("7")
        me.page.locator("[name=ranking__b]").select_option("2")
        me.send()
        me.thanked()
    assert parked(app)[0].responses[0][1] == {"likert": "a", "multiple": ["a", "b"], "number": 7, "ranking": ["a", "b"]}


def test_every_other_page__is_clean_in_every_mode(app: Flask, server: str, browser: Browser) -> None:
    made = door(app)
    pages = {
        "/q": "请输入填答码",
        "/q/nonsense": "没有找到这个填答码",
        f"/q/{made.codes[0]}": "这张卡已经用过",
        f"/q/{made.codes[1]}": "这是一张备用卡，还没有启用",
        f"/q/{door(app, opens=date(2098, 1, 1)).codes[0]}": "问卷还没有开始",
        f"/q/{door(app, collector_state='paused').codes[0]}": "问卷暂停收集",
        f"/q/{door(app, collector_state='closed').codes[0]}": "问卷已经结束",
        f"/thanks/{made.campaign_code}/{made.questionnaire}": "提交成功",
        "/thanks/nowhere/nothing": "没有这个页面",
    }
    voided = door(app)
    pages[f"/q/{voided.codes[0]}"] = "这批卡片已作废"
    with app.extensions["pingyi"].database.writing() as session:
        session.execute(update(AccessCode).where(AccessCode.hash == code_hash(made.codes[1])).values(active=False))
        session.execute(update(CardBatch).where(CardBatch.collector_id == voided.collector_id).values(state="voided"))
        session.commit()
    first = Phone(app.test_client())
    assert first.send(first.begin(made.codes[0]), {"sr_overall": "s"}).status_code == 303
    with phone(browser) as context:
        me = tab(context)
        for at, (path, heading) in enumerate(pages.items()):
            me.page.goto(server + path)
            expect(me.page.get_by_role("heading", level=1)).to_have_text(heading)
            check(me.page, MODES if at < 3 else ("light", "dark large"))


def test_refused_form__keeps_what_was_typed_and_says_why(app: Flask, server: str, browser: Browser) -> None:
    made = door(app)
    with phone(browser) as context:
        me = tab(context)
        me.start(server, made.codes[0])
        me.page.evaluate("document.querySelector('[name=_cap]').value = 'x'")
        me.tick("sr_overall", "s")
        me.page.locator("[name=sr_open]").fill("写了很久")
        me.send()
        expect(me.page.locator("#state")).to_contain_text("这个页面已失效或被改动。请重新扫描二维码")
        expect(me.page.locator("[name=sr_open]")).to_have_value("写了很久")
        check(me.page, ("light", "dark large"))
    with phone(browser, java_script_enabled=False) as context:
        me = tab(context)
        me.start(server, made.codes[0])
        me.page.route("**/a", lambda route: route.continue_(post_data="_cap=x"))
        me.send()
        expect(me.page.get_by_role("heading", level=1)).to_have_text("这个页面已失效")


def test_large_text__stays_on_the_next_page_and_is_larger(app: Flask, server: str, browser: Browser) -> None:
    made = door(app)
    size = "parseFloat(getComputedStyle(document.body).fontSize)"
    with phone(browser) as context:
        me = tab(context)
        me.scan(server, made.codes[0])
        assert me.page.evaluate(size) == pytest.approx(18)
        me.page.get_by_role("button", name="大字版").click()
        assert me.page.evaluate(size) > 24
        me.start(server, made.codes[0])
        assert me.page.evaluate(size) > 24
        expect(me.page.get_by_role("button", name="大字版")).to_have_attribute("aria-pressed", "true")
        me.page.get_by_role("button", name="大字版").click()
        me.page.reload()
        assert me.page.evaluate(size) == pytest.approx(18)


def test_dark_mode__is_dark_and_reduced_motion_is_still(app: Flask, server: str, browser: Browser) -> None:
    made = door(app)
    with phone(browser, color_scheme="dark", reduced_motion="reduce") as context:
        me = tab(context)
        me.start(server, made.codes[0])
        assert me.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 29)"
        assert me.page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def test_everything_that_is_tapped__is_at_least_48_px_high(app: Flask, server: str, browser: Browser) -> None:
    made = door(app, questionnaire=every_item_type())
    tapped = (
        "label:not(.ask), button, select, textarea, input:not([type=radio]):not([type=checkbox]):not([type=hidden])"
    )
    with phone(browser) as context:
        me = tab(context)
        me.start(server, made.codes[0])
        me.tick("rating", "2")
        heights = me.page.locator(tapped).evaluate_all(
            "all => all.filter(one => one.offsetParent).map(one => one.getBoundingClientRect().height)"
        )
        assert len(heights) >= 50
        assert min(heights) >= 48


def test_zoom__is_never_blocked_and_nothing_is_printed(app: Flask, server: str, browser: Browser) -> None:
    made = door(app)
    with phone(browser) as context:
        me = tab(context)
        me.start(server, made.codes[0])
        viewport = me.page.locator("meta[name=viewport]").get_attribute("content")
        assert viewport == "width=device-width,initial-scale=1"
        me.page.emulate_media(media="print")
        assert not me.page.locator("main").is_visible()


def test_keyboard_alone__is_enough_and_the_focus_is_never_covered(app: Flask, server: str, browser: Browser) -> None:
    made = door(app)
    with phone(browser, reduced_motion="reduce") as context:
        me = tab(context)
        keys = me.page.keyboard
        focused = "document.activeElement.name || document.activeElement.id || document.activeElement.textContent"

        def press_until(key: str, name: str) -> None:
            for _step in range(60):
                if me.page.evaluate(focused) == name:
                    return
                keys.press(key)
                if me.page.locator("#bar").count() and me.page.locator("#answers :focus").count():
                    box, bar = me.page.locator(":focus").bounding_box(), me.page.locator("#bar").bounding_box()
                    assert box is not None
                    assert bar is not None
                    assert box["y"] >= bar["y"] + bar["height"] or box["y"] + box["height"] <= bar["y"]
            raise AssertionError(name)

        me.scan(server, made.codes[0])
        press_until("Tab", "开始")
        keys.press("Enter")
        me.page.locator("#answers").wait_for()
        press_until("Tab", "sr_contact")
        keys.press("Space")
        press_until("Tab", "sr_acc_info")
        keys.press("Space")
        keys.press("ArrowDown")
        press_until("Tab", "提交")
        press_until("Shift+Tab", "sr_acc_steps")
        press_until("Tab", "sr_open")
        keys.type("ok")
        press_until("Tab", "提交")
        keys.press("Enter")
        me.thanked()
    assert parked(app)[0].responses[0][1] == {"sr_contact": ["handle"], "sr_acc_info": "a", "sr_open": "ok"}


@pytest.mark.parametrize("questionnaire", ["service_recipient", "staff"])
def test_page_of_twenty_items__weighs_at_most_14_kb_in_at_most_4_requests(
    app: Flask, server: str, browser: Browser, questionnaire: str
) -> None:
    made = door(app, questionnaire=questionnaire)
    with phone(browser) as context:
        me = tab(context)
        me.scan(server, made.codes[0])
        # As it comes to a phone that has nothing of ours yet: the sheet and the script count in full.
        weights: dict[str, int] = {}
        for path in [found.get_attribute("href") or "" for found in me.page.locator("link[rel=stylesheet]").all()]:
            weights[path] = len(gzip.compress(context.request.get(server + path).body(), 6))
        for path in [found.get_attribute("src") or "" for found in me.page.locator("script[src]").all()]:
            weights[path] = len(gzip.compress(context.request.get(server + path).body(), 6))
        requests: list[str] = []
        me.page.on("request", lambda request: requests.append(request.url))
        with me.page.expect_response(f"{server}/q") as answered:
            me.page.get_by_role("button", name="开始").click()
        me.page.wait_for_load_state("networkidle")
        assert answered.value.headers["content-encoding"] == "gzip"
        weights["page"] = answered.value.request.sizes()["responseBodySize"]
        assert me.page.locator("[data-item]").count() >= 18
        assert {urlsplit(url).netloc for url in requests if not url.startswith("data:")} == {urlsplit(server).netloc}
        assert len([url for url in requests if not url.startswith("data:")]) <= 4
    print(questionnaire, weights, sum(weights.values()))
    assert sum(weights.values()) <= 14_000

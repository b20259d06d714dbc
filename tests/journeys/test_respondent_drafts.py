"""The draft on the phone: for the same card only, asked for before shown, gone when it should be."""

import json
import time

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Route, expect

from tests.factories.browsing import door, drafts, holds_drafts, phone, tab
from tests.factories.phone import parked

pytestmark = pytest.mark.browser


def offered(page: Page) -> bool:
    return page.locator("#resume").is_visible()


def test_draft__is_offered_shows_nothing_and_comes_back_whole(app: Flask, server: str, browser: Browser) -> None:
    made = door(app)
    with phone(browser) as context:
        me = tab(context)
        me.start(server, made.codes[0])
        assert not offered(me.page)
        me.tick("sr_contact", "ask")
        me.tick("sr_overall", "d")
        me.tick("sr_reason", "fee")
        me.page.locator("[name=sr_open]").fill("写到一半")
        me.page.close()

        again = tab(context)
        again.start(server, made.codes[0])
        assert offered(again.page)
        expect(again.page.locator("#answers")).to_be_hidden()
        assert again.page.locator(":checked").count() == 0
        assert "写到一半" not in again.page.content()
        again.page.get_by_role("button", name="接着填").click()
        expect(again.page.locator("[name=sr_open]")).to_have_value("写到一半")
        assert not offered(again.page)
        assert [again.ticked(item) for item in ("sr_contact", "sr_overall", "sr_reason")] == [["ask"], ["d"], ["fee"]]
        again.send()
        again.thanked()
        assert drafts(again.page) == []
    (sitting,) = parked(app)
    assert sitting.duration is None
    assert sitting.responses[0][1]["sr_open"] == "写到一半"


def test_draft_asked_for_without_a_network__waits(app: Flask, server: str, browser: Browser) -> None:
    made = door(app)
    with phone(browser) as context:
        me = tab(context)
        me.start(server, made.codes[0])
        me.tick("sr_overall", "d")
        me.start(server, made.codes[0])
        context.set_offline(True)
        me.page.get_by_role("button", name="接着填").click()
        expect(me.page.locator("#asked")).to_have_text("暂时连接不上，草稿还在。请稍后再点一次“接着填”。")
        assert len(drafts(me.page)) == 1
        context.set_offline(False)
        me.page.get_by_role("button", name="接着填").click()
        expect(me.page.locator("#answers")).to_be_visible()
        assert me.ticked("sr_overall") == ["d"]


def test_draft_of_a_page_that_is_no_longer_valid__says_so_and_is_kept(
    app: Flask, server: str, browser: Browser
) -> None:
    made = door(app)
    with phone(browser) as context:
        me = tab(context)
        me.start(server, made.codes[0])
        me.page.evaluate("document.querySelector('[name=_cap]').value = 'x'")
        me.tick("sr_overall", "d")
        me.start(server, made.codes[0])
        me.page.get_by_role("button", name="接着填").click()
        expect(me.page.locator("#asked")).to_contain_text("这个页面已失效")
        assert len(drafts(me.page)) == 1
        me.page.get_by_role("button", name="重新开始").click()
        expect(me.page.locator("#answers")).to_be_visible()
        assert drafts(me.page) == []


def test_draft_refused__is_deleted_at_once(app: Flask, server: str, browser: Browser) -> None:
    made = door(app)
    with phone(browser) as context:
        me = tab(context)
        me.start(server, made.codes[0])
        me.tick("sr_overall", "d")
        me.start(server, made.codes[0])
        me.page.get_by_role("button", name="重新开始").click()
        expect(me.page.locator("#answers")).to_be_visible()
        assert drafts(me.page) == []
        assert me.page.locator(":checked").count() == 0


def test_no_draft_wanted__deletes_it_and_keeps_no_more(app: Flask, server: str, browser: Browser) -> None:
    made = door(app)
    with phone(browser) as context:
        me = tab(context)
        me.start(server, made.codes[0])
        me.tick("sr_overall", "d")
        assert len(drafts(me.page)) == 1
        me.page.get_by_role("button", name="不保存草稿").click()
        expect(me.page.locator("#state")).to_contain_text("草稿已删除")
        me.tick("sr_contact", "ask")
        me.page.locator("[name=sr_open]").fill("不要留下")
        me.page.reload()
        assert drafts(me.page) == []


def test_shared_phone__offers_nobody_what_another_card_wrote(app: Flask, server: str, browser: Browser) -> None:
    made = door(app)
    with phone(browser) as context:
        first = tab(context)
        first.start(server, made.codes[0])
        first.tick("sr_overall", "vd")
        first.page.locator("[name=sr_open]").fill("前一个人写的")
        first.page.close()

        second = tab(context)
        second.start(server, made.codes[1])
        assert not offered(second.page)
        assert second.page.locator(":checked").count() == 0
        second.tick("sr_overall", "vs")
        second.send()
        second.thanked()
        # The first person's draft waits for the first card, and for nobody else.
        assert len(drafts(second.page)) == 1
        assert all(code not in kept for code in made.codes for kept in drafts(second.page))
        second.start(server, made.codes[0])
        assert offered(second.page)


def test_open_link_on_a_shared_phone__keeps_no_draft_at_all(app: Flask, server: str, browser: Browser) -> None:
    made = door(app, tier="T0")
    with phone(browser) as context:
        me = tab(context)
        me.start(server, made.codes[0])
        expect(me.page.locator("#draft")).to_be_hidden()
        me.tick("sr_overall", "vd")
        assert drafts(me.page) == []
        me.start(server, made.codes[0])
        assert not offered(me.page)
        assert me.page.locator(":checked").count() == 0


def test_two_cards_on_one_phone__stay_two(app: Flask, server: str, browser: Browser) -> None:
    made = door(app)
    with phone(browser) as context:
        one, other = tab(context), tab(context)
        one.start(server, made.codes[0])
        one.tick("sr_overall", "vs")
        other.start(server, made.codes[1])
        assert not offered(other.page)
        other.tick("sr_overall", "vd")
        holds_drafts(one.page, 2)
        one.send()
        one.thanked()
        holds_drafts(other.page, 1)
        other.send()
        other.thanked()
        holds_drafts(other.page, 0)
    assert sorted(sitting.responses[0][1]["sr_overall"] for sitting in parked(app)) == ["vd", "vs"]


def test_day_old_draft__is_gone(app: Flask, server: str, browser: Browser) -> None:
    made = door(app)
    with phone(browser) as context:
        me = tab(context)
        me.start(server, made.codes[0])
        me.tick("sr_overall", "d")
        ((name, kept),) = (pair.split("=", 1) for pair in drafts(me.page))
        draft = json.loads(kept)
        for age, still_there in ((23.9, True), (24.1, False)):
            aged = draft | {"at": draft["at"] - age * 3_600_000}
            me.page.evaluate("pair => localStorage.setItem(pair[0], pair[1])", [name, json.dumps(aged)])
            me.start(server, made.codes[0])
            assert offered(me.page) == still_there
        assert drafts(me.page) == []


def test_draft_on_a_later_unit__keeps_the_units_before(app: Flask, server: str, browser: Browser) -> None:
    made = door(app, questionnaire="related_department", units=("甲局", "乙局", "丙局"), department="丁局")
    with phone(browser) as context:
        me = tab(context)
        me.start(server, made.codes[0])
        me.choose()
        me.tick("rd_overall", "vs")
        me.send()
        expect(me.page.locator(".where")).to_contain_text("第 2 个单位")
        second_unit = me.page.locator(".where").text_content()
        me.tick("rd_overall", "b")
        me.page.close()

        again = tab(context)
        again.start(server, made.codes[0])
        again.page.get_by_role("button", name="接着填").click()
        expect(again.page.locator(".where")).to_have_text(second_unit or "")
        assert again.ticked("rd_overall") == ["b"]
        again.page.get_by_role("button", name="到此结束并提交").click()
        again.thanked()
    (sitting,) = parked(app)
    assert [answers["rd_overall"] for _unit, answers in sitting.responses] == ["vs", "b"]
    assert sitting.duration is None


def test_used_card__deletes_what_was_left_of_it(app: Flask, server: str, browser: Browser) -> None:
    made = door(app)
    with phone(browser) as context:
        me, other = tab(context), tab(context)
        me.start(server, made.codes[0])
        me.tick("sr_overall", "d")
        kept = drafts(me.page)
        other.start(server, made.codes[0])
        other.page.get_by_role("button", name="接着填").click()
        expect(other.page.locator("#answers")).to_be_visible()
        other.send()
        other.thanked()
        me.page.evaluate("pair => localStorage.setItem(...pair)", kept[0].split("=", 1))
        me.scan(server, made.codes[0])
        expect(me.page.get_by_role("heading", level=1)).to_have_text("这张卡已经用过")
        assert drafts(me.page) == []


def test_card_in_two_tabs__is_one_answer_and_leaves_no_draft(app: Flask, server: str, browser: Browser) -> None:
    made = door(app)
    with phone(browser) as context:
        one, other = tab(context), tab(context)
        one.start(server, made.codes[0])
        other.start(server, made.codes[0])
        one.tick("sr_overall", "s")
        other.tick("sr_contact", "ask")
        one.send()
        one.thanked()
        holds_drafts(other.page, 0)
        other.page.locator("[name=sr_open]").fill("还在写")
        other.page.locator("[name=sr_open]").blur()
        assert drafts(other.page) == []
        other.send()
        expect(other.page.get_by_role("heading", level=1)).to_have_text("这张卡已经用过")
        assert drafts(other.page) == []
    assert [sitting.responses[0][1] for sitting in parked(app)] == [{"sr_overall": "s"}]


def test_phone_without_storage__still_sends(app: Flask, server: str, browser: Browser) -> None:
    made = door(app)
    with phone(browser) as context:
        context.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new Error('absent'); }})")
        me = tab(context)
        me.start(server, made.codes[0])
        me.tick("sr_overall", "s")
        me.page.get_by_role("button", name="大字版").click()
        me.send()
        me.thanked()
    assert len(parked(app)) == 1


STILL_WRITING = """() => setInterval(() => {
    const box = document.querySelector('[name=sr_open]');
    box.value += '写';
    for (const kind of ['input', 'change']) box.dispatchEvent(new Event(kind, {bubbles: true}));
    dispatchEvent(new PageTransitionEvent('pagehide'));
}, 5)"""


def test_change_while_leaving__writes_no_draft_again(app: Flask, server: str, browser: Browser) -> None:
    made = door(app)
    with phone(browser) as context:
        me = tab(context)
        me.start(server, made.codes[0])
        me.tick("sr_overall", "s")

        def slowly(route: Route) -> None:
            # The answers are stored and the draft is gone; the page is still there and its person still writing.
            time.sleep(0.3)
            route.continue_()

        me.page.route("**/thanks/**", slowly)
        me.page.evaluate(STILL_WRITING)
        me.send()
        me.thanked()
        assert drafts(me.page) == []
    assert len(parked(app)) == 1

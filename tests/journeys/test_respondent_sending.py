"""Whole ways through the questionnaire in Chromium on a narrow screen, with scripts, without, and on bad networks."""

import fcntl
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Browser, Route, expect

from survey_app.web.writer import Writer
from tests.factories.browsing import door, drafts, phone, tab
from tests.factories.phone import SAME_SITE, Phone, parked

pytestmark = pytest.mark.browser

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with_script", "without_script"])


@contextmanager
def busy_writer(app: Flask, codes: tuple[str, ...]) -> Iterator[None]:
    """The real writer with room for one more row, kept from the disk as another process would keep it, and full."""
    installation, boxes = app.extensions["pingyi"], app.extensions["pingyi.boxes"]
    lock = installation.config.home / "writer.lock"
    small = Writer(installation.database, boxes.park, queue_size=1, lock_file=lock)
    app.extensions["pingyi"] = replace(installation, writer=small)
    pages = [Phone(app.test_client()).begin(code) for code in codes]
    handle = os.open(lock, os.O_CREAT | os.O_RDWR)
    fcntl.flock(handle, fcntl.LOCK_EX)

    def send(page: object) -> None:
        Phone(app.test_client()).send(page, {"sr_overall": "s"})  # type: ignore[arg-type]

    waiting = []
    for page in pages:
        waiting.append(threading.Thread(target=send, args=(page,)))
        waiting[-1].start()
        # The first is taken by the writer's thread, the second stays in the queue.
        deadline = time.monotonic() + 10
        while (small._queue.unfinished_tasks, small._queue.qsize()) != (len(waiting), len(waiting) - 1):
            assert time.monotonic() < deadline
            time.sleep(0.01)
    try:
        yield
    finally:
        os.close(handle)
        for thread in waiting:
            thread.join()


@SCRIPTS
def test_from_scan_to_thanks(app: Flask, server: str, browser: Browser, scripts: bool) -> None:
    made = door(app)
    with phone(browser, java_script_enabled=scripts) as context:
        me = tab(context)
        me.scan(server, made.codes[0])
        expect(me.page.get_by_role("heading", level=1)).to_have_text("服务对象问卷")
        me.page.get_by_role("button", name="开始").click()
        me.page.wait_for_url(f"{server}/q")
        me.tick("sr_contact", "handle")
        me.tick("sr_acc_info", "na")
        me.tick("sr_overall", "d")
        expect(me.page.locator("#i-sr_reason .when")).to_be_visible(visible=not scripts)
        me.tick("sr_reason", "slow")
        me.page.locator("[name=sr_open]").fill("多开窗口")
        me.send()
        me.thanked()
        expect(me.page.get_by_role("heading", level=1)).to_have_text("提交成功")
        assert made.codes[0] not in me.page.url
        assert len(me.posts) == 1
        assert me.broken == []
        if scripts:
            assert drafts(me.page) == []
    (sitting,) = parked(app)
    assert sitting.responses[0][1] == {
        "sr_contact": ["handle"],
        "sr_acc_info": "na",
        "sr_overall": "d",
        "sr_reason": ["slow"],
        "sr_open": "多开窗口",
    }


def test_code_typed_by_hand__after_a_slip(app: Flask, server: str, browser: Browser) -> None:
    made = door(app)
    with phone(browser) as context:
        me = tab(context)
        me.page.goto(f"{server}/q")
        field = me.page.get_by_label("填答码（卡片上的16位字母和数字）")
        field.fill(made.codes[0][:-1])
        me.page.get_by_role("button", name="下一步").click()
        expect(field).to_be_focused()
        expect(field).to_have_value(made.codes[0][:-1])
        field.fill(made.codes[0].lower())
        me.page.get_by_role("button", name="下一步").click()
        me.page.get_by_role("button", name="开始").click()
        expect(me.page.locator("#answers")).to_be_visible()
        assert made.codes[0] not in me.page.url


@SCRIPTS
def test_three_units__one_page_after_the_other(app: Flask, server: str, browser: Browser, scripts: bool) -> None:
    made = door(app, questionnaire="related_department", units=("甲局", "乙局", "丙局"), department="丁局")
    with phone(browser, java_script_enabled=scripts) as context:
        me = tab(context)
        me.start(server, made.codes[0])
        me.choose()
        for at, contact in enumerate(("often", "none", "rarely"), start=1):
            expect(me.page.locator(".where")).to_contain_text(f"第 {at} 个单位，共 3 个")
            me.tick("rd_contact", contact)
            if contact != "none":
                me.tick("rd_overall", "s")
            me.send()
        me.thanked()
    assert [answers.get("rd_overall") for _unit, answers in parked(app)[0].responses] == ["s", None, "s"]


@SCRIPTS
def test_stopping_early__sends_what_is_finished(app: Flask, server: str, browser: Browser, scripts: bool) -> None:
    made = door(app, questionnaire="related_department", units=("甲局", "乙局", "丙局"), department="丁局")
    with phone(browser, java_script_enabled=scripts) as context:
        me = tab(context)
        me.start(server, made.codes[0])
        me.choose()
        me.tick("rd_contact", "often")
        me.send()
        expect(me.page.locator(".where")).to_contain_text("第 2 个单位")
        me.page.get_by_role("button", name="到此结束并提交").click()
        me.thanked()
    assert [answers for _unit, answers in parked(app)[0].responses] == [{"rd_contact": "often"}]


@SCRIPTS
def test_mistakes__come_back_with_everything_and_the_first_in_focus(
    app: Flask, server: str, browser: Browser, scripts: bool
) -> None:
    made = door(app)
    with phone(browser, java_script_enabled=scripts, reduced_motion="reduce") as context:
        me = tab(context)
        me.start(server, made.codes[0])
        me.tick("sr_overall", "vd")
        for reason in ("papers", "slow", "manner", "fee"):
            me.tick("sr_reason", reason)
        me.page.locator("[name=sr_open]").fill("多开窗口")
        me.send()
        expect(me.page.locator("#summary")).to_contain_text("有 1 题需要修改，您填写的内容都还在。")
        expect(me.page.locator("#f-sr_reason")).to_be_focused()
        assert me.ticked("sr_reason") == ["papers", "slow", "manner", "fee"]
        expect(me.page.locator("[name=sr_open]")).to_have_value("多开窗口")
        me.page.locator("#summary a").click()
        expect(me.page.locator("#f-sr_reason")).to_be_in_viewport()
        if scripts:
            box, bar = me.page.locator("#f-sr_reason").bounding_box(), me.page.locator("#bar").bounding_box()
            assert box is not None
            assert bar is not None
            assert box["y"] >= bar["y"] + bar["height"]
        me.tick("sr_reason", "fee")
        me.send()
        me.thanked()
    assert parked(app)[0].responses[0][1]["sr_reason"] == ["papers", "slow", "manner"]


def test_offline__waits_and_sends_once_the_network_is_back(app: Flask, server: str, browser: Browser) -> None:
    made = door(app)
    with phone(browser) as context:
        me = tab(context)
        # With the clock standing still nothing is tried again by time: only the network's return can do it.
        me.page.clock.install()
        me.start(server, made.codes[0])
        me.page.clock.pause_at(time.time() + 3600)
        me.tick("sr_overall", "s")
        context.set_offline(True)
        me.send()
        expect(me.page.locator("#state")).to_have_text("网络不通。您填写的内容都还在，网络恢复后会自动提交。")
        expect(me.page.locator("#state")).to_have_role("status")
        assert me.ticked("sr_overall") == ["s"]
        assert parked(app) == []
        me.tick("sr_overall", "vs")
        context.set_offline(False)
        me.thanked()
        assert drafts(me.page) == []
    assert [sitting.responses[0][1] for sitting in parked(app)] == [{"sr_overall": "vs"}]


@SCRIPTS
def test_two_taps__are_one_answer(app: Flask, server: str, browser: Browser, scripts: bool) -> None:
    made = door(app)
    with phone(browser, java_script_enabled=scripts) as context:
        me = tab(context)
        me.start(server, made.codes[0])
        me.tick("sr_overall", "s")
        button = me.page.locator("#answers .acts button:not([type])")
        if scripts:
            button.evaluate("button => { button.click(); button.click(); }")
        else:
            button.dblclick()
        me.thanked()
        expect(me.page.get_by_role("heading", level=1)).to_have_text("提交成功")
        assert len(me.posts) == 1 or not scripts
    assert len(parked(app)) == 1


def test_full_writer__is_tried_again_by_itself(app: Flask, server: str, browser: Browser) -> None:
    made = door(app)
    with phone(browser) as context:
        me = tab(context)
        me.start(server, made.codes[0])
        me.tick("sr_overall", "vs")
        with busy_writer(app, made.codes[1:3]):
            with me.page.expect_response("**/a") as refused:
                me.send()
            assert refused.value.status == 503
            expect(me.page.locator("#state")).to_have_text(
                re.compile("暂时没有提交成功。您填写的内容都还在，约 [0-9]+ 秒后自动重试，也可以再点一次提交。")
            )
            assert me.ticked("sr_overall") == ["vs"]
        me.thanked()
        assert len(me.posts) == 2
        assert me.posts[0].post_data == me.posts[1].post_data
        assert drafts(me.page) == []
    assert sorted(sitting.responses[0][1]["sr_overall"] for sitting in parked(app)) == ["s", "s", "vs"]


def test_full_writer__without_scripts_keeps_everything_for_another_tap(
    app: Flask, server: str, browser: Browser
) -> None:
    made = door(app)
    with phone(browser, java_script_enabled=False) as context:
        me = tab(context)
        me.start(server, made.codes[0])
        me.tick("sr_overall", "vs")
        with busy_writer(app, made.codes[1:3]):
            me.send()
            expect(me.page.locator("#summary")).to_contain_text("系统暂时没能保存，您填写的内容都还在。")
            assert me.ticked("sr_overall") == ["vs"]
        me.page.get_by_role("button", name="再次提交").click()
        me.thanked()
    assert sorted(sitting.responses[0][1]["sr_overall"] for sitting in parked(app)) == ["s", "s", "vs"]


def test_answer_lost_on_its_way_back__is_thanked_after_another_try(app: Flask, server: str, browser: Browser) -> None:
    made = door(app)
    with phone(browser) as context:
        me = tab(context)
        me.start(server, made.codes[0])
        me.tick("sr_overall", "s")
        lost: list[int] = []

        def lose_once(route: object) -> None:
            # The server stores it, the phone never hears of it.
            if lost:
                route.continue_()  # type: ignore[attr-defined]
            else:
                lost.append(route.fetch(max_redirects=0).status)  # type: ignore[attr-defined]
                route.abort("connectionreset")  # type: ignore[attr-defined]

        me.page.route("**/a", lose_once)
        me.send()
        me.thanked()
        assert lost == [303]
        assert len(me.posts) == 2
    assert len(parked(app)) == 1


def test_portal_of_the_network__is_not_taken_for_our_answer(app: Flask, server: str, browser: Browser) -> None:
    made = door(app)
    with phone(browser) as context:
        me = tab(context)
        me.start(server, made.codes[0])
        me.tick("sr_overall", "s")
        me.page.route("**/a", lambda route: route.fulfill(body="<h1>请先登录网络</h1>", content_type="text/html"))
        me.send()
        expect(me.page.locator("#state")).to_contain_text("暂时没有提交成功")
        me.page.unroute("**/a")
        me.send()
        me.thanked()
    assert len(parked(app)) == 1


def test_going_back_after_sending__shows_no_answers_and_takes_no_second_one(
    app: Flask, server: str, browser: Browser
) -> None:
    made = door(app)
    with phone(browser) as context:
        me = tab(context)
        me.start(server, made.codes[0])
        me.tick("sr_overall", "s")
        me.send()
        me.thanked()
        me.page.go_back()
        expect(me.page.get_by_role("heading", level=1)).to_have_text("这张卡已经用过")
        assert me.page.locator("#answers").count() == 0
    assert len(parked(app)) == 1


def test_going_back_between_units__stays_in_the_questionnaire_until_sent(
    app: Flask, server: str, browser: Browser
) -> None:
    made = door(app, questionnaire="related_department", units=("甲局", "乙局"), department="丁局")
    with phone(browser) as context:
        me = tab(context)
        me.start(server, made.codes[0])
        me.choose()
        me.tick("rd_overall", "s")
        before = me.page.evaluate("history.length")
        me.send()
        expect(me.page.locator(".where")).to_contain_text("第 2 个单位")
        assert me.page.evaluate("history.length") == before
        assert me.page.url == f"{server}/q"
        expect(me.page.get_by_role("heading", level=1)).to_be_focused()


def test_page_back_out_of_the_browsers_memory__can_be_sent(app: Flask, server: str, browser: Browser) -> None:
    made = door(app)
    with phone(browser) as context:
        me = tab(context)
        me.start(server, made.codes[0])
        me.tick("sr_overall", "s")
        held: list[Route] = []

        def hold_first(route: Route) -> None:
            # Left while the answer was on its way: what was awaited then never comes.
            if held:
                route.continue_()
            else:
                held.append(route)

        me.page.route("**/a", hold_first)
        me.send()
        expect(me.page.locator("#answers")).to_have_attribute("aria-busy", "true")
        me.page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
        expect(me.page.locator("#state")).to_be_empty()
        assert me.ticked("sr_overall") == ["s"]
        me.send()
        me.thanked()
    assert len(parked(app)) == 1


def test_used_on_another_phone_meanwhile__is_said(app: Flask, server: str, browser: Browser) -> None:
    made = door(app)
    with phone(browser) as context:
        me = tab(context)
        me.start(server, made.codes[0])
        me.tick("sr_overall", "s")
        other = Phone(app.test_client())
        assert other.send(other.begin(made.codes[0]), {"sr_overall": "vd"}, SAME_SITE).status_code == 303
        me.send()
        expect(me.page.get_by_role("heading", level=1)).to_have_text("这张卡已经用过")
        assert drafts(me.page) == []
    assert [sitting.responses[0][1] for sitting in parked(app)] == [{"sr_overall": "vd"}]

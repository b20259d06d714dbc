"""The whole way on a real phone: personal link, credential, questionnaire, sending; and what the phone keeps of it."""

import json
import re
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Route
from sqlalchemy import select

from survey_app.invitations.models import Invitee, NamedList
from survey_app.invitations.rules import blind_rsa
from tests.factories.browsing import door, faults, phone, tab
from tests.factories.invited import encoded, list_door
from tests.factories.phone import parked

pytestmark = pytest.mark.browser
# So that nobody waits in tests: the phone draws its seconds from here.
NO_WAIT = "Crypto.prototype.getRandomValues = (draw => function (array) { draw.call(this, array); \
if (array instanceof Uint16Array) array[0] = WAIT; return array; })(Crypto.prototype.getRandomValues);"


def quick(context: BrowserContext, wait: int = 0) -> BrowserContext:
    context.add_init_script(NO_WAIT.replace("WAIT", str(wait)))
    return context


def storage(page: Page) -> dict[str, Any]:
    found: dict[str, str] = page.evaluate("() => Object.assign({}, localStorage)")
    return {name: json.loads(value) for name, value in found.items() if name.startswith("pingyi.token.")}


def fetch(page: Page, server: str, secret: str) -> None:
    page.goto(f"{server}/i/{secret}")
    page.locator("#issue button").click()
    page.wait_for_url("**/t#*")


def row(app: Flask, table: Any) -> Any:
    with app.extensions["pingyi"].database.reading() as session:
        return session.scalars(select(table)).first()


def test_blinding__in_chromium__equals_the_reference_byte_by_byte(app: Flask, server: str, browser: Browser) -> None:
    key = blind_rsa.new_key()
    n = key.public_key().public_numbers().n
    text = encoded(n.to_bytes(blind_rsa.KEY_BYTES, "big"))
    secret = list_door(app).secrets[0]
    with phone(browser) as context:
        page = context.new_page()
        page.goto(f"{server}/i/{secret}")
        for number in range(4):
            # One factor with zeros in front, so that padding is tried too.
            factor = 2**1800 + 3 * number if number == 0 else n - 2 - number
            message, salt = blind_rsa.new_message(), bytes([number]) * blind_rsa.SALT_BYTES
            given = [text, encoded(message), encoded(salt), encoded(factor.to_bytes(blind_rsa.KEY_BYTES, "big"))]
            made = page.evaluate("([key, ...rest]) => pingyiBlind.blind(key, ...rest.map(pingyiBlind.bytesOf))", given)
            ours = blind_rsa.blind(key.public_key(), message, factor=factor, salt=salt)
            assert made["blinded"] == encoded(ours.message)
            assert made["inverse"] == encoded(ours.inverse.to_bytes(blind_rsa.KEY_BYTES, "big"))
            signed = blind_rsa.blind_sign(key, ours.message)
            finished = page.evaluate(
                "([key, message, ...rest]) => pingyiBlind.finish(key, pingyiBlind.bytesOf(message), ...rest)",
                [text, encoded(message), encoded(signed), made["inverse"]],
            )
            assert finished == encoded(blind_rsa.finalize(key.public_key(), message, signed, ours.inverse))
        shown = page.evaluate("key => pingyiBlind.fingerprint(key)", text)
        assert shown == blind_rsa.fingerprint(blind_rsa.public_bytes(key.public_key()))


def test_invited_person__fetches_a_credential_and_answers_with_it(app: Flask, server: str, browser: Browser) -> None:
    made = list_door(app)
    with phone(browser) as context:
        page = quick(context).new_page()
        sent: list[tuple[str, str]] = []
        page.on("request", lambda request: sent.append((request.url, request.post_data or "")))
        fetch(page, server, made.secrets[0])
        assert row(app, NamedList).issued == 1
        ((name, record),) = storage(page).items()
        assert set(record) == {"message", "signature", "collector", "title", "until"}
        page.locator("#spend button").click()
        page.locator("#answers").wait_for(state="attached")
        assert page.url == f"{server}/t"
        page.locator('label:has(input[name=sr_overall][value="d"])').click()
        page.locator("#answers .acts button:not([name]):not([type])").first.click()
        page.wait_for_url("**/thanks/**")
        (left,) = storage(page).values()
        assert set(left) == {"done", "until"}
        assert page.evaluate("() => sessionStorage.length") == 0
        page.goto(f"{server}/i/{made.secrets[0]}")
        page.locator("#done").wait_for()
    (sitting,) = parked(app)
    assert sitting.responses == [[made.door.unit_ids[0], {"sr_overall": "d"}]]
    assert row(app, NamedList).spent == 1
    # What knows the person never carries the token, what carries the token never knows the person.
    to_sign = [body for url, body in sent if url.endswith("/s")]
    to_spend = [url + body for url, body in sent if url.endswith(("/t", "/a"))]
    assert len(to_sign) == 1
    assert len(to_spend) == 3  # the page at /t (twice: as an address and as a form), and the answers
    assert record["message"] not in to_sign[0]
    assert record["signature"] not in to_sign[0]
    person = row(app, Invitee)
    for request in to_spend:
        for clue in (made.secrets[0], encoded(person.blinded), encoded(person.blind_signature), name.split(".")[-1]):
            assert clue not in request


def test_lost_reply__is_fetched_again_with_the_same_blinded_message(app: Flask, server: str, browser: Browser) -> None:
    made = list_door(app)
    bodies: list[str] = []

    def lose(route: Route) -> None:
        bodies.append(route.request.post_data or "")
        if len(bodies) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    with phone(browser) as context:
        page = context.new_page()
        page.route("**/s", lose)
        page.goto(f"{server}/i/{made.secrets[0]}")
        page.locator("#issue button").click()
        page.locator("#state", has_text="没有领取成功").wait_for()
        page.reload()
        page.locator("#issue button").click()
        page.wait_for_url("**/t#*")
    assert bodies[0] == bodies[1]
    assert row(app, NamedList).issued == 1


def test_second_phone__is_told_that_the_credential_was_issued(app: Flask, server: str, browser: Browser) -> None:
    made = list_door(app)
    with phone(browser) as first:
        fetch(first.new_page(), server, made.secrets[0])
    with phone(browser) as second:
        page = second.new_page()
        page.goto(f"{server}/i/{made.secrets[0]}")
        page.locator("#issue button").click()
        page.locator("h1", has_text="填答凭证已经领取过").wait_for()
    assert row(app, NamedList).issued == 1


def test_quick_answer__waits_in_sight_and_is_sent_once(app: Flask, server: str, browser: Browser) -> None:
    made = list_door(app)
    with phone(browser) as context:
        opened = tab(quick(context, wait=2))
        fetch(opened.page, server, made.secrets[0])
        opened.page.locator("#spend button").click()
        opened.tick("sr_overall", "d")
        opened.send()
        assert "将在 2 秒后自动提交" in opened.page.locator("#state").inner_text()
        assert opened.posts == []
        opened.send()
        opened.thanked()
        assert len(opened.posts) == 1
    assert len(parked(app)) == 1


def test_network_that_fails_after_the_wait__costs_nothing(app: Flask, server: str, browser: Browser) -> None:
    made = list_door(app)
    tries: list[str] = []

    def fail_once(route: Route) -> None:
        tries.append(route.request.url)
        if len(tries) == 1:
            route.abort()
        else:
            route.continue_()

    with phone(browser) as context:
        opened = tab(quick(context, wait=1))
        fetch(opened.page, server, made.secrets[0])
        opened.page.locator("#spend button").click()
        opened.page.route("**/a", fail_once)
        opened.tick("sr_overall", "d")
        opened.send()
        # By itself, and without waiting for a second time.
        opened.thanked()
    assert len(tries) == 2
    assert len(parked(app)) == 1


def test_two_people_with_one_phone__have_two_credentials(app: Flask, server: str, browser: Browser) -> None:
    made = list_door(app)
    with phone(browser) as context:
        opened = tab(quick(context))
        addresses = []
        for secret in made.secrets[:2]:
            fetch(opened.page, server, secret)
            addresses.append(opened.page.url)
        assert len(storage(opened.page)) == 2
        for address in addresses:
            opened.page.goto("about:blank")
            opened.page.goto(address)
            opened.page.locator("#spend button").click()
            opened.tick("sr_overall", "d")
            opened.send()
            opened.thanked()
        assert [set(record) for record in storage(opened.page).values()] == [{"done", "until"}] * 2
    assert len(parked(app)) == 2
    assert row(app, NamedList).spent == 2


def test_page_under_another_key__is_refused_by_the_phone(app: Flask, server: str, browser: Browser) -> None:
    made = list_door(app)

    def swap(route: Route) -> None:
        answer = route.fetch()
        other = encoded(blind_rsa.new_key().public_key().public_numbers().n.to_bytes(blind_rsa.KEY_BYTES, "big"))
        route.fulfill(response=answer, body=re.sub(r'data-key="[^"]+"', f'data-key="{other}"', answer.text()))

    with phone(browser) as context:
        page = context.new_page()
        page.route("**/i/*", swap)
        page.goto(f"{server}/i/{made.secrets[0]}")
        page.locator("#state", has_text="不一致").wait_for()
        assert page.locator("#fetch").is_hidden()


def test_signature_that_is_none__is_refused_by_the_phone_and_not_kept_as_a_credential(
    app: Flask, server: str, browser: Browser
) -> None:
    made = list_door(app)
    with phone(browser) as context:
        page = context.new_page()
        page.route("**/s", lambda route: route.fulfill(response=route.fetch(), body=encoded(bytes(256))))
        page.goto(f"{server}/i/{made.secrets[0]}")
        page.locator("#issue button").click()
        page.locator("#state", has_text="签名不对").wait_for()
        (record,) = storage(page).values()
        assert "signature" not in record


def test_browser_without_big_numbers__is_told_to_take_a_card(app: Flask, server: str, browser: Browser) -> None:
    made = list_door(app)
    with phone(browser) as context:
        context.add_init_script("delete window.BigInt")
        page = context.new_page()
        page.goto(f"{server}/i/{made.secrets[0]}")
        page.locator("#cannot").wait_for()
        assert page.locator("#fetch").is_hidden()


def test_browser_without_script__is_told_to_take_a_card(app: Flask, server: str, browser: Browser) -> None:
    made = list_door(app)
    with phone(browser, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{server}/i/{made.secrets[0]}")
        assert "填答卡片" in page.locator("noscript").inner_text()
        assert page.locator("#fetch").is_hidden()


def test_card_in_the_same_tab__does_not_cost_the_credential(app: Flask, server: str, browser: Browser) -> None:
    made = list_door(app)
    cards = door(app)
    with phone(browser) as context:
        opened = tab(quick(context))
        fetch(opened.page, server, made.secrets[0])
        opened.page.locator("#spend button").click()
        opened.page.locator("#answers").wait_for(state="attached")
        opened.start(server, cards.codes[0])
        opened.tick("sr_overall", "d")
        opened.send()
        opened.thanked()
        assert "signature" in next(iter(storage(opened.page).values()))


@pytest.mark.parametrize("large", [False, True])
def test_pages_of_an_invitation__have_no_fault(app: Flask, server: str, browser: Browser, large: bool) -> None:
    made = list_door(app)
    with phone(browser) as context:
        if large:
            context.add_init_script("if (location.host) localStorage.setItem('pingyi.large', '1')")
        page = context.new_page()
        page.goto(f"{server}/i/{made.secrets[0]}")
        page.locator("#fetch").wait_for()
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        fetch(page, server, made.secrets[0])
        page.locator("#spend").wait_for()
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 360

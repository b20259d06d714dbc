"""What is not a form of ours is refused kindly, and stores nothing."""

from dataclasses import replace
from io import BytesIO
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder, run_wsgi_app

from survey_app.questionnaire.size import MOST_SITTING_BYTES
from survey_app.responses.pages.incoming import MOST_BYTES
from tests.factories.phone import SAME_SITE, Phone, hidden, parked, said
from tests.factories.respondents import Door, open_door

FORM = "application/x-www-form-urlencoded"
ANSWERS = {"sr_contact": "handle", "sr_overall": "s"}


def door(app: Flask) -> Door:
    with app.extensions["pingyi"].database.writing() as session:
        return open_door(session)


def test_foreign_forms__are_refused(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), door(app)
    page = phone.begin(made.codes[0])
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "http://[elsewhere"},
        {"Origin": "null"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
    ):
        answer = phone.send(page, ANSWERS, headers)
        assert (answer.status_code, "这份内容不是从本页面提交的" in said(answer)) == (403, True), headers
    assert client.post("/q", data={"code": made.codes[0]}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert parked(app) == []
    # A card's own page in an old browser: no Sec-Fetch-Site, and no origin because of our referrer policy.
    begun = client.post("/q", data={"code": made.codes[0], "begin": "1"}, headers={"Origin": "null"})
    assert begun.status_code == 200
    assert phone.send(begun, ANSWERS, {"Origin": "http://localhost"}).status_code == 303


def test_refusals__come_in_the_language_of_the_form(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), door(app)
    page = phone.begin(made.codes[0], "en")
    for values, headers, words in (
        (ANSWERS, {"Sec-Fetch-Site": "cross-site"}, "This was not sent from this page"),
        (ANSWERS | {"_cap": "x"}, SAME_SITE, "This page is no longer valid"),
        ({"sr_open": "x" * 300_000}, SAME_SITE, "What was sent is too large"),
    ):
        assert said(phone.send(page, values, headers)).startswith(words)


@pytest.mark.parametrize("headers", [{}, {"Origin": "null", "Sec-Fetch-Site": "same-origin"}, SAME_SITE])
def test_own_forms__are_taken(app: Flask, client: FlaskClient, headers: dict[str, str]) -> None:
    phone, made = Phone(client), door(app)
    assert phone.send(phone.begin(made.codes[0]), ANSWERS, headers).status_code == 303


def test_public_address_behind_a_proxy__is_our_own(app: Flask, client: FlaskClient) -> None:
    installation = app.extensions["pingyi"]
    public = replace(installation.config, public_url="https://pj.example.cn")
    app.extensions["pingyi"] = replace(installation, config=public)
    phone, made = Phone(client), door(app)
    assert phone.send(phone.begin(made.codes[0]), ANSWERS, {"Origin": "https://pj.example.cn"}).status_code == 303


def test_what_is_not_a_form_or_too_large__is_refused_kindly(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), door(app)
    page = phone.begin(made.codes[0])
    as_json = client.post("/a", json=hidden(page), headers=SAME_SITE)
    assert (as_json.status_code, "提交的格式不能识别" in said(as_json)) == (415, True)
    as_file = client.post("/a", data=hidden(page), headers=SAME_SITE, content_type="multipart/form-data")
    assert as_file.status_code == 415
    large = phone.send(page, {"sr_open": "长" * 100_000})
    assert (large.status_code, "提交的内容过大" in said(large)) == (413, True)
    assert parked(app) == []


@pytest.mark.parametrize("length", [None, "5000"], ids=["of unknown length", "cut short"])
def test_body__that_may_not_be_whole__is_refused_and_can_be_sent_again(
    app: Flask, client: FlaskClient, length: str | None
) -> None:
    phone, made = Phone(client), door(app)
    page = phone.begin(made.codes[0])
    # As granian hands it over: the stream ends where the connection broke.
    arrived = BytesIO(urlencode({**hidden(page), "sr_overall": "s"}).encode())
    sent = EnvironBuilder(method="POST", path="/a", input_stream=arrived, content_type=FORM, headers=SAME_SITE)
    environ = sent.get_environ() | {"wsgi.input_terminated": True, "CONTENT_LENGTH": length}
    # Not by the client: it would set the length right.
    body, status, _headers = run_wsgi_app(app, {name: value for name, value in environ.items() if value is not None})
    assert (status, "没有收全" in b"".join(body).decode()) == ("400 BAD REQUEST", True)
    # What does not say how long it is may be endless.
    assert length or arrived.tell() == 0
    assert parked(app) == []
    assert phone.send(page, ANSWERS).status_code == 303
    assert parked(app)[0].responses[0][1]["sr_contact"] == ["handle"]


def test_changed_or_foreign_capability__is_refused(app: Flask, client: FlaskClient) -> None:
    phone, made = Phone(client), door(app)
    page = phone.begin(made.codes[0])
    capability = hidden(page)["_cap"]
    flipped = capability[:40] + ("A" if capability[40] != "A" else "B") + capability[41:]
    for values in ({"_cap": flipped}, {"_cap": ""}, {"_cap": "填"}, {"_page": "7"}, {"_page": "-1"}, {"_page": "x"}):
        answer = phone.send(page, {**ANSWERS, **values})
        assert (answer.status_code, "这个页面已失效" in said(answer)) == (400, True), values
    carried = phone.send(page, {**ANSWERS, "_carry": capability})
    assert carried.status_code == 400
    assert parked(app) == []


def test_largest_form__that_a_checked_questionnaire_allows__is_taken() -> None:
    around = 8 * 1024  # capability, page number, item ids
    assert 3 * MOST_SITTING_BYTES + around <= MOST_BYTES

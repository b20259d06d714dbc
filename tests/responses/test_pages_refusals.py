"""What is not a form of ours is refused kindly, and stores nothing."""

from dataclasses import replace
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder

from tests.factories.phone import SAME_SITE, Phone, hidden, parked, said
from tests.factories.respondents import Door, open_door

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


def test_body_without_a_length__is_read_no_further_than_allowed(app: Flask, client: FlaskClient) -> None:
    body = BytesIO(b"sr_open=" + b"a" * 400_000)
    environ = EnvironBuilder(
        method="POST",
        path="/a",
        input_stream=body,
        content_type="application/x-www-form-urlencoded",
        headers=SAME_SITE,
    ).get_environ()
    del environ["CONTENT_LENGTH"]
    environ["wsgi.input_terminated"] = True
    answer = client.open(environ)
    assert (answer.status_code, "提交的内容过大" in said(answer)) == (413, True)
    assert body.tell() <= 300_000


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

"""What a phone does with our pages, over Flask's test client, and what then lies in a box."""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, select, text
from werkzeug.test import TestResponse

from survey_app.responses.models import Parked
from survey_app.responses.sitting import OpenedSitting, open_sitting

SAME_SITE = {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}
Values = Mapping[str, str | Sequence[str]]


@dataclass
class Phone:
    """A browser without JavaScript."""

    client: FlaskClient

    def begin(self, code: str, language: str = "zh") -> TestResponse:
        """From the start page to the items."""
        return self.client.post(f"/q?lang={language}", data={"code": code, "begin": "1"}, headers=SAME_SITE)

    def choose(self, page: TestResponse, *names: str, **buttons: str) -> TestResponse:
        """The page of units with these ticked; without names, all that are offered."""
        offered = offered_units(page)
        ticked = [number for name, number in offered.items() if not names or name in names]
        return self.send(page, {"_known": ticked, **buttons})

    def send(self, page: TestResponse, values: Values, headers: Mapping[str, str] | None = None) -> TestResponse:
        """The form of a page with these values, as its buttons would send it."""
        where = re.findall(r'<form method="post" action="([^"]*)"', page.text)[0]
        return self.client.post(
            where, data={**hidden(page), **values}, headers=SAME_SITE if headers is None else headers
        )


def hidden(page: TestResponse) -> dict[str, str]:
    """The hidden fields of a page's form."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)
    return {name: html.unescape(value) for name, value in found}


def offered_units(page: TestResponse) -> dict[str, str]:
    """On the page of units: what to send for each, by name, in the order shown."""
    found = re.findall(r'<input type="checkbox" name="_known" value="(\d+)"[^>]*><span>([^<]*?)\s*<', page.text)
    return {html.unescape(name): number for number, name in found}


def typed_on(page: TestResponse) -> dict[str, str]:
    """What is ticked and written on a page already, as a browser sends it: one value a field."""
    ticked = re.findall(r'<input type="radio" name="(\w+)" value="(\w+)"[^>]* checked', page.text)
    written = re.findall(r'<textarea name="(\w+)"[^>]*>\n(.*?)</textarea>', page.text, re.DOTALL)
    return dict(ticked) | {name: html.unescape(words) for name, words in written}


def ways_from(page: TestResponse) -> list[str]:
    """The other pages of the sitting that buttons lead to: the one before, and the page of units last."""
    return re.findall(r'<button class="plain" name="_to" value="(\d+)">', page.text)


def said(page: TestResponse) -> str:
    """What a page says, without its markup, as one line."""
    body = page.text.split("<main", 1)[1].split(">", 1)[1]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def parked(app: Flask) -> list[OpenedSitting]:
    """Every sitting that waits in a box, opened with its key."""
    installation = app.extensions["pingyi"]
    keys = app.extensions["pingyi.boxes"].keys
    with installation.database.reading() as session:
        rows = list(session.scalars(select(Parked)))
    opened = []
    for row in rows:
        key = keys.read(row.box_group_id, row.box_number)
        assert key is not None
        opened.append(open_sitting(key, row.ciphertext, row.id))
    return opened


def rows_of_everything(app: Flask) -> dict[str, list[str]]:
    """Every row of every table: what a page that writes nothing leaves as it was."""
    with app.extensions["pingyi"].database.engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        return {name: sorted(map(repr, connection.execute(text(f'SELECT * FROM "{name}"')))) for name in tables}

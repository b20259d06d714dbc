"""Doors that work by named list, and a phone that fetches and spends a credential without a browser."""

import base64
import re
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey_app.config import Config
from survey_app.invitations.operations import lists
from survey_app.invitations.operations.keys import SigningKeys
from survey_app.invitations.rules import blind_rsa
from survey_app.invitations.rules.lists import ListRow
from tests.factories.phone import SAME_SITE
from tests.factories.respondents import Door, open_door


@dataclass(frozen=True)
class ListDoor:
    """An open collector of tier T2 and the personal secrets behind it."""

    door: Door
    secrets: tuple[str, ...]


@dataclass(frozen=True)
class Token:
    """What lies on a phone."""

    message: bytes
    signature: bytes
    collector_id: int

    def form(self) -> dict[str, str]:
        """As the page at /t sends it."""
        return {
            "token": encoded(self.message),
            "signature": encoded(self.signature),
            "collector": str(self.collector_id),
        }


def people(count: int) -> list[ListRow]:
    """Invented people with addresses of no host."""
    return [ListRow(f"受邀人{number:03}", f"p{number}@example.invalid", "") for number in range(1, count + 1)]


def list_door(app: Flask, invited: int = 12, **given: object) -> ListDoor:
    """A campaign with one T2 collector, its list, links and key; committed."""
    config: Config = app.extensions["pingyi"].config
    with app.extensions["pingyi"].database.writing() as session:
        assert isinstance(session, Session)
        door = open_door(session, tier="T2", cards=invited, **given)  # type: ignore[arg-type]
        lists.replace_list(session, door.collector_id, people(invited), b"f" * 32)
        made = lists.make_links(session, door.collector_id, renew=False)
        lists.publish_key(session, SigningKeys(config.key_directory), door.collector_id)
        session.commit()
    return ListDoor(door, tuple(one.secret for one in made))


def encoded(raw: bytes) -> str:
    """URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def key_on(page: TestResponse) -> bytes:
    """The public key that the page of a personal link gives to its script, in DER."""
    text = re.findall(r'data-key="([^"]+)"', page.text)[0]
    n = int.from_bytes(base64.urlsafe_b64decode(text + "=="), "big")
    numbers = blind_rsa.rsa.RSAPublicNumbers(blind_rsa.EXPONENT, n)
    return blind_rsa.public_bytes(numbers.public_key())


def request_signature(client: FlaskClient, secret: str, blinded: bytes) -> TestResponse:
    """What the script posts to /s."""
    return client.post("/s", data={"code": secret, "blinded": encoded(blinded)}, headers=SAME_SITE)


def fetch(client: FlaskClient, secret: str, collector_id: int) -> Token:
    """The whole way from a personal link to a credential, as blind.js and invited.js go it."""
    public = blind_rsa.public_key(key_on(client.get(f"/i/{secret}")))
    message = blind_rsa.new_message()
    hidden = blind_rsa.blind(public, message)
    answer = request_signature(client, secret, hidden.message)
    assert answer.status_code == 200, answer.text
    signed = base64.urlsafe_b64decode(answer.text + "==")
    return Token(message, blind_rsa.finalize(public, message, signed, hidden.inverse), collector_id)


def begin(client: FlaskClient, token: Token) -> TestResponse:
    """What the page at /t sends."""
    return client.post("/t", data=token.form(), headers=SAME_SITE)

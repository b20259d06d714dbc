"""People answer, each on a telephone of their own, and meet every fault that can be forced on the way.

`watch` is told after each request that came back, and after each that did not: what the adversary copies in between
is its own affair. A person sends the same form again until it is thanked for, as a telephone does.
"""

import base64
import hashlib
import html
import random
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey_app import clock
from survey_app.invitations.rules import blind_rsa
from survey_app.responses.capability import unseal
from tests.factories.invited import Token, key_on
from tests.factories.invited import encoded as urlsafe
from tests.factories.phone import SAME_SITE, hidden
from tests.privacy.faults import Faults
from tests.privacy.material import History
from tests.privacy.world import Person, World

_TRIES = 60
_TOO_LATE = 0.05
_RADIO = re.compile(r'<input type="(radio|checkbox)" name="(\w+)" value="([^"]*)"')
_TEXT = re.compile(r'<(?:textarea name="(\w+)"|input type="text" name="(\w+)")')
_TOKEN_NAME = re.compile(r'data-token="([0-9a-f]+)"')
_FORM = re.compile(r'<form method="post" action="([^"]*)"[^>]* id="answers"')
# Taken, but they end a page early or ask to describe something: the people of this world have met everybody.
_AVOIDED = frozenset({"none", "other", "na", "dk", "never"})

Form = dict[str, str | list[str]]
Watch = Callable[[], None]


@dataclass
class Statuses:
    """How often each kind of answer came back: a test that faults were really met."""

    seen: dict[int, int] = field(default_factory=dict)

    def count(self, page: TestResponse) -> TestResponse:
        """Note a status."""
        self.seen[page.status_code] = self.seen.get(page.status_code, 0) + 1
        return page


@dataclass
class Crowd:
    """Everybody's telephones, one after the other."""

    world: World
    watch: Watch
    chance: random.Random
    history: History
    faults: Faults | None = None
    statuses: Statuses = field(default_factory=Statuses)
    seconds: int = 0
    late: int = 0

    def answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Everybody answers in the order in which they come."""
        with self._moving_clock(monkeypatch):
            early = [person for person in self.world.people if person.collector in self.world.fetched_apart]
            self.chance.shuffle(early)
            for at, person in enumerate(early):
                self._fetch(self.world.app.test_client(), person, hesitant=at % 4 == 0)
            for at, person in enumerate(self.world.people):
                self._one(person, hesitant=at % 4 == 0)

    @contextmanager
    def _moving_clock(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        # A person takes minutes; without that every duration would be the shortest step.
        real = clock.now
        with monkeypatch.context() as patched:
            patched.setattr(clock, "now", lambda: real() + timedelta(seconds=self.seconds))
            yield

    def _one(self, person: Person, *, hesitant: bool) -> None:
        client = self.world.app.test_client()
        page = (self._with_token if person.by_list else self._with_code)(client, person, hesitant=hesitant)
        self._look_at(person, page)
        self.seconds += self.chance.randrange(20, 900)
        for _page in range(20):
            if page.status_code == 303:
                break
            page = self._one_page(client, person, page, hesitant=hesitant)
        assert page.status_code == 303
        self._until(lambda: self._send(client, person, page.location), {200})

    def _with_code(self, client: FlaskClient, person: Person, *, hesitant: bool) -> TestResponse:
        self._failing_at(person.code)
        self._until(lambda: self._send(client, person, f"/q/{person.code}"), {200})
        if hesitant:
            self._until(lambda: self._send(client, person, "/q", {"code": person.code.lower()}), {200})
        return self._until(lambda: self._send(client, person, "/q", {"code": person.code, "begin": "1"}), {200})

    def _with_token(self, client: FlaskClient, person: Person, *, hesitant: bool) -> TestResponse:
        if not person.message:
            self._fetch(client, person, hesitant=hesitant)
        token = Token(person.message, person.signature, person.collector).form()
        self._failing_at(token["token"])
        self._until(lambda: self._send(client, person, "/t"), {200})
        return self._until(lambda: self._send(client, person, "/t", {**token}), {200})

    def _fetch(self, client: FlaskClient, person: Person, *, hesitant: bool) -> None:
        """A credential, as the script of the personal link's page fetches it."""
        self._failing_at(person.code)
        page = self._until(lambda: self._send(client, person, f"/i/{person.code}"), {200})
        if hesitant:
            self._until(lambda: self._send(client, person, "/i", {"code": person.code.lower()}), {200})
        person.token_name = _TOKEN_NAME.findall(page.text)[0]
        public = blind_rsa.public_key(key_on(page))
        self.world.moduli[person.collector] = public.public_numbers().n
        person.message = blind_rsa.new_message()
        person.identity = blind_rsa.spent_hash(person.message)
        self.history.spends(person.link_hash, person.identity)
        hidden_form = blind_rsa.blind(public, person.message)
        form: Form = {"code": person.code, "blinded": urlsafe(hidden_form.message)}
        answer = self._until(lambda: self._send(client, person, "/s", form), {200})
        if hesitant:
            # The reply was lost on its way: the same again gives the same again.
            assert self._until(lambda: self._send(client, person, "/s", form), {200}).text == answer.text
        signed = base64.urlsafe_b64decode(answer.text + "==")
        person.signature = blind_rsa.finalize(public, person.message, signed, hidden_form.inverse)

    def _failing_at(self, secret: str) -> None:
        if self.faults is not None:
            self.faults.person = secret

    def _one_page(self, client: FlaskClient, person: Person, page: TestResponse, *, hesitant: bool) -> TestResponse:
        action = html.unescape(_FORM.findall(page.text)[0])
        form: Form = {**hidden(page), **self._filled(person, page)}
        asked = [name for kind, name, _value in _RADIO.findall(page.text) if kind == "radio"]
        if hesitant and asked:
            # Nothing but a choice that the page does not offer: 422, and the page comes back.
            wrong: Form = {**hidden(page), asked[0]: "no_such_choice"}
            self._until(lambda: self._send(client, person, action, wrong), {422})
        if self.faults is not None and self.chance.random() < _TOO_LATE:
            self._not_waited_for(client, person, action, form)
        return self._until(lambda: self._send(client, person, action, form), {200, 303})

    def _not_waited_for(self, client: FlaskClient, person: Person, action: str, form: Form) -> None:
        """The commit comes after the telephone has been told to try again."""
        assert self.faults is not None
        writer = self.world.app.extensions["pingyi"].writer
        usual, writer._patience = writer._patience, 0.02
        self.faults.held = threading.Event()
        try:
            page = self.statuses.count(self._send(client, person, action, form))
            self.late += page.status_code == 503
            self.watch()
        finally:
            self.faults.held.set()
            self.faults.held = None
            writer._patience = usual

    def _until(self, ask: Callable[[], TestResponse], wanted: set[int]) -> TestResponse:
        for _try in range(_TRIES):
            page = self.statuses.count(ask())
            self.watch()
            if page.status_code in wanted:
                return page
            assert page.status_code in {500, 503}, (page.status_code, page.text)
        raise AssertionError("a fault did not go away")

    def _send(self, client: FlaskClient, person: Person, path: str, form: Form | None = None) -> TestResponse:
        headers = {"User-Agent": person.agent, "Referer": f"https://example.invalid/{person.agent}"}
        headers["X-Forwarded-For"] = person.address
        outside = {"REMOTE_ADDR": person.address}
        if form is None:
            return client.get(path, headers=headers, environ_overrides=outside)
        return client.post(path, data=form, headers=headers | SAME_SITE, environ_overrides=outside)

    def _look_at(self, person: Person, page: TestResponse) -> None:
        secret = self.world.app.extensions["pingyi"].config.secret
        capability = unseal(secret, hidden(page)["_cap"], 0)
        person.nonce = capability.nonce
        person.identity = person.identity or hashlib.sha256(capability.nonce).digest()
        self.history.identities.add(person.identity)
        person.draft = re.findall(r'data-draft="([^"]*)"', page.text)[0]

    def _filled(self, person: Person, page: TestResponse) -> Form:
        offered: dict[str, list[str]] = {}
        for _kind, name, value in _RADIO.findall(page.text):
            offered.setdefault(name, []).append(value)
        values: Form = {}
        for name, found in offered.items():
            usual = [value for value in found if value not in _AVOIDED] or found
            # Most people know all the units that they are asked about; some leave one out.
            everything = name.startswith("_") and self.chance.random() < 0.7
            values[name] = usual if everything else [self.chance.choice(usual)]
        for one, other in _TEXT.findall(page.text):
            values[one or other] = [person.marker]
        return values

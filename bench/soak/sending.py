"""Phones that do not give up: each sends its sitting until it is thanked, whatever becomes of the server meanwhile."""

import http.client
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

from bench.campaign import ITEMS, SCALE, Doors
from survey_app import clock
from survey_app.admission.rules import code_hash
from survey_app.config import Config
from survey_app.responses.capability import issue, seal

_RETRY_AFTER_NO_ANSWER, _RETRY_AFTER_503 = 0.05, 0.1  # a phone waits longer; a soak run has less time
_SENT_TWICE = 0.05
_DAY = 86_400


@dataclass(frozen=True)
class Form:
    """One sitting, ready to send. `number` is written in its answers, to the base of the choices."""

    number: int
    body: bytes


def forms(environment: dict[str, str], doors: Doors, *, tier: str = "T1", days: float = 1) -> list[Form]:
    """A sitting for each code (or as many for the open link) whose page may be sent for so many days."""
    secret = Config.from_environment(environment).secret
    now = int(clock.now().timestamp())
    made = []
    for number, code in enumerate(doors.codes):
        collector, hashed = (doors.t1, code_hash(code)) if tier == "T1" else (doors.t0, None)
        capability = issue(collector, hashed, now - 200, now + round(days * _DAY), "zh")
        text = urlencode({"_cap": seal(secret, capability), "_page": 0, **digits(number)})
        made.append(Form(number, text.encode()))
    return made


def number_of(answers: dict[str, str]) -> int:
    """Which sitting these stored answers are."""
    return sum(SCALE.index(answers[f"q{place:02}"]) * len(SCALE) ** (place - 1) for place in range(1, ITEMS + 1))


def digits(number: int) -> dict[str, str]:
    """The answers that say which sitting this is."""
    return {f"q{place + 1:02}": SCALE[number // len(SCALE) ** place % len(SCALE)] for place in range(ITEMS)}


@dataclass(frozen=True)
class Answer:
    """What a phone got; status 0: no answer at all."""

    status: int
    headers: dict[str, str]
    page: str

    @property
    def thanked(self) -> bool:
        """Whether this is the way to the page after sending."""
        return self.status == 303 and self.headers.get("location", "").startswith("/thanks/")

    @property
    def keeps_everything(self) -> bool:
        """Whether the page holds the form again with every item still answered."""
        return 'id="answers"' in self.page and len(re.findall(r"<input[^>]*\schecked", self.page)) == ITEMS

    @property
    def is_clean_503(self) -> bool:
        """Whether it says when to try again, on a page of ours that has lost nothing."""
        return self.status == 503 and self.headers.get("retry-after", "").isdecimal() and self.keeps_everything


class Phone:
    """One connection to a server of this machine, opened anew when it breaks."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        origin = f"http://127.0.0.1:{port}"
        self._headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": origin}
        self._headers["Sec-Fetch-Site"] = "same-origin"

    def send(self, body: bytes, path: str = "/a") -> Answer:
        """Post a form."""
        return self._ask("POST", path, body, self._headers)

    def get(self, path: str) -> Answer:
        """Open a page."""
        return self._ask("GET", path, None, {})

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
            page = response.read().decode()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return Answer(0, {}, "")
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, page)


class Crowd:
    """Phones side by side that take one form after the other, each until it is acknowledged."""

    def __init__(self, port: int, forms: Sequence[Form], size: int, allowed: frozenset[int]) -> None:
        self._port = port
        self._forms = iter(forms)
        self._allowed = allowed
        self._lock = threading.Lock()
        self._enough, self._given_up = threading.Event(), threading.Event()
        self._threads = [threading.Thread(target=self._send_on, daemon=True) for _ in range(size)]
        self.acknowledged: list[int] = []
        self.answers: Counter[int] = Counter()
        self.wrong: list[Answer] = []
        self.ran_out = False

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def finish(self, patience: float = 90) -> None:
        """No new forms; wait until every form in somebody's hands is acknowledged."""
        self._enough.set()
        end = time.monotonic() + patience
        for thread in self._threads:
            thread.join(max(end - time.monotonic(), 0))
        if any(thread.is_alive() for thread in self._threads):
            raise SystemExit(f"not everybody was thanked within {patience:.0f} s: {dict(self.answers)}")
        if self.ran_out:
            raise SystemExit("there were not enough codes for this run")

    def give_up(self) -> None:
        """Stop where everybody stands."""
        self._enough.set()
        self._given_up.set()

    def wait_for(self, more: int, patience: float = 60) -> None:
        """Until so many more are acknowledged."""
        wanted, end = len(self.acknowledged) + more, time.monotonic() + patience
        while len(self.acknowledged) < wanted:
            if time.monotonic() > end:
                raise SystemExit(f"nobody is served any more: {dict(self.answers)}")
            time.sleep(0.01)

    def _send_on(self) -> None:
        phone, luck = Phone(self._port), random.Random()
        while not self._enough.is_set():
            with self._lock:
                form = next(self._forms, None)
            if form is None:
                self.ran_out = True
                break
            self._until_thanked(phone, form)
            if luck.random() < _SENT_TWICE:
                self._until_thanked(phone, form)
        phone.close()

    def _until_thanked(self, phone: Phone, form: Form) -> None:
        while not self._given_up.is_set():
            answer = phone.send(form.body)
            with self._lock:
                self.answers[answer.status] += 1
                if answer.thanked:
                    self.acknowledged.append(form.number)
                    return
                if answer.status not in self._allowed or (answer.status == 503 and not answer.is_clean_503):
                    self.wrong.append(answer)
            time.sleep(_RETRY_AFTER_503 if answer.status else _RETRY_AFTER_NO_ANSWER)


@contextmanager
def crowd(port: int, forms: Sequence[Form], size: int = 32, allowed: Sequence[int] = (0, 303, 503)) -> Iterator[Crowd]:
    """Phones that are sending while the block runs and are all thanked after it."""
    sending = Crowd(port, forms, size, frozenset(allowed))
    sending.start()
    try:
        yield sending
    except BaseException:
        sending.give_up()
        raise
    sending.finish()

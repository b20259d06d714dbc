"""A respondent's phone, as far as the server can tell: one connection, pages read as HTML, forms sent as forms.

It knows no route but the address on the card; where to send a form, it reads from the form.
"""

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit

_TRIES = 6


@dataclass
class Form:
    """One form of a page: where it goes, what is fixed in it, and what can be chosen or typed."""

    action: str
    fixed: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    several: set[str] = field(default_factory=set)
    typed: set[str] = field(default_factory=set)
    buttons: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    """What came back: the status, where it would redirect to, the forms in it, and the line that names the unit."""

    status: int
    location: str
    forms: tuple[Form, ...]
    where: str

    def form(self, action: str) -> Form | None:
        """The form that is sent to this path, if the page has one."""
        return next((found for found in self.forms if found.action == action), None)


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.where = ""
        self._select: str | None = None
        self._in_where = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self._in_where = tag == "p" and found.get("class") == "where"
        if tag == "form":
            self.forms.append(Form(found.get("action", "")))
        elif self.forms and tag in {"input", "button", "select", "textarea", "option"}:
            self._control(tag, found)

    def _control(self, tag: str, found: dict[str, str]) -> None:
        form, name, kind = self.forms[-1], found.get("name", ""), found.get("type", "text")
        if tag == "option":
            if self._select and found.get("value"):
                form.choices.setdefault(self._select, []).append(found["value"])
        elif tag == "select":
            self._select = name
        elif tag == "textarea":
            form.typed.add(name)
        elif tag == "button":
            form.buttons.append((name, found.get("value", "")))
        elif kind == "hidden":
            form.fixed[name] = found.get("value", "")
        elif kind in {"radio", "checkbox"}:
            form.choices.setdefault(name, []).append(found.get("value", ""))
            if kind == "checkbox":
                form.several.add(name)
        elif kind != "submit":
            form.typed.add(name)

    def handle_data(self, data: str) -> None:
        if self._in_where:
            self.where += data

    def handle_endtag(self, tag: str) -> None:
        self._in_where = False
        if tag == "select":
            self._select = None


class Phone:
    """A browser without JavaScript and without cookies, on one connection that is opened again when it drops."""

    def __init__(self, base_url: str) -> None:
        self._base = base_url
        self._netloc = urlsplit(base_url).netloc
        self._connection = http.client.HTTPConnection(self._netloc, timeout=60)

    def open(self, address: str) -> Page:
        """Follow the address on a card or poster."""
        return self._request("GET", urlsplit(address).path, None)

    def send(self, form: Form, values: Mapping[str, list[str]]) -> Page:
        """Send a form with these values; what the page asked to wait for is sent again, the same."""
        fields = [(name, value) for name, value in form.fixed.items()]
        fields += [(name, value) for name, chosen in values.items() for value in chosen]
        page = self._request("POST", form.action, urlencode(fields).encode())
        for attempt in range(_TRIES):
            if page.status != http.client.SERVICE_UNAVAILABLE:
                break
            time.sleep(0.2 * 2**attempt)
            page = self._request("POST", form.action, urlencode(fields).encode())
        return page

    def close(self) -> None:
        """Put the phone away."""
        self._connection.close()

    def _request(self, method: str, path: str, body: bytes | None) -> Page:
        headers = {"Accept-Language": "zh-CN", "Connection": "keep-alive"}
        if body is not None:
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": self._base,
                "Sec-Fetch-Site": "same-origin",
            }
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            # A server may end an idle connection; a phone opens another and sends again (the nonce makes it one).
            self._connection.close()
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
        text = answer.read().decode()
        reader = _FormReader()
        reader.feed(text)
        return Page(
            answer.status, urljoin(self._base, answer.getheader("Location", "")), tuple(reader.forms), reader.where
        )

"""Who may call which route: the only access decorators, and the one place that enforces them.

Every route carries exactly one of `@public`, `@respondent`, `@signed_in` or `@allow(...)`; an application with a route
that carries none does not start. This module knows roles as words and people as an `Actor`; who somebody is, the
application's `find_actor` says (accounts gives it, `app.py` hands it over), so that nothing here reaches accounts.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from flask import Flask, current_app, g, redirect, request
from werkzeug.wrappers import Response as HttpResponse

from survey_app.errors import AppError

View = TypeVar("View", bound=Callable[..., Any])


class Forbidden(AppError):
    """Signed in, but not in a role that may do this."""

    code, status = "forbidden", 403
    zh = "您的角色不能进行此操作。如工作需要，请联系管理员。"
    en = "Your role does not allow this. If your work needs it, ask an administrator."


class Actor(Protocol):
    """The person behind a request, as far as pages need to know."""

    @property
    def person_id(self) -> int:
        """The row of the person."""

    @property
    def name(self) -> str:
        """What pages call them."""

    @property
    def agency_id(self) -> int | None:
        """Their agency; None for the commissioning office."""

    @property
    def grants(self) -> Collection[object]:
        """The roles that hold now, engagements considered; nobody without any opens a campaign."""

    def holds(self, roles: frozenset[str], campaign_code: str | None) -> bool:
        """Whether one of these roles is held: in that campaign, or, without one, in any campaign at all."""


@dataclass(frozen=True)
class Access:
    """How a route is guarded: `kind` is public, respondent, signed_in or roles."""

    kind: str
    roles: frozenset[str] = frozenset()


def _mark(view: View, access: Access) -> View:
    view.access = access  # type: ignore[attr-defined]
    return view


def public(view: View) -> View:
    """Anybody, and the page is not part of the respondent path (sign-in, static files)."""
    return _mark(view, Access("public"))


def respondent(view: View) -> View:
    """The anonymous path: no cookie, no session, no actor, no log of what was called."""
    return _mark(view, Access("respondent"))


def signed_in(view: View) -> View:
    """Any person who has signed in, whatever their roles."""
    return _mark(view, Access("signed_in"))


def allow(*roles: str) -> Callable[[View], View]:
    """People who hold one of these roles: in the campaign that the address names (`campaign_code`), if it names one."""
    held = frozenset(str(role) for role in roles)
    return lambda view: _mark(view, Access("roles", held))


def current_actor() -> Actor | None:
    """The signed-in person of this request, looked up once."""
    if "actor" not in g:
        g.actor = current_app.extensions["pingyi.find_actor"]()
    actor: Actor | None = g.actor
    return actor


def actor() -> Actor:
    """The signed-in person, where the route's access makes sure there is one."""
    found = current_actor()
    if found is None:
        raise Forbidden
    return found


def access_of(app: Flask, endpoint: str) -> Access | None:
    """What an endpoint declares; None for one that declares nothing."""
    return getattr(app.view_functions[endpoint], "access", None)


def install(app: Flask, find_actor: Callable[[], Actor | None], note_refusal: Callable[[Actor, str], None]) -> None:
    """Check every declaration, then guard every request. `note_refusal` writes the audit entry of a refusal."""
    app.extensions["pingyi.find_actor"] = find_actor
    undeclared = [name for name in app.view_functions if access_of(app, name) is None]
    if undeclared:
        raise RuntimeError(f"routes without declared access: {', '.join(sorted(undeclared))}")

    @app.before_request
    def guard() -> HttpResponse | None:
        if request.endpoint is None:
            return None
        access = access_of(app, request.endpoint)
        if access is None or access.kind in {"public", "respondent"}:
            return None
        who = current_actor()
        if who is None:
            # What was sent is lost with the sign-in, and the page says so.
            unsent = "" if request.method in {"GET", "HEAD"} else "&unsent=1"
            return redirect(f"/office/sign-in?next={quote(request.full_path.rstrip('?'))}{unsent}", 303)
        campaign = (request.view_args or {}).get("campaign_code")
        if access.kind == "roles" and not who.holds(access.roles, campaign):
            note_refusal(who, request.endpoint)
            raise Forbidden
        return None

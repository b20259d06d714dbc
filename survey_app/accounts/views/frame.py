"""What every page of accounts stands on: the blueprint, and who is behind a request.

`find_actor` and `note_refusal` are what the application hands to web.access.
"""

from datetime import timedelta
from typing import cast
from urllib.parse import unquote, urlsplit

from flask import Blueprint, Flask, current_app, redirect, request
from flask import session as cookie
from flask.typing import ResponseReturnValue

from survey_app import clock
from survey_app.accounts import queries
from survey_app.accounts.forms import action_name, role_name
from survey_app.accounts.operations.audit import record
from survey_app.accounts.operations.sign_in import touch_session
from survey_app.accounts.rules import SignedIn, office_address
from survey_app.web import office
from survey_app.web.access import Actor, actor, current_actor
from survey_app.web.installation import installation
from survey_app.web.language import set_language
from survey_app.web.session import session
from survey_app.web.staff_sessions import OFFICE

blueprint = Blueprint("accounts", __name__, url_prefix=OFFICE)
# Office pages show who is signed in, so whoever has accounts has what their templates call.
blueprint.record_once(lambda state: office.install(cast("Flask", state.app)))
blueprint.add_app_template_global(role_name, "role_name")
blueprint.add_app_template_global(action_name, "action_name")

TOKEN = "token"  # noqa: S105  # the name of a place in the cookie
_SEEN_EVERY = timedelta(minutes=1)
_WITH_INITIAL_PASSWORD = {f"accounts.{name}" for name in ("me", "change_password", "sign_out", "choose_language")}


def find_actor() -> Actor | None:
    """The signed-in person of this request.

    Notes in a session of its own, at most once a minute, that the sign-in is still in use.
    """
    token = cookie.get(TOKEN)
    if token is None:
        return None
    now = clock.now()
    found = queries.actor_for_token(session(), token, now, idle())
    if found is not None and now - found.last_seen >= _SEEN_EVERY:
        session().rollback()  # a reader that stays open would keep SQLite from committing
        with installation().database.writing() as own:
            touch_session(own, found.session_id, now)
            own.commit()
    return found


def note_refusal(who: Actor, endpoint: str) -> None:
    """Record that somebody asked for a page that their roles do not open; in a session of its own."""
    session().rollback()
    with installation().database.writing() as own:
        record(own, clock.now(), who.person_id, "access.refused", f"page:{endpoint}", dict(request.view_args or {}))
        own.commit()


@blueprint.before_app_request
def prepare() -> ResponseReturnValue | None:
    """The language of the person; and nobody goes further on a password that somebody else has seen."""
    if not request.path.startswith(OFFICE):
        return None
    if current_actor() is None:
        set_language(request.values.get("lang"))
        return None
    set_language(me().language)
    if me().password_is_initial and request.endpoint not in _WITH_INITIAL_PASSWORD:
        return redirect("/office/me", 303)
    return None


def page_after(wanted: str | None) -> str:
    """Where to go after an act: the page of our own office that was asked for, or the nearest one above it.

    The address of a form that was refused, or sent after the sign-in had ended, answers no GET.
    """
    address, pages = office_address(wanted), current_app.url_map.bind("")
    path = urlsplit(address).path
    if pages.test(unquote(path), "GET"):
        return address
    while not pages.test(unquote(path), "GET"):
        path = path.rpartition("/")[0]
    return path


def me() -> SignedIn:
    """The signed-in person, with all that accounts know of them."""
    return cast("SignedIn", actor())


def row_number(text: str | None) -> int | None:
    """A row's number that came with a form; None for anything that cannot be one."""
    return int(text) if text is not None and text.isascii() and text.isdecimal() and len(text) < 10 else None


def campaign_choices(agency_id: int | None) -> list[tuple[str, str]]:
    """The campaigns to choose from for people of this agency (none: the office), by code."""
    return [(found.code, f"{found.title} ({found.code})") for found in queries.campaign_names(session(), agency_id)]


def idle() -> timedelta:
    """After how long without a request a sign-in ends."""
    return timedelta(minutes=installation().config.session_minutes)

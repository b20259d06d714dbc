"""Cookies belong to `/office` only: no other path ever reads or sets one.

The cookie is signed and holds two things: the token of a server-side session (accounts looks it up, so it expires and
can be ended) and the token against forged forms.
"""

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

OFFICE = "/office"


class OfficeSessions(SecureCookieSessionInterface):
    """Flask's signed cookie, switched off outside the office pages."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """No session, not even an empty one that could be saved, outside `/office`."""
        return super().open_session(app, request) if request.path.startswith(OFFICE) else None


def install(app: Flask, *, https: bool) -> None:
    """Scope and harden the cookie."""
    app.session_interface = OfficeSessions()
    app.config.update(
        SESSION_COOKIE_NAME="pingyi_office",
        SESSION_COOKIE_PATH=OFFICE,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
    )

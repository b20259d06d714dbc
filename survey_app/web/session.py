"""One database session a request: opened when first asked for, committed only where the view says `@commits`.

A view without `@commits` gets a reading session and can never change anything; an architecture test checks that no
GET route commits. Respondent writes do not come through here but through `web.writer`.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, g
from sqlalchemy.orm import Session

from survey_app.web.installation import installation

P = ParamSpec("P")
R = TypeVar("R")


def session() -> Session:
    """This request's session."""
    if "session" not in g:
        g.session = installation().database.reading()
    current: Session = g.session
    return current


def commits(view: Callable[P, R]) -> Callable[P, R]:
    """The view may change data: its session writes, and is committed when the view returns without an error."""

    @wraps(view)
    def committing(*args: P.args, **kwargs: P.kwargs) -> R:
        if "session" in g:
            # Whoever looked first (the sign-in check) only read; the view starts again with the write lock.
            g.pop("session").close()
        g.session = installation().database.writing()
        answer = view(*args, **kwargs)
        g.session.commit()
        return answer

    committing.commits = True  # type: ignore[attr-defined]
    return committing


def install(app: Flask) -> None:
    """Close every request's session at the end, and with it whatever was not committed."""

    @app.teardown_appcontext
    def close(_error: BaseException | None) -> None:
        current = g.pop("session", None)
        if current is not None:
            current.close()

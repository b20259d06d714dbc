"""Signing in and out: attempts counted before a password is looked at, sessions kept on the server.

Only hashes are stored: an HMAC of the name that was tried, the SHA-256 of the token in the browser's cookie.
"""

import hashlib
import hmac
import secrets
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from survey_app.accounts.models import Person, SignInFailure, StaffSession
from survey_app.accounts.operations.audit import record
from survey_app.accounts.operations.turns import Turn, wait_for_turn
from survey_app.accounts.queries import token_hash
from survey_app.accounts.rules import (
    ABSOLUTE_SESSION,
    FAILURES_FORGOTTEN_AFTER,
    FREE_FAILURES,
    blocked_until,
)
from survey_app.errors import NotFound


def tried_name(secret: bytes, login: str) -> bytes:
    """How a name is remembered in the count of failures, known or not."""
    return hmac.digest(secret, b"sign-in:" + login.strip().lower().encode(), hashlib.sha256)


def admit_attempt(session: Session, name: bytes, now: datetime) -> datetime | None:
    """Count one attempt under `name` (of `tried_name`); gives the end of the block where it is not admitted.

    It counts as failed until `start_session` says otherwise, so that guesses sent at the same moment count each.
    An attempt during a block does not lengthen it.
    """
    wait_for_turn(session, Turn.SIGN_IN)
    session.execute(delete(SignInFailure).where(SignInFailure.last_failed < now - FAILURES_FORGOTTEN_AFTER))
    counted = session.get(SignInFailure, name)
    if counted is None:
        session.add(SignInFailure(login_hash=name, failures=1, last_failed=now))
        return None
    until = blocked_until(counted.failures, counted.last_failed)
    if now < until:
        return until
    counted.failures += 1
    counted.last_failed = now
    if counted.failures == FREE_FAILURES:
        # The hash, not the name: it may be a password, and an unknown name must cost as much as a known one.
        record(session, now, None, "sign_in.blocked", f"name:{name.hex()[:16]}", {"failures": counted.failures})
    return None


def forget_failures(session: Session, name: bytes) -> None:
    """Admit attempts under `name` again at once."""
    session.execute(delete(SignInFailure).where(SignInFailure.login_hash == name))


def start_session(
    session: Session,
    person_id: int,
    name: bytes,
    now: datetime,
    *,
    replaces: str | None = None,
    new_hash: str | None = None,
) -> str:
    """Sign a person in whose password was right; gives the new token, which is stored nowhere.

    replaces: the token of the session that this browser had before, which ends.
    new_hash: the password hashed again at today's cost, where the stored hash was outdated.
    """
    person = session.get_one(Person, person_id)
    forget_failures(session, name)
    session.execute(delete(StaffSession).where(StaffSession.expires <= now))
    if replaces is not None:
        session.execute(delete(StaffSession).where(StaffSession.token_hash == token_hash(replaces)))
    if new_hash is not None:
        person.password_hash = new_hash
    token = secrets.token_urlsafe(32)
    session.add(
        StaffSession(
            token_hash=token_hash(token),
            person_id=person_id,
            started=now,
            last_seen=now,
            expires=now + ABSOLUTE_SESSION,
        )
    )
    record(session, now, person_id, "sign_in", f"person:{person.login}")
    return token


def touch_session(session: Session, session_id: bytes, now: datetime) -> None:
    """Remember that a session is in use; never brings an ended one back."""
    session.execute(update(StaffSession).where(StaffSession.token_hash == session_id).values(last_seen=now))


def end_session(session: Session, now: datetime, by: int | None, person_id: int, session_id: bytes) -> None:
    """End one session of a person. NotFound where that person has no such session."""
    found = session.get(StaffSession, session_id)
    if found is None or found.person_id != person_id:
        raise NotFound(what="登录会话 / sign-in")
    person = session.get_one(Person, person_id)
    session.delete(found)
    record(session, now, by, "session.end", f"person:{person.login}")


def end_sessions(session: Session, now: datetime, by: int | None, person_id: int, *, keep: bytes | None = None) -> int:
    """End every session of a person, except `keep`; gives how many ended."""
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound(what="账号 / account")
    ended = _end(session, person_id, keep)
    record(session, now, by, "session.end_all", f"person:{person.login}", {"ended": ended})
    return ended


def _end(session: Session, person_id: int, keep: bytes | None) -> int:
    doomed = delete(StaffSession).where(StaffSession.person_id == person_id)
    if keep is not None:
        doomed = doomed.where(StaffSession.token_hash != keep)
    return len(session.scalars(doomed.returning(StaffSession.token_hash)).all())

"""What the templates of office pages may call: the signed-in person, local times, translation of plain text."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask

from survey_app.web import access, language

OFFICE_ZONE = "Asia/Shanghai"


def local(at: datetime, zone: str = OFFICE_ZONE) -> datetime:
    """A UTC moment on the clock of a time zone (IANA name)."""
    return at.astimezone(ZoneInfo(zone))


def translate(text: str) -> str:
    """The sentence in this request's language; unlike `_()` in a template it may contain a percent sign."""
    return language._(text) if text else text


def install(app: Flask) -> None:
    """Add the globals. `me()` is looked up only when a template asks, so that error pages stand without a database."""
    app.jinja_env.globals.update(me=access.current_actor, local=local, translate=translate)

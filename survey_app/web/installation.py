"""What one running application stands on, reachable from any view without globals of modules."""

from dataclasses import dataclass

from flask import Flask, current_app

from survey_app.config import Config
from survey_app.db import Database
from survey_app.web.limits import Limits
from survey_app.web.writer import AnyWriter


@dataclass(frozen=True)
class Installation:
    """Configuration, database, the respondent writer and the request counters of this process."""

    config: Config
    database: Database
    writer: AnyWriter
    limits: Limits


def install(app: Flask, made: Installation) -> None:
    """Attach it; `create_app` does this once."""
    app.extensions["pingyi"] = made


def installation() -> Installation:
    """This application's installation."""
    found: Installation = current_app.extensions["pingyi"]
    return found

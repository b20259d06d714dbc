"""The program with one line too many: what the search for canaries must find."""

import logging

from flask import request

from survey_app.app import create_app
from survey_app.config import Config

app = create_app(Config.from_environment())


@app.before_request
def tell() -> None:
    logging.getLogger("talkative").error("asked for %s", request.path)

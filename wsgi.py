"""The WSGI entry: `wsgi:app`."""

from survey_app.app import create_app
from survey_app.config import Config

app = create_app(Config.from_environment())

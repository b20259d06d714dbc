"""The application: one `create_app(config)` puts the capabilities together. Imported by wsgi, cli and tests only."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, redirect, send_from_directory
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response as HttpResponse

from survey_app import clock
from survey_app.accounts.views import pages as accounts_views
from survey_app.campaigns.views import pages as campaigns_views
from survey_app.config import Config
from survey_app.db import Database
from survey_app.draws import views as draws_views
from survey_app.errors import AppError
from survey_app.fieldwork import routes as fieldwork_routes
from survey_app.invitations.operations.keys import SigningKeys
from survey_app.invitations.operations.lists import destroy_left_keys
from survey_app.jobs import views as jobs_views
from survey_app.offline_cards import views as offline_cards_views
from survey_app.responses import routes as responses_routes
from survey_app.responses.boxes import Boxes
from survey_app.responses.keys import KeyFiles
from survey_app.scores import views as scores_views
from survey_app.upkeep.operations import starting
from survey_app.web import access, compression, errors, headers, language, session, staff_sessions
from survey_app.web.installation import Installation
from survey_app.web.installation import install as install_installation
from survey_app.web.limits import Limits
from survey_app.web.writer import AnyWriter, Writer

_PACKAGE = Path(__file__).parent
_STATIC = _PACKAGE / "web" / "static"
_OFFICE_BODY = 11 * 1024 * 1024  # a definition of 10 MB and its form around it


def create_app(config: Config) -> Flask:
    """The whole program for one installation.

    Looks after the boxes and keys that an earlier run left (`Boxes.reconcile`). Raises NotUpgraded, and whatever else
    would break a promise (`upkeep.operations.starting`).
    """
    starting.check_files(config)
    app = Flask("survey_app", static_folder=None, template_folder=None)
    app.config.update(
        SECRET_KEY=config.secret,
        MAX_CONTENT_LENGTH=_OFFICE_BODY,
        TESTING=config.testing,
        # Our pages send no referrer, so the token alone decides; it ends with the sign-in, not after an hour.
        WTF_CSRF_SSL_STRICT=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.url_map.converters["int"] = _RowNumber
    app.jinja_loader = ChoiceLoader([FileSystemLoader(folder) for folder in sorted(_PACKAGE.glob("*/templates"))])
    app.jinja_env.globals["asset"] = asset_url

    database = opened(config)
    boxes, writer = storage(config, database)
    install_installation(app, Installation(config, database, writer, Limits(config.trusted_proxies)))
    app.extensions["pingyi.boxes"] = boxes

    staff_sessions.install(app, https=config.is_https)
    session.install(app)
    language.install(app)
    headers.install(app, https=config.is_https)
    errors.install(app)
    compression.install(app)

    app.add_url_rule("/static/<path:filename>", "static", _static)
    app.add_url_rule("/favicon.ico", "favicon", _no_icon)
    app.add_url_rule("/", "home", _home)
    for pages in (
        responses_routes.blueprint,
        accounts_views.blueprint,
        campaigns_views.blueprint,
        jobs_views.blueprint,
        offline_cards_views.blueprint,
        fieldwork_routes.blueprint,
        draws_views.blueprint,
        scores_views.blueprint,
    ):
        app.register_blueprint(pages)
    # After the blueprints, so that the page about an expired form comes in the person's language. The respondent path
    # has no cookie that a forged form could ride on; it checks Origin and Sec-Fetch-Site itself.
    CSRFProtect(app).exempt(responses_routes.blueprint)
    access.install(app, accounts_views.find_actor, accounts_views.note_refusal)
    writer.exclusively(boxes.reconcile)
    with database.reading() as reading:
        destroy_left_keys(reading, SigningKeys(config.key_directory))
    return app


def opened(config: Config) -> Database:
    """The database of an installation that may be served. Raises NotUpgraded and the refusals of `check_database`."""
    database = Database(config.database_url)
    try:
        starting.check_database(database, config, clock.now())
        if not database.is_upgraded():
            raise NotUpgraded
    except AppError:
        database.engine.dispose()
        raise
    return database


def storage(config: Config, database: Database) -> tuple[Boxes, AnyWriter]:
    """The boxes, and the writer that takes turns with those of every other process of this installation."""
    boxes = Boxes(database, KeyFiles(config.key_directory))
    writer = Writer(
        database,
        boxes.park,
        queue_size=config.writer_queue,
        lock_file=config.home / "writer.lock" if database.is_sqlite else None,
    )
    return boxes, writer


class _RowNumber(IntegerConverter):
    """A number in an address. One that no column holds is a page that does not exist, not an error of the database."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=2**31 - 1)


class NotUpgraded(AppError):
    """The database has no tables yet, or older ones."""

    code, status = "not_upgraded", 500
    zh = "数据库还没有建立，或者结构是旧的。请先运行 pingyi database upgrade。"
    en = "The database is not set up yet, or is an older one. Run pingyi database upgrade first."


@cache
def asset_url(name: str) -> str:
    """The address of a static file, with a piece of its hash so that it may be kept for a year."""
    digest = hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:10]}"


@access.public
def _static(filename: str) -> HttpResponse:
    return send_from_directory(_STATIC, filename)


@access.public
def _no_icon() -> HttpResponse:
    return HttpResponse(status=204)


@access.public
def _home() -> HttpResponse:
    return redirect("/q", 303)

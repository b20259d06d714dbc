"""`pingyi database`: bring the schema to the newest migration."""

import importlib
import pkgutil

import click
from alembic import command
from alembic.config import Config as AlembicConfig

import survey_app
from survey_app.config import Config, data_folder
from survey_app.db import Database


def import_every_model() -> None:
    """Register every table, so that foreign keys between capabilities resolve."""
    for module in pkgutil.iter_modules(survey_app.__path__):
        if module.ispkg and importlib.util.find_spec(f"survey_app.{module.name}.models"):
            importlib.import_module(f"survey_app.{module.name}.models")


def alembic_config() -> AlembicConfig:
    """Alembic's settings without an ini file: the scripts travel with the package."""
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(data_folder("migrations")))
    return settings


def upgrade(database: Database) -> None:
    """Apply every migration that this database has not seen yet, in one transaction."""
    settings = alembic_config()
    with database.engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")


@click.group("database")
def group() -> None:
    """数据库 / The database."""


@group.command("upgrade")
def upgrade_command() -> None:
    """升级到最新结构 / Bring the schema up to date."""
    config = Config.from_environment()
    upgrade(Database(config.database_url))
    click.echo("数据库已是最新结构 / the database is up to date")

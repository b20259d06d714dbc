"""Alembic's entry: runs the numbered files against the connection it is given. Nothing imports this module."""

from alembic import context

from survey_app.cli.database import import_every_model
from survey_app.db import Base

import_every_model()
connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()

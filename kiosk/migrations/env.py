"""Alembic's environment: the application's own engine and metadata; a batch on SQLite, a lock on PostgreSQL."""

from alembic import context
from flask import current_app
from sqlalchemy import create_engine, pool, text

from kiosk.extensions import Base


def run_migrations() -> None:
    """Migrate with a connection of its own, in one transaction."""
    engine = create_engine(current_app.config["SQLALCHEMY_DATABASE_URI"], poolclass=pool.NullPool)
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA journal_mode=WAL"))
        else:
            connection.execute(text("SELECT pg_advisory_lock(4711)"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
            user_module_prefix="kiosk.extensions.",
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run_migrations()

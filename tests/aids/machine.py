"""A small application for what the machine knows: settings, database and writer, no pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from sqlalchemy import event as sa_event

from kiosk.config import read_settings
from kiosk.extensions import Base, db, set_sqlite_pragmas
from kiosk.services.store.batches import Queue, Writer


@contextmanager
def machine(folder: Path, **environ: str) -> Iterator[Flask]:
    """Give an application whose instance is in `folder`; `BIND="0.0.0.0:9000"` sets KIOSK_BIND."""
    settings = read_settings({"KIOSK_INSTANCE_DIR": str(folder)} | {f"KIOSK_{key}": environ[key] for key in environ})
    app = Flask("kiosk")
    app.config["KIOSK"] = settings
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.engine_url
    db.init_app(app)
    writer = Writer(settings.engine_url, folder / "writer.lock")
    app.extensions["kiosk_writer"] = Queue(writer)
    with app.app_context():
        sa_event.listen(db.engine, "connect", set_sqlite_pragmas)
        Base.metadata.create_all(db.engine)
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()
            writer.close()

"""Kiosk, the event sign-in: the application factory. No route, no query, no rule lives here."""

from __future__ import annotations

import sys
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined
from sqlalchemy import event as sa_event
from werkzeug.middleware.proxy_fix import ProxyFix

from kiosk import models  # noqa: F401  every table is known before anything asks
from kiosk.assets import install_assets
from kiosk.cli import register_commands
from kiosk.compiled import use_compiled
from kiosk.config import ROOT, ConfigError, Settings, read_settings
from kiosk.extensions import POSTGRESQL_ARGUMENTS, babel, csrf, db, set_sqlite_pragmas
from kiosk.services.store import live
from kiosk.services.store.batches import Queue, Writer
from kiosk.web import register_web
from kiosk.web.frame.htmx_names import DataNames
from kiosk.web.frame.languages import pick_language


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application. Without `settings` the environment is read (KIOSK_…)."""
    app = create_pageless_app(settings)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.add_extension(DataNames)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    csrf.init_app(app)
    register_web(app)
    install_assets(app)  # around the pages, whose headers its files do not carry
    register_commands(app)
    use_compiled(app.jinja_env)
    count = app.config["KIOSK"].trusted_proxies
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    return app


def create_pageless_app(settings: Settings | None = None) -> Flask:
    """Return what of the application has no page and no command: settings, database and languages, in a tenth of the
    time, for who prepares the database of a server that makes its own."""
    settings = settings or _settings_from_environment()
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=None)
    app.config.update(_flask_config(settings))
    _open_database(app, settings)
    babel.init_app(app, locale_selector=pick_language)
    return app


def _settings_from_environment() -> Settings:
    try:
        return read_settings()
    except ConfigError as error:
        sys.exit(f"kiosk: {error}")  # a sentence, where a traceback would hide it


def _flask_config(settings: Settings) -> dict[str, Any]:
    return {
        "KIOSK": settings,
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.engine_url,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(settings),
        "SESSION_COOKIE_NAME": "kiosk_form",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_TIME_LIMIT": None,  # a dashboard stays open all day
        "WTF_CSRF_CHECK_DEFAULT": False,  # staff blueprints ask for it; the public form has its ticket
        "BABEL_DEFAULT_LOCALE": "zh",
        "BABEL_DEFAULT_TIMEZONE": settings.timezone,
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "kiosk" / "translations"),
    }


def _engine_options(settings: Settings) -> dict[str, Any]:
    # The sixteenth reader would wait for SQLAlchemy's default pool of 5 + 10.
    arguments = {"check_same_thread": False} if settings.is_sqlite else POSTGRESQL_ARGUMENTS
    return {"pool_size": 20, "max_overflow": 20, "connect_args": dict(arguments)}


def _open_database(app: Flask, settings: Settings) -> None:
    db.init_app(app)
    if settings.is_sqlite:
        with app.app_context():
            sa_event.listen(db.engine, "connect", set_sqlite_pragmas)
    lock = settings.instance_dir / "writer.lock"
    writer = Writer(settings.engine_url, lock)
    live.attach(writer)
    if settings.is_sqlite:
        with app.app_context():
            writer.on_disk_failure.append(db.engine.dispose)
    app.extensions["kiosk_writer"] = Queue(writer)

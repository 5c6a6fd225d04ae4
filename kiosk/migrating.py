"""`python -m kiosk.migrating`: bring the tables of the database at the settings to this version, and end.

In a process of its own (services/upkeep/upgrades), because what migrates is large and needed once: no server has it in
memory, and one that starts on a database of its version does not wait until it is loaded.
"""

from __future__ import annotations

import pickle
import sys

import flask_migrate
from flask import current_app

from kiosk import create_pageless_app
from kiosk.config import ROOT
from kiosk.extensions import db

FOLDER = ROOT / "kiosk" / "migrations"
_migrate = flask_migrate.Migrate(db=db, directory=str(FOLDER), render_as_batch=True)


def upgrade(revision: str = "head") -> None:
    """Make the later migrations, up to a revision, to the application's database."""
    _migrate.init_app(current_app)
    flask_migrate.upgrade(revision=revision)


def downgrade(revision: str) -> None:
    """Take the migrations after a revision back."""
    _migrate.init_app(current_app)
    flask_migrate.downgrade(revision=revision)


def main() -> int:
    """Bring the database up; 1 when it broke, and stdout has the error for whoever waits."""
    with create_pageless_app().app_context():
        try:
            upgrade()
        except Exception as error:
            sys.stdout.buffer.write(pickle.dumps(error))
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Bringing the database to the present version: for `flask db-upgrade` and for the launcher."""

from __future__ import annotations

import fcntl

from flask import current_app
from flask_migrate import upgrade

from kiosk.config import require_writable
from kiosk.services.event import notices
from kiosk.services.privacy.reapply import reapply
from kiosk.services.upkeep import secret_key


def upgrade_database() -> None:
    """Create or migrate the database, give a fresh one its notice, and purge again what a restore has brought back.

    Safe to repeat, and twice at once. Raises secret_key.OtherSecret.
    """
    folder = current_app.config["KIOSK"].instance_dir
    require_writable(folder)
    lock_path = folder / "upgrade.lock"
    with open(lock_path, "w") as lock:  # two starts at once must not migrate at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        upgrade()
        secret_key.require_own()
        secret_key.keep()
        notices.ensure_default_notice()
        reapply()

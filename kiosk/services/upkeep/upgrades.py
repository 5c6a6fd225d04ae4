"""Bringing the database to the present version: for `flask db-upgrade` and for the launcher."""

from __future__ import annotations

from flask import current_app
from flask_migrate import upgrade

from kiosk.config import require_writable
from kiosk.services.event import notices
from kiosk.services.privacy import shared_ledger
from kiosk.services.privacy.reapply import reapply
from kiosk.services.store.turns import turn
from kiosk.services.upkeep import schema, secret_key


def upgrade_database() -> None:
    """Create or migrate the database, give a fresh one its notice, and purge again what a restore has brought back.

    Safe to repeat, and twice at once, on several nodes too. Raises secret_key.OtherSecret, or schema.OtherSchema where
    the database is of a newer version.
    """
    require_writable(current_app.config["KIOSK"].instance_dir)
    with turn("upgrade", waits=True):  # two starts at once must not migrate at once
        schema.require_known()
        upgrade()
        secret_key.require_own()
        secret_key.keep()
        notices.ensure_default_notice()
        shared_ledger.share()
        reapply()

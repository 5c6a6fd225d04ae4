"""flask commands, as thin as web/."""

from __future__ import annotations

from flask import Flask

from kiosk.cli.database import db_upgrade_command, recount_command


def register_commands(app: Flask) -> None:
    """Add the commands of INTERFACES.md to `flask`."""
    for command in (db_upgrade_command, recount_command):
        app.cli.add_command(command)

"""flask commands, as thin as web/."""

from __future__ import annotations

from flask import Flask

from kiosk.cli.accounts import staff_group
from kiosk.cli.backups import backup_command, copy_database_command, restore_command
from kiosk.cli.database import db_upgrade_command, recount_command, secret_change_command
from kiosk.cli.doctor import doctor_command
from kiosk.cli.doors import device_group, steward_group
from kiosk.cli.events import campaign_group, event_group
from kiosk.cli.passes import passes_command
from kiosk.cli.privacy import person_group, purge_command
from kiosk.cli.reports import report_command
from kiosk.cli.rosters import roster_group
from kiosk.cli.sheets import sheet_command


def register_commands(app: Flask) -> None:
    """Add the commands of docs/interfaces.md to `flask`."""
    commands = (
        db_upgrade_command,
        secret_change_command,
        recount_command,
        doctor_command,
        backup_command,
        restore_command,
        copy_database_command,
        staff_group,
        campaign_group,
        event_group,
        roster_group,
        steward_group,
        device_group,
        passes_command,
        sheet_command,
        report_command,
        purge_command,
        person_group,
    )
    for command in commands:
        app.cli.add_command(command)

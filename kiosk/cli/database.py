"""flask db-upgrade, flask secret-change, flask recount."""

from __future__ import annotations

import sys

import click

from kiosk.cli.output import answer, answering, answering_with_any_secret
from kiosk.services import tallies
from kiosk.services.upkeep import secret_key
from kiosk.services.upkeep.upgrades import upgrade_database


@click.command("db-upgrade")
@answering
def db_upgrade_command(as_json: bool) -> None:
    """Create or migrate the database; safe to repeat."""
    upgrade_database()
    answer({"upgraded": True}, "The database is up to date.", as_json=as_json)


@click.command("secret-change")
@answering_with_any_secret
def secret_change_command(as_json: bool) -> None:
    """Make a new secret key, or take the one of KIOSK_SECRET_KEY: log-ins, links and receipts given out end."""
    is_made = secret_key.change()
    sentence = (
        "The secret key is changed: restart the server. Staff log in again; links and receipts given out have ended."
    )
    answer({"made": is_made}, sentence, as_json=as_json)


@click.command("recount")
@answering
def recount_command(as_json: bool) -> None:
    """Compare the tallies with the rows."""
    differences = tallies.recount()
    sentence = "\n".join(f"event {d.event_id}: {d.counter} is {d.tallied}, its rows are {d.rows}" for d in differences)
    answer({"differences": [vars(d) for d in differences]}, sentence or "Every tally equals its rows.", as_json=as_json)
    if differences:
        sys.exit(1)

"""flask backup, flask restore, flask copy-database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kiosk.cli.output import answer, answering, answering_with_any_secret
from kiosk.services.upkeep import backups, moving
from kiosk.services.upkeep.backups import BackupView
from kiosk.services.upkeep.in_use import InUse
from kiosk.services.upkeep.table_copies import NotPossible


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@answering
def backup_command(file: Path, as_json: bool) -> None:
    """Write everything to FILE, while the server runs. FILE is as confidential as the folder."""
    try:
        about = backups.back_up(file)
    except NotPossible as error:
        raise click.ClickException(str(error)) from error
    sentence = f"{about.events} events with {about.sign_ins} sign-ins written to {file}. Keep it on another machine."
    answer({"file": str(file), **_value(about)}, sentence, as_json=as_json)


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", "is_replacing", is_flag=True, help="Where there is a database: keep it under another name.")
@answering_with_any_secret
def restore_command(file: Path, is_replacing: bool, as_json: bool) -> None:
    """Put the backup FILE into the instance folder of a server that stands still; what was purged stays purged."""
    try:
        about, again = backups.restore(file, is_replacing=is_replacing)
    except (NotPossible, InUse) as error:
        raise click.ClickException(str(error)) from error
    sentence = (
        f"Restored as of {about.made_at:%Y-%m-%d %H:%M} UTC: {about.events} events with {about.sign_ins} sign-ins. "
        f"{again} entries of the ledger of purges applied again."
    )
    answer({**_value(about), "reapplied": again}, sentence, as_json=as_json)


@click.command("copy-database")
@click.argument("url")
@answering
def copy_database_command(url: str, as_json: bool) -> None:
    """Copy the SQLite database into the empty PostgreSQL at URL, and compare every table; the server stands still."""
    try:
        move = moving.copy_database(url)
    except (NotPossible, InUse) as error:
        raise click.ClickException(str(error)) from error
    counted = f"{len(move.tables)} tables with {move.rows} rows copied, and each compared with its original."
    steps = (f"{number}. {step}" for number, step in enumerate(move.next_steps, start=1))
    tables = {each.table: {"rows": each.rows, "digest": each.digest} for each in move.tables}
    answer(
        {"rows": move.rows, "tables": tables, "next": move.next_steps}, "\n".join((counted, *steps)), as_json=as_json
    )


def _value(about: BackupView) -> dict[str, Any]:
    return {"made_at": about.made_at.isoformat(), "events": about.events, "sign_ins": about.sign_ins}

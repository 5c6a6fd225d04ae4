"""flask roster import."""

from __future__ import annotations

from pathlib import Path

import click
from flask_babel import force_locale

from kiosk.cli.output import answer, answering, event_of
from kiosk.services.audit_log import audit
from kiosk.services.refusals import Refused
from kiosk.services.roster import roster_imports, roster_tables
from kiosk.services.roster.roster_reading import read_rows


@click.group("roster")
def roster_group() -> None:
    """Rosters."""


@roster_group.command("import")
@click.argument("code")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@answering
def roster_import_command(code: str, file: Path, as_json: bool) -> None:
    """Import FILE (.xlsx, .xls, .csv, or text as it would be pasted, .txt); the same file again changes nothing."""
    event = event_of(code)
    if event.purged_at is not None:
        raise click.ClickException("This event's people have been cleared; it takes no list any more.")
    reading = read_rows(_read(file), event)
    written = roster_imports.write(event, reading, actor=audit.COMMAND)
    with force_locale("en"):
        rejected = [{"row": one.row, "reason": one.reason} for one in reading.rejected]
    lines = [f"{written.added} added, {written.updated} updated, {written.unchanged} unchanged."]
    lines += [f"{written.here} had signed in already and are tied to the list."] if written.here else []
    lines += [f"Row {one['row']}: {one['reason']}" for one in rejected]
    value = {"added": written.added, "updated": written.updated, "rejected": rejected}
    answer(value, "\n".join(lines), as_json=as_json)


def _read(file: Path) -> roster_tables.RosterTable:
    if file.stat().st_size > roster_tables.MOST_BYTES:
        raise Refused("too_big")
    if file.suffix.lower() != ".txt":
        return roster_tables.read_file(file.read_bytes())
    try:
        return roster_tables.read_text(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        return roster_tables.read_text(file.read_text(encoding="gb18030", errors="replace"))

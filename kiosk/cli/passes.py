"""flask passes."""

from __future__ import annotations

from pathlib import Path

import click

from kiosk.cli.output import answer, answering, event_of
from kiosk.services.audit_log import audit
from kiosk.services.door import pass_files, passes


@click.command("passes")
@click.argument("code")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--per-sheet", type=click.Choice(["8", "10"]), default="8", show_default=True, help="Badges on a page.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@answering
def passes_command(code: str, file: Path, per_sheet: str, language: str, as_json: bool) -> None:
    """Write the passes of an event's roster to FILE: badges to print (.pdf), or addresses to send (.csv)."""
    ending = file.suffix.lower().lstrip(".")
    if ending not in ("pdf", "csv"):
        raise click.ClickException("Passes are written as .pdf (badges) or .csv (addresses).")
    event = event_of(code)
    lines = passes.lines(event)
    if not lines:
        raise click.ClickException("Nobody is on this event's list; passes are for those who are.")
    passes.note_taken(event.id, ending, len(lines), actor=audit.COMMAND)
    if ending == "pdf":
        content = pass_files.badges_pdf(event, lines, language, per_sheet=int(per_sheet))
    else:
        content = pass_files.addresses_csv(lines)
    try:
        file.write_bytes(content)
    except OSError as error:
        raise click.ClickException(f"{file} could not be written: {error.strerror}.") from error
    answer({"file": str(file), "passes": len(lines)}, f"{len(lines)} passes written to {file}.", as_json=as_json)

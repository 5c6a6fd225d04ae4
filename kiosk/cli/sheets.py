"""flask sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kiosk.cli.output import answer, answering, event_of
from kiosk.services.event.event_views import EventView
from kiosk.services.sheet import frozen_sheets, sheet_copies
from kiosk.services.sheet.sheet_copies import Choice
from kiosk.services.sheet.sheet_rows import ORDERS, Order
from kiosk.services.tables.files import File
from kiosk.services.tables.sheet_files import FORMATS
from kiosk.services.tables.sheet_model import VARIANTS, Variant
from kiosk.services.tables.snapshots import snapshot


@click.command("sheet")
@click.argument("code")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--masked", is_flag=True, help="Hide the middle of mobiles, for a copy that goes round.")
@click.option("--order", type=click.Choice(ORDERS), default="arrival", show_default=True)
@click.option("--no-shows", is_flag=True, help="Name also who was expected and did not come.")
@click.option("--variant", type=click.Choice(VARIANTS), help="Which columns; left out, who stands on it decides.")
@click.option("--freeze", "is_frozen", is_flag=True, help="Give it a code that /verify knows; keep the file's hash.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@answering
def sheet_command(
    code: str,
    file: Path,
    masked: bool,
    order: Order,
    no_shows: bool,
    variant: Variant | None,
    is_frozen: bool,
    language: str,
    as_json: bool,
) -> None:
    """Write an event's sign-in sheet to FILE; its ending (.pdf, .xlsx, .docx or .csv) chooses the format."""
    ending = file.suffix.lower().lstrip(".")
    if ending not in FORMATS:
        raise click.ClickException("The sheet is written as .pdf, .xlsx, .docx or .csv.")
    event = event_of(code)
    choice = Choice(order, no_shows, variant, is_masked=masked)
    if not masked:
        sheet_copies.note_full_copy(event, choice, ending, staff_id=None)
    try:
        made, about = (_frozen if is_frozen else _plain)(event, choice, language, ending)
        file.write_bytes(made.content)
    except OSError as error:
        raise click.ClickException(f"{file} could not be written: {error.strerror}.") from error
    if "code" in about:
        frozen_sheets.note_download(about["id"])
    if made.unprintable:
        click.echo(f"The PDF shows 〓 for what its fonts lack: {' '.join(made.unprintable)}", err=True)
    sentence = f"{about['rows']} rows written to {file}." + (
        f" Their code is {about['code']}." if "code" in about else ""
    )
    answer({"file": str(file), "unprintable": made.unprintable, **about}, sentence, as_json=as_json)


def _plain(event: EventView, choice: Choice, language: str, ending: str) -> tuple[File, dict[str, Any]]:
    """Draw the sheet as it stands; return it, and how many rows it has."""
    with snapshot():
        model = sheet_copies.build(event, choice, language, is_for_programs=ending == "csv")
    return sheet_copies.drawn(model, ending), {"rows": len(model.rows)}


def _frozen(event: EventView, choice: Choice, language: str, ending: str) -> tuple[File, dict[str, Any]]:
    """Freeze the sheet and draw it; return also its code and the hash of what stands on it."""
    frozen = frozen_sheets.freeze(event, choice, language, staff_id=None)
    about = {"rows": frozen.rows, "id": frozen.id, "code": frozen.code, "content_hash": frozen.content_hash}
    return frozen_sheets.draw(frozen, ending), about

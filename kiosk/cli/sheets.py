"""flask sheet."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from kiosk.cli.output import answer, json_option
from kiosk.services import event_views, sheet_copies, sheets
from kiosk.services.sheet_copies import Choice
from kiosk.services.sheet_files import JobFailed
from kiosk.services.sheet_rows import ORDERS, Order
from kiosk.services.sheets import FORMATS, VARIANTS, SheetModel, Variant
from kiosk.services.snapshots import snapshot


@click.command("sheet")
@click.argument("code")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--masked", is_flag=True, help="Hide the middle of mobiles, for a copy that goes round.")
@click.option("--order", type=click.Choice(ORDERS), default="arrival", show_default=True)
@click.option("--no-shows", is_flag=True, help="Name also who was expected and did not come.")
@click.option("--variant", type=click.Choice(VARIANTS), help="Which columns; left out, who stands on it decides.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@json_option
@with_appcontext
def sheet_command(
    code: str,
    file: Path,
    masked: bool,
    order: Order,
    no_shows: bool,
    variant: Variant | None,
    language: str,
    as_json: bool,
) -> None:
    """Write an event's sign-in sheet to FILE; its ending (.pdf, .xlsx, .docx or .csv) chooses the format."""
    ending = file.suffix.lower().lstrip(".")
    if ending not in FORMATS:
        raise click.ClickException("The sheet is written as .pdf, .xlsx, .docx or .csv.")
    event = event_views.find(code)
    if event is None:
        raise click.ClickException(f"No event has the code {code}.")
    choice = Choice(order, no_shows, variant, is_masked=masked)
    with snapshot():
        model = sheet_copies.build(event, choice, language, has_dates=ending == "csv")
    if not masked:
        sheet_copies.note_full_copy(event, choice, ending, staff_id=None)
    unprintable = _write(model, file, ending)
    value = {"file": str(file), "rows": len(model.rows), "unprintable": unprintable}
    answer(value, f"{len(model.rows)} rows written to {file}.", as_json=as_json)


def _write(model: SheetModel, file: Path, ending: str) -> str:
    """Write the file; return the characters that a PDF shows as 〓, and say them on stderr."""
    try:
        file.write_bytes(sheets.render(model, ending))
    except JobFailed as error:
        raise click.ClickException(f"The sheet could not be drawn: {error.reason}.") from error
    except OSError as error:
        raise click.ClickException(f"{file} could not be written: {error.strerror}.") from error
    unprintable = "".join(sheets.uncovered_in(model)) if ending == "pdf" else ""
    if unprintable:
        click.echo(f"The PDF shows 〓 for what its fonts lack: {' '.join(unprintable)}", err=True)
    return unprintable

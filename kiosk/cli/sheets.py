"""flask sheet."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from kiosk.cli.output import answer, json_option
from kiosk.services import event_views, sheets
from kiosk.services.sheet_rows import ORDERS, Order

FORMATS = {".xlsx": sheets.xlsx_bytes, ".csv": sheets.csv_bytes}


@click.command("sheet")
@click.argument("code")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--masked", is_flag=True, help="Hide the middle of mobiles, for a copy that goes round.")
@click.option("--order", type=click.Choice(ORDERS), default="arrival", show_default=True)
@click.option("--no-shows", is_flag=True, help="Name also who was expected and did not come.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@json_option
@with_appcontext
def sheet_command(
    code: str, file: Path, masked: bool, order: Order, no_shows: bool, language: str, as_json: bool
) -> None:
    """Write an event's sign-in sheet to FILE; its ending (.xlsx or .csv) chooses the format."""
    ending = file.suffix.lower()
    if ending not in FORMATS:
        raise click.ClickException("The sheet is written as .xlsx or .csv so far; PDF and DOCX come later.")
    event = event_views.find(code)
    if event is None:
        raise click.ClickException(f"No event has the code {code}.")
    model = sheets.build_sheet(
        event, language, is_masked=masked, has_dates=ending == ".csv", order=order, has_no_shows=no_shows
    )
    file.write_bytes(FORMATS[ending](model))
    answer(
        {"file": str(file), "rows": len(model.rows)}, f"{len(model.rows)} sign-ins written to {file}.", as_json=as_json
    )

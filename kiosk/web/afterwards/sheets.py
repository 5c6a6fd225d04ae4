"""The sign-in sheet as a file (docs/product.md 4.1): masked for everybody, full only with a key that a POST has given.

A long one is made by a process beside the server, and its request waits for that: reading thousands of rows here would
hold up the door.
"""

from __future__ import annotations

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue

from kiosk.services import exports
from kiosk.services.event.event_views import EventView
from kiosk.services.refusals import Refused
from kiosk.services.sheet import frozen_sheets, sheet_copies
from kiosk.services.sheet.frozen_sheets import FrozenView
from kiosk.web.afterwards import sheet_form
from kiosk.web.afterwards.sheet_form import Wish
from kiosk.web.frame.access import event_for, logged_in
from kiosk.web.frame.downloads import is_full, send_made, staff_or_key, with_key
from kiosk.web.frame.inputs import query
from kiosk.web.frame.pages import go

bp = Blueprint("sheets", __name__)
bp.add_app_template_global(with_key)  # pages that link to downloads
PATIENCE = 60.0  # seconds; a proxy waits no longer
ENDING = "<any(pdf, xlsx, docx, csv):ending>"


@bp.get(f"/events/<code>/sheet.{ENDING}")
@staff_or_key
def file(code: str, ending: str) -> ResponseReturnValue:
    """Send the sheet as it stands now."""
    event = event_for(code, to_run=is_full())
    wish = sheet_form.read(query, is_full=is_full())
    if sheet_copies.is_long(event.id, wish.choice):
        return _when_made(start_sheet(event, wish, ending))
    return send_made(sheet_copies.file_of(event, wish.choice, wish.language, ending))


@bp.get(f"/events/<code>/frozen/<sheet_code>.{ENDING}")
@staff_or_key
def frozen_file(code: str, sheet_code: str, ending: str) -> ResponseReturnValue:
    """Send a frozen sheet; 409 when the sign-ins are no longer those."""
    event = event_for(code, to_run=is_full())
    frozen = frozen_for(event, sheet_code)
    if not frozen.choice.is_masked and not is_full():
        abort(403)
    if sheet_copies.is_long(event.id, frozen.choice):
        return _when_made(start_frozen(event, frozen, ending))
    try:
        made = frozen_sheets.draw(frozen, ending)
    except Refused:
        abort(409)
    frozen_sheets.note_download(frozen.id)
    return send_made(made)


def frozen_for(event: EventView, sheet_code: str) -> FrozenView:
    """Return the event's frozen sheet with this code, or 404."""
    frozen = frozen_sheets.find(sheet_code)
    if frozen is None or frozen.event_id != event.id:
        abort(404)
    return frozen


def start_sheet(event: EventView, wish: Wish, ending: str) -> int:
    """Start the export of a sheet and return its id."""
    options = sheet_copies.options_of(wish.choice, wish.language, ending)
    total = sheet_copies.rows_of(event.id, wish.choice)
    return exports.start("sheet", options, staff_id=logged_in().id, event_id=event.id, total=total)


def start_frozen(event: EventView, frozen: FrozenView, ending: str) -> int:
    """Start the export of a frozen sheet's file and return its id."""
    options = {"code": frozen.code, "format": ending, "full": not frozen.choice.is_masked}
    return exports.start("frozen", options, staff_id=logged_in().id, event_id=event.id, total=frozen.rows)


def _when_made(export_id: int) -> ResponseReturnValue:
    """Wait for the file and send it; what takes longer or fails has a page of its own."""
    staff_id = logged_in().id
    export = exports.wait_for(export_id, staff_id, PATIENCE)
    export_file = exports.file_of(export_id, staff_id)
    if export is None or export_file is None:
        return go("exports.show", export_id=export_id)
    exports.note_fetch(export)
    return send_made(export_file)

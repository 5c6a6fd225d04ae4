"""The sign-in sheet at the desk (docs/product.md 4.1): choose a copy, take it along, freeze it (定稿).

A file is masked for everybody, full only with a key that a POST has given. A long one is made by a process beside the
server, and its request waits for that: reading thousands of rows here would hold up the door.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, ngettext

from kiosk.services import exports, refusal_words, tallies
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.refusals import Refused
from kiosk.services.sheet import frozen_sheets, sheet_copies
from kiosk.services.sheet.frozen_sheets import FrozenView
from kiosk.services.sheet.sheet_copies import Choice
from kiosk.services.sheet.sheet_rows import ORDERS
from kiosk.services.tables import sheet_files
from kiosk.services.tables.sheet_files import FORMATS
from kiosk.services.tables.sheet_model import VARIANTS
from kiosk.web.desk.desk_events import bp
from kiosk.web.frame.access import event_for, logged_in, look_required, run_required, staff_required
from kiosk.web.frame.downloads import is_full, send_made, staff_or_key, with_key
from kiosk.web.frame.inputs import Inputs, posted, query
from kiosk.web.frame.languages import LANGUAGES
from kiosk.web.frame.pages import go, page_of
from kiosk.web.frame.words import language

bp.add_app_template_global(with_key)  # pages that link to downloads
MOST_ROWS = 12  # numbers that are named
PATIENCE = 60.0  # seconds; a proxy waits no longer
ENDING = "<any(pdf, xlsx, docx, csv):ending>"


@dataclass(frozen=True)
class Wish:
    """A copy and the language that it is written in; the paper's language need not be the screen's."""

    choice: Choice
    language: str

    def query(self) -> dict[str, Any]:
        """Return what an address asks for this with, without the right to a full copy; nothing for the default."""
        choice = self.choice
        return {
            "order": choice.order if choice.order != "arrival" else None,
            "no_shows": "1" if choice.has_no_shows else None,
            "variant": choice.variant,
            "paper": self.language if self.language != language() else None,
        }


def _read_wish(asked: Inputs, *, is_full: bool) -> Wish:
    """Read a wish; what is not known is the order of arrival, the variant that fits, the screen's language."""
    choice = Choice(
        asked.one_of("order", ORDERS) or "arrival",
        asked.is_set("no_shows"),
        asked.one_of("variant", VARIANTS),
        is_masked=not is_full,
    )
    return Wish(choice, asked.one_of("paper", LANGUAGES) or language())


@bp.get("/events/<code>/sheets", endpoint="sheets")
@look_required
def show(event: EventView) -> ResponseReturnValue:
    """Offer the sheet in every format, as the address asks for it, and what is frozen of it."""
    return _page(event, _read_wish(query, is_full=False))


@bp.post("/events/<code>/sheets")
@staff_required
def take_sheet(code: str) -> ResponseReturnValue:
    """Lead to the file; `copy=full` is for who runs the event, and is written down first."""
    is_whole = posted.raw("copy") == "full"
    event = event_for(code, to_run=is_whole)
    wish, ending = _read_wish(posted, is_full=is_whole), _asked_format()
    if is_whole:
        sheet_copies.note_full_copy(event, wish.choice, ending, staff_id=logged_in().id)
    if sheet_copies.is_long(event.id, wish.choice):
        return go("exports.show", export_id=_start("sheet", event, wish, ending))
    path = url_for("desk.sheet_file", code=event.code, ending=ending, **wish.query())
    return redirect(with_key(path, is_full=is_whole), code=303)


@bp.post("/events/<code>/sheets/freeze")
@run_required
def freeze(event: EventView) -> ResponseReturnValue:
    """Freeze the sheet as the form describes it; a long one beside the server."""
    wish = _read_wish(posted, is_full=posted.raw("copy") == "full")
    if event.is_cleared:
        flash(
            _("The personal data of this event has been cleared. The files show totals only; names are blank."), "bad"
        )
    elif not sheet_copies.rows_of(event.id, wish.choice):
        flash(_("Nobody has signed in yet: there is nothing to freeze."), "bad")
    elif sheet_copies.is_long(event.id, wish.choice):
        return go("exports.show", export_id=_start("freeze", event, wish))
    else:
        frozen = frozen_sheets.freeze(event, wish.choice, wish.language, staff_id=logged_in().id)
        flash(_("Frozen under the code %(code)s. Download it below, under “Frozen sheets”.", code=frozen.code), "ok")
    return go("desk.sheets", code=event.code, _anchor="frozen", **wish.query())


@bp.post("/events/<code>/frozen/<sheet_code>")
@staff_required
def take_frozen(code: str, sheet_code: str) -> ResponseReturnValue:
    """Lead to a file of a frozen sheet; 409 with the page when it can no longer be drawn."""
    event = event_for(code)
    frozen = _frozen_for(event, sheet_code)
    is_whole, ending = not frozen.choice.is_masked, _asked_format()
    if is_whole:
        event_for(code, to_run=True)
    if sheet_copies.is_long(event.id, frozen.choice):
        address = url_for("exports.show", export_id=_start_frozen(event, frozen, ending))
    else:
        try:
            frozen_sheets.check(frozen)
        except Refused as refusal:
            return _page(
                event,
                _read_wish(query, is_full=False),
                refused=why_not(refusal),
                stale=frozen,
            ), 409
        path = url_for("desk.frozen_file", code=event.code, sheet_code=frozen.code, ending=ending)
        address = with_key(path, is_full=is_whole)
    if is_whole:
        sheet_copies.note_full_copy(event, frozen.choice, ending, staff_id=logged_in().id, code=frozen.code)
    return redirect(address, code=303)


@bp.get(f"/events/<code>/sheet.{ENDING}")
@staff_or_key
def sheet_file(code: str, ending: str) -> ResponseReturnValue:
    """Send the sheet as it stands now."""
    event = event_for(code, to_run=is_full())
    wish = _read_wish(query, is_full=is_full())
    if sheet_copies.is_long(event.id, wish.choice):
        return _when_made(_start("sheet", event, wish, ending))
    return send_made(sheet_copies.file_of(event, wish.choice, wish.language, ending))


@bp.get(f"/events/<code>/frozen/<sheet_code>.{ENDING}")
@staff_or_key
def frozen_file(code: str, sheet_code: str, ending: str) -> ResponseReturnValue:
    """Send a frozen sheet; 409 when the sign-ins are no longer those."""
    event = event_for(code, to_run=is_full())
    frozen = _frozen_for(event, sheet_code)
    if not frozen.choice.is_masked and not is_full():
        abort(403)
    if sheet_copies.is_long(event.id, frozen.choice):
        return _when_made(_start_frozen(event, frozen, ending))
    try:
        made = frozen_sheets.draw(frozen, ending)
    except Refused:
        abort(409)
    frozen_sheets.note_download(frozen.id)
    return send_made(made)


def why_not(refusal: Refused) -> str:
    """Say why a frozen sheet gives no file any more, and what to do."""
    if refusal.code == "changed":
        return changed_words(refusal.about.get("rows", ()))
    return refusal_words.say(refusal, "file")


@bp.app_template_filter("changed_rows")
def changed_words(rows: tuple[int, ...]) -> str:
    """Say which rows of a frozen sheet are no longer what they were; by number, because a name would be somebody's."""
    if not rows:
        return str(_("What it said can no longer be drawn: freeze it anew. Its code stays valid."))
    named = ", ".join(map(str, rows[:MOST_ROWS])) + (" …" if len(rows) > MOST_ROWS else "")
    return str(
        ngettext(
            "Row %(rows)s was corrected, taken back or filled since, so this version gives no more files. "
            "Its code stays valid.",
            "Rows %(rows)s were corrected, taken back or filled since, so this version gives no more files. "
            "Its code stays valid.",
            len(rows),
            rows=named,
        )
    )


def _frozen_for(event: EventView, sheet_code: str) -> FrozenView:
    """Return the event's frozen sheet with this code, or 404."""
    frozen = frozen_sheets.find(sheet_code)
    if frozen is None or frozen.event_id != event.id:
        abort(404)
    return frozen


def _start(what: Literal["sheet", "freeze"], event: EventView, wish: Wish, ending: str | None = None) -> int:
    """Start the export of a sheet, or its freezing, and return its id."""
    options = sheet_copies.options_of(wish.choice, wish.language, ending)
    total = sheet_copies.rows_of(event.id, wish.choice)
    return exports.start(what, options, staff_id=logged_in().id, event_id=event.id, total=total)


def _start_frozen(event: EventView, frozen: FrozenView, ending: str) -> int:
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


def _asked_format() -> str:
    return posted.one_of("format", FORMATS) or abort(400)


def _page(event: EventView, wish: Wish, refused: str | None = None, stale: FrozenView | None = None) -> str:
    is_long = sheet_copies.is_long(event.id, wish.choice)
    return render_template(
        "afterwards/sheets.html",
        **page_of(event),
        counts=events.counts(event.id),
        on_paper=tallies.on_paper(event.id),
        wish=wish,
        is_long=is_long,
        # Reading a long list only to warn of a character would hold up the door; its file says so itself.
        unprintable=() if is_long else sheet_files.uncovered_in(sheet_copies.build(event, wish.choice, wish.language)),
        frozen=frozen_sheets.of_event(event.id),
        files=exports.recent(event.id, logged_in().id),
        refused=refused,
        stale=stale,
    )

"""The desk's page of sheets: choose a copy, take it along, freeze it (定稿). Routes on the desk's blueprint."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, ngettext

from kiosk.services import exports, refusal_words, tallies
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.refusals import Refused
from kiosk.services.sheet import frozen_sheets, sheet_copies
from kiosk.services.sheet.frozen_sheets import FrozenView
from kiosk.services.tables import sheet_files
from kiosk.services.tables.sheet_files import FORMATS
from kiosk.web.afterwards import sheet_form
from kiosk.web.afterwards.sheet_form import Wish
from kiosk.web.afterwards.sheets import frozen_for, start_frozen, start_sheet
from kiosk.web.desk.desk_events import bp
from kiosk.web.frame.access import event_for, logged_in, look_required, run_required, staff_required
from kiosk.web.frame.downloads import with_key
from kiosk.web.frame.inputs import posted, query
from kiosk.web.frame.pages import go, page_of

MOST_ROWS = 12  # numbers that are named


@bp.get("/events/<code>/sheets", endpoint="sheets")
@look_required
def show(event: EventView) -> ResponseReturnValue:
    """Offer the sheet in every format, as the address asks for it, and what is frozen of it."""
    return _page(event, sheet_form.read(query, is_full=False))


@bp.post("/events/<code>/sheets")
@staff_required
def take_sheet(code: str) -> ResponseReturnValue:
    """Lead to the file; `copy=full` is for who runs the event, and is written down first."""
    is_full = posted.raw("copy") == "full"
    event = event_for(code, to_run=is_full)
    wish, ending = sheet_form.read(posted, is_full=is_full), _asked_format()
    if is_full:
        sheet_copies.note_full_copy(event, wish.choice, ending, staff_id=logged_in().id)
    if sheet_copies.is_long(event.id, wish.choice):
        return go("exports.show", export_id=start_sheet(event, wish, ending))
    return redirect(with_key(sheet_form.path_of(event.code, ending, wish), is_full=is_full), code=303)


@bp.post("/events/<code>/sheets/freeze")
@run_required
def freeze(event: EventView) -> ResponseReturnValue:
    """Freeze the sheet as the form describes it; a long one beside the server."""
    wish = sheet_form.read(posted, is_full=posted.raw("copy") == "full")
    if event.purged_at is not None:
        flash(
            _("The personal data of this event has been cleared. The files show totals only; names are blank."), "bad"
        )
    elif not sheet_copies.rows_of(event.id, wish.choice):
        flash(_("Nobody has signed in yet: there is nothing to freeze."), "bad")
    elif sheet_copies.is_long(event.id, wish.choice):
        return go("exports.show", export_id=_start_freeze(event, wish))
    else:
        frozen = frozen_sheets.freeze(event, wish.choice, wish.language, staff_id=logged_in().id)
        flash(_("Frozen under the code %(code)s. Download it below, under “Frozen sheets”.", code=frozen.code), "ok")
    address = "?".join(filter(None, (url_for("desk.sheets", code=event.code), wish.query())))
    return redirect(f"{address}#frozen", code=303)


@bp.post("/events/<code>/frozen/<sheet_code>")
@staff_required
def take_frozen(code: str, sheet_code: str) -> ResponseReturnValue:
    """Lead to a file of a frozen sheet; 409 with the page when it can no longer be drawn."""
    event = event_for(code)
    frozen = frozen_for(event, sheet_code)
    is_full, ending = not frozen.choice.is_masked, _asked_format()
    if is_full:
        event_for(code, to_run=True)
    if sheet_copies.is_long(event.id, frozen.choice):
        address = url_for("exports.show", export_id=start_frozen(event, frozen, ending))
    else:
        try:
            frozen_sheets.check(frozen)
        except Refused as refusal:
            return _page(event, sheet_form.usual(), refused=why_not(refusal), stale=frozen), 409
        path = url_for("sheets.frozen_file", code=event.code, sheet_code=frozen.code, ending=ending)
        address = with_key(path, is_full=is_full)
    if is_full:
        sheet_copies.note_full_copy(event, frozen.choice, ending, staff_id=logged_in().id, code=frozen.code)
    return redirect(address, code=303)


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


def _start_freeze(event: EventView, wish: Wish) -> int:
    total = sheet_copies.rows_of(event.id, wish.choice)
    options = sheet_copies.options_of(wish.choice, wish.language)
    return exports.start("freeze", options, staff_id=logged_in().id, event_id=event.id, total=total)


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

"""The organiser's desk: personal passes (docs/product.md 2.8), as badges, as addresses, and one person's again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kiosk.services.door import pass_files, passes
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import rosters
from kiosk.web.frame.access import actor, event_for, run_required
from kiosk.web.frame.downloads import is_full, send, staff_or_key, with_key
from kiosk.web.frame.inputs import posted, query
from kiosk.web.frame.pages import finish, page_of
from kiosk.web.frame.words import language, local

bp = Blueprint("badges", __name__)


@bp.get("/events/<code>/passes")
@run_required
def show(view: EventView) -> ResponseReturnValue:
    """Show what passes are for, and what there is to take along."""
    counts = events.counts(view.id)
    return render_template("desk/passes.html", **page_of(view), counts=counts, per_sheet=pass_files.PER_SHEET)


@bp.post("/events/<code>/passes")
@run_required
def take(view: EventView) -> ResponseReturnValue:
    """Lead to a file of passes, of everybody or of one `entry`; the log keeps who asked: a pass signs its person in."""
    entry_id = posted.number("entry")
    if entry_id is not None:
        rosters.entry(view.id, entry_id)
    kind = posted.one_of("format", ("pdf", "csv")) or "pdf"
    passes.note_taken(view.id, kind, 1 if entry_id else events.counts(view.id).expected, actor=actor())
    about: dict[str, Any] = {"per_sheet": posted.number("per_sheet"), "entry": entry_id, "lang": language()}
    return redirect(with_key(url_for(f"badges.as_{kind}", code=view.code, **about), is_full=True), 303)


@bp.get("/events/<code>/passes.pdf", endpoint="as_pdf", defaults={"ending": "pdf"})
@bp.get("/events/<code>/passes.csv", endpoint="as_csv", defaults={"ending": "csv"})
@staff_or_key
def as_file(code: str, ending: str) -> ResponseReturnValue:
    """Send the badges, or everybody's address, to whom the log has kept."""
    view = event_for(code, to_run=True)
    if not is_full():
        abort(403)
    lines = passes.lines(view, entry_id=query.number("entry"))
    if ending == "csv":
        title = _("Pass addresses %(title)s", title=local(view, "title"))
        return send(pass_files.addresses_csv(lines), "text/csv", title, "csv")
    per_sheet = query.number("per_sheet")
    size = per_sheet if per_sheet in pass_files.PER_SHEET else pass_files.PER_SHEET[0]
    title = _("Badges %(title)s", title=local(view, "title"))
    return send(pass_files.badges_pdf(view, lines, language(), per_sheet=size), "application/pdf", title, "pdf")


@bp.get("/events/<code>/roster/<int:entry_id>/pass")
@run_required
def of_one(view: EventView, entry_id: int) -> ResponseReturnValue:
    """Show one person's pass again: its code and its address."""
    entry = rosters.entry(view.id, entry_id)
    address = passes.address_of(entry_id)
    return render_template("desk/pass.html", **page_of(view), entry=entry, address=address)


@bp.post("/events/<code>/roster/<int:entry_id>/pass/revoke")
@run_required
def revoke(view: EventView, entry_id: int) -> ResponseReturnValue:
    """Withdraw a pass; the one that is shown now is new."""
    passes.revoke(view.id, entry_id, actor=actor())
    message = _("The pass was withdrawn. This one is new.")
    return finish(message, "badges.of_one", code=view.code, entry_id=entry_id)

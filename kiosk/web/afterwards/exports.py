"""A file that is being made: how far it is, and the file itself. Works without JavaScript, and in WeChat by a key."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal, gettext as _

from kiosk.services import exports
from kiosk.services.exports import ExportView
from kiosk.web.frame.access import event_for, logged_in, staff_required
from kiosk.web.frame.downloads import send_made, staff_or_key
from kiosk.web.frame.pages import go

bp = Blueprint("exports", __name__)


@bp.get("/exports/<int:export_id>")
@staff_required
def show(export_id: int) -> ResponseReturnValue:
    """Show how far it is; when it is done the download begins. What leaves no file leads back to its event."""
    export = _export(export_id)
    if export.state == "done" and export.file_name is None:
        return redirect(_back(export), code=303)
    return render_template("afterwards/exports/show.html", export=export, said=_said(export), back=_back(export))


@bp.get("/exports/<int:export_id>/progress")
@staff_required
def progress(export_id: int) -> ResponseReturnValue:
    """Show again how far it is; when it is over, the page is to be loaded anew."""
    export = _export(export_id)
    headers = {"HX-Refresh": "true"} if export.is_over else {}
    return render_template("afterwards/exports/_progress.html", export=export, said=_said(export)), 200, headers


@bp.get("/exports/<int:export_id>/file")
@staff_or_key
def file(export_id: int) -> ResponseReturnValue:
    """Send the file to who asked for it, while the right to it lasts."""
    export = _export(export_id)
    made = exports.file_of(export_id, logged_in().id) or abort(404)
    exports.note_fetch(export)
    return send_made(made)


@bp.post("/exports/<int:export_id>/again")
@staff_required
def again(export_id: int) -> ResponseReturnValue:
    """Make it again, after its process died or it failed."""
    _export(export_id)
    return go("exports.show", export_id=exports.start_again(export_id, logged_in().id))


def _export(export_id: int) -> ExportView:
    """Return an export of whoever is logged in; 404 for others', 403 once the right to its event is gone."""
    export = exports.find(export_id, logged_in().id) or abort(404)
    if export.event_code is not None:
        event_for(export.event_code, to_run=bool(export.options.get("full")))
    return export


def _said(export: ExportView) -> str:
    if export.is_drawn:
        return str(_("All rows are read; the file is being drawn."))
    if not export.total:
        return str(_("It has begun."))
    done, total = format_decimal(export.done), format_decimal(export.total)
    return str(_("%(done)s of %(total)s rows", done=done, total=total))


def _back(export: ExportView) -> str:
    """Return the page from which it was asked for."""
    if export.what == "proofs" and export.event_code is not None:
        return url_for("proofs.show", code=export.event_code)
    if export.event_code is not None:
        return url_for("desk.sheets", code=export.event_code, _anchor="frozen" if export.what == "freeze" else None)
    if export.what == "proofs" and export.campaign_id is not None:
        return url_for("proofs.of_campaign", campaign_id=export.campaign_id)
    if export.campaign_id is not None:
        return url_for("desk.campaign", campaign_id=export.campaign_id)
    return url_for("desk.events")

"""The organiser's desk: an event's roster (名单), its list, its import in two steps, its files."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, ngettext
from werkzeug.wrappers import Response

from kiosk.services import refusal_words
from kiosk.services.event import event_access, events
from kiosk.services.event.event_views import EventView
from kiosk.services.lists import files, texts
from kiosk.services.lists.books import Book
from kiosk.services.refusals import Refused, Unknown
from kiosk.services.roster import import_history, roster_drafts, roster_edits, roster_imports, roster_lists, rosters
from kiosk.services.tables import sheet_files
from kiosk.services.tables.sheet_files import FORMATS
from kiosk.web.desk import import_choices
from kiosk.web.desk.roster_form import ImportForm
from kiosk.web.frame.access import actor, event_for, logged_in, look_required, run_required
from kiosk.web.frame.bodies import LONG_FORM, takes
from kiosk.web.frame.downloads import is_full, send, staff_or_key, with_key
from kiosk.web.frame.inputs import either, posted
from kiosk.web.frame.pages import finish, go, hidden_names, page_of, saying_refusals
from kiosk.web.frame.words import language

bp = Blueprint("roster", __name__)
MOST_UPLOAD = 24 * 2**20  # what is larger than the service takes is to get the service's sentence


@bp.get("/events/<code>/roster", endpoint="show")
@bp.post("/events/<code>/roster/search", endpoint="search")
@look_required
def show(view: EventView) -> ResponseReturnValue:
    """Show the roster, mobiles masked; `state` narrows it, `page` turns the page.

    A search is a POST: no person's name stands in an address.
    """
    typed, page = posted.text("q"), either.page()
    state = either.one_of("state", roster_lists.STATES) or "all"
    matches = roster_lists.search(view.id, typed, state, page=page, hidden=hidden_names(view))
    seats = rosters.seats(view.id) if state == "all" and page == 1 else ()
    counts = events.counts(view.id)
    going_on = roster_imports.going_on(view.id)
    is_empty = not typed and not counts.expected and not matches.total and going_on is None
    if is_empty and event_access.may_run(logged_in(), view):
        return _import_page(view, ImportForm(formdata=None), is_empty=True)
    return render_template("desk/roster.html", **page_of(view), found=matches, typed=typed, state=state,
                           seats=seats, counts=counts, going_on=going_on,
                           was_imported=import_history.has_any(view.id))  # fmt: skip


@bp.get("/events/<code>/roster/import")
@run_required
def choose(view: EventView) -> ResponseReturnValue:
    """Ask for a file or pasted text."""
    counts, is_free = events.counts(view.id), roster_imports.going_on(view.id) is None
    return _import_page(view, ImportForm(formdata=None), is_empty=not counts.expected and is_free)


@bp.post("/events/<code>/roster/import")
@run_required
@takes(MOST_UPLOAD)
def stage(view: EventView) -> ResponseReturnValue:
    """Read a file or pasted text and keep it for the preview; nothing is in the roster yet."""
    form = ImportForm()
    source = sent_name()
    with form.refusals_beside("file" if source else "pasted"):
        books = sent_books(form)
        token = roster_drafts.stage(view, books, staff_id=logged_in().id, source=source)
        return go("roster.preview", code=view.code, token=token)
    return _import_page(view, form), 422


@bp.get("/events/<code>/roster/import/<token>")
@run_required
def preview(view: EventView, token: str) -> ResponseReturnValue:
    """Show what an import would change: what is doubtful first, then what is left out, each with the reason."""
    try:
        shown = roster_drafts.preview(view, token)
    except Unknown:
        return _gone(view)
    return render_template("desk/roster_preview.html", **page_of(view), preview=shown, token=token,
                           meanings=import_choices.MEANINGS)  # fmt: skip


@bp.post("/events/<code>/roster/import/<token>")
@run_required
@takes(LONG_FORM)
def confirm(view: EventView, token: str) -> ResponseReturnValue:
    """Write what the preview showed; `discard` forgets it instead, and what was chosen otherwise is shown first."""
    if "discard" in posted:
        roster_drafts.discard(view, token, actor=actor())
        return finish(_("Nothing was imported."), "roster.show", code=view.code)
    try:
        choices = roster_drafts.preview(view, token).choices
        chosen = import_choices.read(choices)
        roster_drafts.choose(view, token, chosen)
        if "again" in posted or chosen.reads_otherwise_than(choices):
            return finish(
                _("Read as you chose. Nothing is imported yet."), "roster.preview", code=view.code, token=token
            )
        reading, written = roster_imports.confirm(view, token, actor=actor())
    except Unknown:
        return _gone(view)
    except Refused as refusal:  # by these choices nobody would be left, or another import goes on
        flash(refusal_words.say(refusal, "desk"), "bad")
        return go("roster.preview", code=view.code, token=token)
    flash(_("%(added)s added, %(updated)s updated, %(same)s unchanged, %(bad)s left out.", added=written.added,
            updated=written.updated, same=written.unchanged, bad=reading.not_taken), "ok")  # fmt: skip
    if written.here:
        flash(ngettext("%(num)s person has signed in already and now stands on the list as arrived.",
                       "%(num)s people have signed in already and now stand on the list as arrived.",
                       written.here), "ok")  # fmt: skip
    return go("roster.show", code=view.code)


@bp.post("/events/<code>/roster/import/back")
@run_required
def take_back(view: EventView) -> ResponseReturnValue:
    """Make the roster what it was before the last import."""
    with saying_refusals():
        _say_back(import_history.take_back(view.id, actor=actor()))
    return go("roster.choose", code=view.code)


@bp.get("/events/<code>/roster/template.xlsx")
@staff_or_key
def template(code: str) -> ResponseReturnValue:
    """Send an empty roster with an example."""
    model = roster_lists.template(event_for(code), language())
    return send(sheet_files.render(model, "xlsx"), FORMATS["xlsx"], model.title, "xlsx")


@bp.get("/events/<code>/roster.xlsx", endpoint="as_xlsx", defaults={"ending": "xlsx"})
@bp.get("/events/<code>/roster.csv", endpoint="as_csv", defaults={"ending": "csv"})
@staff_or_key
def as_file(code: str, ending: str) -> ResponseReturnValue:
    """Send the roster as a workbook or as CSV: masked, unless the log has kept that whole mobiles were asked for."""
    view = event_for(code, to_run=is_full())
    model = roster_lists.export(view, language(), is_masked=not is_full())
    title = _("%(title)s, masked", title=model.title) if model.is_masked else model.title
    return send(sheet_files.render(model, ending), FORMATS[ending], title, ending)


@bp.post("/events/<code>/roster/whole")
@run_required
def whole_copy(view: EventView) -> ResponseReturnValue:
    """Lead to a copy with whole mobiles, as `format`, by an address with a key; the log keeps who asked."""
    endpoint = "roster.as_csv" if posted.raw("format") == "csv" else "roster.as_xlsx"
    roster_edits.log_export(view.id, actor=actor())
    return redirect(with_key(url_for(endpoint, code=view.code, lang=language()), is_full=True), 303)


def _import_page(view: EventView, form: ImportForm, *, is_empty: bool = False) -> str:
    return render_template("desk/roster_import.html", **page_of(view), form=form, is_empty=is_empty,
                           history=import_history.history(view.id))  # fmt: skip


def _gone(view: EventView) -> Response:
    flash(_("This preview is gone: it was used, or is older than an hour. Please choose the file again."), "bad")
    return go("roster.choose", code=view.code)


def _say_back(back: Mapping[str, int]) -> None:
    flash(_("The import is taken back: %(removed)s removed, %(changed)s as before.", removed=back["removed"],
            changed=back["changed_back"]), "ok")  # fmt: skip
    if back["kept"]:
        flash(ngettext("%(num)s has signed in meanwhile and stays on the list.",
                       "%(num)s have signed in meanwhile and stay on the list.", back["kept"]), "bad")  # fmt: skip


def sent_name() -> str:
    """Return the name of the file that was sent, "" for none."""
    file = request.files.get("file")
    return (file.filename if file else "") or ""


def sent_books(form: ImportForm) -> tuple[Book, ...]:
    """Read the file that was sent, or the text in its place; raise Refused."""
    file = request.files.get("file")
    if file and file.filename:
        with contextlib.closing(file):
            return files.read_file(file.read())
    return (texts.read_text(form.pasted.data or ""),)

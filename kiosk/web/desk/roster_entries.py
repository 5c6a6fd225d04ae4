"""The organiser's desk: one entry of a roster, added, changed, excused, starred, removed; an organisation's seats."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kiosk.services.door import looks, ties
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import roster_edits, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.roster.rosters import EntryView
from kiosk.services.sign_in import namesakes
from kiosk.web.desk.desk_sign_ins import mobile_page
from kiosk.web.desk.roster import bp
from kiosk.web.desk.roster_form import EntryForm, SeatsForm, entry_form, read_entry
from kiosk.web.frame.access import actor, run_required
from kiosk.web.frame.inputs import posted
from kiosk.web.frame.pages import finish, go, page_of, saying_refusals


@bp.route("/events/<code>/roster/new", methods=["GET", "POST"])
@run_required
def new(view: EventView) -> ResponseReturnValue:
    """Add one person; a GET asks for one, or for an organisation's seats."""
    form = entry_form(view)
    if form.is_submitted():
        with form.errors_beside():
            roster_edits.add(view.id, read_entry(form), actor=actor())
            return finish(_("%(name)s is on the roster.", name=form.name.data), "roster.new", code=view.code)
    return _new_page(view, form, SeatsForm(prefix="seats")), form.status


@bp.post("/events/<code>/roster/seats")
@run_required
def add_seats(view: EventView) -> ResponseReturnValue:
    """Add or change an organisation's seats."""
    form = SeatsForm(prefix="seats")
    name, group = form.organisation_name.data, form.group_name.data
    if form.validate():
        kind = "enterprise" if "enterprise" in view.kind_names else view.kind_names[0]
        row = RosterRow(kind, organisation_name=name, group_name=group, seats=form.seats.data or -1)
        with form.errors_beside():
            roster_edits.add(view.id, row, actor=actor())
            return finish(_("%(name)s has its seats.", name=name), "roster.show", code=view.code)
    return _new_page(view, entry_form(view), form), 422


@bp.post("/events/<code>/roster/seats/<int:seats_id>/remove")
@run_required
def remove_seats(view: EventView, seats_id: int) -> ResponseReturnValue:
    """Take an organisation's seats off the roster."""
    with saying_refusals():
        roster_edits.remove_seats(view.id, seats_id, actor=actor())
    return go("roster.show", code=view.code)


@bp.route("/events/<code>/roster/<int:entry_id>", methods=["GET", "POST"])
@run_required
def entry(view: EventView, entry_id: int) -> ResponseReturnValue:
    """Show one entry with everything that can be done to it; a POST changes its words, its sign-in keeps its own."""
    roster_entry = rosters.entry(view.id, entry_id)
    form = entry_form(view, roster_entry)
    if form.is_submitted():
        with form.errors_beside():
            roster_edits.edit(view.id, entry_id, read_entry(form, roster_entry), actor=actor())
            return finish(_("Saved."), "roster.entry", code=view.code, entry_id=entry_id)
    page = render_template("desk/roster_entry.html", **page_of(view), entry=roster_entry, form=form,
                           tied_id=roster_entry.sign_in_id if _is_tied(view, roster_entry) else None,
                           others=namesakes.different_as(view.id, entry_id))  # fmt: skip
    return page, form.status


@bp.post("/events/<code>/roster/<int:entry_id>/mobile")
@run_required
def look_at_entry(view: EventView, entry_id: int) -> ResponseReturnValue:
    """Show the whole mobile of somebody on the roster; a POST that the log keeps."""
    person = looks.at_entry(view.id, entry_id, actor=actor())
    return mobile_page(view, person, url_for("roster.show", code=view.code))


@bp.post("/events/<code>/roster/<int:entry_id>/star")
@run_required
def star(view: EventView, entry_id: int) -> ResponseReturnValue:
    """Star somebody (`is_starred=1`) or take the star away."""
    rosters.entry(view.id, entry_id)
    rosters.set_starred(view.id, entry_id, is_starred=posted.is_set("is_starred"), actor=actor())
    return go("roster.entry", code=view.code, entry_id=entry_id)


@bp.post("/events/<code>/roster/<int:entry_id>/<any(excuse, expect):change>")
@run_required
def change_state(view: EventView, entry_id: int, change: Any) -> ResponseReturnValue:
    """Excuse somebody, with a reason, or expect them again."""
    rosters.entry(view.id, entry_id)
    reason = posted.text("reason", 200) or None
    with saying_refusals():
        rosters.set_state(view.id, entry_id, change, actor=actor(), reason=reason)
    return go("roster.entry", code=view.code, entry_id=entry_id)


@bp.post("/events/<code>/roster/<int:entry_id>/remove")
@run_required
def remove(view: EventView, entry_id: int) -> ResponseReturnValue:
    """Take somebody off the roster."""
    roster_entry = rosters.entry(view.id, entry_id)
    with saying_refusals():
        rosters.remove(view.id, entry_id, actor=actor())
        return finish(_("%(name)s is off the roster.", name=roster_entry.name), "roster.show", code=view.code)
    return go("roster.entry", code=view.code, entry_id=entry_id)


def _is_tied(view: EventView, roster_entry: EntryView) -> bool:
    return ties.tied_to(view.id, roster_entry.sign_in_id) is not None


def _new_page(view: EventView, form: EntryForm, seats_form: SeatsForm) -> str:
    return render_template("desk/roster_new.html", **page_of(view), form=form, seats_form=seats_form)

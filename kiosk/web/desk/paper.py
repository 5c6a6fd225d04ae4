"""Paper (docs/product.md 3.5): the emergency sheet to print, and the page that enters it afterwards (补录)."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kiosk.person_fields import BY_COLUMN
from kiosk.services import tallies
from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import back_entry
from kiosk.services.door.back_entry import Entered
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.sheet import emergency
from kiosk.web.desk import paper_form
from kiosk.web.desk.paper_form import PaperForm
from kiosk.web.frame.access import event_for, logged_in, run_required
from kiosk.web.frame.bodies import takes
from kiosk.web.frame.downloads import send, staff_or_key
from kiosk.web.frame.inputs import posted
from kiosk.web.frame.pages import go, page_of
from kiosk.web.frame.words import language

bp = Blueprint("paper", __name__)
MOST_PASTED = 2**21  # bytes: the longest list there is room for
MORE_LINES = 5


@bp.get("/events/<code>/emergency.pdf")
@staff_or_key
def emergency_pdf(code: str) -> ResponseReturnValue:
    """Send the emergency sheet, ready to print. It names people, so it is for who runs the event."""
    sheet = emergency.build(event_for(code, to_run=True), language())
    return send(emergency.pdf_bytes(sheet), "application/pdf", sheet.title, "pdf")


@bp.get("/events/<code>/paper")
@run_required
def show(event: EventView) -> ResponseReturnValue:
    """Show who has not arrived, to be ticked, and lines for walk-ins."""
    return _page(event, paper_form.fresh(event))


@bp.post("/events/<code>/paper")
@run_required
@takes(MOST_PASTED)
def enter(event: EventView) -> ResponseReturnValue:
    """Write what is right; what is not comes back as typed. `do` asks for "more" lines, or to "fill" in pasted text."""
    form, wish = paper_form.read(event), posted.raw("do")
    if wish == "more":
        return _page(event, paper_form.with_blank_lines(event, form, MORE_LINES))
    if wish == "fill" or form.pasted.strip():
        return _fill_in(event, form)
    checked, rows = paper_form.check(event, form)
    hand = Hand(f"staff:{logged_in().id}", form.key, logged_in().id)
    done = back_entry.enter(event, rows, hand) if rows else ()
    _tell(event, done)
    left = paper_form.without(event, checked, done)
    if left.is_wrong:
        return _page(event, paper_form.with_blank_lines(event, left)), 422
    if not done:
        flash(_("Nobody was ticked and no line was filled in."), "bad")
    number = form.listed.number
    return go("paper.show", code=event.code, **({"page": number} if number > 1 else {}))


def _fill_in(event: EventView, form: PaperForm) -> ResponseReturnValue:
    """Show the pasted people as lines, to be looked through before anything is written."""
    filled = paper_form.with_blank_lines(event, paper_form.fill_in(event, form))
    if not filled.errors:
        flash(_("Please look through the lines below, then save."), "ok")
    return _page(event, filled), 422 if filled.errors else 200


def _tell(event: EventView, done: Sequence[Entered]) -> None:
    """Say what became of the lines."""
    by_code = {code: [one for one in done if one.code == code] for code in ("entered", "there", "waits", "void")}
    if by_code["entered"]:
        flash(_("Entered from paper: %(count)s.", count=len(by_code["entered"])), "ok")
    for code, words in (
        ("there", _("Here already, nothing to do: %(names)s.")),
        ("waits", _("On the wait list; let them in on the dashboard: %(names)s.")),
        ("void", _("Entered before and voided since; undo it under Sign-ins: %(names)s.")),
    ):
        if by_code[code]:
            flash(words % {"names": paper_form.names_of(event, by_code[code])}, "ok" if code == "there" else "bad")


def _page(event: EventView, form: PaperForm) -> str:
    counted = {"counts": events.counts(event.id), "on_paper": tallies.on_paper(event.id)}
    of_person = {"person": BY_COLUMN, "details": paper_form.DETAIL_KEY}
    return render_template("desk/paper.html", **page_of(event), form=form, **counted, **of_person)

"""The organiser's desk: a rehearsal of an event, watched while it goes on (docs/product.md 3.8)."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, lazy_gettext as _l
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from kiosk.clock import utcnow
from kiosk.services.event.event_views import EventView
from kiosk.services.rehearsals import book
from kiosk.web.frame.access import ORGANISERS, event_for, logged_in, role_required
from kiosk.web.frame.forms import StaffForm
from kiosk.web.frame.pages import go, page_of, saying_refusals

bp = Blueprint("rehearsal", __name__)
USUAL_MINUTES = 2
NUMBER = _l("A whole number, please.")


@bp.app_template_filter("seconds")
def say_seconds(milliseconds: int) -> str:
    """Return `0.2 s`, and of less than a tenth `0.04 s`."""
    seconds = f"{milliseconds / 1000:.2f}" if milliseconds < 100 else f"{milliseconds / 1000:.1f}"
    return str(_("%(count)s s", count=seconds))


class RehearsalForm(StaffForm):
    arrivals = IntegerField(_l("Arrivals"), validators=[InputRequired(NUMBER)])
    minutes = IntegerField(
        _l("Within how many minutes"),
        validators=[
            InputRequired(NUMBER),
            NumberRange(1, book.LONGEST_MINUTES, _l("From 1 to %(most)s, please.", most=book.LONGEST_MINUTES)),
        ],
    )


@bp.get("/events/<code>/rehearsal")
@role_required(*ORGANISERS)
def show(code: str) -> ResponseReturnValue:
    """Show the form, the rehearsal that goes on, and what the last ones found."""
    view = _event(code)
    usual = {"arrivals": book.usual_arrivals(view), "minutes": USUAL_MINUTES}
    return _page(view, RehearsalForm(formdata=None, data=usual))


@bp.post("/events/<code>/rehearsal")
@role_required(*ORGANISERS)
def start(code: str) -> ResponseReturnValue:
    """Start a rehearsal."""
    view, form = _event(code), RehearsalForm()
    most = book.most_arrivals(view)
    if not form.validate():
        return _page(view, form), 422
    if not 1 <= form.arrivals.data <= most:
        form.arrivals.errors = [_("From 1 to %(most)s, please.", most=most)]
        return _page(view, form), 422
    with saying_refusals():
        book.start(view, form.arrivals.data, form.minutes.data * 60, staff_id=logged_in().id)
    return go("rehearsal.show", code=view.code)


@bp.post("/events/<code>/rehearsal/stop")
@role_required(*ORGANISERS)
def stop(code: str) -> ResponseReturnValue:
    """End this event's rehearsal before its time."""
    view = _event(code)
    book.stop(view, staff_id=logged_in().id)
    return go("rehearsal.show", code=view.code)


@bp.get("/events/<code>/rehearsal/progress")
@role_required(*ORGANISERS)
def progress(code: str) -> ResponseReturnValue:
    """Show again how far it is; when it is over the whole page is due."""
    view = _event(code)
    rehearsals = book.of_event(view.id)
    answer = render_template(
        "desk/rehearsal/_progress.html", event=view, rehearsal=rehearsals[0] if rehearsals else None
    )
    return answer, 200, {"HX-Refresh": "true"} if not rehearsals or rehearsals[0].is_over else {}


def _event(code: str) -> EventView:
    """Return the event, which is no rehearsal itself."""
    view = event_for(code, to_run=True)
    if view.is_rehearsal:
        abort(404)
    return view


def _page(view: EventView, form: RehearsalForm) -> str:
    rehearsals, going_on = book.of_event(view.id), book.going_on()
    return render_template(
        "desk/rehearsal/page.html",
        **page_of(view),
        form=form,
        running=next((one for one in rehearsals if not one.is_over), None),
        found=[one for one in rehearsals if one.is_over],
        other=going_on if going_on is not None and going_on.event_id != view.id else None,
        most=book.most_arrivals(view),
        most_minutes=book.LONGEST_MINUTES,
        now=utcnow(),
    )

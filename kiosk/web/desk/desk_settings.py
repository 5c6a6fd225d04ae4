"""The organiser's desk: making, changing and cloning events."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, lazy_gettext as _l
from wtforms import FieldList, FormField, SelectChoice

from kiosk.services.event import campaign_access, campaigns, event_access, event_rules, events, last_time, series
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import KIND_WORDS
from kiosk.web.desk import event_form, settings_sections
from kiosk.web.desk.desk_events import bp
from kiosk.web.desk.event_form import EventForm, LocalTime, NewEventForm
from kiosk.web.frame.access import ORGANISERS, actor, event_for, logged_in, role_required, run_required
from kiosk.web.frame.bodies import LONG_FORM, takes
from kiosk.web.frame.forms import Rows, StaffForm, text
from kiosk.web.frame.inputs import query
from kiosk.web.frame.pages import finish, page_of
from kiosk.web.frame.words import local

MOST_TYPED = 40  # characters of a code
CLONES = 8  # rows of the table: six districts and two to spare


class CloneRow(Rows):
    title = text(_l("Title"), 200)
    district = text(_l("District"), 60)
    venue = text(_l("Venue"), 200)
    starts_at = LocalTime(_l("Begins"))


class CloneForm(StaffForm):
    rows = FieldList(FormField(CloneRow), max_entries=40)


@bp.route("/events/new", methods=["GET", "POST"])
@role_required(*ORGANISERS)
@takes(LONG_FORM)
def new_event() -> ResponseReturnValue:
    """Make an event; a title is enough. `like` names another one that it is like in everything else."""
    code = query.raw("like", MOST_TYPED)
    like = event_for(code, to_run=True) if code else None
    form = event_form.new_form(like, _usual_campaign(like))
    _offer_campaigns(form)
    if form.validate_on_submit():
        with form.errors_beside():
            draft = event_form.read_new(form, like)
            if not form.is_asked_about_days(draft):
                is_daily = form.days.data == "daily" and events.days_of(draft)
                make = events.create_daily if is_daily else events.create
                source_id = None if like is None else like.id
                view = make(draft, owner_id=logged_in().id, actor=actor(), source_id=source_id)
                words = _("The event is ready. Everything else has a default, under Settings.")
                return finish(words, "desk.event", code=view.code)
    offered = last_time.offered(event_access.list_filter(logged_in()))
    return render_template("desk/new_event.html", form=form, like=like, offered=offered), form.status


@bp.route("/events/<code>/settings", methods=["GET", "POST"])
@run_required
@takes(LONG_FORM)
def settings(view: EventView) -> ResponseReturnValue:
    """Show and change every setting of an event, in sections; `open` names the one that stands open."""
    view = events.get(view.code)
    if request.method == "GET":
        return _settings_page(view, event_form.filled_form(view))
    form = EventForm(data={"campaign_id": view.campaign_id})
    _offer_campaigns(form, view.campaign_id)
    if form.validate():
        with form.errors_beside():
            draft = event_form.read_settings(form, view)
            series_id = series.ensure(draft.campaign_id or view.campaign_id, form.series.data)
            events.update(view.code, replace(draft, series_id=series_id), actor=actor())
            return finish(_("Saved. Phones see it at once."), "desk.settings", code=view.code)
    event_form.add_spare_rows(form)
    return _settings_page(view, form), 422


@bp.post("/events/<code>/today")
@run_required
def todays_own(view: EventView) -> ResponseReturnValue:
    """Make today's own of an event of another day, whose sign-in is over."""
    elsewhere = {} if _may_fill(view) else {"campaign_id": None}
    made = events.clone_for_today(view.code, owner_id=logged_in().id, actor=actor(), **elsewhere)
    words = _("This is today's own event, with a code of its own. Everything else is as it was.")
    return finish(words, "desk.event", code=made.code)


@bp.route("/events/<code>/clone", methods=["GET", "POST"])
@run_required
@takes(LONG_FORM)
def clone(view: EventView) -> ResponseReturnValue:
    """Make several events like this one: a row for each, with what is different in it."""
    form = CloneForm(data={"rows": [{}] * CLONES})
    changes = [change for row in form.rows if (change := _clone_changes(view, row.form))]
    if form.validate_on_submit() and changes and not _is_time_skipped(view, form):
        # Whoever may not make events in the campaign makes them in the one that is everybody's.
        elsewhere = {} if _may_fill(view) else {"campaign_id": None}
        for change in changes:
            made = events.clone(view.code, owner_id=logged_in().id, actor=actor(), **change, **elsewhere)
        return finish(_("%(count)s events are ready.", count=len(changes)), "desk.events", campaign=made.campaign_id)
    is_empty = form.is_submitted() and not changes
    return render_template(
        "desk/clone.html", **page_of(view), form=form, is_empty=is_empty, may_fill=_may_fill(view)
    ), form.status


def _is_time_skipped(view: EventView, form: CloneForm) -> bool:
    """Say whether a row's time is one that no clock of the event's zone shows, beside its field."""
    wrong = [row.form.starts_at for row in form.rows if event_rules.is_skipped(_in_zone(row.form.starts_at.data, view))]
    for starts_at in wrong:
        starts_at.errors = [event_rules.SKIPPED]
    return bool(wrong)


def _in_zone(moment: datetime | None, view: EventView) -> datetime | None:
    return event_rules.in_zone(moment, view.timezone)


def _clone_changes(view: EventView, row: Any) -> dict[str, Any]:
    changes = {name: row[name].data for name in ("title", "district", "venue") if row[name].data}
    if row.starts_at.data is not None:
        changes["starts_at"] = _in_zone(row.starts_at.data, view)
    return changes


def _settings_page(view: EventView, form: EventForm) -> str:
    _offer_campaigns(form, view.campaign_id)
    settings_sections.prepare(form)
    return render_template(
        "desk/settings.html", **page_of(view), form=form, messages=form.messages, zones=event_form.ZONES,
        sections=settings_sections.shown(view, form, query.raw("open")), problems=settings_sections.problems(form),
        series=tuple(dict.fromkeys(series.titles(view.campaign_id).values())),
        kind_words=KIND_WORDS,
    )  # fmt: skip


def _usual_campaign(like: EventView | None) -> int:
    """Return the campaign that a new event is put into unless another is chosen: the one asked for, that of the event
    it is like, else the newest; of those that this person may fill."""
    fillable = [row.id for row in campaign_access.fillable(logged_in())]
    wanted = query.number("campaign") or (None if like is None else like.campaign_id)
    return wanted if wanted in fillable else next(iter(fillable), 0)


def _offer_campaigns(form: NewEventForm, present: int | None = None) -> None:
    rows = campaign_access.fillable(logged_in(), present)
    choices = [SelectChoice(str(row.id), local(row, "title")) for row in rows]
    if not any(row.is_default for row in rows):
        choices.append(SelectChoice("0", _("No campaign")))
    form.campaign_id.choices = choices


def _may_fill(view: EventView) -> bool:
    rows = (row for row in campaigns.list_all() if row.id == view.campaign_id)  # a rehearsal's is in no list
    return any(campaign_access.may_fill(logged_in(), row) for row in rows)

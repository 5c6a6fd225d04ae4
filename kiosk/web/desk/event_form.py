"""The form of an event's settings: every one of events.EventDraft, next to its label and its mistake."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from math import isfinite
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import DateTimeLocalField, FloatField
from wtforms.validators import Length, Optional
from wtforms.widgets import CheckboxInput

from kiosk.bounds import is_reckonable
from kiosk.closed import KINDS
from kiosk.services.codes import new_code
from kiosk.services.event import event_rules, events, last_time, series
from kiosk.services.event.event_views import DEFAULT_MINORS_DAYS, EventSettings, EventView
from kiosk.services.event.events import EventDraft
from kiosk.services.fields import FIELDS, KIND_WORDS, FieldErrors
from kiosk.services.privacy.sudden import refuse_sudden_end
from kiosk.web.frame.forms import REQUIRED, OrNothing, Rows, StaffForm, WholeNumber, cleaned, put_error, select, text

SPARE_ROWS = 5
SEPARATED = re.compile(r"[,，、;；\n]")
ZONES = (
    "Asia/Shanghai", "Asia/Urumqi", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Singapore", "Asia/Tokyo", "Asia/Seoul",
    "Europe/Berlin", "Europe/London", "America/New_York", "America/Los_Angeles", "UTC",
)  # fmt: skip
MODE_WORDS = {"required": _("required"), "optional": _("optional"), "hidden": _("hidden")}
FULL_WORDS = {"refuse": _("refuse walk-ins"), "wait_list": _("put them on a wait list")}
WALK_IN_WORDS = {
    "welcome": _("signs in like everybody"),
    "refuse": _("is sent to the staff"),
    "wait_list": _("goes on a wait list"),
}
BASIS_WORDS = {
    "statutory": _("by law: a sentence is shown"),
    "consent": _("consent: a tick is asked for"),
}
TYPE_WORDS = {"text": _("Text"), "choice": _("Choice"), "yes_no": _("Yes or no")}
DAYS = {"daily": _("One event a day, each with its own sign-in"), "one": _("One sign-in for all days")}
TIMES = ("starts_at", "ends_at", "opens_at", "closes_at")


class LocalTime(OrNothing, DateTimeLocalField):  # type: ignore[misc]  # untyped library
    """A day and a time in the event's zone, or nothing."""

    data: datetime | None
    wrong = _("Please write the time like 2026-09-10 09:00.")

    def __init__(self, label: Any, **options: Any) -> None:
        super().__init__(label, format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **options)

    def is_held(self, value: datetime) -> bool:
        """Say whether the time can be taken into every zone."""
        return is_reckonable(value)


class Hours(OrNothing, FloatField):  # type: ignore[misc]  # untyped library
    """Hours, halves too, or nothing."""

    data: float | None
    wrong = _("A number such as 4 or 1.5, please.")

    def is_held(self, value: float) -> bool:
        """Say whether it is a number that can be added up."""
        return isfinite(value)


class KindForm(Rows):
    is_admitted = BooleanField()
    label = text(_("Called here"), 30)
    label_alt = text(_("Called here, in English"), 30)


class KindsForm(Rows):
    """One row for each kind of participant."""


class ModesForm(Rows):
    """One choice for each built-in field."""


class OwnFieldForm(Rows):
    key = HiddenField()
    label = text(_("Question"), 60)
    label_alt = text(_("In English"), 60)
    type = select(_("Answer"), TYPE_WORDS, default="text")
    choices = TextAreaField(_("Answers to choose from, one a line"), validators=[Length(max=2000)])
    mode = select(_("Field"), MODE_WORDS, default="optional")
    kind = select(_("Asked of"), {"": _("everybody"), **KIND_WORDS}, default="")

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse answers to a question that was forgotten; an old question that is emptied is taken away."""
        is_right = super().validate(extra_validators)
        if self.label.data or self.key.data or not (self.choices.data or self.label_alt.data):
            return bool(is_right)
        put_error(self.label, REQUIRED.message)
        return False


for _kind in KINDS:
    setattr(KindsForm, _kind, FormField(KindForm))
for _field in FIELDS:
    if _field.key != "name":  # a person without a name cannot be called
        setattr(ModesForm, f"{_field.kind}_{_field.key}", select(_field.label, MODE_WORDS, default=_field.mode))


class NewEventForm(StaffForm):
    """What is asked of a new event: a title is enough."""

    title = text(_("Title"), 200, is_required=True)
    starts_at = LocalTime(_("Begins"))
    ends_at = LocalTime(_("Ends"))
    kinds: Any = SelectMultipleField(
        _("Who comes"),
        choices=[SelectChoice(kind["kind"], KIND_WORDS[kind["kind"]]) for kind in EventDraft.kinds],
        option_widget=CheckboxInput(),
        default=[kind["kind"] for kind in EventDraft.kinds],
    )
    campaign_id = select(_("Campaign"), {}, coerce=int, validate_choice=True)
    venue = text(_("Venue"), 200)
    district = text(_("District"), 60)
    host = text(_("Host, as printed"), 200)
    days = RadioField(
        _("This event lasts several days"),
        choices=[SelectChoice(*one) for one in DAYS.items()],
        validators=[Optional()],
        default=None,
    )

    def is_asked_about_days(self, draft: EventDraft) -> bool:
        """Say whether it is still to be asked how an event of several days is meant, and ask it."""
        if len(events.days_of(draft)) < 2 or self.days.data is not None:
            return False
        self.days.errors = [
            _("Who comes on two days signs in on each of them only where each day is an event of its own.")
        ]
        return True


class EventForm(NewEventForm):
    """Every setting."""

    has_english = BooleanField(_("Texts in English as well"))  # shows their fields, and changes nothing
    title_alt = text(_("Title in English"), 200)
    series = text(_("Series"), 200)
    venue_alt = text(_("Venue in English"), 200)
    host_alt = text(_("Host in English"), 200)
    timezone = text(_("Time zone"), 60, is_required=True)
    opens_at = LocalTime(_("Sign-in opens"))
    closes_at = LocalTime(_("Sign-in closes"))
    has_usual_times = BooleanField(_("Open and close sign-in at the usual times from now on"))
    late_after_minutes = WholeNumber(_("Late after this many minutes"))
    capacity = WholeNumber(_("Capacity"))
    full_policy = select(_("When it is full"), FULL_WORDS)
    walk_in_policy = select(_("Who is not on the roster"), WALK_IN_WORDS)
    wants_sign_out = BooleanField(_("People sign out when they leave"))
    needs_confirmation = BooleanField(_("A steward confirms each who signs in on their own"))
    asks_signature = BooleanField(_("People sign by hand after they have signed in"))
    rotate_seconds = WholeNumber(_("New digits every so many seconds"))
    tick_labels = text(_("Handed out"), 200)
    tick_labels_alt = text(_("Handed out, in English"), 200)
    kinds = FormField(KindsForm)
    modes = FormField(ModesForm)
    own_fields = FieldList(FormField(OwnFieldForm), max_entries=30)
    are_students_minors = BooleanField(_("The students are minors"))
    notice_basis = select(_("Legal basis"), BASIS_WORDS)
    retention_days = WholeNumber(_("Keep personal data for this many days after the end"))
    minors_days = WholeNumber(_("Take minors' names out this many days after the end"))
    lecturers = text(_("Lecturers"), 200)
    credited_hours = Hours(_("Credited hours"))
    hours_late_minutes = WholeNumber(_("None for who is late by more than"))
    hours_early_minutes = WholeNumber(_("None for who leaves early by more than"))
    outcome = TextAreaField(_("Outcome"), filters=[cleaned], validators=[Length(max=2000)])
    outcome_alt = TextAreaField(_("Outcome in English"), filters=[cleaned], validators=[Length(max=2000)])
    wifi_name = text(_("Wi-Fi name"), 64)
    # Kept as it is typed: two spaces in a password are two spaces.
    wifi_password = StringField(_("Wi-Fi password"), filters=[lambda typed: typed or None], validators=[Length(max=64)])


NEW = ("title", "starts_at", "ends_at", "venue", "district", "host")
# The settings that a field of the form holds as they are.
PLAIN = tuple(
    name
    for name in EventSettings.__dataclass_fields__
    if hasattr(EventForm, name) and name not in (*TIMES, "timezone", "tick_labels", "tick_labels_alt", "own_fields")
)


def filled_form(view: EventView) -> EventForm:
    """Return the form as it stands, with a few spare rows for questions of one's own."""
    as_set = events.draft_of(view)  # neither a usual time nor the campaign's host stands in a field
    values: dict[str, Any] = {name: getattr(as_set, name) for name in (*PLAIN, "timezone")}
    for name in TIMES:
        moment: datetime | None = getattr(as_set, name)
        values[name] = None if moment is None else moment.astimezone(view.zone).replace(tzinfo=None)
    values["series"] = series.title_of(view.series_id)
    values["kinds"] = {kind.kind: {**vars(kind), "is_admitted": True} for kind in view.kinds}
    values |= {name: ", ".join(getattr(view, name)) for name in ("tick_labels", "tick_labels_alt")}
    values["modes"] = {key.replace(".", "_"): mode for key, mode in view.field_modes.items()}
    values["own_fields"] = [_own_values(own) for own in view.own_fields]
    form = EventForm(formdata=None, data=values)
    add_spare_rows(form)
    return form


def add_spare_rows(form: EventForm) -> None:
    """Leave blank rows at the end of the questions, so that adding one needs no script."""
    filled = sum(1 for entry in form.own_fields if entry.form.label.data)
    while len(form.own_fields) < min(filled + SPARE_ROWS, 30):
        form.own_fields.append_entry()


def new_form(like: EventView | None, campaign_id: int) -> NewEventForm:
    """Return the form of a new event: with a campaign chosen, or filled in with everything of another but its day."""
    values: dict[str, Any] = {"campaign_id": campaign_id}
    if like is not None:
        before = events.draft_of(like)
        values |= {name: getattr(before, name) for name in NEW if name not in TIMES} | {"kinds": like.kind_names}
    return NewEventForm(data=values)


def read_new(form: NewEventForm, like: EventView | None = None) -> EventDraft:
    """Return the draft of a new event, in everything that was not typed `like` another; raise FieldErrors.

    Where nobody is ticked everybody may come.
    """
    zone = current_app.config["KIOSK"].timezone if like is None else like.timezone
    values = {name: form[name].data for name in NEW}
    values |= {"campaign_id": form.campaign_id.data or None, "timezone": zone}
    values |= {name: event_rules.in_zone(values[name], zone) for name in ("starts_at", "ends_at")}
    if form.kinds.data:
        values["kinds"] = [kind for kind in EventDraft.kinds if kind["kind"] in form.kinds.data]
    draft = EventDraft(**values)
    return event_rules.check(draft if like is None else last_time.like(like, draft))


def read_settings(form: EventForm, view: EventView) -> EventDraft:
    """Return the draft of changed settings; raise FieldErrors."""
    zone = form.timezone.data or view.timezone
    if not event_rules.is_zone(zone):
        raise FieldErrors({"timezone": _("Please choose a time zone such as Asia/Shanghai.")})
    changes: dict[str, Any] = {name: form[name].data for name in PLAIN}
    if changes["minors_days"] is None:
        changes["minors_days"] = DEFAULT_MINORS_DAYS
    changes |= {name: event_rules.in_zone(form[name].data, zone) for name in TIMES}
    if form.has_usual_times.data:
        changes |= {"is_opening_usual": True, "is_closing_usual": True}
    changes["kinds"] = _kinds(form, view)
    changes["field_modes"] = {
        f"{f.kind}.{f.key}": form.modes[f"{f.kind}_{f.key}"].data for f in FIELDS if f.key != "name"
    }
    changes["own_fields"] = _own_fields(form, view)
    changes["tick_labels"] = tuple(
        dict.fromkeys(filter(None, map(cleaned, SEPARATED.split(form.tick_labels.data or ""))))
    )
    second = [cleaned(label) or "" for label in SEPARATED.split(form.tick_labels_alt.data or "")]  # each in its place
    changes["tick_labels_alt"] = tuple(second if any(second) else ())
    draft = replace(events.draft_of(view), timezone=zone, **changes)
    event_rules.check(draft)
    refuse_sudden_end(view, draft)
    return draft


def _kinds(form: EventForm, view: EventView) -> list[dict[str, Any]]:
    # The tiles keep the order they have; a kind admitted anew comes last.
    order = [*view.kind_names, *(kind for kind in KINDS if kind not in view.kind_names)]
    return [
        {"kind": kind, "label": form.kinds[kind].form.label.data, "label_alt": form.kinds[kind].form.label_alt.data}
        for kind in order
        if form.kinds[kind].form.is_admitted.data
    ]


def _own_fields(form: EventForm, view: EventView) -> list[dict[str, Any]]:
    known = {own["key"]: own for own in view.own_fields}
    fields: list[dict[str, Any]] = []
    # A row without a question is a spare one, or was taken away.
    for row in [entry.form for entry in form.own_fields if entry.form.label.data]:
        taken = {own["key"] for own in fields}
        key = row.key.data if row.key.data in known.keys() - taken else new_code().lower()
        own = {"key": key, **{name: row[name].data for name in ("label", "label_alt", "type", "mode")}}
        if row.type.data == "choice":
            own["choices"] = _lines(row.choices.data)
            if len(own["choices"]) < event_rules.FEWEST_CHOICES:
                put_error(row.choices, event_rules.FEW_CHOICES)
        if row.kind.data:
            own["kinds"] = [row.kind.data]
        fields.append(own)
    return fields


def _own_values(own: Mapping[str, Any]) -> dict[str, Any]:
    kinds = own.get("kinds") or [""]
    return {**own, "choices": "\n".join(own.get("choices") or ()), "kind": kinds[0] if len(kinds) == 1 else ""}


def _lines(typed: str | None) -> list[str]:
    """Return the lines that hold something, each once, as short as a tally's value may be."""
    return list(dict.fromkeys(line[:120] for each in (typed or "").splitlines() if (line := cleaned(each))))

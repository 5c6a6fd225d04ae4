"""The desk's forms of a roster: a file or pasted text, one entry, an organisation's seats."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, FileField, TextAreaField

from kiosk.services.event.event_views import EventView
from kiosk.services.fields import FieldErrors
from kiosk.services.names import mask_mobile, normalise_mobile
from kiosk.services.roster.roster_edits import row_of
from kiosk.services.roster.roster_writing import RosterRow
from kiosk.services.roster.rosters import EntryView
from kiosk.web.frame.forms import StaffForm, WholeNumber, put_error, select, text
from kiosk.web.frame.words import kind_label

ONLY_OF = {"class_name": "student", "student_no": "student", "identity": "guest"}
TEXTS = ("name", "organisation_name", "class_name", "student_no", "job_title", "identity", "group_name", "seat", "bus",
         "note")  # fmt: skip
NO_MOBILE = "-"


class ImportForm(StaffForm):
    """A file, or text in its place."""

    file = FileField(_("File"))
    pasted = TextAreaField(_("Or paste it here"))


class EntryForm(StaffForm):
    """One person of the roster. Fields that the event's kinds do not have are taken off."""

    kind = select(_("Kind"), {})
    name = text(_("Name"), 60, is_required=True)
    organisation_name = text(_("Organisation"), 120)
    class_name = text(_("Class"), 40)
    student_no = text(_("Student number"), 30)
    job_title = text(_("Job title"), 60)
    identity = text(_("Identity"), 60)
    mobile = text(_("Mobile"), 24)
    group_name = text(_("Group"), 60)
    seat = text(_("Seat"), 30)
    bus = text(_("Bus"), 30)
    note = text(_("Note"), 200)
    is_starred = BooleanField(_("Starred: on top of the missing, with a chime on arrival"))


class SeatsForm(StaffForm):
    """An organisation that has seats and names nobody yet."""

    organisation_name = text(_("Organisation"), 120, is_required=True)
    seats = WholeNumber(_("Seats"))
    group_name = text(_("Group"), 60)


def entry_form(event: EventView, entry: EntryView | None = None, *, is_sent: bool = False) -> EntryForm:
    """Return the form of a new entry or of `entry`; its mobile is never filled in, only masked beside the field."""
    values = {} if entry is None else {name: getattr(entry, name) for name in (*TEXTS, "kind", "is_starred")}
    form = EntryForm(data=values) if is_sent else EntryForm(formdata=None, data=values)
    form.kind.choices = [(kind.kind, kind_label(kind)) for kind in event.kinds]
    if entry is not None and entry.kind not in event.kind_names:
        form.kind.choices.append((entry.kind, kind_label(entry.kind)))
    for name, kind in ONLY_OF.items():
        if kind not in event.kind_names and not (entry and getattr(entry, name)):
            delattr(form, name)
    if len(form.kind.choices) == 1:
        form.kind.data = form.kind.choices[0][0]
    return form


def read_entry(form: EntryForm, entry: EntryView | None = None) -> RosterRow:
    """Return what the form says as a row; raise FieldErrors with what is wrong put beside its field.

    An empty mobile leaves an entry's own; "-" takes it away.
    """
    if not form.validate():
        raise FieldErrors(form.errors)
    values: dict[str, Any] = {name: form[name].data or None for name in TEXTS if name in form}
    values |= {"kind": form.kind.data, "name": form.name.data or "", "is_starred": bool(form.is_starred.data)}
    typed = form.mobile.data
    if typed:
        values["mobile"] = None if typed == NO_MOBILE else normalise_mobile(typed)
        if values["mobile"] is None and typed != NO_MOBILE:
            message = _("Please check the number: 11 digits, or + and the country code.")
            put_error(form.mobile, message)
            raise FieldErrors({"mobile": message})
    return RosterRow(**values) if entry is None else row_of(entry, **values)


def put_errors(form: StaffForm, error: FieldErrors) -> None:
    """Put what a service refused beside the fields."""
    for name, message in error.messages.items():
        if name in form and not form[name].errors:
            put_error(form[name], message)


def mobile_hint(entry: EntryView | None) -> Any:
    """Say which mobile is kept, masked."""
    if entry is None or not entry.mobile:
        return ""
    return _("%(mobile)s is kept; write another to change it, or - to take it away.", mobile=mask_mobile(entry.mobile))

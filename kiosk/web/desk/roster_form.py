"""The desk's forms of a roster: a file or pasted text, one entry, an organisation's seats."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, FileField, StringField, TextAreaField

from kiosk.person_fields import BY_COLUMN, PersonField
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import FieldErrors
from kiosk.services.names import mask_mobile, normalise_mobile
from kiosk.services.roster.roster_edits import row_of
from kiosk.services.roster.roster_rows import LISTED, RosterRow
from kiosk.services.roster.rosters import EntryView
from kiosk.web.frame.forms import StaffForm, WholeNumber, select, text
from kiosk.web.frame.words import kind_label

# What of an entry is typed; the mobile is read by itself, and never filled in.
TYPED = tuple(BY_COLUMN[name] for name in LISTED if BY_COLUMN[name].length)
TEXTS = tuple(field.column for field in TYPED if field.column != "mobile")
NO_MOBILE = "-"


class ImportForm(StaffForm):
    """A file, or text in its place."""

    file = FileField(_("File"))
    pasted = TextAreaField(_("Or paste it here"))


def line(field: PersonField, *, is_required: bool = False) -> StringField:
    """Return a line of text for a field of a person."""
    attributes = {"autocomplete": "off", "inputmode": field.inputmode}
    return text(field.label, field.most_typed, is_required=is_required, render_kw=attributes)


class EntryForm(StaffForm):
    """One person of the roster, with a line for each of TYPED. What the event's kinds do not have is taken off."""

    kind = select(_("Kind"), {})
    is_starred = BooleanField(_("Starred: on top of the missing, with a chime on arrival"))

    @property
    def lines(self) -> list[StringField]:
        """Return the lines that this event has, in the order of the table."""
        return [self[field.column] for field in TYPED if field.column in self]


for _field in TYPED:
    setattr(EntryForm, _field.column, line(_field, is_required=_field.column == "name"))


class SeatsForm(StaffForm):
    """An organisation that has seats and names nobody yet."""

    organisation_name = line(BY_COLUMN["organisation_name"], is_required=True)
    seats = WholeNumber(_("Seats"))
    group_name = line(BY_COLUMN["group_name"])


def entry_form(event: EventView, entry: EntryView | None = None) -> EntryForm:
    """Return the form of a new entry or of `entry`; its mobile is never filled in, but said masked beside it."""
    values = {} if entry is None else {name: getattr(entry, name) for name in (*TEXTS, "kind", "is_starred")}
    form = EntryForm(data=values)
    form.kind.choices = [(kind.kind, kind_label(kind)) for kind in event.kinds]
    if entry is not None and entry.kind not in event.kind_names:
        form.kind.choices.append((entry.kind, kind_label(entry.kind)))
    for field in TYPED:
        if field.of_kind not in (None, *event.kind_names) and not (entry and getattr(entry, field.column)):
            delattr(form, field.column)
    if entry is not None and entry.mobile:
        form.mobile.description = _(
            "%(mobile)s is kept; write another to change it, or - to take it away.", mobile=mask_mobile(entry.mobile)
        )
    if len(form.kind.choices) == 1:
        form.kind.data = form.kind.choices[0][0]
    return form


def read_entry(form: EntryForm, entry: EntryView | None = None) -> RosterRow:
    """Return what the form says as a row; raise FieldErrors.

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
            raise FieldErrors({"mobile": _("Please check the number: 11 digits, or + and the country code.")})
    return RosterRow(**values) if entry is None else row_of(entry, **values)

"""The settings in sections that open on demand: what each says of itself while it is closed, and which stand open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _, lazy_gettext as _l, ngettext
from wtforms import FieldList, Form, FormField

from kiosk.services.event.event_views import EventView
from kiosk.services.proofs.proof_words import hours_text
from kiosk.web.desk import event_form
from kiosk.web.desk.event_form import BASIS_WORDS, FULL_WORDS, WALK_IN_WORDS, EventForm
from kiosk.web.frame.words import kind_label, local, sign_in_times, when

EXCERPT = 40  # characters of an outcome


@dataclass(frozen=True)
class SettingsSection:
    """A part of the settings: `names` are its fields, `now` says what is set."""

    title: Any
    names: tuple[str, ...]
    now: Callable[[EventView], Iterable[Any]]


@dataclass(frozen=True)
class ShownSection:
    """A section as the page has it."""

    title: Any
    now: str
    is_open: bool


def shown(view: EventView, form: EventForm, asked: str | None = None) -> Mapping[str, ShownSection]:
    """Return the sections by their keys. Open is the one that was asked for and, in a form that came back, each in
    which something is wrong or is not yet what is saved: nothing that was typed hides behind what is."""
    wrong = {identifier.partition("-")[0] for identifier, _words in problems(form)}
    changed = _changed(form, event_form.filled_form(view)) if form.is_submitted() else set()
    is_open = {
        key: key == asked or not (wrong | changed).isdisjoint(section.names) for key, section in SECTIONS.items()
    }
    return {
        key: ShownSection(section.title, " · ".join(str(part) for part in section.now(view) if part), is_open[key])
        for key, section in SECTIONS.items()
    }


def problems(form: EventForm) -> tuple[tuple[str, str], ...]:
    """Return what is wrong as pairs of a field's id and the words, in the order of the page."""
    order = [name for section in SECTIONS.values() for name in section.names]
    pairs: list[tuple[str, str]] = []
    for name in order:
        of_fields = [(one.id, _said_of(one, error)) for one in _fields(form[name]) for error in one.errors]
        whole = form.messages.get(name) if isinstance(form[name], FormField | FieldList) else None
        pairs += of_fields or ([(next(_fields(form[name])).id, str(whole))] if whole else [])
    return tuple(pairs)


def prepare(form: EventForm) -> None:
    """Let the first wrong field take the focus, and show the English texts where there are any."""
    fields = [field for name in form.data for field in _fields(form[name])]
    first = next(iter(problems(form)), ("", ""))[0]
    for field in fields:
        if field.id == first:
            field.render_kw = {**(field.render_kw or {}), "autofocus": True}
        if field.short_name.endswith("_alt") and (field.data or field.errors):
            form.has_english.data = True


def _fields(field: Any) -> Iterator[Any]:
    """Yield the fields that somebody fills in, of rows within rows too."""
    if isinstance(field, FormField):
        for inner in field.form:
            yield from _fields(inner)
    elif isinstance(field, FieldList):
        for entry in field:
            yield from _fields(entry)
    else:
        yield field


def _said_of(field: Any, error: Any) -> str:
    label = field.label.text
    return _("%(label)s: %(message)s", label=label, message=error) if label else str(error)


def _changed(form: Form, saved: Form) -> set[str]:
    return {name for name in saved.data if _filled(form[name].data) != _filled(saved[name].data)}


def _filled(value: Any) -> Any:
    """Return a value without its empty parts: a row without a question is none."""
    if isinstance(value, dict):
        is_spare = "label" in value and "mode" in value and not value["label"]
        return {} if is_spare else {key: full for key, one in value.items() if (full := _filled(one))}
    if isinstance(value, datetime):
        return value.replace(second=0, microsecond=0)  # a field for a time has no seconds
    if isinstance(value, list):
        return [full for one in value if (full := _filled(one))]
    return value.split() if isinstance(value, str) else value or None  # a browser ends lines otherwise


def _place(view: EventView) -> list[Any]:
    """Say what the page's heading does not."""
    return [local(view, "venue"), view.district, local(view, "campaign_title"), local(view, "host")]


def _times(view: EventView) -> list[Any]:
    return [when(view) or _("no times"), sign_in_times(view)]


def _capacity(view: EventView) -> list[Any]:
    if view.capacity is None:
        return [_("no limit")]
    return [view.capacity, _("when it is full: %(rule)s", rule=FULL_WORDS[view.full_policy])]


def _door(view: EventView) -> list[Any]:
    walk_ins = _("who is not on the roster %(rule)s", rule=WALK_IN_WORDS[view.walk_in_policy])
    return [
        walk_ins,
        _("a steward confirms") if view.needs_confirmation else "",
        _("people sign out") if view.wants_sign_out else "",
        _("people sign by hand") if view.asks_signature else "",
        _(", ").join(view.tick_labels),
    ]


def _rotation(view: EventView) -> list[Any]:
    seconds = view.rotate_seconds
    return [_("off") if seconds is None else _("new digits every %(seconds)s seconds", seconds=seconds)]


def _kinds(view: EventView) -> list[Any]:
    return [_(", ").join(kind_label(kind) for kind in view.kinds)]


def _questions(view: EventView) -> list[Any]:
    return [_(", ").join(str(own["label"]) for own in view.own_fields) or _("none")]


def _privacy(view: EventView) -> list[Any]:
    days = view.retention_days
    cleared = (
        _("kept until you clear it")
        if days is None
        else ngettext("kept for %(num)s day", "kept for %(num)s days", days)
    )
    minors = _("the students are minors") if view.are_students_minors and "student" in view.kind_names else ""
    return [BASIS_WORDS[view.notice_basis], cleared, minors]


def _afterwards(view: EventView) -> list[Any]:
    hours = _("%(hours)s h", hours=hours_text(view.credited_hours)) if view.credited_hours else ""
    outcome = view.outcome or ""
    parts = [view.lecturers, hours, outcome[:EXCERPT] + ("…" if len(outcome) > EXCERPT else "")]
    return parts if any(parts) else [_("nothing yet")]


SECTIONS = {
    "what": SettingsSection(
        _l("What and where"),
        ("title", "title_alt", "venue", "venue_alt", "district", "campaign_id", "host", "host_alt", "series"),
        _place,
    ),
    "when": SettingsSection(
        _l("When"),
        ("starts_at", "ends_at", "opens_at", "closes_at", "has_usual_times", "late_after_minutes", "timezone"),
        _times,
    ),
    "capacity": SettingsSection(_l("How many"), ("capacity", "full_policy"), _capacity),
    "door": SettingsSection(
        _l("At the door"),
        ("walk_in_policy", "needs_confirmation", "wants_sign_out", "asks_signature", "tick_labels", "tick_labels_alt"),
        _door,
    ),
    "rotation": SettingsSection(_l("Rotating code"), ("rotate_seconds",), _rotation),
    "kinds": SettingsSection(_l("Who may sign in, and what is asked"), ("kinds", "modes"), _kinds),
    "questions": SettingsSection(_l("Questions of your own"), ("own_fields",), _questions),
    "privacy": SettingsSection(
        _l("Personal information"), ("are_students_minors", "notice_basis", "retention_days", "minors_days"), _privacy
    ),
    "wifi": SettingsSection(
        _l("Wi-Fi of the venue"),
        ("wifi_name", "wifi_password"),
        lambda view: [view.wifi_name or _("not on the poster")],
    ),
    "afterwards": SettingsSection(
        _l("Afterwards"),
        ("lecturers", "credited_hours", "hours_late_minutes", "hours_early_minutes", "outcome", "outcome_alt"),
        _afterwards,
    ),
}

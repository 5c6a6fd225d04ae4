"""What an event's settings must obey, whoever typed them: the desk's form, a command, the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from flask_babel import lazy_gettext as _

from kiosk.clock import utcnow
from kiosk.closed import KINDS
from kiosk.services.event import rotation, usual_times
from kiosk.services.event.events import EventDraft
from kiosk.services.fields import FIELDS, MODES, FieldErrors

SKIPPED = _("This time is skipped on that day: the clocks go forward. Please choose an earlier or a later one.")
FEWEST_CHOICES = 2
FEW_CHOICES = _("A choice needs at least two answers.")
TIMES = ("starts_at", "ends_at", "opens_at", "closes_at")
MAX_CAPACITY = 100_000
MOST_TICKS, LONGEST_TICK = 8, 30
MOST_MINORS_DAYS = 90  # the shortest time that serves (PIPL 19): an event with minors is not kept for a year
MOST_HOURS = 200
LIMITS = {
    "title": 200, "title_alt": 200, "venue": 200, "venue_alt": 200, "district": 60, "host": 200, "host_alt": 200,
    "wifi_name": 64, "wifi_password": 64, "outcome": 2000, "outcome_alt": 2000, "lecturers": 200,
}  # fmt: skip
FIELD_NAMES = {f"{field.kind}.{field.key}" for field in FIELDS}


def check(draft: EventDraft) -> EventDraft:
    """Return the draft when it can be an event; raise fields.FieldErrors with a sentence for every wrong field."""
    errors: dict[str, Any] = {}
    if not draft.title:
        errors["title"] = _("Please give the event a title.")
    for name, limit in LIMITS.items():
        if len(getattr(draft, name) or "") > limit:
            errors[name] = _("At most %(count)s characters, please.", count=limit)
    if draft.timezone is not None and not is_zone(draft.timezone):
        errors["timezone"] = _("Please choose a time zone such as Asia/Shanghai.")
    if draft.capacity is not None and not 0 < draft.capacity <= MAX_CAPACITY:
        errors["capacity"] = _("A whole number from 1 to %(most)s, please.", most=MAX_CAPACITY)
    if draft.rotate_seconds is not None and not rotation.LEAST <= draft.rotate_seconds <= rotation.MOST:
        errors["rotate_seconds"] = _("Seconds from 15 to 300, please; empty: the digits are not asked for.")
    for name in ("tick_labels", "tick_labels_alt"):
        labels = getattr(draft, name)
        if len(labels) > MOST_TICKS or any(len(label) > LONGEST_TICK for label in labels):
            errors[name] = _("At most 8 things of at most 30 characters, please.")
    errors |= _time_errors(draft) | _kind_errors(draft)
    if errors:
        raise FieldErrors(errors)
    return draft


def is_zone(name: str) -> bool:
    """Say whether this is a time zone's name, such as Asia/Shanghai."""
    return name in available_timezones()


def in_zone(moment: datetime | None, zone: str) -> datetime | None:
    """Return a typed time as an aware one: naive times are in the event's zone (docs/product.md, "Decided").

    Of a time that is there twice, when clocks go back, it is the first.
    """
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=ZoneInfo(zone))


def is_skipped(moment: datetime | None) -> bool:
    """Say whether this is a time that no clock of its zone shows, because they go forward over it."""
    if moment is None:
        return False
    return moment.astimezone(UTC).astimezone(moment.tzinfo).replace(tzinfo=None) != moment.replace(tzinfo=None)


def _time_errors(draft: EventDraft) -> dict[str, Any]:
    errors: dict[str, Any] = {name: SKIPPED for name in TIMES if is_skipped(getattr(draft, name))}
    if draft.ends_at is not None and draft.starts_at is None:
        errors["starts_at"] = _("An event with an end needs a start.")
    elif draft.ends_at is not None and draft.starts_at is not None and draft.ends_at <= draft.starts_at:
        errors["ends_at"] = _("The end must be after the start.")
    opens_at = usual_times.opening(draft)
    closes_at = usual_times.closing(draft, ZoneInfo("UTC"), created_at=utcnow())
    if opens_at is not None and closes_at is not None and closes_at <= opens_at:
        wrong = "closes_at" if draft.closes_at is not None else "opens_at"
        errors[wrong] = _("Sign-in must close after it opens.")
    if draft.late_after_minutes is not None and not 0 <= draft.late_after_minutes <= 1440:
        errors["late_after_minutes"] = _("Minutes from 0 to 1440, please; empty: nobody is late.")
    if draft.retention_days is not None and not 0 <= draft.retention_days <= 3650:
        errors["retention_days"] = _("Days from 0 to 3650, please.")
    if not 0 <= draft.minors_days <= MOST_MINORS_DAYS:
        errors["minors_days"] = _("Days from 0 to %(most)s, please.", most=MOST_MINORS_DAYS)
    if draft.credited_hours is not None and not 0 <= draft.credited_hours <= MOST_HOURS:
        errors["credited_hours"] = _("Hours from 0 to %(most)s, please.", most=MOST_HOURS)
    for name in ("hours_late_minutes", "hours_early_minutes"):
        minutes = getattr(draft, name)
        if minutes is not None and not 0 <= minutes <= 1440:
            errors[name] = _("Minutes from 0 to 1440, please.")
    return errors


def _kind_errors(draft: EventDraft) -> dict[str, Any]:
    errors: dict[str, Any] = {}
    kinds = [kind["kind"] for kind in draft.kinds]
    if not kinds or len(set(kinds)) != len(kinds) or not set(kinds) <= set(KINDS):
        errors["kinds"] = _("Please choose who may sign in: students, enterprise representatives or guests.")
    if not set(draft.field_modes) <= FIELD_NAMES or not set(draft.field_modes.values()) <= set(MODES):
        errors["field_modes"] = _("Please choose one of these.")
    for own in draft.own_fields:
        if own["type"] == "choice" and len(own.get("choices") or ()) < FEWEST_CHOICES:
            errors["own_fields"] = FEW_CHOICES
    return errors

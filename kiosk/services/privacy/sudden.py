"""Settings that would delete by themselves, within a minute, what is kept today: a mistyped year, 9 days for 90.

A purge by hand asks twice (docs/product.md 4.4); these must not do the same without a question.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _

from kiosk.clock import utcnow
from kiosk.services.event import usual_times
from kiosk.services.event.event_views import EventView
from kiosk.services.event.events import EventDraft
from kiosk.services.fields import FieldErrors
from kiosk.services.privacy import retention
from kiosk.services.privacy.retention import Outlook

CHANGED = ("starts_at", "ends_at", "closes_at", "retention_days", "minors_days")
# By the setting that counts the days: what is wrong with them, and what with the day they count from.
WORDS = {
    "retention_days": (
        _(
            "Everybody's data would be deleted for good at once. At least %(count)s days, please; to clear it now, use"
            " “Personal data”."
        ),
        _(
            "With this day everybody's data would be deleted for good at once. Please check it, or allow more days;"
            " to clear the data, use “Personal data”."
        ),
    ),
    "minors_days": (
        _("The minors' names would be taken out for good at once. At least %(count)s days, please."),
        _("With this day the minors' names would be taken out for good at once. Please check it, or allow more days."),
    ),
}


def refuse_sudden_end(event: EventView, draft: EventDraft) -> None:
    """Raise FieldErrors beside what the draft changes so that something is due now that was not before.

    Who says of an old event that its students are minors after all means it: that is not refused.
    """
    before = retention.outlook(event)
    values = {name: getattr(draft, name) for name in CHANGED} | {"closes_at": _closing(event, draft)}
    after = retention.outlook(replace(event, **values))
    moments = {"retention_days": (before.purge_at, after.purge_at)}
    if draft.are_students_minors:  # first: what is worse has the last word beside a day
        moments = {"minors_days": (before.minors_at, after.minors_at), **moments}
    errors: dict[str, Any] = {}
    for days, (was, is_now) in moments.items():
        if _is_sudden(was, is_now):
            errors |= _error(event, draft, days, after)
    if errors:
        raise FieldErrors(errors)


def _closing(event: EventView, draft: EventDraft) -> datetime | None:
    """Return when the sign-in would close; the day of an event without times is that of its first sign-in as before."""
    if draft.closes_at is draft.starts_at is event.starts_at is None and event.is_closing_usual:
        return event.closes_at
    return usual_times.closing(draft, event.zone, created_at=event.created_at)


def _is_sudden(was: datetime | None, is_now: datetime | None) -> bool:
    now = utcnow()
    return is_now is not None and is_now <= now and (was is None or was > now)


def _error(event: EventView, draft: EventDraft, days: str, after: Outlook) -> dict[str, Any]:
    of_days, of_day = WORDS[days]
    if getattr(draft, days) != getattr(event, days) and after.ended_at is not None:
        return {days: str(of_days) % {"count": (utcnow() - after.ended_at).days + 1}}
    return {"ends_at" if draft.ends_at is not None or draft.closes_at is None else "closes_at": of_day}

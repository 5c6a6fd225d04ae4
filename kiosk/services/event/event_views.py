"""An event as every door reads it: a frozen view, looked up by code, cached for a second."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import select

from kiosk.extensions import db
from kiosk.models import Campaign, Event, Notice
from kiosk.services.codes import normalise_code
from kiosk.services.fields import FormField, form_fields

CACHE_SECONDS = 1.0
Phase = Literal["early", "open", "closed"]


@dataclass(frozen=True)
class KindView:
    """A kind of participant as this event calls it (教师, 媒体, 单位代表)."""

    kind: str
    label: str | None
    label_alt: str | None


@dataclass(frozen=True)
class EventView:
    """Everything a page needs to know of an event; nothing of its people."""

    id: int
    code: str
    campaign_id: int
    series_id: int | None
    campaign_code: str
    campaign_title: str
    campaign_title_alt: str | None
    host: str | None
    host_alt: str | None
    palette: str
    owner_id: int | None
    title: str
    title_alt: str | None
    venue: str | None
    venue_alt: str | None
    district: str | None
    timezone: str
    starts_at: datetime | None
    ends_at: datetime | None
    opens_at: datetime | None
    closes_at: datetime | None
    closed_by_hand_at: datetime | None
    tickets_from: datetime | None
    late_after_minutes: int | None
    capacity: int | None
    full_policy: str
    walk_in_policy: str
    tick_labels: tuple[str, ...]
    kinds: tuple[KindView, ...]
    field_modes: Mapping[str, str]
    own_fields: tuple[Mapping[str, Any], ...]
    are_students_minors: bool
    notice_basis: str
    notice_id: int | None
    notice_summary: str | None
    notice_summary_alt: str | None
    wifi_name: str | None
    wifi_password: str | None
    outcome: str | None
    outcome_alt: str | None
    retention_days: int | None
    minors_days: int
    minors_cleared_at: datetime | None
    purged_at: datetime | None
    lecturers: str | None
    credited_hours: float | None
    hours_late_minutes: int | None
    hours_early_minutes: int | None
    is_rehearsal: bool
    settings_version: int
    archived_at: datetime | None
    fields_by_kind: Mapping[str, tuple[FormField, ...]] = field(repr=False)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def kind_names(self) -> tuple[str, ...]:
        return tuple(kind.kind for kind in self.kinds)

    def is_of_minors(self, kind: str) -> bool:
        """Say whether participants of this kind are minors: students, unless the event says otherwise."""
        return kind == "student" and self.are_students_minors

    def phase(self, now: datetime) -> Phase:
        """Say whether sign-in has not begun, is open, or is over; a purged event is over for good."""
        if self.purged_at is not None:
            return "closed"
        return phase_of(now, self.opens_at, self.closes_at, self.closed_by_hand_at, self.archived_at)

    def late_from(self) -> datetime | None:
        """Return the moment after which an arrival is late; None when nobody is."""
        return late_from(self.starts_at, self.late_after_minutes)


def phase_of(
    now: datetime,
    opens_at: datetime | None,
    closes_at: datetime | None,
    closed_by_hand_at: datetime | None,
    archived_at: datetime | None,
) -> Phase:
    """Say whether sign-in has not begun, is open, or is over; closing by hand beats the times."""
    if closed_by_hand_at is not None or archived_at is not None or (closes_at is not None and now >= closes_at):
        return "closed"
    if opens_at is not None and now < opens_at:
        return "early"
    return "open"


def late_from(starts_at: datetime | None, late_after_minutes: int | None) -> datetime | None:
    """Return the moment after which an arrival is late; None when the event has no such rule."""
    if starts_at is None or late_after_minutes is None:
        return None
    return starts_at + timedelta(minutes=late_after_minutes)


def find(code: str) -> EventView | None:
    """Return the event with this code, however it was typed, or None.

    At most a second old: the sign-in itself is judged on the row inside its transaction.
    """
    wanted = normalise_code(code)
    cache: dict[str, tuple[float, EventView]] = current_app.extensions.setdefault("kiosk_event_views", {})
    known = cache.get(wanted)
    if known is not None and time.monotonic() - known[0] < CACHE_SECONDS:
        return known[1]
    return find_now(code)


def find_now(code: str) -> EventView | None:
    """Return the event with this code as it is, for staff: what was saved on another worker is seen on this one."""
    wanted = normalise_code(code)
    cache: dict[str, tuple[float, EventView]] = current_app.extensions.setdefault("kiosk_event_views", {})
    view = _load(wanted)
    if view is None:
        cache.pop(wanted, None)  # unknown codes are not remembered: guesses must not fill the memory
        return None
    cache[wanted] = (time.monotonic(), view)
    return view


def forget(code: str) -> None:
    """Drop a cached view after its settings were written in this process."""
    current_app.extensions.setdefault("kiosk_event_views", {}).pop(code, None)


def view_of(event: Event, campaign: Campaign, notice: Notice | None) -> EventView:
    """Return the frozen view of loaded rows."""
    kinds = tuple(KindView(k["kind"], k.get("label"), k.get("label_alt")) for k in event.kinds)
    own_fields = tuple(event.own_fields or ())
    return EventView(
        **{name: getattr(event, name) for name in _PLAIN_COLUMNS},
        campaign_code=campaign.code,
        campaign_title=campaign.title,
        campaign_title_alt=campaign.title_alt,
        host=campaign.host,
        host_alt=campaign.host_alt,
        palette=campaign.palette,
        kinds=kinds,
        tick_labels=tuple(event.tick_labels or ()),
        field_modes=dict(event.field_modes or {}),
        own_fields=own_fields,
        notice_summary=notice.summary if notice else None,
        notice_summary_alt=notice.summary_alt if notice else None,
        fields_by_kind={k.kind: form_fields(k.kind, event.field_modes or {}, own_fields) for k in kinds},
    )


_PLAIN_COLUMNS = (
    "id", "code", "campaign_id", "series_id", "owner_id", "title", "title_alt", "venue", "venue_alt", "district",
    "timezone", "starts_at", "ends_at", "opens_at", "closes_at", "closed_by_hand_at", "tickets_from",
    "late_after_minutes", "capacity", "full_policy", "walk_in_policy", "are_students_minors",
    "notice_basis", "notice_id", "wifi_name", "wifi_password", "outcome", "outcome_alt",
    "retention_days", "minors_days", "minors_cleared_at", "purged_at", "lecturers", "credited_hours",
    "hours_late_minutes", "hours_early_minutes", "is_rehearsal", "settings_version", "archived_at",
)  # fmt: skip


def _load(code: str) -> EventView | None:
    statement = (
        select(Event, Campaign, Notice)
        .join(Campaign, Campaign.id == Event.campaign_id)
        .join(Notice, Notice.id == Event.notice_id, isouter=True)
        .where(Event.code == code)
        .execution_options(populate_existing=True)
    )
    row = db.session.execute(statement).first()
    return None if row is None else view_of(*row)

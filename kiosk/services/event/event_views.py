"""An event as every door reads it: a frozen view, looked up by code, cached for a second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select

from kiosk.closed import Kind
from kiosk.extensions import db
from kiosk.models import Campaign, Event, Notice
from kiosk.services.codes import normalise_code
from kiosk.services.event import tick_labels
from kiosk.services.fields import FormField, form_fields
from kiosk.services.store.recent import Recent
from kiosk.services.store.rows import values_for

SOON = timedelta(hours=12)  # before the closing: from then on it can be put off by a tap
SIGN_OUT_AFTER = timedelta(hours=1)  # the end
DEFAULT_MINORS_DAYS = 7  # docs/product.md, "Decided": until a minor's name is taken out
Phase = Literal["early", "open", "closed"]


@dataclass(frozen=True)
class KindView:
    """A kind of participant as this event calls it (教师, 媒体, 单位代表)."""

    kind: Kind
    label: str | None
    label_alt: str | None


@dataclass(frozen=True, kw_only=True)
class EventSettings:
    """What staff set of an event, and its defaults: the one list of settings, each named as its column.

    Times are aware. field_modes and own_fields as in models/event. Where no opening or closing is set it is the usual
    one (services/event/usual_times), but for events of before, which stay open until somebody closes them.
    """

    title: str
    title_alt: str | None = None
    campaign_id: int | None = None
    series_id: int | None = None
    venue: str | None = None
    venue_alt: str | None = None
    district: str | None = None
    host: str | None = None
    host_alt: str | None = None
    timezone: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    is_opening_usual: bool = True
    is_closing_usual: bool = True
    late_after_minutes: int | None = 0
    capacity: int | None = None
    full_policy: str = "refuse"
    walk_in_policy: str = "welcome"
    rotate_seconds: int | None = None
    needs_confirmation: bool = False  # a steward confirms whom no staff signed in
    tick_labels: Sequence[str] = ()
    tick_labels_alt: Sequence[str] = ()  # in their order, "" where there is none
    wants_sign_out: bool = False
    asks_signature: bool = False
    field_modes: Mapping[str, str] = field(default_factory=dict)
    own_fields: Sequence[Mapping[str, Any]] = ()
    are_students_minors: bool = True
    notice_basis: str = "statutory"
    retention_days: int | None = None
    minors_days: int = DEFAULT_MINORS_DAYS
    lecturers: str | None = None
    credited_hours: float | None = None
    hours_late_minutes: int | None = None
    hours_early_minutes: int | None = None
    outcome: str | None = None
    outcome_alt: str | None = None
    wifi_name: str | None = None
    wifi_password: str | None = None


@dataclass(frozen=True, kw_only=True)
class EventView(EventSettings):
    """Everything a page needs to know of an event; nothing of its people. Its host is its own or the campaign's."""

    id: int
    code: str
    campaign_id: int
    timezone: str
    owner_id: int | None
    kinds: tuple[KindView, ...]
    closed_by_hand_at: datetime | None
    tickets_from: datetime | None
    notice_id: int | None
    minors_cleared_at: datetime | None
    purged_at: datetime | None
    is_rehearsal: bool
    settings_version: int
    created_at: datetime
    archived_at: datetime | None
    campaign_code: str
    campaign_title: str
    campaign_title_alt: str | None
    is_host_own: bool
    palette: str
    notice_summary: str | None
    notice_summary_alt: str | None
    fields_by_kind: Mapping[str, tuple[FormField, ...]] = field(repr=False)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @cached_property
    def kind_names(self) -> tuple[Kind, ...]:
        return tuple(kind.kind for kind in self.kinds)

    @property
    def is_cleared(self) -> bool:
        """Say whether its people's data has been cleared: nobody is written down here any more."""
        return self.purged_at is not None

    def is_of_minors(self, kind: str) -> bool:
        """Say whether participants of this kind are minors: students, unless the event says otherwise."""
        return kind == "student" and self.are_students_minors

    def phase(self, now: datetime) -> Phase:
        """Say whether sign-in has not begun, is open, or is over; a purged event is over for good."""
        if self.is_cleared:
            return "closed"
        return phase_of(now, self.opens_at, self.closes_at, self.closed_by_hand_at, self.archived_at)

    @property
    def is_left_open(self) -> bool:
        """Say whether it was made before there were usual times, and stays open until somebody closes it."""
        return self.closes_at is None and not self.is_closing_usual

    def is_to_prolong(self, now: datetime) -> bool:
        """Say whether its sign-in closes within half a day, or is over and can be opened again."""
        if self.is_cleared or self.archived_at is not None:
            return False
        is_soon_over = self.closes_at is not None and self.closes_at - now < SOON
        return self.phase(now) == "closed" or (self.phase(now) == "open" and is_soon_over)

    def closed_at(self, now: datetime) -> datetime | None:
        """Return since when sign-in is closed, None when that was not written down; asked of a closed event only."""
        ends = (self.closed_by_hand_at, self.archived_at, self.purged_at, self.closes_at)
        return min((moment for moment in ends if moment is not None and moment <= now), default=None)

    def tick_label(self, label: str, language: str) -> str:
        """Return what is handed out in a language; one without a second language is said in its first."""
        second = dict(zip(self.tick_labels, self.tick_labels_alt, strict=False)).get(label) if language == "en" else ""
        return second or label

    @property
    def sign_out_from(self) -> datetime:
        """Return from when on phones offer the sign-out: nobody who has just come should meet it."""
        return self.starts_at or self.created_at

    @property
    def sign_out_until(self) -> datetime | None:
        """Return until when people may sign out, asked only where the event wants that."""
        return sign_out_until(self.ends_at, self.closes_at, self.closed_by_hand_at, self.archived_at)

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


def sign_out_until(
    ends_at: datetime | None,
    closes_at: datetime | None,
    closed_by_hand_at: datetime | None,
    archived_at: datetime | None,
) -> datetime | None:
    """Return when whoever has not signed out is closed: an hour after the end, or when sign-in closes if that is later.

    A sign-in that closes while the event goes on, by its time or by hand, ends nobody's stay; without an end it does.
    None only where nothing closes an event of before there were usual times.
    """
    ends = [closed_by_hand_at, closes_at] if ends_at is None else []
    if ends_at is not None:
        after = ends_at + SIGN_OUT_AFTER
        ends = [after if closes_at is None else max(after, closes_at)]
    return min((moment for moment in (*ends, archived_at) if moment is not None), default=None)


SECONDS = 1.0  # so old is what a worker shows at most
VIEWS = Recent[str, EventView]("kiosk_event_views", seconds=SECONDS)


def find(code: str) -> EventView | None:
    """Return the event with this code, however it was typed, or None.

    At most a second old: the sign-in itself is judged on the row inside its transaction.
    """
    # Mostly it comes as it is kept, from a link or a form.
    return VIEWS.find(code) or VIEWS.find(normalise_code(code)) or _find_anew(normalise_code(code))


def _find_anew(wanted: str) -> EventView | None:
    VIEWS.renew(wanted)
    return find_now(wanted)


def find_now(code: str) -> EventView | None:
    """Return the event with this code as it is, for staff: what was saved on another worker is seen on this one."""
    wanted = normalise_code(code)
    view = _load(wanted)
    if view is None:
        VIEWS.forget(wanted)  # unknown codes are not remembered: guesses must not fill the memory
        return None
    return VIEWS.keep(wanted, view)


def forget(code: str) -> None:
    """Drop a cached view after its settings were written in this process."""
    VIEWS.forget(code)


def select_views(*more: Any) -> Select[Any]:
    """Select what a view is made of (view_of), and more of the same event."""
    of_campaign = select(Event, Campaign, Notice, *more).join(Campaign, Campaign.id == Event.campaign_id)
    return of_campaign.join(Notice, Notice.id == Event.notice_id, isouter=True)


def view_of(event: Event, campaign: Campaign, notice: Notice | None) -> EventView:
    """Return the frozen view of loaded rows."""
    kinds = tuple(KindView(k["kind"], k.get("label"), k.get("label_alt")) for k in event.kinds)
    own_fields, modes = tuple(event.own_fields or ()), dict(event.field_modes or {})
    read = {
        "kinds": kinds,
        "tick_labels": tick_labels.labels_of(event),
        "tick_labels_alt": tick_labels.seconds_of(event),
        "field_modes": modes,
        "own_fields": own_fields,
        "campaign_code": campaign.code,
        "campaign_title": campaign.title,
        "campaign_title_alt": campaign.title_alt,
        "is_host_own": event.host is not None,
        "host": campaign.host if event.host is None else event.host,
        "host_alt": campaign.host_alt if event.host is None else event.host_alt,
        "palette": campaign.palette,
        "notice_summary": notice.summary if notice else None,
        "notice_summary_alt": notice.summary_alt if notice else None,
        "fields_by_kind": {k.kind: form_fields(k.kind, modes, own_fields) for k in kinds},
    }
    return EventView(**values_for(EventView, event) | read)


def _load(code: str) -> EventView | None:
    row = db.session.execute(select_views().where(Event.code == code)).first()
    return None if row is None else view_of(*row)

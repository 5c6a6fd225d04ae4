"""Events: what is set (`event`), what is counted (`event_counter` and the tallies), what is felt (`event_pulse`).

Settings and counters are separate tables, so that a sign-in never invalidates a cached setting:
caches follow `settings_version`, screens follow `revision`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, false
from sqlalchemy.orm import Mapped, mapped_column

from kiosk.extensions import Base, UTCDateTime
from kiosk.models.columns import Numbered, json, long_text, moment, reference, text


class Event(Numbered):
    """One sitting at one place and time. Naive times typed by people are in `timezone`."""

    __table_args__ = (
        CheckConstraint("full_policy IN ('refuse', 'wait_list')", name="full_policy"),
        CheckConstraint("walk_in_policy IN ('welcome', 'refuse', 'wait_list')", name="walk_in_policy"),
        CheckConstraint("notice_basis IN ('consent', 'statutory')", name="notice_basis"),
        CheckConstraint("capacity IS NULL OR capacity > 0", name="capacity"),
        CheckConstraint("rotate_seconds IS NULL OR rotate_seconds BETWEEN 15 AND 300", name="rotate_seconds"),
    )

    code: Mapped[str] = text(6, unique=True)
    campaign_id: Mapped[int] = reference("campaign.id")
    series_id: Mapped[int | None] = reference("series.id")
    owner_id: Mapped[int | None] = reference("staff.id")

    title: Mapped[str] = text(200)
    title_alt: Mapped[str | None] = text(200)
    venue: Mapped[str | None] = text(200)
    venue_alt: Mapped[str | None] = text(200)
    district: Mapped[str | None] = text(60)
    host: Mapped[str | None] = text(200)  # 主办单位, as shown and printed; None: the campaign's
    host_alt: Mapped[str | None] = text(200)

    timezone: Mapped[str] = text(60)
    starts_at: Mapped[datetime | None] = moment()
    ends_at: Mapped[datetime | None] = moment()
    opens_at: Mapped[datetime | None] = moment()  # None: open from the moment it exists
    closes_at: Mapped[datetime | None] = moment()  # None: open until closed by hand, as events of before may be
    # The two follow the event's own times (services/event/usual_times). Not so where staff set them, and before 0017.
    is_opening_usual: Mapped[bool] = mapped_column(default=True, server_default=false())
    is_closing_usual: Mapped[bool] = mapped_column(default=True, server_default=false())
    closed_by_hand_at: Mapped[datetime | None] = moment()
    # A ticket is good until the event closes: tickets older than the last reopening are not (403).
    tickets_from: Mapped[datetime | None] = moment()
    late_after_minutes: Mapped[int | None]  # after the start; None: nobody is late

    capacity: Mapped[int | None]
    full_policy: Mapped[str] = text(10, default="refuse")
    # What somebody who is not on the roster meets; without a roster nobody is a walk-in.
    walk_in_policy: Mapped[str] = text(10, default="welcome", server_default="welcome")
    # A steward confirms whom no staff signed in: until then they are 待确认, and no arrival.
    needs_confirmation: Mapped[bool] = mapped_column(default=False, server_default=false())
    rotate_seconds: Mapped[int | None]  # 动态签到码: how often its digits change; None: it has none
    # What is handed out: 资料, 聘书; one with a second language is a pair. services/event/tick_labels reads them.
    tick_labels: Mapped[list[str | list[str]]] = json(default=list, server_default="[]")
    wants_sign_out: Mapped[bool] = mapped_column(default=False, server_default=false())  # 签退: hours follow it

    asks_signature: Mapped[bool] = mapped_column(default=False, server_default=false())  # 手写签名, after the sign-in

    # kinds: [{"kind": "student", "label": "学生" | null, "label_alt": null}], in the order of the tiles.
    kinds: Mapped[list[dict[str, Any]]] = json()
    # field_modes: {"enterprise.mobile": "hidden" | "optional" | "required"}; absent: services/fields' default.
    field_modes: Mapped[dict[str, str]] = json(default=dict)
    # own_fields: [{"key", "type": "text"|"choice"|"yes_no", "label", "label_alt", "choices": [..], "mode"}].
    own_fields: Mapped[list[dict[str, Any]]] = json(default=list)

    are_students_minors: Mapped[bool] = mapped_column(default=True)
    notice_basis: Mapped[str] = text(10, default="statutory")
    notice_id: Mapped[int | None] = reference("notice.id")
    # None: kept until somebody purges. Both count from the end of the event (services/privacy/retention).
    retention_days: Mapped[int | None]
    minors_days: Mapped[int] = mapped_column(default=7, server_default="7")
    minors_cleared_at: Mapped[datetime | None] = moment()  # when its minors were made anonymous
    purged_at: Mapped[datetime | None] = moment()  # from here on nobody's details are kept, and nobody signs in

    lecturers: Mapped[str | None] = text(200)  # as announced and printed on the sheet; no attendee's data
    # Credited hours (学时) of the whole event. Who is late, or leaves early, by more than these minutes has none.
    credited_hours: Mapped[float | None]
    hours_late_minutes: Mapped[int | None]
    hours_early_minutes: Mapped[int | None]
    is_rehearsal: Mapped[bool] = mapped_column(default=False, server_default=false())  # 演练: counted nowhere

    outcome: Mapped[str | None] = long_text()  # 成果, one line for the report
    outcome_alt: Mapped[str | None] = long_text()
    wifi_name: Mapped[str | None] = text(64)  # the venue's, printed on the poster as the first step
    wifi_password: Mapped[str | None] = text(64)

    # Of the overview's checklist: what no other row tells, and what staff say is not needed here.
    prepared: Mapped[dict[str, str]] = json(default=dict, server_default="{}")  # {"poster": "done", "list": "skipped"}

    settings_version: Mapped[int] = mapped_column(default=1)
    archived_at: Mapped[datetime | None] = moment()
    created_at: Mapped[datetime] = moment()


class EventCounter(Base):
    """The tallies of one event, changed in the transaction that changes its sign-ins; `flask recount` compares."""

    __table_args__ = (CheckConstraint("nameless >= 0", name="nameless"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(default=0)  # the last one given; never renumbered, unlike `arrived`
    revision: Mapped[int] = mapped_column(default=0)  # grows with every change that a screen should show
    roster_revision: Mapped[int] = mapped_column(default=0, server_default="0")  # the last one that the roster made
    arrived: Mapped[int] = mapped_column(default=0)
    walk_ins: Mapped[int] = mapped_column(default=0)
    late: Mapped[int] = mapped_column(default=0)
    student: Mapped[int] = mapped_column(default=0)
    enterprise: Mapped[int] = mapped_column(default=0)
    guest: Mapped[int] = mapped_column(default=0)
    wait_listed: Mapped[int] = mapped_column(default=0)
    trial: Mapped[int] = mapped_column(default=0)
    voided: Mapped[int] = mapped_column(default=0)
    unconfirmed: Mapped[int] = mapped_column(default=0, server_default="0")  # they hold a place, and are no arrivals
    unconfirmed_listed: Mapped[int] = mapped_column(default=0, server_default="0")  # of them: those of the roster
    gone: Mapped[int] = mapped_column(default=0, server_default="0")  # of those who arrived: inside is the others
    nameless: Mapped[int] = mapped_column(default=0, server_default="0")  # 不记名: counted without a name, beside them
    # With a roster: its entries and seats, and what became of them. Missing is expected less excused, replaced and
    # listed_arrived; the four change in the transaction of the row that changes them.
    expected: Mapped[int] = mapped_column(default=0, server_default="0")
    excused: Mapped[int] = mapped_column(default=0, server_default="0")
    replaced: Mapped[int] = mapped_column(default=0, server_default="0")
    listed_arrived: Mapped[int] = mapped_column(default=0, server_default="0")


class EventTally(Base):
    """Arrivals by organisation (`value` is its id), by the answers to choice and yes/no fields (`x_KEY`), and of all
    methods the one from paper (services/tallies.ON_PAPER)."""

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    dimension: Mapped[str] = text(40, primary_key=True)
    value: Mapped[str] = text(120, primary_key=True)
    arrived: Mapped[int] = mapped_column(default=0)


class EventMinute(Base):
    """What happened in one minute (its first moment, UTC). `arrived` is exact, the others are felt: tickets that were
    opened in it, and how many of these very tickets were used since."""

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    minute: Mapped[datetime] = mapped_column(UTCDateTime, primary_key=True)
    arrived: Mapped[int] = mapped_column(default=0)
    opened: Mapped[int] = mapped_column(default=0)
    finished: Mapped[int] = mapped_column(default=0)


class EventPulse(Base):
    """The door's health: written about once a second from memory, so a crash may lose a second of it."""

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    first_phone_at: Mapped[datetime | None] = moment()  # a device that is not this machine (docs/product.md 0.1)
    last_phone_at: Mapped[datetime | None] = moment()
    has_public_phone: Mapped[bool] = mapped_column(default=False)  # one came from outside the venue's network
    opened: Mapped[int] = mapped_column(default=0)
    finished: Mapped[int] = mapped_column(default=0)


class EventRefusal(Base):
    """How often phones were refused in one minute, by the code of the refusal."""

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = text(40, primary_key=True)
    minute: Mapped[datetime] = mapped_column(UTCDateTime, primary_key=True)
    refused: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime] = moment()


class HandCounter(Numbered):
    """What is counted by hand at an event: leaflets, consultations."""

    event_id: Mapped[int] = reference("event.id", ondelete="CASCADE")
    label: Mapped[str] = text(60)
    label_alt: Mapped[str | None] = text(60)
    count: Mapped[int] = mapped_column(default=0)


class Notice(Numbered):
    """One version of the personal-information notice; a sign-in records which one was shown."""

    version: Mapped[int] = mapped_column(unique=True)
    summary: Mapped[str] = text(300)
    summary_alt: Mapped[str | None] = text(300)
    body: Mapped[str] = long_text()
    body_alt: Mapped[str | None] = long_text()
    created_at: Mapped[datetime] = moment()

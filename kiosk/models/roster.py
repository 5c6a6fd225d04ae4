"""The roster (名单): who is expected, who asked leave, who sent somebody instead; and an organisation's seats."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from kiosk.closed import Contact, EntryState, Kind, one_of
from kiosk.models.columns import Numbered, index_where, json, moment, reference, text
from kiosk.models.person import SnapshotColumns, of_person

# Minors are looked for among thousands of others; as text, because SQLite compares it with the index's own.
PUPIL = "kind = 'student'"


class RosterEntry(SnapshotColumns, Numbered):
    """One person who is expected at one event.

    `entry_key` is what a re-import knows the row by (services/roster/rosters.entry_key): the same person imported
    again updates this row. The referee of "one sign-in for an entry" stands in models/sign_in.
    """

    __table_args__ = (
        one_of("kind", Kind),
        one_of("state", EntryState),
        one_of("contact", Contact, is_optional=True),
        Index("uq_roster_entry_key", "event_id", "entry_key", unique=True),
        Index("ix_roster_entry_last4", "event_id", "mobile_last4"),
        Index("ix_roster_entry_name", "event_id", "name_key"),
        Index("ix_roster_entry_position", "event_id", "position"),  # a page of the list
        index_where(PUPIL, "ix_roster_entry_pupil", "event_id", "name_key"),
        index_where("steward_note IS NOT NULL", "ix_roster_entry_steward_note", "event_id"),
        # The missing, the starred of them first, whatever the number of those who have come.
        Index("ix_roster_entry_missing", "event_id", "state", "is_here", "is_starred", "position"),
    )

    event_id: Mapped[int] = reference("event.id", ondelete="CASCADE", index=False)
    entry_key: Mapped[str] = text(200, "identity")
    position: Mapped[int] = mapped_column(default=0)  # the order of the list that was imported

    organisation_id: Mapped[int | None] = reference("organisation.id")
    mobile_last4: Mapped[str | None] = text(4, "contact")

    group_name: Mapped[str | None] = of_person("group_name")
    seat: Mapped[str | None] = of_person("seat")
    bus: Mapped[str | None] = of_person("bus")
    is_starred: Mapped[bool] = mapped_column(default=False)  # on top of the missing, with a chime on arrival
    note: Mapped[str | None] = of_person("note")
    steward_note: Mapped[str | None] = of_person("steward_note")  # shown to stewards as this person signs in
    pass_number: Mapped[int] = mapped_column(default=1, server_default="1")  # of the pass that counts, none below it

    # A sign-in that counts points here: kept in the transaction of that sign-in (services/sign_in/places).
    is_here: Mapped[bool] = mapped_column(default=False, server_default=false())
    state: Mapped[EntryState] = text(10, default="expected")
    reason: Mapped[str | None] = text(200, "identity")  # of the leave
    contact: Mapped[Contact | None] = text(12)  # what the call gave
    state_changed_at: Mapped[datetime | None] = moment()
    state_changed_by: Mapped[str | None] = text(80, "technical")  # the actor: staff:3, steward:5, group:2
    created_at: Mapped[datetime] = moment()


class RosterSeats(Numbered):
    """The seats (名额) of an organisation that named nobody: whoever comes from it fills one."""

    __table_args__ = (
        CheckConstraint("seats > 0", name="seats"),
        Index("uq_roster_seats_organisation", "event_id", "organisation_id", unique=True),
    )

    event_id: Mapped[int] = reference("event.id", ondelete="CASCADE", index=False)
    organisation_id: Mapped[int] = reference("organisation.id")
    organisation_name: Mapped[str] = text(120)
    position: Mapped[int] = mapped_column(default=0)
    seats: Mapped[int]
    filled: Mapped[int] = mapped_column(default=0)  # by a conditional UPDATE, never above seats
    group_name: Mapped[str | None] = of_person("group_name")
    note: Mapped[str | None] = of_person("note")
    created_at: Mapped[datetime] = moment()


class PersonDifference(Numbered):
    """Somebody expected and somebody who is here under the same name are two people, as staff said: lists ask no more,
    and no import ties the two."""

    __table_args__ = (Index("uq_person_difference_pair", "entry_id", "sign_in_id", unique=True),)

    event_id: Mapped[int] = reference("event.id", ondelete="CASCADE")
    entry_id: Mapped[int] = reference("roster_entry.id", ondelete="CASCADE", index=False)
    sign_in_id: Mapped[int] = reference("sign_in.id", ondelete="CASCADE")
    said_by: Mapped[str] = text(80, "technical")
    said_at: Mapped[datetime] = moment()


class Tick(Numbered):
    """Something handed out to one person (资料已领, 聘书已发), counted; the event names what."""

    __table_args__ = (Index("uq_tick_label", "sign_in_id", "label", unique=True),)

    event_id: Mapped[int] = reference("event.id", ondelete="CASCADE")
    sign_in_id: Mapped[int] = reference("sign_in.id", ondelete="CASCADE", index=False)
    label: Mapped[str] = text(30)
    ticked_at: Mapped[datetime] = moment()
    ticked_by: Mapped[str] = text(80, "technical")


class SentToDesk(Numbered):
    """Somebody whom a steward sends to the desk with a few words, until somebody there takes it."""

    __table_args__ = (
        CheckConstraint("(entry_id IS NULL) <> (sign_in_id IS NULL)", name="of_one"),
        index_where("taken_at IS NULL", "ix_sent_to_desk_open", "event_id", "sent_at"),
    )

    event_id: Mapped[int] = reference("event.id", ondelete="CASCADE")
    entry_id: Mapped[int | None] = reference("roster_entry.id", ondelete="CASCADE")  # of who has not signed in
    sign_in_id: Mapped[int | None] = reference("sign_in.id", ondelete="CASCADE")
    note: Mapped[str] = text(80, "identity")
    sent_at: Mapped[datetime] = moment()
    sent_by: Mapped[str] = text(80, "technical")
    taken_at: Mapped[datetime | None] = moment()
    taken_by: Mapped[str | None] = text(80, "technical")


class RosterDraft(Numbered):
    """An import that waits for its confirmation: nothing of it is in the roster yet. It lives for an hour at most.

    `body` is {"books": [lists/books.Book, …], "choices": lists/choices.Choices, "source": name of the file}, and once
    it is confirmed {"rows": [RosterRow's fields, …], "fields": [field, …], "erases": bool, "source": …}.
    """

    event_id: Mapped[int] = reference("event.id", ondelete="CASCADE")
    token_hash: Mapped[str] = text(64, unique=True)
    body: Mapped[dict[str, Any]] = json("identity")
    staff_id: Mapped[int] = mapped_column()
    made_at: Mapped[datetime] = moment()


class SplitList(Numbered):
    """A list of people that waits to be split over the events of a campaign (services/roster/campaign_lists). It lives
    for an hour at most.

    `body` is {"books", "choices", "source"} as a RosterDraft's, and "events": which event each value was given to, by
    the value's key; 0 for none.
    """

    campaign_id: Mapped[int] = reference("campaign.id", ondelete="CASCADE")
    token_hash: Mapped[str] = text(64, unique=True)
    body: Mapped[dict[str, Any]] = json("identity")
    staff_id: Mapped[int] = mapped_column()
    made_at: Mapped[datetime] = moment()


class RosterChange(Numbered):
    """What one import did to one entry, or to one organisation's seats, so that it can be taken back.

    `before` is what they said until then, by the columns that it changed; None for what the import added.
    """

    event_id: Mapped[int] = reference("event.id", ondelete="CASCADE")
    import_id: Mapped[int] = reference("task.id", ondelete="CASCADE")
    entry_id: Mapped[int | None] = reference("roster_entry.id", ondelete="CASCADE")
    seats_id: Mapped[int | None] = reference("roster_seats.id", ondelete="CASCADE")
    before: Mapped[dict[str, Any] | None] = json("identity")


class ColumnMeaning(Numbered):
    """What somebody said that the columns of a list hold, for the next list with the same headers.

    `headers_hash` is of the headers in their order; `columns` are the meanings by the column's number.
    """

    headers_hash: Mapped[str] = text(64, unique=True)
    columns: Mapped[dict[str, str]] = json()
    changed_at: Mapped[datetime] = moment()

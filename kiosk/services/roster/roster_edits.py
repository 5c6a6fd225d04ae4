"""Single entries of a roster, written by hand at the desk."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _

from kiosk.models import RosterSeats
from kiosk.services import tallies
from kiosk.services.audit_log import audit
from kiosk.services.event import events
from kiosk.services.event.cleared import refuse_cleared
from kiosk.services.fields import FieldErrors
from kiosk.services.refusals import Refused, Unknown
from kiosk.services.roster import roster_arrivals, rosters
from kiosk.services.roster.roster_reading import check_row
from kiosk.services.roster.roster_rows import LISTED, RosterRow
from kiosk.services.roster.roster_writing import change_entry, changed_fields, listed_by, pair_with_entries, write
from kiosk.services.roster.rosters import EntryView
from kiosk.services.store.writer import WriterSession, unit


def add(event_id: int, row: RosterRow, *, actor: str) -> None:
    """Add one person; raise FieldErrors when a field is wrong or the person is on the roster already."""
    check_row(row)
    if not row.seats:
        ((_row, _key, known),) = pair_with_entries(event_id, [row])
        if known is not None:
            raise FieldErrors({"name": _("This person is on the roster already.")})
    write(event_id, [row], actor=actor)


def row_of(entry: EntryView, **changes: Any) -> RosterRow:
    """Return an entry as the row that would write it, with changes."""
    return replace(RosterRow(**{name: getattr(entry, name) for name in LISTED}), **changes)


def edit(event_id: int, entry_id: int, row: RosterRow, *, actor: str) -> None:
    """Make an entry say what the row says; raise Unknown or FieldErrors. Its sign-in keeps its own words.

    Where it now names somebody who has signed in already, they are tied, as after an import.
    """
    check_row(row)
    _edit(event_id, entry_id, row, actor)
    roster_arrivals.tie(event_id, actor=actor)


@unit(shared=lambda _event, _entry, row, _actor: listed_by(row))
def _edit(session: WriterSession, event_id: int, entry_id: int, row: RosterRow, actor: str) -> None:
    refuse_cleared(session, event_id)
    entry = rosters.get(session, event_id, entry_id)
    changed = changed_fields(row, entry)
    change_entry(session, entry, row)
    session.flush()
    tallies.change_roster(session.driver, event_id)
    subject = f"roster_entry:{entry_id}"
    audit.record(session, actor, "roster.edit", event_id=event_id, subject=subject, changed={"fields": changed})


@unit
def remove_seats(session: WriterSession, event_id: int, seats_id: int, *, actor: str) -> None:
    """Take an organisation's seats off the roster; raise Unknown, or Refused once one is filled."""
    seats = session.get(RosterSeats, seats_id)
    if seats is None or seats.event_id != event_id:
        raise Unknown("seats", seats_id)
    if seats.filled:
        raise Refused("seats_filled")
    session.delete(seats)
    session.flush()
    tallies.change(session.driver, event_id, expected=-seats.seats)
    audit.record(session, actor, "roster.remove_seats", event_id=event_id, subject=f"roster_seats:{seats_id}")


def log_export(event_id: int, *, actor: str) -> None:
    """Keep that somebody takes the roster home with whole mobiles (docs/product.md 3.7)."""
    audit.note(actor, "roster.export", event_id=event_id, changed={"rows": events.counts(event_id).expected})

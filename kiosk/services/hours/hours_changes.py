"""What staff change about somebody's hours: when they left (早退), and hours against the rules with a reason.

Each is one unit of work with its audit entry; the same values sent twice change nothing and leave one entry.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from kiosk.clock import utcnow
from kiosk.models import Event, HoursOverride, SignIn, SignInChange
from kiosk.services import tallies
from kiosk.services.audit_log import audit
from kiosk.services.event.cleared import refuse_cleared
from kiosk.services.event.event_rules import MOST_HOURS
from kiosk.services.names import clean, mask_name
from kiosk.services.refusals import Refused, Unknown
from kiosk.services.sign_in import movements
from kiosk.services.store.rows import known
from kiosk.services.store.writer import WriterSession, unit


@unit
def set_left(
    session: WriterSession,
    event_id: int,
    sign_in_id: int,
    left_at: datetime | None,
    *,
    staff_id: int | None,
    reason: str | None = None,
) -> None:
    """Keep when somebody left for the last time, or None: they did not. Raises Unknown or Refused.

    Whoever was closed without a sign-out (未签退) gets a time only with a reason: it may earn hours.
    """
    row = _row(session, event_id, sign_in_id)
    if left_at is not None and left_at <= row.signed_in_at:
        raise Refused("before_arrival")
    if left_at is not None and left_at > utcnow():
        raise Refused("to_come")
    if left_at == row.left_at:
        return
    reason = clean(reason or "")[:200] or None
    if row.has_no_sign_out and reason is None:
        raise Refused("no_reason")
    movements.note_left(session, row, left_at, audit.of_staff(staff_id))
    _log(session, row, "sign_in.left", staff_id, fields=["left_at"], is_set=left_at is not None)
    trace = SignInChange(sign_in_id=row.id, change="correct", changed_fields=["left_at"], staff_id=staff_id)
    trace.reason, trace.changed_at, trace.revision = reason, utcnow(), row.revision
    session.add(trace)


@unit
def set_hours(
    session: WriterSession, event_id: int, sign_in_id: int, hours: float, reason: str, *, staff_id: int | None
) -> None:
    """Give somebody these hours whatever the rules say, and keep why. Raises Unknown or Refused."""
    row = _row(session, event_id, sign_in_id)
    reason = clean(reason)[:200]
    if not reason:
        raise Refused("no_reason")
    if not 0 <= hours <= MOST_HOURS:
        raise Refused("bad_hours", most=MOST_HOURS)
    override = session.scalar(select(HoursOverride).where(HoursOverride.sign_in_id == row.id))
    if override is not None and (override.hours, override.reason) == (hours, reason):
        return
    if override is None:
        override = HoursOverride(sign_in_id=row.id)
        session.add(override)
    override.hours, override.reason = hours, reason
    override.set_by, override.set_at = audit.of_staff(staff_id), utcnow()
    _note(session, row, "hours.override", staff_id, hours=hours)


@unit
def take_back(session: WriterSession, event_id: int, sign_in_id: int, *, staff_id: int | None) -> None:
    """Let the rules decide again about somebody's hours. Raises Unknown or Refused."""
    row = _row(session, event_id, sign_in_id)
    override = session.scalar(select(HoursOverride).where(HoursOverride.sign_in_id == row.id))
    if override is not None:
        session.delete(override)
        _note(session, row, "hours.take_back", staff_id, hours=override.hours)


def _row(session: WriterSession, event_id: int, sign_in_id: int) -> SignIn:
    """Return the arrival whose hours may be changed. The event's counter is locked: two changes of it never cross."""
    row, event = known(session, SignIn, sign_in_id, event_id=event_id), session.get_one(Event, event_id)
    if not row.has_arrived:
        raise Unknown("sign-in", sign_in_id)
    if not event.credited_hours:
        raise Unknown("hours of event", event_id)
    refuse_cleared(session, event_id)
    return row


def _note(session: WriterSession, row: SignIn, action: str, staff_id: int | None, **changed: object) -> None:
    """Tell screens and other programs that the row has changed, and the audit log who changed it."""
    session.flush()
    row.revision = tallies.change(session.driver, row.event_id) or 0
    _log(session, row, action, staff_id, **changed)


def _log(session: WriterSession, row: SignIn, action: str, staff_id: int | None, **changed: object) -> None:
    audit.record_row(session, audit.of_staff(staff_id), action, row, name=mask_name(row.name), **changed)

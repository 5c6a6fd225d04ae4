"""Who may look at an event and who may run it; the organisers it is shared with."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import or_, select

from kiosk.extensions import db
from kiosk.models import Event, EventShare, Staff
from kiosk.services.account.staff import StaffView, view_of
from kiosk.services.audit_log import audit
from kiosk.services.event.event_views import EventView
from kiosk.services.refusals import Refused
from kiosk.services.store.writer import WriterSession, no_event, unit


def may_look(staff: StaffView, event: EventView) -> bool:
    """Admins and viewers look at every event, organisers at their own and at shared ones (docs/product.md 3.6)."""
    return staff.role in ("admin", "viewer") or may_run(staff, event)


def may_run(staff: StaffView, event: EventView) -> bool:
    """Admins run every event, organisers their own and shared ones, viewers none."""
    if staff.role != "organiser":
        return staff.role == "admin"
    return event.owner_id == staff.id or db.session.get(EventShare, (event.id, staff.id)) is not None


def visible_ids(staff: StaffView, event_ids: Iterable[int]) -> frozenset[int]:
    """Return of these events those that this person may look at (`may_look`, for many)."""
    ids = frozenset(event_ids)
    if staff.role != "organiser":
        return ids
    shared = select(EventShare.event_id).where(EventShare.staff_id == staff.id)
    own = select(Event.id).where(or_(Event.owner_id == staff.id, Event.id.in_(shared)), Event.id.in_(ids))
    return frozenset(db.session.scalars(own))


def runnable_ids(staff: StaffView, event_ids: Iterable[int]) -> frozenset[int]:
    """Return of these events those that this person may run (`may_run`, for many)."""
    return frozenset() if staff.role == "viewer" else visible_ids(staff, event_ids)


def list_filter(staff: StaffView) -> int | None:
    """Return the `staff_id` for events.list_all: whose events are listed, None for all of them."""
    return staff.id if staff.role == "organiser" else None


def shared_with(event_id: int) -> tuple[StaffView, ...]:
    """Return the organisers an event is shared with, by e-mail."""
    statement = select(Staff).join(EventShare, EventShare.staff_id == Staff.id).where(EventShare.event_id == event_id)
    return tuple(map(view_of, db.session.scalars(statement.order_by(Staff.email))))


def organiser_called(session: WriterSession, email: str) -> Staff:
    """Return the account something is to be shared with; raise Refused when nobody has it, or who only looks."""
    other = session.scalar(select(Staff).where(Staff.email == email.strip().casefold(), Staff.is_active))
    if other is None:
        raise Refused("nobody_with_email")
    if other.role == "viewer":
        raise Refused("not_organiser")
    return other


@unit(event=no_event)
def share(session: WriterSession, event_id: int, email: str, *, actor: str = audit.COMMAND) -> None:
    """Let another organiser run this event; a repeat changes nothing. Raises Refused."""
    other = organiser_called(session, email)
    if session.get(EventShare, (event_id, other.id)) is None:
        session.add(EventShare(event_id=event_id, staff_id=other.id))
        audit.record(session, actor, "event.share", event_id=event_id, subject=f"staff:{other.id}")


@unit(event=no_event)
def unshare(session: WriterSession, event_id: int, staff_id: int, *, actor: str = audit.COMMAND) -> None:
    """Take an organiser off this event again."""
    share_of = session.get(EventShare, (event_id, staff_id))
    if share_of is not None:
        session.delete(share_of)
        audit.record(session, actor, "event.unshare", event_id=event_id, subject=f"staff:{staff_id}")

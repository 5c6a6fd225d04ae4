"""Which browsers are logged in: rows that can be revoked; the cookie's token is kept as a hash."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select, update

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Staff, StaffSession
from kiosk.services.account.staff import StaffView, end_sessions, view_of
from kiosk.services.audit_log import audit
from kiosk.services.codes import hash_token, new_token
from kiosk.services.store.writer import WriterSession, unit

IDLE = timedelta(hours=12)  # a day at the door; the tablet is not left open overnight
ABSOLUTE = timedelta(days=14)
STEP = timedelta(minutes=30)  # the end slides in steps, so that not every request writes


@unit
def begin(session: WriterSession, staff_id: int, *, address: str | None, user_agent: str | None) -> str:
    """Log a browser in and return the token for its cookie."""
    token, now = new_token(), utcnow()
    session.add(
        StaffSession(
            staff_id=staff_id,
            token_hash=hash_token(token),
            browser_hash=browser_hash(address, user_agent),
            created_at=now,
            last_seen_at=now,
            expires_at=now + IDLE,
        )
    )
    audit.record(session, audit.of_staff(staff_id), "account.log_in", subject=f"staff:{staff_id}")
    return token


def find(token: str) -> StaffView | None:
    """Return who is logged in with this token, or None; slides the end when half an hour has passed."""
    now = utcnow()
    row = db.session.execute(_alive().where(StaffSession.token_hash == hash_token(token))).first()
    if row is None:
        return None
    staff, session_id, created_at, last_seen_at = row
    view = view_of(staff)
    if now - last_seen_at >= STEP:
        _slide.if_free(session_id, now, min(now + IDLE, created_at + ABSOLUTE))  # else the next request slides it
    return view


def id_of(token: str) -> int | None:
    """Return the number of the log-in that this token is of, for find_by_id; None for one that is over."""
    alive = _alive().where(StaffSession.token_hash == hash_token(token))
    return db.session.scalar(alive.with_only_columns(StaffSession.id))


def find_by_id(session_id: int) -> StaffView | None:
    """Return who is logged in there, or None once it is over. Nothing slides: nobody is using it."""
    alive = _alive().where(StaffSession.id == session_id)
    staff = db.session.scalar(alive.with_only_columns(Staff))
    return None if staff is None else view_of(staff)


@unit
def revoke(session: WriterSession, token: str) -> None:
    """Log this browser out."""
    for staff_id in end_sessions(session, StaffSession.token_hash == hash_token(token)):
        audit.record(session, audit.of_staff(staff_id), "account.log_out", subject=f"staff:{staff_id}")


@unit
def revoke_all(session: WriterSession, staff_id: int, *, actor: str = audit.COMMAND) -> None:
    """Log an account out everywhere."""
    changed = {"browsers": len(end_sessions(session, StaffSession.staff_id == staff_id))}
    audit.record(session, actor, "account.log_out_everywhere", subject=f"staff:{staff_id}", changed=changed)


def is_staff_browser(address: str | None, user_agent: str | None) -> bool:
    """Say whether a browser like this one, at this address, is logged in: it never counts as a phone (0.1)."""
    statement = select(StaffSession.id).where(
        StaffSession.browser_hash == browser_hash(address, user_agent),
        StaffSession.revoked_at.is_(None),
        StaffSession.expires_at > utcnow(),
    )
    return db.session.scalar(statement.limit(1)) is not None


def browser_hash(address: str | None, user_agent: str | None) -> str:
    """Return the keyed hash of an address and a user agent."""
    return hash_token(f"browser\0{address or ''}\0{user_agent or ''}")


def _alive() -> Select[Any]:
    return (
        select(Staff, StaffSession.id, StaffSession.created_at, StaffSession.last_seen_at)
        .join(StaffSession, StaffSession.staff_id == Staff.id)
        .where(StaffSession.revoked_at.is_(None), StaffSession.expires_at > utcnow(), Staff.is_active)
    )


@unit
def _slide(session: WriterSession, session_id: int, now: datetime, end: datetime) -> None:
    slid = update(StaffSession).where(StaffSession.id == session_id)
    session.execute(slid.values(last_seen_at=now, expires_at=end))

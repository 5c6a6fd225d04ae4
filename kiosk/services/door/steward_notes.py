"""What the roster says to a steward of somebody (签到提醒), shown as that person signs in: to whoever works the door,
and never to the person or on a screen of the hall."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import RosterEntry, SignIn
from kiosk.services.people import rows
from kiosk.services.people.rows import PersonRow

SHOWN = 5
STAYS = timedelta(minutes=15)  # after the sign-in or its confirmation; a page that was away meanwhile sees it too


def are_any(event_id: int) -> bool:
    """Say whether this event's roster says anything to its stewards."""
    return db.session.scalar(select(RosterEntry.id).where(*_noted(event_id)).limit(1)) is not None


def of_latest(event_id: int) -> tuple[PersonRow, ...]:
    """Return who has come a moment ago and of whom the roster says something, the latest first, through any door."""
    noted = select(RosterEntry.id).where(*_noted(event_id))
    came = SignIn.event_id == event_id, SignIn.roster_entry_id.in_(noted), SignIn.has_arrived
    latest = select(SignIn).where(*came, SignIn.received_at > utcnow() - STAYS).order_by(SignIn.revision.desc())
    return rows.of_sign_ins(db.session.scalars(latest.limit(SHOWN)).all())


def _noted(event_id: int) -> tuple[Any, ...]:
    return RosterEntry.event_id == event_id, RosterEntry.steward_note.is_not(None)

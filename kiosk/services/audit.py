"""The audit log: what a door's or a desk's hand did, kept in the transaction that did it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from kiosk.clock import utcnow
from kiosk.models import AuditEntry
from kiosk.services.writer import WriterSession


@dataclass(frozen=True)
class Hand:
    """Who acts, as the log keeps it ("staff:3", "steward:5"), and the key of this one act, which a page brings
    along: the same act sent again changes nothing, although others have changed the row since."""

    actor: str
    key: str | None = None
    staff_id: int | None = None
    door_link_id: int | None = None


def of_staff(staff_id: int | None) -> str:
    """Return the actor of somebody who is logged in, or of the command line."""
    return "command" if staff_id is None else f"staff:{staff_id}"


def was_done(session: WriterSession, hand: Hand, action: str, event_id: int, subject: str) -> bool:
    """Say whether this very act was done before."""
    if not hand.key:
        return False
    of_subject = select(AuditEntry.changed).where(
        AuditEntry.event_id == event_id,
        AuditEntry.subject == subject,
        AuditEntry.action == action,
        AuditEntry.actor == hand.actor,
    )
    return any(changed.get("key") == hand.key for changed in session.scalars(of_subject))


def record(
    session: WriterSession,
    actor: str,
    action: str,
    *,
    event_id: int | None = None,
    subject: str | None = None,
    changed: Mapping[str, Any] | None = None,
) -> None:
    """Add an entry: ids, names of fields, masked values; never a full name, mobile or signature (PRODUCT.md 3.7)."""
    session.add(
        AuditEntry(
            actor=actor,
            action=action,
            event_id=event_id,
            subject=subject,
            changed=dict(changed or {}),
            done_at=utcnow(),
        )
    )

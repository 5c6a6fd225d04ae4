"""The audit log: what a door's or a desk's hand did, kept in the transaction that did it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kiosk.clock import utcnow
from kiosk.models import AuditEntry
from kiosk.services.writer import WriterSession


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

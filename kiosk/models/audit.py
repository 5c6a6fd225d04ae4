"""The audit log (操作日志): every write by staff and every look at unmasked data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from kiosk.models.columns import Numbered, json, moment, text


class AuditEntry(Numbered):
    """Who did what to what and when: ids and names of changed fields, masked values, never a full name or mobile.

    No foreign keys: an entry outlives what it is about. Triggers of the database refuse updates and deletes.
    """

    __table_args__ = (
        Index("ix_audit_entry_event", "event_id", "id"),
        Index("ix_audit_entry_actor", "actor", "id"),
        Index("ix_audit_entry_done_at", "done_at"),
    )

    actor: Mapped[str] = text(80, "technical")  # staff:3, steward:5, group:2, device:4, command
    action: Mapped[str] = text(40)
    event_id: Mapped[int | None]
    subject: Mapped[str | None] = text(80)  # sign_in:12, roster_entry:7
    changed: Mapped[dict[str, Any]] = json("no", default=dict)
    done_at: Mapped[datetime] = moment()

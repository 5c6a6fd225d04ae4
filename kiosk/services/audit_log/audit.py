"""The audit log (操作日志): what a door's or a desk's hand did, kept in the transaction that did it.

Every write by staff and every look at unmasked data leaves an entry (docs/product.md 3.7). Triggers of the database
refuse to change or delete one. Searching it is services/audit_log/audit_search, its words are
services/audit_log/audit_words.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from kiosk.clock import utcnow
from kiosk.models import AuditEntry
from kiosk.services.names import mask_mobile, mask_name
from kiosk.services.store.writer import WriterSession, no_event, unit

log = logging.getLogger(__name__)

COMMAND = "command"  # the command line
MOBILE = re.compile(r"(?<![\d+])(?:1[3-9]\d{9}|\+\d{8,15})(?!\d)")


@dataclass(frozen=True)
class Hand:
    """Who acts, as the log keeps it ("staff:3", "steward:5"), and the key of this one act, which a page brings
    along: the same act sent again changes nothing, although others have changed the row since.

    `at` is the claimed time of an act that waited on a phone without a network (services/sign_in/claims)."""

    actor: str
    key: str | None = None
    staff_id: int | None = None
    door_link_id: int | None = None
    at: datetime | None = None

    @property
    def done_at(self) -> datetime:
        """Return when the act was done."""
        return self.at or utcnow()

    @property
    def log(self) -> dict[str, str]:
        """Return what an entry keeps of the act beside what was changed."""
        at = {} if self.at is None else {"at": self.at.isoformat(timespec="milliseconds")}
        return {**({"key": self.key} if self.key else {}), **at}


def of_staff(staff_id: int | None) -> str:
    """Return the actor of somebody who is logged in, or of the command line."""
    return COMMAND if staff_id is None else f"staff:{staff_id}"


def staff_of(actor: str) -> int | None:
    """Return which of the staff an actor is, None for the command line and for whoever has no account."""
    kind, _, number = actor.partition(":")
    return int(number) if kind == "staff" and number else None


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
    """Add an entry: ids, names of fields, masked values; never a full name, mobile or signature (docs/product.md 3.7).

    Nothing can be taken out of the log again: a mobile or an unmasked name that got here by mistake is masked, and
    the server's log says where.
    """
    safe = {key: _masked(key, value) for key, value in (changed or {}).items()}
    if json.dumps(safe) != json.dumps(dict(changed or {})):  # a tuple is a list in JSON
        log.warning("an entry %s of the audit log was about to hold a full name or mobile: masked", action)
    session.add(
        AuditEntry(actor=actor, action=action, event_id=event_id, subject=subject, changed=safe, done_at=utcnow())
    )


def record_row(session: WriterSession, actor: str, action: str, row: Any, **changed: Any) -> None:
    """Add an entry about a row, and its event where it has one."""
    event_id = getattr(row, "event_id", None)
    record(session, actor, action, event_id=event_id, subject=f"{row.__tablename__}:{row.id}", changed=changed)


note = unit(event=no_event)(record)  # an entry beside which nothing is written


def differences(row: object, values: Mapping[str, Any]) -> list[str]:
    """Return the names of the columns that `values` would change in the row."""
    return [name for name, value in values.items() if _or_none(getattr(row, name)) != _or_none(value)]


def _or_none(value: Any) -> Any:
    return None if value in ("", [], {}, ()) else value


def _masked(key: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _masked(name, one) for name, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_masked(key, one) for one in value]
    if not isinstance(value, str):
        return value
    if key == "name" and value and "*" not in value:
        return mask_name(value)
    return MOBILE.sub(lambda match: mask_mobile(match[0]), value)

"""Claimed times: when something was done on a phone that had no network then, and which of two such acts stands.

A phone says how long an act has waited, by its own clock, and nothing more: so a clock that is wrong claims no wrong
time. A claim is never older than a day, nor from before the event's opening or the page that makes it. What was done
and what was received both stay (docs/decisions/0022-lost-network.md): in the rows, and of staff's acts in the audit
log, by which two stewards who acted on one person in the dark are settled: the later act stands, in whichever order
they came.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select

from kiosk.clock import utcnow
from kiosk.models import AuditEntry
from kiosk.services.audit_log.audit import Hand
from kiosk.services.store.writer import WriterSession

AT_ONCE = timedelta(seconds=3)  # what waited less was done when it came
LONGEST = timedelta(days=1)
OVERTAKEN = "is_overtaken"  # in an entry of the audit log: a later act stands


def moment_of(waited: timedelta, *not_before: datetime | None) -> datetime | None:
    """Return when what waited so long was done, at the earliest at these moments; None when it did not wait."""
    if waited < AT_ONCE:
        return None
    now = utcnow()
    bounds = [moment for moment in not_before if moment is not None and moment <= now]
    return max(now - min(waited, LONGEST), *bounds, now - LONGEST)


def later_act(
    session: WriterSession, event_id: int, subject: str, actions: Collection[str], at: datetime, **about: object
) -> datetime | None:
    """Return when the first of these acts on a subject was done after `at`, None when there is none."""
    if at >= utcnow():
        return None
    statement = select(AuditEntry.changed, AuditEntry.done_at).where(
        AuditEntry.event_id == event_id, AuditEntry.subject == subject, AuditEntry.action.in_(actions)
    )
    done = (
        datetime.fromisoformat(changed["at"]) if "at" in changed else done_at
        for changed, done_at in session.execute(statement)
        if not changed.get(OVERTAKEN) and about.items() <= changed.items()
    )
    return min((moment for moment in done if moment > at), default=None)


def is_overtaken(
    session: WriterSession, event_id: int, subject: str, actions: Collection[str], hand: Hand, **about: object
) -> bool:
    """Say whether somebody did one of these later than this hand, whose act comes only now."""
    return hand.at is not None and later_act(session, event_id, subject, actions, hand.at, **about) is not None


def mark(is_overtaken: bool) -> dict[str, bool]:
    """Return what an entry of the audit log says of an act that a later one stands against."""
    return {OVERTAKEN: True} if is_overtaken else {}

"""Head-counts without names (不记名, docs/product.md 2.11): one more, one less, by several phones at once.

What they come to is a number of its own beside those who signed in, and never a part of them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from kiosk.clock import utcnow
from kiosk.services import codes, tallies
from kiosk.services.audit_log import audit
from kiosk.services.audit_log.audit import Hand
from kiosk.services.store.statements import Statement, insert_into
from kiosk.services.store.writer import WriterSession, unit

Step = Literal[1, -1]
COUNT = Statement("SELECT nameless FROM event_counter WHERE event_id = :event_id")
STEP = insert_into(
    "nameless_step", ("event_id", "step", "counted_at", "received_at", "counted_by", "idempotency_key"), "id"
)


@unit
def count(session: WriterSession, event_id: int, by: Step, hand: Hand, *, at: datetime | None = None) -> int:
    """Count one more, or one less, and return how many there are; a key counts once, and nobody less than nobody.

    `at` is the claimed time of a tap that waited on a phone. The event's counter is locked, so that two phones add up.
    """
    row, now = session.driver.first(COUNT, {"event_id": event_id}), utcnow()
    there = 0 if row is None else int(row[0])
    taken = by if there + by >= 0 else 0
    key = codes.key_digest(hand.key or codes.new_token(), {"head_count": by})
    tap = {"event_id": event_id, "step": taken, "counted_at": min(at or now, now), "received_at": now}
    if session.driver.first(STEP, {**tap, "counted_by": hand.actor, "idempotency_key": key}) is None:
        return there
    tallies.change(session.driver, event_id, nameless=taken)
    audit.record(session, hand.actor, "head_count.step", event_id=event_id, changed={"by": by, **hand.log})
    return there + taken

"""What was prepared for an event, or is not needed there, where no other row tells: the overview's checklist."""

from __future__ import annotations

from typing import Literal, get_args

from kiosk.models import Event
from kiosk.services.audit_log import audit
from kiosk.services.store.rows import known
from kiosk.services.store.writer import WriterSession, no_event, unit

Item = Literal["list", "poster", "phone", "stewards", "screen", "freeze", "proofs", "report", "clear"]
ITEMS: tuple[Item, ...] = get_args(Item)


@unit(event=no_event)
def note_done(session: WriterSession, event_id: int, item: Item) -> None:
    """Keep that something was done, for the first time; a page that shows it calls `if_free`."""
    event = known(session, Event, event_id)
    if event.prepared.get(item) != "done":
        event.prepared = {**event.prepared, item: "done"}


@unit(event=no_event)
def set_skipped(session: WriterSession, event_id: int, item: Item, *, is_skipped: bool, actor: str) -> None:
    """Say that something is not needed at an event, or is needed after all."""
    event = known(session, Event, event_id)
    others = {name: state for name, state in event.prepared.items() if name != item}
    event.prepared = {**others, item: "skipped"} if is_skipped else others
    audit.record(session, actor, "event.skip" if is_skipped else "event.need", event_id=event_id)

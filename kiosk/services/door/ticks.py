"""Ticks (资料已领, 聘书已发): what is handed out to one person, by the event's labels, counted."""

from __future__ import annotations

from sqlalchemy import delete, func, select

from kiosk.extensions import db
from kiosk.models import Event, SignIn, Tick
from kiosk.services import tallies
from kiosk.services.audit_log import audit
from kiosk.services.audit_log.audit import Hand
from kiosk.services.event.tick_labels import labels_of
from kiosk.services.names import mask_name
from kiosk.services.refusals import Refused
from kiosk.services.sign_in import claims
from kiosk.services.store.rows import known
from kiosk.services.store.writer import WriterSession, unit


@unit
def set_tick(
    session: WriterSession, event_id: int, sign_in_id: int, label: str, *, is_ticked: bool, hand: Hand
) -> tuple[str, bool]:
    """Tick or untick one label of one sign-in; a repeat changes nothing. Return the person's name, and whether it
    stands: somebody may have done the opposite since, while this waited on a phone without a network.

    Raises Unknown or Refused.
    """
    action, subject = "tick.set" if is_ticked else "tick.take_back", f"sign_in:{sign_in_id}"
    row, event = known(session, SignIn, sign_in_id, event_id=event_id), session.get_one(Event, event_id)
    if label not in labels_of(event):
        raise Refused("unknown_label")
    if is_ticked and row.voided_at is not None:
        raise Refused("is_void")
    opposite = "tick.take_back" if is_ticked else "tick.set"
    is_overtaken = claims.is_overtaken(session, event_id, subject, (opposite,), hand, label=label)
    if audit.was_done(session, hand, action, event_id, subject):
        return row.name, not is_overtaken
    is_changed = not is_overtaken and _set(session, row, label, is_ticked, hand)
    if is_changed:
        tallies.change(session.driver, event_id)
    if is_changed or hand.at is not None:  # an act of the dark is kept, whatever it came to
        log = {"name": mask_name(row.name), "label": label, **hand.log, **claims.mark(is_overtaken)}
        audit.record(session, hand.actor, action, event_id=event_id, subject=subject, changed=log)
    return row.name, not is_overtaken


def counts(event_id: int) -> dict[str, int]:
    """Return how many arrivals have each label; voided sign-ins and trials do not count."""
    statement = (
        select(Tick.label, func.count())
        .join(SignIn, SignIn.id == Tick.sign_in_id)
        .where(Tick.event_id == event_id, SignIn.counts)
        .group_by(Tick.label)
    )
    return {row[0]: row[1] for row in db.session.execute(statement)}


def _set(session: WriterSession, row: SignIn, label: str, is_ticked: bool, hand: Hand) -> bool:
    """Write it; False when it was so already."""
    of_row = (Tick.sign_in_id == row.id, Tick.label == label)
    is_there = session.scalar(select(Tick.id).where(*of_row)) is not None
    if is_there == is_ticked:
        return False
    if is_ticked:
        about = {"ticked_at": hand.done_at, "ticked_by": hand.actor}
        session.add(Tick(event_id=row.event_id, sign_in_id=row.id, label=label, **about))
    else:
        session.execute(delete(Tick).where(*of_row))
    session.flush()
    return True

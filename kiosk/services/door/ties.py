"""One tap says that a walk-in is the expected person of that name, or that they are two; another takes it back.

The sign-in then stands on the list's place, as if the list had come after it (services/roster/roster_arrivals): its
ordinal, its time and what was written at the door stay. Both acts are idempotent, and both are kept in the log, which
also says how to make two again of the two. That they are two is kept beside, and nobody is asked again.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import delete, select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import AuditEntry, PersonDifference, RosterEntry, SignIn
from kiosk.services import tallies
from kiosk.services.audit_log import audit
from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import corrections
from kiosk.services.door.hand_work import Done
from kiosk.services.event.cleared import refuse_cleared
from kiosk.services.names import mask_name
from kiosk.services.refusals import Refused
from kiosk.services.roster import roster_arrivals
from kiosk.services.sign_in import places
from kiosk.services.store.rows import known
from kiosk.services.store.writer import WriterSession, unit

TIE, SEPARATE = "sign_in.tie", "sign_in.separate"
DIFFER, UNDIFFER = "sign_in.differ", "sign_in.undiffer"


@unit
def tie(session: WriterSession, event_id: int, sign_in_id: int, entry_id: int, hand: Hand) -> Done:
    """Give a walk-in the place of the expected person of that name.

    Raises Unknown, or Refused("is_void", "has_arrived", "is_replaced", "changed_meanwhile").
    """
    refuse_cleared(session, event_id)
    row = known(session, SignIn, sign_in_id, event_id=event_id)
    subject = f"sign_in:{row.id}"
    is_so = row.roster_entry_id == entry_id and row.counts
    if is_so or audit.was_done(session, hand, TIE, event_id, subject):
        return _done("tied", row, entry_id)
    entry = session.get(RosterEntry, entry_id)
    if entry is None or entry.event_id != event_id:
        raise Refused("changed_meanwhile")  # taken off the list
    _refuse_tie(session, row, entry)
    steps: Counter[str] = Counter()
    was = roster_arrivals.take_place(session, row, entry, steps, hand.actor)
    session.execute(delete(PersonDifference).where(*_pair(entry_id, sign_in_id)))  # the last word stands
    _finish(session, row, steps, hand, TIE, {"entry": entry.id, **was})
    return _done("tied", row, entry_id)


@unit
def separate(session: WriterSession, event_id: int, sign_in_id: int, hand: Hand) -> Done:
    """Take a tie back: the person is a walk-in again, and whoever was expected is missing again.

    Raises Unknown, or Refused("is_void", "changed_meanwhile").
    """
    refuse_cleared(session, event_id)
    row = known(session, SignIn, sign_in_id, event_id=event_id)
    before = last_tie(event_id, sign_in_id, session)
    if before is None:
        raise Refused("changed_meanwhile")
    entry_id = int(before["entry"])
    if row.roster_entry_id is None or audit.was_done(session, hand, SEPARATE, event_id, f"sign_in:{row.id}"):
        return _done("separated", row, entry_id)
    if row.voided_at is not None:
        raise Refused("is_void")
    if row.roster_entry_id != entry_id:
        raise Refused("changed_meanwhile")
    steps: Counter[str] = Counter()
    entry = known(session, RosterEntry, entry_id, event_id=event_id)
    roster_arrivals.give_back(session, row, entry, before, steps, hand.actor)
    _finish(session, row, steps, hand, SEPARATE, {"entry": entry_id})
    return _done("separated", row, entry_id)


@unit
def set_different(
    session: WriterSession, event_id: int, sign_in_id: int, entry_id: int, hand: Hand, *, are_different: bool
) -> Done:
    """Keep that a walk-in and the expected person of that name are two people, so that nobody asks again; or ask again.

    Raises Unknown, or Refused("changed_meanwhile") where the entry is gone, or the two are one by now.
    """
    refuse_cleared(session, event_id)
    row = known(session, SignIn, sign_in_id, event_id=event_id)
    entry = session.get(RosterEntry, entry_id)
    if entry is None or entry.event_id != event_id or row.roster_entry_id == entry_id:
        raise Refused("changed_meanwhile")
    done = _done("differ" if are_different else "undiffer", row, entry_id)
    difference = session.scalar(select(PersonDifference).where(*_pair(entry_id, sign_in_id)))
    if (difference is not None) == are_different:
        return done
    if difference is None:
        about = {"entry_id": entry_id, "sign_in_id": sign_in_id, "said_by": hand.actor, "said_at": utcnow()}
        session.add(PersonDifference(event_id=event_id, **about))
    else:
        session.delete(difference)
    session.flush()
    tallies.wake.within(session, event_id)
    log = {"name": mask_name(row.name), "entry": entry_id}
    action = DIFFER if are_different else UNDIFFER
    audit.record(session, hand.actor, action, event_id=event_id, subject=f"sign_in:{row.id}", changed=log)
    return done


def tied_to(event_id: int, sign_in_id: int | None) -> int | None:
    """Return the entry whose place a sign-in that counts has by a tie, which can be taken back; else None."""
    row = None if sign_in_id is None else db.session.get(SignIn, sign_in_id)
    if row is None or row.event_id != event_id or row.roster_entry_id is None or not row.counts:
        return None
    before = last_tie(event_id, row.id)
    return row.roster_entry_id if before is not None and before["entry"] == row.roster_entry_id else None


def last_tie(event_id: int, sign_in_id: int, session: Any = db.session) -> dict[str, Any] | None:
    """Return what the log keeps of the last time a sign-in was tied to an entry, None when it never was."""
    statement = select(AuditEntry.changed).where(
        AuditEntry.event_id == event_id, AuditEntry.subject == f"sign_in:{sign_in_id}", AuditEntry.action == TIE
    )
    ties_of_it = session.scalars(statement.order_by(AuditEntry.id.desc()))
    return next((dict(changed) for changed in ties_of_it if "entry" in changed), None)


def _pair(entry_id: int, sign_in_id: int) -> tuple[Any, ...]:
    return PersonDifference.entry_id == entry_id, PersonDifference.sign_in_id == sign_in_id


def _refuse_tie(session: WriterSession, row: SignIn, entry: RosterEntry) -> None:
    if row.voided_at is not None:
        raise Refused("is_void")
    if session.driver.first(places.IS_TAKEN, {"id": entry.id, "event_id": entry.event_id}):  # or waits to be confirmed
        raise Refused("has_arrived")
    if entry.state == "replaced":
        raise Refused("is_replaced")
    has_place = row.roster_entry_id is not None or row.replaces_id is not None
    if has_place or not row.has_arrived or not row.name or row.name_key != entry.name_key:
        raise Refused("changed_meanwhile")


def _finish(
    session: WriterSession, row: SignIn, steps: Counter[str], hand: Hand, action: str, about: dict[str, Any]
) -> None:
    session.flush()
    counted: dict[str, Any] = dict(steps)
    row.revision = tallies.change(session.driver, row.event_id, **counted) or 0
    corrections.trace(session, row, action.removeprefix("sign_in."), ["roster_entry_id"], hand)
    log = {"name": mask_name(row.name), **about, **hand.log}
    audit.record(session, hand.actor, action, event_id=row.event_id, subject=f"sign_in:{row.id}", changed=log)


def _done(code: str, row: SignIn, entry_id: int) -> Done:
    return Done(
        code, row.name, sign_in_id=row.id, entry_id=entry_id, ordinal=row.ordinal, signed_in_at=row.signed_in_at
    )

"""A look at one person: at the whole mobile, which lists show masked, or at what was written at the door. Whoever asks
for it leaves an entry in the audit log (docs/product.md 3.7, 4.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from kiosk.models import RosterEntry, SignIn
from kiosk.services.audit_log import audit
from kiosk.services.names import mask_mobile, mask_name
from kiosk.services.store.rows import known
from kiosk.services.store.writer import WriterSession, no_event, unit

Person = TypeVar("Person", RosterEntry, SignIn)


@dataclass(frozen=True)
class Looked:
    """Whom it was about, with the mobile in full, None where none is known."""

    name: str
    organisation: str | None
    mobile: str | None


def at_entry(event_id: int, entry_id: int, *, actor: str) -> Looked:
    """Return an entry of the roster with its whole mobile, and log the look; raise Unknown."""
    return _look(RosterEntry, event_id, entry_id, actor)


def at_sign_in(event_id: int, sign_in_id: int, *, actor: str) -> Looked:
    """Return a sign-in with its whole mobile, and log the look; raise Unknown."""
    return _look(SignIn, event_id, sign_in_id, actor)


def at_writing(event_id: int, sign_in_id: int, *, actor: str) -> None:
    """Log that somebody opens what was written at a sign-in, to correct it; raise Unknown."""
    _open(SignIn, event_id, sign_in_id, actor)


def at_place(event_id: int, entry_id: int, *, actor: str) -> None:
    """Log that somebody opens an expected person's place, for another who comes instead; raise Unknown."""
    _open(RosterEntry, event_id, entry_id, actor)


@unit(event=no_event)
def _open(session: WriterSession, model: type[Person], event_id: int, row_id: int, actor: str) -> None:
    person = known(session, model, row_id, event_id=event_id)
    audit.record_row(session, actor, "look.person", person, name=mask_name(person.name))


@unit(event=no_event)
def _look(session: WriterSession, model: type[Person], event_id: int, row_id: int, actor: str) -> Looked:
    person = known(session, model, row_id, event_id=event_id)
    seen = {"name": mask_name(person.name), "mobile": mask_mobile(person.mobile)}
    audit.record_row(session, actor, "look.mobile", person, **seen)
    return Looked(person.name, person.organisation_name, person.mobile)

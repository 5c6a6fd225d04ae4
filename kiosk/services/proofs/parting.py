"""A part of a series becomes a series of its own, before a proof of it is made.

A participant has one valid proof of a series. Where strangers' events were tied by their name (services/event/series),
the one's proof would take the other's place, and say the other's days.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import or_, select, update

from kiosk.models import Event, Proof, SignIn
from kiosk.services.audit_log import audit
from kiosk.services.event import event_views, proof_revisions, series
from kiosk.services.proofs.subjects import Subject
from kiosk.services.store.writer import WriterSession, unit


def on_its_own(subject: Subject, *, staff_id: int | None) -> Subject:
    """Return the subject as one whose series ties nobody else's events, parted off where it was not."""
    if not subject.is_part or subject.series_id is None:
        return subject
    series_id = _part_off(subject, subject.series_id, staff_id)
    for event in subject.events:
        event_views.forget(event.code)
    return replace(subject, series_id=series_id, is_part=False)


@unit
def _part_off(session: WriterSession, subject: Subject, before: int, staff_id: int | None) -> int:
    """Part the events off, and with them the proofs that their owners issued, or of who came to no other event."""
    series.lock(session, subject.campaign_id)
    ids = [event.id for event in subject.events]
    still = session.scalars(select(Event.series_id).where(Event.id.in_(ids))).all()
    if set(still) != {before}:
        return next((one for one in still if one is not None), before)  # somebody was here at the same moment
    owners = [audit.of_staff(event.owner_id) for event in subject.events if event.owner_id is not None]
    made = series.part_off(session, subject.campaign_id, before, ids)
    came = select(SignIn.participant_id).where(SignIn.event_id.in_(ids))
    others = select(SignIn.participant_id).join(Event, Event.id == SignIn.event_id).where(Event.series_id == before)
    is_theirs = or_(Proof.issued_by.in_(owners), Proof.participant_id.not_in(others))
    moved = update(Proof).where(Proof.series_id == before, Proof.participant_id.in_(came), is_theirs)
    session.execute(moved.values(series_id=made).execution_options(synchronize_session=False))
    proof_revisions.grow(session, subject.campaign_id)
    for event_id in ids:
        about = {"fields": ["series_id"]}
        audit.record(session, audit.of_staff(staff_id), "event.update", event_id=event_id, changed=about)
    return made

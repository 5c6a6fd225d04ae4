"""Making proofs, taking them back (作废), and replacing them: numbered within their campaign, each with a code.

A number is the campaign's code, the year and a running number. It is given under a lock on the campaign, so that two
who issue at once never meet; the database's unique constraints are the referees all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, insert, select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Event, Proof
from kiosk.services.audit_log import audit
from kiosk.services.codes import VERIFY_LENGTH, new_code
from kiosk.services.event import proof_revisions, series
from kiosk.services.event.cleared import EventCleared
from kiosk.services.names import clean, mask_name
from kiosk.services.pages import parts
from kiosk.services.proofs import parting, subjects
from kiosk.services.proofs.subjects import Attendee, Subject
from kiosk.services.proofs.whom import Group
from kiosk.services.refusals import Refused, Unknown
from kiosk.services.store.writer import WriterSession, unit

CHUNK = 50  # proofs a unit of work: some twenty milliseconds when there are thousands already
TITLE = 250


def issue(
    subject: Subject,
    *,
    staff_id: int | None,
    has_minors: bool = False,
    groups: Collection[Group] | None = None,
) -> int:
    """Make a proof for everybody who may have one and has none, and return how many; what is issued already stays.

    `groups` narrows it; minors get one only where `has_minors` asks for it. In chunks: a crash between two of them
    leaves whole proofs, and the next call makes the rest.
    """
    subject = parting.on_its_own(subject, staff_id=staff_id)
    ids = subjects.waiting_ids(subject, has_minors=has_minors, groups=groups)
    made = 0
    for chunk in parts(ids, CHUNK):
        known = subjects.attendees(subject, chunk)
        people = [known[one] for one in chunk if one in known and known[one].may_have]
        made += _make(subject, people, staff_id)
    return made


@unit(event=lambda subject, *_, **__: subject.event_id)
def void(session: WriterSession, subject: Subject, proof_id: int, reason: str, *, staff_id: int | None) -> None:
    """Take a proof back, with a reason; a second time changes nothing. Raises Unknown or Refused."""
    _refuse_cleared(session, subject)
    _void(session, subject, _proof(session, subject, proof_id), reason, staff_id)


def replace(subject: Subject, proof_id: int, reason: str, *, staff_id: int | None) -> str:
    """Take a proof back and make one from what is known now; return the new number.

    Raises Unknown, or Refused("not_eligible") when there is nothing left to prove.
    """
    participant_id = db.session.scalar(select(Proof.participant_id).where(Proof.id == proof_id))
    people = subjects.attendees(subject, [participant_id] if participant_id is not None else [])
    return _replace(subject, proof_id, people, reason, staff_id)


@unit
def _replace(
    session: WriterSession,
    subject: Subject,
    proof_id: int,
    people: Mapping[int, Attendee],
    reason: str,
    staff_id: int | None,
) -> str:
    series.lock(session, subject.campaign_id)
    _refuse_cleared(session, subject)  # the name that was read must not outlive the purge
    old = _proof(session, subject, proof_id)
    if old.voided_at is not None:
        raise Refused("proof_is_void")
    person = people.get(old.participant_id)
    if person is None or not person.may_have:
        raise Refused("not_eligible")
    _void(session, subject, old, reason, staff_id)
    session.flush()
    (row,) = _rows(session, subject, [person], staff_id)
    session.execute(insert(Proof), [row])
    _record(session, subject, "proof.replace", staff_id, {"number": row["number"], "instead_of": old.number})
    return str(row["number"])


@unit
def note_printing(session: WriterSession, subject: Subject, proof_ids: Sequence[int] | None, *, staff_id: int) -> None:
    """Keep that somebody had proofs drawn, with full names: some, or with None all of the subject."""
    changed = {"proofs": "all" if proof_ids is None else list(proof_ids)}
    _record(session, subject, "proof.print", staff_id, changed)


@unit
def _make(session: WriterSession, subject: Subject, people: Sequence[Attendee], staff_id: int | None) -> int:
    series.lock(session, subject.campaign_id)
    if _is_purged_since(session, subject):
        return 0  # the names that were read must not outlive the purge
    has_one = _proved(session, subject, [person.participant_id for person in people])
    rows = _rows(session, subject, [one for one in people if one.participant_id not in has_one], staff_id)
    if rows:
        session.execute(insert(Proof), rows)
        proof_revisions.grow(session, subject.campaign_id)
        about = {"count": len(rows), "first": rows[0]["number"], "last": rows[-1]["number"]}
        _record(session, subject, "proof.issue", staff_id, about)
    return len(rows)


def _refuse_cleared(session: WriterSession, subject: Subject) -> None:
    if _is_purged_since(session, subject):
        raise EventCleared(subject.event_id)


def _is_purged_since(session: WriterSession, subject: Subject) -> bool:
    known = [event.id for event in subject.events if event.purged_at is None]
    purged = select(Event.id).where(Event.id.in_(known), Event.purged_at.is_not(None))
    return session.scalar(purged.limit(1)) is not None


def _rows(
    session: WriterSession, subject: Subject, people: Iterable[Attendee], staff_id: int | None
) -> list[dict[str, Any]]:
    """Return the rows to insert, numbered on; the caller holds the campaign's lock."""
    now = utcnow()
    prefix = f"{subject.campaign_code}-{now.astimezone(subject.events[0].zone).year}-"
    last = session.scalar(
        select(Proof.number)
        .where(Proof.campaign_id == subject.campaign_id, Proof.number.startswith(prefix, autoescape=True))
        .order_by(func.length(Proof.number).desc(), Proof.number.desc())
        .limit(1)
    )
    first = 1 if last is None else int(last.removeprefix(prefix)) + 1
    return [
        {
            "code": new_code(VERIFY_LENGTH),
            "number": f"{prefix}{number:04}",
            "campaign_id": subject.campaign_id,
            "participant_id": person.participant_id,
            "event_id": subject.event_id,
            "series_id": subject.series_id,
            "name": person.name,
            "organisation_name": person.organisation_name,
            "title": subject.title[:TITLE],
            "hours": person.hours,
            "issued_by": audit.of_staff(staff_id),
            "issued_at": now,
        }
        for number, person in enumerate(people, start=first)
    ]


def _proved(session: WriterSession, subject: Subject, participant_ids: Collection[int]) -> set[int]:
    statement = select(Proof.participant_id).where(
        subject.is_proved_by(), Proof.voided_at.is_(None), Proof.participant_id.in_(participant_ids)
    )
    return set(session.scalars(statement))


def _proof(session: WriterSession, subject: Subject, proof_id: int) -> Proof:
    proof = session.scalar(select(Proof).where(Proof.id == proof_id, subject.is_shown_with()).with_for_update())
    if proof is None:
        raise Unknown("proof", proof_id)
    return proof


def _void(session: WriterSession, subject: Subject, proof: Proof, reason: str, staff_id: int | None) -> None:
    reason = clean(reason)[:200]
    if not reason:
        raise Refused("no_reason")
    if proof.voided_at is not None:
        return
    proof.voided_at, proof.void_reason = utcnow(), reason
    proof_revisions.grow(session, subject.campaign_id)
    name = mask_name(proof.name or "")
    audit.record_row(session, audit.of_staff(staff_id), "proof.void", proof, number=proof.number, name=name)


def _record(
    session: WriterSession, subject: Subject, action: str, staff_id: int | None, changed: dict[str, Any]
) -> None:
    actor = audit.of_staff(staff_id)
    audit.record(session, actor, action, event_id=subject.event_id, subject=_name(subject), changed=changed)


def _name(subject: Subject) -> str:
    return f"series:{subject.series_id}" if subject.series_id is not None else f"event:{subject.event_id}"

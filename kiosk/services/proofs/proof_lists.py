"""The proofs of a subject as its page lists them, each compared with what is known now."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, or_, select

from kiosk.extensions import db
from kiosk.models import Proof, SignIn
from kiosk.services.pages import Page, cut, page_of
from kiosk.services.people import searching
from kiosk.services.people.searching import Hidden
from kiosk.services.proofs import subjects
from kiosk.services.proofs.subjects import Attendee, Subject
from kiosk.services.store.rows import values_for

FOUND = 50  # rows of a page
OF_NUMBER = 4  # characters of a number that mean it
Difference = Literal["name", "organisation", "hours", "gone", "cleared"]


@dataclass(frozen=True)
class ProofRow:
    """One proof. `difference` says what it shows otherwise than the list now: `now` is that value."""

    id: int
    number: str
    code: str
    name: str | None
    organisation_name: str | None
    hours: float | None
    is_of_series: bool
    issued_at: datetime
    voided_at: datetime | None
    void_reason: str | None
    difference: Difference | None = None
    now: str | float | None = None


def search(
    subject: Subject,
    *,
    words: str = "",
    is_void: bool = False,
    page: int = 1,
    hidden: Hidden = "nobody",
    event_ids: Collection[int] | None = None,
) -> Page[ProofRow]:
    """Return a page of proofs in the order of their numbers, valid or void ones.

    Of `event_ids` only, when given: the proofs of people who came to one of these.
    `words` mean people as in every list, part of what the proof itself says, its number or its code.
    """
    state = Proof.voided_at.is_not(None) if is_void else Proof.voided_at.is_(None)
    statement = select(Proof).where(subject.is_shown_with(), state, *_meant(subject, words, hidden))
    if event_ids is not None and len(event_ids) < len(subject.events):
        came = select(SignIn.participant_id).where(SignIn.event_id.in_(event_ids))
        statement = statement.where(Proof.participant_id.in_(came))
    # As they were made, which is the order of their numbers, and that of the index on the event.
    statement = cut(statement.order_by(Proof.id), FOUND, page)
    proofs = page_of(db.session.scalars(statement).all(), FOUND, page)
    return proofs.having(_compared(subject, proofs.rows))


def one(subject: Subject, proof_id: int) -> ProofRow | None:
    """Return one proof of the subject, or None."""
    statement = select(Proof).where(Proof.id == proof_id, subject.is_shown_with())
    rows = db.session.scalars(statement).all()
    return next(iter(_compared(subject, rows)), None)


def _meant(subject: Subject, words: str, hidden: Hidden) -> list[Any]:
    event_ids = [event.id for event in subject.events]

    def is_meant(text: str) -> ColumnElement[bool]:
        is_theirs = searching.is_sign_in_meant(event_ids, text, hidden)
        # Fewer characters stand in every number of a campaign by chance: it begins with a code.
        is_numbered = [Proof.number.contains(text.upper(), autoescape=True)] if len(text) >= OF_NUMBER else []
        return or_(
            Proof.participant_id.in_(select(SignIn.participant_id).where(SignIn.event_id.in_(event_ids), is_theirs)),
            Proof.name.contains(text, autoescape=True) if hidden == "nobody" else Proof.name == text,
            Proof.organisation_name.contains(text, autoescape=True),
            Proof.code == text.upper(),
            *is_numbered,
        )

    return searching.all_meant(words, is_meant)


def _compared(subject: Subject, rows: Sequence[Proof]) -> tuple[ProofRow, ...]:
    own = [row for row in rows if row.series_id == subject.series_id]
    known = subjects.attendees(subject, {row.participant_id for row in own if row.voided_at is None})
    return tuple(_row(row, known.get(row.participant_id), is_own=row in own) for row in rows)


def _row(proof: Proof, person: Attendee | None, *, is_own: bool) -> ProofRow:
    difference, now = _difference(proof, person) if is_own and proof.voided_at is None else (None, None)
    is_of_series = proof.series_id is not None
    return ProofRow(**values_for(ProofRow, proof), is_of_series=is_of_series, difference=difference, now=now)


def _difference(proof: Proof, person: Attendee | None) -> tuple[Difference | None, str | float | None]:
    """Say what the proof shows otherwise than the list; what was cleared by a purge differs from nothing."""
    if proof.name is None:
        return "cleared", None
    if person is None:
        return "gone", None
    if not person.name:
        return None, None
    if person.name != proof.name:
        return "name", person.name
    if person.organisation_name != proof.organisation_name:
        return "organisation", person.organisation_name
    if person.hours != proof.hours:
        return "hours", person.hours
    return None, None

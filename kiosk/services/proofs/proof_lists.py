"""The proofs of a subject as its page lists them, each compared with what is known now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func, or_, select

from kiosk.extensions import db
from kiosk.models import Participant, Proof
from kiosk.services.names import clean, key_of
from kiosk.services.proofs import subjects
from kiosk.services.proofs.subjects import Attendee, Subject

FOUND = 50  # rows of a page
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


@dataclass(frozen=True)
class Found:
    """One page of rows; `has_more` says that there is another."""

    rows: tuple[ProofRow, ...]
    has_more: bool


def search(subject: Subject, *, words: str = "", is_void: bool = False, offset: int = 0) -> Found:
    """Return up to FOUND proofs by number, valid or void ones; `words` is part of a name, organisation or number."""
    state = Proof.voided_at.is_not(None) if is_void else Proof.voided_at.is_(None)
    statement = select(Proof).where(subject.is_shown_with(), state, *_meant(words))
    statement = statement.order_by(func.length(Proof.number), Proof.number).offset(offset).limit(FOUND + 1)
    rows = db.session.scalars(statement).all()
    return Found(_compared(subject, rows[:FOUND]), has_more=len(rows) > FOUND)


def one(subject: Subject, proof_id: int) -> ProofRow | None:
    """Return one proof of the subject, or None."""
    statement = select(Proof).where(Proof.id == proof_id, subject.is_shown_with())
    rows = db.session.scalars(statement).all()
    return next(iter(_compared(subject, rows)), None)


def count_void(subject: Subject) -> int:
    """Return how many of the subject's proofs are void."""
    statement = select(func.count()).select_from(Proof).where(subject.is_shown_with(), Proof.voided_at.is_not(None))
    return db.session.scalar(statement) or 0


def _meant(words: str) -> list[Any]:
    words = clean(words)[:120]
    if not words:
        return []
    of_them = select(Participant.id).where(Participant.name_key.contains(key_of(words), autoescape=True))
    return [
        or_(
            Proof.name.contains(words, autoescape=True),
            Proof.participant_id.in_(of_them),
            Proof.organisation_name.contains(words, autoescape=True),
            Proof.number.contains(words.upper(), autoescape=True),
            Proof.code == words.upper(),
        )
    ]


def _compared(subject: Subject, rows: Sequence[Proof]) -> tuple[ProofRow, ...]:
    own = [row for row in rows if row.series_id == subject.series_id]
    known = subjects.attendees(subject, {row.participant_id for row in own if row.voided_at is None})
    return tuple(_row(row, known.get(row.participant_id), is_own=row in own) for row in rows)


def _row(proof: Proof, person: Attendee | None, *, is_own: bool) -> ProofRow:
    difference, now = _difference(proof, person) if is_own and proof.voided_at is None else (None, None)
    return ProofRow(
        id=proof.id,
        number=proof.number,
        code=proof.code,
        name=proof.name,
        organisation_name=proof.organisation_name,
        hours=proof.hours,
        is_of_series=proof.series_id is not None,
        issued_at=proof.issued_at,
        voided_at=proof.voided_at,
        void_reason=proof.void_reason,
        difference=difference,
        now=now,
    )


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

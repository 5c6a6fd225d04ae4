"""How far the proofs of a subject are: how many are valid, and how many may still be made.

What is counted of proofs is kept until one of the campaign changes (services/event/proof_revisions); who still waits
for one is brought forward as people come (services/event/brought_forward).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import astuple, dataclass
from functools import partial
from typing import Any, TypeVar, cast

from sqlalchemy import Select, and_, case, func, or_, select

from kiosk.extensions import db, one_of_app
from kiosk.models import Proof
from kiosk.services.event import proof_revisions
from kiosk.services.event.brought_forward import Among, Sums, block_of, summed_each
from kiosk.services.proofs.subjects import Subject, people_waiting
from kiosk.services.proofs.whom import GROUPS, Group, marked_entries

EXTENSION = "kiosk_counted_proofs"
MOST = 500  # counts of one process
Value = TypeVar("Value")


@dataclass(frozen=True)
class Standing:
    """How far a subject's proofs are: valid ones and how many of them still have a name, those still to be made by
    group (whom.GROUPS), and minors that are left out of these."""

    issued: int = 0
    printable: int = 0
    students: int = 0
    enterprises: int = 0
    guests: int = 0
    staff: int = 0
    minors_waiting: int = 0

    @property
    def by_group(self) -> dict[Group, int]:
        """Return how many are still to be made, by group."""
        return dict(zip(GROUPS, (self.students, self.enterprises, self.guests, self.staff), strict=True))

    @property
    def waiting(self) -> int:
        """Return how many are still to be made, minors apart."""
        return sum(self.by_group.values())


def one(subject: Subject) -> Standing:
    """Return how many proofs there are and how many are still to be made; costs the same for every number of people."""
    return each([subject])[0]


def each(subjects: Sequence[Subject]) -> tuple[Standing, ...]:
    """Return the standing of each subject, asked together: a campaign of forty events costs a few statements."""
    rules = _rules(subjects)
    proofs = _kept("valid", rules, subjects, partial(_valid_proofs, subjects))
    marked = marked_entries([event.id for one in subjects for event in one.events])
    sums = []
    for subject, own in zip(subjects, rules, strict=True):
        ids = tuple(event.id for event in subject.events)
        marks = tuple(marked.get(event_id) for event_id in ids)
        sums.append(Sums("proofs", ids, partial(_waiting, subject), (own, marks)))
    return tuple(
        Standing(
            *(_of_part(subject) if subject.is_part else proofs.get((subject.event_id, subject.series_id), (0, 0))),
            *map(int, counts),
        )
        for subject, counts in zip(subjects, summed_each(sums), strict=True)
    )


def together(standings: Iterable[Standing]) -> Standing:
    """Return the sums of several standings."""
    rows = [astuple(one) for one in standings]
    return Standing(*map(sum, zip(*rows, strict=True))) if rows else Standing()


def count_void(subject: Subject) -> int:
    """Return how many of the subject's proofs are void."""
    rules = _rules([subject])
    return _kept("void", rules, [subject], partial(_count_void, subject))


def _rules(subjects: Sequence[Subject]) -> tuple[Hashable, ...]:
    """Return for each subject what its counts follow besides those who came: proofs, and the settings of its events."""
    revisions = {
        campaign_id: proof_revisions.of_campaign(campaign_id)
        for campaign_id in {subject.campaign_id for subject in subjects}
    }
    return tuple(
        (
            subject.campaign_id,
            revisions[subject.campaign_id],
            subject.series_id,
            subject.is_part,
            tuple((event.id, event.settings_version) for event in subject.events),
        )
        for subject in subjects
    )


def _kept(name: str, rules: Hashable, subjects: Sequence[Subject], read: Callable[[], Value]) -> Value:
    """Return what `read` counts of proofs, or what it did by the same rules. Who else came decides it of a part."""
    if any(subject.is_part for subject in subjects):
        return read()
    counted: dict[Hashable, Any] = one_of_app(EXTENSION, dict)
    if (name, rules) not in counted:
        value = read()
        if len(counted) >= MOST:
            counted.clear()
        counted[name, rules] = value
        return value
    return cast(Value, counted[name, rules])


def _count_void(subject: Subject) -> int:
    statement = select(func.count()).select_from(Proof).where(subject.is_shown_with(), Proof.voided_at.is_not(None))
    return db.session.scalar(statement) or 0


def _of_part(subject: Subject) -> tuple[int, int]:
    """Return what _valid_proofs does, for a part of a series."""
    statement = select(func.count(), func.count(Proof.name)).where(subject.is_proved_by(), Proof.voided_at.is_(None))
    count, named = db.session.execute(statement).one()
    return count, named


def _valid_proofs(subjects: Sequence[Subject]) -> dict[tuple[int | None, int | None], tuple[int, int]]:
    """Return how many valid proofs an event or a series has, and how many of them still have a name."""
    of_them = or_(
        Proof.event_id.in_([one.event_id for one in subjects if one.event_id is not None]),
        Proof.series_id.in_([one.series_id for one in subjects if one.series_id is not None]),
    )
    statement = (
        select(Proof.event_id, Proof.series_id, func.count(), func.count(Proof.name))
        .where(of_them, Proof.voided_at.is_(None))
        .group_by(Proof.event_id, Proof.series_id)
    )
    rows = db.session.execute(statement)
    return {(event_id, series_id): (count, named) for event_id, series_id, count, named in rows}


def _waiting(subject: Subject, among: Among) -> Select[Any]:
    """Select how many may have a proof and have none, group by group, and then minors."""
    people = people_waiting(subject, among.condition).subquery()
    block = block_of(people.c.participant_id)
    is_of = (and_(people.c.is_minor == 0, people.c.group_number == one) for one in range(1, len(GROUPS) + 1))
    counts = (func.sum(case((condition, 1), else_=0)) for condition in is_of)
    return select(block, *counts, func.sum(people.c.is_minor)).select_from(people).group_by(block)

"""An event that is put into another campaign takes its people along: participants belong to one campaign.

Without that the report would count them twice, their proofs and a second sign-in would not find them, and a purge of
the event would leave them behind in the campaign that it was in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, insert, select, update
from sqlalchemy.orm import aliased

from kiosk.models import Organisation, Participant, Proof, SignIn
from kiosk.services.pages import parts
from kiosk.services.store.writer import WriterSession

AT_ONCE = 500  # values in one IN
COPIED = tuple(column.name for column in Participant.__table__.columns if column.name not in ("id", "campaign_id"))
Mark = tuple[str, Any, Any]


def take_people_along(session: WriterSession, event_id: int, campaign_id: int) -> None:
    """Make whoever signed in at this event a participant of this campaign, as if it had always belonged to it.

    Who is known there (participants.match, rules 2 and 3) is that person from now on; who is needed where they were
    is copied; anybody else moves. One unit of work with the event's own change: half a move would count falsely.
    """
    has_come = select(SignIn.participant_id).where(SignIn.event_id == event_id)
    coming = _people(session, Participant.id.in_(has_come), Participant.campaign_id != campaign_id)
    if not coming:
        return
    needed = _needed_elsewhere(session, event_id, [one.id for one in coming])
    known = _known(session, campaign_id, coming)
    becomes: dict[int, int] = {}
    for one in coming:
        there = next((known[mark] for mark in _marks(one) if mark in known), None)
        if there is not None and there not in becomes.values():
            becomes[one.id] = there
        elif there is not None or one.id in needed:
            becomes[one.id] = _copy(session, one, campaign_id, is_marked=there is None)
    staying = [one.id for one in coming if one.id not in becomes]
    for ids in parts(staying, AT_ONCE):
        moved = update(Participant).where(Participant.id.in_(ids)).values(campaign_id=campaign_id)
        session.execute(moved.execution_options(synchronize_session=False))
    _point_to(session, event_id, becomes)
    for ids in parts([one for one in becomes if one not in needed], AT_ONCE):
        gone = delete(Participant).where(Participant.id.in_(ids))
        session.execute(gone.execution_options(synchronize_session=False))


def _people(session: WriterSession, *conditions: ColumnElement[bool]) -> Sequence[Any]:
    """Return participants, each with the root of their organisation."""
    own = aliased(Organisation)
    statement = select(*Participant.__table__.columns, own.root).where(*conditions)
    statement = statement.join(own, own.id == Participant.organisation_id, isouter=True)
    return session.execute(statement.order_by(Participant.id)).all()


def _needed_elsewhere(session: WriterSession, event_id: int, ids: Sequence[int]) -> set[int]:
    """Return who also came to another event, or has a proof that is not this event's."""
    needed: set[int] = set()
    for part in parts(ids, AT_ONCE):
        came = select(SignIn.participant_id).where(SignIn.participant_id.in_(part), SignIn.event_id != event_id)
        proved = select(Proof.participant_id).where(
            Proof.participant_id.in_(part), Proof.event_id.is_distinct_from(event_id)
        )
        needed.update(session.scalars(came.union(proved)))
    return needed


def _known(session: WriterSession, campaign_id: int, coming: Sequence[Any]) -> dict[Mark, int]:
    """Return who is known in the campaign under a mark of somebody who comes."""
    by_mark: dict[Mark, int] = {}
    for column in (Participant.mobile, Participant.student_no):
        values = {getattr(one, column.key) for one in coming} - {None}
        for part in parts(sorted(values), AT_ONCE):
            for one in _people(session, Participant.campaign_id == campaign_id, column.in_(part)):
                for mark in _marks(one):
                    by_mark.setdefault(mark, one.id)
    return by_mark


def _marks(one: Any) -> Iterator[Mark]:
    """Yield by what somebody is known (participants.match, rules 2 and 3); a school is whatever it was merged into."""
    if one.mobile is not None:
        yield "mobile", one.mobile, one.name_key
    if one.student_no is not None and one.organisation_id is not None:
        yield "student", one.student_no, one.root


def _copy(session: WriterSession, one: Any, campaign_id: int, *, is_marked: bool) -> int:
    """Make somebody anew in the campaign; without the marks when these are another's there, whom two would become."""
    values = {name: getattr(one, name) for name in COPIED}
    if not is_marked:
        values |= {"mobile": None, "student_no": None}
    made = insert(Participant).values(**values, campaign_id=campaign_id).returning(Participant.id)
    return session.execute(made).scalar_one()


def _point_to(session: WriterSession, event_id: int, becomes: dict[int, int]) -> None:
    """Let the event's sign-ins and its own proofs name who somebody has become."""
    values = [{"was": was, "is_now": is_now} for was, is_now in becomes.items()]
    for model in (SignIn, Proof) if values else ():
        table: Any = model.__table__
        of_event = (table.c.event_id == event_id, table.c.participant_id == bindparam("was"))
        session.connection().execute(update(table).where(*of_event).values(participant_id=bindparam("is_now")), values)

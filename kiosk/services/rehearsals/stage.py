"""The stage of a rehearsal: a clone of the event in a campaign of its own, in no list, and its clearing away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, delete, exists, select, update

from kiosk.clock import utcnow
from kiosk.extensions import Base, db
from kiosk.models import Event, Organisation, Participant, Proof, SignIn
from kiosk.services.event import campaigns, events
from kiosk.services.event.event_views import EventView
from kiosk.services.rehearsals import crowd
from kiosk.services.store.rows import values_for
from kiosk.services.store.writer import WriterSession, no_event, unit

CHUNK = 50  # rows a unit of work: some milliseconds, so that the door never waits for it
LONGEST = 200  # characters of a title


def set_up(session: WriterSession, source: EventView, seconds: int, owner_id: int) -> Event:
    """Make the clone, open now: the same fields, kinds, capacity and rules, nobody of the roster.

    It begins within its `seconds` (crowd.STARTS_AT), so that some come late.
    """
    now = utcnow()
    campaign = campaigns.CampaignDraft(**values_for(campaigns.CampaignDraft, source))
    draft = replace(
        events.draft_of(source),
        title=f"演练：{source.title}"[:LONGEST],
        title_alt=f"Rehearsal: {source.title_alt or source.title}"[:LONGEST],
        campaign_id=campaigns.add(session, campaign, is_default=False),
        series_id=None,
        starts_at=crowd.start_of(now, seconds),
        ends_at=None,
        opens_at=None,
        closes_at=None,
        retention_days=None,
        rotate_seconds=None,  # its people see no screen
        outcome=None,
        outcome_alt=None,
    )
    return events.add(session, draft, owner_id=owner_id, notice_id=source.notice_id, is_rehearsal=True)


@unit(event=no_event)
def set_door(session: WriterSession, /, event_id: int, **times: datetime) -> None:
    """Write when the clone begins, or that its sign-in is closed: who still has its page open is told so."""
    row = update(Event).where(Event.id == event_id)
    session.execute(row.values(settings_version=Event.settings_version + 1, **times))


def clear(code: str, *, since: datetime) -> None:
    """Delete the clone with everything that hangs on it and what was typed at its door since then, in small units of
    work; safe to repeat after a kill."""
    event = db.session.scalar(select(Event).where(Event.code == code))
    # is_rehearsal once more: whatever the task may say, no other event is ever cleared here.
    roots = {"event": event.id, "campaign": event.campaign_id} if event is not None and event.is_rehearsal else {}
    if roots:
        _delete_in_chunks(SignIn, SignIn.event_id == roots["event"])
        _delete_in_chunks(Proof, Proof.campaign_id == roots["campaign"])
        _delete_in_chunks(Participant, Participant.campaign_id == roots["campaign"])
    _delete_rest(roots, since)


@unit
def _delete_rest(session: WriterSession, roots: dict[str, int], since: datetime) -> None:
    _delete_under(session, roots)
    _delete_organisations(session, since)


def _delete_in_chunks(model: Any, condition: ColumnElement[bool]) -> None:
    while _delete_chunk(model, condition) == CHUNK:
        pass


@unit
def _delete_chunk(session: WriterSession, model: Any, condition: ColumnElement[bool]) -> int:
    ids = session.scalars(select(model.id).where(condition).limit(CHUNK)).all()
    session.execute(delete(model).where(model.id.in_(ids)))
    return len(ids)


def _delete_under(session: WriterSession, roots: dict[str, int]) -> None:
    """Delete the rows that point to these rows, whatever table they stand in, and then these rows."""
    for table in reversed(Base.metadata.sorted_tables):
        for name, number in roots.items():
            for column in _pointing_to(table, name):
                session.execute(delete(table).where(column == number))
    for name, number in roots.items():
        table = Base.metadata.tables[name]
        session.execute(delete(table).where(table.c.id == number))


def _delete_organisations(session: WriterSession, since: datetime) -> None:
    """Delete what was typed at the door since then and nobody points to any more."""
    pointing = [
        exists().where(column == Organisation.id)
        for table in Base.metadata.sorted_tables
        if table.name != Organisation.__tablename__
        for column in _pointing_to(table, Organisation.__tablename__)
    ]
    known = select(Organisation.merged_into_id).where(Organisation.merged_into_id.is_not(None))
    session.execute(
        delete(Organisation)
        .where(Organisation.created_at >= since, ~Organisation.is_listed, Organisation.id.not_in(known))
        .where(*(~points for points in pointing))
        .execution_options(synchronize_session=False)
    )


def _pointing_to(table: Table, name: str) -> Iterator[Column[Any]]:
    target = Base.metadata.tables[name].c.id
    return (column for column in table.columns if column.references(target))

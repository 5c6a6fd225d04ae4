"""The stage of a rehearsal: a clone of the event in a campaign of its own, in no list, and its clearing away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, delete, exists, select

from kiosk.clock import utcnow
from kiosk.extensions import Base
from kiosk.models import Campaign, Event, Organisation, Participant, Proof, Rehearsal, SignIn
from kiosk.services.event import campaigns, event_views, events
from kiosk.services.event.event_views import EventView
from kiosk.services.rehearsals import crowd
from kiosk.services.store.writer import WriterSession, no_event, unit

CHUNK = 50  # rows a unit of work: some milliseconds, so that the door never waits for it
ENDED_EARLY = ("stopped", "failed")
LONGEST = 200  # characters of a title


def set_up(session: WriterSession, source: EventView, seconds: int, owner_id: int) -> Event:
    """Make the clone, open now: the same fields, kinds, capacity and rules, nobody of the roster.

    It begins within its `seconds` (crowd.STARTS_AT), so that some come late.
    """
    now = utcnow()
    campaign = Campaign(
        code=campaigns.free_code(session),
        title=source.title,
        title_alt=source.title_alt,
        host=source.host,
        host_alt=source.host_alt,
        palette=source.palette,
        is_default=False,
        created_at=now,
    )
    session.add(campaign)
    session.flush()
    draft = replace(
        events.draft_of(source),
        title=f"演练：{source.title}"[:LONGEST],
        title_alt=f"Rehearsal: {source.title_alt or source.title}"[:LONGEST],
        campaign_id=campaign.id,
        series_id=None,
        starts_at=crowd.start_of(now, seconds),
        ends_at=None,
        opens_at=None,
        closes_at=None,
        retention_days=None,
        outcome=None,
        outcome_alt=None,
    )
    return events.add(session, draft, owner_id=owner_id, notice_id=source.notice_id, is_rehearsal=True)


def close_door(event_id: int) -> None:
    """Close the clone's sign-in: who still has its page open is told so."""
    if (code := _close(event_id)) is not None:
        event_views.forget(code)


@unit(event=no_event)
def _close(session: WriterSession, event_id: int) -> str | None:
    event = session.get(Event, event_id)
    if event is None:
        return None
    event.closed_by_hand_at = utcnow()
    event.settings_version += 1
    return event.code


def clear(rehearsal_id: int, *, last_state: str) -> None:
    """Delete the clone with everything that hangs on it, in small units of work; safe to repeat after a kill.

    The row of the rehearsal stays, in `last_state` unless it was stopped by hand or given up before.
    """
    event_id, campaign_id = _ids(rehearsal_id)
    if event_id is not None:
        _delete_in_chunks(SignIn, SignIn.event_id == event_id)
        _delete_in_chunks(Proof, Proof.campaign_id == campaign_id)
        _delete_in_chunks(Participant, Participant.campaign_id == campaign_id)
    _delete_rest(rehearsal_id, event_id, campaign_id, last_state)


@unit(event=no_event)
def _delete_rest(
    session: WriterSession, rehearsal_id: int, event_id: int | None, campaign_id: int | None, last_state: str
) -> None:
    rehearsal = session.get_one(Rehearsal, rehearsal_id)
    if event_id is not None:
        _delete_under(session, {"event": event_id, "campaign": campaign_id})
    _delete_organisations(session, rehearsal.started_at)
    rehearsal.event_id = None
    rehearsal.ended_at = rehearsal.ended_at or utcnow()
    rehearsal.state = rehearsal.state if rehearsal.state in ENDED_EARLY else last_state


@unit
def _ids(session: WriterSession, rehearsal_id: int) -> tuple[int | None, int | None]:
    rehearsal = session.get_one(Rehearsal, rehearsal_id)
    # is_rehearsal once more: whatever the row may say, no other event is ever cleared here.
    statement = select(Event).where(Event.id == rehearsal.event_id, Event.is_rehearsal)
    event = session.scalar(statement)
    return (None, None) if event is None else (event.id, event.campaign_id)


def _delete_in_chunks(model: Any, condition: ColumnElement[bool]) -> None:
    while _delete_chunk(model, condition) == CHUNK:
        pass


@unit
def _delete_chunk(session: WriterSession, model: Any, condition: ColumnElement[bool]) -> int:
    ids = session.scalars(select(model.id).where(condition).limit(CHUNK)).all()
    session.execute(delete(model).where(model.id.in_(ids)))
    return len(ids)


def _delete_under(session: WriterSession, roots: dict[str, Any]) -> None:
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

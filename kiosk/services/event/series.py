"""Series: a name that ties half-days or stops of one campaign, for hours and proofs that count them together.

Whoever sees or issues proofs of a series needs the right to each of its events. So a name alone ties nothing: events
are of one series when whoever owns one may run the other; a stranger's of the same name is of another series.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol, TypeVar

from sqlalchemy import select, update

from kiosk.extensions import db
from kiosk.models import Campaign, Event, EventShare, Series, Staff
from kiosk.services.names import clean, key_of
from kiosk.services.store.writer import WriterSession, unit


class Owned(Protocol):
    """An event with whom it belongs to."""

    @property
    def id(self) -> int: ...  # noqa: D102

    @property
    def owner_id(self) -> int | None: ...  # noqa: D102


Tied = TypeVar("Tied", bound=Owned)


def titles(campaign_id: int) -> dict[int, str]:
    """Return the titles of a campaign's series that tie at least one event, by id, in the order of their making."""
    in_use = select(Event.series_id).where(Event.series_id.is_not(None))
    statement = select(Series.id, Series.title).where(Series.campaign_id == campaign_id, Series.id.in_(in_use))
    return dict(db.session.execute(statement.order_by(Series.id)).tuples().all())


def title_of(series_id: int | None) -> str | None:
    """Return a series' title, or None."""
    return None if series_id is None else db.session.scalar(select(Series.title).where(Series.id == series_id))


def ensure(campaign_id: int, title: str | None) -> int | None:
    """Return the id of the campaign's series of this name, making it when there is none; None for an empty name.

    Names padded for looks, or in another width, are one name (names.key_of).
    """
    title = clean(title or "")[:200]
    return of_title(campaign_id, title) if title else None


@unit
def of_title(session: WriterSession, campaign_id: int, title: str) -> int:
    """Return a series of this name (ensure), within a unit of work."""
    lock(session, campaign_id)
    for series in session.scalars(select(Series).where(Series.campaign_id == campaign_id).order_by(Series.id)):
        if key_of(series.title) == key_of(title):
            return series.id
    return _make(session, campaign_id, title)


def lock(session: WriterSession, campaign_id: int) -> None:
    """Let one unit of work at a time make what is numbered or named within a campaign.

    On PostgreSQL a row lock that lets sign-ins refer to the campaign meanwhile; SQLite has one writer anyway.
    """
    session.execute(select(Campaign.id).where(Campaign.id == campaign_id).with_for_update(key_share=True))


def joined(
    session: WriterSession, event: Event, series_id: int | None, *, campaign_id: int, staff_id: int | None
) -> int | None:
    """Return the series that an event joins when this one is wanted for it: this one, or the one of the same name that
    it may be in, made when there is none. `staff_id` is who ties it; None is the command line, which may all.

    The one that it is in stays, whatever was shared since.
    """
    wanted = None if series_id is None else session.get(Series, series_id)
    if wanted is None:
        return None
    lock(session, campaign_id)
    of_campaign = select(Series).where(Series.campaign_id == campaign_id).order_by(Series.id)
    named = [one for one in session.scalars(of_campaign) if key_of(one.title) == key_of(wanted.title)]
    if event.series_id in [one.id for one in named]:
        return event.series_id
    for one in sorted(named, key=lambda each: each.id != series_id):
        if _may_join(session, event, one, {event.owner_id, staff_id}):
            return one.id
    return _make(session, campaign_id, wanted.title)


def parted(tied: Sequence[Tied]) -> tuple[tuple[Tied, ...], ...]:
    """Part the events of one series into those whose owners may run each other's, in their order.

    A series may hold a stranger's: tied before the right was asked for, or while it was shared. They count together
    only as long as nobody who owns one would be shut out of the own proofs by the other.
    """
    owners = {event.owner_id for event in tied}
    if len(owners) < 2:
        return (tuple(tied),)
    shares = select(EventShare.event_id, EventShare.staff_id).where(EventShare.event_id.in_([one.id for one in tied]))
    shared = set(db.session.execute(shares).tuples())
    all_rights = {
        None,
        *db.session.scalars(select(Staff.id).where(Staff.id.in_(owners - {None}), Staff.role == "admin")),
    }

    def runs(staff_id: int | None, event: Tied) -> bool:
        return staff_id in all_rights or staff_id == event.owner_id or (event.id, staff_id) in shared

    groups: list[list[Tied]] = []
    for event in tied:
        fitting = (g for g in groups if all(runs(event.owner_id, o) and runs(o.owner_id, event) for o in g))
        group = next(fitting, None)
        if group is None:
            groups.append([event])
        else:
            group.append(event)
    return tuple(map(tuple, groups))


def part_off(session: WriterSession, campaign_id: int, series_id: int, event_ids: Collection[int]) -> int:
    """Give a part of a series' events a series of their own, of the same name, and return its id.

    The caller holds the campaign's lock.
    """
    made = _make(session, campaign_id, session.get_one(Series, series_id).title)
    moved = update(Event).where(Event.id.in_(event_ids), Event.series_id == series_id)
    values = {"series_id": made, "settings_version": Event.settings_version + 1}
    session.execute(moved.values(values).execution_options(synchronize_session=False))
    return made


def _may_join(session: WriterSession, event: Event, series: Series, people: Collection[int | None]) -> bool:
    """Say whether these people run every event of the series, and its owners the one that joins."""
    tied = session.scalars(select(Event).where(Event.series_id == series.id, Event.id != event.id))
    return all(
        _runs(session, other.owner_id, event) and all(_runs(session, person, other) for person in people)
        for other in tied
    )


def _runs(session: WriterSession, staff_id: int | None, event: Event) -> bool:
    """Say whether somebody runs an event, as event_access.may_run does; nobody's events are the admins'."""
    if staff_id is None or staff_id == event.owner_id:
        return True
    person = session.get(Staff, staff_id)
    is_admin = person is not None and person.role == "admin"
    return is_admin or session.get(EventShare, (event.id, staff_id)) is not None


def _make(session: WriterSession, campaign_id: int, title: str) -> int:
    made = Series(campaign_id=campaign_id, title=title)
    session.add(made)
    session.flush()
    return made.id

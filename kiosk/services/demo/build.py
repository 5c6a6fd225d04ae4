"""Building the demo: through the services that every door uses, with the clock set back to when people came."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from flask import current_app

from kiosk.clock import freeze, utcnow
from kiosk.models import EventPulse, HandCounter, OrganisationAlias, Series
from kiosk.services.account import staff
from kiosk.services.codes import Ticket, new_token
from kiosk.services.demo import directory, programme
from kiosk.services.demo.attendance import DemoArrival, attendance, split_open
from kiosk.services.demo.expectations import Expectation, expectation
from kiosk.services.demo.programme import DemoEvent
from kiosk.services.event import campaigns, events
from kiosk.services.event.event_views import EventView
from kiosk.services.names import key_of
from kiosk.services.pages import parts
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.sign_in import organisations, sign_ins
from kiosk.services.sign_in.requests import SignInRequest
from kiosk.services.store.writer import WriterSession, no_event, unit

EMAIL = "demo@example.org"
BATCH = 25  # people a unit of work: some ten milliseconds
MADE_DAYS_AGO = 20
OPENS_BEFORE = timedelta(minutes=60)
CLOSES_AFTER = timedelta(minutes=30)
HERE_SINCE = timedelta(minutes=34)  # how long ago the first of the open event came


@dataclass(frozen=True)
class Demo:
    """What the launcher prints and what still happens: the log-in of this run, the open event, who is to come."""

    email: str
    password: str
    campaign_id: int
    open_code: str
    coming: tuple[DemoArrival, ...]


def build() -> Demo:
    """Build the Quality Month on an empty, migrated database. Takes about a second."""
    now = utcnow()
    zone = ZoneInfo(current_app.config["KIOSK"].timezone)
    password = secrets.token_urlsafe(9)
    people = attendance()
    coming: tuple[DemoArrival, ...] = ()
    with freeze(now - timedelta(days=MADE_DAYS_AGO)):
        owner = staff.add(EMAIL, "admin", password, "演示账号")
        campaign_id = _campaign(now.astimezone(zone), owner.id)
        _directory(people.district_of)
        series = _series(campaign_id)
    for sitting in programme.SITTINGS:
        start = _start(sitting, now.astimezone(zone))
        with freeze(now - timedelta(days=MADE_DAYS_AGO)):
            event = events.create(_draft(sitting, start, campaign_id, series), owner_id=owner.id)
        arrivals = people.by_sitting[sitting.key]
        _expect(event, expectation(sitting.key, arrivals), owner.id, now - timedelta(days=MADE_DAYS_AGO))
        if sitting.starts is None:
            arrivals, coming = split_open(arrivals)
            moments = _moments_until(now, len(arrivals))
            open_code = event.code
        else:
            moments = [start + timedelta(minutes=arrival.minutes) for arrival in arrivals]
        _sign_in_all(event, list(zip(moments, arrivals, strict=True)))
        _feel(event.id, moments, is_over=sitting.starts is not None)
        _count_by_hand(event.id, sitting)
    return Demo(EMAIL, password, campaign_id, open_code, coming)


def _campaign(today: datetime, owner_id: int) -> int:
    first = max(sitting.days_ago for sitting in programme.SITTINGS)
    draft = campaigns.CampaignDraft(
        **programme.CAMPAIGN,
        palette="ceremony",
        starts_on=(today - timedelta(days=first)).date(),
        ends_on=today.date(),
    )
    return campaigns.create(draft, owner_id=owner_id).id


def _directory(district_of: dict[str, str]) -> None:
    by_district = sorted(district_of, key=lambda name: district_of[name])
    for district, names in groupby(by_district, key=lambda name: district_of[name]):
        organisations.add_many(list(names), "enterprise", district)
    organisations.add_many([directory.MAYINGLONG], "enterprise", "武汉市")
    organisations.add_many([directory.SCHOOL], "school", "黄石港区")
    organisations.add_many(list(directory.AGENCIES), "agency")
    organisations.add_many([directory.STEEL_CENTRE, directory.BANK], "other")
    _add_aliases()


@unit
def _add_aliases(session: WriterSession) -> None:
    for alias, name in directory.ALIASES.items():
        root = organisations.find(session, key_of(name)).id
        session.add(OrganisationAlias(organisation_id=root, name=alias, name_key=key_of(alias)))


@unit
def _series(session: WriterSession, campaign_id: int) -> dict[str, int]:
    titles = dict.fromkeys(sitting.series for sitting in programme.SITTINGS if sitting.series)
    made = [Series(campaign_id=campaign_id, title=title) for title in titles]
    session.add_all(made)
    session.flush()
    return {one.title: one.id for one in made}


def _start(sitting: DemoEvent, now: datetime) -> datetime:
    """Return when a sitting starts; the open one within five minutes from now, and never tomorrow."""
    if sitting.starts is None:
        past = timedelta(minutes=now.minute % 5, seconds=now.second, microseconds=now.microsecond)
        soon = now - past + timedelta(minutes=5)
        return soon if soon.date() == now.date() else now - past
    day = (now - timedelta(days=sitting.days_ago)).date()
    return datetime.combine(day, time.fromisoformat(sitting.starts), now.tzinfo)


def _draft(sitting: DemoEvent, start: datetime, campaign_id: int, series: dict[str, int]) -> events.EventDraft:
    ends = min(start + timedelta(minutes=sitting.minutes), start.replace(hour=23, minute=59))  # also late at night
    return events.EventDraft(
        **sitting.settings,
        campaign_id=campaign_id,
        series_id=series.get(sitting.series or ""),
        starts_at=start,
        ends_at=ends,
        opens_at=start - OPENS_BEFORE,
        closes_at=ends + CLOSES_AFTER,
    )


def _expect(event: EventView, expected: Expectation | None, owner_id: int, moment: datetime) -> None:
    """Write the event's roster as its owner would have, with those who asked leave."""
    if expected is None:
        return
    actor = f"staff:{owner_id}"
    with freeze(moment):
        roster_writing.write(event.id, expected.rows, actor=actor)
        entries = rosters.entries(event.id)
        for place, reason in expected.excused:
            rosters.set_state(event.id, entries[place].id, "excuse", actor=actor, reason=reason)


def _moments_until(now: datetime, count: int) -> list[datetime]:
    """Return when those came who are here: ever more of them, the last a few seconds ago."""
    return [now - timedelta(seconds=8) - HERE_SINCE * (1 - (i + 1) / count) ** 1.6 for i in range(count)]


def _sign_in_all(event: EventView, arrivals: Sequence[tuple[datetime, DemoArrival]]) -> None:
    for some in parts(arrivals, BATCH):
        _sign_in_some(event, some)


@unit(event=lambda event, _arrivals: event.id)
def _sign_in_some(session: WriterSession, event: EventView, arrivals: Sequence[tuple[datetime, DemoArrival]]) -> None:
    for moment, arrival in arrivals:
        ticket = Ticket(event_id=event.id, issued_at=moment - timedelta(seconds=40), key=new_token())
        with freeze(moment):
            request = SignInRequest(event, ticket, arrival.details, method=arrival.method)
            sign_ins.sign_in.within(session, request)


@unit(event=no_event)
def _count_by_hand(session: WriterSession, event_id: int, sitting: DemoEvent) -> None:
    """Leave what staff counted at the event: leaflets, consultations."""
    counted = (HandCounter(event_id=event_id, label=a, label_alt=b, count=count) for a, b, count in sitting.counted)
    session.add_all(counted)


@unit(event=no_event)
def _feel(session: WriterSession, event_id: int, moments: Sequence[datetime], *, is_over: bool) -> None:
    """Leave the traces that phones leave; not at the open event, whose phone check waits for a real one."""
    pulse = session.get_one(EventPulse, event_id)
    pulse.opened, pulse.finished = len(moments) + len(moments) // 25, len(moments)
    if is_over:
        pulse.first_phone_at, pulse.last_phone_at = moments[0], moments[-1]

"""Series: named in an event's settings, kept by clones, summed over their events."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

from flask import Flask

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Series
from kiosk.services.audit_log import audit
from kiosk.services.door import corrections
from kiosk.services.event import campaigns, event_access, events, series
from kiosk.services.event.campaigns import CampaignDraft
from kiosk.services.hours import hours_changes
from kiosk.services.proofs import standings, subjects
from tests.aids.factories import enterprise, guest, make_event, make_staff, sign_in

HALF_DAY = timedelta(hours=4)


def in_series(campaign_id: int, series_id: int | None, days: int, **changes: object) -> events.EventView:
    start = utcnow() - timedelta(days=days)
    given = {"campaign_id": campaign_id, "series_id": series_id, "starts_at": start, "ends_at": start + HALF_DAY}
    return make_event(**{**given, "credited_hours": 4.0, **changes})


def test_one_name_is_one_series_of_its_campaign(both_app: Flask) -> None:
    first, other = campaigns.create(CampaignDraft("质量月")), campaigns.create(CampaignDraft("计量日"))
    made = series.ensure(first.id, "首席质量官培训")
    assert made is not None and series.ensure(first.id, " 首席质量官　培训 ") == made
    assert series.ensure(other.id, "首席质量官培训") != made
    assert series.ensure(first.id, "") is None and series.ensure(first.id, None) is None
    assert series.titles(first.id) == {}, "only those that tie an event are offered"
    in_series(first.id, made, 1)
    assert series.titles(first.id) == {made: "首席质量官培训"} and series.title_of(made) == "首席质量官培训"


def test_two_who_name_one_series_at_once_make_one(both_app: Flask) -> None:
    campaign = campaigns.create(CampaignDraft("质量月"))
    start, ids = threading.Barrier(4), []

    def name_it() -> None:
        with both_app.app_context():
            start.wait()
            ids.append(series.ensure(campaign.id, "首席质量官培训"))
            db.session.remove()

    threads = [threading.Thread(target=name_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(ids)) == 1 and len(ids) == 4
    assert db.session.query(Series).count() == 1


def test_clones_stay_in_the_series(app: Flask) -> None:
    campaign = campaigns.create(CampaignDraft("质量月"))
    event = in_series(campaign.id, series.ensure(campaign.id, "巡回培训"), 3)
    assert events.clone(event.code, title="下陆区").series_id == event.series_id


def test_hours_of_a_series_are_the_sum_over_its_events(both_app: Flask) -> None:
    campaign = campaigns.create(CampaignDraft("质量月"))
    tied = series.ensure(campaign.id, "首席质量官培训")
    first, second = in_series(campaign.id, tied, 2), in_series(campaign.id, tied, 1, credited_hours=3.5)
    alone = in_series(campaign.id, None, 1)
    for event in (first, second, alone):
        sign_in(event, enterprise())
    late = sign_in(second, enterprise("李娜", mobile="13900139000")).sign_in_id
    hours_changes.set_hours(second.id, late, 0.0, "只到半小时", staff_id=None)
    subject = subjects.of_event(first)
    assert [event.id for event in subject.events] == [first.id, second.id] and subject.title == "首席质量官培训"
    assert subjects.of_event(second) == subject
    ids = subjects.waiting_ids(subject)
    (both,) = subjects.attendees(subject, ids).values()
    assert (both.name, both.hours, both.event_ids) == ("王强", 7.5, (first.id, second.id))
    (only,) = subjects.attendees(subjects.of_event(alone), ids).values()
    assert only.hours == 4.0


def test_a_void_takes_its_hours_out_of_the_sum(both_app: Flask) -> None:
    campaign = campaigns.create(CampaignDraft("质量月"))
    tied = series.ensure(campaign.id, "首席质量官培训")
    first, second = in_series(campaign.id, tied, 2), in_series(campaign.id, tied, 1)
    sign_in(first, enterprise())
    gone = sign_in(second, enterprise()).sign_in_id
    subject = subjects.of_event(first)
    (wang,) = subjects.waiting_ids(subject)
    corrections.void(gone, staff_id=None)
    db.session.rollback()
    assert subjects.attendees(subject, [wang])[wang].hours == 4.0
    corrections.restore(gone, staff_id=None)
    db.session.rollback()
    assert subjects.attendees(subject, [wang])[wang].hours == 8.0


def test_a_campaign_has_each_series_once_and_each_other_event_once(app: Flask) -> None:
    campaign = campaigns.create(CampaignDraft("质量月"))
    tied = series.ensure(campaign.id, "首席质量官培训")
    first = in_series(campaign.id, tied, 3)
    alone = in_series(campaign.id, None, 2, credited_hours=None)
    in_series(campaign.id, tied, 1)
    found = subjects.of_campaign(campaign.id)
    assert [(one.series_id, one.event_id, len(one.events)) for one in found] == [(tied, None, 2), (None, alone.id, 1)]
    assert [one.is_training for one in found] == [True, False]
    sign_in(first, guest("张爱国"))
    assert standings.one(found[0]).waiting == 1


def organiser(name: str) -> int:
    return make_staff("organiser", email=f"{name}@example.org").id


def owned(owner_id: int | None, series_id: int | None, **changes: object) -> events.EventView:
    given = {"title": "培训", "series_id": series_id, "credited_hours": 4.0, **changes}
    return events.create(events.EventDraft(**given), owner_id=owner_id, actor=audit.of_staff(owner_id))  # type: ignore[arg-type]


def named(event: events.EventView, title: str, staff_id: int) -> int | None:
    """Name an event's series as its settings do, and return the series it is in."""
    wanted = series.ensure(event.campaign_id, title)
    draft = replace(events.draft_of(events.get(event.code)), series_id=wanted)
    return events.update(event.code, draft, actor=audit.of_staff(staff_id)).series_id


def test_a_stranger_s_event_of_the_same_name_is_of_another_series(both_app: Flask) -> None:
    """Else whoever types a series' name reads its people, and shuts its owner out of the own proofs."""
    owner, stranger = organiser("owner"), organiser("stranger")
    tied = named(owned(owner, None), "首席质量官培训", owner)
    second = owned(owner, None)
    assert named(second, "首席质量官培训", owner) == tied
    theirs, again = owned(stranger, None), owned(stranger, None)
    other = named(theirs, " 首席质量官　培训", stranger)
    assert other not in (None, tied) and named(again, "首席质量官培训", stranger) == other, "theirs are tied as well"
    assert series.title_of(other) == "首席质量官培训"
    subject = subjects.of_event(events.get(second.code))
    assert {event.owner_id for event in subject.events} == {owner} and len(subject.events) == 2
    assert {event.owner_id for event in subjects.of_event(events.get(theirs.code)).events} == {stranger}


def test_no_door_ties_what_is_not_both_s(both_app: Flask) -> None:
    """A clone of a shared event, a draft that names a series by its id, one who runs only one of the two."""
    owner, guest_organiser = organiser("owner"), organiser("guest")
    first = owned(owner, None)
    tied = named(first, "两个半天", owner)
    event_access.share(first.id, "guest@example.org")
    clone = events.clone(first.code, owner_id=guest_organiser, actor=audit.of_staff(guest_organiser))
    assert clone.series_id not in (None, tied) and series.title_of(clone.series_id) == "两个半天"
    assert owned(guest_organiser, tied).series_id == clone.series_id
    hidden = owned(owner, None)
    event_access.share(hidden.id, "guest@example.org")
    named(owned(owner, None), "两个半天", owner)
    assert named(hidden, "两个半天", guest_organiser) != tied, "the guest does not run the third of them"


def test_two_who_share_both_ways_tie_their_events(both_app: Flask) -> None:
    first, second = organiser("first"), organiser("second")
    morning, afternoon = owned(first, None), owned(second, None)
    tied = named(morning, "两个半天", first)
    event_access.share(morning.id, "second@example.org")
    assert named(afternoon, "两个半天", second) != tied, "the first would be shut out"
    named(afternoon, "", second)
    event_access.share(afternoon.id, "first@example.org")
    assert named(afternoon, "两个半天", second) == tied
    event_access.unshare(morning.id, second)
    assert named(afternoon, "两个半天", second) == tied, "saving something else unties nothing"

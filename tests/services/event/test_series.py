"""Series: named in an event's settings, kept by clones, summed over their events."""

from __future__ import annotations

import threading
from datetime import timedelta

from flask import Flask

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Series
from kiosk.services.door import corrections
from kiosk.services.event import campaigns, events
from kiosk.services.event.campaigns import CampaignDraft
from kiosk.services.hours import hours_changes, series
from kiosk.services.proofs import subjects
from tests.aids.factories import enterprise, guest, make_event, sign_in

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
    assert subjects.standing(found[0]).waiting == 1

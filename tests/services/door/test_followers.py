"""Screens that follow the agenda: only their campaign's events, their place's, and those that their maker may run."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import AuditEntry, DeviceLink, Event
from kiosk.services.account import staff
from kiosk.services.door import followers, links
from kiosk.services.door.followers import FollowerView
from kiosk.services.event import campaigns, event_access, events
from kiosk.services.event.campaigns import CampaignRow
from kiosk.services.event.event_views import EventView
from kiosk.services.privacy import purges
from kiosk.services.refusals import Refused, Unknown
from tests.aids.factories import make_event, make_staff

HALL, ROOM = "三楼报告厅", "二楼会议室"


def month() -> CampaignRow:
    return campaigns.create(campaigns.CampaignDraft(title="质量月"))


def sitting(campaign: CampaignRow, hours: float, venue: str | None = HALL, **more: object) -> EventView:
    """An event that starts in so many hours, lasts three, and opens and closes as usual, an hour before and after."""
    starts = utcnow() + timedelta(hours=hours)
    times = {"starts_at": starts, "ends_at": starts + timedelta(hours=3)}
    usual = {"is_opening_usual": True, "is_closing_usual": True}
    return make_event(**{"campaign_id": campaign.id, "venue": venue, **times, **usual, **more})


def follower(campaign: CampaignRow, *, staff_id: int | None = None, **more: object) -> FollowerView:
    token = followers.make(campaign.id, "display", staff_id=staff_id, **more)  # type: ignore[arg-type]
    link = followers.find(token)
    assert link is not None
    return link


def shown(link: FollowerView) -> int | None:
    event = followers.present(link)
    return None if event is None else event.id


def test_screen_goes_on_from_one_event_to_the_next(both_app: Flask) -> None:
    campaign = month()
    morning, afternoon = sitting(campaign, 0), sitting(campaign, 5)
    link, now = follower(campaign), utcnow()
    assert shown(link) == morning.id
    for hours, event in ((3.9, morning), (4.01, afternoon), (8, afternoon), (9.1, afternoon)):
        with clock.freeze(now + timedelta(hours=hours)):
            assert shown(link) == event.id, hours
    with clock.freeze(now + timedelta(hours=9 + 25)):
        assert shown(link) is None


def test_place_shows_its_own_events_however_its_name_is_written(app: Flask) -> None:
    campaign = month()
    here, _there = sitting(campaign, 0), sitting(campaign, 0.5, ROOM)
    sitting(campaign, 1, None)
    assert followers.places(campaign.id, None) == (HALL, ROOM)
    link = follower(campaign, place=" 三楼　报告厅 ")
    assert link.place == HALL and shown(link) == here.id


def test_place_where_nothing_is_is_none(app: Flask) -> None:
    campaign = month()
    sitting(campaign, 0)
    with pytest.raises(Unknown):
        followers.make(campaign.id, "wall", place="四楼", staff_id=None)
    with pytest.raises(Unknown):
        followers.make(campaign.id + 99, "wall", staff_id=None)
    with pytest.raises(Refused):
        followers.make(campaign.id, "kiosk", staff_id=None, pin="12")


def test_other_campaigns_and_what_was_put_away_are_not_shown(app: Flask) -> None:
    campaign, other = month(), month()
    sitting(other, 0)
    link = follower(campaign)
    assert shown(link) is None
    archived, cleared, rehearsed = sitting(campaign, 0), sitting(campaign, 0), sitting(campaign, 0)
    events.set_archived(archived.code, is_archived=True)
    purges.purge_event(cleared, "staff:1")
    db.session.execute(update(Event).where(Event.id == rehearsed.id).values(is_rehearsal=True))
    db.session.commit()
    assert shown(link) is None


def test_only_what_its_maker_may_run_is_shown(both_app: Flask) -> None:
    campaign = month()
    owner = make_staff("organiser", email="owner@example.org")
    own = sitting(campaign, 0)
    link = follower(campaign, staff_id=owner.id)
    assert shown(link) is None and followers.lend(link, own) is None
    event_access.share(own.id, owner.email)
    assert shown(link) == own.id
    event_access.unshare(own.id, owner.id)
    assert shown(link) is None
    with pytest.raises(Unknown):
        followers.make(campaign.id, "wall", place=HALL, staff_id=owner.id)


def test_viewer_s_and_put_away_accounts_show_nothing(app: Flask) -> None:
    campaign = month()
    boss, second = make_staff(), make_staff("admin", email="second@example.org")
    sitting(campaign, 0)
    token = followers.make(campaign.id, "display", staff_id=second.id)
    assert followers.find(token) is not None
    staff.set_active(second.id, is_active=False, actor=f"staff:{boss.id}")
    assert followers.find(token) is None and followers.why_dead(token) == "over"
    staff.set_active(second.id, is_active=True, actor=f"staff:{boss.id}")
    assert followers.find(token) is not None


def test_link_is_revoked_and_logged_and_kept_as_a_hash(both_app: Flask) -> None:
    campaign, other = month(), month()
    sitting(campaign, 0)
    boss = make_staff()
    token = followers.make(campaign.id, "kiosk", place=HALL, staff_id=boss.id, pin="4711")
    link = followers.find(token)
    assert link is not None and (link.purpose, link.is_alive) == ("kiosk", True)
    kept = db.session.get_one(DeviceLink, link.id)
    assert kept.event_id is None and token not in kept.token_hash and "4711" not in (kept.pin_hash or "")
    assert links.find(token, "device") is None
    assert not followers.revoke(other.id, link.id) and followers.revoke(campaign.id, link.id, actor=f"staff:{boss.id}")
    assert not followers.revoke(campaign.id, link.id)
    assert followers.find(token) is None and followers.why_dead(token) == "revoked"
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.subject == f"device_link:{link.id}")).all()
    assert [entry.action for entry in entries] == ["device_link.make", "device_link.revoke"]
    assert entries[0].changed == {"screen": "kiosk", "campaign": campaign.id, "place": HALL}
    assert {entry.actor for entry in entries} == {f"staff:{boss.id}"}


def test_link_ends_with_its_campaign_and_when_nothing_is_on_for_a_month(app: Flask) -> None:
    campaign = month()
    token = followers.make(campaign.id, "display", staff_id=None)
    campaigns.set_archived(campaign.id, is_archived=True)
    assert followers.find(token) is None and followers.why_dead(token) == "over"
    campaigns.set_archived(campaign.id, is_archived=False)
    assert followers.find(token) is not None
    sitting(campaign, 24 * 10)
    with clock.freeze(utcnow() + timedelta(days=39)):
        assert followers.find(token) is not None
    with clock.freeze(utcnow() + timedelta(days=42)):
        assert followers.find(token) is None


def test_station_s_link_is_lent_to_each_of_its_events_and_no_other(app: Flask) -> None:
    campaign = month()
    morning, afternoon, elsewhere = sitting(campaign, -4), sitting(campaign, 0.5), sitting(campaign, 0, ROOM)
    token = followers.make(campaign.id, "kiosk", place=HALL, staff_id=None, pin="4711")
    link = followers.find(token)
    assert link is not None and shown(link) == afternoon.id
    lent = followers.lend(link, morning)  # whose person has not finished typing
    assert lent is not None and (lent.event_id, lent.campaign_id, lent.is_alive) == (morning.id, campaign.id, True)
    assert links.is_pin(lent, token, "4711") and lent.actor == f"device:{link.id}"
    assert followers.lend(link, elsewhere) is None


def test_event_s_links_and_a_campaign_s_do_not_mix(app: Flask) -> None:
    campaign = month()
    event = sitting(campaign, 0)
    one = links.make(event.id, "display", staff_id=None)
    of_all = followers.make(campaign.id, "display", staff_id=None)
    assert followers.find(one) is None and links.find(of_all, "device") is None
    assert len(links.list_of(event.id, "device")) == len(followers.list_of(campaign.id)) == 1

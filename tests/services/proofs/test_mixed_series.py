"""Series that tie a stranger's events, as once a name alone did: each owner has the own part of them."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import update

from kiosk.clock import utcnow
from kiosk.models import Event, Proof, Series
from kiosk.services.event import event_views, events
from kiosk.services.event.event_views import EventView
from kiosk.services.proofs import issuing, proof_access, proof_lists, standings, subjects
from kiosk.services.refusals import Unknown
from kiosk.services.store.writer import WriterSession, run
from tests.aids.factories import make_staff
from tests.services.proofs.test_proofs import HALF_DAY, arrive, training


def mixed(*tied: EventView) -> None:
    """Tie events by their series' name alone, as before d403169 anybody could."""

    def tie(session: WriterSession) -> None:
        made = Series(campaign_id=tied[0].campaign_id, title="首席质量官培训")
        session.add(made)
        session.flush()
        session.execute(update(Event).where(Event.id.in_([one.id for one in tied])).values(series_id=made.id))

    run(tie)
    for one in tied:
        event_views.forget(one.code)


def test_of_a_series_mixed_before_each_owner_has_the_own_part_with_its_hours(both_app: Flask) -> None:
    """What was tied by its name stays tied in the database until a part of it gives its first proof."""
    owner, stranger = (make_staff("organiser", email=f"{name}@example.org") for name in ("owner", "stranger"))
    morning, evening, theirs = (
        training(),
        training(starts_at=utcnow() - HALF_DAY * 3, ends_at=utcnow() - HALF_DAY),
        training(),
    )

    def own(session: WriterSession) -> None:
        for event, person in ((morning, owner), (evening, owner), (theirs, stranger)):
            session.execute(update(Event).where(Event.id == event.id).values(owner_id=person.id))

    run(own)
    mixed(morning, evening)
    arrive(morning, "王强", "赵敏")
    assert issuing.issue(subjects.of_event(events.get(morning.code)), staff_id=owner.id) == 2
    mixed(morning, evening, theirs)
    run(lambda session: session.execute(update(Proof).values(series_id=events.get(theirs.code).series_id)))
    for event in (evening, theirs):
        arrive(event, "王强", "李娜" if event is theirs else "孙丽")
    of_owner, of_stranger = (subjects.of_event(events.get(event.code)) for event in (morning, theirs))
    assert {event.id for event in of_owner.events} == {morning.id, evening.id} and of_stranger.events[0].id == theirs.id
    for person, subject in ((owner, of_owner), (stranger, of_stranger)):
        assert proof_access.may_issue(person, subject)
        assert proof_access.of_campaign(person, morning.campaign_id) == (subject,)
    assert [row.name for row in proof_lists.search(of_owner).rows] == ["王强", "赵敏"]
    assert [row.now for row in proof_lists.search(of_owner).rows] == [8.0, None], "the hours of the own two events"
    assert standings.one(of_owner).issued == 2 and standings.one(of_owner).waiting == 1
    assert issuing.issue(of_stranger, staff_id=stranger.id) == 2, "the owner's proof takes no place of the stranger's"
    assert issuing.issue(subjects.of_event(events.get(evening.code)), staff_id=owner.id) == 1
    of_owner, of_stranger = (subjects.of_event(events.get(event.code)) for event in (morning, theirs))
    assert not of_owner.is_part and not of_stranger.is_part and of_owner.series_id != of_stranger.series_id
    assert [row.name for row in proof_lists.search(of_owner).rows] == ["王强", "赵敏", "孙丽"]
    assert [(row.name, row.hours) for row in proof_lists.search(of_stranger).rows] == [("王强", 4.0), ("李娜", 4.0)]
    wang = proof_lists.search(of_owner).rows[0]
    issuing.void(of_owner, wang.id, "重发", staff_id=owner.id)
    assert issuing.issue(of_owner, staff_id=owner.id) == 1
    assert [row.hours for row in proof_lists.search(of_owner).rows if row.name == "王强"] == [8.0]
    with pytest.raises(Unknown):
        issuing.void(of_owner, proof_lists.search(of_stranger).rows[1].id, "不是我的", staff_id=owner.id)

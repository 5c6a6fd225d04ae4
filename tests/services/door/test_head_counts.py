"""Head-counts without names: they add up, count a key once, and never count less than nobody."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import CountLink, NamelessStep
from kiosk.services import tallies
from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import head_counts, links
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.privacy import purges
from kiosk.services.reports import behind, counting
from kiosk.services.reports.behind import FigureQuery
from kiosk.services.store.writer import WriterSession, run
from tests.aids.factories import enterprise, make_event, make_staff, sign_in


def counted(event: EventView) -> int:
    db.session.rollback()
    return events.counts(event.id).nameless


def test_plus_and_minus_are_a_number_of_their_own(both_app: Flask) -> None:
    event = make_event()
    sign_in(event, enterprise())
    assert [head_counts.count(event.id, by, Hand("steward:1")) for by in (1, 1, -1, 1)] == [1, 2, 1, 2]
    counts = events.counts(event.id)
    assert (counts.nameless, counts.arrived) == (2, 1)
    assert tallies.recount() == ()


def test_same_key_counts_once_and_another_step_is_another_act(both_app: Flask) -> None:
    event = make_event()
    hand = Hand("count:1", "a-key")
    assert [head_counts.count(event.id, 1, hand) for _ in range(3)] == [1, 1, 1]
    assert head_counts.count(event.id, 1, Hand("count:1", "another")) == 2
    assert [head_counts.count(event.id, -1, hand) for _ in range(2)] == [1, 1]
    assert tallies.recount() == ()


def test_nobody_less_than_nobody(both_app: Flask) -> None:
    event = make_event()
    first = Hand("staff:1", "k")
    assert head_counts.count(event.id, -1, first) == 0
    assert head_counts.count(event.id, 1, Hand("staff:1")) == 1
    assert head_counts.count(event.id, -1, first) == 1, "sent again it is what it was: nothing"
    assert tallies.recount() == ()

    def work(session: WriterSession) -> None:
        session.execute(text("UPDATE event_counter SET nameless = -1 WHERE event_id = :id"), {"id": event.id})

    with pytest.raises(IntegrityError):
        run(work)


def test_phones_at_once_add_up_and_their_retries_do_not(both_app: Flask) -> None:
    event, errors = make_event(), list[Exception]()

    def phone(number: int) -> None:
        with both_app.app_context():
            try:
                for tap in range(15):
                    for _ in range(2):  # the answer of each was lost once
                        head_counts.count(event.id, 1, Hand(f"count:{number}", f"{number}-{tap}"))
            except Exception as error:  # noqa: BLE001  said below, in the test's own thread
                errors.append(error)

    threads = [threading.Thread(target=phone, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == [] and counted(event) == 60
    assert tallies.recount() == ()


def test_two_phones_that_take_back_the_last_one_leave_nobody(both_app: Flask) -> None:
    event = make_event()
    head_counts.count(event.id, 1, Hand("count:1"))

    def phone(number: int) -> None:
        with both_app.app_context():
            head_counts.count(event.id, -1, Hand(f"count:{number}"))

    threads = [threading.Thread(target=phone, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted(event) == 0 and tallies.recount() == ()


def test_recount_finds_a_number_that_its_taps_do_not_make(app: Flask) -> None:
    event = make_event()
    head_counts.count(event.id, 1, Hand("count:1"))
    run(lambda session: session.execute(text("UPDATE event_counter SET nameless = 5")) and None)
    assert [(one.counter, one.tallied, one.rows) for one in tallies.recount()] == [("nameless", 5, 1)]


def test_claimed_and_received_times_both_stay(app: Flask) -> None:
    event, now = make_event(), utcnow()
    head_counts.count(event.id, 1, Hand("count:1"), at=now - timedelta(minutes=5))
    head_counts.count(event.id, 1, Hand("count:1"), at=now + timedelta(days=1))
    first, second = db.session.scalars(select(NamelessStep).order_by(NamelessStep.id))
    assert first.counted_at == now - timedelta(minutes=5) and first.received_at >= now
    assert second.counted_at == second.received_at


def test_link_that_only_counts_is_kept_as_a_hash_revoked_and_dead_with_its_event(app: Flask) -> None:
    event = make_event()
    token = links.make(event.id, "count", "东门", staff_id=None)
    link = links.find(token, "count")
    assert link is not None and (link.label, link.actor) == ("东门", f"count:{link.id}")
    assert token not in str(db.session.scalars(select(CountLink.token_hash)).all())
    assert [links.find(token, kind) for kind in ("steward", "group", "device")] == [None] * 3
    assert links.revoke(event.id, "count", link.id) and links.find(token, "count") is None
    over = make_event(starts_at=utcnow() - timedelta(hours=12), ends_at=utcnow() - timedelta(hours=9), closes_at=None)
    late = links.make(over.id, "count", "西门", staff_id=None)
    assert links.find(late, "count") is None or links.why_dead(late, "count") == "unknown"


def test_report_counts_them_beside_the_people_and_holds_an_event_that_had_nobody_else(app: Flask) -> None:
    event, other = make_event(title="开放日"), make_event(title="座谈")
    sign_in(other, enterprise())
    for _ in range(3):
        head_counts.count(event.id, 1, Hand("count:1"))
    figures = counting.figures(event.campaign_id)
    assert (figures.nameless, figures.attendances, figures.people, figures.events) == (3, 1, 1, 2)
    rows = behind.rows_behind(event.campaign_id, FigureQuery("nameless"), make_staff())
    assert rows.total == 3 and [(one.sitting.title, one.count) for one in rows.rows] == [("开放日", 3)]  # type: ignore[union-attr]


def test_purge_keeps_the_number_and_no_name_of_a_link(app: Flask) -> None:
    event = make_event()
    links.make(event.id, "count", "王老师", staff_id=None)
    head_counts.count(event.id, 1, Hand("count:1"))
    purges.purge_event(event, "retention")
    assert counted(event) == 1 and db.session.scalars(select(CountLink.label)).all() == [""]

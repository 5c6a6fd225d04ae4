"""What becomes due by itself counts from the end of the event (docs/product.md, "Decided"): retention, and minors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from kiosk.clock import freeze, utcnow
from kiosk.extensions import db
from kiosk.models import AuditEntry, SignIn, Task
from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import hand_work
from kiosk.services.group import groups
from kiosk.services.group.groups import Absent, Submission
from kiosk.services.privacy import clearing, purges, retention, scrub
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.upkeep import housekeeping
from tests.aids.factories import LEFT_OPEN, enterprise, make_event, sign_in, student, ticket_for
from tests.aids.personal import ended, fresh, make_full_event

ENTERPRISES = [{"kind": "enterprise"}]


def names() -> set[str]:
    found = set(db.session.scalars(select(SignIn.name)))
    db.session.rollback()
    return found


def test_the_days_count_from_the_end_else_the_closing_else_the_last_day(app: Flask) -> None:
    end = datetime(2026, 9, 10, 4, 0, tzinfo=UTC)
    event = make_event(starts_at=end - timedelta(hours=3), ends_at=end, closes_at=end + timedelta(days=3))
    assert retention.ends_at(event, None) == end
    closing = make_event(closes_at=end)
    assert retention.ends_at(closing, end + timedelta(days=9)) == end
    undated = make_event(timezone="Asia/Shanghai", **LEFT_OPEN)
    last = datetime(2026, 9, 10, 17, 30, tzinfo=UTC)  # 01:30 of the 11th in Shanghai
    assert retention.ends_at(undated, last) == datetime(2026, 9, 11, 16, 0, tzinfo=UTC)
    assert retention.ends_at(undated, None) is None


def test_the_last_arrival_is_read_from_the_event(both_app: Flask) -> None:
    event = make_event(retention_days=1, kinds=ENTERPRISES, **LEFT_OPEN)
    assert retention.outlook(event).purge_at is None
    sign_in(event, enterprise())
    due = retention.outlook(event).purge_at
    assert due is not None and timedelta(days=1) <= due - utcnow() <= timedelta(days=2)


def test_an_event_is_purged_when_its_retention_is_over(both_app: Flask) -> None:
    event = ended(make_event(retention_days=30, kinds=ENTERPRISES), 29.9)
    sign_in(event, enterprise())
    assert not retention.is_due()
    event = ended(event, 30.1)
    assert retention.is_due() and housekeeping.is_anything_due()
    housekeeping.do_what_is_due()
    done = purges.latest(event.id)
    assert done is not None and (done.asked_by, done.done) == ("retention", 1)
    assert done.ended_at is not None and fresh(event).purged_at is not None and names() == {""}
    assert not retention.is_due()


def test_housekeeping_takes_it_off_the_disk_as_well(app: Flask) -> None:
    event = ended(make_event(retention_days=1, kinds=ENTERPRISES), 3)
    sign_in(event, enterprise())
    housekeeping.do_what_is_due()
    done = purges.latest(event.id)
    assert done is not None and done.scrubbed_at is not None and not scrub.is_pending()
    assert not housekeeping.is_anything_due()


def test_without_a_term_nothing_is_due(app: Flask) -> None:
    event = ended(make_event(kinds=ENTERPRISES), 4000)
    sign_in(event, enterprise())
    assert not retention.is_due() and retention.outlook(event).next_at is None


def test_minors_go_after_their_days_and_the_others_stay(both_app: Flask) -> None:
    event = ended(make_full_event(minors_days=7), 6.9)
    assert not retention.is_due()
    event = ended(event, 7.1)
    housekeeping.do_what_is_due()
    rows = db.session.execute(select(SignIn.kind, SignIn.name)).tuples().all()
    assert {name for kind, name in rows if kind == "student"} == {""}
    assert "" not in {name for kind, name in rows if kind != "student"}
    assert fresh(event).minors_cleared_at is not None and fresh(event).purged_at is None
    assert not retention.is_due()


def test_students_who_are_no_minors_keep_their_names(app: Flask) -> None:
    event = ended(make_event(are_students_minors=False), 400)
    sign_in(event, student("李明"))
    assert not retention.is_due() and names() == {"李明"}


def test_an_event_without_students_makes_no_purge(app: Flask) -> None:
    event = ended(make_event(), 400)
    sign_in(event, enterprise())
    assert retention.is_due()  # students might have come
    housekeeping.do_what_is_due()
    assert not retention.is_due() and fresh(event).minors_cleared_at is not None
    assert db.session.scalar(select(Task.id)) is None and names() == {"王强"}


def test_pupils_are_cleared_although_their_kind_was_taken_off_the_form(app: Flask) -> None:
    event = make_full_event()
    sign_in(event, student("李明"))
    event = ended(event, 8, kinds=[{"kind": "enterprise"}])
    assert retention.is_due()
    housekeeping.do_what_is_due()
    assert "李明" not in names() and not retention.is_due()


def test_a_pupil_entered_from_paper_afterwards_is_cleared_by_the_next_look(app: Flask) -> None:
    event = ended(make_full_event(), 8)
    housekeeping.do_what_is_due()
    sign_in(fresh(event), student("王丽"), actor="staff:1", method="paper")
    assert retention.is_due()
    housekeeping.do_what_is_due()
    assert "王丽" not in names() and not retention.is_due()


@pytest.mark.parametrize("how", ["list", "correction", "absent"])
def test_a_pupil_named_again_by_staff_is_cleared_by_the_next_look(both_app: Flask, how: str) -> None:
    """The same list imported once more, a correction, a leader's word: none of them is a sign-in."""
    event = make_event(kinds=[{"kind": "student"}])
    pupil = sign_in(event, student("李明"))
    event = ended(event, 8)
    housekeeping.do_what_is_due()
    assert fresh(event).minors_cleared_at is not None and not retention.is_due()
    if how == "list":
        roster_writing.write(event.id, [RosterRow("student", "李明", "四棵中学")], actor="staff:1")
    elif how == "correction":
        hand_work.correct(fresh(event), pupil.sign_in_id, {"name": "李明"}, Hand("staff:1"))
    else:
        absent = (Absent("李明", "病假"),)
        groups.submit(
            Submission(event=fresh(event), ticket=ticket_for(event), people=(), absent=absent, has_consented=True)
        )
    assert retention.is_due()
    housekeeping.do_what_is_due()
    assert not clearing.is_anything_left(purges.target_of(event.id, is_minors=True)) and not retention.is_due()


def test_the_warning_comes_a_week_before_and_goes_with_the_names(app: Flask) -> None:
    event = make_event(retention_days=30, kinds=ENTERPRISES, starts_at=utcnow(), ends_at=utcnow() + timedelta(hours=1))
    for days, is_warned in ((20, False), (24, True), (29, True)):
        with freeze(utcnow() + timedelta(days=days)):
            assert bool(retention.warnings([event])) is is_warned
    purges.purge_event(event, "command")
    with freeze(utcnow() + timedelta(days=29)):
        assert retention.warnings([fresh(event)]) == ()


def test_a_crash_is_carried_on_by_the_next_look(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    event = make_full_event()
    purge_id = purges.begin(event, "event", "staff:1")
    assert housekeeping.is_anything_due()
    housekeeping.do_what_is_due()
    assert purges.get(purge_id).scrubbed_at is not None
    assert not clearing.is_anything_left(purges.target_of(event.id)) and not housekeeping.is_anything_due()


def test_what_went_by_itself_stands_in_the_log(app: Flask) -> None:
    event = ended(make_event(retention_days=1, kinds=ENTERPRISES), 3)
    sign_in(event, enterprise())
    housekeeping.do_what_is_due()
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "privacy.event")).one()
    assert (entry.actor, entry.event_id) == ("retention", event.id)


def test_the_basis_stands_at_every_sign_in(both_app: Flask) -> None:
    for basis, actor in (("consent", None), ("statutory", None), ("consent", "staff:1")):
        event = make_event(notice_basis=basis)
        row = sign_in(event, enterprise(), actor=actor, has_consented=True)
        kept = db.session.get_one(SignIn, row.sign_in_id)
        assert (kept.notice_basis, kept.notice_id) == (basis, event.notice_id)
        assert (kept.consented_at is not None) is (basis == "consent")
        db.session.rollback()


def test_minors_are_spoken_of_only_where_there_are_some(both_app: Flask) -> None:
    """Most events admit students; few have any."""
    event = make_event(minors_days=7)
    sign_in(event, enterprise())
    event = ended(event, 5)
    assert retention.outlook(event).minors_at is None and retention.warnings([event]) == ()
    listed = make_event(minors_days=7)
    roster_writing.write(listed.id, [RosterRow("student", "李明", "第八中学")], actor="staff:1")
    came = make_event(minors_days=7)
    sign_in(came, student())
    own = [ended(listed, 5), ended(came, 4)]
    assert [one.event.id for one in retention.warnings([event, *own])] == [listed.id, came.id]

"""Leaving and coming back: what follows from it, what makes no second movement, and that nobody is left inside."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from kiosk.clock import freeze, utcnow
from kiosk.closed import Direction
from kiosk.extensions import db
from kiosk.models import AuditEntry, Movement, SignIn
from kiosk.services import tallies
from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import corrections
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.hours import hours, hours_changes
from kiosk.services.privacy import purges
from kiosk.services.refusals import Refused, Unknown
from kiosk.services.sign_in import movements
from kiosk.services.sign_in.movements import Moved
from kiosk.services.upkeep import housekeeping
from tests.aids.factories import enterprise, make_event, make_staff, sheet_of, sign_in, sign_in_on_trial, zone_at_two

MINUTE = timedelta(minutes=1)
OWN = Hand(movements.SELF)


def training(**changes: object) -> EventView:
    """Three hours that credit four, were over two hours ago, and want people to sign out."""
    start = utcnow().replace(second=0, microsecond=0) - timedelta(hours=5)
    given = {
        "starts_at": start,
        "ends_at": start + timedelta(hours=3),
        "closes_at": start + timedelta(hours=3),
        "credited_hours": 4.0,
        "hours_late_minutes": 30,
        "hours_early_minutes": 30,
        "wants_sign_out": True,
    }
    return make_event(**{**given, **changes})


def at(event: EventView, minutes: float) -> datetime:
    """Return a moment by its minutes after the start."""
    assert event.starts_at is not None
    return event.starts_at + minutes * MINUTE


def arrive(event: EventView, name: str = "王强", minutes: float = -5) -> int:
    with freeze(at(event, minutes)):
        return sign_in(event, enterprise(name, mobile=None), is_another=True).sign_in_id


def go(
    event: EventView, one: int, direction: Direction, minutes: float, hand: Hand = OWN, claimed: float | None = None
) -> Moved:
    with freeze(at(event, minutes)):
        moment = None if claimed is None else at(event, claimed)
        return movements.move(event.id, one, direction, hand, method="self", at=moment)


def row_of(one: int) -> SignIn:
    db.session.rollback()
    return db.session.get_one(SignIn, one, populate_existing=True)


def count_movements() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Movement)) or 0


def inside(event: EventView) -> int:
    db.session.rollback()
    return events.counts(event.id).inside


# Minutes after the start of an event of 180: coming, then out and in by turns; what it must earn, and why not. At most
# 30 minutes late, 30 early, 30 away.
CASES: list[tuple[float, tuple[float, ...], float, str | None, int]] = [
    (-5, (180,), 4.0, None, 0),  # the whole of it
    (30, (180,), 4.0, None, 0),  # late within the minutes
    (31, (180,), 0.0, "late", 31),
    (-5, (150,), 4.0, None, 0),  # early within the minutes
    (-5, (149,), 0.0, "early", 31),
    (30, (150,), 4.0, None, 0),  # both, within
    (-5, (60, 90, 180), 4.0, None, 0),  # left and returned within the minutes
    (-5, (60, 91, 180), 0.0, "away", 31),
    (-5, (40, 56, 100, 116, 180), 0.0, "away", 32),  # twice 16 minutes
    (-5, (-4, 20, 180), 4.0, None, 0),  # out before the start: only what is of the event counts
    (-5, (-4, 31, 180), 0.0, "away", 31),
    (-5, (170, 230, 235), 4.0, None, 0),  # back after the end: the ten minutes at its end are away
    (-5, (100, 140, 149), 0.0, "early", 31),  # returned, and left early
    (-5, (-1,), 0.0, "early", 181),  # was never there
    (-5, (), 0.0, "no_sign_out", 0),  # never signed out
    (-5, (60, 70), 0.0, "no_sign_out", 0),  # came back and forgot it
    (31, (), 0.0, "late", 31),
]


@pytest.mark.parametrize("is_closed", [False, True])
def test_hours_follow_the_stays(both_app: Flask, is_closed: bool) -> None:
    event, expected = training(), {}
    for number, (came, moves, credited, why, minutes) in enumerate(CASES):
        one = arrive(event, f"甲{number}", came)
        for turn, moment in enumerate(moves):
            assert go(event, one, "in" if turn % 2 else "out", moment).is_new
        expected[one] = (credited, why, minutes)
    if is_closed:
        housekeeping.do_what_is_due()
    db.session.rollback()
    assert hours.by_sign_in(event.id) == {one: credited for one, (credited, _why, _minutes) in expected.items()}
    shown = {
        row.person.sign_in_id: (row.credit.hours, row.credit.why, row.credit.minutes)
        for row in hours.search(event).rows
    }
    assert shown == expected
    sums = hours.totals(event)
    assert (sums.people, sums.without) == (len(CASES), sum(1 for case in CASES if not case[2]))
    assert not tallies.recount()


@pytest.mark.parametrize(
    ("changes", "moves", "credited"),
    [
        ({"hours_late_minutes": None, "hours_early_minutes": None}, (60, 170, 175), 4.0),  # no rule: any part of it
        ({"hours_late_minutes": None, "hours_early_minutes": None}, (0,), 0.0),  # but not none of it
        ({"hours_late_minutes": None, "hours_early_minutes": None}, (), 0.0),
        ({"hours_early_minutes": None}, (60, 91, 175), 0.0),  # away by the minutes of coming late
        ({"hours_early_minutes": None}, (60,), 4.0),
        ({"ends_at": None}, (60,), 4.0),
        ({"ends_at": None}, (), 0.0),
    ],
)
def test_hours_of_events_with_fewer_rules(
    app: Flask, changes: dict[str, None], moves: tuple[float, ...], credited: float
) -> None:
    event = training(**changes)
    one = arrive(event)
    for turn, moment in enumerate(moves):
        go(event, one, "in" if turn % 2 else "out", moment)
    db.session.rollback()
    assert hours.by_sign_in(event.id) == {one: credited}


def test_who_came_after_the_end_was_not_there(app: Flask) -> None:
    event = training(closes_at=None, hours_late_minutes=None)
    one = arrive(event, minutes=181)
    go(event, one, "out", 190)
    db.session.rollback()
    assert hours.by_sign_in(event.id) == {one: 0.0}


def test_without_the_setting_nobody_signs_out_and_hours_are_as_they_were(app: Flask) -> None:
    event = training(wants_sign_out=False, closes_at=None)
    one = arrive(event)
    with pytest.raises(Refused) as refused:
        go(event, one, "out", 60)
    assert refused.value.code == "no_sign_out_here" and not count_movements()
    assert movements.forgotten() == ()
    housekeeping.do_what_is_due()
    row = row_of(one)
    assert (row.left_at, row.has_no_sign_out) == (None, False) and hours.by_sign_in(event.id) == {one: 4.0}


def test_a_second_tap_or_a_retry_makes_no_second_movement(both_app: Flask) -> None:
    event = training()
    one = arrive(event)
    hand = Hand(movements.SELF, "a key of one page")
    first = go(event, one, "out", 60, hand)
    assert first.is_new and first.at == at(event, 60)
    assert go(event, one, "out", 61, hand) == Moved(one, "王强", "out", at(event, 60), is_new=False)  # the same key
    assert not go(event, one, "out", 62).is_new  # another page's tap
    assert go(event, one, "in", 70, hand).is_new  # the way back is another act
    assert not go(event, one, "in", 71).is_new
    # The answer of the first tap was lost; its retry comes when the person is back, and lets nobody out.
    assert not go(event, one, "out", 80, hand).is_new
    assert count_movements() == 2 and row_of(one).left_at is None and inside(event) == 1
    assert not tallies.recount()


def test_late_news_count_by_their_claimed_time_and_never_lengthen_a_stay(app: Flask) -> None:
    event = training()
    one = arrive(event)
    hand = Hand("steward:7", "queue-1")
    go(event, one, "out", 120)
    assert go(event, one, "out", 130, hand, claimed=100).is_new  # a steward's phone was in the dark
    assert row_of(one).left_at == at(event, 100)
    made = db.session.scalars(select(Movement).order_by(Movement.moved_at)).all()
    assert [(m.moved_at, m.received_at, m.actor) for m in made] == [
        (at(event, 100), at(event, 130), "steward:7"),
        (at(event, 120), at(event, 120), None),
    ]
    assert go(event, one, "out", 131, Hand("steward:7", "queue-2"), claimed=900).is_new is False  # a clock ahead
    with pytest.raises(Refused) as refused:
        go(event, one, "out", 131, Hand("steward:7", "queue-3"), claimed=-30)
    assert refused.value.code == "before_arrival"


def test_nobody_is_left_inside(both_app: Flask) -> None:
    event = training()
    stays, leaves, returned, taken_back = (arrive(event, f"甲{n}") for n in range(4))
    go(event, leaves, "out", 100)
    go(event, returned, "out", 100)
    go(event, returned, "in", 110)
    corrections.void(taken_back, staff_id=None)
    with freeze(at(event, 239)):  # an hour after the end, less a minute
        assert movements.forgotten() == () and inside(event) == 2
        housekeeping.do_what_is_due()
        assert inside(event) == 2
    with freeze(at(event, 240)):
        assert movements.forgotten() == (event.id,) and housekeeping.is_anything_due()
        housekeeping.do_what_is_due()
        housekeeping.do_what_is_due()
    marks = {one: (row_of(one).has_no_sign_out, row_of(one).left_at is None) for one in (stays, leaves, returned)}
    assert marks == {stays: (True, True), leaves: (False, False), returned: (True, True)}
    assert inside(event) == 0 and movements.forgotten() == () and not tallies.recount()
    corrections.restore(taken_back, staff_id=None)  # who comes back as inside is closed as well
    assert movements.forgotten() == (event.id,) and inside(event) == 1
    housekeeping.do_what_is_due()
    assert inside(event) == 0 and row_of(taken_back).has_no_sign_out and not tallies.recount()


def test_a_sign_in_that_closes_in_the_middle_closes_nobody(app: Flask) -> None:
    event = training(closes_at=utcnow() - timedelta(hours=4))  # an hour after the start
    one = arrive(event)
    with freeze(at(event, 50)):
        events.close(event.code)
    with freeze(at(event, 200)):
        assert movements.forgotten() == ()
    assert go(event, one, "out", 180).is_new


def test_a_forgotten_sign_out_earns_nothing_without_a_reason(app: Flask) -> None:
    event, boss = training(), make_staff()
    one = arrive(event)
    housekeeping.do_what_is_due()
    with pytest.raises(Refused) as refused:
        go(event, one, "out", 290, Hand("steward:7", "k"))  # a tap afterwards would be full presence
    assert refused.value.code == "sign_out_over"
    with pytest.raises(Refused) as refused:
        hours_changes.set_left(event.id, one, at(event, 180), staff_id=boss.id)
    assert refused.value.code == "no_reason"
    assert hours.by_sign_in(event.id) == {one: 0.0} and row_of(one).has_no_sign_out
    hours_changes.set_left(event.id, one, at(event, 180), staff_id=boss.id, reason="主持人作证")
    db.session.rollback()
    assert hours.by_sign_in(event.id) == {one: 4.0} and not row_of(one).has_no_sign_out
    assert inside(event) == 0 and not tallies.recount()
    hours_changes.set_left(event.id, one, None, staff_id=boss.id)  # taken back: inside, and closed again
    assert inside(event) == 1
    housekeeping.do_what_is_due()
    assert row_of(one).has_no_sign_out and hours.by_sign_in(event.id) == {one: 0.0}


def test_staff_s_note_stands_in_the_place_of_the_last_way_out(app: Flask) -> None:
    event, boss = training(), make_staff()
    one = arrive(event)
    for turn, minutes in enumerate((40, 60, 100)):
        go(event, one, "in" if turn % 2 else "out", minutes)
    with pytest.raises(Refused):
        hours_changes.set_left(event.id, one, at(event, 60), staff_id=boss.id)  # they came back then
    hours_changes.set_left(event.id, one, at(event, 170), staff_id=boss.id)
    made = db.session.scalars(select(Movement).order_by(Movement.moved_at)).all()
    assert [(m.direction, m.moved_at, m.actor) for m in made] == [
        ("out", at(event, 40), None), ("in", at(event, 60), None), ("out", at(event, 170), f"staff:{boss.id}"),
    ]  # fmt: skip
    assert row_of(one).left_at == at(event, 170) and hours.by_sign_in(event.id) == {one: 4.0}


def test_who_has_not_arrived_does_not_leave(app: Flask) -> None:
    event = training(capacity=1, full_policy="wait_list")
    one = arrive(event)
    waits = arrive(event, "乙")
    with freeze(at(event, -6)):
        trial = sign_in_on_trial(event, enterprise("丙", mobile=None)).sign_in_id
    for somebody in (waits, trial, one + 999):
        with pytest.raises(Unknown):
            go(event, somebody, "out", 60)
    other = training()
    with pytest.raises(Unknown):
        go(other, one, "out", 60)
    corrections.void(one, staff_id=None)
    with pytest.raises(Refused) as refused:
        go(event, one, "out", 60)
    assert refused.value.code == "is_void" and not count_movements()


def test_a_void_and_its_undo_keep_the_movements(app: Flask) -> None:
    event = training()
    one, other = arrive(event), arrive(event, "乙")
    go(event, one, "out", 60)
    assert inside(event) == 1
    corrections.void(one, staff_id=None)
    assert inside(event) == 1 and not tallies.recount()
    corrections.restore(one, staff_id=None)
    assert row_of(one).left_at == at(event, 60) and inside(event) == 1 and not tallies.recount()
    corrections.void(other, staff_id=None)
    assert inside(event) == 0 and not tallies.recount()


def test_hands_stand_in_the_log_and_people_s_own_phones_do_not(app: Flask) -> None:
    event = training()
    one = arrive(event)
    go(event, one, "out", 60)
    go(event, one, "in", 70, Hand("steward:7", "k1"))
    go(event, one, "in", 71, Hand("steward:7", "k1"))
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action.in_(("sign_in.out", "sign_in.in")))).all()
    assert [(entry.actor, entry.action, entry.changed["name"]) for entry in entries] == [
        ("steward:7", "sign_in.in", "王*")
    ]


@pytest.mark.parametrize("seed", range(6))
def test_the_counters_say_who_is_inside_whatever_happens(both_app: Flask, seed: int) -> None:
    chance, event, came = random.Random(seed), training(), list[int]()  # noqa: S311
    for moment in range(40):
        act = chance.choice(("come", "out", "out", "in", "void", "restore", "note", "close"))
        if act == "come" or not came:
            came.append(arrive(event, f"甲{moment}", moment))
            continue
        one = chance.choice(came)
        try:
            if act in ("out", "in"):
                go(event, one, act, moment)  # type: ignore[arg-type]
            elif act == "void":
                corrections.void(one, staff_id=None)
            elif act == "restore":
                corrections.restore(one, staff_id=None)
            elif act == "note":
                hours_changes.set_left(event.id, one, at(event, moment), staff_id=None, reason="r")
            elif chance.random() < 0.2:
                housekeeping.do_what_is_due()
        except (Refused, Unknown):
            pass
    db.session.rollback()
    assert not tallies.recount()
    statement = select(func.count()).where(SignIn.event_id == event.id, movements.IS_INSIDE)
    assert inside(event) == db.session.scalar(statement)


def test_the_sheet_shows_when_people_signed_out_and_who_did_not(app: Flask) -> None:
    event = training(timezone=zone_at_two())
    for name, moves in (("甲", (180,)), ("乙", (60, 70, 120)), ("丙", ())):
        one = arrive(event, name)
        for turn, minutes in enumerate(moves):
            go(event, one, "in" if turn % 2 else "out", minutes)
    housekeeping.do_what_is_due()
    db.session.rollback()

    def clock(minutes: float) -> str:
        return f"{at(event, minutes).astimezone(event.zone):%H:%M}"

    words = {"zh": ("签退时间", "未签退", "早退"), "en": ("Signed out", "no sign-out", "left early")}
    for language, (title, mark, early) in words.items():
        model = sheet_of(event, language)
        titles = [column.title for column in model.columns]
        assert sum(column.width for column in model.columns) == 186
        column = titles.index(title)
        assert [row[column] for row in model.rows] == [clock(180), clock(120), mark]
        assert [row[-1] for row in model.rows] == ["", early, ""]
    certificates = sheet_of(event, "zh", variant="certificates")
    assert [row[-1] for row in certificates.rows] == ["", f"早退 {clock(120)}", "未签退"]
    assert "签退时间" not in [column.title for column in sheet_of(training(wants_sign_out=False), "zh").columns]


def test_a_purge_leaves_times_without_a_name_and_every_figure_as_it_was(app: Flask) -> None:
    event, boss = training(), make_staff()
    one, other = arrive(event), arrive(event, "乙")
    go(event, one, "out", 60)
    go(event, one, "in", 95)
    go(event, one, "out", 180)
    housekeeping.do_what_is_due()
    before = hours.by_sign_in(event.id)
    assert before == {one: 0.0, other: 0.0}
    purges.purge_event(event, f"staff:{boss.id}")
    db.session.rollback()
    assert row_of(one).name == "" and hours.by_sign_in(event.id) == before and not tallies.recount()
    assert housekeeping.do_what_is_due() is None and movements.forgotten() == ()

"""The public wall: counts, organisations, surnames; no minor's name, nobody's who is missing, nobody once cleared."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.services.board import walls
from kiosk.services.board.walls import Face, Wall
from kiosk.services.door import corrections
from kiosk.services.event import event_views, events
from kiosk.services.event.event_views import EventView
from kiosk.services.names import surname_mask
from kiosk.services.privacy import purges
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sign_in import organisations
from tests.aids.factories import enterprise, guest, make_event, merge, sign_in, student

DONGBEI, JINPAI = "湖北东贝制冷有限公司", "劲牌有限公司"
ROWS = (
    RosterRow("enterprise", "王强", DONGBEI, mobile="13800138000"),
    RosterRow("enterprise", "赵敏", JINPAI, mobile="13700137000"),
)
LONG = "湖北省黄石市大冶市新型工业化高质量发展检验检测认证认可公共服务平台（集团）股份有限责任公司黄石分公司"


def names(wall: Wall) -> list[str]:
    return [one.name for one in wall.names]


def with_roster(*rows: RosterRow, **settings: object) -> EventView:
    event = make_event(**settings)
    roster_writing.write(event.id, rows or ROWS, actor="staff:1")
    return event


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张*"),
        ("王强强", "王*"),
        ("欧阳娜娜", "欧阳*"),
        ("欧阳", "欧*"),
        ("王", "*"),
        ("Jo Smith", "J*"),
        ("", "*"),
    ],
)
def test_of_a_name_the_surname_stands_there(name: str, shown: str) -> None:
    assert surname_mask(name) == shown


def test_wall_tells_counts_organisations_and_surnames_the_latest_first(both_app: Flask) -> None:
    event = make_event()
    sign_in(event, enterprise("王强"))
    sign_in(event, enterprise("赵敏", organisation_name=JINPAI, mobile="13700137000"))
    wall = walls.look(event)
    assert (wall.face, wall.counts.arrived, wall.organisation_count) == ("arrived", 2, 2)
    assert wall.organisations == (JINPAI, DONGBEI) and names(wall) == ["赵*", "王*"]


def test_minors_count_only(app: Flask) -> None:
    event = make_event()
    sign_in(event, student("李明"))
    wall = walls.look(event)
    assert (wall.counts.arrived, wall.names, wall.organisations, wall.organisation_count) == (1, (), (), 0)
    grown = make_event(are_students_minors=False)
    sign_in(grown, student("李明"))
    assert names(walls.look(grown)) == ["李*"] and walls.look(grown).organisations == ("四棵中学",)


def test_school_that_staff_know_stands_there(app: Flask) -> None:
    listed, expected = make_event(), with_roster(RosterRow("student", "李明", "第八中学", class_name="初二(3)班"))
    organisations.add_many(["四棵中学"], "school")
    sign_in(listed, student("李明"))
    sign_in(expected, student("李明", organisation_name="第八中学"))
    assert walls.look(listed).organisations == ("四棵中学",)
    assert walls.look(expected).organisations == ("第八中学",)


@pytest.mark.parametrize("typed", ["张爱国", "13800138000", "联系 8520147"])
def test_person_typed_for_an_organisation_is_none(app: Flask, typed: str) -> None:
    event = make_event()
    sign_in(event, guest("张爱国", organisation_name=typed))
    sign_in(event, enterprise("王强"))
    wall = walls.look(event)
    assert wall.organisations == (DONGBEI,) and wall.organisation_count == 1


def test_void_trial_and_waiting_are_not_there(app: Flask) -> None:
    event = make_event(capacity=1, full_policy="wait_list")
    taken = sign_in(event, enterprise("王强"))
    sign_in(event, enterprise("赵敏", organisation_name=JINPAI, mobile="13700137000"))
    assert names(walls.look(event)) == ["王*"]
    corrections.void(taken.sign_in_id, staff_id=None, reason="")
    wall = walls.look(event)
    assert DONGBEI not in wall.organisations and "王*" not in names(wall)


def test_who_waits_for_a_steward_is_not_there(app: Flask) -> None:
    event = make_event(needs_confirmation=True)
    sign_in(event, enterprise("王强"))
    wall = walls.look(event)
    assert (wall.names, wall.organisations, wall.counts.arrived) == ((), (), 0)


def test_merged_organisations_are_one(app: Flask) -> None:
    event = make_event()
    sign_in(event, enterprise("王强"))
    sign_in(event, enterprise("赵敏", organisation_name="东贝制冷", mobile="13700137000"))
    merge("东贝制冷", DONGBEI)
    assert walls.look(event).organisations == (DONGBEI,)


def test_cleared_people_are_gone_and_the_counts_stay(app: Flask) -> None:
    event = with_roster(starts_at=utcnow() + timedelta(minutes=5))
    sign_in(event, enterprise("王强"))
    purges.purge_event(event, "staff:1")
    cleared = event_views.find_now(event.code)
    assert cleared is not None
    for face in (None, *walls.FACES):
        wall = walls.look(cleared, face)
        assert (wall.names, wall.organisations, wall.counts.arrived) == ((), (), 1)


def test_people_who_are_being_cleared_are_gone(app: Flask) -> None:
    event = with_roster()
    sign_in(event, enterprise("王强"))
    purges.begin(event, "minors", "staff:1")
    going_on = event_views.find_now(event.code)
    assert going_on is not None and not going_on.is_cleared
    wall = walls.look(going_on, "missing")
    assert (wall.names, wall.organisations) == ((), ())


@pytest.mark.parametrize(
    ("minutes", "face"), [(16, "arrived"), (14, "missing"), (0.1, "missing"), (-0.1, "arrived"), (-30, "arrived")]
)
def test_before_the_start_the_wall_calls_out_who_is_missing(app: Flask, minutes: float, face: Face) -> None:
    event = with_roster(starts_at=utcnow() + timedelta(hours=1))
    sign_in(event, enterprise("王强"))
    assert event.starts_at is not None
    with clock.freeze(event.starts_at - timedelta(minutes=minutes)):
        wall = walls.look(event)
    assert wall.face == face
    if face == "missing":
        assert wall.organisations == (JINPAI,) and wall.organisation_count == 1 and wall.names == ()


def test_organisation_of_which_somebody_is_excused_or_here_is_not_called_out(both_app: Flask) -> None:
    event = with_roster(
        *ROWS,
        RosterRow("enterprise", "李娜", DONGBEI, mobile="13900139000"),
        RosterRow("enterprise", "", "有名额的公司", seats=2),
        RosterRow("guest", "周局长", mobile="13600136000"),
    )
    zhao = next(one for one in rosters.entries(event.id) if one.name == "赵敏")
    sign_in(event, enterprise("王强"))
    assert set(walls.look(event, "missing").organisations) == {JINPAI, "有名额的公司"}
    rosters.set_state(event.id, zhao.id, "excuse", actor="staff:1")
    wall = walls.look(event, "missing")
    assert wall.organisations == ("有名额的公司",) and not wall.is_complete


def test_wall_returns_by_itself_when_every_organisation_is_here(app: Flask) -> None:
    event = with_roster(*ROWS, RosterRow("enterprise", "李娜", DONGBEI), starts_at=utcnow() + timedelta(minutes=5))
    assert walls.look(event).face == "missing"
    sign_in(event, enterprise("王强"))
    sign_in(event, enterprise("赵敏", organisation_name=JINPAI, mobile="13700137000"))
    assert walls.look(event).face == "arrived"
    wall = walls.look(event, "missing")
    assert (wall.face, wall.organisation_count, wall.is_complete) == ("missing", 0, False)
    sign_in(event, enterprise("李娜", mobile="13900139000"))
    assert walls.look(event, "missing").is_complete


def test_without_a_roster_nobody_is_missing(app: Flask) -> None:
    event = make_event(starts_at=utcnow() + timedelta(minutes=5))
    sign_in(event, enterprise("王强"))
    assert walls.look(event).face == "arrived" and walls.look(event, "missing").face == "arrived"


def test_who_is_missing_is_read_only_for_a_wall_that_may_show_it(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    now, reads = utcnow(), list[int]()
    gaps_of = walls.missing.gaps
    monkeypatch.setattr(walls.missing, "gaps", lambda *args: reads.append(1) or gaps_of(*args))
    times = {"starts_at": now + timedelta(hours=1), "ends_at": now + timedelta(hours=3)}
    event = with_roster(**times)
    for wanted, at, face, count in (
        (None, now, "arrived", 0),
        (None, now + timedelta(minutes=50), "missing", 1),
        (None, now + timedelta(hours=2), "arrived", 0),
        ("missing", now + timedelta(hours=2), "missing", 1),
        ("arrived", now + timedelta(minutes=50), "arrived", 0),
    ):
        reads.clear()
        with clock.freeze(at):
            assert (walls.look(event, wanted).face, len(reads)) == (face, count), (wanted, at - now)


def test_length_of_a_name_is_worked_out_once(app: Flask) -> None:
    event = with_roster(*(RosterRow("enterprise", f"人{n}", f"第{n}机械厂", mobile=f"137{n:08}") for n in range(30)))
    walls.look(event, "missing")
    before = walls._lines.cache_info().misses
    walls.look(event, "missing")
    assert walls._lines.cache_info().misses == before


def test_face_can_be_held(app: Flask) -> None:
    event = with_roster(starts_at=utcnow() + timedelta(minutes=5))
    assert walls.look(event, "arrived").face == "arrived"
    later = with_roster(starts_at=utcnow() + timedelta(hours=3))
    assert walls.look(later, "missing").face == "missing"


def test_closed_event_keeps_its_figures(app: Flask) -> None:
    event = with_roster(starts_at=utcnow() + timedelta(minutes=5))
    sign_in(event, enterprise("王强"))
    closed = events.close(event.code)
    wall = walls.look(closed)
    assert (wall.phase, wall.face, wall.counts.arrived) == ("closed", "arrived", 1)


def test_many_organisations_turn_their_pages_by_themselves(app: Flask) -> None:
    rows = [RosterRow("enterprise", f"王{number}强", f"第{number:03}公司") for number in range(400)]
    event = with_roster(*rows, starts_at=utcnow() + timedelta(minutes=5))
    now, seen = utcnow(), set[str]()
    pages = walls.look(event, "missing").pages
    assert pages > 10
    for turn in range(pages):
        with clock.freeze(now + timedelta(seconds=turn * walls.PAGE_SECONDS)):
            wall = walls.look(event, "missing")
        assert 0 < len(wall.organisations) <= 16 and wall.organisation_count == 400
        seen |= set(wall.organisations)
    assert len(seen) == 400


def test_page_holds_fewer_long_names_and_never_none() -> None:
    assert walls.paged([]) == ((),)
    assert walls.paged(["短"] * 16) == (("短",) * 16,)
    assert [len(page) for page in walls.paged(["短"] * 40)] == [16, 16, 8]
    assert [len(page) for page in walls.paged([LONG] * 10)] == [4, 4, 2]
    assert walls.paged(["很" * 120, "短"]) == (("很" * 120, "短"),)


def test_no_column_of_a_page_is_higher_than_the_screen_has_room_for() -> None:
    """Lines alone do not say it: between nine short names in a column stand eight gaps, between three long ones two."""
    mixed = ["短" if at % 5 else "很长的一家检验检测认证认可公共服务平台" for at in range(60)]
    assert [len(page) for page in walls.paged(mixed)] == [13, 13, 14, 13, 7]
    assert walls._lines("Quality inspection and certification services") == 2
    assert walls._lines("W" * 60) == 3


def test_wall_costs_the_same_however_many_have_come(app: Flask) -> None:
    event = make_event()
    for number in range(150):
        sign_in(event, guest(f"张{number}国", organisation_name=f"第{number}公司"))
    wall = walls.look(event)
    assert len(wall.names) == walls.NAMES and wall.organisation_count == 150
    db.session.rollback()

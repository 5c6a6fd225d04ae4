"""Who is not here yet: read by an index, called by staff, marked after the call; on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event as sa_event, select

from kiosk import clock
from kiosk.extensions import db
from kiosk.models import AuditEntry, RosterEntry
from kiosk.services import tallies
from kiosk.services.audit_log.audit import Hand
from kiosk.services.board import dashboards, missing
from kiosk.services.board.missing import Missing
from kiosk.services.board.people import latest
from kiosk.services.door import corrections, ticks
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.factories import csrf_token, enterprise, guest, log_in, make_event, make_staff, merge, post, sign_in

NINE = datetime(2026, 9, 10, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
DONGBEI, JINPAI, XINYE = "湖北东贝制冷有限公司", "劲牌有限公司", "新冶钢有限公司"
WANG = RosterRow("enterprise", "王强", DONGBEI, mobile="13800138000", group_name="第一组")
LI = RosterRow("enterprise", "李娜", DONGBEI, mobile="13900139000", group_name="第一组")
ZHAO = RosterRow("enterprise", "赵敏", JINPAI, mobile="13700137000", group_name="第二组")
MAYOR = RosterRow("guest", "周局长", mobile="13600136000", is_starred=True)


def with_roster(*rows: RosterRow, **settings: object) -> EventView:
    event = make_event(**settings)
    roster_writing.write(event.id, rows or (WANG, LI, ZHAO, MAYOR), actor="staff:1")
    return event


def look(event: EventView) -> dashboards.Numbers:
    db.session.rollback()
    return dashboards.read(event)


def who(event: EventView) -> Missing:
    found = look(event).missing
    assert found is not None
    return found


def entry_of(event: EventView, name: str) -> rosters.EntryView:
    db.session.rollback()
    return next(entry for entry in rosters.entries(event.id) if entry.name == name)


def test_an_organisation_from_which_somebody_unlisted_came_is_not_called_out(app: Flask) -> None:
    event = with_roster()
    sign_in(event, enterprise("钱多", organisation_name=JINPAI, mobile="13500135000"))
    assert who(event).nobody_here == (DONGBEI,)


def test_people_are_looked_through_once_however_many_organisations_miss_somebody(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With two thousand of them the board looked through its two hundred people four thousand times."""
    looks: list[int] = []

    class People(list[Any]):
        def __iter__(self) -> Iterator[Any]:
            looks.append(len(self))
            return super().__iter__()

    gaps_of = missing._gaps
    monkeypatch.setattr(
        missing, "_gaps", lambda parts, absent, free, people: gaps_of(parts, absent, free, People(people))
    )
    event = with_roster(*(RosterRow("enterprise", f"人{n}", f"第{n}机械厂", mobile=f"137{n:08}") for n in range(30)))
    assert len(who(event).gaps) == 30 and len(looks) == 1


def test_without_a_roster_nobody_is_missing(app: Flask) -> None:
    event = make_event()
    sign_in(event, guest())
    assert look(event).missing is None
    assert all(not bar.equation.expected for bar in look(event).organisations)


def test_the_starred_stand_on_top_and_organisations_with_nobody_first(both_app: Flask) -> None:
    event = with_roster()
    sign_in(event, enterprise())
    found = who(event)
    assert [person.name for person in found.starred] == ["周局长"]
    assert [(gap.organisation, gap.equation.listed, gap.equation.expected, gap.has_nobody) for gap in found.gaps] == [
        (JINPAI, 0, 1, True),
        (DONGBEI, 1, 2, False),
        (None, 0, 1, False),
    ]
    assert [[person.name for person in gap.people] for gap in found.gaps] == [["赵敏"], ["李娜"], []]
    assert found.nobody_here == (JINPAI,)
    assert "13700137000" not in str(found) and "137****7000" in str(found)


def test_a_void_makes_missing_again_and_an_undo_takes_it_back(both_app: Flask) -> None:
    event = with_roster(WANG)
    result = sign_in(event, enterprise())
    assert who(event).gaps == ()
    corrections.void(result.sign_in_id, staff_id=None)
    assert [gap.organisation for gap in who(event).gaps] == [DONGBEI]
    corrections.restore(result.sign_in_id, staff_id=None)
    assert who(event).gaps == ()
    assert tallies.recount() == ()


def test_five_minutes_before_the_start_it_is_soon(app: Flask) -> None:
    event = with_roster(starts_at=NINE)
    with clock.freeze(NINE - timedelta(minutes=5, seconds=1)):
        assert not who(event).is_soon
    with clock.freeze(NINE - timedelta(minutes=5)):
        assert who(event).is_soon


def test_free_seats_are_said_with_how_many_came(both_app: Flask) -> None:
    event = with_roster(RosterRow("enterprise", organisation_name=DONGBEI, seats=3), ZHAO)
    for number, name in enumerate(("王强", "李娜")):
        sign_in(event, enterprise(name, mobile=f"1380013800{number}"))
    found = who(event)
    seats = next(gap for gap in found.gaps if gap.organisation == DONGBEI)
    assert (seats.equation.listed, seats.equation.expected, seats.free, seats.has_nobody) == (2, 3, 1, False)
    assert found.nobody_here == (JINPAI,)
    sign_in(event, enterprise("孙七", mobile="13800138009"))
    assert [gap.organisation for gap in who(event).gaps] == [JINPAI]


def test_an_organisation_merged_into_another_is_one_gap(both_app: Flask) -> None:
    event = with_roster(WANG, ZHAO)
    merge(JINPAI, DONGBEI)
    assert [(gap.organisation, gap.equation.expected, len(gap.people)) for gap in who(event).gaps] == [(DONGBEI, 2, 2)]


def test_who_asked_leave_or_sent_a_substitute_is_not_missing(both_app: Flask) -> None:
    event = with_roster()
    rosters.set_state(event.id, entry_of(event, "李娜").id, "excuse", actor="staff:1", reason="出差")
    sign_in(event, enterprise("孙七", mobile="13500135000"), replaces_id=entry_of(event, "赵敏").id)
    found = who(event)
    assert [(person.name, person.reason) for person in found.excused] == [("李娜", "出差")]
    assert [person.name for gap in found.gaps for person in gap.people] == ["王强"]
    assert look(event).counts.missing == 2


def test_what_a_call_gave_is_a_mark_and_is_taken_back(both_app: Flask) -> None:
    event = with_roster(WANG)
    entry = entry_of(event, "王强")
    for change, mark in (("on_the_way", "on_the_way"), ("unreachable", "unreachable"), ("expect", None)):
        rosters.set_state(event.id, entry.id, change, actor="staff:1")  # type: ignore[arg-type]
        assert who(event).gaps[0].people[0].contact == mark
    assert look(event).counts.missing == 1


def test_bars_say_how_many_of_those_expected_came(both_app: Flask) -> None:
    event = with_roster()
    sign_in(event, enterprise())
    sign_in(event, enterprise("路人", organisation_name=XINYE, mobile="13500135000"))
    numbers = look(event)
    bars = {
        bar.label: (bar.equation.listed, bar.equation.unlisted, bar.equation.expected) for bar in numbers.organisations
    }
    assert bars == {DONGBEI: (1, 0, 2), JINPAI: (0, 0, 1), XINYE: (0, 1, 0), None: (0, 0, 1)}
    groups = {bar.label: (bar.equation.listed, bar.equation.unlisted, bar.equation.expected) for bar in numbers.groups}
    assert groups == {"第一组": (1, 0, 2), "第二组": (0, 0, 1), None: (0, 1, 1)}
    assert numbers.expected_organisations == 2
    assert numbers.capacity_percent == 25.0


def test_two_hundred_are_shown_and_the_rest_counted(app: Flask) -> None:
    rows = [RosterRow("guest", f"来宾{number:03}", mobile=f"138{number:08}") for number in range(missing.SHOWN + 7)]
    event = with_roster(*rows, MAYOR, RosterRow("enterprise", organisation_name=DONGBEI, seats=4))
    found = who(event)
    assert len(found.starred) + sum(len(gap.people) for gap in found.gaps) == missing.SHOWN
    assert found.starred[0].name == "周局长"
    assert found.more == 8


def test_only_missing_entries_are_read_by_their_index(app: Flask) -> None:
    event = with_roster()
    statement = select(RosterEntry.id).where(*missing._is_absent(event.id, "expected"), RosterEntry.is_starred)
    starred_first = statement.order_by(RosterEntry.position)
    written = starred_first.compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {written}")
    said = " ".join(str(row[3]) for row in plan)
    assert "ix_roster_entry_missing (event_id=? AND state=? AND is_here=? AND is_starred=?)" in said
    assert "TEMP B-TREE" not in said


def test_with_a_roster_it_costs_the_same_with_few_and_with_many(both_app: Flask) -> None:
    rows = [RosterRow("guest", f"来宾{number}", mobile=f"138{number:08}") for number in range(60)]
    event = with_roster(*rows, MAYOR, tick_labels=("资料已领",))
    counted: list[str] = []

    @sa_event.listens_for(db.engine, "before_cursor_execute")
    def count(*arguments: object) -> None:
        counted.append(str(arguments[2]))

    def statements() -> int:
        counted.clear()
        look(event)
        return len(counted)

    sign_in(event, guest("来宾0", mobile="13800000000"))
    statements()  # reads what was expected
    few = statements()
    for number in range(1, 40):
        sign_in(event, guest(f"来宾{number}", mobile=f"138{number:08}"))
    assert statements() == few <= 18


# --- the tablet


@pytest.fixture
def tablet(client: FlaskClient) -> FlaskClient:
    """A tablet on which the admin is logged in."""
    make_staff()
    log_in(client, "admin@example.org")
    return client


def region(tablet: FlaskClient, event: EventView, name: str = "missing") -> str:
    return tablet.get(f"/events/{event.code}/dashboard/{name}").text


def test_the_number_is_masked_until_a_tap_that_the_log_keeps(tablet: FlaskClient) -> None:
    event = with_roster()
    page = tablet.get(f"/events/{event.code}/dashboard").text
    assert "138****8000" in page and "13800138000" not in page
    entry = entry_of(event, "王强")
    answer = post(tablet, f"/events/{event.code}/missing/{entry.id}/call")
    assert 'href="tel:13800138000"' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    log = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "look.mobile")).one()
    assert (log.subject, log.changed["mobile"]) == (f"roster_entry:{entry.id}", "138****8000")
    assert "13800138000" not in str(log.changed) and "王强" not in str(log.changed)


def test_a_viewer_sees_who_is_missing_and_may_not_call(client: FlaskClient) -> None:
    make_staff("viewer")
    log_in(client, "viewer@example.org")
    event = with_roster()
    shown = region(client, event)
    assert "王强" in shown and "138****8000" in shown and "/call" not in shown
    assert post(client, f"/events/{event.code}/missing/{entry_of(event, '王强').id}/call").status_code == 403
    assert db.session.scalar(select(AuditEntry.id).where(AuditEntry.action == "look.mobile")) is None


def test_nobody_of_another_event_is_called_or_changed(tablet: FlaskClient) -> None:
    event, other = with_roster(), with_roster()
    entry = entry_of(other, "王强")
    assert post(tablet, f"/events/{event.code}/missing/{entry.id}/call").status_code == 404
    assert post(tablet, f"/events/{event.code}/missing/{entry.id}/excuse").status_code == 404
    assert events.counts(other.id).excused == 0


def test_one_tap_after_the_call_marks_and_another_takes_it_back(tablet: FlaskClient) -> None:
    event = with_roster()
    here = f"/events/{event.code}/missing/{entry_of(event, '王强').id}"
    assert post(tablet, f"{here}/excuse", reason="出差").status_code == 303
    shown = region(tablet, event)
    assert "出差" in shown and "取消请假" in shown
    assert entry_of(event, "王强").reason == "出差"
    post(tablet, f"{here}/expect")
    post(tablet, f"{here}/on_the_way")
    assert "在路上" in region(tablet, event)
    post(tablet, f"{here}/unreachable")
    assert "联系不上" in region(tablet, event)
    assert events.counts(event.id).missing == 4


def test_in_place_the_answer_says_who_and_closes_the_card(tablet: FlaskClient) -> None:
    event = with_roster()
    here = f"/events/{event.code}/missing/{entry_of(event, '王强').id}"
    data = {"csrf_token": csrf_token(tablet)}
    answer = tablet.post(f"{here}/excuse", data=data, headers={"HX-Request": "true"})
    assert "王强 · 已请假" in answer.text and 'hx-swap-oob="innerHTML"' in answer.text
    assert answer.headers["HX-Trigger-After-Swap"] == "rows-changed"
    sign_in(event, enterprise())
    refused = tablet.post(f"{here}/excuse", data=data, headers={"HX-Request": "true"})
    assert refused.status_code == 422 and "此人已到" in refused.text


def test_what_is_handed_out_is_ticked_in_the_list_and_counted(tablet: FlaskClient) -> None:
    event = make_event(tick_labels=("资料已领", "聘书已发"))
    one = sign_in(event, guest("张爱国")).sign_in_id
    here = f"/events/{event.code}/sign-ins/{one}"
    assert post(tablet, f"{here}/tick", label="资料已领").status_code == 303
    post(tablet, f"{here}/tick", label="资料已领")
    assert latest(event.id)[0].ticks == ("资料已领",)
    assert look(event).ticks == (("资料已领", 1), ("聘书已发", 0))
    shown = region(tablet, event, "latest")
    assert shown.count('aria-pressed="true"') == 1 and f"{here}/untick" in shown
    post(tablet, f"{here}/untick", label="资料已领")
    assert look(event).ticks == (("资料已领", 0), ("聘书已发", 0))
    assert post(tablet, f"/events/{event.code}/sign-ins/999/tick", label="资料已领").status_code == 404


def test_a_voided_sign_in_was_handed_nothing(both_app: Flask) -> None:
    event = make_event(tick_labels=("资料已领",))
    one = sign_in(event, guest("张爱国")).sign_in_id
    ticks.set_tick(event.id, one, "资料已领", is_ticked=True, hand=Hand("staff:1"))
    corrections.void(one, staff_id=None)
    assert look(event).ticks == (("资料已领", 0),)


def test_a_starred_person_is_a_line_of_its_own_and_rings_once(tablet: FlaskClient) -> None:
    event = with_roster()
    assert 'data-starred-here=""' in region(tablet, event, "numbers")
    one = sign_in(event, guest("周局长", mobile="13600136000")).sign_in_id
    assert f'data-starred-here="{one} "' in region(tablet, event, "numbers")
    assert "person--starred" in region(tablet, event, "latest")


def test_the_ring_says_how_many_were_expected(tablet: FlaskClient) -> None:
    event = with_roster()
    sign_in(event, enterprise())
    shown = region(tablet, event, "numbers")
    shown = " ".join(shown.split())
    assert (
        '名单内</span> <b class="ring__number number" id="listed" data-roll="listed">1</b>' in shown and "/ 4<" in shown
    )
    assert 'data-roll="unlisted">0<' in shown and 'id="arrived" data-roll="arrived">1<' in shown
    assert 'data-roll="missing">3<' in shown

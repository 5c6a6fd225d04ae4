"""A week in fast motion, with a moving clock: what is open when, what phones and desk say, what the sheets hold.

Seven days in Berlin, of which the last has 25 hours: an event of a title only, a training and its six clones, a series
of a morning and an afternoon, one event of two days, a night over midnight, and one over the change of clocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk import clock
from kiosk.extensions import db
from kiosk.models import EventRefusal
from kiosk.services.board import pulse
from kiosk.services.event import events
from kiosk.services.event.events import EventDraft
from tests.aids.factories import log_in, make_staff, post, sheet_of
from tests.web.attendee.test_attendee import post as sign_in_by_phone
from tests.web.desk.test_desk_forms import change

ZONE = ZoneInfo("Europe/Berlin")
MONDAY, SUNDAY = 19, 25  # October 2026; summer time ends on the Sunday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
EARLY, OPEN, CLOSED = "开始签到", 'id="sign-in"', "签到已于"
CHIPS = {"before": "未开始", "open": "签到中", "closed": "已结束"}


def at(day: int, hour: int, minute: int = 0, *, again: bool = False) -> datetime:
    """Return a moment of that week; `again`: the second time that the clock shows it, on Sunday."""
    return datetime(2026, 10, day, hour, minute, tzinfo=ZONE, fold=int(again)).astimezone(UTC)


@dataclass
class Week:
    """The events of the week, made on its Monday at ten, and the browser of the phone and of the desk."""

    phone: FlaskClient
    desk: FlaskClient
    codes: dict[str, str]

    def page(self, name: str, moment: datetime) -> str:
        """Return what a phone without cookies is shown at that moment."""
        with clock.freeze(moment):
            return self.phone.application.test_client().get(f"/e/{self.codes[name]}").text

    def sign_in(self, name: str, moment: datetime, who: str, mobile: str) -> str:
        """Sign in by the form of a phone of one's own, and return what the phone says."""
        with clock.freeze(moment):
            phone = self.phone.application.test_client()
            answer = sign_in_by_phone(phone, self.codes[name], name=who, mobile=mobile)
            return phone.get(answer.location).text if answer.status_code == 303 else answer.text

    def chips(self, moment: datetime) -> dict[str, str]:
        """Return what the desk's list says of each event."""
        with clock.freeze(moment):
            log_in(self.desk, "admin@example.org")
            lists = self.desk.get("/events").text + self.desk.get("/events?when=past").text
        shown = {}
        for name, code in self.codes.items():
            card = lists.split(f'href="/events/{code}"', 1)[1].split('href="/events/', 1)[0]
            (shown[name],) = {words for words in CHIPS.values() if f"{words}</span>" in card}
        return shown

    def came(self, name: str) -> list[tuple[str, str]]:
        """Return the names and times on an event's sheet."""
        sheet = sheet_of(events.get(self.codes[name]), "zh")
        titles = [column.key for column in sheet.columns]
        who, when = titles.index("name"), titles.index("signed_in_at")
        return [(row[who], row[when]) for row in sheet.rows]


@pytest.fixture
def week(app: Flask, client: FlaskClient) -> Week:
    make_staff()
    made: dict[str, str] = {}

    def make(name: str, **times: datetime | None) -> None:
        draft = EventDraft(title=name, timezone=str(ZONE), kinds=[{"kind": "enterprise"}], **times)  # type: ignore[arg-type]
        made[name] = events.create(draft).code

    with clock.freeze(at(MONDAY, 10)):
        make("讲堂")
        make("培训一", starts_at=at(MONDAY, 14), ends_at=at(MONDAY, 16))
        for number, day in enumerate("二三四五六日", start=1):
            starts_at = at(MONDAY + number, 14)
            made[f"培训{day}"] = events.clone(made["培训一"], title=f"培训{day}", starts_at=starts_at).code
        make("上午", starts_at=at(21, 9), ends_at=at(21, 11))
        make("下午", starts_at=at(21, 13), ends_at=at(21, 15))
        make("两天", starts_at=at(22, 9), ends_at=at(23, 17))
        make("夜里", starts_at=at(23, 22), ends_at=at(24, 2))
        make("换钟", starts_at=at(SUNDAY, 1, 30), ends_at=at(SUNDAY, 3, 30))
        make("无终", starts_at=at(SUNDAY, 10))
    return Week(client, app.test_client(), made)


# When sign-in opens and closes; the title-only one is told apart below.
HOURS = {
    **{f"培训{day}": (at(MONDAY + n, 13), at(MONDAY + n, 17)) for n, day in enumerate("一二三四五六日")},
    "上午": (at(21, 8), at(21, 12)),
    "下午": (at(21, 12), at(21, 16)),
    "两天": (at(22, 8), at(23, 18)),
    "夜里": (at(23, 21), at(24, 3)),
    "换钟": (at(SUNDAY, 0, 30), at(SUNDAY, 4, 30)),
    "无终": (at(SUNDAY, 9), at(26, 0)),
}


def test_each_hour_of_the_week_is_open_what_should_be(week: Week) -> None:
    views = {name: events.get(code) for name, code in week.codes.items() if name in HOURS}
    moment, hours = at(MONDAY, 10), 0
    while moment < at(26, 10):
        are_open = {name for name, view in views.items() if view.phase(moment) == "open"}
        assert are_open == {name for name, (opens, closes) in HOURS.items() if opens <= moment < closes}, moment
        moment, hours = moment + HOUR / 2, hours + 1
    assert hours == 2 * (7 * 24 + 1), "the Sunday has an hour more"
    opens, closes = HOURS["换钟"]
    assert closes - opens == 5 * HOUR, "from half past midnight to half past four, with one hour twice"


def test_phones_and_desk_say_it_at_each_turn(week: Week) -> None:
    for name, (opens, closes) in HOURS.items():
        if opens - MINUTE > at(MONDAY, 10):
            assert EARLY in week.page(name, opens - MINUTE), name
        assert OPEN in week.page(name, opens) and OPEN in week.page(name, closes - MINUTE), name
        late = week.page(name, closes)
        assert CLOSED in late and OPEN not in late, name
        closed_at = closes.astimezone(ZONE)
        assert f"{closed_at:%H:%M}" in late, name
        tomorrow = week.page(name, closes + DAY)
        assert f"{closed_at.month}月{closed_at.day}日" in tomorrow, f"{name}: a date where the time is not today's"
    for day in range(MONDAY, SUNDAY + 1):
        moment = at(day, 14, 30)
        shown = week.chips(moment)
        for name, (opens, closes) in HOURS.items():
            phase = "before" if moment < opens else "closed" if moment >= closes else "open"
            assert shown[name] == CHIPS[phase], (name, moment)


def test_an_event_of_a_title_only_has_the_day_of_its_first_sign_in(week: Week) -> None:
    assert OPEN in week.page("讲堂", at(MONDAY, 18)), "people prepare the evening before"
    assert "第 1 位" in week.sign_in("讲堂", at(21, 9, 5), "王强", "13800138000")
    assert "第 2 位" in week.sign_in("讲堂", at(21, 23, 50), "李娜", "13800138001")
    late = week.sign_in("讲堂", at(22, 9), "赵敏", "13800138002")
    assert f"{CLOSED} 00:00 结束" in late, "midnight ended its day"
    with clock.freeze(at(22, 9, 10)):
        log_in(week.desk, "admin@example.org")
        assert "建今天的场次" in week.desk.get(f"/events/{week.codes['讲堂']}").text
        made = post(week.desk, f"/events/{week.codes['讲堂']}/today").location.rsplit("/", 1)[1]
    week.codes["今天"] = made
    assert "第 1 位" in week.sign_in("今天", at(22, 9, 15), "赵敏", "13800138002")
    assert week.chips(at(22, 9, 20)) | {"讲堂": "已结束", "今天": "签到中"} == week.chips(at(22, 9, 20))
    assert [one for one, _ in week.came("讲堂")] == ["王强", "李娜"]
    assert [one for one, _ in week.came("今天")] == ["赵敏"]


def test_clones_and_a_series_keep_their_people_apart(week: Week) -> None:
    for number, day in enumerate("一二三四五六日"):
        assert "第 1 位" in week.sign_in(f"培训{day}", at(MONDAY + number, 13, 50), "王强", "13800138000")
    assert "第 1 位" in week.sign_in("上午", at(21, 8, 55), "王强", "13800138000")
    assert CLOSED in week.sign_in("上午", at(21, 12, 30), "李娜", "13800138001"), "she is at the wrong one"
    assert "第 1 位" in week.sign_in("下午", at(21, 12, 31), "李娜", "13800138001")
    assert "您已于 12:31 签到" in week.sign_in("下午", at(21, 13, 5), "李娜", "13800138001")
    for day in "一二三四五六日":
        assert [one for one, _ in week.came(f"培训{day}")] == ["王强"]
    assert [one for one, _ in week.came("上午")] == ["王强"] and [one for one, _ in week.came("下午")] == ["李娜"]


def test_a_second_day_of_one_event_is_said_and_felt_not_lost_in_silence(week: Week) -> None:
    assert "第 1 位" in week.sign_in("两天", at(22, 9, 2), "王强", "13800138000")
    again = week.sign_in("两天", at(23, 9, 1), "王强", "13800138000")
    assert "本场活动的签到记录是 10月22日 09:02" in again
    pulse.flush()
    felt = (
        db.session.query(EventRefusal).filter_by(event_id=events.get(week.codes["两天"]).id, code="another_day").one()
    )
    assert felt.refused == 1
    with clock.freeze(at(23, 9, 5)):
        log_in(week.desk, "admin@example.org")
        assert "另一天" in week.desk.get(f"/events/{week.codes['两天']}/dashboard").text
    (row,) = week.came("两天")
    assert row[0] == "王强" and "10-22" in row[1], "the sheet says which of the two days"


def test_over_midnight_and_over_the_change_of_clocks(week: Week) -> None:
    for moment, who, mobile in (
        (at(23, 21, 50), "王强", "13800138000"),
        (at(24, 0, 10), "李娜", "13800138001"),
    ):
        assert "位" in week.sign_in("夜里", moment, who, mobile)
    assert week.came("夜里") == [("王强", "10-23 21:50"), ("李娜", "10-24 00:10")]
    for moment, who, mobile in (
        (at(SUNDAY, 1, 25), "王强", "13800138000"),
        (at(SUNDAY, 2, 20), "李娜", "13800138001"),
        (at(SUNDAY, 2, 10, again=True), "赵敏", "13800138002"),
        (at(SUNDAY, 4, 29), "钱多", "13800138003"),
    ):
        assert "位" in week.sign_in("换钟", moment, who, mobile), moment
    assert [one for one, _ in week.came("换钟")] == ["王强", "李娜", "赵敏", "钱多"], "in the order of coming"
    assert CLOSED in week.page("换钟", at(SUNDAY, 4, 30))


def test_a_time_that_the_clocks_leave_out_is_said_and_not_moved(week: Week) -> None:
    with clock.freeze(at(MONDAY, 11)):
        log_in(week.desk, "admin@example.org")
        answer = change(week.desk, events.get(week.codes["讲堂"]), starts_at="2027-03-28T02:30")
    assert answer.status_code == 422 and "当天时钟拨快" in answer.text
    assert 'value="2027-03-28T02:30"' in answer.text and events.get(week.codes["讲堂"]).starts_at is None

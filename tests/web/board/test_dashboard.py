"""The organiser's tablet: its numbers, its chart, its trouble line and its page."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event as sa_event

from kiosk import clock
from kiosk.extensions import db
from kiosk.models import EventRefusal
from kiosk.services.board import arrival_chart, dashboards, pulse
from kiosk.services.board.arrival_chart import MOST_BARS, draw
from kiosk.services.board.people import PeopleFilter, search
from kiosk.services.door import corrections
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.refusals import SignInCode
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sign_in import organisations
from kiosk.web.board import live_fragments
from tests.aids.factories import (
    csrf_token,
    enterprise,
    guest,
    log_in,
    make_event,
    make_staff,
    merge,
    post,
    sign_in,
    student,
)

NINE = datetime(2026, 9, 10, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
LONG_ENTERPRISE = (
    "湖北省黄石市大冶市国家高新技术产业开发区城西北工业园东贝制冷压缩机及智能装备研究院股份有限公司质量中心"
)
MEAL = {"key": "meal", "type": "yes_no", "label": "用餐", "mode": "optional"}
BUS = {"key": "bus", "type": "choice", "label": "乘车", "choices": ["一号车", "二号车"], "mode": "optional"}


@pytest.fixture
def tablet(client: FlaskClient) -> FlaskClient:
    """A tablet on which the admin is logged in."""
    make_staff()
    log_in(client, "admin@example.org")
    return client


def _read(event: EventView) -> dashboards.Numbers:
    db.session.rollback()
    return dashboards.read(event)


def is_quiet(event: EventView) -> bool:
    trouble = _read(event).trouble
    return not (trouble.is_red or trouble.unfinished or trouble.refusals)


def _page(event: EventView, rest: str = "") -> str:
    return f"/events/{event.code}/dashboard{rest}"


# --- the numbers


def test_arrivals_late_and_kinds_are_the_tallies(both_app: Flask) -> None:
    event = make_event(starts_at=clock.utcnow() - timedelta(hours=1), late_after_minutes=0)
    for details in (enterprise(), guest("甲"), guest("乙"), student()):
        sign_in(event, details)
    numbers = _read(event)
    assert (numbers.counts.arrived, numbers.counts.late) == (4, 4)
    assert {each.kind.kind: each.count for each in numbers.kinds} == {"enterprise": 1, "guest": 2, "student": 1}


def test_organisations_follow_a_merge_and_districts_their_root(both_app: Flask) -> None:
    event = make_event()
    organisations.add_many(["大冶特钢", "大冶特殊钢"], "enterprise", "大冶市")
    sign_in(event, enterprise("甲", organisation_name="大冶特钢", mobile="13800138001"))
    sign_in(event, enterprise("乙", organisation_name="大冶特殊钢", mobile="13800138002"))
    sign_in(event, guest("丙"))
    merge("大冶特殊钢", "大冶特钢")
    numbers = _read(event)
    assert [(bar.label, bar.count) for bar in numbers.organisations] == [("大冶特钢", 2), (None, 1)]
    assert [(bar.label, bar.count) for bar in numbers.districts] == [("大冶市", 2), (None, 1)]
    assert numbers.organisation_count == 1
    root_id = int(numbers.organisations[0].key or 0)
    assert {row.name for row in search(event.id, PeopleFilter(organisation_id=root_id)).rows} == {"甲", "乙"}
    assert {row.name for row in search(event.id, PeopleFilter(district="大冶市")).rows} == {"甲", "乙"}


def test_many_organisations_end_in_one_bar_for_the_rest(app: Flask) -> None:
    event = make_event()
    for number in range(dashboards.BARS + 3):
        sign_in(event, enterprise(organisation_name=f"企业{number:02}", mobile=f"138001380{number:02}"))
    bars = _read(event).organisations
    assert len(bars) == dashboards.BARS + 1
    assert (bars[-1].key, bars[-1].count) == (None, 3)


def test_choice_and_yes_no_fields_are_totalled_and_a_void_is_not(both_app: Flask) -> None:
    event = make_event(own_fields=[MEAL, BUS])
    sign_in(event, guest("甲", answers=(("x_bus", "一号车"), ("x_meal", "yes"))))
    gone = sign_in(event, guest("乙", answers=(("x_bus", "二号车"), ("x_meal", "yes"))))
    corrections.void(gone.sign_in_id, staff_id=None)
    totals = {total.label: dict(total.values) for total in _read(event).totals}
    assert totals == {"用餐": {"yes": 1, "no": 0}, "乘车": {"一号车": 1, "二号车": 0}}


def test_a_limit_shows_what_is_left(app: Flask) -> None:
    event = make_event(capacity=4)
    sign_in(event, guest("甲"))
    numbers = _read(event)
    assert (numbers.capacity_left, numbers.capacity_percent) == (3, 25.0)


def test_a_dashboard_costs_the_same_with_few_and_with_many(both_app: Flask) -> None:
    event = make_event()
    counted: list[str] = []

    @sa_event.listens_for(db.engine, "before_cursor_execute")
    def count(*arguments: object) -> None:
        counted.append(str(arguments[2]))

    def statements() -> int:
        counted.clear()
        _read(event)
        return len(counted)

    sign_in(event, guest("甲"))
    few = statements()
    for number in range(60):
        sign_in(event, guest(f"来宾{number}"))
    assert statements() == few <= 9
    latest_ones = next(statement for statement in counted if "FROM sign_in" in statement)
    assert "LIMIT" in latest_ones
    assert "name" not in latest_ones, "whole rows are read of those who are shown, not of all looked through"


# --- the chart


def test_minutes_without_arrivals_are_filled_with_zero() -> None:
    chart = draw({NINE: 3, NINE + timedelta(minutes=4): 1}, starts_at=None, now=NINE + timedelta(hours=5))
    assert [bar.arrived for bar in chart.bars][-5:] == [3, 0, 0, 0, 1]
    assert len(chart.bars) == arrival_chart.FEWEST_MINUTES
    assert (chart.highest, chart.minutes_per_bar) == (3, 1)


def test_the_start_is_marked_even_before_it_comes() -> None:
    start = NINE + timedelta(minutes=10)
    chart = draw({NINE: 1}, starts_at=start, now=NINE + timedelta(minutes=1))
    assert chart.bars[-1].begins_at == start
    assert chart.start_at_bar == len(chart.bars) - 1


def test_a_start_far_away_is_not_on_the_chart() -> None:
    assert draw({NINE: 1}, starts_at=NINE + timedelta(days=1), now=NINE).start_at_bar is None


@pytest.mark.parametrize("minutes", [1, 19, 89, 90, 91, 170, 200, 1000, 5000, 60 * 24 * 30, 60 * 24 * 400])
def test_a_long_event_has_wider_bars_and_loses_nobody(minutes: int) -> None:
    arrivals = {NINE + timedelta(minutes=each): 2 for each in range(0, minutes, max(1, minutes // 50))}
    chart = draw(arrivals, starts_at=NINE, now=NINE + timedelta(days=900))
    assert len(chart.bars) <= MOST_BARS
    assert sum(bar.arrived for bar in chart.bars) == sum(arrivals.values())


def test_voided_minutes_leave_no_bar(app: Flask) -> None:
    event = make_event()
    corrections.void(sign_in(event, guest("甲")).sign_in_id, staff_id=None)
    assert _read(event).chart.bars == ()


# --- the trouble line


def test_phones_that_open_and_never_finish_turn_it_red(both_app: Flask) -> None:
    event = make_event()
    for _ in range(dashboards.RED_OPENINGS):
        pulse.opened(event.id, "phone_private")
    pulse.flush()
    trouble = _read(event).trouble
    assert trouble.is_red and trouble.unfinished == dashboards.RED_OPENINGS
    sign_in(event, guest("甲"))
    pulse.finished(event.id, clock.utcnow())
    pulse.flush()
    trouble = _read(event).trouble
    assert not trouble.is_red and trouble.unfinished == dashboards.RED_OPENINGS - 1


def test_red_and_unfinished_pass_with_the_time(app: Flask) -> None:
    event = make_event()
    for _ in range(dashboards.RED_OPENINGS):
        pulse.opened(event.id, "phone_private")
    pulse.flush()
    with clock.freeze(clock.utcnow() + timedelta(minutes=5)):
        assert not _read(event).trouble.is_red
        assert _read(event).trouble.unfinished == dashboards.RED_OPENINGS
    with clock.freeze(clock.utcnow() + timedelta(minutes=17)):
        assert is_quiet(event)


def test_waiting_for_the_opening_is_no_trouble(app: Flask) -> None:
    event = make_event(opens_at=NINE)
    with clock.freeze(NINE - timedelta(minutes=1)):
        for _ in range(dashboards.RED_OPENINGS):
            pulse.opened(event.id, "phone_private")
        pulse.flush()
        assert is_quiet(event)
    with clock.freeze(NINE + timedelta(seconds=30)):
        assert is_quiet(event)
        for _ in range(dashboards.RED_OPENINGS):
            pulse.opened(event.id, "phone_private")
        pulse.flush()
        assert _read(event).trouble.is_red
    closed = events.close(event.code)
    with clock.freeze(NINE + timedelta(seconds=40)):
        assert not _read(closed).trouble.is_red


def test_who_is_not_on_the_roster_is_told_in_words(app: Flask, tablet: FlaskClient) -> None:
    event = make_event(walk_in_policy="refuse")
    roster_writing.write(event.id, [RosterRow("guest", "王强")], actor="staff:1")
    phone, address = app.test_client(), f"/e/{event.code}"
    ticket = re.search(r'name="ticket" value="([^"]+)"', phone.get(f"{address}?kind=guest").text)
    assert ticket
    data = {"ticket": ticket[1], "kind": "guest", "name": "赵敏"}
    assert phone.post(f"{address}/sign-in", data=data).status_code == 409
    pulse.flush()
    trouble = tablet.get(_page(event, "/trouble")).text
    assert "被拒（不在名单上）1 次" in trouble and "not_listed" not in trouble


def test_no_raw_code_stands_in_the_trouble_line(app: Flask, tablet: FlaskClient) -> None:
    event, reasons = make_event(), get_args(SignInCode)
    for code in reasons:
        pulse.refused(event.id, code)
    pulse.flush()
    for lang in ("zh", "en"):
        trouble = tablet.get(_page(event, f"/trouble?lang={lang}")).text
        assert trouble.count("被拒（" if lang == "zh" else "refused, ") == len(reasons)
        assert not [code for code in reasons if "_" in code and code in trouble]


def test_a_reason_that_an_older_version_kept_is_left_out(app: Flask, tablet: FlaskClient) -> None:
    event = make_event()
    db.session.add(EventRefusal(event_id=event.id, code="of_old", minute=NINE, refused=1, last_at=clock.utcnow()))
    db.session.commit()
    assert "of_old" not in tablet.get(_page(event, "/trouble")).text


def test_refusals_are_told_by_their_reason(tablet: FlaskClient) -> None:
    event = make_event()
    pulse.refused(event.id, "full")
    pulse.refused(event.id, "full")
    pulse.flush()
    assert "被拒（名额已满）2 次" in tablet.get(_page(event, "/trouble")).text
    assert "refused, full: 2" in tablet.get(_page(event, "/trouble?lang=en")).text


# --- the page


def test_a_stranger_is_asked_to_log_in_and_a_viewer_may_look_and_change_nothing(
    app: Flask, client: FlaskClient
) -> None:
    event = make_event()
    done = sign_in(event, guest("张爱国"))
    assert client.get(_page(event)).status_code == 303
    assert client.get(_page(event, "/stream")).status_code == 303
    make_staff("viewer")
    log_in(client, "viewer@example.org")
    page = client.get(_page(event)).text
    assert "张爱国" in page and "/void" not in page
    assert post(client, f"/events/{event.code}/sign-ins/{done.sign_in_id}/void").status_code == 403
    assert events.counts(event.id).arrived == 1


def test_another_organisers_event_is_not_shown(app: Flask, client: FlaskClient) -> None:
    make_staff("organiser")
    event = make_event()
    log_in(client, "organiser@example.org")
    for rest in ("", "/stream", "/numbers", "/latest", "/bulletin", "/phones"):
        assert client.get(_page(event, rest)).status_code == 403


def test_nobody_yet_shows_the_code_as_the_next_step(tablet: FlaskClient) -> None:
    event = make_event()
    page = tablet.get(_page(event)).text
    assert "还没有人签到" in page
    assert f"<span>{event.code[:3]}</span> <span>{event.code[3:]}</span>" in page


def test_the_time_of_an_arrival_is_the_events(tablet: FlaskClient) -> None:
    event = make_event(timezone="Europe/Lisbon")
    with clock.freeze(NINE):
        sign_in(event, guest("张爱国"))
        page = " ".join(tablet.get(_page(event, "/latest")).text.split())
    assert '<span class="person__time number">02:00</span>' in page


def test_what_people_typed_is_text_and_mobiles_are_masked(tablet: FlaskClient) -> None:
    event = make_event()
    sign_in(event, enterprise("<script>alert(1)</script>", organisation_name=LONG_ENTERPRISE))
    page = tablet.get(_page(event)).text
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page
    assert LONG_ENTERPRISE in page
    assert "138****8000" in page and "13800138000" not in page


def test_the_events_own_name_for_a_kind_is_used(tablet: FlaskClient) -> None:
    kinds = [{"kind": "student", "label": "教师", "label_alt": "Teachers"}, {"kind": "guest"}]
    event = make_event(kinds=kinds)
    sign_in(event, student())
    assert "教师" in tablet.get(_page(event, "/breakdown")).text
    assert "Teachers" in tablet.get(_page(event, "/breakdown?lang=en")).text


def test_every_region_has_its_own_address_and_one_stable_root(tablet: FlaskClient) -> None:
    event = make_event()
    sign_in(event, guest("甲"))
    page = tablet.get(_page(event)).text
    for region in live_fragments.REGIONS:
        answer = tablet.get(_page(event, f"/{region}"))
        assert answer.status_code == 200
        roots = re.findall(rf'id="{region}"', page)
        assert len(roots) == 1 and f'id="{region}"' in answer.text
        assert "<html" not in answer.text


def test_no_inline_style_or_script_is_on_the_page(tablet: FlaskClient) -> None:
    event = make_event(capacity=5, own_fields=[MEAL])
    sign_in(event, guest("甲", answers=(("x_meal", "yes"),)))
    page = tablet.get(_page(event)).text
    assert not re.search(r"<[^>]+\s(style|on\w+)=", page)
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)


def test_the_shared_fragments_carry_nobodys_token(tablet: FlaskClient) -> None:
    event = make_event()
    sign_in(event, guest("甲"))
    token = csrf_token(tablet)
    for region in live_fragments.REGIONS:
        text = tablet.get(_page(event, f"/{region}")).text
        assert token not in text and "csrf" not in text and "admin@example.org" not in text


def test_the_ring_is_the_lists_or_the_capacitys_or_there_is_none(app: Flask, tablet: FlaskClient) -> None:
    bare, bound, listed = make_event(), make_event(capacity=4), make_event()
    roster_writing.write(listed.id, [RosterRow("guest", "王强")], actor="staff:1")
    for event in (bare, bound, listed):
        sign_in(event, guest("甲"))
    rings = [tablet.get(_page(event, "/numbers")).text.count("ring__track") for event in (bare, bound, listed)]
    assert rings == [0, 1, 1]


def test_the_scripts_of_the_board_are_at_most_12_kilobytes_together(app: Flask, tablet: FlaskClient) -> None:
    event = make_event()
    roster_writing.write(event.id, [RosterRow("guest", "王强")], actor="staff:1")
    page = tablet.get(_page(event)).text
    ours = set(re.findall(r'"(/static/js/[^"]+\.js)"', page))
    assert len(ours) == 6  # the stream's stands in the page and in the worker
    total = 0
    for path in ours:
        with tablet.get(path) as answer:
            total += len(answer.data)
    assert 0 < total <= 12 * 1024, total

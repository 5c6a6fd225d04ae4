"""The organiser's tablet: its numbers, its list, its corrections and its stream, over plain HTTP."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event as sa_event, select

from kiosk import clock
from kiosk.extensions import db
from kiosk.models import Organisation
from kiosk.services import arrival_chart, corrections, dashboards, events, live, organisations, pulse, staff_sessions
from kiosk.services.arrival_chart import MOST_BARS, draw
from kiosk.services.event_views import EventView
from kiosk.services.people import PeopleFilter, latest, search
from kiosk.services.writer import run
from kiosk.web import live_fragments
from tests.factories import (
    csrf_token,
    enterprise,
    guest,
    log_in,
    make_event,
    make_staff,
    post,
    sign_in,
    student,
    ticket_for,
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
    assert sum(each.arc for each in numbers.kinds) == pytest.approx(100, abs=0.1)


def test_organisations_follow_a_merge_and_districts_their_root(both_app: Flask) -> None:
    event = make_event()
    organisations.add_many(["大冶特钢", "大冶特殊钢"], "enterprise", "大冶市")
    sign_in(event, enterprise("甲", organisation_name="大冶特钢", mobile="13800138001"))
    sign_in(event, enterprise("乙", organisation_name="大冶特殊钢", mobile="13800138002"))
    sign_in(event, guest("丙"))

    def merge(session: object) -> None:
        rows = {o.name: o for o in session.scalars(select(Organisation))}  # type: ignore[attr-defined]
        rows["大冶特殊钢"].merged_into_id = rows["大冶特钢"].id

    run(merge)
    numbers = _read(event)
    assert [(bar.label, bar.count) for bar in numbers.organisations] == [("大冶特钢", 2)]
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
    pulse.finished(event.id)
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
    with clock.freeze(clock.utcnow() + timedelta(minutes=12)):
        assert _read(event).trouble.is_quiet


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
    assert '<span class="number">02:00</span>' in tablet.get(_page(event, "/latest")).text


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


# --- the list


def test_the_latest_are_newest_first_and_a_void_keeps_its_place(both_app: Flask) -> None:
    event = make_event()
    ids = [sign_in(event, guest(name)).sign_in_id for name in "甲乙丙"]
    corrections.void(ids[1], staff_id=None)
    rows = latest(event.id)
    assert [(row.name, row.is_void) for row in rows] == [("丙", False), ("乙", True), ("甲", False)]


def test_cleared_trials_leave_the_list(app: Flask) -> None:
    event = make_event()
    sign_in(event, guest("试签人"), ticket=ticket_for(event, is_trial=True))
    sign_in(event, guest("甲"))
    assert len(latest(event.id)) == 2
    corrections.clear_trials(event.id, staff_id=None)
    assert [row.name for row in latest(event.id)] == ["甲"]


def test_a_search_finds_by_name_organisation_and_last_digits(both_app: Flask) -> None:
    event, other = make_event(), make_event(title="开放日")
    sign_in(event, enterprise("王　强"))
    sign_in(event, student())
    sign_in(other, enterprise("王芳", mobile="13900139000"))
    expected = {
        **dict.fromkeys(("王", "王强", "东贝", "8000", "38000", "1"), {"王　强"}),
        **dict.fromkeys(("李 明", "四棵", "2"), {"李明"}),
        **dict.fromkeys(("138001", "9000", "%", "_", "赵"), set()),
    }
    found = {words: {row.name for row in search(event.id, PeopleFilter(words=words)).rows} for words in expected}
    assert found == expected


def test_a_long_result_says_that_there_is_more(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.services.people.FOUND", 2)
    event = make_event()
    for name in "甲乙丙":
        sign_in(event, guest(name))
    found = search(event.id, PeopleFilter(kind="guest"))
    assert (len(found.rows), found.has_more) == (2, True)


def test_a_filter_works_without_scripts(tablet: FlaskClient) -> None:
    event = make_event()
    sign_in(event, enterprise("王强"))
    sign_in(event, guest("张爱国"))
    page = tablet.get(_page(event, "?kind=enterprise")).text
    assert "王强" in page and "张爱国" not in page and "只看：企业代表" in page
    nobody = tablet.get(_page(event, "?q=赵")).text
    assert "没有找到" in nobody and 'value="赵"' in nobody
    nonsense = tablet.get(_page(event, "?kind=nonsense&organisation=x"))
    assert nonsense.status_code == 200 and "张爱国" in nonsense.text


# --- corrections by hand


def test_void_and_undo_without_scripts(tablet: FlaskClient) -> None:
    event = make_event()
    done = sign_in(event, guest("张爱国"))
    path = f"/events/{event.code}/sign-ins/{done.sign_in_id}"
    answer = post(tablet, f"{path}/void")
    assert (answer.status_code, answer.headers["Location"]) == (303, _page(event))
    page = tablet.get(_page(event)).text
    assert "已撤销张爱国的签到" in page and f"{path}/restore" in page
    assert events.counts(event.id).arrived == 0
    assert post(tablet, f"{path}/restore").status_code == 303
    db.session.rollback()
    assert events.counts(event.id).arrived == 1


def test_void_in_place_answers_with_an_undo(tablet: FlaskClient) -> None:
    event = make_event()
    done = sign_in(event, guest("张爱国"))
    path = f"/events/{event.code}/sign-ins/{done.sign_in_id}"
    token = csrf_token(tablet)
    answer = tablet.post(f"{path}/void", data={"csrf_token": token}, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and f'hx-post="{path}/restore"' in answer.text
    assert answer.headers["HX-Trigger"] == "rows-changed"
    again = tablet.post(f"{path}/restore", data={"csrf_token": token}, headers={"HX-Request": "true"})
    assert "已恢复张爱国的签到" in again.text and "restore" not in again.text


def test_a_correction_without_a_token_is_refused(tablet: FlaskClient) -> None:
    event = make_event()
    done = sign_in(event, guest("张爱国"))
    assert tablet.post(f"/events/{event.code}/sign-ins/{done.sign_in_id}/void").status_code == 403
    assert events.counts(event.id).arrived == 1


def test_a_restore_that_must_not_be_says_why(tablet: FlaskClient) -> None:
    event = make_event()
    first = sign_in(event, enterprise())
    path = f"/events/{event.code}/sign-ins/{first.sign_in_id}/restore"
    corrections.void(first.sign_in_id, staff_id=None)
    sign_in(event, enterprise())
    data = {"csrf_token": csrf_token(tablet)}
    in_place = tablet.post(path, data=data, headers={"HX-Request": "true"})
    assert in_place.status_code == 422 and "以那一次为准" in in_place.text
    assert tablet.post(path, data=data).status_code == 303
    assert "以那一次为准" in tablet.get(_page(event)).text


def test_a_sign_in_of_another_event_is_not_found(tablet: FlaskClient) -> None:
    event, other = make_event(), make_event(title="开放日")
    done = sign_in(event, guest("张爱国"))
    assert post(tablet, f"/events/{other.code}/sign-ins/{done.sign_in_id}/void").status_code == 404
    assert events.counts(event.id).arrived == 1


def test_who_waits_is_let_in_by_one_tap(tablet: FlaskClient) -> None:
    event = make_event(capacity=1, full_policy="wait_list")
    sign_in(event, guest("甲"))
    waiting = sign_in(event, guest("乙"))
    path = f"/events/{event.code}/sign-ins/{waiting.sign_in_id}/admit"
    assert path in tablet.get(_page(event)).text
    assert post(tablet, path).status_code == 303
    page = tablet.get(_page(event)).text
    assert "乙已到，第 2 位" in page and path not in page


def test_trials_are_shown_live_and_cleared_in_one_tap(tablet: FlaskClient) -> None:
    event = make_event()
    sign_in(event, guest("试签人"), ticket=ticket_for(event, is_trial=True))
    page = tablet.get(_page(event)).text
    assert "1 条试签，不计入人数" in page and 'data-roll="arrived">0<' in page
    assert post(tablet, f"/events/{event.code}/trials/clear").status_code == 303
    page = tablet.get(_page(event)).text
    assert "已清除 1 条试签" in page and "试签人" not in page


# --- the stream


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_fragments, "PACE_SECONDS", 0.01)


def _events(tablet: FlaskClient, event: EventView) -> Iterator[tuple[str, str]]:
    """Yield the stream's events as (name, data)."""
    answer = tablet.get(_page(event, "/stream"))
    assert answer.mimetype == "text/event-stream"
    assert answer.headers["X-Accel-Buffering"] == "no"
    for chunk in answer.response:
        text = chunk.decode() if isinstance(chunk, bytes) else chunk
        name = re.match(r"event: (\w+)\n", text)
        if name:
            yield name[1], "\n".join(re.findall(r"^data: (.*)$", text, re.MULTILINE))


def _until(stream: Iterator[tuple[str, str]], name: str, part: str) -> list[str]:
    """Read until an event of this name holds this text; return the names read."""
    deadline, names = time.monotonic() + 20, []
    for each, text in stream:
        names.append(each)
        if each == name and part in text:
            return names
        assert time.monotonic() < deadline, f"{name} never said {part}"
    raise AssertionError("the stream ended")


def test_the_stream_begins_with_the_present_state(tablet: FlaskClient, quick: None) -> None:
    event = make_event()
    sign_in(event, guest("张爱国"))
    stream = _events(tablet, event)
    names = _until(stream, "beat", "T")
    assert set(names) == {*live_fragments.REGIONS, "phones", "beat"}
    stream.close()  # type: ignore[attr-defined]


def test_a_sign_in_and_a_void_come_down_the_stream(both_app: Flask, quick: None) -> None:
    client = both_app.test_client()
    make_staff()
    log_in(client, "admin@example.org")
    event = make_event()
    stream = _events(client, event)
    _until(stream, "beat", "T")
    done = sign_in(event, guest("张爱国"))
    _until(stream, "numbers", 'data-roll="arrived">1<')
    _until(stream, "latest", "张爱国")
    corrections.void(done.sign_in_id, staff_id=None)
    _until(stream, "numbers", 'data-roll="arrived">0<')
    stream.close()  # type: ignore[attr-defined]


def test_only_what_changed_is_sent_again(tablet: FlaskClient, quick: None) -> None:
    event = make_event()
    stream = _events(tablet, event)
    _until(stream, "beat", "T")
    pulse.refused(event.id, "closed")
    pulse.flush()
    names = _until(stream, "trouble", "签到已结束")
    assert set(names) <= {"beat", "trouble"}
    stream.close()  # type: ignore[attr-defined]


def test_a_change_is_rendered_once_for_all_its_viewers(
    tablet: FlaskClient, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = make_event()
    rendered: list[bool] = []
    render = live_fragments._render
    monkeypatch.setattr(
        live_fragments, "_render", lambda event, may_run: rendered.append(may_run) or render(event, may_run)
    )
    streams = [_events(tablet, event) for _ in range(3)]
    for stream in streams:
        _until(stream, "beat", "T")
    sign_in(event, guest("甲"))
    for stream in streams:
        _until(stream, "numbers", 'data-roll="arrived">1<')
        stream.close()  # type: ignore[attr-defined]
    assert rendered == [True, True]


def test_languages_and_rights_never_mix(app: Flask, tablet: FlaskClient) -> None:
    event = make_event()
    sign_in(event, guest("张爱国"))
    make_staff("viewer")
    viewer = app.test_client()
    log_in(viewer, "viewer@example.org")
    assert "撤销签到" in tablet.get(_page(event, "/latest")).text
    assert "/void" not in viewer.get(_page(event, "/latest")).text
    assert "Latest arrivals" in tablet.get(_page(event, "/latest?lang=en")).text
    assert "最近签到" in tablet.get(_page(event, "/latest?lang=zh")).text


def test_the_stream_beats_when_nothing_happens(
    tablet: FlaskClient, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_fragments, "HEARTBEAT_SECONDS", 0.02)
    event = make_event()
    stream = _events(tablet, event)
    _until(stream, "beat", "T")
    assert [next(stream)[0], next(stream)[0]] == ["beat", "beat"]
    stream.close()  # type: ignore[attr-defined]


def test_the_stream_ends_by_itself_after_its_life(
    tablet: FlaskClient, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_fragments, "HEARTBEAT_SECONDS", 0.01)
    monkeypatch.setattr(live_fragments, "LIFE_SECONDS", 0.1)
    assert {name for name, _ in _events(tablet, make_event())} >= {"beat"}


def test_the_stream_ends_when_its_reader_is_logged_out(
    tablet: FlaskClient, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_fragments, "HEARTBEAT_SECONDS", 0.02)
    stream = _events(tablet, make_event())
    _until(stream, "beat", "T")
    cookie = tablet.get_cookie("kiosk_staff")
    assert cookie is not None
    staff_sessions.revoke(cookie.value)
    assert {name for name, _ in stream} <= {"beat"}


def test_a_stream_holds_no_database_connection(tablet: FlaskClient, quick: None) -> None:
    event = make_event()
    db.session.remove()
    stream = _events(tablet, event)
    _until(stream, "beat", "T")
    db.session.remove()
    assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    stream.close()  # type: ignore[attr-defined]


def test_a_closed_stream_listens_no_more(app: Flask, tablet: FlaskClient, quick: None) -> None:
    stream = _events(tablet, make_event())
    _until(stream, "beat", "T")
    bell: live.Bell = app.extensions[live.EXTENSION]
    stream.close()  # type: ignore[attr-defined]
    deadline = time.monotonic() + 10
    while bell.is_watching:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_first_phone_is_told_to_the_phone_checks_region(tablet: FlaskClient, quick: None) -> None:
    event = make_event()
    stream = _events(tablet, event)
    before = next(text for name, text in stream if name == "phones")
    pulse.opened(event.id, "phone_private")
    pulse.flush()
    after = next(text for name, text in stream if name == "phones")
    assert before[0] == "0" and after[0] == "1"
    assert "已有手机打开签到页" in tablet.get(_page(event, "/phones")).text
    stream.close()  # type: ignore[attr-defined]

"""The dashboard's stream: the present state at once, every change, shared renderings, an end."""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from kiosk.extensions import db
from kiosk.models import Staff
from kiosk.services.account import staff_sessions
from kiosk.services.board import pulse
from kiosk.services.board.people import PeopleFilter
from kiosk.services.door import corrections
from kiosk.services.event import event_access
from kiosk.services.event.event_views import EventView
from kiosk.services.store import live, writer
from kiosk.services.store.writer import WriterSession
from kiosk.web.board import channels, held_streams, live_fragments, streams
from tests.aids.factories import guest, log_in, make_event, make_staff, sign_in


@pytest.fixture
def tablet(client: FlaskClient) -> FlaskClient:
    """A tablet on which the admin is logged in."""
    make_staff()
    log_in(client, "admin@example.org")
    return client


def _page(event: EventView, rest: str = "") -> str:
    return f"/events/{event.code}/dashboard{rest}"


# --- the stream


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "LEAST_SECONDS", 0.01)
    monkeypatch.setattr(channels, "MOST_SECONDS", 0.01)
    monkeypatch.setattr(channels, "MOST_SHARE", 10)


def _events(tablet: FlaskClient, event: EventView, asked: str = "") -> Iterator[tuple[str, str]]:
    """Yield the stream's events as (name, data)."""
    answer = tablet.get(_page(event, f"/stream{asked}"))
    assert answer.mimetype == "text/event-stream"
    assert answer.headers["X-Accel-Buffering"] == "no"
    for chunk in answer.response:
        for text in chunk.decode().split("\n\n"):
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
    names = _until(stream, "trouble", "已结束")
    assert set(names) <= {"beat", "trouble"}
    stream.close()  # type: ignore[attr-defined]


def test_a_change_is_rendered_once_for_all_its_viewers(
    app: Flask, tablet: FlaskClient, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = make_event()
    rendered: list[bool] = []
    render = live_fragments._render
    monkeypatch.setattr(
        live_fragments, "_render", lambda event, may_run, of: rendered.append(may_run) or render(event, may_run, of)
    )
    streams = [_events(tablet, event) for _ in range(3)]
    for stream in streams:
        _until(stream, "beat", "T")
    [channel] = app.extensions[channels.EXTENSION]._channels.values()
    assert len(channel.viewers) == 3
    sign_in(event, guest("甲"))
    for stream in streams:
        _until(stream, "numbers", 'data-roll="arrived">1<')
        stream.close()  # type: ignore[attr-defined]
    assert rendered == [True, True]


def test_a_page_that_understands_it_gets_one_row_and_any_other_reader_the_list(
    tablet: FlaskClient, quick: None
) -> None:
    event = make_event()
    for number in range(5):
        sign_in(event, guest(f"来宾{number}"))
    page, reader = _events(tablet, event, "?patches=1"), _events(tablet, event)
    for stream in (page, reader):
        _until(stream, "beat", "T")
    sign_in(event, guest("张爱国"))
    row = next(text for name, text in page if name == "patch" and "张爱国" in text)
    assert "来宾" not in row
    whole = next(text for name, text in reader if name == "latest")
    assert "张爱国" in whole and "来宾4" in whole
    for stream in (page, reader):
        stream.close()  # type: ignore[attr-defined]


def test_numbers_wait_for_nothing_and_a_list_until_what_was_sent_is_paid_for(
    tablet: FlaskClient, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = make_event()
    stream = _events(tablet, event)
    _until(stream, "beat", "T")
    sign_in(event, guest("张爱国"))
    _until(stream, "latest", "张爱国")
    monkeypatch.setattr(channels, "BYTES_PER_SECOND", 2_000)
    sign_in(event, guest("李娜"))
    _until(stream, "latest", "李娜")
    sign_in(event, guest("后来者"))
    assert "latest" not in _until(stream, "numbers", 'data-roll="arrived">3<')
    [channel] = tablet.application.extensions[channels.EXTENSION]._channels.values()
    paid_until = channel._paid_until
    _until(stream, "latest", "后来者")  # nothing else changed, and it comes all the same
    assert time.monotonic() >= paid_until
    stream.close()  # type: ignore[attr-defined]


def test_a_screen_that_took_nothing_catches_up_by_whole_regions_and_holds_nobody_up(
    app: Flask, tablet: FlaskClient, quick: None
) -> None:
    event = make_event()
    stalled, reader = _events(tablet, event, "?patches=1"), _events(tablet, event, "?patches=1")
    for stream in (stalled, reader):
        _until(stream, "beat", "T")
    for number in range(1, 4):
        sign_in(event, guest(f"来宾{number}"))
        _until(reader, "numbers", f'data-roll="arrived">{number}<')
    assert next(text for name, text in stalled if name == "numbers").count('data-roll="arrived">3<') == 1
    assert "来宾1" in next(text for name, text in stalled if name == "latest")
    for stream in (stalled, reader):
        stream.close()  # type: ignore[attr-defined]
    boards: channels.Channels = app.extensions[channels.EXTENSION]
    assert not boards._channels and not held_streams.of(app)._of


def _demote(session: WriterSession, staff_id: int) -> None:
    session.execute(update(Staff).where(Staff.id == staff_id).values(role="viewer"))


@pytest.mark.parametrize("is_demoted", [False, True])
def test_who_gets_other_rights_in_the_event_is_asked_again(
    app: Flask, tablet: FlaskClient, quick: None, monkeypatch: pytest.MonkeyPatch, is_demoted: bool
) -> None:
    monkeypatch.setattr(channels, "CHECK_SECONDS", 0.02)
    event, organiser = make_event(), make_staff("organiser")
    event_access.share(event.id, "organiser@example.org")
    shared = app.test_client()
    log_in(shared, "organiser@example.org")
    stream, other = _events(shared, event), _events(tablet, event)
    for each in (stream, other):
        _until(each, "beat", "T")
    if is_demoted:
        writer.run(partial(_demote, staff_id=organiser.id))
    else:
        event_access.unshare(event.id, organiser.id)
    began = time.monotonic()
    assert {name for name, _ in stream} <= {"beat"}
    assert time.monotonic() - began < streams.LIFE_SECONDS / 10
    sign_in(event, guest("张爱国"))
    _until(other, "latest", "张爱国")
    other.close()  # type: ignore[attr-defined]


def test_what_browsers_ask_for_compressed_is_the_same(tablet: FlaskClient, quick: None) -> None:
    event = make_event()
    sign_in(event, guest("张爱国"))
    answer = tablet.get(_page(event, "/stream"), headers={"Accept-Encoding": "gzip, deflate"})
    assert (answer.headers["Content-Encoding"], answer.headers["Vary"]) == ("gzip", "Accept-Encoding")
    unpack, text = zlib.decompressobj(31), ""
    chunks = iter(answer.response)
    while "event: beat" not in text:
        text += unpack.decompress(next(chunks)).decode()  # type: ignore[arg-type]
    assert "event: latest" in text and "张爱国" in text
    answer.close()


def test_one_slow_look_says_nothing_and_boards_that_all_cost_much_rest_the_longer(app: Flask) -> None:
    boards = channels.Channels()
    showing = channels.Showing(1, "CODE", "zh", True, PeopleFilter(), is_patched=False, is_packed=False)
    made = [channels.Channel(boards, app, replace(showing, event_id=number), "/", nullcontext()) for number in range(9)]
    boards._channels = {channel.showing: channel for channel in made}
    for channel in made:
        channel.sent_at = time.monotonic()
        channel.count_look(2.0)
    assert made[0]._pace() == channels.LEAST_SECONDS, "the first look of a worker"
    made[0].count_look(0.02)
    assert channels.LEAST_SECONDS < made[0]._pace() < channels.MOST_SECONDS
    for channel in made:
        channel.count_look(0.02)
        channel.count_look(0.02)
    assert channels.MOST_SECONDS < made[0]._pace() < channels.LONGEST_SECONDS
    for channel in made:
        channel.count_look(2.0)
        channel.count_look(2.0)
    assert made[0]._pace() == channels.LONGEST_SECONDS


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
    monkeypatch.setattr(channels, "HEARTBEAT_SECONDS", 0.02)
    event = make_event()
    stream = _events(tablet, event)
    _until(stream, "beat", "T")
    assert [next(stream)[0], next(stream)[0]] == ["beat", "beat"]
    stream.close()  # type: ignore[attr-defined]


def test_the_stream_ends_by_itself_after_its_life(
    tablet: FlaskClient, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "HEARTBEAT_SECONDS", 0.01)
    monkeypatch.setattr(streams, "LIFE_SECONDS", 0.1)
    assert {name for name, _ in _events(tablet, make_event())} >= {"beat"}


def test_the_stream_ends_when_its_reader_is_logged_out(
    tablet: FlaskClient, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "CHECK_SECONDS", 0.02)
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


def test_a_log_in_holds_so_many_streams_and_the_oldest_ends_for_a_new_one(
    app: Flask, tablet: FlaskClient, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_streams, "OF_LOG_IN", 2)
    event = make_event()
    first, second, third = (_events(tablet, event) for _ in range(3))
    for stream in (first, second, third):
        _until(stream, "beat", "T")
    began = time.monotonic()
    assert list(first) == [], "it was ended, and does not wait for its next beat to see that"
    assert time.monotonic() - began < channels.HEARTBEAT_SECONDS / 2
    sign_in(event, guest("张爱国"))
    for stream in (second, third):
        _until(stream, "latest", "张爱国")
        stream.close()  # type: ignore[attr-defined]
    assert held_streams.of(app).has_room("any") and not held_streams.of(app)._of


def test_what_one_log_in_and_all_may_hold_is_bounded(
    app: Flask, tablet: FlaskClient, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    event, other = make_event(), app.test_client()
    make_staff("viewer")
    log_in(other, "viewer@example.org")
    monkeypatch.setattr(held_streams, "AT_WORST", 2)
    monkeypatch.setattr(held_streams, "OF_ALL", 3)
    held = [_events(tablet, event) for _ in range(2)]  # of browsers that take nothing any more
    for stream in held:
        _until(stream, "beat", "T")
    assert tablet.get(_page(event, "/stream")).status_code == 503
    third = _events(other, event)
    _until(third, "beat", "T")
    refused = other.get(_page(event, "/stream"))
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
    for stream in (*held, third):
        stream.close()  # type: ignore[attr-defined]
    assert held_streams.of(app).has_room("any")

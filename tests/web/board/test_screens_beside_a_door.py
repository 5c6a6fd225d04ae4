"""Many screens on one event while people sign in, on a real server: all end on the last count, and little is sent."""

from __future__ import annotations

import time
from itertools import pairwise
from multiprocessing import Pipe
from threading import Thread

import pytest

from kiosk.services.account import staff_sessions
from kiosk.services.event import events
from kiosk.web.board.channels import LEAST_SECONDS
from kiosk.web.board.held_streams import OF_LOG_IN
from kiosk.web.frame.access import COOKIE
from tests.aids import watchers
from tests.aids.factories import guest, make_event, make_staff, sign_in
from tests.aids.server import HOST, Server

pytestmark = pytest.mark.server
SCREENS = 2 * OF_LOG_IN
PEOPLE = 80
KILOBYTES = 10  # a second and screen
PATIENCE = 30.0
AFTER = 1.5  # seconds until every screen must show the last one


def test_every_screen_ends_on_the_last_count_and_is_sent_little(server: Server) -> None:
    event, staff = make_event(), make_staff(email="screens@example.org")
    log_ins = [staff_sessions.begin(staff.id, address=None, user_agent=None) for _ in range(SCREENS // OF_LOG_IN)]
    cookies = [f"{COOKIE}={log_ins[number // OF_LOG_IN]}" for number in range(SCREENS)]
    mine, other = Pipe()
    path = f"/events/{event.code}/dashboard/stream?lang=zh&patches=1"
    thread = Thread(target=watchers.watch, args=(other, server.port, f"{HOST}:{server.port}", path, cookies))
    thread.start()
    assert mine.poll(PATIENCE) and mine.recv() == SCREENS
    moments = [time.monotonic()]
    for number in range(PEOPLE):
        sign_in(event, guest(f"来宾{number}"))
        moments.append(time.monotonic())
    began, ended = moments[0], moments[-1]
    # By the longest of them a machine on which others work is late.
    after = AFTER + max(later - earlier for earlier, later in pairwise(moments))
    time.sleep(2 * after)
    mine.send(None)
    assert mine.poll(PATIENCE)
    screens = mine.recv()
    thread.join(PATIENCE)
    assert events.counts(event.id).arrived == PEOPLE
    assert [counts[-1][1] for counts, _ in screens] == [PEOPLE] * SCREENS
    for counts, came in screens:
        assert next(moment for moment, count in counts if count == PEOPLE) - ended < after
        rush = [size for moment, size in came if began <= moment <= ended]
        assert sum(rush) <= KILOBYTES * 1024 * max(1.0, ended - began)
        frames = [moment for moment, _ in counts if began <= moment <= ended]
        assert len(frames) <= 2 + (ended - began) / LEAST_SECONDS, "a frame holds whatever came since the one before"

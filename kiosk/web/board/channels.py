"""Boards that show the same are one channel: one thread (under gevent: a greenlet) a worker looks, renders, packs and
checks who may still look, for all of them; a screen only writes what lies ready
(docs/decisions/0006-the-dashboards-stream.md).

The door comes first: a channel rests the longer the more it did, and wakes its screens a few at a time. Nothing is kept
for a screen but the number of its last frame, so that one which takes nothing costs nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask

from kiosk.services import pauses
from kiosk.services.account import staff_sessions
from kiosk.services.board.people import PeopleFilter
from kiosk.services.event import event_access, event_views
from kiosk.services.store import live
from kiosk.services.store.disk import MinuteLine
from kiosk.web.board import live_fragments
from kiosk.web.board.frames import Frame, Parcel, beat, message, patch

log = logging.getLogger(__name__)

EXTENSION = "kiosk_channels"
HEARTBEAT_SECONDS = 15.0
CHECK_SECONDS = 10.0  # between two looks at who may still look
# Between the beginnings of two frames: so long that all boards together take a tenth of the worker, within bounds; half
# of it, and longer, where many different boards would need more.
LEAST_SECONDS, MOST_SECONDS, LONGEST_SECONDS = 0.1, 0.3, 1.0
SHARE, MOST_SHARE = 0.1, 0.5
SEND_SECONDS = 0.00006  # of the worker's, for one screen
LATELY_SECONDS = 2.0  # a channel that has sent nothing for longer costs nothing
AT_ONCE = 8  # screens that are woken together; the door's requests come between
# Of what is sent to one screen, as it is sent: large changes wait until those before are paid for at this rate.
BYTES_PER_SECOND = 6_000
SMALL = 1_000  # characters of an event that waits for nothing: a number, one row, a region that is emptied


@dataclass(frozen=True)
class Showing:
    """What a channel's screens have in common."""

    event_id: int
    code: str
    language: str
    may_run: bool
    wanted: PeopleFilter
    is_patched: bool  # they understand what has changed in a region; else it comes whole
    is_packed: bool


class Viewer:
    """One screen at a channel. `is_over`: it is to end."""

    def __init__(self, log_in: str) -> None:
        self.log_in = log_in
        self.is_over = False
        self._rung = threading.Event()

    def wait(self) -> None:
        """Wait for a ring, one that has come meanwhile included."""
        self._rung.wait()
        self._rung.clear()

    def ring(self) -> None:
        """Say that there is a new frame."""
        self._rung.set()

    def end(self) -> None:
        """Wake the screen for the last time."""
        self.is_over = True
        self._rung.set()


class Channels:
    """The channels of one process, while they have screens."""

    def __init__(self) -> None:
        self._channels: dict[Showing, Channel] = {}
        self._lock = threading.Lock()
        self.line = MinuteLine(log)

    @contextmanager
    def joined(
        self, app: Flask, showing: Showing, root: str, listening: AbstractContextManager[live.Listening], viewer: Viewer
    ) -> Iterator[Channel]:
        """Let a screen look at a channel inside the block; the first one opens it, the last one ends it."""
        with self._lock:
            channel = self._channels.get(showing)
            if channel is None:
                channel = self._channels[showing] = Channel(self, app, showing, root, listening)
                threading.Thread(target=channel.run, name="board", daemon=True).start()
            channel.viewers[viewer] = None
        try:
            yield channel
        finally:
            with self._lock:
                channel.viewers.pop(viewer, None)
                if not channel.viewers:
                    self._drop(channel)

    def close(self, channel: Channel) -> None:
        """End all of a channel's screens: they ask again."""
        with self._lock:
            self._drop(channel)
            for viewer in channel.viewers:
                viewer.end()

    def _drop(self, channel: Channel) -> None:
        if self._channels.get(channel.showing) is channel:
            del self._channels[channel.showing]
        channel.end()

    def work(self) -> float:
        """Return the seconds that one frame of each busy channel takes of this worker."""
        since = time.monotonic() - LATELY_SECONDS
        with self._lock:
            return sum(channel.work for channel in self._channels.values() if channel.sent_at >= since)


class Channel:
    """What some screens show, and the thread that keeps it."""

    def __init__(
        self,
        channels: Channels,
        app: Flask,
        showing: Showing,
        root: str,
        listening: AbstractContextManager[live.Listening],
    ) -> None:
        self.showing = showing
        self.viewers: dict[Viewer, None] = {}
        self.frame: Frame | None = None
        self.work = 0.0
        self.sent_at = float("-inf")
        self._channels, self._app, self._root, self._listening = channels, app, root, listening
        self._bell: live.Listening | None = None
        self._is_over = False
        self._checked_at = time.monotonic()  # whoever opened it has just been let in
        self._paid_until = 0.0
        self._owes = False
        self._took = 0.0

    def end(self) -> None:
        """Let the thread end."""
        self._is_over = True
        if self._bell is not None:
            self._bell.end()

    def run(self) -> None:
        """Keep the frame new until the last screen has gone, or the event; the screens then end too."""
        try:
            with self._listening as bell:
                self._bell = bell
                self._keep_new(bell)
        except Exception as error:  # the database is away: the screens ask again, and poll meanwhile
            self._channels.line.count("a board could not be drawn, %d times", 1, error)
        finally:
            self._channels.close(self)

    def _keep_new(self, bell: live.Listening) -> None:
        while not self._is_over:
            began = time.monotonic()
            if began - self._checked_at >= CHECK_SECONDS:
                self._checked_at = began
                self._check()
            shown = self._look(bell.revision)
            if shown is None:
                return
            self._show(shown)
            took = time.monotonic() - began
            time.sleep(max(LEAST_SECONDS / 2, self._pace() - took))
            now = time.monotonic()
            due = min(self.sent_at + HEARTBEAT_SECONDS, self._checked_at + CHECK_SECONDS)
            bell.wait(max(0.0, (min(due, self._paid_until) if self._owes else due) - now))

    def _look(self, revision: int | None) -> live_fragments.Screen | None:
        """Return the rendering, None when the event is gone."""
        showing, began = self.showing, time.monotonic()
        asked: dict[str, Any] = {"base_url": self._root, "query_string": {"lang": showing.language}}
        with self._app.app_context(), self._app.test_request_context("/", **asked):  # nothing of any one viewer
            event = event_views.find(showing.code)
            if event is None or event.id != showing.event_id:
                return None
            shown = live_fragments.screen(event, may_run=showing.may_run, wanted=showing.wanted, revision=revision)
        self.count_look(time.monotonic() - began)
        return shown

    def count_look(self, seconds: float) -> None:
        """Take in how long a look took. One slow look says nothing: a worker's first one compiles all that it needs."""
        self.work = min(self._took, seconds) + len(self.viewers) * SEND_SECONDS
        self._took = seconds

    def _show(self, shown: live_fragments.Screen) -> None:
        """Make the next frame of what has changed, or of a beat after a long silence, and wake the screens."""
        now, last = time.monotonic(), self.frame
        sent = dict(last.regions) if last else {}
        events, self._owes = [], False
        for name, text in {**shown.regions, "phones": shown.phones}.items():
            if sent.get(name) == text:
                continue
            event = patch(name, sent[name], text) if last and self.showing.is_patched else message(name, text)
            if last and len(event) > SMALL and now < self._paid_until:
                self._owes = True
            else:
                sent[name] = text
                events.append(event)
        if last and not events and now - self.sent_at < HEARTBEAT_SECONDS:
            return
        if not events or not last:
            events.append(beat())
        news = Parcel(events)
        if last:
            size = len(news.packed if self.showing.is_packed else news.text)
            self._paid_until = max(now, self._paid_until) + size / BYTES_PER_SECOND
        self.frame, self.sent_at = Frame(last.number + 1 if last else 1, sent, news), now
        for count, viewer in enumerate(tuple(self.viewers), 1):
            viewer.ring()
            if count % AT_ONCE == 0:
                pauses.pause()

    def _pace(self) -> float:
        work = self._channels.work()
        return max(LEAST_SECONDS, min(MOST_SECONDS, work / SHARE), min(LONGEST_SECONDS, work / MOST_SHARE))

    def _check(self) -> None:
        """End the screens of log-ins that are over, lost the event, or have another right in it than before."""
        for log_in in {viewer.log_in for viewer in tuple(self.viewers)}:
            with self._app.app_context():
                event, staff = event_views.find(self.showing.code), staff_sessions.find(log_in)
                may_stay = (
                    event is not None
                    and staff is not None
                    and event_access.may_look(staff, event)
                    and event_access.may_run(staff, event) == self.showing.may_run
                )
            if not may_stay:
                for viewer in tuple(self.viewers):
                    if viewer.log_in == log_in:
                        viewer.end()
            pauses.pause()

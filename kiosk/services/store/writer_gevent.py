"""The writer's queue under gevent: the loop gathers and runs what is quick, a native thread does what may wait.

A busy wait in the loop would freeze the whole worker, and SQLite waits by sleeping: a lock that another process has,
a file that another program has, COMMIT and units of work that are not quick go to gevent's thread pool of one. A
sign-in's statements stay in the loop: in the thread each of them would have to win the interpreter back from the loop,
with the lock held (docs/decisions/0002).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import gevent
from gevent.event import AsyncResult
from gevent.threadpool import ThreadPool

from kiosk.services import pauses
from kiosk.services.store.batches import BATCH, Queue, Writer
from kiosk.services.store.writer import Item, WriterBusy

LOOK_SECONDS = 0.05  # between two looks for whose wait is over: a timer for each doubles what waiting costs


class GeventQueue(Queue):
    """One per worker process, made after the fork."""

    def __init__(self, writer: Writer) -> None:
        super().__init__(writer)
        writer.lock.wait = None
        if writer.is_sqlite:  # psycopg waits in the loop without holding it
            writer.aside = self._aside
        self._pool = ThreadPool(1)
        self._is_writing = False
        self._asked: dict[int, tuple[float, Item]] = {}  # until when, in seconds of the monotonic clock
        self._is_looking = False
        pauses.give_way_to(lambda: self._is_writing)

    def submit(self, item: Item) -> None:
        """Wait, without holding the loop, until the item is written; raise WriterBusy when its wait is over."""
        answer: AsyncResult = AsyncResult()
        item.wake = answer.set
        self._waiting.append(item)
        if not self._is_writing:
            self._is_writing = True
            gevent.spawn(self._write_all)
        self._asked[id(item)] = time.monotonic() + item.wait, item
        if not self._is_looking:
            self._is_looking = True
            gevent.spawn(self._look_for_late)
        try:
            answer.get()
        finally:
            del self._asked[id(item)]
        if item.is_abandoned:
            raise WriterBusy("the writer did not come round in time")

    def _look_for_late(self) -> None:
        try:
            while self._asked:
                gevent.sleep(LOOK_SECONDS)
                now = time.monotonic()
                for until, item in [*self._asked.values()]:
                    if until <= now and not item.is_abandoned:
                        item.is_abandoned = True
                        item.wake()
        finally:
            self._is_looking = False

    def _write_all(self) -> None:
        try:
            while batch := self._gather():
                self.write(batch)
                for item in batch:
                    item.wake()
        finally:
            self._is_writing = False

    def _gather(self) -> list[Item]:
        """Take a batch when a turn of the loop brought nobody new: one commit for many costs all of them less."""
        seen = -1
        while seen < len(self._waiting) < BATCH:
            seen = len(self._waiting)
            gevent.sleep(0)
        return self.take()

    def _aside(self, work: Callable[[], Any]) -> Any:
        result, error = self._pool.spawn(_outcome, work).get()
        if error is not None:
            raise error
        return result


def _outcome(work: Callable[[], Any]) -> tuple[Any, Exception | None]:
    """Return an error instead of raising it: the pool would print it, and a database's text quotes the row."""
    try:
        return work(), None
    except Exception as error:
        return None, error

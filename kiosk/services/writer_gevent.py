"""The writer's queue under gevent: the loop gathers, one native thread writes.

A busy wait in the loop would freeze the whole worker, and SQLite waits by sleeping; so the batch runs in
gevent's thread pool of one, and the greenlets that wait are woken together after the commit.
"""

from __future__ import annotations

import gevent
from gevent.event import AsyncResult
from gevent.threadpool import ThreadPool

from kiosk.services.writer import BATCH, WAIT_SECONDS, Queue, Writer, WriterBusy, _Item


class GeventQueue(Queue):
    """One per worker process, made after the fork."""

    def __init__(self, writer: Writer) -> None:
        super().__init__(writer)
        writer.lock_wait = None
        self._pool = ThreadPool(1)
        self._is_writing = False

    def submit(self, item: _Item) -> None:
        """Wait, without holding the loop, until the item is written; raise WriterBusy after WAIT_SECONDS."""
        answer: AsyncResult = AsyncResult()
        item.wake = answer.set
        self._waiting.append(item)
        if not self._is_writing:
            self._is_writing = True
            gevent.spawn(self._write_all)
        try:
            answer.get(timeout=WAIT_SECONDS)
        except gevent.Timeout:
            item.is_abandoned = True
            raise WriterBusy("the writer did not come round in time") from None

    def _write_all(self) -> None:
        try:
            while batch := self._gather():
                if self.writer.is_sqlite:
                    self._pool.spawn(self.writer.execute, batch, self.fill).get()
                else:
                    self.writer.execute(batch, self.fill)  # psycopg waits in the loop without holding it
                for item in batch:
                    item.wake()
        finally:
            self._is_writing = False

    def _gather(self) -> list[_Item]:
        """Take a batch when a turn of the loop brought nobody new: one commit for many costs all of them less."""
        seen = -1
        while seen < len(self._waiting) < BATCH:
            seen = len(self._waiting)
            gevent.sleep(0)
        return self.take()

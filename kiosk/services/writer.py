"""The one way to write: `run(work)`. Waiting writes share one transaction and one commit.

`work(session)` is a function of the writer's own session and returns plain values or frozen dataclasses,
never ORM objects. It runs behind a savepoint, may run more than once (a batch that conflicts is replayed
one by one), and its caller is answered after the commit is on disk.

SQLite: one native thread per process, and an flock beside the database before BEGIN IMMEDIATE: SQLite's
own busy handler sleeps and passes the lock badly between processes. PostgreSQL: a batch holds one event
and locks its counter row first, shared rows before it in key order; deadlocks and serialisation failures
are replayed.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from flask import current_app
from sqlalchemy import Connection, Engine, create_engine, event as sa_event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from kiosk.extensions import set_sqlite_pragmas
from kiosk.services.statements import Driver, Statement

log = logging.getLogger(__name__)
Result = TypeVar("Result")

BATCH = 50  # below PostgreSQL's 64 cached subtransactions
WAIT_SECONDS = 3.0
REPLAYS = 3
REPLAYED_STATES = {"40P01", "40001"}
LOCK_COUNTER = Statement("SELECT event_id FROM event_counter WHERE event_id = :event_id FOR UPDATE")


class WriterBusy(Exception):
    """The write was not made within the wait, or its outcome is unknown; the retry's key decides."""


class WriterSession(Session):
    """The session that `work` gets. `driver` is for the hot path's prepared statements."""

    driver: Driver


Work = Callable[[WriterSession], Any]


@dataclass(frozen=True)
class SharedRow:
    """A row that several events may write, such as an organisation: written first, in the order of `key`."""

    key: tuple[str, ...]
    write: Work


@dataclass
class _Item:
    work: Work
    event_id: int | None
    shared: Sequence[SharedRow]
    result: Any = None
    error: BaseException | None = None
    is_done: bool = False
    is_abandoned: bool = False
    wake: Callable[[], None] = field(default=lambda: None)


class Writer:
    """The writing half of one process: an engine of its own and the batch that runs on it."""

    def __init__(self, database_url: str, lock_path: Path) -> None:
        self.is_sqlite = database_url.startswith("sqlite")
        self._lock_path = lock_path
        self._engine = self._make_engine(database_url)
        self._lock_file: Any = None

    def _make_engine(self, url: str) -> Engine:
        arguments = {"check_same_thread": False} if self.is_sqlite else {}
        engine = create_engine(url, poolclass=StaticPool, connect_args=arguments)
        if self.is_sqlite:
            sa_event.listen(engine, "connect", set_sqlite_pragmas)
            sa_event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        return engine

    def execute(self, items: Sequence[_Item]) -> None:
        """Run a batch and leave a result or an error in each item. Never raises."""
        try:
            with self._flock():
                self._attempt(items)
        except WriterBusy as error:
            self._fail(items, error)
        except Exception as error:  # it belongs to one caller: replaying one by one finds out whose
            if len(items) == 1 and not _may_replay(error):
                self._fail(items, error)
            else:
                log.info("a batch of %d conflicted; replaying it one by one", len(items))
                for item in items:
                    self._execute_alone(item)
        for item in items:
            item.is_done = True

    def _execute_alone(self, item: _Item) -> None:
        for attempt in range(1, REPLAYS + 1):
            item.result, item.error = None, None
            try:
                with self._flock():
                    self._attempt([item])
                return
            except Exception as error:
                if attempt == REPLAYS or not _may_replay(error):
                    self._fail([item], error)
                    return

    def _attempt(self, items: Sequence[_Item]) -> None:
        with self._engine.connect() as connection:
            with connection.begin() as transaction:
                driver = Driver(connection.connection.cursor(), is_sqlite=self.is_sqlite)
                self._prepare(items, connection, driver)
                for item in items:
                    self._run_unit(item, connection, driver)
                self.commit(transaction)

    def _prepare(self, items: Sequence[_Item], connection: Connection, driver: Driver) -> None:
        shared = {row.key: row for item in items for row in item.shared}
        for key in sorted(shared):
            with self._session(connection, driver) as session:
                shared[key].write(session)
                session.commit()
        if not self.is_sqlite and items[0].event_id is not None:
            driver.first(LOCK_COUNTER, {"event_id": items[0].event_id})

    def _run_unit(self, item: _Item, connection: Connection, driver: Driver) -> None:
        driver.savepoint()
        with self._session(connection, driver) as session:
            try:
                item.result = item.work(session)
                session.commit()
            except DBAPIError:
                raise  # the batch is replayed one by one, so that one unit's conflict is its own
            except Exception as error:
                item.error = error
                session.rollback()
                driver.undo()
                return
        driver.release()

    def _session(self, connection: Connection, driver: Driver) -> WriterSession:
        session = WriterSession(bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        session.driver = driver
        return session

    def commit(self, transaction: Any) -> None:
        """Commit; a connection lost here leaves the outcome unknown."""
        try:
            transaction.commit()
        except OperationalError as error:
            raise WriterBusy("the outcome of the commit is unknown") from error

    def _fail(self, items: Sequence[_Item], error: Exception) -> None:
        if isinstance(error, DBAPIError) and (error.connection_invalidated or _is_locked(error)):
            error = WriterBusy(str(error.orig))
        for item in items:
            item.result, item.error = None, error

    @contextlib.contextmanager
    def _flock(self) -> Iterator[None]:
        if not self.is_sqlite:
            yield
            return
        if self._lock_file is None:
            self._lock_file = open(self._lock_path, "a")  # noqa: SIM115  kept open for the process's life
        fcntl.flock(self._lock_file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._lock_file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the writer's connection."""
        self._engine.dispose()
        if self._lock_file is not None:
            self._lock_file.close()


def _may_replay(error: BaseException) -> bool:
    original = getattr(error, "orig", error)
    return getattr(original, "sqlstate", None) in REPLAYED_STATES or bool(getattr(error, "connection_invalidated", False))


def _is_locked(error: DBAPIError) -> bool:
    return "database is locked" in str(error.orig)


class Queue:
    """Gathers what waits into batches. Without gevent, whoever finds the writer free writes for all."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self._waiting: deque[_Item] = deque()
        self._turn = threading.Lock()

    def submit(self, item: _Item) -> None:
        """Wait until the item is written; raise WriterBusy after WAIT_SECONDS."""
        self._waiting.append(item)
        deadline = time.monotonic() + WAIT_SECONDS
        while not item.is_done:
            if not self._turn.acquire(timeout=max(0.0, deadline - time.monotonic())):
                item.is_abandoned = True
                raise WriterBusy("the writer did not come round in time")
            try:
                if not item.is_done:
                    self.writer.execute(self.take())
            finally:
                self._turn.release()

    def take(self) -> list[_Item]:
        """Take the next batch: at most BATCH items, on PostgreSQL of one event."""
        batch: list[_Item] = []
        others: list[_Item] = []
        while self._waiting and len(batch) < BATCH:
            item = self._waiting.popleft()
            if item.is_abandoned:
                continue
            if batch and not self.writer.is_sqlite and item.event_id != batch[0].event_id:
                others.append(item)
                continue
            batch.append(item)
        self._waiting.extendleft(reversed(others))
        return batch


def run(work: Callable[[WriterSession], Result], *, event_id: int | None = None, shared: Sequence[SharedRow] = ()) -> Result:
    """Write: run `work` in a shared transaction and return its result after the commit is on disk.

    `event_id` names the event whose counter the work changes; `shared` are rows to be there before it.
    Raises what `work` raises (its own writes are taken back, others' are not), or WriterBusy.
    """
    return run_with(current_app.extensions["kiosk_writer"], work, event_id=event_id, shared=shared)


def run_with(queue: Any, work: Callable[[WriterSession], Result], *, event_id: int | None = None, shared: Sequence[SharedRow] = ()) -> Result:
    """Do what `run` does without an application context, for the server's own background work."""
    item = _Item(work, event_id, shared)
    queue.submit(item)
    if item.error is not None:
        raise item.error
    return item.result  # type: ignore[no-any-return]

"""The writer behind `writer.run`: waiting units of work share one transaction and one commit.

Each runs behind a savepoint, may run more than once (a batch that conflicts is replayed one by one), and its caller
is answered after the commit is on disk.

SQLite: the lock beside the database (store/write_lock) before BEGIN IMMEDIATE. What waits for it or for another
program, and COMMIT, is done `aside`. PostgreSQL: a batch holds one event and locks its counter row first, then shared
rows in key order, and its units run side by side (store/side_by_side); deadlocks and serialisation failures are
replayed.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, RootTransaction, create_engine, event as sa_event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import StaticPool

from kiosk import metrics
from kiosk.extensions import POSTGRESQL_ARGUMENTS, empty_journal, set_sqlite_pragmas, wait_for_nobody, waiting
from kiosk.services.store.disk import DiskTrouble
from kiosk.services.store.side_by_side import apart, run_side_by_side
from kiosk.services.store.statements import Driver, Statement
from kiosk.services.store.verdicts import cause_of, verdict_on
from kiosk.services.store.write_lock import WriteLock
from kiosk.services.store.writer import DiskFailed, Item, OutOfStep, SharedRow, WriterBusy, WriterSession

log = logging.getLogger(__name__)

BATCH = 50  # below PostgreSQL's 64 cached subtransactions
REPLAYS = 3
SQLITE_ARGUMENTS: dict[str, Any] = {"check_same_thread": False}
# The last: what a node that vanished holds locked is let go.
POSTGRESQL_OPTIONS = {
    "options": "-c lock_timeout=3000 -c statement_timeout=10000 -c idle_in_transaction_session_timeout=10000"
}
LOCK_COUNTER = Statement("SELECT event_id FROM event_counter WHERE event_id = :event_id FOR UPDATE")


class _Untidy(Exception):
    """A unit of work failed after it had written: the batch is made again with a savepoint for each."""


Fill = Callable[[list[Item]], None]
Aside = Callable[[Callable[[], Any]], Any]


class Writer:
    """The writing half of one process: an engine of its own and the batch that runs on it."""

    def __init__(self, url: URL, lock_path: Path) -> None:
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.url = url
        # Called after a commit, outside its transaction, with the ids of the events that were written.
        self.on_commit: list[Callable[[set[int]], None]] = []
        # Called when the disk failed, to close what readers have open: on SQLite, connections of one process share
        # what the first of them could open, and one from a read-only time would keep the writer from writing.
        self.on_disk_failure: list[Callable[[], object]] = []
        self.lock = WriteLock(lock_path)  # on SQLite only
        # Does what may wait for another process or for the disk; under gevent in a thread (writer_gevent).
        self.aside: Aside = lambda work: work()
        # What it last met at the disk; a lock or a connection that was open then is opened anew.
        self.trouble = DiskTrouble(Path(str(url.database)).parent if self.is_sqlite else None)
        self.commit_seconds = 0.0  # of the last commit
        self._engine = self._make_engine(url)
        self._driver_errors = (DBAPIError, self._engine.dialect.loaded_dbapi.Error)

    def _make_engine(self, url: URL) -> Engine:
        arguments = SQLITE_ARGUMENTS if self.is_sqlite else {**POSTGRESQL_ARGUMENTS, **POSTGRESQL_OPTIONS}
        # hide_parameters: an error's text must not carry a name or a mobile into the log.
        engine = create_engine(url, poolclass=StaticPool, connect_args=arguments, hide_parameters=True)
        if self.is_sqlite:
            sa_event.listen(engine, "connect", set_sqlite_pragmas)
            sa_event.listen(engine, "connect", wait_for_nobody)  # but where it waits aside (_begin)
            sa_event.listen(engine, "begin", _begin_at_once)
        return engine

    def execute(self, items: list[Item], fill: Fill | None = None) -> None:
        """Run a batch and leave a result or an error in each item. Never raises.

        `fill` adds to the batch who came while another process held the lock: they share its commit.
        """
        try:
            self._attempt_again(items, fill)
        except Exception as error:
            verdict = _verdict(error)
            # Busy, lost, a disk: one by one would wait, or fail, as long again for each.
            if verdict in ("busy", "lost", "disk") or (len(items) == 1 and verdict != "conflict"):
                self._fail(items, error)
            else:  # it belongs to one caller: replaying one by one finds out whose
                log.info("a batch of %d conflicted; replaying it one by one", len(items))
                for item in items:
                    self._execute_alone(item)
        for item in items:
            item.is_done = True
        self._tell(items)

    def _tell(self, items: Sequence[Item]) -> None:
        written = {item.event_id for item in items if item.error is None and item.event_id is not None}
        for notify in self.on_commit if written else ():
            try:
                notify(written)
            except Exception:
                log.exception("a bell failed; screens poll as well")

    def _execute_alone(self, item: Item) -> None:
        for attempt in range(1, REPLAYS + 1):
            try:
                self._attempt_again([item])
                return
            except Exception as error:
                if attempt == REPLAYS or _verdict(error) != "conflict":
                    self._fail([item], error)
                    return

    def _attempt_again(self, items: list[Item], fill: Fill | None = None) -> None:
        """Write the batch; once more when nothing was committed and the second time can go better.

        First without savepoints, which almost every batch can do without; with them when one was missed. And
        again when the connection was lost before COMMIT, as after a restart of PostgreSQL, or the disk failed, which
        may be over with the lock and the connection opened anew.
        """
        try:
            self._attempt(items, fill, has_savepoints=False)
        except _Untidy:
            self._attempt(items, has_savepoints=True)
        except Exception as error:
            verdict = _verdict(error)
            if verdict not in ("lost", "disk") or isinstance(error, WriterBusy):
                raise
            if verdict == "disk":
                self._close_files()
            self._attempt(items, has_savepoints=True)

    def _attempt(self, items: list[Item], fill: Fill | None = None, *, has_savepoints: bool) -> None:
        with self._engine.connect() as connection:
            try:
                transaction = self._begin_now(connection) or self.aside(lambda: self._begin(connection))
                with transaction, self._session(connection) as session:
                    self._hold_counter(items, session.driver)
                    if fill is not None:
                        fill(items)
                    wanted = [item for item in items if not item.is_abandoned]
                    write = partial(self._write, wanted, session, has_savepoints=has_savepoints)
                    if all(item.is_quick for item in wanted):
                        write()
                    else:
                        self.aside(write)
                    self.commit(transaction)
            except (*self._driver_errors, OSError, DiskFailed) as error:
                if _verdict(error) in ("lost", "disk") and not connection.invalidated:
                    self.aside(partial(connection.invalidate, error))
                raise
            finally:
                self.lock.let_go()

        if self.trouble.cause is not None:
            self.trouble.written()

    def _close_files(self) -> None:
        """Close what a failure of the disk has spoilt, so that the next attempt opens it anew."""
        self.lock.close()
        for close in self.on_disk_failure:
            close()

    def _begin_now(self, connection: Connection) -> RootTransaction | None:
        """Begin where nobody has to be waited for, which nearly always is so: a thread costs the loop a tenth of a
        millisecond (docs/decisions/0002). None where another process or program writes, and after a failure."""
        if not self.is_sqlite or self.trouble.cause is not None or not self.lock.take_now():
            return None
        try:
            return connection.begin()
        except self._driver_errors as error:
            if _verdict(error) == "busy":
                return None
            raise

    def _begin(self, connection: Connection) -> RootTransaction:
        if not self.is_sqlite:
            return connection.begin()
        self.lock.take()
        file = connection.connection.dbapi_connection
        with waiting(file):
            if self.trouble.cause is not None:
                empty_journal(file)
            return connection.begin()

    def _write(self, items: Sequence[Item], session: WriterSession, *, has_savepoints: bool) -> None:
        self._prepare(items, session)
        if has_savepoints:
            for item in items:
                self._run_behind_savepoint(item, session)
        elif self.is_sqlite:  # which has no way to the database to save
            for item in items:
                self._run_unit(item, session)
        else:
            for together in apart(items):
                run_side_by_side([partial(self._run_unit, item) for item in together], session)
        session.driver.write_sums()

    def _hold_counter(self, items: Sequence[Item], driver: Driver) -> None:
        """Wait for the counter of the batch's event: before whatever else it writes, and before it is filled."""
        event_id = None if self.is_sqlite else items[0].event_id
        if event_id is not None:
            driver.first(LOCK_COUNTER, {"event_id": event_id})

    def _session(self, connection: Connection) -> WriterSession:
        session = WriterSession(bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        session.driver = Driver(connection.connection.cursor(), is_sqlite=self.is_sqlite)
        return session

    def _prepare(self, items: Sequence[Item], session: WriterSession) -> None:
        shared = {row.key: (item, row) for item in items for row in item.shared}
        if self.is_sqlite:
            for item, row in shared.values():
                item.context.run(row.write, session)
        else:
            run_side_by_side([partial(_write_shared, *shared[key]) for key in sorted(shared)], session)

    def _run_unit(self, item: Item, session: WriterSession) -> None:
        """Leave the unit's result or error in the item; raise when what it wrote must be taken back."""
        driver = session.driver
        item.result, item.error, driver.has_written = None, None, False
        session.answered = item.answered = []
        driver.keeps_counters = item.is_quick
        if not item.is_quick:
            driver.write_sums()
        try:
            item.result = item.context.run(item.work, session)
            if session.in_transaction():  # the hot path speaks to the driver and never begins it
                session.commit()
                session.expunge_all()
                driver.known.clear()
        except self._driver_errors:
            raise  # the batch is replayed one by one, so that one unit's conflict is its own
        except Exception as error:
            item.error = error
            if driver.has_written or session.in_transaction() or isinstance(error, OutOfStep):
                raise _Untidy from error
        if not item.is_quick:
            driver.known.clear()

    def _run_behind_savepoint(self, item: Item, session: WriterSession) -> None:
        session.driver.savepoint()
        try:
            self._run_unit(item, session)
        except _Untidy:
            session.rollback()
            session.expunge_all()
            session.driver.undo()
        else:
            session.driver.release()

    def commit(self, transaction: Any) -> None:
        """Commit and let the next process write; a connection lost here leaves the outcome unknown."""

        def commit() -> None:
            transaction.commit()
            self.lock.let_go()

        began = time.monotonic()
        try:
            self.aside(commit)
            self.commit_seconds = time.monotonic() - began
        except DBAPIError as error:
            cause = cause_of(error)
            if cause is not None:
                raise DiskFailed(cause) from error
            if not isinstance(error, OperationalError):
                raise
            raise WriterBusy("the outcome of the commit is unknown") from error

    def _fail(self, items: Sequence[Item], error: Exception) -> None:
        verdict = _verdict(error)
        if verdict == "disk":
            self._close_files()
            error = self.trouble.failed(error.__cause__ or error, len(items))
        elif verdict in ("busy", "lost") and not isinstance(error, WriterBusy):
            log.warning("a batch of %d was not written", len(items), exc_info=error)
            error = WriterBusy("the database did not answer in time")
        for item in items:
            item.result, item.error = None, error

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keep every other process from writing, for what no transaction can do (services/privacy/scrub)."""
        if self.is_sqlite:
            self.lock.take()
        try:
            yield
        finally:
            self.lock.let_go()

    def close(self) -> None:
        """Close the writer's connection, and with the lock: the last one of all copies the journal back."""
        with self.held():
            self._engine.dispose()
        self.lock.close()


def _verdict(error: BaseException) -> str:
    if isinstance(error, DiskFailed):
        return "disk"
    return "busy" if isinstance(error, WriterBusy) else verdict_on(error)


def _write_shared(item: Item, row: SharedRow, session: WriterSession) -> None:
    item.context.copy().run(row.write, session)  # two rows of one item may be written side by side


def _begin_at_once(connection: Connection) -> None:
    # By the driver: SQLAlchemy's way costs as much as a sign-in's own statement, once a batch.
    connection.connection.cursor().execute("BEGIN IMMEDIATE")


class Queue:
    """Gathers what waits into batches. Without gevent, whoever finds the writer free writes for all."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self._waiting: deque[Item] = deque()
        self._turn = threading.Lock()

    def submit(self, item: Item) -> None:
        """Wait until the item is written; raise WriterBusy when its wait is over."""
        self._waiting.append(item)
        deadline = time.monotonic() + item.wait
        while not item.is_done:
            if not self._turn.acquire(timeout=max(0.0, deadline - time.monotonic())):
                item.is_abandoned = True
                raise WriterBusy("the writer did not come round in time")
            try:
                if not item.is_done:
                    self.write(self.take())
            finally:
                self._turn.release()

    def write(self, batch: list[Item]) -> None:
        """Write a batch with whoever comes meanwhile, and count it."""
        self.writer.execute(batch, self.fill)
        written = [item for item in batch if not (item.is_abandoned or isinstance(item.error, WriterBusy))]
        if written:
            answered = [is_repeat for item in written if item.error is None for is_repeat in item.answered]
            repeats = sum(answered)
            counts = {"new": len(answered) - repeats, "repeats": repeats}
            metrics.count_batch(self.writer.commit_seconds, len(written), len(self._waiting), **counts)
        if len(written) < len(batch):
            failed = any(isinstance(item.error, DiskFailed) for item in batch)
            metrics.count_unwritten("disk" if failed else "busy", len(batch) - len(written))

    def take(self) -> list[Item]:
        """Take the next batch."""
        batch: list[Item] = []
        self.fill(batch)
        return batch

    def fill(self, batch: list[Item]) -> None:
        """Add what waits to a batch: at most BATCH items, on PostgreSQL of one event."""
        others: list[Item] = []
        while self._waiting and len(batch) < BATCH:
            item = self._waiting.popleft()
            if item.is_abandoned:
                continue
            if batch and not self.writer.is_sqlite and item.event_id != batch[0].event_id:
                others.append(item)
                continue
            batch.append(item)
        self._waiting.extendleft(reversed(others))

"""The bell: whoever shows an event is woken when its revision grows, whichever worker wrote it.

One watcher per process, and only while somebody listens; a stream holds no database connection. SQLite: an
idle connection of the watcher's own asks `PRAGMA data_version`, which changes with every commit of any other
connection (and sees nothing of its own, nor anything inside an open read). PostgreSQL: LISTEN; the NOTIFY is
sent after the commit on a connection of its own and coalesced, because inside the transaction it would
serialise the cluster's commits. A lost bell only costs time: the revisions are read slowly as well.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from flask import current_app
from sqlalchemy.engine import URL

from kiosk import metrics
from kiosk.extensions import POSTGRESQL_ARGUMENTS
from kiosk.services.store.batches import Writer
from kiosk.services.store.disk import MinuteLine
from kiosk.services.store.planner import PlannerNews
from kiosk.sqlite_driver import sqlite3

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.05  # how often SQLite's version is asked: a few microseconds each
SAFETY_SECONDS = 1.0  # how often revisions are read although no bell rang
COALESCE_SECONDS = 0.05  # notifications of one process are gathered this long
IDLE_SECONDS = 2.0  # after this long without a commit the notifying connection is closed
CHANNEL = "kiosk_revision"
EXTENSION = "kiosk_bell"


class Listening:
    """One screen's ear. `revision` is the last one heard of, None before the first; `is_over`: it is to end."""

    def __init__(self, event_id: int) -> None:
        self.event_id = event_id
        self.revision: int | None = None
        self.is_over = False
        self._told: int | None = None
        self._rung = threading.Event()

    def wait(self, timeout: float) -> int | None:
        """Return the revision as soon as it is another than was returned before; None after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while self.revision == self._told and not self.is_over:
            if not self._rung.wait(max(0.0, deadline - time.monotonic())):
                return None
            self._rung.clear()
        self._told = self.revision
        return self._told

    def end(self) -> None:
        """Wake the screen for the last time."""
        self.is_over = True
        self._rung.set()

    def ring(self, revision: int) -> None:
        """Tell the screen the present revision."""
        if revision != self.revision:
            self.revision = revision
            self._rung.set()


class SQLiteSource:
    """Where a watcher hears of revisions: by a connection of its own it asks the file's version.

    Autocommit: inside an open read the version would stand still.
    """

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA query_only=ON")
        self._version = self._ask()

    def _ask(self) -> int:
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def wait(self, seconds: float) -> bool:
        """Look every LOOK_SECONDS, sleeping between, which under gevent lets the others run."""
        deadline = time.monotonic() + seconds
        while True:
            version = self._ask()
            if version != self._version:
                self._version = version
                return True
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(LOOK_SECONDS, left))

    def revisions(self, event_ids: set[int]) -> dict[int, int]:
        """Read the present revisions."""
        marks = ",".join("?" * len(event_ids))
        statement = f"SELECT event_id, revision FROM event_counter WHERE event_id IN ({marks})"  # noqa: S608  marks only
        return dict(self._connection.execute(statement, sorted(event_ids)).fetchall())

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()


class PostgresSource:
    """Listens. The payload is not read: one query tells the revisions of all that is listened to."""

    def __init__(self, url: URL) -> None:
        self._connection = connect_postgres(url)
        self._connection.execute(f"LISTEN {CHANNEL}")

    def wait(self, seconds: float) -> bool:
        """Sleep until a notification or the end of the time."""
        return bool(list(self._connection.notifies(timeout=seconds, stop_after=1)))

    def revisions(self, event_ids: set[int]) -> dict[int, int]:
        """Read the present revisions."""
        statement = "SELECT event_id, revision FROM event_counter WHERE event_id = ANY(%s)"
        return dict(self._connection.execute(statement, [sorted(event_ids)]).fetchall())

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()


Source = SQLiteSource | PostgresSource


class Bell:
    """The listeners of one process and the thread (under gevent: the greenlet) that watches for them."""

    def __init__(self, open_source: Callable[[], Source]) -> None:
        self._open_source = open_source
        self._lock = threading.Lock()
        self._listeners: set[Listening] = set()
        self._watcher: threading.Thread | None = None
        self._is_spoilt = False
        self._line = MinuteLine(log)
        self._written_at: dict[int, float] = {}  # of events whose last commit here was not rung yet
        self._is_asked = False  # somebody came: their revision is read at the next look

    @contextlib.contextmanager
    def listen(self, event_id: int) -> Iterator[Listening]:
        """Hear of an event's revisions inside the block."""
        listening = Listening(event_id)
        with self._lock:
            self._listeners.add(listening)
            self._is_asked = True
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, name="bell", daemon=True)
                self._watcher.start()
        try:
            yield listening
        finally:
            with self._lock:
                self._listeners.discard(listening)

    def note_commit(self, event_ids: set[int]) -> None:
        """Note when this process has written, for how long its screens are not told of it."""
        if self._listeners:
            self._written_at = dict.fromkeys(event_ids, time.monotonic()) | self._written_at

    @property
    def is_watching(self) -> bool:
        """Whether a watcher runs."""
        return self._watcher is not None

    def _watch(self) -> None:
        while not self._may_leave():
            try:
                with contextlib.closing(self._open_source()) as source:
                    self._watch_with(source)
            except Exception as error:  # the database is away or restarts: screens keep what they have meanwhile
                self._line.count("the bell lost its database and tries again, %d times", 1, error)
                time.sleep(SAFETY_SECONDS)

    def reopen(self) -> None:
        """Let the watcher open its connection anew."""
        self._is_spoilt = True

    def _watch_with(self, source: Source) -> None:
        read_at = float("-inf")
        self._is_spoilt = False
        while not (self._is_spoilt or self._is_over()):
            has_news = source.wait(0 if self._is_asked else min(SAFETY_SECONDS, 4 * LOOK_SECONDS))
            now = time.monotonic()
            if has_news or self._is_asked or now - read_at >= SAFETY_SECONDS:
                self._is_asked = False
                read_at = now
                self._ring_all(source)

    def _ring_all(self, source: Source) -> None:
        with self._lock:
            listeners = tuple(self._listeners)
        written_at, self._written_at = self._written_at, {}  # what is read below is at least as new
        revisions = source.revisions({each.event_id for each in listeners}) if listeners else {}
        for listening in listeners:
            if listening.event_id in revisions:
                listening.ring(revisions[listening.event_id])
        now = time.monotonic()
        metrics.count_bell(now - at for event_id, at in written_at.items() if event_id in revisions)

    def _is_over(self) -> bool:
        with self._lock:
            return not self._listeners

    def _may_leave(self) -> bool:
        with self._lock:  # under the lock, so that a listener who comes now starts another watcher
            if not self._listeners:
                self._watcher = None
            return not self._listeners


class Notifier:
    """Tells PostgreSQL's listeners, and its planner, that something was written, after the commit and gathered."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._has_work = threading.Event()
        self._thread: threading.Thread | None = None

    def __call__(self, event_ids: set[int]) -> None:
        """Leave the telling to the thread: the writer must not wait."""
        with self._lock:
            self._has_work.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._send_all, name="bell-rope", daemon=True)
                self._thread.start()

    def _send_all(self) -> None:
        planner = PlannerNews()
        try:
            with contextlib.closing(connect_postgres(self._url)) as connection:
                while not self._is_over():
                    self._has_work.clear()
                    connection.execute(f"NOTIFY {CHANNEL}")
                    planner.look(connection)
                    time.sleep(COALESCE_SECONDS)
        except Exception:  # the slow reading of revisions makes up for it
            log.info("the bell could not be rung", exc_info=True)
            with self._lock:
                self._thread = None

    def _is_over(self) -> bool:
        if self._has_work.wait(IDLE_SECONDS):
            return False
        with self._lock:
            if self._has_work.is_set():
                return False
            self._thread = None
            return True


def attach(writer: Writer) -> None:
    """Let this writer's commits ring the bells of other processes; SQLite's watchers see them by themselves."""
    if not writer.is_sqlite:
        writer.on_commit.append(Notifier(writer.url))


def listen(event_id: int) -> contextlib.AbstractContextManager[Listening]:
    """Hear of an event's revisions: `with listen(id) as bell: bell.wait(15)`."""
    return _bell().listen(event_id)


def _bell() -> Bell:
    extensions = current_app.extensions
    if EXTENSION not in extensions:
        url = current_app.config["KIOSK"].engine_url
        made = extensions.setdefault(EXTENSION, Bell(lambda: open_source(url)))
        writer = extensions["kiosk_writer"].writer
        writer.on_disk_failure.append(made.reopen)
        writer.on_commit.append(made.note_commit)
    bell: Bell = extensions[EXTENSION]
    return bell


def open_source(url: URL) -> Source:
    """Open the watcher's own connection."""
    if url.get_backend_name() == "sqlite":
        return SQLiteSource(str(url.database))
    return PostgresSource(url)


def connect_postgres(url: URL) -> Any:
    """Open a psycopg connection of one's own, by way of SQLAlchemy: it knows how an address names several hosts, and
    SQLite's servers never load the driver."""
    dialect: Any = url.get_dialect()()
    arguments, options = dialect.create_connect_args(url)
    return dialect.import_dbapi().connect(*arguments, **{**options, **POSTGRESQL_ARGUMENTS}, autocommit=True)

"""The door's health: felt, not durable. Phones that opened the page, finished, or were refused.

Requests only add to a memory of this process; a background thread (a greenlet under gevent) writes it about
once a second through the one writer, so that opening a page costs no disk. A crash may lose a second of it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from flask import current_app

from kiosk import metrics
from kiosk.clock import utcnow
from kiosk.extensions import one_of_app
from kiosk.services import tallies
from kiosk.services.refusals import SignInCode
from kiosk.services.store.statements import Statement
from kiosk.services.store.writer import WriterBusy, WriterSession, run_with

log = logging.getLogger(__name__)

FLUSH_SECONDS = 1.0
SHOW_OPENS_SECONDS = 3.0  # opens alone move the dashboards at most this often
PHONES = ("phone_private", "phone_public")
NOBODY = ("program", "staff")
EXTENSION = "kiosk_pulse"

KEEP_PULSE = Statement(
    """INSERT INTO event_pulse (event_id, first_phone_at, last_phone_at, has_public_phone, opened, finished)
    VALUES (:event_id, :first_phone_at, :last_phone_at, CAST(:has_public_phone AS BOOLEAN), :opened, :finished)
    ON CONFLICT (event_id) DO UPDATE SET
        first_phone_at = coalesce(event_pulse.first_phone_at, excluded.first_phone_at),
        last_phone_at = coalesce(excluded.last_phone_at, event_pulse.last_phone_at),
        has_public_phone = event_pulse.has_public_phone OR excluded.has_public_phone,
        opened = event_pulse.opened + excluded.opened, finished = event_pulse.finished + excluded.finished"""
)
KEEP_MINUTE = Statement(
    """INSERT INTO event_minute (event_id, minute, arrived, opened, finished)
    VALUES (:event_id, :minute, 0, :opened, :finished)
    ON CONFLICT (event_id, minute) DO UPDATE SET
        opened = event_minute.opened + excluded.opened, finished = event_minute.finished + excluded.finished"""
)
KEEP_REFUSAL = Statement(
    """INSERT INTO event_refusal (event_id, code, minute, refused, last_at)
    VALUES (:event_id, :code, :minute, :refused, :last_at)
    ON CONFLICT (event_id, code, minute) DO UPDATE SET
        refused = event_refusal.refused + excluded.refused, last_at = excluded.last_at"""
)
KNOWN = Statement("SELECT first_phone_at, has_public_phone FROM event_pulse WHERE event_id = :event_id")


@dataclass
class _Felt:
    """What one process felt of one event since the last flush."""

    opened: Counter[datetime] = field(default_factory=Counter)  # by minute
    finished: Counter[datetime] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    refused_at: dict[str, datetime] = field(default_factory=dict)
    first_phone_at: datetime | None = None
    last_phone_at: datetime | None = None
    has_public_phone: bool = False

    def add(self, later: _Felt) -> None:
        """Take in what was felt after this."""
        self.opened += later.opened
        self.finished += later.finished
        self.refused += later.refused
        self.refused_at |= later.refused_at
        self.first_phone_at = self.first_phone_at or later.first_phone_at
        self.last_phone_at = later.last_phone_at or self.last_phone_at
        self.has_public_phone = self.has_public_phone or later.has_public_phone


class Pulse:
    """The memory of one process, and the thread that empties it."""

    def __init__(self, extensions: dict[str, Any], *, is_flushed_by_hand: bool = False) -> None:
        self._extensions = extensions  # the writer is looked up at each flush: gunicorn replaces it after the fork
        self._felt: defaultdict[int, _Felt] = defaultdict(_Felt)
        self._finished: deque[tuple[int, datetime]] = deque()  # event and minute, not yet in `_felt`
        self._lock = threading.Lock()
        self._work = threading.Event()
        self._thread: threading.Thread | None = None
        self._is_by_hand = is_flushed_by_hand
        self._is_over = False
        self._shown: dict[int, float] = {}  # when opens last moved an event's dashboards
        self._owed: set[int] = set()  # events whose opens no dashboard was told of yet

    def feel(self, event_id: int, felt: _Felt) -> None:
        """Add to the memory."""
        with self._lock:
            self._felt[event_id].add(felt)
        self._wake()

    def feel_finish(self, event_id: int, minute: datetime) -> None:
        """Add one who finished: what each sign-in does, so it waits for no lock and is added up at the flush."""
        self._finished.append((event_id, minute))
        self._wake()

    def _wake(self) -> None:
        """Let the thread flush soon; the first call of a process starts it."""
        if self._work.is_set():
            return
        self._work.set()
        with self._lock:
            if self._thread is None and not self._is_by_hand:
                self._thread = threading.Thread(target=self._flush_for_ever, name="pulse", daemon=True)
                self._thread.start()

    def flush(self) -> None:
        """Write what was felt; what cannot be written now stays for the next time."""
        with self._lock:
            felt, self._felt = self._felt, defaultdict(_Felt)
            for _ in range(len(self._finished)):
                event_id, minute = self._finished.popleft()
                felt[event_id].finished[minute] += 1
            owed = self._owed - felt.keys()
        for event_id in sorted(felt.keys() | owed):
            self._flush_event(event_id, felt.get(event_id, _Felt()))

    def _flush_event(self, event_id: int, felt: _Felt) -> None:
        may_show = time.monotonic() - self._shown.get(event_id, float("-inf")) >= SHOW_OPENS_SECONDS
        wants = bool(felt.opened) or felt.last_phone_at is not None or event_id in self._owed
        try:
            work = partial(_write_and_show, event_id=event_id, felt=felt, is_due=wants and may_show)
            is_shown = run_with(self._extensions["kiosk_writer"], work, event_id=event_id)
        except WriterBusy:
            self._keep(event_id, felt)
            return
        except Exception:  # it would fail again and again; the thread must live for the other events
            log.exception("the pulse of event %d was lost", event_id)
            return
        self._owed.discard(event_id)
        if is_shown:
            self._shown[event_id] = time.monotonic()
        elif wants:
            self._owed.add(event_id)

    def _keep(self, event_id: int, felt: _Felt) -> None:
        with self._lock:
            felt.add(self._felt[event_id])
            self._felt[event_id] = felt

    def stop(self) -> None:
        """End the thread and write what is left."""
        self._is_over = True
        self._work.set()
        if self._thread is not None:
            self._thread.join()
        self.flush()

    def _flush_for_ever(self) -> None:
        while not self._is_over:
            if not self._owed:
                self._work.wait()
            self._work.clear()
            time.sleep(FLUSH_SECONDS)
            self.flush()
            if self._felt or self._finished:
                self._work.set()


def seen(event_id: int, visitor: str) -> None:
    """Note that somebody opened one of the event's pages; `visitor` is phone_check.Visitor."""
    if visitor in PHONES:
        _pulse().feel(event_id, _phone(visitor, utcnow()))


def opened(event_id: int, visitor: str, *, is_first: bool = True) -> None:
    """Note that somebody opened a page with a ticket; not `is_first` is who had one before.

    Programs and staff's own browsers count as nothing; this machine counts as an opening, but never as a phone.
    """
    if visitor in NOBODY:
        return
    now = utcnow()
    felt = _phone(visitor, now) if visitor in PHONES else _Felt()
    if is_first:
        felt.opened[_minute(now)] += 1
    _pulse().feel(event_id, felt)


def finished(event_id: int, opened_at: datetime) -> None:
    """Note that a ticket reached the success page, once for each: it is taken from those of the minute of its page."""
    _pulse().feel_finish(event_id, _minute(opened_at))


def refused(event_id: int, code: SignInCode) -> None:
    """Note that a browser was turned away, and by which code."""
    now = utcnow()
    metrics.count_refused(code)
    _pulse().feel(event_id, _Felt(refused=Counter({code: 1}), refused_at={code: now}))


def flush() -> None:
    """Write what this process felt, now."""
    _pulse().flush()


def _phone(visitor: str, now: datetime) -> _Felt:
    return _Felt(first_phone_at=now, last_phone_at=now, has_public_phone=visitor == "phone_public")


def _pulse() -> Pulse:
    # Only the one that stays ever starts its thread.
    return one_of_app(EXTENSION, lambda: Pulse(current_app.extensions, is_flushed_by_hand=current_app.testing))


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _write_and_show(session: WriterSession, event_id: int, felt: _Felt, *, is_due: bool) -> bool:
    """Write one event's pulse and say whether screens are told; what `is_due` can wait no longer."""
    is_shown = _write(session, event_id, felt) or is_due
    if is_shown:
        tallies.change(session.driver, event_id)
    return is_shown


def _write(session: WriterSession, event_id: int, felt: _Felt) -> bool:
    """Write one event's pulse; say whether a screen must show it at once: a first phone, a refusal."""
    driver = session.driver
    known = driver.first(KNOWN, {"event_id": event_id})
    totals = {"opened": felt.opened.total(), "finished": felt.finished.total()}
    if felt.opened or felt.finished or felt.last_phone_at:
        phones = {name: getattr(felt, name) for name in ("first_phone_at", "last_phone_at", "has_public_phone")}
        driver.execute(KEEP_PULSE, {"event_id": event_id, **phones, **totals})
    for minute in sorted(felt.opened.keys() | felt.finished.keys()):
        values = {"opened": felt.opened[minute], "finished": felt.finished[minute]}
        driver.execute(KEEP_MINUTE, {"event_id": event_id, "minute": minute, **values})
    for code, count in sorted(felt.refused.items()):
        last_at = felt.refused_at[code]
        refusal = {"code": code, "minute": _minute(last_at), "refused": count, "last_at": last_at}
        driver.execute(KEEP_REFUSAL, {"event_id": event_id, **refusal})
    had_phone, had_public = (known[0] is not None, bool(known[1])) if known else (False, False)
    is_first = felt.first_phone_at is not None and not had_phone
    return is_first or (felt.has_public_phone and not had_public) or bool(felt.refused)

"""Limits on guessing: misses within a window, in one table, so that every worker counts the same.

Never by address alone: four hundred people at one door share one (docs/product.md, "Decided").
"""

from __future__ import annotations

from datetime import timedelta

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import GuessWindow
from kiosk.services.store.statements import Statement
from kiosk.services.store.writer import WriterSession, end_read, unit

KEPT = timedelta(days=1)

COUNT = Statement(
    """INSERT INTO guess_window (key, started_at, misses) VALUES (:key, :now, :many)
    ON CONFLICT (key) DO UPDATE SET
        misses = CASE WHEN guess_window.started_at <= :since THEN :many ELSE guess_window.misses + :many END,
        started_at = CASE WHEN guess_window.started_at <= :since THEN :now ELSE guess_window.started_at END
    RETURNING misses"""
)
FORGET = Statement("DELETE FROM guess_window WHERE key = :key")
FORGET_OLD = Statement("DELETE FROM guess_window WHERE started_at < :before")


class TooManyGuesses(Exception):
    """The budget of this window is spent; `retry_after` says in how many seconds it begins anew."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"try again in {retry_after} s")
        self.retry_after = retry_after


def check(key: str, *, limit: int, window: timedelta) -> None:
    """Raise TooManyGuesses when `limit` misses were counted in the present window. Writes nothing."""
    guessed = db.session.get(GuessWindow, key)
    left = timedelta() if guessed is None else guessed.started_at + window - utcnow()
    is_spent = guessed is not None and guessed.misses >= limit and left > timedelta()
    end_read()  # whoever asks goes on to hash
    if is_spent:
        raise TooManyGuesses(max(1, int(left.total_seconds()) + 1))


def count(key: str, *, limit: int, window: timedelta) -> int:
    """Count one guess and return how many there were in this window; raise TooManyGuesses above `limit`.

    Counted before the guess is judged and forgotten when it was right (`forget`), so that guesses made
    at the same moment cannot all slip through.
    """
    check(key, limit=limit, window=window)
    misses = _count(key, window)
    if misses > limit:
        raise TooManyGuesses(int(window.total_seconds()))
    return misses


@unit
def _count(session: WriterSession, key: str, window: timedelta) -> int:
    now = utcnow()
    row = session.driver.first(COUNT, {"key": key, "now": now, "since": now - window, "many": 1})
    misses = int(row[0]) if row else 1
    if misses == 1:
        session.driver.execute(FORGET_OLD, {"before": now - KEPT})
    return misses


@unit
def forget(session: WriterSession, key: str) -> None:
    """Drop a window after a right answer."""
    session.driver.execute(FORGET, {"key": key})
